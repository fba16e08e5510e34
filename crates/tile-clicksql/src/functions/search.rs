//! Searching, replacing and splitting in texts. Positions are in bytes unless the name ends in UTF8.

use super::{Args, Function, entry};
use crate::duck;
use crate::dynamic::Uses;
use crate::error::Result;
use crate::typed::Typed;
use crate::types::Type;

macro_rules! position {
    ($name:literal, $kernel:literal) => {
        entry($name, (2, 3), |a| position(a, $kernel, 0, 1))
    };
}
macro_rules! needles {
    ($name:literal, $kernel:literal, $ty:expr) => {
        entry($name, (2, 2), |a| {
            let (list, item) = a.array(1)?;
            if item != Type::String {
                return Err(a.wrong(1, "an array of texts"));
            }
            Ok(Typed::new(format!("{}({}, {list})", $kernel, a.text(0)?), $ty))
        })
    };
}
macro_rules! two {
    ($name:literal, $kernel:literal, $ty:expr) => {
        entry($name, (2, 2), |a| Ok(Typed::new(format!("{}({}, {})", $kernel, a.text(0)?, a.text(1)?), $ty)))
    };
}
macro_rules! pieces {
    ($name:literal, $kernel:literal) => {
        entry($name, (1, 2), |a| {
            let most = if a.len() > 1 { a.integer(1)? } else { "CAST(0 AS BIGINT)".into() };
            Ok(Typed::new(format!("{}({}, {most})", $kernel, a.text(0)?), texts()))
        })
        .full()
    };
}

