//! Words of an expression.

use tile_base::{Error, Result};

/// Bytes of an expression.
pub const TEXT_BYTES_MAX: usize = 16 << 10;

#[derive(Clone, Debug, PartialEq)]
pub enum Word {
    /// A name or a keyword, as it was written.
    Name(String),
    /// A name in backquotes: never a keyword.
    Quoted(String),
    Text(String),
    /// Digits, with a point, an exponent and letters behind them.
    Number(String),
    Sign(&'static str),
    End,
}

#[derive(Clone, Debug)]
pub struct Token {
    pub word: Word,
    /// Characters before it.
    pub at: usize,
}

/// Longer ones first.
const SIGNS: &[&str] = &[
    "<=>", "||", "<=", ">=", "<>", "!=", "==", "->", "::", "(", ")", "[", "]", ",", ".", "+", "-", "*", "/",
    "%", "=", "<", ">", "!", "&", "|", "^", "~",
];

/// The words of a text, the last of them its end.
///
/// # Errors
/// `Invalid` for what is no word; `TooLarge`.
pub fn words(text: &str) -> Result<Vec<Token>> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Error::new(
            tile_base::error::Kind::TooLarge,
            format!("an expression has more than {TEXT_BYTES_MAX} bytes"),
        ));
    }
    if text.contains('\0') {
        return Err(Error::invalid("an expression has a character of the number 0"));
    }
    let mut lexer = Lexer { chars: text.chars().collect(), at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip()?;
        let at = lexer.at;
        let word = lexer.word()?;
        let is_end = word == Word::End;
        tokens.push(Token { word, at });
        if is_end {
            return Ok(tokens);
        }
    }
}

pub fn wrong(at: usize, what: impl Into<String>) -> Error {
    Error::invalid(what).at(format!("character {}", at + 1))
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn looks(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.peek(i) == Some(c))
    }

    /// Spaces and comments.
    fn skip(&mut self) -> Result<()> {
        loop {
            if self.peek(0).is_some_and(char::is_whitespace) {
                self.at += 1;
            } else if self.looks("--") {
                while self.peek(0).is_some_and(|c| c != '\n') {
                    self.at += 1;
                }
            } else if self.looks("/*") {
                let start = self.at;
                self.at += 2;
                while !self.looks("*/") {
                    if self.peek(0).is_none() {
                        return Err(wrong(start, "a comment does not end"));
                    }
                    self.at += 1;
                }
                self.at += 2;
            } else {
                return Ok(());
            }
        }
    }

    fn word(&mut self) -> Result<Word> {
        let Some(c) = self.peek(0) else { return Ok(Word::End) };
        match c {
            'r' | 'R' if matches!(self.peek(1), Some('\'' | '"')) => {
                self.at += 1;
                self.text(true)
            }
            '\'' | '"' => self.text(false),
            '`' => self.quoted(),
            '0'..='9' => Ok(self.number()),
            '.' if self.peek(1).is_some_and(|c| c.is_ascii_digit()) => Ok(self.number()),
            c if c.is_alphabetic() || c == '_' => {
                let start = self.at;
                while self.peek(0).is_some_and(|c| c.is_alphanumeric() || c == '_') {
                    self.at += 1;
                }
                Ok(Word::Name(self.chars[start..self.at].iter().collect()))
            }
            _ => match SIGNS.iter().find(|sign| self.looks(sign)) {
                Some(sign) => {
                    self.at += sign.len();
                    Ok(Word::Sign(sign))
                }
                None => Err(wrong(self.at, format!("`{c}` means nothing here"))),
            },
        }
    }

    fn quoted(&mut self) -> Result<Word> {
        let start = self.at;
        self.at += 1;
        let mut name = String::new();
        loop {
            match self.peek(0) {
                None => return Err(wrong(start, "a name in backquotes does not end")),
                Some('`') if self.peek(1) == Some('`') => {
                    name.push('`');
                    self.at += 2;
                }
                Some('`') => {
                    self.at += 1;
                    return Ok(Word::Quoted(name));
                }
                Some(c) => {
                    name.push(c);
                    self.at += 1;
                }
            }
        }
    }

    /// A text in single or double quotes. Backslashes are read but in raw texts.
    fn text(&mut self, is_raw: bool) -> Result<Word> {
        let start = self.at;
        let quote = self.peek(0);
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(c) = self.peek(0) else { return Err(wrong(start, "a text does not end")) };
            self.at += 1;
            match c {
                c if Some(c) == quote => break,
                '\\' if !is_raw => self.escape(&mut text)?,
                c => text.push(c),
            }
        }
        // Spark joins two texts that follow each other, so that 'it''s' is "its" there.
        if self.peek(0) == quote {
            return Err(wrong(self.at, "two texts follow each other: write a quote within a text as \\'"));
        }
        Ok(Word::Text(text))
    }

    fn escape(&mut self, text: &mut String) -> Result<()> {
        let at = self.at;
        let Some(c) = self.peek(0) else { return Err(wrong(at, "a text ends in a backslash")) };
        self.at += 1;
        match c {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'b' => text.push('\u{8}'),
            'Z' => text.push('\u{1a}'),
            // LIKE wants to see them.
            '%' | '_' => text.extend(['\\', c]),
            '0' => return Err(wrong(at, "a text has a character of the number 0")),
            'u' | 'U' => {
                let length = if c == 'u' { 4 } else { 8 };
                let digits: String = (0..length).filter_map(|i| self.peek(i)).collect();
                let number = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == length);
                let c = number.and_then(char::from_u32).filter(|c| *c != '\0');
                text.push(c.ok_or_else(|| wrong(at, "no character has this number"))?);
                self.at += length;
            }
            c if c.is_ascii_digit() => {
                return Err(wrong(at, "write a character by its number as \\u and four digits"));
            }
            c => text.push(c),
        }
        Ok(())
    }

    fn number(&mut self) -> Word {
        let start = self.at;
        while let Some(c) = self.peek(0) {
            let is_sign = matches!(c, '+' | '-')
                && matches!(self.chars[self.at - usize::from(self.at > start)], 'e' | 'E')
                && self.at > start;
            if c.is_alphanumeric() || c == '.' || c == '_' || is_sign {
                self.at += 1;
            } else {
                break;
            }
        }
        Word::Number(self.chars[start..self.at].iter().collect())
    }
}
