//! Least and greatest values: a queue of those that can still become the extreme.

use super::keys::NO_KEY;
use super::method::Task;
use super::output::Out;
use super::sorted::small;
use crate::column::Column;
use crate::operation::Operation;
use crate::value::{Value, real_order, text_order};
use arrow_array::Array;
use std::cmp::Ordering;

pub fn extreme(task: &Task<'_>, outs: &mut [Out]) -> bool {
    let rows = task.key.rows.iter().map(|row| *row as usize);
    match &task.block.columns[task.slot.input] {
        Column::Int(a) => {
            let values: Vec<_> = rows.map(|row| a.is_valid(row).then(|| a.value(row))).collect();
            run(task, outs, &values, Ord::cmp, Out::push_int);
        }
        Column::Real(a) => {
            let values: Vec<_> = rows.map(|row| a.is_valid(row).then(|| a.value(row))).collect();
            if values.iter().flatten().any(|x| x.is_nan()) {
                return false;
            }
            run(task, outs, &values, |x, y| real_order(*x, *y), Out::push_real);
        }
        Column::Text(a) => {
            let values: Vec<_> = rows.map(|row| a.is_valid(row).then(|| a.value(row))).collect();
            let push = |out: &mut Out, text: Option<&str>| {
                out.push(text.map_or(Value::Null, |text| Value::Text(text.into())));
            };
            run(task, outs, &values, |x, y| text_order(x, y), push);
        }
        _ => return false,
    }
    true
}

fn run<T: Copy>(
    task: &Task<'_>,
    outs: &mut [Out],
    values: &[Option<T>],
    order: impl Fn(&T, &T) -> Ordering,
    push: impl Fn(&mut Out, Option<T>),
) {
    let losing = if task.slot.operation == Operation::Min { Ordering::Greater } else { Ordering::Less };
    let mut queue: Vec<u32> = Vec::new();
    for (out, window) in outs.iter_mut().zip(task.windows) {
        queue.clear();
        // The queue is the vector from `front` on; each value in it beats all that came later.
        let (mut front, mut end) = (0, 0);
        for (from, to) in task.key.spans(*window) {
            for place in end.max(from)..to {
                let Some(value) = values[place] else { continue };
                while queue.len() > front
                    && queue
                        .last()
                        .and_then(|last| values[*last as usize])
                        .is_some_and(|x| order(&x, &value) == losing)
                {
                    queue.pop();
                }
                queue.push(small(place));
            }
            end = end.max(to);
            while queue.get(front).is_some_and(|place| (*place as usize) < from) {
                front += 1;
            }
            let best = queue.get(front).copied().unwrap_or(NO_KEY);
            push(out, values.get(best as usize).copied().flatten());
        }
    }
}
