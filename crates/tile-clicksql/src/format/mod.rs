//! ClickHouse's output formats, to the byte as ClickHouse 26.9 writes them.
//!
//! Here live the registry, one file for each family of formats, and below them the writing of one value: [`Cell`] is a
//! column made ready (`cell`, over the Arrow arrays of `source`), and it is written as text (`value`), as JSON
//! (`json_value`) or in binary (`binary`), with the help of `number`, `time` and `escape`. What lives here knows no
//! statement, no engine and no HTTP.
//!
//! To add a format: one file with an implementation of [`Format`], one line in `registry`, and the cases that
//! `tests-data/format/record.py` records from a real ClickHouse.
//!
//! [`Cell`]: cell::Cell

mod arrow;
mod binary;
mod cell;
mod columnar;
mod compressed;
mod delimited;
mod escape;
mod grid;
mod json;
mod json_columns;
mod json_compact_each_row;
mod json_each_row;
mod json_form;
mod json_value;
mod markdown;
mod native;
mod native_json;
mod null;
mod number;
mod output;
mod parquet;
mod pretty;
mod prometheus;
mod registry;
mod row_binary;
mod set;
mod settings;
mod source;
mod time;
mod value;
mod values;
mod vertical;
mod width;
mod xml;

#[cfg(test)]
mod tests;

pub use compressed::{compressed, decompressed};
pub(crate) use escape::valid as valid_utf8;
pub use json_value::compact_json_value;
use output::bad;
pub use output::{Column, Format, Output, Statistics};
pub use parquet::ParquetFile;
pub use registry::{ALL, by_name, nearest};
pub use set::{is_setting, settings};
pub use settings::{Csv, Custom, EscapingRule, Insert, Json, Pretty, Settings, Tsv};
pub use time::TimeStyle;
