//! Bytes into blocks: NDJSON and JSON.

use std::sync::Arc;

use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::{Schema, SchemaRef};
use tile_base::error::Kind as ErrorKind;
use tile_base::{Error, Result};
use tile_clicksql::{engine_name, engine_type};

use super::bytes::find;
use super::column::{Column, ColumnSpec};
use super::csv::{self, Dialect};
use super::jsonpath::{JsonPath, Step};
use super::rows::{Rows, full};
use super::scan::{Bad, Cursor, Read};
use super::tree::{Tree, Walker};

/// Columns of one data source.
const COLUMNS_MAX: usize = 10_000;

/// Reads rows into the columns of a data source. Made once for a schema, used for any number of requests.
#[derive(Debug)]
pub struct Decoder {
    pub(super) columns: Vec<Column>,
    pub(super) tree: Tree,
    /// The steps of each path behind those in the tree.
    pub(super) rests: Vec<Vec<Step>>,
    pub(super) schema: SchemaRef,
}

/// What the caller knows of one request.
#[derive(Clone, Debug, Default)]
pub struct Import<'a> {
    /// `c__import_id` of rows in the quarantine.
    pub id: Option<&'a str>,
    /// Now, as `insertion_date` of rows in the quarantine: microseconds since 1970 in UTC.
    pub at_micros: i64,
    pub limits: Limits,
}

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one request after decompression; at most 1 GiB.
    pub bytes_max: usize,
    /// Bytes of one row; larger ones go to the quarantine.
    pub row_bytes_max: usize,
    /// Values of one request, rows by columns: what bounds its memory.
    pub cells_max: usize,
}

impl std::default::Default for Limits {
    fn default() -> Self {
        Self { bytes_max: 1 << 30, row_bytes_max: 10 << 20, cells_max: 1 << 28 }
    }
}

/// Rows of one request.
#[derive(Debug)]
pub struct Block {
    /// The rows that fit, with the columns in their order. See [`Decoder::column_sql`].
    pub batch: RecordBatch,
    /// For columns whose default the engine computes, by their place: the rows that need it. They hold NULL.
    pub missing: Vec<(usize, BooleanArray)>,
    /// The rows that do not fit: `c__error_column`, `c__error`, `c__import_id`, the text of each column, `insertion_date`.
    pub quarantine: Option<RecordBatch>,
    pub rows: usize,
    pub quarantined: usize,
    /// Members that no column wants, in the order in which they were met; not all when there are many.
    pub new_columns: Vec<NewColumn>,
}

/// A member of records that no column wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewColumn {
    pub path: JsonPath,
    /// The type of the first value: `String`, `Float64`, `Bool`, `JSON`, `Array` or `Nothing`.
    pub ty: &'static str,
}

impl Decoder {
    /// # Errors
    /// `Invalid`, with the column: a type whose values cannot be read, a default that is not of the type, an unknown time
    /// zone, a jsonpath that gives an array for what is none.
    pub fn new(columns: Vec<ColumnSpec>) -> Result<Self> {
        if columns.len() > COLUMNS_MAX {
            return Err(Error::invalid(format!("{} columns, more than {COLUMNS_MAX}", columns.len())));
        }
        Self::of(columns.into_iter().map(Column::new).collect::<Result<_>>()?)
    }

    pub(super) fn of(columns: Vec<Column>) -> Result<Self> {
        let (tree, rests) = Tree::new(columns.iter().map(|column| &column.path));
        let fields: Vec<_> = columns.iter().map(|column| column.item.field(&column.spec.name)).collect();
        Ok(Self { columns, tree, rests, schema: Arc::new(Schema::new(fields)) })
    }

    /// The schema of the blocks.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The expression that makes a block's column what the engine's table holds: its name, or a cast of it where Arrow has no
    /// such type (UUID, 128-bit integers) and the block holds text.
    pub fn column_sql(&self, at: usize) -> Option<String> {
        let column = self.columns.get(at)?;
        let name = engine_name(&column.spec.name);
        if !column.item.needs_cast() {
            return Some(name);
        }
        engine_type(&column.spec.ty).ok().map(|ty| format!("CAST({name} AS {ty})"))
    }

