//! Followers over a table and a store in memory.

pub(crate) use super::test_tables::Rows;
use super::{Ask, Files, Hub, Limits, Made, Problem, Served};
use crate::value::Value;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tile_base::feed::{Feed, FeedQuery, Feeds, Position, Reading};
use tile_base::tiles::{KeyTiles, TileChange, TileEntry, TileStore};
use tile_base::{Clock, Error, Kind, Result};

pub(crate) const HOUR: i64 = 3_600_000;
/// A midnight.
pub(crate) const DAY: i64 = 1_700_006_400_000;

pub(crate) type Row = (Option<&'static str>, &'static str, Option<i64>);

/// A table of customers, flavours and times.
#[derive(Default)]
pub(crate) struct Table {
    rows: Mutex<(u64, Vec<Row>)>,
    is_gone: Mutex<bool>,
    wakes: Mutex<Vec<Arc<dyn Fn() + Send + Sync>>>,
    read: AtomicUsize,
}

impl Table {
    pub(crate) fn add(&self, rows: &[Row]) {
        self.rows.lock().1.extend(rows);
        self.woken();
    }
    pub(crate) fn replace(&self, rows: &[Row]) {
        let mut held = self.rows.lock();
        *held = (held.0 + 1, rows.to_vec());
        drop(held);
        self.woken();
    }
    fn woken(&self) {
        self.wakes.lock().iter().for_each(|wake| wake());
    }
}

fn schema() -> SchemaRef {
    let field = |name, ty| Field::new(name, ty, true);
    Arc::new(Schema::new(vec![
        field("customer", DataType::Utf8),
        field("flavour", DataType::Utf8),
        field("at", DataType::Int64),
    ]))
}

struct Followed(Arc<Table>);

impl Feed for Followed {
    fn schema(&self) -> Result<SchemaRef> {
        Ok(schema())
    }
    fn read(&self, query: &FeedQuery, after: Option<&Position>) -> Result<Reading> {
        let (generation, rows) = self.0.rows.lock().clone();
        let generation = generation.to_string();
        let after = after.filter(|p| p.generation == generation);
        let from = after.map_or(0, |p| usize::try_from(p.rows).unwrap());
        let new = &rows[from..];
        self.0.read.fetch_add(new.len(), Ordering::Relaxed);
        let column = |sql: &str| -> ArrayRef {
            match sql.split('"').nth(1).unwrap() {
                "customer" => Arc::new(new.iter().map(|r| r.0).collect::<StringArray>()),
                "flavour" => Arc::new(new.iter().map(|r| Some(r.1)).collect::<StringArray>()),
                _ => Arc::new(new.iter().map(|r| r.2).collect::<Int64Array>()),
            }
        };
        let columns = query.columns.iter().map(|(name, sql)| (name.as_str(), column(sql), true));
        let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
        let count = u64::try_from(rows.len()).unwrap();
        Ok(Reading {
            position: Position { generation, rows: count, next: count },
            is_anew: after.is_none(),
            rows: u64::try_from(new.len()).unwrap(),
            batches: Box::new(std::iter::once(Ok(batch))),
        })
    }
    fn watch(&self, wake: Arc<dyn Fn() + Send + Sync>) -> Box<dyn Send + Sync> {
        self.0.wakes.lock().push(wake);
        Box::new(())
    }
}

struct Tables(Arc<Table>, Arc<Mutex<BTreeMap<String, Rows>>>);

impl Feeds for Tables {
    fn open(&self, name: &str) -> Result<Arc<dyn Feed>> {
        if name == "shop.ice_creams" && !*self.0.is_gone.lock() {
            return Ok(Arc::new(Followed(self.0.clone())));
        }
        if let Some(rows) = self.1.lock().get(name) {
            return Ok(Arc::new(rows.clone()));
        }
        Err(Error::not_found(format!("no data source is called `{name}`")))
    }
}

type Kept = (BTreeMap<(Vec<u8>, i64, i64), TileEntry>, Vec<u8>);

#[derive(Default)]
pub(crate) struct Store {
    groups: Mutex<BTreeMap<String, Kept>>,
    /// The disk stands still.
    is_still: AtomicBool,
    is_full: AtomicBool,
}

