//! `WITH FILL` and `INTERPOLATE`: rows that a sorted result lacks are put between its rows.
//!
//! The kernel `ch_fill` walks over the keys of all rows at once and tells which rows there are; here its answer is
//! joined with the rows themselves. New rows have the defaults of their types in all columns but the keys, what
//! stands before the filled keys in ORDER BY, and what INTERPOLATE carries on.

use super::Column;
use super::scope::{Level, Scope};
use super::select::Item;
use super::tail;
use crate::ast::{Expr, ExprKind, Fill as Clause, Ident, IntervalUnit, OrderItem, Select};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::Type;
use crate::walk;

/// The filled ORDER BY of one select.
pub struct Fill {
    /// What stands before the first filled key.
    prefix: Vec<Typed>,
    keys: Vec<Key>,
    carried: Vec<Carried>,
}

struct Key {
    typed: Typed,
    /// FROM, TO, STEP and STALENESS as texts.
    bounds: [String; 4],
    plan: String,
}

/// A column of INTERPOLATE.
struct Carried {
    /// Its number among the result's columns.
    output: usize,
    ty: Type,
    /// The DuckDB form of the next value over the last ones, `a_`; `None` keeps the last one.
    next: Option<String>,
}

impl Fill {
    /// `None` when no key is filled.
    pub fn of<'a>(
        scope: &Scope<'a, '_>,
        select: &'a Select,
        level: Level,
        items: &[Item<'a>],
        outputs: &[Typed],
    ) -> Result<Option<Self>> {
        let Some(first) = select.order_by.iter().position(|item| item.fill.is_some()) else {
            return Ok(None);
        };
        if select.limit.as_ref().is_some_and(|l| l.with_ties) {
            return Err(SqlError::new(Code::Unsupported, "WITH TIES beside WITH FILL is not supported"));
        }
        let (mut prefix, mut keys, mut sorted) = (Vec::new(), Vec::new(), Vec::new());
        for (i, item) in select.order_by.iter().enumerate() {
            let Some(e) = &item.expr else { continue };
            let typed = tail::sorted(scope, e, level, items, outputs)?;
            sorted.push(typed.clone());
            match &item.fill {
                Some(clause) => keys.push(key(scope, typed, item, clause).map_err(|error| error.at(e.span))?),
                None if i < first => prefix.push(typed),
                // A key between filled ones, or behind them, orders the rows and is not filled.
                None => {}
            }
        }
        let carried = match &select.interpolate {
            Some(list) => carried(scope, list, outputs, &sorted)?,
            None => vec![],
        };
        Ok(Some(Self { prefix, keys, carried }))
    }

    /// What the rows have to bring beside their columns.
    pub fn hidden(&self) -> Vec<String> {
        let keys = self.keys.iter().map(|key| &key.typed);
        self.prefix.iter().chain(keys).enumerate().map(|(i, t)| format!("{} AS x{i}_", t.value())).collect()
    }

