//! Nodes of a hub over the real engine.

use super::{KEY, Limits, Pipes};
use crate::hub::{DEFAULT_NAME, Engines, Hub, Tenant};
use crate::ingest::Import;
use crate::workspace::Ways;
use crate::workspace::compile::Files;
use crate::workspace::insert::Rows;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt64Type};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tile_auth::{Actor, NewToken, Origin, TokenScope};
use tile_base::foreign::ForeignTables;
use tile_base::mount::{Content, Mount, Mounted, MountedTable};
use tile_base::{Clock, Credentials, Principal, Result, SqlEngine};
use tile_duck::Engine;

struct Fixed;

impl Clock for Fixed {
    fn now_us(&self) -> i64 {
        1_700_000_000_000_000
    }
}

struct Memory;

impl Engines for Memory {
    fn open(&self, _id: &str, shared: &Arc<dyn ForeignTables>) -> Result<Arc<dyn SqlEngine>> {
        let all = tile_clicksql::kernels::ALL.iter().copied().flatten();
        let functions: Vec<_> = all
            .map(|kernel| tile_duck::Function {
                name: kernel.name,
                args: kernel.args.iter().map(|a| a.arrow()).collect(),
                result: kernel.result.arrow(),
                run: Arc::new(|columns| (kernel.run)(columns).map_err(|e| e.to_string())),
            })
            .collect();
        Ok(Arc::new(Engine::in_memory(tile_duck::Limits::default(), &functions)?.with_shared(shared)?))
    }
    fn remove(&self, _id: &str) -> Result<()> {
        Ok(())
    }
    fn list(&self) -> Result<Vec<String>> {
        Ok(vec![])
    }
}

const FILES: &[(&str, &str)] = &[
    (
        "events.datasource",
        "DESCRIPTION >\n    What happens\n\nTAGS \"web\"\n\nSCHEMA >\n    `n` Int64 `json:$.n`,\n    `who` LowCardinality(String) `json:$.who`,\n    `id` UUID `json:$.id`,\n    `tags` Array(String) `json:$.tags[:]`,\n    `at` DateTime `json:$.at`,\n    `ip` Nullable(IPv4) `json:$.ip`\n\nENGINE MergeTree\nENGINE_SORTING_KEY n\n",
    ),
    (
        "daily.datasource",
        "SCHEMA >\n    `who` String,\n    `ids` AggregateFunction(uniq, Int64),\n    `hits` SimpleAggregateFunction(sum, UInt64)\n\nENGINE AggregatingMergeTree\nENGINE_SORTING_KEY who\n",
    ),
    (
        "to_daily.pipe",
        "NODE all\nSQL >\n    SELECT who, uniqState(n) AS ids, count() AS hits FROM events GROUP BY who\nTYPE materialized\nDATASOURCE daily\n",
    ),
    (
        "top.pipe",
        "NODE e\nSQL >\n    %\n    SELECT who, count() AS hits FROM events WHERE who != {{String(but, '')}} GROUP BY who ORDER BY who\nTYPE endpoint\n",
    ),
    ("strict.pipe", "NODE e\nSQL >\n    %\n    SELECT {{Int32(n, required=True)}} AS n\nTYPE endpoint\n"),
    ("helper.pipe", "NODE e\nSQL >\n    SELECT 1 AS one\n"),
];

fn hub() -> Arc<Hub> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    fn random() -> [u8; 16] {
        u128::from(NEXT.fetch_add(1, Ordering::Relaxed)).to_be_bytes()
    }
    let ids = Arc::new(|| format!("{:06}", NEXT.fetch_add(1, Ordering::Relaxed)));
    let hub = Arc::new(Hub::open(Arc::new(Memory), Arc::new(Fixed), ids, random).unwrap());
    let files: Files = FILES.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect();
    let outcome = tenant(&hub).workspace.deploy(files, Ways::default()).unwrap();
    assert!(outcome.faults.is_empty(), "{:?}", outcome.faults);
    hub
}

