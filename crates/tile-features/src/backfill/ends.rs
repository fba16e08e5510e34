//! First and last values: for each place, where they are was found before.

use super::keys::NO_KEY;
use super::method::Task;
use super::output::Out;
use super::sorted::small;

pub fn last(task: &Task<'_>, outs: &mut [Out]) -> bool {
    let column = &task.block.columns[task.slot.input];
    let (rows, times) = (task.key.rows, task.key.times);
    // The last event before each place; of those at one time the one that came first.
    let mut before = Vec::with_capacity(rows.len() + 1);
    let mut last = NO_KEY;
    before.push(last);
    for (place, row) in rows.iter().enumerate() {
        let is_later = || last == NO_KEY || times[last as usize] < times[place];
        if !column.cell(*row as usize).is_null() && is_later() {
            last = small(place);
        }
        before.push(last);
    }
    give(task, outs, |from, to| {
        let last = before[to];
        (last != NO_KEY && last as usize >= from).then_some(last as usize)
    });
    true
}

pub fn first(task: &Task<'_>, outs: &mut [Out]) -> bool {
    let column = &task.block.columns[task.slot.input];
    let rows = task.key.rows;
    let mut after = vec![NO_KEY; rows.len() + 1];
    for place in (0..rows.len()).rev() {
        let is_null = column.cell(rows[place] as usize).is_null();
        after[place] = if is_null { after[place + 1] } else { small(place) };
    }
    give(task, outs, |from, to| {
        let first = after[from] as usize;
        (first < to).then_some(first)
    });
    true
}

fn give(task: &Task<'_>, outs: &mut [Out], place: impl Fn(usize, usize) -> Option<usize>) {
    let column = &task.block.columns[task.slot.input];
    for (out, window) in outs.iter_mut().zip(task.windows) {
        for (from, to) in task.key.spans(*window) {
            match place(from, to) {
                Some(place) => out.push_cell(column.cell(task.key.rows[place] as usize)),
                None => out.push(crate::value::Value::Null),
            }
        }
    }
}
