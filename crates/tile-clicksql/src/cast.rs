//! Conversions: widening to a common type, and `CAST` with its kin.

use crate::borders;
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::nanos;
use crate::typed::{Constant, Typed};
use crate::types::Type;

/// The value in the form of `to`, which holds all values of its type.
pub fn widen(from: &Typed, to: &Type) -> Result<String> {
    let (have, want) = (from.ty.without_dictionary(), to.without_dictionary());
    if have == want && !from.is_condition {
        return Ok(from.sql.clone());
    }
    if from.is_null() {
        return if *want == Type::Dynamic {
            duck::default_of(want)
        } else {
            Ok(format!("CAST(NULL AS {})", duck::type_of(want)?))
        };
    }
    let (plain, target) = (have.plain(), want.plain());
    if target.is_variant() {
        return crate::variant::widened(from, target);
    }
    if from.is_condition && *target == Type::Bool {
        return Ok(from.sql.clone());
    }
    if plain == target {
        return Ok(from.value());
    }
    if duck::type_of(plain)? == duck::type_of(target)?
        && !matches!(plain, Type::Array(_) | Type::Tuple(_) | Type::Map(..))
    {
        return Ok(from.value());
    }
    convert(&from.value(), plain, target)
}

fn refused(from: &Type, to: &Type) -> SqlError {
    SqlError::new(Code::Unsupported, format!("the conversion of `{from}` to `{to}` is not supported"))
}

/// A lossless or at least legal conversion of plain types, as implicit conversions do it.
fn convert(sql: &str, from: &Type, to: &Type) -> Result<String> {
    let plain = || duck::type_of(to).map(|t| format!("CAST({sql} AS {t})"));
    match (from, to) {
        (_, Type::DateTime64(digits @ 7.., zone)) if from.is_date() || from.is_time() => {
            let ty = Type::DateTime64((*digits).min(6), zone.clone());
            Ok(nanos::widened(&if from.is_time() { sql.to_owned() } else { convert(sql, from, &ty)? }))
        }
        (Type::Date | Type::Date32, Type::DateTime(zone) | Type::DateTime64(_, zone)) => {
            // Beside a `DateTime` a later `Date` is now this, now that moment there.
            let found = midnight(sql, zone.as_deref());
            let found = match to {
                Type::DateTime(_) if *from == Type::Date => {
                    borders::from_first_midnight(&found, zone.as_deref())
                }
                _ => found,
            };
            Ok(borders::within(&found, to))
        }
        (Type::Array(a), Type::Array(b)) => {
            let item = Typed::new("x_", (**a).clone());
            Ok(format!("list_transform({sql}, lambda x_: {})", widen(&item, b)?))
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
            let items = a.iter().zip(b).enumerate().map(|(i, ((_, x), (_, y)))| {
                let item = Typed::new(format!("struct_extract({sql}, '{}')", i + 1), x.clone());
                widen(&item, y).map(|s| format!("\"{}\" := {s}", i + 1))
            });
            Ok(format!("struct_pack({})", items.collect::<Result<Vec<_>>>()?.join(", ")))
        }
        (Type::Map(..), Type::Map(..)) => plain(),
        (Type::Nothing, _) => plain(),
        _ if from.is_number() && to.is_number() => plain(),
        (Type::Bool, _) if to.is_number() => plain(),
        (Type::Enum(..) | Type::FixedString(_), Type::String) => Ok(sql.to_owned()),
        (_, Type::String) if from.is_text() => Ok(sql.to_owned()),
        _ => Err(refused(from, to)),
    }
}

/// The start of a day in a time zone, as UTC.
pub fn midnight(sql: &str, zone: Option<&str>) -> String {
    match zone {
        Some(zone) if !is_utc(zone) => format!("ch_date_midnight({sql}, {})", duck::text(zone)),
        _ => format!("CAST({sql} AS TIMESTAMP)"),
    }
}

/// Zones that are UTC under another name.
pub fn is_utc(zone: &str) -> bool {
    matches!(
        zone,
        "UTC" | "Etc/UTC" | "GMT" | "Etc/GMT" | "Universal" | "Zulu" | "Etc/Universal" | "Etc/Zulu" | ""
    )
}

