//! Names, literals, brackets, and what is written behind them.

use super::super::ast::{Const, Expr, Keyword, Kind, Shape};
use super::super::fstring;
use super::super::lex::{self, Result, SyntaxError, Token};
use super::Parser;
use std::collections::HashSet;
use std::sync::Arc;

impl Parser<'_> {
    pub(super) fn primary(&mut self) -> Result<Expr> {
        let mut value = self.atom()?;
        loop {
            if self.take_op(".") {
                let Token::Name(name) = *self.peek() else { return Err(SyntaxError::invalid()) };
                if lex::KEYWORDS.contains(&name) {
                    return Err(SyntaxError::invalid());
                }
                self.at += 1;
                value = Expr::new(Kind::Attribute(Box::new(value), name.into()))?;
            } else if self.is_op("(") {
                let (arguments, keywords) = self.arguments()?;
                value = Expr::new(Kind::Call(Box::new(value), arguments, keywords))?;
            } else if self.is_op("[") {
                self.open();
                let index = self.index()?;
                self.close("]")?;
                value = Expr::new(Kind::Index(Box::new(value), Box::new(index)))?;
            } else {
                return Ok(value);
            }
        }
    }

    pub(super) fn open(&mut self) {
        self.at += 1;
        self.brackets += 1;
    }

    pub(super) fn close(&mut self, op: &str) -> Result<()> {
        if !self.take_op(op) {
            return Err(self.forgotten_comma());
        }
        self.brackets -= 1;
        Ok(())
    }

    /// Between brackets two expressions in a row are told apart from other mistakes.
    fn forgotten_comma(&mut self) -> SyntaxError {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        let name_before = matches!(before, Some(Token::Name(name)) if !lex::KEYWORDS.contains(name));
        let ends = match before {
            Some(Token::Name(name)) => {
                !lex::KEYWORDS.contains(name) || matches!(*name, "None" | "True" | "False")
            }
            Some(Token::Number(_) | Token::Text(_)) => true,
            Some(Token::Op(op)) => matches!(*op, ")" | "]" | "}"),
            _ => false,
        };
        let text = matches!(self.peek(), Token::Text(_));
        if !ends || !self.at_expression() || (name_before && text) || self.brackets == 0 {
            return SyntaxError::invalid();
        }
        let mark = self.at;
        let follows = self.ternary().is_ok();
        if follows {
            self.at = mark;
            return SyntaxError::new("invalid syntax. Perhaps you forgot a comma?");
        }
        SyntaxError::invalid()
    }

    fn index(&mut self) -> Result<Expr> {
        let first = self.slice()?;
        if !self.is_op(",") {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.take_op(",") && !self.is_op("]") {
            items.push(self.slice()?);
        }
        Expr::new(Kind::Tuple(items))
    }

    fn slice(&mut self) -> Result<Expr> {
        let mut parts: [Option<Box<Expr>>; 3] = [None, None, None];
        let mut found = 0;
        for part in &mut parts {
            if !self.is_op(":") && !self.is_op("]") && !self.is_op(",") {
                *part = Some(Box::new(self.named()?));
            }
            if found == 2 || !self.take_op(":") {
                break;
            }
            found += 1;
        }
        let [from, to, step] = parts;
        match from {
            Some(only) if found == 0 => Ok(*only),
            None if found == 0 => Err(SyntaxError::invalid()),
            from => Expr::new(Kind::Slice(from, to, step)),
        }
    }

    fn arguments(&mut self) -> Result<(Vec<Expr>, Vec<Keyword>)> {
        self.open();
        let (mut arguments, mut keywords) = (Vec::new(), Vec::<Keyword>::new());
        let mut names = HashSet::new();
        while !self.is_op(")") {
            if self.take_op("**") {
                keywords.push(Keyword { name: None, value: self.ternary()? });
            } else if self.take_op("*") {
                let value = self.ternary()?;
                arguments.push(Expr::new(Kind::Starred(Box::new(value)))?);
            } else if matches!(self.second(), Token::Op("=")) && matches!(self.peek(), Token::Name(_)) {
                keywords.push(self.keyword(&mut names)?);
            } else {
                let value = self.argument(arguments.is_empty() && keywords.is_empty())?;
                if let Some(last) = keywords.last()
                    && (self.is_op(")") || self.is_op(","))
                {
                    return Err(SyntaxError::new(match last.name {
                        Some(_) => "positional argument follows keyword argument",
                        None => "positional argument follows keyword argument unpacking",
                    }));
                }
                arguments.push(value);
            }
            if !self.take_op(",") {
                break;
            }
        }
        self.close(")")?;
        Ok((arguments, keywords))
    }

    fn keyword(&mut self, before: &mut HashSet<Arc<str>>) -> Result<Keyword> {
        let constant = matches!(self.peek(), Token::Name("None" | "True" | "False"));
        let Some(name) = self.name() else {
            return Err(match (constant, self.peek()) {
                (true, Token::Name(word)) => SyntaxError::new(format!("cannot assign to {word}")),
                _ => SyntaxError::invalid(),
            });
        };
        self.at += 1;
        if self.is_op(",") || self.is_op(")") {
            // Python 3.11 has no words of its own for a missing value.
            return Err(SyntaxError::invalid());
        }
        let value = self.ternary()?;
        if !before.insert(Arc::clone(&name)) {
            return Err(SyntaxError::new(format!("keyword argument repeated: {name}")));
        }
        Ok(Keyword { name: Some(name), value })
    }

    fn argument(&mut self, alone: bool) -> Result<Expr> {
        let value = self.named()?;
        if self.is_word("for") {
            let value = self.comprehension_after(value)?;
            if !(alone && self.is_op(")")) {
                return Err(SyntaxError::new("Generator expression must be parenthesized"));
            }
            return Ok(value);
        }
        if self.is_op("=") {
            return Err(SyntaxError::new("expression cannot contain assignment, perhaps you meant \"==\"?"));
        }
        Ok(value)
    }

    fn atom(&mut self) -> Result<Expr> {
        match self.peek().clone() {
            Token::Name(name) => self.word(name),
            Token::Number(value) => {
                self.at += 1;
                Expr::new(Kind::Const(value))
            }
            Token::Text(_) => {
                let mut parts = Vec::new();
                while let Token::Text(part) = self.peek() {
                    parts.push(part.clone());
                    self.at += 1;
                }
                Expr::new(fstring::concatenated(&parts)?)
            }
            Token::Op("...") => {
                self.at += 1;
                Expr::new(Kind::Const(Const::Ellipsis))
            }
            Token::Op("(") => self.parenthesis(),
            Token::Op("[") => self.bracket(),
            Token::Op("{") => self.brace(),
            _ => Err(SyntaxError::invalid()),
        }
    }

    fn word(&mut self, name: &str) -> Result<Expr> {
        let constant = match name {
            "None" => Some(Const::None),
            "True" => Some(Const::Bool(true)),
            "False" => Some(Const::Bool(false)),
            _ => None,
        };
        if let Some(constant) = constant {
            self.at += 1;
            return Expr::new(Kind::Const(constant));
        }
        let name = self.name().ok_or_else(SyntaxError::invalid)?;
        Expr::new(Kind::Name(name))
    }

    fn parenthesis(&mut self) -> Result<Expr> {
        self.open();
        if self.is_op(")") {
            self.close(")")?;
            return Expr::new(Kind::Tuple(Vec::new()));
        }
        let first = self.element()?;
        if self.is_word("for") {
            let value = self.comprehension_after(first)?;
            self.close(")")?;
            return Ok(value);
        }
        if !self.is_op(",") {
            self.no_equals(&first)?;
            self.close(")")?;
            return match first.kind {
                Kind::Starred(_) => Err(SyntaxError::new("cannot use starred expression here")),
                _ => Ok(first),
            };
        }
        let items = self.elements(first, ")")?;
        self.close(")")?;
        Expr::new(Kind::Tuple(items))
    }

    fn no_equals(&mut self, expr: &Expr) -> Result<()> {
        if !self.is_op("=") {
            return Ok(());
        }
        let at = self.at;
        Err(self.mistaken_equals(at.saturating_sub(1), expr))
    }

    pub(super) fn element(&mut self) -> Result<Expr> {
        if self.take_op("*") {
            let value = self.binary(0)?;
            return Expr::new(Kind::Starred(Box::new(value)));
        }
        self.named()
    }

    /// The rest of a list whose first item is read.
    pub(super) fn elements(&mut self, first: Expr, end: &str) -> Result<Vec<Expr>> {
        let mut items = vec![first];
        while self.take_op(",") && !self.is_op(end) {
            items.push(self.element()?);
        }
        if let Some(last) = items.last().cloned() {
            self.no_equals(&last)?;
        }
        Ok(items)
    }

    fn bracket(&mut self) -> Result<Expr> {
        self.open();
        if self.is_op("]") {
            self.close("]")?;
            return Expr::new(Kind::List(Vec::new()));
        }
        let first = self.element()?;
        if self.is_word("for") {
            let value = self.comprehension(Shape::List, first, None)?;
            self.close("]")?;
            return Ok(value);
        }
        let items = self.elements(first, "]")?;
        self.close("]")?;
        Expr::new(Kind::List(items))
    }

    fn brace(&mut self) -> Result<Expr> {
        self.open();
        if self.is_op("}") {
            self.close("}")?;
            return Expr::new(Kind::Dict(Vec::new()));
        }
        if self.embedded && self.is_op("{") && matches!(self.tokens.get(self.at - 1), Some(Token::Op("{"))) {
            let inside = self.brace()?;
            self.close("}")?;
            return match inside.kind {
                Kind::Set(mut items) if items.len() == 1 => match items.pop() {
                    Some(item) => Expr::new(Kind::Embedded(Box::new(item))),
                    None => Err(SyntaxError::invalid()),
                },
                other => Expr::new(Kind::Set(vec![Expr::new(other)?])),
            };
        }
        if self.take_op("**") {
            let value = self.binary(0)?;
            return self.dict(vec![(None, value)]);
        }
        let first = self.element()?;
        if self.take_op(":") {
            if self.is_op("}") || self.is_op(",") {
                return Err(SyntaxError::new("expression expected after dictionary key and ':'"));
            }
            let value = self.ternary()?;
            if self.is_word("for") {
                let out = self.comprehension(Shape::Dict, first, Some(value))?;
                self.close("}")?;
                return Ok(out);
            }
            return self.dict(vec![(Some(first), value)]);
        }
        if self.is_word("for") {
            let out = self.comprehension(Shape::Set, first, None)?;
            self.close("}")?;
            return Ok(out);
        }
        let items = self.elements(first, "}")?;
        if self.is_op(":") {
            return Err(SyntaxError::invalid());
        }
        self.close("}")?;
        Expr::new(Kind::Set(items))
    }

    /// The rest of a dict whose first pair is read.
    fn dict(&mut self, mut pairs: Vec<(Option<Expr>, Expr)>) -> Result<Expr> {
        while self.take_op(",") && !self.is_op("}") {
            if self.take_op("**") {
                pairs.push((None, self.binary(0)?));
                continue;
            }
            let key = self.ternary()?;
            if !self.take_op(":") {
                let missing = self.is_op("}") || self.is_op(",");
                return Err(if missing {
                    SyntaxError::new("':' expected after dictionary key")
                } else {
                    SyntaxError::invalid()
                });
            }
            if self.is_op("}") || self.is_op(",") {
                return Err(SyntaxError::new("expression expected after dictionary key and ':'"));
            }
            pairs.push((Some(key), self.ternary()?));
        }
        self.close("}")?;
        Expr::new(Kind::Dict(pairs))
    }

    /// A generator whose element is read.
    fn comprehension_after(&mut self, element: Expr) -> Result<Expr> {
        self.comprehension(Shape::Generator, element, None)
    }
}
