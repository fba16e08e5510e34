//! What is fuzzed: one module per target, each with `run`, which panics when something that must hold does not.
//!
//! The targets in `fuzz_targets/` give it libFuzzer's input; `tests/random.rs` gives it random changes of [`SEEDS`] on a
//! plain toolchain.

pub mod dtype;
#[cfg(feature = "web")]
pub mod filter;
#[cfg(feature = "web")]
pub mod http;
#[cfg(feature = "access")]
pub mod npy;
pub mod random;
pub mod slice;

/// A target: its name, its function, and inputs to begin with.
pub type Target = (&'static str, fn(&[u8]), &'static [&'static [u8]]);

/// All targets of this build.
pub const TARGETS: &[Target] = &[
    ("slice", slice::run, slice::SEEDS),
    ("dtype", dtype::run, dtype::SEEDS),
    #[cfg(feature = "web")]
    ("filter", filter::run, filter::SEEDS),
    #[cfg(feature = "web")]
    ("http", http::run, http::SEEDS),
    #[cfg(feature = "access")]
    ("npy", npy::run, npy::SEEDS),
];
