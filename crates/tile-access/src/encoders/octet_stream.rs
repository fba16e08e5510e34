//! Raw items in C order, in the array's own byte order.

use super::{ARRAY, Context, Encoder, Subject, Target, not_served};
use crate::reading::array;
use tile_base::Result;
use tile_web::Sink;
use tile_web::body::write_error;

pub struct OctetStream;

impl Encoder for OctetStream {
    fn name(&self) -> &'static str {
        "octet_stream"
    }
    fn media_types(&self) -> &'static [&'static str] {
        &["application/octet-stream"]
    }
    fn endings(&self) -> &'static [&'static str] {
        &["bin"]
    }
    fn targets(&self) -> &'static [Target] {
        &[ARRAY]
    }
    fn length(&self, subject: &Subject) -> Option<u64> {
        let Subject::Array { data, selection } = subject else { return None };
        Some(selection.items() as u64 * data.structure.dtype.itemsize() as u64)
    }
    fn encode(&self, subject: Subject, context: &Context<'_>, out: &mut dyn Sink) -> Result<()> {
        let Subject::Array { data, selection } = subject else { return Err(not_served(self.name())) };
        for band in array::bands(&data, &selection) {
            out.put(array::read(&data, &band, context.cache)?).map_err(write_error)?;
        }
        Ok(())
    }
}
