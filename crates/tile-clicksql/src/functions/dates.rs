//! Dates and times. Times are UTC microseconds; what depends on a zone goes through the kernels unless the zone is UTC.

use super::{Args, Function, entry};
use crate::ast::IntervalUnit;
use crate::borders;
use crate::cast::{is_utc, truncated};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::Type;

macro_rules! part {
    ($name:literal, $aliases:expr, $duck:literal, $bits:literal) => {
        entry($name, (1, 2), |a| part(a, $duck, $bits)).alias($aliases).any_case()
    };
}
macro_rules! start {
    ($name:literal, $unit:literal, $count:literal, $date:literal) => {
        entry($name, (1, 2), |a| start(a, $unit, $count, $date))
    };
}
macro_rules! add {
    ($name:literal, $unit:ident, $sign:literal) => {
        entry($name, (2, 2), |a| {
            let n = crate::resolve::interval(a.at(1)?, IntervalUnit::$unit)?;
            let x = from_text(a, 0)?;
            super::moves::shifted(&x, &n, IntervalUnit::$unit, $sign)
        })
    };
}
macro_rules! to_interval {
    ($name:literal, $unit:ident) => {
        entry($name, (1, 1), |a| crate::resolve::interval(a.at(0)?, IntervalUnit::$unit))
    };
}

