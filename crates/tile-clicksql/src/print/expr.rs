//! Expressions, with parentheses only where the levels of the operators ask for them.

use super::{Printer, name::Position};
use crate::ast::{
    BinaryOp, CastStyle, ColumnsOf, Expr, ExprKind, Ident, Literal, Member, StarModifier, UnaryOp,
};
use crate::parse::{
    AND, BETWEEN, COMPARE, IS, LAMBDA, NEGATE, NOT, OR, POSTFIX, PRIMARY, TERNARY, binary_level, unit_name,
};

/// Nothing behind such an expression could be taken into it.
const CLOSED: u8 = u8::MAX;

/// How tightly the outermost operator binds; an alias binds less than any.
fn level(expr: &Expr) -> u8 {
    match &expr.kind {
        ExprKind::Alias { .. } => 0,
        ExprKind::Lambda { .. } => LAMBDA,
        ExprKind::Ternary { .. } => TERNARY,
        ExprKind::Unary { op: UnaryOp::Not, .. } => NOT,
        ExprKind::Unary { .. } => NEGATE,
        ExprKind::Binary { op: BinaryOp::NullSafeEq, left, right } => {
            if is_short_null_safe(left, right) {
                COMPARE
            } else {
                IS
            }
        }
        ExprKind::Binary { op, .. } => binary_level(*op),
        ExprKind::IsNull { .. } => IS,
        ExprKind::Between { .. } => BETWEEN,
        ExprKind::In { .. } => COMPARE,
        ExprKind::Index { .. }
        | ExprKind::Member { .. }
        | ExprKind::Cast { style: CastStyle::Colons, .. } => POSTFIX,
        _ => PRIMARY,
    }
}

/// `<=>` binds as a comparison, `IS NOT DISTINCT FROM` less; the tree does not tell which was written. The
/// longer form is taken where it saves parentheses.
fn is_short_null_safe(left: &Expr, right: &Expr) -> bool {
    let saves = |level: u8, min: u8, max: u8| (min..=max).contains(&level);
    !saves(level(left), IS, COMPARE - 1) && (is_prefix(right) || !saves(level(right), IS + 1, COMPARE))
}

/// The least level of an operator that, written behind, would be taken into the expression.
fn tail(expr: &Expr) -> u8 {
    match &expr.kind {
        ExprKind::Lambda { .. } => 0,
        ExprKind::Ternary { otherwise, .. } => TERNARY.min(tail(otherwise)),
        ExprKind::Unary { op: UnaryOp::Not, expr } => (NOT + 1).min(tail(expr)),
        ExprKind::Unary { expr, .. } => POSTFIX.min(tail(expr)),
        ExprKind::Binary { right, .. } => tail(right),
        ExprKind::Between { high, .. } => tail(high),
        ExprKind::In { set, .. } => tail(set),
        _ => CLOSED,
    }
}

/// May follow any operator, whatever its level.
fn is_prefix(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Unary { .. } | ExprKind::Lambda { .. })
}

/// `1::T` and what hangs on it: a minus before it would become part of the number.
fn starts_with_cast_number(mut expr: &Expr) -> bool {
    loop {
        match &expr.kind {
            ExprKind::Cast { expr: inner, style: CastStyle::Colons, .. } => {
                if is_digits(inner) {
                    return true;
                }
                expr = inner;
            }
            ExprKind::Index { expr: inner, .. } | ExprKind::Member { expr: inner, .. } => expr = inner,
            _ => return false,
        }
    }
}

/// A number of digits, and not `inf`, which is a word.
fn is_digits(expr: &Expr) -> bool {
    let ExprKind::Literal(Literal::Number(text)) = &expr.kind else { return false };
    !text.starts_with(|c: char| c.is_ascii_alphabetic())
}

fn is_negative_number(expr: &Expr) -> bool {
    let ExprKind::Unary { op: UnaryOp::Minus, expr } = &expr.kind else { return false };
    is_digits(expr)
}

