//! The texts that come most often, of more than can be counted: the sketch of frequent items of Apache DataSketches. Counts are exact
//! until more distinct texts have come than it has places for.

use super::super::{Aggregate, Ir};
use crate::column::Cell;
use crate::types::Type;
use crate::value::Value;
use datasketches::frequencies::{ErrorType, FrequentItemsSketch};

/// A sketch that can be compared, by what it would be written as.
#[derive(Clone, Debug)]
pub struct Frequent(pub FrequentItemsSketch<String>);

impl PartialEq for Frequent {
    fn eq(&self, other: &Self) -> bool {
        let entries = |sketch: &Self| {
            let rows = sketch.0.frequent_items(ErrorType::NoFalseNegatives);
            let mut rows: Vec<_> =
                rows.iter().map(|r| (r.item().clone(), r.lower_bound(), r.upper_bound())).collect();
            rows.sort();
            rows
        };
        self.0.total_weight() == other.0.total_weight() && entries(self) == entries(other)
    }
}

/// What the operations over frequent texts share.
pub struct Frequents {
    pub k: usize,
    pub which: Which,
}

/// Which of the texts are told. There are never more than `k`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those with the highest counts, even if one that is not told may have come more often.
    All,
    /// Those that surely came more often than all that are not known any more.
    Sure,
    /// Of these those that are more than one in `k` + 1 of all.
    Heavy,
}

impl Frequents {
    fn start(&self, ir: &mut Ir) {
        // Chronon has about as many places as `k`: of many values that are equally frequent it tells none. Three quarters are used.
        let places = (self.k * 8).next_power_of_two().max(64);
        if matches!(ir, Ir::Empty)
            && let Ok(sketch) = FrequentItemsSketch::new(places)
        {
            *ir = Ir::Frequent(Box::new(Frequent(sketch)));
        }
    }

    fn rows(&self, sketch: &FrequentItemsSketch<String>) -> Vec<(i64, String)> {
        let rows = match self.which {
            Which::All => sketch.frequent_items(ErrorType::NoFalseNegatives),
            Which::Sure => sketch.frequent_items(ErrorType::NoFalsePositives),
            Which::Heavy => {
                let share = sketch.total_weight() / (self.k as u64 + 1);
                sketch.frequent_items_with_threshold(ErrorType::NoFalsePositives, share)
            }
        };
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        rows.iter().map(|row| (count(row.estimate()), row.item().clone())).collect()
    }
}

/// Whether a value has a text that can be counted.
pub const fn is_countable(ty: &Type) -> bool {
    ty.is_number() || matches!(ty, Type::Text)
}

/// Calls with the text of a number or a text.
fn with_text(cell: Cell<'_>, count: impl FnOnce(&str)) {
    match cell {
        Cell::Text(text) => count(text),
        Cell::Int(x) => count(&x.to_string()),
        Cell::Real(x) => count(&real_text(x)),
        _ => {}
    }
}

/// A double as Java writes it: `1.0`, `1.0E7`, `NaN`.
pub fn real_text(x: f64) -> String {
    if x.is_nan() {
        return "NaN".into();
    }
    if x.is_infinite() {
        return if x > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    if x == 0.0 || (1e-3..1e7).contains(&x.abs()) {
        return format!("{x:?}");
    }
    let text = format!("{x:E}");
    match text.split_once('E') {
        Some((digits, power)) if !digits.contains('.') => format!("{digits}.0E{power}"),
        _ => text,
    }
}

impl Aggregate for Frequents {
    fn output(&self) -> Type {
        Type::Map(Box::new(Type::Long))
    }

    fn update(&self, ir: &mut Ir, cell: Cell<'_>, _at: i64) {
        self.start(ir);
        if let Ir::Frequent(sketch) = ir {
            with_text(cell, |text| sketch.0.update_ref(text));
        }
    }

    fn merge(&self, ir: &mut Ir, later: &Ir) {
        if !ir.has_both(later) {
            return;
        }
        if let (Ir::Frequent(sketch), Ir::Frequent(later)) = (ir, later) {
            sketch.0.merge(&later.0);
        }
    }

    /// The most frequent ones; of equals those whose text is less.
    fn finalize(&self, ir: &Ir) -> Value {
        let Ir::Frequent(sketch) = ir else { return Value::Null };
        let mut rows = self.rows(&sketch.0);
        rows.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        rows.truncate(self.k);
        rows.sort_unstable_by(|a, b| a.1.cmp(&b.1));
        Value::Map(rows.into_iter().map(|(n, text)| (text.into(), Value::Int(n))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_as_java_writes_them() {
        let pairs = [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (9_999_999.5, "9999999.5"),
            (1e7, "1.0E7"),
            (1.25e-5, "1.25E-5"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ];
        for (x, text) in pairs {
            assert_eq!(real_text(x), text);
        }
    }
}
