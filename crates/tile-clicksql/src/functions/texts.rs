//! Texts. Lengths and positions are in bytes unless the name ends in UTF8.

use super::{Args, Function, entry};
use crate::duck;
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
            _ => format!("strlen({})", a.text(0)?),
        };
        Ok(Typed::new(format!("CAST({sql} AS UBIGINT)"), Type::UInt(64)))
    })
    .alias(&["OCTET_LENGTH"])
    .dynamic(Uses::Texts)
    .any_case(),
    entry("lengthUTF8", (1, 1), |a| Ok(Typed::new(format!("CAST(length({}) AS UBIGINT)", a.text(0)?), Type::UInt(64))))
        .alias(&["CHAR_LENGTH", "CHARACTER_LENGTH"])
        .any_case(),
    entry("empty", (1, 1), |a| emptiness(a, "=")).dynamic(Uses::Texts),
    entry("notEmpty", (1, 1), |a| emptiness(a, ">")).dynamic(Uses::Texts),
    entry("lower", (1, 1), |a| Ok(Typed::new(ascii_case(&a.text(0)?, false), Type::String))).dynamic(Uses::Texts).alias(&["lcase"]).any_case(),
    entry("upper", (1, 1), |a| Ok(Typed::new(ascii_case(&a.text(0)?, true), Type::String))).dynamic(Uses::Texts).alias(&["ucase"]).any_case(),
    map!("lowerUTF8", "lower({0})"),
    map!("upperUTF8", "upper({0})"),
    map!("reverseUTF8", "array_to_string(list_reverse(string_split({0}, '')), '')"),
    entry("reverse", (1, 1), |a| match a.ty(0)? {
        Type::Array(_) => Ok(Typed::new(format!("list_reverse({})", a.sql(0)?), a.ty(0)?.clone())),
        _ => Ok(Typed::new(format!("CASE WHEN strlen({0}) = length({0}) THEN reverse({0}) ELSE error('reverse of bytes beyond ASCII is not supported') END", a.text(0)?), Type::String)),
    })
    .any_case(),
    entry("trimBoth", (1, 1), |a| Ok(Typed::new(format!("trim({}, ' ')", a.text(0)?), Type::String))).alias(&["trim"]).any_case(),
    entry("trimLeft", (1, 1), |a| Ok(Typed::new(format!("ltrim({}, ' ')", a.text(0)?), Type::String))).alias(&["ltrim"]).any_case(),
    entry("trimRight", (1, 1), |a| Ok(Typed::new(format!("rtrim({}, ' ')", a.text(0)?), Type::String))).alias(&["rtrim"]).any_case(),
    entry("concat", (1, 1000), |a| {
        if a.items.iter().all(|i| matches!(i.ty, Type::Array(_))) {
            return super::arrays::concat(a);
        }
        let parts = a.items.iter().map(crate::cast::text_of).collect::<Result<Vec<_>>>()?;
        Ok(Typed::new(format!("({})", parts.join(" || ")), Type::String))
    })
    .dynamic(Uses::Shown)
    .any_case(),
    entry("concatWithSeparator", (1, 1000), |a| {
        let parts = a.items.iter().skip(1).map(crate::cast::text_of).collect::<Result<Vec<_>>>()?;
        Ok(Typed::new(format!("({})", parts.join(&format!(" || {} || ", a.text(0)?))), Type::String))
    })
    .alias(&["concat_ws"])
    .any_case(),
    entry("substring", (2, 3), |a| {
        // Bytes; the kernel replaces what a cut leaves of a character.
        let text = a.text(0)?;
        let length = if a.len() > 2 { a.integer(2)? } else { "CAST(9223372036854775807 AS BIGINT)".into() };
        Ok(Typed::new(format!("ch_substring({text}, {}, {length})", a.integer(1)?), Type::String))
    })
    .alias(&["substr", "mid", "byteSlice"])
    .any_case(),
    entry("substringUTF8", (2, 3), |a| {
        let text = a.text(0)?;
        let length = if a.len() > 2 { a.integer(2)? } else { "CAST(9223372036854775807 AS BIGINT)".into() };
        Ok(Typed::new(format!("ch_substring_utf8({text}, {}, {length})", a.integer(1)?), Type::String))
    })
    .alias(&["substrUTF8"]),
    entry("left", (2, 2), |a| Ok(Typed::new(format!("ch_substring({}, CAST(1 AS BIGINT), greatest({}, 0))", a.text(0)?, a.integer(1)?), Type::String))).any_case(),
    entry("position", (2, 2), |a| position(a, "{0}", "{1}")).guarded().alias(&["strpos"]).any_case(),
    entry("positionCaseInsensitive", (2, 2), |a| position(a, "lower({0})", "lower({1})")).guarded(),
    entry("positionUTF8", (2, 2), |a| {
        Ok(Typed::new(format!("CAST(strpos({}, {}) AS UBIGINT)", a.text(0)?, a.text(1)?), Type::UInt(64)))
    }),
    entry("startsWith", (2, 2), |a| Ok(Typed::truth(format!("starts_with({}, {})", a.text(0)?, a.text(1)?)))),
    entry("endsWith", (2, 2), |a| Ok(Typed::truth(format!("ends_with({}, {})", a.text(0)?, a.text(1)?)))),
    entry("like", (2, 2), |a| like(a, "LIKE", "")).dynamic(Uses::Texts),
    entry("notLike", (2, 2), |a| like(a, "LIKE", "NOT ")).dynamic(Uses::Texts),
    entry("ilike", (2, 2), |a| like(a, "ILIKE", "")).dynamic(Uses::Texts),
    entry("notILike", (2, 2), |a| like(a, "ILIKE", "NOT ")).dynamic(Uses::Texts),
    entry("match", (2, 2), |a| Ok(Typed::truth(format!("regexp_matches({}, {}, 's')", a.text(0)?, a.text(1)?)))).dynamic(Uses::Texts).alias(&["REGEXP_MATCHES"]),
    entry("extract", (2, 2), |a| {
        let pattern = a.constant_text(1)?;
        let group = i32::from(has_group(pattern));
        Ok(Typed::new(format!("regexp_extract({}, {}, {group}, 's')", a.text(0)?, duck::text(pattern)), Type::String))
    })
    .alias(&["regexpExtract"]),
    entry("extractAll", (2, 2), |a| {
        let pattern = a.constant_text(1)?;
        let group = i32::from(has_group(pattern));
        let sql = format!("regexp_extract_all({}, {}, {group}, 's')", a.text(0)?, duck::text(pattern));
        Ok(Typed::new(sql, Type::Array(Box::new(Type::String))))
    }),
    entry("replaceAll", (3, 3), |a| {
        Ok(Typed::new(format!("CASE WHEN {1} = '' THEN {0} ELSE replace({0}, {1}, {2}) END", a.text(0)?, a.text(1)?, a.text(2)?), Type::String))
    })
    .alias(&["replace"])
    .any_case(),
    entry("replaceOne", (3, 3), |a| {
        let (x, from, to) = (a.text(0)?, a.text(1)?, a.text(2)?);
        let sql = format!("CASE WHEN {from} = '' OR strpos({x}, {from}) = 0 THEN {x} ELSE substring({x}, 1, strpos({x}, {from}) - 1) || {to} || substring({x}, strpos({x}, {from}) + length({from})) END");
        Ok(Typed::new(sql, Type::String))
    }),
    entry("replaceRegexpOne", (3, 3), |a| regexp_replace(a, "ch_replace_regexp_one")),
    entry("replaceRegexpAll", (3, 3), |a| regexp_replace(a, "ch_replace_regexp_all")).alias(&["REGEXP_REPLACE"]).any_case(),
    entry("splitByChar", (2, 3), |a| split(a, "ch_split_by_char")).full(),
    entry("splitByString", (2, 3), |a| split(a, "ch_split_by_string")).full(),
    entry("arrayStringConcat", (1, 2), |a| {
        let (list, item) = a.array(0)?;
        let element = Typed::new("x_", item.plain().clone());
        let text = crate::cast::text_of(&element)?;
        let list = if text == "x_" { list } else { format!("list_transform({list}, lambda x_: {text})") };
        let separator = if a.len() > 1 { a.text(1)? } else { "''".into() };
        // NULL items are left out; of no items DuckDB makes NULL.
        Ok(Typed::new(format!("coalesce(array_to_string({list}, {separator}), '')"), Type::String))
    }),
    entry("repeat", (2, 2), |a| Ok(Typed::new(format!("repeat({}, greatest({}, 0))", a.text(0)?, a.integer(1)?), Type::String))).any_case(),
    entry("base64Encode", (1, 1), |a| Ok(Typed::new(format!("base64(encode({}))", a.text(0)?), Type::String))).alias(&["TO_BASE64"]).any_case(),
    entry("base64Decode", (1, 1), |a| Ok(Typed::new(format!("decode(from_base64({}))", a.text(0)?), Type::String))).alias(&["FROM_BASE64"]).any_case(),
    entry("hex", (1, 1), |a| match a.ty(0)? {
        t if t.is_text() => Ok(Typed::new(format!("hex({})", a.text(0)?), Type::String)),
        t if t.integer().is_some_and(|(_, s)| !s) => Ok(Typed::new(
            format!("CASE WHEN length(hex({0})) % 2 = 1 THEN '0' || hex({0}) ELSE hex({0}) END", format!("CAST({} AS UBIGINT)", a.sql(0)?)),
            Type::String,
        )),
        _ => Err(a.unsupported("of this type")),
    })
    .any_case(),
    entry("MD5", (1, 1), |a| Err(a.unsupported("of bytes"))),
    entry("multiSearchAny", (2, 2), |a| {
        let (needles, _) = a.array(1)?;
        Ok(Typed::truth(format!("(len(list_filter({needles}, lambda n_: contains({}, n_))) > 0)", a.text(0)?)))
    }),
    entry("multiSearchAnyCaseInsensitive", (2, 2), |a| {
        let (needles, _) = a.array(1)?;
        Ok(Typed::truth(format!("(len(list_filter({needles}, lambda n_: contains(lower({}), lower(n_)))) > 0)", a.text(0)?)))
    }),
    entry("multiSearchFirstIndexUTF8", (2, 2), first_index).guarded().alias(&["multiSearchFirstIndex"]),
    entry("multiMatchAny", (2, 2), |a| {
        let (patterns, _) = a.array(1)?;
        Ok(Typed::truth(format!("(len(list_filter({patterns}, lambda n_: regexp_matches({}, n_, 's'))) > 0)", a.text(0)?)))
    }),
    entry("ascii", (1, 1), |a| Ok(Typed::new(format!("CAST(ascii({}) AS INTEGER)", a.text(0)?), Type::Int(32)))).any_case(),
    entry("countSubstrings", (2, 2), |a| {
        Ok(Typed::new(format!("CAST(CASE WHEN {1} = '' THEN 0 ELSE (strlen({0}) - strlen(replace({0}, {1}, ''))) // strlen({1}) END AS UBIGINT)", a.text(0)?, a.text(1)?), Type::UInt(64)))
    }),
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

