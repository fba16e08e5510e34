//! Days and times, all in UTC.

use super::Rule::{Fixed, Own};
use super::{Call, Function, Want, arity, call, functions, literal_text, made, never};
use crate::expression::date::{self, Civil};
use crate::expression::pattern::{self, Pattern, What, is_readable, read_time, unit, write_time};
use crate::expression::resolve::Typed;
use crate::types::Type;
use crate::value::Value;
use crate::window::DAY_MS;
use tile_base::{Error, Result};

const DAY: &[Want] = &[Want::Date];
const TIME: &[Want] = &[Want::Time];
const MOVED: &[Want] = &[Want::Date, Want::Int];

functions! {
    "YEAR" "(date)" Fixed(DAY, 1, Want::Int), "year({0})", false, |c| c.civil(|d| d.year);
    "QUARTER" "(date)" Fixed(DAY, 1, Want::Int), "quarter({0})", false, |c| c.civil(|d| (d.month + 2) / 3);
    "MONTH" "(date)" Fixed(DAY, 1, Want::Int), "month({0})", false, |c| c.civil(|d| d.month);
    "DAY" "(date)" Fixed(DAY, 1, Want::Int), "day({0})", false, |c| c.civil(|d| d.day);
    "DAYOFWEEK" "(date)" Fixed(DAY, 1, Want::Int), "(dayofweek({0}) + 1)", false, |c| c.day(|d| date::weekday(d) % 7 + 1);
    "WEEKDAY" "(date)" Fixed(DAY, 1, Want::Int), "(isodow({0}) - 1)", false, |c| c.day(|d| date::weekday(d) - 1);
    "DAYOFYEAR" "(date)" Fixed(DAY, 1, Want::Int), "dayofyear({0})", false, |c| c.day(date::day_of_year);
    "WEEKOFYEAR" "(date)" Fixed(DAY, 1, Want::Int), "weekofyear({0})", false, |c| c.day(date::week);
    "LAST_DAY" "(date)" Fixed(DAY, 1, Want::Date), "last_day({0})", false, |c| c.day(date::last_of_month);
    "HOUR" "(time)" Fixed(TIME, 1, Want::Int), "hour({0})", false, |c| c.of_day(3_600_000, 24);
    "MINUTE" "(time)" Fixed(TIME, 1, Want::Int), "minute({0})", false, |c| c.of_day(60_000, 60);
    "SECOND" "(time)" Fixed(TIME, 1, Want::Int), "second({0})", false, |c| c.of_day(1_000, 60);
    "DATE_PART" "(part, time)" Own(date_part), "", false, never;
    "DATE_ADD" "(date, days)" Fixed(MOVED, 2, Want::Date), "TRY(CAST({0} + {1} AS DATE))", false, |c| c.moved(1);
    "DATE_SUB" "(date, days)" Fixed(MOVED, 2, Want::Date), "TRY(CAST({0} - {1} AS DATE))", false, |c| c.moved(-1);
    "ADD_MONTHS" "(date, months)" Fixed(MOVED, 2, Want::Date), "TRY(CAST({0} + to_months({1}) AS DATE))", false, |c| {
        date::add_months(c.int(0)?, c.int(1)?).map(Value::Int)
    };
    "DATEDIFF" "(end, start)" Fixed(&[Want::Date, Want::Date], 2, Want::Int), "({0} - {1})", false, |c| Some(Value::Int(c.int(0)? - c.int(1)?));
    "DATE_TRUNC" "(unit, time)" Own(truncated), "CAST(date_trunc({p}, {0}) AS TIMESTAMP)", false, |c| {
        let What::Unit(unit) = &c.pattern?.what else { return None };
        Some(Value::Int(truncate(unit, c.int(0)?)))
    };
    "TRUNC" "(date, unit)" Own(truncated_day), "", false, never;
    "TO_DATE" "(text, format?)" Own(to_date), "", false, never;
    "TO_TIMESTAMP" "(text, format?)" Own(to_time), "", false, never;
    "parse" "" Own(to_time), "try_strptime(CASE WHEN regexp_matches({0}, {g}) THEN {0} END, {p})", false, |c| {
        let What::Format(pieces) = &c.pattern?.what else { return None };
        read_time(pieces, c.text(0)?).map(Value::Int)
    };
    "DATE_FORMAT" "(time, format)" Own(formatted), "strftime({0}, {p})", false, |c| {
        let What::Format(pieces) = &c.pattern?.what else { return None };
        made(write_time(pieces, c.int(0)?))
    };
    "FROM_UNIXTIME" "(seconds, format?)" Own(from_unix), "", false, never;
    "UNIX_TIMESTAMP" "(time, format?)" Own(to_unix), "", false, never;
    "UNIX_SECONDS" "(time)" Fixed(TIME, 1, Want::Long), "CAST(floor(epoch({0})) AS BIGINT)", false, |c| Some(Value::Int(c.int(0)?.div_euclid(1_000)));
    "UNIX_MILLIS" "(time)" Fixed(TIME, 1, Want::Long), "epoch_ms({0})", false, |c| Some(Value::Int(c.int(0)?));
    "UNIX_DATE" "(date)" Fixed(DAY, 1, Want::Int), "({0} - DATE '1970-01-01')", false, |c| Some(Value::Int(c.int(0)?));
    "DATE_FROM_UNIX_DATE" "(days)" Fixed(&[Want::Int], 1, Want::Date), "TRY(CAST(DATE '1970-01-01' + {0} AS DATE))", false, |c| {
        date::in_range(c.int(0)?).map(Value::Int)
    };
    "TIMESTAMP_SECONDS" "(seconds)" Fixed(&[Want::Long], 1, Want::Time), "TRY(make_timestamp({0} * CAST(1000000 AS BIGINT)))", false, |c| {
        date::time_in_range(c.int(0)?.checked_mul(1_000)?).map(Value::Int)
    };
    "TIMESTAMP_MILLIS" "(milliseconds)" Fixed(&[Want::Long], 1, Want::Time), "TRY(make_timestamp({0} * CAST(1000 AS BIGINT)))", false, |c| {
        date::time_in_range(c.int(0)?).map(Value::Int)
    };
}

