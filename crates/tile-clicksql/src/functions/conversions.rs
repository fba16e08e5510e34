//! Conversions by name: `toInt32`, `toDate`, `CAST(x, 'T')` and their kin.

use super::{Args, Function, entry};
use crate::duck;
use crate::dynamic::Uses;
use crate::error::{Code, Result, SqlError};
use crate::typed::{Constant, Typed};
use crate::types::Type;

macro_rules! to {
    ($name:literal, $ty:expr) => {
        entry($name, (1, 1), |a| crate::cast::cast(a.scope, a.at(0)?, &$ty)).dynamic(Uses::Own)
    };
}

macro_rules! or_other {
    ($name:literal, $ty:expr, null) => {
        entry($name, (1, 1), |a| lenient(a, &$ty, true))
    };
    ($name:literal, $ty:expr, zero) => {
        entry($name, (1, 1), |a| lenient(a, &$ty, false)).guarded()
    };
}

pub const ALL: &[Function] = &[
    to!("toUInt8", Type::UInt(8)),
    to!("toUInt16", Type::UInt(16)),
    to!("toUInt32", Type::UInt(32)),
    to!("toUInt64", Type::UInt(64)),
    to!("toInt8", Type::Int(8)),
    to!("toInt16", Type::Int(16)),
    to!("toInt32", Type::Int(32)),
    to!("toInt64", Type::Int(64)),
    to!("toInt128", Type::Int(128)),
    to!("toUInt128", Type::UInt(128)),
    to!("toFloat32", Type::Float32),
    to!("toFloat64", Type::Float64),
    to!("toBool", Type::Bool),
    to!("toString", Type::String),
    to!("toUUID", Type::Uuid),
    to!("toDate32", Type::Date32),
    entry("toDate", (1, 2), |a| {
        let zoned = zoned(a)?;
        crate::cast::cast(a.scope, &zoned, &Type::Date)
    })
    .alias(&["DATE"])
    .dynamic(Uses::Own)
    .any_case(),
    entry("toDateTime", (1, 2), |a| {
        let zone = if a.len() > 1 {
            Some(a.constant_text(1)?.to_owned())
        } else {
            a.ty(0)?.zone().map(str::to_owned)
        };
        crate::cast::cast(a.scope, a.at(0)?, &Type::DateTime(zone))
    })
    .dynamic(Uses::Own),
    entry("toDateTime64", (2, 3), |a| {
        let digits =
            u8::try_from(a.constant_int(1)?).ok().filter(|d| *d <= 9).ok_or_else(|| a.wrong(1, "0 to 9"))?;
        let zone = if a.len() > 2 {
            Some(a.constant_text(2)?.to_owned())
        } else {
            a.ty(0)?.zone().map(str::to_owned)
        };
        crate::cast::cast(a.scope, a.at(0)?, &Type::DateTime64(digits, zone))
    })
    .dynamic(Uses::Own),
    entry("toDecimal32", (2, 2), |a| decimal(a, 9)),
    entry("toDecimal64", (2, 2), |a| decimal(a, 18)),
    entry("toDecimal128", (2, 2), |a| decimal(a, 38)),
    entry("toFixedString", (2, 2), |a| {
        let n = usize::try_from(a.constant_int(1)?).map_err(|_| a.wrong(1, "a length"))?;
        crate::cast::cast(a.scope, a.at(0)?, &Type::FixedString(n))
    }),
    entry("toLowCardinality", (1, 1), |a| {
        let x = a.at(0)?;
        Ok(Typed { ty: Type::LowCardinality(Box::new(x.ty.clone())), ..x.clone() })
    })
    .own_nulls()
    .full()
    .with_bytes(),
    entry("CAST", (2, 2), |a| {
        let to = Type::parse(a.constant_text(1)?)?;
        crate::cast::cast(a.scope, a.at(0)?, &to)
    })
    .alias(&["_CAST"])
    .own_nulls()
    .dynamic(Uses::Own)
    .full()
    .any_case(),
    entry("accurateCastOrNull", (2, 2), |a| lenient(a, &Type::parse(a.constant_text(1)?)?, true)).full(),
    entry("reinterpretAsUInt64", (1, 1), |a| Err(a.unsupported("of bytes"))),
    entry("toTypeName", (1, 1), |a| {
        a.at(0)?;
        let name = a.types.first().map_or(String::new(), |ty| shown(ty, 0));
        Ok(Typed {
            is_constant: true,
            ..Typed::new(duck::text(&name), Type::String).with_constant(Constant::Text(name))
        })
    })
    .own_nulls()
    .with_dictionary()
    .dynamic(Uses::Own)
    .full(),
    or_other!("toInt8OrNull", Type::Int(8), null),
    or_other!("toInt16OrNull", Type::Int(16), null),
    or_other!("toInt32OrNull", Type::Int(32), null),
    or_other!("toInt64OrNull", Type::Int(64), null),
    or_other!("toUInt8OrNull", Type::UInt(8), null),
    or_other!("toUInt16OrNull", Type::UInt(16), null),
    or_other!("toUInt32OrNull", Type::UInt(32), null),
    or_other!("toUInt64OrNull", Type::UInt(64), null),
    or_other!("toFloat32OrNull", Type::Float32, null),
    or_other!("toFloat64OrNull", Type::Float64, null),
    or_other!("toDateOrNull", Type::Date, null),
    or_other!("toDateTimeOrNull", Type::DateTime(None), null),
    or_other!("toUUIDOrNull", Type::Uuid, null),
    or_other!("toInt8OrZero", Type::Int(8), zero),
    or_other!("toInt16OrZero", Type::Int(16), zero),
    or_other!("toInt32OrZero", Type::Int(32), zero),
    or_other!("toInt64OrZero", Type::Int(64), zero),
    or_other!("toUInt8OrZero", Type::UInt(8), zero),
    or_other!("toUInt16OrZero", Type::UInt(16), zero),
    or_other!("toUInt32OrZero", Type::UInt(32), zero),
    or_other!("toUInt64OrZero", Type::UInt(64), zero),
    or_other!("toFloat32OrZero", Type::Float32, zero),
    or_other!("toFloat64OrZero", Type::Float64, zero),
    or_other!("toDateOrZero", Type::Date, zero),
    or_other!("toDateTimeOrZero", Type::DateTime(None), zero),
    or_other!("toUUIDOrZero", Type::Uuid, zero).with_bytes(),
];

