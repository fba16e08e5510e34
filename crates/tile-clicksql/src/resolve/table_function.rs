//! Table functions, and the tables of the database `system` that count.

use super::scope::{Level, Scope, Source, SourceColumn};
use super::{Column, Relation, merge, select};
use crate::ast::{BinaryOp, Distinct, Expr, ExprKind, Ident, Literal};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::Type;
use crate::walk;

const KNOWN: &str = "numbers, zeros, generateSeries, values, view";

/// What a select without FROM reads: one row.
pub fn one() -> Source {
    let column = SourceColumn {
        name: "dummy".into(),
        ty: Type::UInt(8),
        sql: "CAST(0 AS UTINYINT)".into(),
        hidden: false,
        bare: false,
        is_left: false,
    };
    Source { names: vec!["one".into(), "system.one".into()], columns: vec![column] }
}

fn single(name: &str, ty: Type, sql: String) -> Relation {
    let columns = vec![Column { name: name.into(), physical: name.into(), ty }];
    Relation { sql, columns, ordered: false }
}

/// Rows `from`, `from + step` … below `to`, DuckDB's forms of whole numbers.
fn counted(name: &str, from: &str, to: &str, step: i128) -> Relation {
    let sql = format!("(SELECT CAST(range AS UBIGINT) AS {name} FROM range({from}, {to}, {step}))");
    single(name, Type::UInt(64), sql)
}

fn zeros(count: &str) -> Relation {
    single("zero", Type::UInt(8), format!("(SELECT CAST(0 AS UTINYINT) AS zero FROM range({count}))"))
}

/// A table of the database `system`.
pub fn system<'a>(scope: &Scope<'a, '_>, name: &str) -> Result<Relation> {
    match name {
        "one" => Ok(single("dummy", Type::UInt(8), "(SELECT CAST(0 AS UTINYINT) AS dummy)".into())),
        "numbers" | "numbers_mt" => endless(scope),
        "zeros" | "zeros_mt" => {
            limited(scope)?;
            Ok(zeros("9223372036854775807"))
        }
        _ => Err(SqlError::new(Code::UnknownTable, format!("unknown table `system.{name}`"))
            .hint("known of `system`: one, numbers, zeros")),
    }
}

/// All numbers: up to a bound in WHERE, or for a LIMIT to end.
fn endless<'a>(scope: &Scope<'a, '_>) -> Result<Relation> {
    let filters = scope.select.iter().flat_map(|s| s.prewhere.iter().chain(&s.filter));
    let mut bounds = Vec::new();
    for filter in filters {
        bound(scope, filter, &mut bounds)?;
    }
    match bounds.as_slice() {
        [] => {
            limited(scope)?;
            Ok(counted("number", "0", "9223372036854775807", 1))
        }
        [only] => Ok(counted("number", "0", only, 1)),
        many => Ok(counted("number", "0", &format!("least({})", many.join(", ")), 1)),
    }
}

/// Whether LIMIT ends the reading.
fn limited(scope: &Scope<'_, '_>) -> Result<()> {
    let ends = scope.select.is_some_and(|s| {
        let plain = s.order_by.is_empty() && s.group_by.is_none() && s.distinct == Distinct::No;
        plain && s.limit.as_ref().is_some_and(|l| l.count.is_some())
    });
    if ends {
        return Ok(());
    }
    let message = "this table has no end: it wants `number < …` in WHERE, or a LIMIT without ORDER BY";
    Err(SqlError::new(Code::Unsupported, message))
}

/// Upper bounds of `number` among conditions that all have to hold.
fn bound<'a>(scope: &Scope<'a, '_>, e: &'a Expr, out: &mut Vec<String>) -> Result<()> {
    let ExprKind::Binary { op, left, right } = &walk::bare(e).kind else { return Ok(()) };
    let is_number = |e: &Expr| matches!(&walk::bare(e).kind, ExprKind::Name(path) if path.last().is_some_and(|p| p.text == "number"));
    let (limit, includes) = match op {
        BinaryOp::And => {
            bound(scope, left, out)?;
            return bound(scope, right, out);
        }
        BinaryOp::Lt if is_number(left) => (right, 0),
        BinaryOp::LtEq if is_number(left) => (right, 1),
        BinaryOp::Gt if is_number(right) => (left, 0),
        BinaryOp::GtEq if is_number(right) => (left, 1),
        _ => return Ok(()),
    };
    let typed = scope.expr(limit, Level::Row)?;
    if scope.is_free(limit) && typed.ty.is_integer() {
        out.push(format!("CAST({} AS BIGINT) + {includes}", typed.value()));
    }
    Ok(())
}

/// A call after FROM.
pub fn call<'a>(scope: &Scope<'a, '_>, name: &'a Ident, args: &'a [Expr]) -> Result<Relation> {
    let lower = name.text.to_ascii_lowercase();
    match (lower.as_str(), args) {
        ("values", [_, ..]) => return values(scope, args),
        ("view", [Expr { kind: ExprKind::Subquery(query), .. }]) => {
            let relation = select::query(scope.ctx, query, Some(scope))?;
            return Ok(Relation { sql: format!("({})", relation.sql), ..relation });
        }
        _ => {}
    }
    let whole = |e: &'a Expr| whole(scope, &name.text, e);
    let wants_step = |e: Option<&'a Expr>| -> Result<i128> {
        let Some(e) = e else { return Ok(1) };
        let step = scope.expr(e, Level::Row)?.int().filter(|step| *step > 0);
        step.ok_or_else(|| {
            SqlError::new(Code::BadArguments, format!("the step of `{}` has to be above zero", name.text))
        })
    };
    match (name.text.as_str(), args) {
        ("numbers" | "numbers_mt", []) => endless(scope),
        ("numbers" | "numbers_mt", [count]) => Ok(counted("number", "0", &whole(count)?, 1)),
        ("numbers" | "numbers_mt", [from, count, step @ ..]) if step.len() < 2 => {
            let (from, count) = (whole(from)?, whole(count)?);
            Ok(counted("number", &from, &format!("{from} + {count}"), wants_step(step.first())?))
        }
        ("generateSeries" | "generate_series", [from, to, step @ ..]) if step.len() < 2 => {
            let to = format!("{} + 1", whole(to)?);
            Ok(counted("generate_series", &whole(from)?, &to, wants_step(step.first())?))
        }
        ("zeros" | "zeros_mt", [count]) => Ok(zeros(&whole(count)?)),
        _ => {
            if let Some(table) = given(scope, name, args) {
                return Ok(table);
            }
            let message = format!("the table function `{}` is not supported", name.text);
            Err(SqlError::new(Code::UnknownFunction, message).hint(format!("supported: {KNOWN}")))
        }
    }
}

