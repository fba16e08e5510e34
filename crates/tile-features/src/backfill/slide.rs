//! The method for every operation: partial results only grow and merge, none is taken out.
//!
//! A window is a stack of the results from each of its hops to the *turn*, and the result from there on. When the tail moves on by a
//! hop, a result is dropped from the stack; when it has passed the turn, the stack is made anew of the events since. (Two stacks as a
//! queue; since tails move in hops the stack is as high as the window has hops.) So each event is taken in about twice.

use super::method::Task;
use super::output::Out;
use crate::aggregates::Ir;
use tile_base::Result;

struct Window<'a, 'b> {
    task: &'a Task<'b>,
    hop: i64,
    /// Where a hop begins, and the result from there to the turn. The earliest hop is at the end.
    stack: Vec<(usize, Ir)>,
    turn: usize,
    /// The result from the turn to `end`.
    rest: Ir,
    end: usize,
}

/// One column for the queries of one key.
///
/// # Errors
/// `TooLarge` for a value that is not kept: see [`crate::plan::Slot::value`].
pub fn slide(task: &Task<'_>, window: usize, hop: i64, out: &mut Out) -> Result<()> {
    let mut state = Window { task, hop, stack: Vec::new(), turn: 0, rest: Ir::Empty, end: 0 };
    for (from, to) in task.key.spans(window) {
        state.move_to(from, to);
        out.push(match state.stack.last() {
            None => task.slot.value(&state.rest)?,
            Some((_, ir)) => {
                let mut ir = ir.clone();
                task.slot.merge(&mut ir, &state.rest);
                task.slot.value(&ir)?
            }
        });
    }
    Ok(())
}

impl Window<'_, '_> {
    fn move_to(&mut self, from: usize, to: usize) {
        if from > self.turn {
            self.stack.clear();
            self.rest = Ir::Empty;
            if from < self.end {
                self.turn_over(from);
            } else {
                self.end = from;
            }
            self.turn = self.end;
        }
        while self.stack.last().is_some_and(|(place, _)| *place < from) {
            self.stack.pop();
        }
        self.end = self.end.max(from);
        for place in self.end..to {
            self.task.take(&mut self.rest, place);
        }
        self.end = self.end.max(to);
    }

    /// Fills the stack with the events from `from` to the end.
    fn turn_over(&mut self, from: usize) {
        let times = self.task.key.times;
        let mut end = self.end;
        while end > from {
            let hop = times[end - 1].div_euclid(self.hop);
            let begin = from + times[from..end].partition_point(|t| t.div_euclid(self.hop) < hop);
            let mut ir = Ir::Empty;
            for place in begin..end {
                self.task.take(&mut ir, place);
            }
            if let Some((_, later)) = self.stack.last() {
                self.task.slot.merge(&mut ir, later);
            }
            self.stack.push((begin, ir));
            end = begin;
        }
    }
}

impl Task<'_> {
    /// Takes one event of the key in.
    fn take(&self, ir: &mut Ir, place: usize) {
        let (row, time) = (self.key.rows[place] as usize, self.key.times[place]);
        self.slot.update(ir, &self.block.columns, time, row);
    }
}
