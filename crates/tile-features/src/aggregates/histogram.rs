//! `HISTOGRAM`: how often each text came; with a `k` above 0 only of the `k` most frequent ones, of equally frequent ones those that are
//! less. Integers count by their decimal text, where Chronon fails.
//!
//! It counts up to 100 000 texts; beyond, it has no value but the error that says so. `APPROX_HISTOGRAM_K` has no such bound.

use super::{Aggregate, Args, Ir, unfit};
use crate::column::Cell;
use crate::operation::Operation;
use crate::types::Type;
use crate::value::Value;
use std::collections::BTreeMap;
use tile_base::Result;

/// Distinct texts of one result.
pub const TEXTS_MAX: usize = 100_000;

struct Histogram(usize);

/// # Errors
/// `Invalid` for what is neither a text nor an integer, and for a `k` out of bounds.
pub fn create(input: &Type, args: &Args) -> Result<Box<dyn Aggregate>> {
    let operation = Operation::Histogram;
    if !input.is_integer() && *input != Type::Text {
        return Err(unfit(operation, input));
    }
    let k = args.k_within(operation, Some(0))?;
    Ok(Box::new(Histogram(k as usize)))
}

fn add(ir: &mut Ir, text: &str, n: i64) {
    if matches!(ir, Ir::Empty) {
        *ir = Ir::Counts(Box::default());
    }
    let Ir::Counts(counts) = ir else { return };
    if let Some(count) = counts.get_mut(text) {
        *count += n;
        if *count != 0 {
            return;
        }
        counts.remove(text);
        if counts.is_empty() {
            *ir = Ir::Empty;
        }
    } else if counts.len() < TEXTS_MAX {
        counts.insert(text.into(), n);
    } else {
        *ir = Ir::Full;
    }
}

fn add_cell(ir: &mut Ir, cell: Cell<'_>, n: i64) {
    match cell {
        Cell::Text(text) => add(ir, text, n),
        Cell::Int(x) => add(ir, &x.to_string(), n),
        _ => {}
    }
}

impl Aggregate for Histogram {
    fn output(&self) -> Type {
        Type::Map(Box::new(Type::Int))
    }

    fn update(&self, ir: &mut Ir, cell: Cell<'_>, _at: i64) {
        add_cell(ir, cell, 1);
    }

    fn merge(&self, ir: &mut Ir, later: &Ir) {
        if !ir.has_both(later) {
            return;
        }
        if let Ir::Counts(later) = later {
            later.iter().for_each(|(text, n)| add(ir, text, *n));
        }
    }

    fn finalize(&self, ir: &Ir) -> Value {
        let Ir::Counts(counts) = ir else { return Value::Null };
        if self.0 == 0 || counts.len() <= self.0 {
            return Value::Map(counts.iter().map(|(text, n)| (text.clone(), Value::Int(*n))).collect());
        }
        let mut entries: Vec<(&Box<str>, i64)> = counts.iter().map(|(text, n)| (text, *n)).collect();
        entries.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        entries.truncate(self.0);
        let best: BTreeMap<_, _> = entries.into_iter().collect();
        Value::Map(best.into_iter().map(|(text, n)| (text.clone(), Value::Int(n))).collect())
    }

    fn remove(&self, ir: &mut Ir, cell: Cell<'_>) -> bool {
        add_cell(ir, cell, -1);
        true
    }
}
