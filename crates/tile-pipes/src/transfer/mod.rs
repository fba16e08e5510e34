//! Data that comes from files elsewhere, and goes to them: imports from addresses and buckets, and sinks.
//!
//! [`kind`] says what a file is, [`reading`] makes blocks of it, a piece at a time, [`import`] stores them so that a reader sees all of
//! a file or nothing; [`bucket`] finds out which files of a bucket are new, and [`sink`] writes results. The network and the disk are
//! behind [`tile_base::Objects`]; all of this blocks.
//!
//! A scheduler asks [`bucket::due`], and calls [`start::files`] and [`start::sink`].

pub mod bucket;
pub mod glob;
pub mod import;
pub mod kind;
mod parquet;
pub mod reading;
pub mod remote;
pub mod sink;
mod spool;
pub mod start;
mod writing;

/// Bounds of one transfer.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of a file, unpacked.
    pub file_bytes_max: u64,
    /// Of text that is decoded at once.
    pub piece_bytes: usize,
    /// Of one row, and so of what is held until its end is found.
    pub row_bytes_max: usize,
    /// Of a file of JSON, which is read whole.
    pub json_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes_max: 10 << 30,
            piece_bytes: 8 << 20,
            row_bytes_max: 32 << 20,
            json_bytes_max: 256 << 20,
        }
    }
}
