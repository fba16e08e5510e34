//! Bytes as stores hold them: numbers of eight bytes, and pieces whose length is told.

use tile_base::{Error, Result};

/// Bytes that are left to read.
pub struct Bytes<'a> {
    pub rest: &'a [u8],
    /// What is said of bytes that are of something else.
    damaged: fn() -> Error,
}

impl<'a> Bytes<'a> {
    pub const fn new(rest: &'a [u8], damaged: fn() -> Error) -> Self {
        Self { rest, damaged }
    }

    /// # Errors
    /// That it is damaged, where there are not as many.
    pub fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(self.damaged)?;
        self.rest = rest;
        Ok(taken)
    }

    /// # Errors
    /// As [`Bytes::take`].
    pub fn number(&mut self) -> Result<i64> {
        let eight: [u8; 8] = self.take(8)?.try_into().map_err(|_| (self.damaged)())?;
        Ok(i64::from_le_bytes(eight))
    }

    /// A piece behind its length.
    ///
    /// # Errors
    /// As [`Bytes::take`].
    pub fn piece(&mut self) -> Result<&'a [u8]> {
        let length = usize::try_from(self.number()?).map_err(|_| (self.damaged)())?;
        self.take(length)
    }
}

/// A length as it is written.
pub fn length(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
