//! `APPROX_FREQUENT_K`: how often each value came, of about the `k` most frequent ones. Exact while there are at most six times as many
//! distinct values; beyond, `k` are told even when they stand out from none.

use super::parts::frequent::{Frequents, is_countable};
use super::{Aggregate, Args, unfit};
use crate::operation::Operation;
use crate::types::Type;
use datasketches::frequencies::ErrorType;
use tile_base::Result;

/// # Errors
/// `Invalid` for what is neither a number nor a text, and for a `k` out of bounds.
pub fn create(input: &Type, args: &Args) -> Result<Box<dyn Aggregate>> {
    let operation = Operation::ApproxFrequentK;
    if !is_countable(input) {
        return Err(unfit(operation, input));
    }
    let k = args.items(operation, Some(8))?;
    // Chronon has as many places as `k`: of many values that are equally frequent it tells none.
    let places = (k * 8).next_power_of_two().max(64);
    Ok(Box::new(Frequents { k, places, error: ErrorType::NoFalseNegatives }))
}
