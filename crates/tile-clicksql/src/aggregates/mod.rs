//! Aggregate functions with their combinators and states.
//!
//! To add one: its line in [`ALL`], its result type in [`result`], its DuckDB form in [`direct`], and, where states of it
//! can be kept, its form in `states.rs`.

mod states;

pub use states::{merge_state, state_type};

use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::{AggregateState, Type};

/// A base function: its name, its other names, and how many arguments it takes.
struct Base {
    name: &'static str,
    aliases: &'static [&'static str],
    arity: (usize, usize),
}

const fn base(name: &'static str, arity: (usize, usize)) -> Base {
    Base { name, aliases: &[], arity }
}

const fn alias(name: &'static str, aliases: &'static [&'static str], arity: (usize, usize)) -> Base {
    Base { name, aliases, arity }
}

const ALL: &[Base] = &[
    base("count", (0, 1)),
    base("sum", (1, 1)),
    base("sumWithOverflow", (1, 1)),
    base("min", (1, 1)),
    base("max", (1, 1)),
    base("avg", (1, 1)),
    alias("any", &["any_value", "first_value"], (1, 1)),
    alias("anyLast", &["last_value"], (1, 1)),
    alias("argMin", &["min_by"], (2, 2)),
    alias("argMax", &["max_by"], (2, 2)),
    base("uniq", (1, 1)),
    base("uniqExact", (1, 1)),
    base("uniqCombined", (1, 1)),
    base("uniqCombined64", (1, 1)),
    base("uniqHLL12", (1, 1)),
    base("countDistinct", (1, 1)),
    base("quantile", (1, 1)),
    base("quantiles", (1, 1)),
    base("quantileExact", (1, 1)),
    base("quantileTiming", (1, 1)),
    base("quantileTDigest", (1, 1)),
    base("median", (1, 1)),
    alias("groupArray", &["array_agg"], (1, 1)),
    base("groupUniqArray", (1, 1)),
    alias("groupConcat", &["group_concat", "string_agg"], (1, 2)),
    base("topK", (1, 1)),
    alias("stddevPop", &["STDDEV_POP"], (1, 1)),
    alias("stddevSamp", &["STDDEV_SAMP"], (1, 1)),
    alias("varPop", &["VAR_POP"], (1, 1)),
    alias("varSamp", &["VAR_SAMP"], (1, 1)),
    base("covarPop", (2, 2)),
    base("covarSamp", (2, 2)),
    base("corr", (2, 2)),
    base("groupBitAnd", (1, 1)),
    base("groupBitOr", (1, 1)),
    base("groupBitXor", (1, 1)),
];

/// What stands behind a base name, outermost last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Combinator {
    If,
    Array,
    Distinct,
    OrNull,
    OrDefault,
    State,
    SimpleState,
    Merge,
    MergeState,
}

const COMBINATORS: &[(&str, Combinator)] = &[
    ("MergeState", Combinator::MergeState),
    ("SimpleState", Combinator::SimpleState),
    ("State", Combinator::State),
    ("Merge", Combinator::Merge),
    ("Distinct", Combinator::Distinct),
    ("OrDefault", Combinator::OrDefault),
    ("OrNull", Combinator::OrNull),
    ("Array", Combinator::Array),
    ("If", Combinator::If),
];

fn find(name: &str) -> Option<&'static Base> {
    const ANY_CASE: &[&str] = &[
        "count",
        "sum",
        "min",
        "max",
        "avg",
        "any_value",
        "first_value",
        "last_value",
        "stddev_pop",
        "stddev_samp",
        "var_pop",
        "var_samp",
        "group_concat",
        "median",
    ];
    let exact = ALL.iter().find(|b| b.name == name || b.aliases.contains(&name));
    exact.or_else(|| {
        let lower = name.to_lowercase();
        if !ANY_CASE.contains(&lower.as_str()) {
            return None;
        }
        ALL.iter().find(|b| b.name == lower || b.aliases.iter().any(|a| a.to_lowercase() == lower))
    })
}

