//! The parameters of a template, found without rendering it.

use super::chunk::Chunk;
use super::functions::{TYPES, UNTYPED};
use super::names::is_reserved;
use super::python::ast::{Binary, Const, Expr, Header, Keyword, Kind, Statement, Unary};
use super::python::{Node, breadth_first, parse};
use super::value::{Int, float_repr};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};

/// A parameter, as an expression or a statement shows it. The same name may come several times, from different places.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    pub name: String,
    /// Whether `name` is a name. The original takes the literal of `Float32(16.0)` for one, and refuses to deploy it.
    pub is_name: bool,
    /// `String`, `Int32`, `Array(Int32)` …
    pub ty: String,
    /// `default`, `description`, `required`, `example`, `enum`, `format`, `used_in` and whatever else is given by name, in
    /// the order of the original.
    pub attributes: Map<String, Value>,
}

impl Param {
    /// Null when there is none. Whole numbers that JavaScript cannot hold are texts.
    pub fn default(&self) -> &Value {
        self.attributes.get("default").unwrap_or(&Value::Null)
    }

    pub fn description(&self) -> Option<&str> {
        self.attributes.get("description").and_then(Value::as_str)
    }

    pub fn required(&self) -> Option<bool> {
        self.attributes.get("required").and_then(Value::as_bool)
    }

    pub fn example(&self) -> Option<&Value> {
        self.attributes.get("example")
    }

    pub fn enum_values(&self) -> Option<&Value> {
        self.attributes.get("enum")
    }

    pub fn format(&self) -> Option<&str> {
        self.attributes.get("format").and_then(Value::as_str)
    }

    /// `function_call` when only `defined` and its like mention it.
    pub fn used_in(&self) -> Option<&str> {
        self.attributes.get("used_in").and_then(Value::as_str)
    }

    /// As the API shows it.
    pub fn to_json(&self) -> Value {
        let mut out = Map::new();
        out.insert("name".to_owned(), Value::String(self.name.clone()));
        out.insert("type".to_owned(), Value::String(self.ty.clone()));
        out.extend(self.attributes.clone());
        Value::Object(out)
    }
}

/// Why the parameters of a template cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanError {
    pub message: String,
    /// A literal list stands where a parameter's name belongs.
    pub is_name: bool,
}

/// A parameter whose name may be any literal.
#[derive(Clone, Debug)]
struct Found {
    name: Value,
    ty: String,
    attributes: Map<String, Value>,
}

impl Found {
    /// Names that are equal have equal keys.
    fn key(&self) -> String {
        self.name.to_string()
    }
}

/// What is found in one expression, each name once.
#[derive(Default)]
struct Names {
    found: Vec<Found>,
    places: HashMap<String, usize>,
}

impl Names {
    fn contains(&self, name: &Value) -> bool {
        self.places.contains_key(&name.to_string())
    }

    /// A name that is there keeps its place.
    fn insert(&mut self, name: Value, ty: String, attributes: Map<String, Value>) {
        let place = self.places.entry(name.to_string()).or_insert(self.found.len());
        match self.found.get_mut(*place) {
            Some(found) => (found.ty, found.attributes) = (ty, attributes),
            None => self.found.push(Found { name, ty, attributes }),
        }
    }
}

/// Larger whole numbers are shown as texts.
const SAFE_INTEGER_MAX: i64 = 9_007_199_254_740_991;

/// All parameters in the order of the original. `rendering`: as it sees them when it renders, where a name that stands alone
/// between `{{` and `}}` does not count. An error when a literal list stands for a name.
pub fn params(chunks: &[Chunk], rendering: bool) -> Result<Vec<Param>, ScanError> {
    let mut scan = Scan { rendering, typed: HashSet::new(), out: Vec::new() };
    scan.chunks(chunks)?;
    let param = |found: Found| {
        let (name, is_name) = match found.name {
            Value::String(name) => {
                let is_name = !name.is_empty();
                (name, is_name)
            }
            other => (python_text(&other), false),
        };
        Param { name, is_name, ty: found.ty, attributes: found.attributes }
    };
    Ok(scan.out.into_iter().map(param).collect())
}

struct Scan {
    rendering: bool,
    /// Names that expressions have shown so far: statements do not show them again.
    typed: HashSet<String>,
    out: Vec<Found>,
}

