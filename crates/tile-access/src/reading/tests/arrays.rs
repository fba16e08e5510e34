//! Arrays from every kind of store.

use super::{config, indices, naive, pattern, selection, shape};
use crate::cache::Cache;
use crate::data::{ArrayData, Chunks, Location};
use crate::reading::array::{bands, read};
use bytes::Bytes;
use parking_lot::Mutex;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tile_base::grid::Grid;
use tile_base::slice::{Selection, Take};
use tile_base::{DType, Error, Kind, Result};

/// An array cut into chunks in memory, or in a file where each chunk has its place.
struct Cut {
    bytes: Vec<u8>,
    shape: Vec<usize>,
    itemsize: usize,
    grid: Grid,
    cacheable: bool,
    places: HashMap<Vec<usize>, (u64, Vec<usize>)>,
    file: Option<Arc<File>>,
    reads: Mutex<Vec<Vec<usize>>>,
    broken: AtomicBool,
}

impl Chunks for Cut {
    fn read(&self, index: &[usize]) -> Result<Bytes> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(Error::new(Kind::Gone, "the disk is away"));
        }
        self.reads.lock().push(index.to_vec());
        let of_chunk = self.grid.chunk_selection(index).unwrap();
        Ok(Bytes::from(naive(&self.bytes, &self.shape, self.itemsize, &of_chunk)))
    }
    fn cacheable(&self) -> bool {
        self.cacheable
    }
    fn location(&self, index: &[usize]) -> Result<Option<Location>> {
        let found = self.places.get(index).zip(self.file.clone());
        Ok(found.map(|((offset, shape), file)| Location { file, offset: *offset, shape: shape.clone() }))
    }
}

impl Cut {
    fn new(case: &Case, cacheable: bool) -> Self {
        Self {
            bytes: case.bytes(),
            shape: case.shape.clone(),
            itemsize: case.itemsize,
            grid: Grid::new(case.chunks.clone()),
            cacheable,
            places: HashMap::new(),
            file: None,
            reads: Mutex::default(),
            broken: AtomicBool::new(false),
        }
    }

    /// Each chunk also rests in a file, as part of a larger box that reaches past it.
    fn in_file(case: &Case, past: &[usize]) -> Self {
        let mut cut = Self::new(case, true);
        let mut file = tempfile::tempfile().unwrap();
        let mut offset = 0;
        for index in indices(&cut.grid.counts()) {
            let of_chunk = cut.grid.chunk_selection(&index).unwrap();
            let items = naive(&cut.bytes, &cut.shape, cut.itemsize, &of_chunk);
            let stored: Vec<usize> = of_chunk.counts().iter().zip(past).map(|(n, p)| n + p).collect();
            let full = vec![0xEE; stored.iter().product::<usize>() * cut.itemsize];
            let full = framed(full, &stored, &items, &of_chunk.counts(), cut.itemsize);
            file.write_all(&full).unwrap();
            cut.places.insert(index, (offset, stored));
            offset += full.len() as u64;
        }
        cut.file = Some(Arc::new(file));
        cut
    }

    fn array(self, case: &Case, uid: u64) -> (ArrayData, Arc<Self>) {
        let cut = Arc::new(self);
        let grid = Grid::new(case.chunks.clone());
        (ArrayData::chunked(case.dtype(), case.shape.clone(), grid, cut.clone(), uid), cut)
    }
}

/// Puts the items of a smaller box at the origin of a larger one.
fn framed(mut frame: Vec<u8>, outer: &[usize], items: &[u8], inner: &[usize], itemsize: usize) -> Vec<u8> {
    for (i, index) in indices(inner).iter().enumerate() {
        let at = index.iter().zip(outer).fold(0, |at, (i, n)| at * n + i) * itemsize;
        frame[at..at + itemsize].copy_from_slice(&items[i * itemsize..(i + 1) * itemsize]);
    }
    frame
}

#[derive(Clone, Debug)]
struct Case {
    shape: Vec<usize>,
    chunks: Vec<Vec<usize>>,
    selection: Selection,
    itemsize: usize,
    seed: u8,
}

impl Case {
    fn bytes(&self) -> Vec<u8> {
        pattern(self.shape.iter().product::<usize>() * self.itemsize, self.seed)
    }
    fn dtype(&self) -> DType {
        match self.itemsize {
            2 | 4 | 8 => DType::little('i', self.itemsize),
            n => DType::little('S', n),
        }
    }
    fn want(&self) -> Vec<u8> {
        naive(&self.bytes(), &self.shape, self.itemsize, &self.selection)
    }
    /// The array in a file, behind `offset` other bytes.
    fn flat(&self, offset: u64) -> ArrayData {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&vec![0xDD; usize::try_from(offset).unwrap()]).unwrap();
        file.write_all(&self.bytes()).unwrap();
        ArrayData::flat(self.dtype(), self.shape.clone(), Arc::new(file), offset, 1)
    }
}

