//! ZIP of buffers, stored: awkward arrays by buffer key; ragged arrays with their form and length.

use super::{AWKWARD, Context, Encoder, RAGGED, Subject, Target, awkward, not_served};
use std::io::{Cursor, Write};
use tile_base::{Error, Result};
use tile_web::Sink;
use tile_web::body::write_error;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

pub struct Zip;

impl Encoder for Zip {
    fn name(&self) -> &'static str {
        "zip"
    }
    fn media_types(&self) -> &'static [&'static str] {
        &["application/zip"]
    }
    fn endings(&self) -> &'static [&'static str] {
        &["zip"]
    }
    fn targets(&self) -> &'static [Target] {
        &[AWKWARD, RAGGED]
    }
    fn encode(&self, subject: Subject, _context: &Context<'_>, out: &mut dyn Sink) -> Result<()> {
        let entries: Vec<(String, Vec<u8>)> = match subject {
            Subject::Awkward { buffers, .. } => buffers
                .keys()?
                .into_iter()
                .map(|k| buffers.buffer(&k).map(|b| (k, b.to_vec())))
                .collect::<Result<_>>()?,
            Subject::Ragged { buffers, rows } => awkward::ragged_entries(buffers.as_ref(), &rows)?,
            _ => return Err(not_served(self.name())),
        };
        out.put(pack(&entries)?.into()).map_err(write_error)
    }
}

/// A stored ZIP of the named entries.
///
/// # Errors
/// Internal when the archive cannot be written.
pub fn pack(entries: &[(String, Vec<u8>)]) -> Result<Vec<u8>> {
    let failed = |e: &dyn std::fmt::Display| Error::internal(format!("cannot write the archive: {e}"));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
    for (name, bytes) in entries {
        zip.start_file(name.as_str(), options).map_err(|e| failed(&e))?;
        zip.write_all(bytes).map_err(|e| failed(&e))?;
    }
    Ok(zip.finish().map_err(|e| failed(&e))?.into_inner())
}
