//! How many different values: how often each is in the window, kept as it moves.

use super::keys::NO_KEY;
use super::method::Task;
use super::output::Out;
use super::sorted::small;
use crate::column::{Cell, Column};
use crate::operation::Operation;
use std::collections::HashMap;
use std::hash::Hash;

/// What is counted when nothing else is said.
const BOUND: u32 = 8;

pub fn count(task: &Task<'_>, outs: &mut [Out]) -> bool {
    let Some((numbers, different)) = numbers(task) else { return false };
    let most = match task.slot.operation {
        Operation::BoundedUniqueCount => i64::from(task.slot.args.k.unwrap_or(BOUND)),
        _ => i64::MAX,
    };
    let mut often = vec![0_u32; different];
    for (out, window) in outs.iter_mut().zip(task.windows) {
        often.fill(0);
        let (mut begin, mut end, mut count) = (0_usize, 0_usize, 0_i64);
        for (from, to) in task.key.spans(*window) {
            for number in numbers[end.min(to)..to].iter().filter(|n| **n != NO_KEY) {
                let times = &mut often[*number as usize];
                count += i64::from(*times == 0);
                *times += 1;
            }
            end = end.max(to);
            for number in numbers[begin.min(from)..from.min(end)].iter().filter(|n| **n != NO_KEY) {
                let times = &mut often[*number as usize];
                *times -= 1;
                count -= i64::from(*times == 0);
            }
            begin = begin.max(from.min(end));
            out.push_int((count > 0).then_some(count.min(most)));
        }
    }
    true
}

/// A number for each value, and how many there are.
fn numbers(task: &Task<'_>) -> Option<(Vec<u32>, usize)> {
    let column = &task.block.columns[task.slot.input];
    let cells = task.key.rows.iter().map(|row| column.cell(*row as usize));
    Some(match column {
        Column::Int(_) => number(cells.map(|c| if let Cell::Int(x) = c { Some(x) } else { None })),
        // All NaN are one; the two zeros are two.
        Column::Real(_) => number(cells.map(|c| match c {
            Cell::Real(x) if x.is_nan() => Some(f64::NAN.to_bits()),
            Cell::Real(x) => Some(x.to_bits()),
            _ => None,
        })),
        Column::Text(_) => number(cells.map(|c| if let Cell::Text(t) = c { Some(t) } else { None })),
        Column::Bytes(_) => number(cells.map(|c| if let Cell::Bytes(b) = c { Some(b) } else { None })),
        _ => return None,
    })
}

fn number<T: Hash + Eq>(values: impl Iterator<Item = Option<T>>) -> (Vec<u32>, usize) {
    let mut known: HashMap<T, u32> = HashMap::new();
    let mut one = |value: Option<T>| {
        let next = small(known.len());
        value.map_or(NO_KEY, |value| *known.entry(value).or_insert(next))
    };
    let numbers = values.map(&mut one).collect();
    (numbers, known.len())
}
