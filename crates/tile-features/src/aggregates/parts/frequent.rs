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
    /// Places, a power of two; three quarters of them are used.
    pub places: usize,
    /// Whether what is told may be less frequent than something that is not told, or what is not told more frequent.
    pub error: ErrorType,
}

impl Frequents {
    fn start(&self, ir: &mut Ir) {
        if matches!(ir, Ir::Empty)
            && let Ok(sketch) = FrequentItemsSketch::new(self.places)
        {
            *ir = Ir::Frequent(Box::new(Frequent(sketch)));
        }
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
        let rows = sketch.0.frequent_items(self.error);
        let mut rows: Vec<(i64, &str)> = rows
            .iter()
            .map(|row| (i64::try_from(row.estimate()).unwrap_or(i64::MAX), row.item().as_str()))
            .collect();
        rows.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        rows.truncate(self.k);
        rows.sort_unstable_by_key(|(_, text)| *text);
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