/// `CAST(x AS to)`: numbers wrap and truncate, texts are read.
pub fn cast(scope: &crate::resolve::Scope<'_, '_>, from: &Typed, to: &Type) -> Result<Typed> {
    let (zoned, target) = (in_zone_of(&from.ty, to), to.plain());
    let to = zoned.as_ref().unwrap_or(to);
    let nullable = from.ty.is_nullable();
    if from.is_null() {
        if !to.is_nullable() {
            return Err(SqlError::new(Code::TypeMismatch, format!("NULL cannot become `{to}`")));
        }
        return Ok(Typed {
            is_constant: true,
            ..Typed::new(format!("CAST(NULL AS {})", duck::type_of(to)?), to.clone())
        });
    }
    if from.ty.is_variant() {
        return crate::variant::cast(scope, from, to);
    }
    if *from.ty.plain() == Type::Dynamic {
        return crate::dynamic::cast(scope, from, to);
    }
    let plain = Typed { ty: from.ty.plain().clone(), ..from.clone() };
    let mut sql = convert_to(scope, &plain, target)?;
    if nullable && !to.is_nullable() && to.can_be_nullable() {
        // There it is an error for a NULL to lose its type.
        sql = format!(
            "CASE WHEN {} IS NULL THEN error('Cannot convert NULL value to non-Nullable type') ELSE {sql} END",
            from.sql
        );
    }
    let mut out = Typed::new(sql, to.clone());
    out.is_constant = from.is_constant;
    out.constant = whole(from, target).map(Constant::Int);
    Ok(out)
}

/// A time's type that names no zone, with the one of the time that is converted to it.
fn in_zone_of(from: &Type, to: &Type) -> Option<Type> {
    let zone = from.plain().zone()?.to_owned();
    Some(match to {
        Type::Nullable(inner) => in_zone_of(from, inner)?.nullable(),
        Type::DateTime(None) => Type::DateTime(Some(zone)),
        Type::DateTime64(digits, None) => Type::DateTime64(*digits, Some(zone)),
        _ => return None,
    })
}

/// The whole number that a constant is as another type, where it keeps its value.
fn whole(from: &Typed, to: &Type) -> Option<i128> {
    let (bits, signed) = to.integer().filter(|(bits, _)| *bits <= 64 && *to != Type::Bool)?;
    let value = from.int().or_else(|| from.text()?.parse().ok())?;
    let (first, last) =
        if signed { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) } else { (0, (1 << bits) - 1) };
    (first..=last).contains(&value).then_some(value)
}