fn tenant(hub: &Hub) -> Arc<Tenant> {
    hub.by_name(DEFAULT_NAME).unwrap()
}

fn insert(hub: &Hub, from: u64, to: u64) {
    let lines: String = (from..to)
        .map(|n| {
            let who = if n.is_multiple_of(2) { "ada" } else { "bob" };
            format!("{{\"n\":{n},\"who\":\"{who}\",\"id\":\"00000000-0000-0000-0000-{n:012}\",\"tags\":[\"t{n}\"],\"at\":\"2026-01-01 00:00:00\",\"ip\":\"10.0.0.1\"}}\n")
        })
        .collect();
    let tenant = tenant(hub);
    let live = tenant.workspace.live();
    let source = live.source("events").unwrap();
    let block = source.decoder().unwrap().ndjson(lines.as_bytes(), &Import::default()).unwrap();
    let rows = Rows { source: "events".into(), home: source.home.rows.clone(), block };
    tenant.workspace.insert(&[rows]).unwrap();
}

fn caller(hub: &Hub, scopes: &[&str]) -> Principal {
    let tenant = tenant(hub);
    let text = if scopes.is_empty() {
        hub.admin_token(&tenant.workspace.id).unwrap()
    } else {
        let name = format!("reader of {}", scopes.join(", "));
        let scopes: Vec<TokenScope> = scopes.iter().map(|s| TokenScope::parse(s).unwrap()).collect();
        hub.change_tokens(&tenant.workspace.id, |registry| {
            let origin = Origin::parse("C", None).unwrap();
            let new = NewToken { name, description: String::new(), origin, scopes };
            registry.create(Actor::Server, new, &mut || hub.random()).map(|t| t.text().to_owned())
        })
        .unwrap()
    };
    Principal::Token(hub.authenticate(&Credentials::Bearer(text)).unwrap())
}

fn find(pipes: &Pipes, caller: &Principal, path: &str) -> Option<Mounted> {
    let path: Vec<String> = path.split('/').filter(|s| !s.is_empty()).map(str::to_owned).collect();
    pipes.find(caller, &path).unwrap()
}

fn keys(pipes: &Pipes, caller: &Principal, path: &str) -> Vec<String> {
    match find(pipes, caller, path).map(|m| m.content) {
        Some(Content::Container(keys)) => keys,
        _ => panic!("`{path}` is no container"),
    }
}

fn table(pipes: &Pipes, caller: &Principal, name: &str) -> Arc<dyn MountedTable> {
    match find(pipes, caller, &format!("{DEFAULT_NAME}/{name}")).map(|m| m.content) {
        Some(Content::Table(table)) => table,
        _ => panic!("`{name}` is no table"),
    }
}

/// All rows of a column, partition by partition.
fn ints(table: &dyn MountedTable, column: &str) -> Vec<i64> {
    let at = table.schema().index_of(column).unwrap();
    let batches = (0..table.partitions()).flat_map(|p| table.read(p, &[at]).unwrap());
    batches.flat_map(|b| b.column(0).as_primitive::<Int64Type>().values().to_vec()).collect()
}

fn shown(batches: &[RecordBatch]) -> String {
    arrow_cast::pretty::pretty_format_batches(batches).unwrap().to_string()
}

fn pipes(hub: &Arc<Hub>, rows_max: usize) -> Pipes {
    Pipes::new(hub.clone(), Limits { rows_max, ..Limits::default() })
}

