//! Signs, comparisons, conditions.

use super::Rule::{Fixed, Own};
use super::{Call, Function, Want, arity, call, functions, never};
use crate::expression::cast::{fitted, integer};
use crate::expression::resolve::{Typed, case, same, truth, wider};
use crate::types::Type;
use crate::value::Value;
use std::cmp::Ordering;
use tile_base::{Error, Result};

functions! {
    "+" "(a, b)" Own(arithmetic), "", false, never;
    "-" "(a, b)" Own(arithmetic), "", false, never;
    "*" "(a, b)" Own(arithmetic), "", false, never;
    "%" "(a, b)" Own(arithmetic), "", false, never;
    "+int" "" Own(refused), "TRY({0} + {1})", false, |c| c.whole(i64::checked_add);
    "-int" "" Own(refused), "TRY({0} - {1})", false, |c| c.whole(i64::checked_sub);
    "*int" "" Own(refused), "TRY({0} * {1})", false, |c| c.whole(i64::checked_mul);
    "%int" "" Own(refused), "TRY({0} % nullif({1}, 0))", false, |c| c.whole(i64::checked_rem);
    "+real" "" Own(refused), "({0} + {1})", false, |c| c.float(|a, b| a + b);
    "-real" "" Own(refused), "({0} - {1})", false, |c| c.float(|a, b| a - b);
    "*real" "" Own(refused), "({0} * {1})", false, |c| c.float(|a, b| a * b);
    "%real" "" Own(refused), "({0} % nullif({1}, 0))", false, |c| {
        if c.real(1)? == 0.0 { None } else { c.float(|a, b| a % b) }
    };
    "/" "(a, b)" Fixed(&[Want::Double, Want::Double], 2, Want::Double), "({0} / nullif({1}, 0))", false, |c| {
        if c.real(1)? == 0.0 { None } else { c.float(|a, b| a / b) }
    };
    "DIV" "(a, b)" Fixed(&[Want::Long, Want::Long], 2, Want::Long), "TRY({0} // nullif({1}, 0))", false, |c| {
        c.whole(i64::checked_div)
    };
    "PMOD" "(a, b)" Own(positive_mod), "", false, never;
    "pmod_int" "" Own(refused), "TRY(CASE WHEN {0} % nullif({1}, 0) < 0 THEN ({0} % {1} + {1}) % {1} ELSE {0} % nullif({1}, 0) END)", false, |c| {
        let by = c.int(1)?;
        let rest = c.int(0)?.checked_rem(by)?;
        let rest = if rest < 0 { rest.checked_add(by)?.checked_rem(by)? } else { rest };
        Some(Value::Int(rest))
    };
    "NEGATIVE" "(number)" Own(negative), "", false, never;
    "-one_int" "" Own(refused), "TRY(- {0})", false, |c| integer(c.int(0)?.checked_neg()?, c.ty?);
    "-one_real" "" Own(refused), "(- {0})", false, |c| Some(Value::Real(-c.real(0)?));
    "&" "(a, b)" Own(bits), "({0} & {1})", false, |c| Some(Value::Int(c.int(0)? & c.int(1)?));
    "|" "(a, b)" Own(bits), "({0} | {1})", false, |c| Some(Value::Int(c.int(0)? | c.int(1)?));
    "^" "(a, b)" Own(bits), "xor({0}, {1})", false, |c| Some(Value::Int(c.int(0)? ^ c.int(1)?));
    "~" "(a)" Own(bits), "(~ {0})", false, |c| Some(Value::Int(!c.int(0)?));
    "=" "(a, b)" Own(comparison), "({0} = {1})", false, |c| c.compared(Ordering::is_eq);
    "<>" "(a, b)" Own(comparison), "({0} <> {1})", false, |c| c.compared(Ordering::is_ne);
    "<" "(a, b)" Own(comparison), "({0} < {1})", false, |c| c.compared(Ordering::is_lt);
    "<=" "(a, b)" Own(comparison), "({0} <= {1})", false, |c| c.compared(Ordering::is_le);
    ">" "(a, b)" Own(comparison), "({0} > {1})", false, |c| c.compared(Ordering::is_gt);
    ">=" "(a, b)" Own(comparison), "({0} >= {1})", false, |c| c.compared(Ordering::is_ge);
    "<=>" "(a, b)" Own(comparison), "({0} IS NOT DISTINCT FROM {1})", true, |c| match (c.args.first()?, c.args.get(1)?) {
        (Value::Null, b) => Some(Value::Bool(b.is_null())),
        (_, Value::Null) => Some(Value::Bool(false)),
        _ => c.compared(Ordering::is_eq),
    };
    "AND" "(a, b)" Own(logic), "({0} AND {1})", true, |c| match (c.bool(0), c.bool(1)) {
        (Some(false), _) | (_, Some(false)) => Some(Value::Bool(false)),
        (Some(true), Some(true)) => Some(Value::Bool(true)),
        _ => None,
    };
    "OR" "(a, b)" Own(logic), "({0} OR {1})", true, |c| match (c.bool(0), c.bool(1)) {
        (Some(true), _) | (_, Some(true)) => Some(Value::Bool(true)),
        (Some(false), Some(false)) => Some(Value::Bool(false)),
        _ => None,
    };
    "NOT" "(condition)" Own(logic), "(NOT {0})", false, |c| Some(Value::Bool(!c.bool(0)?));
    "IN" "(value, …)" Own(within), "", true, never;
    "in" "" Own(refused), "", true, never;
    "ISNULL" "(value)" Fixed(&[Want::Any], 1, Want::Bool), "({0} IS NULL)", true, |c| Some(Value::Bool(c.args.first()?.is_null()));
    "ISNOTNULL" "(value)" Fixed(&[Want::Any], 1, Want::Bool), "({0} IS NOT NULL)", true, |c| Some(Value::Bool(!c.args.first()?.is_null()));
    "ISNAN" "(number)" Fixed(&[Want::Double], 1, Want::Bool), "coalesce(isnan({0}), false)", true, |c| {
        Some(Value::Bool(c.real(0).is_some_and(f64::is_nan)))
    };
    "NANVL" "(number, other)" Fixed(&[Want::Double, Want::Double], 2, Want::Double), "(CASE WHEN isnan({0}) THEN {1} ELSE {0} END)", true, |c| {
        let of = if c.real(0).is_some_and(f64::is_nan) { 1 } else { 0 };
        c.args.get(of).cloned()
    };
    "IF" "(condition, value, other)" Own(condition), "", true, never;
    "COALESCE" "(value, …)" Own(first), "coalesce({*})", true, |c| c.args.iter().find(|v| !v.is_null()).cloned();
    "NULLIF" "(value, other)" Own(null_if), "", true, never;
    "NVL2" "(value, if not null, if null)" Own(condition), "", true, never;
    "GREATEST" "(value, …)" Own(extreme), "greatest({*})", true, |c| c.extreme(Ordering::Greater);
    "LEAST" "(value, …)" Own(extreme), "least({*})", true, |c| c.extreme(Ordering::Less);
}

