//! The example of an encoder, registered in tests only: Netpbm's binary graymap of two-dimensional bytes.

use super::{ARRAY, Context, Encoder, Subject, Target, not_served, shape_refused};
use crate::reading::array;
use tile_base::Result;
use tile_web::Sink;
use tile_web::body::write_error;

pub struct Graymap;

impl Encoder for Graymap {
    fn name(&self) -> &'static str {
        "graymap"
    }
    fn media_types(&self) -> &'static [&'static str] {
        &["image/x-portable-graymap"]
    }
    fn endings(&self) -> &'static [&'static str] {
        &["pgm"]
    }
    fn targets(&self) -> &'static [Target] {
        &[ARRAY]
    }
    fn accepts(&self, subject: &Subject) -> Result<()> {
        let Subject::Array { data, selection } = subject else { return Ok(()) };
        if data.structure.dtype.itemsize() == 1 && selection.shape().len() == 2 {
            Ok(())
        } else {
            Err(shape_refused(&selection.shape(), "image/x-portable-graymap"))
        }
    }
    fn encode(&self, subject: Subject, context: &Context<'_>, out: &mut dyn Sink) -> Result<()> {
        let Subject::Array { data, selection } = subject else { return Err(not_served(self.name())) };
        let [height, width] = selection.shape()[..] else {
            return Err(shape_refused(&selection.shape(), "image/x-portable-graymap"));
        };
        write!(out, "P5\n{width} {height}\n255\n").map_err(write_error)?;
        for band in array::bands(&data, &selection) {
            out.put(array::read(&data, &band, context.cache)?).map_err(write_error)?;
        }
        Ok(())
    }
}
