//! The floor: five-minute tiles with a count, a sum and the last value, and nothing else.

use std::collections::HashMap;

use tile_features::column::Column;
use tile_features::value::Value;
use tile_features::window::{FIVE_MINUTES_MS, Window};

use super::data::Rows;

struct Tile {
    start: i64,
    count: i64,
    sum: i64,
    last_at: i64,
    last: i64,
}

#[derive(Default)]
pub struct Floor(HashMap<i64, Vec<Tile>>);

impl Floor {
    pub fn apply(&mut self, rows: &Rows) {
        let ([Column::Int(keys)], [Column::Int(values)]) = (&*rows.keys, &*rows.block.columns) else {
            return;
        };
        for ((key, at), value) in keys.values().iter().zip(&rows.block.times).zip(values.values()) {
            let tiles = self.0.entry(*key).or_default();
            let start = at - at % FIVE_MINUTES_MS;
            match tiles.last_mut() {
                Some(tile) if tile.start == start => {
                    tile.count += 1;
                    tile.sum += value;
                    if tile.last_at < *at {
                        (tile.last_at, tile.last) = (*at, *value);
                    }
                }
                _ => tiles.push(Tile { start, count: 1, sum: *value, last_at: *at, last: *value }),
            }
        }
    }

    pub fn keys(&self) -> impl Iterator<Item = i64> {
        self.0.keys().copied()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Count, last value and sum of a window.
    pub fn fetch(&self, key: i64, q: i64, window: Window) -> Option<[Value; 3]> {
        let tail = window.tail(q);
        let (mut count, mut sum, mut last) = (0, 0, None);
        for tile in self.0.get(&key)?.iter().filter(|tile| tile.start >= tail) {
            count += tile.count;
            sum += tile.sum;
            last = Some(tile.last);
        }
        let last = last?;
        Some([Value::Int(count), Value::Int(last), Value::Int(sum)])
    }
}
