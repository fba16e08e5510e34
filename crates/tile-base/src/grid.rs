//! Chunk grids and the plan of a slice over them: which chunks a selection touches, and which part of each.

use crate::slice::{Selection, Take};

/// Chunk lengths per dimension, dask style: each list sums to the dimension. A 0-d array has no lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    pub chunks: Vec<Vec<usize>>,
    /// Start of every chunk per dimension, and the dimension's length last.
    starts: Vec<Vec<usize>>,
}

/// One chunk's share in a selection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Position of the chunk in the grid.
    pub chunk: Vec<usize>,
    /// Per dimension: what to take, relative to the chunk's own start.
    pub takes: Vec<Take>,
    /// Per dimension: where in the result (dropped dimensions included) the piece begins.
    pub at: Vec<usize>,
}

impl Grid {
    pub fn new(chunks: Vec<Vec<usize>>) -> Self {
        let starts = chunks
            .iter()
            .map(|lengths| {
                let mut at = 0;
                let mut out = Vec::with_capacity(lengths.len() + 1);
                for n in lengths {
                    out.push(at);
                    at += n;
                }
                out.push(at);
                out
            })
            .collect();
        Self { chunks, starts }
    }

    /// A regular grid: chunks of `chunk` from the origin, the last ones clipped to `shape`.
    pub fn regular(shape: &[usize], chunk: &[usize]) -> Self {
        let lists = shape.iter().zip(chunk).map(|(&n, &c)| {
            let c = c.max(1);
            if n == 0 { vec![0] } else { (0..n).step_by(c).map(|start| c.min(n - start)).collect() }
        });
        Self::new(lists.collect())
    }

    /// One chunk that holds everything.
    pub fn single(shape: &[usize]) -> Self {
        Self::new(shape.iter().map(|&n| vec![n]).collect())
    }

    pub fn shape(&self) -> Vec<usize> {
        self.starts.iter().map(|s| s.last().copied().unwrap_or(0)).collect()
    }
    /// Number of chunks per dimension.
    pub fn counts(&self) -> Vec<usize> {
        self.chunks.iter().map(Vec::len).collect()
    }
    /// Shape of the chunk at `index`, or `None` outside of the grid.
    pub fn chunk_shape(&self, index: &[usize]) -> Option<Vec<usize>> {
        if index.len() != self.chunks.len() {
            return None;
        }
        index.iter().zip(&self.chunks).map(|(&i, lengths)| lengths.get(i).copied()).collect()
    }
    /// The selection that is exactly the chunk at `index`.
    pub fn chunk_selection(&self, index: &[usize]) -> Option<Selection> {
        let shape = self.chunk_shape(index)?;
        let takes = shape.iter().zip(index).zip(&self.starts).map(|((&count, &i), starts)| {
            Some(Take { start: *starts.get(i)?, step: 1, count, dropped: false })
        });
        Some(Selection(takes.collect::<Option<_>>()?))
    }
    /// Row-major number of the chunk at `index`.
    pub fn linear(&self, index: &[usize]) -> u64 {
        index
            .iter()
            .zip(&self.chunks)
            .fold(0u64, |n, (&i, lengths)| n.wrapping_mul(lengths.len() as u64).wrapping_add(i as u64))
    }

    /// The pieces that `selection` needs, in row-major order of the result. Cost: pieces touched, not chunks stored.
    pub fn plan(&self, selection: &Selection) -> Vec<Piece> {
        let per_axis: Vec<Vec<(usize, Take, usize)>> =
            selection.0.iter().zip(&self.starts).map(|(take, starts)| split(take, starts)).collect();
        if per_axis.iter().any(Vec::is_empty) && !per_axis.is_empty() {
            return Vec::new();
        }
        let mut out = Vec::with_capacity(per_axis.iter().map(Vec::len).product());
        let mut odometer = vec![0usize; per_axis.len()];
        loop {
            let parts = || odometer.iter().zip(&per_axis).filter_map(|(&i, axis)| axis.get(i));
            out.push(Piece {
                chunk: parts().map(|p| p.0).collect(),
                takes: parts().map(|p| p.1).collect(),
                at: parts().map(|p| p.2).collect(),
            });
            let Some(axis) = (0..odometer.len()).rev().find(|&a| odometer[a] + 1 < per_axis[a].len()) else {
                return out;
            };
            odometer[axis] += 1;
            odometer[axis + 1..].fill(0);
        }
    }
}