pub const ALL: &[Function] = &[
    entry("now", (0, 1), |a| {
        let zone = if a.is_empty() { None } else { Some(a.constant_text(0)?.to_owned()) };
        let now = "make_timestamp(epoch_us(now()) // 1000000 * 1000000)";
        Ok(Typed { is_constant: true, ..Typed::new(now, Type::DateTime(zone)) })
    })
    .any_case(),
    entry("now64", (0, 2), |a| {
        let digits = if a.is_empty() {
            3
        } else {
            u8::try_from(a.constant_int(0)?).map_err(|_| a.wrong(0, "0 to 9"))?
        };
        let now = truncated("make_timestamp(epoch_us(now()))", digits);
        let now = if digits > 6 { crate::nanos::widened(&now) } else { now };
        Ok(Typed::new(now, Type::DateTime64(digits, None)))
    }),
    entry("today", (0, 0), |_| Ok(Typed::new("CAST(make_timestamp(epoch_us(now())) AS DATE)", Type::Date)))
        .alias(&["current_date", "curdate"])
        .any_case(),
    entry("yesterday", (0, 0), |_| {
        Ok(Typed::new("(CAST(make_timestamp(epoch_us(now())) AS DATE) - 1)", Type::Date))
    }),
    part!("toYear", &["YEAR"], "year", 16),
    part!("toQuarter", &["QUARTER"], "quarter", 8),
    part!("toMonth", &["MONTH"], "month", 8),
    part!("toDayOfMonth", &["DAY", "DAYOFMONTH"], "day", 8),
    part!("toDayOfYear", &["DAYOFYEAR"], "dayofyear", 16),
    part!("toHour", &["HOUR"], "hour", 8),
    part!("toMinute", &["MINUTE"], "minute", 8),
    part!("toSecond", &["SECOND"], "second", 8),
    part!("toISOYear", &[], "isoyear", 16),
    part!("toISOWeek", &[], "week", 8),
    entry("toDayOfWeek", (1, 3), |a| {
        if a.len() > 1 && a.constant_int(1)? != 0 {
            let zone = if a.len() > 2 { a.constant_text(2)? } else { a.ty(0)?.zone().unwrap_or("UTC") };
            return Ok(Typed::new(
                format!(
                    "ch_to_day_of_week({}, CAST({} AS INTEGER), {})",
                    time(a, 0)?,
                    a.constant_int(1)?,
                    duck::text(zone)
                ),
                Type::UInt(8),
            ));
        }
        Ok(Typed::new(format!("CAST(isodow({}) AS UTINYINT)", local(a, 0, Some(2))?), Type::UInt(8)))
    })
    .alias(&["DAYOFWEEK"])
    .any_case(),
    entry("toWeek", (1, 3), |a| week(a, "ch_to_week", 8)).alias(&["WEEK"]).any_case(),
    entry("toYearWeek", (1, 3), |a| week(a, "ch_to_year_week", 32)).alias(&["YEARWEEK"]).any_case(),
    entry("toYYYYMM", (1, 2), |a| {
        let x = local(a, 0, Some(1))?;
        Ok(Typed::new(format!("CAST(year({x}) * 100 + month({x}) AS UINTEGER)"), Type::UInt(32)))
    }),
    entry("toYYYYMMDD", (1, 2), |a| {
        let x = local(a, 0, Some(1))?;
        Ok(Typed::new(
            format!("CAST(year({x}) * 10000 + month({x}) * 100 + day({x}) AS UINTEGER)"),
            Type::UInt(32),
        ))
    }),
    entry("toYYYYMMDDhhmmss", (1, 2), |a| {
        let x = local(a, 0, Some(1))?;
        Ok(Typed::new(
            format!("CAST(strftime(CAST({x} AS TIMESTAMP), '%Y%m%d%H%M%S') AS UBIGINT)"),
            Type::UInt(64),
        ))
    }),
    start!("toStartOfYear", "year", 1, true),
    start!("toStartOfQuarter", "quarter", 1, true),
    start!("toStartOfMonth", "month", 1, true),
    start!("toMonday", "week", 1, true),
    start!("toStartOfDay", "day", 1, false),
    start!("toStartOfHour", "hour", 1, false),
    start!("toStartOfMinute", "minute", 1, false),
    start!("toStartOfFiveMinutes", "minute", 5, false),
    start!("toStartOfFiveMinute", "minute", 5, false),
    start!("toStartOfTenMinutes", "minute", 10, false),
    start!("toStartOfFifteenMinutes", "minute", 15, false),
    entry("toStartOfSecond", (1, 2), |a| {
        let Type::DateTime64(digits, zone) = a.ty(0)?.clone() else { return Err(a.wrong(0, "a DateTime64")) };
        Ok(Typed::new(format!("date_trunc('second', {})", a.sql(0)?), Type::DateTime64(digits, zone)))
    }),
    entry("toStartOfWeek", (1, 3), |a| {
        let mode = if a.len() > 1 { a.constant_int(1)? } else { 0 };
        let x = format!("CAST({} AS DATE)", local(a, 0, Some(2))?);
        // Even modes begin on Sunday, odd ones on Monday.
        let back = if mode % 2 == 0 {
            format!("CAST(dayofweek({x}) AS INTEGER)")
        } else {
            format!("CAST(isodow({x}) - 1 AS INTEGER)")
        };
        let sql = format!("CAST({x} - {back} AS DATE)");
        Ok(Typed::new(settled(sql, a.ty(0)?, &Type::Date, "week"), Type::Date))
    }),
    entry("toLastDayOfMonth", (1, 2), |a| {
        let day = format!("CAST({} AS DATE)", local(a, 0, Some(1))?);
        let day = match a.ty(0)? {
            Type::DateTime(_) => borders::clamped_below(&day, &Type::Date),
            _ => day,
        };
        let sql = format!("last_day({day})");
        Ok(Typed::new(borders::clamped(&sql, &Type::Date), Type::Date))
    })
    .alias(&["LAST_DAY"])
    .any_case(),
    entry("toStartOfInterval", (2, 3), interval_start),
    entry("date_trunc", (2, 3), trunc).alias(&["dateTrunc"]).any_case(),
    add!("addSeconds", Second, "+"),
    add!("addMinutes", Minute, "+"),
    add!("addHours", Hour, "+"),
    add!("addDays", Day, "+"),
    add!("addWeeks", Week, "+"),
    add!("addMonths", Month, "+"),
    add!("addQuarters", Quarter, "+"),
    add!("addYears", Year, "+"),
    add!("addMilliseconds", Millisecond, "+"),
    add!("addMicroseconds", Microsecond, "+"),
    add!("addNanoseconds", Nanosecond, "+"),
    add!("subtractSeconds", Second, "-"),
    add!("subtractMinutes", Minute, "-"),
    add!("subtractHours", Hour, "-"),
    add!("subtractDays", Day, "-"),
    add!("subtractWeeks", Week, "-"),
    add!("subtractMonths", Month, "-"),
    add!("subtractQuarters", Quarter, "-"),
    add!("subtractYears", Year, "-"),
    add!("subtractMilliseconds", Millisecond, "-"),
    add!("subtractMicroseconds", Microsecond, "-"),
    add!("subtractNanoseconds", Nanosecond, "-"),
    to_interval!("toIntervalSecond", Second),
    to_interval!("toIntervalMinute", Minute),
    to_interval!("toIntervalHour", Hour),
    to_interval!("toIntervalDay", Day),
    to_interval!("toIntervalWeek", Week),
    to_interval!("toIntervalMonth", Month),
    to_interval!("toIntervalQuarter", Quarter),
    to_interval!("toIntervalYear", Year),
    to_interval!("toIntervalMillisecond", Millisecond),
    to_interval!("toIntervalMicrosecond", Microsecond),
    to_interval!("toIntervalNanosecond", Nanosecond),
    entry("timestampAdd", (2, 2), |a| moved(a, "plus"))
        .alias(&["date_add", "dateAdd", "timestamp_add"])
        .any_case(),
    entry("timestampSub", (2, 2), |a| moved(a, "minus"))
        .alias(&["date_sub", "dateSub", "timestamp_sub"])
        .any_case(),
    entry("dateDiff", (3, 4), |a| difference(a, "ch_date_diff"))
        .alias(&["date_diff", "DATE_DIFF", "timestampDiff", "timestamp_diff"])
        .any_case(),
    entry("age", (3, 4), |a| difference(a, "ch_age")),
    entry("toUnixTimestamp", (1, 2), |a| {
        if a.ty(0)?.integer().is_some() {
            return crate::cast::cast(a.scope, a.at(0)?, &Type::UInt(32));
        }
        let x = from_text(a, 0)?;
        let seconds = if x.ty.is_date() {
            format!("(epoch_us(CAST({} AS TIMESTAMP)) // 1000000) & 4294967295", x.sql)
        } else {
            format!("epoch_us({}) // 1000000", x.sql)
        };
        Ok(Typed::new(format!("CAST({seconds} AS UINTEGER)"), Type::UInt(32)))
    }),
    entry("toUnixTimestamp64Milli", (1, 1), |a| unix_64(a, 1000)),
    entry("toUnixTimestamp64Micro", (1, 1), |a| unix_64(a, 1)),
    entry("toUnixTimestamp64Nano", (1, 1), |a| match a.ty(0)? {
        Type::DateTime64(..) => Ok(Typed::new(format!("epoch_ns({})", a.sql(0)?), Type::Int(64))),
        _ => Err(a.wrong(0, "a DateTime64")),
    }),
    entry("fromUnixTimestamp64Nano", (1, 2), |a| {
        let zone = if a.len() > 1 { Some(a.constant_text(1)?.to_owned()) } else { None };
        Ok(Typed::new(format!("make_timestamp_ns({})", a.integer(0)?), Type::DateTime64(9, zone)))
    }),
    entry("fromUnixTimestamp64Milli", (1, 2), |a| from_unix_64(a, 1000, 3)),
    entry("fromUnixTimestamp64Micro", (1, 2), |a| from_unix_64(a, 1, 6)),
    entry("fromUnixTimestamp64Second", (1, 2), |a| from_unix_64(a, 1_000_000, 0)),
    entry("toTimeZone", (2, 2), |a| {
        let zone = Some(a.constant_text(1)?.to_owned());
        let x = a.at(0)?;
        Ok(match &x.ty {
            Type::DateTime(_) => Typed { ty: Type::DateTime(zone), ..x.clone() },
            Type::DateTime64(digits, _) => Typed { ty: Type::DateTime64(*digits, zone), ..x.clone() },
            _ => return Err(a.wrong(0, "a DateTime")),
        })
    })
    .alias(&["toTimezone"]),
    entry("formatDateTime", (2, 3), |a| {
        let zone = if a.len() > 2 {
            a.constant_text(2)?.to_owned()
        } else {
            a.ty(0)?.zone().unwrap_or("UTC").to_owned()
        };
        let x = time(a, 0)?;
        let digits = if let Type::DateTime64(digits, _) = a.ty(0)? { *digits } else { 0 };
        Ok(Typed::new(
            format!(
                "ch_format_datetime({x}, CAST({digits} AS INTEGER), {}, {})",
                a.text(1)?,
                duck::text(&zone)
            ),
            Type::String,
        ))
    }),
    entry("parseDateTimeBestEffort", (1, 2), |a| best_effort(a, "ch_parse_best_effort", 0))
        .alias(&["parseDateTime32BestEffort"]),
    entry("parseDateTimeBestEffortOrNull", (1, 2), |a| {
        nullable(best_effort(a, "ch_parse_best_effort_or_null", 0))
    }),
    entry("parseDateTimeBestEffortOrZero", (1, 2), |a| {
        zeroed(best_effort(a, "ch_parse_best_effort_or_null", 0))
    })
    .guarded(),
    entry("parseDateTime64BestEffort", (1, 3), |a| best_effort(a, "ch_parse_best_effort", 3)),
    entry("parseDateTime64BestEffortOrNull", (1, 3), |a| {
        nullable(best_effort(a, "ch_parse_best_effort_or_null", 3))
    }),
    entry("parseDateTime64BestEffortOrZero", (1, 3), |a| {
        zeroed(best_effort(a, "ch_parse_best_effort_or_null", 3))
    })
    .guarded(),
    entry("parseDateTimeBestEffortUS", (1, 2), |a| best_effort(a, "ch_parse_best_effort_us", 0)),
    entry("parseDateTimeBestEffortUSOrNull", (1, 2), |a| {
        nullable(best_effort(a, "ch_parse_best_effort_us_or_null", 0))
    }),
    entry("parseDateTimeBestEffortUSOrZero", (1, 2), |a| {
        zeroed(best_effort(a, "ch_parse_best_effort_us_or_null", 0))
    })
    .guarded(),
    entry("parseDateTime", (2, 3), |a| by_format(a, "ch_parse_datetime")),
    entry("parseDateTimeOrNull", (2, 3), |a| nullable(by_format(a, "ch_parse_datetime_or_null")))
        .alias(&["str_to_date"]),
    entry("parseDateTimeOrZero", (2, 3), |a| zeroed(by_format(a, "ch_parse_datetime_or_null"))).guarded(),
    entry("timeSlot", (1, 1), |a| match a.ty(0)? {
        Type::DateTime(_) => Ok(Typed::new(format!("ch_time_slot({})", a.sql(0)?), a.ty(0)?.clone())),
        _ => Err(a.wrong(0, "a DateTime")),
    }),
    entry("timeSlots", (2, 3), super::time_windows::slots).full(),
    entry("toMillisecond", (1, 1), |a| {
        Ok(Typed::new(format!("ch_to_millisecond({})", time(a, 0)?), Type::UInt(16)))
    }),
    entry("toDaysSinceYearZero", (1, 1), |a| match a.ty(0)? {
        Type::Date => Ok(Typed::new(format!("ch_to_days_since_year_zero({})", a.sql(0)?), Type::UInt(32))),
        _ => Err(a.wrong(0, "a Date")),
    }),
    entry("monthName", (1, 1), |a| {
        let zone = duck::text(a.ty(0)?.zone().unwrap_or("UTC"));
        Ok(Typed::new(format!("ch_month_name({}, {zone})", time(a, 0)?), Type::String))
    })
    .any_case(),
    entry("makeDateTime", (6, 7), |a| {
        let zone = if a.len() > 6 { Some(a.constant_text(6)?.to_owned()) } else { None };
        let parts = (0..6).map(|i| a.integer(i)).collect::<Result<Vec<_>>>()?;
        let sql = format!(
            "ch_make_datetime(ch_make_date({}), {}, {})",
            parts[..3].join(", "),
            parts[3..].join(", "),
            duck::text(zone.as_deref().unwrap_or("UTC"))
        );
        Ok(Typed::new(sql, Type::DateTime(zone)))
    }),
    entry("fromUnixTimestamp", (1, 1), |a| match a.ty(0)?.integer() {
        Some(_) => crate::cast::cast(a.scope, a.at(0)?, &Type::DateTime(None)),
        None => Err(a.wrong(0, "a whole number")),
    })
    .alias(&["FROM_UNIXTIME"])
    .any_case(),
    entry("makeDate", (3, 3), |a| {
        Ok(Typed::new(
            format!("ch_make_date({}, {}, {})", a.integer(0)?, a.integer(1)?, a.integer(2)?),
            Type::Date,
        ))
    })
    .any_case(),
];

