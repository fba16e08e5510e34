//! Whole queries: set operations, WITH, and what may stand at the very end.

use super::cursor::{Aliases, Parser, QUERY_COST, follows_operand};
use crate::ast::{Expr, ExprKind, Literal, Quantifier, Query, QueryBody, SetOp, Setting, With};
use crate::error::Result;
use crate::lex::{Kind, Word};

/// No statement of use opens more parentheses before its SELECT.
const OPEN_PARENS_MAX: usize = 256;

impl Parser<'_> {
    /// Whether a query, not in parentheses, starts at that token.
    pub(super) fn query_starts(&self, ahead: usize) -> bool {
        let token = self.peek_at(ahead);
        if !matches!(token.word, Word::Select | Word::With | Word::From) {
            return false;
        }
        let next = self.peek_at(ahead + 1);
        match token.word {
            Word::Select => !follows_operand(next) || next.word == Word::From,
            _ => {
                let operand = matches!(
                    next.kind,
                    Kind::Word | Kind::Quoted | Kind::LParen | Kind::LBrace | Kind::Text | Kind::Number
                );
                operand && !follows_operand(next)
            }
        }
    }

    /// Whether that token is a parenthesis, perhaps one of many, with a query behind.
    pub(super) fn query_behind(&self, ahead: usize) -> bool {
        let mut open = 0;
        while open < OPEN_PARENS_MAX && self.peek_at(ahead + open).kind == Kind::LParen {
            open += 1;
        }
        open > 0 && self.query_starts(ahead + open)
    }

    pub(super) fn query(&mut self, top: bool) -> Result<Query> {
        let start = self.start();
        let level = self.down(QUERY_COST)?;
        let body = self.query_operand()?;
        let body = self.set_operations(body, 0)?;
        let query = self.query_end(body, start, top)?;
        self.up(&level);
        Ok(query)
    }

    /// `(query)`
    pub(super) fn query_in_brackets(&mut self) -> Result<Box<Query>> {
        self.expect(Kind::LParen, "`(` and a query")?;
        let query = self.query(false)?;
        self.expect(Kind::RParen, "`)` at the end of the query")?;
        Ok(Box::new(query))
    }

    /// A query whose first part, in parentheses, has been read.
    pub(super) fn query_from(&mut self, first: QueryBody, start: u32) -> Result<Query> {
        let body = self.set_operations(first, 0)?;
        self.query_end(body, start, false)
    }

    fn query_end(&mut self, mut body: QueryBody, start: u32, top: bool) -> Result<Query> {
        let mut settings = Vec::new();
        if let QueryBody::Set { right, .. } = &mut body
            && let Some(last) = last_settings(right)
        {
            settings = std::mem::take(last);
        }
        settings.extend(self.settings()?);
        if self.at_word(Word::Into) {
            return Err(self.unsupported("`INTO OUTFILE` is not served", self.peek().span));
        }
        let mut format = None;
        if top && self.eat_word(Word::Format) {
            format = Some(self.ident("a format")?);
            settings.extend(self.settings()?);
        }
        Ok(Query { body, settings, format, span: self.since(start) })
    }

    /// `SETTINGS name = value, …`, if it stands there.
    pub(super) fn settings(&mut self) -> Result<Vec<Setting>> {
        let mut list = Vec::new();
        if !self.eat_word(Word::Settings) {
            return Ok(list);
        }
        loop {
            let mut name = self.ident("a setting's name")?;
            while self.eat(Kind::Dot) {
                let part = self.ident("a name after the dot")?;
                name.text = format!("{}.{}", name.text, part.text);
                name.span = name.span.to(part.span);
            }
            let value = if self.eat(Kind::Eq) {
                self.element(Aliases::None)?
            } else {
                // A setting that is only named is switched on.
                Expr { kind: ExprKind::Literal(Literal::Bool(true)), span: name.span }
            };
            list.push(Setting { name, value });
            if !self.eat(Kind::Comma) {
                return Ok(list);
            }
        }
    }

    pub(super) fn set_operator_stands(&self) -> bool {
        matches!(self.peek().word, Word::Union | Word::Intersect | Word::Except)
    }

    /// INTERSECT binds tighter than UNION and EXCEPT, which go from left to right.
    fn set_operations(&mut self, mut left: QueryBody, min: u8) -> Result<QueryBody> {
        loop {
            let (op, level) = match self.peek().word {
                Word::Union => (SetOp::Union, 0),
                Word::Except => (SetOp::Except, 0),
                Word::Intersect => (SetOp::Intersect, 1),
                _ => return Ok(left),
            };
            if level < min {
                return Ok(left);
            }
            self.skip(1);
            self.taller()?;
            let quantifier = if self.eat_word(Word::All) {
                Quantifier::All
            } else if self.eat_word(Word::Distinct) {
                Quantifier::Distinct
            } else {
                Quantifier::Default
            };
            let right = self.query_operand()?;
            let right = Box::new(self.set_operations(right, level + 1)?);
            left = QueryBody::Set { op, quantifier, left: Box::new(left), right };
        }
    }

    fn query_operand(&mut self) -> Result<QueryBody> {
        if self.at_kind(Kind::LParen) {
            return self.query_in_brackets().map(QueryBody::Parens);
        }
        self.select().map(QueryBody::Select)
    }

    /// The list behind `WITH`.
    pub(super) fn with(&mut self) -> Result<Vec<With>> {
        let mut list = Vec::new();
        loop {
            list.push(self.with_item()?);
            let more = self.eat(Kind::Comma);
            if !more || (self.at_word(Word::Select) && self.query_starts(0)) {
                return Ok(list);
            }
        }
    }

    fn with_item(&mut self) -> Result<With> {
        if self.cte_starts() { self.cte() } else { self.with_expr() }
    }

    fn with_expr(&mut self) -> Result<With> {
        let expr = self.element(Aliases::None)?;
        let name = if self.eat_word(Word::As) { Some(self.ident("a name")?) } else { None };
        Ok(With::Expr { expr, name })
    }

    fn cte(&mut self) -> Result<With> {
        let name = self.ident("a name")?;
        let mut columns = Vec::new();
        if self.eat(Kind::LParen) {
            columns.push(self.ident("a column's name")?);
            while self.eat(Kind::Comma) {
                columns.push(self.ident("a column's name")?);
            }
            self.expect(Kind::RParen, "`)`")?;
        }
        self.expect_word(Word::As, "`AS`")?;
        self.eat_word(Word::Not);
        self.eat_word(Word::Materialized);
        let query = self.query_in_brackets()?;
        Ok(With::Cte { name, columns, query })
    }

    /// `name [(columns)] AS [[NOT] MATERIALIZED] (query`; everything else is an expression.
    fn cte_starts(&self) -> bool {
        if !matches!(self.peek().kind, Kind::Word | Kind::Quoted) {
            return false;
        }
        let mut ahead = 1;
        if self.peek_at(ahead).kind == Kind::LParen {
            ahead += 1;
            while matches!(self.peek_at(ahead).kind, Kind::Word | Kind::Quoted | Kind::Comma) {
                ahead += 1;
            }
            if self.peek_at(ahead).kind != Kind::RParen {
                return false;
            }
            ahead += 1;
        }
        if self.peek_at(ahead).word != Word::As {
            return false;
        }
        ahead += 1;
        ahead += usize::from(self.peek_at(ahead).word == Word::Not);
        ahead += usize::from(self.peek_at(ahead).word == Word::Materialized);
        self.peek_at(ahead).kind == Kind::LParen
    }
}

/// The settings of the last select, if it is not in parentheses.
fn last_settings(mut body: &mut QueryBody) -> Option<&mut Vec<Setting>> {
    loop {
        match body {
            QueryBody::Select(select) => return Some(&mut select.settings),
            QueryBody::Set { right, .. } => body = right,
            QueryBody::Parens(_) => return None,
        }
    }
}
