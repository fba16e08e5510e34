//! `JSONExtract*` and its kin. What is not JSON, not there or of another kind gives the type's default.
//!
//! A path is a list of texts: names of members, and for an index `\u{1}` with the number behind it, which
//! counts from 1, or from the end when it is negative.
#![expect(clippy::cast_possible_truncation, reason = "casts of JSON's numbers are checked for their range")]
#![expect(clippy::cast_precision_loss, reason = "ClickHouse converts to the same floats")]
#![expect(clippy::cast_sign_loss, reason = "casts of JSON's numbers are checked for their range")]

use super::frame::{
    Answered, Bool, F64, I64, Kernel, Last, ListF64, ListI64, ListText, Text, U8, U64, kernel,
};
use super::json_value::{Json, parse};

const INDEX: char = '\u{1}';

/// The tree of the last text: several functions of one document follow each other within a row group.
type Documents = Last<Option<Json>>;

impl Documents {
    fn document(&mut self, text: &str) -> Answered<Option<&Json>> {
        Ok(self.get(text, |text| Ok(parse(text)))?.as_ref())
    }
    fn find(&mut self, text: &str, path: &[&str]) -> Answered<Option<&Json>> {
        Ok(self.document(text)?.and_then(|json| walk(json, path).map(|(_, value)| value)))
    }
}

fn position(index: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    let at = if index > 0 { index - 1 } else { length + index };
    usize::try_from(at).ok().filter(|_| index != 0)
}

/// The value at a path, and the name of the member that it is.
fn walk<'a>(json: &'a Json, path: &[&str]) -> Option<(Option<&'a str>, &'a Json)> {
    let mut at = (None, json);
    for step in path {
        at = match (at.1, step.strip_prefix(INDEX)) {
            (Json::Array(items), Some(index)) => {
                (None, items.get(position(index.parse().ok()?, items.len())?)?)
            }
            (Json::Object(members), Some(index)) => {
                let (name, value) = members.get(position(index.parse().ok()?, members.len())?)?;
                (Some(name.as_str()), value)
            }
            (Json::Object(members), None) => {
                let (name, value) = members.iter().find(|(name, _)| name == step)?;
                (Some(name.as_str()), value)
            }
            _ => return None,
        };
    }
    Some(at)
}

fn text_of(json: &Json) -> Option<String> {
    match json {
        Json::Null => None,
        Json::Text(text) => Some(text.clone()),
        other => Some(other.raw()),
    }
}

/// Numbers, cut to whole ones, and texts that are numbers; no booleans.
fn int_of(json: &Json) -> Option<i64> {
    match json {
        Json::Int(value) => Some(*value),
        Json::UInt(value) => i64::try_from(*value).ok(),
        Json::Float(value) => (*value > -9.3e18 && *value < 9.2e18).then_some(*value as i64),
        Json::Text(text) => text.parse().ok().or_else(|| int_of(&Json::Float(text.parse().ok()?))),
        _ => None,
    }
}

fn uint_of(json: &Json) -> Option<u64> {
    match json {
        Json::Int(value) => u64::try_from(*value).ok(),
        Json::UInt(value) => Some(*value),
        Json::Float(value) => (*value >= 0.0 && *value < 1.8e19).then_some(*value as u64),
        Json::Text(text) => text.parse().ok().or_else(|| uint_of(&Json::Float(text.parse().ok()?))),
        _ => None,
    }
}