fn week(a: &Args<'_, '_, '_>, kernel: &str, bits: u16) -> Result<Typed> {
    let mode = if a.len() > 1 { a.constant_int(1)? } else { 0 };
    let zone = if a.len() > 2 { a.constant_text(2)? } else { a.ty(0)?.zone().unwrap_or("UTC") };
    Ok(Typed::new(
        format!("{kernel}({}, CAST({mode} AS INTEGER), {})", time(a, 0)?, duck::text(zone)),
        Type::UInt(bits),
    ))
}

/// The wall clock in the value's zone, or in the one that argument `at` names.
fn local(a: &Args<'_, '_, '_>, i: usize, at: Option<usize>) -> Result<String> {
    let x = a.at(i)?;
    if x.ty.is_date() {
        return Ok(x.sql.clone());
    }
    if !x.ty.is_time() {
        return Err(a.wrong(i, "a date or time"));
    }
    let zone = match at {
        Some(at) if a.len() > at => Some(a.constant_text(at)?.to_owned()),
        _ => x.ty.zone().map(str::to_owned),
    };
    match zone {
        Some(zone) if !is_utc(&zone) => Ok(format!(
            "({0} + to_seconds(CAST(ch_zone_offset({0}, {1}) AS BIGINT)))",
            x.sql,
            duck::text(&zone)
        )),
        _ => Ok(x.sql.clone()),
    }
}

