//! Conversions: widening to a common type, and `CAST` with its kin.

use crate::duck;
use crate::error::{Code, Result, SqlError};
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
        (Type::Date | Type::Date32, Type::DateTime(zone) | Type::DateTime64(_, zone)) => {
            Ok(midnight(sql, zone.as_deref()))
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
    let target = to.plain();
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
        _ if from.is_number() && to.is_integer() => to_integer(x, to),
        _ if from.is_number() && (to.is_float() || to.is_decimal()) => to_fraction(x, to),
        (_, Type::String) => text_of(x),
        (Type::String, _) => from_text(x, to),
        (_, Type::Date | Type::Date32) => to_date(x, to),
        (_, Type::DateTime(_)) => to_time(x, to, 0),
        (_, Type::DateTime64(digits, _)) => to_time(x, to, *digits),
        (Type::Date | Type::Date32, _) if to.is_integer() => {
            wrap(&format!("CAST({} - DATE '1970-01-01' AS HUGEINT)", x.sql), to)
        }
        (Type::DateTime(_) | Type::DateTime64(..), _) if to.is_integer() => {
            wrap(&format!("CAST(floor(epoch_us({}) / 1000000.0) AS HUGEINT)", x.sql), to)
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
    if let (Type::Decimal(_, have), Type::Decimal(_, want)) = (&x.ty, to)
        && want < have
    {
        return Ok(cut_decimal(&format!("CAST({} AS VARCHAR)", x.value()), *want, &form));
    }
    Ok(format!("CAST({} AS {form})", x.value()))
}

/// The decimal that a text tells, with the digits beyond the scale cut off.
fn cut_decimal(text: &str, scale: u8, form: &str) -> String {
    format!(
        "CAST(CASE WHEN regexp_matches({text}, '[eE]') THEN error('decimals with an exponent are not supported') \
         ELSE regexp_replace({text}, '(\\.\\d{{{scale}}})\\d+', '\\1') END AS {form})"
    )
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
        Type::Bool => format!("CASE WHEN {sql} THEN 'true' ELSE 'false' END"),
        Type::UInt(_) | Type::Int(_) | Type::Date | Type::Date32 | Type::Uuid | Type::Interval(_) => {
            format!("CAST({sql} AS VARCHAR)")
        }
        Type::Float64 => format!("ch_f64_text({sql})"),
        Type::Float32 => format!("ch_f32_text({sql})"),
        Type::Decimal(_, 0) => format!("CAST({sql} AS VARCHAR)"),
        Type::Decimal(..) => format!("rtrim(rtrim(CAST({sql} AS VARCHAR), '0'), '.')"),
        Type::DateTime(zone) => time_text(&sql, zone.as_deref(), 0),
        Type::DateTime64(digits, zone) => time_text(&sql, zone.as_deref(), *digits),
        other => return Err(refused(other, &Type::String)),
    })
}

fn time_text(sql: &str, zone: Option<&str>, digits: u8) -> String {
    let zone = zone.unwrap_or("UTC");
    format!("ch_micros_text({sql}, CAST({digits} AS INTEGER), {})", duck::text(zone))
}

