//! `APPROX_UNIQUE_COUNT`: about how many distinct values there are. The error is about 0.69 / √(2^k), 4 % for the `k` of 8 that holds when
//! none is said. Values are hashed as the JVM does, so sketches of both can be merged; but an empty text counts here.

use super::parts::sketch::Cpc;
use super::unique_count::is_hashed;
use super::{Aggregate, Args, Ir, unfit};
use crate::column::Cell;
use crate::operation::Operation;
use crate::types::Type;
use crate::value::Value;
use datasketches::hash::value::{canonical_float, raw_bytes};
use tile_base::Result;

struct ApproxUniqueCount(u8);

/// # Errors
/// `Invalid` for what is neither a number, a text nor binary, and for a `k` out of bounds.
pub fn create(input: &Type, args: &Args) -> Result<Box<dyn Aggregate>> {
    let operation = Operation::ApproxUniqueCount;
    if !is_hashed(input) {
        return Err(unfit(operation, input));
    }
    let k = args.k_within(operation, Some(8))?;
    Ok(Box::new(ApproxUniqueCount(k.to_le_bytes()[0])))
}

impl Aggregate for ApproxUniqueCount {
    fn output(&self) -> Type {
        Type::Long
    }

    fn update(&self, ir: &mut Ir, cell: Cell<'_>, _at: i64) {
        if matches!(ir, Ir::Empty)
            && let Ok(sketch) = Cpc::new(self.0)
        {
            *ir = Ir::Cpc(Box::new(sketch));
        }
        let Ir::Cpc(sketch) = ir else { return };
        match cell {
            Cell::Int(x) => sketch.update(x),
            Cell::Real(x) => sketch.update(canonical_float::from_f64(x)),
            Cell::Text(text) => sketch.update(raw_bytes::from_str(text)),
            Cell::Bytes(bytes) => sketch.update(raw_bytes::from_slice(bytes)),
            _ => {}
        }
    }

    fn merge(&self, ir: &mut Ir, later: &Ir) {
        if !ir.has_both(later) {
            return;
        }
        if let (Ir::Cpc(sketch), Ir::Cpc(later)) = (ir, later) {
            sketch.merge(later);
        }
    }

    /// Rounded down, as Chronon does.
    fn finalize(&self, ir: &Ir) -> Value {
        match ir {
            #[expect(clippy::cast_possible_truncation, reason = "an estimate is far below 2^63")]
            Ir::Cpc(sketch) => Value::Int(sketch.estimate() as i64),
            _ => Value::Null,
        }
    }
}
