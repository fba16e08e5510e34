//! The end of a select: projection, DISTINCT, LIMIT BY, ORDER BY, LIMIT.

use super::fill::Fill;
use super::scope::{Level, Scope};
use super::select::{Item, is_distinct, positional};
use super::{Column, Relation};
use crate::ast::{Distinct, Expr, ExprKind, OrderItem, Select};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::Type;

pub struct Tail {
    /// DuckDB forms of the sorting expressions, and what follows each (`ASC NULLS LAST`).
    order: Vec<(String, String)>,
    limit_by: Option<LimitBy>,
    distinct_on: Vec<String>,
    limit: Option<String>,
    offset: Option<String>,
    with_ties: bool,
    qualify: Option<String>,
    fill: Option<Fill>,
}

struct LimitBy {
    count: String,
    offset: String,
    by: Vec<String>,
}

impl Tail {
    pub fn of<'a>(
        scope: &Scope<'a, '_>,
        select: &'a Select,
        level: Level,
        items: &[Item<'a>],
        outputs: &[Typed],
    ) -> Result<Self> {
        let mut order = Vec::new();
        for item in &select.order_by {
            match &item.expr {
                None => {
                    for output in outputs {
                        order.extend(sort_keys(output, item)?);
                    }
                }
                Some(e) => {
                    let typed = sorted(scope, e, level, items, outputs)?;
                    if !typed.is_constant {
                        order.extend(sort_keys(&typed, item)?);
                    }
                }
            }
        }
        let limit_by = select.limit_by.as_ref().map(|l| -> Result<LimitBy> {
            let by = l.by.iter().map(|e| sorted(scope, e, level, items, outputs).map(|t| marks_of(&t)));
            Ok(LimitBy {
                count: count_of(scope, &l.count)?,
                offset: l.offset.as_ref().map_or(Ok("0".into()), |o| count_of(scope, o))?,
                by: by.collect::<Result<Vec<_>>>()?.concat(),
            })
        });
        let distinct_on = match &select.distinct {
            Distinct::On(exprs) => {
                let marks = exprs.iter().map(|e| scope.expr(e, level).map(|t| marks_of(&t)));
                marks.collect::<Result<Vec<_>>>()?.concat()
            }
            _ => vec![],
        };
        let limit = select.limit.as_ref();
        Ok(Self {
            order,
            limit_by: limit_by.transpose()?,
            distinct_on,
            limit: limit.and_then(|l| l.count.as_ref()).map(|e| count_of(scope, e)).transpose()?,
            offset: limit.and_then(|l| l.offset.as_ref()).map(|e| count_of(scope, e)).transpose()?,
            with_ties: limit.is_some_and(|l| l.with_ties),
            qualify: select
                .qualify
                .as_ref()
                .map(|q| scope.expr(q, level).map(|t| t.condition()))
                .transpose()?,
            fill: Fill::of(scope, select, level, items, outputs)?,
        })
    }

    /// The whole select over `base` (FROM and WHERE).
    pub fn finish(
        &self,
        base: &str,
        outputs: &[Typed],
        columns: Vec<Column>,
        distinct: &Distinct,
    ) -> Result<Relation> {
        let list: Vec<String> = outputs
            .iter()
            .zip(&columns)
            .map(|(o, c)| format!("{} AS {}", o.value(), duck::name(&c.physical)))
            .collect();
        let qualify = self.qualify.as_ref().map_or(String::new(), |q| format!(" QUALIFY {q}"));
        let names: Vec<String> = columns.iter().map(|c| duck::name(&c.physical)).collect();
        let cut = outputs.iter().filter_map(|o| o.bytes.as_ref()).enumerate();
        let cut: Vec<(String, String)> = cut.map(|(i, b)| (format!("y{i}_"), b.clone())).collect();
        let keys = names.iter().zip(outputs).map(|(name, o)| crate::typed::key_of(name, &o.ty));
        let keys: Vec<String> = keys.chain(cut.iter().map(|(name, _)| name.clone())).collect();
        let keys = is_distinct(distinct).then(|| keys.join(", "));
        let seen =
            cut.iter().filter(|_| is_distinct(distinct)).map(|(name, bytes)| format!("{bytes} AS {name}"));
        let seen: Vec<String> = list.iter().cloned().chain(seen).collect();
        let ordered = !self.order.is_empty();
        let plain = self.limit_by.is_none() && self.distinct_on.is_empty() && !self.with_ties;
        let sql = if let Some(fill) = &self.fill {
            let (rows, order) = self.inner(base, &seen, &names, &qualify, keys.as_deref());
            fill.sql(&rows, order.trim_start(), outputs, &columns, &self.limits())?
        } else if plain && !is_distinct(distinct) {
            format!("SELECT {} FROM {base}{qualify}{}{}", list.join(", "), self.order_by(), self.limits())
        } else {
            self.layered(base, &seen, &names, &qualify, keys.as_deref())?
        };
        Ok(Relation { sql, columns, ordered })
    }

