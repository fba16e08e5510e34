//! Time comes in as a parameter, so that everything below the binary can be replayed.

/// A source of the present time.
pub trait Clock: Send + Sync {
    /// Microseconds since the Unix epoch, UTC.
    fn now_us(&self) -> i64;
}
