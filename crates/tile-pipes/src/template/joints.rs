//! Where the values of a request stand in the SQL of a template: the author's text around them means the same whatever they
//! are. The lexer that the statement is read by is asked, so that nobody reads it otherwise.

use super::error::{Kind, TemplateError};
use std::sync::Arc;
use tile_clicksql::lex::{self, Token};

/// A value in the SQL.
#[derive(Clone, Debug)]
pub struct Joint {
    pub start: usize,
    pub end: usize,
    pub line: usize,
    /// The expression that it comes from.
    pub source: Arc<str>,
    /// A name that is in backquotes only when it has to be.
    pub may_be_bare: bool,
}

/// Whether each value is whole words of the SQL, or a part of one that it cannot leave. What cannot be split into words is no
/// statement, whatever it was to be.
///
/// # Errors
/// For a value that would change what stands around it.
pub fn check(sql: &str, joints: &[Joint]) -> Result<(), TemplateError> {
    if joints.is_empty() {
        return Ok(());
    }
    let tokens = match lex::tokens(sql) {
        Ok(tokens) => tokens,
        Err(error) => return unreadable(sql, joints, error.span.map_or(0, |span| at(span.start))),
    };
    joints
        .chunk_by(|left, right| left.end == right.start && meets(sql, right.start))
        .filter_map(|run| Some(Joint { end: run.last()?.end, ..run.first()?.clone() }))
        .try_for_each(|joint| check_one(sql, &tokens, &joint))
}

/// Two texts with nothing between them are one.
fn meets(sql: &str, at: usize) -> bool {
    let bytes = sql.as_bytes();
    let quote = bytes.get(at).filter(|byte| **byte == b'\'');
    quote.is_some() && at.checked_sub(1).and_then(|before| bytes.get(before)) == quote
}

/// Nobody reads on behind a place without sense. A value is told when it has ended the quotes before it.
fn unreadable(sql: &str, joints: &[Joint], place: usize) -> Result<(), TemplateError> {
    let found = joints.iter().find(|joint| (joint.start..joint.end).contains(&place));
    match found.filter(|joint| sql.get(..joint.start).is_some_and(|before| lex::tokens(before).is_err())) {
        Some(joint) => Err(in_quotes(joint)),
        None => Ok(()),
    }
}

fn check_one(sql: &str, tokens: &[Token], joint: &Joint) -> Result<(), TemplateError> {
    let value = sql.get(joint.start..joint.end).unwrap_or("");
    let place = |token: &Token| (at(token.span.start), at(token.span.end));
    let first = tokens.partition_point(|token| at(token.span.end) <= joint.start);
    let touched: Vec<(lex::Kind, usize, usize)> = tokens
        .iter()
        .skip(first)
        .map(|token| (token.kind, place(token).0, place(token).1))
        .take_while(|(_, start, end)| *start < joint.end && start < end)
        .collect();
    match (touched.first(), touched.last()) {
        (None, _) | (_, None) => in_comment(value, joint),
        (Some((.., start, _)), Some((.., end))) if (*start, *end) == (joint.start, joint.end) => {
            let before = first.checked_sub(1).and_then(|before| tokens.get(before));
            let is_behind_number =
                before.is_some_and(|token| token.kind == lex::Kind::Number && place(token).1 == *start);
            between_words(sql, value, is_behind_number, joint)
        }
        (Some((kind, start, end)), _) if *start <= joint.start && joint.end <= *end => {
            in_word(*kind, sql.as_bytes().get(*start).copied(), value, joint)
        }
        (Some((_, start, _)), _) if *start > joint.start => Err(ending_comment(joint)),
        (Some((kind, start, _)), _) if *start < joint.start && !is_plain(*kind) => Err(in_quotes(joint)),
        _ if value.starts_with(['\'', '"', '`']) && is_in_quotes(sql, value, joint) => Err(in_quotes(joint)),
        _ => Err(touching(joint)),
    }
}

/// Quotes of the author's stand directly before the value.
fn is_in_quotes(sql: &str, value: &str, joint: &Joint) -> bool {
    let before = sql.get(..joint.start).and_then(|text| text.chars().next_back());
    before.is_some() && before == value.chars().next()
}

fn at(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

const fn is_plain(kind: lex::Kind) -> bool {
    matches!(kind, lex::Kind::Word | lex::Kind::Number)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '$')
}

/// A value that is no token: it must not end its comment, nor open one in it.
fn in_comment(value: &str, joint: &Joint) -> Result<(), TemplateError> {
    let inside = value.strip_suffix('\n').unwrap_or(value);
    let changes = inside.contains("/*") || inside.contains("*/") || inside.contains('\n');
    if changes { Err(ending_comment(joint)) } else { Ok(()) }
}

/// What joins its neighbours for some values and not for others is refused for all of these.
fn between_words(sql: &str, value: &str, is_behind_number: bool, joint: &Joint) -> Result<(), TemplateError> {
    let before = sql.get(..joint.start).and_then(|text| text.chars().next_back());
    let behind = sql.get(joint.end..).and_then(|text| text.chars().next());
    let is_name = |text: Option<char>| joint.may_be_bare && text == Some('`');
    let joins_before = before.is_some_and(|c| is_word(c) || c == '.') && value.starts_with(['-', '+'])
        || (is_behind_number || before.is_some_and(is_word)) && is_name(value.chars().next());
    let joins_behind = behind.is_some_and(is_word) && is_name(value.chars().next_back());
    if joins_before || joins_behind { Err(touching(joint)) } else { Ok(()) }
}

/// A value that is part of a longer token: one word in a word, or what does not end its quotes.
fn in_word(kind: lex::Kind, quote: Option<u8>, value: &str, joint: &Joint) -> Result<(), TemplateError> {
    // Letters are digits to some numbers and to others not.
    let is_part: fn(char) -> bool = match kind {
        lex::Kind::Word => is_word,
        _ => |c| c.is_ascii_digit() || c == '.',
    };
    if is_plain(kind) || matches!(kind, lex::Kind::HexText | lex::Kind::BinText) {
        return if value.chars().all(is_part) { Ok(()) } else { Err(touching(joint)) };
    }
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '$' if quote == Some(b'$') => return Err(in_quotes(joint)),
            c if Some(c) == quote.map(char::from) => return Err(in_quotes(joint)),
            _ => {}
        }
    }
    Ok(())
}

/// Longer expressions are cut in errors.
const SHOWN_MAX: usize = 80;

/// An expression as its template has it.
pub(super) fn shown(source: &str) -> String {
    let source = source.trim();
    let cut: String = source.chars().take(SHOWN_MAX).collect();
    let more = if cut.len() < source.len() { "…" } else { "" };
    format!("{{{{{cut}{more}}}}}")
}

fn in_quotes(joint: &Joint) -> TemplateError {
    let value = shown(&joint.source);
    let text = format!(
        "{value} stands inside of quotes, which its value would end. Leave the quotes out, or join the parts as in \
         concat('%', {value}, '%')"
    );
    refused(&text, joint)
}

fn ending_comment(joint: &Joint) -> TemplateError {
    refused(&format!("the value of {} would end the comment that it stands in", shown(&joint.source)), joint)
}

fn touching(joint: &Joint) -> TemplateError {
    let text = format!(
        "the value of {} would join the word or quotes next to it: put a space between them",
        shown(&joint.source)
    );
    refused(&text, joint)
}

fn refused(text: &str, joint: &Joint) -> TemplateError {
    TemplateError::refusal(Kind::Render, text, Some(joint.line))
}
