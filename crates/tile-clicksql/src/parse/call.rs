//! Function calls, and types as they are written in casts and parameters.

use super::cursor::{Aliases, Parser, follows_operand};
use super::special::special_of;
use crate::ast::{Call, Expr, ExprKind, Ident};
use crate::error::Result;
use crate::lex::{Kind, Word};

impl Parser<'_> {
    /// `name(…)` with all that may follow; the name is next.
    pub(super) fn call(&mut self) -> Result<Expr> {
        let start = self.start();
        let name = self.ident("a function's name")?;
        self.expect(Kind::LParen, "`(`")?;
        match special_of(&name.text) {
            Some(special) => self.special(special, name, start),
            None => self.plain_call(name, start),
        }
    }

    /// A call without words among its arguments, behind `name(`.
    pub(super) fn plain_call(&mut self, name: Ident, start: u32) -> Result<Expr> {
        let mut call = empty_call(name);
        self.arguments(&mut call)?;
        self.plain_call_rest(call, start)
    }

    fn plain_call_rest(&mut self, mut call: Box<Call>, start: u32) -> Result<Expr> {
        if self.at_kind(Kind::LParen) && !call.distinct && call.respect_nulls.is_none() {
            self.skip(1);
            call.params = Some(std::mem::take(&mut call.args));
            self.arguments(&mut call)?;
        }
        self.behind_call(&mut call)?;
        Ok(Expr { kind: ExprKind::Call(call), span: self.since(start) })
    }

    /// `[DISTINCT] a, b [RESPECT NULLS])`
    fn arguments(&mut self, call: &mut Call) -> Result<()> {
        let next = self.peek_at(1);
        if self.at_word(Word::Distinct) && !follows_operand(next) {
            self.skip(1);
            call.distinct = true;
        } else if self.at_word(Word::All) && !follows_operand(next) && next.kind != Kind::LParen {
            self.skip(1);
        }
        if self.query_starts(0) {
            call.args = self.bare_subquery()?;
        } else if !self.at_kind(Kind::RParen) {
            call.args = self.elements(Aliases::As)?;
        }
        call.respect_nulls = self.nulls();
        if self.at_word(Word::Settings) {
            let span = self.peek().span;
            return Err(self.unsupported("`SETTINGS` among arguments is not served", span));
        }
        self.expect(Kind::RParen, "`,` or `)`")
    }

    /// `view(SELECT …)`: a query without parentheses of its own.
    fn bare_subquery(&mut self) -> Result<Vec<Expr>> {
        let start = self.start();
        let query = self.query(false)?;
        Ok(vec![Expr { kind: ExprKind::Subquery(Box::new(query)), span: self.since(start) }])
    }

    fn nulls(&mut self) -> Option<bool> {
        if self.eat_words(&[Word::Respect, Word::Nulls]) {
            Some(true)
        } else if self.eat_words(&[Word::Ignore, Word::Nulls]) {
            Some(false)
        } else {
            None
        }
    }

    /// FILTER, NULLS and OVER, in any order.
    fn behind_call(&mut self, call: &mut Call) -> Result<()> {
        loop {
            if call.respect_nulls.is_none() {
                call.respect_nulls = self.nulls();
            }
            let next = self.peek_at(1);
            if self.at_word(Word::Filter) && next.kind == Kind::LParen && call.filter.is_none() {
                self.skip(2);
                self.expect_word(Word::Where, "`WHERE`")?;
                call.filter = Some(self.element(Aliases::As)?);
                self.expect(Kind::RParen, "`)`")?;
            } else if self.at_word(Word::Over)
                && matches!(next.kind, Kind::LParen | Kind::Word | Kind::Quoted)
            {
                if next.kind == Kind::Word && next.word.ends_alias() {
                    return Ok(());
                }
                self.skip(1);
                call.over = Some(self.over()?);
                return Ok(());
            } else if !matches!(self.peek().word, Word::Respect | Word::Ignore) || next.word != Word::Nulls {
                return Ok(());
            } else if call.respect_nulls.is_some() {
                return Err(self.expected("`NULLS` to be said once"));
            }
        }
    }

    /// The type after `::`: a name, perhaps with parentheses, perhaps of two words.
    pub(super) fn short_type(&mut self) -> Result<String> {
        let start = self.start();
        self.ident("a type")?;
        while self.at_kind(Kind::Word) {
            let text = self.text(self.peek().span);
            let goes_on = ["PRECISION", "VARYING", "UNSIGNED", "SIGNED"];
            if !goes_on.iter().any(|word| text.eq_ignore_ascii_case(word)) {
                break;
            }
            self.skip(1);
        }
        if self.eat(Kind::LParen) {
            self.balanced(Kind::RParen, "`)`")?;
            self.skip(1);
        }
        Ok(self.text(self.since(start)).to_owned())
    }

    /// Everything up to a closing bracket, which is not passed.
    pub(super) fn type_until(&mut self, close: Kind, name: &str) -> Result<String> {
        let start = self.start();
        if !matches!(self.peek().kind, Kind::Word | Kind::Quoted) {
            return Err(self.expected("a type"));
        }
        self.balanced(close, name)?;
        Ok(self.text(self.since(start)).to_owned())
    }

    fn balanced(&mut self, close: Kind, name: &str) -> Result<()> {
        let mut open = 0u32;
        loop {
            let kind = self.peek().kind;
            match kind {
                Kind::LParen => open += 1,
                Kind::RParen if open > 0 => open -= 1,
                _ if open == 0 && kind == close => return Ok(()),
                Kind::End | Kind::Semicolon | Kind::LBrace | Kind::RBrace | Kind::RParen => {
                    return Err(self.expected(if open > 0 { "`)`" } else { name }));
                }
                _ => {}
            }
            self.skip(1);
        }
    }
}

pub(super) fn empty_call(name: Ident) -> Box<Call> {
    Box::new(Call {
        name,
        params: None,
        args: Vec::new(),
        distinct: false,
        filter: None,
        respect_nulls: None,
        over: None,
    })
}
