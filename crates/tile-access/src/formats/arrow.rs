//! Arrow IPC files, Feather version 2 and IPC streams: a table.

use super::Format;
use crate::assets::{Assets, Uid};
use crate::data::{Batches, Opened, Table};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::SchemaRef;
use serde_json::{Value, json};
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::Arc;
use tile_base::Result;
use tile_base::error::OrDamaged;

pub struct Arrow;

impl Format for Arrow {
    fn name(&self) -> &'static str {
        "arrow"
    }
    fn about(&self) -> &'static str {
        "table, from an IPC file, Feather file or IPC stream"
    }
    fn mimetype(&self) -> &'static str {
        "application/vnd.apache.arrow.file"
    }
    fn suffixes(&self) -> &'static [&'static str] {
        &[".arrow", ".feather", ".arrows", ".ipc"]
    }
    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"ARROW1\0\0") || head.starts_with(&[0xff, 0xff, 0xff, 0xff])
    }
    fn has_mark(&self) -> bool {
        true
    }
    fn open(&self, assets: &Assets, _options: &Value) -> Result<Opened> {
        let path = assets.path()?.to_owned();
        let size = usize::try_from(std::fs::metadata(&path)?.len()).unwrap_or(usize::MAX);
        let table = IpcTable { schema: reader(&path, None)?.0, uid: assets.uid("")?, size, path };
        Opened::table(Arc::new(table), json!({}))
    }
}

fn reader(path: &PathBuf, columns: Option<Vec<usize>>) -> Result<(SchemaRef, Batches)> {
    use std::io::{Read, Seek};
    let mut file = BufReader::with_capacity(1 << 18, File::open(path)?);
    let mut head = [0u8; 4];
    file.read_exact(&mut head)?;
    file.rewind()?;
    if head == [0xff; 4] {
        let reader = StreamReader::try_new(file, columns).or_damaged("the Arrow stream")?;
        return Ok((reader.schema(), Box::new(reader.map(|b| b.or_damaged("the Arrow stream")))));
    }
    let reader = FileReader::try_new(file, columns).or_damaged("the Arrow file")?;
    Ok((reader.schema(), Box::new(reader.map(|b| b.or_damaged("the Arrow file")))))
}

struct IpcTable {
    schema: SchemaRef,
    uid: Uid,
    size: usize,
    path: PathBuf,
}

impl Table for IpcTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
    fn partitions(&self) -> usize {
        1
    }
    fn uid(&self) -> Uid {
        self.uid
    }
    fn partition_bytes(&self, _partition: usize) -> usize {
        self.size.saturating_mul(2)
    }
    fn rows(&self, _partition: usize) -> Option<usize> {
        None
    }
    fn read(&self, _partition: usize, columns: &[usize]) -> Result<Batches> {
        let mut sorted = columns.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let order: Vec<usize> = columns.iter().filter_map(|c| sorted.binary_search(c).ok()).collect();
        let (_, batches) = reader(&self.path, Some(sorted))?;
        Ok(Box::new(batches.map(move |b| b?.project(&order).or_damaged("the columns"))))
    }
}
