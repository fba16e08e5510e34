//! Two deployments at once, over the real engine.

use super::insert::Rows;
use super::query::{Manner, Question, prepare, run};
use super::rendering::Asked;
use super::scope::All;
use super::tests::{DAILY, EVENTS, Fixed, MV, ROWS, TOP, deployed, files, functions, insert, sql};
use super::{Outcome, Ways, Which, Workspace, copy};
use crate::ingest::Import;
use crate::jobs::Watch;
use crate::sharing::Shares;
use crate::transfer::import::{Importing, Mode, Target};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tile_base::objects::Nowhere;
use tile_base::{Cancel, Kind, SqlEngine};
use tile_clicksql::format::Settings;
use tile_duck::{Engine, Limits};

/// Opens the same database again and again, as restarts do.
pub(super) struct House {
    engine: Arc<dyn SqlEngine>,
    next: Arc<AtomicU64>,
}

impl House {
    pub(super) fn new() -> Self {
        let engine = Arc::new(Engine::in_memory(Limits::default(), &functions()).unwrap());
        Self { engine, next: Arc::new(AtomicU64::new(1)) }
    }
    pub(super) fn open(&self) -> Workspace {
        let next = self.next.clone();
        let ids = Arc::new(move || format!("{:04}", next.fetch_add(1, Ordering::Relaxed)));
        Workspace::open(self.engine.clone(), "w", "main", Arc::new(Fixed), ids, Shares::default()).unwrap()
    }
    pub(super) fn tables(&self) -> usize {
        let sql = "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'd%' AND table_type = 'BASE TABLE'";
        let found = tile_base::engine::collect(self.engine.as_ref(), sql, &Cancel::default(), 1 << 20);
        found.unwrap().iter().map(arrow_array::RecordBatch::num_rows).sum()
    }
}

fn staged(w: &Workspace, list: &[(&str, &str)]) -> Outcome {
    let ways = Ways { waits: true, may_destroy: true, ..Ways::default() };
    let outcome = w.deploy(files(list), ways).unwrap();
    assert!(outcome.faults.is_empty(), "{:?}", outcome.faults);
    outcome
}

/// A query of the staged deployment.
fn there(w: &Workspace, text: &str) -> String {
    let deployed = w.deployed();
    let live = deployed.get(Which::Staging).unwrap();
    let prepared = prepare(w, live, &Question::Sql { text, pipe: None }, &Asked::default(), &All);
    let manner = Manner { format: "JSONEachRow", settings: &Settings::default(), bytes_max: 1 << 20 };
    let answer = prepared.and_then(|p| run(w, p, &manner, &Cancel::default()));
    answer.map_or_else(|e| e.detail(), |a| String::from_utf8(a.bytes).unwrap())
}

fn insert_there(w: &Workspace, source: &str, text: &str) {
    let deployed = w.deployed();
    let source = deployed.get(Which::Staging).unwrap().source(source).unwrap();
    let block = source.decoder().unwrap().ndjson(text.as_bytes(), &Import::default()).unwrap();
    w.insert(&[Rows { source: source.file.name.clone(), home: source.home.rows.clone(), block }]).unwrap();
}

const COUNT: &str = "SELECT count() AS n FROM events";
/// Of what the view has made.
const SUMS: &str = "SELECT sum(n) AS n, uniqMerge(users) AS users FROM daily";

/// `events` with a column more, whose old and coming rows the FORWARD_QUERY makes.
pub(super) fn changed() -> String {
    let text = EVENTS.1.replace("\n\nENGINE M", ",\n    `cents` UInt32 `json:$.cents`\n\nENGINE M");
    format!("{text}\nFORWARD_QUERY >\n    SELECT *, toUInt32(ifNull(price, 0) * 100) AS cents\n")
}