impl Call<'_> {
    /// Integers that must fit.
    fn whole(&self, of: fn(i64, i64) -> Option<i64>) -> Option<Value> {
        integer(of(self.int(0)?, self.int(1)?)?, self.ty?)
    }

    fn float(&self, of: fn(f64, f64) -> f64) -> Option<Value> {
        Some(Value::Real(fitted(of(self.real(0)?, self.real(1)?), self.ty?)))
    }

    fn compared(&self, is: fn(Ordering) -> bool) -> Option<Value> {
        compare(self.args.first()?, self.args.get(1)?).map(|order| Value::Bool(is(order)))
    }

    /// The first or the last in order. Nulls do not count.
    fn extreme(&self, wanted: Ordering) -> Option<Value> {
        let values = self.args.iter().filter(|v| !v.is_null());
        values.reduce(|best, v| if compare(v, best) == Some(wanted) { v } else { best }).cloned()
    }
}

/// The order of two values of one type: texts by their bytes, NaN equal to itself and after all numbers, zeros equal. None where one is
/// null, or where there is no order.
pub fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Real(a), Value::Real(b)) => {
            Some(a.partial_cmp(b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan())))
        }
        (Value::Text(a), Value::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (Value::Bytes(a), Value::Bytes(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// What only we call.
fn refused(function: &'static Function, _: Vec<Typed>) -> Result<Typed> {
    Err(Error::invalid(format!("no function is called `{}`", function.name)))
}

fn named(name: &str) -> Result<&'static Function> {
    ALL.iter()
        .find(|f| f.name == name)
        .ok_or_else(|| Error::internal(format!("there is no function `{name}`")))
}

/// An argument as a number: texts become doubles.
fn number(arg: Typed) -> Result<Typed> {
    match &arg.ty {
        Some(ty) if ty.is_number() => Ok(arg),
        None | Some(Type::Text) => arg.cast(&Type::Double),
        Some(ty) => Err(Error::invalid(format!("expected a number, found a {ty}"))),
    }
}

/// Two numbers of one type: a null is of the other's.
fn numbers(function: &Function, args: Vec<Typed>) -> Result<(Vec<Typed>, Type)> {
    arity(function, &args, 2, 2)?;
    let ty = args.iter().filter_map(|arg| arg.ty.as_ref()).try_fold(
        None,
        |widest: Option<Type>, ty| match ty {
            ty if ty.is_number() => Ok(Some(widest.map_or_else(|| ty.clone(), |w| wider(&w, ty)))),
            Type::Text => Ok(Some(Type::Double)),
            Type::Date | Type::Timestamp => Err(Error::invalid(format!("a {ty} is not a number"))
                .hint("Use DATE_ADD, DATEDIFF or UNIX_MILLIS")),
            ty => Err(Error::invalid(format!("expected a number, found a {ty}"))),
        },
    )?;
    let ty = ty.unwrap_or(Type::Double);
    Ok((args.into_iter().map(|arg| arg.cast(&ty)).collect::<Result<_>>()?, ty))
}

fn arithmetic(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    let (args, ty) = numbers(function, args)?;
    let kind = if ty.is_integer() { "int" } else { "real" };
    Ok(Typed::call(named(&format!("{}{kind}", function.name))?, args, ty))
}

fn positive_mod(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    let (args, ty) = numbers(function, args)?;
    if !ty.is_integer() {
        return Err(Error::invalid("PMOD takes whole numbers here"));
    }
    let args = args.into_iter().map(|arg| arg.cast(&Type::Long)).collect::<Result<_>>()?;
    Typed::call(named("pmod_int")?, args, Type::Long).cast(&ty)
}

fn negative(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 1, 1)?;
    let arg = number(args.remove(0))?;
    let ty = arg.ty.clone().unwrap_or(Type::Double);
    let name = if ty.is_integer() { "-one_int" } else { "-one_real" };
    Ok(Typed::call(named(name)?, vec![arg], ty))
}

fn bits(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 1, 2)?;
    let (args, ty) = same(args, false)?;
    match ty {
        Some(ty) if ty.is_integer() => Ok(Typed::call(function, args, ty)),
        _ => Err(Error::invalid(format!("{} takes whole numbers", function.name))),
    }
}

