//! `APPROX_HEAVY_HITTERS_K`: how often each value came, of those that are more than one in `k` + 1 of all (`k` is 8 when not said): there
//! are at most `k` such, and none where all are about equally frequent. Exact while there are at most six times `k` distinct values;
//! beyond, what is told is surely one of them.

use super::parts::frequent::{Frequents, Which, is_countable};
use super::{Aggregate, Args, unfit};
use crate::operation::Operation;
use crate::types::Type;
use tile_base::Result;

/// # Errors
/// `Invalid` for what is neither a number nor a text, and for a `k` out of bounds.
pub fn create(input: &Type, args: &Args) -> Result<Box<dyn Aggregate>> {
    let operation = Operation::ApproxHeavyHittersK;
    if !is_countable(input) {
        return Err(unfit(operation, input));
    }
    let k = args.items(operation, Some(8))?;
    Ok(Box::new(Frequents { k, which: Which::Heavy }))
}
