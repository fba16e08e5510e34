//! `INDEXES`: one index a line, `[INDEX] name expr TYPE type[(arguments)] [GRANULARITY n]`.

use super::fault::{Fault, Report};
use super::lex::{is_blank, single_spaced, trim};
use super::read::Block;
use super::source::Place;
use serde_json::{Value, json};

/// An index that skips data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    pub name: String,
    pub expr: String,
    /// With its arguments, as in `set(100)`.
    pub type_full: String,
    pub granularity: Option<u32>,
    pub place: Place,
}

impl Index {
    pub fn to_sql(&self) -> String {
        let granularity = self.granularity.map_or(String::new(), |n| format!(" GRANULARITY {n}"));
        format!("{} {} TYPE {}{granularity}", self.name, self.expr, self.type_full)
    }

    pub fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "expr": self.expr,
            "type_full": self.type_full,
            "granularity": self.granularity.map(|n| n.to_string()),
        })
    }
}

pub(super) fn parse(block: &Block, report: &mut Report) -> Vec<Index> {
    let mut indexes: Vec<Index> = Vec::new();
    for (i, line) in block.text.lines().enumerate().filter(|(_, line)| !trim(line).is_empty()) {
        let place = block.place(i + 1);
        match index(trim(line).trim_end_matches(','), place.clone()) {
            Some(index) if indexes.iter().any(|other| other.name == index.name) => {
                report.invalid(&place, format!("Index {} is defined twice", index.name));
            }
            Some(index) => indexes.push(index),
            None => {
                let column = line.chars().take_while(|c| is_blank(*c)).count() + 1;
                let fault = Fault { is_syntax: true, column, ..Fault::new("Invalid INDEX syntax") };
                report.add(
                    &place,
                    fault.hint("Usage: `[INDEX] name expr TYPE type_full GRANULARITY granularity`"),
                );
            }
        }
    }
    indexes
}

fn index(line: &str, place: Place) -> Option<Index> {
    let line = single_spaced(line);
    let line = line.strip_prefix("INDEX ").unwrap_or(&line);
    let (name, rest) = line.split_once(' ')?;
    let (expr, rest) = rest.split_once(" TYPE ")?;
    let is_name = name != "INDEX" && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !is_name || expr.is_empty() || rest.contains("TYPE") {
        return None;
    }
    let (type_full, behind) = index_type(rest)?;
    let granularity = match behind.split_once(' ') {
        None if behind.is_empty() => None,
        Some((word, number)) if word.eq_ignore_ascii_case("granularity") => Some(number.trim().parse().ok()?),
        _ => return None,
    };
    Some(Index { name: name.to_owned(), expr: expr.trim().to_owned(), type_full, granularity, place })
}

/// The type with its arguments, and what stands behind.
fn index_type(text: &str) -> Option<(String, &str)> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    if name.is_empty() {
        return None;
    }
    let Some(inner) = rest.strip_prefix('(') else { return Some((name.to_owned(), rest.trim())) };
    let (arguments, behind) = inner.split_once(')')?;
    if arguments.trim().is_empty() {
        return Some((name.to_owned(), behind.trim()));
    }
    Some((format!("{name}({arguments})"), behind.trim()))
}
