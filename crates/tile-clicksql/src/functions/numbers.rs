//! Arithmetic, rounding, bits and mathematics; also the arithmetic of dates, which shares its operators.

use super::{Args, Function, decimals, entry, moves};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::{Constant, Typed};
use crate::types::{Arithmetic, Type, arithmetic, integer};

pub const ALL: &[Function] = &[
    entry("plus", (2, 2), plus),
    entry("minus", (2, 2), minus),
    entry("multiply", (2, 2), |a| simple(a, Arithmetic::Multiply, "*")),
    entry("divide", (2, 2), divide),
    entry("intDiv", (2, 2), |a| whole_division(a, false)),
    entry("intDivOrZero", (2, 2), |a| whole_division(a, true)).guarded(),
    entry("modulo", (2, 2), modulo).alias(&["mod"]).any_case(),
    entry("positiveModulo", (2, 2), positive_modulo).alias(&["positive_modulo", "pmod"]).any_case(),
    entry("negate", (1, 1), negate),
    entry("abs", (1, 1), abs).any_case(),
    entry("sign", (1, 1), |a| {
        let x = a.number(0)?;
        let sign = format!("CAST(sign({x}) AS TINYINT)");
        // What is neither below nor equal to zero is above it, NaN too.
        let sql = if a.ty(0)?.is_float() {
            format!("CASE WHEN isnan({x}) THEN CAST(1 AS TINYINT) ELSE {sign} END")
        } else {
            sign
        };
        Ok(Typed::new(sql, Type::Int(8)))
    })
    .any_case(),
    entry("round", (1, 2), |a| rounded(a, "round_even")).any_case(),
    entry("roundBankers", (1, 2), |a| rounded(a, "round_even")),
    entry("floor", (1, 2), |a| rounded(a, "floor")).any_case(),
    entry("ceil", (1, 2), |a| rounded(a, "ceil")).alias(&["ceiling"]).any_case(),
    entry("trunc", (1, 2), |a| rounded(a, "trunc")).alias(&["truncate"]).any_case(),
    entry("sqrt", (1, 1), |a| math(a, "CASE WHEN {0} < 0 THEN CAST('nan' AS DOUBLE) ELSE sqrt({0}) END"))
        .any_case(),
    entry("cbrt", (1, 1), |a| math(a, "cbrt({0})")).any_case(),
    entry("exp", (1, 1), |a| math(a, "exp({0})")).any_case(),
    entry("exp2", (1, 1), |a| math(a, "pow(2.0, {0})")).any_case(),
    entry("exp10", (1, 1), |a| math(a, "pow(10.0, {0})")).any_case(),
    entry("log", (1, 1), |a| logarithm(a, "ln")).guarded().alias(&["ln"]).any_case(),
    entry("log2", (1, 1), |a| logarithm(a, "log2")).guarded().any_case(),
    entry("log10", (1, 1), |a| logarithm(a, "log10")).guarded().any_case(),
    entry("sin", (1, 1), |a| math(a, "sin({0})")).any_case(),
    entry("cos", (1, 1), |a| math(a, "cos({0})")).any_case(),
    entry("tan", (1, 1), |a| math(a, "tan({0})")).any_case(),
    entry("asin", (1, 1), |a| math(a, "asin({0})")).any_case(),
    entry("acos", (1, 1), |a| math(a, "acos({0})")).any_case(),
    entry("atan", (1, 1), |a| math(a, "atan({0})")).any_case(),
    entry("atan2", (2, 2), |a| {
        Ok(Typed::new(format!("atan2({}, {})", a.double(0)?, a.double(1)?), Type::Float64))
    })
    .any_case(),
    entry("radians", (1, 1), |a| math(a, "radians({0})")).any_case(),
    entry("degrees", (1, 1), |a| math(a, "degrees({0})")).any_case(),
    entry("pow", (2, 2), |a| {
        Ok(Typed::new(format!("pow({}, {})", a.double(0)?, a.double(1)?), Type::Float64))
    })
    .alias(&["power"])
    .any_case(),
    entry("pi", (0, 0), |_| Ok(Typed::new("pi()", Type::Float64))).any_case(),
    entry("e", (0, 0), |_| Ok(Typed::new("exp(CAST(1 AS DOUBLE))", Type::Float64))),
    entry("bitAnd", (2, 2), |a| bits(a, "({0} & {1})")),
    entry("bitOr", (2, 2), |a| bits(a, "({0} | {1})")),
    entry("bitXor", (2, 2), |a| bits(a, "xor({0}, {1})")),
    entry("isNaN", (1, 1), |a| Ok(Typed::truth(format!("isnan({})", a.double(0)?)))).any_case(),
    entry("isFinite", (1, 1), |a| Ok(Typed::truth(format!("isfinite({})", a.double(0)?)))),
    entry("isInfinite", (1, 1), |a| Ok(Typed::truth(format!("isinf({})", a.double(0)?)))),
    entry("ifNotFinite", (2, 2), |a| {
        let (x, y) = (a.at(0)?, a.at(1)?);
        let (ty, forms) = crate::resolve::unified(&[x.clone(), y.clone()])?;
        Ok(Typed::new(
            format!("CASE WHEN isfinite({}) THEN {} ELSE {} END", a.double(0)?, forms[0], forms[1]),
            ty,
        ))
    }),
    entry("gcd", (2, 2), |a| {
        let ty = arithmetic(Arithmetic::IntDivide, a.ty(0)?, a.ty(1)?)
            .ok_or_else(|| a.wrong(0, "whole numbers"))?;
        Ok(Typed::new(
            format!("CAST(gcd({}, {}) AS {})", a.integer(0)?, a.integer(1)?, duck::type_of(&ty)?),
            ty,
        ))
    }),
];

