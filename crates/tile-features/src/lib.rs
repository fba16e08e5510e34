//! Features: windowed aggregations of events, kept as tiles, exact to the millisecond.
//!
//! A [`definition`] says which rows, keys and aggregations; a [`plan`] makes of it slots to keep and columns to give. Everything
//! here but `api` and `hub` is pure: no runtime, clock, disk or network. Four evaluators read one plan and give the same values:
//! naive (every event anew), backfill (many queries over many events), online (tiles), running (one key in order of time).
//!
//! To add an operation: one file in [`aggregates`], one line in its list.

pub mod aggregates;
pub mod api;
pub mod arrow;
pub mod backfill;
mod bytes;
pub mod column;
pub mod consistency;
pub mod definition;
pub mod derive;
pub mod drift;
pub mod entities;
pub mod eval;
pub mod expression;
pub mod hub;
pub mod json;
pub mod key;
pub mod log;
pub mod mount;
pub mod naive;
pub mod online;
pub mod operation;
pub mod plan;
pub mod running;
pub mod scenario;
mod state;
#[cfg(test)]
mod tests;
pub mod training;
pub mod types;
pub mod value;
pub mod window;
