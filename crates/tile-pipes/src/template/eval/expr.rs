//! Expressions.

use super::super::python::ast::{Const, Expr, Kind, Lambda, Piece, Unary};
use super::super::value::heap::Closure;
use super::super::value::{Id, Object, Value};
use super::{Machine, Run, type_error};
use std::sync::Arc;

impl Machine<'_> {
    pub fn eval(&mut self, frame: Id, expr: &Expr) -> Run<Value> {
        self.spend(0)?;
        self.deeper(|machine| machine.eval_kind(frame, expr))
    }

    fn eval_kind(&mut self, frame: Id, expr: &Expr) -> Run<Value> {
        match &expr.kind {
            Kind::Const(constant) => Ok(constant_value(constant)),
            Kind::Name(name) => self.name(frame, name),
            Kind::Attribute(value, name) => {
                let value = self.eval(frame, value)?;
                self.attribute(&value, name)
            }
            Kind::Call(function, arguments, keywords) => self.eval_call(frame, function, arguments, keywords),
            Kind::Index(value, index) => {
                let value = self.eval(frame, value)?;
                self.eval_index(frame, &value, index)
            }
            Kind::Unary(operator, value) => {
                let value = self.eval(frame, value)?;
                self.unary(*operator, &value)
            }
            Kind::Binary(left, operator, right) => {
                let left = self.eval(frame, left)?;
                let right = self.eval(frame, right)?;
                self.binary(&left, *operator, &right)
            }
            Kind::And(items) => self.eval_until(frame, items, false),
            Kind::Or(items) => self.eval_until(frame, items, true),
            Kind::Compare(first, rest) => {
                let mut left = self.eval(frame, first)?;
                let mut out = Value::Bool(true);
                for (operator, right) in rest {
                    let right = self.eval(frame, right)?;
                    out = Value::Bool(self.compare(&left, *operator, &right)?);
                    if !self.truth(&out)? {
                        break;
                    }
                    left = right;
                }
                Ok(out)
            }
            Kind::If(test, then, otherwise) => {
                let test = self.eval(frame, test)?;
                if self.truth(&test)? { self.eval(frame, then) } else { self.eval(frame, otherwise) }
            }
            Kind::Starred(_) => Err(type_error("can't use starred expression here")),
            Kind::Slice(..) => Err(type_error("slices are only for subscripts")),
            Kind::Assign(name, value) => {
                let value = self.eval(frame, value)?;
                let target = self.binding_frame(frame, name);
                self.bind(target, name, value.clone())?;
                Ok(value)
            }
            Kind::Embedded(value) => self.eval(frame, value),
            Kind::Lambda(lambda) => self.eval_lambda(frame, lambda),
            Kind::Comprehension(comprehension) => self.eval_comprehension(frame, comprehension),
            _ => self.eval_display(frame, expr),
        }
    }

    fn eval_display(&mut self, frame: Id, expr: &Expr) -> Run<Value> {
        match &expr.kind {
            Kind::List(items) => {
                let items = self.eval_items(frame, items)?;
                self.new_list(items)
            }
            Kind::Tuple(items) => {
                let items = self.eval_items(frame, items)?;
                self.new_tuple(items)
            }
            Kind::Set(items) => {
                let items = self.eval_items(frame, items)?;
                self.new_set(items)
            }
            Kind::Dict(pairs) => {
                let dict = self.new_dict()?;
                for (key, value) in pairs {
                    if let Some(key) = key {
                        let key = self.eval(frame, key)?;
                        let value = self.eval(frame, value)?;
                        self.dict_insert(dict, key, value)?;
                    } else {
                        let other = self.eval(frame, value)?;
                        self.dict_update(dict, &other)?;
                    }
                }
                Ok(Value::Dict(dict))
            }
            Kind::Joined(pieces) => {
                let text = self.eval_pieces(frame, pieces)?;
                self.new_str(text)
            }
            _ => Err(type_error("not an expression")),
        }
    }

    /// `and` and `or`: the first value whose truth decides, or the last.
    fn eval_until(&mut self, frame: Id, items: &[Expr], decisive: bool) -> Run<Value> {
        let mut out = Value::None;
        for item in items {
            out = self.eval(frame, item)?;
            if self.truth(&out)? == decisive {
                break;
            }
        }
        Ok(out)
    }

    /// The values of a display or of arguments, where `*value` gives several.
    pub(super) fn eval_items(&mut self, frame: Id, items: &[Expr]) -> Run<Vec<Value>> {
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            if let Kind::Starred(inner) = &item.kind {
                let value = self.eval(frame, inner)?;
                out.extend(self.collect(&value)?);
            } else {
                out.push(self.eval(frame, item)?);
            }
        }
        Ok(out)
    }

    pub(super) fn eval_pieces(&mut self, frame: Id, pieces: &[Piece]) -> Run<String> {
        let mut out = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Value(formatted) => {
                    let mut value = self.eval(frame, &formatted.expr)?;
                    match formatted.conversion {
                        Some('s') => value = Value::str(self.str(&value)?),
                        Some('r') => value = Value::str(self.repr(&value)?),
                        Some(_) => value = Value::str(self.ascii(&value)?),
                        None => {}
                    }
                    let spec = match &formatted.spec {
                        Some(spec) => self.deeper(|machine| machine.eval_pieces(frame, spec))?,
                        None => String::new(),
                    };
                    let text = self.format(&value, &spec)?;
                    self.allocate(text.len())?;
                    out.push_str(&text);
                }
            }
        }
        Ok(out)
    }

    fn eval_lambda(&mut self, frame: Id, lambda: &Arc<Lambda>) -> Run<Value> {
        let mut defaults = Vec::new();
        for (_, default) in &lambda.parameters {
            defaults.push(match default {
                Some(default) => Some(self.eval(frame, default)?),
                None => None,
            });
        }
        let closure = Closure { lambda: Arc::clone(lambda), defaults, frame };
        self.add(Object::Closure(Arc::new(closure))).map(Value::Lambda)
    }

    pub fn unary(&mut self, operator: Unary, value: &Value) -> Run<Value> {
        if operator == Unary::Not {
            return Ok(Value::Bool(!self.truth(value)?));
        }
        let out = match (operator, value.as_int(), value.as_float()) {
            (Unary::Minus, Some(n), _) => Some(Value::Int(n.negate())),
            (Unary::Plus, Some(n), _) => Some(Value::Int(n)),
            (Unary::Invert, Some(n), _) => Some(Value::Int(n.negate().sub(&1u64.into()))),
            (Unary::Minus, _, Some(x)) => Some(Value::Float(-x)),
            (Unary::Plus, _, Some(x)) => Some(Value::Float(x)),
            _ => None,
        };
        let sign = match operator {
            Unary::Minus => "-",
            Unary::Plus => "+",
            _ => "~",
        };
        out.ok_or_else(|| {
            type_error(format!("bad operand type for unary {sign}: '{}'", self.type_name(value)))
        })
    }
}

fn constant_value(constant: &Const) -> Value {
    match constant {
        Const::None => Value::None,
        Const::Ellipsis => Value::Ellipsis,
        Const::Bool(b) => Value::Bool(*b),
        Const::Int(n) => Value::Int(n.clone()),
        Const::Float(x) => Value::Float(*x),
        Const::Str(text) => Value::Str(Arc::clone(text)),
    }
}
