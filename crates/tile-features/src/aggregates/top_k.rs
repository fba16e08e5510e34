//! `TOP_K`: the `k` greatest numbers or texts, greatest first. NaN is greater than all numbers.

use super::parts::ranked::{Descending, Ranked};
use super::{Aggregate, Args, unfit};
use crate::operation::Operation;
use crate::types::Type;
use tile_base::Result;

/// # Errors
/// `Invalid` for what is neither a number nor a text, without a `k`, or with one out of bounds.
pub fn create(input: &Type, args: &Args) -> Result<Box<dyn Aggregate>> {
    if !input.is_number() && *input != Type::Text {
        return Err(unfit(Operation::TopK, input));
    }
    let k = args.items(Operation::TopK, None)?;
    Ok(Box::new(Ranked { ty: input.clone(), k, rank: Descending }))
}