/// A date or time as UTC microseconds.
fn time(a: &Args<'_, '_, '_>, i: usize) -> Result<String> {
    let x = a.at(i)?;
    if x.ty.is_date() {
        return Ok(format!("CAST({} AS TIMESTAMP)", x.sql));
    }
    if x.ty.is_time() { Ok(x.sql.clone()) } else { Err(a.wrong(i, "a date or time")) }
}

/// The same without its parts of a second, toward 1970.
fn whole_seconds(a: &Args<'_, '_, '_>, i: usize) -> Result<String> {
    let value = time(a, i)?;
    Ok(match a.ty(i)? {
        Type::DateTime64(digits, _) if *digits > 0 => truncated(&value, 0),
        _ => value,
    })
}

/// A constant text in the place of a date or time.
fn from_text(a: &Args<'_, '_, '_>, i: usize) -> Result<Typed> {
    let x = a.at(i)?;
    if x.ty.is_date() || x.ty.is_time() {
        return Ok(x.clone());
    }
    if x.ty == Type::String && a.function.name == "toUnixTimestamp" {
        let zone = zone_of(a, i, i + 1)?;
        return crate::cast::cast(a.scope, x, &Type::DateTime(zone));
    }
    Err(a.wrong(i, "a date or time"))
}

fn part(a: &Args<'_, '_, '_>, duck: &str, bits: u16) -> Result<Typed> {
    let x = a.at(0)?;
    if x.ty.is_date() && matches!(duck, "hour" | "minute" | "second") {
        return Err(a.wrong(0, "a time"));
    }
    let form = if bits == 16 { "USMALLINT" } else { "UTINYINT" };
    Ok(Typed::new(format!("CAST({duck}({}) AS {form})", local(a, 0, Some(1))?), Type::UInt(bits)))
}

