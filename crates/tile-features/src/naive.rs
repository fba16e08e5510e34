//! The plainest evaluator: each value from the rows themselves, in the order in which they came. It is slow, and what the others are
//! compared with.

use crate::aggregates::Ir;
use crate::column::Block;
use crate::plan::Plan;
use crate::value::Value;
use crate::window::{DAY_MS, Window};
use tile_base::Result;

/// The values at a time, exact to the millisecond: of all rows with `tail(q, w) <= ts < q`. The rows are those of one key.
///
/// # Errors
/// `TooLarge` for a value that is not kept: see [`crate::plan::Slot::value`].
pub fn evaluate(plan: &Plan, block: &Block, q: i64) -> Result<Vec<Value>> {
    of_rows(plan, block, q, Window::tail)
}

/// The values of a snapshot that ends at a midnight: tails move by days.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_daily(plan: &Plan, block: &Block, end: i64) -> Result<Vec<Value>> {
    of_rows(plan, block, end, |window, end| window.tail_by(end, DAY_MS))
}

fn of_rows(plan: &Plan, block: &Block, q: i64, tail: impl Fn(Window, i64) -> i64) -> Result<Vec<Value>> {
    let value = |column: &crate::plan::Output| {
        let (slot, mut ir) = (&plan.slots[column.slot], Ir::Empty);
        let start = column.window.map_or(i64::MIN, |window| tail(window, q));
        for (row, at) in block.times.iter().enumerate() {
            if (start..q).contains(at) {
                slot.update(&mut ir, &block.columns, *at, row);
            }
        }
        slot.value(&ir)
    };
    plan.columns.iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregates::Args;
    use crate::column::Column;
    use crate::definition::Aggregation;
    use crate::operation::Operation;
    use crate::types::{Schema, Type};

    #[test]
    fn windows_hold_their_first_millisecond_and_not_their_last() {
        let aggregation = Aggregation {
            input: "v".into(),
            operation: Operation::Sum,
            args: Args::default(),
            windows: vec![Window::parse("1h").unwrap()],
            buckets: Vec::new(),
            is_element_wise: false,
        };
        let plan = Plan::new(&[aggregation], &Schema(vec![("v".into(), Type::Long)])).unwrap();
        let hour = 3_600_000;
        let times = vec![hour - 1, hour, 2 * hour - 1, 2 * hour];
        let values: Vec<Value> = [1, 10, 100, 1000].map(Value::Int).to_vec();
        let block = Block { times, columns: vec![Column::of_values(&Type::Long, &values)] };
        assert_eq!(evaluate(&plan, &block, 2 * hour).unwrap(), [Value::Int(110)]);
        assert_eq!(evaluate(&plan, &block, 2 * hour + 1).unwrap(), [Value::Int(1110)]);
        assert_eq!(evaluate(&plan, &block, hour - 1).unwrap(), [Value::Null]);
        assert_eq!(evaluate_daily(&plan, &block, DAY_MS).unwrap(), [Value::Int(1111)]);
    }
}
