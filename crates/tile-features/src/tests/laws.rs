//! The laws of [`crate::aggregates`], over every operation and every type that it takes, and over its bytes.

use crate::aggregates::parts::words::{Inputs, Lane};
use crate::aggregates::{Args, Ir, codec};
use crate::column::{Block, Column};
use crate::definition::Aggregation;
use crate::operation::Operation;
use crate::plan::Plan;
use crate::types::{Schema, Type};
use crate::value::Value;
use proptest::prelude::*;
use std::sync::LazyLock;

const TYPES: [&str; 9] =
    ["bool", "int", "long", "float", "double", "string", "binary", "list<double>", "map<long>"];

fn schema() -> Schema {
    let mut columns: Vec<_> =
        TYPES.iter().enumerate().map(|(i, ty)| (format!("c{i}"), Type::parse(ty).unwrap())).collect();
    columns.push(("by".into(), Type::Text));
    Schema(columns)
}

static PLAN: LazyLock<Plan> = LazyLock::new(all);

fn plan() -> &'static Plan {
    &PLAN
}

/// Every aggregation that there is: plain, by a bucket, by elements.
fn all() -> Plan {
    let schema = schema();
    let mut fit = Vec::new();
    for operation in Operation::ALL {
        for (input, _) in &schema.0 {
            for (buckets, is_element_wise) in
                [(vec![], false), (vec!["by".to_owned()], false), (vec![], true)]
            {
                // Beyond its `k` that sketch is a matter of luck.
                let k = if *operation == Operation::ApproxPercentile { 64 } else { 9 };
                let aggregation = Aggregation {
                    input: input.clone(),
                    operation: *operation,
                    args: Args { k: Some(k), percentiles: vec![0.0, 0.3, 1.0] },
                    windows: Vec::new(),
                    buckets,
                    is_element_wise,
                };
                // The name of an aggregation by elements is that of the plain one.
                let mut alone = aggregation.clone();
                alone.is_element_wise = false;
                let is_twice = is_element_wise && Plan::new(&[alone], &schema).is_ok();
                if !is_twice && Plan::new(std::slice::from_ref(&aggregation), &schema).is_ok() {
                    fit.push(aggregation);
                }
            }
        }
    }
    assert!(fit.len() > 150, "{}", fit.len());
    Plan::new(&fit, &schema).unwrap()
}

fn scalar(ty: &Type) -> BoxedStrategy<Value> {
    match ty {
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Text => prop_oneof![
            "[a-c]".prop_map(|t| Value::Text(t.into())),
            "\\PC{0,20}".prop_map(|t| Value::Text(t.into()))
        ]
        .boxed(),
        Type::Binary => {
            proptest::collection::vec(any::<u8>(), 0..20).prop_map(|b| Value::Bytes(b.into())).boxed()
        }
        Type::Float | Type::Double => prop_oneof![
            9 => (-40..40_i8).prop_map(|x| Value::Real(f64::from(x) / 8.0)),
            1 => Just(Value::Real(-0.0)), 1 => Just(Value::Real(f64::INFINITY)), 1 => Just(Value::Real(f64::NAN))
        ]
        .boxed(),
        _ => prop_oneof![9 => (-5..20_i64).prop_map(Value::Int), 1 => Just(Value::Int(i64::MAX))].boxed(),
    }
}

fn value(ty: &Type) -> BoxedStrategy<Value> {
    let some = match ty {
        Type::List(of) => {
            let item = prop_oneof![4 => scalar(of), 1 => Just(Value::Null)];
            proptest::collection::vec(item, 0..3).prop_map(|items| Value::List(items.into())).boxed()
        }
        Type::Map(of) => {
            let item = prop_oneof![4 => scalar(of), 1 => Just(Value::Null)];
            proptest::collection::btree_map("[a-d]", item, 0..3)
                .prop_map(|m| Value::Map(m.into_iter().map(|(k, v)| (k.into(), v)).collect()))
                .boxed()
        }
        _ => scalar(ty),
    };
    prop_oneof![5 => some, 1 => Just(Value::Null)].boxed()
}

/// Up to 12 rows: as many as all sketches hold exactly.
fn rows() -> impl Strategy<Value = Vec<(i64, Vec<Value>)>> {
    let cells: Vec<_> = schema().0.iter().map(|(_, ty)| value(ty)).collect();
    proptest::collection::vec((0..6_i64, cells), 0..12)
}