    fn order_by(&self) -> String {
        if self.order.is_empty() {
            return String::new();
        }
        let keys: Vec<String> = self.order.iter().map(|(sql, how)| format!("{sql} {how}")).collect();
        format!(" ORDER BY {}", keys.join(", "))
    }

    fn limits(&self) -> String {
        let mut out = String::new();
        if let Some(limit) = &self.limit {
            out.push_str(&format!(" LIMIT {limit}"));
        }
        if let Some(offset) = &self.offset {
            out.push_str(&format!(" OFFSET {offset}"));
        }
        out
    }

    /// DISTINCT and LIMIT BY, with hidden columns for what is sorted and counted by; and the ORDER BY over them.
    fn inner(
        &self,
        base: &str,
        list: &[String],
        names: &[String],
        qualify: &str,
        distinct: Option<&str>,
    ) -> (String, String) {
        let hidden: Vec<String> =
            self.order.iter().enumerate().map(|(i, (sql, _))| format!("{sql} AS o{i}_")).collect();
        let keys: Vec<String> =
            self.order.iter().enumerate().map(|(i, (_, how))| format!("o{i}_ {how}")).collect();
        let order = if keys.is_empty() { String::new() } else { format!(" ORDER BY {}", keys.join(", ")) };
        let by: Vec<String> = match &self.limit_by {
            Some(l) => l.by.clone(),
            None => self.distinct_on.clone(),
        };
        let marks: Vec<String> = by.iter().enumerate().map(|(i, sql)| format!("{sql} AS b{i}_")).collect();
        let filled = self.fill.as_ref().map_or_else(Vec::new, Fill::hidden);
        let all: Vec<String> = list.iter().chain(&hidden).chain(&marks).chain(&filled).cloned().collect();
        let mut sql = format!("SELECT {} FROM {base}{qualify}", all.join(", "));
        if let Some(keys) = distinct {
            let extra: Vec<String> =
                (0..hidden.len()).map(|i| format!("any_value(o{i}_) AS o{i}_")).collect();
            let marks: Vec<String> = (0..marks.len()).map(|i| format!("any_value(b{i}_) AS b{i}_")).collect();
            let filled = (0..filled.len()).map(|i| format!("any_value(x{i}_) AS x{i}_"));
            let columns: Vec<String> =
                names.iter().cloned().chain(extra).chain(marks).chain(filled).collect();
            sql = format!("SELECT {} FROM ({sql}) AS d_ GROUP BY {keys}", columns.join(", "));
        }
        if !by.is_empty() {
            let partition: Vec<String> = (0..by.len()).map(|i| format!("b{i}_")).collect();
            let (from, to) = match &self.limit_by {
                Some(l) => (l.offset.clone(), format!("{} + {}", l.offset, l.count)),
                None => ("0".into(), "1".into()),
            };
            sql = format!(
                "SELECT * FROM ({sql}) AS p_ QUALIFY row_number() OVER (PARTITION BY {}{order}) > {from} AND row_number() OVER (PARTITION BY {}{order}) <= {to}",
                partition.join(", "),
                partition.join(", ")
            );
        }
        (sql, order)
    }

    fn layered(
        &self,
        base: &str,
        list: &[String],
        names: &[String],
        qualify: &str,
        distinct: Option<&str>,
    ) -> Result<String> {
        let (sql, order) = self.inner(base, list, names, qualify, distinct);
        let ties = match (&self.limit, self.with_ties) {
            (Some(limit), true) if !order.is_empty() => {
                let offset = self.offset.as_deref().unwrap_or("0");
                format!(" QUALIFY rank() OVER ({}) <= {limit} + {offset}", order.trim_start())
            }
            (_, true) => return Err(SqlError::new(Code::BadArguments, "LIMIT WITH TIES wants ORDER BY")),
            _ => String::new(),
        };
        let limits = if self.with_ties {
            self.offset.as_ref().map_or(String::new(), |o| format!(" OFFSET {o}"))
        } else {
            self.limits()
        };
        Ok(format!("SELECT {} FROM ({sql}) AS q_{ties}{order}{limits}", names.join(", ")))
    }
}

