//! Expressions of selects, conditions, times and derivations: those of Spark SQL, in which definitions are written.
//!
//! A text is [`parse`]d to a tree, and resolved over the columns of a schema to a typed [`Expression`]. That one can be printed for the
//! engine, where rows of a source are read, and evaluated here, where values are derived at a fetch; both give the same, which a file
//! of cases holds (`tests/features/expressions.tsv`, with what Spark gives). Nothing of the text goes to the engine: what is printed is
//! made of known columns, literals and functions of the list [`functions`].
//!
//! The meaning is that of Spark 3 without ANSI mode in UTC. What differs is said in `docs/reference/features-expressions.md`: above
//! all, a number that does not fit its type is null, and decimals are doubles.
//!
//! To add a function: one entry in a file of [`functions`], cases, and a new table in the reference.

mod cast;
mod date;
mod evaluate;
pub mod functions;
mod lex;
mod parse;
mod pattern;
mod print;
mod project;
mod resolve;
mod tree;

#[cfg(test)]
mod tests;

pub use cast::{fitted, of_text as typed_of_text, whole};
pub use date::{time_of, time_text};
pub use parse::{Parsed, identifier, parse};
pub use project::Projection;
pub use resolve::Expression;
