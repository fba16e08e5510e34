//! Functions whose arguments have words between them, or a bare unit among them. Each is told by its name,
//! quoted or not, as in ClickHouse; whatever does not use the words is an ordinary call.

use super::call::empty_call;
use super::cursor::{Aliases, POSITION_COST, Parser, follows_operand};
use super::operand::literal;
use super::unit_name;
use crate::ast::{CastStyle, Expr, ExprKind, Ident, Literal};
use crate::error::Result;
use crate::lex::{Kind, Word};

#[derive(Clone, Copy)]
pub(super) enum Special {
    Cast,
    Extract,
    Substring,
    Overlay,
    Trim,
    Position,
    DateAdd,
    DateDiff,
}

const NAMES: &[(&str, Special)] = &[
    ("cast", Special::Cast),
    ("extract", Special::Extract),
    ("substring", Special::Substring),
    ("overlay", Special::Overlay),
    ("overlayutf8", Special::Overlay),
    ("trim", Special::Trim),
    ("position", Special::Position),
    ("dateadd", Special::DateAdd),
    ("date_add", Special::DateAdd),
    ("timestampadd", Special::DateAdd),
    ("timestamp_add", Special::DateAdd),
    ("datesub", Special::DateAdd),
    ("date_sub", Special::DateAdd),
    ("timestampsub", Special::DateAdd),
    ("timestamp_sub", Special::DateAdd),
    ("datediff", Special::DateDiff),
    ("date_diff", Special::DateDiff),
    ("timestampdiff", Special::DateDiff),
    ("timestamp_diff", Special::DateDiff),
];

pub(super) fn special_of(name: &str) -> Option<Special> {
    NAMES.iter().find(|(text, _)| text.eq_ignore_ascii_case(name)).map(|(_, special)| *special)
}

/// Whether the first argument may be a bare unit that stands for an interval.
pub(crate) fn takes_unit(name: &str) -> bool {
    matches!(special_of(name), Some(Special::DateAdd))
}

