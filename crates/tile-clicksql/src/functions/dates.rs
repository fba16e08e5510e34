//! Dates and times. Times are UTC microseconds; what depends on a zone goes through the kernels unless the zone is UTC.

use super::{Args, Function, entry};
use crate::ast::IntervalUnit;
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
            super::numbers::shifted(&x, &n, IntervalUnit::$unit, $sign)
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
        if digits > 6 {
            return Err(a.unsupported("of nanoseconds"));
        }
        Ok(Typed::new(truncated("make_timestamp(epoch_us(now()))", digits), Type::DateTime64(digits, None)))
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
        Ok(Typed::new(format!("CAST({x} - {back} AS DATE)"), date_type(a.ty(0)?)))
    }),
    entry("toLastDayOfMonth", (1, 2), |a| {
        Ok(Typed::new(format!("last_day(CAST({} AS DATE))", local(a, 0, Some(1))?), date_type(a.ty(0)?)))
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
    add!("subtractSeconds", Second, "-"),
    add!("subtractMinutes", Minute, "-"),
    add!("subtractHours", Hour, "-"),
    add!("subtractDays", Day, "-"),
    add!("subtractWeeks", Week, "-"),
    add!("subtractMonths", Month, "-"),
    add!("subtractQuarters", Quarter, "-"),
    add!("subtractYears", Year, "-"),
    add!("subtractMilliseconds", Millisecond, "-"),
    to_interval!("toIntervalSecond", Second),
    to_interval!("toIntervalMinute", Minute),
    to_interval!("toIntervalHour", Hour),
    to_interval!("toIntervalDay", Day),
    to_interval!("toIntervalWeek", Week),
    to_interval!("toIntervalMonth", Month),
    to_interval!("toIntervalQuarter", Quarter),
    to_interval!("toIntervalYear", Year),
    to_interval!("toIntervalMillisecond", Millisecond),
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
        let sql = if x.ty.is_date() { format!("CAST({} AS TIMESTAMP)", x.sql) } else { x.sql };
        Ok(Typed::new(format!("CAST(epoch_us({sql}) // 1000000 AS UINTEGER)"), Type::UInt(32)))
    }),
    entry("toUnixTimestamp64Milli", (1, 1), |a| unix_64(a, 1000)),
    entry("toUnixTimestamp64Micro", (1, 1), |a| unix_64(a, 1)),
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
    entry("timeSlots", (2, 3), |a| {
        let size = if a.len() > 2 { a.constant_int(2)? } else { 1800 };
        match a.ty(0)? {
            Type::DateTime(_) if *a.ty(1)? == Type::UInt(32) => {
                let sql = format!("ch_time_slots({}, {}, CAST({size} AS BIGINT))", a.sql(0)?, a.double(1)?);
                Ok(Typed::new(sql, Type::Array(Box::new(a.ty(0)?.clone()))))
            }
            Type::DateTime(_) => Err(a.wrong(1, "a UInt32")),
            _ => Err(a.unsupported("of this type")),
        }
    })
    .full(),
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