/// What LIMIT BY and DISTINCT ON tell apart: of floats also the sign of zero.
fn marks_of(t: &Typed) -> Vec<String> {
    let value = t.compared();
    if t.ty.plain().is_float() { vec![format!("signbit({value})"), value] } else { vec![value] }
}

/// A sorting expression: a position, or an expression of the layer.
pub fn sorted<'a>(
    scope: &Scope<'a, '_>,
    e: &'a Expr,
    level: Level,
    items: &[Item<'a>],
    outputs: &[Typed],
) -> Result<Typed> {
    if let ExprKind::Literal(crate::ast::Literal::Number(text)) = &e.kind
        && let Some(n) = text.parse::<usize>().ok().and_then(|n| n.checked_sub(1))
        && let Some(output) = outputs.get(n)
    {
        return Ok(output.clone());
    }
    let target = positional(e, items).unwrap_or(e);
    scope.expr(target, level)
}

/// NULL and NaN come last unless asked for first, whatever the direction.
///
/// # Errors
/// For arrays and tuples with NULL or NaN inside, which come in another order here.
pub fn sort_keys(typed: &Typed, item: &OrderItem) -> Result<Vec<(String, String)>> {
    if matches!(typed.ty.plain(), Type::Array(_) | Type::Tuple(_) | Type::Map(..)) && has_unordered(&typed.ty)
    {
        let message = format!("an order of `{}`, with NULL or NaN inside, is not supported", typed.ty);
        return Err(SqlError::new(Code::Unsupported, message));
    }
    let direction = if item.descending { "DESC" } else { "ASC" };
    let first = item.nulls_first == Some(true);
    let nulls = if first { "NULLS FIRST" } else { "NULLS LAST" };
    let value = ordinal(&typed.compared(), &typed.ty);
    let mut out = Vec::new();
    if typed.ty.plain().is_float() {
        let flag = if first { "DESC" } else { "ASC" };
        out.push((format!("isnan({value})"), format!("{flag} {nulls}")));
    }
    out.push((value, format!("{direction} {nulls}")));
    Ok(out)
}

/// Whether values inside may be NULL or NaN.
fn has_unordered(ty: &Type) -> bool {
    match ty.without_dictionary() {
        Type::Nullable(_) | Type::Float32 | Type::Float64 => true,
        Type::Array(item) => has_unordered(item),
        Type::Tuple(elements) => elements.iter().any(|(_, t)| has_unordered(t)),
        Type::Map(k, v) => has_unordered(k) || has_unordered(v),
        _ => false,
    }
}

/// What values of a type are ordered by.
pub fn ordinal(sql: &str, ty: &Type) -> String {
    match ty.plain() {
        Type::Enum(_, names) => {
            let cases: Vec<String> =
                names.iter().map(|(n, v)| format!("WHEN {} THEN {v}", duck::text(n))).collect();
            format!("CASE {sql} {} END", cases.join(" "))
        }
        // The second half is the more significant one.
        Type::Uuid => format!("(substr(CAST({sql} AS VARCHAR), 20) || CAST({sql} AS VARCHAR))"),
        _ => sql.to_owned(),
    }
}

/// A number of rows.
fn count_of<'a>(scope: &Scope<'a, '_>, e: &'a Expr) -> Result<String> {
    let typed = scope.expr(e, Level::Row)?;
    match typed.int() {
        Some(n) if n >= 0 => Ok(n.to_string()),
        Some(_) => Err(SqlError::new(Code::Unsupported, "a negative LIMIT is not supported").at(e.span)),
        None if typed.is_constant && typed.ty.plain().is_integer() => {
            Ok(format!("CAST({} AS BIGINT)", typed.value()))
        }
        None if typed.is_constant && typed.constant.is_none() && typed.ty.is_float() => {
            let value = typed.value();
            let wrong = "error('LIMIT wants a whole number')";
            Ok(format!("CASE WHEN {value} = trunc({value}) THEN CAST({value} AS BIGINT) ELSE {wrong} END"))
        }
        None => Err(SqlError::new(Code::BadArguments, "LIMIT wants a whole number").at(e.span)),
    }
}