/// Both sides in the result's own type, which is wide enough except for 64 bits.
fn simple(a: &Args<'_, '_, '_>, op: Arithmetic, sign: &str) -> Result<Typed> {
    let (x, y) = (a.at(0)?, a.at(1)?);
    if let Some(found) = by_item(a, x, y)? {
        return Ok(found);
    }
    let Some(ty) = arithmetic(op, &x.ty, &y.ty) else {
        let message = format!("`{}` does not take `{}` and `{}`", a.function.name, x.ty, y.ty);
        return Err(SqlError::new(Code::IllegalType, message));
    };
    let form = duck::type_of(&ty)?;
    let constant = folded(op, x, y, &ty);
    let wide = match &ty {
        // Sums of 64 bits wrap around there; here they leave their type's range before they are brought back.
        Type::UInt(64) | Type::Int(64)
            if x.ty.integer().is_some_and(|(b, _)| b == 64)
                || y.ty.integer().is_some_and(|(b, _)| b == 64) =>
        {
            let sql = format!("(CAST({} AS HUGEINT) {sign} CAST({} AS HUGEINT))", x.value(), y.value());
            return Ok(Typed { constant, ..Typed::new(wrapped(&sql, &ty), ty) });
        }
        Type::Decimal(..) => return decimal(x, y, sign, ty),
        _ => form,
    };
    let sql = format!("(CAST({} AS {wide}) {sign} CAST({} AS {wide}))", x.value(), y.value());
    Ok(Typed { constant, ..Typed::new(sql, ty) })
}

/// The whole number that comes of two known ones, as in `24 * 60 * 60`, where its type holds it.
fn folded(op: Arithmetic, x: &Typed, y: &Typed, ty: &Type) -> Option<Constant> {
    let (bits, signed) = ty.integer().filter(|(bits, _)| *bits <= 64)?;
    let (m, n) = (x.int()?, y.int()?);
    let value = match op {
        Arithmetic::Plus => m.checked_add(n),
        Arithmetic::Minus => m.checked_sub(n),
        Arithmetic::Multiply => m.checked_mul(n),
        _ => None,
    }?;
    let (first, last) =
        if signed { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) } else { (0, (1_i128 << bits) - 1) };
    (first..=last).contains(&value).then_some(Constant::Int(value))
}