fn parse(name: &str) -> Option<(&'static Base, Vec<Combinator>)> {
    if let Some(base) = find(name) {
        return Some((base, vec![]));
    }
    for (suffix, combinator) in COMBINATORS {
        if let Some(rest) = name.strip_suffix(suffix)
            && let Some((base, mut inner)) = parse(rest)
        {
            inner.push(*combinator);
            return Some((base, inner));
        }
    }
    None
}

pub fn is_aggregate(name: &str) -> bool {
    parse(name).is_some()
}

pub fn names() -> Vec<&'static str> {
    ALL.iter().flat_map(|b| std::iter::once(b.name).chain(b.aliases.iter().copied())).collect()
}

/// The name that a result's column shows.
pub fn shown_name(name: &str, distinct: bool) -> String {
    if distinct { format!("{name}Distinct") } else { name.to_owned() }
}

/// One call of an aggregate on its way to DuckDB.
struct Call<'x> {
    base: &'static str,
    params: &'x [Typed],
    args: Vec<Typed>,
    distinct: bool,
    filter: Option<String>,
    over: Option<&'x str>,
}

impl Call<'_> {
    /// `f([DISTINCT] args) [FILTER …] [OVER …]`
    fn form(&self, function: &str, args: &str) -> String {
        let distinct = if self.distinct { "DISTINCT " } else { "" };
        let filter = self.filter.as_ref().map_or(String::new(), |f| format!(" FILTER (WHERE {f})"));
        let over = self.over.map_or(String::new(), |o| format!(" OVER {o}"));
        format!("{function}({distinct}{args}){filter}{over}")
    }

    /// The same over rows that also meet `condition`.
    fn form_where(&self, function: &str, args: &str, condition: &str) -> String {
        let filter = match &self.filter {
            Some(filter) => format!("({filter}) AND {condition}"),
            None => condition.to_owned(),
        };
        let narrowed = Call {
            filter: Some(filter),
            args: vec![],
            base: self.base,
            params: self.params,
            distinct: self.distinct,
            over: self.over,
        };
        narrowed.form(function, args)
    }

    fn arg(&self, i: usize) -> Result<&Typed> {
        self.args.get(i).ok_or_else(|| {
            SqlError::new(Code::NumberOfArguments, format!("`{}` wants more arguments", self.base))
        })
    }

    fn value(&self, i: usize) -> Result<String> {
        self.arg(i).map(Typed::value)
    }

    fn number(&self, i: usize) -> Result<String> {
        let arg = self.arg(i)?;
        if arg.ty.plain().is_number() { Ok(arg.value()) } else { Err(illegal(self.base, &arg.ty)) }
    }

    /// The level of a quantile.
    fn level(&self) -> Result<f64> {
        match self.params.first().map(|p| p.constant.clone()) {
            None => Ok(0.5),
            Some(Some(crate::typed::Constant::Float(x))) if (0.0..=1.0).contains(&x) => Ok(x),
            Some(Some(crate::typed::Constant::Int(n))) if n == 0 || n == 1 => {
                Ok(if n == 0 { 0.0 } else { 1.0 })
            }
            _ => Err(SqlError::new(
                Code::BadArguments,
                format!("`{}` wants a level between 0 and 1", self.base),
            )),
        }
    }
}

fn illegal(name: &str, ty: &Type) -> SqlError {
    SqlError::new(Code::IllegalType, format!("the aggregate function `{name}` does not take `{ty}`"))
}

