//! Division and rounding of decimals. ClickHouse computes with the whole numbers that decimals are stored as, in the width
//! of the decimal's type; here they are `HUGEINT`, and what would leave that width is an error.

use super::Args;
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::{Type, integer};

/// The widths of decimals: the precision that is stored in so many bits.
const fn bits_of(precision: u8) -> u16 {
    match precision {
        0..=9 => 32,
        10..=18 => 64,
        19..=38 => 128,
        _ => 256,
    }
}

fn scale_of(ty: &Type) -> u8 {
    if let Type::Decimal(_, scale) = ty { *scale } else { 0 }
}

/// What a decimal or a whole number is stored as.
fn stored(x: &Typed) -> String {
    match x.ty {
        Type::Decimal(precision, scale) if scale > 0 && precision > 18 => {
            format!("CAST(replace(CAST({} AS VARCHAR), '.', '') AS HUGEINT)", x.value())
        }
        Type::Decimal(_, scale) if scale > 0 => {
            let power = "0".repeat(usize::from(scale));
            let value = format!("CAST({} AS DECIMAL(38, {scale}))", x.value());
            format!("CAST({value} * CAST(1{power} AS DECIMAL({}, 0)) AS HUGEINT)", scale + 1)
        }
        _ => format!("CAST({} AS HUGEINT)", x.value()),
    }
}

/// A decimal of more digits than a float has: its whole number is rounded first, and the quotient again.
pub fn as_float(x: &Typed) -> Option<String> {
    let Type::Decimal(16..=38, scale @ 1..) = x.ty else { return None };
    let plain = format!("CAST({} AS DOUBLE)", x.value());
    let whole =
        9_007_199_254_740_992_u64.checked_div(10_u64.checked_pow(u32::from(scale)).unwrap_or(u64::MAX))?;
    let rounded = format!("CAST({} AS DOUBLE) / CAST('1e{scale}' AS DOUBLE)", stored(x));
    Some(format!("CASE WHEN abs({}) < {whole} THEN {plain} ELSE {rounded} END", x.value()))
}

/// The decimal that is stored as this whole number.
fn decimal(stored: &str, ty: &Type) -> Result<String> {
    let form = duck::type_of(ty)?;
    let scale = scale_of(ty);
    if scale == 0 {
        return Ok(format!("CAST({stored} AS {form})"));
    }
    let unit =
        format!("CAST('0.{}1' AS DECIMAL({}, {scale}))", "0".repeat(usize::from(scale) - 1), scale + 1);
    Ok(format!("CAST(CAST({stored} AS DECIMAL(38, 0)) * {unit} AS {form})"))
}

/// The precision that both sides of an operation are brought to.
fn width(a: &Args<'_, '_, '_>) -> Result<u16> {
    let precision = |t: &Type| if let Type::Decimal(p, _) = t { *p } else { 0 };
    let bits = bits_of(precision(a.ty(0)?).max(precision(a.ty(1)?)));
    if bits > 128 { Err(a.unsupported("of decimals of more than 38 digits")) } else { Ok(bits) }
}

/// The scales of both sides; the first is not the smaller one.
fn scales(a: &Args<'_, '_, '_>) -> Result<(u8, u8)> {
    let (x, y) = (a.ty(0)?, a.ty(1)?);
    if x.is_decimal() && scale_of(y) > scale_of(x) {
        let message = "the scale of the quotient would be less than that of the divisor";
        return Err(SqlError::new(Code::BadArguments, message));
    }
    Ok((scale_of(x), scale_of(y)))
}

/// A whole number beside a decimal, within the decimal's width.
fn narrowed(sql: String, ty: &Type, bits: u16) -> Result<String> {
    match ty.integer() {
        Some((own, signed)) if own > bits || own == bits && !signed => {
            Ok(format!("CAST(CAST({sql} AS {}) AS HUGEINT)", duck::type_of(&integer(bits, true))?))
        }
        _ => Ok(sql),
    }
}

/// A number of more digits, where the width has room for them.
fn scaled(sql: &str, digits: u8, bits: u16) -> String {
    let power = "0".repeat(usize::from(digits));
    if digits == 0 {
        return sql.to_owned();
    }
    let product = format!("({sql} * CAST('1{power}' AS HUGEINT))");
    if bits >= 128 {
        return product;
    }
    let (last, message) = ((1_i128 << (bits - 1)) - 1, duck::text("Decimal math overflow"));
    format!("CASE WHEN abs({product}) > {last} THEN error({message}) ELSE {product} END")
}