/// Arrays of numbers: each item with the number, or with the item at its place.
fn by_item(a: &Args<'_, '_, '_>, x: &Typed, y: &Typed) -> Result<Option<Typed>> {
    let name = a.function.name;
    let one = |l: Typed, r: Typed| crate::resolve::scalar(a.scope, name, vec![l, r]);
    let (sql, item) = match (&x.ty, &y.ty) {
        (Type::Array(s), Type::Array(t)) if matches!(name, "plus" | "minus") => {
            let item = |list: &str, ty: &Type| Typed::new(format!("{list}[i_]"), ty.clone());
            let found = one(item(&x.sql, s), item(&y.sql, t))?;
            let sizes = format!("len({}) = len({})", x.sql, y.sql);
            let list = format!("list_transform(range(1, len({}) + 1), lambda i_: {})", x.sql, found.value());
            (
                format!(
                    "CASE WHEN {sizes} THEN {list} ELSE error('arrays of `{name}` have different sizes') END"
                ),
                found.ty,
            )
        }
        (Type::Array(s), t) if t.is_number() && matches!(name, "multiply" | "divide") => {
            let found = one(Typed::new("x_", s.as_ref().clone()), y.clone())?;
            (format!("list_transform({}, lambda x_: {})", x.sql, found.value()), found.ty)
        }
        (s, Type::Array(t)) if s.is_number() && name == "multiply" => {
            let found = one(x.clone(), Typed::new("x_", t.as_ref().clone()))?;
            (format!("list_transform({}, lambda x_: {})", y.sql, found.value()), found.ty)
        }
        _ => return Ok(None),
    };
    Ok(Some(Typed::new(sql, Type::Array(Box::new(item)))))
}

fn decimal(x: &Typed, y: &Typed, sign: &str, ty: Type) -> Result<Typed> {
    Ok(Typed::new(format!("CAST(({} {sign} {}) AS {})", x.value(), y.value(), duck::type_of(&ty)?), ty))
}

/// A HUGEINT brought back into 64 bits as two's complement does it.
pub fn wrapped(sql: &str, ty: &Type) -> String {
    const ALL: &str = "CAST(18446744073709551615 AS HUGEINT)";
    const HALF: &str = "CAST(9223372036854775808 AS HUGEINT)";
    match ty {
        Type::UInt(64) => format!("CAST({sql} & {ALL} AS UBIGINT)"),
        _ => format!("CAST((({sql} + {HALF}) & {ALL}) - {HALF} AS BIGINT)"),
    }
}

fn plus(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let (x, y) = (a.at(0)?, a.at(1)?);
    match (&x.ty, &y.ty) {
        (Type::Interval(unit), _) if y.ty.is_date() || y.ty.is_time() => moves::shifted(y, x, *unit, "+"),
        (_, Type::Interval(unit)) if x.ty.is_date() || x.ty.is_time() => moves::shifted(x, y, *unit, "+"),
        (t, n) if (t.is_date() || t.is_time()) && n.is_number() => moves::counted(x, y, "+"),
        (n, t) if (t.is_date() || t.is_time()) && n.is_number() => moves::counted(y, x, "+"),
        (Type::String, Type::Interval(unit)) => moves::shifted(&as_time(a, x)?, y, *unit, "+"),
        (Type::Interval(unit), Type::String) => moves::shifted(&as_time(a, y)?, x, *unit, "+"),
        _ => simple(a, Arithmetic::Plus, "+"),
    }
}

/// A text beside an interval is a time.
fn as_time(a: &Args<'_, '_, '_>, x: &Typed) -> Result<Typed> {
    crate::cast::cast(a.scope, x, &Type::DateTime64(3, None))
}

/// The seconds between two times, with the digits of the finer one.
fn elapsed(x: &Typed, y: &Typed) -> Result<Typed> {
    let digits = |t: &Type| if let Type::DateTime64(digits, _) = t { *digits } else { 0 };
    let digits = digits(&x.ty).max(digits(&y.ty));
    let ty = Type::Decimal(18, digits);
    if digits > 6 {
        return Ok(Typed::new(crate::nanos::elapsed(x, y, digits), ty));
    }
    let micros = format!("CAST(epoch_us({}) - epoch_us({}) AS DECIMAL(38, 0))", x.sql, y.sql);
    Ok(Typed::new(format!("CAST(CAST({micros} AS DECIMAL(38, 6)) / 1000000 AS {})", duck::type_of(&ty)?), ty))
}

