//! JSON text sequences (RFC 7464): a record separator, one object per row, a newline.

use super::{Context, Encoder, SPARSE, Subject, TABLE, Target, json, rows};
use tile_base::Result;
use tile_web::Sink;
use tile_web::body::write_error;

pub struct JsonSeq;

impl Encoder for JsonSeq {
    fn name(&self) -> &'static str {
        "json_seq"
    }
    fn media_types(&self) -> &'static [&'static str] {
        &["application/json-seq"]
    }
    fn endings(&self) -> &'static [&'static str] {
        &["json-seq", "jsonseq"]
    }
    fn targets(&self) -> &'static [Target] {
        &[TABLE, SPARSE]
    }
    fn encode(&self, subject: Subject, context: &Context<'_>, out: &mut dyn Sink) -> Result<()> {
        let (schema, batches) = rows::of(subject, context)?;
        let mut buffer = Vec::with_capacity(1 << 16);
        for batch in batches {
            let batch = batch?;
            let cells: Vec<json::Cells<'_>> =
                batch.columns().iter().map(json::Cells::of).collect::<Result<_>>()?;
            for row in 0..batch.num_rows() {
                buffer.push(0x1e);
                buffer.push(b'{');
                for (i, (field, cells)) in schema.fields().iter().zip(&cells).enumerate() {
                    if i > 0 {
                        buffer.push(b',');
                    }
                    super::item::json_text(field.name(), &mut buffer);
                    buffer.push(b':');
                    cells.write(row, &mut buffer);
                }
                buffer.extend_from_slice(b"}\n");
                if buffer.len() >= 1 << 16 {
                    out.write_all(&buffer).map_err(write_error)?;
                    buffer.clear();
                }
            }
        }
        out.write_all(&buffer).map_err(write_error)
    }
}
