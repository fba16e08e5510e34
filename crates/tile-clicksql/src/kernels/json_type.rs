//! Values of the types `JSON` and `Dynamic`.
//!
//! A `JSON` rests as the text of one object: paths sorted, NULLs and empty objects gone, dates and times in their
//! own spelling, and floats with a point or an exponent, so that the text tells every value's type. A `Dynamic` is
//! the text of one such value, and `null` where there is none; it is never NULL to the engine, since aggregates
//! and keys count it as a value.

use super::best_effort::{self, Rules};
use super::frame::{Answered, F64, Kernel, KernelError, ListText, Micros, Text, kernel};
use super::json_value::{Json, Spelling, parse};
use super::zone::{self, DAY, MICRO, Zone};
use std::fmt::Write;

/// The last day that a `Date` holds, counted from 1970-01-01.
const DATE_MAX: i64 = 65_535;

/// The type of a value, by ClickHouse's rules for what a JSON text may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    None,
    Bool,
    Int,
    UInt,
    Float,
    Date,
    DateTime,
    DateTime64,
    Text,
    Object,
    Array(Box<Kind>),
    /// The items of an array of several types.
    Mixed,
}

impl Kind {
    fn name(&self) -> String {
        match self {
            Self::None => "None".into(),
            Self::Bool => "Bool".into(),
            Self::Int => "Int64".into(),
            Self::UInt => "UInt64".into(),
            Self::Float => "Float64".into(),
            Self::Date => "Date".into(),
            Self::DateTime => "DateTime".into(),
            Self::DateTime64 => "DateTime64(9)".into(),
            Self::Text => "String".into(),
            Self::Object => "JSON(max_dynamic_types=16, max_dynamic_paths=256)".into(),
            Self::Mixed => "Dynamic".into(),
            Self::Array(item) => match item.as_ref() {
                Self::None => "Array(Nullable(String))".into(),
                Self::Object | Self::Mixed | Self::Array(_) => format!("Array({})", item.name()),
                plain => format!("Array(Nullable({}))", plain.name()),
            },
        }
    }
}

fn unsupported(what: &str) -> KernelError {
    KernelError::new(48, format!("{what} is not supported"))
}

fn malformed(text: &str) -> KernelError {
    let shown: String = text.chars().take(100).collect();
    KernelError::new(117, format!("cannot parse JSON object here: {shown}"))
}

/// A text that looks like a date or a time becomes one; its kind and its own spelling.
fn moment(text: &str) -> Option<(Kind, String)> {
    if !may_be_moment(text.as_bytes()) {
        return None;
    }
    if let Some(days) = date(text)
        && (0..=DATE_MAX).contains(&days)
    {
        let day = zone::civil(days);
        return Some((Kind::Date, format!("{:04}-{:02}-{:02}", day.year, day.month, day.day)));
    }
    let rules = Rules { us: false, fractions: true, today: None };
    let (parsed, rest) = best_effort::parse(text.as_bytes(), &rules, &mut Zone::universal()).ok()?;
    if !rest.is_empty() || !parsed.is_dated {
        return None;
    }
    let second = parsed.seconds;
    // Nanoseconds since 1970 have to fit 64 bits.
    second.checked_mul(1_000_000_000)?.checked_add(parsed.nanos().unwrap_or(0))?;
    let day = zone::civil(second.div_euclid(DAY));
    let clock = second.rem_euclid(DAY);
    let whole = format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        day.year,
        day.month,
        day.day,
        clock / 3600,
        clock / 60 % 60,
        clock % 60
    );
    match parsed.nanos() {
        None if (0..1 << 32).contains(&second) => Some((Kind::DateTime, whole)),
        nanos => Some((Kind::DateTime64, format!("{whole}.{:09}", nanos.unwrap_or(0)))),
    }
}

/// Of the spellings that a conversion would read, a JSON's texts are not asked for all: dates have to be written with
/// `-`, `/` or `:` between their numbers, or with the month's name.
fn may_be_moment(text: &[u8]) -> bool {
    if text.iter().filter(|byte| byte.is_ascii_digit()).count() < 4 {
        return false;
    }
    let until_point = text.split(|byte| *byte == b'.').next().unwrap_or_default();
    let compact = until_point.split(|byte| !byte.is_ascii_digit()).any(|run| run.len() > 4);
    let point_in_date = until_point.len() < text.len() && !until_point.contains(&b':');
    let spaced =
        matches!(text, [a, b, c, d, b' ', e, ..] if [a, b, c, d, e].iter().all(|x| x.is_ascii_digit()));
    !compact && !point_in_date && !spaced
}

