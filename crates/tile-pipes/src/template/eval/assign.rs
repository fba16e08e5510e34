//! Assignment.

use super::super::python::ast::{Expr, Kind, Statement};
use super::super::value::{Class, Id, Value};
use super::iterate::is_iterable;
use super::{Machine, Run, raise, type_error, value_error};

impl Machine<'_> {
    /// What a `set` does.
    pub fn run_set(&mut self, frame: Id, statement: &Statement) -> Run<()> {
        match statement {
            Statement::Expr(expr) => self.eval(frame, expr).map(drop),
            Statement::Assign(targets, value) => {
                let value = self.eval(frame, value)?;
                targets.iter().try_for_each(|target| self.assign(frame, target, value.clone()))
            }
            Statement::Augmented(target, operator, value) => {
                let old = self.eval(frame, target)?;
                let value = self.eval(frame, value)?;
                let new = self.augmented(&old, *operator, &value)?;
                self.assign(frame, target, new)
            }
        }
    }

    pub(super) fn assign(&mut self, frame: Id, target: &Expr, value: Value) -> Run<()> {
        match &target.kind {
            Kind::Name(name) => self.bind(frame, name, value),
            Kind::Index(container, index) => {
                let container = self.eval(frame, container)?;
                if let Kind::Slice(..) = index.kind {
                    return self.assign_slice(frame, &container, index, &value);
                }
                let index = self.eval(frame, index)?;
                self.assign_item(&container, &index, value)
            }
            Kind::Attribute(object, name) => {
                let object = self.eval(frame, object)?;
                let shown = self.type_name(&object);
                Err(raise(Class::ATTRIBUTE, format!("'{shown}' object has no attribute '{name}'")))
            }
            Kind::Tuple(targets) | Kind::List(targets) => self.deeper(|m| m.unpack(frame, targets, &value)),
            _ => Err(type_error("cannot assign to this")),
        }
    }

    fn unpack(&mut self, frame: Id, targets: &[Expr], value: &Value) -> Run<()> {
        if !is_iterable(value) {
            let shown = self.type_name(value);
            return Err(type_error(format!("cannot unpack non-iterable {shown} object")));
        }
        let star = targets.iter().position(|target| matches!(target.kind, Kind::Starred(_)));
        let iterator = self.iterate(value)?;
        let mut items = Vec::new();
        while let Some(item) = self.next(iterator)? {
            items.push(item);
            if star.is_none() && items.len() > targets.len() {
                let expected = targets.len();
                return Err(value_error(format!("too many values to unpack (expected {expected})")));
            }
        }
        let needed = targets.len() - usize::from(star.is_some());
        if items.len() < needed {
            let least = if star.is_some() { "at least " } else { "" };
            let got = items.len();
            return Err(value_error(format!(
                "not enough values to unpack (expected {least}{needed}, got {got})"
            )));
        }
        let spare = items.len() - needed;
        let mut items = items.into_iter();
        for target in targets {
            let item = if let Kind::Starred(inner) = &target.kind {
                let rest: Vec<Value> = items.by_ref().take(spare).collect();
                let list = self.new_list(rest)?;
                self.assign(frame, inner, list)?;
                continue;
            } else {
                items.next().unwrap_or(Value::None)
            };
            self.assign(frame, target, item)?;
        }
        Ok(())
    }
}