/// Resolves a call. `filter` is a DuckDB condition on rows, `over` a window.
pub fn resolve(
    name: &str,
    params: &[Typed],
    args: &[Typed],
    distinct: bool,
    filter: Option<String>,
    over: Option<&str>,
) -> Result<Typed> {
    let (base, combinators) = parse(name).ok_or_else(|| {
        SqlError::new(Code::UnknownFunction, format!("unknown aggregate function `{name}`"))
    })?;
    let mut call = Call { base: base.name, params, args: args.to_vec(), distinct, filter, over };
    if call.base == "count" && distinct {
        call.base = "uniqExact";
        call.distinct = false;
    }
    let (mut or_null, mut last) = (false, None);
    // The outermost combinator takes its arguments from the end.
    for combinator in combinators.iter().rev() {
        match combinator {
            Combinator::If => {
                let condition = call.args.pop().ok_or_else(|| {
                    SqlError::new(Code::NumberOfArguments, format!("`{name}` wants a condition"))
                })?;
                let condition = condition.condition();
                call.filter =
                    Some(call.filter.take().map_or(condition.clone(), |f| format!("({f}) AND {condition}")));
            }
            Combinator::Distinct => call.distinct = true,
            Combinator::OrNull => or_null = true,
            Combinator::OrDefault => {}
            Combinator::Array => {
                return Err(SqlError::new(Code::Unsupported, "the combinator -Array is not supported"));
            }
            end @ (Combinator::State
            | Combinator::SimpleState
            | Combinator::Merge
            | Combinator::MergeState) => {
                if last.is_some() {
                    return Err(SqlError::new(
                        Code::Unsupported,
                        format!("`{name}` stacks states, which is not supported"),
                    ));
                }
                last = Some(*end);
            }
        }
    }
    match last {
        Some(Combinator::Merge | Combinator::MergeState) => {
            return states::merge(name, &call, last == Some(Combinator::MergeState));
        }
        Some(Combinator::State) => {
            let function = name.strip_suffix("State").unwrap_or(name);
            return states::make(function, &call, args);
        }
        _ => {}
    }
    check_arity(base, &call)?;
    let mut found = finished(&call)?;
    if last == Some(Combinator::SimpleState) {
        let function = name.strip_suffix("SimpleState").unwrap_or(name).to_owned();
        let state = AggregateState { function, params: vec![], args: vec![found.ty.clone()] };
        found.ty = Type::SimpleAggregateFunction(state);
    }
    if or_null && !found.ty.is_nullable() {
        found = null_of_no_rows(&call, found);
    }
    Ok(found)
}

/// NULL where there were no rows.
fn null_of_no_rows(call: &Call<'_>, found: Typed) -> Typed {
    let count = call.form("count", "*").replace("DISTINCT ", "");
    Typed::new(format!("CASE WHEN {count} = 0 THEN NULL ELSE {} END", found.sql), found.ty.nullable())
}

fn check_arity(base: &Base, call: &Call<'_>) -> Result<()> {
    let n = call.args.len();
    if n < base.arity.0 || n > base.arity.1 {
        if matches!(call.base, "uniq" | "uniqExact" | "uniqCombined" | "countDistinct") && n > 1 {
            return Ok(());
        }
        let message = format!("`{}` takes {} arguments, found {n}", base.name, base.arity.1);
        return Err(SqlError::new(Code::NumberOfArguments, message));
    }
    Ok(())
}

/// The finished value: ClickHouse's type, and its default where there were no rows.
fn finished(call: &Call<'_>) -> Result<Typed> {
    let types: Vec<Type> = call.args.iter().map(|a| a.ty.clone()).collect();
    let ty = result(call.base, &types, call.params)?;
    let sql = direct(call, &ty)?;
    Ok(Typed::new(sql, ty))
}