fn convert_to(scope: &crate::resolve::Scope<'_, '_>, x: &Typed, to: &Type) -> Result<String> {
    let from = &x.ty;
    if from == to {
        return Ok(x.value());
    }
    if from.is_nanos() {
        return match nanos::cast(x, to)? {
            Some(sql) => Ok(sql),
            None if *to == Type::String => text_of(x),
            None => convert_to(scope, &nanos::cut(x), to),
        };
    }
    if to.is_nanos() {
        return to_nanos(scope, x, to);
    }
    match (from, to) {
        (Type::Nothing, _) => Ok(format!("CAST({} AS {})", x.sql, duck::type_of(to)?)),
        (Type::Map(..), Type::Map(..)) => Ok(format!("CAST({} AS {})", x.sql, duck::type_of(to)?)),
        (Type::Array(a), Type::Array(b)) => {
            let item = Typed::new("y_", (**a).clone());
            Ok(format!("list_transform({}, lambda y_: {})", x.sql, cast(scope, &item, b)?.value()))
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
            let items = a.iter().zip(b).enumerate().map(|(i, ((_, s), (_, t)))| {
                let item = Typed::new(format!("struct_extract({}, '{}')", x.sql, i + 1), s.clone());
                cast(scope, &item, t).map(|c| format!("\"{}\" := {}", i + 1, c.value()))
            });
            Ok(format!("struct_pack({})", items.collect::<Result<Vec<_>>>()?.join(", ")))
        }
        (_, Type::Bool) if from.is_number() => Ok(format!("({} <> 0)", x.value())),
        (t, Type::Bool) if t.is_date() || t.is_time() => {
            Ok(format!("({} <> {})", x.sql, duck::default_of(from)?))
        }
        _ if from.is_number() && to.is_integer() => to_integer(x, to),
        _ if from.is_number() && (to.is_float() || to.is_decimal()) => to_fraction(x, to),
        (_, Type::String) => text_of(x),
        (Type::String, _) => from_text(x, to),
        (_, Type::Date | Type::Date32) => to_date(x, to),
        (_, Type::DateTime(_)) => {
            let sql = to_time(x, to, 0)?;
            // Numbers stop at the ends, dates and times run around.
            Ok(if from.is_number() { borders::clamped(&sql, to) } else { borders::wrapped(&sql, to) })
        }
        (_, Type::DateTime64(digits, _)) => to_time(x, to, *digits),
        (Type::Date | Type::Date32, _) if to.is_integer() => {
            wrap(&format!("CAST({} - DATE '1970-01-01' AS HUGEINT)", x.sql), to)
        }
        (Type::DateTime(_), _) if to.is_integer() => {
            wrap(&format!("CAST(epoch_us({}) // 1000000 AS HUGEINT)", x.sql), to)
        }
        // Out of range is an error for this type alone.
        (Type::DateTime64(..), _) if to.is_integer() => {
            Ok(format!("CAST(epoch_us({}) // 1000000 AS {})", x.sql, duck::type_of(to)?))
        }
        (Type::DateTime(_), _) if to.is_float() => {
            Ok(format!("CAST(epoch_us({}) // 1000000 AS {})", x.sql, duck::type_of(to)?))
        }
        (Type::DateTime64(..), _) if to.is_float() => {
            Ok(format!("CAST(epoch_us({}) / 1000000.0 AS {})", x.sql, duck::type_of(to)?))
        }
        (Type::Enum(_, names), _) if to.is_number() => {
            let cases: Vec<String> =
                names.iter().map(|(n, v)| format!("WHEN {} THEN {v}", duck::text(n))).collect();
            Ok(format!("CAST(CASE {} {} END AS {})", x.sql, cases.join(" "), duck::type_of(to)?))
        }
        _ => Err(refused(from, to)),
    }
}

fn to_nanos(scope: &crate::resolve::Scope<'_, '_>, x: &Typed, to: &Type) -> Result<String> {
    let Type::DateTime64(digits, zone) = to else { return Err(refused(&x.ty, to)) };
    let coarse = convert_to(scope, x, &Type::DateTime64(6, zone.clone()));
    match &x.ty {
        Type::Float64 => Ok(nanos::of_float(&x.value(), *digits)),
        Type::String => Ok(nanos::read(&coarse?, &x.value(), *digits)),
        from if from.is_date() || from.is_time() || from.is_integer() => Ok(nanos::widened(&coarse?)),
        from => Err(refused(from, to)),
    }
}

/// Whole numbers keep their low bits, fractions lose what is after the point.
fn to_integer(x: &Typed, to: &Type) -> Result<String> {
    let form = duck::type_of(to)?;
    if let (Some((b, s)), Some((c, t))) = (x.ty.integer(), to.integer()) {
        let fits = if s == t { b <= c } else { !s && b < c };
        if fits {
            return Ok(format!("CAST({} AS {form})", x.value()));
        }
        return wrap(&format!("CAST({} AS HUGEINT)", x.value()), to);
    }
    if x.ty.is_decimal() {
        return Ok(format!("CAST(trunc({}) AS {form})", x.value()));
    }
    match to.integer() {
        Some((bits @ 8..=64, signed)) => {
            Ok(format!("ch_wrap_f64_{}{bits}(CAST({} AS DOUBLE))", if signed { 'i' } else { 'u' }, x.value()))
        }
        _ => Ok(format!("CAST(trunc(CAST({} AS DOUBLE)) AS {form})", x.value())),
    }
}

/// The low bits of a HUGEINT as a value of an integer type.
fn wrap(sql: &str, to: &Type) -> Result<String> {
    let form = duck::type_of(to)?;
    Ok(match to.integer() {
        Some((64, _)) => crate::functions::numbers::wrapped(sql, to),
        Some((bits, false)) if bits < 64 => format!("CAST({sql} & {} AS {form})", (1u64 << bits) - 1),
        Some((bits, true)) if bits < 64 => {
            let half = 1u64 << (bits - 1);
            format!("CAST((({sql} + {half}) & {}) - {half} AS {form})", (1u64 << bits) - 1)
        }
        _ => format!("CAST({sql} AS {form})"),
    })
}

