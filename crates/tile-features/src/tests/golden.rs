//! Values that are known: those of Chronon's own tests, of its JVM, and of arithmetic.

use crate::aggregates::{Aggregate, Args, Ir, create};
use crate::column::Column;
use crate::json::{Form, of_json, to_json};
use crate::operation::Operation;
use crate::types::Type;
use crate::value::Value;
use serde_json::{Value as Json, json};

fn made(operation: Operation, ty: &Type, k: Option<u32>, percentiles: &[f64]) -> Box<dyn Aggregate> {
    create(operation, ty, &Args { k, percentiles: percentiles.to_vec() }).unwrap()
}

/// Updates with rows of time and value.
fn fold(aggregate: &dyn Aggregate, ty: &Type, rows: &[(i64, Json)]) -> Ir {
    let values: Vec<Value> = rows.iter().map(|(_, v)| of_json(v, ty).unwrap()).collect();
    let (column, mut ir) = (Column::of_values(ty, &values), Ir::Empty);
    for (row, (at, _)) in rows.iter().enumerate() {
        aggregate.update(&mut ir, column.cell(row), *at);
    }
    ir
}

fn value(operation: Operation, ty: &str, k: Option<u32>, items: &Json) -> Json {
    let ty = Type::parse(ty).unwrap();
    let aggregate = made(operation, &ty, k, &[]);
    let rows: Vec<(i64, Json)> = (0..).zip(items.as_array().unwrap().iter().cloned()).collect();
    to_json(&aggregate.finalize(&fold(&*aggregate, &ty, &rows)), &aggregate.output(), Form::Scenario)
}

#[test]
fn moments_are_exact() {
    use Operation as O;
    for (operation, items, wanted) in [
        (O::Variance, json!([5.0]), json!(0.0)),
        (O::Variance, json!([1.0, 2.0, 4.0, 9.0]), json!(9.5)),
        (O::Skew, json!([1.0, 2.0, 4.0, 9.0]), json!(0.768_417_257_987_822_6)),
        (O::Kurtosis, json!([1.0, 2.0, 4.0, 9.0]), json!(-1.0)),
        (O::Skew, json!([1.0, 2.0]), json!("NaN")),
        (O::Skew, json!([3.0, 3.0, 3.0, 3.0]), json!("NaN")),
        (O::Kurtosis, json!([3.0, 3.0, 3.0, 3.0]), json!("NaN")),
        (O::Kurtosis, json!([1.0, 2.0, 3.0]), json!("NaN")),
    ] {
        let got = value(operation, "double", None, &items);
        assert!(super::same::same(&wanted, &got), "{operation} of {items}: {got}");
    }
}

#[test]
fn sums_wrap_or_are_doubles() {
    let items = json!([i64::MAX, 1]);
    assert_eq!(value(Operation::Sum, "long", None, &items), json!(i64::MIN));
    assert_eq!(value(Operation::Average, "long", None, &items), json!(4.611_686_018_427_388e18));
    assert_eq!(value(Operation::Sum, "float", None, &json!([0.1, 0.2, 0.3])), json!(0.600_000_016_391_277_3));
    assert_eq!(value(Operation::Sum, "double", None, &json!([1e16, 1.0, -1e16])), json!(1.0));
    assert_eq!(value(Operation::Sum, "bool", None, &json!([true, false, true])), json!(2));
    assert_eq!(value(Operation::Sum, "long", None, &json!([])), json!(null));
}

#[test]
fn percentiles_of_few_values_are_those_values() {
    let double = Type::Double;
    let shares = [0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0];
    let aggregate = made(Operation::ApproxPercentile, &double, Some(128), &shares);
    let rows: Vec<(i64, Json)> = (1..=100).map(|i| (i, json!(i))).collect();
    let got =
        to_json(&aggregate.finalize(&fold(&*aggregate, &double, &rows)), &aggregate.output(), Form::Answer);
    assert_eq!(got, json!([1.0, 2.0, 26.0, 51.0, 76.0, 100.0, 100.0]));
    assert_eq!(value(Operation::ApproxPercentile, "double", None, &json!(["NaN"])), json!(null));
}

#[test]
fn events_of_one_time_are_in_the_order_of_arrival() {
    let text = Type::Text;
    let rows = [(0, json!("a")), (0, json!("b")), (1, json!("c")), (1, json!("d"))];
    for (operation, k, wanted) in [
        (Operation::First, None, json!("a")),
        (Operation::Last, None, json!("c")),
        (Operation::FirstK, Some(2), json!(["a", "b"])),
        (Operation::LastK, Some(2), json!(["d", "c"])),
        (Operation::LastK, Some(3), json!(["d", "c", "b"])),
        (Operation::FirstK, Some(9), json!(["a", "b", "c", "d"])),
    ] {
        let aggregate = made(operation, &text, k, &[]);
        let got = aggregate.finalize(&fold(&*aggregate, &text, &rows));
        assert_eq!(to_json(&got, &aggregate.output(), Form::Answer), wanted, "{operation}");
        // Those of the second time may come first.
        let turned = [rows[2].clone(), rows[3].clone(), rows[0].clone(), rows[1].clone()];
        let got = aggregate.finalize(&fold(&*aggregate, &text, &turned));
        assert_eq!(to_json(&got, &aggregate.output(), Form::Answer), wanted, "{operation}, turned");
    }
}

