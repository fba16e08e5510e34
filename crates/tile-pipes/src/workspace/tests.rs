//! A workspace over the real engine.

use super::insert::Rows;
use super::query::{Manner, Question, prepare, run};
use super::rendering::Asked;
use super::scope::{All, Sight};
use super::{Files, Ways, Which, Workspace};
use crate::ingest::Import;
use crate::sharing::Shares;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tile_base::{Cancel, Clock};
use tile_clicksql::format::Settings;
use tile_duck::{Engine, Limits};

pub(super) struct Fixed;

impl Clock for Fixed {
    fn now_us(&self) -> i64 {
        1_700_000_000_000_000
    }
}

pub(super) fn functions() -> Vec<tile_duck::Function> {
    let all = tile_clicksql::kernels::ALL.iter().copied().flatten();
    all.map(|kernel| tile_duck::Function {
        name: kernel.name,
        args: kernel.args.iter().map(|a| a.arrow()).collect(),
        result: kernel.result.arrow(),
        run: Arc::new(|columns| (kernel.run)(columns).map_err(|e| e.to_string())),
    })
    .collect()
}

pub(crate) fn workspace() -> Workspace {
    let engine = Arc::new(Engine::in_memory(Limits::default(), &functions()).unwrap());
    let next = AtomicU64::new(1);
    let ids = Arc::new(move || format!("{:04}", next.fetch_add(1, Ordering::Relaxed)));
    Workspace::open(engine, "w", "main", Arc::new(Fixed), ids, Shares::default()).unwrap()
}

pub(super) fn files(list: &[(&str, &str)]) -> Files {
    list.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect()
}

pub(super) const EVENTS: (&str, &str) = (
    "events.datasource",
    "SCHEMA >\n    `ts` DateTime `json:$.ts`,\n    `user` String `json:$.user.id`,\n    `price` Nullable(Float64) `json:$.price`,\n    `id` UUID `json:$.id`,\n    `kind` LowCardinality(String) `json:$.kind` DEFAULT 'view',\n    `day` Date `json:$.day` DEFAULT toDate(ts)\n\nENGINE MergeTree\nENGINE_SORTING_KEY ts\n",
);
pub(super) const DAILY: (&str, &str) = (
    "daily.datasource",
    "SCHEMA >\n    `day` Date,\n    `kind` LowCardinality(String),\n    `users` AggregateFunction(uniq, String),\n    `n` SimpleAggregateFunction(sum, UInt64)\n\nENGINE AggregatingMergeTree\nENGINE_SORTING_KEY day, kind\n",
);
pub(super) const MV: (&str, &str) = (
    "to_daily.pipe",
    "NODE cleaned\nSQL >\n    WITH a AS (SELECT * FROM events), b AS (SELECT day, kind, user FROM a WHERE kind != 'bot') SELECT * FROM b\n\nNODE grouped\nSQL >\n    SELECT day, kind, uniqState(user) AS users, count() AS n FROM cleaned GROUP BY day, kind\nTYPE materialized\nDATASOURCE daily\n",
);
pub(super) const TOP: (&str, &str) = (
    "top.pipe",
    "NODE merged\nSQL >\n    SELECT kind, uniqMerge(users) AS users, sum(n) AS n FROM daily GROUP BY kind\n\nNODE endpoint\nSQL >\n    SELECT * FROM merged ORDER BY kind\nTYPE endpoint\n",
);

pub(super) fn insert(w: &Workspace, source: &str, text: &str) -> (usize, usize) {
    let live = w.live();
    let source = live.source(source).unwrap();
    let block = source.decoder().unwrap().ndjson(text.as_bytes(), &Import::default()).unwrap();
    let counts = (block.rows, block.quarantined);
    w.insert(&[Rows { source: source.file.name.clone(), home: source.home.rows.clone(), block }]).unwrap();
    counts
}

fn asked(w: &Workspace, question: &Question<'_>, sight: &dyn Sight) -> Result<String, String> {
    let live = w.live();
    let prepared = prepare(w, &live, question, &Asked::default(), sight).map_err(|e| e.detail())?;
    let manner = Manner { format: "JSONEachRow", settings: &Settings::default(), bytes_max: 1 << 20 };
    let answer = run(w, prepared, &manner, &Cancel::default()).map_err(|e| e.detail())?;
    Ok(String::from_utf8(answer.bytes).unwrap())
}

