//! Counts, sums and averages: the difference of two running results.
//!
//! Running sums of integers wrap, and so do their differences: they are exact. Those of doubles carry what each addition rounded away
//! (Knuth's two-sum), so that a difference is as good as a sum of its own, unless a key's values differ by more than 10¹⁵ or so: then
//! the method declines.

use super::method::Task;
use super::output::Out;
use crate::column::{Cell, Column};

/// Runs over the events of a key; `each` is given their cells but for nulls.
fn each<'a>(task: &Task<'a>, mut each: impl FnMut(Option<Cell<'a>>)) {
    let column: &'a Column = &task.block.columns[task.slot.input];
    for row in task.key.rows {
        let cell = column.cell(*row as usize);
        each((!cell.is_null()).then_some(cell));
    }
}

/// Running counts of what is not null.
fn counts(task: &Task<'_>) -> Vec<u32> {
    let mut counts = Vec::with_capacity(task.key.rows.len() + 1);
    let mut count = 0;
    counts.push(0);
    each(task, |cell| {
        count += u32::from(cell.is_some());
        counts.push(count);
    });
    counts
}

fn fill(task: &Task<'_>, outs: &mut [Out], mut value: impl FnMut(&mut Out, usize, usize)) {
    for (out, window) in outs.iter_mut().zip(task.windows) {
        for (from, to) in task.key.spans(*window) {
            value(out, from.min(to), to);
        }
    }
}

pub fn count(task: &Task<'_>, outs: &mut [Out]) -> bool {
    let counts = counts(task);
    fill(task, outs, |out, from, to| {
        let count = counts[to] - counts[from];
        out.push_int((count > 0).then(|| i64::from(count)));
    });
    true
}

pub fn sum_integers(task: &Task<'_>, outs: &mut [Out]) -> bool {
    let (mut sums, mut counts, mut sum, mut count) = (vec![0_i64], vec![0_u32], 0_i64, 0_u32);
    each(task, |cell| {
        if let Some(Cell::Int(x)) = cell {
            sum = sum.wrapping_add(x);
            count += 1;
        }
        sums.push(sum);
        counts.push(count);
    });
    fill(task, outs, |out, from, to| {
        out.push_int((counts[to] > counts[from]).then(|| sums[to].wrapping_sub(sums[from])));
    });
    true
}

pub fn average_integers(task: &Task<'_>, outs: &mut [Out]) -> bool {
    let (mut sums, mut counts, mut sum, mut count) = (vec![0_i128], vec![0_u32], 0_i128, 0_u32);
    each(task, |cell| {
        if let Some(Cell::Int(x)) = cell {
            // 2³² numbers of 64 bits: no overflow.
            sum += i128::from(x);
            count += 1;
        }
        sums.push(sum);
        counts.push(count);
    });
    fill(task, outs, |out, from, to| {
        let count = counts[to] - counts[from];
        #[expect(clippy::cast_precision_loss, reason = "the nearest double to the exact sum")]
        out.push_real((count > 0).then(|| (sums[to] - sums[from]) as f64 / f64::from(count)));
    });
    true
}

pub fn sum_reals(task: &Task<'_>, outs: &mut [Out]) -> bool {
    reals(task, outs, |sum, _| sum)
}

pub fn average_reals(task: &Task<'_>, outs: &mut [Out]) -> bool {
    reals(task, outs, |sum, count| sum / f64::from(count))
}

fn reals(task: &Task<'_>, outs: &mut [Out], value: impl Fn(f64, u32) -> f64) -> bool {
    let Some(Running { sums, counts }) = Running::new(task) else { return false };
    fill(task, outs, |out, from, to| {
        let count = counts[to] - counts[from];
        let ((a, a_rest), (b, b_rest)) = (sums[from], sums[to]);
        out.push_real((count > 0).then(|| value((b - a) + (b_rest - a_rest), count)));
    });
    true
}

struct Running {
    /// The sum, and what was rounded away.
    sums: Vec<(f64, f64)>,
    counts: Vec<u32>,
}

impl Running {
    /// None where differences would not be good: a value that is not finite, or values too far apart.
    fn new(task: &Task<'_>) -> Option<Self> {
        let (mut sums, mut counts) = (vec![(0.0, 0.0)], vec![0_u32]);
        let (mut sum, mut rest, mut count) = (0.0_f64, 0.0_f64, 0_u32);
        let (mut largest, mut smallest) = (0.0_f64, f64::INFINITY);
        each(task, |cell| {
            if let Some(Cell::Real(x)) = cell {
                let next = sum + x;
                let part = next - sum;
                rest += (sum - (next - part)) + (x - part);
                sum = next;
                count += 1;
                // NaN and infinities make the sum, and so this, other than finite.
                largest = largest.max(next.abs()).max(x.abs());
                if x != 0.0 {
                    smallest = smallest.min(x.abs());
                }
            }
            sums.push((sum, rest));
            counts.push(count);
        });
        // The error of a difference, against the smallest value that it could have to show.
        let error = largest * f64::EPSILON * f64::EPSILON * f64::from(count);
        (sum.is_finite() && rest.is_finite() && error <= smallest * 1e-13).then_some(Self { sums, counts })
    }
}
