//! Blocks that wait: in memory while they are few, beside it when they are many.

use super::reading::unheld;
use crate::ingest::Block;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch};
use arrow_ipc::CompressionType;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use tile_base::objects::{Held, Objects};
use tile_base::{Error, Result};

/// Of blocks in memory.
const NEAR_BYTES_MAX: usize = 128 << 20;

/// Blocks in their order. What they say of new columns is not kept.
pub struct Spool<'a> {
    objects: &'a dyn Objects,
    near: Vec<Block>,
    near_bytes: usize,
    near_bytes_max: usize,
    far: Option<Box<dyn Held>>,
    far_blocks: u64,
}

impl<'a> Spool<'a> {
    pub fn new(objects: &'a dyn Objects) -> Self {
        Self {
            objects,
            near: Vec::new(),
            near_bytes: 0,
            near_bytes_max: NEAR_BYTES_MAX,
            far: None,
            far_blocks: 0,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.near.is_empty() && self.far_blocks == 0
    }

    /// Keeps a block.
    ///
    /// # Errors
    /// `Busy` when there is no room beside the memory.
    pub fn put(&mut self, block: Block) -> Result<()> {
        let bytes = bytes(&block);
        if self.far.is_none() && self.near_bytes.saturating_add(bytes) <= self.near_bytes_max {
            self.near_bytes += bytes;
            self.near.push(block);
            return Ok(());
        }
        let mut far = match self.far.take() {
            Some(far) => far,
            None => self.objects.hold()?,
        };
        let written = far.write_all(&framed(&block)?).map_err(unheld);
        self.far = Some(far);
        self.far_blocks += 1;
        written
    }

    /// Gives all blocks, one after another, from the first.
    ///
    /// # Errors
    /// `Busy` when those beside the memory cannot be read; those of `each`.
    pub fn each(&mut self, each: &mut dyn FnMut(&Block) -> Result<()>) -> Result<()> {
        for block in &self.near {
            each(block)?;
        }
        let Some(far) = &mut self.far else { return Ok(()) };
        far.seek(SeekFrom::Start(0)).map_err(unheld)?;
        let mut reader = BufReader::with_capacity(1 << 20, far);
        for _ in 0..self.far_blocks {
            each(&read(&mut reader)?)?;
        }
        Ok(())
    }
}

fn bytes(block: &Block) -> usize {
    let missing: usize = block.missing.iter().map(|(_, of)| of.get_array_memory_size()).sum();
    let quarantine = block.quarantine.as_ref().map_or(0, RecordBatch::get_array_memory_size);
    block.batch.get_array_memory_size() + missing + quarantine
}

/// Three parts, each its length and a stream of Arrow: the rows, which of them miss what (columns are named by their place), the
/// quarantine. A part that there is none of has no bytes.
fn framed(block: &Block) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    part(&mut out, Some(&block.batch))?;
    part(&mut out, missing(block)?.as_ref())?;
    part(&mut out, block.quarantine.as_ref())?;
    Ok(out)
}

fn missing(block: &Block) -> Result<Option<RecordBatch>> {
    if block.missing.is_empty() {
        return Ok(None);
    }
    let fields: Vec<Field> =
        block.missing.iter().map(|(at, _)| Field::new(at.to_string(), DataType::Boolean, true)).collect();
    let columns: Vec<ArrayRef> =
        block.missing.iter().map(|(_, of)| Arc::new(of.clone()) as ArrayRef).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map(Some).map_err(unframed)
}

fn part(out: &mut Vec<u8>, batch: Option<&RecordBatch>) -> Result<()> {
    let start = out.len();
    out.extend_from_slice(&[0; 8]);
    if let Some(batch) = batch {
        let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME));
        let options = options.map_err(unframed)?;
        let writer = StreamWriter::try_new_with_options(&mut *out, &batch.schema(), options);
        let mut writer = writer.map_err(unframed)?;
        writer.write(batch).map_err(unframed)?;
        writer.finish().map_err(unframed)?;
    }
    let length = (out.len() - start - 8) as u64;
    if let Some(place) = out.get_mut(start..start + 8) {
        place.copy_from_slice(&length.to_le_bytes());
    }
    Ok(())
}

