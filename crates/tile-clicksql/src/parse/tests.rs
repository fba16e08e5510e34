//! The parser and the printer against each other, and against what ClickHouse says.

mod random;
mod refusals;
mod round_trip;
mod shape;
mod shapes;

use super::{expression, statement};
use crate::ast::{Expr, Statement};

/// The tree without its spans, as text.
fn without_spans(tree: &impl std::fmt::Debug) -> String {
    let text = format!("{tree:?}");
    let mut parts = text.split("Span { ");
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        out.push_str(part.split_once('}').unwrap().1);
    }
    out
}

fn parsed(text: &str) -> Statement {
    statement(text).unwrap_or_else(|error| panic!("{}", error.render(text)))
}

fn parsed_expr(text: &str) -> Expr {
    expression(text).unwrap_or_else(|error| panic!("{}", error.render(text)))
}

/// What is printed parses to the same tree and prints the same again.
fn check_statement(text: &str) -> String {
    let tree = parsed(text);
    let printed = crate::print::statement(&tree);
    let again = parsed(&printed);
    assert_eq!(without_spans(&tree), without_spans(&again), "{text}\n{printed}");
    assert_eq!(crate::print::statement(&again), printed);
    printed
}