pub const ALL: &[Function] = &[
    position!("position", "ch_position").any_case(),
    entry("locate", (2, 3), |a| position(a, "ch_position", 1, 0)).any_case(),
    position!("positionCaseInsensitive", "ch_position_ci"),
    position!("positionUTF8", "ch_position_utf8"),
    position!("positionCaseInsensitiveUTF8", "ch_position_ci_utf8"),
    two!("countSubstrings", "ch_count_substrings", Type::UInt(64)),
    two!("countSubstringsCaseInsensitive", "ch_count_substrings_ci", Type::UInt(64)),
    two!("countSubstringsCaseInsensitiveUTF8", "ch_count_substrings_ci_utf8", Type::UInt(64)),
    needles!("multiSearchAny", "ch_multi_search_any", Type::UInt(8)),
    needles!("multiSearchAnyUTF8", "ch_multi_search_any_utf8", Type::UInt(8)),
    needles!("multiSearchAnyCaseInsensitive", "ch_multi_search_any_ci", Type::UInt(8)),
    needles!("multiSearchAnyCaseInsensitiveUTF8", "ch_multi_search_any_ci_utf8", Type::UInt(8)),
    needles!("multiSearchFirstIndex", "ch_multi_search_first_index", Type::UInt(64)),
    needles!("multiSearchFirstIndexUTF8", "ch_multi_search_first_index_utf8", Type::UInt(64)),
    needles!("multiSearchFirstIndexCaseInsensitive", "ch_multi_search_first_index_ci", Type::UInt(64)),
    needles!(
        "multiSearchFirstIndexCaseInsensitiveUTF8",
        "ch_multi_search_first_index_ci_utf8",
        Type::UInt(64)
    ),
    needles!("multiSearchFirstPosition", "ch_multi_search_first_position", Type::UInt(64)),
    needles!("multiSearchFirstPositionUTF8", "ch_multi_search_first_position_utf8", Type::UInt(64)),
    needles!("multiSearchFirstPositionCaseInsensitive", "ch_multi_search_first_position_ci", Type::UInt(64)),
    needles!(
        "multiSearchFirstPositionCaseInsensitiveUTF8",
        "ch_multi_search_first_position_ci_utf8",
        Type::UInt(64)
    ),
    needles!("multiSearchAllPositions", "ch_multi_search_all_positions", array(Type::UInt(64))),
    needles!("multiSearchAllPositionsUTF8", "ch_multi_search_all_positions_utf8", array(Type::UInt(64))),
    needles!(
        "multiSearchAllPositionsCaseInsensitive",
        "ch_multi_search_all_positions_ci",
        array(Type::UInt(64))
    ),
    needles!(
        "multiSearchAllPositionsCaseInsensitiveUTF8",
        "ch_multi_search_all_positions_ci_utf8",
        array(Type::UInt(64))
    ),
    needles!("multiMatchAny", "ch_multi_match_any", Type::UInt(8)),
    needles!("multiMatchAnyIndex", "ch_multi_match_any_index", Type::UInt(64)),
    entry("startsWith", (2, 2), |a| Ok(Typed::truth(format!("starts_with({}, {})", a.text(0)?, a.text(1)?)))),
    entry("endsWith", (2, 2), |a| Ok(Typed::truth(format!("ends_with({}, {})", a.text(0)?, a.text(1)?)))),
    entry("like", (2, 2), |a| like(a, "LIKE", "")).dynamic(Uses::Texts),
    entry("notLike", (2, 2), |a| like(a, "LIKE", "NOT ")).dynamic(Uses::Texts),
    entry("ilike", (2, 2), |a| like(a, "ILIKE", "")).dynamic(Uses::Texts),
    entry("notILike", (2, 2), |a| like(a, "ILIKE", "NOT ")).dynamic(Uses::Texts),
    entry("match", (2, 2), |a| {
        Ok(Typed::truth(format!("regexp_matches({}, {}, 's')", a.text(0)?, a.text(1)?)))
    })
    .dynamic(Uses::Texts)
    .alias(&["REGEXP_MATCHES"]),
    entry("extract", (2, 2), |a| {
        let pattern = a.constant_text(1)?;
        let group = i32::from(has_group(pattern));
        let sql = format!("regexp_extract({}, {}, {group}, 's')", a.text(0)?, duck::text(pattern));
        Ok(Typed::new(sql, Type::String))
    })
    .alias(&["regexpExtract"]),
    entry("extractAll", (2, 2), |a| {
        let pattern = a.constant_text(1)?;
        let group = i32::from(has_group(pattern));
        if pattern.is_empty() {
            return Ok(Typed::new("CAST([] AS VARCHAR[])", texts()));
        }
        let sql = format!("regexp_extract_all({}, {}, {group}, 's')", a.text(0)?, duck::text(pattern));
        Ok(Typed::new(sql, texts()))
    })
    .full(),
    two!("extractGroups", "ch_extract_groups", texts()).full(),
    entry("extractAllGroupsVertical", (2, 2), |a| all_groups(a, true)).alias(&["extractAllGroups"]).full(),
    entry("extractAllGroupsHorizontal", (2, 2), |a| all_groups(a, false)).full(),
    two!("countMatches", "ch_count_matches", Type::UInt(64)),
    entry("countMatchesCaseInsensitive", (2, 2), |a| {
        let sql = format!("ch_count_matches({}, '(?i)' || {})", a.text(0)?, a.text(1)?);
        Ok(Typed::new(sql, Type::UInt(64)))
    }),
    entry("replaceAll", (3, 3), |a| replaced(a, "ch_replace_all")).alias(&["replace"]).any_case(),
    entry("replaceOne", (3, 3), |a| replaced(a, "ch_replace_one")),
    entry("replaceRegexpOne", (3, 3), |a| replaced(a, "ch_replace_regexp_one")),
    entry("replaceRegexpAll", (3, 3), |a| replaced(a, "ch_replace_regexp_all"))
        .alias(&["REGEXP_REPLACE"])
        .any_case(),
    entry("translate", (3, 3), |a| replaced(a, "ch_translate")),
    entry("splitByChar", (2, 3), |a| split(a, "ch_split_by_char")).full(),
    entry("splitByString", (2, 3), |a| split(a, "ch_split_by_string")).full(),
    entry("splitByRegexp", (2, 3), |a| split(a, "ch_split_by_regexp")).full(),
    pieces!("splitByWhitespace", "ch_split_by_whitespace"),
    pieces!("splitByNonAlpha", "ch_split_by_non_alpha"),
    pieces!("alphaTokens", "ch_alpha_tokens").alias(&["splitByAlpha"]),
    entry("tokens", (1, 1), |a| Ok(Typed::new(format!("ch_tokens({})", a.text(0)?), texts()))).full(),
    entry("ngrams", (2, 2), |a| {
        Ok(Typed::new(format!("ch_ngrams({}, {})", a.text(0)?, a.integer(1)?), texts()))
    })
    .full(),
];

