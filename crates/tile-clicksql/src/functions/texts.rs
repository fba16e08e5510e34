//! Texts: length, case, padding, joining. Lengths are in bytes unless the name ends in UTF8.

use super::encodings::of_bytes;
use super::{Args, Function, entry};
use crate::dynamic::Uses;
use crate::error::Result;
use crate::typed::Typed;
use crate::types::Type;

/// A text in, a text out: the DuckDB form with `{0}`.
macro_rules! map {
    ($name:literal, $template:literal) => {
        entry($name, (1, 1), |a| Ok(Typed::new($template.replace("{0}", &a.text(0)?), Type::String)))
    };
}

pub const ALL: &[Function] = &[
    entry("length", (1, 1), |a| {
        let x = a.at(0)?;
        let sql = match x.ty.plain() {
            Type::Array(_) => format!("len({})", x.sql),
            Type::Map(..) => format!("cardinality({})", x.sql),
            Type::FixedString(n) => format!("{n}"),
            _ => match &x.bytes {
                Some(bytes) => format!("octet_length({bytes})"),
                None => format!("strlen({})", a.text(0)?),
            },
        };
        Ok(Typed::new(format!("CAST({sql} AS UBIGINT)"), Type::UInt(64)))
    })
    .alias(&["OCTET_LENGTH"])
    .dynamic(Uses::Texts)
    .any_case()
    .with_bytes(),
    entry("lengthUTF8", (1, 1), |a| {
        Ok(Typed::new(format!("CAST(length({}) AS UBIGINT)", a.text(0)?), Type::UInt(64)))
    })
    .alias(&["CHAR_LENGTH", "CHARACTER_LENGTH"])
    .any_case(),
    entry("empty", (1, 1), |a| emptiness(a, "=")).dynamic(Uses::Texts).with_bytes(),
    entry("notEmpty", (1, 1), |a| emptiness(a, ">")).dynamic(Uses::Texts).with_bytes(),
    entry("lower", (1, 1), |a| cased(a, false))
        .dynamic(Uses::Texts)
        .alias(&["lcase"])
        .any_case()
        .with_bytes(),
    entry("upper", (1, 1), |a| cased(a, true)).dynamic(Uses::Texts).alias(&["ucase"]).any_case().with_bytes(),
    map!("lowerUTF8", "ch_lower_utf8({0})"),
    map!("upperUTF8", "ch_upper_utf8({0})"),
    map!("reverseUTF8", "array_to_string(list_reverse(string_split({0}, '')), '')"),
    entry("trimBoth", (1, 2), |a| trimmed(a, "trim")).alias(&["trim"]).any_case().with_bytes(),
    entry("trimLeft", (1, 2), |a| trimmed(a, "ltrim")).alias(&["ltrim"]).any_case().with_bytes(),
    entry("trimRight", (1, 2), |a| trimmed(a, "rtrim")).alias(&["rtrim"]).any_case().with_bytes(),
    entry("concat", (1, 1000), |a| {
        if a.items.iter().all(|i| matches!(i.ty, Type::Array(_))) {
            return super::arrays::concat(a);
        }
        if a.items.iter().any(|i| i.bytes.is_some()) {
            let parts = a.items.iter().map(piece).collect::<Result<Vec<_>>>()?;
            return Ok(of_bytes(format!("({})", parts.join(" || "))));
        }
        let parts = a.items.iter().map(joined).collect::<Result<Vec<_>>>()?;
        Ok(Typed::new(format!("({})", parts.join(" || ")), Type::String))
    })
    .dynamic(Uses::Shown)
    .any_case()
    .with_bytes(),
    entry("concatWithSeparator", (1, 1000), |a| {
        let parts = a.items.iter().skip(1).map(joined).collect::<Result<Vec<_>>>()?;
        Ok(Typed::new(format!("({})", parts.join(&format!(" || {} || ", a.text(0)?))), Type::String))
    })
    .alias(&["concat_ws"])
    .any_case(),
    entry("substringUTF8", (2, 3), |a| {
        let text = a.text(0)?;
        let length = if a.len() > 2 { a.integer(2)? } else { "CAST(9223372036854775807 AS BIGINT)".into() };
        Ok(Typed::new(format!("ch_substring_utf8({text}, {}, {length})", a.integer(1)?), Type::String))
    })
    .alias(&["substrUTF8"]),
    entry("arrayStringConcat", (1, 2), |a| {
        let (list, item) = a.array(0)?;
        let element = Typed::new("x_", item.plain().clone());
        let text = crate::cast::text_of(&element)?;
        let list = if text == "x_" { list } else { format!("list_transform({list}, lambda x_: {text})") };
        let separator = if a.len() > 1 { a.text(1)? } else { "''".into() };
        // NULL items are left out; of no items DuckDB makes NULL.
        Ok(Typed::new(format!("coalesce(array_to_string({list}, {separator}), '')"), Type::String))
    }),
    entry("repeat", (2, 2), |a| {
        Ok(Typed::new(format!("repeat({}, greatest({}, 0))", a.text(0)?, a.integer(1)?), Type::String))
    })
    .guarded()
    .any_case(),
    entry("ascii", (1, 1), |a| {
        Ok(Typed::new(format!("CAST(ascii({}) AS INTEGER)", a.text(0)?), Type::Int(32)))
    })
    .any_case(),
    entry("leftPad", (2, 3), |a| padded(a, "ch_left_pad")).alias(&["lpad"]).any_case(),
    entry("rightPad", (2, 3), |a| padded(a, "ch_right_pad")).alias(&["rpad"]).any_case(),
    entry("leftPadUTF8", (2, 3), |a| padded(a, "ch_left_pad_utf8")),
    entry("rightPadUTF8", (2, 3), |a| padded(a, "ch_right_pad_utf8")),
    entry("leftUTF8", (2, 2), |a| outer_chars(a, true)),
    entry("rightUTF8", (2, 2), |a| outer_chars(a, false)),
    entry("format", (2, 1000), |a| {
        let parts = a.items.iter().skip(1).map(crate::cast::text_of).collect::<Result<Vec<_>>>()?;
        Ok(Typed::new(format!("ch_format({}, [{}])", a.text(0)?, parts.join(", ")), Type::String))
    }),
    map!("initcap", "ch_initcap({0})").any_case(),
    map!("initcapUTF8", "ch_initcap_utf8({0})"),
    map!("soundex", "ch_soundex({0})").any_case(),
    entry("space", (1, 1), |a| Ok(Typed::new(format!("ch_space({})", a.integer(0)?), Type::String)))
        .guarded()
        .any_case(),
    entry("editDistance", (2, 2), |a| likeness(a, "ch_edit_distance", Type::UInt(64)))
        .alias(&["levenshteinDistance"]),
    entry("editDistanceUTF8", (2, 2), |a| likeness(a, "ch_edit_distance_utf8", Type::UInt(64)))
        .alias(&["levenshteinDistanceUTF8"]),
    entry("stringJaccardIndex", (2, 2), |a| likeness(a, "ch_string_jaccard_index", Type::Float64)),
    entry("stringJaccardIndexUTF8", (2, 2), |a| likeness(a, "ch_string_jaccard_index_utf8", Type::Float64)),
    entry("appendTrailingCharIfAbsent", (2, 2), |a| {
        likeness(a, "ch_append_trailing_char_if_absent", Type::String)
    }),
    // Texts are UTF-8 here.
    map!("toValidUTF8", "{0}"),
    entry("isValidUTF8", (1, 1), |a| Ok(Typed::truth(format!("({} IS NOT NULL)", a.text(0)?)))),
];

