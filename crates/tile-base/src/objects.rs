//! Files at addresses: what slices hold of the network and of stores beside it. All of this blocks.
//!
//! An address is `http://…` or `https://…`, `s3://bucket/key`, or `file://folder/name` below the folder that the process keeps.

use crate::error::{Error, Result};
use std::fmt;
use std::io::{Read, Seek, Write};

/// By which right an address is read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// As anyone: `http` and `https`.
    Anyone,
    /// `s3`, with a key.
    S3(S3Access),
    /// `file`: folders of the process's own.
    Files,
}

#[derive(Clone, PartialEq, Eq)]
pub struct S3Access {
    /// As in `https://minio.example:9000`; AWS where there is none.
    pub endpoint: Option<String>,
    pub region: String,
    pub key: String,
    pub secret: String,
}

/// Without the secret: what is printed can be logged.
impl fmt::Debug for S3Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let S3Access { endpoint, region, key, .. } = self;
        f.debug_struct("S3Access")
            .field("endpoint", endpoint)
            .field("region", region)
            .field("key", key)
            .finish()
    }
}

/// A file that is being read.
pub struct Opened {
    pub reader: Box<dyn Read + Send>,
    /// Its length as it is sent, if that is known.
    pub bytes: Option<u64>,
    /// In small letters, without parameters.
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
}

/// A file in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The whole address.
    pub url: String,
    pub bytes: u64,
    /// Names the version: other bytes have another one.
    pub tag: String,
    pub modified_us: i64,
}

/// Bytes that are kept beside the memory until this is dropped.
pub trait Held: Read + Write + Seek + Send {}

impl<T: Read + Write + Seek + Send> Held for T {}

/// What a file that is written does to one of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwrite {
    /// Nothing: the write is refused.
    Never,
    /// It takes its place.
    Always,
}

/// Files at addresses.
pub trait Objects: Send + Sync {
    /// # Errors
    /// `Invalid` for an address that cannot be read, or may not be reached; `Busy` when the other side fails.
    fn get(&self, url: &str, access: &Access) -> Result<Opened>;
    /// The files whose addresses begin with `prefix`, by address. Stops at the first error of `each`.
    ///
    /// # Errors
    /// As [`Objects::get`]; those of `each`.
    fn list(&self, prefix: &str, access: &Access, each: &mut dyn FnMut(Listed) -> Result<()>) -> Result<()>;
    /// Writes a file from the first byte of `content` to the last. It is there whole, or not at all.
    ///
    /// # Errors
    /// `Conflict` for a file that is there already and may not be overwritten; else as [`Objects::get`].
    fn put(&self, url: &str, access: &Access, content: &mut dyn Held, overwrite: Overwrite) -> Result<()>;
    /// An empty place for bytes.
    ///
    /// # Errors
    /// Those of the disk.
    fn hold(&self) -> Result<Box<dyn Held>>;
}

/// No files: for processes that reach nothing outside of themselves.
pub struct Nowhere;

impl Nowhere {
    fn refused() -> Error {
        Error::invalid("no address can be reached from here").hint("Run it on a server: `tile dev`")
    }
}

impl Objects for Nowhere {
    fn get(&self, _url: &str, _access: &Access) -> Result<Opened> {
        Err(Self::refused())
    }
    fn list(&self, _: &str, _: &Access, _: &mut dyn FnMut(Listed) -> Result<()>) -> Result<()> {
        Err(Self::refused())
    }
    fn put(&self, _: &str, _: &Access, _: &mut dyn Held, _: Overwrite) -> Result<()> {
        Err(Self::refused())
    }
    fn hold(&self) -> Result<Box<dyn Held>> {
        Ok(Box::new(std::io::Cursor::new(Vec::new())))
    }
}
