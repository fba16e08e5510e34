//! Numbers, and the dot that either starts one or follows a name.

use super::{Kind, Lexer, is_word};
use crate::error::Result;

impl Lexer<'_> {
    /// Digits from `ahead` on, `_` between two of them included.
    fn digits(&self, mut ahead: usize, hex: bool) -> usize {
        let is_digit = |b: u8| if hex { b.is_ascii_hexdigit() } else { b.is_ascii_digit() };
        let start = ahead;
        while is_digit(self.byte(ahead))
            || (ahead > start && self.byte(ahead) == b'_' && is_digit(self.byte(ahead + 1)))
        {
            ahead += 1;
        }
        ahead
    }

    pub(super) fn number(&mut self) -> Result<()> {
        // `t.1.2` is two members and not `t` and 1.2.
        if self.out.last().is_some_and(|t| t.kind == Kind::Dot) {
            let length = self.digits(0, false);
            return self.end_of_number(length);
        }
        let (mut length, hex) = match (self.byte(0), self.byte(1) | 0x20, self.byte(2)) {
            (b'0', b'x', digit) if digit.is_ascii_hexdigit() => (self.digits(2, true), true),
            (b'0', b'b', b'0' | b'1') => (self.digits(2, false), false),
            _ => (self.digits(0, false), false),
        };
        if self.byte(length) == b'.' {
            length = self.digits(length + 1, hex);
        }
        length = self.exponent(length, hex);
        self.end_of_number(length)
    }

    /// `e5`, `E-5`, or `p-3` of a hexadecimal number, if one stands there.
    fn exponent(&self, length: usize, hex: bool) -> usize {
        if self.byte(length) | 0x20 != if hex { b'p' } else { b'e' } {
            return length;
        }
        let sign = usize::from(matches!(self.byte(length + 1), b'+' | b'-'));
        let end = self.digits(length + 1 + sign, false);
        if end == length + 1 + sign { length } else { end }
    }

    /// `1abc` is a name to ClickHouse, `1.5abc` is nothing.
    fn end_of_number(&mut self, length: usize) -> Result<()> {
        let mut end = length;
        while is_word(self.byte(end)) || self.byte(end) == b'$' {
            end += 1;
        }
        if end == length {
            self.push(Kind::Number, length);
        } else if (0..end).all(|i| is_word(self.byte(i)) || self.byte(i) == b'$') {
            self.word();
        } else {
            let text = self.text.get(self.at..self.at + end).unwrap_or("");
            return Err(self.fail(format!("expected a number, found `{text}`"), end));
        }
        Ok(())
    }

    /// `.5` is a number unless the dot follows a word, a number or a closing bracket, with or without white
    /// space between, as in ClickHouse: `t .1` is a member, and `SELECT .5` is an error.
    pub(super) fn dot(&mut self) -> Result<()> {
        let follows = self.out.last().is_some_and(|t| {
            matches!(
                t.kind,
                Kind::Word | Kind::Quoted | Kind::Number | Kind::RParen | Kind::RBracket | Kind::RBrace
            )
        });
        if follows || !self.byte(1).is_ascii_digit() {
            self.push(Kind::Dot, 1);
            return Ok(());
        }
        let length = self.digits(1, false);
        let length = self.exponent(length, false);
        self.end_of_number(length)
    }
}
