//! All methods against the plain fold of the events that a window holds.

use super::*;
use crate::aggregates::{Args, Ir};
use crate::definition::Aggregation;
use crate::operation::Operation;
use crate::types::{Schema, Type};
use crate::value::Value;
use proptest::prelude::*;

/// The value of a column by its definition.
fn naive(plan: &Plan, column: usize, events: &Events, key: u32, q: i64, tails: Tails) -> Value {
    let column = &plan.columns[column];
    let tail = column.window.map_or(i64::MIN, |w| w.tail_by(q, tails.hop(w)));
    let times = &events.block.times;
    let mut rows: Vec<usize> = (0..times.len())
        .filter(|row| key != NO_KEY && events.keys[*row] == key && (tail..q).contains(&times[*row]))
        .collect();
    rows.sort_by_key(|row| times[*row]);
    let (slot, mut ir) = (&plan.slots[column.slot], Ir::Empty);
    for row in rows {
        slot.update(&mut ir, &events.block.columns, times[row], row);
    }
    slot.finalize(&ir)
}

fn close(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Real(x), Value::Real(y)) if !x.is_finite() => x.to_bits() == y.to_bits(),
        (Value::Real(x), Value::Real(y)) => (x - y).abs() <= 1e-9 * x.abs().max(y.abs()).max(1.0),
        (Value::List(x), Value::List(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| close(x, y)),
        (Value::Map(x), Value::Map(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| x.0 == y.0 && close(&x.1, &y.1))
        }
        _ => a == b,
    }
}

fn schema() -> Schema {
    let columns =
        [("real", "double"), ("int", "long"), ("text", "string"), ("items", "list<int>"), ("by", "string")];
    Schema(columns.iter().map(|(name, ty)| ((*name).to_owned(), Type::parse(ty).unwrap())).collect())
}

/// All operations that there are over all columns that take them.
fn plan() -> Plan {
    let windows = ["1m", "1h", "6h", "12h", "2d", "13d"].map(|w| Window::parse(w).unwrap()).to_vec();
    let mut fit = Vec::new();
    for operation in Operation::ALL {
        for (input, _) in schema().0 {
            for (buckets, windows) in
                [(vec![], windows.clone()), (vec![], vec![]), (vec!["by".to_owned()], windows.clone())]
            {
                let args = Args { k: Some(3), percentiles: vec![0.5] };
                let aggregation = Aggregation {
                    input: input.clone(),
                    operation: *operation,
                    args,
                    windows,
                    buckets,
                    is_element_wise: false,
                };
                if Plan::new(std::slice::from_ref(&aggregation), &schema()).is_ok() {
                    fit.push(aggregation);
                }
            }
        }
    }
    Plan::new(&fit, &schema()).unwrap()
}

type Row = (u32, i64, Option<f64>, Option<i64>, Option<usize>, Option<Vec<Option<i64>>>, Option<usize>);

fn events(rows: &[Row]) -> Events {
    const TEXTS: [&str; 5] = ["a", "b", "é", "\u{FFFD}", "😀"];
    let text = |t: &Option<usize>| t.map_or(Value::Null, |t| Value::Text(TEXTS[t % 5].into()));
    let int = |x: &Option<i64>| x.map_or(Value::Null, Value::Int);
    let values: [Vec<Value>; 5] = [
        rows.iter().map(|r| r.2.map_or(Value::Null, Value::Real)).collect(),
        rows.iter().map(|r| int(&r.3)).collect(),
        rows.iter().map(|r| text(&r.4)).collect(),
        rows.iter()
            .map(|r| r.5.as_ref().map_or(Value::Null, |l| Value::List(l.iter().map(int).collect())))
            .collect(),
        rows.iter().map(|r| text(&r.6)).collect(),
    ];
    let columns = schema().0.iter().zip(&values).map(|((_, ty), v)| Column::of_values(ty, v)).collect();
    let keys = rows.iter().map(|r| if r.0 == 3 { NO_KEY } else { r.0 }).collect();
    Events { keys, block: Block { times: rows.iter().map(|r| r.1).collect(), columns } }
}

fn check(rows: &[Row], asked: &[(u32, i64)], tails: Tails) {
    let (plan, events) = (plan(), events(rows));
    let queries =
        Queries { keys: asked.iter().map(|a| a.0).collect(), times: asked.iter().map(|a| a.1).collect() };
    let columns = evaluate(&plan, &events, &queries, tails).unwrap();
    assert_eq!(columns.len(), plan.columns.len());
    for (at, column) in columns.iter().enumerate() {
        for (row, (key, q)) in asked.iter().enumerate() {
            let (got, wanted) = (column.cell(row).to_value(), naive(&plan, at, &events, *key, *q, tails));
            assert!(
                close(&got, &wanted),
                "{} of {key} at {q}: {got:?}, not {wanted:?}",
                plan.columns[at].name
            );
        }
    }
}