    /// One object in each line. Blank lines, carriage returns and a byte order mark are passed over; a line that is no object
    /// goes to the quarantine with its text.
    ///
    /// Rows of any order of keys are read; those whose order repeats are read fastest. Of a key that is there twice the last one
    /// counts. Rows per second: see the test `speed`.
    ///
    /// # Errors
    /// `TooLarge`.
    pub fn ndjson(&self, bytes: &[u8], import: &Import<'_>) -> Result<Block> {
        let bytes = checked(bytes, import)?;
        let mut rows = Rows::new(self, &import.limits)?;
        let mut walker = Walker::new(&self.tree);
        let is_text = std::str::from_utf8(bytes).is_ok();
        let mut at = 0;
        while at < bytes.len() {
            let end = find(bytes, at, b'\n').unwrap_or(bytes.len());
            let line = bytes.get(at..end).unwrap_or_default();
            at = end + 1;
            if !line.iter().all(u8::is_ascii_whitespace) {
                record(&mut rows, &mut walker, line, is_text, import).map_err(full)?;
            }
        }
        rows.finish(import)
    }

    /// One object, an array of objects, or objects one after another, over any lines.
    ///
    /// # Errors
    /// `TooLarge`.
    pub fn json(&self, bytes: &[u8], import: &Import<'_>) -> Result<Block> {
        let bytes = checked(bytes, import)?;
        let mut rows = Rows::new(self, &import.limits)?;
        let mut walker = Walker::new(&self.tree);
        let is_text = std::str::from_utf8(bytes).is_ok();
        let mut cursor = Cursor::new(bytes);
        let in_array = self.tree_wants_objects() && cursor.eat(b'[');
        while let Some(next) = cursor.peek() {
            if in_array && next == b']' {
                break;
            }
            let start = cursor.at();
            match cursor.skip() {
                Ok(text) => record(&mut rows, &mut walker, text, is_text, import).map_err(full)?,
                Err(bad) => {
                    // Where the next record begins cannot be known.
                    let rest = bytes.get(start..).unwrap_or_default();
                    rows.reject_text(rest, &format!("invalid JSON, {}", syntax(bad))).map_err(full)?;
                    break;
                }
            }
            cursor.eat(b',');
        }
        rows.finish(import)
    }

    /// Rows of separated values. With a header its names tell the columns, without one the order does. A cell that is empty
    /// and not in quotes is a value that is not there, and so is `\N` for a column without NULL; texts may be empty.
    ///
    /// # Errors
    /// `TooLarge`.
    pub fn csv(&self, bytes: &[u8], dialect: &Dialect, import: &Import<'_>) -> Result<Block> {
        let bytes = checked(bytes, import)?;
        let mut rows = Rows::new(self, &import.limits)?;
        csv::read(bytes, dialect, import.limits.row_bytes_max, &mut rows).map_err(full)?;
        rows.finish(import)
    }

    /// What the beginning of a file of separated values says of all of it, so that it can be read in pieces.
    pub fn csv_shape(&self, bytes: &[u8], dialect: &Dialect) -> csv::Shape {
        csv::Shape::of(bytes, dialect, &self.columns)
    }

    /// Whether records are objects: no column wants the whole record as an array.
    fn tree_wants_objects(&self) -> bool {
        !self.columns.iter().any(|column| matches!(column.path.steps(), [Step::Each | Step::Index(_), ..]))
    }
}

fn syntax(bad: Bad) -> &'static str {
    if let Bad::Syntax(what) = bad { what } else { "a value that is none" }
}

/// The bytes without a byte order mark.
pub(super) fn checked<'a>(bytes: &'a [u8], import: &Import<'_>) -> Result<&'a [u8]> {
    let limit = import.limits.bytes_max.min(1 << 30);
    if bytes.len() > limit {
        let what = format!("the rows have {} bytes, more than {limit}", bytes.len());
        return Err(Error::new(ErrorKind::TooLarge, what).hint("Send them in several requests"));
    }
    Ok(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))
}

fn record(
    rows: &mut Rows<'_>,
    walker: &mut Walker<'_>,
    text: &[u8],
    is_text: bool,
    import: &Import<'_>,
) -> Read<()> {
    let limit = import.limits.row_bytes_max;
    if text.len() > limit {
        return rows.reject_text(text, &format!("a row of {} bytes, more than {limit}", text.len()));
    }
    if !is_text && std::str::from_utf8(text).is_err() {
        return rows.reject_text(text, "invalid UTF-8");
    }
    rows.record(text, walker)
}
