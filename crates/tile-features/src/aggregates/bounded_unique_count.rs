//! `BOUNDED_UNIQUE_COUNT`: how many distinct values there are, but at most `k` (8 when not said).

use super::unique_count::{UniqueCount, is_hashed};
use super::{Aggregate, Args, unfit};
use crate::operation::Operation;
use crate::types::Type;
use tile_base::Result;

/// # Errors
/// `Invalid` for what is neither a number, a text nor binary, and for a `k` out of bounds.
pub fn create(input: &Type, args: &Args) -> Result<Box<dyn Aggregate>> {
    if !is_hashed(input) {
        return Err(unfit(Operation::BoundedUniqueCount, input));
    }
    let most = args.items(Operation::BoundedUniqueCount, Some(8))?;
    Ok(Box::new(UniqueCount { most, is_bounded: true }))
}
