//! What operators stand between: literals, names, brackets, and the suffixes `[i]`, `.member` and `::T`.

use super::cursor::{Aliases, Parser, follows_operand, is_text};
use crate::ast::{CastStyle, Expr, ExprKind, Ident, Literal, Member, QueryBody, Span};
use crate::error::Result;
use crate::lex::{Kind, Token, Word};

impl Parser<'_> {
    pub(super) fn operand(&mut self) -> Result<Expr> {
        let token = self.peek();
        match token.kind {
            Kind::Word if token.word != Word::Other => self.keyword_operand(token),
            Kind::Word | Kind::Quoted => self.word_operand(token),
            Kind::LParen => self.parens(),
            Kind::LBracket => self.array(),
            Kind::LBrace => self.braces(),
            Kind::Star => self.star(Vec::new(), token.span.start),
            _ => self.literal_operand(token),
        }
    }

    fn literal_operand(&mut self, token: Token) -> Result<Expr> {
        match token.kind {
            Kind::Number => {
                self.skip(1);
                let text = self.text(token.span);
                // The separators say nothing, and few readers of numbers know them.
                let text = if text.contains('_') { text.replace('_', "") } else { text.to_owned() };
                Ok(literal(Literal::Number(text), token.span))
            }
            kind if is_text(kind) => {
                let text = self.string("a text")?;
                Ok(literal(Literal::Text(text), token.span))
            }
            _ => Err(self.expected("an expression")),
        }
    }

    fn array(&mut self) -> Result<Expr> {
        let start = self.start();
        self.skip(1);
        let items = self.elements_until(Kind::RBracket, "`]`")?;
        Ok(Expr { kind: ExprKind::Array(items), span: self.since(start) })
    }

    fn word_operand(&mut self, token: Token) -> Result<Expr> {
        match self.peek_at(1).kind {
            Kind::LParen => self.call(),
            Kind::Dot => self.path(),
            Kind::Arrow => self.short_lambda(),
            _ => {
                let name = self.ident("an expression")?;
                Ok(Expr { kind: ExprKind::Name(vec![name]), span: token.span })
            }
        }
    }

    /// What starts with a keyword, if it is one here and not a name.
    fn keyword_operand(&mut self, token: Token) -> Result<Expr> {
        let next = self.peek_at(1);
        match token.word {
            Word::Null | Word::True | Word::False | Word::Inf | Word::Infinity | Word::Nan
                if !matches!(next.kind, Kind::LParen | Kind::Dot | Kind::Arrow) =>
            {
                Ok(self.keyword_literal(token))
            }
            Word::Case if !follows_operand(next) && next.kind != Kind::End => self.case(),
            Word::Interval if self.interval_starts() => self.interval(),
            Word::Date | Word::Timestamp if next.kind == Kind::Text => self.prefix_cast(token),
            Word::Exists if self.query_behind(1) => self.exists_operand(),
            Word::Columns if next.kind == Kind::LParen => self.columns(Vec::new(), token.span.start),
            word if self.is_clause(word, next) => Err(self.expected("an expression")),
            _ => self.word_operand(token),
        }
    }

    /// Where an operand should stand: whether the next word is the keyword of a clause or an operator.
    fn is_clause(&self, word: Word, next: Token) -> bool {
        match word {
            Word::Group | Word::Order => next.word == Word::By,
            Word::Limit => next.kind == Kind::Number,
            _ if !word.ends_operand() => false,
            _ => !(follows_operand(next) || next.kind == Kind::LParen && word.is_function_too()),
        }
    }

    fn keyword_literal(&mut self, token: Token) -> Expr {
        self.skip(1);
        let value = match token.word {
            Word::Null => Literal::Null,
            Word::True => Literal::Bool(true),
            Word::False => Literal::Bool(false),
            _ => Literal::Number(self.text(token.span).to_owned()),
        };
        literal(value, token.span)
    }

    fn exists_operand(&mut self) -> Result<Expr> {
        let start = self.start();
        self.skip(1);
        let query = self.query_in_brackets()?;
        Ok(Expr { kind: ExprKind::Exists(query), span: self.since(start) })
    }

    fn short_lambda(&mut self) -> Result<Expr> {
        let start = self.start();
        let param = self.ident("a name")?;
        self.lambda(vec![param], start)
    }

    /// `DATE 'text'`
    fn prefix_cast(&mut self, token: Token) -> Result<Expr> {
        self.skip(1);
        let span = self.peek().span;
        let text = self.string("a text")?;
        let ty = if token.word == Word::Date { "Date" } else { "DateTime" };
        let expr = Box::new(literal(Literal::Text(text), span));
        let kind = ExprKind::Cast { expr, ty: ty.to_owned(), style: CastStyle::Prefix };
        Ok(Expr { kind, span: token.span.to(span) })
    }

    /// `a.b.c`, `a.*` and `a.COLUMNS(…)`; a number after a dot is left to the suffixes.
    fn path(&mut self) -> Result<Expr> {
        let start = self.start();
        let mut path = vec![self.ident("a name")?];
        while self.at_kind(Kind::Dot) {
            let next = self.peek_at(1);
            match next.kind {
                Kind::Word if next.word == Word::Columns && self.peek_at(2).kind == Kind::LParen => {
                    self.skip(1);
                    return self.columns(path, start);
                }
                Kind::Word | Kind::Quoted => {
                    self.skip(1);
                    path.push(self.ident("a name")?);
                }
                Kind::Star => {
                    self.skip(1);
                    return self.star(path, start);
                }
                Kind::Number | Kind::Colon => break,
                _ => {
                    self.skip(1);
                    return Err(self.after_dot());
                }
            }
        }
        Ok(Expr { kind: ExprKind::Name(path), span: self.since(start) })
    }

    fn after_dot(&self) -> crate::error::SqlError {
        let token = self.peek();
        match token.kind {
            Kind::Star => self.unsupported("`.*` is served after a table's name only", token.span),
            _ => self.expected("a name or a number after the dot"),
        }
    }

    pub(super) fn postfix(&mut self, mut expr: Expr) -> Result<Expr> {
        let start = expr.span.start;
        loop {
            if self.at_kind(Kind::Dot) && has_no_members(&expr) {
                return Err(self.expected("an operator"));
            }
            let inner = match self.peek().kind {
                Kind::LBracket | Kind::Dot | Kind::DoubleColon => Box::new(expr),
                _ => return Ok(expr),
            };
            self.taller()?;
            let kind = match self.next().kind {
                Kind::LBracket => {
                    let index = Box::new(self.element(Aliases::As)?);
                    self.expect(Kind::RBracket, "`]`")?;
                    ExprKind::Index { expr: inner, index }
                }
                Kind::Dot => ExprKind::Member { expr: inner, member: self.member()? },
                _ => ExprKind::Cast { expr: inner, ty: self.short_type()?, style: CastStyle::Colons },
            };
            expr = Expr { kind, span: self.since(start) };
        }
    }

    fn member(&mut self) -> Result<Member> {
        let token = self.peek();
        match token.kind {
            Kind::Number => match self.text(token.span).parse::<u32>() {
                Ok(index) if index > 0 => {
                    self.skip(1);
                    Ok(Member::Index(index))
                }
                _ => Err(self.expected("the number of a tuple's element")),
            },
            Kind::Word | Kind::Quoted => self.ident("a name").map(Member::Name),
            Kind::Colon => {
                self.skip(1);
                let quoted = self.at_kind(Kind::Quoted);
                if quoted {
                    self.ident("a type").map(|t| Member::Typed(t.text))
                } else {
                    self.short_type().map(Member::Typed)
                }
            }
            _ => Err(self.after_dot()),
        }
    }

    /// `(a)`, `(a, b)`, `(query)` or the parameters of a lambda.
    fn parens(&mut self) -> Result<Expr> {
        let start = self.start();
        if self.query_starts(1) {
            return self.subquery(start);
        }
        let (items, commas) = self.parens_items()?;
        self.parens_rest(items, commas, start)
    }

    fn subquery(&mut self, start: u32) -> Result<Expr> {
        let query = self.query_in_brackets()?;
        Ok(Expr { kind: ExprKind::Subquery(query), span: self.since(start) })
    }

    /// The elements behind `(`, and how many commas there were.
    fn parens_items(&mut self) -> Result<(Vec<Expr>, usize)> {
        self.skip(1);
        let mut items = Vec::new();
        let mut commas = 0;
        while !self.at_kind(Kind::RParen) {
            items.push(self.element(Aliases::As)?);
            if !self.eat(Kind::Comma) {
                break;
            }
            commas += 1;
        }
        Ok((items, commas))
    }

    fn parens_rest(&mut self, mut items: Vec<Expr>, commas: usize, start: u32) -> Result<Expr> {
        if let [first] = items.as_slice()
            && self.set_operator_stands()
            && matches!(first.kind, ExprKind::Subquery(_))
        {
            let first = items.remove(0);
            return self.query_in_parens(first, start);
        }
        self.expect(Kind::RParen, "`)`")?;
        let span = self.since(start);
        if self.at_kind(Kind::Arrow) {
            let params = self.lambda_params(items, span)?;
            return self.lambda(params, start);
        }
        match (items.pop(), commas) {
            (Some(only), 0) => Ok(Expr { kind: ExprKind::Parens(Box::new(only)), span }),
            (last, _) => {
                items.extend(last);
                Ok(Expr { kind: ExprKind::Tuple(items), span })
            }
        }
    }

    /// `((SELECT 1) UNION ALL …)`: what looked like an expression is a query.
    fn query_in_parens(&mut self, first: Expr, start: u32) -> Result<Expr> {
        let ExprKind::Subquery(inner) = first.kind else { return Err(self.expected("`)`")) };
        let query = self.query_from(QueryBody::Parens(inner), first.span.start)?;
        self.expect(Kind::RParen, "`)`")?;
        Ok(Expr { kind: ExprKind::Subquery(Box::new(query)), span: self.since(start) })
    }

    fn lambda_params(&self, items: Vec<Expr>, span: Span) -> Result<Vec<Ident>> {
        let mut params = Vec::with_capacity(items.len());
        for item in items {
            let ExprKind::Name(path) = item.kind else {
                return Err(self.parameters_wanted(item.span));
            };
            params.extend(path);
        }
        if params.iter().any(|p| p.text.is_empty()) { Err(self.parameters_wanted(span)) } else { Ok(params) }
    }

    fn parameters_wanted(&self, span: Span) -> crate::error::SqlError {
        let message = format!("expected the parameters of a lambda before `->`, found `{}`", self.text(span));
        crate::error::SqlError::new(crate::error::Code::Syntax, message).at(span)
    }

    fn lambda(&mut self, params: Vec<Ident>, start: u32) -> Result<Expr> {
        self.expect(Kind::Arrow, "`->`")?;
        let body = Box::new(self.right(0)?);
        Ok(Expr { kind: ExprKind::Lambda { params, body }, span: self.since(start) })
    }

    /// `{name:Type}` or `{'key': value, …}`
    fn braces(&mut self) -> Result<Expr> {
        let start = self.start();
        self.skip(1);
        if self.at_kind(Kind::Word) && self.peek_at(1).kind == Kind::Colon {
            let name = self.ident("a name")?;
            self.skip(1);
            let ty = self.type_until(Kind::RBrace, "`}`")?;
            self.skip(1);
            return Ok(Expr { kind: ExprKind::Parameter { name, ty }, span: self.since(start) });
        }
        let mut pairs = Vec::new();
        while !self.at_kind(Kind::RBrace) {
            let key = self.element(Aliases::None)?;
            self.expect(Kind::Colon, "`:` and a value")?;
            pairs.push((key, self.element(Aliases::None)?));
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        self.expect(Kind::RBrace, "`}`")?;
        Ok(Expr { kind: ExprKind::Map(pairs), span: self.since(start) })
    }

    fn case(&mut self) -> Result<Expr> {
        let start = self.start();
        self.skip(1);
        let operand = if self.at_word(Word::When) { None } else { Some(self.boxed_element()?) };
        let mut whens = Vec::new();
        while self.eat_word(Word::When) {
            whens.push(self.when()?);
        }
        if whens.is_empty() {
            return Err(self.expected("`WHEN`"));
        }
        let otherwise = if self.eat_word(Word::Else) { Some(self.boxed_element()?) } else { None };
        self.expect_word(Word::End, "`END`")?;
        Ok(Expr { kind: ExprKind::Case { operand, whens, otherwise }, span: self.since(start) })
    }
}

/// `2 .a`, `'x'.1` and `*.1` mean nothing.
fn has_no_members(expr: &Expr) -> bool {
    let prefixed = matches!(expr.kind, ExprKind::Cast { style: CastStyle::Prefix, .. });
    prefixed || matches!(expr.kind, ExprKind::Literal(_) | ExprKind::Star { .. })
}

impl Parser<'_> {
    fn boxed_element(&mut self) -> Result<Box<Expr>> {
        self.element(Aliases::As).map(Box::new)
    }

    fn when(&mut self) -> Result<(Expr, Expr)> {
        let when = self.element(Aliases::As)?;
        self.expect_word(Word::Then, "`THEN`")?;
        Ok((when, self.element(Aliases::As)?))
    }
}

pub(super) fn literal(value: Literal, span: Span) -> Expr {
    Expr { kind: ExprKind::Literal(value), span }
}