impl Call<'_> {
    fn day(&self, of: fn(i64) -> i64) -> Option<Value> {
        Some(Value::Int(of(self.int(0)?)))
    }

    fn civil(&self, of: fn(Civil) -> i64) -> Option<Value> {
        Some(Value::Int(of(date::civil(self.int(0)?))))
    }

    /// How many of a length a time of the day has, below a bound.
    fn of_day(&self, length: i64, bound: i64) -> Option<Value> {
        Some(Value::Int(self.int(0)?.rem_euclid(DAY_MS) / length % bound))
    }

    fn moved(&self, sign: i64) -> Option<Value> {
        date::in_range(self.int(0)?.checked_add(self.int(1)? * sign)?).map(Value::Int)
    }
}

/// The start of the unit that holds a time.
fn truncate(unit: &str, ms: i64) -> i64 {
    let day = ms.div_euclid(DAY_MS);
    let Civil { year, month, .. } = date::civil(day);
    let start = |day: i64| day * DAY_MS;
    match unit {
        "year" => start(date::days(year, 1, 1)),
        "quarter" => start(date::days(year, (month - 1) / 3 * 3 + 1, 1)),
        "month" => start(date::days(year, month, 1)),
        "week" => start(day - date::weekday(day) + 1),
        "day" => start(day),
        "hour" => ms - ms.rem_euclid(3_600_000),
        "minute" => ms - ms.rem_euclid(60_000),
        "second" => ms - ms.rem_euclid(1_000),
        _ => ms,
    }
}

fn truncated(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 2, 2)?;
    let unit = unit(&literal_text(function, &args, 0)?)?;
    let time = Want::Time.take(args.remove(1))?;
    let pattern = Pattern::new(What::Unit(unit), format!("'{unit}'"));
    Ok(Typed::call_with(function, vec![time], pattern, Type::Timestamp))
}