/// `2024-1-2` or `2024/01/02` as days; a day beyond the month's end is one of the next month.
fn date(text: &str) -> Option<i64> {
    let (year, rest) = text.split_at_checked(4)?;
    let mark = rest.chars().next().filter(|mark| matches!(mark, '-' | '/' | ':'))?;
    let (month, day) = rest.get(1..)?.split_once(mark)?;
    let part = |text: &str, lengths: std::ops::RangeInclusive<usize>, max: i64| {
        let plain = lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<i64>().ok().filter(|n| plain && (1..=max).contains(n))
    };
    let (year, month, day) = (part(year, 4..=4, 9999)?, part(month, 1..=2, 12)?, part(day, 1..=2, 31)?);
    Some(zone::days(year, month, 1) + day - 1)
}

/// The kind of a value in its canonical spelling.
pub fn kind(value: &Json) -> Kind {
    match value {
        Json::Null => Kind::None,
        Json::Bool(_) => Kind::Bool,
        Json::Int(_) => Kind::Int,
        Json::UInt(_) => Kind::UInt,
        Json::Float(_) => Kind::Float,
        Json::Text(text) => moment(text).map_or(Kind::Text, |(kind, _)| kind),
        Json::Object(_) => Kind::Object,
        Json::Array(items) => Kind::Array(Box::new(items_kind(items))),
    }
}

fn items_kind(items: &[Json]) -> Kind {
    let mut common = Kind::None;
    for item in items {
        common = match (common, kind(item)) {
            (known, Kind::None) | (Kind::None, known) => known,
            (Kind::Array(a), Kind::Array(b)) => match both(*a, *b, items) {
                Kind::Mixed => Kind::Mixed,
                inner => Kind::Array(Box::new(inner)),
            },
            (a, b) => both(a, b, items),
        };
    }
    common
}

/// What two types of one array's items have in common.
fn both(a: Kind, b: Kind, items: &[Json]) -> Kind {
    use Kind::{Bool, Date, DateTime, DateTime64, Float, Int, None, Text, UInt};
    let negative = || items.iter().any(|item| matches!(item, Json::Int(n) if *n < 0));
    match (a, b) {
        (a, b) if a == b => a,
        (None, known) | (known, None) => known,
        (Int | UInt, UInt) | (UInt, Int) if !negative() => UInt,
        (Int | UInt | Float, Float) | (Float, Int | UInt) => Float,
        (Bool, number @ (Int | UInt | Float)) | (number @ (Int | UInt | Float), Bool) => number,
        (Date, DateTime) | (DateTime, Date) => DateTime,
        (Date | DateTime, DateTime64) | (DateTime64, Date | DateTime) => DateTime64,
        (Text | Bool | Date | DateTime | DateTime64, Text) | (Text, Bool | Date | DateTime | DateTime64) => {
            Text
        }
        _ => Kind::Mixed,
    }
}

/// An item in the spelling of the array's common type.
fn as_kind(value: Json, wanted: &Kind) -> Answered<Json> {
    #[expect(clippy::cast_precision_loss, reason = "ClickHouse converts to the same floats")]
    Ok(match (value, wanted) {
        (Json::Null, Kind::Array(_)) => Json::Array(Vec::new()),
        (Json::Array(items), Kind::Array(item)) => {
            Json::Array(items.into_iter().map(|i| as_kind(i, item)).collect::<Answered<_>>()?)
        }
        (Json::Int(n), Kind::Float) => Json::Float(n as f64),
        (Json::UInt(n), Kind::Float) => Json::Float(n as f64),
        (Json::Bool(b), Kind::Float) => Json::Float(f64::from(u8::from(b))),
        (Json::Bool(b), Kind::Int | Kind::UInt) => Json::Int(i64::from(b)),
        (Json::Bool(b), Kind::Text) => Json::Text(b.to_string()),
        (Json::Bool(_), Kind::Mixed) => {
            return Err(unsupported("an array of booleans and other types in a JSON"));
        }
        (Json::Text(text), Kind::Date | Kind::DateTime | Kind::DateTime64 | Kind::Mixed) => {
            Json::Text(match (moment(&text), wanted) {
                (Some((Kind::Date, day)), Kind::DateTime) => format!("{day} 00:00:00"),
                (Some((Kind::Date, day)), Kind::DateTime64) => format!("{day} 00:00:00.000000000"),
                (Some((Kind::DateTime, time)), Kind::DateTime64) => format!("{time}.000000000"),
                (Some((_, own)), _) => own,
                (None, _) => text,
            })
        }
        (value @ (Json::Array(_) | Json::Object(_)), _) => value_of(value)?,
        (value, _) => value,
    })
}