/// What the schema gives for a call with texts and names.
fn given<'a>(scope: &Scope<'a, '_>, name: &'a Ident, args: &'a [Expr]) -> Option<Relation> {
    let text = |arg: &'a Expr| match &arg.kind {
        ExprKind::Literal(Literal::Text(text)) => Some(text.as_str()),
        ExprKind::Name(path) => path.first().filter(|_| path.len() == 1).map(|name| name.text.as_str()),
        _ => None,
    };
    let texts = args.iter().map(text).collect::<Option<Vec<&str>>>()?;
    let table = scope.ctx.schema.function(&name.text, &texts, scope.ctx.inside());
    table.map(|table| Relation {
        sql: table.engine_name.clone(),
        columns: merge::columns(table),
        ordered: false,
    })
}

/// A number of rows that no row has a part in.
fn whole<'a>(scope: &Scope<'a, '_>, function: &str, e: &'a Expr) -> Result<String> {
    let typed = scope.expr(e, Level::Row)?;
    match typed.int() {
        Some(n) if n >= 0 => Ok(n.to_string()),
        None if typed.ty.is_integer() && scope.is_free(e) => Ok(format!("CAST({} AS BIGINT)", typed.value())),
        _ => {
            let message = format!("`{function}` wants constant whole numbers that are not negative");
            Err(SqlError::new(Code::BadArguments, message).at(e.span))
        }
    }
}

/// `values('a T, …', row, …)` and `values(row, …)`.
fn values<'a>(scope: &Scope<'a, '_>, args: &'a [Expr]) -> Result<Relation> {
    let structure = match (args.first().map(|a| &a.kind), args.len()) {
        (Some(ExprKind::Literal(crate::ast::Literal::Text(text))), 2..) => structure(text),
        _ => None,
    };
    let rows = if structure.is_some() { args.get(1..).unwrap_or(&[]) } else { args };
    let width = structure.as_ref().map(Vec::len).or_else(|| rows.first().map(|row| cells(row, None).len()));
    let mut columns: Vec<Vec<Typed>> = vec![Vec::new(); width.unwrap_or(0)];
    for row in rows {
        let found = cells(row, width);
        if Some(found.len()) != width {
            return Err(
                SqlError::new(Code::BadArguments, "the rows of `values` differ in length").at(row.span)
            );
        }
        for (column, e) in columns.iter_mut().zip(found) {
            column.push(scope.expr(e, Level::Row)?);
        }
    }
    let (mut named, mut forms) = (Vec::new(), Vec::new());
    for (i, items) in columns.iter().enumerate() {
        let (name, ty, list) = match structure.as_ref().and_then(|s| s.get(i)) {
            Some((name, ty)) => {
                let list = items.iter().map(|t| crate::cast::cast(scope, t, ty).map(|t| t.value()));
                (name.clone(), ty.clone(), list.collect::<Result<Vec<_>>>()?)
            }
            None => {
                let (ty, list) = super::expr::unified(items)?;
                (format!("c{}", i + 1), ty, list)
            }
        };
        forms.push(list);
        named.push(Column { physical: name.clone(), name, ty });
    }
    let rows = (0..rows.len()).map(|r| {
        let cells: Vec<&str> = forms.iter().filter_map(|list| list.get(r)).map(String::as_str).collect();
        format!("({})", cells.join(", "))
    });
    let names: Vec<String> = named.iter().map(|c| duck::name(&c.physical)).collect();
    let rows = rows.collect::<Vec<_>>().join(", ");
    let sql = format!("(SELECT * FROM (VALUES {rows}) AS v_({}))", names.join(", "));
    Ok(Relation { sql, columns: named, ordered: false })
}

/// The values of a row: a tuple's, or the one value of a table of one column.
fn cells(row: &Expr, width: Option<usize>) -> Vec<&Expr> {
    match &row.kind {
        ExprKind::Tuple(items) if width != Some(1) => items.iter().collect(),
        ExprKind::Parens(inner) => vec![inner],
        _ => vec![row],
    }
}

/// `a UInt8, b Array(String)`
fn structure(text: &str) -> Option<Vec<(String, Type)>> {
    let mut out = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    let ends = text.char_indices().map(|(i, c)| (i, Some(c))).chain([(text.len(), None)]);
    for (i, c) in ends {
        match c {
            Some('(') => depth += 1,
            Some(')') => depth -= 1,
            Some(',') | None if depth == 0 => {
                let (name, ty) = text.get(start..i)?.trim().split_once(char::is_whitespace)?;
                out.push((name.trim_matches('`').to_owned(), Type::parse(ty).ok()?));
                start = i + 1;
            }
            _ => {}
        }
    }
    Some(out)
}
