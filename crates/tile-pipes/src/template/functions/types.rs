//! `Int32(x, 5)` and its like: a parameter becomes a literal of its type, or is refused.

use super::super::eval::{Args, Builtin, Machine, Run, refuse};
use super::super::value::{Int, Value, parse_float};
use super::PAGE;

/// Longer whole numbers fit no type.
const DIGITS_MAX: usize = 78;

/// The parameters of every type function.
const PARAMETERS: [&str; 8] =
    ["x", "default", "defined", "required", "description", "enum", "example", "format"];

pub fn scalar(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [x, default, defined, ..] = args.bind(builtin.shown, &PARAMETERS, 1)?;
    let (x, default) = (x.unwrap_or(Value::None), default.unwrap_or(Value::None));
    let value = match x {
        Value::Placeholder(_) if machine.truth(&default)? => default,
        Value::Placeholder(_) => placeholder(builtin.name),
        Value::None if default.is_none() => {
            let defined = defined.unwrap_or(Value::Bool(true));
            return if machine.truth(&defined)? { Err(required()) } else { Ok(Value::None) };
        }
        Value::None => default,
        value => value,
    };
    convert(machine, builtin.name, &value)
}

/// A parameter without a value and without a default.
pub fn required() -> super::super::eval::Stop {
    refuse(crate::template::error::REQUIRED, PAGE)
}

/// What stands for a missing parameter in a test.
fn placeholder(name: &str) -> Value {
    match name {
        "String" => Value::str("__no_value__"),
        "DateTime64" => Value::str("2019-01-01 00:00:00.000"),
        "DateTime" => Value::str("2019-01-01 00:00:00"),
        "Date" => Value::str("2019-01-01"),
        "Float32" | "Float64" => Value::Float(0.0),
        _ => Value::int(0u64),
    }
}

fn convert(machine: &mut Machine<'_>, name: &'static str, value: &Value) -> Run<Value> {
    let text = machine.str(value)?;
    let fits = name == "String" || has_form(name, &text);
    if !fits {
        let shown = if matches!(name, "Int" | "Integer") { "Int32" } else { name };
        return Err(refuse(format!("Error validating '{text}' to type {shown}"), PAGE));
    }
    Ok(match name {
        "String" | "DateTime64" | "DateTime" | "Date" => machine.new_str(text)?,
        "Float32" | "Float64" => Value::TypedFloat(machine.float_of(value)?, name),
        "Int" | "Integer" => Value::Int(machine.int_of(value)?),
        _ => Value::TypedInt(machine.int_of(value)?, name),
    })
}

/// Whether a text is a value of the type.
pub fn has_form(name: &str, text: &str) -> bool {
    match name {
        "DateTime64" => {
            matches_pattern(text, "9999.99.99T99:99:99.999") || matches_pattern(text, "99.99.9999.d:d:d.D")
        }
        "DateTime" => {
            matches_pattern(text, "9999.99.99T99:99:99") || matches_pattern(text, "99.99.9999.d:d:d")
        }
        "Date" => matches_pattern(text, "9999-99-99$"),
        "Float32" | "Float64" => !text.contains('_') && parse_float(text).is_some(),
        "Bool" => BOOLS.contains(&text),
        name => bounds(name).is_some_and(|bounds| is_whole(text, &bounds)),
    }
}

/// What the original takes for a bool inside an array.
const BOOLS: &[&str] = &[
    "true", "false", "True", "False", "T", "F", "Y", "N", "Yes", "No", "On", "Off", "Enable", "Disable",
    "Enabled", "Disabled", "1", "0",
];

struct Bounds {
    bits: u32,
    signed: bool,
    /// Whether the text may have a sign.
    sign: bool,
}

fn bounds(name: &str) -> Option<Bounds> {
    let (signed, bits) = match name {
        "Int" | "Integer" => (true, 32),
        name => match name.strip_prefix('U') {
            Some(rest) => (false, rest.strip_prefix("Int")?.parse().ok()?),
            None => (true, name.strip_prefix("Int")?.parse().ok()?),
        },
    };
    matches!(bits, 8 | 16 | 32 | 64 | 128 | 256).then_some(Bounds { bits, signed, sign: signed || bits > 64 })
}

