//! Durable metadata: the catalog of nodes in SQLite.
//!
//! One file, WAL mode: many readers, one writer. [`catalog`] opens it and reads nodes, [`write`] changes it in transactions,
//! [`index`] turns metadata into index entries, `conditions` turns conditions into SQL over them, [`search`] orders, pages and
//! counts what they find. No file format, no HTTP and no permission is known here. To add a condition: one arm in
//! `conditions` and one in `tile_base::filter`, which is the reference that the tests compare with.

pub mod catalog;
mod conditions;
mod functions;
pub mod index;
mod schema;
pub mod search;
#[cfg(test)]
mod tests;
pub mod write;

pub use catalog::{Asset, Catalog, Node, Source};
pub use search::{DistinctValue, Order, Page, Query, Scope};
pub use write::{NewAsset, NewNode, NewSource, Writer};

use tile_base::{Error, Kind};

/// Turns SQLite's failures into the shared error: busy stays busy, the rest is internal.
pub(crate) fn sql_error(e: rusqlite::Error) -> Error {
    match e.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
            Error::new(Kind::Busy, "the catalog is busy").source(e)
        }
        Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
            Error::damaged("the catalog file is not a readable SQLite database")
                .hint("Move it away and start again: it is rebuilt from the files")
                .source(e)
        }
        _ => Error::internal("the catalog failed").source(e),
    }
}
