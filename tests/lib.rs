//! End-to-end tests of the built program: see `e2e/main.rs`.
