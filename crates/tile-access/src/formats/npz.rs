//! NPZ: a ZIP of NPY files, one array each.

use super::{Format, npy};
use crate::assets::{Assets, Uid, sub_uid};
use crate::data::{ArrayData, Chunks, Container, Opened};
use bytes::Bytes;
use serde_json::{Value, json};
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use tile_base::error::OrDamaged;
use tile_base::grid::Grid;
use tile_base::{Error, Result};

pub struct Npz;

impl Format for Npz {
    fn name(&self) -> &'static str {
        "npz"
    }
    fn about(&self) -> &'static str {
        "container of one array per entry"
    }
    fn mimetype(&self) -> &'static str {
        "application/x-npz"
    }
    fn suffixes(&self) -> &'static [&'static str] {
        &[".npz"]
    }
    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"PK\x03\x04")
            && head.get(30..).is_some_and(|names| names.windows(4).take(120).any(|w| w == b".npy"))
    }
    fn has_mark(&self) -> bool {
        true
    }
    fn open(&self, assets: &Assets, _options: &Value) -> Result<Opened> {
        let path = assets.path()?.to_owned();
        let archive = Archive { uid: assets.uid("")?, path };
        for key in archive.keys()? {
            archive.child(&key)?;
        }
        Ok(Opened::container(Arc::new(archive), json!({})))
    }
}

struct Archive {
    path: PathBuf,
    uid: Uid,
}

impl Archive {
    fn zip(&self) -> Result<zip::ZipArchive<std::io::BufReader<std::fs::File>>> {
        zip::ZipArchive::new(std::io::BufReader::new(std::fs::File::open(&self.path)?))
            .or_damaged("the ZIP directory")
    }
}

impl Container for Archive {
    fn keys(&self) -> Result<Vec<String>> {
        let zip = self.zip()?;
        let names: Vec<String> =
            zip.file_names().filter_map(|n| n.ok()?.strip_suffix(".npy").map(str::to_owned)).collect();
        Ok(names)
    }
    fn child(&self, key: &str) -> Result<Option<Opened>> {
        let mut zip = self.zip()?;
        let Ok(entry) = zip.by_name(&format!("{key}.npy")) else { return Ok(None) };
        let mut head = Vec::new();
        entry.take(1 << 16).read_to_end(&mut head).or_damaged("the entry")?;
        let header = npy::parse_header(&head)?;
        header.data_bytes()?;
        let (dtype, shape) = (header.dtype.clone(), header.shape.clone());
        let chunks =
            Entry { archive: Self { path: self.path.clone(), uid: self.uid }, key: key.to_owned(), header };
        let grid = Grid::single(&shape);
        Ok(Some(Opened::array(
            ArrayData::chunked(dtype, shape, grid, Arc::new(chunks), sub_uid(self.uid, key)),
            json!({}),
        )))
    }
}

struct Entry {
    archive: Archive,
    key: String,
    header: npy::Header,
}

impl Chunks for Entry {
    fn read(&self, _index: &[usize]) -> Result<Bytes> {
        let mut zip = self.archive.zip()?;
        let mut entry = zip.by_name(&format!("{}.npy", self.key)).or_damaged("the entry")?;
        let need = self.header.data_bytes()?;
        let skip = self.header.data_start as u64;
        std::io::copy(&mut entry.by_ref().take(skip), &mut std::io::sink()).or_damaged("the entry")?;
        let mut raw = Vec::new();
        entry.take(need as u64).read_to_end(&mut raw).or_damaged("the entry")?;
        if raw.len() != need {
            return Err(Error::damaged(format!("the array needs {need} bytes, the entry has {}", raw.len())));
        }
        Ok(Bytes::from(npy::normalise(&self.header, raw)))
    }
}
