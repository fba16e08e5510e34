//! Whether what was served is what the rows give: two values of each column for each row, one that was logged when it was served and one
//! that was computed from the rows, counted by how they compare. (Chronon: the consistency job.)

use crate::aggregates::parts::sketch::Kll;
use crate::types::Type;
use crate::value::Value;
use serde_json::{Map, Value as Json, json};
use tile_base::Result;

/// Shares at which differences are told.
const SHARES: &[(&str, f64)] = &[("p5", 0.05), ("p50", 0.5), ("p95", 0.95)];
/// How exact the sketches of differences are.
const SKETCH_K: u16 = 200;
/// Items of a list of which edits are counted: the work is their product.
const ITEMS_MAX: usize = 512;

/// How two values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The same value, within the tolerance; or both have none.
    Equal,
    Different,
    /// Computed, and there was none when it was served.
    LoggedNull,
    /// Served, and there is none when it is computed.
    ComputedNull,
}

/// What was found of one column.
#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub ty: Type,
    pub total: u64,
    pub equal: u64,
    /// Of the equal ones those that have no value on either side.
    pub both_null: u64,
    pub logged_null: u64,
    pub computed_null: u64,
    pub different: u64,
    /// Rows with a number on both sides, and the sum of |a − b| · 2 / (|a| + |b|) over them.
    numbers: u64,
    smape: f64,
    /// Logged less computed, of those that differ.
    differences: Kll,
    /// Items that lists have too many or too few when they were served.
    inserted: u64,
    deleted: u64,
}

impl Column {
    /// # Errors
    /// None but a defect.
    pub fn new(name: &str, ty: &Type) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            ty: ty.clone(),
            total: 0,
            equal: 0,
            both_null: 0,
            logged_null: 0,
            computed_null: 0,
            different: 0,
            numbers: 0,
            smape: 0.0,
            differences: Kll::new(SKETCH_K)?,
            inserted: 0,
            deleted: 0,
        })
    }

    /// Counts a row. Numbers are equal that differ by no more than the share `tolerance` of the larger one.
    pub fn add(&mut self, logged: &Value, computed: &Value, tolerance: f64) -> Verdict {
        self.total += 1;
        let verdict = match (logged.is_null(), computed.is_null()) {
            (true, true) => {
                self.both_null += 1;
                Verdict::Equal
            }
            (true, false) => Verdict::LoggedNull,
            (false, true) => Verdict::ComputedNull,
            (false, false) if is_equal(logged, computed, tolerance) => Verdict::Equal,
            (false, false) => Verdict::Different,
        };
        match verdict {
            Verdict::Equal => self.equal += 1,
            Verdict::LoggedNull => self.logged_null += 1,
            Verdict::ComputedNull => self.computed_null += 1,
            Verdict::Different => self.different += 1,
        }
        self.measure(logged, computed, verdict);
        verdict
    }

    /// How far they are from each other.
    fn measure(&mut self, logged: &Value, computed: &Value, verdict: Verdict) {
        if let (Some(a), Some(b)) = (self.number(logged), self.number(computed)) {
            self.numbers += 1;
            let sum = a.abs() + b.abs();
            if verdict == Verdict::Different && sum > 0.0 {
                self.smape += 2.0 * (a - b).abs() / sum;
                #[expect(clippy::cast_possible_truncation, reason = "a sketch of differences is of 32 bits")]
                self.differences.update((a - b) as f32);
            }
        }
        if let (Value::List(a), Value::List(b), Verdict::Different) = (logged, computed, verdict)
            && a.len() <= ITEMS_MAX
            && b.len() <= ITEMS_MAX
        {
            let same = common(a, b);
            self.inserted += (a.len() - same) as u64;
            self.deleted += (b.len() - same) as u64;
        }
    }

    fn number(&self, value: &Value) -> Option<f64> {
        match value {
            #[expect(clippy::cast_precision_loss, reason = "only for measuring how far numbers are apart")]
            Value::Int(x) if self.ty.is_integer() => Some(*x as f64),
            Value::Real(x) if x.is_finite() => Some(*x),
            _ => None,
        }
    }

    /// Rows that are not equal.
    pub const fn unequal(&self) -> u64 {
        self.total - self.equal
    }

    /// What was found, for programs.
    pub fn to_json(&self) -> Json {
        let mut out = Map::new();
        out.insert("name".into(), json!(self.name));
        out.insert("type".into(), json!(self.ty.to_string()));
        let counts = [
            ("total", self.total),
            ("equal", self.equal),
            ("both_null", self.both_null),
            ("logged_null", self.logged_null),
            ("computed_null", self.computed_null),
            ("different", self.different),
        ];
        out.extend(counts.map(|(name, count)| (name.to_owned(), json!(count))));
        if self.numbers > 0 {
            #[expect(clippy::cast_precision_loss, reason = "a mean over fewer rows than 2^53")]
            out.insert("smape".into(), json!(self.smape / self.numbers as f64));
        }
        let shares: Vec<f64> = SHARES.iter().map(|(_, share)| *share).collect();
        if let Some(found) = self.differences.quantiles(&shares) {
            let found = SHARES.iter().zip(found).map(|((name, _), x)| ((*name).to_owned(), json!(x)));
            out.insert("logged_minus_computed".into(), Json::Object(found.collect()));
        }
        if matches!(self.ty, Type::List(_)) {
            out.insert("items_inserted".into(), json!(self.inserted));
            out.insert("items_deleted".into(), json!(self.deleted));
        }
        Json::Object(out)
    }
}

