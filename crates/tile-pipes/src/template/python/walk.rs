//! The nodes of a tree in the order in which Python's own `ast.walk` meets them: level by level.

use super::ast::{Clause, Expr, Formatted, Keyword, Kind, Lambda, Piece};
use std::collections::VecDeque;

/// A node of Python's tree. Some of them are no expressions, and count as a level of their own.
#[derive(Clone, Copy)]
pub enum Node<'a> {
    /// The statement around the expressions.
    Statement,
    Expr(&'a Expr),
    Keyword(&'a Keyword),
    Clause(&'a Clause),
    Arguments(&'a Lambda),
    Formatted(&'a Formatted),
    /// The format of a formatted value, itself an f-string.
    Joined(&'a [Piece]),
    /// The text between the values of an f-string.
    Text,
}

/// Children in the order of Python's fields.
pub fn children(node: Node<'_>) -> Vec<Node<'_>> {
    match node {
        Node::Statement | Node::Text => Vec::new(),
        Node::Expr(expr) => of_expr(expr),
        Node::Keyword(keyword) => vec![Node::Expr(&keyword.value)],
        Node::Clause(clause) => {
            let head = [Node::Expr(&clause.target), Node::Expr(&clause.iter)];
            head.into_iter().chain(clause.conditions.iter().map(Node::Expr)).collect()
        }
        Node::Arguments(lambda) => {
            lambda.parameters.iter().filter_map(|(_, default)| default.as_ref()).map(Node::Expr).collect()
        }
        Node::Formatted(value) => {
            let spec = value.spec.as_deref().map(Node::Joined);
            std::iter::once(Node::Expr(&value.expr)).chain(spec).collect()
        }
        Node::Joined(pieces) => of_pieces(pieces),
    }
}

fn of_pieces(pieces: &[Piece]) -> Vec<Node<'_>> {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(_) => Node::Text,
            Piece::Value(value) => Node::Formatted(value),
        })
        .collect()
}

fn of_expr(expr: &Expr) -> Vec<Node<'_>> {
    match &expr.kind {
        Kind::Const(_) | Kind::Name(_) => Vec::new(),
        Kind::Attribute(value, _)
        | Kind::Unary(_, value)
        | Kind::Starred(value)
        | Kind::Assign(_, value)
        | Kind::Embedded(value) => vec![Node::Expr(value)],
        Kind::Call(function, arguments, keywords) => std::iter::once(Node::Expr(function))
            .chain(arguments.iter().map(Node::Expr))
            .chain(keywords.iter().map(Node::Keyword))
            .collect(),
        Kind::Index(value, index) => vec![Node::Expr(value), Node::Expr(index)],
        Kind::Slice(from, to, step) => {
            [from, to, step].into_iter().filter_map(|part| part.as_deref()).map(Node::Expr).collect()
        }
        Kind::Binary(left, _, right) => vec![Node::Expr(left), Node::Expr(right)],
        Kind::And(values)
        | Kind::Or(values)
        | Kind::List(values)
        | Kind::Tuple(values)
        | Kind::Set(values) => values.iter().map(Node::Expr).collect(),
        Kind::Compare(left, rest) => {
            std::iter::once(Node::Expr(left)).chain(rest.iter().map(|(_, e)| Node::Expr(e))).collect()
        }
        Kind::If(test, then, otherwise) => {
            vec![Node::Expr(test), Node::Expr(then), Node::Expr(otherwise)]
        }
        Kind::Dict(pairs) => {
            let keys = pairs.iter().filter_map(|(key, _)| key.as_ref());
            keys.chain(pairs.iter().map(|(_, value)| value)).map(Node::Expr).collect()
        }
        Kind::Joined(pieces) => of_pieces(pieces),
        Kind::Lambda(lambda) => vec![Node::Arguments(lambda), Node::Expr(&lambda.body)],
        Kind::Comprehension(c) => {
            let values = std::iter::once(&c.element).chain(&c.value).map(Node::Expr);
            values.chain(c.clauses.iter().map(Node::Clause)).collect()
        }
    }
}

/// All nodes below some roots, each with its parent, level by level.
pub fn breadth_first<'a>(roots: Vec<(Node<'a>, Node<'a>)>) -> impl Iterator<Item = (Node<'a>, Node<'a>)> {
    let mut queue = VecDeque::from(roots);
    std::iter::from_fn(move || {
        let (node, parent) = queue.pop_front()?;
        queue.extend(children(node).into_iter().map(|child| (child, node)));
        Some((node, parent))
    })
}
