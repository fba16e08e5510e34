//! Going through expressions without entering subqueries.

use crate::ast::{Bound, Call, Expr, ExprKind, OrderItem, Over, WindowSpec};

/// The direct parts of an expression.
pub fn children(e: &Expr) -> Vec<&Expr> {
    match &e.kind {
        ExprKind::Literal(_)
        | ExprKind::Name(_)
        | ExprKind::Star { .. }
        | ExprKind::Columns { .. }
        | ExprKind::Subquery(_)
        | ExprKind::Exists(_)
        | ExprKind::Parameter { .. } => vec![],
        ExprKind::Call(call) => of_call(call),
        ExprKind::Lambda { body, .. } => vec![body],
        ExprKind::Tuple(items) | ExprKind::Array(items) => items.iter().collect(),
        ExprKind::Map(pairs) => pairs.iter().flat_map(|(k, v)| [k, v]).collect(),
        ExprKind::Parens(expr)
        | ExprKind::Unary { expr, .. }
        | ExprKind::IsNull { expr, .. }
        | ExprKind::Cast { expr, .. }
        | ExprKind::Interval { value: expr, .. }
        | ExprKind::Extract { expr, .. }
        | ExprKind::Member { expr, .. }
        | ExprKind::Alias { expr, .. } => vec![expr],
        ExprKind::Binary { left, right, .. } => vec![left, right],
        ExprKind::Between { expr, low, high, .. } => vec![expr, low, high],
        ExprKind::In { expr, set, .. } => vec![expr, set],
        ExprKind::Index { expr, index } => vec![expr, index],
        ExprKind::Ternary { condition, then, otherwise } => vec![condition, then, otherwise],
        ExprKind::Case { operand, whens, otherwise } => operand
            .iter()
            .map(AsRef::as_ref)
            .chain(whens.iter().flat_map(|(w, t)| [w, t]))
            .chain(otherwise.iter().map(AsRef::as_ref))
            .collect(),
    }
}

fn of_call(call: &Call) -> Vec<&Expr> {
    let mut out: Vec<&Expr> = call.params.iter().flatten().chain(&call.args).chain(&call.filter).collect();
    if let Some(Over::Spec(spec)) = &call.over {
        out.extend(of_window(spec));
    }
    out
}

fn of_window(spec: &WindowSpec) -> Vec<&Expr> {
    let bounds = spec.frame.iter().flat_map(|f| [Some(&f.start), f.end.as_ref()]).flatten();
    let bounds = bounds.filter_map(|b| match b {
        Bound::Preceding(e) | Bound::Following(e) => Some(e.as_ref()),
        _ => None,
    });
    spec.partition_by.iter().chain(of_order(&spec.order_by)).chain(bounds).collect()
}

pub fn of_order(items: &[OrderItem]) -> impl Iterator<Item = &Expr> {
    items.iter().filter_map(|i| i.expr.as_ref())
}

/// Visits an expression and all its parts, outer ones first, while `visit` says to go deeper.
pub fn walk<'a>(e: &'a Expr, visit: &mut dyn FnMut(&'a Expr) -> bool) {
    let mut waiting = vec![e];
    while let Some(next) = waiting.pop() {
        if visit(next) {
            let mut parts = children(next);
            parts.reverse();
            waiting.extend(parts);
        }
    }
}

/// Without parentheses and aliases around it.
pub fn bare(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::Parens(inner) | ExprKind::Alias { expr: inner, .. } => bare(inner),
        _ => e,
    }
}
