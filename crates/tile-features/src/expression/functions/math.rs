//! Numbers.

use super::Rule::{Fixed, Own};
use super::{Call, Function, Want, arity, functions, literal_int, never};
use crate::expression::cast::{fitted, integer, whole};
use crate::expression::pattern::{Pattern, What};
use crate::expression::resolve::Typed;
use crate::types::Type;
use crate::value::Value;
use tile_base::{Error, Result};

const ONE: &[Want] = &[Want::Double];
const TWO: &[Want] = &[Want::Double, Want::Double];

functions! {
    "ABS" "(number)" Own(keep), "TRY(abs({0}))", false, |c| match c.args.first()? {
        Value::Int(i) => integer(i.checked_abs()?, c.ty?),
        Value::Real(x) => Some(Value::Real(x.abs())),
        _ => None,
    };
    "CEIL" "(number)" Own(to_whole), "TRY_CAST(ceil({0}) AS BIGINT)", false, |c| whole(c.real(0)?.ceil()).map(Value::Int);
    "FLOOR" "(number)" Own(to_whole), "TRY_CAST(floor({0}) AS BIGINT)", false, |c| whole(c.real(0)?.floor()).map(Value::Int);
    "ROUND" "(number, digits?)" Own(round), "coalesce(CAST(round(TRY_CAST(CAST({0} AS VARCHAR) AS DECIMAL(38, 15)), {p}) AS DOUBLE), {0})", false, |c| {
        let Some(What::Digits(digits, is_negative)) = c.pattern.map(|p| &p.what) else { return None };
        Some(Value::Real(fitted(rounded(c.real(0)?, *digits, *is_negative), c.ty?)))
    };
    "SQRT" "(number)" Fixed(ONE, 1, Want::Double), "sqrt({0})", false, |c| c.of(f64::sqrt);
    "CBRT" "(number)" Fixed(ONE, 1, Want::Double), "cbrt({0})", false, |c| c.of(f64::cbrt);
    "EXP" "(number)" Fixed(ONE, 1, Want::Double), "exp({0})", false, |c| c.of(f64::exp);
    "EXPM1" "(number)" Fixed(ONE, 1, Want::Double), "(exp({0}) - 1)", false, |c| c.of(|x| x.exp() - 1.0);
    "LN" "(number)" Fixed(ONE, 1, Want::Double), "ln(CASE WHEN {0} > 0 THEN {0} END)", false, |c| c.log(f64::ln);
    "LOG" "(base?, number)" Own(log), "", false, never;
    "log_by" "" Own(log), "(ln(CASE WHEN {1} > 0 THEN {1} END) / nullif(ln(CASE WHEN {0} > 0 THEN {0} END), 0))", false, |c| {
        let (base, x) = (c.real(0)?, c.real(1)?);
        let is_defined = base != 1.0 && !(base <= 0.0 || x <= 0.0);
        is_defined.then(|| Value::Real(x.ln() / base.ln()))
    };
    "LOG2" "(number)" Fixed(ONE, 1, Want::Double), "log2(CASE WHEN {0} > 0 THEN {0} END)", false, |c| c.log(f64::log2);
    "LOG10" "(number)" Fixed(ONE, 1, Want::Double), "log10(CASE WHEN {0} > 0 THEN {0} END)", false, |c| c.log(f64::log10);
    "LOG1P" "(number)" Fixed(ONE, 1, Want::Double), "ln(CASE WHEN {0} > -1 THEN {0} + 1 END)", false, |c| {
        let x = c.real(0)?;
        if x <= -1.0 { None } else { Some(Value::Real((x + 1.0).ln())) }
    };
    "POW" "(number, exponent)" Fixed(TWO, 2, Want::Double), "pow({0}, {1})", false, |c| Some(Value::Real(c.real(0)?.powf(c.real(1)?)));
    "SIGN" "(number)" Fixed(ONE, 1, Want::Double), "CAST(sign({0}) AS DOUBLE)", false, |c| {
        c.of(|x| if x > 0.0 { 1.0 } else if x < 0.0 { -1.0 } else { 0.0 })
    };
    "SIN" "(number)" Fixed(ONE, 1, Want::Double), "sin(CASE WHEN isfinite({0}) THEN {0} END)", false, |c| c.finite(f64::sin);
    "COS" "(number)" Fixed(ONE, 1, Want::Double), "cos(CASE WHEN isfinite({0}) THEN {0} END)", false, |c| c.finite(f64::cos);
    "TAN" "(number)" Fixed(ONE, 1, Want::Double), "tan(CASE WHEN isfinite({0}) THEN {0} END)", false, |c| c.finite(f64::tan);
    "ASIN" "(number)" Fixed(ONE, 1, Want::Double), "asin(CASE WHEN {0} BETWEEN -1 AND 1 THEN {0} END)", false, |c| c.unit(f64::asin);
    "ACOS" "(number)" Fixed(ONE, 1, Want::Double), "acos(CASE WHEN {0} BETWEEN -1 AND 1 THEN {0} END)", false, |c| c.unit(f64::acos);
    "ATAN" "(number)" Fixed(ONE, 1, Want::Double), "atan({0})", false, |c| c.of(f64::atan);
    "ATAN2" "(y, x)" Fixed(TWO, 2, Want::Double), "atan2({0}, {1})", false, |c| Some(Value::Real(c.real(0)?.atan2(c.real(1)?)));
    "RADIANS" "(degrees)" Fixed(ONE, 1, Want::Double), "radians({0})", false, |c| c.of(f64::to_radians);
    "DEGREES" "(radians)" Fixed(ONE, 1, Want::Double), "degrees({0})", false, |c| c.of(f64::to_degrees);
    "PI" "()" Fixed(&[], 0, Want::Double), "pi()", false, |_| Some(Value::Real(std::f64::consts::PI));
    "E" "()" Fixed(&[], 0, Want::Double), "exp(CAST(1 AS DOUBLE))", false, |_| Some(Value::Real(std::f64::consts::E));
}

