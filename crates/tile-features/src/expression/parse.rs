//! From words to a tree, with Spark's precedence: OR, AND, NOT, predicates and comparisons, `|`, `^`, `&`, sums, products, signs.

use super::lex::{Token, Word, words, wrong};
use super::tree::{Node, What};
use crate::types::Type;
use crate::value::Value;
use tile_base::{Error, Result};

/// Nodes above each other.
const DEPTH_MAX: usize = 100;
/// Parentheses within each other: each costs more than ten frames of the stack.
const NESTING_MAX: usize = 40;
const NODES_MAX: usize = 4_000;

/// An expression whose types are not known yet.
#[derive(Clone, Debug)]
pub struct Parsed {
    pub(super) root: Node,
}

impl Parsed {
    /// The column that it is, where it is nothing more.
    pub fn as_name(&self) -> Option<&str> {
        match &self.root.what {
            super::tree::What::Name(path) => path.first().filter(|_| path.len() == 1).map(String::as_str),
            _ => None,
        }
    }

    /// The columns that it reads, sorted, each once.
    pub fn columns(&self) -> Vec<String> {
        let mut columns = Vec::new();
        self.root.columns(&mut columns);
        columns.sort();
        columns.dedup();
        columns
    }
}

/// Reads an expression.
///
/// # Errors
/// `Invalid` with the character for what is not one; `TooLarge` for one of too many or too deep parts.
pub fn parse(text: &str) -> Result<Parsed> {
    let mut parser = Parser { tokens: words(text)?, next: 0, depth: 0 };
    let root = parser.or()?;
    match parser.peek() {
        Word::End => Ok(Parsed { root }),
        word => Err(wrong(parser.at(), format!("expected the end, found {}", shown(word)))),
    }
}

/// The column that an expression is, when it is a name and nothing more; in backquotes it is an expression.
pub fn identifier(source: &str) -> Option<&str> {
    let name = source.trim();
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    let is_word = ["true", "false", "null"].iter().any(|word| name.eq_ignore_ascii_case(word));
    (is_plain && !is_word && !name.is_empty()).then_some(name)
}

fn shown(word: &Word) -> String {
    match word {
        Word::Name(name) | Word::Quoted(name) | Word::Number(name) => format!("`{name}`"),
        Word::Text(text) => format!("the text '{text}'"),
        Word::Sign(sign) => format!("`{sign}`"),
        Word::End => "the end".to_owned(),
    }
}

