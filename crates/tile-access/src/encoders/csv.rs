//! CSV: arrays of up to two dimensions as NumPy prints them, tables with a header line (`text/csv;header=absent` drops it).

use super::{
    ARRAY, Context, Encoder, SPARSE, Subject, TABLE, Target, item, json, not_served, rows, shape_refused,
};
use crate::reading::array;
use rayon::prelude::*;
use tile_base::Result;
use tile_web::Sink;
use tile_web::body::write_error;

pub struct Csv;

impl Encoder for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }
    fn media_types(&self) -> &'static [&'static str] {
        &["text/csv", "text/plain", "text/x-comma-separated-values", "application/vnd.ms-excel"]
    }
    fn endings(&self) -> &'static [&'static str] {
        &["csv", "txt"]
    }
    fn of_ending(&self, ending: &str) -> Option<&'static str> {
        match ending {
            "csv" => Some("text/csv"),
            "txt" => Some("text/plain"),
            _ => None,
        }
    }
    fn targets(&self) -> &'static [Target] {
        &[TABLE, ARRAY, SPARSE, Target::Dataset]
    }
    fn accepts(&self, subject: &Subject) -> Result<()> {
        match subject {
            Subject::Array { selection, .. } if selection.shape().len() > 2 => {
                Err(shape_refused(&selection.shape(), "text/csv"))
            }
            _ => Ok(()),
        }
    }
    fn encode(&self, subject: Subject, context: &Context<'_>, out: &mut dyn Sink) -> Result<()> {
        let Subject::Array { data, selection } = subject else { return write_rows(subject, context, out) };
        let dtype = &data.structure.dtype;
        let shape = selection.shape();
        // A 1-D array is one column: an item per line.
        let width = if shape.len() == 2 { shape[1] } else { 1 };
        let row_bytes = width * dtype.itemsize();
        if row_bytes == 0 {
            return Err(not_served(self.name()));
        }
        for band in bands_of_rows(&data, &selection) {
            let bytes = array::read(&data, &band, context.cache)?;
            let mut text = Vec::with_capacity(bytes.len() * 2);
            for row in bytes.chunks_exact(row_bytes) {
                for (i, item) in row.chunks_exact(dtype.itemsize()).enumerate() {
                    if i > 0 {
                        text.push(b',');
                    }
                    write_cell(&mut text, |t| item::write_text(dtype, item, t));
                }
                text.push(b'\n');
            }
            out.put(text.into()).map_err(write_error)?;
        }
        Ok(())
    }
}

/// Bands that end at line ends: those of the first dimension, or the whole when the first dimension has one item.
fn bands_of_rows(
    data: &crate::data::ArrayData,
    selection: &tile_base::Selection,
) -> Vec<tile_base::Selection> {
    let kept: Vec<usize> =
        selection.0.iter().enumerate().filter(|(_, t)| !t.dropped).map(|(i, _)| i).collect();
    let axis = selection.0.iter().position(|t| t.count > 1);
    if kept.len() < 2 || axis == kept.first().copied() {
        array::bands(data, selection)
    } else {
        vec![selection.clone()]
    }
}

fn write_rows(subject: Subject, context: &Context<'_>, out: &mut dyn Sink) -> Result<()> {
    let header = !context.media_type.replace(' ', "").contains("header=absent");
    let (schema, batches) = rows::of(subject, context)?;
    let mut text = Vec::with_capacity(1 << 18);
    if header {
        for (i, field) in schema.fields().iter().enumerate() {
            if i > 0 {
                text.push(b',');
            }
            write_cell(&mut text, |t| t.extend_from_slice(field.name().as_bytes()));
        }
        text.push(b'\n');
    }
    for batch in batches {
        let batch = batch?;
        let cells: Vec<json::Cells<'_>> =
            batch.columns().iter().map(json::Cells::of).collect::<Result<_>>()?;
        // Runs of rows are written side by side and sent in their order.
        let starts: Vec<usize> = (0..batch.num_rows()).step_by(ROWS_PER_RUN).collect();
        let runs: Vec<Vec<u8>> = starts
            .par_iter()
            .map(|&start| write_run(&cells, start..(start + ROWS_PER_RUN).min(batch.num_rows())))
            .collect();
        for run in runs {
            out.put(std::mem::replace(&mut text, run).into()).map_err(write_error)?;
        }
    }
    out.put(text.into()).map_err(write_error)
}

/// Rows that one worker writes.
const ROWS_PER_RUN: usize = 8192;

fn write_run(cells: &[json::Cells<'_>], rows: std::ops::Range<usize>) -> Vec<u8> {
    let mut text = Vec::with_capacity(rows.len() * cells.len() * 12);
    for row in rows {
        for (i, cell) in cells.iter().enumerate() {
            if i > 0 {
                text.push(b',');
            }
            match cell {
                json::Cells::Text(_) | json::Cells::List(_) => {
                    write_cell(&mut text, |t| cell.write_text(row, t));
                }
                plain => plain.write_text(row, &mut text),
            }
        }
        text.push(b'\n');
    }
    text
}

/// Writes a cell and quotes it when it holds a delimiter, a quote or a line end.
fn write_cell(text: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = text.len();
    write(text);
    let needs = text[start..].iter().any(|b| matches!(b, b',' | b'"' | b'\n' | b'\r'));
    if needs {
        let cell = text.split_off(start);
        text.push(b'"');
        for b in cell {
            if b == b'"' {
                text.push(b'"');
            }
            text.push(b);
        }
        text.push(b'"');
    }
}
