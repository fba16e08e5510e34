//! Whatever the order of rows, of queries, of sweeps and of restarts: what a group answers is the value of all rows.

use super::*;
use crate::aggregates::{Args, Ir};
use crate::definition::Aggregation;
use crate::operation::Operation;
use crate::types::{Schema, Type};
use crate::window::{DAY_MS, FIVE_MINUTES_MS, MINUTE_MS, Window};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tile_base::tiles::{TileChange, TileEntry};

const START: i64 = 20_000 * DAY_MS;

/// `has_endless`: with columns without windows, which days have beside those of hours.
fn plan(windows: &[&str], has_endless: bool) -> Arc<Plan> {
    let windows: Vec<Window> = windows.iter().map(|w| Window::parse(w).unwrap()).collect();
    let aggregation = |operation, windows: &[Window]| Aggregation {
        input: "x".into(),
        operation,
        args: Args::default(),
        windows: windows.to_vec(),
        buckets: Vec::new(),
        is_element_wise: false,
    };
    let mut all: Vec<Aggregation> = [Operation::Count, Operation::Sum, Operation::Last]
        .into_iter()
        .map(|operation| aggregation(operation, &windows))
        .collect();
    // Those of other forms: some of one size, some of none.
    let few = windows.get(..2).unwrap_or(&windows);
    for operation in [Operation::Min, Operation::First, Operation::UniqueCount] {
        all.push(Aggregation { input: "y".into(), ..aggregation(operation, few) });
    }
    all.push(Aggregation { input: "z".into(), ..aggregation(Operation::Last, &windows) });
    if has_endless {
        all.push(Aggregation { input: "y".into(), ..aggregation(Operation::Sum, &[]) });
        all.push(Aggregation { input: "y".into(), ..aggregation(Operation::Last, &[]) });
    }
    let schema = Schema(vec![("x".into(), Type::Long), ("y".into(), Type::Long), ("z".into(), Type::Text)]);
    Arc::new(Plan::new(&all, &schema).unwrap())
}

/// Rows that were applied, to be asked one by one.
struct Rows<'a> {
    plan: &'a Plan,
    rows: Vec<(i64, i64, i64)>,
}

impl Rows<'_> {
    fn values(&self, key: i64, q: i64) -> Option<Vec<Value>> {
        let rows: Vec<(i64, i64)> = self.rows.iter().filter(|r| r.0 == key).map(|r| (r.1, r.2)).collect();
        let block = block(&rows);
        let value = |column: &crate::plan::Output| {
            let (slot, mut ir) = (&self.plan.slots[column.slot], Ir::Empty);
            let tail = column.window.map_or(i64::MIN, |w| w.tail(q));
            for row in (0..rows.len()).filter(|row| (tail..q).contains(&block.times[*row])) {
                slot.update(&mut ir, &block.columns, block.times[row], row);
            }
            slot.finalize(&ir)
        };
        Some(self.plan.columns.iter().map(value).collect())
    }
}

fn block(rows: &[(i64, i64)]) -> Block {
    let x: Vec<Value> =
        rows.iter().map(|r| if r.1 % 7 == 0 { Value::Null } else { Value::Int(r.1) }).collect();
    let y: Vec<Value> = rows.iter().map(|r| Value::Int(r.1 * 3)).collect();
    let column = |values: &[Value]| Column::of_values(&Type::Long, values);
    let z: Vec<Value> = rows.iter().map(|r| Value::Text(r.1.to_string().into())).collect();
    let columns = vec![column(&x), column(&y), Column::of_values(&Type::Text, &z)];
    Block { times: rows.iter().map(|r| r.0).collect(), columns }
}

fn key_of(key: i64) -> Vec<u8> {
    key::of_values(&[Value::Int(key)], &[Type::Long]).unwrap()
}

fn apply(group: &Group, rows: &[(i64, i64, i64)], now: i64) -> Applied {
    let keys: Vec<Value> = rows.iter().map(|r| Value::Int(r.0)).collect();
    let rows: Vec<(i64, i64)> = rows.iter().map(|r| (r.1, r.2)).collect();
    group.apply(&[Column::of_values(&Type::Int, &keys)], &block(&rows), now)
}

/// A store of one group in memory.
#[derive(Default)]
struct Stored(BTreeMap<Vec<u8>, BTreeMap<(i64, i64), TileEntry>>);

impl Stored {
    fn commit(&mut self, changes: Vec<TileChange>) {
        for change in changes {
            match change {
                TileChange::Put { key, entry } => {
                    self.0.entry(key).or_default().insert((entry.size, entry.start), entry);
                }
                TileChange::Remove { key, size, start } => {
                    self.0.entry(key).or_default().remove(&(size, start));
                }
            }
        }
    }

