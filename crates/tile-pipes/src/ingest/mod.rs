//! Rows from outside (NDJSON, JSON, CSV) against the columns of a data source: a typed block, and the rows that do not fit.
//!
//! A [`Decoder`] is made of the columns. `scan` reads JSON, `tree` finds the columns of a record, `read` makes values of a type,
//! `builder` holds them, `rows` keeps or refuses whole rows. Nothing here knows the engine, a clock or a file: what happens to
//! a block, and what `insertion_date` is, the caller says.
//!
//! # Which rows fit
//! A row goes to the quarantine as a whole when one of its values does not fit. A value that is not there (its key, or an object
//! on the way, is missing) is the column's DEFAULT, else NULL if the column takes it, else the row does not fit. NULL is kept by
//! a column that takes it, else is the DEFAULT, else does not fit. Within arrays, maps and tuples nothing has a default.
//!
//! To add a type: its [`kind`] and Arrow type, its vector in `builder`, its conversion in `read`, and cases under
//! `tests/pipes/ingest`.

mod analyze;
mod batch;
mod builder;
mod bytes;
mod column;
mod compress;
mod csv;
mod decoder;
mod infer;
mod jsonpath;
mod kind;
mod number;
mod quarantine;
mod read;
mod rows;
mod scan;
mod time;
mod tree;

pub use analyze::{Analysis, AnalyzedColumn, analyze_csv, analyze_ndjson};
pub use column::{ColumnSpec, Default};
pub use compress::{decompress, unpacking};
pub use csv::{Dialect, Shape};
pub use decoder::{Block, Decoder, Import, Limits, NewColumn};
pub use jsonpath::{JsonPath, Step};

#[cfg(test)]
mod tests;
