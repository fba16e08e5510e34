//! Files at addresses, over the network and in a folder of the process: the only crate that opens connections to others.
//!
//! [`Store`] is what the rest of Tile holds as [`tile_base::Objects`]. `guard` says which addresses may be reached, and is asked
//! after every name was resolved; `http` reads, `s3` speaks the protocol of that name, `sign` signs its requests, `files` keeps
//! what stays here. All of it blocks.

mod files;
mod guard;
mod http;
mod s3;
mod sign;
mod store;

pub use store::{Settings, Store};
