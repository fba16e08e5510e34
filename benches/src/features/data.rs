//! Events and definitions to measure with: the same in each run.

use std::sync::Arc;

use anyhow::Result;
use tile_features::aggregates::Args;
use tile_features::column::{Block, Column};
use tile_features::definition::Aggregation;
use tile_features::online::{Group, Options};
use tile_features::operation::Operation;
use tile_features::plan::Plan;
use tile_features::types::{Schema, Type};
use tile_features::window::{DAY_MS, Window};

/// Rows of one block.
const ROWS: usize = 8_192;
/// When the first event happens.
pub const START: i64 = 20_000 * DAY_MS;

/// Numbers that look random, the same in each run.
pub struct Numbers(u64);

impl Numbers {
    pub const fn new(seed: u64) -> Self {
        Self(seed ^ 0x9E37_79B9_7F4A_7C15)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() >> 11).unwrap_or(0) % bound
    }

    /// From 0 to 1.
    fn part(&mut self) -> f64 {
        let bits = u32::try_from(self.next() >> 32).unwrap_or(0);
        f64::from(bits) / f64::from(u32::MAX)
    }
}

/// Places of a Zipf distribution with exponent 1: the first is the most frequent.
pub struct Zipf(Vec<f64>);

impl Zipf {
    pub fn new(keys: usize) -> Self {
        let mut sum = 0.0;
        let mut sums: Vec<f64> = (1..=u32::try_from(keys).unwrap_or(u32::MAX))
            .map(|rank| {
                sum += 1.0 / f64::from(rank);
                sum
            })
            .collect();
        sums.iter_mut().for_each(|s| *s /= sum);
        Self(sums)
    }

    pub fn draw(&self, numbers: &mut Numbers) -> usize {
        let part = numbers.part();
        self.0.partition_point(|sum| *sum < part).min(self.0.len() - 1)
    }
}

/// A block with its keys.
pub struct Rows {
    pub keys: Vec<Column>,
    pub block: Block,
    pub now: i64,
}

/// Blocks of events over some time, in its order. `draw` gives their keys.
pub fn blocks(events: usize, over_ms: i64, mut draw: impl FnMut(&mut Numbers) -> usize) -> Result<Vec<Rows>> {
    let mut numbers = Numbers::new(1);
    let mut blocks = Vec::with_capacity(events / ROWS + 1);
    let step = over_ms as f64 / events as f64;
    let mut at = 0;
    while at < events {
        let rows = ROWS.min(events - at);
        let (mut keys, mut times, mut values) =
            (Vec::with_capacity(rows), Vec::with_capacity(rows), Vec::with_capacity(rows));
        for row in at..at + rows {
            // Scattered, so that neighbours in rank are no neighbours in memory.
            let key = i64::try_from(draw(&mut numbers))?;
            keys.push(Some(key.wrapping_mul(0x5851_F42D_4C95_7F2D)));
            #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a few days")]
            times.push(START + (row as f64 * step) as i64);
            values.push(Some(i64::try_from(numbers.below(1_000))?));
        }
        let now = times.last().copied().unwrap_or(START);
        let column = |values: Vec<Option<i64>>| Column::Int(values.into_iter().collect());
        blocks.push(Rows {
            keys: vec![column(keys)],
            block: Block { times, columns: vec![column(values)] },
            now,
        });
        at += rows;
    }
    Ok(blocks)
}

/// A group of `value` by those operations and windows.
pub fn group(operations: &[Operation], windows: &[&str]) -> Result<Group> {
    let windows = windows.iter().map(|w| Window::parse(w)).collect::<tile_base::Result<Vec<_>>>()?;
    let aggregations: Vec<Aggregation> = operations
        .iter()
        .map(|operation| Aggregation {
            input: "value".to_owned(),
            operation: *operation,
            args: Args::default(),
            windows: windows.clone(),
            buckets: Vec::new(),
            is_element_wise: false,
        })
        .collect();
    let schema = Schema(vec![("value".to_owned(), Type::Long)]);
    let plan = Plan::new(&aggregations, &schema)?;
    Ok(Group::new(Arc::new(plan), Options { is_durable: false, ..Options::default() })?)
}

/// Seconds that this thread has had a core: what others do on the machine does not count.
pub fn seconds() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = text.split_whitespace().next().unwrap_or("0").parse()?;
    Ok(nanoseconds / 1e9)
}

/// Memory of this process, in bytes.
pub fn memory() -> Result<usize> {
    let text = std::fs::read_to_string("/proc/self/statm")?;
    let pages: usize = text.split_whitespace().nth(1).unwrap_or("0").parse()?;
    Ok(pages * 4096)
}