/// Letters of ASCII only.
fn ascii_case(text: &str, upper: bool) -> String {
    const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
    const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let how = if upper { "upper" } else { "lower" };
    let (from, to) = if upper { (LOWER, UPPER) } else { (UPPER, LOWER) };
    // A text of as many bytes as characters is ASCII: the quick function does.
    format!(
        "CASE WHEN strlen({text}) = length({text}) THEN {how}({text}) ELSE translate({text}, '{from}', '{to}') END"
    )
}

/// Cuts spaces off the ends, or the given letters.
fn trimmed(a: &Args<'_, '_, '_>, how: &str) -> Result<Typed> {
    let letters = if a.len() > 1 { a.constant_text(1)? } else { " " };
    if !letters.is_ascii() {
        return Err(a.unsupported("of letters beyond ASCII"));
    }
    if letters.is_empty() {
        return Ok(Typed { ty: Type::String, ..a.at(0)?.clone() });
    }
    if let Some(bytes) = &a.at(0)?.bytes {
        let ends = (how != "rtrim", how != "ltrim");
        return Ok(of_bytes(format!(
            "ch_trim_bytes({bytes}, {}, {}, {})",
            crate::duck::text(letters),
            ends.0,
            ends.1
        )));
    }
    Ok(Typed::new(format!("{how}({}, {})", a.text(0)?, crate::duck::text(letters)), Type::String))
}