fn real() -> impl Strategy<Value = f64> {
    prop_oneof![
        20 => (-1e6..1e6_f64).prop_map(|x| (x * 8.0).round() / 8.0),
        1 => Just(0.0), 1 => Just(-0.0)
    ]
}

fn wild() -> impl Strategy<Value = f64> {
    prop_oneof![8 => real(), 1 => Just(f64::NAN), 1 => Just(f64::INFINITY), 1 => Just(1e300), 1 => Just(1e-300)]
}

fn time() -> impl Strategy<Value = i64> {
    const D: i64 = DAY_MS;
    prop_oneof![
        -D..20 * D,
        (0..400_i64).prop_map(|h| h * 3_600_000),
        (0..9_i64, -1..2_i64).prop_map(|(d, e)| d * D + e),
        Just(5 * D)
    ]
}

fn rows(reals: impl Strategy<Value = f64>, many: usize) -> impl Strategy<Value = Vec<Row>> {
    let maybe = proptest::option::weighted::<std::ops::Range<usize>>;
    let list = proptest::collection::vec(proptest::option::weighted(0.8, -3..9_i64), 0..3);
    let row = (
        0..4_u32,
        time(),
        proptest::option::weighted(0.9, reals),
        proptest::option::weighted(0.9, prop_oneof![9 => -5..40_i64, 1 => Just(i64::MAX)]),
        maybe(0.9, 0..5),
        proptest::option::weighted(0.9, list),
        maybe(0.9, 0..5),
    );
    proptest::collection::vec(row, 0..many)
}

fn asked() -> impl Strategy<Value = Vec<(u32, i64)>> {
    let key = prop_oneof![9 => 0..4_u32, 1 => Just(NO_KEY)];
    proptest::collection::vec((key, time()), 0..25)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn every_method_gives_what_the_plain_fold_gives(rows in rows(real(), 120), asked in asked()) {
        check(&rows, &asked, Tails::Exact);
        check(&rows, &asked, Tails::Daily);
    }

    #[test]
    fn values_that_are_no_numbers_stay_within_their_windows(rows in rows(wild(), 40), asked in asked()) {
        check(&rows, &asked, Tails::Exact);
    }
}

#[test]
fn many_keys_are_cut_into_chunks() {
    let row = |i: u32| -> Row {
        let x = i64::from(i);
        (i % 3, x * 977 % (9 * DAY_MS), Some(f64::from(i)), Some(x), Some(i as usize), None, None)
    };
    let rows: Vec<Row> = (0..90_000).map(row).collect();
    let asked: Vec<(u32, i64)> = (0..6).map(|i| (i % 4, i64::from(i) * DAY_MS + 7)).collect();
    check(&rows, &asked, Tails::Exact);
}

#[test]
fn sums_of_what_cancels_are_as_good_as_their_own() {
    let mut rows: Vec<Row> = vec![(0, 0, Some(1e15), None, None, None, None)];
    rows.extend((1..2000_i64).map(|i| (0, i * DAY_MS / 40, Some(0.1), None, None, None, None)));
    check(&rows, &[(0, 5 * DAY_MS), (0, 40 * DAY_MS + 1), (0, 49 * DAY_MS)], Tails::Exact);
}

#[test]
fn entities_are_the_rows_that_are_there() {
    let row = |key: u32, at: i64, x: i64| -> Row { (key, at, None, Some(x), None, None, None) };
    let table = events(&[row(0, 10, 5), row(0, 20, 9), row(1, 30, 1), row(0, 10, 5)]);
    // The 9 goes and comes back as a 2; one of the fives goes; a row goes that is not there.
    let images = [row(0, 20, 9), row(0, 20, 2), row(0, 10, 5), row(0, 10, 77), row(1, 40, 3)];
    let changed = events(&images);
    let mutations = entities::Mutations {
        keys: changed.keys,
        times: vec![100, 100, 200, 300, 150],
        is_before: vec![true, false, true, true, false],
        block: changed.block,
    };
    let asked = [(0, 100), (0, 101), (0, 201), (0, 400), (1, 150), (1, 151), (2, 500)];
    let queries = Queries { keys: asked.map(|a| a.0).to_vec(), times: asked.map(|a| a.1).to_vec() };
    let plan = plan();
    let columns = entities::evaluate(&plan, &table, &mutations, &queries, entities::Rows::Windowed).unwrap();
    let of = |name: &str| {
        let at = plan.columns.iter().position(|c| c.name == name).unwrap();
        (0..asked.len()).map(|row| columns[at].cell(row).to_value()).collect::<Vec<_>>()
    };
    let int = |xs: &[i64]| xs.iter().map(|x| Value::Int(*x)).chain([Value::Null]).collect::<Vec<_>>();
    assert_eq!(of("int_sum"), int(&[19, 12, 7, -70, 1, 4]));
    assert_eq!(of("int_last"), int(&[9, 2, 2, 2, 1, 3]));
    assert_eq!(of("int_count_1h"), int(&[3, 3, 2, 1, 1, 2]));
}
