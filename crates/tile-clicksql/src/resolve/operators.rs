//! Operators and what they stand for: most are functions under another name.

use super::call;
use super::expr::{int, unified};
use super::scope::{Level, Scope};
use crate::ast::{BinaryOp, Expr, ExprKind, IntervalUnit, UnaryOp};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::{Constant, Typed};
use crate::types::Type;
use crate::walk;

/// The function that an operator stands for.
pub const fn function_of(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "plus",
        BinaryOp::Subtract => "minus",
        BinaryOp::Multiply => "multiply",
        BinaryOp::Divide => "divide",
        BinaryOp::Modulo => "modulo",
        BinaryOp::IntDivide => "intDiv",
        BinaryOp::Concat => "concat",
        BinaryOp::Eq => "equals",
        BinaryOp::NotEq => "notEquals",
        BinaryOp::NullSafeEq => "isNotDistinctFrom",
        BinaryOp::Distinct => "isDistinctFrom",
        BinaryOp::Lt => "less",
        BinaryOp::LtEq => "lessOrEquals",
        BinaryOp::Gt => "greater",
        BinaryOp::GtEq => "greaterOrEquals",
        BinaryOp::And => "and",
        BinaryOp::Or => "or",
        BinaryOp::Like => "like",
        BinaryOp::NotLike => "notLike",
        BinaryOp::ILike => "ilike",
        BinaryOp::NotILike => "notILike",
        BinaryOp::Regexp => "match",
        BinaryOp::NotRegexp => "notMatch",
    }
}

pub fn binary(scope: &Scope<'_, '_>, op: BinaryOp, left: Typed, right: Typed) -> Result<Typed> {
    if op == BinaryOp::NotRegexp {
        let inner = call::scalar(scope, "match", vec![left, right])?;
        return call::scalar(scope, "not", vec![inner]);
    }
    call::scalar(scope, function_of(op), vec![left, right])
}

pub fn unary(scope: &Scope<'_, '_>, op: UnaryOp, inner: Typed) -> Result<Typed> {
    match op {
        UnaryOp::Plus => Ok(inner),
        UnaryOp::Not => call::scalar(scope, "not", vec![inner]),
        UnaryOp::Minus => {
            let constant = match inner.constant {
                Some(Constant::Int(n)) => Some(Constant::Int(-n)),
                Some(Constant::Float(x)) => Some(Constant::Float(-x)),
                _ => None,
            };
            Ok(Typed { constant, ..call::scalar(scope, "negate", vec![inner])? })
        }
    }
}

pub fn between(scope: &Scope<'_, '_>, x: &Typed, low: &Typed, high: &Typed, negated: bool) -> Result<Typed> {
    let (first, second, join) =
        if negated { (BinaryOp::Lt, BinaryOp::Gt, "or") } else { (BinaryOp::GtEq, BinaryOp::LtEq, "and") };
    let above = binary(scope, first, x.clone(), low.clone())?;
    let below = binary(scope, second, x.clone(), high.clone())?;
    call::scalar(scope, join, vec![above, below])
}

/// An interval is its count; what it is added to knows the unit from the type.
pub fn interval(value: &Typed, unit: IntervalUnit) -> Result<Typed> {
    let name = format!("toInterval{unit:?}({})", value.name);
    let (value, unit) = match value.text() {
        Some(text) => {
            let mut words = text.split_whitespace();
            let count = words.next().and_then(|n| n.parse::<i128>().ok());
            let count =
                count.ok_or_else(|| SqlError::new(Code::Syntax, format!("`{text}` is not an interval")))?;
            if words.next().is_some() {
                return Err(SqlError::new(
                    Code::Unsupported,
                    format!("the interval `{text}` of several words is not supported"),
                ));
            }
            (int(count), unit)
        }
        None => (value.clone(), unit),
    };
    if !value.ty.plain().is_number() {
        return Err(SqlError::new(
            Code::IllegalType,
            format!("an interval is a number, found `{}`", value.ty),
        ));
    }
    let sql = format!("CAST(trunc({}) AS BIGINT)", value.value());
    let sql = if value.ty.plain().is_integer() { format!("CAST({} AS BIGINT)", value.value()) } else { sql };
    let ty = Type::Interval(unit);
    let mut out = Typed::new(sql, if value.ty.is_nullable() { ty.nullable() } else { ty });
    out.is_constant = value.is_constant;
    out.constant = value.constant;
    Ok(out.named(name))
}

pub fn extractor(unit: IntervalUnit) -> Result<&'static str> {
    Ok(match unit {
        IntervalUnit::Second => "toSecond",
        IntervalUnit::Minute => "toMinute",
        IntervalUnit::Hour => "toHour",
        IntervalUnit::Day => "toDayOfMonth",
        IntervalUnit::Month => "toMonth",
        IntervalUnit::Quarter => "toQuarter",
        IntervalUnit::Year => "toYear",
        IntervalUnit::Week => "toISOWeek",
        _ => return Err(SqlError::new(Code::Unsupported, "this unit cannot be extracted")),
    })
}

