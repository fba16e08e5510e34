//! Tokens into trees, by recursive descent. The messages of errors are those of Python's own parser where templates in
//! use run into them.

mod atom;
mod comprehension;

use super::ast::{Binary, Comparison, Expr, Header, Kind, Lambda, Statement, Unary};
use super::lex::{self, Result, SyntaxError, Token};
use super::target;
use std::sync::Arc;

/// Open calls of the parser, so that brackets within brackets end before the stack does.
const NESTING_MAX: usize = 120;
/// Of a lambda.
const PARAMETERS_MAX: usize = 255;

pub(super) struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    error: Option<SyntaxError>,
    open: Option<char>,
    nesting: usize,
    /// Open brackets, as far as the parser is.
    brackets: usize,
    /// Whether `{{value}}` is a parameter of an older project.
    embedded: bool,
    /// A comma outside all brackets was met.
    several: bool,
    commented: bool,
}

/// The expression between `{{` and `}}`, and whether it is several with commas between them. An assignment is told apart: it
/// is refused with words of its own.
pub fn expression(text: &str) -> Result<(Statement, bool)> {
    let mut parser = Parser::new(text, false);
    let out = if matches!(parser.peek(), Token::Op("*")) {
        parser.starred(true).map(Statement::Expr)
    } else {
        parser.set()
    };
    let several = parser.several;
    let commented = parser.commented;
    let trailing = matches!(parser.tokens.iter().rev().nth(1), Some(Token::Op(",")));
    match parser.finish(out)? {
        Statement::Expr(_) if several && trailing => Err(SyntaxError::invalid()),
        // The original puts the expression into a call, whose end the comment swallows.
        Statement::Expr(_) if commented => Err(SyntaxError::new("'(' was never closed")),
        statement => Ok((statement, several)),
    }
}

/// What follows `set`.
pub fn set(text: &str) -> Result<Statement> {
    let mut parser = Parser::new(text, true);
    let out = parser.set();
    parser.finish(out)
}

/// An expression in an f-string.
pub(super) fn nested(text: &str) -> Result<Expr> {
    let mut parser = Parser::new(text.trim(), false);
    let out = parser.list(true);
    parser.finish(out).map_err(|error| SyntaxError::new(format!("f-string: {}", error.message)))
}

