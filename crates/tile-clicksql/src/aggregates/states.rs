//! States: what `-State` keeps, how `-Merge` joins and finishes it. They are plain DuckDB values, so that they can be stored,
//! joined in any order, and read back by any later version.

use super::{Call, direct, parse, result};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::{AggregateState, Type};

/// The shape of a state.
enum Form {
    /// A number that is added up: counts and sums, in this DuckDB type.
    Added(String),
    /// The least or greatest, or any value: the aggregate that joins, and the DuckDB type.
    Chosen(&'static str, String),
    /// Sum and count.
    Mean,
    /// A value and what it is chosen by: the aggregate, and both types.
    Beside(&'static str, String, String),
    /// Different values of this type.
    Set(String),
    /// All values of this type.
    Values(String),
}

/// The base function's name and the arguments that are not conditions.
fn base_of(state: &AggregateState) -> Result<(&'static str, Vec<Type>)> {
    let unknown =
        || SqlError::new(Code::Unsupported, format!("states of `{}` are not supported", state.function));
    let (base, combinators) = parse(&state.function).ok_or_else(unknown)?;
    let mut args = state.args.clone();
    for combinator in combinators.iter().rev() {
        match combinator {
            super::Combinator::If => drop(args.pop()),
            super::Combinator::State => {}
            _ => return Err(unknown()),
        }
    }
    Ok((base.name, args))
}

fn form(base: &str, args: &[Type]) -> Result<Form> {
    let of = |i: usize| -> Result<String> {
        let ty = args.get(i).ok_or_else(|| {
            SqlError::new(Code::NumberOfArguments, format!("`{base}` wants more arguments"))
        })?;
        duck::type_of(ty)
    };
    Ok(match base {
        "count" => Form::Added("UBIGINT".into()),
        "sum" => Form::Added(duck::type_of(&result(base, args, &[])?)?),
        "min" => Form::Chosen("min", of(0)?),
        "max" => Form::Chosen("max", of(0)?),
        "any" => Form::Chosen("any_value", of(0)?),
        "anyLast" => Form::Chosen("last", of(0)?),
        "avg" => Form::Mean,
        "argMin" => Form::Beside("arg_min", of(0)?, of(1)?),
        "argMax" => Form::Beside("arg_max", of(0)?, of(1)?),
        "uniq" | "uniqExact" | "uniqCombined" | "uniqCombined64" | "uniqHLL12" | "countDistinct"
        | "groupUniqArray"
            if args.len() == 1 =>
        {
            Form::Set(of(0)?)
        }
        "quantile" | "median" | "quantileTiming" | "quantileTDigest" | "quantiles" => {
            Form::Values("DOUBLE".into())
        }
        "quantileExact" | "groupArray" | "topK" => Form::Values(of(0)?),
        _ => return Err(SqlError::new(Code::Unsupported, format!("states of `{base}` are not supported"))),
    })
}

/// The DuckDB type of a state.
pub fn state_type(state: &AggregateState) -> Result<String> {
    let (base, args) = base_of(state)?;
    Ok(match form(base, &args)? {
        Form::Added(ty) | Form::Chosen(_, ty) => ty,
        Form::Mean => "STRUCT(s DOUBLE, c UBIGINT)".into(),
        Form::Beside(_, a, b) => format!("STRUCT(a {a}, b {b})"),
        Form::Set(ty) | Form::Values(ty) => format!("{ty}[]"),
    })
}

/// `fState(args)`.
pub fn make(function: &str, call: &Call<'_>, all_args: &[Typed]) -> Result<Typed> {
    let types: Vec<Type> = call.args.iter().map(|a| a.ty.clone()).collect();
    let params = call.params.iter().map(|p| p.name.clone()).collect();
    let args = all_args.iter().map(|a| a.ty.without_dictionary().clone()).collect();
    let state = AggregateState { function: function.to_owned(), params, args };
    let kept = |sql: String, ty: &str| format!("CAST({sql} AS {ty})");
    let sql = match form(call.base, &types)? {
        Form::Added(_) => direct(call, &result(call.base, &types, call.params)?)?,
        Form::Chosen(how, ty) => {
            let value = call.value(0)?;
            kept(call.form_where(how, &value, &format!("{value} IS NOT NULL")), &ty)
        }
        Form::Mean => {
            let value = format!("CAST({} AS DOUBLE)", call.number(0)?);
            format!(
                "struct_pack(s := coalesce({}, 0), c := CAST({} AS UBIGINT))",
                call.form("sum", &value),
                call.form("count", &value)
            )
        }
        Form::Beside(how, ..) => {
            let (x, y) = (call.value(0)?, call.value(1)?);
            let last = if how == "arg_min" { "min" } else { "max" };
            format!(
                "struct_pack(a := {}, b := {})",
                call.form(how, &format!("{x}, {y}")),
                call.form(last, &y)
            )
        }
        Form::Set(ty) => {
            let value = call.value(0)?;
            let list = call.form_where("list", &format!("DISTINCT {value}"), &format!("{value} IS NOT NULL"));
            format!("coalesce({}, CAST([] AS {ty}[]))", list.replace("DISTINCT DISTINCT", "DISTINCT"))
        }
        Form::Values(ty) => {
            let value = kept(call.value(0)?, &ty);
            let list = call.form_where("list", &value, &format!("{value} IS NOT NULL"));
            format!("coalesce({list}, CAST([] AS {ty}[]))")
        }
    };
    Ok(Typed::new(sql, Type::AggregateFunction(state)))
}

/// The aggregate that joins a column of states.
fn joined(form: &Form, column: &str, call: &dyn Fn(&str, &str) -> String) -> String {
    match form {
        Form::Added(ty) => format!("coalesce(CAST({} AS {ty}), CAST(0 AS {ty}))", call("sum", column)),
        Form::Chosen(how, _) => call(how, column),
        Form::Mean => format!(
            "struct_pack(s := coalesce({}, 0), c := CAST(coalesce({}, 0) AS UBIGINT))",
            call("sum", &format!("({column}).s")),
            call("sum", &format!("({column}).c"))
        ),
        Form::Beside(how, ..) => {
            let last = if *how == "arg_min" { "min" } else { "max" };
            format!(
                "struct_pack(a := {}, b := {})",
                call(how, &format!("({column}).a, ({column}).b")),
                call(last, &format!("({column}).b"))
            )
        }
        Form::Set(ty) => {
            format!("list_distinct(coalesce(flatten({}), CAST([] AS {ty}[])))", call("list", column))
        }
        Form::Values(ty) => format!("coalesce(flatten({}), CAST([] AS {ty}[]))", call("list", column)),
    }
}

/// The joined state of a column of states.
pub fn merge_state(state: &AggregateState, column: &str) -> Result<String> {
    let (base, args) = base_of(state)?;
    Ok(joined(&form(base, &args)?, column, &|f, x| format!("{f}({x})")))
}

/// `fMerge(column)` and `fMergeState(column)`.
pub fn merge(name: &str, call: &Call<'_>, keep: bool) -> Result<Typed> {
    let column = call.arg(0)?;
    let Type::AggregateFunction(state) = &column.ty else {
        if let Type::SimpleAggregateFunction(_) = &column.ty {
            return Err(SqlError::new(
                Code::IllegalType,
                format!("`{name}` wants a state, found `{}`: use the plain function", column.ty),
            ));
        }
        return Err(SqlError::new(
            Code::IllegalType,
            format!("`{name}` wants a state, found `{}`", column.ty),
        ));
    };
    let (base, args) = base_of(state)?;
    if base != call.base && !(call.base == "median" && base == "quantile") {
        let message = format!("`{name}` cannot join the states of `{}`", state.function);
        return Err(SqlError::new(Code::IllegalType, message));
    }
    let shape = form(base, &args)?;
    let sql = joined(&shape, &column.sql, &|f, x| call.form(f, x));
    if keep {
        return Ok(Typed::new(sql, column.ty.clone()));
    }
    let own: Vec<Typed> = state.params.iter().filter_map(|p| crate::resolve::constant(p)).collect();
    let params = if call.params.is_empty() { own.as_slice() } else { call.params };
    let ty = result(base, &args, params)?;
    finish(base, &shape, sql, ty, params)
}

/// The value of a joined state.
fn finish(base: &str, shape: &Form, sql: String, ty: Type, params: &[Typed]) -> Result<Typed> {
    let defaulted = |sql: String| duck::or_default(sql, &ty);
    let level = |i: usize| match params.get(i).map(|p| p.constant.clone()) {
        Some(Some(crate::typed::Constant::Float(x))) => format!("{x:?}"),
        Some(Some(crate::typed::Constant::Int(n))) => n.to_string(),
        _ => "0.5".into(),
    };
    let form = duck::type_of(&ty)?;
    let sql = match (shape, base) {
        (Form::Added(_), _) => sql,
        (Form::Chosen(..), _) => defaulted(sql)?,
        (Form::Mean, _) => {
            let ratio = format!(
                "CASE WHEN ({sql}).c = 0 THEN {} ELSE ({sql}).s / ({sql}).c END",
                if ty.is_nullable() { "NULL" } else { "CAST('nan' AS DOUBLE)" }
            );
            ratio
        }
        (Form::Beside(..), _) => defaulted(format!("({sql}).a"))?,
        (Form::Set(_), "groupUniqArray") => sql,
        (Form::Set(_), _) => format!("CAST(len({sql}) AS UBIGINT)"),
        (Form::Values(_), "groupArray") => match params.first().and_then(Typed::int) {
            Some(n) => format!("list_slice({sql}, 1, {n})"),
            None => sql,
        },
        (Form::Values(_), "topK") => {
            let n = params.first().and_then(Typed::int).unwrap_or(10);
            top(&format!("map_entries(list_histogram({sql}))"), n, &form)
        }
        (Form::Values(_), "quantiles") => {
            let levels: Vec<String> = (0..params.len()).map(level).collect();
            format!("list_aggregate({sql}, 'quantile_cont', [{}])", levels.join(", "))
        }
        (Form::Values(_), "quantileExact") => {
            return Err(SqlError::new(Code::Unsupported, "`quantileExactMerge` is not supported"));
        }
        (Form::Values(_), _) => {
            let value = format!("list_aggregate({sql}, 'quantile_cont', {})", level(0));
            match ty.plain() {
                Type::Float64 => super::not_a_number(&ty, value),
                Type::Float32 => format!("CAST({} AS FLOAT)", super::not_a_number(&ty, value)),
                _ => {
                    return Err(SqlError::new(
                        Code::Unsupported,
                        format!("the quantile of `{ty}` states is not supported"),
                    ));
                }
            }
        }
    };
    Ok(Typed::new(sql, ty))
}

/// The most frequent values of a list of pairs (value, count), at most `n`.
pub fn top(entries: &str, n: i128, form: &str) -> String {
    let pairs = format!(
        "list_transform({entries}, lambda e_, i_: struct_pack(c := -CAST(e_.value AS BIGINT), i := i_, k := e_.key))"
    );
    format!(
        "coalesce(list_transform(list_slice(list_sort({pairs}), 1, {n}), lambda p_: p_.k), CAST([] AS {form}))"
    )
}
