//! Access: arrays, tables and nested data from files, searched, sliced and downloaded over HTTP.
//!
//! [`formats`] turn files into opened nodes ([`data`]); [`registration`] walks folders into the catalog; [`tree`] finds a
//! node by its path, in the catalog, inside a file, or in one of the [`mounts`]; [`reading`] gets slices and columns through the [`cache`];
//! [`encoders`] write them in the asked media type; [`api`] are the routes. Nothing here knows who may read what: the
//! dispatcher of `tile-web` has asked before a handler runs.

pub mod api;
pub mod assets;
pub mod cache;
pub mod config;
pub mod data;
pub mod demo;
pub mod encoders;
pub mod foreign;
pub mod formats;
pub mod mounts;
pub mod reading;
pub mod registration;
pub mod tree;

#[cfg(test)]
mod tests;