fn truncated_day(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 2, 2)?;
    let unit = unit(&literal_text(function, &args, 1)?)?;
    if !matches!(unit, "year" | "quarter" | "month" | "week") {
        return Err(
            Error::invalid("TRUNC cuts to YEAR, QUARTER, MONTH or WEEK").hint("Use DATE_TRUNC for times")
        );
    }
    args.reverse();
    call("DATE_TRUNC", args)?.cast(&Type::Date)
}

fn date_part(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 2, 2)?;
    let part = literal_text(function, &args, 0)?.to_ascii_uppercase();
    let name = match part.as_str() {
        "YEAR" | "YEARS" => "YEAR",
        "QUARTER" => "QUARTER",
        "MONTH" | "MONTHS" => "MONTH",
        "WEEK" | "WEEKS" => "WEEKOFYEAR",
        "DAY" | "DAYS" => "DAY",
        "DAYOFWEEK" | "DOW" => "DAYOFWEEK",
        "DOY" => "DAYOFYEAR",
        "HOUR" | "HOURS" => "HOUR",
        "MINUTE" | "MINUTES" => "MINUTE",
        "SECOND" | "SECONDS" => {
            return Err(Error::invalid("seconds with their fraction are decimals, which are not supported")
                .hint("Use SECOND(…)"));
        }
        _ => {
            return Err(Error::invalid(format!("`{part}` is not a part of a time"))
                .hint("Parts are YEAR, QUARTER, MONTH, WEEK, DAY, DAYOFWEEK, DOY, HOUR and MINUTE"));
        }
    };
    call(name, vec![args.remove(1)])
}

/// A text read by a format.
fn parsed(text: Typed, format: &str) -> Result<Typed> {
    let pattern = pattern::format(format)?;
    if let What::Format(pieces) = &pattern.what
        && !is_readable(pieces)
    {
        return Err(Error::invalid(format!("texts cannot be read by the format `{format}`"))
            .hint("For reading there are yyyy, M, MM, d, dd, H, HH, m, mm, s, ss and SSS"));
    }
    let parse = ALL.iter().find(|f| f.name == "parse");
    let parse = parse.ok_or_else(|| Error::internal("there is no function `parse`"))?;
    Ok(Typed::call_with(parse, vec![Want::Text.take(text)?], pattern, Type::Timestamp))
}

fn to_time(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 1, 2)?;
    if args.len() == 2 {
        let format = literal_text(function, &args, 1)?;
        return parsed(args.remove(0), &format);
    }
    args.remove(0).cast(&Type::Timestamp)
}

fn to_date(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 1, 2)?;
    if args.len() == 2 {
        let format = literal_text(function, &args, 1)?;
        return parsed(args.remove(0), &format)?.cast(&Type::Date);
    }
    args.remove(0).cast(&Type::Date)
}

fn formatted(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 2, 2)?;
    let pattern = pattern::format(&literal_text(function, &args, 1)?)?;
    let time = Want::Time.take(args.remove(0))?;
    Ok(Typed::call_with(function, vec![time], pattern, Type::Text))
}

/// How Spark writes and reads times where no format is given.
const FORMAT: &str = "yyyy-MM-dd HH:mm:ss";

fn from_unix(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 1, 2)?;
    if args.len() == 1 {
        args.push(Typed::literal(Value::Text(FORMAT.into()), Type::Text));
    }
    let seconds = Want::Long.take(args.remove(0))?;
    let time = call("TIMESTAMP_SECONDS", vec![seconds])?;
    args.insert(0, time);
    call("DATE_FORMAT", args)
}

fn to_unix(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    if args.is_empty() {
        return Err(Error::invalid(
            "UNIX_TIMESTAMP() is the present, so a feature could not be computed again",
        )
        .hint("Use a column of the row"));
    }
    arity(function, &args, 1, 2)?;
    let is_text = matches!(args[0].ty, Some(Type::Text));
    let format = if args.len() == 2 { literal_text(function, &args, 1)? } else { FORMAT.to_owned() };
    let of = args.remove(0);
    let time = if is_text { parsed(of, &format)? } else { Want::Time.take(of)? };
    call("UNIX_SECONDS", vec![time])
}