/// A type as `toTypeName` shows it: the elements of a named tuple stand on lines of their own.
fn shown(ty: &Type, level: usize) -> String {
    match ty {
        Type::Array(item) => format!("Array({})", shown(item, level)),
        Type::Nullable(inner) => format!("Nullable({})", shown(inner, level)),
        Type::Map(key, value) => format!("Map({}, {})", shown(key, level), shown(value, level)),
        Type::Tuple(elements) if elements.iter().any(|(name, _)| name.is_some()) => {
            let indent = "    ".repeat(level + 1);
            let lines = elements.iter().map(|(name, t)| {
                let named = Type::Tuple(vec![(name.clone(), Type::Nothing)]).to_string();
                let name = named.trim_start_matches("Tuple(").trim_end_matches("Nothing)");
                format!("\n{indent}{name}{}", shown(t, level + 1))
            });
            format!("Tuple({})", lines.collect::<Vec<_>>().join(","))
        }
        Type::Tuple(elements) => {
            let items: Vec<String> = elements.iter().map(|(_, t)| shown(t, level)).collect();
            format!("Tuple({})", items.join(", "))
        }
        other => other.to_string(),
    }
}

/// The first argument with the zone of the second.
fn zoned(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let x = a.at(0)?.clone();
    if a.len() < 2 {
        return Ok(x);
    }
    let zone = a.constant_text(1)?.to_owned();
    Ok(match x.ty.clone() {
        Type::DateTime(_) => Typed { ty: Type::DateTime(Some(zone)), ..x },
        Type::DateTime64(digits, _) => Typed { ty: Type::DateTime64(digits, Some(zone)), ..x },
        // A text tells its own day, and so does a small number.
        Type::String | Type::Date | Type::Date32 => x,
        _ if crate::cast::is_utc(&zone) => x,
        _ => return Err(a.unsupported("of this type with a zone")),
    })
}

fn decimal(a: &Args<'_, '_, '_>, precision: u8) -> Result<Typed> {
    let scale = u8::try_from(a.constant_int(1)?)
        .ok()
        .filter(|s| *s <= precision)
        .ok_or_else(|| a.wrong(1, "a scale"))?;
    crate::cast::cast(a.scope, a.at(0)?, &Type::Decimal(precision, scale))
}

/// Reads a text; what is none becomes NULL, or the type's default.
fn lenient(a: &Args<'_, '_, '_>, to: &Type, or_null: bool) -> Result<Typed> {
    let text = a.text(0)?;
    let form = duck::type_of(to)?;
    let read = match to {
        Type::UInt(bits) => format!("ch_text_u{bits}_or_null({text})"),
        Type::Int(bits) => format!("ch_text_i{bits}_or_null({text})"),
        Type::Date => format!("ch_text_date_or_null({text})"),
        Type::Date32 => format!("ch_text_date32_or_null({text})"),
        Type::DateTime(zone) => crate::cast::time_of(&text, 0, zone.as_deref()),
        Type::Float64 => format!("ch_text_f64_or_null({text})"),
        Type::Float32 => format!("CAST(ch_text_f64_or_null({text}) AS FLOAT)"),
        Type::Uuid => format!("TRY_CAST({text} AS {form})"),
        _ => {
            return Err(SqlError::new(
                Code::Unsupported,
                format!("reading `{to}` leniently is not supported"),
            ));
        }
    };
    if or_null {
        Ok(Typed::new(read, to.clone().nullable()))
    } else {
        Ok(Typed::new(format!("coalesce({read}, {})", duck::default_of(to)?), to.clone()))
    }
}
