//! ClickHouse SQL on another engine: text to a typed tree to DuckDB SQL, and ClickHouse's output formats. Pure: no runtime,
//! disk or network. What cannot be answered as ClickHouse would is refused.
//!
//! [`ast`] and `parse` are the language; [`types`] is its type algebra; `resolve` gives every expression its type, its name
//! and its DuckDB form, by the table of functions.

pub mod aggregates;
pub mod ast;
mod borders;
mod cast;
mod duck;
mod dynamic;
pub mod error;
pub mod format;
pub mod functions;
pub mod kernels;
pub mod lex;
mod nanos;
mod nearest;
pub mod parse;
pub mod print;
pub mod reference;
pub mod resolve;
pub mod schema;
mod shown;
pub mod tables;
mod type_text;
mod typed;
pub mod types;
mod variant;
mod walk;

pub use duck::{default_of as engine_default, name as engine_name, type_of as engine_type};
pub use resolve::{
    HARMLESS as HARMLESS_SETTINGS, Options, Session, Translated, constant_sql, merged, translate,
    translate_query,
};
pub use typed::Constant;

#[cfg(test)]
mod tests;