impl Printer {
    /// Where an alias may stand.
    pub(super) fn element(&mut self, expr: &Expr) {
        if let ExprKind::Alias { expr, name } = &expr.kind {
            self.open(expr);
            self.put(" AS ");
            self.name(name);
        } else {
            self.open(expr);
        }
    }

    /// Where none may, and everything else may.
    pub(super) fn open(&mut self, expr: &Expr) {
        self.wrapped(expr, level(expr) < LAMBDA);
    }

    fn wrapped(&mut self, expr: &Expr, parens: bool) {
        if parens {
            self.put("(");
            self.element(expr);
            self.put(")");
        } else {
            self.bare(expr);
        }
    }

    /// Left of an operator of that level.
    fn left(&mut self, expr: &Expr, min: u8) {
        self.wrapped(expr, level(expr) < min || tail(expr) <= min);
    }

    /// Right of an operator, where only what binds at least as tightly as `min` is taken.
    pub(super) fn right(&mut self, expr: &Expr, min: u8) {
        self.wrapped(expr, level(expr) < min && !is_prefix(expr));
    }

    fn bare(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Literal(value) => self.literal(value),
            ExprKind::Name(path) => self.path(path, Position::Alone),
            ExprKind::Star { qualifier, modifiers } => {
                self.qualifier(qualifier);
                self.put("*");
                self.modifiers(modifiers);
            }
            ExprKind::Columns { qualifier, what, modifiers } => {
                self.qualifier(qualifier);
                self.columns(what);
                self.modifiers(modifiers);
            }
            ExprKind::Call(call) => self.call(call),
            ExprKind::Alias { .. } => self.element(expr),
            ExprKind::Parens(inner) => self.wrapped(inner, true),
            ExprKind::Array(items) => {
                self.put("[");
                self.elements(items);
                self.put("]");
            }
            ExprKind::Tuple(items) => {
                self.put("(");
                self.elements(items);
                self.put(if items.len() == 1 { ",)" } else { ")" });
            }
            ExprKind::Map(pairs) => self.map(pairs),
            ExprKind::Case { operand, whens, otherwise } => {
                self.case(operand.as_deref(), whens, otherwise.as_deref());
            }
            ExprKind::Cast { expr, ty, style } => self.cast(expr, ty, *style),
            ExprKind::Interval { value, unit } => {
                self.put("INTERVAL ");
                self.open(value);
                self.put(" ");
                self.put(unit_name(*unit));
            }
            ExprKind::Extract { unit, expr } => {
                self.put("EXTRACT(");
                self.put(unit_name(*unit));
                self.put(" FROM ");
                self.element(expr);
                self.put(")");
            }
            ExprKind::Subquery(query) => self.subquery(query),
            ExprKind::Exists(query) => {
                self.put("EXISTS ");
                self.subquery(query);
            }
            ExprKind::Parameter { name, ty } => {
                self.put("{");
                self.put(&name.text);
                self.put(":");
                self.put(ty);
                self.put("}");
            }
            _ => self.operator(expr),
        }
    }

    fn operator(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Lambda { params, body } => self.lambda(params, body),
            ExprKind::Unary { op, expr } => self.unary(*op, expr),
            ExprKind::Binary { op, left, right } => self.binary(*op, left, right, level(expr)),
            ExprKind::Between { expr, low, high, negated } => {
                self.left(expr, BETWEEN);
                self.put(if *negated { " NOT BETWEEN " } else { " BETWEEN " });
                self.wrapped(low, (level(low) <= BETWEEN && !is_prefix(low)) || tail(low) <= AND);
                self.put(" AND ");
                self.right(high, COMPARE);
            }
            ExprKind::In { expr, set, negated, global } => {
                self.left(expr, COMPARE);
                self.put(if *global { " GLOBAL" } else { "" });
                self.put(if *negated { " NOT IN " } else { " IN " });
                self.right(set, COMPARE + 1);
            }
            ExprKind::IsNull { expr, negated } => {
                self.left(expr, IS);
                self.put(if *negated { " IS NOT NULL" } else { " IS NULL" });
            }
            ExprKind::Ternary { condition, then, otherwise } => {
                self.wrapped(condition, level(condition) <= TERNARY || tail(condition) <= TERNARY);
                self.put(" ? ");
                self.open(then);
                self.put(" : ");
                self.right(otherwise, TERNARY);
            }
            ExprKind::Index { expr, index } => {
                self.wrapped(expr, level(expr) < POSTFIX);
                self.put("[");
                self.element(index);
                self.put("]");
            }
            ExprKind::Member { expr, member } => self.member(expr, member),
            _ => {}
        }
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr, level: u8) {
        self.left(left, level);
        self.put(" ");
        self.put(operator_text(op, level));
        self.put(" ");
        // Long chains of AND and OR are balanced by the parser, so that the right side may be one, too.
        let same = (level == AND || level == OR)
            && matches!(&right.kind, ExprKind::Binary { op: other, .. } if *other == op);
        self.right(right, if same { level } else { level + 1 });
    }

    fn unary(&mut self, op: UnaryOp, expr: &Expr) {
        match op {
            UnaryOp::Not => {
                self.put("NOT ");
                self.right(expr, NOT + 1);
                return;
            }
            UnaryOp::Plus => self.put("+"),
            UnaryOp::Minus => self.put("-"),
        }
        if matches!(expr.kind, ExprKind::Unary { .. }) || is_cast_of_negative(expr) {
            // `--` starts a comment.
            self.put(" ");
        }
        let parens = (level(expr) < POSTFIX && !is_prefix(expr))
            || (op == UnaryOp::Minus && starts_with_cast_number(expr));
        self.wrapped(expr, parens);
    }

    fn lambda(&mut self, params: &[Ident], body: &Expr) {
        if let [only] = params {
            self.name(only);
        } else {
            self.put("(");
            self.list(params, Self::name);
            self.put(")");
        }
        self.put(" -> ");
        self.open(body);
    }

    fn member(&mut self, expr: &Expr, member: &Member) {
        let joins = match (&expr.kind, member) {
            // `1.2` is a number, `a.b` one name, and `NULL.a` a name as well.
            (ExprKind::Literal(_) | ExprKind::Star { .. }, _) => false,
            (ExprKind::Cast { style: CastStyle::Prefix, .. }, _) => false,
            (ExprKind::Name(_), Member::Name(_)) => false,
            _ => level(expr) >= POSTFIX,
        };
        self.wrapped(expr, !joins);
        self.put(".");
        match member {
            Member::Index(index) => self.put(&index.to_string()),
            Member::Name(name) => self.name(name),
            Member::Typed(ty) => self.put(&format!(":{ty}")),
        }
    }

    fn cast(&mut self, expr: &Expr, ty: &str, style: CastStyle) {
        let is_text = matches!(expr.kind, ExprKind::Literal(Literal::Text(_)));
        match (style, ty) {
            (CastStyle::Colons, _) => {
                self.wrapped(expr, level(expr) < POSTFIX && !is_negative_number(expr));
                self.put("::");
                self.put(ty);
            }
            (CastStyle::Prefix, "Date" | "DateTime") if is_text => {
                self.put(if ty == "Date" { "DATE " } else { "TIMESTAMP " });
                self.bare(expr);
            }
            _ => {
                self.put("CAST(");
                self.element(expr);
                self.put(" AS ");
                self.put(ty);
                self.put(")");
            }
        }
    }

    fn case(&mut self, operand: Option<&Expr>, whens: &[(Expr, Expr)], otherwise: Option<&Expr>) {
        self.put("CASE");
        if let Some(operand) = operand {
            self.put(" ");
            self.element(operand);
        }
        for (when, then) in whens {
            self.put(" WHEN ");
            self.element(when);
            self.put(" THEN ");
            self.element(then);
        }
        if let Some(otherwise) = otherwise {
            self.put(" ELSE ");
            self.element(otherwise);
        }
        self.put(" END");
    }

    fn map(&mut self, pairs: &[(Expr, Expr)]) {
        self.put("{");
        self.list(pairs, |printer, (key, value)| {
            match &key.kind {
                // A bare word before a colon would be a parameter.
                ExprKind::Name(path) if path.len() == 1 => {
                    path.iter().for_each(|name| printer.quoted(&name.text));
                }
                ExprKind::Literal(Literal::Null | Literal::Bool(_)) => printer.wrapped(key, true),
                _ => printer.open(key),
            }
            printer.put(": ");
            printer.open(value);
        });
        self.put("}");
    }

    fn literal(&mut self, value: &Literal) {
        match value {
            Literal::Number(text) => self.put(text),
            Literal::Text(text) => self.text(text),
            Literal::Bool(value) => self.put(if *value { "true" } else { "false" }),
            Literal::Null => self.put("NULL"),
        }
    }

    fn qualifier(&mut self, qualifier: &[Ident]) {
        for part in qualifier {
            self.name(part);
            self.put(".");
        }
    }

    fn columns(&mut self, what: &ColumnsOf) {
        self.put("COLUMNS(");
        match what {
            ColumnsOf::Pattern(pattern) => self.text(pattern),
            ColumnsOf::Names(names) => self.list(names, |printer, path| printer.path(path, Position::Alone)),
        }
        self.put(")");
    }

    fn modifiers(&mut self, modifiers: &[StarModifier]) {
        for modifier in modifiers {
            match modifier {
                StarModifier::Except(names) => {
                    self.put(" EXCEPT (");
                    self.list(names, Self::name);
                }
                StarModifier::ExceptPattern(pattern) => {
                    self.put(" EXCEPT (");
                    self.text(pattern);
                }
                StarModifier::Replace(list) => {
                    self.put(" REPLACE (");
                    self.list(list, |printer, (expr, name)| {
                        printer.open(expr);
                        printer.put(" AS ");
                        printer.name(name);
                    });
                }
                StarModifier::Apply(function) => {
                    self.put(" APPLY (");
                    match &function.kind {
                        ExprKind::Name(path) => self.path(path, Position::Function),
                        _ => self.open(function),
                    }
                }
            }
            self.put(")");
        }
    }
}