    /// The filled rows of `rows`, a query with the columns of [`Self::hidden`] that `order` sorts.
    pub fn sql(
        &self,
        rows: &str,
        order: &str,
        outputs: &[Typed],
        columns: &[Column],
        limits: &str,
    ) -> Result<String> {
        let group = if self.prefix.is_empty() {
            "1".to_owned()
        } else {
            let marks: Vec<String> = (0..self.prefix.len()).map(|i| format!("x{i}_")).collect();
            format!("dense_rank() OVER (ORDER BY {})", marks.join(", "))
        };
        let texts = self.keys.iter().enumerate().map(|(i, key)| {
            let text = key_text(&format!("x{}_", self.prefix.len() + i), &key.typed.ty)?;
            Ok(format!("coalesce({text}, '')"))
        });
        let texts = texts.collect::<Result<Vec<_>>>()?;
        let bounds: Vec<&str> = self.keys.iter().flat_map(|k| &k.bounds).map(String::as_str).collect();
        let plan: Vec<&str> = self.keys.iter().map(|k| k.plan.as_str()).collect();
        let filled = format!(
            "SELECT ch_fill(coalesce(list(concat(fg_, ',', {}) ORDER BY fr_), CAST([] AS VARCHAR[])), [{}], {}) AS l_ FROM s_",
            texts.join(", ',', "),
            bounds.join(", "),
            duck::text(&plan.join(";")),
        );
        let list = outputs.iter().zip(columns).enumerate().map(|(i, (output, column))| {
            let name = duck::name(&column.physical);
            Ok(format!(
                "CASE WHEN f_ > 0 THEN s_.{name} ELSE {} END AS {name}",
                self.new_value(i, output, &name)?
            ))
        });
        let list = list.collect::<Result<Vec<_>>>()?;
        let group_row =
            if self.prefix.is_empty() { "" } else { " LEFT JOIN s_ AS h_ ON h_.fr_ = CAST(p_[2] AS BIGINT)" };
        Ok(format!(
            "WITH s_ AS MATERIALIZED (SELECT *, row_number() OVER ({order}) AS fr_, {group} AS fg_ FROM ({rows}) AS q_), \
             f_ AS MATERIALIZED (SELECT string_split(t_, ',') AS p_, n_, CAST(p_[1] AS BIGINT) AS f_ FROM \
             (SELECT unnest(l_) AS t_, generate_subscripts(l_, 1) AS n_ FROM ({filled}) AS l_) AS u_) \
             SELECT {} FROM {} LEFT JOIN s_ ON s_.fr_ = f_{group_row} ORDER BY n_{limits}",
            list.join(", "),
            self.numbered(outputs, columns)?,
        ))
    }

    /// The value of a new row in a column of the result.
    fn new_value(&self, number: usize, output: &Typed, name: &str) -> Result<String> {
        let is_key = |t: &Typed| t.sql == output.sql && t.ty == output.ty;
        if let Some(i) = self.keys.iter().position(|k| is_key(&k.typed)) {
            let text = format!("p_[{}]", i + 3);
            let value = key_value(&text, &output.ty)?;
            return Ok(format!(
                "CASE WHEN {text} = '' THEN {} ELSE {value} END",
                duck::default_of(&output.ty)?
            ));
        }
        if self.prefix.iter().any(is_key) {
            return Ok(format!("h_.{name}"));
        }
        if self.carried.iter().any(|c| c.output == number) {
            return Ok(format!("struct_extract(c_, 'c{number}')"));
        }
        duck::default_of(&output.ty)
    }

    /// The filled rows, with the carried values of each new row in `c_`.
    fn numbered(&self, outputs: &[Typed], columns: &[Column]) -> Result<String> {
        if self.carried.is_empty() {
            return Ok("f_".to_owned());
        }
        let (mut last, mut next) = (Vec::new(), Vec::new());
        for carried in &self.carried {
            let number = carried.output;
            let Some((output, column)) = outputs.get(number).zip(columns.get(number)) else { continue };
            let name = duck::name(&column.physical);
            let default = duck::default_of(&output.ty)?;
            last.push(format!("c{number} := CASE WHEN o_.fr_ IS NULL THEN {default} ELSE o_.{name} END"));
            let kept = format!("struct_extract(a_, 'c{number}')");
            let form = carried.next.as_ref().unwrap_or(&kept);
            next.push(format!("c{number} := CAST({form} AS {})", duck::type_of(&carried.ty)?));
        }
        let last = format!("struct_pack({})", last.join(", "));
        let carried = if self.carried.iter().all(|c| c.next.is_none()) {
            "l_".to_owned()
        } else {
            // The first element is where the reduction begins; the others only count the steps.
            format!(
                "list_reduce(list_resize([l_], k_ + 1, l_), lambda a_, b_: struct_pack({}))",
                next.join(", ")
            )
        };
        Ok(format!(
            "(SELECT *, {carried} AS c_ FROM (SELECT m_.*, {last} AS l_ FROM (SELECT *, \
             max(f_) OVER (ORDER BY n_) AS m_, n_ - coalesce(max(CASE WHEN f_ > 0 THEN n_ END) OVER (ORDER BY n_), 0) AS k_ \
             FROM f_) AS m_ LEFT JOIN s_ AS o_ ON o_.fr_ = m_) AS k_) AS f_"
        ))
    }
}

