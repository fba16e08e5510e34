//! Rows on their way into a block: whole into the columns, or whole into the quarantine.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, RecordBatch};
use tile_base::error::Kind as ErrorKind;
use tile_base::{Error, Result};

use super::builder::Builder;
use super::column::{Column, Default};
use super::decoder::{Block, Decoder, Import, Limits, NewColumn};
use super::quarantine::{Fault, Quarantine, message, shown};
use super::read;
use super::scan::{Bad, Cursor, Read};
use super::tree::{Visitor, Walker};

/// Names of members that no column wants, kept for one block.
const NEW_COLUMNS_MAX: usize = 64;
const NEW_NAME_BYTES_MAX: usize = 256;

/// The columns of a block while rows come.
pub(super) struct Rows<'d> {
    pub decoder: &'d Decoder,
    pub builders: Vec<Builder>,
    /// Rows that have a value in every column.
    pub rows: usize,
    cells: usize,
    cells_max: usize,
    /// For each column with a computed default, the rows that need it.
    missing: Vec<Vec<usize>>,
    quarantine: Quarantine,
    new_columns: NewColumns,
    pub scratch: Vec<u8>,
}

#[derive(Default)]
struct NewColumns {
    seen: Vec<(usize, Vec<u8>, &'static str)>,
    /// Where the last one was found; records repeat their order.
    next: usize,
}

impl NewColumns {
    fn see(&mut self, node: usize, name: &[u8], begins: u8) {
        let is_it = |seen: Option<&(usize, Vec<u8>, &str)>| {
            seen.is_some_and(|(at, known, _)| *at == node && known == name)
        };
        if is_it(self.seen.get(self.next)) {
            self.next += 1;
            return;
        }
        if self.seen.len() >= NEW_COLUMNS_MAX || name.len() > NEW_NAME_BYTES_MAX {
            return;
        }
        if let Some(at) = (0..self.seen.len()).find(|at| is_it(self.seen.get(*at))) {
            self.next = at + 1;
        } else {
            let ty = match begins {
                b'"' => "String",
                b't' | b'f' => "Bool",
                b'{' => "JSON",
                b'[' => "Array",
                b'n' => "Nothing",
                _ => "Float64",
            };
            self.seen.push((node, name.to_vec(), ty));
            self.next = self.seen.len();
        }
    }
}

impl<'d> Rows<'d> {
    pub fn new(decoder: &'d Decoder, limits: &Limits) -> Result<Self> {
        let columns = &decoder.columns;
        Ok(Self {
            decoder,
            builders: columns.iter().map(Column::builder).collect::<Result<_>>()?,
            rows: 0,
            cells: 0,
            cells_max: limits.cells_max,
            missing: vec![Vec::new(); columns.len()],
            quarantine: Quarantine::default(),
            new_columns: NewColumns::default(),
            scratch: Vec::new(),
        })
    }

    /// Gives a column that got no value in this row what it gets then.
    pub fn settle(&mut self, at: usize) -> Read<()> {
        let (Some(column), Some(builder)) = (self.decoder.columns.get(at), self.builders.get_mut(at)) else {
            return Ok(());
        };
        if builder.len() > self.rows {
            return Ok(());
        }
        match &column.spec.default {
            Default::Constant(json) => {
                self.cells += json.len() / 8;
                read::read(&column.item, builder, &mut Cursor::new(json.as_bytes()), &mut self.scratch)
            }
            Default::Computed => {
                if let Some(missing) = self.missing.get_mut(at) {
                    missing.push(self.rows);
                }
                builder.push_null()
            }
            Default::None if column.item.nullable => builder.push_null(),
            Default::None => Err(Bad::Missing),
        }
    }

    /// Counts a row that has a value in every column.
    ///
    /// # Errors
    /// `Full`: small rows of many columns take much more memory than they have bytes.
    pub fn keep(&mut self) -> Read<()> {
        self.rows += 1;
        self.cells += self.builders.len();
        if self.cells > self.cells_max { Err(Bad::Full) } else { Ok(()) }
    }

    /// Takes back what a row has left in one column.
    pub fn forget(&mut self, at: usize) {
        if let Some(builder) = self.builders.get_mut(at) {
            builder.truncate(self.rows);
        }
        // Rows are noted in their order.
        if let Some(missing) = self.missing.get_mut(at) {
            while missing.last().is_some_and(|row| *row >= self.rows) {
                missing.pop();
            }
        }
    }

    /// Puts a row into the quarantine.
    pub fn reject<'r>(&mut self, raw: impl Iterator<Item = Option<&'r [u8]>>, faults: &[Fault]) -> Read<()> {
        (0..self.builders.len()).for_each(|at| self.forget(at));
        self.quarantine.push(&self.decoder.columns, raw, faults)
    }

    /// Puts a row into the quarantine that is not even a record; its text stands in the message.
    pub fn reject_text(&mut self, text: &[u8], what: &str) -> Read<()> {
        let none = std::iter::repeat_n(None, self.builders.len());
        self.reject(none, &[(None, format!("{what}: {}", shown(text)))])
    }

    /// Reads a record.
    pub fn record(&mut self, text: &[u8], walker: &mut Walker<'_>) -> Read<()> {
        self.new_columns.next = 0;
        let taken = walker.walk(text, self);
        let settled = taken.and_then(|()| (0..self.builders.len()).try_for_each(|at| self.settle(at)));
        match settled {
            Ok(()) => self.keep(),
            Err(Bad::Full) => Err(Bad::Full),
            Err(bad) => self.diagnose(text, walker, bad),
        }
    }

