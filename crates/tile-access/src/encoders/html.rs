//! HTML: arrays as a picture or a table of values, everything made of rows as a table.

use super::{ARRAY, Context, Encoder, SPARSE, Subject, TABLE, Target, item, json, png, rows, shape_refused};
use crate::reading::array;
use tile_base::Result;
use tile_web::Sink;
use tile_web::body::write_error;

pub struct Html;

impl Encoder for Html {
    fn name(&self) -> &'static str {
        "html"
    }
    fn media_types(&self) -> &'static [&'static str] {
        &["text/html"]
    }
    fn endings(&self) -> &'static [&'static str] {
        &["html", "htm"]
    }
    fn targets(&self) -> &'static [Target] {
        &[TABLE, ARRAY, SPARSE, Target::Dataset]
    }
    fn accepts(&self, subject: &Subject) -> Result<()> {
        match subject {
            Subject::Array { selection, .. }
                if selection.shape().len() > 2 && png::Png.accepts(subject).is_err() =>
            {
                Err(shape_refused(&selection.shape(), "text/html"))
            }
            _ => Ok(()),
        }
    }
    fn encode(&self, subject: Subject, context: &Context<'_>, out: &mut dyn Sink) -> Result<()> {
        match subject {
            Subject::Array { .. } => {
                out.write_all(b"<html><body>").map_err(write_error)?;
                write_array(subject, context, out)?;
                out.write_all(b"</body></html>\n").map_err(write_error)
            }
            other => {
                out.write_all(b"<table border=\"1\" class=\"dataframe\">\n").map_err(write_error)?;
                write_rows(other, context, out)?;
                out.write_all(b"</table>\n").map_err(write_error)
            }
        }
    }
}

/// A picture when it can be one, else a table of the values.
fn write_array(subject: Subject, context: &Context<'_>, out: &mut dyn Sink) -> Result<()> {
    use base64::Engine;
    if png::Png.accepts(&subject).is_ok() {
        let mut picture: Vec<u8> = Vec::new();
        png::Png.encode(subject, context, &mut picture)?;
        let text = format!(
            "<img src=\"data:image/png;base64,{}\"/>",
            base64::engine::general_purpose::STANDARD.encode(picture)
        );
        return out.write_all(text.as_bytes()).map_err(write_error);
    }
    let Subject::Array { data, selection } = subject else { return Ok(()) };
    let shape = selection.shape();
    let dtype = &data.structure.dtype;
    let width = if shape.len() == 2 { shape[1] } else { 1 };
    let bytes = array::read(&data, &selection, context.cache)?;
    let mut text = Vec::from(*b"<table border=\"1\">\n");
    for row in bytes.chunks_exact((width * dtype.itemsize()).max(1)) {
        text.extend_from_slice(b"<tr>");
        for item in row.chunks_exact(dtype.itemsize()) {
            cell(&mut text, "td", |t| item::write_text(dtype, item, t));
        }
        text.extend_from_slice(b"</tr>\n");
    }
    text.extend_from_slice(b"</table>\n");
    out.put(text.into()).map_err(write_error)
}

fn write_rows(subject: Subject, context: &Context<'_>, out: &mut dyn Sink) -> Result<()> {
    let (schema, batches) = rows::of(subject, context)?;
    let mut text = Vec::from(*b"  <thead>\n    <tr style=\"text-align: right;\">");
    for field in schema.fields() {
        cell(&mut text, "th", |t| t.extend_from_slice(field.name().as_bytes()));
    }
    text.extend_from_slice(b"</tr>\n  </thead>\n  <tbody>\n");
    for batch in batches {
        let batch = batch?;
        let cells: Vec<json::Cells<'_>> =
            batch.columns().iter().map(json::Cells::of).collect::<Result<_>>()?;
        for row in 0..batch.num_rows() {
            text.extend_from_slice(b"    <tr>");
            for c in &cells {
                cell(&mut text, "td", |t| {
                    if c.is_null(row) { t.extend_from_slice(b"NaN") } else { c.write_text(row, t) }
                });
            }
            text.extend_from_slice(b"</tr>\n");
        }
        out.put(std::mem::take(&mut text).into()).map_err(write_error)?;
    }
    text.extend_from_slice(b"  </tbody>\n");
    out.put(text.into()).map_err(write_error)
}

fn cell(text: &mut Vec<u8>, tag: &str, write: impl FnOnce(&mut Vec<u8>)) {
    text.extend_from_slice(format!("<{tag}>").as_bytes());
    let mut raw = Vec::new();
    write(&mut raw);
    text.extend_from_slice(escape(&String::from_utf8_lossy(&raw)).as_bytes());
    text.extend_from_slice(format!("</{tag}>").as_bytes());
}

/// Text made safe for HTML content and attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
