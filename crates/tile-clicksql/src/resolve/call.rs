//! Calls: aggregates, windows, lambdas, and the functions of the table.

use super::naming;
use super::scope::{Level, Scope};
use crate::aggregates;
use crate::ast::{Call, Expr, ExprKind};
use crate::error::{Code, Result, SqlError};
use crate::functions::{self, Args, Function, Nulls};
use crate::nearest::nearest;
use crate::typed::Typed;
use crate::types::Type;
use crate::walk;

impl<'a> Scope<'a, '_> {
    pub fn call(&self, call: &'a Call, level: Level) -> Result<Typed> {
        let name = call.name.text.as_str();
        if call.over.is_some() {
            return self.window(call, level);
        }
        if aggregates::is_aggregate(name) {
            return self.aggregate(call, level);
        }
        if call.distinct || call.filter.is_some() {
            return Err(SqlError::new(
                Code::UnknownFunction,
                format!("`{name}` is no aggregate function that is supported"),
            ));
        }
        if call.params.is_some() {
            return Err(unknown(name));
        }
        if call.args.iter().any(|a| matches!(walk::bare(a).kind, ExprKind::Lambda { .. })) {
            return functions::higher::call(self, call, level);
        }
        match name {
            "arrayJoin" => return self.array_join(call, level),
            "in" | "notIn" | "globalIn" | "globalNotIn" => {
                if let [x, set] = call.args.as_slice() {
                    return self.is_in(x, set, name == "notIn" || name == "globalNotIn", level);
                }
            }
            _ => {}
        }
        let args = self.args(&call.args, level)?;
        let shown = match (call.args.as_slice(), args.as_slice()) {
            ([first, _], [interval, moment]) if is_unit_first(first) => {
                Some(naming::call(name, &[], &[moment.clone(), interval.clone()]))
            }
            _ => None,
        };
        let found = scalar(self, name, args)?;
        Ok(match shown {
            Some(shown) => found.named(shown),
            None => found,
        })
    }

    pub fn args(&self, args: &'a [Expr], level: Level) -> Result<Vec<Typed>> {
        let mut out = Vec::with_capacity(args.len());
        for a in args {
            match &a.kind {
                ExprKind::Star { .. } | ExprKind::Columns { .. } => {
                    for starred in self.starred(a)? {
                        out.push(self.starred_value(&starred, level)?);
                    }
                }
                _ => out.push(self.expr(a, level)?),
            }
        }
        Ok(out)
    }

    fn aggregate(&self, call: &'a Call, level: Level) -> Result<Typed> {
        let params =
            call.params.iter().flatten().map(|p| self.expr(p, Level::Row)).collect::<Result<Vec<_>>>()?;
        let filter = call.filter.as_ref().map(|f| self.expr(f, Level::Aggregate)).transpose()?;
        self.aggregated(&call.name.text, level, &params, &self.aggregate_args(call)?, call.distinct, filter)
    }

    /// An aggregate function of resolved arguments.
    pub fn aggregated(
        &self,
        name: &str,
        level: Level,
        params: &[Typed],
        args: &[Typed],
        distinct: bool,
        filter: Option<Typed>,
    ) -> Result<Typed> {
        match level {
            Level::Group => {}
            Level::Aggregate => {
                return Err(SqlError::new(
                    Code::IllegalAggregation,
                    format!("the aggregate function `{name}` stands inside of another one"),
                ));
            }
            Level::Row => {
                return Err(SqlError::new(
                    Code::IllegalAggregation,
                    format!("the aggregate function `{name}` cannot stand here"),
                ));
            }
        }
        let shown = aggregates::shown_name(name, distinct);
        let shown = match &filter {
            Some(filter) => {
                let args: Vec<Typed> = args.iter().chain([filter]).cloned().collect();
                naming::call(&format!("{shown}If"), params, &args)
            }
            None => naming::call(&shown, params, args),
        };
        let filter = filter.map(|f| f.condition());
        let found = aggregates::resolve(name, params, args, distinct, filter, None)?;
        let mut group = self.group.borrow_mut();
        let known = group.aggregates.iter().find(|(sql, _)| *sql == found.sql).map(|(_, c)| c.clone());
        let column = known.unwrap_or_else(|| {
            let column = format!("a{}_", group.aggregates.len());
            group.aggregates.push((found.sql.clone(), column.clone()));
            column
        });
        Ok(Typed::new(format!("g_.{column}"), found.ty).named(shown))
    }

    pub fn aggregate_args(&self, call: &'a Call) -> Result<Vec<Typed>> {
        if counts_rows(call) { Ok(vec![]) } else { self.args(&call.args, Level::Aggregate) }
    }

    /// An array's items as rows of their own.
    fn array_join(&self, call: &'a Call, level: Level) -> Result<Typed> {
        let [array] = call.args.as_slice() else {
            return Err(SqlError::new(Code::NumberOfArguments, "`arrayJoin` takes one array"));
        };
        if level == Level::Aggregate {
            return self.unnest(&self.expr(array, level)?, Level::Row);
        }
        let typed = self.expr(array, level)?;
        self.unnest(&typed, level)
    }

    fn unnest(&self, array: &Typed, level: Level) -> Result<Typed> {
        let (sql, item) = super::from::unnestable(array)?;
        let mut unnests = self.unnests.borrow_mut();
        let known =
            unnests.iter().find(|(s, _, l)| *s == sql && *l == level).map(|(_, alias, _)| alias.clone());
        let alias = known.unwrap_or_else(|| {
            let alias = self.ctx.fresh("j");
            unnests.push((sql, alias.clone(), level));
            alias
        });
        Ok(Typed::new(format!("{alias}.v_"), item).named(format!("arrayJoin({})", array.name)))
    }
}