fn to_fraction(x: &Typed, to: &Type) -> Result<String> {
    let form = duck::type_of(to)?;
    if to.is_decimal() && x.ty.is_float() {
        let Type::Decimal(_, s) = to else { return Err(refused(&x.ty, to)) };
        return Ok(format!(
            "CAST(trunc({} * CAST('1e{s}' AS DOUBLE)) / CAST('1e{s}' AS DOUBLE) AS {form})",
            x.value()
        ));
    }
    if *to == Type::Float64
        && let Some(sql) = crate::functions::decimal_as_float(x)
    {
        return Ok(sql);
    }
    if let (Type::Decimal(_, have), Type::Decimal(_, want)) = (&x.ty, to)
        && have > want
    {
        return Ok(format!("CAST({} AS {form})", cut(&format!("CAST({} AS VARCHAR)", x.value()), *want)));
    }
    Ok(format!("CAST({} AS {form})", x.value()))
}

/// The text of a number without the digits that are too many after its point.
fn cut(sql: &str, digits: u8) -> String {
    format!("regexp_replace({sql}, '^([^.eE]*\\.[0-9]{{{digits}}})[0-9]+$', '\\1')")
}

/// The text form of a value.
pub fn text_of(x: &Typed) -> Result<String> {
    let sql = x.value();
    Ok(match &x.ty {
        Type::String | Type::Enum(..) | Type::Ipv6 => sql,
        Type::Ipv4 => format!("ch_ipv4_num_to_string({sql})"),
        Type::Json => format!("ch_json_shown({sql})"),
        Type::Dynamic => format!("coalesce(ch_dynamic_text({sql}), '')"),
        Type::FixedString(_) => format!("rtrim({sql}, chr(0))"),
        Type::Bool
        | Type::UInt(_)
        | Type::Int(_)
        | Type::Date
        | Type::Date32
        | Type::Uuid
        | Type::Interval(_) => {
            format!("CAST({sql} AS VARCHAR)")
        }
        Type::Float64 => format!("ch_f64_text({sql})"),
        Type::Float32 => format!("ch_f32_text({sql})"),
        Type::Decimal(_, 0) => format!("CAST({sql} AS VARCHAR)"),
        Type::Decimal(..) => format!("rtrim(rtrim(CAST({sql} AS VARCHAR), '0'), '.')"),
        Type::DateTime(zone) => time_text(&sql, zone.as_deref(), 0),
        Type::DateTime64(digits @ 7.., zone) => nanos::text(&sql, zone.as_deref(), *digits),
        Type::DateTime64(digits, zone) => time_text(&sql, zone.as_deref(), *digits),
        other => match crate::shown::compound(x)? {
            Some(text) => text,
            None => return Err(refused(other, &Type::String)),
        },
    })
}

fn time_text(sql: &str, zone: Option<&str>, digits: u8) -> String {
    let zone = zone.unwrap_or("UTC");
    format!("ch_micros_text({sql}, CAST({digits} AS INTEGER), {})", duck::text(zone))
}

