//! `FIRST_K`: the first `k` values by time, oldest first. Values of one time are in the order of their arrival.

use super::parts::timed::Timed;
use super::{Aggregate, Args};
use crate::operation::Operation;
use crate::types::Type;
use tile_base::Result;

/// # Errors
/// `Invalid` without a `k`, or with one out of bounds.
pub fn create(input: &Type, args: &Args) -> Result<Box<dyn Aggregate>> {
    let k = args.items(Operation::FirstK, None)?;
    Ok(Box::new(Timed { ty: input.clone(), k, is_last: false }))
}
