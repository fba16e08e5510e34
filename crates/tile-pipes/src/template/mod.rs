//! A node's SQL template rendered with the parameters of a request: Tornado's tags around Python's expressions, evaluated
//! here without Python.
//!
//! [`Template::parse`] reads a text, [`Template::render`] makes SQL of it. `read` knows the tags, [`python`] the expressions,
//! [`check`] what of them is allowed, [`eval`] what they mean, [`functions`] what the template language adds, [`scan`] which
//! parameters there are. To add a function, write it in `functions` and name it in the table there.
//!
//! No value of a request leaves its quotes: `to_sql` in `functions` is the only way from a value to the SQL, and
//! `joints` (`dialect::Place` for the engine's own SQL) sees to it that the quotes are not put into others.

mod check;
mod chunk;
mod dependencies;
mod dialect;
mod error;
mod escape;
mod eval;
mod functions;
mod joints;
mod names;
mod python;
mod read;
mod render;
mod scan;
mod value;

pub use dialect::Dialect;
pub use error::{Kind, TemplateError};
pub use render::{Limits, Mode, Rendered, Request, Settings, TEXT_BYTES_MAX, Template};
pub use scan::Param;

#[cfg(test)]
mod tests;
