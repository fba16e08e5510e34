//! The shared vocabulary of Tile: names, types, slices, structures, filters, permissions and the one error.
//!
//! Everything here is a plain value or a trait. Nothing here knows a runtime, a database, a file or a socket, and nothing
//! reads the clock. Start at [`structure`] for what a node can be, at [`slice`] and [`grid`] for how a slice is planned,
//! and at [`error`] for how failure is told.

pub mod auth;
pub mod clock;
pub mod dtype;
pub mod engine;
pub mod error;
pub mod feed;
pub mod filter;
pub mod foreign;
pub mod grid;
pub mod mount;
pub mod objects;
pub mod path;
pub mod slice;
pub mod strided;
pub mod structure;
#[cfg(test)]
mod tests;
pub mod tiles;

pub use auth::{
    Action, Authorizer, Credentials, Grant, Granted, Principal, Resource, ResourceKind, Scope, TokenPrincipal,
};
pub use clock::Clock;
pub use dtype::{DType, Endian, ScalarType};
pub use engine::{Beside, Cancel, Snapshot, SqlEngine, Transaction};
pub use error::{Error, Kind, Result};
pub use filter::Filter;
pub use objects::Objects;
pub use path::NodePath;
pub use slice::{NdSlice, Selection};
pub use structure::{Family, Spec, Structure};
