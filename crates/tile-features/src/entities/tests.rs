//! What rests in a store comes back, whatever happened to the commits before.

use super::*;
use crate::aggregates::Args;
use crate::definition::Aggregation;
use crate::operation::Operation;
use crate::types::Type;
use tile_base::Kind;
use tile_base::tiles::{KeyTiles, TileChange, TileEntry};

fn entities() -> Entities {
    let sum = Aggregation {
        input: "x".into(),
        operation: Operation::Sum,
        args: Args::default(),
        windows: vec![],
        buckets: vec![],
        is_element_wise: false,
    };
    let schema = Schema(vec![("x".into(), Type::Long)]);
    let plan = Arc::new(Plan::new(&[sum], &schema).unwrap());
    Entities::new(plan, schema, Rows::Windowed, 7)
}

/// A row of a key with an `x`, at 0; with when it changes and whether it goes.
fn apply(to: &Entities, key: i64, x: i64, change: Option<(i64, bool)>) {
    let column = |x: i64| Column::of_values(&Type::Long, &[Value::Int(x)]);
    let block = Block { times: vec![0], columns: vec![column(x)] };
    let (at, is_before) = change.unwrap_or_default();
    let changes = Changes { times: &[at], is_before: &[is_before] };
    to.apply(&[column(key)], &block, change.map(|_| &changes), 100);
}

fn sum(of: &Entities, key: i64, q: i64) -> Option<Value> {
    match of.fetch(&key::of_values(&[Value::Int(key)], &[Type::Long]).unwrap(), q) {
        Fetched::Values(values) => values.into_iter().next(),
        _ => None,
    }
}

fn stored(into: &mut BTreeMap<Vec<u8>, TileEntry>, changes: Vec<TileChange>) -> Vec<KeyTiles> {
    for change in changes {
        match change {
            TileChange::Put { key, entry } => drop(into.insert(key, entry)),
            TileChange::Remove { key, .. } => drop(into.remove(&key)),
        }
    }
    into.iter().map(|(key, entry)| (key.clone(), vec![entry.clone()])).collect()
}

#[test]
fn what_a_failed_commit_held_comes_with_the_next() {
    let (first, mut store) = (entities(), BTreeMap::new());
    apply(&first, 1, 5, None);
    apply(&first, 2, 7, None);
    stored(&mut store, first.changes());
    apply(&first, 1, 5, Some((50, true)));
    apply(&first, 2, 1, Some((300, false)));
    drop(first.changes());
    first.changes_failed();
    let all = stored(&mut store, first.changes());
    let second = entities();
    second.restore(all).unwrap();
    assert_eq!((second.keys_len(), second.bytes_len()), (1, first.bytes_len()));
    assert_eq!((sum(&second, 1, 200), sum(&second, 2, 200)), (None, Some(Value::Int(7))));
    // What is to come is there when its time has come.
    assert_eq!((sum(&second, 2, 300), sum(&second, 2, 301)), (Some(Value::Int(7)), Some(Value::Int(8))));
    second.sweep(300);
    assert_eq!(sum(&second, 2, 301), Some(Value::Int(8)));
    assert!(sum(&second, 2, 300).is_none(), "rows tell what was before the last change");
    assert!(second.changes().len() == 1 && second.changes().is_empty());
}

#[test]
fn damaged_bytes_are_refused() {
    let first = entities();
    apply(&first, 1, 5, None);
    apply(&first, 1, 6, Some((300, true)));
    let [TileChange::Put { key, entry }] = &first.changes()[..] else { panic!() };
    for length in 0..entry.bytes.len() {
        let bytes = entry.bytes[..length].to_vec();
        let cut = TileEntry { bytes, ..entry.clone() };
        let e = entities().restore(vec![(key.clone(), vec![cut])]).unwrap_err();
        assert_eq!(e.kind, Kind::Damaged, "{length}");
    }
    entities().restore(vec![(key.clone(), vec![entry.clone()])]).unwrap();
}

#[test]
fn a_snapshot_counts_when_its_day_is_over() {
    let days: std::collections::BTreeSet<i64> = [3, 5].into();
    let day = crate::window::DAY_MS;
    assert_eq!(Base::of(&days, 4 * day - 1), None);
    assert_eq!((Base::of(&days, 4 * day), Base::of(&days, 6 * day)), (Some(3), Some(5)));
    let base = Base { days: Some(days), day: Some(3) };
    assert!(base.check(5 * day).is_ok() && base.check(6 * day).is_err() && base.is_over(6 * day));
    assert_eq!((base.from(), base.holds_at(5 * day)), (4 * day, 4 * day));
}
