//! Rows that do not fit, with what is wrong with them, as the quarantine table of a data source keeps them.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_schema::{ArrowError, Field, Schema};

use super::column::Column;
use super::scan::{Bad, Read};

/// Bytes of text in the quarantine of one block.
const BYTES_MAX: usize = 1 << 30;
/// Characters of a value in a message; the whole value is in its column.
const SHOWN_MAX: usize = 1_000;

/// One thing that is wrong with a row: the column, if it is one column's, and the message.
pub(super) type Fault = (Option<usize>, String);

#[derive(Default)]
pub(super) struct Quarantine {
    error_columns: ListBuilder<StringBuilder>,
    errors: ListBuilder<StringBuilder>,
    raw: Vec<StringBuilder>,
    rows: usize,
    bytes: usize,
}

impl Quarantine {
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Keeps a row: the text of each of its columns, as far as it has them.
    pub fn push<'r>(
        &mut self,
        columns: &[Column],
        raw: impl Iterator<Item = Option<&'r [u8]>>,
        faults: &[Fault],
    ) -> Read<()> {
        self.raw.resize_with(columns.len(), StringBuilder::new);
        self.bytes += 64 + 4 * columns.len();
        for (column, message) in faults {
            if let Some(column) = column.and_then(|at| columns.get(at)) {
                self.error_columns.values().append_value(&column.spec.name);
            }
            self.errors.values().append_value(message);
            self.bytes += message.len() + 16;
        }
        self.error_columns.append(true);
        self.errors.append(true);
        for (out, raw) in self.raw.iter_mut().zip(raw) {
            let text = raw.map(String::from_utf8_lossy);
            self.bytes += text.as_ref().map_or(0, |text| text.len());
            if self.bytes > BYTES_MAX {
                return Err(Bad::Full);
            }
            out.append_option(text);
        }
        self.rows += 1;
        Ok(())
    }

    /// The rows as a batch, if there are any: `c__error_column`, `c__error`, `c__import_id`, the columns, `insertion_date`.
    pub fn finish(
        mut self,
        columns: &[Column],
        import_id: Option<&str>,
        at_micros: i64,
    ) -> Result<Option<RecordBatch>, ArrowError> {
        if self.rows == 0 {
            return Ok(None);
        }
        let mut fields = Vec::new();
        let mut arrays: Vec<ArrayRef> = Vec::new();
        let mut add = |name: &str, array: ArrayRef| {
            fields.push(Field::new(name, array.data_type().clone(), true));
            arrays.push(array);
        };
        add("c__error_column", Arc::new(self.error_columns.finish()));
        add("c__error", Arc::new(self.errors.finish()));
        add("c__import_id", Arc::new(StringArray::from(vec![import_id; self.rows])));
        for (column, mut raw) in columns.iter().zip(self.raw) {
            add(&column.spec.name, Arc::new(raw.finish()));
        }
        add("insertion_date", Arc::new(TimestampMicrosecondArray::from(vec![at_micros; self.rows])));
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map(Some)
    }
}

/// What is wrong with a column's value, in the words of the original.
pub(super) fn message(column: &Column, bad: Bad, raw: Option<&[u8]>) -> String {
    let name = &column.spec.name;
    let path = column.spec.jsonpath.as_ref().unwrap_or(&column.path);
    match bad {
        Bad::Missing => format!(
            "Strict type checking failed. Object does not have column '{name}', you should send a value or recreate the table \
             with a Nullable column type. While accessing jsonpath '{path}'"
        ),
        Bad::Null => format!("value 'null' on column '{name}' is not {}", column.type_name),
        _ => format!(
            "value '{}' on column '{name}' is not {}",
            shown(raw.unwrap_or_default()),
            column.type_name
        ),
    }
}

/// A text for a message, cut.
pub(super) fn shown(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw.get(..SHOWN_MAX * 4).unwrap_or(raw));
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}