fn invalid(message: impl Into<String>) -> SqlError {
    SqlError::new(Code::BadArguments, message)
}

fn key<'a>(scope: &Scope<'a, '_>, typed: Typed, item: &OrderItem, clause: &'a Clause) -> Result<Key> {
    let ty = typed.ty.clone();
    let descending = item.descending;
    if item.nulls_first == Some(true) && ty.is_nullable() {
        return Err(SqlError::new(Code::Unsupported, "NULLS FIRST beside WITH FILL is not supported"));
    }
    let kind = kind_of(&ty)?;
    let bound = |e: &'a Option<Expr>, word: &str| -> Result<String> {
        let Some(e) = e else { return Ok("''".to_owned()) };
        bound_text(&constant(scope, e, word)?, &ty).map_err(|error| error.at(e.span))
    };
    let mut unit = None;
    let mut step = |e: &'a Option<Expr>, word: &str, missing: &str| -> Result<String> {
        let Some(e) = e else { return Ok(missing.to_owned()) };
        let typed = constant(scope, e, word)?;
        if let Type::Interval(of) = typed.ty {
            if unit.is_some_and(|unit| unit != of) {
                return Err(SqlError::new(
                    Code::Unsupported,
                    "STEP and STALENESS of different units are not supported",
                ));
            }
            unit = Some(of);
        }
        step_text(&typed, &ty).map_err(|error| error.at(e.span))
    };
    let one = match (ty.plain(), descending) {
        (t, false) if t.is_time() => "'1000000'",
        (t, true) if t.is_time() => "'-1000000'",
        (_, false) => "'1'",
        (_, true) => "'-1'",
    };
    let steps = (step(&clause.step, "STEP", one)?, step(&clause.staleness, "STALENESS", "''")?);
    if unit.is_some() && (clause.step.is_none() || is_interval(scope, clause)?) {
        return Err(SqlError::new(Code::Unsupported, "STALENESS wants a STEP of the same kind"));
    }
    let direction = if descending { "desc" } else { "asc" };
    let plan = format!(
        "{kind} {direction} {} {}",
        unit.map_or("-".to_owned(), |unit| crate::parse::unit_name(unit).to_ascii_lowercase()),
        ty.plain().zone().unwrap_or("-"),
    );
    let bounds = [bound(&clause.from, "FROM")?, bound(&clause.to, "TO")?, steps.0, steps.1];
    Ok(Key { typed, bounds, plan })
}

/// Whether only one of STEP and STALENESS, both written, is an interval.
fn is_interval<'a>(scope: &Scope<'a, '_>, clause: &'a Clause) -> Result<bool> {
    let (Some(step), Some(staleness)) = (&clause.step, &clause.staleness) else { return Ok(false) };
    let (step, staleness) = (scope.expr(step, Level::Row)?, scope.expr(staleness, Level::Row)?);
    Ok(matches!(step.ty, Type::Interval(_)) != matches!(staleness.ty, Type::Interval(_)))
}

/// An expression that no row has a part in.
fn constant<'a>(scope: &Scope<'a, '_>, e: &'a Expr, word: &str) -> Result<Typed> {
    let typed = scope.expr(e, Level::Row)?;
    if !scope.is_free(e) || typed.ty.is_nullable() {
        return Err(invalid(format!("{word} of WITH FILL wants a constant number or time")).at(e.span));
    }
    Ok(typed)
}

fn incompatible(ty: &Type) -> SqlError {
    invalid(format!("the bounds of WITH FILL do not fit a column of the type `{ty}`"))
}