impl Scan {
    fn chunks(&mut self, chunks: &[Chunk]) -> Result<(), ScanError> {
        for chunk in chunks {
            match chunk {
                Chunk::Output(output) => {
                    let found = of_exprs(vec![&output.expr], self.rendering)?;
                    self.typed.extend(found.iter().map(Found::key));
                    self.out.extend(found);
                }
                Chunk::Block(block) => {
                    self.chunks(&block.body)?;
                    for branch in &block.branches {
                        if branch.header.is_some() {
                            self.statement(&branch.source, header_exprs(&branch.source));
                        }
                        self.chunks(&branch.body)?;
                    }
                    if block.header.is_some() {
                        self.statement(&block.source, header_exprs(&block.source));
                    }
                }
                Chunk::Set(set) if !set.source.contains("{{") => {
                    let exprs = statement_exprs(&set.statement).into_iter().cloned().collect();
                    self.statement(&set.source, Some(exprs));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A statement shows only names that no expression before it has shown.
    fn statement(&mut self, source: &str, exprs: Option<Vec<Expr>>) {
        let mut out: Vec<Found> = Vec::new();
        if source.contains("{{") && source.contains("}}") {
            for inner in embedded(source) {
                let Ok(statement) = parse::set(inner.trim()) else { continue };
                let Ok(found) = of_exprs(statement_exprs(&statement), false) else { continue };
                out.extend(found.into_iter().filter(|found| !self.typed.contains(&found.key())));
            }
        }
        let shown: HashSet<String> = out.iter().map(Found::key).collect();
        if let Some(exprs) = exprs
            && let Ok(found) = of_exprs(exprs.iter().collect(), false)
        {
            let fresh = |found: &Found| !self.typed.contains(&found.key()) && !shown.contains(&found.key());
            out.extend(found.into_iter().filter(fresh));
        }
        // Here a literal is a value that is converted, and no name.
        out.retain(|found| found.name.as_str().is_some_and(|name| !name.is_empty()));
        self.out.extend(out);
    }
}

/// The texts between `{{` and `}}` on one line.
fn embedded(source: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = source;
    while let Some((_, tail)) = rest.split_once("{{") {
        match tail.split_once("}}") {
            Some((inner, behind)) if !inner.contains('\n') => {
                out.push(inner);
                rest = behind;
            }
            _ => rest = tail,
        }
    }
    out
}

/// The expressions of a header in which every `{{…}}` is replaced, since it is no Python.
fn header_exprs(source: &str) -> Option<Vec<Expr>> {
    let mut text = String::with_capacity(source.len());
    let mut rest = source;
    for inner in embedded(source) {
        // Each is in what is left, since they come in order and do not overlap.
        let (before, behind) = rest.split_once(&format!("{{{{{inner}}}}}"))?;
        text.push_str(before);
        text.push_str("None");
        rest = behind;
    }
    text.push_str(rest);
    Some(match parse::header(&text).ok()? {
        Header::If(expr) | Header::While(expr) => vec![expr],
        Header::For { target, iter } => vec![target, iter],
        Header::Except { class, .. } => class.into_iter().collect(),
    })
}

fn statement_exprs(statement: &Statement) -> Vec<&Expr> {
    match statement {
        Statement::Expr(expr) => vec![expr],
        Statement::Assign(targets, value) => targets.iter().chain(std::iter::once(value)).collect(),
        Statement::Augmented(target, _, value) => vec![target, value],
    }
}

fn of_exprs(exprs: Vec<&Expr>, rendering: bool) -> Result<Vec<Found>, ScanError> {
    let mut out = Names::default();
    let roots = exprs.into_iter().map(|expr| (Node::Expr(expr), Node::Statement)).collect();
    for (node, parent) in breadth_first(roots) {
        let Node::Expr(expr) = node else { continue };
        let in_call = match parent {
            Node::Expr(Expr { kind: Kind::Call(..), .. }) => true,
            Node::Statement => rendering,
            _ => false,
        };
        match &expr.kind {
            Kind::Call(function, arguments, keywords) => {
                if let Some(function) = function.name() {
                    // A call that cannot be understood is passed over.
                    if let Some(call) = Call::read(function, arguments, keywords) {
                        call.params(&mut out)?;
                    }
                }
            }
            Kind::Name(name) | Kind::Assign(name, _) if !in_call && !is_reserved(name) => {
                let plain = Map::from_iter([("default".to_owned(), Value::Null)]);
                out.insert(Value::String(name.to_string()), "String".to_owned(), plain);
            }
            _ => {}
        }
    }
    Ok(out.found)
}

struct Call<'a> {
    function: &'a str,
    arguments: Vec<Value>,
    keywords: Map<String, Value>,
    /// There are arguments of unknown names.
    spread: bool,
}

impl<'a> Call<'a> {
    fn read(function: &'a str, arguments: &[Expr], keywords: &[Keyword]) -> Option<Self> {
        let plain = arguments.iter().filter(|argument| !matches!(argument.kind, Kind::Call(..)));
        let arguments: Option<Vec<Value>> = plain.map(value_of).collect();
        let mut named = Map::new();
        for keyword in keywords {
            let value = value_of(&keyword.value)?;
            if let Some(name) = &keyword.name {
                let value = if &**name == "default" { safe_default(value) } else { value };
                named.insert(name.to_string(), value);
            }
        }
        let spread = keywords.iter().any(|keyword| keyword.name.is_none());
        Some(Self { function, arguments: arguments?, keywords: named, spread })
    }

    fn params(mut self, out: &mut Names) -> Result<(), ScanError> {
        let Some(name) = self.arguments.first().cloned() else { return Ok(()) };
        let is_type = TYPES.contains(&self.function);
        if !is_type && !UNTYPED.contains(&self.function)
            || (is_type && name.is_null() && self.function != "Array")
        {
            return Ok(());
        }
        if name.is_array() {
            let message = format!("\"{}\" can not be used as a variable name", python_text(&name));
            return Err(ScanError { message, is_name: true });
        }
        if !is_type {
            if is_true(&name) && !out.contains(&name) {
                let attributes = [("default", Value::Null), ("used_in", json!("function_call"))];
                let attributes = attributes.map(|(key, value)| (key.to_owned(), value));
                out.insert(name, "String".to_owned(), Map::from_iter(attributes));
            }
            return Ok(());
        }
        if self.spread {
            return Err(ScanError { message: "keywords must be strings".to_owned(), is_name: false });
        }
        let is_array = self.function == "Array";
        if !self.keywords.contains_key("default") {
            let at = if is_array { 2 } else { 1 };
            let given = self.arguments.get(at).filter(|value| !is_array || is_true(value)).cloned();
            self.keywords.insert("default".to_owned(), safe_default(given.unwrap_or(Value::Null)));
        }
        let mut ty = match (is_array, self.arguments.get(1)) {
            (false, _) => self.function.to_owned(),
            (true, Some(element)) => format!("Array({})", python_text(element)),
            (true, None) => "Array(String)".to_owned(),
        };
        if let Some(other) = self.keywords.shift_remove("type") {
            ty = python_text(&other);
        }
        out.insert(name, ty, self.keywords);
        Ok(())
    }
}

fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::Number(n) => n.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(_) => true,
    }
}

fn safe_default(value: Value) -> Value {
    match &value {
        Value::Number(n) if n.is_u64() && n.as_u64() > u64::try_from(SAFE_INTEGER_MAX).ok() => {
            Value::String(n.to_string())
        }
        _ => value,
    }
}

/// The value that an expression stands for in the description of a parameter. Nothing when the original stumbles over it.
fn value_of(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        Kind::Const(constant) => Some(constant_json(constant)),
        Kind::Name(name) => Some(Value::String(name.to_string())),
        Kind::List(items) => match items.first().map(|first| &first.kind) {
            Some(Kind::Const(_)) => items
                .iter()
                .map(|item| match &item.kind {
                    Kind::Const(constant) => Some(constant_json(constant)),
                    _ => None,
                })
                .collect(),
            Some(Kind::Name(_)) => {
                items.iter().map(|item| item.name().map(|name| Value::String(name.to_string()))).collect()
            }
            _ => Some(Value::Array(Vec::new())),
        },
        // Of several variables the left one counts.
        Kind::Binary(left, ..) | Kind::Embedded(left) => match value_of(left)? {
            found if is_true(&found) => Some(found),
            _ => right_of(expr).map_or(Some(Value::Null), value_of),
        },
        Kind::Unary(operator, operand) => match (&operand.kind, operator) {
            (Kind::Const(constant), Unary::Minus) => negative(constant),
            (Kind::Const(constant), _) => Some(constant_json(constant)),
            _ => Some(Value::Null),
        },
        _ => Some(Value::Null),
    }
}

