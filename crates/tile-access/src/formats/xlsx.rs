//! Spreadsheets (XLSX, XLS, XLSB, ODS): a container of one table per sheet; the first row names the columns.

use super::Format;
use crate::assets::{Assets, Uid, sub_uid};
use crate::data::{Container, Opened};
use crate::reading::memory::MemoryTable;
use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow_schema::{Field, Schema};
use calamine::{Data as Cell, Range, Reader, open_workbook_auto_from_rs};
use serde_json::{Value, json};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tile_base::error::OrDamaged;
use tile_base::{Error, Result};

pub struct Xlsx;

/// Largest workbook that is opened; its cells are decoded as a whole.
const WORKBOOK_BYTES_MAX: u64 = 256 << 20;

impl Format for Xlsx {
    fn name(&self) -> &'static str {
        "xlsx"
    }
    fn about(&self) -> &'static str {
        "container of one table per sheet"
    }
    fn mimetype(&self) -> &'static str {
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    }
    fn suffixes(&self) -> &'static [&'static str] {
        &[".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"]
    }
    fn sniff(&self, head: &[u8]) -> bool {
        let zip = head.starts_with(b"PK\x03\x04")
            && (find(head, b"[Content_Types].xml")
                || find(head, b"xl/")
                || find(head, b"_rels/")
                || find(head, b"docProps/")
                || find(head, b"opendocument.spreadsheet"));
        zip || head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
    }
    fn has_mark(&self) -> bool {
        true
    }
    fn open(&self, assets: &Assets, _options: &Value) -> Result<Opened> {
        let book = Workbook { path: assets.path()?.to_owned(), uid: assets.uid("")? };
        book.keys()?;
        Ok(Opened::container(Arc::new(book), json!({})))
    }
}

fn find(head: &[u8], mark: &[u8]) -> bool {
    head.windows(mark.len()).any(|w| w == mark)
}

struct Workbook {
    path: PathBuf,
    uid: Uid,
}

fn book(path: &Path) -> Result<calamine::Sheets<Cursor<Vec<u8>>>> {
    open_workbook_auto_from_rs(Cursor::new(crate::assets::read_all(path, WORKBOOK_BYTES_MAX)?))
        .or_damaged("the workbook")
}

fn sheet(path: &Path, name: &str) -> Result<RecordBatch> {
    to_batch(&book(path)?.worksheet_range(name).or_damaged("the sheet")?)
}

impl Container for Workbook {
    fn keys(&self) -> Result<Vec<String>> {
        Ok(book(&self.path)?.sheet_names())
    }
    fn child(&self, key: &str) -> Result<Option<Opened>> {
        if !self.keys()?.iter().any(|k| k == key) {
            return Ok(None);
        }
        let batch = sheet(&self.path, key)?;
        let (path, name) = (self.path.clone(), key.to_owned());
        let load = Box::new(move || sheet(&path, &name));
        Opened::table(Arc::new(MemoryTable::new(&batch, sub_uid(self.uid, key), load)), json!({})).map(Some)
    }
}

fn to_batch(range: &Range<Cell>) -> Result<RecordBatch> {
    let (height, width) = range.get_size();
    let mut used = std::collections::HashSet::new();
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    for c in 0..width {
        let mut name = range
            .get((0, c))
            .map(ToString::to_string)
            .filter(|s| !s.is_empty())
            .unwrap_or_else(|| format!("Unnamed: {c}"));
        while !used.insert(name.clone()) {
            name.push_str(".1");
        }
        let cells: Vec<&Cell> = (1..height).map(|r| range.get((r, c)).unwrap_or(&Cell::Empty)).collect();
        let column = to_column(&cells);
        fields.push(Field::new(name, column.data_type().clone(), true));
        columns.push(column);
    }
    if columns.is_empty() {
        return Ok(RecordBatch::new_empty(Arc::new(Schema::empty())));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .map_err(|e| Error::damaged("the sheet is not a table").source(e))
}

fn to_column(cells: &[&Cell]) -> ArrayRef {
    let filled = || cells.iter().filter(|c| !matches!(c, Cell::Empty | Cell::Error(_)));
    #[expect(clippy::cast_possible_truncation, reason = "the value is whole and within 2^53")]
    let whole = |c: &Cell| match c {
        Cell::Int(i) => Some(*i),
        Cell::Float(f) if f.fract() == 0.0 && f.abs() < 9e15 => Some(*f as i64),
        _ => None,
    };
    if filled().next().is_some() && filled().all(|c| whole(c).is_some()) {
        return Arc::new(cells.iter().map(|c| whole(c)).collect::<Int64Array>());
    }
    #[expect(clippy::cast_precision_loss, reason = "spreadsheet numbers are 64-bit floats anyway")]
    let number = |c: &Cell| match c {
        Cell::Int(i) => Some(*i as f64),
        Cell::Float(f) => Some(*f),
        _ => None,
    };
    if filled().all(|c| number(c).is_some()) {
        return Arc::new(cells.iter().map(|c| number(c)).collect::<Float64Array>());
    }
    if filled().all(|c| matches!(c, Cell::Bool(_))) {
        return Arc::new(
            cells
                .iter()
                .map(|c| if let Cell::Bool(b) = c { Some(*b) } else { None })
                .collect::<BooleanArray>(),
        );
    }
    if filled().all(|c| matches!(c, Cell::DateTime(_))) {
        return Arc::new(
            cells
                .iter()
                .map(|c| if let Cell::DateTime(d) = c { Some(micros(d.as_f64())) } else { None })
                .collect::<TimestampMicrosecondArray>(),
        );
    }
    Arc::new(
        cells
            .iter()
            .map(|c| if matches!(c, Cell::Empty) { None } else { Some(c.to_string()) })
            .collect::<StringArray>(),
    )
}

/// Days since 1899-12-30, as Excel counts, to microseconds since the Unix epoch.
fn micros(days: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "spreadsheet dates end in the year 9999")]
    let us = ((days - 25_569.0) * 86_400_000.0).round() as i64;
    us * 1_000
}
