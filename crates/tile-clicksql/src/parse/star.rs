//! `*`, `COLUMNS(…)`, and what changes the columns they stand for.

use super::call::empty_call;
use super::cursor::{Aliases, Parser, REPLACE_COST};
use crate::ast::{ColumnsOf, Expr, ExprKind, Ident, StarModifier};
use crate::error::Result;
use crate::lex::{Kind, Word};

impl Parser<'_> {
    /// The `*` is next.
    pub(super) fn star(&mut self, qualifier: Vec<Ident>, start: u32) -> Result<Expr> {
        self.skip(1);
        let modifiers = self.star_modifiers()?;
        Ok(Expr { kind: ExprKind::Star { qualifier, modifiers }, span: self.since(start) })
    }

    /// `COLUMNS('regex')` or `COLUMNS(a, t.b)`
    pub(super) fn columns(&mut self, qualifier: Vec<Ident>, start: u32) -> Result<Expr> {
        self.skip(2);
        let what = if self.at_text() {
            ColumnsOf::Pattern(self.string("a pattern")?)
        } else {
            let mut names = vec![self.dotted("a pattern or a column's name")?];
            while self.eat(Kind::Comma) {
                names.push(self.dotted("a column's name")?);
            }
            ColumnsOf::Names(names)
        };
        self.expect(Kind::RParen, "`)`")?;
        let modifiers = self.star_modifiers()?;
        Ok(Expr { kind: ExprKind::Columns { qualifier, what, modifiers }, span: self.since(start) })
    }

    /// `a.b.c`
    pub(super) fn dotted(&mut self, what: &str) -> Result<Vec<Ident>> {
        let mut path = vec![self.ident(what)?];
        while self.eat(Kind::Dot) {
            path.push(self.ident("a name after the dot")?);
        }
        Ok(path)
    }

    fn star_modifiers(&mut self) -> Result<Vec<StarModifier>> {
        let mut modifiers = Vec::new();
        loop {
            let word = self.peek().word;
            let next = self.peek_at(1);
            let starts = matches!(next.kind, Kind::Word | Kind::Quoted | Kind::LParen | Kind::Text);
            match word {
                // Before a query, EXCEPT is the set operation.
                Word::Except
                    if starts
                        && !self.query_starts(1)
                        && !self.query_behind(1)
                        && !matches!(next.word, Word::All | Word::Distinct | Word::Select) =>
                {
                    self.skip(1);
                    modifiers.push(self.except()?);
                }
                Word::Replace if starts => {
                    self.skip(1);
                    let level = self.down(REPLACE_COST)?;
                    modifiers.push(StarModifier::Replace(self.replacements()?));
                    self.up(&level);
                }
                Word::Apply if starts => {
                    self.skip(1);
                    modifiers.push(StarModifier::Apply(Box::new(self.apply()?)));
                }
                _ => return Ok(modifiers),
            }
        }
    }

    fn no_strict(&self) -> Result<()> {
        let next = self.peek_at(1).kind;
        if self.at_word(Word::Strict) && matches!(next, Kind::Word | Kind::Quoted | Kind::LParen | Kind::Text)
        {
            let more = !matches!(self.peek_at(1).word, Word::From | Word::Replace | Word::Apply | Word::As);
            if more {
                return Err(self.unsupported("`STRICT` is not served", self.peek().span));
            }
        }
        Ok(())
    }

    fn except(&mut self) -> Result<StarModifier> {
        self.no_strict()?;
        let parens = self.eat(Kind::LParen);
        let modifier = if self.at_text() {
            StarModifier::ExceptPattern(self.string("a pattern")?)
        } else {
            let mut names = vec![self.ident("a column's name")?];
            while parens && self.eat(Kind::Comma) {
                names.push(self.ident("a column's name")?);
            }
            StarModifier::Except(names)
        };
        if parens {
            self.expect(Kind::RParen, "`,` or `)`")?;
        }
        Ok(modifier)
    }

    fn replacements(&mut self) -> Result<Vec<(Expr, Ident)>> {
        self.no_strict()?;
        let parens = self.eat(Kind::LParen);
        let mut list = Vec::new();
        loop {
            let expr = self.element(Aliases::None)?;
            self.expect_word(Word::As, "`AS` and a column's name")?;
            list.push((expr, self.ident("a column's name")?));
            if !parens {
                return Ok(list);
            }
            if !self.eat(Kind::Comma) {
                self.expect(Kind::RParen, "`,` or `)`")?;
                return Ok(list);
            }
        }
    }

    /// A function's name, a function with parameters, or a lambda.
    fn apply(&mut self) -> Result<Expr> {
        let parens = self.eat(Kind::LParen);
        let expr =
            if matches!(self.peek().kind, Kind::Word | Kind::Quoted) && self.peek_at(1).kind != Kind::Arrow {
                self.function()?
            } else {
                let expr = self.element(Aliases::None)?;
                if !matches!(expr.kind, ExprKind::Lambda { .. }) {
                    let span = expr.span;
                    return Err(self.unsupported("expected a function or a lambda to apply", span));
                }
                expr
            };
        if parens {
            self.expect(Kind::RParen, "`)`")?;
        }
        Ok(expr)
    }

    fn function(&mut self) -> Result<Expr> {
        let start = self.start();
        let name = self.ident("a function's name")?;
        if !self.eat(Kind::LParen) {
            return Ok(Expr { kind: ExprKind::Name(vec![name]), span: self.since(start) });
        }
        let mut call = empty_call(name);
        call.args = self.elements_until(Kind::RParen, "`,` or `)`")?;
        Ok(Expr { kind: ExprKind::Call(call), span: self.since(start) })
    }
}