#[test]
fn texts_are_ordered_as_java_orders_them() {
    let items = json!(["😀", "\u{FFFD}", "z", "a"]);
    assert_eq!(value(Operation::Min, "string", None, &items), json!("a"));
    assert_eq!(value(Operation::Max, "string", None, &items), json!("\u{FFFD}"));
    assert_eq!(value(Operation::TopK, "string", Some(3), &items), json!(["\u{FFFD}", "😀", "z"]));
}

#[test]
fn extremes_know_signs_of_zero_and_what_is_no_number() {
    assert_eq!(value(Operation::Min, "double", None, &json!([0.0, -0.0, 0.0])).to_string(), "-0.0");
    assert_eq!(value(Operation::Max, "double", None, &json!([-0.0, 0.0, -0.0])).to_string(), "0.0");
    for items in [json!([1.0, "NaN", 3.0]), json!(["NaN", 1.0])] {
        assert_eq!(value(Operation::Min, "double", None, &items), json!("NaN"));
        assert_eq!(value(Operation::Max, "double", None, &items), json!("NaN"));
    }
    assert_eq!(value(Operation::BottomK, "double", Some(2), &json!(["NaN", 3.0, 1.0])), json!([1.0, 3.0]));
}

#[test]
fn bounded_counts_stop() {
    assert_eq!(
        value(Operation::BoundedUniqueCount, "long", Some(5), &json!([1, 2, 3, 4, 5, 6, 7])),
        json!(5)
    );
    assert_eq!(value(Operation::BoundedUniqueCount, "string", None, &json!(["a", "a", "b"])), json!(2));
}

#[test]
fn unique_top_values_are_those_of_zipline() {
    for (k, items, wanted) in [
        (3, json!([5, 3, 8, 3, 1, 9, 5, 2]), json!([9, 8, 5])),
        (5, json!([1, 1, 1, 2, 2, 3, 3, 3, 3]), json!([3, 2, 1])),
        (2, json!([100, 200, 50, 300, 100]), json!([300, 200])),
    ] {
        assert_eq!(value(Operation::UniqueTopK, "int", Some(k), &items), wanted);
    }
    let fruits = json!(["apple", "banana", "cherry", "apple", "date", "banana"]);
    assert_eq!(value(Operation::UniqueTopK, "string", Some(3), &fruits), json!(["date", "cherry", "banana"]));

    let fields = [("sort_key", Type::Text), ("unique_id", Type::Long), ("value", Type::Int)];
    let ty = Type::Struct(fields.map(|(name, ty)| (name.to_owned(), ty)).to_vec());
    let rows: Vec<(i64, Json)> =
        (0..120).map(|i| (i, json!([format!("{:02}", i * 37 % 20), i % 17, i]))).collect();
    let aggregate = made(Operation::UniqueTopK, &ty, Some(5), &[]);
    let whole = aggregate.finalize(&fold(&*aggregate, &ty, &rows));
    let mut parts = Ir::Empty;
    // In another order, and merged.
    for part in rows.chunks(7).rev() {
        aggregate.merge(&mut parts, &fold(&*aggregate, &ty, part));
    }
    let keys = |value: &Value| -> Vec<(Json, Json)> {
        let json = to_json(value, &aggregate.output(), Form::Answer);
        json.as_array().unwrap().iter().map(|s| (s["sort_key"].clone(), s["unique_id"].clone())).collect()
    };
    assert_eq!(keys(&whole), keys(&aggregate.finalize(&parts)));
    // 37 i is 19 modulo 20 for i = 7, 27, …: of each id the greatest key, of equal keys the lesser id.
    let mut best: Vec<(String, i64)> = (0..17)
        .map(|id| {
            ((0..120).filter(|i| i % 17 == id).map(|i| format!("{:02}", i * 37 % 20)).max().unwrap(), id)
        })
        .collect();
    best.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let wanted: Vec<(Json, Json)> = best.into_iter().take(5).map(|(k, id)| (json!(k), json!(id))).collect();
    assert_eq!(keys(&whole), wanted);
    let poor = Type::Struct(vec![("unique_id".into(), Type::Long)]);
    assert!(create(Operation::UniqueTopK, &poor, &Args { k: Some(1), percentiles: vec![] }).is_err());
}

/// Each key as often as told.
fn counted(counts: &[(i64, i64)]) -> Json {
    counts.iter().flat_map(|(key, n)| (0..*n).map(move |_| json!(key))).collect()
}

