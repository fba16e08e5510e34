//! Joins, in every order of their words that ClickHouse takes.

use super::cursor::{Aliases, Parser};
use crate::ast::{Ident, Join, JoinKind, JoinOn, Strictness, TableKind, TableRef};
use crate::error::{Result, SqlError};
use crate::lex::{Kind, Word};

/// The words before `JOIN`.
#[derive(Default)]
struct Words {
    kind: Option<JoinKind>,
    strictness: Option<Strictness>,
    outer: bool,
    global: bool,
    local: bool,
}

impl Parser<'_> {
    /// `NATURAL … JOIN`, whose first word is no alias then; `LOCAL` is one.
    pub(super) fn natural_join(&self) -> bool {
        let next = self.peek_at(1).word;
        self.at_word(Word::Natural)
            && matches!(next, Word::Join | Word::Left | Word::Right | Word::Inner | Word::Full)
    }

    /// Everything joined to a first table, from left to right.
    pub(super) fn joins(&mut self, mut left: TableRef) -> Result<TableRef> {
        let start = left.span.start;
        loop {
            let kind = if let Some(is_left) = self.array_join() {
                let exprs = self.elements(Aliases::As)?;
                TableKind::ArrayJoin { left: Some(Box::new(left)), is_left, exprs }
            } else if self.eat(Kind::Comma) {
                let right = self.table()?;
                joined(left, right, JoinKind::Comma, Strictness::Default, false, JoinOn::None)
            } else if let Some(words) = self.join_words()? {
                self.join(left, &words)?
            } else {
                return Ok(left);
            };
            self.taller()?;
            left = TableRef { kind, alias: None, is_final: false, sample: None, span: self.since(start) };
        }
    }

    /// `[LEFT | INNER] ARRAY JOIN`; true for LEFT.
    pub(super) fn array_join(&mut self) -> Option<bool> {
        let is_left = self.at_word(Word::Left);
        let ahead = usize::from(is_left || self.at_word(Word::Inner));
        if self.peek_at(ahead).word != Word::Array || self.peek_at(ahead + 1).word != Word::Join {
            return None;
        }
        self.skip(ahead + 2);
        Some(is_left)
    }

    /// Passes the words up to and with `JOIN`.
    fn join_words(&mut self) -> Result<Option<Words>> {
        let mut words = Words::default();
        let mut found = false;
        loop {
            let token = self.peek();
            if token.word == Word::Join {
                self.skip(1);
                return words.checked(self).map(Some);
            }
            if self.natural_join() {
                return Err(self.unsupported("`NATURAL JOIN` is not served", token.span));
            }
            if !words.take(token.word) {
                return if found { Err(self.expected("`JOIN`")) } else { Ok(None) };
            }
            found = true;
            self.skip(1);
        }
    }

    fn join(&mut self, left: TableRef, words: &Words) -> Result<TableKind> {
        let right = self.table()?;
        let kind = words.kind.unwrap_or(match words.strictness {
            Some(Strictness::Semi | Strictness::Anti) => JoinKind::Left,
            _ => JoinKind::Inner,
        });
        let on = match kind {
            JoinKind::Cross | JoinKind::Paste => JoinOn::None,
            _ => self.join_on()?,
        };
        let strictness = words.strictness.unwrap_or(Strictness::Default);
        Ok(joined(left, right, kind, strictness, words.global, on))
    }

    fn join_on(&mut self) -> Result<JoinOn> {
        if self.eat_word(Word::On) {
            return self.element(Aliases::None).map(JoinOn::On);
        }
        self.expect_word(Word::Using, "`ON` or `USING`")?;
        let parens = self.eat(Kind::LParen);
        let mut names = vec![self.using_name()?];
        while self.eat(Kind::Comma) {
            names.push(self.using_name()?);
        }
        if parens {
            self.expect(Kind::RParen, "`,` or `)`")?;
        }
        Ok(JoinOn::Using(names))
    }

    fn using_name(&mut self) -> Result<Ident> {
        let name = self.ident("a column's name")?;
        if matches!(self.peek().kind, Kind::Dot | Kind::LParen) || self.at_word(Word::As) {
            return Err(self.unsupported("expected plain column names in `USING`", self.peek().span));
        }
        Ok(name)
    }
}

fn joined(
    left: TableRef,
    right: TableRef,
    kind: JoinKind,
    strictness: Strictness,
    global: bool,
    on: JoinOn,
) -> TableKind {
    TableKind::Join(Box::new(Join { left, right, kind, strictness, global, on }))
}

impl Words {
    /// False: the word does not belong here, or was there before.
    fn take(&mut self, word: Word) -> bool {
        match word {
            Word::Global | Word::Local => {
                let fresh = !self.global && !self.local;
                self.global |= word == Word::Global;
                self.local |= word == Word::Local;
                return fresh;
            }
            Word::Outer => return !std::mem::replace(&mut self.outer, true),
            _ => {}
        }
        let kind = match word {
            Word::Inner => Some(JoinKind::Inner),
            Word::Left => Some(JoinKind::Left),
            Word::Right => Some(JoinKind::Right),
            Word::Full => Some(JoinKind::Full),
            Word::Cross => Some(JoinKind::Cross),
            Word::Paste => Some(JoinKind::Paste),
            _ => None,
        };
        let strictness = match word {
            Word::All => Some(Strictness::All),
            Word::Any => Some(Strictness::Any),
            Word::Semi => Some(Strictness::Semi),
            Word::Anti | Word::Only => Some(Strictness::Anti),
            Word::Asof => Some(Strictness::Asof),
            _ => None,
        };
        if kind.is_some() && self.kind.is_none() {
            self.kind = kind;
            return true;
        }
        if strictness.is_some() && self.strictness.is_none() {
            self.strictness = strictness;
            return true;
        }
        false
    }

    fn checked(self, parser: &Parser<'_>) -> Result<Self> {
        let refused = |message| -> Result<Self> {
            Err(SqlError::new(crate::error::Code::Syntax, message).at(parser.peek().span))
        };
        let sided = matches!(self.kind, Some(JoinKind::Left | JoinKind::Right | JoinKind::Full));
        if self.outer && !sided {
            return refused("expected `LEFT`, `RIGHT` or `FULL` with `OUTER`");
        }
        if self.strictness.is_some() && matches!(self.kind, Some(JoinKind::Cross | JoinKind::Paste)) {
            return refused("expected no `ANY`, `ALL`, `SEMI`, `ANTI` or `ASOF` with `CROSS` and `PASTE`");
        }
        let half = matches!(self.strictness, Some(Strictness::Semi | Strictness::Anti));
        if half && !matches!(self.kind, None | Some(JoinKind::Left | JoinKind::Right)) {
            return refused("expected `LEFT` or `RIGHT` with `SEMI` and `ANTI`");
        }
        Ok(self)
    }
}
