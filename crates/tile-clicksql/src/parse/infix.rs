//! What may stand between two operands.

use super::cursor::{Parser, is_text};
use super::expr::join;
use super::level::{BETWEEN, COMPARE, IS, TERNARY, binary_level};
use crate::ast::{BinaryOp, Expr, ExprKind};
use crate::error::Result;
use crate::lex::{Kind, Word};

#[derive(Clone, Copy)]
pub(super) enum Infix {
    Binary(BinaryOp),
    In { negated: bool, global: bool },
    Between { negated: bool },
    Is,
    Ternary,
}

impl Infix {
    /// Tokens of the operator itself.
    fn length(self) -> usize {
        match self {
            Self::Binary(BinaryOp::NotLike | BinaryOp::NotILike | BinaryOp::NotRegexp) => 2,
            Self::Binary(_) | Self::Is | Self::Ternary => 1,
            Self::In { negated, global } => 1 + usize::from(negated) + usize::from(global),
            Self::Between { negated } => 1 + usize::from(negated),
        }
    }

    fn level(self) -> u8 {
        match self {
            Self::Binary(op) => binary_level(op),
            Self::In { .. } => COMPARE,
            Self::Between { .. } => BETWEEN,
            Self::Is => IS,
            Self::Ternary => TERNARY,
        }
    }
}

