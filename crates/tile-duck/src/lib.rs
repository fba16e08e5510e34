//! DuckDB behind a narrow door: the only crate that names `duckdb`. SQL goes in, Arrow comes out.
//!
//! An [`Engine`] reaches no file, network, setting or extension beyond the database, or the files, that it was opened with.

mod beside;
mod engine;
mod functions;
mod log;
mod scan;

pub use engine::{Engine, Limits};
pub use functions::{Function, Run};
