//! Nodes and queries in the engine's own dialect, among others.

use super::query::{Manner, Question, prepare, run};
use super::rendering::Asked;
use super::scope::{All, Sight};
use super::tests::{EVENTS, ROWS, deployed, files, insert, sql, workspace};
use super::{Ways, Workspace};
use serde_json::{Map, Value, json};
use tile_base::Cancel;
use tile_clicksql::format::Settings;

fn answered(
    w: &Workspace,
    question: &Question<'_>,
    asked: &Asked,
    sight: &dyn Sight,
) -> Result<String, String> {
    let live = w.live();
    let prepared = prepare(w, &live, question, asked, sight).map_err(|e| e.detail())?;
    let manner = Manner { format: "JSONEachRow", settings: &Settings::default(), bytes_max: 1 << 20 };
    let answer = run(w, prepared, &manner, &Cancel::default()).map_err(|e| e.detail())?;
    Ok(String::from_utf8(answer.bytes).unwrap())
}

fn endpoint(w: &Workspace, pipe: &str, params: &[(&str, &str)]) -> Result<String, String> {
    let params: Vec<(String, String)> = params.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
    let mut asked = Asked::of(&params, &[]);
    asked.secrets.insert("key".into(), "b'--".into());
    answered(w, &Question::Endpoint { pipe }, &asked, &All)
}

fn native(w: &Workspace, text: &str, sight: &dyn Sight) -> Result<String, String> {
    answered(w, &Question::Native { text, pipe: None }, &Asked::default(), sight)
}

const KINDS: (&str, &str) = (
    "kinds.pipe",
    "DIALECT duckdb\n\nNODE all_of_them\nSQL >\n    SELECT kind, user, price FROM events\n\nNODE counted\nSQL >\n    %\n    WITH c AS (FROM all_of_them SELECT * WHERE kind != {{String(without, 'bot')}})\n    SELECT kind, count(*) AS n, sum(price) AS price, list(DISTINCT user ORDER BY user) AS users\n    FROM c GROUP BY ALL HAVING n >= {{Int32(least, 1)}} ORDER BY kind\nTYPE endpoint\n",
);
const MIXED: (&str, &str) = (
    "mixed.pipe",
    "NODE old\nSQL >\n    SELECT kind, n * 2 AS n FROM kinds\n\nNODE new\nDIALECT duckdb\nSQL >\n    SELECT max_by(kind, (n, kind)) AS kind, max(n) AS n FROM old\nTYPE endpoint\n",
);

#[test]
fn nodes_of_both_dialects_read_one_another() {
    let w = workspace();
    deployed(&w, &[EVENTS, KINDS, MIXED]);
    insert(&w, "events", ROWS);
    let all = "{\"kind\":\"buy\",\"n\":1,\"price\":null,\"users\":[\"b\"]}\n{\"kind\":\"view\",\"n\":1,\"price\":1.5,\"users\":[\"a\"]}\n";
    assert_eq!(endpoint(&w, "kinds", &[]).unwrap(), all);
    assert_eq!(endpoint(&w, "kinds", &[("least", "2")]).unwrap(), "");
    assert!(endpoint(&w, "kinds", &[("without", "' OR 1=1 --")]).unwrap().contains("bot"));
    assert!(endpoint(&w, "kinds", &[("least", "1 OR 1")]).unwrap_err().contains("Int32"));
    assert_eq!(endpoint(&w, "mixed", &[]).unwrap(), "{\"kind\":\"view\",\"n\":2}\n");
    // Over the result of a pipe, in both.
    assert_eq!(sql(&w, "SELECT sum(n) AS n FROM kinds"), "{\"n\":2}\n");
    assert_eq!(native(&w, "SELECT sum(n) AS n FROM kinds", &All).unwrap(), "{\"n\":2}\n");
    let live = w.live();
    let node = &live.pipe("kinds").unwrap().nodes[1];
    assert_eq!(node.reads, ["events"]);
    assert_eq!(node.params().len(), 2);
    // Also after it was read again.
    let printed = live.pipe("mixed").unwrap().file.print();
    assert!(printed.contains("DIALECT duckdb"), "{printed}");
}

#[test]
fn secrets_are_values_alone() {
    let w = workspace();
    let pipe = "NODE n\nDIALECT duckdb\nSQL >\n    %\n    SELECT {{tb_secret('key')}} AS k, {{tb_secret('none', 'd')}} AS d\nTYPE endpoint\n";
    deployed(&w, &[EVENTS, ("p.pipe", pipe)]);
    assert_eq!(endpoint(&w, "p", &[]).unwrap(), "{\"k\":\"b'--\",\"d\":\"d\"}\n");
    let text = Question::Native { text: "SELECT $key AS k", pipe: None };
    let mut asked = Asked::default();
    asked.secrets.insert("key".into(), "hidden".into());
    assert!(answered(&w, &text, &asked, &All).unwrap_err().contains("no value for `$key`"));
}

