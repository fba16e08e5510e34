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
        if let Some(found) = self.around_aggregate(call, level)? {
            return Ok(found);
        }
        let filter = call.filter.as_ref().map(|f| self.expr(f, Level::Aggregate)).transpose()?;
        let args = self.aggregate_args(call, Level::Aggregate)?;
        let name = aggregates::name_of(&call.name.text, call.respect_nulls)?;
        let found = self.aggregated(&name, level, &params, &args, call.distinct, filter)?;
        // The label has the name as it was written.
        let label = found.name.replacen(&name, &call.name.text, 1);
        Ok(found.named(label))
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
        let shown_args: Vec<Typed> = args.iter().chain(&filter).cloned().collect();
        let shown = aggregates::shown_name(name, distinct, filter.is_some());
        let shown = naming::call(&shown, params, &shown_args);
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

    /// `count(*)` has no argument; of other functions `*` means all columns.
    pub fn aggregate_args(&self, call: &'a Call, level: Level) -> Result<Vec<Typed>> {
        let counts = aggregates::counts_rows(&call.name.text, call.distinct);
        let mut out = Vec::new();
        for arg in &call.args {
            if !(counts && matches!(arg.kind, ExprKind::Star { .. })) {
                out.extend(self.args(std::slice::from_ref(arg), level)?);
            }
        }
        Ok(out)
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
    let label = naming::call(shown(name), &[], &args);
    apply(scope, function, args).map(|t| t.named(label))
}

/// Three names that are short forms for the parser there; all others are shown as they were written.
fn shown(name: &str) -> &str {
    match name.to_ascii_lowercase().as_str() {
        "trim" => "trimBoth",
        "ltrim" => "trimLeft",
        "rtrim" => "trimRight",
        _ => name,
    }
}

fn apply(scope: &Scope<'_, '_>, function: &Function, args: Vec<Typed>) -> Result<Typed> {
    let (least, most) = function.arity;
    if args.len() < least || args.len() > most {
        let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
        let message = format!("`{}` takes {wanted} arguments, found {}", function.name, args.len());
        return Err(SqlError::new(Code::NumberOfArguments, message));
    }
    let args = args
        .into_iter()
        .map(|a| {
            if *a.ty.plain() == Type::Dynamic {
                function.dynamic.argument(function.name, a)
            } else {
                crate::nanos::argument(function.name, a)
            }
        })
        .collect::<Result<Vec<_>>>()?;
    if let Some(found) = crate::variant::applied(scope, function.name, &args)? {
        return Ok(found);
    }
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
    let types: Vec<Type> = args.iter().map(|a| a.ty.clone()).collect();
    let items: Vec<Typed> = args
        .into_iter()
        .map(|mut a| {
            if !function.sees_dictionary {
                a.ty = a.ty.without_dictionaries();
            }
            if function.nulls != Nulls::Own {
                a.ty = a.ty.plain().clone();
            }
            if function.sees_bytes { a } else { a.into_text() }
        })
        .collect();
    let mut found = (function.run)(&Args { scope, function, items: &items, types: &types })?;
    if function.nulls != Nulls::Own && nullable && !found.ty.can_be_nullable() {
        let whole = without_nulls(function, &found, &items, &are_nullable)?;
        found = (function.run)(&Args { scope, function, items: &whole, types: &types })?;
        found.is_constant = is_constant;
        return Ok(found);
    }
    if function.nulls != Nulls::Own && nullable {
        if function.nulls == Nulls::Guarded {
            found.sql = format!("CASE WHEN {} THEN NULL ELSE {} END", guards.join(" OR "), found.sql);
        }
        found.ty = found.ty.nullable();
    }
    if let (true, Some(first @ Type::SimpleAggregateFunction(_))) = (function.keeps_name(), types.first())
        && dictionaries == 0
        && found.ty == *first.without_dictionary()
    {
        found.ty = first.clone();
    }
    if function.keeps_dictionary && dictionaries == 1 && full == 0 && found.ty.can_be_dictionary() {
        found.ty = Type::LowCardinality(Box::new(found.ty));
    }
    found.is_constant = is_constant || (found.is_constant && function.nulls == Nulls::Own);
    Ok(found)
}

/// The arguments with defaults in the place of NULLs, for a function whose result cannot be NULL: an array is what the
/// function makes of the default.
fn without_nulls(
    function: &Function,
    found: &Typed,
    items: &[Typed],
    are_nullable: &[bool],
) -> Result<Vec<Typed>> {
    if matches!(found.ty, Type::Tuple(_)) {
        let message = format!("`{}` of a `Nullable` that gives a tuple is not supported", function.name);
        return Err(SqlError::new(Code::Unsupported, message));
    }
    let whole = items.iter().zip(are_nullable).map(|(item, nullable)| {
        if !nullable {
            return Ok(item.clone());
        }
        let sql = duck::or_default(item.value(), &item.ty)?;
        Ok(Typed { sql, is_condition: false, bytes: None, ..item.clone() })
    });
    whole.collect()
}