impl<'a> Scope<'a, '_> {
    /// `x IN set`: a list, a table or a query. NULL is in no set, and NULL in a set is nobody's.
    pub fn is_in(&self, x: &'a Expr, set: &'a Expr, negated: bool, level: Level) -> Result<Typed> {
        let value = self.expr(x, level)?;
        if value.ty.has_variant() {
            return Err(SqlError::new(Code::Unsupported, "IN of a `Variant` is not supported"));
        }
        let name = |shown: &str| format!("{}({}, {shown})", if negated { "notIn" } else { "in" }, value.name);
        let inner = walk::bare(set);
        let table = match &inner.kind {
            ExprKind::Subquery(query) => Some(self.ctx.subquery(query, self)?),
            ExprKind::Name(path) if !self.is_value(path) => Some((
                self.named_set(path)?,
                path.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join("."),
            )),
            _ => None,
        };
        if let Some((relation, shown)) = table {
            let found = self.in_relation(&value, &relation)?;
            return Ok(membership(&value, &found, negated).named(name(&shown)));
        }
        let items: Vec<&'a Expr> = match (&inner.kind, value.ty.plain()) {
            (ExprKind::Tuple(items), Type::Tuple(_))
                if !items.iter().all(|i| {
                    matches!(walk::bare(i).kind, ExprKind::Tuple(_) | ExprKind::Call(_) | ExprKind::Name(_))
                }) =>
            {
                vec![inner]
            }
            (ExprKind::Tuple(items) | ExprKind::Array(items), _) => items.iter().collect(),
            _ => vec![inner],
        };
        let items = items.into_iter().map(|i| self.expr(i, level)).collect::<Result<Vec<_>>>()?;
        if let [only] = items.as_slice()
            && matches!(only.ty.plain(), Type::Array(_))
            && !matches!(value.ty.plain(), Type::Array(_))
        {
            let only = &as_set(only, &value);
            let found = call::scalar(self, "has", vec![only.clone(), value.clone()])?;
            let found = if negated { call::scalar(self, "not", vec![found])? } else { found };
            return Ok(found.named(name(&only.name)));
        }
        let shown = if let Some(shown) = super::naming::literal(inner) {
            shown
        } else if items.len() == 1 && !matches!(inner.kind, ExprKind::Tuple(_)) {
            items[0].name.clone()
        } else {
            format!("({})", items.iter().map(|i| i.name.clone()).collect::<Vec<_>>().join(", "))
        };
        let found = in_list(self, &value, &items)?;
        Ok(membership(&value, &found, negated).named(name(&shown)))
    }

    /// Whether a name at the right of IN is a value rather than a table.
    fn is_value(&self, path: &'a [crate::ast::Ident]) -> bool {
        let parts: Vec<&str> = path.iter().map(|p| p.text.as_str()).collect();
        self.has_alias(parts[0])
            || self.column(&parts).is_ok_and(|c| c.is_some())
            || self.lambdas.borrow().iter().any(|(n, _)| n == parts[0])
    }

    fn in_relation(&self, value: &Typed, relation: &super::Relation) -> Result<String> {
        let parts: Vec<Typed> = match value.ty.plain() {
            Type::Tuple(elements)
                if relation.columns.len() == elements.len() && relation.columns.len() > 1 =>
            {
                (1..=elements.len())
                    .map(|i| super::expr::members(value.clone(), &[&i.to_string()]))
                    .collect::<Result<_>>()?
            }
            _ => vec![value.clone()],
        };
        if parts.len() != relation.columns.len() {
            let message = format!("IN compares {} with {} columns", parts.len(), relation.columns.len());
            return Err(SqlError::new(Code::BadArguments, message));
        }
        let mut conditions = Vec::new();
        for (part, column) in parts.iter().zip(&relation.columns) {
            let other = Typed::new(format!("s_.{}", duck::name(&column.physical)), column.ty.clone());
            let other = crate::cast::in_set(&other, &part.ty).unwrap_or(other);
            conditions.push(call::scalar(self, "equals", vec![part.clone(), other])?.condition());
        }
        Ok(if let ([part], [column]) = (parts.as_slice(), relation.columns.as_slice()) {
            // DuckDB joins on IN; NULLs are kept out of the set, so that it never makes the answer NULL.
            let other = Typed::new(format!("s_.{}", duck::name(&column.physical)), column.ty.clone());
            let other = crate::cast::in_set(&other, &part.ty).unwrap_or(other);
            let filter = other.ty.is_nullable().then(|| format!(" WHERE {} IS NOT NULL", other.sql));
            let (ty, mut forms) = unified(&[part.clone(), other.clone()])?;
            if part.ty.plain().is_float() && part.ty.plain() == other.ty.plain() {
                forms = forms.iter().map(|form| crate::typed::bits_of(form, &ty)).collect();
            }
            if [part, &other].iter().any(|t| matches!(t.ty.plain(), Type::FixedString(_))) {
                // Zeros at the end of a FixedString do not count.
                forms = forms.into_iter().map(|form| format!("rtrim({form}, chr(0))")).collect();
            }
            let filter = filter.unwrap_or_default();
            format!("({} IN (SELECT {} FROM ({}) AS s_{filter}))", forms[0], forms[1], relation.sql)
        } else {
            format!("EXISTS (SELECT 1 FROM ({}) AS s_ WHERE {})", relation.sql, conditions.join(" AND "))
        })
    }
}