pub(crate) fn sql(w: &Workspace, text: &str) -> String {
    asked(w, &Question::Sql { text, pipe: None }, &All).unwrap_or_else(|e| e)
}

pub(super) fn deployed(w: &Workspace, list: &[(&str, &str)]) -> super::Outcome {
    let outcome = w.deploy(files(list), Ways { may_destroy: true, ..Ways::default() }).unwrap();
    assert!(
        outcome.faults.is_empty(),
        "{}",
        outcome.faults.iter().map(crate::datafile::Fault::render).collect::<String>()
    );
    outcome
}

pub(super) const ROWS: &str = r#"{"ts":"2024-01-01 10:00:00","user":{"id":"a"},"price":1.5,"id":"61f0c404-5cb3-11e7-907b-a6006ad3dba0"}
{"ts":"2024-01-01 11:00:00","user":{"id":"b"},"id":"61f0c404-5cb3-11e7-907b-a6006ad3dba1","kind":"buy"}
{"ts":"2024-01-02 11:00:00","user":{"id":"a"},"id":"61f0c404-5cb3-11e7-907b-a6006ad3dba2","kind":"bot"}
{"ts":"yesterday","user":{"id":"a"},"id":"61f0c404-5cb3-11e7-907b-a6006ad3dba2"}
"#;

#[test]
fn rows_are_stored_with_what_views_make_of_them() {
    let w = workspace();
    let outcome = deployed(&w, &[EVENTS, DAILY, MV, TOP]);
    assert_eq!(outcome.plan.new_sources, ["daily", "events"]);
    assert_eq!(insert(&w, "events", ROWS), (3, 1));
    assert_eq!(
        sql(&w, "SELECT day, user, price, kind, toString(id) AS id FROM events ORDER BY ts LIMIT 2"),
        "{\"day\":\"2024-01-01\",\"user\":\"a\",\"price\":1.5,\"kind\":\"view\",\"id\":\"61f0c404-5cb3-11e7-907b-a6006ad3dba0\"}\n\
         {\"day\":\"2024-01-01\",\"user\":\"b\",\"price\":null,\"kind\":\"buy\",\"id\":\"61f0c404-5cb3-11e7-907b-a6006ad3dba1\"}\n"
    );
    assert_eq!(sql(&w, "SELECT c__error_column AS c FROM events_quarantine"), "{\"c\":[\"ts\"]}\n");
    let top = Question::Endpoint { pipe: "top" };
    let first = "{\"kind\":\"buy\",\"users\":1,\"n\":1}\n{\"kind\":\"view\",\"users\":1,\"n\":1}\n";
    assert_eq!(asked(&w, &top, &All).unwrap(), first);
    // The same user again: counted once.
    insert(&w, "events", ROWS);
    let second = first.replace("\"n\":1", "\"n\":2");
    assert_eq!(asked(&w, &top, &All).unwrap(), second);
    // A view that comes later sees the rows that are there.
    let late = ("late.datasource", DAILY.1);
    let mv = MV.1.replace("DATASOURCE daily", "DATASOURCE late");
    deployed(&w, &[EVENTS, DAILY, MV, TOP, late, ("to_late.pipe", &mv)]);
    assert_eq!(
        sql(
            &w,
            "SELECT kind, sum(n) AS n, uniqMerge(users) AS users FROM late GROUP BY kind ORDER BY kind LIMIT 1"
        ),
        "{\"kind\":\"buy\",\"n\":2,\"users\":1}\n"
    );
}

