//! Chunks of a dataset: read straight from the file and decoded here, or through the library.

use super::filters::{self, Filter};
use super::library::{self, File, Handle};
use crate::assets::read_at;
use crate::data::{Chunks, Location};
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use tile_base::grid::Grid;
use tile_base::slice::Take;
use tile_base::strided::gather;
use tile_base::{Error, Result};

/// Chunk position in items → (filter mask, address, bytes).
type Index = HashMap<Vec<u64>, (u32, u64, u64)>;

/// Chunks found by address and decoded without the library's lock.
pub struct Direct {
    pub file: Arc<File>,
    pub path: String,
    pub chunk: Vec<usize>,
    pub shape: Vec<usize>,
    pub itemsize: usize,
    pub filters: Vec<Filter>,
    pub fill: Vec<u8>,
    /// Made on first use.
    pub index: OnceLock<Index>,
}

impl Direct {
    fn index(&self) -> Result<&Index> {
        if let Some(index) = self.index.get() {
            return Ok(index);
        }
        let object = self.file.object(&self.path)?;
        let found = library::chunk_index(&object, self.shape.len())?;
        let index = found.into_iter().map(|(at, mask, addr, size)| (at, (mask, addr, size))).collect();
        Ok(self.index.get_or_init(|| index))
    }
}

impl Chunks for Direct {
    fn location(&self, index: &[usize]) -> Result<Option<Location>> {
        if !self.filters.is_empty() {
            return Ok(None);
        }
        let key: Vec<u64> = index.iter().zip(&self.chunk).map(|(i, c)| (i * c) as u64).collect();
        let found = self.index()?.get(&key).map(|&(_, offset, _)| offset);
        Ok(found.map(|offset| Location { file: self.file.direct.clone(), offset, shape: self.chunk.clone() }))
    }
    fn read(&self, index: &[usize]) -> Result<Bytes> {
        let start: Vec<usize> = index.iter().zip(&self.chunk).map(|(i, c)| i * c).collect();
        let clipped: Vec<usize> = start
            .iter()
            .zip(&self.chunk)
            .zip(&self.shape)
            .map(|((s, c), n)| (*c).min(n.saturating_sub(*s)))
            .collect();
        let whole = self.chunk.iter().product::<usize>() * self.itemsize;
        let key: Vec<u64> = start.iter().map(|&s| s as u64).collect();
        let decoded = match self.index()?.get(&key) {
            None => self.fill.repeat(clipped.iter().product()),
            Some(&(mask, addr, size)) => {
                let size =
                    usize::try_from(size).map_err(|_| Error::damaged("a chunk is impossibly large"))?;
                let raw = read_at(&self.file.direct, addr, size)?;
                let full = filters::decode(raw, &self.filters, mask, whole)?;
                if full.len() < whole {
                    return Err(Error::damaged(format!(
                        "an HDF5 chunk decodes to {} bytes instead of {whole}",
                        full.len()
                    )));
                }
                if clipped == self.chunk {
                    full
                } else {
                    let takes: Vec<Take> = clipped
                        .iter()
                        .map(|&count| Take { start: 0, step: 1, count, dropped: false })
                        .collect();
                    let mut out = vec![0u8; clipped.iter().product::<usize>() * self.itemsize];
                    gather(
                        &full,
                        &self.chunk,
                        &takes,
                        &mut out,
                        &clipped,
                        &vec![0; clipped.len()],
                        self.itemsize,
                    );
                    out
                }
            }
        };
        Ok(Bytes::from(decoded))
    }
}

/// Boxes of a dataset read through the library: virtual and compact datasets, foreign filters, conversions.
pub struct ThroughLibrary {
    pub file: Arc<File>,
    pub path: String,
    pub grid: Grid,
    pub memory: Handle,
    pub itemsize: usize,
}

impl Chunks for ThroughLibrary {
    fn read(&self, index: &[usize]) -> Result<Bytes> {
        let object = self.file.object(&self.path)?;
        if library::Source::Dataset(&object).shape()?.is_some_and(|s| s.is_empty()) {
            return library::Source::Dataset(&object)
                .read_all(&self.memory, 1, self.itemsize)
                .map(Bytes::from);
        }
        let selection =
            self.grid.chunk_selection(index).ok_or_else(|| Error::internal("chunk out of range"))?;
        let start: Vec<usize> = selection.0.iter().map(|t| t.start).collect();
        library::read_box(&object, &self.memory, &start, &selection.counts(), self.itemsize).map(Bytes::from)
    }
}