    fn all(&self) -> Vec<tile_base::tiles::KeyTiles> {
        self.0.iter().map(|(key, tiles)| (key.clone(), tiles.values().cloned().collect())).collect()
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// Rows of keys: how long before the present, and a value.
    Rows(Vec<(i64, i64, i64)>),
    /// Time goes by.
    Wait(i64),
    Sweep,
    /// What changed is stored, and read into a new group.
    Restart,
    /// The last commit fails.
    Fail,
    /// A query, so long after the present.
    Ask(i64, i64),
}

fn step() -> impl Strategy<Value = Step> {
    let ago = prop_oneof![
        4 => 0i64..20 * MINUTE_MS,
        2 => 0i64..HOUR_MS * 30,
        1 => 0i64..40 * DAY_MS,
        1 => -30 * MINUTE_MS..0i64,
        2 => (0i64..600).prop_map(|n| n * FIVE_MINUTES_MS),
    ];
    let ahead = prop_oneof![
        5 => Just(0i64), 3 => 1i64..HOUR_MS, 1 => 0i64..10 * DAY_MS, 2 => -50 * MINUTE_MS..0i64, 1 => -20 * DAY_MS..0i64,
    ];
    prop_oneof![
        6 => prop::collection::vec((0i64..3, ago, 0i64..1_000), 1..20).prop_map(Step::Rows),
        3 => prop_oneof![0i64..HOUR_MS, 0i64..3 * DAY_MS, (0i64..100).prop_map(|n| n * FIVE_MINUTES_MS)].prop_map(Step::Wait),
        1 => Just(Step::Sweep),
        1 => Just(Step::Restart),
        1 => Just(Step::Fail),
        6 => (0i64..4, ahead).prop_map(|(key, ahead)| Step::Ask(key, ahead)),
    ]
}

/// Takes the steps; how many queries were answered from tiles.
fn run(windows: &[&str], sizes: &[i64], steps: &[Step]) -> usize {
    run_of(&plan(windows, true), sizes, steps)
}

fn run_of(plan: &Arc<Plan>, sizes: &[i64], steps: &[Step]) -> usize {
    let options = || Options { sizes: sizes.to_vec(), future_max: 4, ..Options::default() };
    let mut group = Group::new(Arc::clone(plan), options()).unwrap();
    let (mut rows, mut stored) = (Rows { plan, rows: Vec::new() }, Stored::default());
    let (mut now, mut answered) = (START, 0);
    for step in steps {
        match step {
            Step::Rows(new) => {
                let new: Vec<(i64, i64, i64)> = new.iter().map(|(k, ago, v)| (*k, now - ago, *v)).collect();
                assert_eq!(apply(&group, &new, now).rows, new.len());
                rows.rows.extend(new);
            }
            Step::Wait(time) => now += time,
            Step::Sweep => group.sweep(now),
            Step::Restart => {
                stored.commit(group.changes());
                group = Group::new(Arc::clone(plan), options()).unwrap();
                group.restore(stored.all()).unwrap();
                group.sweep(now);
            }
            Step::Fail => {
                drop(group.changes());
                group.changes_failed();
            }
            Step::Ask(key, ahead) => {
                let q = now + ahead;
                answered += usize::from(check(&group, &rows, *key, q, now));
                let (q, fetched) = group.fetch_now(&key_of(*key), now);
                assert!(q == now || q == now + 1, "{q} at {now}");
                assert!(!matches!(fetched, Fetched::Past(Past::Newer { .. } | Past::Dropped { .. })));
                check(&group, &rows, *key, q, now);
            }
        }
    }
    answered
}

/// Each tile that a query may ask for holds all rows of its time: those of a day are counted where they are in hours.
fn check_tiles(group: &Group, rows: &Rows<'_>) {
    let Some(slot) = (0..rows.plan.slots.len())
        .find(|slot| rows.plan.columns.iter().any(|c| c.slot == *slot && c.name.starts_with("x_count")))
    else {
        return;
    };
    for key in 0..3 {
        let Some((part, at)) = group.place(&key_of(key)) else { continue };
        let shard = group.shards[part].read();
        let known = shard.known(&group.layout, at);
        for (level, of) in group.layout.levels.iter().enumerate() {
            let Some(place) = of.slots.iter().position(|s| *s == slot) else { continue };
            for (tiles, tile) in
                known.tiles(level).flat_map(|tiles| (0..tiles.len()).map(move |tile| (tiles, tile)))
            {
                let start = tiles.start(tile);
                if start < shard.bounds.floors[level] {
                    continue;
                }
                let within =
                    |row: &&(i64, i64, i64)| row.0 == key && (start..start + of.size).contains(&row.1);
                let wanted = rows.rows.iter().filter(within).filter(|row| row.2 % 7 != 0).count();
                let found =
                    if let Ir::Int(n) = *tiles.ir(tile, place) { usize::try_from(n).unwrap() } else { 0 };
                assert_eq!(found, wanted, "key {key}, a tile of {} from {start}", of.size);
            }
        }
    }
}

fn check(group: &Group, rows: &Rows<'_>, key: i64, q: i64, now: i64) -> bool {
    let wanted = rows.values(key, q).unwrap();
    match group.fetch(&key_of(key), q) {
        Fetched::Values(values) => {
            assert_eq!(values, wanted, "key {key} at {q}: {:?}", group.explain(&key_of(key), q));
            true
        }
        Fetched::Missing => {
            assert!(wanted.iter().all(Value::is_null), "key {key} at {q}");
            true
        }
        Fetched::Past(Past::Newer { newest: of }) => {
            assert!(of >= q && rows.rows.iter().any(|r| r.0 == key && r.1 == of));
            false
        }
        Fetched::Past(Past::Dropped { .. }) => {
            assert!(q < now - HOUR_MS, "{q} is dropped at {now}");
            false
        }
        Fetched::Past(Past::Full) => panic!("nothing here is large"),
        Fetched::Past(Past::Crowded { from }) => {
            assert!(from < q && rows.rows.iter().any(|r| r.0 == key && r.1 == from));
            false
        }
    }
}

/// Without rows ahead of their time, which are in no tile yet.
fn run_in_time(windows: &[&str], steps: &[Step]) {
    let plan = plan(windows, false);
    let group = Group::new(Arc::clone(&plan), Options::default()).unwrap();
    let (mut rows, mut now) = (Rows { plan: &plan, rows: Vec::new() }, START);
    for step in steps {
        match step {
            Step::Rows(new) => {
                for (key, ago, value) in new {
                    let row = (*key, now - ago.abs(), *value);
                    apply(&group, &[row], now);
                    rows.rows.push(row);
                }
                check_tiles(&group, &rows);
            }
            Step::Wait(time) => now += time,
            Step::Sweep => group.sweep(now),
            Step::Restart | Step::Fail | Step::Ask(..) => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn answers_are_those_of_all_rows(steps in prop::collection::vec(step(), 1..60)) {
        let windows = ["1h", "6h", "12h", "7d", "12d", "30d"];
        run(&windows, &[], &steps);
        run_of(&plan(&windows, false), &[], &steps);
    }

    #[test]
    fn tiles_hold_all_rows_of_their_time(steps in prop::collection::vec(step(), 1..40)) {
        run_in_time(&["1h", "6h", "12h", "7d", "12d", "30d"], &steps);
        run_in_time(&["6h", "2d", "12d"], &steps);
    }

    #[test]
    fn one_size_is_enough(steps in prop::collection::vec(step(), 1..40)) {
        run(&["1h", "6h"], &[FIVE_MINUTES_MS], &steps);
        run(&["13h"], &[MINUTE_MS, 30 * MINUTE_MS], &steps);
        run(&[], &[], &steps);
    }
}

#[test]
fn the_present_is_answered_from_tiles() {
    let steps: Vec<Step> = (0..200)
        .flat_map(|i| {
            [Step::Rows(vec![(i % 3, i * 1_000, i)]), Step::Wait(7 * MINUTE_MS), Step::Ask(i % 3, 0)]
        })
        .collect();
    assert_eq!(run(&["1h", "6h", "30d"], &[], &steps), 200);
}

/// What was beside tiles and is in them is not read back with the tiles.
#[test]
fn what_a_failed_commit_removed_goes_with_the_next() {
    let ahead = Step::Rows(vec![(0, -MINUTE_MS, 5)]);
    let steps = [
        ahead,
        Step::Restart,
        Step::Wait(2 * MINUTE_MS),
        Step::Sweep,
        Step::Fail,
        Step::Restart,
        Step::Ask(0, 0),
    ];
    assert_eq!(run(&["1h"], &[], &steps), 1);
}

/// After a pause the first rows of a day come so late that they go to hours alone; then one comes that goes to the newest tile.
#[test]
fn the_day_takes_what_goes_to_the_newest_tile() {
    let late = |hours: i64| (0, hours * HOUR_MS, 1);
    let steps = [
        Step::Rows(vec![(0, MINUTE_MS, 1)]),
        Step::Wait(22 * HOUR_MS),
        Step::Rows(vec![late(21), late(19), late(17), late(16)]),
        Step::Rows(vec![late(2)]),
        Step::Rows(vec![late(1), late(20), late(0)]),
    ];
    run_in_time(&["6h", "2d", "12d"], &steps);
}

/// A row that no window reaches makes room: the hour that is made then takes what comes late to the newest tile.
#[test]
fn an_hour_that_is_made_for_a_row_out_of_reach_takes_later_ones() {
    let mut steps = vec![Step::Wait(10 * HOUR_MS)];
    for _ in 0..12 {
        steps.extend([Step::Rows(vec![(0, 0, 1)]), Step::Wait(FIVE_MINUTES_MS)]);
    }
    // It is 11:00, and becomes 17:30.
    steps.push(Step::Wait(6 * HOUR_MS + 30 * MINUTE_MS));
    steps.push(Step::Rows(vec![(0, 40 * DAY_MS, 1)]));
    steps.push(Step::Rows(vec![(0, 6 * HOUR_MS + 33 * MINUTE_MS, 1)]));
    run_in_time(&["6h"], &steps);
}