/// Reads a text strictly.
fn from_text(x: &Typed, to: &Type) -> Result<String> {
    let sql = x.value();
    Ok(match to {
        Type::UInt(bits @ 8..=64) => format!("ch_text_u{bits}({sql})"),
        Type::Int(bits @ 8..=64) => format!("ch_text_i{bits}({sql})"),
        Type::Float64 => format!("ch_text_f64({sql})"),
        Type::Float32 => format!("CAST(ch_text_f64({sql}) AS FLOAT)"),
        Type::Decimal(_, scale) => cut_decimal(&sql, *scale, &duck::type_of(to)?),
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
            "CASE WHEN strlen({sql}) > {n} THEN error('String too long for type FixedString({n})') \
             ELSE {sql} || repeat(chr(0), {n} - strlen({sql})) END"
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

/// The UTC time that a text tells, NULL when it tells none.
pub fn time_of(sql: &str, digits: u8, zone: Option<&str>) -> String {
    format!("ch_text_micros_or_null({sql}, CAST({digits} AS INTEGER), {})", duck::text(zone.unwrap_or("UTC")))
}

/// The default way to read times since 26.9: any usual notation.
fn best_effort(sql: &str, scale: i32, zone: Option<&str>) -> String {
    format!("ch_parse_best_effort({sql}, CAST({scale} AS INTEGER), {})", duck::text(zone.unwrap_or("UTC")))
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

/// The first and the last moment of a DateTime, and the first one after the last day of a Date.
const EPOCH: &str = "TIMESTAMP '1970-01-01'";
const LAST_SECOND: &str = "TIMESTAMP '2106-02-07 06:28:15.999999'";

/// Days outside of a Date's range come back at its other end.
fn wrapped_date(day: &str) -> String {
    format!(
        "CASE WHEN {day} BETWEEN DATE '1970-01-01' AND DATE '2149-06-06' THEN {day} \
         ELSE DATE '1970-01-01' + CAST(CAST({day} - DATE '1970-01-01' AS BIGINT) & 65535 AS INTEGER) END"
    )
}

/// Seconds outside of a DateTime's range come back at its other end.
fn wrapped_time(time: &str) -> String {
    format!(
        "CASE WHEN {time} BETWEEN {EPOCH} AND {LAST_SECOND} THEN date_trunc('second', {time}) \
         ELSE make_timestamp((epoch_us(date_trunc('second', {time})) // 1000000 & 4294967295) * 1000000) END"
    )
}

fn to_date(x: &Typed, to: &Type) -> Result<String> {
    let wide = *to == Type::Date32;
    Ok(match &x.ty {
        Type::Date32 if !wide => wrapped_date(&x.sql),
        Type::Date | Type::Date32 => x.sql.clone(),
        Type::DateTime(zone) | Type::DateTime64(_, zone) => match zone {
            Some(zone) if !is_utc(zone) => format!("ch_to_date({}, {})", x.sql, duck::text(zone)),
            _ if matches!(x.ty, Type::DateTime(_)) || wide => format!("CAST({} AS DATE)", x.sql),
            // Before 1970 a fraction is cut off towards 1970.
            _ => format!(
                "CASE WHEN {0} >= {EPOCH} THEN {1} ELSE {2} END",
                x.sql,
                wrapped_date(&format!("CAST({} AS DATE)", x.sql)),
                wrapped_date(&format!("CAST({} AS DATE)", truncated(&x.sql, 0)))
            ),
        },
        t if t.is_number() => number_date(x, wide),
        other => return Err(refused(other, to)),
    })
}

/// A number, or the bound that it is beyond; NULL stays.
fn within(n: &str, least: &str, most: &str) -> String {
    format!("CASE WHEN {n} < {least} THEN {least} WHEN {n} > {most} THEN {most} ELSE {n} END")
}

/// Small numbers are days, large ones seconds, and both end where the type ends.
fn number_date(x: &Typed, wide: bool) -> String {
    let value = if x.ty == Type::Bool { format!("CAST({} AS UTINYINT)", x.sql) } else { x.value() };
    let n = if x.ty.is_integer() {
        format!("CAST({value} AS HUGEINT)")
    } else {
        format!("CAST(trunc({}) AS HUGEINT)", within(&format!("CAST({value} AS DOUBLE)"), "-1e18", "1e18"))
    };
    let (first, last) = if wide { (-25_567, 120_529) } else { (0, 65_535) };
    let days =
        format!("DATE '1970-01-01' + CAST(CASE WHEN {n} < {first} THEN {first} ELSE {n} END AS INTEGER)");
    let end: i64 = if wide { 10_413_791_999 } else { 4_294_967_295 };
    let seconds = format!(
        "CAST(make_timestamp(CAST(CASE WHEN {n} > {end} THEN {end} ELSE {n} END AS BIGINT) * 1000000) AS DATE)"
    );
    format!("CASE WHEN {n} <= {last} THEN {days} ELSE {seconds} END")
}

fn to_time(x: &Typed, to: &Type, digits: u8) -> Result<String> {
    let narrow = matches!(to, Type::DateTime(_));
    Ok(match &x.ty {
        Type::Date | Type::Date32 if narrow => wrapped_time(&midnight(&x.sql, to.zone())),
        Type::Date | Type::Date32 => midnight(&x.sql, to.zone()),
        Type::DateTime(_) => x.sql.clone(),
        Type::DateTime64(..) if narrow => wrapped_time(&x.sql),
        Type::DateTime64(have, _) if *have <= digits => x.sql.clone(),
        Type::DateTime64(..) => truncated(&x.sql, digits),
        Type::Bool => format!("make_timestamp(CAST({} AS BIGINT) * 1000000)", x.sql),
        t if t.is_integer() && narrow => {
            let n = within(&format!("CAST({} AS HUGEINT)", x.value()), "0", "4294967295");
            format!("make_timestamp(CAST({n} AS BIGINT) * 1000000)")
        }
        t if t.is_number() && narrow => {
            let n = within(&format!("trunc(CAST({} AS DOUBLE))", x.value()), "0", "4294967295");
            format!("make_timestamp(CAST({n} AS BIGINT) * 1000000)")
        }
        t if t.is_integer() => format!("make_timestamp(CAST({} AS BIGINT) * 1000000)", x.value()),
        t if t.is_number() => truncated(
            &format!("make_timestamp(CAST(floor(CAST({} AS DOUBLE) * 1000000) AS BIGINT))", x.value()),
            digits,
        ),
        other => return Err(refused(other, to)),
    })
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
