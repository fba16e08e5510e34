//! The order in which ClickHouse's hash sets give their items back, as positions in the list that was put in.
//!
//! A set has a power of two of cells; an item goes to the first free cell from its hash on. When half of the cells are taken,
//! there are four times as many, and items move in the order of the cells. Zero and the empty text stand in front of all.

use super::city::city64;
use super::frame::{Bool, F64, I64, Kernel, ListI64, ListText, ListU64, U64, kernel};
use std::collections::HashSet;

/// CRC-32C of eight bytes, started with ones.
fn crc_of_word(crc: u32, word: u64) -> u32 {
    word.to_le_bytes().iter().fold(crc, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0x82f6_3b78 } else { c >> 1 })
    })
}

fn crc_of_number(number: u64) -> u64 {
    u64::from(crc_of_word(u32::MAX, number))
}

/// Murmur's last step.
const fn mixed(number: u64) -> u64 {
    let x = (number ^ number >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let x = (x ^ x >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    x ^ x >> 33
}

fn hash_of_text(text: &str) -> u64 {
    let bytes = text.as_bytes();
    if bytes.len() < 8 {
        return city64(bytes) & u64::from(u32::MAX);
    }
    let word =
        |at: usize| bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes);
    let (mut crc, mut at) = (u32::MAX, 0);
    loop {
        crc = crc_of_word(crc, word(at));
        at += 8;
        if at + 8 >= bytes.len() {
            break;
        }
    }
    u64::from(crc_of_word(crc, word(bytes.len() - 8)))
}

/// Cells with the hashes and positions of their items.
struct Cells {
    cells: Vec<Option<(u64, i64)>>,
    taken: usize,
}

impl Cells {
    fn new(degree: u32) -> Self {
        Self { cells: vec![None; 1 << degree], taken: 0 }
    }

    fn place(&self, hash: u64) -> usize {
        usize::try_from(hash & (self.cells.len() as u64 - 1)).unwrap_or(0)
    }

    /// The first free cell from the hash on, or the one of this position.
    fn free(&self, hash: u64, position: i64) -> usize {
        let mut at = self.place(hash);
        while self.cells.get(at).copied().flatten().is_some_and(|(_, p)| p != position) {
            at = (at + 1) & (self.cells.len() - 1);
        }
        at
    }

    fn put(&mut self, at: usize, item: Option<(u64, i64)>) {
        if let Some(cell) = self.cells.get_mut(at) {
            *cell = item;
        }
    }

    /// An item that is not there yet.
    fn insert(&mut self, hash: u64, position: i64) {
        let at = self.free(hash, position);
        self.put(at, Some((hash, position)));
        self.taken += 1;
        if self.taken > self.cells.len() / 2 {
            self.grow();
        }
    }

    fn grow(&mut self) {
        let old = self.cells.len();
        let times = if old >= 1 << 23 { 2 } else { 4 };
        self.cells.resize(old * times, None);
        (0..old).for_each(|at| self.settle(at));
        // What had gone round the end lies behind it now.
        let mut at = old;
        while self.cells.get(at).copied().flatten().is_some() {
            self.settle(at);
            at += 1;
        }
    }

    fn settle(&mut self, at: usize) {
        let Some((hash, position)) = self.cells.get(at).copied().flatten() else { return };
        if self.place(hash) == at {
            return;
        }
        let to = self.free(hash, position);
        if to != at && self.cells.get(to).copied().flatten().is_none() {
            self.put(to, Some((hash, position)));
            self.put(at, None);
        }
    }
}

/// Positions, from 1, of the different items in the order of a set; with a limit, of those that came first.
fn order<T: std::hash::Hash + Eq + Copy>(
    items: &[T],
    limit: u64,
    degree: u32,
    is_zero: impl Fn(T) -> bool,
    hash: impl Fn(T) -> u64,
) -> Vec<i64> {
    let (mut seen, mut cells, mut front) = (HashSet::new(), Cells::new(degree), Vec::new());
    for (item, position) in items.iter().zip(1..) {
        if limit > 0 && seen.len() as u64 >= limit {
            break;
        }
        if seen.insert(*item) {
            // The one that stands in front counts as taken all the same.
            if is_zero(*item) {
                front.push(position);
                cells.taken += 1;
            } else {
                cells.insert(hash(*item), position);
            }
        }
    }
    front.extend(cells.cells.iter().flatten().map(|(_, position)| *position));
    front
}

/// A float's bits, of 64 or of 32.
#[expect(clippy::cast_possible_truncation, reason = "the float was widened from 32 bits")]
fn bits(x: f64, single: bool) -> u64 {
    if single { u64::from((x as f32).to_bits()) } else { x.to_bits() }
}

fn firsts(items: &[&str]) -> Vec<i64> {
    let mut seen = HashSet::new();
    items.iter().zip(1..).filter(|(item, _)| seen.insert(**item)).map(|(_, position)| position).collect()
}

pub const SETS: &[Kernel] = &[
    kernel!("ch_set_order", (items: ListU64, limit: U64) -> ListI64,
        order(&items, limit, 4, |n| n == 0, crc_of_number)),
    kernel!("ch_set_order_text", (items: ListText, limit: U64) -> ListI64,
        order(&items, limit, 3, str::is_empty, hash_of_text)),
    kernel!("ch_distinct_order", (items: ListU64, limit: U64) -> ListI64,
        order(&items, limit, 4, |n| n == 0, mixed)),
    kernel!("ch_distinct_order_text", (items: ListText, limit: U64) -> ListI64,
        order(&items, limit, 4, str::is_empty, hash_of_text)),
    kernel!("ch_float_bits", (x: F64, single: Bool) -> U64, bits(x, single)),
    kernel!("ch_first_positions", (items: ListText, limit: I64) -> ListI64, {
        let found = firsts(&items);
        let most = if limit > 0 { usize::try_from(limit).unwrap_or(usize::MAX) } else { usize::MAX };
        found.into_iter().take(most).collect::<Vec<_>>()
    }),
];
