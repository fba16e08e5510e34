//! The built `tile`, its port and its output, talked to by the real foreign clients. Nothing here links the
//! product's crates.
//!
//! One file is one group, and `cargo xtask test --only <group>` runs it alone. To add a group, write a file here
//! and name it below; to add a client test, write a `test_*.py` in `tests/clients`.

mod browser;
mod cli;
mod clicksql;
mod clients;
mod durability;
mod features;
mod guide;
mod pipes;
mod training;
