//! Vectors: arrays and tuples of numbers of equal length, their norms and distances.

use super::{Args, Function, entry};
use crate::error::Result;
use crate::typed::Typed;
use crate::types::{Type, supertype};

macro_rules! two {
    ($name:literal, $kernel:literal, $aliases:expr) => {
        entry($name, (2, 2), |a| of_two(a, $kernel)).alias($aliases).full()
    };
}
macro_rules! one {
    ($name:literal, $kernel:literal, $aliases:expr) => {
        entry($name, (1, 1), |a| of_one(a, $kernel)).alias($aliases).full()
    };
}

pub const ALL: &[Function] = &[
    two!("L1Distance", "ch_l1_distance", &["distanceL1", "arrayL1Distance"]),
    two!("L2Distance", "ch_l2_distance", &["distanceL2", "arrayL2Distance"]),
    two!("L2SquaredDistance", "ch_l2_squared_distance", &["distanceL2Squared", "arrayL2SquaredDistance"]),
    two!("LinfDistance", "ch_linf_distance", &["distanceLinf", "arrayLinfDistance"]),
    two!("cosineDistance", "ch_cosine_distance", &["distanceCosine", "arrayCosineDistance"]),
    one!("L1Norm", "ch_l1_norm", &["normL1", "arrayL1Norm"]),
    one!("L2Norm", "ch_l2_norm", &["normL2", "arrayL2Norm"]),
    one!("L2SquaredNorm", "ch_l2_squared_norm", &["normL2Squared", "arrayL2SquaredNorm"]),
    one!("LinfNorm", "ch_linf_norm", &["normLinf", "arrayLinfNorm"]),
];

/// An argument as a list of DOUBLE, and whether its numbers are of 32 bits.
fn vector(a: &Args<'_, '_, '_>, i: usize) -> Result<(String, Type)> {
    let item = match a.ty(i)? {
        Type::Array(item) if item.is_number() && !item.is_decimal() => item.as_ref().clone(),
        Type::Tuple(elements) if elements.iter().all(|(_, t)| t.is_number() && !t.is_decimal()) => {
            let parts = (1..=elements.len())
                .map(|n| Ok(format!("CAST(struct_extract({}, '{n}') AS DOUBLE)", a.sql(i)?)))
                .collect::<Result<Vec<_>>>()?;
            return Ok((format!("[{}]", parts.join(", ")), Type::Float64));
        }
        _ => return Err(a.wrong(i, "an array or a tuple of numbers")),
    };
    Ok((format!("CAST({} AS DOUBLE[])", a.sql(i)?), item))
}

/// Vectors of 32-bit floats are summed up with 32 bits there, in an order that depends on the machine.
fn only_double(a: &Args<'_, '_, '_>, items: &[Type]) -> Result<()> {
    match supertype(items) {
        Some(Type::Float32) => Err(a.unsupported("of arrays of Float32")),
        Some(_) => Ok(()),
        None => Err(a.wrong(1, "numbers that have a type in common with the first ones")),
    }
}

fn of_two(a: &Args<'_, '_, '_>, kernel: &str) -> Result<Typed> {
    let ((x, s), (y, t)) = (vector(a, 0)?, vector(a, 1)?);
    only_double(a, &[s, t])?;
    Ok(Typed::new(format!("{kernel}({x}, {y})"), Type::Float64))
}

fn of_one(a: &Args<'_, '_, '_>, kernel: &str) -> Result<Typed> {
    let (x, s) = vector(a, 0)?;
    only_double(a, &[s])?;
    Ok(Typed::new(format!("{kernel}({x})"), Type::Float64))
}
