//! Functions of numbers.

use super::super::super::python::ast::Binary;
use super::super::arithmetic::divide_floats;
use super::{Args, Builtin, Class, Machine, Run, Value, raise, type_error, value_error};
use crate::template::value::Int;

pub fn abs(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [value] = args.exactly("abs")?;
    match (value.as_int(), value.as_float()) {
        (Some(n), _) => Ok(Value::Int(n.abs())),
        (_, Some(x)) => Ok(Value::Float(x.abs())),
        _ => Err(type_error(format!("bad operand type for abs(): '{}'", machine.type_name(&value)))),
    }
}

pub fn radix(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [value] = args.exactly(builtin.name)?;
    let n = machine.index_number(&value)?;
    let (radix, prefix) = match builtin.name {
        "bin" => (2, "0b"),
        "oct" => (8, "0o"),
        _ => (16, "0x"),
    };
    let sign = if n.is_negative() { "-" } else { "" };
    machine.new_str(format!("{sign}{prefix}{}", n.abs().to_radix(radix)))
}

pub fn chr(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [value] = args.exactly("chr")?;
    let n = machine.index_number(&value)?;
    match n.to_i64().and_then(|n| u32::try_from(n).ok()).and_then(char::from_u32) {
        Some(c) => machine.new_str(c.to_string()),
        None => Err(value_error("chr() arg not in range(0x110000)")),
    }
}

pub fn ord(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [value] = args.exactly("ord")?;
    let Some(text) = value.as_text() else {
        let shown = machine.type_name(&value);
        return Err(type_error(format!("ord() expected string of length 1, but {shown} found")));
    };
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Ok(Value::int(u64::from(u32::from(c)))),
        _ => {
            let length = text.chars().count();
            Err(type_error(format!("ord() expected a character, but string of length {length} found")))
        }
    }
}

pub fn int(machine: &mut Machine<'_>, _: &'static Builtin, mut args: Args) -> Run<Value> {
    let named = args.take("base");
    let [value, base] = args.between::<2>("int", 0)?;
    let base = base.or(named);
    let Some(value) = value else {
        return if base.is_some() {
            Err(type_error("int() missing string argument"))
        } else {
            Ok(Value::int(0u64))
        };
    };
    let Some(base) = base else { return machine.int_of(&value).map(Value::Int) };
    let base = machine.index_number(&base)?;
    let Some(text) = value.as_text() else {
        return Err(type_error("int() can't convert non-string with explicit base"));
    };
    let base = base.to_i64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n == 0 || (2..=36).contains(n));
    let Some(base) = base else { return Err(value_error("int() base must be >= 2 and <= 36, or 0")) };
    let text = text.clone();
    machine.parse_int(&text, base).map(Value::Int)
}

pub fn float(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [value] = args.between("float", 0)?;
    match value {
        Some(value) => machine.float_of(&value).map(Value::Float),
        None => Ok(Value::Float(0.0)),
    }
}

pub fn divmod(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [a, b] = args.exactly("divmod")?;
    let ints = a.as_int().is_some() && b.as_int().is_some();
    let numeric = |value: &Value| value.as_int().is_some() || value.as_float().is_some();
    if !numeric(&a) || !numeric(&b) {
        let (a, b) = (machine.type_name(&a), machine.type_name(&b));
        return Err(type_error(format!("unsupported operand type(s) for divmod(): '{a}' and '{b}'")));
    }
    if ints {
        let quotient = machine.binary(&a, Binary::FloorDiv, &b)?;
        let rest = machine.binary(&a, Binary::Mod, &b)?;
        return machine.new_tuple(vec![quotient, rest]);
    }
    let (x, y) = (machine.float_of(&a)?, machine.float_of(&b)?);
    if y == 0.0 {
        return Err(raise(Class::ZERO_DIVISION, "float divmod()"));
    }
    let (quotient, rest) = divide_floats(x, y);
    machine.new_tuple(vec![Value::Float(quotient), Value::Float(rest)])
}

pub fn pow(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let bound = args.bind("pow", &["base", "exp", "mod"], 2)?;
    let [base, exponent, modulus] = bound.map(|value| value.unwrap_or(Value::None));
    if modulus.is_none() {
        return machine.binary(&base, Binary::Pow, &exponent);
    }
    let (Some(base), Some(exponent), Some(modulus)) = (base.as_int(), exponent.as_int(), modulus.as_int())
    else {
        return Err(type_error("pow() 3rd argument not allowed unless all arguments are integers"));
    };
    if modulus.is_zero() {
        return Err(value_error("pow() 3rd argument cannot be 0"));
    }
    if exponent.is_negative() {
        return Err(super::unsupported("an inverse modulo a number"));
    }
    let reduce = |n: &Int| n.divide(&modulus).map(|(_, rest)| rest).unwrap_or_default();
    let mut out = reduce(&Int::from(1u64));
    for bit in exponent.to_radix(2).chars() {
        machine.spend(modulus.limbs() * modulus.limbs() * 64)?;
        out = reduce(&out.mul(&out));
        if bit == '1' {
            out = reduce(&out.mul(&base));
        }
    }
    Ok(Value::Int(out))
}

pub fn round(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [number, digits] = args.bind("round", &["number", "ndigits"], 1)?;
    let number = number.unwrap_or(Value::None);
    let digits = match digits.filter(|digits| !digits.is_none()) {
        Some(digits) => Some(machine.index_number(&digits)?.to_i64().unwrap_or(i64::MAX)),
        None => None,
    };
    if let Some(n) = number.as_int() {
        return Ok(Value::Int(round_int(&n, digits.unwrap_or(0))));
    }
    let Some(x) = number.as_float() else {
        let shown = machine.type_name(&number);
        return Err(type_error(format!("type {shown} doesn't define __round__ method")));
    };
    match digits {
        None => {
            machine.int_of(&Value::Float(if x.is_finite() { x.round_ties_even() } else { x })).map(Value::Int)
        }
        Some(_) if !x.is_finite() => Ok(Value::Float(x)),
        Some(digits) if digits > 323 => Ok(Value::Float(x)),
        Some(digits) if digits < -308 => Ok(Value::Float(0f64.copysign(x))),
        Some(digits) if digits >= 0 => {
            // The decimal form of a float is exact, and so is its rounding.
            let text = format!("{x:.*}", usize::try_from(digits).unwrap_or(0));
            Ok(Value::Float(text.parse().unwrap_or(x)))
        }
        Some(digits) => {
            let scale = 10f64.powi(i32::try_from(-digits).unwrap_or(0));
            Ok(Value::Float((x / scale).round_ties_even() * scale))
        }
    }
}

/// To a power of ten below zero digits, halves to the even one.
fn round_int(n: &Int, digits: i64) -> Int {
    let Some(places) = u32::try_from(-digits).ok().filter(|places| *places > 0) else { return n.clone() };
    let Some(unit) = Int::from(10u64).pow(places) else { return Int::default() };
    let Some((quotient, rest)) = n.divide(&unit) else { return n.clone() };
    let twice = rest.mul(&Int::from(2u64));
    let odd = quotient.divide(&Int::from(2u64)).is_some_and(|(_, bit)| !bit.is_zero());
    let up = twice > unit || (twice == unit && odd);
    let quotient = if up { quotient.add(&Int::from(1u64)) } else { quotient };
    quotient.mul(&unit)
}