fn minus(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let (x, y) = (a.at(0)?, a.at(1)?);
    match (&x.ty, &y.ty) {
        (_, Type::Interval(unit)) if x.ty.is_date() || x.ty.is_time() => moves::shifted(x, y, *unit, "-"),
        (t, n) if (t.is_date() || t.is_time()) && n.is_number() => moves::counted(x, y, "-"),
        (s, t) if s.is_date() && t.is_date() => {
            Ok(Typed::new(format!("CAST({} - {} AS INTEGER)", x.sql, y.sql), Type::Int(32)))
        }
        (Type::DateTime(_), Type::DateTime(_)) => Ok(Typed::new(
            format!("CAST((epoch_us({}) - epoch_us({})) // 1000000 AS INTEGER)", x.sql, y.sql),
            Type::Int(32),
        )),
        (s, t) if s.is_time() && t.is_time() => elapsed(x, y),
        (s, t) if s.is_time() || t.is_time() => Err(a.unsupported("of these times")),
        (Type::String, Type::Interval(unit)) => moves::shifted(&as_time(a, x)?, y, *unit, "-"),
        _ => simple(a, Arithmetic::Minus, "-"),
    }
}

fn divide(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let (x, y) = (a.at(0)?, a.at(1)?);
    if let Some(found) = by_item(a, x, y)? {
        return Ok(found);
    }
    if x.ty.is_decimal() || y.ty.is_decimal() {
        if x.ty.is_float() || y.ty.is_float() {
            return Ok(Typed::new(float_division(&a.double(0)?, &a.double(1)?), Type::Float64));
        }
        return decimals::divide(a);
    }
    Ok(Typed::new(float_division(&a.double(0)?, &a.double(1)?), Type::Float64))
}

/// Whether one side is a decimal, and the other one as well or a whole number.
fn of_decimals(x: &Typed, y: &Typed) -> bool {
    let exact = |t: &Typed| t.ty.is_decimal() || t.ty.is_integer();
    exact(x) && exact(y) && (x.ty.is_decimal() || y.ty.is_decimal())
}

/// Division by zero is infinite, or not a number.
fn float_division(x: &str, y: &str) -> String {
    format!("({x} / {y})")
}

/// An error there; a NULL here unless it is made one.
fn guarded_zero(y: &Typed, sql: String) -> String {
    match y.int() {
        Some(n) if n != 0 => sql,
        _ => format!("CASE WHEN {} = 0 THEN error('Division by zero') ELSE {sql} END", y.value()),
    }
}

fn whole_division(a: &Args<'_, '_, '_>, or_zero: bool) -> Result<Typed> {
    let (x, y) = (a.at(0)?, a.at(1)?);
    if of_decimals(x, y) {
        return decimals::whole(a, or_zero);
    }
    let ty = arithmetic(Arithmetic::IntDivide, &x.ty, &y.ty).ok_or_else(|| a.wrong(0, "numbers"))?;
    let form = duck::type_of(&ty)?;
    if !(x.ty.is_integer() && y.ty.is_integer()) {
        return fraction_division(a, ty, or_zero);
    }
    let sql = format!("CAST(CAST({} AS HUGEINT) // CAST({} AS HUGEINT) AS {form})", x.value(), y.value());
    let sql = if or_zero {
        format!("CASE WHEN {} = 0 THEN CAST(0 AS {form}) ELSE {sql} END", y.value())
    } else {
        guarded_zero(y, sql)
    };
    Ok(Typed::new(sql, ty))
}

