//! `JSON_VALUE`, `JSON_QUERY`, `JSON_EXISTS`: the plain part of JSONPath, and the `simpleJSON*` functions
//! that search the text and do not parse it.

use super::frame::{Answered, F64, I64, Kernel, KernelError, Last, Text, U8, U64, kernel};
use super::json_value::{Json, Spelling, parse};

enum Step {
    Member(String),
    /// Half-open ranges of indices.
    Items(Vec<(usize, usize)>),
    All,
}

type Paths = Last<Vec<Step>>;

/// `$`, then `.name`, `["name"]`, `[1, 3 to 5]`, `[*]`.
fn steps(path: &str) -> Answered<Vec<Step>> {
    let wrong = || KernelError::bad_argument(format!("unable to parse JSONPath '{path}'"));
    let mut rest = path.trim().strip_prefix('$').ok_or_else(wrong)?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let length = after.find(['.', '[']).unwrap_or(after.len());
            let (name, after) = after.split_at_checked(length).ok_or_else(wrong)?;
            if name.is_empty() {
                return Err(wrong());
            }
            let name = name.trim_matches(|mark| matches!(mark, '"' | '`'));
            steps.push(Step::Member(name.to_owned()));
            rest = after;
        } else {
            let (inside, after) =
                rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).ok_or_else(wrong)?;
            let inside = inside.trim();
            rest = after;
            let quoted = inside.strip_prefix(['"', '\'']).and_then(|inside| inside.strip_suffix(['"', '\'']));
            steps.push(match quoted {
                Some(name) => Step::Member(name.to_owned()),
                None if inside == "*" => Step::All,
                None => Step::Items(ranges(inside).ok_or_else(wrong)?),
            });
        }
    }
    Ok(steps)
}

fn ranges(text: &str) -> Option<Vec<(usize, usize)>> {
    text.split(',')
        .map(|part| match part.split_once(" to ") {
            Some((from, to)) => Some((from.trim().parse().ok()?, to.trim().parse().ok()?)),
            None => part.trim().parse().ok().map(|at: usize| (at, at.saturating_add(1))),
        })
        .collect()
}

fn select<'a>(json: &'a Json, steps: &[Step], found: &mut Vec<&'a Json>) {
    let Some((step, rest)) = steps.split_first() else {
        found.push(json);
        return;
    };
    match (step, json) {
        (Step::Member(name), Json::Object(members)) => {
            if let Some((_, value)) = members.iter().find(|(member, _)| member == name) {
                select(value, rest, found);
            }
        }
        (Step::All, Json::Array(items)) => items.iter().for_each(|item| select(item, rest, found)),
        (Step::Items(ranges), Json::Array(items)) => {
            for (from, to) in ranges {
                items.iter().take(*to).skip(*from).for_each(|item| select(item, rest, found));
            }
        }
        _ => {}
    }
}

fn query<'a>(json: Option<&'a Json>, steps: &[Step]) -> Vec<&'a Json> {
    let mut found = Vec::new();
    if let Some(json) = json {
        select(json, steps, &mut found);
    }
    found
}

fn is_scalar(json: &Json) -> bool {
    !matches!(json, Json::Array(_) | Json::Object(_))
}

fn json_value(found: &[&Json]) -> String {
    match found.iter().find(|json| is_scalar(json)) {
        None => String::new(),
        Some(Json::Text(text)) => text.clone(),
        Some(other) => other.spelled(Spelling::Query),
    }
}

fn json_query(found: &[&Json]) -> String {
    if found.is_empty() {
        return String::new();
    }
    format!("[{}]", found.iter().map(|json| json.spelled(Spelling::Query)).collect::<Vec<_>>().join(", "))
}

/// What follows `"name":`, for the functions that only search.
fn simple<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.split_once(&format!("\"{name}\":")).map(|(_, rest)| rest)
}

/// The value's text: a quoted text, a bracketed one, or all up to a comma or a closing bracket.
fn simple_raw(rest: &str) -> &str {
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return rest.get(..at).unwrap_or_default(),
            b'}' | b']' => depth -= 1,
            b',' if depth == 0 => return rest.get(..at).unwrap_or_default(),
            _ => {}
        }
    }
    // Without an end it is not a value.
    ""
}

fn simple_string(rest: &str) -> String {
    let Some(inside) = rest.strip_prefix('"') else { return String::new() };
    let mut escaped = false;
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => {
                let quoted = rest.get(..at + 2).unwrap_or_default();
                return match parse(quoted) {
                    Some(Json::Text(text)) => text,
                    _ => String::new(),
                };
            }
            _ => {}
        }
    }
    String::new()
}

/// The number at the beginning, quoted or not.
fn simple_number(rest: &str, float: bool) -> &str {
    let rest = rest.strip_prefix('"').unwrap_or(rest);
    let length = rest
        .bytes()
        .take_while(|byte| {
            byte.is_ascii_digit() || *byte == b'-' || (float && matches!(byte, b'.' | b'e' | b'E' | b'+'))
        })
        .count();
    rest.get(..length).unwrap_or_default()
}

pub const PATH: &[Kernel] = &[
    kernel!("ch_json_value", (text: Text, path: Text) -> Text, let paths = Paths::new(); {
        json_value(&query(parse(text).as_ref(), paths.get(path, steps)?))
    }),
    kernel!("ch_json_query", (text: Text, path: Text) -> Text, let paths = Paths::new(); {
        json_query(&query(parse(text).as_ref(), paths.get(path, steps)?))
    }),
    kernel!("ch_json_exists", (text: Text, path: Text) -> U8, let paths = Paths::new(); {
        !query(parse(text).as_ref(), paths.get(path, steps)?).is_empty()
    }),
];

pub const SIMPLE: &[Kernel] = &[
    kernel!("ch_simple_json_has", (text: Text, name: Text) -> U8, simple(text, name).is_some()),
    kernel!("ch_simple_json_extract_raw", (text: Text, name: Text) -> Text, simple(text, name).map_or("", simple_raw)),
    kernel!("ch_simple_json_extract_string", (text: Text, name: Text) -> Text, {
        simple(text, name).map(simple_string).unwrap_or_default()
    }),
    kernel!("ch_simple_json_extract_int", (text: Text, name: Text) -> I64, {
        simple(text, name).map_or(0, |rest| simple_number(rest, false).parse().unwrap_or(0))
    }),
    kernel!("ch_simple_json_extract_uint", (text: Text, name: Text) -> U64, {
        simple(text, name).map_or(0, |rest| simple_number(rest, false).parse().unwrap_or(0))
    }),
    kernel!("ch_simple_json_extract_float", (text: Text, name: Text) -> F64, {
        simple(text, name).map_or(0.0, |rest| simple_number(rest, true).parse().unwrap_or(0.0))
    }),
    kernel!("ch_simple_json_extract_bool", (text: Text, name: Text) -> U8, {
        simple(text, name).is_some_and(|rest| rest.starts_with("true"))
    }),
];
