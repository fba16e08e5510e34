//! The numbers that ClickHouse gives to errors: its clients branch on them.

use tile_base::{Error, Kind};
use tile_clicksql::error::SqlError;

/// A number that the kind of an error tells.
#[derive(Debug)]
struct Exception(u32);

impl std::fmt::Display for Exception {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ClickHouse's error {}", self.0)
    }
}

impl std::error::Error for Exception {}

/// What the engine says while a query runs, by the first words of its messages.
const ENGINE: &[(&str, u32)] = &[
    ("Conversion Error", 70),
    ("Invalid Input Error", 36),
    ("Out of Range Error", 321),
    ("Binder Error", 43),
    ("Catalog Error", 60),
    ("Parser Error", 62),
];

/// An error of a query, with its number.
pub fn numbered(e: Error) -> Error {
    if e.source.is_some() {
        return e;
    }
    let number = match e.kind {
        Kind::Timeout => Some(159),
        Kind::TooLarge if e.what.contains("Out of Memory") => Some(241),
        Kind::TooLarge => Some(396),
        Kind::Busy => Some(202),
        Kind::Invalid => ENGINE.iter().find(|(words, _)| e.what.contains(words)).map(|(_, number)| *number),
        _ => None,
    };
    match number {
        Some(number) => e.source(Exception(number)),
        None => e,
    }
}

/// The number of an error, if it has one.
pub fn number(e: &Error) -> Option<u32> {
    let source = e.source.as_ref()?;
    let sql = source.downcast_ref::<SqlError>().map(|e| e.code.clickhouse().0);
    sql.or_else(|| source.downcast_ref::<Exception>().map(|e| e.0))
}