#[test]
fn a_deployment_survives_and_moves_rows() {
    let engine = Arc::new(Engine::in_memory(Limits::default(), &functions()).unwrap());
    let next = Arc::new(AtomicU64::new(1));
    let open = || {
        let next = next.clone();
        let ids = Arc::new(move || format!("{:04}", next.fetch_add(1, Ordering::Relaxed)));
        Workspace::open(engine.clone(), "w", "main", Arc::new(Fixed), ids, Shares::default()).unwrap()
    };
    let w = open();
    deployed(&w, &[EVENTS, DAILY, MV, TOP]);
    insert(&w, "events", ROWS);
    let w = open();
    assert_eq!(w.live().document.id, "1");
    insert(&w, "events", ROWS);
    // A column more, one with another type.
    let changed = EVENTS
        .1
        .replace("`price` Nullable(Float64)", "`price` Nullable(String)")
        .replace("\n\nENGINE M", ",\n    `more` UInt8 DEFAULT 7\n\nENGINE M");
    let outcome = deployed(&w, &[("events.datasource", &changed), DAILY, MV, TOP]);
    assert_eq!(
        (outcome.plan.changed_sources.as_slice(), outcome.id.as_deref()),
        (&["events".to_owned()][..], Some("2"))
    );
    assert_eq!(
        sql(&w, "SELECT price, more, count() AS n FROM events GROUP BY ALL ORDER BY n"),
        "{\"price\":\"1.5\",\"more\":7,\"n\":2}\n{\"price\":null,\"more\":7,\"n\":4}\n"
    );
    // Nothing to do is no deployment.
    assert!(deployed(&w, &[("events.datasource", &changed), DAILY, MV, TOP]).id.is_none());
    // What cannot run changes nothing.
    let bad = TOP.1.replace("FROM daily", "FROM dayly");
    let outcome = w
        .deploy(files(&[("events.datasource", &changed), DAILY, MV, ("top.pipe", &bad)]), Ways::default())
        .unwrap();
    let told = outcome.faults[0].render();
    assert!(
        told.contains("dayly") && told.contains("maybe you meant: daily") && told.contains("top.pipe"),
        "{told}"
    );
    let outcome = w.deploy(files(&[DAILY]), Ways::default()).unwrap();
    assert!(outcome.faults[0].message.contains("deletes the data sources events"), "{:?}", outcome.faults);
}

#[test]
fn rows_that_have_ended_are_removed() {
    let w = workspace();
    // The clock stands at 2023-11-14 22:13:20.
    let file = |ttl: &str| {
        format!(
            "SCHEMA >\n    `ts` DateTime `json:$.ts`,\n    `day` Date `json:$.day`,\n    `kind` String `json:$.kind`\n\nENGINE MergeTree\nENGINE_SORTING_KEY ts\nENGINE_TTL \"{ttl}\"\n"
        )
    };
    let rows = r#"{"ts":"2023-11-13 22:13:20","day":"2023-11-13","kind":"a"}
{"ts":"2023-11-13 22:13:21","day":"2023-11-14","kind":"a"}
{"ts":"2023-11-01 00:00:00","day":"2023-11-01","kind":"b"}
{"ts":"2024-11-01 00:00:00","day":"2024-11-01","kind":"b"}
"#;
    deployed(&w, &[("a.datasource", &file("ts + toIntervalYear(9)"))]);
    let left = |ttl: &str, count: u64| {
        super::copy::truncate(&w, Which::Live, "a").unwrap();
        insert(&w, "a", rows);
        let home = w.live().source("a").unwrap().home.rows.clone();
        deployed(&w, &[("a.datasource", &file(ttl))]);
        // Only the rule has changed: the rows stay where they are, until they are swept.
        assert_eq!(w.live().source("a").unwrap().home.rows, home);
        assert_eq!(sql(&w, "SELECT count() AS c FROM a"), "{\"c\":4}\n");
        assert_eq!(super::retention::sweep(&w, Which::Live, "a").unwrap(), 4 - count, "{ttl}");
        assert_eq!(super::retention::sweep(&w, Which::Live, "a").unwrap(), 0);
        assert_eq!(sql(&w, "SELECT count() AS c FROM a"), format!("{{\"c\":{count}}}\n"), "{ttl}");
    };
    left("ts + toIntervalDay(1)", 2);
    left("ts + INTERVAL 1 DAY DELETE WHERE kind = 'a'", 3);
    left("toDate(ts) + INTERVAL 2 DAY", 3);
    left("day + toIntervalDay(1)", 2);
    left("ts + INTERVAL 1 DAY, day WHERE kind = 'b'", 2);
    left("toDateTime(day) + toIntervalMonth(1)", 4);
    for (ttl, told) in [
        ("tz + toIntervalDay(1)", "maybe you meant"),
        ("kind", "not a time"),
        ("ts + toIntervalDay(1) TO DISK 'x'", "not supported"),
        ("ts + toIntervalDay(1) WHERE 1) OR (1", "ENGINE_TTL"),
    ] {
        let outcome = w.deploy(files(&[("a.datasource", &file(ttl))]), Ways::default()).unwrap();
        let fault = outcome.faults[0].render();
        assert!(
            fault.contains(told) && outcome.faults[0].line == 8,
            "{ttl}: {fault} {}",
            outcome.faults[0].line
        );
    }
}

