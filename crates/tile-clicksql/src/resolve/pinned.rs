//! The values that a column has in all rows that WHERE lets through, where it says so in plain words: `column = value`, `column IN (values)`,
//! and several of these with AND. Tables that find rows by a key need not look at all others. WHERE itself is not changed by this.

use super::scope::{Level, Scope};
use crate::ast::{BinaryOp, Expr, ExprKind, Ident, Literal, Select, TableRef, UnaryOp};
use crate::typed::Constant;
use crate::walk;

/// Whether a select reads this table and no other: conditions mean other things beside a join, which can make rows up.
pub fn is_alone(select: &Select, table: &TableRef) -> bool {
    select.from.as_ref().is_some_and(|from| std::ptr::eq(from, table))
}

/// The values of the column of a table that answers to `names`. None where they are not said.
pub fn values<'a>(
    scope: &Scope<'a, '_>,
    select: &'a Select,
    names: &[String],
    column: &str,
) -> Option<Vec<Constant>> {
    let mut waiting: Vec<&'a Expr> = select.prewhere.iter().chain(&select.filter).collect();
    while let Some(e) = waiting.pop() {
        let e = walk::bare(e);
        let is_it = |e: &Expr| is_column(scope, e, names, column);
        match &e.kind {
            ExprKind::Binary { op: BinaryOp::And, left, right } => waiting.extend([&**left, &**right]),
            ExprKind::Call(call) if call.name.text.eq_ignore_ascii_case("and") => waiting.extend(&call.args),
            ExprKind::Binary { op: BinaryOp::Eq, left, right } => {
                let other = if is_it(left) { right } else { left };
                if (is_it(left) || is_it(right))
                    && let Some(value) = constant(scope, other)
                {
                    return Some(vec![value]);
                }
            }
            ExprKind::In { expr, set, negated: false, .. } if is_it(expr) => {
                let items: Vec<&Expr> = match &walk::bare(set).kind {
                    ExprKind::Tuple(items) | ExprKind::Array(items) => items.iter().collect(),
                    _ => vec![set],
                };
                let values: Option<Vec<Constant>> = items.into_iter().map(|e| constant(scope, e)).collect();
                if values.is_some() {
                    return values;
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether a name means that column. What is defined by an alias may be something else.
fn is_column(scope: &Scope<'_, '_>, e: &Expr, names: &[String], column: &str) -> bool {
    let ExprKind::Name(path) = &walk::bare(e).kind else { return false };
    let is_aliased = |name: &Ident| scope.aliases.contains_key(name.text.as_str());
    match path.as_slice() {
        [name] => name.text == column && !is_aliased(name),
        [table, name] => names.contains(&table.text) && name.text == column && !is_aliased(table),
        _ => false,
    }
}

fn constant<'a>(scope: &Scope<'a, '_>, e: &'a Expr) -> Option<Constant> {
    let e = walk::bare(e);
    let is_plain = match &e.kind {
        ExprKind::Literal(_) | ExprKind::Parameter { .. } => true,
        ExprKind::Unary { op: UnaryOp::Minus, expr } => {
            matches!(walk::bare(expr).kind, ExprKind::Literal(Literal::Number(_)))
        }
        _ => false,
    };
    if is_plain { scope.expr(e, Level::Row).ok()?.constant } else { None }
}
