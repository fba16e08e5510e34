//! `INTERVAL 1 DAY` in its three forms, and the names of its units.

use super::cursor::{Aliases, Parser, follows_operand};
use super::operand::literal;
use crate::ast::{Expr, ExprKind, IntervalUnit, Literal, Span, UnaryOp};
use crate::error::Result;
use crate::lex::{Kind, Token, Word};

/// How far the end of a signed interval is looked for; bounds the time where columns named `interval` abound.
const SIGNED_TOKENS_MAX: usize = 256;

const UNITS: [(IntervalUnit, &[&str]); 11] = [
    (IntervalUnit::Nanosecond, &["NANOSECOND", "NANOSECONDS", "SQL_TSI_NANOSECOND", "NS"]),
    (IntervalUnit::Microsecond, &["MICROSECOND", "MICROSECONDS", "SQL_TSI_MICROSECOND", "US"]),
    (IntervalUnit::Millisecond, &["MILLISECOND", "MILLISECONDS", "SQL_TSI_MILLISECOND", "MS"]),
    (IntervalUnit::Second, &["SECOND", "SECONDS", "SQL_TSI_SECOND", "SS", "S"]),
    (IntervalUnit::Minute, &["MINUTE", "MINUTES", "SQL_TSI_MINUTE", "MI", "N"]),
    (IntervalUnit::Hour, &["HOUR", "HOURS", "SQL_TSI_HOUR", "HH", "H"]),
    (IntervalUnit::Day, &["DAY", "DAYS", "SQL_TSI_DAY", "DD", "D"]),
    (IntervalUnit::Week, &["WEEK", "WEEKS", "SQL_TSI_WEEK", "WK", "WW"]),
    (IntervalUnit::Month, &["MONTH", "MONTHS", "SQL_TSI_MONTH", "MM", "M"]),
    (IntervalUnit::Quarter, &["QUARTER", "QUARTERS", "SQL_TSI_QUARTER", "QQ", "Q"]),
    (IntervalUnit::Year, &["YEAR", "YEARS", "SQL_TSI_YEAR", "YYYY", "YY"]),
];

/// Source: ClickHouse, `parseIntervalKind`.
pub(crate) fn interval_unit(text: &str) -> Option<IntervalUnit> {
    let named = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(text));
    UNITS.iter().find(|(_, names)| named(names)).map(|(unit, _)| *unit)
}

/// The unit in upper case: `DAY`.
pub(crate) fn unit_name(unit: IntervalUnit) -> &'static str {
    let found = UNITS.iter().find(|(other, _)| *other == unit).and_then(|(_, names)| names.first());
    found.copied().unwrap_or("SECOND")
}

impl Parser<'_> {
    pub(super) fn unit_at(&self, ahead: usize) -> Option<IntervalUnit> {
        let token = self.peek_at(ahead);
        if token.kind == Kind::Word { interval_unit(self.text(token.span)) } else { None }
    }

    /// Whether the word `INTERVAL`, which is next, is the keyword and not a column. Decided by looking ahead,
    /// since trying both readings takes exponential time where they nest.
    pub(super) fn interval_starts(&self) -> bool {
        let next = self.peek_at(1);
        match next.kind {
            Kind::Number | Kind::LParen | Kind::LBrace => true,
            Kind::Text | Kind::Heredoc => true,
            Kind::Minus | Kind::Plus => self.unit_behind(),
            Kind::Quoted => !self.ends_name(self.peek_at(2)),
            Kind::Word if next.word.ends_alias() => false,
            Kind::Word => !self.ends_name(self.peek_at(2)),
            _ => false,
        }
    }

    /// Behind `interval -`: whether a unit ends the expression, as in `INTERVAL -f(x) DAY`.
    fn unit_behind(&self) -> bool {
        let mut open = 0u32;
        for ahead in 2..SIGNED_TOKENS_MAX {
            let (before, token) = (self.peek_at(ahead - 1), self.peek_at(ahead));
            match token.kind {
                Kind::LParen | Kind::LBracket => open += 1,
                Kind::RParen | Kind::RBracket if open > 0 => open -= 1,
                Kind::RParen | Kind::RBracket | Kind::Comma if open == 0 => return false,
                Kind::End | Kind::Semicolon => return false,
                Kind::Word if open == 0 && self.unit_at(ahead).is_some() => {
                    let operand = matches!(
                        before.kind,
                        Kind::Word | Kind::Quoted | Kind::Number | Kind::Text | Kind::RParen | Kind::RBracket
                    );
                    return operand && before.word != Word::As;
                }
                _ => {}
            }
        }
        false
    }

    /// Behind `interval x`: the column's alias was `x`, since neither a unit nor more of a value follows.
    fn ends_name(&self, token: Token) -> bool {
        let more =
            matches!(token.kind, Kind::Dot | Kind::DoubleColon | Kind::Slash | Kind::Percent | Kind::Concat);
        match token.kind {
            Kind::End | Kind::Semicolon => true,
            Kind::Word => interval_unit(self.text(token.span)).is_none(),
            _ => follows_operand(token) && !more,
        }
    }

    pub(super) fn interval(&mut self) -> Result<Expr> {
        let start = self.start();
        self.skip(1);
        if self.at_text() && self.unit_at(1).is_none() {
            return self.interval_in_text(start);
        }
        let value = Box::new(self.element(Aliases::None)?);
        let unit = self.unit()?;
        Ok(Expr { kind: ExprKind::Interval { value, unit }, span: self.since(start) })
    }

    pub(super) fn unit(&mut self) -> Result<IntervalUnit> {
        let unit = self.unit_at(0).ok_or_else(|| self.expected("a unit such as `DAY`"))?;
        self.skip(1);
        Ok(unit)
    }

    /// `INTERVAL '1 day'` and `INTERVAL '1 hour 30 minutes'`, which is a tuple of two.
    fn interval_in_text(&mut self, start: u32) -> Result<Expr> {
        let wrong = self.expected("a text such as '1 day', or a unit behind the text");
        let text = self.string("a text")?;
        let span = self.since(start);
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let mut parts = Vec::new();
        for pair in words.chunks(2) {
            let [number, unit] = pair else { return Err(wrong) };
            let Some(unit) = interval_unit(unit) else { return Err(wrong) };
            let Some(value) = number_in_text(number, span) else { return Err(wrong) };
            parts.push(Expr { kind: ExprKind::Interval { value: Box::new(value), unit }, span });
        }
        match (parts.pop(), parts.is_empty()) {
            (None, _) => Err(wrong),
            (Some(only), true) => Ok(only),
            (Some(last), false) => {
                parts.push(last);
                Ok(Expr { kind: ExprKind::Tuple(parts), span })
            }
        }
    }
}

/// `1`, `1.5` or `-1`
fn number_in_text(text: &str, span: Span) -> Option<Expr> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && digits.matches('.').count() < 2;
    if !is_number {
        return None;
    }
    let number = literal(Literal::Number(digits.to_owned()), span);
    if digits.len() == text.len() {
        return Some(number);
    }
    Some(Expr { kind: ExprKind::Unary { op: UnaryOp::Minus, expr: Box::new(number) }, span })
}
