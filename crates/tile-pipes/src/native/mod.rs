//! SQL of projects and requests in the engine's own dialect.
//!
//! Such a text never reaches the engine as it was written. The engine's parser makes a tree of it ([`Dialect::read`]), in which every
//! node, function and name has to be on a list ([`check`]); names of tables become placeholders, and the tree is printed again.
//! What the placeholders stand for is put in by who knows the names' meaning (`workspace/native.rs`). Nothing here decides what
//! somebody may read. To allow a function, add it to [`functions`].

mod check;
mod dialect;
mod functions;
mod tree;
mod types;

pub use dialect::{Dialect, Read};
pub use types::Given;

#[cfg(test)]
mod tests;
