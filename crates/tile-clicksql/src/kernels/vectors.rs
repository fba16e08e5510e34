//! Norms and distances of vectors. ClickHouse sums up in an order that depends on the machine, so that the last digit
//! of a long vector's may differ.

use super::frame::{Answered, F64, Kernel, KernelError, ListF64, kernel};

fn sum(terms: impl Iterator<Item = f64>) -> f64 {
    terms.fold(0.0, |sum, term| sum + term)
}

fn pairs<'a>(x: &'a [f64], y: &'a [f64]) -> Answered<impl Iterator<Item = (f64, f64)> + Clone + 'a> {
    if x.len() != y.len() {
        return Err(KernelError::new(190, "array arguments of a distance must have equal sizes"));
    }
    Ok(x.iter().copied().zip(y.iter().copied()))
}

fn largest(terms: impl Iterator<Item = f64>) -> f64 {
    terms.fold(0.0, f64::max)
}

fn cosine(x: &[f64], y: &[f64]) -> Answered<f64> {
    let both = pairs(x, y)?;
    let product = sum(both.clone().map(|(a, b)| a * b));
    let (left, right) = (sum(both.clone().map(|(a, _)| a * a)), sum(both.map(|(_, b)| b * b)));
    Ok(1.0 - product / (left * right).sqrt())
}

pub const VECTOR: &[Kernel] = &[
    kernel!("ch_l1_distance", (x: ListF64, y: ListF64) -> F64, sum(pairs(&x, &y)?.map(|(a, b)| (a - b).abs()))),
    kernel!("ch_l2_distance", (x: ListF64, y: ListF64) -> F64, {
        sum(pairs(&x, &y)?.map(|(a, b)| (a - b) * (a - b))).sqrt()
    }),
    kernel!("ch_l2_squared_distance", (x: ListF64, y: ListF64) -> F64, {
        sum(pairs(&x, &y)?.map(|(a, b)| (a - b) * (a - b)))
    }),
    kernel!("ch_linf_distance", (x: ListF64, y: ListF64) -> F64, largest(pairs(&x, &y)?.map(|(a, b)| (a - b).abs()))),
    kernel!("ch_cosine_distance", (x: ListF64, y: ListF64) -> F64, cosine(&x, &y)?),
    kernel!("ch_l1_norm", (x: ListF64) -> F64, sum(x.iter().map(|a| a.abs()))),
    kernel!("ch_l2_norm", (x: ListF64) -> F64, sum(x.iter().map(|a| a * a)).sqrt()),
    kernel!("ch_l2_squared_norm", (x: ListF64) -> F64, sum(x.iter().map(|a| a * a))),
    kernel!("ch_linf_norm", (x: ListF64) -> F64, largest(x.iter().map(|a| a.abs()))),
];
