//! What is fuzzed: one module per target, each with `run`, which panics when something that must hold does not.
//!
//! The targets in `fuzz_targets/` give it libFuzzer's input; `tests/random.rs` gives it random changes of [`SEEDS`] on a
//! plain toolchain.

#![expect(clippy::panic, reason = "a law that does not hold ends the run")]

pub mod clicksql;
pub mod datafile;
pub mod dtype;
pub mod filter;
pub mod http;
pub mod jsonpath;
pub mod ndjson;
pub mod npy;
pub mod random;
pub mod slice;
pub mod template;
pub mod token;

/// A target: its name, its function, and inputs to begin with.
pub type Target = (&'static str, fn(&[u8]), &'static [&'static [u8]]);

/// All targets of this build.
pub const TARGETS: &[Target] = &[
    ("slice", slice::run, slice::SEEDS),
    ("dtype", dtype::run, dtype::SEEDS),
    ("filter", filter::run, filter::SEEDS),
    ("http", http::run, http::SEEDS),
    ("npy", npy::run, npy::SEEDS),
    ("clicksql", clicksql::run, clicksql::SEEDS),
    ("token", token::run, token::SEEDS),
    ("datafile", datafile::run, datafile::SEEDS),
    ("jsonpath", jsonpath::run, jsonpath::SEEDS),
    ("ndjson", ndjson::run, ndjson::SEEDS),
    ("template", template::run, template::SEEDS),
];
