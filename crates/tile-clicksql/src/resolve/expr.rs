//! Expressions.

use super::scope::{Level, Scope};
use super::{naming, operators, select};
use crate::ast::{BinaryOp, CastStyle, Expr, ExprKind, Literal};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::{Constant, Typed};
use crate::types::{Type, supertype};
use crate::variant;
use crate::walk;

impl<'a> Scope<'a, '_> {
    /// Resolves an expression in a layer.
    pub fn expr(&self, e: &'a Expr, level: Level) -> Result<Typed> {
        let found = self.ctx.nested(|| {
            if level == Level::Group
                && let Some(key) = self.as_key(e)?
            {
                return Ok(if let ExprKind::Alias { name, .. } = &e.kind {
                    key.named(&name.text)
                } else {
                    key
                });
            }
            self.kind(e, level)
        });
        let found = found.map_err(|error| error.at(e.span))?;
        self.ctx.spend(&found.sql)?;
        Ok(found)
    }

    /// After grouping: an expression that is a key as a whole.
    fn as_key(&self, e: &'a Expr) -> Result<Option<Typed>> {
        let inner = walk::bare(e);
        if matches!(
            inner.kind,
            ExprKind::Literal(_)
                | ExprKind::Interval { .. }
                | ExprKind::Lambda { .. }
                | ExprKind::Star { .. }
        ) {
            return Ok(None);
        }
        if self.has_aggregate(e) || has_window(e) {
            return Ok(None);
        }
        // The columns of the lambdas around are those of the group already.
        let Ok(row) = self.expr(e, Level::Row) else { return Ok(None) };
        let group = self.group.borrow();
        let key = group.keys.iter().find(|(key, _)| key.sql == row.sql && key.ty == row.ty);
        Ok(key.map(|(key, column)| {
            Typed { constant: key.constant.clone(), ..super::scope::of_group(key, column) }
                .named(row.name.clone())
        }))
    }

    fn kind(&self, e: &'a Expr, level: Level) -> Result<Typed> {
        match &e.kind {
            ExprKind::Literal(literal) => literal_of(literal),
            ExprKind::Name(path) => self.name_at(path, level),
            ExprKind::Parens(inner) => self.expr(inner, level),
            ExprKind::Alias { expr, name } => self.aliased(expr, &name.text, level),
            ExprKind::Call(call) => self.call(call, level),
            ExprKind::Unary { op, expr } => {
                // A negative literal is a literal of its own, with its own smallest type.
                if let Some(number) = number_of(e) {
                    return Ok(number);
                }
                let inner = self.expr(expr, level)?;
                operators::unary(self, *op, inner)
            }
            ExprKind::Binary { .. } => self.binary(e, level),
            ExprKind::Between { expr, low, high, negated } => {
                let (x, low, high) =
                    (self.expr(expr, level)?, self.expr(low, level)?, self.expr(high, level)?);
                operators::between(self, &x, &low, &high, *negated)
            }
            ExprKind::In { expr, set, negated, global } => {
                let found = self.is_in(expr, set, *negated, level)?;
                Ok(if *global { naming::global(found) } else { found })
            }
            ExprKind::IsNull { expr, negated } => {
                let inner = self.expr(expr, level)?;
                let name = if *negated { "isNotNull" } else { "isNull" };
                super::call::scalar(self, name, vec![inner])
            }
            ExprKind::Case { operand, whens, otherwise } => {
                self.case(operand.as_deref(), whens, otherwise.as_deref(), level)
            }
            ExprKind::Ternary { condition, then, otherwise } => {
                let args =
                    vec![self.expr(condition, level)?, self.expr(then, level)?, self.expr(otherwise, level)?];
                super::call::scalar(self, "if", args)
            }
            ExprKind::Cast { expr, ty, style } => self.cast(expr, ty, *style, level),
            ExprKind::Interval { value, unit } => {
                let inner = self.expr(value, level)?;
                operators::interval(&inner, *unit)
            }
            ExprKind::Extract { unit, expr } => {
                let inner = self.expr(expr, level)?;
                super::call::scalar(self, operators::extractor(*unit)?, vec![inner])
            }
            ExprKind::Tuple(items) => self.sequence(e, "tuple", items, level),
            ExprKind::Array(items) => self.sequence(e, "array", items, level),
            ExprKind::Map(pairs) => {
                let items = pairs.iter().flat_map(|(k, v)| [k, v]);
                let items = items.map(|i| self.expr(i, level)).collect::<Result<Vec<_>>>()?;
                super::call::scalar(self, "map", items)
            }
            ExprKind::Index { expr, index } => {
                let args = vec![self.expr(expr, level)?, self.expr(index, level)?];
                super::call::scalar(self, "arrayElement", args)
            }
            ExprKind::Member { expr, member } => self.member(expr, member, level),
            ExprKind::Subquery(query) => select::scalar(self, query),
            ExprKind::Exists(query) => {
                let relation = select::query(self.ctx, query, Some(self))?;
                let mut t = Typed::truth(format!("EXISTS ({})", relation.sql));
                t.is_constant = true;
                Ok(t.named("exists()"))
            }
            ExprKind::Parameter { name, ty } => self.parameter(&name.text, ty),
            ExprKind::Lambda { .. } => Err(SqlError::new(
                Code::BadArguments,
                "a lambda may only be an argument of a higher-order function",
            )),
            ExprKind::Star { .. } | ExprKind::Columns { .. } => match self.starred(e)?.as_slice() {
                [only] => self.starred_value(only, level),
                many => {
                    let message = format!("one column is wanted here, and this stands for {}", many.len());
                    Err(SqlError::new(Code::BadArguments, message))
                }
            },
        }
    }

    /// Inside of itself an alias means the column.
    fn aliased(&self, expr: &'a Expr, name: &'a str, level: Level) -> Result<Typed> {
        self.busy.borrow_mut().push(name);
        let found = self.expr(expr, level);
        self.busy.borrow_mut().pop();
        found.map(|t| t.named(name))
    }

    fn cast(&self, expr: &'a Expr, ty: &str, style: CastStyle, level: Level) -> Result<Typed> {
        // `1.10::String` is '1.10': behind a number the cast takes its text.
        let text = if style == CastStyle::Colons { number_text(expr) } else { None };
        let inner = match text {
            Some(text) => literal_of(&Literal::Text(text))?,
            None => self.expr(expr, level)?,
        };
        let to = Type::parse(ty)?;
        let found = crate::cast::cast(self, &inner, &to)?;
        Ok(found.named(naming::cast(&inner, &to, ty, style == CastStyle::Prefix)))
    }

    fn sequence(&self, e: &Expr, function: &str, items: &'a [Expr], level: Level) -> Result<Typed> {
        let found = super::call::scalar(self, function, self.args(items, level)?)?;
        Ok(match naming::literal(e) {
            Some(name) => found.named(name),
            None => found,
        })
    }

    fn name_at(&self, path: &'a [crate::ast::Ident], level: Level) -> Result<Typed> {
        let found = self.name(path, level)?;
        if level != Level::Group || found.is_constant || found.sql.starts_with("g_.") {
            return Ok(found);
        }
        let first = path.first().map_or("", |p| p.text.as_str());
        let of_lambda = self.lambdas.borrow().iter().any(|(n, _)| n == first);
        let aliased = self.aliases.contains_key(first) && !self.busy.borrow().contains(&first);
        if of_lambda || aliased {
            return Ok(found);
        }
        // A column that is not a key is an error, unless it is written over a key's table column.
        let group = self.group.borrow();
        if let Some((key, column)) = group.keys.iter().find(|(key, _)| key.sql == found.sql) {
            return Ok(super::scope::of_group(key, column).named(found.name));
        }
        Err(SqlError::new(
            Code::NotAnAggregate,
            format!("column `{}` is neither under an aggregate function nor in GROUP BY", found.name),
        ))
    }

    /// Left-deep chains are long and flat in the text: they are walked, not recursed into.
    fn binary(&self, e: &'a Expr, level: Level) -> Result<Typed> {
        let mut spine = Vec::new();
        let mut at = e;
        while let ExprKind::Binary { op, left, right } = &at.kind {
            spine.push((*op, right.as_ref(), at));
            at = left;
            if level == Level::Group {
                break;
            }
        }
        let mut found = self.expr(at, level)?;
        while let Some((op, right, whole)) = spine.pop() {
            let other = self.expr(right, level)?;
            let label = chained(op, whole, right).map(|(function, left, right)| {
                naming::chain(function, (&found.name, left), (&other.name, right))
            });
            found = operators::binary(self, op, found, other).map_err(|error| error.at(whole.span))?;
            if let Some(label) = label {
                found.name = label;
            }
        }
        Ok(found)
    }

    fn case(
        &self,
        operand: Option<&'a Expr>,
        whens: &'a [(Expr, Expr)],
        otherwise: Option<&'a Expr>,
        level: Level,
    ) -> Result<Typed> {
        let operand = operand.map(|o| self.expr(o, level)).transpose()?;
        let pairs = whens.iter().map(|(w, t)| Ok((self.expr(w, level)?, self.expr(t, level)?)));
        let pairs = pairs.collect::<Result<Vec<_>>>()?;
        let all_constant = pairs.iter().all(|(when, then)| when.is_constant && then.is_constant);
        let (mut args, mut shown) = (Vec::new(), Vec::new());
        for (when, then) in pairs {
            shown.extend([when.name.clone(), then.name.clone()]);
            args.push(match &operand {
                // Only here NULL is equal to NULL.
                Some(operand) if when.is_null() => {
                    super::call::scalar(self, "isNull", vec![operand.clone()])?
                }
                // Constants make a table, which tells the two zeros apart.
                Some(operand) if all_constant && operand.ty.plain().is_float() => {
                    let found = Typed::truth(operators::same_in_set(self, operand, &when)?);
                    if operand.ty.is_nullable() {
                        Typed { ty: found.ty.clone().nullable(), ..found }
                    } else {
                        found
                    }
                }
                Some(operand) => operators::binary(self, BinaryOp::Eq, operand.clone(), when)?,
                None => when,
            });
            args.push(then);
        }
        let otherwise = otherwise.map_or_else(|| Ok(null()), |o| self.expr(o, level))?;
        shown.push(otherwise.name.clone());
        let is_table = all_constant && otherwise.is_constant;
        args.push(otherwise);
        let mut found = super::call::scalar(self, "multiIf", args)?;
        if operand.is_some() && found.ty.is_variant() {
            let message = format!("CASE with an operand has no result of the type `{}`", found.ty);
            return Err(SqlError::new(Code::NoCommonType, message));
        }
        Ok(match operand {
            Some(operand) => {
                // A table of constants runs on the dictionary.
                if is_table && operand.ty.is_low_cardinality() && found.ty.can_be_dictionary() {
                    found.ty = Type::LowCardinality(Box::new(found.ty));
                }
                found.named(format!("caseWithExpression({}, {})", operand.name, shown.join(", ")))
            }
            None => found,
        })
    }

    fn parameter(&self, name: &str, ty: &str) -> Result<Typed> {
        let to = Type::parse(ty)?;
        let options = self.ctx.options;
        let inner = self.ctx.inside().and_then(|_| options.inner_parameters.get(name));
        let plain = options.parameters.get(name).or(inner);
        let is_escaped = plain.is_none();
        let known = plain.or_else(|| options.escaped_parameters.get(name));
        let Some(value) = known else {
            return Err(SqlError::new(
                Code::UnknownParameter,
                format!("the parameter `{name}` has no value"),
            ));
        };
        if to.is_nullable() && value == "\\N" {
            return Ok(super::constant_of("NULL", &to)?.named("NULL"));
        }
        if matches!(to.plain(), Type::Array(_) | Type::Tuple(_) | Type::Map(..)) {
            return Ok(super::composed(value, &to)?.named(naming::text(value)));
        }
        let has_escapes = matches!(to.plain(), Type::String | Type::FixedString(_) | Type::Enum(..));
        let value = &if is_escaped && has_escapes { unescaped(value) } else { value.clone() };
        let text = literal_of(&Literal::Text(value.clone()))?;
        let found = if to.plain().is_text() { text } else { crate::cast::cast(self, &text, &to)? };
        Ok(found.named(naming::text(value)))
    }
}