/// A value in its canonical spelling.
fn value_of(value: Json) -> Answered<Json> {
    Ok(match value {
        Json::Text(text) => Json::Text(moment(&text).map_or(text, |(_, own)| own)),
        Json::Array(items) => {
            let common = items_kind(&items);
            Json::Array(items.into_iter().map(|i| as_kind(i, &common)).collect::<Answered<_>>()?)
        }
        Json::Object(members) => object(members)?,
        other => other,
    })
}

/// An object with its paths sorted and every NULL gone.
fn object(members: Vec<(String, Json)>) -> Answered<Json> {
    let mut paths = Vec::new();
    flatten("", members, &mut paths)?;
    paths.sort_by(|(a, _), (b, _)| a.cmp(b));
    if let Some([(path, _), _]) = paths.windows(2).find(|pair| matches!(pair, [(a, _), (b, _)] if a == b)) {
        return Err(KernelError::new(
            117,
            format!("duplicate path found during parsing JSON object: {path}"),
        ));
    }
    let mut root = Vec::new();
    for (path, value) in paths {
        insert(&mut root, &path, value);
    }
    Ok(Json::Object(root))
}

fn flatten(prefix: &str, members: Vec<(String, Json)>, out: &mut Vec<(String, Json)>) -> Answered<()> {
    for (at, (name, _)) in members.iter().enumerate() {
        if members.iter().take(at).any(|(other, _)| other == name) {
            return Err(KernelError::new(
                117,
                format!("duplicate path found during parsing JSON object: {name}"),
            ));
        }
    }
    for (name, value) in members {
        let path = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        match value {
            Json::Null => {}
            Json::Object(inner) => flatten(&path, inner, out)?,
            other => out.push((path, value_of(other)?)),
        }
    }
    Ok(())
}

/// Puts a value at the end of the objects that its path names; paths come sorted.
fn insert(members: &mut Vec<(String, Json)>, path: &str, value: Json) {
    let Some((name, rest)) = path.split_once('.') else {
        members.push((path.to_owned(), value));
        return;
    };
    let known = members.last().is_some_and(|(last, inner)| last == name && matches!(inner, Json::Object(_)));
    if !known {
        members.push((name.to_owned(), Json::Object(Vec::new())));
    }
    if let Some((_, Json::Object(inner))) = members.last_mut() {
        insert(inner, rest, value);
    }
}

/// The canonical text of a JSON object.
fn canonical(text: &str) -> Answered<String> {
    match parse(text) {
        Some(Json::Object(members)) => Ok(object(members)?.spelled(Spelling::Exact)),
        Some(Json::Null) => Ok("{}".into()),
        _ => Err(malformed(text)),
    }
}

/// What stands at a path, which never leads into an array.
fn find<'a>(value: &'a Json, path: &str) -> Option<&'a Json> {
    let Json::Object(members) = value else { return None };
    let exact = members.iter().find(|(name, found)| name == path && !matches!(found, Json::Object(_)));
    if let Some((_, found)) = exact {
        return Some(found);
    }
    let Some((first, rest)) = path.split_once('.') else {
        return members.iter().find(|(name, _)| name == path).map(|(_, found)| found);
    };
    let inner = members.iter().find(|(name, found)| name == first && matches!(found, Json::Object(_)))?;
    find(&inner.1, rest)
}

fn at(text: &str, path: &str) -> String {
    let tree = parse(text);
    let found =
        tree.as_ref().and_then(|json| find(json, path)).filter(|found| !matches!(found, Json::Object(_)));
    found.map_or_else(|| "null".into(), |found| found.spelled(Spelling::Exact))
}

/// A value as `toString` has it; nothing for none.
pub fn text_of(value: &Json) -> Option<String> {
    match value {
        Json::Null => None,
        Json::Text(text) => Some(text.clone()),
        Json::Object(_) => Some(value.spelled(Spelling::Column)),
        Json::Array(_) => {
            let mut out = String::new();
            quoted(value, &mut out);
            Some(out)
        }
        other => Some(other.spelled(Spelling::Column)),
    }
}

/// A value inside of an array, as the text formats have it.
fn quoted(value: &Json, out: &mut String) {
    match value {
        Json::Null => out.push_str("NULL"),
        Json::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                quoted(item, out);
            }
            out.push(']');
        }
        Json::Text(text) => quote(text, out),
        Json::Object(_) => quote(&value.spelled(Spelling::Column), out),
        other => out.push_str(&other.spelled(Spelling::Column)),
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('\'');
    for letter in text.chars() {
        match letter {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            _ => out.push(letter),
        }
    }
    out.push('\'');
}

/// How a text format writes a `Dynamic`.
pub enum Written {
    Null,
    Text(String),
    /// A date or a time.
    Moment(String),
    /// Numbers, booleans and arrays.
    Plain(String),
}