/// What can be compared with each other: a text becomes what the other is.
fn comparable(args: Vec<Typed>) -> Result<Vec<Typed>> {
    let other = args.iter().filter_map(|arg| arg.ty.clone()).find(|ty| *ty != Type::Text);
    let is_atomic = |ty: &Type| !matches!(ty, Type::List(_) | Type::Map(_) | Type::Struct(_));
    let args = match &other {
        Some(ty) if !is_atomic(ty) => {
            return Err(Error::invalid(format!("a {ty} cannot be compared")));
        }
        Some(ty) => args
            .into_iter()
            .map(|arg| if arg.ty == Some(Type::Text) { arg.cast(ty) } else { Ok(arg) })
            .collect::<Result<Vec<_>>>()?,
        None => args,
    };
    let (args, ty) = same(args, false)?;
    // Nulls of no type compare as any.
    args.into_iter().map(|arg| if ty.is_none() { arg.cast(&Type::Bool) } else { Ok(arg) }).collect()
}

fn comparison(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 2, 2)?;
    Ok(Typed::call(function, comparable(args)?, Type::Bool))
}

fn logic(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    let args = args.into_iter().map(truth).collect::<Result<Vec<_>>>()?;
    Ok(Typed::call(function, args, Type::Bool))
}

/// One comparison for each value of the list.
fn within(_: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    let (equal, or) = (named("=")?, named("OR")?);
    let args = comparable(args)?;
    let Some((value, list)) = args.split_first() else { return Err(Error::invalid("IN has no values")) };
    // A balanced tree, so that long lists are not deep.
    let mut parts: Vec<Typed> =
        list.iter().map(|item| Typed::call(equal, vec![value.clone(), item.clone()], Type::Bool)).collect();
    while parts.len() > 1 {
        let mut next = Vec::with_capacity(parts.len().div_ceil(2));
        let mut rest = parts.into_iter();
        while let Some(left) = rest.next() {
            next.push(match rest.next() {
                Some(right) => Typed::call(or, vec![left, right], Type::Bool),
                None => left,
            });
        }
        parts = next;
    }
    parts.pop().ok_or_else(|| Error::invalid("IN has no values"))
}

/// IF and NVL2.
fn condition(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 3, 3)?;
    let first = args.remove(0);
    let condition = if function.name == "IF" { truth(first)? } else { call("ISNOTNULL", vec![first])? };
    case(vec![condition], args)
}

fn null_if(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 2, 2)?;
    let Some(value) = args.first().cloned() else { return Err(Error::invalid("NULLIF takes two values")) };
    let ty = value.ty.clone();
    let condition = call("=", args)?;
    let null = Typed { op: crate::expression::resolve::Op::Literal(Value::Null), ty: None };
    let node = case(vec![condition], vec![null, value])?;
    Ok(Typed { ty: node.ty.or(ty), ..node })
}

fn first(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 1, usize::MAX)?;
    let (args, ty) = same(args, true)?;
    Ok(Typed { op: crate::expression::resolve::Op::Call(function, args, None), ty })
}

fn extreme(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 2, usize::MAX)?;
    let (args, ty) = same(args, false)?;
    match ty {
        Some(Type::List(_) | Type::Map(_) | Type::Struct(_)) => {
            Err(Error::invalid(format!("{} does not take lists, maps or structures", function.name)))
        }
        ty => Ok(Typed { op: crate::expression::resolve::Op::Call(function, args, None), ty }),
    }
}
