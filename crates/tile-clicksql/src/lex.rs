//! Text into tokens with byte spans, in one pass and linear time. Comments and white space are dropped here;
//! what a word means is decided by the parser.
//!
//! Source: ClickHouse, `src/Parsers/Lexer.cpp`.

mod number;
mod quoted;
mod word;

use crate::ast::Span;
use crate::error::{Code, Result, SqlError};
pub use quoted::unquote;
pub use word::Word;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Word,
    /// `"name"` or `` `name` ``
    Quoted,
    Number,
    /// `'text'`
    Text,
    /// `x'4142'`
    HexText,
    /// `b'0110'`
    BinText,
    /// `$tag$text$tag$`
    Heredoc,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Eq,
    NotEq,
    Lt,
    LtEq,
    Gt,
    GtEq,
    NullSafeEq,
    Concat,
    Colon,
    DoubleColon,
    Arrow,
    Question,
    Dot,
    Comma,
    LParen,
    RParen,
    LBracket,
    RBracket,
    LBrace,
    RBrace,
    Semicolon,
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    pub word: Word,
    pub span: Span,
}

/// All tokens of the text; the last one is `End`.
///
/// # Errors
/// For what begins no token, and for quotes and comments without an end.
pub fn tokens(text: &str) -> Result<Vec<Token>> {
    if u32::try_from(text.len()).is_err() {
        return Err(SqlError::new(Code::Syntax, "expected a text of less than 4 gib"));
    }
    let mut lexer =
        Lexer { text, bytes: text.as_bytes(), at: 0, out: Vec::with_capacity(text.len() / 4 + 8) };
    while lexer.step()? {}
    Ok(lexer.out)
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    out: Vec<Token>,
}

pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Offsets fit: `tokens` has checked the length of the text.
fn span(start: usize, end: usize) -> Span {
    Span { start: u32::try_from(start).unwrap_or(u32::MAX), end: u32::try_from(end).unwrap_or(u32::MAX) }
}

impl Lexer<'_> {
    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// One token or one stretch of nothing; false after the end.
    fn step(&mut self) -> Result<bool> {
        let Some(&byte) = self.bytes.get(self.at) else {
            self.push(Kind::End, 0);
            return Ok(false);
        };
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => self.at += 1,
            b'x' | b'X' | b'b' | b'B' if self.byte(1) == b'\'' => self.coded_text(byte)?,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
            b'0'..=b'9' => self.number()?,
            b'\'' => self.quoted(byte, Kind::Text)?,
            b'"' | b'`' => self.quoted(byte, Kind::Quoted)?,
            b'.' => self.dot()?,
            b'$' => self.heredoc()?,
            b'#' if matches!(self.byte(1), b' ' | b'!' | b'\t') => self.line_comment(),
            b'-' if self.byte(1) == b'-' => self.line_comment(),
            b'/' if self.byte(1) == b'/' => self.line_comment(),
            b'/' if self.byte(1) == b'*' => self.block_comment()?,
            _ => self.symbol(byte)?,
        }
        Ok(true)
    }

    fn push(&mut self, kind: Kind, length: usize) {
        let end = self.at + length;
        self.out.push(Token { kind, word: Word::Other, span: span(self.at, end) });
        self.at = end;
    }

    fn fail(&self, message: impl Into<String>, length: usize) -> SqlError {
        SqlError::new(Code::Syntax, message).at(span(self.at, self.at + length))
    }

    fn word(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let length = rest.iter().position(|&b| !is_word(b) && b != b'$').unwrap_or(rest.len());
        let word = self.text.get(self.at..self.at + length).map_or(Word::Other, Word::of);
        self.push(Kind::Word, length);
        if let Some(token) = self.out.last_mut() {
            token.word = word;
        }
    }

    fn symbol(&mut self, byte: u8) -> Result<()> {
        let (kind, length) = match (byte, self.byte(1), self.byte(2)) {
            (b'<', b'=', b'>') => (Kind::NullSafeEq, 3),
            (b'<', b'=', _) => (Kind::LtEq, 2),
            (b'<', b'>', _) | (b'!', b'=', _) => (Kind::NotEq, 2),
            (b'>', b'=', _) => (Kind::GtEq, 2),
            (b'=', b'=', _) => (Kind::Eq, 2),
            (b'|', b'|', _) => (Kind::Concat, 2),
            (b':', b':', _) => (Kind::DoubleColon, 2),
            (b'-', b'>', _) => (Kind::Arrow, 2),
            (b'<', ..) => (Kind::Lt, 1),
            (b'>', ..) => (Kind::Gt, 1),
            (b'=', ..) => (Kind::Eq, 1),
            (b'+', ..) => (Kind::Plus, 1),
            (b'-', ..) => (Kind::Minus, 1),
            (b'*', ..) => (Kind::Star, 1),
            (b'/', ..) => (Kind::Slash, 1),
            (b'%', ..) => (Kind::Percent, 1),
            (b':', ..) => (Kind::Colon, 1),
            (b'?', ..) => (Kind::Question, 1),
            (b',', ..) => (Kind::Comma, 1),
            (b'(', ..) => (Kind::LParen, 1),
            (b')', ..) => (Kind::RParen, 1),
            (b'[', ..) => (Kind::LBracket, 1),
            (b']', ..) => (Kind::RBracket, 1),
            (b'{', ..) => (Kind::LBrace, 1),
            (b'}', ..) => (Kind::RBrace, 1),
            (b';', ..) => (Kind::Semicolon, 1),
            _ => return self.other(),
        };
        self.push(kind, length);
        Ok(())
    }

    /// What is not ASCII: a space, a minus, or an error.
    fn other(&mut self) -> Result<()> {
        let found = self.text.get(self.at..).and_then(|rest| rest.chars().next()).unwrap_or('\0');
        let length = found.len_utf8();
        match found {
            '\u{2212}' => self.push(Kind::Minus, length),
            '\u{feff}' | '\u{200b}' | '\u{2060}' => self.at += length,
            _ if found.is_whitespace() => self.at += length,
            _ if found.is_alphabetic() => {
                let error = self.fail(format!("expected a token, found `{found}`"), length);
                return Err(error.hint("names with letters other than a-z need quotes: `name` or \"name\""));
            }
            _ => {
                let shown = found.escape_debug();
                return Err(self.fail(format!("expected a token, found `{shown}`"), length));
            }
        }
        Ok(())
    }

    fn line_comment(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        self.at += rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
    }

    /// `/* … */`, which nest.
    fn block_comment(&mut self) -> Result<()> {
        let mut level = 0usize;
        let mut ahead = 0;
        while self.at + ahead < self.bytes.len() {
            match (self.byte(ahead), self.byte(ahead + 1)) {
                (b'/', b'*') => {
                    level += 1;
                    ahead += 2;
                }
                (b'*', b'/') => {
                    level -= 1;
                    ahead += 2;
                    if level == 0 {
                        self.at += ahead;
                        return Ok(());
                    }
                }
                _ => ahead += 1,
            }
        }
        Err(self.fail("expected `*/` at the end of the comment", 2))
    }
}

#[cfg(test)]
mod tests;
