//! What the end-to-end tests need around the built program: where things are ([`place`]), the program under test as
//! a guarded process ([`server`]), a plain HTTP GET ([`http`]), and the foreign clients that talk to it ([`client`]).
//!
//! Nothing of that knows the product's crates: the end-to-end tests see only the executable, its port and its output. Beside it stand
//! suites that every implementation of a trait passes in its own crate: [`tiles`].

pub mod client;
pub mod http;
pub mod place;
pub mod server;
pub mod tiles;

pub use server::{API_KEY, Server};
pub use tempfile::TempDir;
