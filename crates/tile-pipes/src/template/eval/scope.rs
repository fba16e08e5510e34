//! Names and their values.

use super::super::python::ast::{Expr, Kind};
use super::super::value::{Class, Id, Object, Value};
use super::{Machine, Run, raise};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The names of one function: the template itself, a lambda, a comprehension.
#[derive(Debug)]
pub struct Frame {
    declared: Arc<HashSet<Arc<str>>>,
    values: HashMap<Arc<str>, Value>,
    parent: Option<Id>,
}

impl Machine<'_> {
    pub fn new_frame(&mut self, declared: Arc<HashSet<Arc<str>>>, parent: Option<Id>) -> Run<Id> {
        self.add(Object::Frame(Frame { declared, values: HashMap::new(), parent }))
    }

    /// Gives a name of a frame a value.
    pub fn bind(&mut self, frame: Id, name: &Arc<str>, value: Value) -> Run<()> {
        self.allocate(std::mem::size_of::<Value>())?;
        if let Some(found) = self.heap.frame_mut(frame) {
            found.values.insert(Arc::clone(name), value);
        }
        Ok(())
    }

    pub fn unbind(&mut self, frame: Id, name: &str) {
        if let Some(found) = self.heap.frame_mut(frame) {
            found.values.remove(name);
        }
    }

    /// The frame in which `name := value` binds: comprehensions pass it on to what surrounds them.
    pub fn binding_frame(&self, frame: Id, name: &str) -> Id {
        let mut at = frame;
        while let Some(found) = self.heap.frame(at) {
            match found.parent {
                Some(parent) if !found.declared.contains(name) => at = parent,
                _ => return at,
            }
        }
        frame
    }

    pub fn name(&mut self, frame: Id, name: &Arc<str>) -> Run<Value> {
        let mut at = Some(frame);
        while let Some(found) = at.and_then(|at| self.heap.frame(at)) {
            if let Some(value) = found.values.get(name) {
                return Ok(value.clone());
            }
            if found.declared.contains(name) {
                return Err(if at == Some(frame) {
                    raise(
                        Class::UNBOUND,
                        format!(
                            "cannot access local variable '{name}' where it is not associated with a value"
                        ),
                    )
                } else {
                    raise(
                        Class::NAME,
                        format!(
                            "cannot access free variable '{name}' where it is not associated with a value in \
                             enclosing scope"
                        ),
                    )
                });
            }
            at = found.parent;
        }
        self.global(name)
    }
}

/// The names that a target binds.
pub fn targets(target: &Expr, names: &mut HashSet<Arc<str>>) {
    match &target.kind {
        Kind::Name(name) => drop(names.insert(Arc::clone(name))),
        Kind::List(items) | Kind::Tuple(items) => items.iter().for_each(|item| targets(item, names)),
        Kind::Starred(inner) => targets(inner, names),
        _ => {}
    }
}
