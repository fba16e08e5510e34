//! Expressions: aliases around operators around operands. Loops where operators chain, recursion where they
//! nest.

use super::cursor::{Aliases, ELEMENT_COST, PREFIX_COST, Parser, RIGHT_COST};
use super::{AND, NOT, OR};
use crate::ast::{BinaryOp, Expr, ExprKind, Ident, Span, UnaryOp};
use crate::error::Result;
use crate::lex::{Kind, Word};

/// Chains of AND or OR up to this length lean to the left as written; longer ones are built balanced, since
/// generated queries have thousands of terms and whoever walks the tree recurses.
const LEANING_TERMS_MAX: usize = 32;

impl Parser<'_> {
    /// One whole expression, as it stands between commas or brackets.
    pub(super) fn element(&mut self, aliases: Aliases) -> Result<Expr> {
        let level = self.down(ELEMENT_COST)?;
        let without_in = std::mem::replace(&mut self.without_in, false);
        let expr = self.climb(0)?;
        let expr = self.aliased(expr, aliases)?;
        self.without_in = without_in;
        self.up(&level);
        Ok(expr)
    }

    pub(super) fn aliased(&mut self, expr: Expr, aliases: Aliases) -> Result<Expr> {
        let Some(name) = self.alias(aliases)? else { return Ok(expr) };
        let span = expr.span.to(name.span);
        Ok(Expr { kind: ExprKind::Alias { expr: Box::new(expr), name }, span })
    }

    pub(super) fn alias(&mut self, aliases: Aliases) -> Result<Option<Ident>> {
        let token = self.peek();
        if aliases == Aliases::None {
            return Ok(None);
        }
        if token.word == Word::As {
            self.skip(1);
            return self.ident("an alias").map(Some);
        }
        let stands = match token.kind {
            Kind::Quoted => true,
            Kind::Word => {
                let nulls = matches!(token.word, Word::Respect | Word::Ignore);
                !(token.word.ends_alias() || nulls && self.peek_at(1).word == Word::Nulls)
            }
            _ => false,
        };
        if aliases == Aliases::Any && stands { self.ident("an alias").map(Some) } else { Ok(None) }
    }

    /// Elements with commas between them, at least one.
    pub(super) fn elements(&mut self, aliases: Aliases) -> Result<Vec<Expr>> {
        let mut list = vec![self.element(aliases)?];
        while self.eat(Kind::Comma) {
            list.push(self.element(aliases)?);
        }
        Ok(list)
    }

    /// Elements up to a closing bracket, which is passed; perhaps none.
    pub(super) fn elements_until(&mut self, close: Kind, name: &str) -> Result<Vec<Expr>> {
        if self.eat(close) {
            return Ok(Vec::new());
        }
        let list = self.elements(Aliases::As)?;
        self.expect(close, name)?;
        Ok(list)
    }

    /// An operand and all operators behind it that bind at least as tightly as `min`.
    pub(super) fn climb(&mut self, min: u8) -> Result<Expr> {
        let left = self.prefix()?;
        self.operators(left, min)
    }

    pub(super) fn operators(&mut self, mut left: Expr, min: u8) -> Result<Expr> {
        while let Some((infix, level)) = self.infix() {
            if level < min {
                break;
            }
            self.taller()?;
            left = self.infix_rest(left, infix, level)?;
        }
        Ok(left)
    }

    /// The right side of an operator, which is one recursion deeper.
    pub(super) fn right(&mut self, min: u8) -> Result<Expr> {
        let level = self.down(RIGHT_COST)?;
        let expr = self.climb(min)?;
        self.up(&level);
        Ok(expr)
    }

    /// `a AND b AND c …`, all of the same operator.
    pub(super) fn chain(&mut self, left: Expr, op: BinaryOp, level: u8) -> Result<Expr> {
        let word = if level == AND { Word::And } else { Word::Or };
        debug_assert!(level == AND || level == OR);
        let mut terms = vec![left];
        while self.eat_word(word) {
            terms.push(self.right(level + 1)?);
        }
        self.chained(terms, op)
    }

    fn chained(&mut self, terms: Vec<Expr>, op: BinaryOp) -> Result<Expr> {
        if terms.len() <= LEANING_TERMS_MAX {
            for _ in 2..terms.len() {
                self.taller()?;
            }
        } else {
            let doublings = u32::try_from(terms.len()).unwrap_or(u32::MAX).ilog2();
            for _ in 0..doublings {
                self.taller()?;
            }
        }
        balance(terms, op).ok_or_else(|| self.expected("an expression"))
    }

    fn prefix(&mut self) -> Result<Expr> {
        let token = self.peek();
        match token.kind {
            Kind::Minus => self.prefixed(UnaryOp::Minus),
            Kind::Plus => self.prefixed(UnaryOp::Plus),
            Kind::Word if token.word == Word::Not => self.prefixed(UnaryOp::Not),
            _ => {
                let operand = self.operand()?;
                self.postfix(operand)
            }
        }
    }

    fn prefixed(&mut self, op: UnaryOp) -> Result<Expr> {
        let start = self.start();
        if op == UnaryOp::Minus
            && self.peek_at(1).kind == Kind::Number
            && self.peek_at(2).kind == Kind::DoubleColon
        {
            // ClickHouse takes `-1::Int8` for the cast of a negative number.
            return self.negative_cast(start);
        }
        self.skip(1);
        let level = self.down(PREFIX_COST)?;
        let expr = if op == UnaryOp::Not { self.climb(NOT + 1)? } else { self.prefix()? };
        self.up(&level);
        Ok(self.unary(op, expr, start))
    }

    fn negative_cast(&mut self, start: u32) -> Result<Expr> {
        self.skip(1);
        let number = self.operand()?;
        let negative = self.unary(UnaryOp::Minus, number, start);
        self.postfix(negative)
    }

    fn unary(&self, op: UnaryOp, expr: Expr, start: u32) -> Expr {
        Expr { kind: ExprKind::Unary { op, expr: Box::new(expr) }, span: self.since(start) }
    }
}

pub(super) fn join(left: Expr, op: BinaryOp, right: Expr) -> Expr {
    let span: Span = left.span.to(right.span);
    Expr { kind: ExprKind::Binary { op, left: Box::new(left), right: Box::new(right) }, span }
}

/// Joins terms with an associative operator; the left half takes the odd one. `None` for no terms.
fn balance(mut terms: Vec<Expr>, op: BinaryOp) -> Option<Expr> {
    if terms.len() <= LEANING_TERMS_MAX {
        return terms.into_iter().reduce(|left, right| join(left, op, right));
    }
    while terms.len() > 1 {
        let mut next = Vec::with_capacity(terms.len() / 2 + 1);
        let mut rest = terms.into_iter();
        while let Some(left) = rest.next() {
            next.push(match rest.next() {
                Some(right) => join(left, op, right),
                None => left,
            });
        }
        terms = next;
    }
    terms.pop()
}
