//! Dates and times some intervals, days or seconds later or earlier.

use crate::ast::IntervalUnit;
use crate::borders;
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::nanos;
use crate::typed::Typed;
use crate::types::Type;

/// A date or time and a count of days or seconds.
pub fn counted(x: &Typed, n: &Typed, sign: &str) -> Result<Typed> {
    if !n.ty.is_integer() {
        return Err(SqlError::new(Code::Unsupported, "a date and a fraction cannot be added"));
    }
    if x.ty.is_nanos() {
        return nanos::counted(x, n, sign);
    }
    let sql = if x.ty.is_date() {
        format!("({} {sign} CAST({} AS INTEGER))", x.sql, n.value())
    } else {
        format!("({} {sign} to_seconds(CAST({} AS BIGINT)))", x.sql, n.value())
    };
    Ok(Typed::new(borders::wrapped(&sql, &x.ty), x.ty.clone()))
}

/// A date or time some intervals later or earlier.
pub fn shifted(x: &Typed, n: &Typed, unit: IntervalUnit, sign: &str) -> Result<Typed> {
    if x.ty.is_nanos() || unit == IntervalUnit::Nanosecond {
        return nanos::shifted(x, n, unit, sign);
    }
    let sql = moved(x, n, unit, sign)?;
    let ty = moved_type(&x.ty, unit);
    let sql = if matches!(unit, IntervalUnit::Month | IntervalUnit::Quarter | IntervalUnit::Year) {
        borders::wrapped_after(&sql, &ty)
    } else {
        borders::wrapped(&sql, &ty)
    };
    Ok(Typed::new(sql, ty))
}

/// Whether a unit counts days in the value's zone.
const fn is_large(unit: IntervalUnit) -> bool {
    matches!(
        unit,
        IntervalUnit::Day
            | IntervalUnit::Week
            | IntervalUnit::Month
            | IntervalUnit::Quarter
            | IntervalUnit::Year
    )
}

fn moved(x: &Typed, n: &Typed, unit: IntervalUnit, sign: &str) -> Result<String> {
    let is_fine =
        matches!(unit, IntervalUnit::Nanosecond | IntervalUnit::Microsecond | IntervalUnit::Millisecond);
    if is_fine && x.ty.is_date() {
        let message = format!("a `{}` has no parts of a second", x.ty);
        return Err(SqlError::new(Code::IllegalType, message));
    }
    if let Some(zone) = x.ty.zone()
        && !crate::cast::is_utc(zone)
        && is_large(unit)
    {
        let count = if sign == "-" { format!("-({})", n.sql) } else { n.sql.clone() };
        let unit = format!("{unit:?}").to_lowercase();
        return Ok(format!("ch_add({}, '{unit}', {count}, {})", x.sql, duck::text(zone)));
    }
    let (make, factor) = match unit {
        IntervalUnit::Nanosecond => {
            return Err(SqlError::new(Code::Unsupported, "nanoseconds are not supported"));
        }
        IntervalUnit::Microsecond => ("to_microseconds", 1),
        IntervalUnit::Millisecond => ("to_microseconds", 1000),
        IntervalUnit::Second => ("to_seconds", 1),
        IntervalUnit::Minute => ("to_minutes", 1),
        IntervalUnit::Hour => ("to_hours", 1),
        IntervalUnit::Day => ("to_days", 1),
        IntervalUnit::Week => ("to_days", 7),
        IntervalUnit::Month => ("to_months", 1),
        IntervalUnit::Quarter => ("to_months", 3),
        IntervalUnit::Year => ("to_months", 12),
    };
    let form = if matches!(make, "to_days" | "to_months") { "INTEGER" } else { "BIGINT" };
    let interval = format!("{make}(CAST({} * {factor} AS {form}))", n.sql);
    Ok(match (x.ty.is_date(), is_large(unit)) {
        (true, true) => format!("CAST({} {sign} {interval} AS DATE)", x.sql),
        // The day's first second has 32 bits as well.
        (true, false) if x.ty == Type::Date => {
            let start = borders::wrapped(&format!("CAST({} AS TIMESTAMP)", x.sql), &Type::DateTime(None));
            format!("({start} {sign} {interval})")
        }
        (true, false) => format!("(CAST({} AS TIMESTAMP) {sign} {interval})", x.sql),
        _ => format!("({} {sign} {interval})", x.sql),
    })
}

fn moved_type(from: &Type, unit: IntervalUnit) -> Type {
    let digits = match unit {
        IntervalUnit::Millisecond => 3,
        IntervalUnit::Microsecond => 6,
        IntervalUnit::Nanosecond => 9,
        _ => 0,
    };
    match from {
        Type::Date if !is_large(unit) => Type::DateTime(None),
        Type::Date32 if !is_large(unit) => Type::DateTime64(3, None),
        Type::DateTime(zone) if digits > 0 => Type::DateTime64(digits, zone.clone()),
        Type::DateTime64(have, zone) => Type::DateTime64(digits.max(*have), zone.clone()),
        other => other.clone(),
    }
}
