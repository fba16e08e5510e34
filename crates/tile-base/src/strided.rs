//! The one copy kernel: gather a strided region of a C-order source into a strided region of a C-order target.

use crate::slice::Take;

/// Byte strides of a C-order array of `shape`.
pub fn strides(shape: &[usize], itemsize: usize) -> Vec<usize> {
    let mut out = vec![itemsize; shape.len()];
    for axis in (0..shape.len().saturating_sub(1)).rev() {
        out[axis] = out[axis + 1].saturating_mul(shape[axis + 1]);
    }
    out
}

/// Copies what `takes` selects of `source` (C order, `source_shape`) into `target` (C order, `target_shape`) beginning at
/// `at`. Both shapes have one entry per dimension, dropped ones counted as 1 in the target.
///
/// Cost: items copied; runs that are contiguous on both sides move as one block.
///
/// # Panics
/// When the takes reach outside of `source` or `target`; planners guarantee that they do not.
pub fn gather(
    source: &[u8],
    source_shape: &[usize],
    takes: &[Take],
    target: &mut [u8],
    target_shape: &[usize],
    at: &[usize],
    itemsize: usize,
) {
    if takes.iter().any(|t| t.count == 0) || itemsize == 0 {
        return;
    }
    let (ss, ts) = (strides(source_shape, itemsize), strides(target_shape, itemsize));
    let mut from: usize = takes.iter().zip(&ss).map(|(t, s)| t.start * s).sum();
    let mut to: usize = at.iter().zip(&ts).map(|(a, s)| a * s).sum();
    // Fold trailing dimensions that are contiguous on both sides into one run.
    let mut run = itemsize;
    let mut outer = takes.len();
    while outer > 0 {
        let t = &takes[outer - 1];
        if t.count == 1 {
            outer -= 1;
        } else if t.step == 1 && ss[outer - 1] == run && ts[outer - 1] == run {
            run *= t.count;
            outer -= 1;
        } else {
            break;
        }
    }
    if outer == 0 {
        target[to..to + run].copy_from_slice(&source[from..from + run]);
        return;
    }
    let (inner, dims) = (takes[outer - 1], &takes[..outer - 1]);
    let (inner_from, inner_to) = (signed(ss[outer - 1]) * inner.step, ts[outer - 1]);
    let mut odometer = vec![0usize; dims.len()];
    loop {
        copy_row(source, from, inner_from, target, to, inner_to, inner.count, run);
        let mut axis = dims.len();
        loop {
            if axis == 0 {
                return;
            }
            axis -= 1;
            let step = signed(ss[axis]) * dims[axis].step;
            odometer[axis] += 1;
            if odometer[axis] < dims[axis].count {
                from = from.wrapping_add_signed(step);
                to += ts[axis];
                break;
            }
            let back = odometer[axis] - 1;
            from = from.wrapping_add_signed(-step * signed(back));
            to -= ts[axis] * back;
            odometer[axis] = 0;
        }
    }
}

fn signed(v: usize) -> isize {
    isize::try_from(v).unwrap_or(isize::MAX)
}

#[expect(clippy::too_many_arguments, reason = "the innermost loop: a struct would only rename its operands")]
fn copy_row(
    source: &[u8],
    from: usize,
    from_step: isize,
    target: &mut [u8],
    to: usize,
    to_step: usize,
    count: usize,
    run: usize,
) {
    match run {
        1 => copy_items::<1>(source, from, from_step, target, to, to_step, count),
        2 => copy_items::<2>(source, from, from_step, target, to, to_step, count),
        4 => copy_items::<4>(source, from, from_step, target, to, to_step, count),
        8 => copy_items::<8>(source, from, from_step, target, to, to_step, count),
        _ => {
            let mut at = from;
            for i in 0..count {
                let t = to + i * to_step;
                target[t..t + run].copy_from_slice(&source[at..at + run]);
                at = at.wrapping_add_signed(from_step);
            }
        }
    }
}

fn copy_items<const N: usize>(
    source: &[u8],
    from: usize,
    from_step: isize,
    target: &mut [u8],
    to: usize,
    to_step: usize,
    count: usize,
) {
    let mut at = from;
    for i in 0..count {
        let t = to + i * to_step;
        target[t..t + N].copy_from_slice(&source[at..at + N]);
        at = at.wrapping_add_signed(from_step);
    }
}

/// Reverses each group of `width` bytes in place: a change of byte order.
pub fn swap_bytes(data: &mut [u8], width: usize) {
    match width {
        0 | 1 => {}
        2 => data.chunks_exact_mut(2).for_each(|c| c.swap(0, 1)),
        4 => data.chunks_exact_mut(4).for_each(<[u8]>::reverse),
        8 => data.chunks_exact_mut(8).for_each(<[u8]>::reverse),
        _ => data.chunks_exact_mut(width).for_each(<[u8]>::reverse),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slice::NdSlice;

    #[test]
    fn gathers_like_indexing() {
        let shape = [3, 4, 5];
        let source: Vec<u8> = (0..60).collect();
        for text in ["", "1", ":,2", ":,:,3", "::-1,::2,1::3", "2,1:3,::-2", ":,::-1", "0:0", "-1,-1,-1"] {
            let sel = NdSlice::parse(text).unwrap().resolve(&shape).unwrap();
            let counts = sel.counts();
            let mut got = vec![0; sel.items()];
            gather(&source, &shape, &sel.0, &mut got, &counts, &[0, 0, 0], 1);
            let mut want = Vec::new();
            for i in 0..counts[0] {
                for j in 0..counts[1] {
                    for k in 0..counts[2] {
                        want.push(
                            u8::try_from(sel.0[0].at(i) * 20 + sel.0[1].at(j) * 5 + sel.0[2].at(k)).unwrap(),
                        );
                    }
                }
            }
            assert_eq!(got, want, "{text}");
        }
    }
}