/// Cuts one dimension's take at chunk borders: (chunk, take inside it, position in the result).
fn split(take: &Take, starts: &[usize]) -> Vec<(usize, Take, usize)> {
    let mut out = Vec::new();
    let mut done = 0;
    while done < take.count {
        let position = take.at(done);
        let chunk =
            starts.partition_point(|&s| s <= position).saturating_sub(1).min(starts.len().saturating_sub(2));
        let (low, high) = (starts[chunk], starts[chunk + 1]);
        let step = take.step.unsigned_abs();
        let room = if take.step > 0 { (high - 1 - position) / step } else { (position - low) / step };
        let count = (room + 1).min(take.count - done);
        out.push((
            chunk,
            Take { start: position - low, step: take.step, count, dropped: take.dropped },
            done,
        ));
        done += count;
    }
    out
}

/// Chunk lengths for data that rests in one piece: whole trailing dimensions, cut along leading ones so that no chunk
/// passes `bytes_max` (a single item may).
pub fn auto_chunks(shape: &[usize], itemsize: usize, bytes_max: usize) -> Vec<Vec<usize>> {
    let mut chunk = shape.to_vec();
    let bytes = |c: &[usize]| c.iter().fold(itemsize.max(1), |n, &d| n.saturating_mul(d.max(1)));
    for axis in 0..chunk.len() {
        let total = bytes(&chunk);
        if total <= bytes_max {
            break;
        }
        let per_row = total / chunk[axis].max(1);
        chunk[axis] = (bytes_max / per_row.max(1)).max(1);
    }
    Grid::regular(shape, &chunk).chunks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slice::NdSlice;

    #[test]
    fn a_strided_slice_touches_only_its_chunks() {
        let grid = Grid::regular(&[10, 10], &[4, 10]);
        let sel = NdSlice::parse("1::5,3").unwrap().resolve(&[10, 10]).unwrap();
        let pieces = grid.plan(&sel);
        assert_eq!(pieces.iter().map(|p| p.chunk.clone()).collect::<Vec<_>>(), [[0, 0], [1, 0]]);
        assert_eq!(pieces[1].takes[0], Take { start: 2, step: 5, count: 1, dropped: false });
        assert_eq!(pieces[1].at, [1, 0]);
    }

    #[test]
    fn reversed_slices_walk_chunks_backwards() {
        let grid = Grid::regular(&[5], &[2]);
        let sel = NdSlice::parse("::-1").unwrap().resolve(&[5]).unwrap();
        let got: Vec<_> = grid
            .plan(&sel)
            .into_iter()
            .map(|p| (p.chunk[0], p.takes[0].start, p.takes[0].count, p.at[0]))
            .collect();
        assert_eq!(got, [(2, 0, 1, 0), (1, 1, 2, 1), (0, 1, 2, 3)]);
    }

    #[test]
    fn zero_dimensions_and_empty_dimensions() {
        assert_eq!(Grid::single(&[]).plan(&Selection(vec![])).len(), 1);
        assert!(Grid::regular(&[0, 3], &[2, 2]).plan(&Selection::full(&[0, 3])).is_empty());
        assert_eq!(auto_chunks(&[100, 1000], 8, 80_000), [vec![10; 10], vec![1000]]);
        assert_eq!(auto_chunks(&[0], 8, 80_000), [vec![0]]);
    }
}
