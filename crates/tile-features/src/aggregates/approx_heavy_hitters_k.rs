//! `APPROX_HEAVY_HITTERS_K`: how often each value came, of up to `k` ones that are surely more frequent than all that are left out. There is none
//! where values are about equally frequent.

use super::parts::frequent::{Frequents, is_countable};
use super::{Aggregate, Args, unfit};
use crate::operation::Operation;
use crate::types::Type;
use datasketches::frequencies::ErrorType;
use tile_base::Result;

/// # Errors
/// `Invalid` for what is neither a number nor a text, and for a `k` out of bounds.
pub fn create(input: &Type, args: &Args) -> Result<Box<dyn Aggregate>> {
    let operation = Operation::ApproxHeavyHittersK;
    if !is_countable(input) {
        return Err(unfit(operation, input));
    }
    let k = args.items(operation, Some(8))?;
    // So few that only what stands out is surely there.
    let places = k.next_power_of_two().max(8);
    Ok(Box::new(Frequents { k, places, error: ErrorType::NoFalsePositives }))
}