fn float_of(json: &Json) -> Option<f64> {
    match json {
        Json::Int(value) => Some(*value as f64),
        Json::UInt(value) => Some(*value as f64),
        Json::Float(value) => Some(*value),
        Json::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn bool_of(json: &Json) -> Option<bool> {
    match json {
        Json::Bool(value) => Some(*value),
        Json::Int(value) => Some(*value != 0),
        Json::UInt(value) => Some(*value != 0),
        _ => None,
    }
}

/// `JSONExtract` with a type takes booleans for numbers, which `JSONExtractInt` does not.
fn with_bool<T: From<bool>>(read: impl Fn(&Json) -> Option<T>) -> impl Fn(&Json) -> Option<T> {
    move |json| match json {
        Json::Bool(value) => Some(T::from(*value)),
        other => read(other),
    }
}

fn float_or_bool(json: &Json) -> Option<f64> {
    if let Json::Bool(value) = json { Some(f64::from(u8::from(*value))) } else { float_of(json) }
}

/// An array of which every element is of another kind is of another kind as well; NULL is of all kinds.
fn list<T: Default>(json: Option<&Json>, read: impl Fn(&Json) -> Option<T>) -> Vec<T> {
    let found: Vec<Option<T>> = items(json).iter().map(&read).collect();
    let nulls = items(json).contains(&Json::Null);
    if !nulls && found.iter().all(Option::is_none) {
        return Vec::new();
    }
    found.into_iter().map(Option::unwrap_or_default).collect()
}

fn items(json: Option<&Json>) -> &[Json] {
    match json {
        Some(Json::Array(items)) => items,
        _ => &[],
    }
}

fn members(json: Option<&Json>) -> &[(String, Json)] {
    match json {
        Some(Json::Object(members)) => members,
        _ => &[],
    }
}

/// ClickHouse's letters for the kinds of values.
fn kind(json: Option<&Json>) -> &'static str {
    match json {
        None => "Null",
        Some(Json::Null) => "Null",
        Some(Json::Bool(_)) => "Bool",
        Some(Json::Int(_)) => "Int64",
        Some(Json::UInt(_)) => "UInt64",
        Some(Json::Float(_)) => "Double",
        Some(Json::Text(_)) => "String",
        Some(Json::Array(_)) => "Array",
        Some(Json::Object(_)) => "Object",
    }
}

fn length(json: Option<&Json>) -> u64 {
    match json {
        Some(Json::Array(items)) => items.len() as u64,
        Some(Json::Object(members)) => members.len() as u64,
        _ => 0,
    }
}

macro_rules! at_path {
    ($name:literal, $out:ident, |$json:ident| $body:expr) => {
        kernel!($name, (text: Text, path: ListText) -> $out, let documents = Documents::new(); {
            let $json = documents.find(text, &path)?;
            $body
        })
    };
}

pub const EXTRACT: &[Kernel] = &[
    at_path!("ch_json_extract_string", Text, |json| json.and_then(text_of).unwrap_or_default()),
    at_path!("ch_json_extract_int", I64, |json| json.and_then(int_of).unwrap_or(0)),
    at_path!("ch_json_extract_uint", U64, |json| json.and_then(uint_of).unwrap_or(0)),
    at_path!("ch_json_extract_float", F64, |json| json.and_then(float_of).unwrap_or(0.0)),
    at_path!("ch_json_extract_bool", Bool, |json| json.and_then(bool_of).unwrap_or(false)),
    at_path!("ch_json_extract_raw", Text, |json| json.map(Json::raw).unwrap_or_default()),
    // NULL instead of the default: for `JSONExtract(…, 'Nullable(…)')`.
    at_path!("ch_json_extract_string_or_null", Text, |json| json.and_then(text_of)),
    at_path!("ch_json_extract_int_or_null", I64, |json| json.and_then(with_bool(int_of))),
    at_path!("ch_json_extract_float_or_null", F64, |json| json.and_then(float_or_bool)),
    at_path!("ch_json_extract_array_raw", ListText, |json| items(json)
        .iter()
        .map(Json::raw)
        .collect::<Vec<_>>()),
    at_path!("ch_json_extract_keys", ListText, |json| members(json)
        .iter()
        .map(|(name, _)| name.as_str())
        .collect::<Vec<_>>()),
    at_path!("ch_json_extract_values_raw", ListText, |json| members(json)
        .iter()
        .map(|(_, value)| value.raw())
        .collect::<Vec<_>>()),
    at_path!("ch_json_extract_texts", ListText, |json| list(json, text_of)),
    at_path!("ch_json_extract_ints", ListI64, |json| list(json, with_bool(int_of))),
    at_path!("ch_json_extract_floats", ListF64, |json| list(json, float_or_bool)),
    at_path!("ch_json_extract_uint_or_null", U64, |json| json.and_then(with_bool(uint_of))),
    at_path!("ch_json_has", U8, |json| json.is_some()),
    at_path!("ch_json_length", U64, |json| length(json)),
    at_path!("ch_json_type", Text, |json| kind(json)),
    kernel!("ch_json_key", (text: Text, path: ListText) -> Text, let documents = Documents::new(); {
        let name = documents.document(text)?.and_then(|json| walk(json, &path)).and_then(|(name, _)| name);
        name.unwrap_or_default().to_owned()
    }),
    kernel!("ch_is_valid_json", (text: Text) -> U8, parse(text).is_some()),
];