/// The start of a unit in the value's zone: a `Date`, or a `DateTime`.
fn start(a: &Args<'_, '_, '_>, unit: &str, count: i64, to_date: bool) -> Result<Typed> {
    let x = a.at(0)?;
    if x.ty.is_date() && matches!(unit, "hour" | "minute" | "second") {
        return Err(a.wrong(0, "a time"));
    }
    if to_date {
        let sql = format!("CAST(date_trunc('{unit}', {}) AS DATE)", local(a, 0, Some(1))?);
        return Ok(Typed::new(settled(sql, &x.ty, &Type::Date, unit), Type::Date));
    }
    let zone = zone_of(a, 0, 1)?;
    let ty = Type::DateTime(zone.clone());
    let sql = start_of(&time(a, 0)?, unit, count, zone.as_deref());
    Ok(Typed::new(settled(sql, &x.ty, &ty, unit), ty))
}

/// The zone that an argument names, else the value's own.
fn zone_of(a: &Args<'_, '_, '_>, value: usize, zone: usize) -> Result<Option<String>> {
    if a.len() > zone {
        return Ok(Some(a.constant_text(zone)?.to_owned()));
    }
    Ok(a.ty(value)?.zone().map(str::to_owned))
}

/// The start of a unit where the type `to` ends: what `from` holds may lie outside, and a week may begin before 1970.
fn settled(sql: String, from: &Type, to: &Type, unit: &str) -> String {
    match (from.plain(), to) {
        (Type::Date32 | Type::DateTime64(..), _) => borders::clamped(&sql, to),
        (Type::Date, Type::DateTime(zone)) => {
            borders::clamped_above(&borders::from_first_midnight(&sql, zone.as_deref()), to)
        }
        (Type::DateTime(_), Type::DateTime(zone)) if unit == "day" => {
            borders::from_first_midnight(&sql, zone.as_deref())
        }
        (Type::DateTime(Some(_)), _) => borders::clamped_below(&sql, to),
        _ if unit == "week" => borders::clamped_below(&sql, to),
        _ => sql,
    }
}