/// The whole part of a quotient of floats.
fn fraction_division(a: &Args<'_, '_, '_>, ty: Type, or_zero: bool) -> Result<Typed> {
    if a.items.iter().any(|i| i.ty.is_decimal()) {
        return Err(a.unsupported("of decimals and floats"));
    }
    let (x, y) = (a.double(0)?, a.double(1)?);
    let quotient = Typed::new(format!("ch_int_div_f64({x}, {y})"), Type::Int(64));
    let sql = crate::cast::cast(a.scope, &quotient, &ty)?.value();
    let sql = if or_zero {
        format!(
            "CASE WHEN {y} = 0 OR NOT isfinite({x} / {y}) THEN CAST(0 AS {}) ELSE {sql} END",
            duck::type_of(&ty)?
        )
    } else {
        sql
    };
    Ok(Typed::new(sql, ty))
}

fn modulo(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let (x, y) = (a.at(0)?, a.at(1)?);
    if of_decimals(x, y) {
        return decimals::modulo(a);
    }
    let ty = arithmetic(Arithmetic::Modulo, &x.ty, &y.ty).ok_or_else(|| a.wrong(0, "numbers"))?;
    let form = duck::type_of(&ty)?;
    if ty.is_float() {
        // Not the exact remainder: the rounded quotient decides how often the divisor is taken away.
        let (x, y) = (a.double(0)?, a.double(1)?);
        return Ok(Typed::new(format!("({x} - trunc({x} / {y}) * {y})"), ty));
    }
    let same = x.ty == y.ty || (x.ty.integer().is_some_and(|(_, s)| !s) && y.int().is_some());
    let sql = if same && x.ty.integer().is_some_and(|(b, _)| b <= 64) {
        format!("CAST({} % {} AS {form})", x.value(), y.value())
    } else {
        format!("CAST(CAST({} AS HUGEINT) % CAST({} AS HUGEINT) AS {form})", x.value(), y.value())
    };
    Ok(Typed::new(guarded_zero(y, sql), ty))
}

fn positive_modulo(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let (x, y) = (a.at(0)?, a.at(1)?);
    let Some((bits, _)) = y.ty.integer().filter(|_| x.ty.is_integer()) else {
        return Err(a.unsupported("of fractions"));
    };
    let ty = integer(bits, y.ty.integer().is_some_and(|(_, s)| s));
    let (n, m) = (format!("CAST({} AS HUGEINT)", x.value()), format!("CAST({} AS HUGEINT)", y.value()));
    Ok(Typed::new(guarded_zero(y, format!("CAST((({n} % {m}) + {m}) % {m} AS {})", duck::type_of(&ty)?)), ty))
}

fn negate(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let x = a.at(0)?;
    let ty = match x.ty.integer() {
        Some((bits, true)) => integer(bits, true),
        Some((bits, false)) => integer(if bits >= 64 { bits } else { bits * 2 }, true),
        None if x.ty.is_number() || matches!(x.ty, Type::Interval(_)) => x.ty.clone(),
        None => return Err(a.wrong(0, "a number")),
    };
    if let Some((bits @ 8..=64, true)) = x.ty.integer() {
        // The least number is its own negative.
        let least = -(1_i128 << (bits - 1));
        let form = duck::type_of(&ty)?;
        let sql = format!("CASE WHEN {0} = {least} THEN {0} ELSE -CAST({0} AS {form}) END", x.value());
        return Ok(Typed::new(sql, ty));
    }
    Ok(Typed::new(format!("(-CAST({} AS {}))", x.value(), duck::type_of(&ty)?), ty))
}

fn abs(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let x = a.at(0)?;
    let ty = match x.ty.integer() {
        Some((bits, _)) => integer(bits, false),
        None => x.ty.clone(),
    };
    let sql = match x.ty.integer() {
        Some((_, true)) => format!("CAST(abs(CAST({} AS HUGEINT)) AS {})", x.value(), duck::type_of(&ty)?),
        _ => format!("abs({})", a.number(0)?),
    };
    Ok(Typed::new(sql, ty))
}

/// Rounding to whole numbers, halves to the even one.
fn applied(how: &str, value: &str) -> String {
    if how == "round_even" { format!("round_even({value}, 0)") } else { format!("{how}({value})") }
}