#[test]
fn approximate_histograms_keep_the_most_frequent() {
    let items = counted(&[(1, 1), (2, 2), (3, 3), (4, 4)]);
    let wanted = json!({"2": 2, "3": 3, "4": 4});
    assert_eq!(value(Operation::ApproxHistogramK, "long", Some(3), &items), wanted);
    let long = Type::Long;
    let aggregate = made(Operation::ApproxHistogramK, &long, Some(3), &[]);
    let rows = |counts: &[(i64, i64)]| -> Vec<(i64, Json)> {
        counted(counts).as_array().unwrap().iter().map(|v| (0, v.clone())).collect()
    };
    let mut ir = fold(&*aggregate, &long, &rows(&[(5, 5), (4, 4), (2, 2), (1, 1)]));
    aggregate.merge(&mut ir, &fold(&*aggregate, &long, &rows(&[(6, 6), (4, 4), (2, 2), (1, 1)])));
    let got = to_json(&aggregate.finalize(&ir), &aggregate.output(), Form::Answer);
    assert_eq!(got, json!({"4": 8, "5": 5, "6": 6}));
}

#[test]
fn heavy_hitters_stand_out() {
    let even: Vec<(i64, i64)> = (0..30).map(|key| (key, 10)).collect();
    assert_eq!(value(Operation::ApproxHeavyHittersK, "long", Some(5), &counted(&even)), json!({}));
    let mut uneven = even;
    uneven[7].1 = 200;
    assert_eq!(value(Operation::ApproxHeavyHittersK, "long", Some(5), &counted(&uneven)), json!({"7": 200}));
    let frequent = value(Operation::ApproxFrequentK, "long", Some(2), &counted(&uneven));
    assert_eq!(frequent, json!({"0": 10, "7": 200}));
}

#[test]
fn frequent_texts_are_found_among_very_many() {
    let text = Type::Text;
    let aggregate = made(Operation::ApproxFrequentK, &text, Some(2), &[]);
    let rows: Vec<(i64, Json)> = (0..40_000)
        .map(|i| {
            (
                i,
                json!(if i % 10 < 3 {
                    "often".to_owned()
                } else if i % 10 < 5 {
                    "less".to_owned()
                } else {
                    format!("t{i}")
                }),
            )
        })
        .collect();
    let mut ir = Ir::Empty;
    for part in rows.chunks(4_000) {
        aggregate.merge(&mut ir, &fold(&*aggregate, &text, part));
    }
    let got = to_json(&aggregate.finalize(&ir), &aggregate.output(), Form::Answer);
    for (key, count) in [("often", 12_000), ("less", 8_000)] {
        let found = got[key].as_i64().unwrap_or_else(|| panic!("{got}"));
        assert!((found - count).abs() <= 40_000 / 16, "{key}: {found}");
    }
}

#[test]
fn distinct_values_are_counted_to_a_few_per_cent() {
    let text = Type::Text;
    let aggregate = made(Operation::ApproxUniqueCount, &text, Some(10), &[]);
    for (n, error) in [(100, 1), (1_000, 20), (10_000, 300)] {
        let rows: Vec<(i64, Json)> = (0..n * 3).map(|i| (i, json!(format!("value {}", i % n)))).collect();
        let whole = fold(&*aggregate, &text, &rows);
        let mut parts = Ir::Empty;
        for part in rows.chunks(usize::try_from(n / 3).unwrap()) {
            aggregate.merge(&mut parts, &fold(&*aggregate, &text, part));
        }
        // The same set, so the same estimate, however it was put together.
        let Value::Int(got) = aggregate.finalize(&whole) else { panic!() };
        assert_eq!(aggregate.finalize(&parts), Value::Int(got));
        assert!((got - n).abs() <= error, "{got}, not {n}");
    }
}

#[test]
fn merging_leaves_what_is_merged_from() {
    let text = Type::Text;
    let aggregate = made(Operation::Histogram, &text, None, &[]);
    let hops =
        [fold(&*aggregate, &text, &[(0, json!("view"))]), fold(&*aggregate, &text, &[(9, json!("view"))])];
    let before = hops.clone();
    for _ in 0..10 {
        let mut ir = Ir::Empty;
        hops.iter().for_each(|hop| aggregate.merge(&mut ir, hop));
        assert_eq!(aggregate.finalize(&ir), Value::Map([("view".into(), Value::Int(2))].into()));
    }
    assert_eq!(hops, before);
}

#[test]
fn histograms_keep_the_true_top_and_know_their_bound() {
    let items = json!(["c", "a", "b", "b", "d", "a", "e"]);
    assert_eq!(value(Operation::Histogram, "string", Some(3), &items), json!({"a": 2, "b": 2, "c": 1}));
    let text = Type::Text;
    let aggregate = made(Operation::Histogram, &text, Some(3), &[]);
    let rows: Vec<(i64, Json)> = (0..=100_000).map(|i| (i, json!(i.to_string()))).collect();
    let mut ir = fold(&*aggregate, &text, &rows[..100_000]);
    assert!(!ir.is_full());
    let late = fold(&*aggregate, &text, &rows[100_000..]);
    aggregate.merge(&mut ir, &late);
    assert!(ir.is_full());
    // It stays so.
    let mut other = late;
    aggregate.merge(&mut other, &ir);
    assert!(other.is_full());
}
