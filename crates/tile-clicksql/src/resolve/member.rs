//! `x.name`, `x.1` and `x.:Type`.

use super::expr::members;
use super::naming;
use super::scope::{Level, Scope};
use crate::ast::{Expr, ExprKind, Member};
use crate::error::Result;
use crate::typed::Typed;
use crate::types::Type;

impl<'a> Scope<'a, '_> {
    pub fn member(&self, expr: &'a Expr, member: &'a Member, level: Level) -> Result<Typed> {
        let (key, name) = match member {
            Member::Typed(ty) => {
                return crate::dynamic::element(&self.expr(expr, level)?, &Type::parse(ty)?);
            }
            Member::Index(n) => (n.to_string(), n.to_string()),
            Member::Name(name) => (name.text.clone(), naming::text(&name.text)),
        };
        if let Member::Name(_) = member {
            // A path into a JSON is one path, however it is written.
            let (base, mut path) = spine(expr);
            if !path.is_empty()
                && matches!(base.kind, ExprKind::Cast { .. } | ExprKind::Call(_) | ExprKind::Parens(_))
            {
                let base = self.expr(base, level)?;
                if *base.ty.plain() == Type::Json {
                    path.push(&key);
                    return members(base, &path);
                }
            }
        }
        let inner = self.expr(expr, level)?;
        if *inner.ty.plain() == Type::Json {
            return members(inner, &[&key]);
        }
        let name = format!("tupleElement({}, {name})", inner.name);
        members(inner, &[&key]).map(|t| t.named(name))
    }
}

/// An expression without the names behind it, and these.
fn spine(expr: &Expr) -> (&Expr, Vec<&str>) {
    let (mut base, mut path) = (expr, Vec::new());
    while let ExprKind::Member { expr, member: Member::Name(name) } = &base.kind {
        path.push(name.text.as_str());
        base = expr;
    }
    path.reverse();
    (base, path)
}
