//! The tree of an expression. Its depth is bounded when it is built, so that whatever walks it may recurse.

use super::super::value::Int;
use super::lex::SyntaxError;
use super::walk::{Node, children};
use std::sync::Arc;

/// Deeper trees are refused.
pub const DEPTH_MAX: u16 = 150;

#[derive(Debug, Clone)]
pub struct Expr {
    pub kind: Kind,
    pub depth: u16,
}

#[derive(Debug, Clone)]
pub enum Const {
    None,
    Ellipsis,
    Bool(bool),
    Int(Int),
    Float(f64),
    Str(Arc<str>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unary {
    Minus,
    Plus,
    Invert,
    Not,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    Add,
    Sub,
    Mult,
    Div,
    FloorDiv,
    Mod,
    Pow,
    MatMult,
    LeftShift,
    RightShift,
    BitOr,
    BitXor,
    BitAnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Is,
    IsNot,
    In,
    NotIn,
}

#[derive(Debug, Clone)]
pub enum Kind {
    Const(Const),
    Name(Arc<str>),
    Attribute(Box<Expr>, Arc<str>),
    Call(Box<Expr>, Vec<Expr>, Vec<Keyword>),
    Index(Box<Expr>, Box<Expr>),
    /// Only as an index.
    Slice(Option<Box<Expr>>, Option<Box<Expr>>, Option<Box<Expr>>),
    Unary(Unary, Box<Expr>),
    Binary(Box<Expr>, Binary, Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Compare(Box<Expr>, Vec<(Comparison, Expr)>),
    /// Test, value when it holds, value otherwise.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    List(Vec<Expr>),
    Tuple(Vec<Expr>),
    Set(Vec<Expr>),
    /// A pair without key is `**value`.
    Dict(Vec<(Option<Expr>, Expr)>),
    /// An f-string.
    Joined(Vec<Piece>),
    Lambda(Arc<Lambda>),
    Comprehension(Arc<Comprehension>),
    Starred(Box<Expr>),
    /// `name := value`
    Assign(Arc<str>, Box<Expr>),
    /// `{{value}}` where Python has a set of a set: older projects write parameters so inside statements.
    Embedded(Box<Expr>),
}

/// An argument with a name; without one it is `**value`.
#[derive(Debug, Clone)]
pub struct Keyword {
    pub name: Option<Arc<str>>,
    pub value: Expr,
}

/// A part of an f-string.
#[derive(Debug, Clone)]
pub enum Piece {
    Text(Arc<str>),
    Value(Formatted),
}

#[derive(Debug, Clone)]
pub struct Formatted {
    pub expr: Expr,
    /// `r`, `s` or `a`.
    pub conversion: Option<char>,
    pub spec: Option<Vec<Piece>>,
}

#[derive(Debug, Clone)]
pub struct Lambda {
    pub parameters: Vec<(Arc<str>, Option<Expr>)>,
    /// `*rest`
    pub rest: Option<Arc<str>>,
    pub body: Expr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    List,
    Set,
    Dict,
    Generator,
}

#[derive(Debug, Clone)]
pub struct Comprehension {
    pub shape: Shape,
    pub element: Expr,
    /// The value of a dict's entry, whose key is `element`.
    pub value: Option<Expr>,
    pub clauses: Vec<Clause>,
}

/// `for target in iter if condition …`
#[derive(Debug, Clone)]
pub struct Clause {
    pub target: Expr,
    pub iter: Expr,
    pub conditions: Vec<Expr>,
}

/// What a `set` does.
#[derive(Debug, Clone)]
pub enum Statement {
    Expr(Expr),
    /// `a = b = value`
    Assign(Vec<Expr>, Expr),
    Augmented(Expr, Binary, Expr),
}

/// What opens a block.
#[derive(Debug, Clone)]
pub enum Header {
    If(Expr),
    While(Expr),
    For { target: Expr, iter: Expr },
    Except { class: Option<Expr>, name: Option<Arc<str>> },
}

impl Expr {
    pub fn new(kind: Kind) -> Result<Self, SyntaxError> {
        let mut expr = Self { kind, depth: 0 };
        expr.depth = 1 + deepest(children(Node::Expr(&expr)));
        if expr.depth > DEPTH_MAX {
            return Err(SyntaxError::new("too many nested parentheses"));
        }
        Ok(expr)
    }

    pub fn name(&self) -> Option<&Arc<str>> {
        match &self.kind {
            Kind::Name(name) => Some(name),
            _ => None,
        }
    }
}

/// The depth of the deepest expression below these nodes. Nodes that are no expression nest only through expressions.
fn deepest(nodes: Vec<Node<'_>>) -> u16 {
    let depth = |node| match node {
        Node::Expr(expr) => expr.depth,
        other => deepest(children(other)).saturating_add(1),
    };
    nodes.into_iter().map(depth).max().unwrap_or(0)
}