fn checked(divisor: &Typed, sql: String) -> String {
    match divisor.int() {
        Some(n) if n != 0 => sql,
        _ => format!("CASE WHEN {} = 0 THEN error('Division by zero') ELSE {sql} END", divisor.value()),
    }
}

/// Both sides as they are stored, the first with the digits that the second adds.
fn operands(a: &Args<'_, '_, '_>) -> Result<(String, String)> {
    let (x, y) = (a.at(0)?, a.at(1)?);
    let ((_, of_y), bits) = (scales(a)?, width(a)?);
    // A whole number has no digits after its point yet: the result gets those of the divisor.
    let digits = if x.ty.is_decimal() { of_y } else { of_y * 2 };
    let over = narrowed(stored(x), &x.ty, bits)?;
    Ok((scaled(&over, digits, bits), narrowed(stored(y), &y.ty, bits)?))
}

fn result_type(a: &Args<'_, '_, '_>) -> Result<Type> {
    let (x, y) = scales(a)?;
    let precision = match width(a)? {
        32 => 9,
        64 => 18,
        _ => 38,
    };
    Ok(Type::Decimal(precision, x.max(y)))
}

/// `a / b` where one is a decimal and none a float.
pub fn divide(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let ((over, under), ty) = (operands(a)?, result_type(a)?);
    Ok(Typed::new(checked(a.at(1)?, decimal(&format!("({over} // {under})"), &ty)?), ty))
}

/// `intDiv(a, b)` where one is a decimal and none a float.
pub fn whole(a: &Args<'_, '_, '_>, or_zero: bool) -> Result<Typed> {
    let (x, y) = (a.at(0)?, a.at(1)?);
    let ((_, of_y), bits) = (scales(a)?, width(a)?);
    let ty = integer(x.ty.integer().map_or(bits, |(own, _)| own), true);
    let over = scaled(&narrowed(stored(x), &x.ty, bits)?, of_y, bits);
    let under = scaled(&narrowed(stored(y), &y.ty, bits)?, scale_of(&x.ty), bits);
    let sql = format!("CAST({over} // {under} AS {})", duck::type_of(&ty)?);
    let sql = if or_zero {
        format!("CASE WHEN {} = 0 THEN CAST(0 AS {}) ELSE {sql} END", y.value(), duck::type_of(&ty)?)
    } else {
        checked(y, sql)
    };
    Ok(Typed::new(sql, ty))
}

/// `a % b`: of the numbers as they are stored, whatever their scales.
pub fn modulo(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let (x, y) = (a.at(0)?, a.at(1)?);
    let (ty, bits) = (result_type(a)?, width(a)?);
    let (over, under) = (narrowed(stored(x), &x.ty, bits)?, narrowed(stored(y), &y.ty, bits)?);
    Ok(Typed::new(checked(y, decimal(&format!("({over} % {under})"), &ty)?), ty))
}

/// To a number of digits after the point, or before it if it is negative.
pub fn rounded(x: &Typed, name: &str, digits: i128) -> Result<Typed> {
    let Type::Decimal(precision, scale) = x.ty else {
        return Err(SqlError::new(Code::IllegalType, format!("`{name}` wants a decimal")));
    };
    let dropped = i128::from(scale) - digits;
    if dropped <= 0 {
        return Ok(Typed::new(x.value(), x.ty.clone()));
    }
    if precision > 38 {
        let message = format!("`{name}` of decimals of more than 38 digits is not supported");
        return Err(SqlError::new(Code::Unsupported, message));
    }
    if dropped > 37 {
        return Ok(Typed::new(format!("CAST({} * 0 AS {})", x.value(), duck::type_of(&x.ty)?), x.ty.clone()));
    }
    let n = stored(x);
    let unit = format!("CAST('1{}' AS HUGEINT)", "0".repeat(usize::try_from(dropped).unwrap_or(0)));
    let rest = format!("((({n} % {unit}) + {unit}) % {unit})");
    let up = format!("({n} - {rest} + {unit})");
    let down = format!("({n} - {rest})");
    let sql = match name {
        "floor" => down,
        "ceil" => format!("CASE WHEN {rest} = 0 THEN {n} ELSE {up} END"),
        "trunc" => format!("({n} - {n} % {unit})"),
        _ => {
            // In the middle: away from zero, or to the even one.
            let middle = if name == "roundBankers" {
                format!("({down} // {unit}) % 2 <> 0")
            } else {
                format!("{n} > 0")
            };
            format!(
                "CASE WHEN {rest} * 2 > {unit} OR ({rest} * 2 = {unit} AND {middle}) THEN {up} ELSE {down} END"
            )
        }
    };
    Ok(Typed::new(decimal(&sql, &x.ty)?, x.ty.clone()))
}
