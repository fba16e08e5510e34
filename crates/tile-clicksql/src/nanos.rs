//! Times with seven to nine digits after the point. They rest in DuckDB's `TIMESTAMP_NS`, which ends in 2262 as ClickHouse's
//! `DateTime64(9)` does; nearly everything else here knows microseconds only. A function takes them as they are, or is one
//! whose answer does not depend on what is below a microsecond, or refuses them.

use crate::ast::IntervalUnit;
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::functions::moves;
use crate::typed::Typed;
use crate::types::Type;

/// Functions that know them, or pass them on as they are.
const EXACT: &[&str] = &[
    "CAST",
    "addDays",
    "addHours",
    "addMicroseconds",
    "addMilliseconds",
    "addMinutes",
    "addMonths",
    "addNanoseconds",
    "addQuarters",
    "addSeconds",
    "addWeeks",
    "addYears",
    "age",
    "array",
    "arrayConcat",
    "arrayDistinct",
    "arrayElement",
    "arrayPushBack",
    "arrayReverse",
    "arrayReverseSort",
    "arraySlice",
    "arraySort",
    "arrayZip",
    "assumeNotNull",
    "coalesce",
    "dateDiff",
    "empty",
    "equals",
    "greater",
    "greaterOrEquals",
    "greatest",
    "has",
    "identity",
    "if",
    "ifNull",
    "ignore",
    "indexOf",
    "isConstant",
    "isDistinctFrom",
    "isNotDistinctFrom",
    "isNotNull",
    "isNull",
    "least",
    "length",
    "less",
    "lessOrEquals",
    "map",
    "mapKeys",
    "mapValues",
    "materialize",
    "minus",
    "multiIf",
    "notEmpty",
    "notEquals",
    "nullIf",
    "plus",
    "subtractDays",
    "subtractHours",
    "subtractMicroseconds",
    "subtractMilliseconds",
    "subtractMinutes",
    "subtractMonths",
    "subtractNanoseconds",
    "subtractQuarters",
    "subtractSeconds",
    "subtractWeeks",
    "subtractYears",
    "timestampAdd",
    "timestampSub",
    "toBool",
    "toDate",
    "toDate32",
    "toDateTime",
    "toDateTime64",
    "toFloat64",
    "toInt32",
    "toInt64",
    "toJSONString",
    "toNullable",
    "toString",
    "toTimeZone",
    "toTypeName",
    "toUInt32",
    "toUInt64",
    "toUnixTimestamp64Micro",
    "toUnixTimestamp64Milli",
    "toUnixTimestamp64Nano",
    "tuple",
    "tupleElement",
];

/// Functions whose answer follows from the microseconds.
const COARSE: &[&str] = &[
    "date_trunc",
    "formatDateTime",
    "monthName",
    "toDayOfMonth",
    "toDayOfWeek",
    "toDayOfYear",
    "toHour",
    "toISOWeek",
    "toISOYear",
    "toLastDayOfMonth",
    "toMillisecond",
    "toMinute",
    "toMonday",
    "toMonth",
    "toQuarter",
    "toSecond",
    "toStartOfDay",
    "toStartOfFifteenMinutes",
    "toStartOfFiveMinutes",
    "toStartOfHour",
    "toStartOfInterval",
    "toStartOfMinute",
    "toStartOfMonth",
    "toStartOfQuarter",
    "toStartOfTenMinutes",
    "toStartOfWeek",
    "toStartOfYear",
    "toUnixTimestamp",
    "toWeek",
    "toYYYYMM",
    "toYYYYMMDD",
    "toYYYYMMDDhhmmss",
    "toYear",
    "toYearWeek",
];

/// Aggregate functions that pass them on as they are, or count them.
const AGGREGATES: &[&str] =
    &["any", "anyLast", "argMax", "argMin", "count", "groupArray", "max", "min", "uniqExact"];

impl Type {
    /// Whether it is a time with parts of microseconds.
    pub const fn is_nanos(&self) -> bool {
        matches!(self, Self::DateTime64(7.., _))
    }

    /// Whether there are such times in its values.
    pub fn has_nanos(&self) -> bool {
        match self {
            Self::Array(item) => item.has_nanos(),
            Self::Map(key, value) => key.has_nanos() || value.has_nanos(),
            Self::Tuple(elements) => elements.iter().any(|(_, t)| t.has_nanos()),
            Self::Nullable(inner) | Self::LowCardinality(inner) => inner.has_nanos(),
            Self::SimpleAggregateFunction(state) | Self::AggregateFunction(state) => {
                state.args.iter().any(Self::has_nanos)
            }
            other => other.is_nanos(),
        }
    }
}

fn refused(what: &str) -> SqlError {
    SqlError::new(Code::Unsupported, format!("{what} of times with more than 6 digits is not supported"))
}

/// An argument as a function takes it.
pub fn argument(function: &str, x: Typed) -> Result<Typed> {
    if !x.ty.has_nanos() || EXACT.contains(&function) {
        return Ok(x);
    }
    if COARSE.contains(&function) && x.ty.plain().is_nanos() {
        let ty = if x.ty.is_nullable() { micros_type(&x.ty).nullable() } else { micros_type(&x.ty) };
        return Ok(Typed { sql: micros(&x.sql), ty, ..x });
    }
    Err(refused(&format!("`{function}`")))
}

/// Whether an aggregate function takes arguments of these types.
pub fn check_aggregate(function: &str, args: &[Typed]) -> Result<()> {
    if args.iter().any(|a| a.ty.has_nanos()) && !AGGREGATES.contains(&function) {
        return Err(refused(&format!("`{function}`")));
    }
    Ok(())
}

