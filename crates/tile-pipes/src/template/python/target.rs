//! What may stand left of `=` and between `for` and `in`.

use super::ast::{Const, Expr, Kind, Shape};
use super::lex::{Result, SyntaxError};

/// Python's word for a kind of expression, as its errors use it.
pub fn noun(expr: &Expr) -> &'static str {
    match &expr.kind {
        Kind::Const(Const::None) => "None",
        Kind::Const(Const::Bool(true)) => "True",
        Kind::Const(Const::Bool(false)) => "False",
        Kind::Const(Const::Ellipsis) => "ellipsis",
        Kind::Const(_) => "literal",
        Kind::Name(_) => "name",
        Kind::Attribute(..) => "attribute",
        Kind::Call(..) => "function call",
        Kind::Index(..) => "subscript",
        Kind::Unary(..) | Kind::Binary(..) | Kind::And(_) | Kind::Or(_) | Kind::Slice(..) => "expression",
        Kind::Compare(..) => "comparison",
        Kind::If(..) => "conditional expression",
        Kind::List(_) => "list",
        Kind::Tuple(_) => "tuple",
        Kind::Set(_) | Kind::Embedded(_) => "set display",
        Kind::Dict(_) => "dict literal",
        Kind::Joined(_) => "f-string expression",
        Kind::Lambda(_) => "lambda",
        Kind::Comprehension(c) => match c.shape {
            Shape::List => "list comprehension",
            Shape::Set => "set comprehension",
            Shape::Dict => "dict comprehension",
            Shape::Generator => "generator expression",
        },
        Kind::Starred(_) => "starred",
        Kind::Assign(..) => "named expression",
    }
}

/// The first part that cannot be assigned to.
fn wrong(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        Kind::Name(_) | Kind::Attribute(..) | Kind::Index(..) => None,
        Kind::List(items) | Kind::Tuple(items) => items.iter().find_map(wrong),
        Kind::Starred(inner) => wrong(inner),
        _ => Some(expr),
    }
}

/// The target of a loop.
pub fn check(target: &Expr) -> Result<()> {
    match wrong(target) {
        Some(part) => Err(SyntaxError::new(format!("cannot assign to {}", noun(part)))),
        None => Ok(()),
    }
}

/// The target of `=`, perhaps with another `=` behind it.
pub fn check_assigned(target: &Expr, more: bool) -> Result<()> {
    let Some(part) = wrong(target) else { return Ok(()) };
    let constant = matches!(noun(part), "None" | "True" | "False");
    let whole = !matches!(target.kind, Kind::List(_) | Kind::Tuple(_));
    Err(SyntaxError::new(if constant || more || !whole || matches!(part.kind, Kind::Comprehension(_)) {
        format!("cannot assign to {}", noun(part))
    } else {
        format!("cannot assign to {} here. Maybe you meant '==' instead of '='?", noun(part))
    }))
}
