//! Over all operations at once: fixtures of the JVM and of the oracle, types, laws, and known values.

mod evaluators;
mod fixtures;
mod golden;
mod laws;
mod matrix;
mod same;
