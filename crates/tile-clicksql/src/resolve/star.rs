//! `*` and `COLUMNS`, in the list of columns and among arguments, with EXCEPT, REPLACE and APPLY.

use super::call;
use super::scope::{Level, Scope, Source};
use crate::aggregates;
use crate::ast::{ColumnsOf, Expr, ExprKind, Ident, StarModifier};
use crate::error::{Code, Result, SqlError};
use crate::kernels::pattern;
use crate::typed::Typed;

/// One column that a star stands for, and what is done to it.
pub struct Starred<'a> {
    /// As it is before grouping.
    column: Typed,
    replaced: Option<(&'a Expr, &'a str)>,
    applied: Vec<&'a Expr>,
}

/// What the next function of APPLY is applied to.
enum Operand<'a> {
    Column(Typed),
    /// An expression of REPLACE, and the column that it replaces.
    Expr(&'a Expr, &'a str),
    Done(Typed),
}

impl<'a> Scope<'a, '_> {
    /// The columns that `*`, `t.*` or `COLUMNS(…)` stands for.
    pub fn starred(&self, e: &'a Expr) -> Result<Vec<Starred<'a>>> {
        let (qualifier, what, modifiers) = match &e.kind {
            ExprKind::Star { qualifier, modifiers } => (qualifier, None, modifiers),
            ExprKind::Columns { qualifier, what, modifiers } => (qualifier, Some(what), modifiers),
            _ => return Err(SqlError::new(Code::BadArguments, "expected a `*`").at(e.span)),
        };
        let columns = match what {
            Some(ColumnsOf::Names(names)) => {
                names.iter().map(|name| self.name(name, Level::Row)).collect::<Result<Vec<_>>>()?
            }
            Some(ColumnsOf::Pattern(text)) => {
                let matches =
                    pattern(text).map_err(|error| SqlError::new(Code::BadArguments, error.message))?;
                self.columns(qualifier, e)?.into_iter().filter(|c| matches(&c.1)).map(|c| c.0).collect()
            }
            None => self.columns(qualifier, e)?.into_iter().map(|c| c.0).collect(),
        };
        let mut out = Vec::new();
        for column in columns {
            out.extend(modified(column, modifiers).map_err(|error| error.at(e.span))?);
        }
        Ok(out)
    }

    /// The columns of the tables, or of one of them, with their bare names.
    fn columns(&self, qualifier: &'a [Ident], e: &'a Expr) -> Result<Vec<(Typed, String)>> {
        let wanted = qualifier.iter().map(|q| q.text.as_str()).collect::<Vec<_>>().join(".");
        let named = |s: &&Source| wanted.is_empty() || s.names.contains(&wanted);
        let mut sources: Vec<&Source> = self.sources.iter().filter(named).collect();
        if sources.is_empty() && !wanted.is_empty() {
            let message = format!("unknown table `{wanted}` before `.*`");
            return Err(SqlError::new(Code::UnknownIdentifier, message).at(e.span));
        }
        if !wanted.is_empty() {
            sources.truncate(1);
        }
        let mut out = Vec::new();
        for source in sources {
            for column in source.columns.iter().filter(|c| !c.hidden || !wanted.is_empty()) {
                let table = source.names.first();
                let whole = table.map_or(column.name.clone(), |table| format!("{table}.{}", column.name));
                out.push((self.labelled(column, &whole, true), column.name.clone()));
            }
        }
        Ok(out)
    }

    /// The value of a starred column in a layer.
    pub fn starred_value(&self, starred: &Starred<'a>, level: Level) -> Result<Typed> {
        let mut at = match starred.replaced {
            Some((e, name)) => Operand::Expr(e, name),
            None => Operand::Column(starred.column.clone()),
        };
        for function in &starred.applied {
            at = Operand::Done(self.apply(function, at, level).map_err(|error| error.at(function.span))?);
        }
        let named = starred.replaced.filter(|_| starred.applied.is_empty()).map(|(_, name)| name);
        let found = self.operand(at, level)?;
        Ok(match named {
            Some(name) => found.named(name),
            None => found,
        })
    }

    /// Whether an aggregate is computed in it.
    pub fn starred_aggregates(&self, starred: &Starred<'a>) -> bool {
        let of_function = |e: &&'a Expr| match &e.kind {
            ExprKind::Name(path) => path.first().is_some_and(|f| aggregates::is_aggregate(&f.text)),
            _ => self.has_aggregate(e),
        };
        starred.applied.iter().any(of_function)
            || starred.replaced.is_some_and(|(e, _)| self.has_aggregate(e))
    }

    fn operand(&self, operand: Operand<'a>, level: Level) -> Result<Typed> {
        match operand {
            Operand::Column(typed) if level == Level::Group => self.grouped_column(&typed),
            Operand::Column(typed) | Operand::Done(typed) => Ok(typed),
            Operand::Expr(e, _) => self.expr(e, level),
        }
    }

    /// A column that a star brought has to be a key.
    fn grouped_column(&self, typed: &Typed) -> Result<Typed> {
        let group = self.group.borrow();
        let key = group.keys.iter().find(|(key, _)| key.sql == typed.sql);
        key.map(|(key, column)| Typed::new(format!("g_.{column}"), key.ty.clone()).named(&typed.name))
            .ok_or_else(|| {
                let name = &typed.name;
                let message =
                    format!("column `{name}` is neither under an aggregate function nor in GROUP BY");
                SqlError::new(Code::NotAnAggregate, message)
            })
    }

    fn apply(&self, function: &'a Expr, operand: Operand<'a>, level: Level) -> Result<Typed> {
        let inner = |is_aggregate: bool| match (is_aggregate, &operand) {
            (true, Operand::Done(_)) => Err(SqlError::new(
                Code::Unsupported,
                "an aggregate function of an APPLY's result is not supported",
            )),
            (true, _) => Ok(Level::Aggregate),
            (false, _) => Ok(level),
        };
        match &function.kind {
            ExprKind::Lambda { params, body } => {
                let [param] = params.as_slice() else {
                    return Err(SqlError::new(Code::BadArguments, "APPLY wants a lambda of one parameter"));
                };
                let inner = inner(self.has_aggregate(body))?;
                // What REPLACE put there is called as the column inside of a lambda.
                let own = if let Operand::Expr(_, name) = &operand { Some(*name) } else { None };
                let typed = self.operand(operand, inner)?;
                let typed = if let Some(name) = own { typed.named(name) } else { typed };
                let depth = self.lambdas.borrow().len();
                self.lambdas.borrow_mut().push((param.text.clone(), typed));
                let found = self.expr(body, level);
                self.lambdas.borrow_mut().truncate(depth);
                found
            }
            ExprKind::Name(path) => self.applied(path.first().map_or("", |f| &f.text), &[], operand, level),
            ExprKind::Call(call) => self.applied(&call.name.text, &call.args, operand, level),
            _ => Err(SqlError::new(Code::BadArguments, "APPLY wants a function or a lambda")),
        }
    }

    fn applied(
        &self,
        name: &'a str,
        params: &'a [Expr],
        operand: Operand<'a>,
        level: Level,
    ) -> Result<Typed> {
        if aggregates::is_aggregate(name) {
            if matches!(operand, Operand::Done(_)) {
                let message = "an aggregate function of an APPLY's result is not supported";
                return Err(SqlError::new(Code::Unsupported, message));
            }
            let params = params.iter().map(|p| self.expr(p, Level::Row)).collect::<Result<Vec<_>>>()?;
            let arg = self.operand(operand, Level::Aggregate)?;
            return self.aggregated(name, level, &params, &[arg], false, None);
        }
        if !params.is_empty() {
            return Err(SqlError::new(Code::BadArguments, format!("`{name}` takes no parameters")));
        }
        call::scalar(self, name, vec![self.operand(operand, level)?])
    }
}

/// `None` when EXCEPT leaves the column out. What stands behind an APPLY changes no column any more.
fn modified<'a>(column: Typed, modifiers: &'a [StarModifier]) -> Result<Option<Starred<'a>>> {
    let own = column.name.rsplit('.').next().unwrap_or(&column.name).to_owned();
    let is_named = |name: &Ident| name.text == column.name || name.text == own;
    let mut out = Starred { column: column.clone(), replaced: None, applied: Vec::new() };
    for modifier in modifiers {
        match modifier {
            StarModifier::Apply(function) => out.applied.push(function),
            _ if !out.applied.is_empty() => {}
            StarModifier::Except(names) if names.iter().any(is_named) => return Ok(None),
            StarModifier::ExceptPattern(text) => {
                let matches =
                    pattern(text).map_err(|error| SqlError::new(Code::BadArguments, error.message))?;
                if matches(&own) {
                    return Ok(None);
                }
            }
            StarModifier::Replace(pairs) => {
                if let Some((e, name)) = pairs.iter().find(|(_, name)| is_named(name)) {
                    out.replaced = Some((e, &name.text));
                }
            }
            StarModifier::Except(_) => {}
        }
    }
    Ok(Some(out))
}