#[test]
fn views_see_the_block_alone() {
    let w = workspace();
    let target = (
        "sums.datasource",
        "SCHEMA >\n    `kind` String,\n    `n` UInt64,\n    `total` Float64\n\nENGINE SummingMergeTree\nENGINE_SORTING_KEY kind\n",
    );
    let mv = (
        "to_sums.pipe",
        "DIALECT duckdb\nNODE cleaned\nSQL >\n    WITH a AS (SELECT * FROM events) SELECT kind, price FROM a WHERE kind != 'bot'\n\nNODE grouped\nSQL >\n    SELECT kind, count(*) AS n, coalesce(sum(price), 0) AS total FROM cleaned GROUP BY kind\nTYPE materialized\nDATASOURCE sums\n",
    );
    deployed(&w, &[EVENTS, target, mv]);
    insert(&w, "events", ROWS);
    insert(&w, "events", ROWS);
    let rows = "{\"kind\":\"buy\",\"rows\":2,\"n\":2,\"total\":0}\n{\"kind\":\"view\",\"rows\":2,\"n\":2,\"total\":3}\n";
    let question = "SELECT kind, count() AS rows, sum(n) AS n, sum(total) AS total FROM sums GROUP BY kind ORDER BY kind";
    assert_eq!(sql(&w, question), rows);
    // A view that comes later sees what is there, at once.
    let late = ("late.datasource", target.1);
    let mv_late = mv.1.replace("DATASOURCE sums", "DATASOURCE late");
    deployed(&w, &[EVENTS, target, mv, late, ("to_late.pipe", &mv_late)]);
    assert_eq!(sql(&w, "SELECT sum(n) AS n FROM late"), "{\"n\":4}\n");
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let w = workspace();
    for (text, message) in [
        ("SELECT * FROM read_csv('/etc/passwd')", "`read_csv` is not served"),
        ("SELECT nothing FROM events", "nothing"),
        ("SELECT * FROM nowhere", "nowhere"),
        ("SELECT * FROM 'events.csv'", "events.csv"),
        ("SELECT * FROM rows_events", "rows_events"),
        ("SELEC 1", "syntax error"),
        ("SELECT 1; SELECT 2", "one query"),
        ("SELECT * FROM p", "circle"),
        ("DROP TABLE events", "only SELECT"),
    ] {
        let file = format!("DESCRIPTION x\nDIALECT duckdb\nNODE n\nSQL >\n    {text}\n");
        let plan = w.deploy(files(&[EVENTS, ("p.pipe", &file)]), Ways::default()).unwrap();
        let faults: String = plan.faults.iter().map(crate::datafile::Fault::render).collect();
        assert!(faults.contains(message) && faults.contains("p.pipe:3"), "{text}: {faults}");
    }
    let file = "NODE n\nDIALECT oracle\nSQL >\n    SELECT 1\n";
    let plan = w.deploy(files(&[("p.pipe", file)]), Ways::default()).unwrap();
    assert!(plan.faults[0].render().contains("clickhouse or duckdb"));
}

/// Sees one data source, some of its rows, and one pipe whose parameter is fixed.
struct Few(Map<String, Value>);

impl Sight for Few {
    fn source(&self, name: &str) -> Option<Option<&str>> {
        (name == "events").then_some(Some("user = 'a'"))
    }
    fn pipe(&self, name: &str) -> bool {
        name == "kinds"
    }
    fn fixed(&self, pipe: &str) -> Option<&Map<String, Value>> {
        (pipe == "kinds").then_some(&self.0)
    }
}

#[test]
fn a_token_sees_what_it_may() {
    let w = workspace();
    let other = ("other.datasource", "SCHEMA >\n    `a` String `json:$.a`\n");
    deployed(&w, &[EVENTS, KINDS, MIXED, other]);
    insert(&w, "events", ROWS);
    let few = Few(Map::from_iter([("without".to_owned(), json!("view"))]));
    let see = |text: &str| native(&w, text, &few);
    assert_eq!(
        see("SELECT count(*) AS n, max(\"user\") AS u FROM events").unwrap(),
        "{\"n\":2,\"u\":\"a\"}\n"
    );
    // The rows that are kept from it are not even looked at: the text of one is no number.
    let texts =
        "SELECT count(*) AS n FROM events WHERE \"user\" != 'a' OR replace(\"user\", 'a', '1')::INT = 1";
    assert_eq!(see(texts).unwrap(), "{\"n\":2}\n");
    // With the filter within pipes, and the fixed parameter.
    assert_eq!(see("SELECT kind, n FROM kinds").unwrap(), "{\"kind\":\"bot\",\"n\":1}\n");
    let home = w.live().source("events").unwrap().home.rows.clone();
    for text in [
        "SELECT * FROM other",
        "SELECT * FROM mixed",
        "SELECT * FROM events_quarantine",
        "SELECT * FROM catalog.\"a/b\"",
        "SELECT * FROM tinybird.pipe_stats_rt",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM duckdb_tables",
        "SELECT * FROM sqlite_master",
        "SELECT * FROM pg_catalog.pg_tables",
        "SELECT * FROM \"native result\"",
        &format!("SELECT * FROM \"{home}\""),
        &format!("SELECT * FROM main.\"{home}\""),
        &format!("WITH x AS (SELECT * FROM \"{home}\") SELECT * FROM x"),
        &format!("SELECT * FROM (WITH \"{home}\" AS (SELECT 1) SELECT 1) AS q, \"{home}\""),
    ] {
        let refused = see(text);
        assert!(refused.is_err(), "{text}: {refused:?}");
    }
}