#[test]
fn a_copy_is_whole_with_what_settles_it() {
    let w = workspace();
    let copy = (
        "c.pipe",
        "NODE a\nSQL >\n    SELECT day, kind, uniqState(user) AS users, count() AS n FROM events GROUP BY day, kind\nTYPE copy\nTARGET_DATASOURCE daily\n",
    );
    deployed(&w, &[EVENTS, DAILY, copy]);
    insert(&w, "events", ROWS);
    let cancel = Cancel::default();
    let run = |is_replacing| super::copy::Run {
        which: Which::Live,
        pipe: "c",
        params: &[],
        is_replacing,
        id: "0",
        cancel: &cancel,
    };
    let count = || sql(&w, "SELECT count() AS c FROM daily");
    assert_eq!(
        super::copy::run(&w, &run(None), &|_, n| {
            assert_eq!(n, 3);
            Ok(())
        })
        .unwrap(),
        3
    );
    // What cannot be settled has not happened.
    let failed = super::copy::run(&w, &run(None), &|_, _| Err(tile_base::Error::invalid("no")));
    assert!(failed.is_err() && count() == "{\"c\":3}\n");
    super::copy::run(&w, &run(None), &|_, _| Ok(())).unwrap();
    assert_eq!(count(), "{\"c\":6}\n");
    super::copy::run(&w, &run(Some(true)), &|_, _| Ok(())).unwrap();
    assert_eq!(count(), "{\"c\":3}\n");
    cancel.cancel(tile_base::Kind::Conflict, "enough");
    assert_eq!(super::copy::run(&w, &run(None), &|_, _| Ok(())).unwrap_err().what, "enough");
    let aside = "SELECT count(*)::VARCHAR AS n FROM duckdb_tables() WHERE starts_with(table_name, 'copy_')";
    let left = tile_base::engine::collect(w.engine().as_ref(), aside, &Cancel::default(), 1 << 20).unwrap();
    assert!(format!("{:?}", left[0].column(0)).contains("\"0\""), "{left:?}");
}

#[test]
fn values_that_come_as_text_and_defaults_that_are_computed() {
    let w = workspace();
    let file = (
        "a.datasource",
        "SCHEMA >\n    `n` UInt8 `json:$.n`,\n    `ids` Array(UUID) `json:$.ids[:]`,\n    `big` Int128 `json:$.big`,\n    `twice` UInt16 `json:$.twice` DEFAULT n * 2\n\nENGINE MergeTree\nENGINE_SORTING_KEY n\n",
    );
    deployed(&w, &[file]);
    let all = "{\"n\":1,\"ids\":[\"61f0c404-5cb3-11e7-907b-a6006ad3dba0\"],\"big\":170141183460469231731687303715884105727,\"twice\":7}\n";
    assert_eq!(insert(&w, "a", all), (1, 0));
    assert_eq!(insert(&w, "a", "{\"n\":2,\"ids\":[],\"big\":\"-1\"}\n"), (1, 0));
    assert_eq!(
        sql(&w, "SELECT n, ids, toString(big) AS big, twice FROM a ORDER BY n"),
        "{\"n\":1,\"ids\":[\"61f0c404-5cb3-11e7-907b-a6006ad3dba0\"],\"big\":\"170141183460469231731687303715884105727\",\"twice\":7}\n\
         {\"n\":2,\"ids\":[],\"big\":\"-1\",\"twice\":4}\n"
    );
    // Counted before it is done, and then gone.
    assert_eq!(super::copy::delete(&w, Which::Live, "a", "n = 1 AND notEmpty(ids)", true).unwrap(), 1);
    assert_eq!(super::copy::delete(&w, Which::Live, "a", "n = 1 AND notEmpty(ids)", false).unwrap(), 1);
    assert_eq!(sql(&w, "SELECT count() AS c FROM a"), "{\"c\":1}\n");
    assert!(super::copy::delete(&w, Which::Live, "a", "1) OR (1", false).is_err());
    assert!(super::copy::delete(&w, Which::Live, "a", "n IN (SELECT n FROM tile_documents)", false).is_err());
    assert_eq!(super::copy::truncate(&w, Which::Live, "a").unwrap(), 1);
}

