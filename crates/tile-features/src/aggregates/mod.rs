//! One file for each operation. An operation knows nothing of windows, keys, tiles or shapes: it folds cells into an intermediate
//! result ([`Ir`]), merges two of them, and makes a value of one. What several operations share is in [`parts`].
//!
//! The laws that a suite over [`create`] checks: `merge` is associative; with what was never updated it changes nothing; merging never
//! changes what is merged from; the value of a merge is the value of all updates in their order; what is taken in and out again is as
//! if it had never been.
//!
//! To add one: a file with its `create`, a line in [`Operation`], a line in [`create`] below.

mod approx_frequent_k;
mod approx_heavy_hitters_k;
mod approx_histogram_k;
mod approx_percentile;
mod approx_unique_count;
mod average;
mod bottom_k;
mod bounded_unique_count;
pub mod codec;
mod count;
mod first;
mod first_k;
mod histogram;
mod ir;
mod kurtosis;
mod last;
mod last_k;
mod max;
mod min;
pub mod parts;
pub mod shape;
mod skew;
mod sum;
mod top_k;
mod unique_count;
mod unique_top_k;
mod variance;

pub use ir::Ir;
use parts::sketch::LG_K;
use parts::words::{Form, Inputs, Lane};

use crate::column::Cell;
use crate::operation::Operation;
use crate::types::Type;
use crate::value::Value;
use std::ops::RangeInclusive;
use tile_base::{Error, Result};

/// What an aggregation was given beside its column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Args {
    pub k: Option<u32>,
    pub percentiles: Vec<f64>,
}

/// Items that a list or a map of the best, first or most frequent holds.
const K_MAX: u32 = 100_000;

impl Args {
    /// Reads the texts of a definition's `argMap`: `k`, and `percentiles` as a JSON array. Others are not known here and mean nothing.
    ///
    /// # Errors
    /// `Invalid` for what is not a number, or not an array of numbers.
    pub fn read<'a>(entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut args = Self::default();
        for (name, text) in entries {
            match name {
                "k" => {
                    let k = text.trim().parse();
                    args.k = Some(k.map_err(|_| Error::invalid(format!("`k` is `{text}`, not a number")))?);
                }
                "percentiles" => {
                    args.percentiles = serde_json::from_str(text).map_err(|_| {
                        Error::invalid(format!("`percentiles` is `{text}`, not a list of numbers"))
                            .hint("Write it as `[0.5, 0.95]`")
                    })?;
                }
                _ => {}
            }
        }
        Ok(args)
    }

    /// Between which bounds the `k` of an operation lies.
    pub fn k_bounds(operation: Operation) -> RangeInclusive<u32> {
        match operation {
            Operation::ApproxPercentile => 8..=u32::from(u16::MAX),
            Operation::ApproxUniqueCount => u32::from(*LG_K.start())..=u32::from(*LG_K.end()),
            // None is all of them.
            Operation::Histogram => 0..=K_MAX,
            _ => 1..=K_MAX,
        }
    }

    /// `k`, which lies between its bounds.
    fn k_within(&self, operation: Operation, default: Option<u32>) -> Result<u32> {
        let bounds = Self::k_bounds(operation);
        let (least, most) = (bounds.start(), bounds.end());
        match self.k.or(default) {
            Some(k) if bounds.contains(&k) => Ok(k),
            Some(k) => {
                Err(Error::invalid(format!("{operation} takes a `k` from {least} to {most}, not {k}")))
            }
            None => Err(Error::invalid(format!("{operation} needs a `k`, from {least} to {most}"))),
        }
    }

    /// How many items are kept.
    fn items(&self, operation: Operation, default: Option<u32>) -> Result<usize> {
        Ok(self.k_within(operation, default)? as usize)
    }
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
    /// Takes a value out that was taken in, here or in a result that this one will be merged with. False where the operation cannot.
    fn remove(&self, _ir: &mut Ir, _cell: Cell<'_>) -> bool {
        false
    }
    /// How its result lies in words, where it has a fixed size.
    fn form(&self) -> Option<Form> {
        None
    }
    /// Takes the cells of a column into tiles: as `update` with each of them, in a loop that is made for this operation.
    fn fold(&self, lane: Lane, tiles: &mut [u64], column: usize, inputs: Inputs<'_>) {
        let Some(form) = self.form() else { return };
        inputs.each(column, |tile, cell, at| {
            let words = lane.of_mut(tiles, tile);
            let mut ir = form.unpack(words);
            self.update(&mut ir, cell, at);
            form.pack(&ir, words);
        });
    }
    /// Takes in the results of tiles that follow each other: as `merge` with each of them.
    fn gather(&self, lane: Lane, tiles: &[u64], ir: &mut Ir) {
        let Some(form) = self.form() else { return };
        (0..tiles.len() / lane.stride).for_each(|tile| self.merge(ir, &form.unpack(lane.of(tiles, tile))));
    }
}

/// The operation over a scalar input, or over a list, map or struct taken as one value.
///
/// # Errors
/// `Invalid` when the operation is not made for that type, lacks an argument, or has one out of bounds.
pub fn create(operation: Operation, input: &Type, args: &Args) -> Result<Box<dyn Aggregate>> {
    if matches!(input, Type::Date | Type::Timestamp) {
        return Err(unfit(operation, input).hint("Transform it into a long, by an expression of the query"));
    }
    match operation {
        Operation::Min => min::create(input),
        Operation::Max => max::create(input),
        Operation::First => first::create(input),
        Operation::Last => last::create(input),
        Operation::UniqueCount => unique_count::create(input),
        Operation::ApproxUniqueCount => approx_unique_count::create(input, args),
        Operation::Count => Ok(Box::new(count::Count)),
        Operation::Sum => sum::create(input),
        Operation::Average => average::create(input),
        Operation::Variance => variance::create(input),
        Operation::Skew => skew::create(input),
        Operation::Kurtosis => kurtosis::create(input),
        Operation::ApproxPercentile => approx_percentile::create(input, args),
        Operation::LastK => last_k::create(input, args),
        Operation::FirstK => first_k::create(input, args),
        Operation::TopK => top_k::create(input, args),
        Operation::BottomK => bottom_k::create(input, args),
        Operation::Histogram => histogram::create(input, args),
        Operation::ApproxHistogramK => approx_histogram_k::create(input, args),
        Operation::BoundedUniqueCount => bounded_unique_count::create(input, args),
        Operation::ApproxFrequentK => approx_frequent_k::create(input, args),
        Operation::ApproxHeavyHittersK => approx_heavy_hitters_k::create(input, args),
        Operation::UniqueTopK => unique_top_k::create(input, args),
    }
}

/// The refusal of an input's type.
fn unfit(operation: Operation, input: &Type) -> Error {
    Error::invalid(format!("{operation} does not take a {input}"))
}
