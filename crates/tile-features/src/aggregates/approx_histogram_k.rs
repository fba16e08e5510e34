//! `APPROX_HISTOGRAM_K`: how often each value came, of about the `k` most frequent ones (8 when not said). Exact while there are at most
//! six times as many distinct values; beyond, a count is too high by at most what a value that is left out may have.

use super::parts::frequent::{Frequents, Which, is_countable};
use super::{Aggregate, Args, unfit};
use crate::operation::Operation;
use crate::types::Type;
use tile_base::Result;

/// # Errors
/// `Invalid` for what is neither a number nor a text, and for a `k` out of bounds.
pub fn create(input: &Type, args: &Args) -> Result<Box<dyn Aggregate>> {
    let operation = Operation::ApproxHistogramK;
    if !is_countable(input) {
        return Err(unfit(operation, input));
    }
    let k = args.items(operation, Some(8))?;
    Ok(Box::new(Frequents { k, which: Which::Sure }))
}