#[test]
fn an_admin_sees_data_sources_and_endpoints_as_tables() {
    let hub = hub();
    let (pipes, admin) = (pipes(&hub, 4), caller(&hub, &[]));
    assert_eq!((pipes.key(), keys(&pipes, &admin, "")), (KEY, vec![DEFAULT_NAME.to_owned()]));
    assert_eq!(keys(&pipes, &admin, DEFAULT_NAME), ["datasources", "pipes", "service"]);
    assert_eq!(keys(&pipes, &admin, &format!("{DEFAULT_NAME}/datasources")), ["daily", "events"]);
    assert_eq!(keys(&pipes, &admin, &format!("{DEFAULT_NAME}/pipes")), ["strict", "top"]);
    assert!(find(&pipes, &admin, &format!("{DEFAULT_NAME}/pipes/helper")).is_none());
    assert!(find(&pipes, &admin, "elsewhere").is_none());

    let empty = table(&pipes, &admin, "datasources/events");
    assert_eq!((empty.partitions(), empty.read(0, &[0]).unwrap().len()), (1, 0));
    insert(&hub, 0, 10);
    let events = table(&pipes, &admin, "datasources/events");
    assert_eq!(events.partitions(), 3);
    insert(&hub, 10, 12);
    // What was found is read: rows that come later belong to who asks later.
    assert_eq!(ints(events.as_ref(), "n"), (0..10).collect::<Vec<_>>());
    assert_eq!(table(&pipes, &admin, "datasources/events").partitions(), 3);
    let first = events.read(0, &[1, 2, 3, 4, 5]).unwrap();
    assert!(
        shown(&first).contains(
            "| ada | 00000000-0000-0000-0000-000000000000 | [t0] | 2026-01-01T00:00:00 | 10.0.0.1 |"
        ),
        "{}",
        shown(&first)
    );
    assert_eq!(first[0].schema().fields().as_ref(), &events.schema().fields()[1..]);

    // Views' targets are told merged, and states as what they stand for.
    let daily = table(&pipes, &admin, "datasources/daily");
    let all: Vec<usize> = (0..daily.schema().fields().len()).collect();
    let rows: Vec<RecordBatch> = (0..daily.partitions()).flat_map(|p| daily.read(p, &all).unwrap()).collect();
    let rows = arrow_cast::pretty::pretty_format_batches(&rows).unwrap().to_string();
    assert!(rows.contains("| ada | 6   | 6    |") && rows.contains("| bob | 6   | 6    |"), "{rows}");

    let top = table(&pipes, &admin, "pipes/top");
    let hits = top.read(0, &[1]).unwrap();
    assert_eq!(hits[0].column(0).as_primitive::<UInt64Type>().values().to_vec(), [6, 6]);
    let path: Vec<String> = [DEFAULT_NAME, "pipes", "strict"].map(str::to_owned).to_vec();
    let refused = pipes.find(&admin, &path).err().unwrap().detail();
    assert!(refused.contains("/v0/pipes/strict.json"), "{refused}");
}

#[test]
fn a_token_sees_what_it_may_read_and_no_more() {
    let hub = hub();
    insert(&hub, 0, 10);
    let pipes = pipes(&hub, 4);
    let filtered = caller(&hub, &["DATASOURCES:READ:events:who = 'bob'", "PIPES:READ:top"]);
    assert_eq!(keys(&pipes, &filtered, &format!("{DEFAULT_NAME}/datasources")), ["events"]);
    assert_eq!(keys(&pipes, &filtered, &format!("{DEFAULT_NAME}/pipes")), ["top"]);
    let events = table(&pipes, &filtered, "datasources/events");
    assert_eq!(
        (ints(events.as_ref(), "n"), events.partitions(), events.rows(1)),
        (vec![1, 3, 5, 7, 9], 2, Some(1))
    );
    let found = find(&pipes, &filtered, &format!("{DEFAULT_NAME}/datasources/events")).unwrap();
    assert!(found.metadata.get("rows_stored").is_none() && found.metadata["tags"][0] == "web");
    let top = shown(&table(&pipes, &filtered, "pipes/top").read(0, &[0, 1]).unwrap());
    assert!(top.contains("| bob | 5    |") && !top.contains("ada"), "{top}");

    assert!(find(&pipes, &filtered, &format!("{DEFAULT_NAME}/datasources/daily")).is_none());
    let user = Principal::Token(hub.authenticate(&Credentials::Bearer(hub.user_token().into())).unwrap());
    for stranger in [Principal::Anonymous, user] {
        assert!(find(&pipes, &stranger, &format!("{DEFAULT_NAME}/datasources/events")).is_none());
    }
    let other = hub.create("other").unwrap();
    let other = hub.admin_token(&other.workspace.id).unwrap();
    let other = Principal::Token(hub.authenticate(&Credentials::ApiKey(other)).unwrap());
    assert_eq!(keys(&pipes, &other, ""), ["other"]);
    assert!(find(&pipes, &other, DEFAULT_NAME).is_none());
}