/// Reads a text strictly.
fn from_text(x: &Typed, to: &Type) -> Result<String> {
    if let Some(literal) = x.text().and_then(|text| plain_literal(text, to)) {
        return Ok(literal);
    }
    let sql = x.value();
    Ok(match to {
        Type::UInt(bits @ 8..=64) => format!("ch_text_u{bits}({sql})"),
        Type::Int(bits @ 8..=64) => format!("ch_text_i{bits}({sql})"),
        Type::Float64 => format!("ch_text_f64({sql})"),
        Type::Float32 => format!("CAST(ch_text_f64({sql}) AS FLOAT)"),
        Type::Decimal(_, digits) => format!("CAST({} AS {})", cut(&sql, *digits), duck::type_of(to)?),
        Type::Bool => format!("CAST({sql} AS BOOLEAN)"),
        Type::Date => format!("ch_text_date({sql})"),
        Type::Date32 => format!("ch_text_date32({sql})"),
        Type::DateTime(zone) => best_effort(&sql, -1, zone.as_deref()),
        Type::DateTime64(digits, zone) => best_effort(&sql, i32::from(*digits), zone.as_deref()),
        Type::Uuid => format!("CAST({sql} AS UUID)"),
        Type::Json => format!("ch_json_of_text({sql})"),
        Type::Ipv4 => format!("ch_ipv4_string_to_num({sql})"),
        Type::Ipv6 => format!("ch_to_ipv6({sql})"),
        Type::FixedString(n) => format!(
            "CASE WHEN strlen({sql}) > {n} THEN error('String too long for type FixedString({n})') ELSE {sql} || \
             repeat(chr(0), {n} - strlen({sql})) END"
        ),
        Type::Enum(_, names) => {
            let known: Vec<String> = names.iter().map(|(n, _)| duck::text(n)).collect();
            format!(
                "CASE WHEN {sql} IN ({}) THEN {sql} ELSE error('Unknown element of Enum') END",
                known.join(", ")
            )
        }
        _ => return Err(refused(&x.ty, to)),
    })
}

/// A text of the usual form as a literal of DuckDB, which knows then what to skip; `None` for all other forms.
fn plain_literal(text: &str, to: &Type) -> Option<String> {
    let digits = |from: usize, to: usize| {
        let part = text.get(from..to)?;
        part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<u32>().ok()).flatten()
    };
    let day = text.get(..10)?;
    let (year, month, date) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    // Days that every month has, in the years that both types have.
    let is_day = (1971..=2105).contains(&year)
        && (1..=12).contains(&month)
        && (1..=28).contains(&date)
        && day.as_bytes()[4] == b'-'
        && day.as_bytes()[7] == b'-';
    if !is_day {
        return None;
    }
    match (to, text.len()) {
        (Type::Date | Type::Date32, 10) => Some(format!("DATE '{day}'")),
        (Type::DateTime(zone) | Type::DateTime64(_, zone), 10 | 19) if zone.as_deref().is_none_or(is_utc) => {
            if text.len() == 10 {
                return Some(format!("TIMESTAMP '{day} 00:00:00'"));
            }
            let (hour, minute, second) = (digits(11, 13)?, digits(14, 16)?, digits(17, 19)?);
            let bytes = text.as_bytes();
            let is_time = hour < 24
                && minute < 60
                && second < 60
                && bytes[10] == b' '
                && bytes[13] == b':'
                && bytes[16] == b':';
            is_time.then(|| format!("TIMESTAMP '{text}'"))
        }
        _ => None,
    }
}

/// The UTC time that a text tells, NULL when it tells none.
pub fn time_of(sql: &str, digits: u8, zone: Option<&str>) -> String {
    format!("ch_text_micros_or_null({sql}, CAST({digits} AS INTEGER), {})", duck::text(zone.unwrap_or("UTC")))
}

/// The day of the query, which a time without a year is read by.
pub const TODAY: &str = "CAST(CAST(make_timestamp(epoch_us(now())) AS DATE) - DATE '1970-01-01' AS INTEGER)";

/// The default way to read times since 26.9: any usual notation.
fn best_effort(sql: &str, scale: i32, zone: Option<&str>) -> String {
    let zone = duck::text(zone.unwrap_or("UTC"));
    format!("ch_parse_best_effort({sql}, CAST({scale} AS INTEGER), {zone}, {TODAY})")
}

/// Digits beyond the type's are cut off, before 1970 towards it.
pub fn truncated(sql: &str, digits: u8) -> String {
    match digits {
        6.. => sql.to_owned(),
        n => {
            let unit = 10i64.pow(u32::from(6 - n));
            format!("make_timestamp(epoch_us({sql}) // {unit} * {unit})")
        }
    }
}