/// The type of a finished value.
fn result(base: &str, args: &[Type], params: &[Typed]) -> Result<Type> {
    let first = args.first().map(Type::without_dictionary);
    let plain = first.map(Type::plain);
    let nullable = args.iter().any(Type::is_nullable);
    let number =
        || plain.filter(|t| t.is_number()).ok_or_else(|| illegal(base, first.unwrap_or(&Type::Nothing)));
    let wrap = |ty: Type| if nullable { ty.nullable() } else { ty };
    Ok(match base {
        "count" | "uniq" | "uniqExact" | "uniqCombined" | "uniqCombined64" | "uniqHLL12"
        | "countDistinct" => Type::UInt(64),
        "sum" => wrap(match number()? {
            Type::Decimal(_, s) => Type::Decimal(38, *s),
            t if t.is_float() => Type::Float64,
            t => match t.integer() {
                Some((bits, signed)) => crate::types::integer(bits.max(64), signed),
                None => return Err(illegal(base, t)),
            },
        }),
        "sumWithOverflow" | "groupBitAnd" | "groupBitOr" | "groupBitXor" => wrap(number()?.clone()),
        "avg" | "stddevPop" | "stddevSamp" | "varPop" | "varSamp" | "covarPop" | "covarSamp" | "corr" => {
            if plain.is_some_and(Type::is_decimal) && base != "avg" {
                return Err(SqlError::new(
                    Code::Unsupported,
                    format!("`{base}` of decimals is not supported"),
                ));
            }
            number()?;
            wrap(Type::Float64)
        }
        "min" | "max" | "any" | "anyLast" => args.first().cloned().unwrap_or(Type::Nothing),
        "argMin" | "argMax" => {
            let kept = args.first().map_or(Type::Nothing, |t| t.without_dictionary().clone());
            if args.get(1).is_some_and(Type::is_nullable) { kept.nullable() } else { kept }
        }
        "quantile" | "median" | "quantileTDigest" | "quantileExact" => match plain {
            Some(t) if base == "quantileExact" && (t.is_number() || t.is_date() || t.is_time()) => {
                wrap(t.clone())
            }
            Some(Type::Date) => wrap(Type::Date),
            Some(Type::DateTime(zone)) => wrap(Type::DateTime(zone.clone())),
            _ if base == "quantileTDigest" => {
                number()?;
                wrap(Type::Float32)
            }
            _ => {
                number()?;
                wrap(Type::Float64)
            }
        },
        "quantileTiming" => {
            number()?;
            wrap(Type::Float32)
        }
        "quantiles" => {
            number()?;
            Type::Array(Box::new(Type::Float64))
        }
        "groupArray" | "groupUniqArray" | "topK" => {
            let item = args.first().map_or(Type::Nothing, Type::plain_items);
            let _ = params;
            Type::Array(Box::new(item))
        }
        "groupConcat" => wrap(Type::String),
        _ => {
            return Err(SqlError::new(Code::UnknownFunction, format!("unknown aggregate function `{base}`")));
        }
    })
}

impl Type {
    /// The type of collected items: without NULL, a dictionary stays.
    fn plain_items(&self) -> Type {
        match self {
            Type::Nullable(inner) => (**inner).clone(),
            Type::LowCardinality(inner) => Type::LowCardinality(Box::new(inner.plain_items())),
            Type::SimpleAggregateFunction(state) => {
                state.args.first().map_or(Type::Nothing, Type::plain_items)
            }
            other => other.clone(),
        }
    }
}