fn start_of(value: &str, unit: &str, count: i64, zone: Option<&str>) -> String {
    if let Some(zone) = zone.filter(|z| !is_utc(z)) {
        return format!("ch_start_of({value}, '{unit}', CAST({count} AS BIGINT), {})", duck::text(zone));
    }
    if count == 1 {
        format!("date_trunc('{unit}', {value})")
    } else {
        format!("time_bucket(INTERVAL {count} {unit}, {value}, TIMESTAMP '1970-01-01')")
    }
}

/// Alignment: seconds to days count from 1970-01-01, weeks from its Monday, months and longer from 1900.
pub fn interval_start(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let (x, n) = (a.at(0)?, a.at(1)?);
    let Type::Interval(unit) = n.ty else { return Err(a.wrong(1, "an interval")) };
    let count = n.int().filter(|c| *c > 0).and_then(|c| i64::try_from(c).ok());
    if n.int().is_some_and(|c| c <= 0) || !n.is_constant {
        return Err(a.wrong(1, "a constant interval"));
    }
    if a.len() > 2 && a.at(2)?.ty != Type::String {
        return Err(a.unsupported("with an origin"));
    }
    let word = format!("{unit:?}").to_lowercase();
    let of_days =
        matches!(unit, IntervalUnit::Week | IntervalUnit::Month | IntervalUnit::Quarter | IntervalUnit::Year);
    if x.ty.is_date() && !of_days && unit != IntervalUnit::Day {
        return Err(a.wrong(1, "days or longer"));
    }
    if matches!(unit, IntervalUnit::Millisecond | IntervalUnit::Microsecond | IntervalUnit::Nanosecond) {
        return Err(a.unsupported("of parts of a second"));
    }
    let zone = zone_of(a, 0, 2)?;
    // A Date32 becomes a Date first; outside of that the answers there make no sense.
    let value = if x.ty == Type::Date32 {
        format!("CAST({} AS TIMESTAMP)", borders::within(&x.sql, &Type::Date))
    } else {
        time(a, 0)?
    };
    let ty = if of_days { Type::Date } else { Type::DateTime(zone.clone()) };
    let utc = zone.as_deref().is_none_or(is_utc);
    // Hours count from the start of the day, shorter units from 1970.
    let uneven = unit == IntervalUnit::Hour && count.is_some_and(|c| 24 % c != 0);
    let sql = if !utc || uneven || of_days && count != Some(1) || count.is_none() {
        let shown = count.map_or_else(|| n.value(), |c| c.to_string());
        let zone = duck::text(zone.as_deref().unwrap_or("UTC"));
        let kernel = if of_days { "ch_start_of_as_date" } else { "ch_start_of" };
        format!("{kernel}({value}, '{word}', CAST({shown} AS BIGINT), {zone})")
    } else if of_days {
        format!("CAST(date_trunc('{word}', {value}) AS DATE)")
    } else {
        start_of(&value, &word, count.unwrap_or(1), zone.as_deref())
    };
    let from = if x.ty == Type::Date32 { &Type::Date } else { &x.ty };
    Ok(Typed::new(settled(sql, from, &ty, &word), ty))
}

