//! `MIN`: the least number or text. Texts are compared as Java does, by UTF-16 code units; with NaN among them numbers have none.

use super::Aggregate;
use super::parts::extreme::Extreme;
use crate::operation::Operation;
use crate::types::Type;
use std::cmp::Ordering;
use tile_base::Result;

/// # Errors
/// `Invalid` for what is neither a number nor a text.
pub fn create(input: &Type) -> Result<Box<dyn Aggregate>> {
    Extreme::create(Operation::Min, input, Ordering::Less)
}