/// Chunk lengths that sum to `n`; every dimension has at least one.
fn cuts(n: usize) -> impl Strategy<Value = Vec<usize>> {
    vec(0..=n, 0..4).prop_map(move |mut edges| {
        edges.extend([0, n]);
        edges.sort_unstable();
        edges.dedup();
        if n == 0 { vec![0] } else { edges.windows(2).map(|w| w[1] - w[0]).collect() }
    })
}

fn case() -> impl Strategy<Value = Case> {
    let sizes = select(vec![1usize, 2, 3, 4, 5, 8, 16, 17]);
    (shape(), sizes, any::<u8>()).prop_flat_map(|(shape, itemsize, seed)| {
        let chunks: Vec<_> = shape.iter().map(|&n| cuts(n)).collect();
        let selection = selection(&shape);
        (Just(shape), chunks, selection).prop_map(move |(shape, chunks, selection)| Case {
            shape,
            chunks,
            selection,
            itemsize,
            seed,
        })
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn flat_files_are_indexed(case in case(), offset in 0u64..300) {
        let data = case.flat(offset);
        let got = read(&data, &case.selection, &Cache::new(0)).unwrap();
        prop_assert_eq!(&got[..], &case.want()[..]);
    }

    #[test]
    fn chunks_are_indexed(case in case(), budget in select(vec![0u64, 200, 1 << 20]), cacheable in any::<bool>()) {
        let cache = Cache::new(budget);
        let (data, cut) = Cut::new(&case, cacheable).array(&case, 7);
        let want = case.want();
        prop_assert_eq!(&read(&data, &case.selection, &cache).unwrap()[..], &want[..]);
        let mut touched = std::mem::take(&mut *cut.reads.lock());
        touched.sort();
        let mut planned: Vec<_> = data.grid.plan(&case.selection).into_iter().map(|p| p.chunk).collect();
        planned.sort();
        prop_assert_eq!(&touched, &planned, "each chunk that is needed is decoded once, no other one");
        prop_assert_eq!(&read(&data, &case.selection, &cache).unwrap()[..], &want[..], "read again");
        let again = cut.reads.lock().len();
        if budget == 1 << 20 && cacheable {
            prop_assert_eq!(again, 0, "decoded again in spite of the cache");
        }
        if budget == 0 || !cacheable {
            prop_assert_eq!(again, planned.len());
        }
        // Another version of the array has nothing of this one.
        let other = Case { seed: case.seed ^ 0x55, ..case.clone() };
        let (data, _) = Cut::new(&other, cacheable).array(&other, 8);
        prop_assert_eq!(&read(&data, &other.selection, &cache).unwrap()[..], &other.want()[..]);
    }

    #[test]
    fn chunks_that_rest_in_files_are_indexed(case in case(), past in vec(0usize..3, 6)) {
        let (data, _) = Cut::in_file(&case, &past).array(&case, 7);
        let cache = Cache::new(1 << 20);
        prop_assert_eq!(&read(&data, &case.selection, &cache).unwrap()[..], &case.want()[..]);
        let full = Selection::full(&case.shape);
        prop_assert_eq!(&read(&data, &full, &cache).unwrap()[..], &case.bytes()[..]);
        prop_assert_eq!(&read(&data, &case.selection, &cache).unwrap()[..], &case.want()[..]);
    }

    #[test]
    fn memory_is_indexed_and_bands_of_small_answers_are_whole(case in case()) {
        let data = ArrayData::in_memory(case.dtype(), case.shape.clone(), Bytes::from(case.bytes()), 3);
        let cache = Cache::new(1 << 20);
        prop_assert_eq!(&read(&data, &case.selection, &cache).unwrap()[..], &case.want()[..]);
        for data in [data, case.flat(5)] {
            let parts = bands(&data, &case.selection);
            let joined: Vec<u8> = parts.iter().flat_map(|b| read(&data, b, &cache).unwrap()).collect();
            prop_assert_eq!(joined, case.want());
        }
    }
}

/// Some megabytes: rows of a first dimension that may be of one item, cut into chunks.
fn large_case() -> impl Strategy<Value = Case> {
    let sizes = select(vec![3usize, 8]);
    (sizes, 1usize..3, 600usize..1400, 300usize..700, any::<u8>()).prop_flat_map(
        |(itemsize, lead, rows, columns, seed)| {
            let shape = vec![lead, rows, columns * 8 / itemsize];
            let regular = (1usize..4, 20usize..400, 100usize..2000).prop_map({
                let shape = shape.clone();
                move |(a, b, c)| Grid::regular(&shape, &[a, b, c]).chunks
            });
            let steps = (0usize..2, select(vec![1isize, -1, 2, -3]), 0usize..30, select(vec![1isize, -1, 2]));
            (regular, steps).prop_map(move |(chunks, (first, by_row, skip, by_column))| {
                let take = |n: usize, step: isize, skip: usize| {
                    let count = (n - skip).div_ceil(step.unsigned_abs());
                    Take { start: if step > 0 { skip } else { n - 1 - skip }, step, count, dropped: false }
                };
                let lead = Take { start: first.min(shape[0] - 1), step: 1, count: 1, dropped: true };
                let whole = Take { start: 0, step: 1, count: shape[0], dropped: false };
                let lead = if first == 0 { whole } else { lead };
                let selection =
                    Selection(vec![lead, take(shape[1], by_row, skip), take(shape[2], by_column, skip)]);
                Case { shape: shape.clone(), chunks, selection, itemsize, seed }
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: config().cases / 16, ..config() })]

    #[test]
    fn bands_of_flat_files_join_to_the_whole(case in large_case()) {
        let (data, cache) = (case.flat(11), Cache::new(0));
        let want = case.want();
        prop_assert_eq!(&read(&data, &case.selection, &cache).unwrap()[..], &want[..]);
        let parts = bands(&data, &case.selection);
        if want.len() > 8 << 20 {
            prop_assert!(parts.len() > 1, "{} bytes in one piece", want.len());
        }
        let joined: Vec<u8> = parts.iter().flat_map(|b| read(&data, b, &cache).unwrap()).collect();
        prop_assert!(joined == want, "the bands differ from the whole");
    }

    #[test]
    fn bands_of_chunks_join_to_the_whole_and_decode_nothing_twice(case in large_case()) {
        let (data, cut) = Cut::new(&case, false).array(&case, 7);
        let cache = Cache::new(0);
        let parts = bands(&data, &case.selection);
        let joined: Vec<u8> = parts.iter().flat_map(|b| read(&data, b, &cache).unwrap()).collect();
        prop_assert!(joined == case.want(), "the bands differ from the whole");
        let mut touched = std::mem::take(&mut *cut.reads.lock());
        let total = touched.len();
        touched.sort();
        touched.dedup();
        prop_assert_eq!(touched.len(), total, "a chunk was decoded twice");
        prop_assert_eq!(total, data.grid.plan(&case.selection).len());
    }
}

fn small() -> Case {
    let shape = vec![4, 6];
    Case {
        selection: Selection::full(&shape),
        chunks: vec![vec![2, 2], vec![6]],
        shape,
        itemsize: 4,
        seed: 1,
    }
}

#[test]
fn failures_of_a_store_are_told_and_not_remembered() {
    let case = small();
    let (data, cut) = Cut::new(&case, true).array(&case, 7);
    let cache = Cache::new(1 << 20);
    cut.broken.store(true, Ordering::SeqCst);
    assert_eq!(read(&data, &case.selection, &cache).unwrap_err().kind, Kind::Gone);
    cut.broken.store(false, Ordering::SeqCst);
    assert_eq!(&read(&data, &case.selection, &cache).unwrap()[..], &case.want()[..]);
}

#[test]
fn chunks_of_the_wrong_size_are_damaged() {
    struct Short(usize);
    impl Chunks for Short {
        fn read(&self, _: &[usize]) -> Result<Bytes> {
            Ok(Bytes::from(vec![0; self.0]))
        }
    }
    let case = small();
    for (size, good) in [(0, false), (47, false), (48, true), (49, false), (96, false)] {
        let grid = Grid::new(case.chunks.clone());
        let data = ArrayData::chunked(case.dtype(), case.shape.clone(), grid, Arc::new(Short(size)), 7);
        let got = read(&data, &case.selection, &Cache::new(1 << 20));
        assert_eq!(got.as_ref().err().map(|e| e.kind), (!good).then_some(Kind::Damaged), "{size}");
    }
}

#[test]
fn a_file_that_was_cut_is_damaged() {
    let case = small();
    let data = case.flat(3);
    let crate::data::Store::Flat { file, .. } = &data.store else { panic!("a flat store") };
    file.set_len(3 + 95).unwrap();
    assert_eq!(read(&data, &case.selection, &Cache::new(0)).unwrap_err().kind, Kind::Damaged);
    let start = case.selection.band(0, 0, 3);
    assert_eq!(&read(&data, &start, &Cache::new(0)).unwrap()[..], &case.bytes()[..72]);
}
