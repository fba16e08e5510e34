//! A template as a tree: text, expressions, blocks.

use super::python::ast::{Expr, Header, Statement};
use std::collections::HashSet;
use std::sync::Arc;

#[derive(Debug)]
pub enum Chunk {
    Text(String),
    /// `{{ … }}`
    Output(Output),
    Block(Block),
    /// `{% set … %}`
    Set(Set),
    Break,
    Continue,
}

#[derive(Debug)]
pub struct Output {
    pub source: Arc<str>,
    pub line: usize,
    pub expr: Expr,
    /// Several expressions with commas between them, which the original takes for too many arguments.
    pub several: bool,
}

#[derive(Debug)]
pub struct Set {
    pub source: String,
    pub line: usize,
    pub statement: Statement,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    If,
    For,
    While,
    Try,
}

impl BlockKind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::If => "if",
            Self::For => "for",
            Self::While => "while",
            Self::Try => "try",
        }
    }
}

#[derive(Debug)]
pub struct Block {
    pub kind: BlockKind,
    /// The words between `{%` and `%}`.
    pub source: String,
    pub line: usize,
    /// Nothing for `try`.
    pub header: Option<Header>,
    pub body: Vec<Chunk>,
    /// `elif`, `else`, `except`, `finally`, in order.
    pub branches: Vec<Branch>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BranchKind {
    Elif,
    Else,
    Except,
    Finally,
}

#[derive(Debug)]
pub struct Branch {
    pub kind: BranchKind,
    pub source: String,
    pub line: usize,
    /// Nothing for `else` and `finally`.
    pub header: Option<Header>,
    pub body: Vec<Chunk>,
}

/// Names that a template binds, by `set`, `for`, `except … as` and `:=`: they are its local variables everywhere, also where
/// they have no value yet.
pub fn local_names(chunks: &[Chunk], names: &mut HashSet<Arc<str>>) {
    use super::names::{bound_by_expr, bound_by_header, bound_by_statement};
    for chunk in chunks {
        match chunk {
            Chunk::Output(output) => bound_by_expr(&output.expr, names),
            Chunk::Set(set) => bound_by_statement(&set.statement, names),
            Chunk::Block(block) => {
                block.header.iter().for_each(|header| bound_by_header(header, names));
                local_names(&block.body, names);
                for branch in &block.branches {
                    branch.header.iter().for_each(|header| bound_by_header(header, names));
                    local_names(&branch.body, names);
                }
            }
            Chunk::Text(_) | Chunk::Break | Chunk::Continue => {}
        }
    }
}
