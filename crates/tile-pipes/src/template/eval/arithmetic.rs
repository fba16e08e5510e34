//! Binary operators.

use super::super::python::ast::Binary;
use super::super::value::{BITS_MAX, Class, Int, Value};
use super::{Machine, Run, Stop, limit, raise, type_error, unsupported, value_error};

/// Python's sign of an operator.
const fn sign(operator: Binary) -> &'static str {
    match operator {
        Binary::Add => "+",
        Binary::Sub => "-",
        Binary::Mult => "*",
        Binary::Div => "/",
        Binary::FloorDiv => "//",
        Binary::Mod => "%",
        Binary::Pow => "** or pow()",
        Binary::MatMult => "@",
        Binary::LeftShift => "<<",
        Binary::RightShift => ">>",
        Binary::BitOr => "|",
        Binary::BitXor => "^",
        Binary::BitAnd => "&",
    }
}

impl Machine<'_> {
    pub fn binary(&mut self, left: &Value, operator: Binary, right: &Value) -> Run<Value> {
        if let (Some(a), Some(b)) = (left.as_int(), right.as_int()) {
            let bools = matches!((left, right), (Value::Bool(_), Value::Bool(_)));
            return self.binary_int(&a, operator, &b, bools);
        }
        if let (Some(a), Some(b)) = (number(left), number(right)) {
            let (a, b) = (a?, b?);
            return match operator {
                Binary::Add => Ok(Value::Float(a + b)),
                Binary::Sub => Ok(Value::Float(a - b)),
                Binary::Mult => Ok(Value::Float(a * b)),
                Binary::Div | Binary::FloorDiv | Binary::Mod | Binary::Pow => binary_float(a, operator, b),
                _ => Err(self.unsupported_operands(left, operator, right)),
            };
        }
        match (operator, left, right) {
            (Binary::Add, ..) => self.concatenate(left, right),
            (Binary::Mult, ..) => self.repeat(left, right),
            (Binary::Mod, Value::Str(format) | Value::Sql(format), _) => {
                let text = self.percent(format, right)?;
                self.new_str(text)
            }
            (Binary::Sub | Binary::BitOr | Binary::BitAnd | Binary::BitXor, ..)
                if is_set(left) && is_set(right) =>
            {
                self.combine_sets(left, operator, right)
            }
            (Binary::BitOr, Value::Dict(_), Value::Dict(_)) => {
                let out = self.new_dict()?;
                self.dict_update(out, left)?;
                self.dict_update(out, right)?;
                Ok(Value::Dict(out))
            }
            _ => Err(self.unsupported_operands(left, operator, right)),
        }
    }

    /// `left operator= right`: lists and sets change in place.
    pub(super) fn augmented(&mut self, left: &Value, operator: Binary, right: &Value) -> Run<Value> {
        match (operator, left) {
            (Binary::Add, Value::List(id)) => {
                let items = self.collect(right)?;
                self.extend(*id, items)?;
                Ok(left.clone())
            }
            (Binary::BitOr, Value::Dict(id)) => {
                self.dict_update(*id, right)?;
                Ok(left.clone())
            }
            _ => self.binary(left, operator, right).map_err(|stop| match stop {
                Stop::Raised(error)
                    if error.class == Class::TYPE && error.text.starts_with("unsupported operand") =>
                {
                    let sign = sign(operator).trim_end_matches(" or pow()");
                    let shown = (self.type_name(left), self.type_name(right));
                    let text =
                        format!("unsupported operand type(s) for {sign}=: '{}' and '{}'", shown.0, shown.1);
                    type_error(text)
                }
                other => other,
            }),
        }
    }

    fn unsupported_operands(&self, left: &Value, operator: Binary, right: &Value) -> Stop {
        type_error(format!(
            "unsupported operand type(s) for {}: '{}' and '{}'",
            sign(operator),
            self.type_name(left),
            self.type_name(right)
        ))
    }

    fn concatenate(&mut self, left: &Value, right: &Value) -> Run<Value> {
        match (left, right) {
            // A placeholder with anything behind it is a placeholder without a name.
            (Value::Placeholder(_), _) => Ok(self.nameless_placeholder()),
            _ if left.as_text().is_some() => match (left.as_text(), right.as_text()) {
                (Some(a), Some(b)) => self.new_str(format!("{a}{b}")),
                _ => {
                    let shown = self.type_name(right);
                    Err(type_error(format!("can only concatenate str (not \"{shown}\") to str")))
                }
            },
            (Value::List(a), Value::List(b)) => {
                let items = [self.heap.items(*a), self.heap.items(*b)].concat();
                self.new_list(items)
            }
            (Value::Tuple(a), Value::Tuple(b)) => {
                let items = [self.heap.items(*a), self.heap.items(*b)].concat();
                self.new_tuple(items)
            }
            (Value::List(_) | Value::Tuple(_), _) => {
                let (kind, shown) = (self.type_name(left), self.type_name(right));
                Err(type_error(format!("can only concatenate {kind} (not \"{shown}\") to {kind}")))
            }
            _ => Err(self.unsupported_operands(left, Binary::Add, right)),
        }
    }

    fn repeat(&mut self, left: &Value, right: &Value) -> Run<Value> {
        let is_sequence = |v: &Value| v.as_text().is_some() || matches!(v, Value::List(_) | Value::Tuple(_));
        let (sequence, times) = if is_sequence(left) { (left, right) } else { (right, left) };
        let Some(times) = times.as_int().filter(|_| is_sequence(sequence)) else {
            if is_sequence(sequence) {
                let shown = self.type_name(times);
                return Err(type_error(format!("can't multiply sequence by non-int of type '{shown}'")));
            }
            return Err(self.unsupported_operands(left, Binary::Mult, right));
        };
        let times = if times.is_negative() { Some(0) } else { times.to_usize() };
        let Some(times) = times else {
            return Err(raise(Class::OVERFLOW, "cannot fit 'int' into an index-sized integer"));
        };
        if let Some(text) = sequence.as_text() {
            self.allocate(text.len().saturating_mul(times))?;
            return Ok(Value::str(text.repeat(times)));
        }
        let (Value::List(id) | Value::Tuple(id)) = sequence else { return Ok(Value::None) };
        let size = self.heap.items(*id).len().saturating_mul(times);
        self.allocate(size.saturating_mul(std::mem::size_of::<Value>()))?;
        let items = self.copied(*id)?;
        let items = items.iter().cycle().take(size).cloned().collect();
        if matches!(sequence, Value::List(_)) { self.new_list(items) } else { self.new_tuple(items) }
    }

    fn binary_int(&mut self, a: &Int, operator: Binary, b: &Int, bools: bool) -> Run<Value> {
        self.spend((a.limbs() + 1) * (b.limbs() + 1))?;
        let out = match operator {
            Binary::Add => a.add(b),
            Binary::Sub => a.sub(b),
            Binary::Mult => a.mul(b),
            Binary::Div => return divide_ints(a, b),
            Binary::FloorDiv => match a.divide(b) {
                Some((quotient, _)) => quotient,
                None => return Err(raise(Class::ZERO_DIVISION, "integer division or modulo by zero")),
            },
            Binary::Mod => match a.divide(b) {
                Some((_, remainder)) => remainder,
                None => return Err(raise(Class::ZERO_DIVISION, "integer modulo by zero")),
            },
            Binary::Pow => return self.power(a, b),
            Binary::LeftShift | Binary::RightShift => shift(a, operator, b)?,
            Binary::BitAnd | Binary::BitOr | Binary::BitXor => {
                let (Some(x), Some(y)) = (a.to_i128(), b.to_i128()) else {
                    return Err(unsupported("a bitwise operation on numbers of more than 128 bits"));
                };
                let out = match operator {
                    Binary::BitAnd => x & y,
                    Binary::BitOr => x | y,
                    _ => x ^ y,
                };
                if bools {
                    return Ok(Value::Bool(out != 0));
                }
                Int::from(out)
            }
            Binary::MatMult => {
                return Err(type_error("unsupported operand type(s) for @: 'int' and 'int'"));
            }
        };
        if out.bits() > BITS_MAX {
            return Err(too_large());
        }
        Ok(Value::Int(out))
    }

    fn power(&mut self, base: &Int, exponent: &Int) -> Run<Value> {
        if exponent.is_negative() {
            if base.is_zero() {
                return Err(raise(Class::ZERO_DIVISION, "0.0 cannot be raised to a negative power"));
            }
            return binary_float(base.to_f64(), Binary::Pow, exponent.to_f64());
        }
        self.spend(BITS_MAX)?;
        let small = base.limbs() <= 1 && base.abs() <= Int::from(1u64);
        let exponent = match exponent.to_i64().and_then(|n| u32::try_from(n).ok()) {
            Some(exponent) => exponent,
            // Only 0, 1 and -1 stay small, and of the exponent only whether it is even matters.
            None if small => {
                u32::from(exponent.divide(&Int::from(2u64)).is_none_or(|(_, rest)| !rest.is_zero())) + 2
            }
            None => return Err(too_large()),
        };
        base.pow(exponent).map(Value::Int).ok_or_else(too_large)
    }
}