/// `date_trunc`: as the `toStartOf…` functions, but the types that reach further keep doing so.
fn trunc(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let unit = a.constant_text(0)?.to_lowercase();
    let items = &a.items[1..];
    let inner = Args { scope: a.scope, function: a.function, items, types: &a.types[1..] };
    let to_date = matches!(unit.as_str(), "week" | "month" | "quarter" | "year");
    if !to_date && !matches!(unit.as_str(), "second" | "minute" | "hour" | "day") {
        return Err(a.unsupported(&format!("of `{unit}`")));
    }
    let x = inner.at(0)?;
    if !matches!(x.ty, Type::Date32 | Type::DateTime64(..)) {
        return start(&inner, &unit, 1, to_date);
    }
    if x.ty == Type::Date32 && matches!(unit.as_str(), "hour" | "minute" | "second") {
        return Err(inner.wrong(0, "a time"));
    }
    if to_date {
        let whole = Typed { sql: whole_seconds(&inner, 0)?, ..x.clone() };
        let items: Vec<Typed> = std::iter::once(whole).chain(items.iter().skip(1).cloned()).collect();
        let inner = Args { scope: a.scope, function: a.function, items: &items, types: inner.types };
        let sql = format!("CAST(date_trunc('{unit}', {}) AS DATE)", local(&inner, 0, Some(1))?);
        return Ok(Typed::new(sql, Type::Date32));
    }
    let zone = zone_of(&inner, 0, 1)?;
    let value = whole_seconds(&inner, 0)?;
    let sql = if unit == "second" { value } else { start_of(&value, &unit, 1, zone.as_deref()) };
    Ok(Typed::new(sql, Type::DateTime64(0, zone)))
}

/// `date_add(INTERVAL …, x)` in either order.
fn moved(a: &Args<'_, '_, '_>, how: &str) -> Result<Typed> {
    let (x, y) = (a.at(0)?.clone(), a.at(1)?.clone());
    let args = if matches!(x.ty, Type::Interval(_)) { vec![y, x] } else { vec![x, y] };
    crate::resolve::scalar(a.scope, how, args)
}

fn difference(a: &Args<'_, '_, '_>, kernel: &str) -> Result<Typed> {
    let unit = a.constant_text(0)?.to_lowercase();
    let unit = match unit.as_str() {
        "yy" | "yyyy" => "year",
        "qq" | "q" => "quarter",
        "mm" | "m" => "month",
        "wk" | "ww" => "week",
        "dd" | "d" => "day",
        "hh" | "h" => "hour",
        "mi" | "n" => "minute",
        "s" | "ss" => "second",
        "ms" => "millisecond",
        "us" | "u" => "microsecond",
        "ns" => "nanosecond",
        other => other.strip_suffix('s').unwrap_or(other),
    };
    match unit {
        "year" | "quarter" | "month" | "week" | "day" | "hour" | "minute" | "second" => {}
        "millisecond" | "microsecond" | "nanosecond" if kernel == "ch_date_diff" => {
            return fine_difference(a, unit);
        }
        "millisecond" | "microsecond" => {}
        "nanosecond" => return Err(a.unsupported("in nanoseconds")),
        _ => return Err(SqlError::new(Code::BadArguments, format!("`{unit}` is no unit of time"))),
    }
    if a.items.iter().any(|i| i.ty.is_nanos()) {
        let items = a.items.iter().map(|i| if i.ty.is_nanos() { crate::nanos::cut(i) } else { i.clone() });
        let items: Vec<Typed> = items.collect();
        return difference(&Args { items: &items, ..*a }, kernel);
    }
    let zone = match a.len() {
        4 => a.constant_text(3)?.to_owned(),
        _ => a.ty(1)?.zone().or(a.ty(2)?.zone()).unwrap_or("UTC").to_owned(),
    };
    let zones_differ = a.len() < 4 && a.ty(1)?.zone().unwrap_or("UTC") != a.ty(2)?.zone().unwrap_or("UTC");
    if zones_differ && matches!(unit, "minute" | "hour") {
        return Err(a.unsupported("of times in two zones, by this unit,"));
    }
    if zones_differ && unit != "second" {
        // Each by the calendar on its own wall.
        let wall = |i| Ok::<_, SqlError>(format!("CAST({} AS TIMESTAMP)", local(a, i, None)?));
        return Ok(between(kernel, unit, &wall(1)?, &wall(2)?, "UTC"));
    }
    Ok(between(kernel, unit, &second_of(a, 1, unit)?, &second_of(a, 2, unit)?, &zone))
}

/// Between parts of seconds, each of which is cut off toward 1970; zones do not matter.
fn fine_difference(a: &Args<'_, '_, '_>, unit: &str) -> Result<Typed> {
    let nanos = match unit {
        "millisecond" => 1_000_000,
        "microsecond" => 1000,
        _ => 1,
    };
    let ticks = |i: usize| -> Result<String> {
        let x = time(a, i)?;
        Ok(match (a.ty(i)?.is_nanos(), nanos) {
            (true, _) => format!("(epoch_ns({x}) // {nanos})"),
            (false, 1) => format!("(epoch_us({x}) * 1000)"),
            (false, _) => format!("(epoch_us({x}) // {})", nanos / 1000),
        })
    };
    Ok(Typed::new(format!("({} - {})", ticks(2)?, ticks(1)?), Type::Int(64)))
}