/// Without the escapes of `TabSeparated`.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let next = if c == '\\' { rest.next() } else { None };
        out.push(match next {
            None => c,
            Some('t') => '\t',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('a') => '\u{7}',
            Some('v') => '\u{b}',
            Some('e') => '\u{1b}',
            Some('0') => '\0',
            Some(other) => other,
        });
    }
    out
}

pub fn has_window(e: &Expr) -> bool {
    let mut found = false;
    walk::walk(e, &mut |part| {
        found |= matches!(&part.kind, ExprKind::Call(call) if call.over.is_some());
        !found
    });
    found
}

pub fn null() -> Typed {
    Typed::new("NULL", Type::null()).with_constant(Constant::Null).named("NULL")
}

/// A path into tuples, by position or name.
pub fn members(found: Typed, path: &[&str]) -> Result<Typed> {
    if *found.ty.plain() == Type::Json && !path.is_empty() {
        return Ok(crate::dynamic::part(&found, &path.join(".")));
    }
    let mut at = found;
    for key in path {
        let name = format!("{}.{key}", at.name);
        at = member(&at, key)?.named(name);
    }
    Ok(at)
}

fn member(at: &Typed, key: &str) -> Result<Typed> {
    match at.ty.plain() {
        Type::Tuple(elements) => {
            let by_name = elements.iter().position(|(n, _)| n.as_deref() == Some(key));
            let by_number =
                || key.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).filter(|n| *n < elements.len());
            let index = by_name.or_else(by_number);
            let Some((index, (_, ty))) = index.and_then(|i| elements.get(i).map(|e| (i, e))) else {
                return Err(SqlError::new(
                    Code::UnknownIdentifier,
                    format!("`{}` has no element `{key}`", at.ty),
                ));
            };
            let sql = format!("struct_extract({}, '{}')", at.sql, index + 1);
            let mut out = if at.ty.is_nullable() {
                let ty = ty.clone().nullable();
                Typed::new(duck::or_default(sql, &ty)?, ty)
            } else {
                Typed::new(sql, ty.clone())
            };
            out.is_constant = at.is_constant;
            Ok(out)
        }
        Type::Array(item) if matches!(item.plain(), Type::Tuple(_)) => {
            let inner = member(&Typed::new("x_", (**item).clone()), key)?;
            let sql = format!("list_transform({}, lambda x_: {})", at.sql, inner.sql);
            Ok(Typed::new(sql, Type::Array(Box::new(inner.ty))))
        }
        Type::Map(_, v) if key == "values" => {
            Ok(Typed::new(format!("map_values({})", at.sql), Type::Array(v.clone())))
        }
        Type::Map(k, _) if key == "keys" => {
            Ok(Typed::new(format!("map_keys({})", at.sql), Type::Array(k.clone())))
        }
        Type::Array(_) | Type::String if key.starts_with("size") => {
            Ok(Typed::new(format!("CAST(len({}) AS UBIGINT)", at.sql), Type::UInt(64)))
        }
        _ if key == "null" && at.ty.is_nullable() => Ok(Typed::truth(format!("({} IS NULL)", at.sql))),
        other => {
            Err(SqlError::new(Code::Unsupported, format!("`{other}` has no part `{key}` that can be read")))
        }
    }
}