fn to_date(x: &Typed, to: &Type) -> Result<String> {
    let sql = match &x.ty {
        Type::Date | Type::Date32 => x.sql.clone(),
        Type::DateTime(zone) | Type::DateTime64(_, zone) => match zone {
            Some(zone) if !is_utc(zone) => format!("ch_to_date({}, {})", x.sql, duck::text(zone)),
            _ if matches!(x.ty, Type::DateTime64(..)) && *to == Type::Date => {
                format!("CAST({} AS DATE)", truncated(&x.sql, 0))
            }
            _ => format!("CAST({} AS DATE)", x.sql),
        },
        t if t.is_number() => return Ok(day_or_second(x, to)),
        other => return Err(refused(other, to)),
    };
    Ok(if x.ty == Type::Date { sql } else { borders::wrapped(&sql, to) })
}

/// A small number is a day, a large one a second; both stop at the ends.
fn day_or_second(x: &Typed, to: &Type) -> String {
    let n = if x.ty.is_integer() {
        format!("CAST({} AS HUGEINT)", x.value())
    } else {
        format!("trunc(CAST({} AS DOUBLE))", x.value())
    };
    let (first, last) = if *to == Type::Date { (0, 65_535) } else { (-719_528, 2_932_896) };
    let last_second = if *to == Type::Date { 4_294_967_295_i64 } else { 253_402_300_799 };
    format!(
        "CASE WHEN {n} IS NULL THEN NULL WHEN {n} < {first} THEN DATE '1970-01-01' + ({first}) WHEN {n} <= {last} THEN DATE '1970-01-01' + CAST({n} AS \
         INTEGER) ELSE CAST(make_timestamp(CAST(least({n}, {last_second}) AS BIGINT) * 1000000) AS DATE) END"
    )
}

fn to_time(x: &Typed, to: &Type, digits: u8) -> Result<String> {
    Ok(match &x.ty {
        Type::Date if matches!(to, Type::DateTime(_)) => {
            borders::from_first_midnight(&midnight(&x.sql, to.zone()), to.zone())
        }
        Type::Date | Type::Date32 => midnight(&x.sql, to.zone()),
        Type::DateTime(_) => x.sql.clone(),
        Type::DateTime64(have, _) if *have <= digits => x.sql.clone(),
        Type::DateTime64(..) if matches!(to, Type::DateTime(_)) => format!("date_trunc('second', {})", x.sql),
        Type::DateTime64(..) => truncated(&x.sql, digits),
        Type::Bool => format!("make_timestamp(CAST({} AS BIGINT) * 1000000)", x.sql),
        t if t.is_integer() => seconds_of(x),
        t if t.is_decimal() => {
            let (scale, unit) =
                (10i64.pow(u32::from(digits.min(6))), 10i64.pow(6 - u32::from(digits.min(6))));
            let n = format!("trunc(CAST({} AS DECIMAL(38, 6)) * {scale})", x.value());
            format!("make_timestamp(CAST({n} AS BIGINT) * {unit})")
        }
        t if t.is_number() => truncated(
            &format!("make_timestamp(CAST(floor(CAST({} AS DOUBLE) * 1000000) AS BIGINT))", x.value()),
            digits,
        ),
        other => return Err(refused(other, to)),
    })
}

/// A count of seconds as a time, within what both know.
fn seconds_of(x: &Typed) -> String {
    let n = x.value();
    match x.ty.integer() {
        Some((bits, _)) if bits <= 32 => format!("make_timestamp(CAST({n} AS BIGINT) * 1000000)"),
        // `least` passes over a NULL.
        _ => format!(
            "CASE WHEN {n} IS NULL THEN NULL ELSE make_timestamp(CAST(least(greatest({n}, -62167219200), 253402300799) AS \
             BIGINT) * 1000000) END"
        ),
    }
}

/// A value of a set as one of the type beside IN; NULL where it cannot become one.
pub fn in_set(x: &Typed, to: &Type) -> Option<Typed> {
    if *x.ty.plain() != Type::String {
        return None;
    }
    let text = x.value();
    let sql = match to.plain() {
        Type::Uuid => format!("CAST(ch_to_uuid_or_null({text}) AS UUID)"),
        Type::UInt(bits @ 8..=64) => format!("ch_text_u{bits}_or_null({text})"),
        Type::Int(bits @ 8..=64) => format!("ch_text_i{bits}_or_null({text})"),
        Type::Date => format!("ch_text_date_or_null({text})"),
        _ => return None,
    };
    Some(Typed::new(sql, to.plain().clone().nullable()))
}
