//! XLSX: one sheet of rows.

use super::{Context, Encoder, SPARSE, Subject, TABLE, Target, json, rows};
use rust_xlsxwriter::{Workbook, XlsxError};
use tile_base::{Error, Kind, Result};
use tile_web::Sink;
use tile_web::body::write_error;

pub struct Xlsx;

/// Rows that a sheet can hold, the header included.
const ROWS_MAX: usize = 1_048_576;

impl Encoder for Xlsx {
    fn name(&self) -> &'static str {
        "xlsx"
    }
    fn media_types(&self) -> &'static [&'static str] {
        &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"]
    }
    fn endings(&self) -> &'static [&'static str] {
        &["xlsx"]
    }
    fn targets(&self) -> &'static [Target] {
        &[TABLE, SPARSE, Target::Dataset]
    }
    fn encode(&self, subject: Subject, context: &Context<'_>, out: &mut dyn Sink) -> Result<()> {
        let failed = |e: XlsxError| {
            Error::new(
                Kind::NotAcceptable,
                "This type is supported in general but there was an error packing this specific data",
            )
            .source(e)
        };
        let (schema, batches) = rows::of(subject, context)?;
        let mut book = Workbook::new();
        let sheet = book.add_worksheet_with_constant_memory().map_err(failed)?;
        for (c, field) in schema.fields().iter().enumerate() {
            sheet.write_string(0, column(c)?, field.name()).map_err(failed)?;
        }
        let mut at = 1usize;
        for batch in batches {
            let batch = batch?;
            let cells: Vec<json::Cells<'_>> =
                batch.columns().iter().map(json::Cells::of).collect::<Result<_>>()?;
            for row in 0..batch.num_rows() {
                if at >= ROWS_MAX {
                    return Err(Error::new(
                        Kind::NotAcceptable,
                        format!("a sheet holds {ROWS_MAX} rows; choose another format"),
                    ));
                }
                for (c, cell) in cells.iter().enumerate() {
                    write(sheet, u32::try_from(at).unwrap_or(u32::MAX), column(c)?, cell, row)
                        .map_err(failed)?;
                }
                at += 1;
            }
        }
        out.put(book.save_to_buffer().map_err(failed)?.into()).map_err(write_error)
    }
}

fn column(c: usize) -> Result<u16> {
    u16::try_from(c)
        .ok()
        .filter(|&c| c < 16_384)
        .ok_or_else(|| Error::new(Kind::NotAcceptable, "a sheet holds 16384 columns; choose another format"))
}

fn write(
    sheet: &mut rust_xlsxwriter::Worksheet,
    at: u32,
    c: u16,
    cell: &json::Cells<'_>,
    row: usize,
) -> Result<(), XlsxError> {
    if cell.is_null(row) {
        return Ok(());
    }
    #[expect(clippy::cast_precision_loss, reason = "spreadsheet numbers are 64-bit floats")]
    let number = match cell {
        json::Cells::Float64(a) => Some(a.value(row)),
        json::Cells::Float32(a) => Some(f64::from(a.value(row))),
        json::Cells::Int(a) => Some(a.value(row) as f64),
        json::Cells::UInt(a) => Some(a.value(row) as f64),
        _ => None,
    };
    if let Some(n) = number {
        if n.is_finite() {
            sheet.write_number(at, c, n)?;
        }
        return Ok(());
    }
    if let json::Cells::Bool(a) = cell {
        sheet.write_boolean(at, c, a.value(row))?;
        return Ok(());
    }
    let mut text = Vec::new();
    cell.write_text(row, &mut text);
    sheet.write_string(at, c, String::from_utf8_lossy(&text).chars().take(32_767).collect::<String>())?;
    Ok(())
}