fn emptiness(a: &Args<'_, '_, '_>, sign: &str) -> Result<Typed> {
    let x = a.at(0)?;
    Ok(Typed::truth(match x.ty.plain() {
        Type::Array(_) => format!("(len({}) {sign} 0)", x.sql),
        Type::Map(..) => format!("(cardinality({}) {sign} 0)", x.sql),
        Type::Uuid => return Err(a.unsupported("of UUIDs")),
        _ => format!("(strlen({}) {sign} 0)", a.text(0)?),
    }))
}

/// Positions are in bytes.
fn position(a: &Args<'_, '_, '_>, haystack: &str, needle: &str) -> Result<Typed> {
    let (h, n) = (haystack.replace("{0}", &a.text(0)?), needle.replace("{1}", &a.text(1)?));
    let sql = format!(
        "CAST(CASE WHEN {n} = '' THEN 1 WHEN strpos({h}, {n}) = 0 THEN 0 ELSE strlen(substring({h}, 1, strpos({h}, {n}) - 1)) + 1 END AS UBIGINT)"
    );
    Ok(Typed::new(sql, Type::UInt(64)))
}

/// A backslash escapes in both languages, but here it has to be named.
fn like(a: &Args<'_, '_, '_>, word: &str, not: &str) -> Result<Typed> {
    let (x, pattern) = (a.text(0)?, a.text(1)?);
    Ok(Typed::truth(match a.at(1)?.text() {
        Some(text) if !text.contains('\\') => format!("({not}({x} {word} {pattern}))"),
        _ => format!("({not}({x} {word} {pattern} ESCAPE '\\'))"),
    }))
}

