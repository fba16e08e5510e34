//! What ClickHouse calls an expression without an alias.

use crate::typed::Typed;
use crate::types::{Type, quoted};

pub fn text(value: &str) -> String {
    let mut out = String::from("'");
    for c in value.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\0' => out.push_str("\\0"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// A float as ClickHouse prints it in names: the shortest form, exponents beyond 21 digits or 7 places.
pub fn float(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value < 0.0 { "-inf".into() } else { "inf".into() };
    }
    if value == value.trunc() && value.abs() < 1e21 {
        return format!("{value:.0}.");
    }
    let (mantissa, exponent) = parts(value);
    if (-7..21).contains(&exponent) { format!("{value}") } else { format!("{mantissa}e{exponent}") }
}

fn parts(value: f64) -> (String, i32) {
    let shown = format!("{value:e}");
    let (mantissa, exponent) = shown.split_once('e').unwrap_or((&shown, "0"));
    (mantissa.to_owned(), exponent.parse().unwrap_or(0))
}

pub fn call(name: &str, params: &[Typed], args: &[Typed]) -> String {
    let list = |items: &[Typed]| items.iter().map(|a| a.name.clone()).collect::<Vec<_>>().join(", ");
    if params.is_empty() {
        format!("{name}({})", list(args))
    } else {
        format!("{name}({})({})", list(params), list(args))
    }
}

pub fn cast(inner: &Typed, to: &Type, prefix: bool) -> String {
    if prefix {
        format!("to{to}({})", inner.name)
    } else {
        format!("CAST({}, {})", inner.name, quoted(&to.to_string()))
    }
}
