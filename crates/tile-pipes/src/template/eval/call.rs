//! Calls.

use super::super::dependencies::constant_text;
use super::super::python::ast::{Expr, Keyword};
use super::super::value::heap::Closure;
use super::super::value::{Exception, Id, Object, Value};
use super::args::Args;
use super::{Machine, Run, refuse, type_error};
use std::collections::HashSet;
use std::sync::Arc;

impl Machine<'_> {
    pub(super) fn eval_call(
        &mut self,
        frame: Id,
        function: &Expr,
        arguments: &[Expr],
        keywords: &[Keyword],
    ) -> Run<Value> {
        let function = self.eval(frame, function)?;
        let positional = self.eval_items(frame, arguments)?;
        let mut named: Vec<(Arc<str>, Value)> = Vec::with_capacity(keywords.len());
        for keyword in keywords {
            let value = self.eval(frame, &keyword.value)?;
            match &keyword.name {
                Some(name) => named.push((Arc::clone(name), value)),
                None => self.spread(&function, &value, &mut named)?,
            }
        }
        let literal = arguments.first().is_some_and(|first| constant_text(first).is_some());
        self.call(&function, Args { positional, named, literal })
    }

    /// `**value`
    fn spread(&mut self, function: &Value, value: &Value, named: &mut Vec<(Arc<str>, Value)>) -> Run<()> {
        let Value::Dict(id) = value else {
            let shown = self.type_name(value);
            return Err(type_error(format!("argument after ** must be a mapping, not {shown}")));
        };
        let entries: Vec<(Value, Value)> = self.entries(*id)?;
        for (key, value) in entries {
            self.spend(named.len() * 16)?;
            let Some(name) = key.as_text() else { return Err(type_error("keywords must be strings")) };
            if named.iter().any(|(other, _)| other == name) {
                let shown = self.callable_name(function);
                return Err(type_error(format!(
                    "{shown}() got multiple values for keyword argument '{name}'"
                )));
            }
            named.push((Arc::clone(name), value));
        }
        Ok(())
    }

    fn callable_name(&self, function: &Value) -> String {
        match function {
            Value::Function(builtin) => builtin.shown.to_owned(),
            other => self.type_name(other).to_owned(),
        }
    }

    pub fn call(&mut self, function: &Value, args: Args) -> Run<Value> {
        self.spend(0)?;
        match function {
            Value::Function(builtin) => (builtin.run)(self, builtin, args),
            Value::Class(class) => {
                args.unnamed(class.name())?;
                let text = match args.positional.as_slice() {
                    [] => String::new(),
                    [one] if class.name() == "KeyError" => self.repr(one)?,
                    [one] => self.str(one)?,
                    many => {
                        let tuple = self.new_tuple(many.to_vec())?;
                        self.repr(&tuple)?
                    }
                };
                let mut error = Exception::new(*class, text);
                error.args = args.positional;
                self.add(Object::Error(Arc::new(error))).map(Value::Error)
            }
            Value::Method(id) => match self.heap.method(*id) {
                Some(method) => self.call_method(&method.receiver, method.name, args),
                None => Ok(Value::None),
            },
            Value::Lambda(id) => match self.heap.closure(*id) {
                Some(closure) => self.deeper(|machine| machine.call_closure(&closure, args)),
                None => Ok(Value::None),
            },
            Value::Placeholder(placeholder) => {
                let line = placeholder.line.map_or_else(|| "unknown".to_owned(), |line| line.to_string());
                Err(refuse(
                    format!("'{}' is not a valid function, line {line}", placeholder.name),
                    "/cli/advanced-templates.html",
                ))
            }
            other => Err(type_error(format!("'{}' object is not callable", self.type_name(other)))),
        }
    }

    fn call_closure(&mut self, closure: &Closure, args: Args) -> Run<Value> {
        const NAME: &str = "_tt_execute.<locals>.<lambda>";
        let lambda = &closure.lambda;
        let parameters = &lambda.parameters;
        let mut values: Vec<Option<Value>> = vec![None; parameters.len()];
        let given = args.positional.len();
        let mut positional = args.positional.into_iter();
        for (slot, value) in values.iter_mut().zip(positional.by_ref()) {
            *slot = Some(value);
        }
        let rest: Vec<Value> = positional.collect();
        for (name, value) in args.named {
            let slot = parameters.iter().position(|(parameter, _)| *parameter == name);
            match slot.and_then(|at| values.get_mut(at)) {
                Some(slot @ None) => *slot = Some(value),
                Some(_) => {
                    return Err(type_error(format!("{NAME}() got multiple values for argument '{name}'")));
                }
                None => {
                    return Err(type_error(format!("{NAME}() got an unexpected keyword argument '{name}'")));
                }
            }
        }
        let required = parameters.iter().filter(|(_, default)| default.is_none()).count();
        if !rest.is_empty() && lambda.rest.is_none() {
            return Err(super::args::too_many(NAME, required, parameters.len(), given));
        }
        for (slot, default) in values.iter_mut().zip(&closure.defaults) {
            if slot.is_none() {
                slot.clone_from(default);
            }
        }
        let lacking: Vec<&str> = parameters
            .iter()
            .zip(&values)
            .filter(|(_, v)| v.is_none())
            .map(|((name, _), _)| &**name)
            .collect();
        if !lacking.is_empty() {
            return Err(super::args::lacking(NAME, &lacking));
        }
        let declared: HashSet<Arc<str>> =
            parameters.iter().map(|(name, _)| name).chain(&lambda.rest).cloned().collect();
        let frame = self.new_frame(Arc::new(declared), Some(closure.frame))?;
        for ((name, _), value) in parameters.iter().zip(values) {
            self.bind(frame, name, value.unwrap_or(Value::None))?;
        }
        if let Some(name) = &lambda.rest {
            let rest = self.new_tuple(rest)?;
            self.bind(frame, name, rest)?;
        }
        self.eval(frame, &lambda.body)
    }
}
