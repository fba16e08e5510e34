//! Who follows a data source has at every moment what is in it, whichever way it was changed.

use super::feeds::{read, schema};
use super::insert::Rows;
use super::populate::{self, Population};
use super::staging_tests::changed;
use super::tests::{DAILY, EVENTS, Fixed, MV, ROWS, TOP, deployed, files, functions, insert};
use super::{Ways, Which, Workspace, copy, retention};
use crate::ingest::Import;
use crate::jobs::Watch;
use crate::sharing::Shares;
use crate::transfer::import::{Importing, Mode, Target};
use arrow_array::cast::AsArray;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tile_base::feed::{FeedQuery, Position};
use tile_base::objects::Nowhere;
use tile_base::{Cancel, Kind, SqlEngine};
use tile_duck::{Engine, Limits};

/// Follows one data source; what it has is compared with what there is.
struct Follower<'a> {
    workspace: &'a Workspace,
    name: &'static str,
    position: Option<Position>,
    rows: Vec<String>,
}

fn asked() -> FeedQuery {
    let columns = vec![("line".to_owned(), "concat_ws('|', \"day\", \"kind\")".to_owned())];
    FeedQuery { columns, filter: None }
}

fn lines(
    w: &Workspace,
    name: &str,
    query: &FeedQuery,
    after: Option<&Position>,
) -> (bool, Position, Vec<String>) {
    let reading = read(w, name, query, after).unwrap();
    let (is_anew, position, count) = (reading.is_anew, reading.position, reading.rows);
    let mut out = Vec::new();
    for batch in reading.batches {
        out.extend(batch.unwrap().column(0).as_string::<i32>().iter().map(|v| v.unwrap().to_owned()));
    }
    if query.filter.is_none() {
        assert_eq!(u64::try_from(out.len()).unwrap(), count);
    }
    (is_anew, position, out)
}

impl<'a> Follower<'a> {
    fn new(workspace: &'a Workspace, name: &'static str) -> Self {
        let mut out = Self { workspace, name, position: None, rows: vec![] };
        assert!(out.caught_up().0);
        out
    }

    /// Whether all was read anew, and how many rows came.
    fn caught_up(&mut self) -> (bool, usize) {
        let (is_anew, position, new) = lines(self.workspace, self.name, &asked(), self.position.as_ref());
        if is_anew {
            self.rows.clear();
        }
        let count = new.len();
        self.rows.extend(new);
        self.position = Some(position);
        let (_, _, all) = lines(self.workspace, self.name, &asked(), None);
        assert_eq!(self.rows, all, "{}", self.name);
        (is_anew, count)
    }
}

fn imported(w: &Workspace, text: &str, mode: &Mode) {
    let live = w.live();
    let source = live.source("events").unwrap();
    let block = source.decoder().unwrap().ndjson(text.as_bytes(), &Import::default()).unwrap();
    let watch = Watch::default();
    let target = Target { workspace: w, source: "events", home: &source.home.rows, mode, id: "i" };
    let mut importing = Importing::new(target, &Nowhere, &watch);
    importing.take(block, 1).unwrap();
    importing.finish(&|_, _| Ok(())).unwrap();
}

const COPY: (&str, &str) = (
    "again.pipe",
    "NODE a\nSQL >\n    SELECT * FROM events\nTYPE copy\nTARGET_DATASOURCE events\nCOPY_MODE replace\n",
);

fn open(engine: &Arc<dyn SqlEngine>) -> Workspace {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let ids = Arc::new(|| format!("{:04}", NEXT.fetch_add(1, Ordering::Relaxed)));
    Workspace::open(engine.clone(), "w", "main", Arc::new(Fixed), ids, Shares::default()).unwrap()
}

fn in_memory() -> Workspace {
    let engine: Arc<dyn SqlEngine> = Arc::new(Engine::in_memory(Limits::default(), &functions()).unwrap());
    open(&engine)
}

