//! A block of SQL.

use super::fault::{Fault, Report};
use super::lex::{dedent, is_blank, trim};
use super::read::Found;
use super::source::Place;

/// SQL as a text, which may be a template.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Query {
    /// Without the blanks that all lines begin with, and without empty lines: those that the file has are not part of it.
    pub text: String,
    /// Where each line of `text` stands.
    pub places: Vec<Place>,
}

impl Query {
    /// Whether it begins with `%`.
    pub fn is_template(&self) -> bool {
        self.text.trim_start_matches(is_blank).starts_with('%')
    }

    /// The place of a line of `text`, counted from 1.
    pub fn place(&self, line: usize) -> Place {
        self.places.get(line.saturating_sub(1)).or(self.places.last()).cloned().unwrap_or_default()
    }
}

pub(super) fn parse(found: &Found, report: &mut Report) -> Option<Query> {
    let Some(block) = &found.block else {
        let fault = Fault { is_syntax: true, column: 1, ..Fault::new("SQL must be multiline") };
        report.add(&found.place, fault.hint("Use > to start a multiline SQL block"));
        return None;
    };
    let whole = trim(&block.text);
    if whole.is_empty() {
        report.invalid(&found.place, "Missing sql query for pipe creation after the SQL label");
        return None;
    }
    // A template keeps the blanks before its lines.
    let text = if whole.starts_with('%') {
        whole.to_owned()
    } else {
        dedent(&block.text).trim_end_matches(is_blank).to_owned()
    };
    // Lines of a block are never blank, so the first line of the text is the first line of the block.
    Some(Query { text, places: block.places.clone() })
}
