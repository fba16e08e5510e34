//! How far the values of a column moved from one time to another, by the sketches of both: those that features are kept in.
//!
//! The population stability index is Σ (b − a) ln(b / a) over the shares a and b of bins. Of numbers the bins hold equal parts of the
//! first values; of texts each bin is one of the first values that are frequent, and one is all others. By custom, less than 0.1 is no
//! change, more than 0.25 a large one.

use crate::aggregates::parts::frequent::Frequent;
use crate::aggregates::parts::sketch::Kll;
use crate::types::Type;
use crate::value::Value;
use datasketches::frequencies::{ErrorType, FrequentItemsSketch};
use serde_json::{Value as Json, json};
use tile_base::{Error, Result};

/// Bins: more show finer changes, and more of the noise of samples.
const BINS: u8 = 10;

/// What a share is at least: of an empty bin the logarithm is infinite.
const SHARE_MIN: f64 = 1e-4;

/// An index from which on a change is moderate, and from which on it is large.
pub const MODERATE: f64 = 0.1;
pub const LARGE: f64 = 0.25;

/// How exact the sketches are: quantiles to about 1.3 per cent, texts exactly up to three quarters of so many.
const NUMBERS_K: u16 = 200;
const TEXTS_K: usize = 1024;
/// Texts that are a bin of their own.
const TEXTS_MAX: usize = 50;

/// How two distributions differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// The population stability index: 0 for equal ones, without bound.
    pub psi: f64,
    /// The greatest difference between the shares of values below a border (L∞), from 0 to 1.
    pub gap: f64,
}

/// The drift from one set of values to another. None when one of them is empty.
pub fn drift(from: &Kll, to: &Kll) -> Option<Drift> {
    let parts: Vec<f64> = (1..BINS).map(|bin| f64::from(bin) / f64::from(BINS)).collect();
    let mut borders = from.quantiles(&parts)?;
    // A value that fills several bins is one border; infinities are none.
    borders.retain(|x| x.is_finite());
    borders.dedup();
    Some(between(from.shares(&borders)?.into_iter().zip(to.shares(&borders)?)))
}

/// The same of texts. None when one of them is empty.
fn of_texts(from: &Frequent, to: &Frequent) -> Option<Drift> {
    let (all_a, all_b) = (from.0.total_weight(), to.0.total_weight());
    if all_a == 0 || all_b == 0 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a share of fewer rows than 2^53")]
    let share = |part: u64, all: u64| part as f64 / all as f64;
    let mut rows = from.0.frequent_items(ErrorType::NoFalseNegatives);
    rows.sort_by(|a, b| b.estimate().cmp(&a.estimate()).then_with(|| a.item().cmp(b.item())));
    let top = rows.iter().take(TEXTS_MAX);
    let mut bins: Vec<(f64, f64)> =
        top.map(|row| (share(row.estimate(), all_a), share(to.0.estimate(row.item()), all_b))).collect();
    let (a, b) = bins.iter().fold((1.0, 1.0), |(a, b), bin| (a - bin.0, b - bin.1));
    bins.push((f64::max(a, 0.0), f64::max(b, 0.0)));
    let gap = bins.iter().map(|(a, b)| f64::abs(b - a)).fold(0.0, f64::max);
    Some(Drift { gap, ..between(bins.into_iter()) })
}

/// The index and the gap of the shares of bins in their order.
fn between(bins: impl Iterator<Item = (f64, f64)>) -> Drift {
    let (mut drift, mut below) = (Drift { psi: 0.0, gap: 0.0 }, 0.0);
    for (a, b) in bins {
        below += b - a;
        drift.gap = drift.gap.max(f64::abs(below));
        let (a, b) = (a.max(SHARE_MIN), b.max(SHARE_MIN));
        drift.psi += (b - a) * (b / a).ln();
    }
    drift
}

/// What is kept of the values of a column in a span of time.
#[derive(Clone, Debug)]
pub struct Summary {
    rows: u64,
    nulls: u64,
    values: Values,
}

#[derive(Clone, Debug)]
enum Values {
    Numbers(Kll),
    Texts(Box<Frequent>),
}

impl Summary {
    /// Of numbers and times their values, of lists and maps their lengths, of all else the texts.
    ///
    /// # Errors
    /// None but a defect.
    pub fn of(ty: &Type) -> Result<Self> {
        let values = match ty {
            Type::Text | Type::Binary | Type::Bool => {
                let sketch = FrequentItemsSketch::new(TEXTS_K);
                Values::Texts(Box::new(Frequent(sketch.map_err(|e| Error::internal(e.to_string()))?)))
            }
            _ => Values::Numbers(Kll::new(NUMBERS_K)?),
        };
        Ok(Self { rows: 0, nulls: 0, values })
    }