fn block(rows: &[(i64, Vec<Value>)]) -> Block {
    let schema = schema();
    let columns = schema.0.iter().enumerate().map(|(at, (_, ty))| {
        let values: Vec<Value> = rows.iter().map(|(_, cells)| cells[at].clone()).collect();
        Column::of_values(ty, &values)
    });
    Block { times: rows.iter().map(|(at, _)| *at).collect(), columns: columns.collect() }
}

fn fold(plan: &Plan, block: &Block, rows: std::ops::Range<usize>) -> Box<[Ir]> {
    let mut irs = plan.empty();
    rows.for_each(|row| plan.update(&mut irs, block, row));
    irs
}

fn merged(plan: &Plan, parts: &[&[Ir]]) -> Box<[Ir]> {
    let mut irs = plan.empty();
    parts.iter().for_each(|part| plan.merge(&mut irs, part));
    irs
}

fn close(a: &Value, b: &Value) -> bool {
    let all = |x: &[Value], y: &[Value]| x.len() == y.len() && x.iter().zip(y).all(|(x, y)| close(x, y));
    match (a, b) {
        (Value::Real(x), Value::Real(y)) => {
            x.to_bits() == y.to_bits() || (x - y).abs() <= 1e-9 * x.abs().max(y.abs()).max(1.0)
        }
        (Value::List(x), Value::List(y)) => all(x, y),
        (Value::Map(x), Value::Map(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| x.0 == y.0 && close(&x.1, &y.1))
        }
        _ => a == b,
    }
}

fn check(plan: &Plan, got: &[Ir], wanted: &[Ir]) {
    for column in &plan.columns {
        let slot = &plan.slots[column.slot];
        let (got, wanted) = (slot.finalize(&got[column.slot]), slot.finalize(&wanted[column.slot]));
        assert!(close(&got, &wanted), "{}: {got:?}, not {wanted:?}", column.name);
    }
}