pub(super) fn is_set(value: &Value) -> bool {
    matches!(value, Value::Set(_) | Value::FrozenSet(_) | Value::View(..))
}

fn too_large() -> Stop {
    limit(format!("the template computes a number of more than {BITS_MAX} bits"))
}

/// A number as a float. An error for a whole number that no float holds.
fn number(value: &Value) -> Option<Run<f64>> {
    if let Some(x) = value.as_float() {
        return Some(Ok(x));
    }
    value.as_int().map(|n| int_to_float(&n))
}

pub(super) fn int_to_float(n: &Int) -> Run<f64> {
    let x = n.to_f64();
    if x.is_infinite() {
        return Err(raise(Class::OVERFLOW, "int too large to convert to float"));
    }
    Ok(x)
}

fn divide_ints(a: &Int, b: &Int) -> Run<Value> {
    if b.is_zero() {
        return Err(raise(Class::ZERO_DIVISION, "division by zero"));
    }
    // Both are exact as floats, so that one division rounds once.
    if a.bits() <= 53 && b.bits() <= 53 {
        return Ok(Value::Float(a.to_f64() / b.to_f64()));
    }
    // Enough bits of the quotient for one rounding: the lowest stands for all that is cut off.
    let shift = (b.bits() + 66).saturating_sub(a.bits());
    let scaled = a.abs().shift_left(shift);
    let Some((quotient, rest)) = scaled.divide(&b.abs()) else { return Ok(Value::Float(f64::NAN)) };
    let two = Int::from(2u64);
    let even = quotient.divide(&two).is_none_or(|(_, bit)| bit.is_zero());
    let quotient = if !rest.is_zero() && even { quotient.add(&Int::from(1u64)) } else { quotient };
    let mut out = quotient.to_f64();
    let mut left = shift;
    while left > 0 && out != 0.0 {
        let step = left.min(512);
        out /= 2f64.powi(i32::try_from(step).unwrap_or(0));
        left -= step;
    }
    if out.is_infinite() {
        return Err(raise(Class::OVERFLOW, "integer division result too large for a float"));
    }
    Ok(Value::Float(if a.is_negative() == b.is_negative() { out } else { -out }))
}

