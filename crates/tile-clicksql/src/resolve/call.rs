//! Calls: aggregates, windows, lambdas, and the functions of the table.

use super::naming;
use super::scope::{Level, Scope};
use crate::aggregates;
use crate::ast::{Call, Expr, ExprKind};
use crate::duck;
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
        scalar(self, name, args)
    }

    pub fn args(&self, args: &'a [Expr], level: Level) -> Result<Vec<Typed>> {
        args.iter().map(|a| self.expr(a, level)).collect()
    }

    fn aggregate(&self, call: &'a Call, level: Level) -> Result<Typed> {
        let name = &call.name.text;
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
        let args = self.aggregate_args(call)?;
        let params =
            call.params.iter().flatten().map(|p| self.expr(p, Level::Row)).collect::<Result<Vec<_>>>()?;
        let filter = call
            .filter
            .as_ref()
            .map(|f| self.expr(f, Level::Aggregate).map(|t| t.condition()))
            .transpose()?;
        let shown = naming::call(&aggregates::shown_name(name, call.distinct), &params, &args);
        let found = aggregates::resolve(name, &params, &args, call.distinct, filter, None)?;
        let mut group = self.group.borrow_mut();
        let known = group.aggregates.iter().find(|(sql, _)| *sql == found.sql).map(|(_, c)| c.clone());
        let column = known.unwrap_or_else(|| {
            let column = format!("a{}_", group.aggregates.len());
            group.aggregates.push((found.sql.clone(), column.clone()));
            column
        });
        Ok(Typed::new(format!("g_.{column}"), found.ty).named(shown))
    }

    /// `count(*)` has no argument.
    pub fn aggregate_args(&self, call: &'a Call) -> Result<Vec<Typed>> {
        let args = call.args.iter().filter(|a| !matches!(a.kind, ExprKind::Star { .. }));
        args.map(|a| self.expr(a, Level::Aggregate)).collect()
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
    let args =
        args.into_iter()
            .map(|a| {
                if *a.ty.plain() == Type::Dynamic {
                    function.dynamic.argument(function.name, a)
                } else {
                    Ok(a)
                }
            })
            .collect::<Result<Vec<_>>>()?;
    let is_constant = function.is_deterministic && args.iter().all(|a| a.is_constant);
    let dictionaries = args.iter().filter(|a| a.ty.is_low_cardinality()).count();
    let full = args.iter().filter(|a| !a.is_constant && !a.ty.is_low_cardinality()).count();
    let nullable = args.iter().any(|a| a.ty.is_nullable());
    let are_nullable: Vec<bool> = args.iter().map(|a| a.ty.is_nullable()).collect();
    let any_null = args.iter().any(Typed::is_null);
    if function.nulls != Nulls::Own && any_null {
        return Ok(Typed { is_constant, ..super::expr::null() });
    }
    let guards: Vec<String> =
        args.iter().filter(|a| a.ty.is_nullable()).map(|a| format!("{} IS NULL", a.sql)).collect();
    let items: Vec<Typed> = args
        .into_iter()
        .map(|mut a| {
            if !function.sees_dictionary {
                a.ty = a.ty.without_dictionaries();
            }
            if function.nulls != Nulls::Own {
                a.ty = a.ty.plain().clone();
            }
            a
        })
        .collect();
    let mut found = (function.run)(&Args { scope, function, items: &items })?;
    if function.nulls != Nulls::Own && nullable && !found.ty.can_be_nullable() {
        // An array of NULL's is what the function makes of the default.
        if matches!(found.ty, Type::Tuple(_)) {
            let message = format!("`{}` of a `Nullable` that gives a tuple is not supported", function.name);
            return Err(SqlError::new(Code::Unsupported, message));
        }
        let whole = items.iter().zip(&are_nullable).map(|(item, nullable)| {
            let sql =
                if *nullable { duck::or_default(item.value(), &item.ty)? } else { return Ok(item.clone()) };
            Ok(Typed { sql, is_condition: false, bytes: None, ..item.clone() })
        });
        let whole = whole.collect::<Result<Vec<_>>>()?;
        found = (function.run)(&Args { scope, function, items: &whole })?;
        found.is_constant = is_constant;
        return Ok(found);
    }
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