impl Parser<'_> {
    /// Behind `name(`.
    pub(super) fn special(&mut self, special: Special, name: Ident, start: u32) -> Result<Expr> {
        let behind = self.peek_at(1);
        let with_unit = self.unit_at(0).is_some() && behind.kind == Kind::Comma;
        match special {
            _ if self.at_kind(Kind::RParen) || self.query_starts(0) => self.plain_call(name, start),
            Special::Cast => self.cast(&name, start),
            Special::Extract if behind.word == Word::From => self.extract(start),
            Special::Substring => self.worded(&name, &["FROM", "FOR"], start),
            Special::Overlay => self.worded(&name, &["PLACING", "FROM", "FOR"], start),
            Special::Trim if self.trim_side().is_some() => self.trim(name, start),
            Special::Position => self.position(&name, start),
            Special::DateAdd if with_unit => self.date_add(&name, start),
            Special::DateDiff if with_unit => self.date_diff(&name, start),
            _ => self.plain_call(name, start),
        }
    }

    /// The remaining arguments, the closing parenthesis and the call.
    fn rest_of_call(&mut self, name: &Ident, mut args: Vec<Expr>, start: u32) -> Result<Expr> {
        args.extend(self.elements(Aliases::As)?);
        self.closed_call(name, args, start)
    }

    fn closed_call(&mut self, name: &Ident, args: Vec<Expr>, start: u32) -> Result<Expr> {
        self.expect(Kind::RParen, "`,` or `)`")?;
        let mut call = empty_call(name.clone());
        call.args = args;
        Ok(Expr { kind: ExprKind::Call(call), span: self.since(start) })
    }

    /// Behind a first argument: more of them after a comma, or the end.
    fn more_args(&mut self, name: &Ident, first: Expr, start: u32) -> Result<Expr> {
        if self.eat(Kind::Comma) {
            return self.rest_of_call(name, vec![first], start);
        }
        self.closed_call(name, vec![first], start)
    }

    /// `CAST(x AS T)` or `CAST(x, 'T')`
    fn cast(&mut self, name: &Ident, start: u32) -> Result<Expr> {
        let mut expr = self.element(Aliases::None)?;
        let behind = self.peek_at(2);
        if behind.word == Word::As || behind.kind == Kind::Comma {
            expr = self.aliased(expr, Aliases::As)?;
        }
        if !self.eat_word(Word::As) {
            return self.more_args(name, expr, start);
        }
        let ty = self.type_until(Kind::RParen, "`)`")?;
        self.skip(1);
        let kind = ExprKind::Cast { expr: Box::new(expr), ty, style: CastStyle::Call };
        Ok(Expr { kind, span: self.since(start) })
    }

    fn extract(&mut self, start: u32) -> Result<Expr> {
        let span = self.peek().span;
        let Some(unit) = self.unit_at(0) else {
            return Err(self.unsupported("`EXTRACT` is served for the units of an interval only", span));
        };
        self.skip(2);
        let expr = Box::new(self.element(Aliases::As)?);
        self.expect(Kind::RParen, "`)`")?;
        Ok(Expr { kind: ExprKind::Extract { unit, expr }, span: self.since(start) })
    }

    /// `substring(x FROM a FOR b)` and `overlay(x PLACING y FROM a FOR b)`: each word stands for a comma.
    fn worded(&mut self, name: &Ident, words: &[&str], start: u32) -> Result<Expr> {
        let mut args = vec![self.element(Aliases::As)?];
        // With words the name is shown in lower case.
        let mut lower = name.clone();
        for word in words {
            let next = self.peek();
            let stands = next.kind == Kind::Word && self.text(next.span).eq_ignore_ascii_case(word);
            if !stands && next.kind != Kind::Comma {
                break;
            }
            if stands && lower.text.eq_ignore_ascii_case("substring") {
                "substring".clone_into(&mut lower.text);
            }
            self.skip(1);
            args.push(self.element(Aliases::As)?);
        }
        if self.eat(Kind::Comma) {
            return self.rest_of_call(&lower, args, start);
        }
        self.closed_call(&lower, args, start)
    }

    fn trim_side(&self) -> Option<&'static str> {
        if follows_operand(self.peek_at(1)) {
            return None;
        }
        match self.peek().word {
            Word::Both => Some("trimBoth"),
            Word::Leading => Some("trimLeft"),
            Word::Trailing => Some("trimRight"),
            _ => None,
        }
    }

    /// `trim(BOTH a FROM x)` becomes `trimBoth(x, a)`, as in ClickHouse.
    fn trim(&mut self, mut name: Ident, start: u32) -> Result<Expr> {
        let side = self.trim_side().unwrap_or("trimBoth");
        name.text = side.to_owned();
        self.skip(1);
        let what = self.element(Aliases::As)?;
        self.expect_word(Word::From, "`FROM`")?;
        let args = vec![self.element(Aliases::As)?, what];
        self.closed_call(&name, args, start)
    }

    /// `position(needle IN haystack)` becomes `position(haystack, needle)`.
    fn position(&mut self, name: &Ident, start: u32) -> Result<Expr> {
        let level = self.down(POSITION_COST)?;
        self.without_in = true;
        let first = self.right(0)?;
        self.without_in = false;
        self.up(&level);
        let first = self.aliased(first, Aliases::As)?;
        if self.eat_word(Word::In) {
            let haystack = self.element(Aliases::As)?;
            return self.closed_call(name, vec![haystack, first], start);
        }
        self.more_args(name, first, start)
    }

    /// `date_add(DAY, n, x)` becomes `date_add(INTERVAL n DAY, x)`.
    fn date_add(&mut self, name: &Ident, start: u32) -> Result<Expr> {
        let from = self.start();
        let unit = self.unit()?;
        self.skip(1);
        let value = Box::new(self.element(Aliases::None)?);
        let interval = Expr { kind: ExprKind::Interval { value, unit }, span: self.since(from) };
        self.expect(Kind::Comma, "`,` and a date")?;
        self.rest_of_call(name, vec![interval], start)
    }

    /// `dateDiff(DAY, a, b)` becomes `dateDiff('day', a, b)`.
    fn date_diff(&mut self, name: &Ident, start: u32) -> Result<Expr> {
        let span = self.peek().span;
        let unit = unit_name(self.unit()?).to_ascii_lowercase();
        self.skip(1);
        self.rest_of_call(name, vec![literal(Literal::Text(unit), span)], start)
    }
}
