//! `for … in … if …` behind an element.

use super::super::ast::{Clause, Comprehension, Expr, Kind, Shape};
use super::super::lex::{Result, SyntaxError};
use super::super::target;
use super::Parser;
use std::sync::Arc;

impl Parser<'_> {
    pub(super) fn comprehension(&mut self, shape: Shape, element: Expr, value: Option<Expr>) -> Result<Expr> {
        if matches!(element.kind, Kind::Starred(_)) {
            return Err(SyntaxError::new("iterable unpacking cannot be used in comprehension"));
        }
        let mut clauses = Vec::new();
        while self.take_word("for") {
            let target = self.targets()?;
            if !self.take_word("in") {
                return Err(SyntaxError::invalid());
            }
            target::check(&target)?;
            let iter = self.or()?;
            let mut conditions = Vec::new();
            while self.take_word("if") {
                conditions.push(self.or()?);
            }
            clauses.push(Clause { target, iter, conditions });
        }
        Expr::new(Kind::Comprehension(Arc::new(Comprehension { shape, element, value, clauses })))
    }
}
