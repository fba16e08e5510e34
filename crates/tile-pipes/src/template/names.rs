//! The names that an expression mentions and those that it binds, as Python's compiler sees them.

use super::eval::scope::targets;
use super::python::ast::{Expr, Header, Kind, Statement};
use super::python::{Node, children};
use std::collections::HashSet;
use std::sync::Arc;

/// Names in the order in which they are first met.
#[derive(Debug, Default)]
pub struct Mentioned {
    pub names: Vec<Arc<str>>,
    known: HashSet<Arc<str>>,
}

/// Names and attributes, without those inside lambdas and comprehensions, which are functions of their own.
pub fn mentioned(expr: &Expr, out: &mut Mentioned) {
    match &expr.kind {
        Kind::Name(name) => push(name, out),
        Kind::Attribute(value, name) => {
            mentioned(value, out);
            push(name, out);
        }
        Kind::Assign(name, value) => {
            mentioned(value, out);
            push(name, out);
        }
        Kind::If(test, then, otherwise) => {
            [test, then, otherwise].into_iter().for_each(|part| mentioned(part, out));
        }
        Kind::Dict(pairs) => {
            for (key, value) in pairs {
                key.iter().for_each(|key| mentioned(key, out));
                mentioned(value, out);
            }
        }
        Kind::Lambda(lambda) => {
            lambda
                .parameters
                .iter()
                .filter_map(|(_, default)| default.as_ref())
                .for_each(|d| mentioned(d, out));
        }
        Kind::Comprehension(comprehension) => {
            comprehension.clauses.first().iter().for_each(|clause| mentioned(&clause.iter, out));
        }
        _ => children(Node::Expr(expr)).into_iter().for_each(|node| mentioned_below(node, out)),
    }
}

fn mentioned_below(node: Node<'_>, out: &mut Mentioned) {
    match node {
        Node::Expr(expr) => mentioned(expr, out),
        other => children(other).into_iter().for_each(|node| mentioned_below(node, out)),
    }
}

fn push(name: &Arc<str>, out: &mut Mentioned) {
    if out.known.insert(Arc::clone(name)) {
        out.names.push(Arc::clone(name));
    }
}

pub fn mentioned_by_header(header: &Header, out: &mut Mentioned) {
    match header {
        Header::If(expr) | Header::While(expr) => mentioned(expr, out),
        Header::For { target, iter } => {
            mentioned(iter, out);
            mentioned(target, out);
        }
        Header::Except { class, name } => {
            class.iter().for_each(|class| mentioned(class, out));
            name.iter().for_each(|name| push(name, out));
        }
    }
}

pub fn mentioned_by_statement(statement: &Statement, out: &mut Mentioned) {
    match statement {
        Statement::Expr(expr) => mentioned(expr, out),
        Statement::Assign(targets, value) => {
            mentioned(value, out);
            targets.iter().for_each(|target| mentioned(target, out));
        }
        Statement::Augmented(target, _, value) => {
            mentioned(target, out);
            mentioned(value, out);
        }
    }
}

/// What `:=` binds; inside comprehensions too, but not inside lambdas.
pub fn bound_by_expr(expr: &Expr, names: &mut HashSet<Arc<str>>) {
    match &expr.kind {
        Kind::Lambda(_) => return,
        Kind::Assign(name, _) => drop(names.insert(Arc::clone(name))),
        _ => {}
    }
    bound_below(Node::Expr(expr), names);
}

fn bound_below(node: Node<'_>, names: &mut HashSet<Arc<str>>) {
    for child in children(node) {
        match child {
            Node::Expr(expr) => bound_by_expr(expr, names),
            other => bound_below(other, names),
        }
    }
}

pub fn bound_by_header(header: &Header, names: &mut HashSet<Arc<str>>) {
    match header {
        Header::If(expr) | Header::While(expr) => bound_by_expr(expr, names),
        Header::For { target, iter } => {
            targets(target, names);
            bound_by_expr(iter, names);
        }
        Header::Except { class, name } => {
            class.iter().for_each(|class| bound_by_expr(class, names));
            names.extend(name.iter().cloned());
        }
    }
}

pub fn bound_by_statement(statement: &Statement, names: &mut HashSet<Arc<str>>) {
    match statement {
        Statement::Expr(expr) => bound_by_expr(expr, names),
        Statement::Assign(bound, value) => {
            bound.iter().for_each(|target| targets(target, names));
            bound_by_expr(value, names);
        }
        Statement::Augmented(target, _, value) => {
            targets(target, names);
            bound_by_expr(value, names);
        }
    }
}

/// Names that stand for no parameter: functions, Python's own, and what the original keeps for itself.
pub fn is_reserved(name: &str) -> bool {
    is_hidden(name) || super::functions::is_function_name(name)
}

/// Names that a template never gets a value for.
pub fn is_hidden(name: &str) -> bool {
    const OWN: &[&str] = &[
        "_tt_tmp",
        "_tt_append",
        "_tt_utf8",
        "_tt_string_types",
        "column",
        "symbol",
        "error",
        "custom_error",
        "xhtml_escape",
        "expression_wrapper",
        "__builtins__",
        "__import__",
        "__debug__",
        "__doc__",
        "__name__",
        "__package__",
        "open",
        "close",
        "print",
        "input",
    ];
    // Python has these, and templates may use them as parameters, or are refused when they do.
    const FREE: &[&str] = &["format", "q", "id"];
    OWN.contains(&name) || (!FREE.contains(&name) && super::eval::builtin_names().any(|known| known == name))
}