/// The function of a chain of operators, and whether its sides go on with the same one.
fn chained(op: BinaryOp, whole: &Expr, right: &Expr) -> Option<(&'static str, bool, bool)> {
    if !matches!(op, BinaryOp::And | BinaryOp::Or | BinaryOp::Concat) {
        return None;
    }
    let goes_on = |e: &Expr| matches!(&e.kind, ExprKind::Binary { op: other, .. } if *other == op);
    let ExprKind::Binary { left, .. } = &whole.kind else { return None };
    Some((operators::function_of(op), goes_on(left), goes_on(right)))
}

/// The text of a literal number, perhaps with a minus before it.
fn number_text(e: &Expr) -> Option<String> {
    match &e.kind {
        ExprKind::Literal(Literal::Number(text)) => Some(text.clone()),
        ExprKind::Unary { op: crate::ast::UnaryOp::Minus, expr } => match &expr.kind {
            ExprKind::Literal(Literal::Number(text)) => Some(format!("-{text}")),
            _ => None,
        },
        _ => None,
    }
}

/// A literal, perhaps with a minus before its number.
pub fn number_of(e: &Expr) -> Option<Typed> {
    match &e.kind {
        ExprKind::Literal(literal) => literal_of(literal).ok(),
        ExprKind::Unary { op: crate::ast::UnaryOp::Minus, expr } => {
            let ExprKind::Literal(Literal::Number(text)) = &expr.kind else { return None };
            number(&format!("-{text}")).ok()
        }
        _ => None,
    }
}