/// The kernel's word for a type.
fn kind_of(ty: &Type) -> Result<String> {
    Ok(match ty.plain_nullable() {
        Type::Int(bits @ (8 | 16 | 32 | 64)) => format!("i{bits}"),
        Type::UInt(bits @ (8 | 16 | 32 | 64)) => format!("u{bits}"),
        Type::Float32 | Type::Float64 => "float".into(),
        Type::Date | Type::Date32 => "date".into(),
        Type::DateTime(_) => "time".into(),
        Type::DateTime64(digits, _) if *digits <= 6 => "time".into(),
        _ => return Err(incompatible(ty)),
    })
}

/// A key as the kernel reads it.
fn key_text(sql: &str, ty: &Type) -> Result<String> {
    Ok(match ty.plain() {
        Type::Date | Type::Date32 => format!("CAST({sql} - DATE '1970-01-01' AS VARCHAR)"),
        t if t.is_time() => format!("CAST(epoch_us({sql}) AS VARCHAR)"),
        Type::Float32 => format!("CAST(CAST({sql} AS DOUBLE) AS VARCHAR)"),
        _ => format!("CAST({sql} AS VARCHAR)"),
    })
}

/// The value of a key that the kernel wrote.
fn key_value(text: &str, ty: &Type) -> Result<String> {
    Ok(match ty.plain() {
        Type::Date | Type::Date32 => format!("(DATE '1970-01-01' + CAST({text} AS INTEGER))"),
        t if t.is_time() => format!("make_timestamp(CAST({text} AS BIGINT))"),
        plain => format!("CAST({text} AS {})", duck::type_of(plain)?),
    })
}

/// FROM and TO.
fn bound_text(bound: &Typed, ty: &Type) -> Result<String> {
    let (key, found) = (ty.plain(), bound.ty.plain());
    let sql = bound.value();
    if matches!((key, found), (Type::Date, Type::Date) | (Type::Date32, Type::Date32)) {
        return key_text(&sql, found);
    }
    match (key, found) {
        (Type::DateTime(_), Type::DateTime(_)) => key_text(&sql, found),
        (Type::DateTime64(a, _), Type::DateTime64(b, _)) if a == b => key_text(&sql, found),
        (key, found) if key.is_time() && found.is_integer() => {
            Ok(format!("CAST(CAST({sql} AS BIGINT) * 1000000 AS VARCHAR)"))
        }
        (key, found) if (key.is_integer() || key.is_date()) && found.is_integer() => {
            Ok(format!("CAST({sql} AS VARCHAR)"))
        }
        (key, found) if key.is_float() && (found.is_integer() || found.is_float()) => {
            Ok(format!("CAST(CAST({sql} AS DOUBLE) AS VARCHAR)"))
        }
        _ => Err(incompatible(ty)),
    }
}

/// STEP and STALENESS: a number of the column's own unit (seconds for times), or an interval.
fn step_text(step: &Typed, ty: &Type) -> Result<String> {
    let sql = step.value();
    let text = format!("CAST({sql} AS VARCHAR)");
    match (ty.plain(), step.ty.plain()) {
        (key, Type::Interval(unit)) => {
            let fits = match key {
                Type::Date | Type::Date32 => is_day(*unit),
                Type::DateTime(_) => !is_split(*unit),
                Type::DateTime64(digits, _) => match unit {
                    IntervalUnit::Nanosecond => false,
                    IntervalUnit::Microsecond => *digits == 6,
                    IntervalUnit::Millisecond => *digits >= 3,
                    _ => true,
                },
                _ => false,
            };
            if fits {
                Ok(text)
            } else {
                Err(invalid(format!("an interval of this unit is no step for a column of the type `{ty}`")))
            }
        }
        (Type::DateTime64(..), found) if found.is_float() => {
            Ok(format!("CAST(CAST({sql} * 1000000 AS BIGINT) AS VARCHAR)"))
        }
        _ => bound_text(step, ty),
    }
}

