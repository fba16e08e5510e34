//! The least or the greatest value: what `MIN` and `MAX` share.

use super::super::{Aggregate, Ir, unfit};
use super::words::Form;
use crate::column::Cell;
use crate::operation::Operation;
use crate::types::Type;
use crate::value::{Value, real_order, text_order};
use std::cmp::Ordering;
use tile_base::Result;

pub struct Extreme {
    ty: Type,
    /// How a better value compares with the one that is kept.
    better: Ordering,
}

impl Extreme {
    /// # Errors
    /// `Invalid` for what is neither a number nor a text.
    pub fn create(operation: Operation, input: &Type, better: Ordering) -> Result<Box<dyn Aggregate>> {
        if input.is_number() || *input == Type::Text {
            return Ok(Box::new(Self { ty: input.clone(), better }));
        }
        Err(unfit(operation, input))
    }

    /// -0.0 is less than 0.0. As in Java's `Math.min` and `Math.max`, of NaN and another the result is NaN.
    #[inline]
    fn is_better(&self, x: f64, kept: f64) -> bool {
        if kept.is_nan() || x.is_nan() {
            return x.is_nan();
        }
        real_order(x, kept) == self.better
    }

    #[inline]
    fn text(&self, ir: &mut Ir, text: &str) {
        if let Ir::Value(Value::Text(kept)) = ir
            && text_order(text, kept) != self.better
        {
            return;
        }
        *ir = Ir::Value(Value::Text(text.into()));
    }
}

impl Aggregate for Extreme {
    fn output(&self) -> Type {
        self.ty.clone()
    }

    fn form(&self) -> Option<Form> {
        match &self.ty {
            Type::Text => None,
            ty if ty.is_real() => Some(Form::Real),
            _ => Some(Form::Int),
        }
    }

    #[inline]
    fn update(&self, ir: &mut Ir, cell: Cell<'_>, _at: i64) {
        match (&mut *ir, cell) {
            (Ir::Int(kept), Cell::Int(x)) if x.cmp(kept) != self.better => {}
            (Ir::Real(kept), Cell::Real(x)) if !self.is_better(x, *kept) => {}
            (_, Cell::Int(x)) => *ir = Ir::Int(x),
            (_, Cell::Real(x)) => *ir = Ir::Real(x),
            (_, Cell::Text(text)) => self.text(ir, text),
            _ => {}
        }
    }

    fn merge(&self, ir: &mut Ir, later: &Ir) {
        match later {
            Ir::Int(x) => self.update(ir, Cell::Int(*x), 0),
            Ir::Real(x) => self.update(ir, Cell::Real(*x), 0),
            Ir::Value(Value::Text(text)) => self.text(ir, text),
            _ => {}
        }
    }

    fn finalize(&self, ir: &Ir) -> Value {
        match ir {
            Ir::Int(x) => Value::Int(*x),
            Ir::Real(x) => Value::Real(*x),
            Ir::Value(value) => value.clone(),
            _ => Value::Null,
        }
    }
}
