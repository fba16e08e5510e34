//! `slice` texts: parsed, resolved, planned over a grid. The first bytes choose shape and chunks, the rest is the text.

use tile_base::grid::Grid;
use tile_base::slice::{Item, NdSlice, Selection};

pub const SEEDS: &[&[u8]] = &[
    b"\x02\x05\x07\x03\x02\x02\x021:4,::-2",
    b"\x01\xff\x01\x01\x10\x01\x01-9223372036854775808:9223372036854775807:-9223372036854775808",
    b"\x03\x04\x04\x04\x02\x03\x010,-1,:",
    b"\x00\x00\x00\x00\x00\x00\x00",
    b"\x01\x00\x00\x00\x01\x01\x01:",
];

/// # Panics
/// When the parser, the resolution or the plan breaks its promise.
pub fn run(data: &[u8]) {
    let [dims, a, b, c, x, y, z, text @ ..] = data else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let Ok(slice) = NdSlice::parse(text) else { return };
    assert_eq!(NdSlice::parse(&print(&slice)).ok().as_ref(), Some(&slice), "a slice survives as text");
    let dims = usize::from(dims % 4);
    let shape: Vec<usize> = [a, b, c].iter().take(dims).map(|&&n| usize::from(n)).collect();
    let chunk: Vec<usize> = [x, y, z].iter().take(dims).map(|&&n| usize::from(n)).collect();
    // The same text on the largest shape there is.
    let largest = vec![usize::MAX; dims];
    if let Ok(selection) = slice.resolve(&largest) {
        assert!(selection.0.iter().all(|t| t.count == 0 || t.at(t.count - 1) < usize::MAX));
        let _ = (selection.items(), selection.shape());
    }
    let Ok(selection) = slice.resolve(&shape) else { return };
    assert_eq!(selection.0.len(), shape.len());
    for (take, &n) in selection.0.iter().zip(&shape) {
        assert!(take.step != 0 && take.count <= n, "{take:?} of {n}");
        assert!((0..take.count).all(|i| take.at(i) < n), "{take:?} of {n}");
    }
    check_plan(&Grid::regular(&shape, &chunk), &selection);
    check_plan(&Grid::single(&shape), &selection);
}

fn check_plan(grid: &Grid, selection: &Selection) {
    let pieces = grid.plan(selection);
    let counts = selection.counts();
    let mut items = 0;
    for piece in &pieces {
        let Some(shape) = grid.chunk_shape(&piece.chunk) else { panic!("{:?} is no chunk", piece.chunk) };
        for (((take, n), at), count) in piece.takes.iter().zip(&shape).zip(&piece.at).zip(&counts) {
            assert!(take.count > 0 && take.at(0) < *n && take.at(take.count - 1) < *n, "{piece:?}");
            assert!(at + take.count <= *count, "{piece:?} in {counts:?}");
        }
        items += piece.takes.iter().map(|t| t.count).product::<usize>();
    }
    assert_eq!(items, selection.items(), "the pieces are the whole");
}

fn print(slice: &NdSlice) -> String {
    let part = |v: Option<i64>| v.map_or_else(String::new, |v| v.to_string());
    let item = |item: &Item| match *item {
        Item::Index(i) => i.to_string(),
        Item::Range { start, stop, step: None } => format!("{}:{}", part(start), part(stop)),
        Item::Range { start, stop, step } => format!("{}:{}:{}", part(start), part(stop), part(step)),
    };
    slice.0.iter().map(item).collect::<Vec<_>>().join(",")
}
