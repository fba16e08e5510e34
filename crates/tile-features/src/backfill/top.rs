//! The greatest and least values of a window: the places of its events in the order of all values of the key, as a set of bits.

use super::keys::NO_KEY;
use super::method::Task;
use super::output::Out;
use super::sorted::small;
use crate::column::{Cell, Column};
use crate::operation::Operation;
use crate::value::{Value, real_order, text_order};
use std::cmp::Ordering;

pub fn top(task: &Task<'_>, outs: &mut [Out]) -> bool {
    let Some(k) = task.slot.args.k else { return false };
    let column = &task.block.columns[task.slot.input];
    let Some(sorted) = sort(task) else { return false };
    let mut ranks = vec![NO_KEY; task.key.rows.len()];
    for (rank, place) in sorted.iter().enumerate() {
        ranks[*place as usize] = small(rank);
    }
    let mut set = Bits::new(sorted.len());
    for (out, window) in outs.iter_mut().zip(task.windows) {
        set.clear();
        let (mut begin, mut end) = (0_usize, 0_usize);
        for (from, to) in task.key.spans(*window) {
            // What is before the window never comes in.
            for rank in ranks[end.max(from).min(to)..to].iter().filter(|r| **r != NO_KEY) {
                set.insert(*rank as usize);
            }
            for rank in ranks[begin.min(from)..from.min(end)].iter().filter(|r| **r != NO_KEY) {
                set.remove(*rank as usize);
            }
            (begin, end) = (begin.max(from), end.max(to).max(from));
            let mut values = Vec::new();
            let mut next = set.first();
            while let Some(rank) = next.filter(|_| values.len() < k as usize) {
                values.push(column.cell(task.key.rows[sorted[rank] as usize] as usize).to_value());
                next = set.after(rank);
            }
            out.push(if values.is_empty() { Value::Null } else { Value::List(values.into()) });
        }
    }
    true
}

/// The places of the events, but for nulls, in the order in which their values are wanted.
fn sort(task: &Task<'_>) -> Option<Vec<u32>> {
    let column = &task.block.columns[task.slot.input];
    let cells = (0..).zip(task.key.rows).map(|(place, row)| (place, column.cell(*row as usize)));
    let is_down = task.slot.operation == Operation::TopK;
    Some(match column {
        Column::Int(_) => by(is_down, cells, |c| if let Cell::Int(x) = c { Some(x) } else { None }, Ord::cmp),
        Column::Real(_) => {
            let value = |c: Cell<'_>| if let Cell::Real(x) = c { Some(x) } else { None };
            by(is_down, cells, value, |x, y| real_order(*x, *y))
        }
        Column::Text(_) => by(
            is_down,
            cells,
            |c| if let Cell::Text(t) = c { Some(t) } else { None },
            |x, y| text_order(x, y),
        ),
        _ => return None,
    })
}

fn by<'a, T>(
    is_down: bool,
    cells: impl Iterator<Item = (u32, Cell<'a>)>,
    value: impl Fn(Cell<'a>) -> Option<T>,
    order: impl Fn(&T, &T) -> Ordering,
) -> Vec<u32> {
    let mut pairs: Vec<(T, u32)> = cells.filter_map(|(place, c)| value(c).map(|v| (v, place))).collect();
    pairs.sort_unstable_by(|a, b| {
        let ordering = order(&a.0, &b.0);
        let ordering = if is_down { ordering.reverse() } else { ordering };
        ordering.then(a.1.cmp(&b.1))
    });
    pairs.into_iter().map(|(_, place)| place).collect()
}

/// A set of small numbers whose next member is found in a few steps: each level says which words below are not empty.
struct Bits {
    levels: Vec<Vec<u64>>,
}

impl Bits {
    fn new(size: usize) -> Self {
        let mut levels = Vec::new();
        let mut words = size;
        loop {
            words = words.div_ceil(64).max(1);
            levels.push(vec![0; words]);
            if words == 1 {
                return Self { levels };
            }
        }
    }

    fn clear(&mut self) {
        self.levels.iter_mut().for_each(|words| words.fill(0));
    }

    fn insert(&mut self, mut member: usize) {
        for words in &mut self.levels {
            words[member / 64] |= 1 << (member % 64);
            member /= 64;
        }
    }

    fn remove(&mut self, mut member: usize) {
        for words in &mut self.levels {
            let word = &mut words[member / 64];
            *word &= !(1 << (member % 64));
            if *word != 0 {
                return;
            }
            member /= 64;
        }
    }

    fn first(&self) -> Option<usize> {
        self.from(0)
    }

    fn after(&self, member: usize) -> Option<usize> {
        self.from(member + 1)
    }

    /// The least member that is not below a number.
    fn from(&self, mut least: usize) -> Option<usize> {
        for level in 0..self.levels.len() {
            let word = self.levels[level].get(least / 64)?;
            let rest = word & (u64::MAX << (least % 64));
            if rest != 0 {
                let found = least / 64 * 64 + rest.trailing_zeros() as usize;
                return Some(self.descend(level, found));
            }
            least = least / 64 + 1;
        }
        None
    }

    /// The least member below one of a level.
    fn descend(&self, level: usize, mut member: usize) -> usize {
        for words in self.levels[..level].iter().rev() {
            member = member * 64 + words[member].trailing_zeros() as usize;
        }
        member
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_a_sorted_set() {
        for size in [1_usize, 64, 65, 5000, 300_000] {
            let mut bits = Bits::new(size);
            let members: Vec<usize> = (0..size).filter(|i| i % 97 == 3 || i % 4096 == 4095).collect();
            let all =
                |bits: &Bits| std::iter::successors(bits.first(), |m| bits.after(*m)).collect::<Vec<_>>();
            members.iter().for_each(|m| bits.insert(*m));
            assert_eq!(all(&bits), members, "{size}");
            members.iter().filter(|m| **m % 2 == 1).for_each(|m| bits.remove(*m));
            let even: Vec<usize> = members.iter().copied().filter(|m| m % 2 == 0).collect();
            assert_eq!(all(&bits), even, "{size}");
        }
    }
}