struct Only(&'static str);

impl Sight for Only {
    fn source(&self, name: &str) -> Option<Option<&str>> {
        (name == self.0).then_some(Some("user = 'a'"))
    }
    fn pipe(&self, name: &str) -> bool {
        name == "top" || name == "plain" || name == "bad"
    }
}

#[test]
fn sql_from_outside_sees_what_it_may() {
    let w = workspace();
    let plain = ("plain.pipe", "NODE a\nSQL >\n    SELECT user FROM events\nTYPE endpoint\n");
    let bad = ("bad.pipe", "NODE a\nSQL >\n    SELECT user FROM events_quarantine\nTYPE endpoint\n");
    deployed(&w, &[EVENTS, DAILY, MV, TOP, plain, bad]);
    insert(&w, "events", ROWS);
    let asked = |text: &str, pipe| asked(&w, &Question::Sql { text, pipe }, &Only("events"));
    assert_eq!(asked("SELECT count() AS n FROM events", None).unwrap(), "{\"n\":2}\n");
    assert_eq!(asked("SELECT count() AS n FROM top", None).unwrap(), "{\"n\":2}\n");
    // The filter holds in what pipes read for this token, too.
    assert_eq!(asked("SELECT count() AS n FROM plain", None).unwrap(), "{\"n\":2}\n");
    let endpoint = Question::Endpoint { pipe: "plain" };
    assert_eq!(super::tests::asked(&w, &endpoint, &Only("events")).unwrap().lines().count(), 2);
    assert_eq!(super::tests::asked(&w, &endpoint, &All).unwrap().lines().count(), 3);
    // It says nothing of rows that could not be read.
    let endpoint = Question::Endpoint { pipe: "bad" };
    let told = super::tests::asked(&w, &endpoint, &Only("events")).unwrap_err();
    assert!(told.contains("the token filters the rows of `events`"), "{told}");
    assert_eq!(asked("SELECT count() AS n FROM bad", None).unwrap_err(), told);
    assert_eq!(super::tests::asked(&w, &endpoint, &Only("daily")).unwrap().lines().count(), 1);
    assert_eq!(super::tests::asked(&w, &endpoint, &All).unwrap().lines().count(), 1);
    assert_eq!(asked("SELECT count() AS n FROM _", Some("top")).unwrap(), "{\"n\":2}\n");
    assert_eq!(asked("SELECT count() AS n FROM merged", Some("top")).unwrap(), "{\"n\":2}\n");
    for text in [
        "SELECT * FROM daily",
        "SELECT * FROM events_quarantine",
        "SELECT * FROM to_daily",
        "SELECT * FROM tile_documents",
        "SELECT * FROM events WHERE user IN daily",
        "SELECT * FROM merged2, daily",
    ] {
        for pipe in [None, Some("top")] {
            let told = asked(text, pipe).unwrap_err();
            assert!(told.contains("unknown table"), "{text}: {told}");
        }
    }
}

#[test]
fn results_that_are_kept_go_when_data_sources_change_their_rows() {
    let w = workspace();
    let other = ("others.datasource", EVENTS.1);
    w.deploy(files(&[EVENTS, other]), Ways::default()).unwrap();
    let names = ["events".to_owned(), "others".to_owned()];
    let before = w.versions().of(&names);
    w.exchange("events", "others").unwrap();
    assert!(w.versions().of(&names) > before);
}