/// Whether two values are the same, but for numbers that differ by no more than that share of the larger one.
pub fn is_equal(a: &Value, b: &Value, tolerance: f64) -> bool {
    let all = |a: &[Value], b: &[Value]| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b, tolerance))
    };
    match (a, b) {
        (Value::Real(a), Value::Real(b)) => {
            // What is equal in every bit, and zeros of both signs, need no tolerance.
            a == b || a.to_bits() == b.to_bits() || (a - b).abs() <= tolerance * a.abs().max(b.abs())
        }
        (Value::List(a), Value::List(b)) | (Value::Struct(a), Value::Struct(b)) => all(a, b),
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && is_equal(&a.1, &b.1, tolerance))
        }
        (a, b) => a == b,
    }
}

/// The length of the longest list that both have in order.
fn common(a: &[Value], b: &[Value]) -> usize {
    let mut above = vec![0; b.len() + 1];
    for x in a {
        let mut row = vec![0];
        for (at, y) in b.iter().enumerate() {
            let before = row.last().copied().unwrap_or(0);
            row.push(if x == y { above[at] + 1 } else { above[at + 1].max(before) });
        }
        above = row;
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(items: &str) -> Value {
        Value::List(items.chars().map(|c| Value::Text(c.to_string().into())).collect())
    }

    #[test]
    fn rows_are_counted_by_how_they_compare() {
        let mut column = Column::new("x", &Type::Double).unwrap();
        let real = Value::Real;
        assert_eq!(column.add(&real(1.0), &real(1.0 + 1e-12), 1e-9), Verdict::Equal);
        assert_eq!(column.add(&real(f64::NAN), &real(f64::NAN), 0.0), Verdict::Equal);
        assert_eq!(column.add(&Value::Null, &Value::Null, 0.0), Verdict::Equal);
        assert_eq!(column.add(&real(3.0), &real(1.0), 0.1), Verdict::Different);
        assert_eq!(column.add(&real(3.0), &Value::Null, 0.1), Verdict::ComputedNull);
        assert_eq!(column.add(&Value::Null, &real(0.0), 0.1), Verdict::LoggedNull);
        let json = column.to_json();
        let expected = json!({
            "name": "x", "type": "double", "total": 6, "equal": 3, "both_null": 1, "logged_null": 1, "computed_null": 1,
            "different": 1, "smape": 0.5, "logged_minus_computed": {"p5": 2.0, "p50": 2.0, "p95": 2.0},
        });
        assert_eq!((json, column.unequal()), (expected, 3));
    }

    #[test]
    fn edits_of_lists_are_counted() {
        let mut column = Column::new("x", &Type::List(Box::new(Type::Text))).unwrap();
        assert_eq!(column.add(&texts("abcd"), &texts("abcd"), 0.0), Verdict::Equal);
        assert_eq!(column.add(&texts("abxcd"), &texts("acde"), 0.0), Verdict::Different);
        let json = column.to_json();
        assert_eq!((&json["items_inserted"], &json["items_deleted"]), (&json!(2), &json!(1)));
        let map = |x: f64| Value::Map([("a".into(), Value::Real(x))].into());
        assert!(is_equal(&map(1.0), &map(1.01), 0.1) && !is_equal(&map(1.0), &map(1.01), 0.001));
    }
}
