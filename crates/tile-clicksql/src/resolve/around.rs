//! Arithmetic with a constant inside of an aggregate function: ClickHouse computes `max(x + 1)` as `max(x) + 1`. It shows where
//! there are no rows, where a sum leaves its type, and where a quotient is cut off.

use super::scope::{Level, Scope};
use super::{call, naming};
use crate::aggregates;
use crate::ast::{BinaryOp, Call, Expr, ExprKind};
use crate::error::Result;
use crate::typed::{Constant, Typed};
use crate::walk;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Plus,
    Minus,
    Multiply,
    Divide,
}

impl Operation {
    const fn name(self) -> &'static str {
        match self {
            Self::Plus => "plus",
            Self::Minus => "minus",
            Self::Multiply => "multiply",
            Self::Divide => "divide",
        }
    }

    const fn is_scaling(self) -> bool {
        matches!(self, Self::Multiply | Self::Divide)
    }
}

/// An operation on two values, as it is written.
fn operation(e: &Expr) -> Option<(Operation, &Expr, &Expr)> {
    match &e.kind {
        ExprKind::Binary { op, left, right } => {
            let operation = match op {
                BinaryOp::Add => Operation::Plus,
                BinaryOp::Subtract => Operation::Minus,
                BinaryOp::Multiply => Operation::Multiply,
                BinaryOp::Divide => Operation::Divide,
                _ => return None,
            };
            Some((operation, left, right))
        }
        ExprKind::Call(call) => {
            let [left, right] = call.args.as_slice() else { return None };
            let operation = match call.name.text.as_str() {
                "plus" => Operation::Plus,
                "minus" => Operation::Minus,
                "multiply" => Operation::Multiply,
                "divide" => Operation::Divide,
                _ => {
                    let function = crate::functions::lookup(&call.name.text)?;
                    match function.name {
                        "timestampAdd" => Operation::Plus,
                        "timestampSub" => Operation::Minus,
                        _ => return None,
                    }
                }
            };
            // Whatever comes first is taken from the other.
            let is_interval = matches!(left.kind, ExprKind::Interval { .. });
            Some(if is_interval { (operation, right, left) } else { (operation, left, right) })
        }
        _ => None,
    }
}

/// What the least and the greatest of negative multiples are.
fn mirrored(name: &'static str) -> &'static str {
    match name {
        "min" => "max",
        "max" => "min",
        other => other,
    }
}

/// Whether a constant is below zero, where its value is known here.
fn is_negative(t: &Typed) -> Option<bool> {
    match t.constant {
        Some(Constant::Float(x)) => Some(x < 0.0),
        _ => t.int().map(|n| n < 0),
    }
}

impl<'a> Scope<'a, '_> {
    /// A call whose argument is such an operation, computed as the original does.
    pub fn around_aggregate(&self, call: &'a Call, level: Level) -> Result<Option<Typed>> {
        let name = ["sum", "avg", "min", "max"].into_iter().find(|n| call.name.text.eq_ignore_ascii_case(n));
        let (Some(name), [arg], Level::Group) = (name, call.args.as_slice(), level) else { return Ok(None) };
        if call.distinct || call.filter.is_some() || call.params.is_some() {
            return Ok(None);
        }
        let Some(found) = self.outside(name, arg)? else { return Ok(None) };
        let whole = self.expr(arg, Level::Aggregate)?;
        Ok(Some(found.named(naming::call(&call.name.text, &[], &[whole]))))
    }

    fn outside(&self, name: &'static str, arg: &'a Expr) -> Result<Option<Typed>> {
        let arg = walk::bare(arg);
        if let ExprKind::Name(path) = &arg.kind
            && let [only] = path.as_slice()
            && let Some(expr) = self.aliases.get(only.text.as_str())
            && !self.busy.borrow().contains(&only.text.as_str())
            && !self.has_aggregate(expr)
        {
            self.busy.borrow_mut().push(&only.text);
            let found = self.outside(name, expr);
            self.busy.borrow_mut().pop();
            return found;
        }
        let Some((operation, left, right)) = operation(arg) else { return Ok(None) };
        if name == "sum" && !operation.is_scaling() {
            return Ok(None);
        }
        let (x, y) = (self.expr(left, Level::Aggregate)?, self.expr(right, Level::Aggregate)?);
        let (constant, inner, is_left) = match (x.is_constant, y.is_constant) {
            (true, false) if operation != Operation::Divide => (&x, right, true),
            (false, true) => (&y, left, false),
            _ => return Ok(None),
        };
        if constant.is_null() {
            return Ok(None);
        }
        let is_mirrored = match operation {
            Operation::Plus => false,
            Operation::Minus => is_left,
            // Of the others the sign makes no difference.
            _ if matches!(name, "sum" | "avg") => false,
            _ => match is_negative(constant) {
                Some(negative) => negative,
                None => return Ok(None),
            },
        };
        let whole = call::scalar(self, operation.name(), vec![x.clone(), y.clone()])?;
        let wanted = aggregates::resolve(name, &[], &[whole], false, None, None)?.ty;
        let name = if is_mirrored { mirrored(name) } else { name };
        let aggregate = match self.outside(name, inner)? {
            Some(found) => found,
            None => {
                let value = if is_left { y.clone() } else { x.clone() };
                self.aggregated(name, Level::Group, &[], &[value], false, None)?
            }
        };
        let sides = if is_left { vec![x, aggregate] } else { vec![aggregate, y] };
        let found = call::scalar(self, operation.name(), sides)?;
        Ok((found.ty == wanted).then_some(found))
    }
}
