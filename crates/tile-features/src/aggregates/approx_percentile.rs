//! `APPROX_PERCENTILE`: the values at some percentiles (0.5, the median, when none is said), as 32-bit floats. Exact up to `k` values
//! (128 when not said); beyond, the rank is off by about 2.3 / k^0.97, and which values are kept is drawn by lot.

use super::average::number;
use super::parts::sketch::Kll;
use super::{Aggregate, Args, Ir, unfit};
use crate::column::Cell;
use crate::operation::Operation;
use crate::types::Type;
use crate::value::Value;
use tile_base::{Error, Result};

/// Percentiles of one column.
const PERCENTILES_MAX: usize = 1000;

struct ApproxPercentile {
    k: u16,
    shares: Vec<f64>,
}

/// # Errors
/// `Invalid` for what is no number, a `k` out of bounds, and percentiles that are not from 0 to 1.
pub fn create(input: &Type, args: &Args) -> Result<Box<dyn Aggregate>> {
    let operation = Operation::ApproxPercentile;
    if !input.is_number() {
        return Err(unfit(operation, input));
    }
    let k = args.k_within(operation, Some(128))?;
    let shares = if args.percentiles.is_empty() { vec![0.5] } else { args.percentiles.clone() };
    if shares.len() > PERCENTILES_MAX {
        return Err(Error::invalid(format!("{operation} takes at most {PERCENTILES_MAX} percentiles")));
    }
    if let Some(wrong) = shares.iter().find(|x| !(0.0..=1.0).contains(*x)) {
        return Err(Error::invalid(format!("a percentile is from 0 to 1, not {wrong}")));
    }
    Ok(Box::new(ApproxPercentile { k: u16::try_from(k).unwrap_or(u16::MAX), shares }))
}

impl Aggregate for ApproxPercentile {
    fn output(&self) -> Type {
        Type::List(Box::new(Type::Float))
    }

    fn update(&self, ir: &mut Ir, cell: Cell<'_>, _at: i64) {
        if matches!(ir, Ir::Empty)
            && let Ok(sketch) = Kll::new(self.k)
        {
            *ir = Ir::Kll(Box::new(sketch));
        }
        if let (Ir::Kll(sketch), Some(x)) = (ir, number(cell)) {
            #[expect(clippy::cast_possible_truncation, reason = "the sketch is of 32-bit floats")]
            sketch.update(x as f32);
        }
    }

    fn merge(&self, ir: &mut Ir, later: &Ir) {
        if !ir.has_both(later) {
            return;
        }
        if let (Ir::Kll(sketch), Ir::Kll(later)) = (ir, later) {
            sketch.merge(later);
        }
    }

    /// Null when all values were NaN.
    fn finalize(&self, ir: &Ir) -> Value {
        let Ir::Kll(sketch) = ir else { return Value::Null };
        sketch.quantiles(&self.shares).map_or(Value::Null, |values| {
            Value::List(values.into_iter().map(|x| Value::Real(f64::from(x))).collect())
        })
    }
}
