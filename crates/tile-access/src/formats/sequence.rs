//! A numbered sequence of equal images or arrays in one folder: one array with a leading dimension over the files.
//!
//! The registration walk groups the files (`frame0001.tif, frame0002.tif, …`); they are opened by their own formats.

use super::{Format, recognise};
use crate::assets::Assets;
use crate::cache::Cache;
use crate::data::{ArrayData, Chunks, Data, Opened};
use crate::reading::array;
use bytes::Bytes;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use tile_base::grid::Grid;
use tile_base::slice::Selection;
use tile_base::{DType, Error, Result};

pub struct Sequence;

/// Endings of files that form sequences when their stem ends in digits.
pub const SUFFIXES: &[&str] = &["tif", "tiff", "jpg", "jpeg", "png", "npy"];

impl Format for Sequence {
    fn name(&self) -> &'static str {
        "sequence"
    }
    fn about(&self) -> &'static str {
        "array stacked from numbered TIFF, JPEG, PNG or NPY files of one shape"
    }
    fn mimetype(&self) -> &'static str {
        "multipart/related"
    }
    fn suffixes(&self) -> &'static [&'static str] {
        &[]
    }
    fn open(&self, assets: &Assets, _options: &Value) -> Result<Opened> {
        let first = open_one(assets.path()?)?;
        let shape: Vec<usize> =
            std::iter::once(assets.paths.len()).chain(first.structure.shape.iter().copied()).collect();
        let mut chunk = shape.clone();
        chunk[0] = 1;
        let dtype = first.structure.dtype.clone();
        let frames = Frames {
            paths: assets.paths.clone(),
            shape: first.structure.shape.clone(),
            dtype: dtype.clone(),
        };
        Ok(Opened::array(
            ArrayData::chunked(
                dtype,
                shape.clone(),
                Grid::regular(&shape, &chunk),
                Arc::new(frames),
                assets.uid("")?,
            ),
            json!({}),
        ))
    }
}

fn open_one(path: &std::path::Path) -> Result<ArrayData> {
    let opened = recognise(path)?.open(&Assets::file(path), &Value::Null)?;
    let Data::Array(data) = opened.data else {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        return Err(Error::damaged(format!("`{name}` of the sequence is not an image or array")));
    };
    Ok(data)
}

struct Frames {
    paths: Vec<PathBuf>,
    shape: Vec<usize>,
    dtype: DType,
}

impl Chunks for Frames {
    fn version(&self, index: &[usize]) -> u64 {
        let at = index.first().copied().unwrap_or(0);
        self.paths.get(at).map_or(0, |p| crate::assets::version_of(p))
    }
    fn read(&self, index: &[usize]) -> Result<Bytes> {
        let at = index.first().copied().unwrap_or(0);
        let path = self.paths.get(at).ok_or_else(|| Error::internal("frame out of range"))?;
        let data = open_one(path)?;
        if data.structure.shape != self.shape || data.structure.dtype != self.dtype {
            return Err(Error::damaged(format!(
                "file {at} of the sequence has shape {:?}, the first has {:?}",
                data.structure.shape, self.shape
            )));
        }
        // The frame itself is cached by the caller: a cache of no size keeps it from being held twice.
        array::read(&data, &Selection::full(&self.shape), &Cache::new(0))
    }
}