#[test]
fn what_staging_shares_is_the_same_and_what_it_has_alone_is_filled_and_fed() {
    let house = House::new();
    let w = house.open();
    deployed(&w, &[EVENTS, DAILY, MV, TOP]);
    insert(&w, "events", ROWS);
    let mv = MV.1.replace("DATASOURCE daily", "DATASOURCE late");
    let all = [EVENTS, DAILY, MV, TOP, ("late.datasource", DAILY.1), ("to_late.pipe", &mv)];
    let outcome = staged(&w, &all);
    assert_eq!(outcome.id.as_deref(), Some("2"));
    let fills = &outcome.plan.fills;
    assert_eq!(
        (fills.len(), fills[0].source.as_str(), fills[0].view.as_deref()),
        (1, "late", Some("to_late"))
    );
    let late = SUMS.replace("daily", "late");
    assert_eq!(there(&w, &late), "{\"n\":2,\"users\":2}\n");
    assert!(sql(&w, &late).contains("unknown table"), "the live one knows nothing of it");
    // An insert into the live one: once in what is shared, also in what is not.
    insert(&w, "events", ROWS);
    assert_eq!((sql(&w, COUNT), there(&w, COUNT)), ("{\"n\":6}\n".into(), "{\"n\":6}\n".into()));
    assert_eq!(
        (sql(&w, SUMS), there(&w, &late)),
        ("{\"n\":4,\"users\":2}\n".into(), "{\"n\":4,\"users\":2}\n".into())
    );
    // One into the staged one is one into the table that is shared.
    insert_there(&w, "events", ROWS);
    assert_eq!(
        (sql(&w, SUMS), there(&w, &late)),
        ("{\"n\":6,\"users\":2}\n".into(), "{\"n\":6,\"users\":2}\n".into())
    );
    // Nothing else is deployed meanwhile.
    let refused = w.deploy(files(&[EVENTS, DAILY, MV]), Ways::default()).err().unwrap();
    assert_eq!(refused.kind, Kind::Conflict, "{refused:?}");
    // After a restart all of it is there, and goes on.
    let w = house.open();
    insert(&w, "events", ROWS);
    assert_eq!(
        (sql(&w, SUMS), there(&w, &late)),
        ("{\"n\":8,\"users\":2}\n".into(), "{\"n\":8,\"users\":2}\n".into())
    );
    w.promote("2").unwrap();
    assert!(w.deployed().staging.is_none() && w.promote("2").is_err());
    insert(&w, "events", ROWS);
    assert_eq!(
        (sql(&w, SUMS), sql(&w, &late)),
        ("{\"n\":10,\"users\":2}\n".into(), "{\"n\":10,\"users\":2}\n".into())
    );
    assert_eq!(house.tables(), 6);
}

#[test]
fn a_changed_data_source_follows_the_live_one_until_it_takes_its_place() {
    let house = House::new();
    let w = house.open();
    deployed(&w, &[EVENTS, DAILY, MV, TOP]);
    insert(&w, "events", ROWS);
    let changed = changed();
    let outcome = staged(&w, &[("events.datasource", &changed), DAILY, MV, TOP]);
    assert_eq!(outcome.plan.fills[0].view, None);
    insert(&w, "events", ROWS);
    let cents = "SELECT sum(cents) AS c, count() AS n FROM events";
    assert_eq!(there(&w, cents), "{\"c\":300,\"n\":6}\n");
    assert!(sql(&w, cents).contains("cents"), "the live one has no such column");
    // Its own rows: not in the live one, nor in what both share.
    insert_there(&w, "events", &ROWS.replace("\"price\":1.5", "\"price\":1.5,\"cents\":7"));
    assert_eq!((sql(&w, COUNT), sql(&w, SUMS)), ("{\"n\":6}\n".into(), "{\"n\":4,\"users\":2}\n".into()));
    let w = house.open();
    insert(&w, "events", ROWS);
    // Of the own rows two lack the new column: they are in its quarantine.
    assert_eq!((sql(&w, COUNT), there(&w, cents)), ("{\"n\":9}\n".into(), "{\"c\":457,\"n\":10}\n".into()));
    // A condition that both know, one that only the live one knows, and a replacement.
    assert_eq!(copy::delete(&w, Which::Live, "events", "kind = 'bot'", false).unwrap(), 3);
    assert_eq!(there(&w, COUNT), "{\"n\":7}\n");
    insert(&w, "events", ROWS);
    w.promote("2").unwrap();
    assert_eq!(sql(&w, cents), "{\"c\":607,\"n\":10}\n");
    assert_eq!(house.tables(), 4);
    assert_eq!(w.live().document.id, "2");
    assert_eq!(w.past().iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), ["1"]);
    // Back to the files before, with the rows that are there now.
    let old = w.files_of("1").unwrap();
    let back = w.deploy(old, Ways::default()).unwrap();
    assert_eq!(back.id.as_deref(), Some("3"), "{:?}", back.faults);
    assert_eq!(sql(&w, COUNT), "{\"n\":10}\n");
}

#[test]
fn views_of_a_changed_target_are_not_forwarded_twice() {
    let w = House::new().open();
    deployed(&w, &[EVENTS, DAILY, MV, TOP]);
    insert(&w, "events", ROWS);
    // The target changes, and the view with it.
    let daily = DAILY.1.replace("\n\nENGINE", ",\n    `most` SimpleAggregateFunction(max, UInt64)\n\nENGINE");
    let mv = MV.1.replace("count() AS n", "count() AS n, max(toUInt64(10)) AS most");
    staged(&w, &[EVENTS, ("daily.datasource", &daily), ("to_daily.pipe", &mv), TOP]);
    insert(&w, "events", ROWS);
    assert_eq!(
        (sql(&w, SUMS), there(&w, SUMS)),
        ("{\"n\":4,\"users\":2}\n".into(), "{\"n\":4,\"users\":2}\n".into())
    );
    assert_eq!(there(&w, "SELECT max(most) AS m FROM daily"), "{\"m\":10}\n");
    // Without the view the rows that it made come by themselves.
    w.discard("2").unwrap();
    staged(&w, &[EVENTS, ("daily.datasource", &daily), TOP]);
    insert(&w, "events", ROWS);
    assert_eq!(
        (sql(&w, SUMS), there(&w, SUMS)),
        ("{\"n\":6,\"users\":2}\n".into(), "{\"n\":6,\"users\":2}\n".into())
    );
    assert_eq!(w.deployed().staging.unwrap().document.id, "3");
}

