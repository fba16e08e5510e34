//! The tables that a template names by constants, which are known without rendering it.

use super::chunk::Chunk;
use super::python::ast::{Binary, Const, Expr, Kind};
use super::python::{Node, breadth_first};
use super::value::float_repr;

/// In the order of the text, with repetitions.
pub fn dependencies(chunks: &[Chunk]) -> Vec<String> {
    let mut out = Vec::new();
    collect(chunks, &mut out);
    out
}

fn collect(chunks: &[Chunk], out: &mut Vec<String>) {
    for chunk in chunks {
        match chunk {
            Chunk::Output(output) => {
                let found = breadth_first(vec![(Node::Expr(&output.expr), Node::Statement)]);
                out.extend(found.filter_map(|(node, _)| table_name(node)));
            }
            Chunk::Block(block) => {
                collect(&block.body, out);
                block.branches.iter().for_each(|branch| collect(&branch.body, out));
            }
            _ => {}
        }
    }
}

fn table_name(node: Node<'_>) -> Option<String> {
    let Node::Expr(Expr { kind: Kind::Call(function, arguments, _), .. }) = node else { return None };
    if !matches!(&**function.name()?, "table" | "TABLE") {
        return None;
    }
    let first = arguments.first()?;
    match &first.kind {
        Kind::Const(Const::Int(n)) => Some(n.to_string()),
        Kind::Const(Const::Float(x)) => Some(float_repr(*x)),
        Kind::Const(Const::Bool(b)) => Some(if *b { "True" } else { "False" }.to_owned()),
        _ => constant_text(first),
    }
}

/// A text, or texts that are added up.
pub fn constant_text(expr: &Expr) -> Option<String> {
    match &expr.kind {
        Kind::Const(Const::Str(text)) => Some(text.to_string()),
        Kind::Binary(left, Binary::Add, right) => Some(constant_text(left)? + &constant_text(right)?),
        _ => None,
    }
}