/// Names that cannot be columns without backquotes.
const RESERVED: &[&str] = &[
    "AND", "OR", "NOT", "IN", "IS", "LIKE", "RLIKE", "BETWEEN", "CASE", "WHEN", "THEN", "ELSE", "END",
    "CAST", "DIV", "SELECT", "FROM", "WHERE", "OVER", "DISTINCT", "EXISTS", "INTERVAL", "AS",
];

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn token(&self) -> &Token {
        // The last word is the end, and nothing goes beyond it.
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    fn peek(&self) -> &Word {
        &self.token().word
    }

    fn at(&self) -> usize {
        self.token().at
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Word::Sign(s) if *s == sign)
    }

    fn is_name(&self, name: &str) -> bool {
        matches!(self.peek(), Word::Name(n) if n.eq_ignore_ascii_case(name))
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let is = self.is_sign(sign);
        self.next += usize::from(is);
        is
    }

    fn take_name(&mut self, name: &str) -> bool {
        let is = self.is_name(name);
        self.next += usize::from(is);
        is
    }

    fn need_sign(&mut self, sign: &str) -> Result<()> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.expected(&format!("`{sign}`"))) }
    }

    fn need_name(&mut self, name: &str) -> Result<()> {
        if self.take_name(name) { Ok(()) } else { Err(self.expected(name)) }
    }

    fn expected(&self, what: &str) -> Error {
        wrong(self.at(), format!("expected {what}, found {}", shown(self.peek())))
    }

    fn node(&self, what: What, at: usize) -> Result<Node> {
        let node = Node::new(what, at);
        bounded(node.size, node.depth).map_err(|e| place(e, at))?;
        Ok(node)
    }

    fn call(&mut self, name: &str, args: Vec<Node>, at: usize) -> Result<Node> {
        self.node(What::Call(name.to_owned(), args), at)
    }

    /// Each level of parentheses passes here.
    fn or(&mut self) -> Result<Node> {
        self.depth += 1;
        if self.depth > NESTING_MAX {
            return Err(too_large(self.at()));
        }
        let mut left = self.and()?;
        while self.is_name("OR") {
            let at = self.at();
            self.next += 1;
            let right = self.and()?;
            left = self.call("OR", vec![left, right], at)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self) -> Result<Node> {
        let mut left = self.not()?;
        while self.is_name("AND") {
            let at = self.at();
            self.next += 1;
            let right = self.not()?;
            left = self.call("AND", vec![left, right], at)?;
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Node> {
        // Many of them are read in a loop, not by recursion.
        let mut places = Vec::new();
        while self.is_name("NOT") || self.is_sign("!") {
            places.push(self.at());
            self.next += 1;
        }
        let mut node = self.predicate()?;
        for at in places.into_iter().rev() {
            node = self.call("NOT", vec![node], at)?;
        }
        Ok(node)
    }

    fn predicate(&mut self) -> Result<Node> {
        let left = self.comparison()?;
        let at = self.at();
        if self.take_name("IS") {
            return self.is(left, at);
        }
        let start = self.next;
        let is_not = self.take_name("NOT") || self.take_sign("!");
        let node = if self.take_name("BETWEEN") {
            let low = self.bits_or()?;
            self.need_name("AND")?;
            let high = self.bits_or()?;
            let above = self.call(">=", vec![left.clone(), low], at)?;
            let below = self.call("<=", vec![left, high], at)?;
            self.call("AND", vec![above, below], at)?
        } else if self.take_name("IN") {
            self.need_sign("(")?;
            let mut args = vec![left];
            args.extend(self.rest_of_list(")")?);
            if args.len() < 2 {
                return Err(wrong(at, "IN has no values"));
            }
            self.call("IN", args, at)?
        } else if self.take_name("LIKE") {
            let pattern = self.bits_or()?;
            self.call("LIKE", vec![left, pattern], at)?
        } else if self.take_name("RLIKE") || self.take_name("REGEXP") {
            let pattern = self.bits_or()?;
            self.call("RLIKE", vec![left, pattern], at)?
        } else {
            self.next = start;
            return Ok(left);
        };
        if is_not { self.call("NOT", vec![node], at) } else { Ok(node) }
    }

    /// What follows IS.
    fn is(&mut self, left: Node, at: usize) -> Result<Node> {
        let is_not = self.take_name("NOT");
        let node = if self.take_name("NULL") {
            self.call("ISNULL", vec![left], at)?
        } else if self.take_name("TRUE") || self.is_name("FALSE") {
            let wanted = !self.take_name("FALSE");
            let right = self.node(What::Literal(Value::Bool(wanted), Some(Type::Bool)), at)?;
            self.call("<=>", vec![left, right], at)?
        } else if self.take_name("DISTINCT") {
            self.need_name("FROM")?;
            let right = self.bits_or()?;
            let same = self.call("<=>", vec![left, right], at)?;
            self.call("NOT", vec![same], at)?
        } else {
            return Err(self.expected("NULL, TRUE, FALSE or DISTINCT FROM"));
        };
        if is_not { self.call("NOT", vec![node], at) } else { Ok(node) }
    }

    fn comparison(&mut self) -> Result<Node> {
        let mut left = self.bits_or()?;
        loop {
            let at = self.at();
            let Some(sign) =
                ["=", "==", "<=>", "<>", "!=", "<=", ">=", "<", ">"].iter().find(|s| self.is_sign(s))
            else {
                return Ok(left);
            };
            self.next += 1;
            let right = self.bits_or()?;
            let sign = match *sign {
                "==" => "=",
                "!=" => "<>",
                sign => sign,
            };
            left = self.call(sign, vec![left, right], at)?;
        }
    }

    fn bits_or(&mut self) -> Result<Node> {
        self.level(&["|"], Self::bits_xor)
    }

    fn bits_xor(&mut self) -> Result<Node> {
        self.level(&["^"], Self::bits_and)
    }

    fn bits_and(&mut self) -> Result<Node> {
        self.level(&["&"], Self::sum)
    }

    fn sum(&mut self) -> Result<Node> {
        self.level(&["+", "-", "||"], Self::product)
    }

    fn product(&mut self) -> Result<Node> {
        self.level(&["*", "/", "%"], Self::sign)
    }

    fn level(&mut self, signs: &[&'static str], below: fn(&mut Self) -> Result<Node>) -> Result<Node> {
        let mut left = below(self)?;
        loop {
            let at = self.at();
            let name = match signs.iter().find(|sign| self.is_sign(sign)) {
                Some(&"||") => "CONCAT",
                Some(sign) => sign,
                None if signs.contains(&"*") && self.is_name("DIV") => "DIV",
                None => return Ok(left),
            };
            self.next += 1;
            let right = below(self)?;
            left = self.call(name, vec![left, right], at)?;
        }
    }

    fn sign(&mut self) -> Result<Node> {
        let mut signs = Vec::new();
        while let Some(sign) = ["-", "+", "~"].iter().find(|sign| self.is_sign(sign)) {
            signs.push((*sign, self.at()));
            self.next += 1;
        }
        // The sign belongs to the number: the smallest one of a type has no positive.
        if let (Some(("-", at)), Word::Number(text)) = (signs.last().copied(), self.peek().clone()) {
            self.next += 1;
            signs.pop();
            let (value, ty) = number(&format!("-{text}"), at)?;
            let node = self.node(What::Literal(value, Some(ty)), at)?;
            let node = self.postfix(node)?;
            return self.signed(node, signs);
        }
        let node = self.primary()?;
        let node = self.postfix(node)?;
        self.signed(node, signs)
    }

    fn signed(&mut self, mut node: Node, signs: Vec<(&str, usize)>) -> Result<Node> {
        for (sign, at) in signs.into_iter().rev() {
            match sign {
                "-" => node = self.call("NEGATIVE", vec![node], at)?,
                "~" => node = self.call("~", vec![node], at)?,
                _ => {}
            }
        }
        Ok(node)
    }

    /// Fields and places behind a value.
    fn postfix(&mut self, mut node: Node) -> Result<Node> {
        loop {
            let at = self.at();
            if self.take_sign("[") {
                let index = self.or()?;
                self.need_sign("]")?;
                node = self.call("[]", vec![node, index], at)?;
            } else if self.take_sign(".") {
                let field = self.name()?;
                node = match node.what {
                    What::Name(mut path) => {
                        path.push(field);
                        self.node(What::Name(path), node.at)?
                    }
                    _ => self.node(What::Field(Box::new(node), field), at)?,
                };
            } else if self.is_sign("->") {
                return Err(wrong(at, "functions in expressions (`x -> …`) are not supported"));
            } else {
                return Ok(node);
            }
        }
    }

    fn name(&mut self) -> Result<String> {
        match self.peek().clone() {
            Word::Name(name) | Word::Quoted(name) if !name.is_empty() => {
                self.next += 1;
                Ok(name)
            }
            _ => Err(self.expected("a name")),
        }
    }

    fn primary(&mut self) -> Result<Node> {
        let at = self.at();
        match self.peek().clone() {
            Word::Number(text) => {
                self.next += 1;
                let (value, ty) = number(&text, at)?;
                self.node(What::Literal(value, Some(ty)), at)
            }
            Word::Text(text) => {
                self.next += 1;
                self.node(What::Literal(Value::Text(text.into()), Some(Type::Text)), at)
            }
            Word::Sign("(") => {
                self.next += 1;
                let node = self.or()?;
                self.need_sign(")")?;
                Ok(node)
            }
            Word::Quoted(_) => {
                let name = self.name()?;
                self.node(What::Name(vec![name]), at)
            }
            Word::Name(name) => self.named(&name, at),
            _ => Err(self.expected("a value")),
        }
    }

    fn named(&mut self, name: &str, at: usize) -> Result<Node> {
        let upper = name.to_ascii_uppercase();
        self.next += 1;
        match (upper.as_str(), self.is_sign("(")) {
            ("NULL", false) => self.node(What::Literal(Value::Null, None), at),
            ("TRUE" | "FALSE", false) => {
                self.node(What::Literal(Value::Bool(upper == "TRUE"), Some(Type::Bool)), at)
            }
            ("CASE", _) => self.case(at),
            ("CAST" | "TRY_CAST", true) => self.cast(at),
            ("EXTRACT", true) => self.extract(at),
            ("DATE" | "TIMESTAMP", false) if matches!(self.peek(), Word::Text(_)) => {
                let text = self.primary()?;
                let ty = if upper == "DATE" { Type::Date } else { Type::Timestamp };
                self.node(What::Cast(Box::new(text), ty), at)
            }
            (word, false) if RESERVED.contains(&word) => {
                self.next -= 1;
                Err(self
                    .expected("a value")
                    .hint(format!("A column of this name is written `{name}`, in backquotes")))
            }
            (_, false) => self.node(What::Name(vec![name.to_owned()]), at),
            (_, true) => {
                self.next += 1;
                if upper == "STRUCT" {
                    return self.structure(at);
                }
                let args = self.rest_of_list(")")?;
                if self.is_name("OVER") {
                    return Err(wrong(
                        self.at(),
                        "windows of rows (`OVER`) are not supported in expressions",
                    ));
                }
                self.call(&upper, args, at)
            }
        }
    }

    /// Values up to the sign that ends them.
    fn rest_of_list(&mut self, end: &str) -> Result<Vec<Node>> {
        let mut items = Vec::new();
        if self.take_sign(end) {
            return Ok(items);
        }
        loop {
            items.push(self.or()?);
            if self.take_sign(end) {
                return Ok(items);
            }
            if !self.take_sign(",") {
                return Err(self.expected(&format!("`,` or `{end}`")));
            }
        }
    }

    /// `STRUCT(a, b + 1 AS c)`: a call of `NAMED_STRUCT`. What has no name gets that of its column, or of its place.
    fn structure(&mut self, at: usize) -> Result<Node> {
        let mut args = Vec::new();
        if self.take_sign(")") {
            return Err(self.expected("a value"));
        }
        loop {
            let value = self.or()?;
            let name = if self.take_name("AS") {
                let (Word::Name(name) | Word::Quoted(name)) = self.peek() else {
                    return Err(self.expected("a name"));
                };
                let name = name.clone();
                self.next += 1;
                name
            } else if let What::Name(parts) = &value.what
                && let Some(name) = parts.last()
            {
                name.clone()
            } else {
                format!("col{}", args.len() / 2 + 1)
            };
            args.push(self.node(What::Literal(Value::Text(name.into()), Some(Type::Text)), at)?);
            args.push(value);
            if self.take_sign(")") {
                return self.call("NAMED_STRUCT", args, at);
            }
            if !self.take_sign(",") {
                return Err(self.expected("`,` or `)`"));
            }
        }
    }

    fn case(&mut self, at: usize) -> Result<Node> {
        let subject = if self.is_name("WHEN") { None } else { Some(self.or()?) };
        let mut branches = Vec::new();
        while self.take_name("WHEN") {
            let mut condition = self.or()?;
            if let Some(subject) = &subject {
                condition = self.call("=", vec![subject.clone(), condition], at)?;
            }
            self.need_name("THEN")?;
            branches.push((condition, self.or()?));
        }
        if branches.is_empty() {
            return Err(self.expected("WHEN"));
        }
        let other = if self.take_name("ELSE") { Some(Box::new(self.or()?)) } else { None };
        self.need_name("END")?;
        self.node(What::Case(branches, other), at)
    }

    fn cast(&mut self, at: usize) -> Result<Node> {
        self.need_sign("(")?;
        let of = self.or()?;
        self.need_name("AS")?;
        let ty = self.ty()?;
        self.need_sign(")")?;
        self.node(What::Cast(Box::new(of), ty), at)
    }

    fn extract(&mut self, at: usize) -> Result<Node> {
        self.need_sign("(")?;
        let part = self.name()?;
        self.need_name("FROM")?;
        let of = self.or()?;
        self.need_sign(")")?;
        let part = self.node(What::Literal(Value::Text(part.into()), Some(Type::Text)), at)?;
        self.call("DATE_PART", vec![part, of], at)
    }

    fn ty(&mut self) -> Result<Type> {
        self.depth += 1;
        if self.depth > NESTING_MAX {
            return Err(too_large(self.at()));
        }
        let at = self.at();
        let name = self.name()?.to_ascii_uppercase();
        let ty = match name.as_str() {
            "ARRAY" => {
                self.need_sign("<")?;
                let of = self.ty()?;
                self.need_sign(">")?;
                Type::List(Box::new(of))
            }
            "MAP" => {
                self.need_sign("<")?;
                let key = self.ty()?;
                self.need_sign(",")?;
                let of = self.ty()?;
                self.need_sign(">")?;
                if key != Type::Text {
                    return Err(wrong(at, "keys of maps are strings"));
                }
                Type::Map(Box::new(of))
            }
            "DECIMAL" | "NUMERIC" | "DEC" => {
                return Err(wrong(at, "decimals are not supported")
                    .hint("Use DOUBLE, with ROUND for digits behind the point"));
            }
            _ => scalar(&name).ok_or_else(|| {
                wrong(at, format!("no type is called `{name}`")).hint(
                    "Types are BOOLEAN, TINYINT, SMALLINT, INT, BIGINT, FLOAT, DOUBLE, STRING, BINARY, DATE, TIMESTAMP, ARRAY<T> and MAP<STRING, T>",
                )
            })?,
        };
        self.depth -= 1;
        Ok(ty)
    }
}

/// The scalar type of a name in capitals.
pub fn scalar(name: &str) -> Option<Type> {
    Some(match name {
        "BOOLEAN" => Type::Bool,
        "TINYINT" | "BYTE" => Type::Byte,
        "SMALLINT" | "SHORT" => Type::Short,
        "INT" | "INTEGER" => Type::Int,
        "BIGINT" | "LONG" => Type::Long,
        "FLOAT" | "REAL" => Type::Float,
        "DOUBLE" => Type::Double,
        "STRING" => Type::Text,
        "BINARY" => Type::Binary,
        "DATE" => Type::Date,
        "TIMESTAMP" => Type::Timestamp,
        _ => return None,
    })
}

/// A number by its text. Without a letter behind it an integer is an int where it fits, else a long.
fn number(text: &str, at: usize) -> Result<(Value, Type)> {
    let wrong = || wrong(at, format!("`{text}` is not a number that is supported"));
    let ended = |ends: &[char]| {
        text.strip_suffix(ends).filter(|rest| rest.ends_with(|c: char| c.is_ascii_digit() || c == '.'))
    };
    let integer = |text: &str, max: i64, ty: Type| match text.parse::<i64>() {
        Ok(i) if i <= max && i >= -max - 1 => Ok((Value::Int(i), ty)),
        _ => Err(wrong()),
    };
    if let Some(digits) = ended(&['L', 'l']) {
        return integer(digits, i64::MAX, Type::Long);
    }
    if let Some(digits) = ended(&['S', 's']) {
        return integer(digits, i64::from(i16::MAX), Type::Short);
    }
    if let Some(digits) = ended(&['Y', 'y']) {
        return integer(digits, i64::from(i8::MAX), Type::Byte);
    }
    let (digits, ty) = match (text.strip_suffix("BD").or_else(|| ended(&['D', 'd'])), ended(&['F', 'f'])) {
        (Some(digits), _) => (digits, Type::Double),
        (None, Some(digits)) => (digits, Type::Float),
        (None, None) if text.contains(['.', 'e', 'E']) => (text, Type::Double),
        (None, None) => {
            let small = integer(text, i64::from(i32::MAX), Type::Int);
            return small.or_else(|_| integer(text, i64::MAX, Type::Long));
        }
    };
    // What Rust reads beyond numbers is words.
    let is_number = digits.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    match digits.parse::<f64>() {
        Ok(x) if is_number && x.is_finite() => Ok((Value::Real(super::cast::fitted(x, &ty)), ty)),
        _ => Err(wrong()),
    }
}

/// # Errors
/// `TooLarge` for a tree of more nodes, or of more below each other, than expressions have.
pub(super) fn bounded(size: usize, depth: usize) -> Result<()> {
    if size > NODES_MAX || depth > DEPTH_MAX { Err(beyond()) } else { Ok(()) }
}

fn too_large(at: usize) -> Error {
    place(beyond(), at)
}

fn place(e: Error, at: usize) -> Error {
    e.at(format!("character {}", at + 1))
}

fn beyond() -> Error {
    Error::new(
        tile_base::error::Kind::TooLarge,
        format!(
            "an expression has more than {NODES_MAX} parts, or more than {NESTING_MAX} within each other"
        ),
    )
}
