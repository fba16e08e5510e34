//! `OVER …`, window definitions and their frames.

use super::cursor::{Aliases, Parser, WINDOW_COST};
use super::level::BETWEEN;
use crate::ast::{Bound, Frame, FrameUnit, Ident, Over, WindowSpec};
use crate::error::Result;
use crate::lex::{Kind, Word};

impl Parser<'_> {
    /// Behind `OVER`.
    pub(super) fn over(&mut self) -> Result<Over> {
        if self.at_kind(Kind::LParen) {
            return self.window_spec().map(Over::Spec);
        }
        self.ident("a window").map(Over::Name)
    }

    /// `WINDOW name AS (…), …`, behind `WINDOW`.
    pub(super) fn windows(&mut self) -> Result<Vec<(Ident, WindowSpec)>> {
        let mut list = Vec::new();
        loop {
            let name = self.ident("a window's name")?;
            self.expect_word(Word::As, "`AS`")?;
            list.push((name, self.window_spec()?));
            if !self.eat(Kind::Comma) {
                return Ok(list);
            }
        }
    }

    fn window_spec(&mut self) -> Result<WindowSpec> {
        self.expect(Kind::LParen, "`(` and a window")?;
        let level = self.down(WINDOW_COST)?;
        let mut spec = WindowSpec::default();
        let clause = self.at_words(&[Word::Partition, Word::By]) || self.at_words(&[Word::Order, Word::By]);
        let is_name = matches!(self.peek().kind, Kind::Word | Kind::Quoted);
        if is_name && !clause && self.frame_unit().is_none() {
            spec.base = Some(self.ident("a window's name")?);
        }
        if self.eat_words(&[Word::Partition, Word::By]) {
            spec.partition_by = self.elements(Aliases::As)?;
        }
        if self.eat_words(&[Word::Order, Word::By]) {
            spec.order_by = self.order_items()?;
        }
        if let Some(unit) = self.frame_unit() {
            self.skip(1);
            spec.frame = Some(self.frame(unit)?);
        }
        self.up(&level);
        self.expect(Kind::RParen, "`)` at the end of the window")?;
        Ok(spec)
    }

    fn frame_unit(&self) -> Option<FrameUnit> {
        let unit = match self.peek().word {
            Word::Rows => FrameUnit::Rows,
            Word::Range => FrameUnit::Range,
            Word::Groups => FrameUnit::Groups,
            _ => return None,
        };
        if self.peek_at(1).kind == Kind::RParen { None } else { Some(unit) }
    }

    fn frame(&mut self, unit: FrameUnit) -> Result<Frame> {
        if !self.eat_word(Word::Between) {
            return Ok(Frame { unit, start: self.bound()?, end: None });
        }
        let start = self.bound()?;
        self.expect_word(Word::And, "`AND` and the other bound")?;
        Ok(Frame { unit, start, end: Some(self.bound()?) })
    }

    fn bound(&mut self) -> Result<Bound> {
        if self.at_word(Word::Current) && self.peek_at(1).word == Word::Row {
            self.skip(2);
            return Ok(Bound::CurrentRow);
        }
        let unbounded = self.at_word(Word::Unbounded)
            && matches!(self.peek_at(1).word, Word::Preceding | Word::Following);
        let expr = if unbounded {
            self.skip(1);
            None
        } else {
            // Above AND, which stands between the bounds.
            Some(Box::new(self.right(BETWEEN + 1)?))
        };
        let preceding = self.at_word(Word::Preceding);
        if !preceding && !self.at_word(Word::Following) {
            return Err(self.expected("`PRECEDING` or `FOLLOWING`"));
        }
        self.skip(1);
        Ok(match (expr, preceding) {
            (None, true) => Bound::UnboundedPreceding,
            (None, false) => Bound::UnboundedFollowing,
            (Some(expr), true) => Bound::Preceding(expr),
            (Some(expr), false) => Bound::Following(expr),
        })
    }
}