fn is_whole(text: &str, bounds: &Bounds) -> bool {
    // As Python's `$`, this allows one line's end.
    let text = text.strip_suffix('\n').unwrap_or(text);
    let digits = if bounds.sign { text.strip_prefix(['+', '-']).unwrap_or(text) } else { text };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let significant = digits.trim_start_matches('0');
    if significant.len() > DIGITS_MAX {
        return false;
    }
    let one = Int::from(1u64);
    let Some(magnitude) = Int::parse(if significant.is_empty() { "0" } else { significant }) else {
        return false;
    };
    let value = if text.starts_with('-') { magnitude.negate() } else { magnitude };
    let power = |bits: u32| one.shift_left(usize::try_from(bits).unwrap_or(0));
    if bounds.signed {
        let limit = power(bounds.bits - 1);
        value >= limit.negate() && value < limit
    } else {
        !value.is_negative() && value < power(bounds.bits)
    }
}

/// Whether a text begins as the pattern says: `9` is a digit, `d` one or two of them, `D` one to three, `.` any character
/// but a line's end, `T` a `T` or white space, `$` the end; everything else is itself.
fn matches_pattern(text: &str, pattern: &str) -> bool {
    let Some((item, rest)) = pattern.split_at_checked(1) else { return true };
    let first = text.chars().next();
    let tail = || first.and_then(|c| text.get(c.len_utf8()..)).unwrap_or("");
    let is_digit = first.is_some_and(|c| c.is_ascii_digit());
    match item {
        "" => true,
        "$" => text.is_empty() || text == "\n",
        "9" => is_digit && matches_pattern(tail(), rest),
        "d" | "D" => {
            let most = if item == "d" { 2 } else { 3 };
            let digits = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
            (1..=digits).rev().any(|n| matches_pattern(text.get(n..).unwrap_or(""), rest))
        }
        "." => first.is_some_and(|c| c != '\n') && matches_pattern(tail(), rest),
        "T" => {
            first.is_some_and(|c| c == 'T' || crate::template::value::is_space(c))
                && matches_pattern(tail(), rest)
        }
        literal => text.starts_with(literal) && matches_pattern(tail(), rest),
    }
}

/// `Boolean(x, default)`: 0 or 1.
pub fn boolean(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [x, default] = args.bind(builtin.shown, &["x", "default"], 1)?;
    let mut value = x.unwrap_or(Value::None);
    if value.is_none() || value.is_placeholder() {
        value = default.unwrap_or(Value::None);
    }
    // The default itself has no default.
    if value.is_none() || value.is_placeholder() {
        return Ok(Value::int(0u64));
    }
    if let Some(text) = value.as_text()
        && (&**text == "0" || text.to_lowercase() == "false")
    {
        return Ok(Value::int(0u64));
    }
    Ok(Value::int(u64::from(machine.truth(&value)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_types() {
        for (name, good, bad) in [
            (
                "Int8",
                vec!["5", "+5", "-128", "127", "007", "5\n"],
                vec!["128", "-129", "", "5.0", " 5", "5\n\n", "--5"],
            ),
            ("UInt8", vec!["0", "255"], vec!["+5", "-1", "256"]),
            ("UInt128", vec!["+5", "-0"], vec!["-1"]),
            (
                "UInt256",
                vec!["115792089237316195423570985008687907853269984665640564039457584007913129639935"],
                vec!["115792089237316195423570985008687907853269984665640564039457584007913129639936"],
            ),
            (
                "Date",
                vec!["2024-01-01", "9999-99-99", "2024-01-01\n"],
                vec!["2024-1-1", "2024-01-01 00:00:00"],
            ),
            (
                "DateTime",
                vec![
                    "2024-01-01 00:00:00",
                    "2024/01/01T00:00:00Z",
                    "01/02/2024 1:2:3",
                    "2024-01-01 00:00:00' OR",
                ],
                vec!["2024-01-01", "2024-01-01  00:00:00"],
            ),
            (
                "DateTime64",
                vec!["2024-01-01 00:00:00.123", "01/02/2024 1:2:123"],
                vec!["2024-01-01 00:00:00"],
            ),
            ("Float32", vec!["1", "1e400", "nan", " 1 "], vec!["1_0", "", "x"]),
        ] {
            good.iter().for_each(|text| assert!(has_form(name, text), "{name} {text:?}"));
            bad.iter().for_each(|text| assert!(!has_form(name, text), "{name} {text:?}"));
        }
    }
}