fn binary_float(a: f64, operator: Binary, b: f64) -> Run<Value> {
    let zero = |text: &str| Err(raise(Class::ZERO_DIVISION, text));
    let out = match operator {
        Binary::Div if b == 0.0 => return zero("float division by zero"),
        Binary::Div => a / b,
        Binary::FloorDiv if b == 0.0 => return zero("float floor division by zero"),
        Binary::Mod if b == 0.0 => return zero("float modulo"),
        Binary::FloorDiv => divide_floats(a, b).0,
        Binary::Mod => divide_floats(a, b).1,
        _ if a == 0.0 && b < 0.0 => return zero("0.0 cannot be raised to a negative power"),
        _ if a < 0.0 && b.is_finite() && b.fract() != 0.0 => return Err(unsupported("a complex number")),
        _ => {
            let out = a.powf(b);
            if out.is_infinite() && a.is_finite() && b.is_finite() {
                return Err(raise(Class::OVERFLOW, "(34, 'Numerical result out of range')"));
            }
            out
        }
    };
    Ok(Value::Float(out))
}

/// Quotient rounded down and the remainder with the divisor's sign, as Python computes them.
pub(super) fn divide_floats(a: f64, b: f64) -> (f64, f64) {
    let mut rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest == 0.0 {
        rest = 0f64.copysign(b);
    } else if (b < 0.0) != (rest < 0.0) {
        rest += b;
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return (0f64.copysign(a / b), rest);
    }
    let mut floor = quotient.floor();
    if quotient - floor > 0.5 {
        floor += 1.0;
    }
    (floor, rest)
}

fn shift(a: &Int, operator: Binary, b: &Int) -> Run<Int> {
    if b.is_negative() {
        return Err(value_error("negative shift count"));
    }
    let by = b.to_usize().unwrap_or(usize::MAX);
    if operator == Binary::LeftShift {
        if a.is_zero() {
            return Ok(Int::default());
        }
        if by.saturating_add(a.bits()) > BITS_MAX {
            return Err(too_large());
        }
        return Ok(a.shift_left(by));
    }
    // Rounds down, also below zero.
    let by = by.min(BITS_MAX + 1);
    let divisor = Int::from(1u64).shift_left(by);
    Ok(a.divide(&divisor).map(|(quotient, _)| quotient).unwrap_or_default())
}