/// `count(*)` has no argument; of other functions `*` is all columns.
pub fn counts_rows(call: &Call) -> bool {
    let is_star = |a: &Expr| match &a.kind {
        ExprKind::Star { qualifier, modifiers } => qualifier.is_empty() && modifiers.is_empty(),
        _ => false,
    };
    call.name.text.eq_ignore_ascii_case("count") && matches!(call.args.as_slice(), [only] if is_star(only))
}

/// Whether an interval was written as `DAY, 1` among the arguments: then no unit stands behind its value.
fn is_unit_first(e: &Expr) -> bool {
    let ExprKind::Interval { value, .. } = &e.kind else { return false };
    value.span.end == e.span.end && value.span.start > e.span.start
}

fn unknown(name: &str) -> SqlError {
    let known = functions::names().into_iter().chain(aggregates::names());
    let near = nearest(name, known).join(", ");
    let error = SqlError::new(Code::UnknownFunction, format!("unknown function `{name}`"));
    if near.is_empty() { error } else { error.hint(format!("maybe you meant: {near}")) }
}

/// Applies a function of the table by any of its names; the result shows the name as written.
pub fn scalar(scope: &Scope<'_, '_>, name: &str, args: Vec<Typed>) -> Result<Typed> {
    let function = functions::lookup(name).ok_or_else(|| unknown(name))?;
    let label = naming::call(name, &[], &args);
    apply(scope, function, args).map(|t| t.named(label))
}

fn apply(scope: &Scope<'_, '_>, function: &Function, args: Vec<Typed>) -> Result<Typed> {
    let (least, most) = function.arity;
    if args.len() < least || args.len() > most {
        let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
        let message = format!("`{}` takes {wanted} arguments, found {}", function.name, args.len());
        return Err(SqlError::new(Code::NumberOfArguments, message));
    }
    let is_constant = function.is_deterministic && args.iter().all(|a| a.is_constant);
    let dictionaries = args.iter().filter(|a| a.ty.is_low_cardinality()).count();
    let full = args.iter().filter(|a| !a.is_constant && !a.ty.is_low_cardinality()).count();
    let nullable = args.iter().any(|a| a.ty.is_nullable());
    let any_null = args.iter().any(Typed::is_null);
    if function.nulls != Nulls::Own && any_null {
        return Ok(Typed { is_constant, ..super::expr::null() });
    }
    let guards: Vec<String> =
        args.iter().filter(|a| a.ty.is_nullable()).map(|a| format!("{} IS NULL", a.sql)).collect();
    let items: Vec<Typed> = args
        .into_iter()
        .map(|mut a| {
            a.ty = a.ty.without_dictionary().clone();
            if function.nulls != Nulls::Own {
                a.ty = a.ty.plain().clone();
            }
            a
        })
        .collect();
    let mut found = (function.run)(&Args { scope, function, items: &items })?;
    if function.nulls != Nulls::Own && nullable {
        if function.nulls == Nulls::Guarded {
            found.sql = format!("CASE WHEN {} THEN NULL ELSE {} END", guards.join(" OR "), found.sql);
        }
        found.ty = found.ty.nullable();
    }
    if function.keeps_dictionary && dictionaries == 1 && full == 0 && found.ty.can_be_dictionary() {
        found.ty = Type::LowCardinality(Box::new(found.ty));
    }
    found.is_constant = is_constant || (found.is_constant && function.nulls == Nulls::Own);
    Ok(found)
}
