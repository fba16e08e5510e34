//! f-strings: text with expressions in braces.

use super::ast::{Formatted, Kind, Piece};
use super::lex::{Quoted, Result, SyntaxError};
use super::literal::unescape;
use super::parse::nested;

/// Formats inside formats.
const SPEC_DEPTH_MAX: usize = 2;

pub fn pieces(quoted: &Quoted<'_>) -> Result<Vec<Piece>> {
    let mut reader = Reader { rest: quoted.body, raw: quoted.raw };
    let pieces = reader.pieces(0)?;
    Ok(pieces)
}

struct Reader<'a> {
    rest: &'a str,
    raw: bool,
}

fn error(message: &str) -> SyntaxError {
    SyntaxError::new(format!("f-string: {message}"))
}

impl<'a> Reader<'a> {
    fn advance(&mut self, bytes: usize) -> &'a str {
        let (head, tail) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = tail;
        head
    }

    fn text(&self, text: String, out: &mut Vec<Piece>) -> Result<()> {
        if !text.is_empty() {
            let text = if self.raw { text } else { unescape(&text)? };
            out.push(Piece::Text(text.into()));
        }
        Ok(())
    }

    /// Up to the end of the string, or inside a format up to its closing brace.
    fn pieces(&mut self, depth: usize) -> Result<Vec<Piece>> {
        let mut out = Vec::new();
        let mut text = String::new();
        while let Some(c) = self.rest.chars().next() {
            match c {
                '{' if depth == 0 && self.rest.starts_with("{{") => {
                    self.advance(2);
                    text.push('{');
                }
                '}' if depth == 0 && self.rest.starts_with("}}") => {
                    self.advance(2);
                    text.push('}');
                }
                '{' => {
                    self.text(std::mem::take(&mut text), &mut out)?;
                    self.advance(1);
                    self.value(depth, &mut out)?;
                }
                '}' if depth > 0 => break,
                '}' => return Err(error("single '}' is not allowed")),
                c => {
                    text.push(c);
                    self.advance(c.len_utf8());
                }
            }
        }
        self.text(text, &mut out)?;
        Ok(out)
    }

    fn value(&mut self, depth: usize, out: &mut Vec<Piece>) -> Result<()> {
        if depth >= SPEC_DEPTH_MAX {
            return Err(error("expressions nested too deeply"));
        }
        let source = self.source()?;
        if source.trim().is_empty() {
            return Err(error("empty expression not allowed"));
        }
        let expr = nested(source)?;
        let mut debug = false;
        if self.rest.starts_with('=') {
            self.advance(1);
            let blank = self.rest.len() - self.rest.trim_start().len();
            let blank = self.advance(blank);
            self.text(format!("{source}={blank}").replace('\\', "\\\\"), out)?;
            debug = true;
        }
        let mut conversion = None;
        if self.rest.starts_with('!') {
            self.advance(1);
            conversion = self.rest.chars().next().filter(|c| matches!(c, 'r' | 's' | 'a'));
            if conversion.is_none() {
                return Err(error("invalid conversion character: expected 's', 'r', or 'a'"));
            }
            self.advance(1);
        }
        let mut spec = None;
        if self.rest.starts_with(':') {
            self.advance(1);
            spec = Some(self.pieces(depth + 1)?);
        } else if debug && conversion.is_none() {
            conversion = Some('r');
        }
        if !self.rest.starts_with('}') {
            return Err(error("expecting '}'"));
        }
        self.advance(1);
        out.push(Piece::Value(Formatted { expr, conversion, spec }));
        Ok(())
    }

    /// The expression's text, up to what ends it outside brackets and quotes.
    fn source(&mut self) -> Result<&'a str> {
        let mut brackets: Vec<char> = Vec::new();
        let mut quote: Option<char> = None;
        let bytes = self.rest.as_bytes();
        for (at, c) in self.rest.char_indices() {
            let next = bytes.get(at + 1).copied().unwrap_or(0);
            match (quote, c) {
                (_, '\\') => return Err(error("expression part cannot include a backslash")),
                (Some(open), c) if c == open => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => quote = Some(c),
                (None, '#') => return Err(error("expression part cannot include '#'")),
                (None, '(' | '[' | '{') => brackets.push(c),
                (None, ')' | ']' | '}') if !brackets.is_empty() => drop(brackets.pop()),
                (None, '!') if brackets.is_empty() && next != b'=' => return Ok(self.advance(at)),
                (None, '=') if brackets.is_empty() && !is_comparison(bytes, at) => {
                    return Ok(self.advance(at));
                }
                (None, ':' | '}') if brackets.is_empty() => return Ok(self.advance(at)),
                (None, ')') => return Err(error("unmatched ')'")),
                (None, ']') => return Err(error("unmatched ']'")),
                _ => {}
            }
        }
        Err(error(if quote.is_some() { "unterminated string" } else { "expecting '}'" }))
    }
}

/// Whether the `=` here is part of `==`, `!=`, `<=` or `>=`.
fn is_comparison(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(0);
    bytes.get(at + 1) == Some(&b'=') || matches!(before, b'=' | b'!' | b'<' | b'>')
}

/// Neighbouring strings are one string; with an f-string among them, one f-string.
pub fn concatenated(parts: &[Quoted<'_>]) -> Result<Kind> {
    let mut out: Vec<Piece> = Vec::new();
    for part in parts {
        let pieces = if part.formatted {
            pieces(part)?
        } else {
            let text = if part.raw { part.body.to_owned() } else { unescape(part.body)? };
            vec![Piece::Text(text.into())]
        };
        for piece in pieces {
            match (out.last_mut(), piece) {
                (Some(Piece::Text(last)), Piece::Text(text)) => *last = format!("{last}{text}").into(),
                (_, piece) => out.push(piece),
            }
        }
    }
    if parts.iter().any(|part| part.formatted) {
        out.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
        return Ok(Kind::Joined(out));
    }
    let text = out.into_iter().find_map(|piece| match piece {
        Piece::Text(text) => Some(text),
        Piece::Value(_) => None,
    });
    Ok(Kind::Const(super::ast::Const::Str(text.unwrap_or_default())))
}