pub fn written(value: &str) -> Written {
    let Some(json) = parse(value) else { return Written::Null };
    match (kind(&json), text_of(&json)) {
        (_, None) => Written::Null,
        (Kind::Text | Kind::Object, Some(text)) => Written::Text(text),
        (Kind::Date | Kind::DateTime | Kind::DateTime64, Some(text)) => Written::Moment(text),
        (_, Some(text)) => Written::Plain(text),
    }
}

/// The value as JSON formats write it.
pub fn shown(text: &str) -> Option<String> {
    parse(text).map(|json| json.spelled(Spelling::Column))
}

/// A text as such; what else it is, ClickHouse compares in ways that depend on all rows.
fn only_text(value: &str) -> Answered<Option<String>> {
    let json = parse(value).ok_or_else(|| malformed(value))?;
    match (kind(&json), json) {
        (Kind::None, _) => Ok(None),
        (Kind::Text, Json::Text(text)) => Ok(Some(text)),
        (found, _) => Err(unsupported(&format!(
            "a value of type {} of a Dynamic in the place of a String",
            found.name()
        ))),
    }
}

#[expect(clippy::cast_precision_loss, reason = "what a float cannot hold is refused")]
fn only_number(value: &str) -> Answered<Option<f64>> {
    const EXACT: u64 = 1 << 53;
    match parse(value).ok_or_else(|| malformed(value))? {
        Json::Null => Ok(None),
        Json::Bool(value) => Ok(Some(f64::from(u8::from(value)))),
        Json::Int(value) if value.unsigned_abs() <= EXACT => Ok(Some(value as f64)),
        Json::Float(value) => Ok(Some(value)),
        other => Err(unsupported(&format!(
            "a value of type {} of a Dynamic in the place of a number",
            kind(&other).name()
        ))),
    }
}

fn texts(value: &str) -> Answered<Vec<String>> {
    match parse(value).ok_or_else(|| malformed(value))? {
        Json::Null => Ok(Vec::new()),
        Json::Array(items) => items
            .iter()
            .map(|item| text_of(item).ok_or_else(|| KernelError::new(349, "cannot convert NULL to String")))
            .collect(),
        other => Err(unsupported(&format!(
            "a value of type {} of a Dynamic in the place of an array",
            kind(&other).name()
        ))),
    }
}

/// Every path with its value, in order.
fn paths(text: &str) -> Vec<(String, Json)> {
    let mut out = Vec::new();
    if let Some(Json::Object(members)) = parse(text) {
        walk("", members, &mut out);
    }
    out
}

fn walk(prefix: &str, members: Vec<(String, Json)>, out: &mut Vec<(String, Json)>) {
    for (name, value) in members {
        let mut path = prefix.to_owned();
        let _ = write!(path, "{}{name}", if prefix.is_empty() { "" } else { "." });
        match value {
            Json::Object(inner) => walk(&path, inner, out),
            other => out.push((path, other)),
        }
    }
}

fn kind_name(value: &str) -> Answered<String> {
    parse(value).map(|json| kind(&json).name()).ok_or_else(|| malformed(value))
}

/// Microseconds that a moment's canonical text tells.
fn micros(text: &str) -> Answered<i64> {
    let rules = Rules { us: false, fractions: true, today: None };
    let (parsed, _) = best_effort::parse(text.as_bytes(), &rules, &mut Zone::universal())?;
    debug_assert!(parsed.seconds.checked_mul(MICRO).is_some(), "nanoseconds fit 64 bits");
    Ok(parsed.micros(6))
}

pub const TYPE: &[Kernel] = &[
    kernel!("ch_json_of_text", (text: Text) -> Text, canonical(text)?),
    kernel!("ch_json_shown", (json: Text) -> Text, shown(json)),
    kernel!("ch_json_at", (json: Text, path: Text) -> Text, at(json, path)),
    kernel!("ch_json_all_paths", (json: Text) -> ListText, paths(json).into_iter().map(|(p, _)| p).collect::<Vec<_>>()),
    kernel!("ch_json_all_types", (json: Text) -> ListText, {
        paths(json).iter().map(|(_, value)| kind(value).name()).collect::<Vec<_>>()
    }),
    kernel!("ch_json_quote", (text: Text) -> Text, Json::Text(text.to_owned()).spelled(Spelling::Column)),
    kernel!("ch_dynamic_type", (value: Text) -> Text, kind_name(value)?),
    kernel!("ch_dynamic_text", (value: Text) -> Text, parse(value).as_ref().and_then(text_of)),
    kernel!("ch_dynamic_string", (value: Text) -> Text, only_text(value)?),
    kernel!("ch_dynamic_number", (value: Text) -> F64, only_number(value)?),
    kernel!("ch_dynamic_texts", (value: Text) -> ListText, texts(value)?),
    kernel!("ch_dynamic_micros", (text: Text) -> Micros, micros(text).ok()),
];
