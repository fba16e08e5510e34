//! From a selection to its bytes: plan over the stored grid, read only what is touched, gather in C order.

use crate::assets::read_at;
use crate::cache::Cache;
use crate::data::{ArrayData, Chunks, Store};
use bytes::Bytes;
use rayon::prelude::*;
use std::fs::File;
use tile_base::grid::Piece;
use tile_base::slice::{Selection, Take};
use tile_base::strided::{gather, strides};
use tile_base::{Error, Result};

/// Pieces a streamed answer is cut into, in bytes: large enough to amortise a task, small enough to bound memory.
const BAND_BYTES: usize = 2 << 20;
/// The same for data that is only copied: a piece that stays in the processor's cache.
const FLAT_BAND_BYTES: usize = 512 << 10;
/// A flat read takes one run of this many bytes rather than many small ones.
const RUN_BYTES: usize = 1 << 20;

/// The selected items in C order, dropped dimensions gone. Size in memory: the answer plus the chunks in flight.
///
/// # Errors
/// Those of the store.
pub fn read(data: &ArrayData, selection: &Selection, cache: &Cache) -> Result<Bytes> {
    let itemsize = data.structure.dtype.itemsize();
    if selection.items() == 0 || itemsize == 0 {
        return Ok(Bytes::new());
    }
    match &data.store {
        Store::Flat { file, offset } => read_flat(file, *offset, &data.structure.shape, selection, itemsize),
        Store::Chunks(chunks) => read_chunks(data, chunks.as_ref(), selection, cache, itemsize),
    }
}

/// Cuts a selection along its first dimension of more than one item into bands of about [`BAND_BYTES`], at chunk borders
/// where chunks are stored, so that no chunk is decoded twice. Reading the bands one after the other gives the whole.
pub fn bands(data: &ArrayData, selection: &Selection) -> Vec<Selection> {
    let total = selection.items().saturating_mul(data.structure.dtype.itemsize());
    let Some(axis) = selection.0.iter().position(|t| t.count > 1) else { return vec![selection.clone()] };
    let Some(take) = selection.0.get(axis).copied() else { return vec![selection.clone()] };
    let band = if matches!(data.store, Store::Flat { .. }) { FLAT_BAND_BYTES } else { BAND_BYTES };
    if total <= band * 4 || total == 0 {
        return vec![selection.clone()];
    }
    let rows = (band / (total / take.count).max(1)).max(1);
    let mut edges = vec![0];
    if matches!(data.store, Store::Chunks(_)) {
        let starts = chunk_edges(data, axis, &take);
        let mut last = 0;
        for edge in starts {
            if edge - last >= rows {
                edges.push(edge);
                last = edge;
            }
        }
    } else {
        edges.extend((rows..take.count).step_by(rows));
    }
    edges.push(take.count);
    edges.windows(2).filter(|w| w[0] < w[1]).map(|w| selection.band(axis, w[0], w[1])).collect()
}

/// Chunks whose files are looked at to name an answer.
const VERSIONED_MAX: usize = 4096;

/// Names the present content of a selection; `None` when it touches too many files to look at them all.
pub fn version(data: &ArrayData, selection: &Selection) -> Option<u64> {
    let Store::Chunks(chunks) = &data.store else { return Some(data.uid) };
    let pieces = data.grid.plan(selection);
    let Some(first) = pieces.first() else { return Some(data.uid) };
    if chunks.version(&first.chunk) == 0 && pieces.last().is_none_or(|p| chunks.version(&p.chunk) == 0) {
        return Some(data.uid);
    }
    if pieces.len() > VERSIONED_MAX {
        return None;
    }
    Some(pieces.iter().fold(data.uid, |name, p| name.rotate_left(5) ^ chunks.version(&p.chunk)))
}

/// Positions in the result along `axis` where a new stored chunk begins.
fn chunk_edges(data: &ArrayData, axis: usize, take: &Take) -> Vec<usize> {
    let only = Selection(vec![*take]);
    let grid = tile_base::grid::Grid::new(vec![data.grid.chunks[axis].clone()]);
    grid.plan(&only).into_iter().skip(1).map(|p| p.at[0]).collect()
}

