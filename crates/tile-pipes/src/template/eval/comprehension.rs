//! Comprehensions and generators.

use super::super::python::ast::{Comprehension, Shape};
use super::super::value::heap::{Generator, Iterator};
use super::super::value::{Id, Object, Value};
use super::scope::targets;
use super::{Machine, Run, limit};
use std::collections::HashSet;
use std::sync::Arc;

impl Machine<'_> {
    pub(super) fn eval_comprehension(&mut self, frame: Id, comprehension: &Arc<Comprehension>) -> Run<Value> {
        let Some(first) = comprehension.clauses.first() else {
            return Err(limit("a comprehension without `for`"));
        };
        // The first `in` belongs to what surrounds the comprehension.
        let source = self.eval(frame, &first.iter)?;
        let iterator = self.iterate(&source)?;
        let mut names = HashSet::new();
        for clause in &comprehension.clauses {
            targets(&clause.target, &mut names);
        }
        let inner = self.new_frame(Arc::new(names), Some(frame))?;
        let generator = Generator {
            comprehension: Arc::clone(comprehension),
            frame: inner,
            iterators: vec![iterator],
            finished: false,
        };
        let id = self.add(Object::Iterator(Iterator::Generator(generator)))?;
        match comprehension.shape {
            Shape::Generator => Ok(Value::Iterator(id)),
            Shape::List => {
                let items = self.collect(&Value::Iterator(id))?;
                self.new_list(items)
            }
            Shape::Set => {
                let items = self.collect(&Value::Iterator(id))?;
                self.new_set(items)
            }
            Shape::Dict => {
                let dict = self.new_dict()?;
                while let Some(pair) = self.next(id)? {
                    if let Value::Tuple(pair) = pair
                        && let [key, value] = self.heap.items(pair)
                    {
                        let (key, value) = (key.clone(), value.clone());
                        self.dict_insert(dict, key, value)?;
                    }
                }
                Ok(Value::Dict(dict))
            }
        }
    }

    /// The next element of a generator. It is taken out of the heap while it runs.
    pub(super) fn next_of_generator(&mut self, generator: &mut Generator) -> Run<Option<Value>> {
        if generator.finished {
            return Ok(None);
        }
        let comprehension = Arc::clone(&generator.comprehension);
        let frame = generator.frame;
        while let Some(iterator) = generator.iterators.last().copied() {
            self.iteration()?;
            let Some(clause) = comprehension.clauses.get(generator.iterators.len() - 1) else { break };
            let Some(value) = self.next(iterator)? else {
                generator.iterators.pop();
                continue;
            };
            self.assign(frame, &clause.target, value)?;
            let mut holds = true;
            for condition in &clause.conditions {
                let value = self.eval(frame, condition)?;
                holds = self.truth(&value)?;
                if !holds {
                    break;
                }
            }
            if !holds {
                continue;
            }
            if let Some(next) = comprehension.clauses.get(generator.iterators.len()) {
                let source = self.eval(frame, &next.iter)?;
                generator.iterators.push(self.iterate(&source)?);
                continue;
            }
            return self.element(frame, &comprehension).map(Some);
        }
        generator.finished = true;
        Ok(None)
    }

    fn element(&mut self, frame: Id, comprehension: &Comprehension) -> Run<Value> {
        let element = self.eval(frame, &comprehension.element)?;
        match &comprehension.value {
            None => Ok(element),
            Some(value) => {
                let value = self.eval(frame, value)?;
                self.new_tuple(vec![element, value])
            }
        }
    }
}