impl Parser<'_> {
    /// The operator that stands next, not passed yet, and how tightly it binds.
    pub(super) fn infix(&self) -> Option<(Infix, u8)> {
        let token = self.peek();
        let op = match token.kind {
            Kind::Word => self.word_infix(token.word)?,
            Kind::Plus => Infix::Binary(BinaryOp::Add),
            Kind::Minus => Infix::Binary(BinaryOp::Subtract),
            Kind::Star => Infix::Binary(BinaryOp::Multiply),
            Kind::Slash => Infix::Binary(BinaryOp::Divide),
            Kind::Percent => Infix::Binary(BinaryOp::Modulo),
            Kind::Eq => Infix::Binary(BinaryOp::Eq),
            Kind::NotEq => Infix::Binary(BinaryOp::NotEq),
            Kind::Lt => Infix::Binary(BinaryOp::Lt),
            Kind::LtEq => Infix::Binary(BinaryOp::LtEq),
            Kind::Gt => Infix::Binary(BinaryOp::Gt),
            Kind::GtEq => Infix::Binary(BinaryOp::GtEq),
            Kind::NullSafeEq => Infix::Binary(BinaryOp::NullSafeEq),
            Kind::Concat => Infix::Binary(BinaryOp::Concat),
            Kind::Question => Infix::Ternary,
            _ => return None,
        };
        Some((op, op.level()))
    }

    fn word_infix(&self, word: Word) -> Option<Infix> {
        Some(match word {
            Word::And => Infix::Binary(BinaryOp::And),
            Word::Or => Infix::Binary(BinaryOp::Or),
            Word::Like => Infix::Binary(BinaryOp::Like),
            Word::ILike => Infix::Binary(BinaryOp::ILike),
            Word::Regexp => Infix::Binary(BinaryOp::Regexp),
            Word::Div => Infix::Binary(BinaryOp::IntDivide),
            Word::Mod => Infix::Binary(BinaryOp::Modulo),
            Word::Is => Infix::Is,
            Word::Between => Infix::Between { negated: false },
            Word::In if !self.without_in => Infix::In { negated: false, global: false },
            Word::Not => match self.peek_at(1).word {
                Word::In => Infix::In { negated: true, global: false },
                Word::Between => Infix::Between { negated: true },
                Word::Like => Infix::Binary(BinaryOp::NotLike),
                Word::ILike => Infix::Binary(BinaryOp::NotILike),
                Word::Regexp => Infix::Binary(BinaryOp::NotRegexp),
                _ => return None,
            },
            Word::Global if self.peek_at(1).word == Word::In => Infix::In { negated: false, global: true },
            Word::Global if self.peek_at(1).word == Word::Not && self.peek_at(2).word == Word::In => {
                Infix::In { negated: true, global: true }
            }
            _ => return None,
        })
    }

    /// Everything behind the left operand. The functions are small since they recurse.
    pub(super) fn infix_rest(&mut self, left: Expr, infix: Infix, level: u8) -> Result<Expr> {
        if let Infix::Binary(op @ (BinaryOp::And | BinaryOp::Or)) = infix {
            return self.chain(left, op, level);
        }
        self.skip(infix.length());
        match infix {
            Infix::Binary(op) if level == COMPARE && self.quantifier_stands() => self.quantified(left, op),
            Infix::Binary(op) => self.binary(left, op, level),
            Infix::In { negated, global } => self.set(left, negated, global),
            Infix::Between { negated } => self.between(Box::new(left), negated),
            Infix::Is => self.is_rest(left),
            Infix::Ternary => self.ternary(Box::new(left)),
        }
    }

    fn binary(&mut self, left: Expr, op: BinaryOp, level: u8) -> Result<Expr> {
        let right = self.right(level + 1)?;
        if self.at_word(Word::Escape) && level == COMPARE && is_text(self.peek_at(1).kind) {
            return Err(self.unsupported("`ESCAPE` is not served", self.peek().span));
        }
        Ok(join(left, op, right))
    }

    /// Behind `IN`.
    fn set(&mut self, left: Expr, negated: bool, global: bool) -> Result<Expr> {
        let set = Box::new(self.right(COMPARE + 1)?);
        let span = left.span.to(set.span);
        Ok(Expr { kind: ExprKind::In { expr: Box::new(left), set, negated, global }, span })
    }

    fn between(&mut self, expr: Box<Expr>, negated: bool) -> Result<Expr> {
        let start = expr.span.start;
        // The AND between the bounds binds tighter than a comparison, as in ClickHouse.
        let low = self.boxed_right(BETWEEN + 1)?;
        self.expect_word(Word::And, "`AND` and the upper bound")?;
        let high = self.boxed_right(COMPARE)?;
        Ok(Expr { kind: ExprKind::Between { expr, low, high, negated }, span: self.since(start) })
    }

    fn ternary(&mut self, condition: Box<Expr>) -> Result<Expr> {
        let start = condition.span.start;
        let then = self.boxed_right(0)?;
        self.expect(Kind::Colon, "`:` and the other branch")?;
        let otherwise = self.boxed_right(TERNARY)?;
        Ok(Expr { kind: ExprKind::Ternary { condition, then, otherwise }, span: self.since(start) })
    }

    fn boxed_right(&mut self, min: u8) -> Result<Box<Expr>> {
        self.right(min).map(Box::new)
    }

    /// `IS [NOT] NULL` and `IS [NOT] DISTINCT FROM`
    fn is_rest(&mut self, left: Expr) -> Result<Expr> {
        let start = left.span.start;
        let negated = self.eat_word(Word::Not);
        let token = self.peek();
        match token.word {
            Word::Null => {
                self.skip(1);
                let kind = ExprKind::IsNull { expr: Box::new(left), negated };
                Ok(Expr { kind, span: self.since(start) })
            }
            Word::Distinct => {
                self.skip(1);
                self.expect_word(Word::From, "`FROM`")?;
                let right = self.right(IS + 1)?;
                let op = if negated { BinaryOp::NullSafeEq } else { BinaryOp::Distinct };
                Ok(join(left, op, right))
            }
            Word::True | Word::False | Word::Unknown => {
                Err(self.unsupported("`IS` is followed by `NULL` or `DISTINCT FROM` only", token.span))
            }
            _ => Err(self.expected("`NULL` or `DISTINCT FROM`")),
        }
    }

    /// `ANY (query)` or `ALL (query)` behind a comparison.
    fn quantifier_stands(&self) -> bool {
        matches!(self.peek().word, Word::Any | Word::All | Word::Some) && self.query_behind(1)
    }

    /// `a = ANY (query)` and `a != ALL (query)`, which are IN and NOT IN.
    fn quantified(&mut self, left: Expr, op: BinaryOp) -> Result<Expr> {
        let token = self.next();
        let negated = match (op, token.word == Word::All) {
            (BinaryOp::Eq, false) => false,
            (BinaryOp::NotEq, true) => true,
            _ => {
                return Err(
                    self.unsupported("only `= ANY (query)` and `!= ALL (query)` are served", token.span)
                );
            }
        };
        self.set(left, negated, false)
    }
}