fn is_day(unit: IntervalUnit) -> bool {
    use IntervalUnit::{Day, Month, Quarter, Week, Year};
    matches!(unit, Day | Week | Month | Quarter | Year)
}

fn is_split(unit: IntervalUnit) -> bool {
    matches!(unit, IntervalUnit::Nanosecond | IntervalUnit::Microsecond | IntervalUnit::Millisecond)
}

fn carried<'a>(
    scope: &Scope<'a, '_>,
    list: &'a [(Ident, Option<Expr>)],
    outputs: &[Typed],
    sorted: &[Typed],
) -> Result<Vec<Carried>> {
    let is_sorted = |o: &Typed| sorted.iter().any(|s| s.sql == o.sql && s.ty == o.ty);
    if list.is_empty() {
        let others = outputs.iter().enumerate().filter(|(_, o)| !is_sorted(o));
        return Ok(others.map(|(output, o)| Carried { output, ty: o.ty.clone(), next: None }).collect());
    }
    let mut numbers = Vec::new();
    for (name, _) in list {
        let Some(number) = outputs.iter().position(|o| o.name == name.text) else {
            return Err(SqlError::new(
                Code::UnknownIdentifier,
                format!("INTERPOLATE wants a column of the result, found `{}`", name.text),
            )
            .at(name.span));
        };
        if outputs.get(number).is_some_and(is_sorted) {
            return Err(
                invalid(format!("`{}` is in ORDER BY and cannot be interpolated", name.text)).at(name.span)
            );
        }
        numbers.push(number);
    }
    let mut found = Vec::new();
    for ((_, expr), number) in list.iter().zip(&numbers) {
        let Some(output) = outputs.get(*number) else { continue };
        let next =
            expr.as_ref().map(|e| next_form(scope, e, outputs, &numbers, output)).transpose()?.flatten();
        found.push(Carried { output: *number, ty: output.ty.clone(), next });
    }
    Ok(found)
}

/// The next value of a column, from the last values of all interpolated ones; `None` is the last value itself.
fn next_form<'a>(
    scope: &Scope<'a, '_>,
    e: &'a Expr,
    outputs: &[Typed],
    numbers: &[usize],
    column: &Typed,
) -> Result<Option<String>> {
    if let ExprKind::Name(path) = &walk::bare(e).kind
        && let [only] = path.as_slice()
        && only.text == column.name
    {
        return Ok(None);
    }
    let mut bound = Vec::new();
    let mut others: Vec<&str> = Vec::new();
    for (number, output) in outputs.iter().enumerate() {
        // A constant column counts as its constant in the expressions of others, even where it is interpolated.
        let own = output.name == column.name;
        if numbers.contains(&number) && (own || !output.is_constant) {
            let sql = format!("struct_extract(a_, 'c{number}')");
            bound.push((output.name.clone(), Typed::new(sql, output.ty.clone())));
        } else if output.is_constant {
            bound.push((output.name.clone(), output.clone()));
        } else {
            others.push(&output.name);
        }
    }
    let mut wrong = None;
    walk::walk(e, &mut |part| {
        if let ExprKind::Name(path) = &part.kind
            && let Some(first) = path.first()
            && !bound.iter().any(|(name, _)| *name == first.text)
        {
            wrong = Some(first);
        }
        true
    });
    if let Some(name) = wrong {
        let message = if others.contains(&name.text.as_str()) {
            format!("INTERPOLATE from `{}`, which is not interpolated itself, is not supported", name.text)
        } else {
            format!("INTERPOLATE wants columns of the result, found `{}`", name.text)
        };
        return Err(SqlError::new(Code::Unsupported, message).at(name.span));
    }
    let depth = scope.lambdas.borrow().len();
    scope.lambdas.borrow_mut().extend(bound);
    let typed = scope.expr(e, Level::Row);
    scope.lambdas.borrow_mut().truncate(depth);
    crate::cast::cast(scope, &typed?, &column.ty).map(|t| Some(t.value()))
}
