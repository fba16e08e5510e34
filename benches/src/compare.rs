//! Are two answers equal? Each comparison tells the first difference, in the words of the row's own format.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::data::Data;
use crate::http;
use crate::rows::{Row, Same};
use crate::servers::Server;

/// How many requests of a row's list are compared: the lists are scattered already, and mix their kinds in turn.
const PROBES: usize = 5;
/// Times of writing differ between two catalogs that hold the same.
const TIMES: [&str; 2] = ["time_created", "time_updated"];

pub struct Comparison<'a> {
    pub data: &'a Data,
    pub ours: &'a Server,
    pub theirs: &'a Server,
    pub run: &'a Path,
}

impl Comparison<'_> {
    /// The first difference between the answers to the first requests of the row's list.
    pub fn row(&self, row: &Row) -> Result<Option<String>> {
        for target in row.urls.iter().take(PROBES) {
            let difference = self.target(target, row.accept, row.same)?;
            if difference.is_some() {
                return Ok(difference.map(|what| format!("`{target}`: {}", what.trim_start_matches(": "))));
            }
        }
        Ok(None)
    }

    pub fn target(&self, target: &str, accept: &str, same: Same) -> Result<Option<String>> {
        let (theirs_head, theirs) = http::fetch(self.theirs.address, target, accept)?;
        let (ours_head, ours) = http::fetch(self.ours.address, target, accept)?;
        if ours_head.status != 200 || theirs_head.status != 200 {
            return Ok(Some(format!("status {} and {}", ours_head.status, theirs_head.status)));
        }
        if ours_head.media != theirs_head.media {
            return Ok(Some(format!("type `{}` and `{}`", ours_head.media, theirs_head.media)));
        }
        match same {
            Same::Bytes => Ok(bytes(&ours, &theirs)),
            Same::Json => self.json(&ours, &theirs),
            Same::Png => Ok(png(&ours, &theirs)),
            Same::Arrow => self.table("arrow", &ours, &theirs),
            Same::Csv => self.table("csv", &ours, &theirs),
        }
    }

    fn json(&self, ours: &[u8], theirs: &[u8]) -> Result<Option<String>> {
        let ours: Value = serde_json::from_slice(ours).context("our answer is no JSON")?;
        let theirs: Value = serde_json::from_slice(theirs).context("the original's answer is no JSON")?;
        Ok(json(&ours, &theirs, &Bases { ours: self.ours.base(), theirs: self.theirs.base() }))
    }

    fn table(&self, kind: &str, ours: &[u8], theirs: &[u8]) -> Result<Option<String>> {
        let (one, other) = (self.run.join("ours"), self.run.join("theirs"));
        fs::write(&one, ours)?;
        fs::write(&other, theirs)?;
        self.data.same_table(kind, &one, &other)
    }
}

fn bytes(ours: &[u8], theirs: &[u8]) -> Option<String> {
    if ours.len() != theirs.len() {
        return Some(format!("{} bytes and {} bytes", ours.len(), theirs.len()));
    }
    let at = ours.iter().zip(theirs).position(|(one, other)| one != other)?;
    Some(format!("the same length, but byte {at} differs"))
}

/// Width, height, depth and colour type: what stands in the first chunk. The pixels go through two scalings.
fn png(ours: &[u8], theirs: &[u8]) -> Option<String> {
    let head = |image: &[u8]| {
        image.get(..26).filter(|head| head.starts_with(b"\x89PNG\r\n\x1a\n")).map(<[u8]>::to_vec)
    };
    match (head(ours), head(theirs)) {
        (Some(one), Some(other)) if one == other => None,
        (Some(one), Some(other)) => Some(format!("header {:?} and {:?}", one.get(16..), other.get(16..))),
        _ => Some("not a PNG".to_owned()),
    }
}

struct Bases {
    ours: String,
    theirs: String,
}

fn json(ours: &Value, theirs: &Value, bases: &Bases) -> Option<String> {
    match (ours, theirs) {
        (Value::Object(one), Value::Object(other)) => {
            let keys = |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
            if one.len() != other.len() || one.keys().any(|key| !other.contains_key(key)) {
                return Some(format!(": keys {:?} and {:?}", keys(one), keys(other)));
            }
            let pairs = one.iter().filter_map(|(key, value)| Some((key, value, other.get(key)?)));
            pairs
                .filter(|(key, one, other)| !passing(key, one, other))
                .find_map(|(key, one, other)| json(one, other, bases).map(|what| format!("/{key}{what}")))
        }
        (Value::Array(one), Value::Array(other)) if one.len() != other.len() => {
            Some(format!(": {} items and {} items", one.len(), other.len()))
        }
        (Value::Array(one), Value::Array(other)) => {
            let mut pairs = one.iter().zip(other).enumerate();
            pairs.find_map(|(at, (one, other))| json(one, other, bases).map(|what| format!("/{at}{what}")))
        }
        (Value::String(one), Value::String(other)) => {
            let (one, other) = (without(one, &bases.ours), without(other, &bases.theirs));
            (one != other).then(|| format!(": `{one}` and `{other}`"))
        }
        _ => (ours != theirs).then(|| format!(": {ours} and {theirs}")),
    }
}

/// Whether two values may differ: times, and ids that a database gave.
fn passing(key: &str, one: &Value, other: &Value) -> bool {
    let paging = |v: &Value| v.is_null() || v.as_str().is_some_and(|text| text.contains("page["));
    TIMES.contains(&key)
        // The original counts nothing inside of HDF5 files.
        || (key == "count" && *other == 0)
        // Where it does not count, the original tells a lower bound.
        || (key == "count" && *other == 101 && one.as_u64().is_some_and(|n| n > 101))
        || (key == "id" && one.is_number() && other.is_number())
        // Both page through the same rows; the original names a page by a cursor where it was asked by an offset.
        || (matches!(key, "self" | "next") && paging(one) && paging(other))
}

/// A string without the server's address and without the database's id in a page's cursor.
fn without(text: &str, base: &str) -> String {
    let text = text.replace(base, "");
    match text.split_once("page[cursor]=") {
        Some((before, after)) => {
            format!("{before}page[cursor]={}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Bases, bytes, json as difference, png};

    fn bases() -> Bases {
        Bases { ours: "http://h:1".to_owned(), theirs: "http://h:2".to_owned() }
    }

    #[test]
    fn what_two_servers_may_tell_differently() {
        let one = json!({"id": 3, "time_created": "a", "self": "http://h:1/x", "next": "http://h:1/s?page[cursor]=7&page[limit]=2"});
        let other = json!({"id": 4, "time_created": "b", "self": "http://h:2/x", "next": "http://h:2/s?page[cursor]=91&page[limit]=2"});
        assert_eq!(difference(&one, &other, &bases()), None);
    }

    #[test]
    fn what_they_may_not() {
        for (one, other) in [
            (json!({"id": "a"}), json!({"id": "b"})),
            (json!([1]), json!([1.0])),
            (json!({"a": null}), json!({})),
            (json!([1, 2]), json!([1])),
            (json!("http://h:1/x"), json!("http://h:2/y")),
        ] {
            assert!(difference(&one, &other, &bases()).is_some(), "{one} and {other}");
        }
    }

    #[test]
    fn bytes_and_images() {
        assert_eq!(bytes(b"abc", b"abc"), None);
        assert_eq!(bytes(b"abc", b"abd").unwrap(), "the same length, but byte 2 differs");
        assert_eq!(png(b"GIF", b"GIF").unwrap(), "not a PNG");
    }
}