fn is_cast_of_negative(mut expr: &Expr) -> bool {
    loop {
        match &expr.kind {
            ExprKind::Cast { expr: inner, style: CastStyle::Colons, .. } => {
                if is_negative_number(inner) {
                    return true;
                }
                expr = inner;
            }
            ExprKind::Index { expr: inner, .. } | ExprKind::Member { expr: inner, .. } => expr = inner,
            _ => return false,
        }
    }
}

fn operator_text(op: BinaryOp, level: u8) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Modulo => "%",
        BinaryOp::IntDivide => "DIV",
        BinaryOp::Concat => "||",
        BinaryOp::Eq => "=",
        BinaryOp::NotEq => "!=",
        BinaryOp::NullSafeEq if level == COMPARE => "<=>",
        BinaryOp::NullSafeEq => "IS NOT DISTINCT FROM",
        BinaryOp::Distinct => "IS DISTINCT FROM",
        BinaryOp::Lt => "<",
        BinaryOp::LtEq => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::GtEq => ">=",
        BinaryOp::And => "AND",
        BinaryOp::Or => "OR",
        BinaryOp::Like => "LIKE",
        BinaryOp::NotLike => "NOT LIKE",
        BinaryOp::ILike => "ILIKE",
        BinaryOp::NotILike => "NOT ILIKE",
        BinaryOp::Regexp => "REGEXP",
        BinaryOp::NotRegexp => "NOT REGEXP",
    }
}