/// A literal with ClickHouse's smallest type for it.
pub fn literal_of(literal: &Literal) -> Result<Typed> {
    Ok(match literal {
        Literal::Null => null(),
        Literal::Bool(b) => Typed::new(if *b { "true" } else { "false" }, Type::Bool)
            .with_constant(Constant::Bool(*b))
            .named(b.to_string()),
        Literal::Text(text) => Typed::new(duck::text(text), Type::String)
            .with_constant(Constant::Text(text.clone()))
            .named(naming::text(text)),
        Literal::Number(text) => return number(text),
    })
}

fn number(text: &str) -> Result<Typed> {
    let bad = || SqlError::new(Code::Syntax, format!("`{text}` is not a number that is supported"));
    let clean = text.replace('_', "");
    let lower = clean.to_ascii_lowercase();
    let (negative, digits) = lower.strip_prefix('-').map_or((false, lower.as_str()), |d| (true, d));
    let parsed = if let Some(hex) = digits.strip_prefix("0x") {
        u128::from_str_radix(hex, 16).ok()
    } else if let Some(binary) = digits.strip_prefix("0b") {
        u128::from_str_radix(binary, 2).ok()
    } else {
        digits.parse::<u128>().ok()
    };
    if let Some(n) = parsed {
        let value = i128::try_from(n).map_err(|_| bad())?;
        let value = if negative { -value } else { value };
        // Beyond 64 bits a literal is a float.
        if value >= i128::from(i64::MIN) && value <= i128::from(u64::MAX) {
            return Ok(int(value));
        }
        #[expect(clippy::cast_precision_loss, reason = "the original reads it as a float as well")]
        return Ok(float(value as f64));
    }
    let value: f64 = match digits {
        "inf" | "infinity" => f64::INFINITY,
        "nan" => f64::NAN,
        _ => digits.parse().map_err(|_| bad())?,
    };
    Ok(float(if negative { -value } else { value }))
}