/// The DuckDB form of a finished value.
fn direct(call: &Call<'_>, ty: &Type) -> Result<String> {
    let defaulted = |sql: String| duck::or_default(sql, ty);
    let form = duck::type_of(ty)?;
    Ok(match call.base {
        "count" => {
            let inner = if call.args.is_empty() { "*".to_owned() } else { call.value(0)? };
            format!("CAST({} AS UBIGINT)", call.form("count", &inner))
        }
        "sum" | "sumWithOverflow" => {
            let value = call.number(0)?;
            let value = if ty.plain().is_float() { format!("CAST({value} AS DOUBLE)") } else { value };
            let value = if *call.arg(0)?.ty.plain() == Type::Bool {
                format!("CAST({value} AS UTINYINT)")
            } else {
                value
            };
            defaulted(format!("CAST({} AS {form})", call.form("sum", &value)))?
        }
        "avg" => {
            let sql = call.form("avg", &format!("CAST({} AS DOUBLE)", call.number(0)?));
            not_a_number(ty, sql)
        }
        "min" | "max" => {
            let arg = call.arg(0)?;
            if matches!(arg.ty.plain(), Type::Enum(..)) {
                return Err(SqlError::new(
                    Code::Unsupported,
                    format!("`{}` of `{}` is not supported", call.base, arg.ty),
                ));
            }
            // NaN is the greatest there is in DuckDB, and left out there.
            let value = arg.value();
            if arg.ty.plain().is_float() {
                let known = call.form_where(call.base, &value, &format!("NOT isnan({value})"));
                let all = call.form(call.base, &value);
                defaulted(format!("coalesce({known}, {all})"))?
            } else {
                defaulted(call.form(call.base, &value))?
            }
        }
        "any" => {
            let value = call.value(0)?;
            defaulted(if call.over.is_some() {
                call.form("first_value", &value)
            } else {
                call.form("any_value", &value)
            })?
        }
        "anyLast" => {
            let value = call.value(0)?;
            if call.over.is_some() {
                defaulted(call.form("last_value", &value))?
            } else {
                let condition = format!("{value} IS NOT NULL");
                defaulted(call.form_where("last", &value, &condition))?
            }
        }
        "argMin" | "argMax" => {
            let (x, y) = (call.value(0)?, call.value(1)?);
            let how = if call.base == "argMin" { "arg_min" } else { "arg_max" };
            defaulted(call.form(how, &format!("{x}, {y}")))?
        }
        "uniq" | "uniqExact" | "uniqCombined" | "uniqCombined64" | "uniqHLL12" | "countDistinct" => {
            let inner = if call.args.len() == 1 {
                call.value(0)?
            } else {
                format!("({})", call.args.iter().map(Typed::value).collect::<Vec<_>>().join(", "))
            };
            format!(
                "CAST({} AS UBIGINT)",
                call.form("count", &format!("DISTINCT {inner}")).replace("DISTINCT DISTINCT", "DISTINCT")
            )
        }
        "quantile" | "median" | "quantileTDigest" | "quantileTiming" => quantile(call, ty)?,
        "quantileExact" => {
            let value = call.value(0)?;
            let sorted =
                format!("list_sort({})", call.form_where("list", &value, &format!("{value} IS NOT NULL")));
            let level = call.level()?;
            let at = if level >= 1.0 {
                format!("len({sorted})")
            } else {
                format!("CAST(floor(len({sorted}) * {level:?}) AS BIGINT) + 1")
            };
            let sql = format!("{sorted}[{at}]");
            if ty.plain().is_float() { not_a_number(ty, sql) } else { defaulted(sql)? }
        }
        "quantiles" => {
            let levels = call.params.iter().map(|p| match p.constant {
                Some(crate::typed::Constant::Float(x)) => Ok(format!("{x:?}")),
                Some(crate::typed::Constant::Int(n)) => Ok(n.to_string()),
                _ => Err(SqlError::new(Code::BadArguments, "`quantiles` wants constant levels")),
            });
            let levels = levels.collect::<Result<Vec<_>>>()?;
            let nan: Vec<&str> = levels.iter().map(|_| "CAST('nan' AS DOUBLE)").collect();
            let value = format!("CAST({} AS DOUBLE)", call.number(0)?);
            format!(
                "coalesce({}, [{}])",
                call.form("quantile_cont", &format!("{value}, [{}]", levels.join(", "))),
                nan.join(", ")
            )
        }
        "groupArray" => {
            let value = call.value(0)?;
            let list = call.form_where("list", &value, &format!("{value} IS NOT NULL"));
            let list = format!("coalesce({list}, CAST([] AS {form}))");
            match call.params.first().and_then(Typed::int) {
                Some(n) => format!("list_slice({list}, 1, {n})"),
                None => list,
            }
        }
        "groupUniqArray" => {
            let value = call.value(0)?;
            let list = call.form_where("list", &format!("DISTINCT {value}"), &format!("{value} IS NOT NULL"));
            format!("coalesce({}, CAST([] AS {form}))", list.replace("DISTINCT DISTINCT", "DISTINCT"))
        }
        "groupConcat" => {
            let separator = match call.params.first() {
                Some(p) => p.value(),
                None if call.args.len() > 1 => call.value(1)?,
                None => "''".into(),
            };
            let text =
                crate::cast::text_of(&Typed { ty: call.arg(0)?.ty.plain().clone(), ..call.arg(0)?.clone() })?;
            defaulted(call.form("string_agg", &format!("{text}, {separator}")))?
        }
        "topK" => {
            let n = call.params.first().and_then(Typed::int).unwrap_or(10);
            let value = call.value(0)?;
            let counted = call.form_where("histogram", &value, &format!("{value} IS NOT NULL"));
            states::top(&format!("map_entries({counted})"), n, &form)
        }
        "stddevPop" | "stddevSamp" | "varPop" | "varSamp" => {
            let how = match call.base {
                "stddevPop" => "stddev_pop",
                "stddevSamp" => "stddev_samp",
                "varPop" => "var_pop",
                _ => "var_samp",
            };
            not_a_number(ty, call.form(how, &format!("CAST({} AS DOUBLE)", call.number(0)?)))
        }
        "covarPop" | "covarSamp" | "corr" => {
            let how = match call.base {
                "covarPop" => "covar_pop",
                "covarSamp" => "covar_samp",
                _ => "corr",
            };
            not_a_number(
                ty,
                call.form(
                    how,
                    &format!("CAST({} AS DOUBLE), CAST({} AS DOUBLE)", call.number(0)?, call.number(1)?),
                ),
            )
        }
        "groupBitAnd" | "groupBitOr" | "groupBitXor" => {
            let (how, empty) = match call.base {
                "groupBitAnd" => ("bit_and", "-1"),
                "groupBitOr" => ("bit_or", "0"),
                _ => ("bit_xor", "0"),
            };
            let value = call.number(0)?;
            if empty == "-1" && !ty.is_nullable() {
                return Err(SqlError::new(Code::Unsupported, "`groupBitAnd` is not supported"));
            }
            format!("coalesce({}, CAST({empty} AS {form}))", call.form(how, &value))
        }
        other => {
            return Err(SqlError::new(
                Code::UnknownFunction,
                format!("unknown aggregate function `{other}`"),
            ));
        }
    })
}

/// Of no rows it is NaN, unless NULL is possible.
fn not_a_number(ty: &Type, sql: String) -> String {
    if ty.is_nullable() { sql } else { format!("coalesce({sql}, CAST('nan' AS DOUBLE))") }
}

fn quantile(call: &Call<'_>, ty: &Type) -> Result<String> {
    let level = call.level()?;
    let arg = call.arg(0)?;
    Ok(match ty.plain() {
        Type::Date | Type::DateTime(_) => {
            let value = call
                .form("quantile_cont", &format!("epoch_us(CAST({} AS TIMESTAMP)), {level:?}", arg.value()));
            let sql = format!("date_trunc('second', make_timestamp(CAST(floor({value}) AS BIGINT)))");
            let sql = if *ty.plain() == Type::Date { format!("CAST({sql} AS DATE)") } else { sql };
            duck::or_default(sql, ty)?
        }
        _ => {
            let value = format!("CAST({} AS DOUBLE)", call.number(0)?);
            let sql = not_a_number(ty, call.form("quantile_cont", &format!("{value}, {level:?}")));
            if *ty.plain() == Type::Float64 { sql } else { format!("CAST({sql} AS FLOAT)") }
        }
    })
}
