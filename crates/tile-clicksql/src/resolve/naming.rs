//! What ClickHouse calls an expression without an alias.

use crate::ast::{Expr, ExprKind, Literal, UnaryOp};
use crate::typed::{Constant, Typed};
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

/// A float as ClickHouse prints it in names: the shortest form, exponents beyond 21 digits or 6 places.
pub fn float(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value < 0.0 { "-inf".into() } else { "inf".into() };
    }
    if value == value.trunc() && value.abs() < 1e21 {
        return format!("{}.", whole(value));
    }
    let (mantissa, exponent) = parts(value);
    if (-6..21).contains(&exponent) { format!("{value}") } else { format!("{mantissa}e{exponent}") }
}

/// The shortest digits that tell the number, and zeros.
fn whole(value: f64) -> String {
    let (mantissa, exponent) = parts(value);
    let digits = mantissa.replace('.', "");
    let sign = usize::from(digits.starts_with('-'));
    let length = usize::try_from(exponent).unwrap_or(0) + 1 + sign;
    format!("{digits:0<length$}")
}

fn parts(value: f64) -> (String, i32) {
    let shown = format!("{value:e}");
    let (mantissa, exponent) = shown.split_once('e').unwrap_or((&shown, "0"));
    (mantissa.to_owned(), exponent.parse().unwrap_or(0))
}

/// Functions that the parser of the original turns into others.
const RENAMED: &[(&str, &[&str])] = &[
    ("plus", &["dateadd", "date_add", "timestampadd", "timestamp_add"]),
    ("minus", &["datesub", "date_sub", "timestampsub", "timestamp_sub"]),
    ("dateDiff", &["datediff", "date_diff", "timestampdiff", "timestamp_diff"]),
];

fn list(items: &[Typed]) -> String {
    items.iter().map(|a| a.name.as_str()).collect::<Vec<_>>().join(", ")
}

pub fn call(name: &str, params: &[Typed], args: &[Typed]) -> String {
    match name {
        "tuple" => return format!("({})", list(args)),
        "array" => return format!("[{}]", list(args)),
        _ => {}
    }
    let is_renamed = |names: &&(&str, &[&str])| names.1.iter().any(|n| n.eq_ignore_ascii_case(name));
    let name = RENAMED.iter().find(is_renamed).map_or(name, |(to, _)| to);
    if params.is_empty() {
        format!("{name}({})", list(args))
    } else {
        format!("{name}({})({})", list(params), list(args))
    }
}

/// `a AND b AND c` is one call of three arguments. The flags tell which sides are such calls, not in parentheses.
pub fn chain(function: &str, left: (&str, bool), right: (&str, bool)) -> String {
    let inner = |(name, joins): (&str, bool)| {
        let args =
            name.strip_prefix(function).and_then(|n| n.strip_prefix('(')).and_then(|n| n.strip_suffix(')'));
        args.filter(|_| joins).unwrap_or(name).to_owned()
    };
    format!("{function}({}, {})", inner(left), inner(right))
}

/// Tuples and arrays of literals are literals: the numbers of an array are of one type, and truth is a number.
pub fn literal(e: &Expr) -> Option<String> {
    nested(e, false).filter(|_| !matches!(e.kind, ExprKind::Literal(_)))
}

fn nested(e: &Expr, is_float: bool) -> Option<String> {
    let all = |items: &[Expr], is_float: bool| {
        items.iter().map(|i| nested(i, is_float)).collect::<Option<Vec<_>>>().map(|names| names.join(", "))
    };
    match &e.kind {
        ExprKind::Parens(inner) => nested(inner, is_float),
        ExprKind::Tuple(items) => all(items, false).map(|names| format!("({names})")),
        ExprKind::Array(items) => {
            all(items, is_float || items.iter().any(has_float)).map(|names| format!("[{names}]"))
        }
        ExprKind::Literal(Literal::Bool(b)) => Some(u8::from(*b).to_string()),
        ExprKind::Literal(_) | ExprKind::Unary { op: UnaryOp::Minus, .. } => {
            let typed = super::expr::number_of(e)?;
            match typed.constant {
                #[expect(clippy::cast_precision_loss, reason = "the original reads it as a float as well")]
                Some(Constant::Int(n)) if is_float => Some(float(n as f64)),
                _ => Some(typed.name),
            }
        }
        _ => None,
    }
}

/// Whether an array's literal has a float among its numbers.
fn has_float(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Array(items) => items.iter().any(has_float),
        ExprKind::Parens(inner) => has_float(inner),
        _ => super::expr::number_of(e).is_some_and(|t| matches!(t.constant, Some(Constant::Float(_)))),
    }
}

/// `GLOBAL IN` shows in the name alone.
pub fn global(found: Typed) -> Typed {
    let inner = found.name.strip_prefix("in(").map(|rest| format!("globalIn({rest}"));
    let negated = || found.name.strip_prefix("notIn(").map(|rest| format!("globalNotIn({rest}"));
    match inner.or_else(negated) {
        Some(name) => found.named(name),
        None => found,
    }
}

/// `written` is the type as it stands in the query: a word stays as it is, so that aliases of types show.
pub fn cast(inner: &Typed, to: &Type, written: &str, prefix: bool) -> String {
    if prefix {
        return format!("to{to}({})", inner.name);
    }
    let is_word = written.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let shown = if is_word { written.to_owned() } else { to.to_string() };
    format!("CAST({}, {})", inner.name, quoted(&shown))
}