/// A date's first second where seconds are counted: `DateTime` ends earlier than `Date`.
fn second_of(a: &Args<'_, '_, '_>, i: usize, unit: &str) -> Result<String> {
    let value = time(a, i)?;
    let ends = *a.ty(i)? == Type::Date && unit == "second";
    Ok(if ends { borders::clamped_above(&value, &Type::DateTime(None)) } else { value })
}

fn between(kernel: &str, unit: &str, x: &str, y: &str, zone: &str) -> Typed {
    if kernel == "ch_date_diff"
        && is_utc(zone)
        && matches!(unit, "day" | "hour" | "minute" | "second" | "month" | "year" | "quarter")
    {
        return Typed::new(format!("date_diff('{unit}', {x}, {y})"), Type::Int(64));
    }
    Typed::new(format!("{kernel}('{unit}', {x}, {y}, {})", duck::text(zone)), Type::Int(64))
}

fn unix_64(a: &Args<'_, '_, '_>, per: i64) -> Result<Typed> {
    if !matches!(a.ty(0)?, Type::DateTime64(..)) {
        return Err(a.wrong(0, "a DateTime64"));
    }
    let sql = if a.ty(0)?.is_nanos() {
        format!("(epoch_ns({}) // {})", a.sql(0)?, per * 1000)
    } else {
        format!("(epoch_us({}) // {per})", a.sql(0)?)
    };
    Ok(Typed::new(sql, Type::Int(64)))
}

fn from_unix_64(a: &Args<'_, '_, '_>, per: i64, digits: u8) -> Result<Typed> {
    let zone = if a.len() > 1 { Some(a.constant_text(1)?.to_owned()) } else { None };
    // The last second stays, with its fraction.
    let n = a.integer(0)?;
    let one = 1_000_000 / per;
    let end = 253_402_300_799 * one;
    let sql = format!(
        "make_timestamp(CASE WHEN {n} > {end} + {one} - 1 THEN {end} + {n} % {one} ELSE {n} END * {per})"
    );
    Ok(Typed::new(sql, Type::DateTime64(digits, zone)))
}

fn best_effort(a: &Args<'_, '_, '_>, kernel: &str, digits: u8) -> Result<Typed> {
    let (digits, zone_at) = if digits == 0 {
        (0, 1)
    } else {
        (
            if a.len() > 1 {
                u8::try_from(a.constant_int(1)?).map_err(|_| a.wrong(1, "0 to 9"))?
            } else {
                3
            },
            2,
        )
    };
    let zone = if a.len() > zone_at { Some(a.constant_text(zone_at)?.to_owned()) } else { None };
    let scale = if zone_at == 1 { -1 } else { i32::from(digits.min(6)) };
    let read = format!(
        "{kernel}({}, CAST({scale} AS INTEGER), {}, {})",
        a.text(0)?,
        duck::text(zone.as_deref().unwrap_or("UTC")),
        crate::cast::TODAY
    );
    if digits > 6 {
        let sql = crate::nanos::read(&read, &a.text(0)?, digits.min(9));
        return Ok(Typed::new(sql, Type::DateTime64(digits.min(9), zone)));
    }
    Ok(Typed::new(read, if zone_at == 1 { Type::DateTime(zone) } else { Type::DateTime64(digits, zone) }))
}

/// By a format of MySQL's; the type names the zone.
fn by_format(a: &Args<'_, '_, '_>, kernel: &str) -> Result<Typed> {
    let zone = if a.len() > 2 { a.constant_text(2)? } else { "UTC" };
    let sql = format!("{kernel}({}, {}, {})", a.text(0)?, a.text(1)?, duck::text(zone));
    Ok(Typed::new(sql, Type::DateTime(Some(zone.to_owned()))))
}

fn nullable(found: Result<Typed>) -> Result<Typed> {
    found.map(|t| Typed { ty: t.ty.clone().nullable(), ..t })
}

fn zeroed(found: Result<Typed>) -> Result<Typed> {
    found.and_then(|t| Ok(Typed::new(duck::or_default(t.sql, &t.ty)?, t.ty)))
}