impl TileStore for Store {
    fn read(&self, group: &str, keys: &[&[u8]]) -> Result<Vec<Vec<TileEntry>>> {
        let all = self.groups.lock();
        let of = |key: &[u8]| {
            let kept = all.get(group).into_iter().flat_map(|(tiles, _)| tiles);
            kept.filter(|((k, ..), _)| k == key).map(|(_, e)| e.clone()).collect()
        };
        Ok(keys.iter().map(|key| of(key)).collect())
    }
    fn scan(&self, group: &str, after: Option<&[u8]>, keys_max: usize) -> Result<Vec<KeyTiles>> {
        let all = self.groups.lock();
        let mut out: Vec<KeyTiles> = Vec::new();
        for ((key, ..), entry) in all.get(group).into_iter().flat_map(|(tiles, _)| tiles) {
            if after.is_some_and(|after| key.as_slice() <= after) {
                continue;
            }
            let count = out.len();
            match out.last_mut() {
                Some((last, entries)) if last == key => entries.push(entry.clone()),
                _ if count == keys_max => break,
                _ => out.push((key.clone(), vec![entry.clone()])),
            }
        }
        Ok(out)
    }
    fn commit(&self, group: &str, changes: &[TileChange], offset: &[u8]) -> Result<()> {
        while self.is_still.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(1));
        }
        if self.is_full.load(Ordering::Relaxed) {
            return Err(Error::new(Kind::Busy, "the disk is full"));
        }
        let mut all = self.groups.lock();
        let (tiles, kept) = all.entry(group.to_owned()).or_default();
        for change in changes {
            match change {
                TileChange::Put { key, entry } => {
                    tiles.insert((key.clone(), entry.size, entry.start), entry.clone());
                }
                TileChange::Remove { key, size, start } => {
                    tiles.remove(&(key.clone(), *size, *start));
                }
            }
        }
        *kept = offset.to_vec();
        Ok(())
    }
    fn offset(&self, group: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.groups.lock().get(group).map(|(_, offset)| offset.clone()))
    }
    fn forget(&self, group: &str) -> Result<()> {
        self.groups.lock().remove(group);
        Ok(())
    }
    fn groups(&self) -> Result<Vec<String>> {
        Ok(self.groups.lock().keys().cloned().collect())
    }
}

pub(crate) struct Now(AtomicI64);

impl Clock for Now {
    fn now_us(&self) -> i64 {
        self.0.load(Ordering::Relaxed) * 1_000
    }
}

/// What stays when a hub ends.
#[derive(Clone)]
pub(crate) struct House {
    pub(crate) table: Arc<Table>,
    others: Arc<Mutex<BTreeMap<String, Rows>>>,
    store: Arc<Store>,
    now: Arc<Now>,
    told: Arc<Mutex<Vec<Problem>>>,
}

impl House {
    pub(crate) fn new() -> Self {
        let now = Arc::new(Now(AtomicI64::new(DAY + 12 * HOUR)));
        let (table, others, store) = (Arc::default(), Arc::default(), Arc::default());
        Self { table, others, store, now, told: Arc::default() }
    }
    /// Another table.
    pub(crate) fn rows(&self, name: &str, columns: &[&str]) -> Rows {
        let rows = Rows::new(columns);
        self.others.lock().insert(name.to_owned(), rows.clone());
        rows
    }
    pub(crate) fn wait(&self, ms: i64) {
        self.now.0.fetch_add(ms, Ordering::Relaxed);
    }
    /// The groups whose tiles are stored.
    pub(crate) fn kept(&self) -> Vec<String> {
        self.store.groups().unwrap()
    }
    pub(crate) fn told(&self) -> Vec<Problem> {
        self.told.lock().clone()
    }
    pub(crate) fn hub(&self, limits: Limits) -> Hub {
        let told = self.told.clone();
        Hub::new(Made {
            feeds: Arc::new(Tables(self.table.clone(), self.others.clone())),
            store: self.store.clone(),
            clock: self.now.clone(),
            limits,
            seed: 7,
            tell: Box::new(move |problem| told.lock().push(problem.clone())),
        })
    }
}

pub(crate) fn quick() -> Limits {
    Limits { commit_every: Duration::from_millis(20), ..Limits::default() }
}