#[test]
fn appended_rows_come_once_and_what_removes_rows_begins_anew() {
    let w = in_memory();
    let ended = EVENTS
        .1
        .replace("\nENGINE_SORTING_KEY", "\nENGINE_TTL \"day - toIntervalDay(1000)\"\nENGINE_SORTING_KEY");
    deployed(&w, &[EVENTS, DAILY, MV, TOP, COPY]);
    let (mut events, mut daily) = (Follower::new(&w, "events"), Follower::new(&w, "daily"));
    insert(&w, "events", ROWS);
    assert_eq!((events.caught_up(), daily.caught_up()), ((false, 3), (false, 2)));
    assert_eq!((events.caught_up(), daily.caught_up()), ((false, 0), (false, 0)));
    imported(&w, ROWS, &Mode::Append);
    assert_eq!((events.caught_up(), daily.caught_up()), ((false, 3), (false, 2)));
    // A condition that no row meets removes none.
    copy::delete(&w, Which::Live, "events", "kind = 'none'", false).unwrap();
    copy::delete(&w, Which::Live, "events", "kind = 'bot'", true).unwrap();
    assert_eq!(events.caught_up(), (false, 0));
    copy::delete(&w, Which::Live, "events", "kind = 'bot'", false).unwrap();
    assert_eq!((events.caught_up(), daily.caught_up()), ((true, 4), (false, 0)));
    insert(&w, "events", ROWS);
    assert_eq!(events.caught_up(), (false, 3));
    imported(&w, ROWS, &Mode::Replace);
    assert_eq!(events.caught_up(), (true, 3));
    imported(&w, ROWS, &Mode::ReplaceWhere("kind = 'bot'".into()));
    assert_eq!(events.caught_up(), (true, 3));
    let run = |is_replacing, id: &str| {
        let (cancel, params) = (Cancel::default(), []);
        let run = copy::Run {
            which: Which::Live,
            pipe: "again",
            params: &params,
            is_replacing: Some(is_replacing),
            id,
            cancel: &cancel,
        };
        copy::run(&w, &run, &|_, _| Ok(())).unwrap();
    };
    run(false, "x1");
    assert_eq!(events.caught_up(), (false, 3));
    run(true, "x2");
    assert_eq!(events.caught_up(), (true, 6));
    daily.caught_up();
    populate::run(&w, "to_daily", &Population::default()).unwrap();
    assert_eq!(daily.caught_up(), (false, 2));
    populate::run(&w, "to_daily", &Population { is_truncating: true, condition: None }).unwrap();
    assert_eq!(daily.caught_up(), (true, 2));
    // Nothing about the rows has changed, then a TTL ends them.
    deployed(&w, &[("events.datasource", &ended), DAILY, MV, TOP, COPY]);
    let (_, before) = events.caught_up();
    assert!(retention::sweep(&w, Which::Live, "events").unwrap() > 0);
    assert_eq!(events.caught_up(), (true, 0), "of {before}");
    insert(&w, "events", ROWS);
    assert_eq!(events.caught_up(), (false, 3));
    copy::truncate(&w, Which::Live, "events").unwrap();
    assert_eq!(events.caught_up(), (true, 0));
}

#[test]
fn another_table_under_the_name_begins_anew() {
    let w = in_memory();
    let other = ("other.datasource", EVENTS.1);
    deployed(&w, &[EVENTS, other]);
    insert(&w, "events", ROWS);
    insert(&w, "other", &ROWS.replace("bot", "net"));
    let mut events = Follower::new(&w, "events");
    w.exchange("events", "other").unwrap();
    assert_eq!(events.caught_up(), (true, 3));
    assert!(events.rows.iter().any(|line| line.contains("net")));
    let changed = changed();
    deployed(&w, &[("events.datasource", &changed), other]);
    assert_eq!(events.caught_up(), (true, 3));
    // A deployment in staging changes nothing until it is promoted.
    let ways = Ways { waits: true, may_destroy: true, ..Ways::default() };
    w.deploy(files(&[EVENTS, other]), ways).unwrap();
    insert(&w, "events", &ROWS.replace("\"price\":1.5", "\"price\":1.5,\"cents\":7"));
    assert!(!events.caught_up().0);
    let id = w.deployed().staging.unwrap().document.id.clone();
    w.promote(&id).unwrap();
    assert!(events.caught_up().0);
    deployed(&w, &[other]);
    let gone = read(&w, "events", &asked(), events.position.as_ref()).err().unwrap();
    assert_eq!((gone.kind, schema(&w, "evens").err().unwrap().kind), (Kind::NotFound, Kind::NotFound));
}

