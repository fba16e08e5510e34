//! One file for each operation. An operation knows nothing of windows, keys, tiles or shapes: it folds cells into an intermediate
//! result ([`Ir`]), merges two of them, and makes a value of one.
//!
//! The laws that a suite over [`create`] checks: `merge` is associative; with what was never updated it changes nothing; merging never
//! changes what is merged from; the value of a merge is the value of all updates in their order.

pub mod codec;
mod count;
mod last;
pub mod shape;
mod sum;

use crate::column::Cell;
use crate::operation::Operation;
use crate::types::Type;
use crate::value::Value;
use tile_base::{Error, Result};

/// What an aggregation was given beside its column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Args {
    pub k: Option<u32>,
    pub percentiles: Vec<f64>,
}

/// A partial result. Which form it has follows from the operation and its input; `Empty` is that of no input.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Ir {
    #[default]
    Empty,
    Int(i64),
    Real(f64),
    /// The first or last value, with its time.
    At(i64, Value),
    /// By the keys of maps, or by buckets.
    Entries(Box<shape::EntryMap>),
    /// By the place in lists.
    Elements(Box<Vec<Self>>),
}

/// An operation over inputs of one type. Nulls do not come here.
pub trait Aggregate: Send + Sync {
    /// The type of its value.
    fn output(&self) -> Type;
    /// Takes in one value, that came after all others which `ir` has. `at` is the time of its event.
    fn update(&self, ir: &mut Ir, cell: Cell<'_>, at: i64);
    /// Takes in what came after all that `ir` has, where the order of arrival matters.
    fn merge(&self, ir: &mut Ir, later: &Ir);
    /// The value; null for `Empty`.
    fn finalize(&self, ir: &Ir) -> Value;
    /// Takes a value out that was taken in. False where the operation cannot.
    fn remove(&self, _ir: &mut Ir, _cell: Cell<'_>) -> bool {
        false
    }
}

/// The operation over a scalar input, or over a list or map taken as one value.
///
/// # Errors
/// `Invalid` when the operation is not made for that type, or lacks an argument.
pub fn create(operation: Operation, input: &Type, args: &Args) -> Result<Box<dyn Aggregate>> {
    let _ = args;
    match operation {
        Operation::Count => Ok(Box::new(count::Count)),
        Operation::Sum => sum::create(input),
        Operation::Last => Ok(Box::new(last::Last(input.clone()))),
        _ => Err(unfit(operation, input)),
    }
}

/// The refusal of an input's type.
fn unfit(operation: Operation, input: &Type) -> Error {
    Error::invalid(format!("{operation} does not take a {input}"))
}
