//! Reading against naive indexing, over random types, shapes, chunkings and selections.
//!
//! `PROPTEST_CASES` scales the number of cases.

mod arrays;
mod filters;
mod npy;
mod tables;

use proptest::collection::vec;
use proptest::prelude::*;
use tile_base::slice::{Item, NdSlice, Selection};

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// From 0 to 5 dimensions, some of them empty or of one item.
fn shape() -> impl Strategy<Value = Vec<usize>> {
    vec(prop_oneof![1 => Just(0usize), 3 => Just(1), 12 => 2usize..6], 0..6)
}

/// A selection of `shape`: indices, ranges up and down, with steps, beyond the ends; also of the first dimensions only.
fn selection(shape: &[usize]) -> impl Strategy<Value = Selection> + use<> {
    let items: Vec<_> = shape.iter().map(|&n| item(n)).collect();
    let shape = shape.to_vec();
    (items, 0usize..12).prop_map(move |(mut items, keep)| {
        items.truncate(keep);
        NdSlice(items).resolve(&shape).unwrap()
    })
}

fn item(len: usize) -> BoxedStrategy<Item> {
    let n = i64::try_from(len).unwrap();
    let part = || proptest::option::of(-n - 2..n + 3);
    let step = || proptest::option::of(prop_oneof![1i64..4, -3i64..0]);
    let range = (part(), part(), step()).prop_map(|(start, stop, step)| Item::Range { start, stop, step });
    let all = Just(Item::Range { start: None, stop: None, step: None });
    if len == 0 {
        return prop_oneof![range, all].boxed();
    }
    prop_oneof![1 => (-n..n).prop_map(Item::Index), 3 => range, 3 => all].boxed()
}

/// Bytes that differ from place to place.
fn pattern(len: usize, seed: u8) -> Vec<u8> {
    (0..len).map(|i| u8::try_from((i.wrapping_mul(0x9E37_79B1) >> 11) & 0xff).unwrap() ^ seed).collect()
}

/// What indexing takes from C-order items, one by one.
fn naive(bytes: &[u8], shape: &[usize], itemsize: usize, selection: &Selection) -> Vec<u8> {
    let mut out = Vec::new();
    for index in indices(&selection.counts()) {
        let at = index.iter().zip(&selection.0).zip(shape).fold(0, |at, ((&i, t), n)| at * n + t.at(i));
        out.extend_from_slice(&bytes[at * itemsize..(at + 1) * itemsize]);
    }
    out
}

/// All index tuples below `counts`, last dimension fastest.
fn indices(counts: &[usize]) -> Vec<Vec<usize>> {
    counts.iter().fold(vec![vec![]], |done, &n| {
        done.iter().flat_map(|head| (0..n).map(move |i| [head.as_slice(), &[i]].concat())).collect()
    })
}