/// A whole number in its smallest type.
pub fn int(n: i128) -> Typed {
    let ty = if n >= 0 {
        match n {
            0..=0xff => Type::UInt(8),
            0x100..=0xffff => Type::UInt(16),
            0x1_0000..=0xffff_ffff => Type::UInt(32),
            _ if u64::try_from(n).is_ok() => Type::UInt(64),
            _ => Type::UInt(128),
        }
    } else if i8::try_from(n).is_ok() {
        Type::Int(8)
    } else if i16::try_from(n).is_ok() {
        Type::Int(16)
    } else if i32::try_from(n).is_ok() {
        Type::Int(32)
    } else if i64::try_from(n).is_ok() {
        Type::Int(64)
    } else {
        Type::Int(128)
    };
    let sql = format!("CAST({n} AS {})", duck::type_of(&ty).unwrap_or_default());
    Typed::new(sql, ty).with_constant(Constant::Int(n)).named(n.to_string())
}

pub fn float(value: f64) -> Typed {
    let text = if value.is_nan() {
        "CAST('nan' AS DOUBLE)".to_owned()
    } else if value.is_infinite() {
        format!("CAST('{}inf' AS DOUBLE)", if value < 0.0 { "-" } else { "" })
    } else {
        format!("CAST('{value:e}' AS DOUBLE)")
    };
    Typed::new(text, Type::Float64).with_constant(Constant::Float(value)).named(naming::float(value))
}

/// Forms that can be compared: of a common type, and whole numbers without one as wide ones.
pub fn comparable(items: &[Typed]) -> Result<Vec<String>> {
    if items.iter().all(|i| i.ty.plain().is_text()) {
        // Zeros at the end of a FixedString do not count.
        let form = |i: &Typed| match i.ty.plain() {
            Type::FixedString(_) => format!("rtrim({}, chr(0))", i.sql),
            _ => i.value(),
        };
        return Ok(items.iter().map(form).collect());
    }
    match unified(items) {
        Ok((_, forms)) => Ok(forms),
        Err(_) if items.iter().all(|i| i.ty.plain().integer().is_some_and(|(bits, _)| bits <= 64)) => {
            Ok(items.iter().map(|i| format!("CAST({} AS HUGEINT)", i.value())).collect())
        }
        Err(error) => Err(error),
    }
}

/// The same, or a variant of their types where there is no common one.
pub fn united(items: &[Typed]) -> Result<(Type, Vec<String>)> {
    let types: Vec<Type> = items.iter().map(|i| i.ty.clone()).collect();
    match (unified(items), variant::of(&types)) {
        (Err(error), Some(ty)) if error.code == Code::NoCommonType => {
            let forms = items.iter().map(|i| variant::widened(i, &ty)).collect::<Result<Vec<_>>>()?;
            Ok((ty, forms))
        }
        (found, _) => found,
    }
}

/// The common type of some expressions, and each in that type's form.
pub fn unified(items: &[Typed]) -> Result<(Type, Vec<String>)> {
    let types: Vec<Type> = items.iter().map(|i| i.ty.clone()).collect();
    let ty = supertype(&types).ok_or_else(|| {
        let shown: Vec<String> = types.iter().map(|t| format!("`{t}`")).collect();
        SqlError::new(Code::NoCommonType, format!("there is no common type of {}", shown.join(", ")))
    })?;
    let forms = items.iter().map(|i| i.widened(&ty)).collect::<Result<Vec<_>>>()?;
    Ok((ty, forms))
}