/// To a number of digits that is known only when the query runs.
fn rounded_to(a: &Args<'_, '_, '_>, how: &str) -> Result<Typed> {
    let (x, n) = (a.at(0)?, a.integer(1)?);
    let form = duck::type_of(&x.ty)?;
    let value = format!("CAST({} AS {form})", x.value());
    let factor = format!("CAST(pow(10.0, abs({n})) AS {form})");
    let (up, down) =
        (applied(how, &format!("{value} * {factor}")), applied(how, &format!("{value} / {factor}")));
    let sql = format!("CASE WHEN {n} < 0 THEN {down} * {factor} ELSE {up} / {factor} END");
    Ok(Typed::new(format!("CAST({sql} AS {form})"), x.ty.clone()))
}

fn rounded(a: &Args<'_, '_, '_>, how: &str) -> Result<Typed> {
    let x = a.at(0)?;
    if !x.ty.is_number() {
        return Err(a.wrong(0, "a number"));
    }
    let digits = match a.items.get(1) {
        None => 0,
        Some(n) => match n.int() {
            Some(n) => n,
            None if x.ty.is_float() => return rounded_to(a, how),
            None => return Err(a.wrong(1, "a constant whole number")),
        },
    };
    if x.ty.is_decimal() {
        return decimals::rounded(x, a.function.name, digits);
    }
    if x.ty.is_integer() {
        return if digits >= 0 {
            Ok(Typed::new(x.value(), x.ty.clone()))
        } else {
            // There it overflows in ways of its own.
            Err(a.unsupported("of whole numbers to tens"))
        };
    }
    // In the precision of the type.
    let form = duck::type_of(&x.ty)?;
    let value = format!("CAST({} AS {form})", x.value());
    let sql = match (how, digits) {
        (_, 0) if how == "round_even" => format!("round_even({value}, 0)"),
        (_, 0) => format!("{how}({value})"),
        // As the original computes it: scaled, rounded, scaled back.
        (_, n) if n > 0 && n < 300 => {
            let factor = format!("CAST('1e{n}' AS {form})");
            let inner = if how == "round_even" {
                format!("round_even({value} * {factor}, 0)")
            } else {
                format!("{how}({value} * {factor})")
            };
            format!("(CAST({inner} AS {form}) / {factor})")
        }
        (_, n) if n > -300 => {
            let factor = format!("CAST('1e{}' AS {form})", -n);
            let inner = if how == "round_even" {
                format!("round_even({value} / {factor}, 0)")
            } else {
                format!("{how}({value} / {factor})")
            };
            format!("(CAST({inner} AS {form}) * {factor})")
        }
        _ => return Err(a.unsupported("to so many digits")),
    };
    Ok(Typed::new(if x.ty == Type::Float64 { sql } else { format!("CAST({sql} AS {form})") }, x.ty.clone()))
}

fn math(a: &Args<'_, '_, '_>, template: &str) -> Result<Typed> {
    Ok(Typed::new(template.replace("{0}", &a.double(0)?), Type::Float64))
}

fn logarithm(a: &Args<'_, '_, '_>, how: &str) -> Result<Typed> {
    let x = a.double(0)?;
    let sql = format!(
        "CASE WHEN {x} > 0 THEN {how}({x}) WHEN {x} = 0 THEN CAST('-inf' AS DOUBLE) ELSE CAST('nan' AS DOUBLE) END"
    );
    Ok(Typed::new(sql, Type::Float64))
}

fn bits(a: &Args<'_, '_, '_>, template: &str) -> Result<Typed> {
    let (x, y) = (a.at(0)?, a.at(1)?);
    let (Some((m, s)), Some((n, t))) = (x.ty.integer(), y.ty.integer()) else {
        return Err(a.wrong(0, "whole numbers"));
    };
    let ty = integer(m.max(n), s || t);
    if s != t && m.max(n) >= 64 {
        return Err(a.unsupported("of numbers with and without a sign"));
    }
    let form = duck::type_of(&ty)?;
    let sql = template
        .replace("{0}", &format!("CAST({} AS {form})", x.value()))
        .replace("{1}", &format!("CAST({} AS {form})", y.value()));
    Ok(Typed::new(sql, ty))
}
