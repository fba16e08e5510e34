//! ORDER BY with its many words, and every spelling of LIMIT.

use super::cursor::{Aliases, Parser, follows_operand};
use crate::ast::{Distinct, Expr, Fill, Ident, Limit, LimitBy, OrderItem, Select};
use crate::error::Result;
use crate::lex::{Kind, Word};

/// `a AS expr, b`
type Interpolations = Vec<(Ident, Option<Expr>)>;

impl Parser<'_> {
    /// Behind `ORDER BY`.
    pub(super) fn order_items(&mut self) -> Result<Vec<OrderItem>> {
        if self.order_by_all() {
            self.skip(1);
            return Ok(vec![self.order_item(None)?]);
        }
        let mut list = Vec::new();
        loop {
            let expr = self.element(Aliases::As)?;
            list.push(self.order_item(Some(expr))?);
            if !self.eat(Kind::Comma) {
                return Ok(list);
            }
        }
    }

    /// `ALL` alone; in a longer list it is a column.
    fn order_by_all(&self) -> bool {
        let next = self.peek_at(1);
        if !self.at_word(Word::All) || next.kind == Kind::LParen {
            return false;
        }
        let mut ahead = 1;
        let direction = [Word::Asc, Word::Ascending, Word::Desc, Word::Descending];
        ahead += usize::from(direction.contains(&self.peek_at(ahead).word));
        ahead += if self.peek_at(ahead).word == Word::Nulls { 2 } else { 0 };
        let behind = self.peek_at(ahead);
        behind.kind == Kind::RParen || !follows_operand(behind)
    }

    fn order_item(&mut self, expr: Option<Expr>) -> Result<OrderItem> {
        let descending = self.eat_word(Word::Desc) || self.eat_word(Word::Descending);
        if !descending && !self.eat_word(Word::Asc) {
            self.eat_word(Word::Ascending);
        }
        let mut nulls_first = None;
        if self.eat_word(Word::Nulls) {
            nulls_first = Some(self.eat_word(Word::First));
            if nulls_first == Some(false) {
                self.expect_word(Word::Last, "`FIRST` or `LAST`")?;
            }
        }
        let collate =
            if self.eat_word(Word::Collate) { Some(self.string("a collation in quotes")?) } else { None };
        let fill = if self.eat_words(&[Word::With, Word::Fill]) { Some(self.fill()?) } else { None };
        Ok(OrderItem { expr, descending, nulls_first, collate, fill })
    }

    fn fill(&mut self) -> Result<Fill> {
        let mut part =
            |word| if self.eat_word(word) { self.element(Aliases::As).map(Some) } else { Ok(None) };
        Ok(Fill {
            from: part(Word::From)?,
            to: part(Word::To)?,
            step: part(Word::Step)?,
            staleness: part(Word::Staleness)?,
        })
    }

    /// `INTERPOLATE [(a AS expr, b)]`, only behind a WITH FILL.
    pub(super) fn interpolate(&mut self, items: &[OrderItem]) -> Result<Option<Interpolations>> {
        if !items.iter().any(|item| item.fill.is_some()) || !self.eat_word(Word::Interpolate) {
            return Ok(None);
        }
        let mut list = Vec::new();
        if !self.eat(Kind::LParen) {
            return Ok(Some(list));
        }
        while !self.at_kind(Kind::RParen) {
            let name = self.ident("a column's name")?;
            let expr = if self.eat_word(Word::As) { Some(self.element(Aliases::None)?) } else { None };
            list.push((name, expr));
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        self.expect(Kind::RParen, "`,` or `)`")?;
        Ok(Some(list))
    }

    /// LIMIT BY, LIMIT, OFFSET and FETCH.
    pub(super) fn limits(&mut self, select: &mut Select) -> Result<()> {
        if self.at_word(Word::Limit) {
            self.limit(select)?;
            if select.limit_by.is_some() && self.at_word(Word::Limit) {
                self.limit(select)?;
            }
        }
        if select.limit.is_none() && (self.at_word(Word::Offset) || self.at_fetch()) {
            self.offset_fetch(select)?;
        }
        if select.limit.as_ref().is_some_and(|limit| limit.with_ties) && select.order_by.is_empty() {
            return Err(self.refused("expected an `ORDER BY` with `WITH TIES`"));
        }
        Ok(())
    }

    /// `LIMIT [m,] n [OFFSET m] [WITH TIES]` or `LIMIT n [OFFSET m] BY exprs`
    fn limit(&mut self, select: &mut Select) -> Result<()> {
        let word = self.next();
        let mut count = self.element(Aliases::As)?;
        let mut offset = None;
        if self.eat(Kind::Comma) {
            offset = Some(std::mem::replace(&mut count, self.element(Aliases::As)?));
        } else if self.eat_word(Word::Offset) {
            offset = Some(self.element(Aliases::As)?);
        }
        let with_ties = self.eat_words(&[Word::With, Word::Ties]);
        if !self.at_word(Word::By) {
            if select.limit.is_some() {
                return Err(self.unsupported("expected either `TOP` or `LIMIT`, found both", word.span));
            }
            select.limit = Some(Limit { count: Some(count), offset, with_ties });
            return Ok(());
        }
        if with_ties || select.limit_by.is_some() || matches!(select.distinct, Distinct::On(_)) {
            let message = "expected `LIMIT BY` once, without `WITH TIES` and without `DISTINCT ON`";
            return Err(self.refused(message));
        }
        self.skip(1);
        let next = self.peek_at(1);
        if self.at_word(Word::All) && next.kind != Kind::LParen && !follows_operand(next) {
            return Err(self.unsupported("`LIMIT BY ALL` is not served", self.peek().span));
        }
        select.limit_by = Some(LimitBy { count, offset, by: self.elements(Aliases::As)? });
        Ok(())
    }

    fn at_fetch(&self) -> bool {
        self.at_word(Word::Fetch) && matches!(self.peek_at(1).word, Word::First | Word::Next)
    }

    /// `OFFSET m [ROWS]` and `FETCH FIRST n ROWS ONLY | WITH TIES`, of the SQL standard.
    fn offset_fetch(&mut self, select: &mut Select) -> Result<()> {
        let mut limit = Limit { count: None, offset: None, with_ties: false };
        if self.eat_word(Word::Offset) {
            limit.offset = Some(self.element(Aliases::As)?);
            if !self.eat_word(Word::Row) {
                self.eat_word(Word::Rows);
            }
        }
        if self.at_fetch() {
            if select.order_by.is_empty() {
                return Err(self.refused("expected an `ORDER BY` before `FETCH`"));
            }
            self.skip(2);
            limit.count = Some(self.element(Aliases::As)?);
            if !self.eat_word(Word::Row) {
                self.expect_word(Word::Rows, "`ROWS`")?;
            }
            limit.with_ties = self.eat_words(&[Word::With, Word::Ties]);
            if !limit.with_ties {
                self.expect_word(Word::Only, "`ONLY` or `WITH TIES`")?;
            }
        }
        select.limit = Some(limit);
        Ok(())
    }
}
