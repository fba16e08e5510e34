//! Names and texts with the quotes they need.

use super::Printer;
use crate::ast::Ident;
use crate::lex::{Word, is_word};
use std::fmt::Write;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    /// Anywhere a keyword would be taken for itself.
    Alone,
    /// Before `(`.
    Function,
}

/// A word to the lexer, perhaps a keyword.
pub(super) fn is_plain(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| is_word(b) && !b.is_ascii_digit()) && bytes.all(is_word)
}

impl Printer {
    pub(super) fn ident(&mut self, ident: &Ident, position: Position) {
        let word = Word::of(&ident.text);
        let bare = match position {
            Position::Alone => word.is_plain_name(),
            Position::Function => !word.is_no_function(),
        };
        if bare && is_plain(&ident.text) { self.put(&ident.text) } else { self.quoted(&ident.text) }
    }

    pub(super) fn name(&mut self, ident: &Ident) {
        self.ident(ident, Position::Alone);
    }

    pub(super) fn path(&mut self, path: &[Ident], position: Position) {
        for (i, part) in path.iter().enumerate() {
            if i > 0 {
                self.put(".");
            }
            self.ident(part, position);
        }
    }

    pub(super) fn quoted(&mut self, text: &str) {
        self.put("`");
        self.escaped(text, '`');
        self.put("`");
    }

    pub(super) fn text(&mut self, text: &str) {
        self.put("'");
        self.escaped(text, '\'');
        self.put("'");
    }

    fn escaped(&mut self, text: &str, quote: char) {
        for c in text.chars() {
            match c {
                '\\' => self.put("\\\\"),
                '\n' => self.put("\\n"),
                '\t' => self.put("\\t"),
                '\r' => self.put("\\r"),
                '\0' => self.put("\\0"),
                c if c == quote => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                c if c.is_ascii_control() => {
                    // Writing to a String cannot fail.
                    let _ = write!(self.out, "\\x{:02x}", u32::from(c));
                }
                c => self.out.push(c),
            }
        }
    }
}
