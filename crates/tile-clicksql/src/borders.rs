//! What happens at the ends of ClickHouse's dates and times. `Date` has 16 bits of days and `DateTime` 32 bits of seconds
//! since 1970: arithmetic keeps the low bits, the starts of units stop at the first and the last value. DuckDB's types go
//! far beyond both, so that every result of these types that can leave them passes through here.

use crate::duck;
use crate::kernels::zone::Zone;
use crate::types::Type;

const FIRST_DAY: &str = "DATE '1970-01-01'";
const FIRST_SECOND: &str = "TIMESTAMP '1970-01-01 00:00:00'";

/// The low bits of a `Date` or `DateTime` that arithmetic made; other types as they are. The seconds are whole.
pub fn wrapped(sql: &str, ty: &Type) -> String {
    match ty.plain() {
        Type::Date => format!("({FIRST_DAY} + CAST(({sql} - {FIRST_DAY}) & 65535 AS INTEGER))"),
        Type::DateTime(_) => {
            format!("make_timestamp(((epoch_us({sql}) // 1000000) & 4294967295) * 1000000)")
        }
        _ => sql.to_owned(),
    }
}

/// As [`wrapped`] after the end, the first value before the beginning: months and years do so.
pub fn wrapped_after(sql: &str, ty: &Type) -> String {
    match first(ty) {
        Some(first) => format!("CASE WHEN {sql} < {first} THEN {first} ELSE {} END", wrapped(sql, ty)),
        None => sql.to_owned(),
    }
}

/// The nearest value that the type has.
pub fn clamped(sql: &str, ty: &Type) -> String {
    match (first(ty), last(ty)) {
        (Some(first), Some(last)) => {
            format!("CASE WHEN {sql} < {first} THEN {first} WHEN {sql} > {last} THEN {last} ELSE {sql} END")
        }
        _ => sql.to_owned(),
    }
}

/// The first value where it would be before.
pub fn clamped_below(sql: &str, ty: &Type) -> String {
    first(ty).map_or_else(
        || sql.to_owned(),
        |first| format!("CASE WHEN {sql} < {first} THEN {first} ELSE {sql} END"),
    )
}

/// The last value where it would be after.
pub fn clamped_above(sql: &str, ty: &Type) -> String {
    last(ty)
        .map_or_else(|| sql.to_owned(), |last| format!("CASE WHEN {sql} > {last} THEN {last} ELSE {sql} END"))
}

/// The first midnight that a `DateTime` has, in the place of one before it: so a day begins on which 1970 began elsewhere.
pub fn from_first_midnight(sql: &str, zone: Option<&str>) -> String {
    let zone = zone.filter(|name| !crate::cast::is_utc(name));
    let Some(mut zone) = zone.and_then(|name| Zone::named(name).ok()) else { return sql.to_owned() };
    let first = zone.day_start(0);
    let first = if first < 0 { zone.day_start(1) } else { first };
    format!(
        "CASE WHEN {sql} < {FIRST_SECOND} THEN make_timestamp(CAST({} AS BIGINT)) ELSE {sql} END",
        first * 1_000_000
    )
}

/// An error where the type has no such value.
pub fn within(sql: &str, ty: &Type) -> String {
    match (first(ty), last(ty)) {
        (Some(first), Some(last)) => {
            let message = duck::text(&format!("a value is outside of the type {ty}"));
            format!("CASE WHEN {sql} < {first} OR {sql} > {last} THEN error({message}) ELSE {sql} END")
        }
        _ => sql.to_owned(),
    }
}

fn first(ty: &Type) -> Option<&'static str> {
    match ty.plain() {
        Type::Date => Some(FIRST_DAY),
        Type::DateTime(_) => Some(FIRST_SECOND),
        _ => None,
    }
}

fn last(ty: &Type) -> Option<&'static str> {
    match ty.plain() {
        Type::Date => Some("DATE '2149-06-06'"),
        Type::DateTime(_) => Some("TIMESTAMP '2106-02-07 06:28:15'"),
        _ => None,
    }
}
