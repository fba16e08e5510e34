//! Extension: `every=n` (or `n,m,…` per dimension of the result) keeps every n-th item; with `how=mean|min|max` each bin of
//! that many items becomes one float64. Bins at the end may be short; NaN is left out of them.

use crate::assets::sub_uid;
use crate::cache::Cache;
use crate::data::ArrayData;
use crate::encoders::item;
use crate::reading::array;
use bytes::Bytes;
use tile_base::slice::Take;
use tile_base::strided::strides;
use tile_base::{DType, Error, Kind, Result, Selection};
use tile_web::Req;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    First,
    Mean,
    Min,
    Max,
}

/// A reduction as asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduce {
    every: Vec<usize>,
    how: How,
}

impl Reduce {
    /// # Errors
    /// `Malformed` for anything but positive numbers and known words.
    pub fn of(req: &Req) -> Result<Option<Self>> {
        let Some(text) = req.query.get("every") else { return Ok(None) };
        let bad = || {
            Error::malformed(format!(
                "`every={}` is not a list of positive numbers",
                text.chars().take(60).collect::<String>()
            ))
        };
        let every: Vec<usize> = text
            .split(',')
            .map(|t| t.trim().parse().ok().filter(|&n| n > 0).ok_or_else(bad))
            .collect::<Result<_>>()?;
        let how = match req.query.get("how").unwrap_or("first") {
            "first" => How::First,
            "mean" => How::Mean,
            "min" => How::Min,
            "max" => How::Max,
            other => {
                return Err(Error::malformed(format!("`how={other}` is not known"))
                    .hint("Use first, mean, min or max"));
            }
        };
        Ok(Some(Self { every, how }))
    }
}

impl Reduce {
    /// Items that have to be read of a selection: all of them, unless only the first of each bin is kept.
    pub fn items_read(&self, selection: &Selection) -> usize {
        let kept = selection.0.iter().filter(|t| !t.dropped);
        match (self.how, self.every.as_slice()) {
            (How::First, [n]) => kept.map(|t| t.count.div_ceil(*n)).fold(1, usize::saturating_mul),
            (How::First, many) => {
                kept.zip(many).map(|(t, n)| t.count.div_ceil(*n)).fold(1, usize::saturating_mul)
            }
            _ => selection.items(),
        }
    }
}

/// The reduced array, in memory.
///
/// # Errors
/// `Invalid` when the numbers do not fit the dimensions; `NotAllowed` to average what is not a number.
pub fn apply(data: &ArrayData, selection: &Selection, reduce: &Reduce, cache: &Cache) -> Result<ArrayData> {
    let kept: Vec<usize> =
        selection.0.iter().enumerate().filter(|(_, t)| !t.dropped).map(|(i, _)| i).collect();
    let every: Vec<usize> = match reduce.every.as_slice() {
        [one] => vec![*one; kept.len()],
        many if many.len() == kept.len() => many.to_vec(),
        many => {
            return Err(Error::invalid(format!(
                "`every` has {} numbers, the result has {} dimensions",
                many.len(),
                kept.len()
            )));
        }
    };
    let dtype = &data.structure.dtype;
    let uid = sub_uid(data.uid, &format!("{selection:?}{reduce:?}"));
    if reduce.how == How::First {
        let mut takes = selection.0.clone();
        for (&axis, &n) in kept.iter().zip(&every) {
            let t = &mut takes[axis];
            let count = t.count.div_ceil(n);
            let step = t.step.saturating_mul(isize::try_from(n).unwrap_or(isize::MAX));
            *t = Take { step: if count <= 1 { 1 } else { step }, count, ..*t };
        }
        let thin = Selection(takes);
        let bytes = array::read(data, &thin, cache)?;
        return Ok(ArrayData::in_memory(dtype.clone(), thin.shape(), bytes, uid));
    }
    if !matches!(dtype, DType::Scalar(s) if "biuf".contains(s.kind)) {
        return Err(Error::new(
            Kind::NotAllowed,
            "only numbers can be reduced to a mean, minimum or maximum",
        ));
    }
    let shape = selection.shape();
    let bytes = array::read(data, selection, cache)?;
    let target: Vec<usize> = shape.iter().zip(&every).map(|(n, e)| n.div_ceil(*e)).collect();
    let values = bins(dtype, &bytes, &shape, &every, &target, reduce.how);
    let out: Vec<u8> = values.into_iter().flat_map(f64::to_le_bytes).collect();
    Ok(ArrayData::in_memory(DType::little('f', 8), target, Bytes::from(out), uid))
}

fn bins(
    dtype: &DType,
    bytes: &[u8],
    shape: &[usize],
    every: &[usize],
    target: &[usize],
    how: How,
) -> Vec<f64> {
    let cells: usize = target.iter().product();
    let start = match how {
        How::Min => f64::INFINITY,
        How::Max => f64::NEG_INFINITY,
        _ => 0.0,
    };
    let (mut sums, mut counts) = (vec![start; cells], vec![0u64; cells]);
    let steps = strides(target, 1);
    let mut index = vec![0usize; shape.len()];
    for i in 0..shape.iter().product::<usize>() {
        let cell: usize = index.iter().zip(every).zip(&steps).map(|((x, e), s)| x / e * s).sum();
        let v = item::as_f64(dtype, bytes, i).unwrap_or(f64::NAN);
        if !v.is_nan() {
            counts[cell] += 1;
            sums[cell] = match how {
                How::Min => sums[cell].min(v),
                How::Max => sums[cell].max(v),
                _ => sums[cell] + v,
            };
        }
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            if index[axis] < shape[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a mean over fewer than 2^52 items")]
    let finish = |(sum, n): (f64, u64)| match (how, n) {
        (_, 0) => f64::NAN,
        (How::Mean, n) => sum / n as f64,
        _ => sum,
    };
    sums.into_iter().zip(counts).map(finish).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_average_and_end_short() {
        let bytes: Vec<u8> =
            [1.0f64, 3.0, 5.0, f64::NAN, 9.0].into_iter().flat_map(f64::to_le_bytes).collect();
        let d = DType::little('f', 8);
        assert_eq!(bins(&d, &bytes, &[5], &[2], &[3], How::Mean), [2.0, 5.0, 9.0]);
        assert_eq!(bins(&d, &bytes, &[5], &[2], &[3], How::Max), [3.0, 5.0, 9.0]);
    }
}