fn read_chunks(
    data: &ArrayData,
    chunks: &dyn Chunks,
    selection: &Selection,
    cache: &Cache,
    itemsize: usize,
) -> Result<Bytes> {
    let pieces = data.grid.plan(selection);
    let fetch = |piece: &Piece| -> Result<Bytes> {
        let shape = data.grid.chunk_shape(&piece.chunk).unwrap_or_default();
        let want = shape.iter().product::<usize>() * itemsize;
        let decode = || {
            let bytes = chunks.read(&piece.chunk)?;
            if bytes.len() == want {
                Ok(bytes)
            } else {
                Err(Error::damaged(format!("a chunk holds {} bytes, its shape needs {want}", bytes.len())))
            }
        };
        if chunks.cacheable() && want as u64 <= cache.entry_bytes_max() {
            cache.chunk(data.uid ^ chunks.version(&piece.chunk), data.grid.linear(&piece.chunk), decode)
        } else {
            decode()
        }
    };
    if let [only] = pieces.as_slice() {
        let shape = data.grid.chunk_shape(&only.chunk).unwrap_or_default();
        if Selection(only.takes.clone()).is_full(&shape) {
            return fetch(only);
        }
    }
    let counts = selection.counts();
    let mut out = vec![0u8; selection.items() * itemsize];
    let part = |piece: &Piece| -> Result<Part> {
        match read_part(data, chunks, piece, itemsize)? {
            Some(bytes) => Ok(Part::Cut(bytes)),
            None => fetch(piece).map(Part::Chunk),
        }
    };
    let place = |out: &mut [u8], piece: &Piece, part: &Part| match part {
        Part::Chunk(bytes) => {
            let shape = data.grid.chunk_shape(&piece.chunk).unwrap_or_default();
            gather(bytes, &shape, &piece.takes, out, &counts, &piece.at, itemsize);
        }
        Part::Cut(bytes) => {
            let shape: Vec<usize> = piece.takes.iter().map(|t| t.count).collect();
            gather(bytes, &shape, &Selection::full(&shape).0, out, &counts, &piece.at, itemsize);
        }
    };
    // Decode a few chunks at a time side by side: parallel, yet bounded.
    for group in pieces.chunks(rayon::current_num_threads().max(1) * 2) {
        let parts: Vec<Part> = if group.len() > 1 {
            group.par_iter().map(part).collect::<Result<_>>()?
        } else {
            group.iter().map(part).collect::<Result<_>>()?
        };
        for (piece, part) in group.iter().zip(&parts) {
            place(&mut out, piece, part);
        }
    }
    Ok(Bytes::from(out))
}

/// What was read of a chunk.
enum Part {
    Chunk(Bytes),
    /// No more than the items that are wanted.
    Cut(Bytes),
}

/// A small part of one chunk that rests uncompressed, read alone.
fn read_part(data: &ArrayData, chunks: &dyn Chunks, piece: &Piece, itemsize: usize) -> Result<Option<Bytes>> {
    let whole: usize = data.grid.chunk_shape(&piece.chunk).unwrap_or_default().iter().product();
    let wanted: usize = piece.takes.iter().map(|t| t.count).product();
    if wanted.saturating_mul(4) > whole {
        return Ok(None);
    }
    let Some(place) = chunks.location(&piece.chunk)? else { return Ok(None) };
    read_flat(&place.file, place.offset, &place.shape, &Selection(piece.takes.clone()), itemsize).map(Some)
}

/// Reads runs of a flat file. Leading dimensions are walked item by item; the rest is read as one run that spans what is
/// taken, when the run is short or mostly wanted.
fn read_flat(
    file: &File,
    offset: u64,
    shape: &[usize],
    selection: &Selection,
    itemsize: usize,
) -> Result<Bytes> {
    let (takes, steps) = (&selection.0, strides(shape, itemsize));
    let span = |from: usize| -> usize {
        let reach: usize = takes[from..]
            .iter()
            .zip(&steps[from..])
            .map(|(t, s)| low_high(t).1.saturating_sub(low_high(t).0) * s)
            .sum();
        reach + itemsize
    };
    let wanted = |from: usize| takes[from..].iter().map(|t| t.count).product::<usize>() * itemsize;
    let split = (0..takes.len())
        .find(|&k| span(k) <= RUN_BYTES || span(k) <= wanted(k).saturating_mul(2))
        .unwrap_or(takes.len());
    let run_bytes = span(split);
    let inner_low: usize = takes[split..].iter().zip(&steps[split..]).map(|(t, s)| low_high(t).0 * s).sum();
    let outer_count: usize = takes[..split].iter().map(|t| t.count).product();
    if split == 0 && run_bytes == wanted(0) && takes.iter().all(|t| t.step > 0 || t.count == 1) {
        return read_at(file, offset + inner_low as u64, run_bytes).map(Bytes::from);
    }
    let mut out = vec![0u8; selection.items() * itemsize];
    let block = wanted(split);
    // Inside a run, positions are relative to the lowest item taken.
    let inner: Vec<Take> =
        takes[split..].iter().map(|t| Take { start: t.start - low_high(t).0, ..*t }).collect();
    let inner_counts: Vec<usize> = inner.iter().map(|t| t.count).collect();
    let zeros = vec![0; inner.len()];
    for i in 0..outer_count {
        let mut rest = i;
        let mut start = inner_low;
        for (t, s) in takes[..split].iter().zip(&steps).rev() {
            start += t.at(rest % t.count) * s;
            rest /= t.count;
        }
        let run = read_at(file, offset + start as u64, run_bytes)?;
        let target = &mut out[i * block..(i + 1) * block];
        if run.len() == block && inner.iter().all(|t| t.step > 0) {
            target.copy_from_slice(&run);
        } else {
            gather(&run, &shape[split..], &inner, target, &inner_counts, &zeros, itemsize);
        }
    }
    Ok(Bytes::from(out))
}

fn low_high(t: &Take) -> (usize, usize) {
    let last = t.at(t.count.saturating_sub(1));
    (t.start.min(last), t.start.max(last))
}