#[test]
fn service_data_sources_are_tables_for_who_may_read_them() {
    let hub = hub();
    let recorder = &tenant(&hub).recorder;
    for (name, status_code) in [("top", 200), ("top", 400), ("other", 200), ("top", 200), ("top", 200)] {
        let row = crate::observe::Asked {
            pipe_id: name.to_owned(),
            pipe_name: name.to_owned(),
            start_datetime: 1_699_999_000,
            status_code,
            error: u8::from(status_code >= 400),
            ..Default::default()
        };
        recorder.asked(&row);
    }
    let (pipes, admin) = (pipes(&hub, 2), caller(&hub, &[]));
    let all = keys(&pipes, &admin, &format!("{DEFAULT_NAME}/service"));
    assert!(all.is_sorted() && all.iter().any(|name| name == "pipe_stats") && all.len() > 15, "{all:?}");
    for name in &all {
        let table = table(&pipes, &admin, &format!("service/{name}"));
        let columns: Vec<usize> = (0..table.schema().fields().len()).collect();
        assert!(table.read(0, &columns).is_ok(), "{name}");
    }
    let requests = find(&pipes, &admin, &format!("{DEFAULT_NAME}/service/pipe_stats_rt")).unwrap();
    assert_eq!(requests.metadata["rows_stored"], 5);
    assert_eq!(requests.metadata["columns"]["pipe_name"], "String");
    let names = |caller: &Principal, name: &str| -> Vec<String> {
        let table = table(&pipes, caller, &format!("service/{name}"));
        let at = table.schema().index_of("pipe_name").unwrap();
        let batches = (0..table.partitions()).flat_map(|p| table.read(p, &[at]).unwrap());
        let texts = batches.flat_map(|b| {
            let column = b.column(0).as_string::<i32>().clone();
            column.iter().map(|text| text.unwrap().to_owned()).collect::<Vec<_>>()
        });
        let mut out: Vec<String> = texts.collect();
        out.sort();
        out
    };
    assert_eq!(table(&pipes, &admin, "service/pipe_stats_rt").partitions(), 3);
    assert_eq!(names(&admin, "pipe_stats_rt"), ["other", "top", "top", "top", "top"]);
    assert_eq!(names(&admin, "pipe_stats"), ["other", "top"]);

    let few = caller(
        &hub,
        &[
            "DATASOURCES:READ:tinybird.pipe_stats_rt:pipe_name = 'top'",
            "DATASOURCES:READ:tinybird.pipe_stats",
        ],
    );
    assert_eq!(keys(&pipes, &few, &format!("{DEFAULT_NAME}/service")), ["pipe_stats", "pipe_stats_rt"]);
    assert_eq!(names(&few, "pipe_stats_rt"), ["top"; 4]);
    let filtered = find(&pipes, &few, &format!("{DEFAULT_NAME}/service/pipe_stats_rt")).unwrap();
    assert!(filtered.metadata.get("rows_stored").is_none());
    let daily = caller(&hub, &["DATASOURCES:READ:tinybird.pipe_stats:pipe_name != 'top'"]);
    assert_eq!(names(&daily, "pipe_stats"), ["other"]);
    let stranger = caller(&hub, &["DATASOURCES:READ:events"]);
    assert!(keys(&pipes, &stranger, &format!("{DEFAULT_NAME}/service")).is_empty());
    for name in ["pipe_stats_rt", "pipe_stats", "llm_usage", "nothing"] {
        assert!(find(&pipes, &stranger, &format!("{DEFAULT_NAME}/service/{name}")).is_none(), "{name}");
    }
    assert!(find(&pipes, &admin, &format!("{DEFAULT_NAME}/service/nothing")).is_none());
}