fn bytes(irs: &[Ir]) -> Vec<u8> {
    let mut out = Vec::new();
    codec::encode(irs, &mut out);
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn merging_gives_what_updating_gives(rows in rows(), cuts in (0..12_usize, 0..12_usize)) {
        let (plan, n) = (plan(), rows.len());
        let mut rows = rows;
        // Tiles are merged in the order of time; rows come to each in any order.
        let (x, y) = (cuts.0.min(cuts.1).min(n), cuts.0.max(cuts.1).min(n));
        for (part, at) in [(0..x, 0), (x..y, 100), (y..n, 200)] {
            rows[part].iter_mut().for_each(|row| row.0 += at);
        }
        let block = block(&rows);
        let whole = fold(plan, &block, 0..n);
        let (a, b, c) = (fold(plan, &block, 0..x), fold(plan, &block, x..y), fold(plan, &block, y..n));
        let before = (bytes(&a), bytes(&b), bytes(&c));
        check(plan, &merged(plan, &[&a, &b, &c]), &whole);
        check(plan, &merged(plan, &[&a, &merged(plan, &[&b, &c])]), &whole);
        check(plan, &merged(plan, &[&plan.empty(), &whole, &plan.empty()]), &whole);
        // What was merged from is as it was.
        assert_eq!((bytes(&a), bytes(&b), bytes(&c)), before);
    }

    #[test]
    fn words_are_what_they_stand_for(rows in rows()) {
        let (plan, block) = (plan(), block(&rows));
        let mut forms = 0;
        for slot in &plan.slots {
            let Some(form) = slot.form else { continue };
            forms += 1;
            // Three tiles with a word between them, which take the rows in turn.
            let lane = Lane { stride: form.words() + 1, at: 1, form };
            let mut tiles = vec![0; 3 * lane.stride];
            let places: Vec<(usize, usize)> = (0..rows.len()).map(|row| (row, row % 3)).collect();
            slot.fold(lane, &mut tiles, Inputs { block: &block, rows: &places });
            let (mut merged, mut all) = (Ir::Empty, Ir::Empty);
            for tile in 0..3 {
                let mut ir = Ir::Empty;
                for row in (tile..rows.len()).step_by(3) {
                    slot.update(&mut ir, &block.columns, block.times[row], row);
                }
                slot.merge(&mut all, &ir);
                let word = lane.form.unpack(lane.of(&tiles, tile));
                assert_eq!(format!("{word:?}"), format!("{ir:?}"), "{}", slot.stem);
                assert_eq!(tiles[tile * lane.stride], 0);
            }
            slot.gather(lane, &tiles, &mut merged);
            assert_eq!(format!("{merged:?}"), format!("{all:?}"), "{}", slot.stem);
        }
        assert!(forms > 30, "{forms}");
    }

    #[test]
    fn what_goes_out_again_was_never_there(rows in rows(), gone in rows()) {
        let (plan, n) = (plan(), rows.len());
        let mut all = rows;
        all.extend(gone);
        let block = block(&all);
        let kept = fold(plan, &block, 0..n);
        let whole = fold(plan, &block, 0..all.len());
        for (at, slot) in plan.slots.iter().enumerate() {
            let mut ir = whole[at].clone();
            let is_removed = (n..all.len()).all(|row| slot.remove(&mut ir, &block.columns, row));
            let deletable = ["_count", "_sum", "_average", "_histogram"];
            let can = deletable.iter().any(|op| slot.stem.ends_with(op))
                && !slot.stem.contains("unique") && !slot.stem.contains("approx");
            if can {
                assert!(is_removed, "{}", slot.stem);
                let (got, wanted) = (slot.finalize(&ir), slot.finalize(&kept[at]));
                // Whether maps without entries are left is not known.
                let is_bare = matches!(&wanted, Value::Map(m) if m.is_empty()) && got.is_null();
                assert!(close(&got, &wanted) || is_bare, "{}: {got:?}, not {wanted:?}", slot.stem);
            }
        }
    }

    #[test]
    fn what_was_written_is_read(rows in rows()) {
        let (plan, block) = (plan(), block(&rows));
        let irs = fold(plan, &block, 0..rows.len());
        let written = bytes(&irs);
        let read = codec::decode(&written).unwrap();
        assert_eq!(bytes(&read).len(), written.len());
        check(plan, &read, &irs);
        // And goes on.
        let (mut a, mut b) = (irs.clone(), read);
        plan.merge(&mut a, &irs);
        plan.merge(&mut b, &irs);
        check(plan, &a, &b);
    }

    #[test]
    fn damaged_bytes_are_an_error(rows in rows(), at in any::<usize>(), bit in 0..8_u32, random in proptest::collection::vec(any::<u8>(), 0..200)) {
        let (plan, block) = (plan(), block(&rows));
        let mut written = bytes(&fold(plan, &block, 0..rows.len()));
        for end in (0..written.len()).step_by(written.len() / 10 + 1) {
            assert!(codec::decode(&written[..end]).is_err());
        }
        let place = at % written.len();
        written[place] ^= 1 << bit;
        // It may still be something, but then something that can be used.
        if let Ok(irs) = codec::decode(&written) {
            irs.iter().for_each(|ir| drop(ir.clone()));
        }
        let _ = codec::decode(&random);
        let mut versioned = vec![1, 1];
        versioned.extend(random);
        if let Ok(irs) = codec::decode(&versioned) {
            irs.iter().for_each(|ir| drop(ir.clone()));
        }
    }
}

#[test]
fn bytes_of_another_version_or_too_deep_are_refused() {
    assert!(codec::decode(&[]).is_err());
    assert!(codec::decode(&[2, 0]).is_err());
    assert!(codec::decode(&[1, 0, 0]).is_err());
    assert_eq!(codec::decode(&[1, 0]).unwrap().len(), 0);
    let mut deep = vec![1, 1];
    for _ in 0..100_000 {
        deep.extend([18, 1]);
    }
    deep.push(0);
    assert!(codec::decode(&deep).is_err());
    // A length that no bytes follow takes no memory.
    assert!(codec::decode(&[1, 1, 11, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]).is_err());
}

#[test]
fn small_results_have_few_bytes() {
    let irs = [Ir::Int(7), Ir::Whole { sum: 300, count: 2 }, Ir::Empty];
    assert_eq!(bytes(&irs).len(), 2 + 2 + 4 + 1);
}