/// `if …`, `elif …`, `while …`, `for … in …`, `except …`, without the colon.
pub fn header(text: &str) -> Result<Header> {
    let mut parser = Parser::new(text, true);
    let out = parser.header();
    let in_brackets = parser.brackets > 0;
    if parser.commented && out.is_ok() {
        return Err(SyntaxError::new("expected ':'"));
    }
    match parser.finish(out) {
        // The colon that follows stands in the bracket.
        Err(error) if in_brackets && error.message.ends_with("was never closed") => {
            Err(SyntaxError::invalid())
        }
        other => other,
    }
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, embedded: bool) -> Self {
        let lex::Tokens { mut tokens, error, open, commented } = lex::tokens(text);
        // White space around the whole has been taken away; only a comment can leave a line's end there.
        while tokens.len() > 1 && matches!(tokens.get(tokens.len() - 2), Some(Token::Newline)) {
            tokens.remove(tokens.len() - 2);
        }
        Self { tokens, at: 0, error, open, nesting: 0, brackets: 0, embedded, several: false, commented }
    }

    fn finish<T>(mut self, out: Result<T>) -> Result<T> {
        let is_end = matches!(self.peek(), Token::End);
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        match out {
            Ok(value) if is_end => Ok(value),
            Ok(_) => Err(SyntaxError::invalid()),
            Err(error) if is_end && error == SyntaxError::invalid() => match self.open {
                Some(open) => Err(SyntaxError::new(format!("'{open}' was never closed"))),
                None => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    fn peek(&self) -> &Token<'a> {
        self.tokens.get(self.at).unwrap_or(&Token::End)
    }

    fn second(&self) -> &Token<'a> {
        self.tokens.get(self.at + 1).unwrap_or(&Token::End)
    }

    fn is_op(&self, op: &str) -> bool {
        matches!(self.peek(), Token::Op(found) if *found == op)
    }

    fn take_op(&mut self, op: &str) -> bool {
        let found = self.is_op(op);
        self.at += usize::from(found);
        found
    }

    fn expect_op(&mut self, op: &str) -> Result<()> {
        if self.take_op(op) { Ok(()) } else { Err(SyntaxError::invalid()) }
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Name(found) if *found == word)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    /// A name that is no keyword.
    fn name(&mut self) -> Option<Arc<str>> {
        let Token::Name(name) = *self.peek() else { return None };
        if lex::KEYWORDS.contains(&name) {
            return None;
        }
        self.at += 1;
        Some(name.into())
    }

    fn enter(&mut self) -> Result<()> {
        self.nesting += 1;
        if self.nesting > NESTING_MAX {
            return Err(SyntaxError::new("too many nested parentheses"));
        }
        Ok(())
    }

    /// Whether an expression may begin here.
    fn at_expression(&self) -> bool {
        match self.peek() {
            Token::Name(name) => {
                !lex::KEYWORDS.contains(name) || matches!(*name, "None" | "True" | "False" | "not" | "lambda")
            }
            Token::Number(_) | Token::Text(_) => true,
            Token::Op(op) => matches!(*op, "(" | "[" | "{" | "-" | "+" | "~" | "..." | "*"),
            _ => false,
        }
    }

    fn header(&mut self) -> Result<Header> {
        if self.take_word("if") || self.take_word("elif") {
            return self.condition().map(Header::If);
        }
        if self.take_word("while") {
            return self.condition().map(Header::While);
        }
        if self.take_word("except") {
            return self.except();
        }
        if !self.take_word("for") {
            return Err(SyntaxError::invalid());
        }
        let target = self.targets()?;
        if !self.take_word("in") {
            return Err(SyntaxError::invalid());
        }
        target::check(&target)?;
        let iter = self.list(true)?;
        Ok(Header::For { target, iter })
    }

    fn condition(&mut self) -> Result<Expr> {
        let start = self.at;
        let expr = self.named()?;
        if self.is_op("=") {
            return Err(self.mistaken_equals(start, &expr));
        }
        Ok(expr)
    }

    /// The error for `=` where `==` was meant.
    fn mistaken_equals(&mut self, start: usize, expr: &Expr) -> SyntaxError {
        let is_whole = self.at > start;
        if is_whole && matches!(expr.kind, Kind::Name(_)) {
            return SyntaxError::new("invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
        }
        match &expr.kind {
            Kind::List(_) | Kind::Tuple(_) | Kind::Comprehension(_) => SyntaxError::invalid(),
            Kind::Const(_) if !matches!(target::noun(expr), "literal" | "ellipsis") => SyntaxError::invalid(),
            Kind::Compare(_, rest) => match rest.last().map(|(_, last)| &last.kind) {
                Some(Kind::Name(_)) => {
                    SyntaxError::new("invalid syntax. Maybe you meant '==' or ':=' instead of '='?")
                }
                _ => SyntaxError::new(format!(
                    "cannot assign to {} here. Maybe you meant '==' instead of '='?",
                    rest.last().map_or("expression", |(_, last)| target::noun(last))
                )),
            },
            _ => SyntaxError::new(format!(
                "cannot assign to {} here. Maybe you meant '==' instead of '='?",
                target::noun(expr)
            )),
        }
    }

    fn except(&mut self) -> Result<Header> {
        if matches!(self.peek(), Token::End) {
            return Ok(Header::Except { class: None, name: None });
        }
        let class = self.ternary()?;
        if self.is_op(",") {
            return Err(SyntaxError::new("multiple exception types must be parenthesized"));
        }
        let name =
            if self.take_word("as") { Some(self.name().ok_or_else(SyntaxError::invalid)?) } else { None };
        Ok(Header::Except { class: Some(class), name })
    }

    /// The target of a loop, up to its `in`.
    fn targets(&mut self) -> Result<Expr> {
        let mut items = Vec::new();
        let mut is_tuple = false;
        while self.at_expression() {
            let star = self.take_op("*");
            let item = self.binary(0)?;
            items.push(if star { Expr::new(Kind::Starred(Box::new(item)))? } else { item });
            if !self.take_op(",") {
                break;
            }
            is_tuple = true;
        }
        match items.pop() {
            Some(item) if !is_tuple && items.is_empty() => Ok(item),
            Some(item) => {
                items.push(item);
                Expr::new(Kind::Tuple(items))
            }
            None => Err(SyntaxError::invalid()),
        }
    }

    fn set(&mut self) -> Result<Statement> {
        let first = self.list(true)?;
        if let Token::Op(op) = *self.peek()
            && let Some(operator) = augmented(op)
        {
            self.at += 1;
            if !matches!(first.kind, Kind::Name(_) | Kind::Attribute(..) | Kind::Index(..)) {
                let noun = target::noun(&first);
                return Err(SyntaxError::new(format!(
                    "'{noun}' is an illegal expression for augmented assignment"
                )));
            }
            return Ok(Statement::Augmented(first, operator, self.list(true)?));
        }
        if !self.is_op("=") {
            return Ok(Statement::Expr(first));
        }
        let mut targets = Vec::new();
        let mut last = first;
        while self.take_op("=") {
            let next = self.list(true)?;
            target::check_assigned(&last, self.is_op("="))?;
            targets.push(std::mem::replace(&mut last, next));
        }
        Ok(Statement::Assign(targets, last))
    }

    /// One or more expressions with commas between them; two or more are a tuple.
    fn list(&mut self, stars: bool) -> Result<Expr> {
        let first = self.starred(stars)?;
        if !self.is_op(",") {
            return match first.kind {
                Kind::Starred(_) => Err(SyntaxError::new("can't use starred expression here")),
                _ => Ok(first),
            };
        }
        self.several = true;
        let mut items = vec![first];
        while self.take_op(",") && self.at_expression() {
            items.push(self.starred(stars)?);
        }
        Expr::new(Kind::Tuple(items))
    }

    fn starred(&mut self, stars: bool) -> Result<Expr> {
        if stars && self.take_op("*") {
            let value = self.binary(0)?;
            return Expr::new(Kind::Starred(Box::new(value)));
        }
        self.ternary()
    }

    /// `name := value`, or any expression.
    fn named(&mut self) -> Result<Expr> {
        if matches!(self.peek(), Token::Name(_))
            && matches!(self.second(), Token::Op(":="))
            && let Some(name) = self.name()
        {
            self.at += 1;
            let value = self.ternary()?;
            return Expr::new(Kind::Assign(name, Box::new(value)));
        }
        self.ternary()
    }

    fn ternary(&mut self) -> Result<Expr> {
        self.enter()?;
        let out = self.ternary_inside();
        self.nesting -= 1;
        out
    }

    fn ternary_inside(&mut self) -> Result<Expr> {
        if self.take_word("lambda") {
            return self.lambda();
        }
        let then = self.or()?;
        if !self.take_word("if") {
            return Ok(then);
        }
        let test = self.or()?;
        if !self.take_word("else") {
            return Err(match self.peek() {
                Token::Op(":") => SyntaxError::invalid(),
                _ => SyntaxError::new("expected 'else' after 'if' expression"),
            });
        }
        let otherwise = self.ternary()?;
        Expr::new(Kind::If(Box::new(test), Box::new(then), Box::new(otherwise)))
    }

    fn lambda(&mut self) -> Result<Expr> {
        let mut parameters: Vec<(Arc<str>, Option<Expr>)> = Vec::new();
        let mut rest = None;
        while !self.is_op(":") {
            if self.take_op("*") {
                rest = Some(self.name().ok_or_else(SyntaxError::invalid)?);
                break;
            }
            let name = self.name().ok_or_else(SyntaxError::invalid)?;
            if parameters.len() >= PARAMETERS_MAX {
                return Err(SyntaxError::new("too many parameters of a lambda"));
            }
            if parameters.iter().any(|(other, _)| *other == name) {
                return Err(SyntaxError::new(format!("duplicate argument '{name}' in function definition")));
            }
            let default = if self.take_op("=") { Some(self.ternary()?) } else { None };
            if default.is_none() && parameters.last().is_some_and(|(_, before)| before.is_some()) {
                return Err(SyntaxError::new("non-default argument follows default argument"));
            }
            parameters.push((name, default));
            if !self.take_op(",") {
                break;
            }
        }
        self.expect_op(":")?;
        let body = self.ternary()?;
        Expr::new(Kind::Lambda(Arc::new(Lambda { parameters, rest, body })))
    }

    fn or(&mut self) -> Result<Expr> {
        let first = self.and()?;
        if !self.is_word("or") {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.take_word("or") {
            items.push(self.and()?);
        }
        Expr::new(Kind::Or(items))
    }

    fn and(&mut self) -> Result<Expr> {
        let first = self.not()?;
        if !self.is_word("and") {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.take_word("and") {
            items.push(self.not()?);
        }
        Expr::new(Kind::And(items))
    }

    fn not(&mut self) -> Result<Expr> {
        if !self.take_word("not") {
            return self.comparison();
        }
        self.enter()?;
        let value = self.not();
        self.nesting -= 1;
        Expr::new(Kind::Unary(Unary::Not, Box::new(value?)))
    }

    fn comparison(&mut self) -> Result<Expr> {
        let first = self.binary(0)?;
        let mut rest = Vec::new();
        while let Some(operator) = self.comparison_operator() {
            rest.push((operator, self.binary(0)?));
        }
        if rest.is_empty() { Ok(first) } else { Expr::new(Kind::Compare(Box::new(first), rest)) }
    }

    fn comparison_operator(&mut self) -> Option<Comparison> {
        let (operator, length) = match (self.peek(), self.second()) {
            (Token::Op("=="), _) => (Comparison::Equal, 1),
            (Token::Op("!="), _) => (Comparison::NotEqual, 1),
            (Token::Op("<"), _) => (Comparison::Less, 1),
            (Token::Op("<="), _) => (Comparison::LessEqual, 1),
            (Token::Op(">"), _) => (Comparison::Greater, 1),
            (Token::Op(">="), _) => (Comparison::GreaterEqual, 1),
            (Token::Name("in"), _) => (Comparison::In, 1),
            (Token::Name("not"), Token::Name("in")) => (Comparison::NotIn, 2),
            (Token::Name("is"), Token::Name("not")) => (Comparison::IsNot, 2),
            (Token::Name("is"), _) => (Comparison::Is, 1),
            _ => return None,
        };
        self.at += length;
        Some(operator)
    }

    /// The operators that bind tighter than comparisons, those of `level` and above.
    fn binary(&mut self, level: usize) -> Result<Expr> {
        let mut left = self.unary()?;
        while let Token::Op(op) = *self.peek()
            && let Some((operator, found)) = binary_operator(op)
            && found >= level
        {
            self.at += 1;
            self.enter()?;
            let right = self.binary(found + 1);
            self.nesting -= 1;
            left = Expr::new(Kind::Binary(Box::new(left), operator, Box::new(right?)))?;
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr> {
        let operator = match self.peek() {
            Token::Op("-") => Unary::Minus,
            Token::Op("+") => Unary::Plus,
            Token::Op("~") => Unary::Invert,
            _ => return self.power(),
        };
        self.at += 1;
        self.enter()?;
        let value = self.unary();
        self.nesting -= 1;
        Expr::new(Kind::Unary(operator, Box::new(value?)))
    }

    fn power(&mut self) -> Result<Expr> {
        let base = self.primary()?;
        if !self.take_op("**") {
            return Ok(base);
        }
        self.enter()?;
        let exponent = self.unary();
        self.nesting -= 1;
        Expr::new(Kind::Binary(Box::new(base), Binary::Pow, Box::new(exponent?)))
    }
}

fn binary_operator(op: &str) -> Option<(Binary, usize)> {
    Some(match op {
        "|" => (Binary::BitOr, 0),
        "^" => (Binary::BitXor, 1),
        "&" => (Binary::BitAnd, 2),
        "<<" => (Binary::LeftShift, 3),
        ">>" => (Binary::RightShift, 3),
        "+" => (Binary::Add, 4),
        "-" => (Binary::Sub, 4),
        "*" => (Binary::Mult, 5),
        "/" => (Binary::Div, 5),
        "//" => (Binary::FloorDiv, 5),
        "%" => (Binary::Mod, 5),
        "@" => (Binary::MatMult, 5),
        _ => return None,
    })
}

fn augmented(op: &str) -> Option<Binary> {
    if op == "**=" {
        return Some(Binary::Pow);
    }
    match op {
        "==" | "<=" | ">=" | "!=" | ":=" => None,
        op => binary_operator(op.strip_suffix('=')?).map(|(operator, _)| operator),
    }
}