fn date_type(from: &Type) -> Type {
    if *from == Type::Date32 { Type::Date32 } else { Type::Date }
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

/// A constant text in the place of a date or time.
fn from_text(a: &Args<'_, '_, '_>, i: usize) -> Result<Typed> {
    let x = a.at(i)?;
    if x.ty.is_date() || x.ty.is_time() {
        return Ok(x.clone());
    }
    if x.ty == Type::String && a.function.name == "toUnixTimestamp" {
        return crate::cast::cast(a.scope, x, &Type::DateTime(None));
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

/// The start of a unit in the value's zone.
fn start(a: &Args<'_, '_, '_>, unit: &str, count: i64, to_date: bool) -> Result<Typed> {
    let x = a.at(0)?;
    let zone =
        if a.len() > 1 { Some(a.constant_text(1)?.to_owned()) } else { x.ty.zone().map(str::to_owned) };
    if to_date {
        let sql = format!("CAST(date_trunc('{unit}', {}) AS DATE)", local(a, 0, Some(1))?);
        return Ok(Typed::new(sql, date_type(&x.ty)));
    }
    let ty = Type::DateTime(zone.clone());
    let value = time(a, 0)?;
    Ok(Typed::new(start_of(&value, unit, count, zone.as_deref()), ty))
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
fn interval_start(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let (x, n) = (a.at(0)?, a.at(1)?);
    let Type::Interval(unit) = n.ty else { return Err(a.wrong(1, "an interval")) };
    let count = n.int().filter(|c| *c > 0).and_then(|c| i64::try_from(c).ok());
    if n.int().is_some_and(|c| c <= 0) || !n.is_constant {
        return Err(a.wrong(1, "a constant interval"));
    }
    if a.len() > 2 && a.at(2)?.ty != Type::String {
        return Err(a.unsupported("with an origin"));
    }
    let zone =
        if a.len() > 2 { Some(a.constant_text(2)?.to_owned()) } else { x.ty.zone().map(str::to_owned) };
    let value = time(a, 0)?;
    let word = format!("{unit:?}").to_lowercase();
    let whole_days =
        matches!(unit, IntervalUnit::Week | IntervalUnit::Month | IntervalUnit::Quarter | IntervalUnit::Year);
    let utc = zone.as_deref().is_none_or(is_utc);
    let shown = count.map_or_else(|| n.value(), |c| c.to_string());
    if !utc || whole_days && count != Some(1) || count.is_none() {
        let zone_text = duck::text(zone.as_deref().unwrap_or("UTC"));
        let (kernel, ty) = if whole_days {
            ("ch_start_of_as_date", Type::Date)
        } else {
            ("ch_start_of", Type::DateTime(zone.clone()))
        };
        let sql = format!("{kernel}({value}, '{word}', CAST({shown} AS BIGINT), {zone_text})");
        return Ok(Typed::new(sql, ty));
    }
    if whole_days {
        return Ok(Typed::new(format!("CAST(date_trunc('{word}', {value}) AS DATE)"), date_type(&x.ty)));
    }
    if matches!(unit, IntervalUnit::Millisecond | IntervalUnit::Microsecond | IntervalUnit::Nanosecond) {
        return Err(a.unsupported("of parts of a second"));
    }
    Ok(Typed::new(start_of(&value, &word, count.unwrap_or(1), zone.as_deref()), Type::DateTime(zone)))
}

fn trunc(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let unit = a.constant_text(0)?.to_lowercase();
    let items = &a.items[1..];
    let inner = Args { scope: a.scope, function: a.function, items };
    match unit.as_str() {
        "second" => start(&inner, "second", 1, false),
        "minute" => start(&inner, "minute", 1, false),
        "hour" => start(&inner, "hour", 1, false),
        "day" => start(&inner, "day", 1, false),
        "week" => start(&inner, "week", 1, true),
        "month" => start(&inner, "month", 1, true),
        "quarter" => start(&inner, "quarter", 1, true),
        "year" => start(&inner, "year", 1, true),
        _ => Err(a.unsupported(&format!("of `{unit}`"))),
    }
}

/// `date_add(INTERVAL …, x)` in either order.
fn moved(a: &Args<'_, '_, '_>, how: &str) -> Result<Typed> {
    let (x, y) = (a.at(0)?.clone(), a.at(1)?.clone());
    let args = if matches!(x.ty, Type::Interval(_)) { vec![y, x] } else { vec![x, y] };
    crate::resolve::scalar(a.scope, how, args)
}

fn difference(a: &Args<'_, '_, '_>, kernel: &str) -> Result<Typed> {
    let unit = a.constant_text(0)?.to_lowercase();
    let unit = unit.trim_end_matches('s');
    let unit = match unit {
        "yy" | "yyyy" => "year",
        "qq" | "q" => "quarter",
        "mm" | "m" => "month",
        "wk" | "ww" => "week",
        "dd" | "d" => "day",
        "hh" | "h" => "hour",
        "mi" | "n" => "minute",
        "s" | "ss" | "" => "second",
        other => other,
    };
    if !matches!(
        unit,
        "year"
            | "quarter"
            | "month"
            | "week"
            | "day"
            | "hour"
            | "minute"
            | "second"
            | "millisecond"
            | "microsecond"
    ) {
        return Err(SqlError::new(Code::BadArguments, format!("`{unit}` is no unit of time")));
    }
    let zone = match a.len() {
        4 => a.constant_text(3)?.to_owned(),
        _ => a.ty(1)?.zone().or(a.ty(2)?.zone()).unwrap_or("UTC").to_owned(),
    };
    let (x, y) = (time(a, 1)?, time(a, 2)?);
    if kernel == "ch_date_diff"
        && is_utc(&zone)
        && matches!(unit, "day" | "hour" | "minute" | "second" | "month" | "year" | "quarter" | "week")
    {
        return Ok(Typed::new(format!("date_diff('{unit}', {x}, {y})"), Type::Int(64)));
    }
    Ok(Typed::new(format!("{kernel}('{unit}', {x}, {y}, {})", duck::text(&zone)), Type::Int(64)))
}

fn unix_64(a: &Args<'_, '_, '_>, per: i64) -> Result<Typed> {
    if !matches!(a.ty(0)?, Type::DateTime64(..)) {
        return Err(a.wrong(0, "a DateTime64"));
    }
    // Rounded down there too.
    Ok(Typed::new(format!("CAST(floor(epoch_us({}) / {per}.0) AS BIGINT)", a.sql(0)?), Type::Int(64)))
}

fn from_unix_64(a: &Args<'_, '_, '_>, per: i64, digits: u8) -> Result<Typed> {
    let zone = if a.len() > 1 { Some(a.constant_text(1)?.to_owned()) } else { None };
    Ok(Typed::new(format!("make_timestamp({} * {per})", a.integer(0)?), Type::DateTime64(digits, zone)))
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
    let scale = if zone_at == 1 { -1 } else { i32::from(digits) };
    let read = format!(
        "{kernel}({}, CAST({scale} AS INTEGER), {})",
        a.text(0)?,
        duck::text(zone.as_deref().unwrap_or("UTC"))
    );
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
