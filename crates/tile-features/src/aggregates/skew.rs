//! `SKEW`: how much the distribution of numbers leans to one side. Not a number, so null, for too few values or when all are equal.

use super::Aggregate;
use super::parts::moments::{Measure, Moments};
use crate::operation::Operation;
use crate::types::Type;
use tile_base::Result;

/// # Errors
/// `Invalid` for what is no number.
pub fn create(input: &Type) -> Result<Box<dyn Aggregate>> {
    Measure::create(Operation::Skew, input, Moments::skew)
}
