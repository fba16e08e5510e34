//! Keys as small numbers.

use crate::column::Column;
use crate::key;
use std::collections::HashMap;
use tile_base::{Error, Kind, Result};

/// The number of what is no key: a part of it is null, or nobody has it. It matches nothing, not even itself.
pub const NO_KEY: u32 = u32::MAX;

/// Numbers of keys, in the order in which they were seen first.
#[derive(Debug, Default)]
pub struct Keys {
    integers: HashMap<i64, u32>,
    others: HashMap<Box<[u8]>, u32>,
}

impl Keys {
    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.integers.len() + self.others.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers of the keys of rows, of which new ones get the next number.
    ///
    /// # Errors
    /// `TooLarge` for more than 2³² keys.
    pub fn number(&mut self, columns: &[Column], rows: usize) -> Result<Vec<u32>> {
        let mut next = u32::try_from(self.len()).unwrap_or(NO_KEY);
        let mut numbers = Vec::with_capacity(rows);
        let mut take = || {
            let number = next;
            next = next.saturating_add(1);
            number
        };
        if let [Column::Int(column)] = columns {
            let integers = &mut self.integers;
            numbers.extend(
                column
                    .iter()
                    .map(|key| key.map_or(NO_KEY, |key| *integers.entry(key).or_insert_with(&mut take))),
            );
        } else {
            let mut bytes = Vec::new();
            for row in 0..rows {
                bytes.clear();
                numbers.push(match key::encode(columns, row, &mut bytes) {
                    false => NO_KEY,
                    true => match self.others.get(bytes.as_slice()) {
                        Some(number) => *number,
                        None => *self.others.entry(bytes.as_slice().into()).or_insert_with(&mut take),
                    },
                });
            }
        }
        if next == NO_KEY {
            return Err(Error::new(Kind::TooLarge, "more than 4 billion keys cannot be evaluated at once"));
        }
        Ok(numbers)
    }

    /// The numbers of the keys of rows; [`NO_KEY`] for those that were not seen.
    pub fn find(&self, columns: &[Column], rows: usize) -> Vec<u32> {
        if let [Column::Int(column)] = columns {
            let find = |key: Option<i64>| key.and_then(|key| self.integers.get(&key));
            return column.iter().map(|key| find(key).copied().unwrap_or(NO_KEY)).collect();
        }
        let mut bytes = Vec::new();
        let mut find = |row| {
            bytes.clear();
            key::encode(columns, row, &mut bytes)
                .then(|| self.others.get(bytes.as_slice()).copied())
                .flatten()
        };
        (0..rows).map(|row| find(row).unwrap_or(NO_KEY)).collect()
    }
}