impl Call<'_> {
    fn of(&self, f: fn(f64) -> f64) -> Option<Value> {
        Some(Value::Real(f(self.real(0)?)))
    }

    /// Logarithms are null where there are none; NaN stays.
    fn log(&self, f: fn(f64) -> f64) -> Option<Value> {
        let x = self.real(0)?;
        if x <= 0.0 { None } else { Some(Value::Real(f(x))) }
    }

    fn finite(&self, f: fn(f64) -> f64) -> Option<Value> {
        Some(self.real(0)?).filter(|x| x.is_finite()).map(|x| Value::Real(f(x)))
    }

    fn unit(&self, f: fn(f64) -> f64) -> Option<Value> {
        Some(self.real(0)?).filter(|x| (-1.0..=1.0).contains(x)).map(|x| Value::Real(f(x)))
    }
}

/// A number of its own type; texts become doubles.
fn number(function: &Function, args: &mut Vec<Typed>) -> Result<(Typed, Type)> {
    if args.is_empty() {
        arity(function, args, 1, 1)?;
    }
    let arg = args.remove(0);
    match arg.ty.clone() {
        Some(ty) if ty.is_number() => Ok((arg, ty)),
        None | Some(Type::Text) => Ok((arg.cast(&Type::Double)?, Type::Double)),
        Some(ty) => Err(Error::invalid(format!("{} takes a number, not a {ty}", function.name))),
    }
}

fn keep(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 1, 1)?;
    let (arg, ty) = number(function, &mut args)?;
    Ok(Typed::call(function, vec![arg], ty))
}

fn to_whole(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 1, 1)?;
    let (arg, ty) = number(function, &mut args)?;
    if ty.is_integer() {
        return arg.cast(&Type::Long);
    }
    Ok(Typed::call(function, vec![arg.cast(&Type::Double)?], Type::Long))
}

fn log(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 1, 2)?;
    if args.len() == 1 {
        return super::call("LN", args);
    }
    let args = args.into_iter().map(|arg| Want::Double.take(arg)).collect::<Result<Vec<_>>>()?;
    let by = ALL.iter().find(|f| f.name == "log_by");
    Ok(Typed::call(by.unwrap_or(function), args, Type::Double))
}

fn round(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 1, 2)?;
    let digits = if args.len() == 2 { literal_int(function, &args, 1)? } else { 0 };
    let (arg, ty) = number(function, &mut args)?;
    if ty.is_integer() && digits >= 0 {
        return Ok(arg);
    }
    let size = usize::try_from(digits.unsigned_abs()).ok().filter(|size| *size <= 15);
    let size = size.ok_or_else(|| Error::invalid("ROUND takes from -15 to 15 digits"))?;
    let pattern = Pattern::new(What::Digits(size, digits < 0), digits.to_string());
    let real = if ty.is_integer() { Type::Double } else { ty.clone() };
    Typed::call_with(function, vec![arg.cast(&real)?], pattern, real).cast(&ty)
}

/// Half away from zero, by the shortest digits that make the number: 2.675 is 2.68.
fn rounded(x: f64, digits: usize, is_negative: bool) -> f64 {
    if !x.is_finite() || x.abs() >= 1e23 {
        return x;
    }
    let text = format!("{}", x.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut number: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|b| b - b'0').collect();
    // How many of the digits stay.
    let kept = if is_negative { whole.len().checked_sub(digits) } else { Some(whole.len() + digits) };
    let Some(kept) = kept else { return 0.0 };
    if kept >= number.len() {
        return x;
    }
    let is_up = number[kept] >= 5;
    number[kept..].fill(0);
    let mut at = kept;
    let mut carry = is_up;
    while carry && at > 0 {
        at -= 1;
        carry = number[at] == 9;
        number[at] = if carry { 0 } else { number[at] + 1 };
    }
    let mut digits: String = if carry { "1".into() } else { String::new() };
    let point = whole.len() + digits.len();
    digits.extend(number.iter().map(|d| char::from(b'0' + d)));
    digits.insert(point, '.');
    digits.parse().map_or(x, |r: f64| r.copysign(x))
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn halves_round_away_from_zero_by_their_digits() {
        for (x, digits, wanted) in [
            (2.675, 2, 2.68),
            (2.5, 0, 3.0),
            (-2.5, 0, -3.0),
            (9.995, 2, 10.0),
            (0.5, 0, 1.0),
            (1e-7, 2, 0.0),
            (1234.5, -2, 1200.0),
            (1250.0, -2, 1300.0),
            (50.0, -2, 100.0),
            (4.0, -2, 0.0),
            (1e22, 3, 1e22),
        ] {
            assert_eq!(rounded(x, i32::unsigned_abs(digits) as usize, digits < 0), wanted, "{x} {digits}");
        }
    }
}