fn right_of(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        Kind::Binary(_, Binary::Add, right) | Kind::Binary(_, _, right) => Some(right),
        _ => None,
    }
}

fn int_json(n: &Int) -> Value {
    match (n.to_i64(), n.to_i128().and_then(|n| u64::try_from(n).ok())) {
        (Some(n), _) => json!(n),
        (None, Some(n)) => json!(n),
        (None, None) => Value::String(n.to_string()),
    }
}

fn constant_json(constant: &Const) -> Value {
    match constant {
        Const::None | Const::Ellipsis => Value::Null,
        Const::Bool(b) => Value::Bool(*b),
        Const::Int(n) => int_json(n),
        Const::Float(x) => json!(x),
        Const::Str(text) => Value::String(text.to_string()),
    }
}

fn negative(constant: &Const) -> Option<Value> {
    match constant {
        Const::None | Const::Ellipsis => None,
        Const::Bool(b) => Some(json!(-i64::from(*b))),
        Const::Int(n) => Some(int_json(&n.negate())),
        Const::Float(x) => Some(json!(-x)),
        // A text, minus once.
        Const::Str(_) => Some(json!("")),
    }
}

/// Python's `str` of a literal.
fn python_text(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(b) => if *b { "True" } else { "False" }.to_owned(),
        Value::Number(n) => match (n.is_f64(), n.as_f64()) {
            (true, Some(x)) => float_repr(x),
            _ => n.to_string(),
        },
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items
                .iter()
                .map(|item| match item {
                    Value::String(text) => super::eval::quote(text),
                    other => python_text(other),
                })
                .collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(_) => String::new(),
    }
}