fn array(item: Type) -> Type {
    Type::Array(Box::new(item))
}

fn texts() -> Type {
    array(Type::String)
}

/// Searches the text that is argument `text` for the one that is argument `needle`.
fn position(a: &Args<'_, '_, '_>, kernel: &str, text: usize, needle: usize) -> Result<Typed> {
    let start = if a.len() > 2 {
        if !matches!(a.ty(2)?, Type::UInt(_)) {
            return Err(a.wrong(2, "an unsigned whole number"));
        }
        format!("CAST({} AS UBIGINT)", a.sql(2)?)
    } else {
        "CAST(0 AS UBIGINT)".into()
    };
    Ok(Typed::new(format!("{kernel}({}, {}, {start})", a.text(text)?, a.text(needle)?), Type::UInt(64)))
}

/// A backslash escapes in both languages, but here it has to be named.
fn like(a: &Args<'_, '_, '_>, word: &str, not: &str) -> Result<Typed> {
    let (x, pattern) = (a.text(0)?, a.text(1)?);
    Ok(Typed::truth(match a.at(1)?.text() {
        Some(text) if !text.contains('\\') => format!("({not}({x} {word} {pattern}))"),
        _ => format!("({not}({x} {word} {pattern} ESCAPE '\\'))"),
    }))
}

/// How many groups of a pattern are kept.
fn groups(pattern: &str) -> usize {
    let (mut count, mut in_set) = (0, false);
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '[' => in_set = true,
            ']' => in_set = false,
            '(' if !in_set => {
                let mut after = letters.clone();
                let special = after.next() == Some('?');
                count += usize::from(!special || matches!(after.next(), Some('P' | '<')));
            }
            _ => {}
        }
    }
    count
}

fn has_group(pattern: &str) -> bool {
    groups(pattern) > 0
}

/// All groups of all matches: a list for each match, or one for each group.
fn all_groups(a: &Args<'_, '_, '_>, by_match: bool) -> Result<Typed> {
    let pattern = a.constant_text(1)?;
    let count = groups(pattern);
    if count == 0 {
        return Err(a.wrong(1, "a pattern with groups"));
    }
    let flat = format!("ch_extract_all_groups({}, {})", a.text(0)?, duck::text(pattern));
    let item = |outer: &str, inner: &str| {
        format!(
            "f_[({} - 1) * {count} + {}]",
            if by_match { outer } else { inner },
            if by_match { inner } else { outer }
        )
    };
    let matches = format!("range(1, len(f_) // {count} + 1)");
    let each = format!("range(1, {count} + 1)");
    let (outer, inner) = if by_match { (&matches, &each) } else { (&each, &matches) };
    let sql = format!(
        "list_transform([{flat}], lambda f_: list_transform({outer}, lambda o_: list_transform({inner}, lambda i_: {})))[1]",
        item("o_", "i_")
    );
    Ok(Typed::new(sql, array(texts())))
}

fn replaced(a: &Args<'_, '_, '_>, kernel: &str) -> Result<Typed> {
    Ok(Typed::new(format!("{kernel}({}, {}, {})", a.text(0)?, a.text(1)?, a.text(2)?), Type::String))
}

fn split(a: &Args<'_, '_, '_>, kernel: &str) -> Result<Typed> {
    let most = if a.len() > 2 { a.integer(2)? } else { "CAST(0 AS BIGINT)".into() };
    Ok(Typed::new(format!("{kernel}({}, {}, {most})", a.text(0)?, a.text(1)?), texts()))
}
