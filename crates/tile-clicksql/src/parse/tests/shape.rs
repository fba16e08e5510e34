//! An expression with a parenthesis around every operator, which shows how it was read.

use crate::ast::{BinaryOp, Call, CastStyle, Expr, ExprKind, Literal, Member, UnaryOp};

fn list(items: &[Expr]) -> String {
    items.iter().map(shape).collect::<Vec<_>>().join(" ")
}

/// Parentheses that were written are left out, spans as well.
pub fn shape(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Literal(Literal::Number(text)) => text.clone(),
        ExprKind::Literal(Literal::Text(text)) => format!("{text:?}"),
        ExprKind::Literal(Literal::Bool(value)) => value.to_string(),
        ExprKind::Literal(Literal::Null) => "null".to_owned(),
        ExprKind::Name(path) => path.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join("."),
        ExprKind::Parens(inner) => shape(inner),
        ExprKind::Unary { op: UnaryOp::Not, expr } => format!("(not {})", shape(expr)),
        ExprKind::Unary { op: UnaryOp::Minus, expr } => format!("(neg {})", shape(expr)),
        ExprKind::Unary { op: UnaryOp::Plus, expr } => format!("(pos {})", shape(expr)),
        ExprKind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), .. } => {
            let mut terms = Vec::new();
            flatten(expr, *op, &mut terms);
            format!("({op:?} {})", terms.join(" "))
        }
        ExprKind::Binary { op, left, right } => format!("({op:?} {} {})", shape(left), shape(right)),
        ExprKind::Between { expr, low, high, negated } => {
            format!("(between{} {} {} {})", u8::from(*negated), shape(expr), shape(low), shape(high))
        }
        ExprKind::In { expr, set, negated, global } => {
            format!("(in{}{} {} {})", u8::from(*negated), u8::from(*global), shape(expr), shape(set))
        }
        ExprKind::IsNull { expr, negated } => format!("(null{} {})", u8::from(*negated), shape(expr)),
        ExprKind::Ternary { condition, then, otherwise } => {
            format!("(if {} {} {})", shape(condition), shape(then), shape(otherwise))
        }
        ExprKind::Lambda { params, body } => {
            let params = params.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join(" ");
            format!("(fn [{params}] {})", shape(body))
        }
        ExprKind::Tuple(items) => format!("(tuple {})", list(items)),
        ExprKind::Array(items) => format!("[{}]", list(items)),
        ExprKind::Index { expr, index } => format!("(index {} {})", shape(expr), shape(index)),
        ExprKind::Member { expr, member: Member::Index(index) } => {
            format!("(member {} {index})", shape(expr))
        }
        ExprKind::Member { expr, member: Member::Name(name) } => {
            format!("(member {} {})", shape(expr), name.text)
        }
        ExprKind::Cast { expr, ty, style: CastStyle::Colons } => format!("(cast {} {ty})", shape(expr)),
        ExprKind::Cast { expr, ty, style } => format!("({style:?} {} {ty})", shape(expr)),
        ExprKind::Interval { value, unit } => format!("({unit:?} {})", shape(value)),
        ExprKind::Alias { expr, name } => format!("(as {} {})", shape(expr), name.text),
        ExprKind::Call(call) => shape_call(call),
        ExprKind::Case { operand, whens, otherwise } => {
            let operand = operand.as_deref().map_or(String::new(), shape);
            let whens = whens.iter().map(|(when, then)| format!("{} {}", shape(when), shape(then)));
            let otherwise = otherwise.as_deref().map_or(String::new(), shape);
            format!("(case {operand}; {}; {otherwise})", whens.collect::<Vec<_>>().join(", "))
        }
        other => crate::parse::tests::without_spans(other),
    }
}

fn shape_call(call: &Call) -> String {
    let params = call.params.as_ref().map_or(String::new(), |params| format!("<{}>", list(params)));
    let distinct = if call.distinct { "distinct " } else { "" };
    format!("({}{params} {distinct}{})", call.name.text, list(&call.args))
}

/// AND and OR are associative, so the nesting of their terms says nothing.
fn flatten(expr: &Expr, op: BinaryOp, terms: &mut Vec<String>) {
    match &expr.kind {
        ExprKind::Parens(inner) => flatten(inner, op, terms),
        ExprKind::Binary { op: other, left, right } if *other == op => {
            flatten(left, op, terms);
            flatten(right, op, terms);
        }
        _ => terms.push(shape(expr)),
    }
}