#[test]
fn truncated_and_replaced_in_both_or_in_the_one_that_is_meant() {
    let w = House::new().open();
    deployed(&w, &[EVENTS]);
    insert(&w, "events", ROWS);
    let renamed = EVENTS.1.replace("`user` String", "`who` String");
    let renamed = format!("{renamed}\nFORWARD_QUERY >\n    SELECT ts, user AS who, price, id, kind, day\n");
    staged(&w, &[("events.datasource", &renamed)]);
    let refused = copy::delete(&w, Which::Live, "events", "user = 'a'", false).unwrap_err();
    assert_eq!(refused.kind, Kind::Conflict, "{refused:?}");
    assert_eq!((sql(&w, COUNT), there(&w, COUNT)), ("{\"n\":3}\n".into(), "{\"n\":3}\n".into()));
    assert_eq!(copy::delete(&w, Which::Staging, "events", "who = 'a'", false).unwrap(), 2);
    assert_eq!((sql(&w, COUNT), there(&w, COUNT)), ("{\"n\":3}\n".into(), "{\"n\":1}\n".into()));
    let live = w.live();
    let source = live.source("events").unwrap();
    let block = source.decoder().unwrap().ndjson(ROWS.as_bytes(), &Import::default()).unwrap();
    let (watch, mode) = (Watch::default(), Mode::Replace);
    let target = Target { workspace: &w, source: "events", home: &source.home.rows, mode: &mode, id: "i" };
    let mut importing = Importing::new(target, &Nowhere, &watch);
    importing.take(block, 1).unwrap();
    importing.finish(&|_, _| Ok(())).unwrap();
    assert_eq!((sql(&w, COUNT), there(&w, COUNT)), ("{\"n\":3}\n".into(), "{\"n\":3}\n".into()));
    copy::truncate(&w, Which::Staging, "events").unwrap();
    assert_eq!((sql(&w, COUNT), there(&w, COUNT)), ("{\"n\":3}\n".into(), "{\"n\":0}\n".into()));
    insert(&w, "events", ROWS);
    copy::truncate(&w, Which::Live, "events").unwrap();
    assert_eq!((sql(&w, COUNT), there(&w, COUNT)), ("{\"n\":0}\n".into(), "{\"n\":0}\n".into()));
}

#[test]
fn rows_that_staging_cannot_take_are_stored_and_it_has_failed() {
    let house = House::new();
    let w = house.open();
    deployed(&w, &[EVENTS]);
    insert(&w, "events", &ROWS.replace("\"a\"", "\"1\"").replace("\"b\"", "\"2\""));
    let number = EVENTS.1.replace("`user` String", "`user` UInt32");
    let number = format!("{number}\nFORWARD_QUERY >\n    SELECT * EXCEPT (user), toUInt32(user) AS user\n");
    staged(&w, &[("events.datasource", &number)]);
    assert_eq!(there(&w, "SELECT sum(user) AS s FROM events"), "{\"s\":4}\n");
    insert(&w, "events", ROWS);
    assert_eq!(sql(&w, COUNT), "{\"n\":6}\n");
    for w in [w, house.open()] {
        let told = w.promote("2").unwrap_err();
        assert_eq!(told.kind, Kind::Conflict);
        assert!(told.detail().contains("FORWARD_QUERY"), "{}", told.detail());
        assert!(w.deployed().get(Which::Staging).is_err());
        insert(&w, "events", ROWS);
    }
    let w = house.open();
    assert_eq!(sql(&w, COUNT), "{\"n\":12}\n");
    w.discard("2").unwrap();
    assert_eq!(house.tables(), 2);
    assert!(w.files_of("2").is_err() && w.past()[0].is_discarded);
}

#[test]
fn the_past_is_bounded() {
    let w = House::new().open();
    for n in 0..12 {
        let text = format!("NODE a\nSQL >\n    SELECT {n} AS n\n");
        deployed(&w, &[("a.pipe", &text)]);
    }
    assert_eq!(w.past().len(), 11);
    assert!(w.files_of("1").unwrap_err().detail().contains("not kept any more"));
    assert!(w.files_of("2").unwrap()["a.pipe"].contains("SELECT 1 AS n"));
    assert_eq!(w.files_of("12").unwrap_err().kind, Kind::NotFound);
}