    /// A record that does not fit once more: what is where, and what is wrong with it.
    #[cold]
    fn diagnose(&mut self, text: &[u8], walker: &mut Walker<'_>, bad: Bad) -> Read<()> {
        let mut located = Located { raw: vec![None; self.builders.len()] };
        if let Err(Bad::Syntax(what)) = walker.walk(text, &mut located) {
            return self.reject_text(text, &format!("invalid JSON, {what}"));
        }
        (0..self.builders.len()).for_each(|at| self.forget(at));
        let mut faults = Vec::new();
        let mut shown = Vec::new();
        for (at, raw) in located.raw.iter().enumerate() {
            let taken = match raw {
                Some(raw) => self.value(at, &mut Cursor::new(raw)),
                None => Ok(()),
            };
            if taken.is_err() {
                self.forget(at);
            }
            let taken = taken.and_then(|()| self.settle(at));
            let text = raw.map(|raw| unquoted(raw, &mut self.scratch));
            match taken.err() {
                Some(Bad::Full) => return Err(Bad::Full),
                Some(Bad::Syntax(what)) => {
                    return self.reject_text(raw.unwrap_or_default(), &format!("invalid JSON, {what}"));
                }
                Some(bad) => {
                    if let Some(column) = self.decoder.columns.get(at) {
                        faults.push((Some(at), message(column, bad, text.as_deref())));
                    }
                }
                None => {}
            }
            shown.push(text.filter(|_| !raw.is_some_and(|raw| raw == b"null")));
        }
        if faults.is_empty() {
            // Each value fits alone and the record does not: only its grammar is left.
            return self.reject_text(text, &format!("invalid record, {bad:?}"));
        }
        self.reject(shown.iter().map(Option::as_deref), &faults)
    }

    /// The block.
    pub fn finish(self, import: &Import<'_>) -> Result<Block> {
        let failed = |e| Error::internal("cannot make a block of the rows").source(e);
        let columns = &self.decoder.columns;
        let arrays =
            self.builders.into_iter().zip(columns).map(|(builder, column)| builder.finish(&column.item));
        let arrays: Vec<ArrayRef> = arrays.collect::<Result<_, _>>().map_err(failed)?;
        let quarantined = self.quarantine.rows();
        let quarantine = self.quarantine.finish(columns, import.id, import.at_micros).map_err(failed)?;
        let missing =
            self.missing.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty()).map(|(at, rows)| {
                let mut needed = vec![false; self.rows];
                for row in rows {
                    if let Some(needed) = needed.get_mut(row) {
                        *needed = true;
                    }
                }
                (at, BooleanArray::from(needed))
            });
        let missing = missing.collect();
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(self.rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.decoder.schema), arrays, &options)
            .map_err(failed)?;
        let new_columns = self.new_columns.seen.into_iter().filter_map(|(node, name, ty)| {
            let path = self.decoder.tree.path(node)?.member(&String::from_utf8_lossy(&name));
            Some(NewColumn { path, ty })
        });
        let new_columns = new_columns.collect();
        Ok(Block { batch, missing, quarantine, rows: self.rows, quarantined, new_columns })
    }
}

/// The text of a value: that of a string without its quotes.
fn unquoted(raw: &[u8], scratch: &mut Vec<u8>) -> Vec<u8> {
    match Cursor::new(raw).string(scratch) {
        Ok(text) => text.to_vec(),
        Err(_) => raw.to_vec(),
    }
}

/// The error for rows that are too much for one block.
pub(super) fn full(bad: Bad) -> Error {
    match bad {
        Bad::Full => Error::new(ErrorKind::TooLarge, "the rows are too much for one block")
            .hint("Send them in several requests"),
        bad => Error::internal(format!("a row was neither taken nor refused: {bad:?}")),
    }
}

impl<'a> Visitor<'a> for Rows<'_> {
    #[inline]
    fn value(&mut self, at: usize, cursor: &mut Cursor<'a>) -> Read<()> {
        let (Some(column), Some(builder)) = (self.decoder.columns.get(at), self.builders.get_mut(at)) else {
            return cursor.skip().map(drop);
        };
        let steps = self.decoder.rests.get(at).map_or(&[][..], Vec::as_slice);
        if !steps.is_empty() {
            let value = cursor.skip()?;
            return match read::follow(
                steps,
                &column.item,
                builder,
                &mut Cursor::new(value),
                &mut self.scratch,
            ) {
                Err(Bad::Missing | Bad::Null) if column.has_default() || column.item.nullable => {
                    builder.truncate(self.rows);
                    Ok(())
                }
                other => other,
            };
        }
        if cursor.next_is_null() && !column.item.nullable && column.has_default() {
            return cursor.skip().map(drop);
        }
        read::read(&column.item, builder, cursor, &mut self.scratch)
    }

    fn forget(&mut self, at: usize) {
        Rows::forget(self, at);
    }

    fn unknown(&mut self, node: usize, name: &[u8], begins: u8) {
        self.new_columns.see(node, name, begins);
    }
}

/// Where the columns of a record are.
struct Located<'a> {
    raw: Vec<Option<&'a [u8]>>,
}

impl<'a> Visitor<'a> for Located<'a> {
    fn value(&mut self, column: usize, cursor: &mut Cursor<'a>) -> Read<()> {
        let raw = cursor.skip()?;
        if let Some(place) = self.raw.get_mut(column) {
            *place = Some(raw);
        }
        Ok(())
    }

    fn forget(&mut self, column: usize) {
        if let Some(place) = self.raw.get_mut(column) {
            *place = None;
        }
    }

    fn unknown(&mut self, _: usize, _: &[u8], _: u8) {}
}
