//! The address of a node: its keys from the root down.

use std::fmt;

/// Longest key accepted in a request, in bytes; longer ones cannot exist in the catalog.
pub const KEY_BYTES_MAX: usize = 1023;

/// Keys from the root (empty) to a node. Keys are decoded text and may hold any character but `/`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodePath(pub Vec<String>);

impl NodePath {
    pub fn root() -> Self {
        Self(Vec::new())
    }
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
    /// The last key, or the empty text for the root.
    pub fn key(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }
    pub fn ancestors(&self) -> &[String] {
        self.0.split_last().map_or(&[], |(_, rest)| rest)
    }
    #[must_use]
    pub fn child(&self, key: &str) -> Self {
        let mut keys = self.0.clone();
        keys.push(key.to_owned());
        Self(keys)
    }
}

impl fmt::Display for NodePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}