fn cased(a: &Args<'_, '_, '_>, upper: bool) -> Result<Typed> {
    let how = if upper { "upper" } else { "lower" };
    Ok(match &a.at(0)?.bytes {
        Some(bytes) => of_bytes(format!("ch_{how}_bytes({bytes})")),
        None => {
            let ty = if let Type::FixedString(_) = a.ty(0)? { a.ty(0)?.clone() } else { Type::String };
            Typed::new(ascii_case(&a.text(0)?, upper), ty)
        }
    })
}

/// A part of a concatenation: a FixedString with all its zeros.
fn joined(x: &Typed) -> Result<String> {
    if let Type::FixedString(_) = x.ty { Ok(x.value()) } else { crate::cast::text_of(x) }
}

/// A part of a concatenation as a BLOB.
fn piece(x: &Typed) -> Result<String> {
    Ok(match &x.bytes {
        Some(bytes) => bytes.clone(),
        None => format!("encode({})", joined(x)?),
    })
}

/// Pads to a length, on the left or on the right.
fn padded(a: &Args<'_, '_, '_>, kernel: &str) -> Result<Typed> {
    let with = if a.len() > 2 { a.text(2)? } else { "' '".into() };
    Ok(Typed::new(format!("{kernel}({}, {}, {with})", a.text(0)?, a.integer(1)?), Type::String))
}

fn likeness(a: &Args<'_, '_, '_>, kernel: &str, ty: Type) -> Result<Typed> {
    Ok(Typed::new(format!("{kernel}({}, {})", a.text(0)?, a.text(1)?), ty))
}

/// Characters at the beginning or at the end.
fn outer_chars(a: &Args<'_, '_, '_>, left: bool) -> Result<Typed> {
    let (x, n) = (a.text(0)?, a.integer(1)?);
    let range = if left {
        format!("CAST(1 AS BIGINT), {n}")
    } else {
        format!(
            "CASE WHEN {n} >= 0 THEN greatest(CAST(length({x}) AS BIGINT) - {n}, 0) ELSE -{n} END + 1, CAST(length({x}) AS BIGINT)"
        )
    };
    Ok(Typed::new(format!("ch_substring_utf8({x}, {range})"), Type::String))
}

fn emptiness(a: &Args<'_, '_, '_>, sign: &str) -> Result<Typed> {
    let x = a.at(0)?;
    Ok(Typed::truth(match x.ty.plain() {
        Type::Array(_) => format!("(len({}) {sign} 0)", x.sql),
        Type::Map(..) => format!("(cardinality({}) {sign} 0)", x.sql),
        Type::FixedString(_) => format!("(strlen(rtrim({}, chr(0))) {sign} 0)", x.sql),
        Type::Uuid => return Err(a.unsupported("of UUIDs")),
        _ => format!("(strlen({}) {sign} 0)", a.text(0)?),
    }))
}