fn read(reader: &mut impl Read) -> Result<Block> {
    let batch = read_part(reader)?.ok_or_else(|| Error::internal("a held block has no rows"))?;
    let mut missing = Vec::new();
    if let Some(found) = read_part(reader)? {
        for (field, column) in found.schema().fields().iter().zip(found.columns()) {
            let at = field.name().parse().map_err(|_| Error::internal("a held column has no place"))?;
            let flags = column.as_any().downcast_ref::<BooleanArray>();
            missing.push((at, flags.ok_or_else(|| Error::internal("a held column has no flags"))?.clone()));
        }
    }
    let quarantine = read_part(reader)?;
    Ok(Block {
        rows: batch.num_rows(),
        quarantined: quarantine.as_ref().map_or(0, RecordBatch::num_rows),
        batch,
        missing,
        quarantine,
        new_columns: Vec::new(),
    })
}

fn read_part(reader: &mut impl Read) -> Result<Option<RecordBatch>> {
    let mut length = [0; 8];
    reader.read_exact(&mut length).map_err(unheld)?;
    let length = u64::from_le_bytes(length);
    if length == 0 {
        return Ok(None);
    }
    let mut part = reader.take(length);
    let batch = {
        let mut batches = StreamReader::try_new(&mut part, None).map_err(unframed)?;
        batches.next().transpose().map_err(unframed)?
    };
    std::io::copy(&mut part, &mut std::io::sink()).map_err(unheld)?;
    batch.map(Some).ok_or_else(|| Error::internal("a held part has no rows"))
}

fn unframed(e: ArrowError) -> Error {
    Error::internal("a block cannot be held beside the memory").source(e)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Int64Array, StringArray};
    use tile_base::objects::Nowhere;

    fn block(from: i64, is_missing: bool, is_bad: bool) -> Block {
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter((from..from + 3).map(Some)));
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("ä"), None, Some("")]));
        let batch =
            RecordBatch::try_from_iter_with_nullable([("n", numbers, true), ("t", texts, true)]).unwrap();
        let why: ArrayRef = Arc::new(StringArray::from(vec![format!("row {from}")]));
        let quarantine = is_bad.then(|| RecordBatch::try_from_iter([("why", why)]).unwrap());
        let flags = BooleanArray::from(vec![true, false, from % 2 == 0]);
        Block {
            batch,
            missing: if is_missing { vec![(1, flags.clone()), (0, flags)] } else { vec![] },
            rows: 3,
            quarantined: usize::from(is_bad),
            quarantine,
            new_columns: vec![],
        }
    }

    #[test]
    fn blocks_come_back_in_their_order_wherever_they_wait() {
        let blocks: Vec<Block> = (0..8).map(|i| block(i * 3, i % 2 == 0, i % 3 == 0)).collect();
        for room in [0, 2 * bytes(&blocks[0]), 1 << 20] {
            let mut spool = Spool { near_bytes_max: room, ..Spool::new(&Nowhere) };
            assert!(spool.is_empty());
            for i in 0..8 {
                spool.put(block(i * 3, i % 2 == 0, i % 3 == 0)).unwrap();
            }
            assert_eq!((spool.is_empty(), spool.far.is_some()), (false, room < 1 << 20));
            // An engine may begin the transaction again.
            for _ in 0..2 {
                let mut at = 0;
                spool
                    .each(&mut |found| {
                        let wanted = &blocks[at];
                        at += 1;
                        assert_eq!((found.rows, found.quarantined), (wanted.rows, wanted.quarantined));
                        assert_eq!((&found.batch, &found.missing), (&wanted.batch, &wanted.missing));
                        assert_eq!(found.quarantine, wanted.quarantine);
                        Ok(())
                    })
                    .unwrap();
                assert_eq!(at, 8);
            }
        }
    }
}
