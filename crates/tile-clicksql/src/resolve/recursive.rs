//! `WITH RECURSIVE`: a UNION ALL whose right side reads what the rounds before it have found.

use super::scope::{Cte, Scope};
use super::{Open, Relation, select};
use crate::ast::{Quantifier, QueryBody, SetOp};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::Type;

/// Types widen from round to round; the widest number is reached in fewer rounds than these.
const ROUNDS_MAX: usize = 12;

impl<'a> Scope<'a, '_> {
    /// The relation of a query of WITH RECURSIVE, `None` when it does not name itself. `self` is the scope where it is
    /// written, `name` its name in DuckDB.
    pub fn recursive(&self, cte: Cte<'a>, name: &str) -> Result<Option<Relation>> {
        let QueryBody::Set { op: SetOp::Union, quantifier, left, right } = &cte.query.body else {
            return Ok(None);
        };
        let ctx = self.ctx;
        let first = select::body(ctx, left, Some(self))?;
        let mut columns = first.columns.clone();
        super::from::renamed(&mut columns, cte)?;
        for _ in 0..ROUNDS_MAX {
            let open = Open {
                query: std::ptr::from_ref(cte.query),
                name: name.to_owned(),
                columns: columns.clone(),
                is_used: false,
            };
            ctx.open.borrow_mut().push(open);
            let next = select::body(ctx, right, Some(self));
            let is_used = ctx.open.borrow_mut().pop().is_some_and(|o| o.is_used);
            let next = next?;
            if !is_used {
                return Ok(None);
            }
            if *quantifier != Quantifier::All {
                return Err(SqlError::new(Code::Unsupported, "a recursive query wants UNION ALL"));
            }
            let (sql, types) = united(&first, &next)?;
            if types.iter().eq(columns.iter().map(|c| &c.ty)) {
                ctx.is_recursive.set(true);
                return Ok(Some(Relation { sql, columns, ordered: false }));
            }
            columns.iter_mut().zip(types).for_each(|(column, ty)| column.ty = ty);
        }
        Err(SqlError::new(Code::Unsupported, "the types of the recursive query widen from round to round"))
    }
}

/// Both sides in their common types, under the names of the first one.
fn united(first: &Relation, next: &Relation) -> Result<(String, Vec<Type>)> {
    if first.columns.len() != next.columns.len() {
        let message = format!("the sides have {} and {} columns", first.columns.len(), next.columns.len());
        return Err(SqlError::new(Code::TypeMismatch, message));
    }
    let (mut ones, mut others, mut types) = (Vec::new(), Vec::new(), Vec::new());
    for (a, b) in first.columns.iter().zip(&next.columns) {
        let x = Typed::new(format!("l_.{}", duck::name(&a.physical)), a.ty.clone());
        let y = Typed::new(format!("r_.{}", duck::name(&b.physical)), b.ty.clone());
        let (ty, forms) = super::expr::unified(&[x, y])?;
        let name = duck::name(&a.physical);
        for (form, list) in forms.iter().zip([&mut ones, &mut others]) {
            list.push(format!("CAST({form} AS {}) AS {name}", duck::type_of(&ty)?));
        }
        types.push(ty);
    }
    let sql = format!(
        "SELECT {} FROM ({}) AS l_ UNION ALL SELECT {} FROM ({}) AS r_",
        ones.join(", "),
        first.sql,
        others.join(", "),
        next.sql
    );
    Ok((sql, types))
}
