//! What a workspace remembers of itself: requests, operations on data sources, jobs. Read as the tables `tinybird.*`.
//!
//! [`tables`] is the list of them, each a file in `tables/`: a data source for rows that are kept, a query for what is made of
//! others. [`Recorder`] gathers rows, which costs a request no more than writing them down; [`Recorder::store`] makes them durable,
//! at intervals and before they are read. Nothing here waits for a request, and no request for anything here.
//!
//! To keep rows of one more table, say so in [`tables`] and call [`Recorder::row`].

mod record;
mod recorder;
pub mod tables;

pub use record::{Append, Asked, Operation, Sunk, bounded, told};
pub use recorder::Recorder;

#[cfg(test)]
mod tests;