    pub fn add(&mut self, value: &Value) {
        self.rows += 1;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "a sketch has 32 bits of a number"
        )]
        let number = match value {
            Value::Int(x) => *x as f32,
            Value::Real(x) => *x as f32,
            Value::List(items) | Value::Struct(items) => items.len() as f32,
            Value::Map(entries) => entries.len() as f32,
            _ => 0.0,
        };
        match (&mut self.values, value) {
            (_, Value::Null) => self.nulls += 1,
            (Values::Numbers(sketch), _) => sketch.update(number),
            (Values::Texts(sketch), Value::Text(text)) => sketch.0.update_ref(&**text),
            (Values::Texts(sketch), Value::Bool(b)) => sketch.0.update_ref(if *b { "true" } else { "false" }),
            (Values::Texts(sketch), Value::Bytes(bytes)) => {
                sketch.0.update(bytes.iter().map(|b| format!("{b:02x}")).collect());
            }
            (Values::Texts(_), _) => {}
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a share of fewer rows than 2^53")]
    fn null_rate(&self) -> f64 {
        if self.rows == 0 { 0.0 } else { self.nulls as f64 / self.rows as f64 }
    }

    /// What has changed since an earlier span, for programs: `psi` and `gap` are null where one of both has no values.
    pub fn since(&self, from: &Self) -> Json {
        let found = match (&from.values, &self.values) {
            (Values::Numbers(a), Values::Numbers(b)) => drift(a, b),
            (Values::Texts(a), Values::Texts(b)) => of_texts(a, b),
            _ => None,
        };
        let (a, b) = (from.null_rate(), self.null_rate());
        let nulls =
            (from.rows > 0 && self.rows > 0).then(|| between([(a, b), (1.0 - a, 1.0 - b)].into_iter()));
        let worst = found.into_iter().chain(nulls).map(|d| d.psi).fold(0.0, f64::max);
        let level = if worst >= LARGE {
            "large"
        } else if worst >= MODERATE {
            "moderate"
        } else {
            "none"
        };
        json!({
            "psi": found.map(|d| d.psi),
            "gap": found.map(|d| d.gap),
            "null_rate": b,
            "null_rate_against": a,
            "null_psi": nulls.map(|d| d.psi),
            "change": level,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of about a normal distribution: sums of twelve uniform ones.
    fn normal(seed: u64, mean: f32, deviation: f32) -> Kll {
        let (mut sketch, mut state) = (Kll::new(200).unwrap(), seed);
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            f32::from(u16::try_from(state >> 48).unwrap()) / 65_536.0
        };
        for _ in 0..10_000 {
            let sum: f32 = (0..12).map(|_| uniform()).sum();
            sketch.update(mean + deviation * (sum - 6.0));
        }
        sketch
    }

    #[test]
    fn little_moderate_and_large_shifts_are_told_apart() {
        let base = normal(1, 10.0, 2.0);
        let psi = |other: &Kll| drift(&base, other).unwrap().psi;
        let little = psi(&normal(2, 10.1, 2.0));
        let moderate = psi(&normal(3, 10.8, 2.0));
        let large = psi(&normal(4, 13.0, 2.0));
        assert!(little < 0.1, "{little}");
        assert!((0.1..0.25).contains(&moderate), "{moderate}");
        assert!(large > 0.25, "{large}");
        assert_eq!(drift(&base, &base), Some(Drift { psi: 0.0, gap: 0.0 }));
    }

    #[test]
    fn what_has_nothing_in_common_is_far_apart_and_finite() {
        let apart = drift(&normal(1, 0.0, 1.0), &normal(2, 1000.0, 1.0)).unwrap();
        assert!(apart.psi > 5.0 && apart.psi.is_finite(), "{apart:?}");
        assert!(apart.gap > 0.85, "{apart:?}");
    }

    #[test]
    fn of_nothing_or_one_value_there_is_no_surprise() {
        let empty = Kll::new(200).unwrap();
        let mut one = empty.clone();
        (0..50).for_each(|_| one.update(7.0));
        assert_eq!(drift(&empty, &one), None);
        assert_eq!(drift(&one, &empty), None);
        assert_eq!(drift(&one, &one).unwrap().psi, 0.0);
        let mut other = empty;
        other.update(8.0);
        assert!(drift(&one, &other).unwrap().psi >= 0.0);
    }

    #[test]
    fn texts_and_nulls_have_an_index_too() {
        let summary = |texts: &str, nulls: usize| {
            let mut summary = Summary::of(&Type::Text).unwrap();
            texts.chars().for_each(|c| summary.add(&Value::Text(c.to_string().into())));
            (0..nulls).for_each(|_| summary.add(&Value::Null));
            summary
        };
        let base = summary("aaaaabbbbc", 0);
        let same = summary("aaaaabbbbc", 0).since(&base);
        assert_eq!((&same["psi"], &same["change"]), (&json!(0.0), &json!("none")));
        // (0.2 − 0.5) ln(0.2 / 0.5) + (0.7 − 0.4) ln(0.7 / 0.4): `c` is as frequent as before.
        let moved = summary("aabbbbbbbc", 0).since(&base);
        let psi = moved["psi"].as_f64().unwrap();
        assert!((psi - (0.3 * 2.5_f64.ln() + 0.3 * 1.75_f64.ln())).abs() < 1e-12, "{moved}");
        assert_eq!(
            (&moved["change"], moved["gap"].as_f64().map(|g| (g * 10.0).round())),
            (&json!("large"), Some(3.0))
        );
        let new = summary("xxxxx", 0).since(&base);
        assert!(new["psi"].as_f64().unwrap() > 5.0, "{new}");
        let nulls = summary("aaaaabbbbc", 10).since(&base);
        assert_eq!(
            (&nulls["psi"], &nulls["null_rate"], &nulls["change"]),
            (&json!(0.0), &json!(0.5), &json!("large"))
        );
        let none = summary("", 0).since(&base);
        assert_eq!(
            (&none["psi"], &none["null_psi"], &none["change"]),
            (&Json::Null, &Json::Null, &json!("none"))
        );
    }
}