/// Whether a value is in a set, or is not: NULL for a NULL, and a dictionary for one.
fn membership(value: &Typed, sql: &str, negated: bool) -> Typed {
    if value.is_null() {
        return super::expr::null();
    }
    let sql = if value.ty.is_nullable() {
        // NULL is not known to be in an empty set either.
        format!("CASE WHEN {} IS NULL THEN NULL ELSE {sql} END", value.sql)
    } else {
        sql.to_owned()
    };
    let mut out = Typed::truth(if negated { format!("(NOT {sql})") } else { format!("({sql})") });
    if value.ty.is_nullable() {
        out.ty = out.ty.nullable();
    }
    if value.ty.is_low_cardinality() {
        out.ty = Type::LowCardinality(Box::new(out.ty));
    }
    out
}

/// An array of texts beside IN, with its items as values of the other side's type.
fn as_set(array: &Typed, value: &Typed) -> Typed {
    let Type::Array(item) = array.ty.plain() else { return array.clone() };
    let item = Typed::new("x_", item.as_ref().clone());
    match crate::cast::in_set(&item, &value.ty) {
        Some(read) => Typed {
            sql: format!("list_transform({}, lambda x_: {})", array.sql, read.sql),
            ty: Type::Array(Box::new(read.ty)),
            constant: None,
            ..array.clone()
        },
        None => array.clone(),
    }
}

/// Whether a value is the constant of a set, which tells the two zeros apart and knows NaN.
pub fn same_in_set(scope: &Scope<'_, '_>, value: &Typed, item: &Typed) -> Result<String> {
    let number = match item.constant {
        Some(Constant::Float(x)) => Some(x),
        Some(Constant::Int(0)) => Some(0.0),
        _ => None,
    };
    if let Some(x) = number.filter(|x| x.is_nan() && value.ty.plain().is_float()) {
        let sign = if x.is_sign_negative() { "" } else { "NOT " };
        return Ok(format!("(isnan({0}) AND {sign}signbit({0}))", value.value()));
    }
    let test = call::scalar(scope, "equals", vec![value.clone(), item.clone()])?.condition();
    Ok(match number {
        Some(x) if x == 0.0 && value.ty.plain().is_float() => {
            let sign = if x.is_sign_negative() { "" } else { "NOT " };
            format!("({test} AND {sign}signbit({}))", value.value())
        }
        _ => test,
    })
}

fn in_list(scope: &Scope<'_, '_>, value: &Typed, items: &[Typed]) -> Result<String> {
    let mut tests = Vec::new();
    for item in items.iter().filter(|i| !i.is_null()) {
        if !item.is_constant {
            return Err(SqlError::new(Code::Unsupported, "the right side of IN has to be constant"));
        }
        tests.push(same_in_set(scope, value, item)?);
    }
    let simple = same_form(value, items);
    Ok(match simple {
        Some(forms) if !forms.is_empty() => format!("({} IN ({}))", value.value(), forms.join(", ")),
        _ if tests.is_empty() => "false".into(),
        // Members of a tuple may be NULL.
        _ => format!("coalesce({}, false)", tests.join(" OR ")),
    })
}

/// The items as DuckDB literals when all are plainly of the value's own kind.
fn same_form(value: &Typed, items: &[Typed]) -> Option<Vec<String>> {
    let text = *value.ty.plain() == Type::String;
    let whole = value.ty.plain().integer().is_some() && !value.is_condition;
    let forms = items.iter().filter(|i| !i.is_null()).map(|i| match &i.constant {
        Some(Constant::Text(t)) if text => Some(duck::text(t)),
        Some(Constant::Int(n)) if whole && fits(value.ty.plain(), *n) => Some(n.to_string()),
        _ => None,
    });
    forms.collect()
}

fn fits(ty: &Type, n: i128) -> bool {
    match ty.integer() {
        Some((bits, false)) if bits < 128 => n >= 0 && n < 1 << bits,
        Some((bits, true)) if bits < 128 => n >= -(1 << (bits - 1)) && n < 1 << (bits - 1),
        _ => false,
    }
}