#[test]
fn rows_that_get_other_numbers_are_not_missed() {
    let folder = std::env::temp_dir().join(format!("tile-feeds-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("a.duckdb");
    let many = |from: usize, count: usize| {
        let row = |n: usize| {
            format!(
                "{{\"ts\":\"2024-01-01 10:00:00\",\"user\":{{\"id\":\"u\"}},\"id\":\"61f0c404-5cb3-11e7-907b-a6006ad3dba0\",\"kind\":\"{n}\"}}\n"
            )
        };
        (from..from + count).map(row).collect::<String>()
    };
    let mut last: Option<Position> = None;
    let mut have: Vec<String> = vec![];
    for round in 0..4 {
        // Each round opens the database again, which writes it anew without what was removed.
        let engine: Arc<dyn SqlEngine> =
            Arc::new(Engine::open(&path, Limits::default(), &functions()).unwrap());
        let w = open(&engine);
        if round == 0 {
            deployed(&w, &[EVENTS]);
            insert(&w, "events", &many(0, 260_000));
            copy::delete(&w, Which::Live, "events", "toUInt32(kind) BETWEEN 100000 AND 259000", false)
                .unwrap();
        }
        let mut events = Follower {
            workspace: &w,
            name: "events",
            position: last.take(),
            rows: std::mem::take(&mut have),
        };
        assert_eq!(events.caught_up().0, round == 0);
        insert(&w, "events", &many(1_000_000 + round * 10_000, 7));
        assert_eq!(events.caught_up(), (false, 7));
        insert(&w, "events", &many(2_000_000 + round * 10_000, 9));
        engine.read("CHECKPOINT", &Cancel::default(), &mut |_| Ok(())).unwrap();
        insert(&w, "events", &many(3_000_000 + round * 10_000, 5));
        if round % 2 == 0 {
            assert_eq!(events.caught_up(), (false, 14));
        }
        (last, have) = (events.position, events.rows);
    }
    let last = last.unwrap();
    assert!(last.next < 250_000, "no number has changed: {last:?}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn rows_that_are_stored_at_once_come_once() {
    const BLOCKS: usize = 60;
    const BLOCK: usize = 50;
    let folder = std::env::temp_dir().join(format!("tile-feeds-beside-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let engine: Arc<dyn SqlEngine> =
        Arc::new(Engine::open(&folder.join("a.duckdb"), Limits::default(), &functions()).unwrap());
    let w = open(&engine);
    deployed(&w, &[EVENTS]);
    let row = |kind: &str| {
        format!(
            "{{\"ts\":\"2024-01-01 10:00:00\",\"user\":{{\"id\":\"a\"}},\"id\":\"61f0c404-5cb3-11e7-907b-a6006ad3dba0\",\"kind\":\"{kind}\"}}\n"
        )
    };
    let send = |sender: &'static str| {
        for block in 0..BLOCKS {
            let rows = (0..BLOCK).map(|n| row(&format!("{sender}-{block}-{n}")));
            insert(&w, "events", &rows.collect::<String>());
        }
    };
    let (mut position, mut rows, mut times) = (None, vec![], 0);
    std::thread::scope(|scope| {
        let senders = ["a", "b", "c"].map(|sender| {
            scope.spawn({
                let send = &send;
                move || send(sender)
            })
        });
        loop {
            let is_over = senders.iter().all(std::thread::ScopedJoinHandle::is_finished);
            let (is_anew, next, new) = lines(&w, "events", &asked(), position.as_ref());
            assert_eq!(is_anew, position.is_none());
            (position, times) = (Some(next), times + usize::from(!new.is_empty()));
            rows.extend(new);
            if is_over {
                break;
            }
        }
    });
    assert!(times > 3, "all rows came at once");
    let (_, _, all) = lines(&w, "events", &asked(), None);
    assert_eq!(rows, all);
    rows.sort();
    rows.dedup();
    assert_eq!(rows.len(), 3 * BLOCKS * BLOCK);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn only_what_is_asked_for_is_read() {
    let w = in_memory();
    deployed(&w, &[EVENTS]);
    insert(&w, "events", ROWS);
    let types: Vec<String> =
        schema(&w, "events").unwrap().fields().iter().map(|f| f.data_type().to_string()).collect();
    assert_eq!(types[1..4], ["Utf8", "Float64", "Utf8"]);
    let query = FeedQuery { filter: Some("\"price\" IS NOT NULL".into()), ..asked() };
    let (_, position, rows) = lines(&w, "events", &query, None);
    assert_eq!((rows.len(), position.rows), (1, 3));
    let wrong = FeedQuery { columns: vec![("a".into(), "\"nothing\"".into())], filter: None };
    let told = read(&w, "events", &wrong, None).unwrap().batches.next().unwrap().err().unwrap();
    assert_eq!(told.kind, Kind::Invalid);
    let null = ("null.datasource", "SCHEMA >\n    `a` String `json:$.a`\n\nENGINE Null\n");
    deployed(&w, &[EVENTS, null]);
    assert_eq!(schema(&w, "null").err().unwrap().kind, Kind::Invalid);
    // A row that was decoded for a table that is gone ends nothing.
    let live = w.live();
    let source = live.source("events").unwrap();
    let block = source.decoder().unwrap().ndjson(ROWS.as_bytes(), &Import::default()).unwrap();
    let stale = Rows { source: "events".into(), home: "nowhere".into(), block };
    assert!(w.insert(&[stale]).is_err());
    let (is_anew, after, rows) = lines(&w, "events", &asked(), Some(&position));
    assert_eq!((is_anew, after.rows, rows.len()), (false, 3, 0));
}