/// A definition as `chronon-ai` compiles it.
pub(crate) fn compiled(name: &str, selects: &str, aggregations: &str, more: &str) -> String {
    format!(
        r#"{{"metaData":{{"name":"{name}","online":1}},"sources":[{{"events":{{"table":"shop.ice_creams","topic":"t",
        "query":{{"selects":{selects},"timeColumn":"at","setups":[]}}}}}}],"keyColumns":["customer"],
        "aggregations":[{aggregations}],"accuracy":0{more}}}"#
    )
}

pub(crate) const SELECTS: &str = r#"{"customer":"customer","flavour":"flavour"}"#;
pub(crate) const COUNT: &str =
    r#"{"inputColumn":"customer","operation":6,"argMap":{},"windows":[{"length":6,"timeUnit":0}]}"#;
pub(crate) const LAST: &str =
    r#"{"inputColumn":"flavour","operation":3,"argMap":{},"windows":[{"length":6,"timeUnit":0}]}"#;

pub(crate) fn files(list: &[(&str, String)]) -> Files {
    list.iter().map(|(path, text)| ((*path).to_owned(), text.clone())).collect()
}

pub(crate) fn served(hub: &Hub, name: &str) -> Arc<Served> {
    hub.defined().groups[name].served.clone()
}

/// What a GroupBy gives of one customer.
async fn of(hub: &Hub, name: &str, customer: &str, at: Option<i64>) -> Result<Vec<Value>> {
    let served = served(hub, name);
    let running = served.running()?;
    let key = crate::key::of_values(&[Value::Text(customer.into())], &running.bound.key_types)?;
    let answers =
        hub.fetch(Ask { served, running, keys: Arc::new(vec![(key, at)]), rows: None }, hub.now_ms()).await?;
    Ok(answers[0].values.clone())
}

pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < Duration::from_secs(20), "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) async fn becomes(hub: &Hub, name: &str, customer: &str, wanted: &[Value]) {
    becomes_at(hub, name, customer, None, wanted).await;
}