/// Whether a pattern has a group that is kept.
fn has_group(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    bytes.iter().enumerate().any(|(i, b)| {
        let escaped = i > 0 && bytes.get(i - 1) == Some(&b'\\');
        let kept = bytes.get(i + 1) != Some(&b'?') || bytes.get(i + 2) == Some(&b'P');
        *b == b'(' && !escaped && kept
    })
}

fn regexp_replace(a: &Args<'_, '_, '_>, flags: &str) -> Result<Typed> {
    Ok(Typed::new(format!("{flags}({}, {}, {})", a.text(0)?, a.text(1)?, a.text(2)?), Type::String))
}

fn split(a: &Args<'_, '_, '_>, kernel: &str) -> Result<Typed> {
    let most = if a.len() > 2 { a.integer(2)? } else { "CAST(0 AS BIGINT)".into() };
    let (s, x) = (a.text(0)?, a.text(1)?);
    let _ = &a.function;
    Ok(Typed::new(format!("{kernel}({s}, {x}, {most})"), Type::Array(Box::new(Type::String))))
}

fn first_index(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let (needles, _) = a.array(1)?;
    let sql = format!(
        "CAST(coalesce(list_position(list_transform({needles}, lambda n_: contains({}, n_)), true), 0) AS UBIGINT)",
        a.text(0)?
    );
    Ok(Typed::new(sql, Type::UInt(64)))
}