fn micros_type(ty: &Type) -> Type {
    Type::DateTime64(6, ty.plain().zone().map(str::to_owned))
}

/// The nanoseconds since the last whole microsecond.
fn rest(sql: &str) -> String {
    format!("((epoch_ns({sql}) % 1000 + 1000) % 1000)")
}

/// The last whole microsecond.
fn micros(sql: &str) -> String {
    format!("make_timestamp((epoch_ns({sql}) - {}) // 1000)", rest(sql))
}

/// From nanoseconds since 1970.
fn made(nanos: &str, digits: u8) -> String {
    match digits {
        9.. => format!("make_timestamp_ns({nanos})"),
        _ => {
            let unit = 10_u32.pow(9 - u32::from(digits));
            format!("make_timestamp_ns({nanos} // {unit} * {unit})")
        }
    }
}

/// A time of microseconds with what its text has beyond them.
pub fn read(micros: &str, text: &str, digits: u8) -> String {
    let unit = 10_u32.pow(9 - u32::from(digits));
    let tail = format!("rpad(regexp_extract({text}, '[.][0-9]{{6}}([0-9]{{1,3}})', 1), 3, '0')");
    format!("make_timestamp_ns(epoch_us({micros}) * 1000 + CAST({tail} AS BIGINT) // {unit} * {unit})")
}

/// The text of such a time.
pub fn text(sql: &str, zone: Option<&str>, digits: u8) -> String {
    let zone = duck::text(zone.unwrap_or("UTC"));
    let tail = format!("lpad(CAST({} AS VARCHAR), 3, '0')", rest(sql));
    let tail = if digits < 9 { format!("left({tail}, {})", digits - 6) } else { tail };
    format!("(ch_micros_text({}, CAST(6 AS INTEGER), {zone}) || {tail})", micros(sql))
}

/// A time or a day in the form of a type with so many digits.
pub fn widened(sql: &str) -> String {
    format!("CAST({sql} AS TIMESTAMP_NS)")
}

/// Such a time as a value of another type; `None` where microseconds decide.
pub fn cast(x: &Typed, to: &Type) -> Result<Option<String>> {
    let Type::DateTime64(have, _) = x.ty else { return Ok(None) };
    Ok(match to {
        Type::DateTime64(digits, _) if *digits >= have => Some(x.sql.clone()),
        Type::DateTime64(digits @ 7.., _) => Some(made(&format!("epoch_ns({})", x.sql), *digits)),
        Type::DateTime64(digits, _) => {
            let (cut, unit) = (10_u64.pow(9 - u32::from(*digits)), 10_u64.pow(6 - u32::from(*digits)));
            Some(format!("make_timestamp(epoch_ns({}) // {cut} * {unit})", x.sql))
        }
        other if other.is_integer() && *other != Type::Bool => {
            Some(format!("CAST(epoch_ns({}) // 1000000000 AS {})", x.sql, duck::type_of(other)?))
        }
        Type::Float64 => Some(format!("(CAST(epoch_ns({}) AS DOUBLE) / 1e9)", x.sql)),
        Type::String => None,
        other if other.is_decimal() || other.is_float() => {
            return Err(refused(&format!("the conversion to `{other}`")));
        }
        _ => None,
    })
}

/// The value as one of microseconds, for all that does not ask for more.
pub fn cut(x: &Typed) -> Typed {
    Typed { sql: micros(&x.sql), ty: micros_type(&x.ty), ..x.clone() }
}

/// A float of seconds as such a time.
pub fn of_float(sql: &str, digits: u8) -> String {
    let unit = 10_u32.pow(9 - u32::from(digits));
    format!("make_timestamp_ns(CAST(trunc({sql} * 1e{digits}) AS BIGINT) * {unit})")
}

/// A time some intervals later or earlier, one of both of nanoseconds.
pub fn shifted(x: &Typed, n: &Typed, unit: IntervalUnit, sign: &str) -> Result<Typed> {
    if unit == IntervalUnit::Nanosecond {
        if !x.ty.is_time() {
            return Err(SqlError::new(Code::IllegalType, format!("a `{}` has no parts of a second", x.ty)));
        }
        let form = if x.ty.is_nanos() { x.sql.clone() } else { widened(&x.sql) };
        let ty = Type::DateTime64(9, x.ty.zone().map(str::to_owned));
        return Ok(Typed::new(format!("make_timestamp_ns(epoch_ns({form}) {sign} {})", n.sql), ty));
    }
    let moved = moves::shifted(&cut(x), n, unit, sign)?;
    Ok(Typed::new(rejoined(&moved.sql, &x.sql), x.ty.clone()))
}

/// The same for a count of seconds.
pub fn counted(x: &Typed, n: &Typed, sign: &str) -> Result<Typed> {
    let moved = moves::counted(&cut(x), n, sign)?;
    Ok(Typed::new(rejoined(&moved.sql, &x.sql), x.ty.clone()))
}

fn rejoined(micros: &str, of: &str) -> String {
    format!("make_timestamp_ns(epoch_us({micros}) * 1000 + {})", rest(of))
}

/// The seconds between two times.
pub fn elapsed(x: &Typed, y: &Typed, digits: u8) -> String {
    let nanos = format!("CAST(epoch_ns({}) - epoch_ns({}) AS DECIMAL(28, 0))", x.sql, y.sql);
    format!("CAST({nanos} * CAST('0.000000001' AS DECIMAL(10, 9)) AS DECIMAL(18, {digits}))")
}
