//! The end of a select: projection, DISTINCT, LIMIT BY, ORDER BY, LIMIT.

use super::fill::Fill;
use super::scope::{Level, Scope};
use super::select::{Item, is_distinct, positional};
use super::{Column, Relation, nested_order};
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
    /// The limit is a fraction: below 1 it is a share of all rows.
    is_share: bool,
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
        let share = limit.and_then(|l| l.count.as_ref()).map(|e| share_of(scope, e)).transpose()?.flatten();
        let fill = Fill::of(scope, select, level, items, outputs)?;
        if share.is_some() && (fill.is_some() || limit.is_some_and(|l| l.with_ties)) {
            let message = "LIMIT of a fraction beside WITH FILL or WITH TIES is not supported";
            return Err(SqlError::new(Code::Unsupported, message));
        }
        let is_share = share.is_some();
        let count = limit.and_then(|l| l.count.as_ref()).filter(|_| !is_share);
        Ok(Self {
            order,
            limit_by: limit_by.transpose()?,
            distinct_on,
            limit: share.map_or_else(|| count.map(|e| count_of(scope, e)).transpose(), |s| Ok(Some(s)))?,
            is_share,
            offset: limit.and_then(|l| l.offset.as_ref()).map(|e| count_of(scope, e)).transpose()?,
            with_ties: limit.is_some_and(|l| l.with_ties),
            qualify: select
                .qualify
                .as_ref()
                .map(|q| scope.expr(q, level).map(|t| t.condition()))
                .transpose()?,
            fill,
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
        let plain =
            self.limit_by.is_none() && self.distinct_on.is_empty() && !self.with_ties && !self.is_share;
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
        // An expression that is an output as well is not computed and carried twice.
        let output = |sql: &str| {
            list.iter().zip(names).find(|(item, name)| **item == format!("{sql} AS {name}")).map(|(_, n)| n)
        };
        let mut hidden: Vec<(String, String)> = Vec::new();
        let mut column = |sql: &str, mark: char, i: usize| {
            output(sql).cloned().unwrap_or_else(|| {
                let name = format!("{mark}{i}_");
                hidden.push((sql.to_owned(), name.clone()));
                name
            })
        };
        let keys: Vec<String> = self
            .order
            .iter()
            .enumerate()
            .map(|(i, (sql, how))| format!("{} {how}", column(sql, 'o', i)))
            .collect();
        let order = if keys.is_empty() { String::new() } else { format!(" ORDER BY {}", keys.join(", ")) };
        let by: Vec<String> = match &self.limit_by {
            Some(l) => l.by.clone(),
            None => self.distinct_on.clone(),
        };
        let partition: Vec<String> = by.iter().enumerate().map(|(i, sql)| column(sql, 'b', i)).collect();
        let filled = self.fill.as_ref().map_or_else(Vec::new, Fill::hidden);
        let carried = hidden.iter().map(|(sql, name)| format!("{sql} AS {name}"));
        let all: Vec<String> = list.iter().cloned().chain(carried).chain(filled.iter().cloned()).collect();
        let mut sql = format!("SELECT {} FROM {base}{qualify}", all.join(", "));
        if let Some(keys) = distinct {
            let extra = hidden.iter().map(|(_, name)| format!("any_value({name}) AS {name}"));
            let filled = (0..filled.len()).map(|i| format!("any_value(x{i}_) AS x{i}_"));
            let columns: Vec<String> = names.iter().cloned().chain(extra).chain(filled).collect();
            sql = format!("SELECT {} FROM ({sql}) AS d_ GROUP BY {keys}", columns.join(", "));
        }
        if !by.is_empty() {
            let number = format!("row_number() OVER (PARTITION BY {}{order})", partition.join(", "));
            // The engine has a quick plan for an upper bound alone.
            let bounds = match &self.limit_by {
                Some(l) if l.offset == "0" => format!("{number} <= {}", l.count),
                Some(l) => format!("{number} > {} AND {number} <= {} + {}", l.offset, l.offset, l.count),
                None => format!("{number} <= 1"),
            };
            sql = format!("SELECT * FROM ({sql}) AS p_ QUALIFY {bounds}");
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
            (Some(limit), _) if self.is_share => {
                let (row, offset) = (
                    format!("row_number() OVER ({})", order.trim_start()),
                    self.offset.as_deref().unwrap_or("0"),
                );
                format!(" QUALIFY {row} - {offset} <= {limit}")
            }
            (Some(limit), true) if !order.is_empty() => {
                let offset = self.offset.as_deref().unwrap_or("0");
                format!(" QUALIFY rank() OVER ({}) <= {limit} + {offset}", order.trim_start())
            }
            (_, true) => return Err(SqlError::new(Code::BadArguments, "LIMIT WITH TIES wants ORDER BY")),
            _ => String::new(),
        };
        let limits = if self.with_ties || self.is_share {
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

/// NULL and NaN come last unless asked for first, whatever the direction; also inside of arrays and tuples.
pub fn sort_keys(typed: &Typed, item: &OrderItem) -> Result<Vec<(String, String)>> {
    if typed.ty.has_variant() {
        let message = format!("`{}` cannot be a key of ORDER BY", typed.ty);
        return Err(SqlError::new(Code::IllegalType, message));
    }
    let direction = if item.descending { "DESC" } else { "ASC" };
    let first = item.nulls_first == Some(true);
    let nulls = if first { "NULLS FIRST" } else { "NULLS LAST" };
    if matches!(typed.ty.plain(), Type::Array(_) | Type::Tuple(_) | Type::Map(..)) {
        let key = nested_order::key(&typed.value(), &typed.ty, item.descending == first);
        return Ok(vec![(key, format!("{direction} {nulls}"))]);
    }
    let value = ordinal(&typed.compared(), &typed.ty);
    let mut out = Vec::new();
    if typed.ty.plain().is_float() {
        let flag = if first { "DESC" } else { "ASC" };
        out.push((format!("isnan({value})"), format!("{flag} {nulls}")));
    }
    out.push((value, format!("{direction} {nulls}")));
    Ok(out)
}

/// What values of a type are ordered by.
pub fn ordinal(sql: &str, ty: &Type) -> String {
    match ty.plain() {
        Type::Enum(_, names) => {
            let cases: Vec<String> =
                names.iter().map(|(n, v)| format!("WHEN {} THEN {v}", duck::text(n))).collect();
            format!("CASE {sql} {} END", cases.join(" "))
        }
        Type::Ipv6 => format!("ch_ipv6_string_to_num({sql})"),
        // The second half is the more significant one.
        Type::Uuid => format!("(substr(CAST({sql} AS VARCHAR), 20) || CAST({sql} AS VARCHAR))"),
        _ => sql.to_owned(),
    }
}

/// A fraction as a number of rows: between 0 and 1 it is a share of all rows, rounded up.
fn share_of<'a>(scope: &Scope<'a, '_>, e: &'a Expr) -> Result<Option<String>> {
    let typed = scope.expr(e, Level::Row)?;
    if !typed.is_constant || !typed.ty.is_float() {
        return Ok(None);
    }
    let value = typed.value();
    let wrong = "error('LIMIT wants a whole number, or a share between 0 and 1')";
    Ok(Some(format!(
        "CASE WHEN {value} > 0 AND {value} < 1 THEN ceil(CAST(count(*) OVER () AS DOUBLE) * {value}) WHEN {value} >= 0 AND {value} = trunc({value}) THEN {value} ELSE {wrong} END"
    )))
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
        None => Err(SqlError::new(Code::BadArguments, "LIMIT wants a whole number").at(e.span)),
    }
}