pub(crate) async fn becomes_at(hub: &Hub, name: &str, customer: &str, at: Option<i64>, wanted: &[Value]) {
    let last = Mutex::new(None);
    let is_so = async || {
        let found = of(hub, name, customer, at).await;
        let is_it = found.as_ref().is_ok_and(|found| found == wanted);
        *last.lock() = Some(found);
        is_it
    };
    let started = Instant::now();
    while !is_so().await {
        let last = last.lock().take();
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{name} of {customer} at {at:?} is not {wanted:?} but {last:?}"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn pair(count: i64, last: &str) -> [Value; 2] {
    [Value::Int(count), Value::Text(last.into())]
}

const NOTHING: [Value; 2] = [Value::Null, Value::Null];
pub(crate) const MORNING: &[Row] = &[
    (Some("Alice"), "chocolate", Some(DAY + 8 * HOUR)),
    (Some("Alice"), "vanilla", Some(DAY + 9 * HOUR)),
    (None, "lost", Some(DAY + 9 * HOUR)),
    (Some("Alice"), "timeless", None),
    (Some("Bob"), "lemon", Some(DAY + 9 * HOUR)),
];

#[tokio::test(flavor = "multi_thread")]
async fn events_become_features_and_removed_ones_go() {
    let house = House::new();
    house.table.add(MORNING);
    let hub = house.hub(quick());
    let text = compiled("shop.cream.v1", SELECTS, &format!("{COUNT},{LAST}"), "");
    assert!(hub.define(&files(&[("features/a", text)])).unwrap().is_empty());
    becomes(&hub, "shop.cream.v1", "Alice", &pair(2, "vanilla")).await;
    let status = served(&hub, "shop.cream.v1").status();
    assert_eq!((status.counts.rows, status.counts.keyless, status.counts.timeless), (5, 1, 1));
    house.table.add(&[(Some("Alice"), "lemon", Some(DAY + 10 * HOUR))]);
    becomes(&hub, "shop.cream.v1", "Alice", &pair(3, "lemon")).await;
    assert_eq!(of(&hub, "shop.cream.v1", "Nobody", None).await.unwrap(), NOTHING);
    // The past is told by the rows.
    let past = of(&hub, "shop.cream.v1", "Alice", Some(DAY + 9 * HOUR)).await.unwrap();
    assert_eq!(past, pair(1, "chocolate"));
    house.table.replace(&[(Some("Alice"), "mint", Some(DAY + 11 * HOUR))]);
    becomes(&hub, "shop.cream.v1", "Alice", &pair(1, "mint")).await;
    assert_eq!(of(&hub, "shop.cream.v1", "Bob", None).await.unwrap(), NOTHING);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_only_new_rows_are_read() {
    let house = House::new();
    house.table.add(MORNING);
    let text = compiled("shop.cream.v1", SELECTS, &format!("{COUNT},{LAST}"), "");
    let files = files(&[("features/a", text)]);
    let hub = house.hub(quick());
    hub.define(&files).unwrap();
    becomes(&hub, "shop.cream.v1", "Alice", &pair(2, "vanilla")).await;
    hub.stop().await;
    let before = house.table.read.load(Ordering::Relaxed);
    house.table.add(&[(Some("Alice"), "lemon", Some(DAY + 10 * HOUR))]);
    let hub = house.hub(quick());
    hub.define(&files).unwrap();
    becomes(&hub, "shop.cream.v1", "Alice", &pair(3, "lemon")).await;
    assert_eq!(of(&hub, "shop.cream.v1", "Bob", None).await.unwrap(), pair(1, "lemon"));
    assert_eq!(house.table.read.load(Ordering::Relaxed) - before, 1);
    hub.stop().await;
    // Nothing is new, and what tiles do not reach any more is told by the rows.
    house.now.0.fetch_add(30 * 24 * HOUR, Ordering::Relaxed);
    let hub = house.hub(quick());
    hub.define(&files).unwrap();
    becomes(&hub, "shop.cream.v1", "Alice", &NOTHING).await;
    let past = of(&hub, "shop.cream.v1", "Alice", Some(DAY + 11 * HOUR)).await.unwrap();
    assert_eq!(past, pair(3, "lemon"));
    hub.stop().await;
    house.now.0.fetch_sub(30 * 24 * HOUR, Ordering::Relaxed);
    // Rows that were removed while nobody looked.
    house.table.replace(&MORNING[..1]);
    let hub = house.hub(quick());
    hub.define(&files).unwrap();
    becomes(&hub, "shop.cream.v1", "Alice", &pair(1, "chocolate")).await;
    assert_eq!(of(&hub, "shop.cream.v1", "Bob", None).await.unwrap(), NOTHING);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn features_do_not_wait_for_the_disk() {
    const NAME: &str = "shop.cream.v1";
    let house = House::new();
    house.table.add(MORNING);
    let files = files(&[("features/a", compiled(NAME, SELECTS, &format!("{COUNT},{LAST}"), ""))]);
    let hub = house.hub(quick());
    hub.define(&files).unwrap();
    becomes(&hub, NAME, "Alice", &pair(2, "vanilla")).await;
    let is_written = async || house.store.groups.lock().values().any(|(tiles, _)| !tiles.is_empty());
    until("nothing is written", is_written).await;
    house.store.is_still.store(true, Ordering::Relaxed);
    for (hour, count, flavour) in [(9, 3, "lemon"), (10, 4, "mint"), (11, 5, "cherry")] {
        house.table.add(&[(Some("Alice"), flavour, Some(DAY + hour * HOUR + 1))]);
        // Some ticks later.
        tokio::time::sleep(Duration::from_millis(50)).await;
        becomes(&hub, NAME, "Alice", &pair(count, flavour)).await;
    }
    house.store.is_full.store(true, Ordering::Relaxed);
    house.store.is_still.store(false, Ordering::Relaxed);
    until("the disk's failure is not told", async || !house.told.lock().is_empty()).await;
    assert!(served(&hub, NAME).status().error.is_some_and(|(_, what)| what == "the disk is full"));
    house.table.add(&[(Some("Alice"), "plum", Some(DAY + 11 * HOUR + 2))]);
    becomes(&hub, NAME, "Alice", &pair(6, "plum")).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(house.told.lock().len(), 1, "told once");
    house.store.is_full.store(false, Ordering::Relaxed);
    until("the error stays", async || served(&hub, NAME).status().error.is_none()).await;
    hub.stop().await;
    // What was not written when it failed was written then.
    let before = house.table.read.load(Ordering::Relaxed);
    let hub = house.hub(quick());
    hub.define(&files).unwrap();
    becomes(&hub, NAME, "Alice", &pair(6, "plum")).await;
    assert_eq!(house.table.read.load(Ordering::Relaxed), before);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_come_change_and_go() {
    let house = House::new();
    house.table.add(MORNING);
    let hub = house.hub(quick());
    let one = compiled("shop.cream.v1", SELECTS, COUNT, "");
    let wrong = compiled("shop.wrong.v1", r#"{"customer":"custmer"}"#, COUNT, "");
    let problems = hub.define(&files(&[
        ("features/a", one.clone()),
        ("features/b", wrong),
        ("features/c.py", "x".into()),
    ]));
    assert!(problems.unwrap().is_empty());
    becomes(&hub, "shop.cream.v1", "Alice", &[Value::Int(2)]).await;
    until("the wrong one is not told", async || !house.told.lock().is_empty()).await;
    let told = house.told.lock()[0].clone();
    assert!(told.at.contains("features/b") && told.what.contains("custmer"), "{told}");
    let refused = served(&hub, "shop.wrong.v1").running().err().unwrap();
    assert_eq!(refused.kind, Kind::Invalid);
    // Another version: the old one is served until it is ready. What cannot be read leaves what was.
    let two = compiled("shop.cream.v1", SELECTS, &format!("{COUNT},{LAST}"), "");
    let broken = hub.define(&files(&[("features/a", "{ no".into())])).unwrap();
    assert_eq!((broken.len(), broken[0].at.as_str()), (1, "features/a"));
    assert_eq!(of(&hub, "shop.cream.v1", "Alice", None).await.unwrap(), [Value::Int(2)]);
    hub.define(&files(&[("features/a", two)])).unwrap();
    assert!(of(&hub, "shop.cream.v1", "Alice", None).await.is_ok());
    becomes(&hub, "shop.cream.v1", "Alice", &pair(2, "vanilla")).await;
    until("one version is kept", async || house.store.groups().unwrap().len() == 1).await;
    // Gone, and back at once.
    hub.define(&Files::new()).unwrap();
    assert!(hub.defined().groups.is_empty());
    hub.define(&files(&[("features/a", one)])).unwrap();
    becomes(&hub, "shop.cream.v1", "Alice", &[Value::Int(2)]).await;
    hub.define(&Files::new()).unwrap();
    until("tiles of nothing stay", async || house.store.groups().unwrap().is_empty()).await;
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_wrong_definition_of_a_file_stops_no_other() {
    let house = House::new();
    house.table.add(MORNING);
    let hub = house.hub(quick());
    let group = |name: &str, op: &str| {
        format!(
            "  {name}: {{source: shop.ice_creams, keys: customer, time: at, aggregations: {{op: {op}, input: flavour}}}}\n"
        )
    };
    let file = |bad: &str| {
        let join = "joins:\n  of_bad: {left: {source: l, time: t}, parts: [bad]}\n";
        files(&[(
            "features/g.yaml",
            format!("group_bys:\n{}{}{join}", group("fine", "count"), group("bad", bad)),
        )])
    };
    let problems = hub.define(&file("coun")).unwrap();
    let told: Vec<String> = problems.iter().map(Problem::to_string).collect();
    assert_eq!(
        told,
        [
            "error: features/g.yaml:3: no operation is called `coun`. Did you mean `COUNT`?",
            "error: features/g.yaml:5: `bad` cannot be used: no operation is called `coun` (at features/g.yaml:3)",
        ]
    );
    becomes(&hub, "fine", "Alice", &[Value::Int(2)]).await;
    let defined = hub.defined();
    assert!(defined.groups.len() == 1 && defined.joins.is_empty());
    // What it was when it was right is served on, whether it cannot be read or cannot be used.
    assert!(hub.define(&file("last")).unwrap().is_empty());
    becomes(&hub, "bad", "Alice", &[Value::Text("vanilla".into())]).await;
    for wrong in ["coun", "top_k"] {
        assert_eq!(hub.define(&file(wrong)).unwrap().len(), 2);
        let defined = hub.defined();
        assert_eq!((defined.groups.len(), defined.joins.len(), defined.failed.len()), (2, 1, 2));
        assert_eq!(of(&hub, "bad", "Bob", None).await.unwrap(), [Value::Text("lemon".into())]);
    }
    // What is gone from the file is gone.
    hub.define(&files(&[("features/g.yaml", format!("group_bys:\n{}", group("fine", "count")))])).unwrap();
    assert_eq!(hub.defined().groups.len(), 1);
    hub.stop().await;
}

const MISFITS: &str = "\
group_bys:
  keyed: {source: shop.ice_creams, time: at, aggregations: {op: count, input: flavour},
    keys: [custmer]}
  of_input:
    source: shop.ice_creams
    time: at
    selects: {large: flavour}
    keys: customer
    aggregations:
      - {op: count, input: large}
      - {op: last, input: flavor}
  bucketed:
    source: shop.ice_creams
    time: at
    keys: customer
    aggregations:
      - op: count
        input: flavour
        buckets:
          - flavour
          - flavuor
  text:
    source: shop.ice_creams
    time: at
    keys: customer
    aggregations:
      - {op: count, input: flavour}
      - {op: sum, input: flavour}
  by_number:
    source: shop.ice_creams
    time: at
    keys: customer
    aggregations:
      - {op: count, input: flavour, buckets: at}
  conditional:
    source: shop.ice_creams
    time: at
    where:
      - flavour = 'mint'
      - flavour
    keys: customer
    aggregations: {op: count, input: flavour}
  timed:
    source: shop.ice_creams
    keys: customer
    time: flavour
    aggregations: {op: count, input: flavour}
  derived:
    source: shop.ice_creams
    keys: customer
    time: at
    aggregations: {op: count, input: flavour}
    derivations:
      twice: flavour_count * 2
      large: CASE WHEN flavour_count THEN 1 END
";

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_the_columns_is_told_with_its_line() {
    let house = House::new();
    let hub = house.hub(quick());
    assert!(hub.define(&files(&[("f.yaml", MISFITS.to_owned())])).unwrap().is_empty());
    until("not all is told", async || house.told.lock().len() == 8).await;
    let mut told: Vec<String> = house.told().iter().map(Problem::to_string).collect();
    told.sort_by_key(|text| text.split(':').nth(2).unwrap().parse::<u32>().unwrap());
    assert_eq!(
        told,
        [
            "error: f.yaml:3: no column is called `custmer`. Did you mean `customer`?",
            "error: f.yaml:11: no column is called `flavor`. Did you mean `flavour`?",
            "error: f.yaml:21: no column is called `flavuor`. Did you mean `flavour`?",
            "error: f.yaml:28: `sum of flavour`: SUM does not take a string",
            "error: f.yaml:34: `count of flavour`: the bucket `at` is a long, not a string",
            "error: f.yaml:40: a condition is true or false, not a string",
            "error: f.yaml:46: a time is a number of milliseconds or a timestamp, not a string",
            "error: f.yaml:55: expected a condition, found a long",
        ]
    );
    let refused = served(&hub, "of_input").running().err().unwrap();
    assert_eq!(
        refused.detail(),
        "`of_input` is not served: no column is called `flavor` (at f.yaml:11). Did you mean `flavour`?"
    );
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_told_and_others_go_on() {
    let house = House::new();
    house.table.add(MORNING);
    let hub = house.hub(Limits { tiles_bytes_max: 100, ..quick() });
    hub.define(&files(&[("features/a", compiled("shop.cream.v1", SELECTS, COUNT, ""))])).unwrap();
    until("the bound is told", async || !house.told.lock().is_empty()).await;
    let refused = of(&hub, "shop.cream.v1", "Alice", None).await.unwrap_err();
    assert_eq!(refused.kind, Kind::TooLarge);
    assert!(refused.what.contains("memory"), "{refused}");
    let read = house.table.read.load(Ordering::Relaxed);
    house.table.add(MORNING);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(house.table.read.load(Ordering::Relaxed), read, "it reads on without an end");
    hub.stop().await;
    // A table that goes takes its features along, and comes back with them.
    let hub = house.hub(quick());
    *house.table.is_gone.lock() = true;
    hub.define(&files(&[("features/a", compiled("shop.cream.v1", SELECTS, COUNT, ""))])).unwrap();
    until("it is not told", async || house.told.lock().len() == 2).await;
    assert_eq!(of(&hub, "shop.cream.v1", "Alice", None).await.unwrap_err().kind, Kind::NotFound);
    *house.table.is_gone.lock() = false;
    becomes(&hub, "shop.cream.v1", "Alice", &[Value::Int(4)]).await;
    hub.stop().await;
}
