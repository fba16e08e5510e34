//! Subscripts and slices.

use super::super::python::ast::{Expr, Kind};
use super::super::value::{Class, Exception, Id, Int, Value};
use super::{Machine, Run, Stop, raise, type_error, value_error};

/// `start:stop:step` as places in a sequence.
struct Places {
    start: i128,
    step: i128,
    count: usize,
}

impl Places {
    fn iter(&self) -> impl Iterator<Item = usize> {
        let (start, step) = (self.start, self.step);
        (0..self.count)
            .filter_map(move |i| usize::try_from(start + step * i128::try_from(i).unwrap_or(0)).ok())
    }
}

impl Machine<'_> {
    pub(super) fn eval_index(&mut self, frame: Id, value: &Value, index: &Expr) -> Run<Value> {
        if let Kind::Slice(from, to, step) = &index.kind {
            let mut parts = [Value::None, Value::None, Value::None];
            for (slot, part) in parts.iter_mut().zip([from, to, step]) {
                if let Some(part) = part {
                    *slot = self.eval(frame, part)?;
                }
            }
            return self.slice(value, &parts);
        }
        let index = self.eval(frame, index)?;
        self.item(value, &index)
    }

    pub(super) fn item(&mut self, value: &Value, index: &Value) -> Run<Value> {
        match value {
            Value::Dict(id) => {
                let key = self.key(index)?;
                match self.heap.dict(*id).and_then(|dict| dict.get(&key)) {
                    Some(found) => Ok(found.clone()),
                    None => Err(self.missing_key(index)?),
                }
            }
            Value::List(id) | Value::Tuple(id) => {
                let length = self.heap.items(*id).len();
                let kind = self.type_name(value);
                let at = self.place(index, length, kind)?;
                self.heap.items(*id).get(at).cloned().ok_or_else(|| out_of_range(kind))
            }
            Value::Str(text) | Value::Sql(text) => {
                self.spend(text.len())?;
                let Some(n) = index.as_int() else {
                    let shown = self.type_name(index);
                    return Err(type_error(format!("string indices must be integers, not '{shown}'")));
                };
                check_index(&n)?;
                let length = text.chars().count();
                let at = offset(&n, length).and_then(|at| text.chars().nth(at));
                match at {
                    Some(c) => self.new_str(c.encode_utf8(&mut [0; 4])),
                    None => Err(out_of_range("string")),
                }
            }
            Value::Range(id) => {
                let n = self.index_number(index)?;
                let Some(range) = self.heap.range(*id) else { return Ok(Value::None) };
                let length = range.len();
                let at = if n.is_negative() { length.add(&n) } else { n };
                if at.is_negative() || at >= length {
                    return Err(raise(Class::INDEX, "range object index out of range"));
                }
                Ok(Value::Int(range.at(&at)))
            }
            Value::Placeholder(_) => {
                if self.ordered(index, ">", &Value::int(2u64))? {
                    return Err(raise(Class::INDEX, ""));
                }
                Ok(self.nameless_placeholder())
            }
            Value::Function(f) if f.is_type => {
                Err(type_error(format!("type '{}' is not subscriptable", f.name)))
            }
            other => Err(type_error(format!("'{}' object is not subscriptable", self.type_name(other)))),
        }
    }

    pub(super) fn missing_key(&mut self, key: &Value) -> Run<Stop> {
        let mut error = Exception::new(Class::KEY, self.repr(key)?);
        error.args = vec![key.clone()];
        Ok(Stop::Raised(Box::new(error)))
    }

    fn place(&self, index: &Value, length: usize, kind: &str) -> Run<usize> {
        let Some(n) = index.as_int() else {
            let shown = self.type_name(index);
            return Err(type_error(format!("{kind} indices must be integers or slices, not {shown}")));
        };
        check_index(&n)?;
        offset(&n, length).ok_or_else(|| out_of_range(kind))
    }

    fn places(&self, parts: &[Value; 3], length: usize) -> Run<Places> {
        let number = |value: &Value| -> Run<Option<i128>> {
            match (value, value.as_int()) {
                (Value::None, _) => Ok(None),
                // What does not fit is far outside of every sequence.
                (_, Some(n)) => Ok(Some(
                    n.to_i64()
                        .map_or(if n.is_negative() { i128::MIN / 4 } else { i128::MAX / 4 }, i128::from),
                )),
                _ => Err(type_error("slice indices must be integers or None or have an __index__ method")),
            }
        };
        let [from, to, step] = parts;
        let (step, length) = (number(step)?.unwrap_or(1), i128::try_from(length).unwrap_or(0));
        if step == 0 {
            return Err(value_error("slice step cannot be zero"));
        }
        let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
        let clamp = |n: i128| if n < 0 { (n + length).max(low) } else { n.min(high) };
        let start = number(from)?.map_or(if step > 0 { low } else { high }, clamp);
        let stop = number(to)?.map_or(if step > 0 { high } else { low }, clamp);
        let span = if step > 0 { stop - start } else { start - stop };
        let count = if span <= 0 { 0 } else { (span - 1) / step.abs() + 1 };
        Ok(Places { start, step, count: usize::try_from(count).unwrap_or(0) })
    }

    fn slice(&mut self, value: &Value, parts: &[Value; 3]) -> Run<Value> {
        match value {
            Value::List(id) | Value::Tuple(id) => {
                let places = self.places(parts, self.heap.items(*id).len())?;
                let items = self.heap.items(*id);
                let out: Vec<Value> = places.iter().filter_map(|at| items.get(at).cloned()).collect();
                if matches!(value, Value::List(_)) { self.new_list(out) } else { self.new_tuple(out) }
            }
            Value::Str(text) | Value::Sql(text) => {
                self.allocate(text.len() * 4)?;
                let chars: Vec<char> = text.chars().collect();
                let places = self.places(parts, chars.len())?;
                let out: String = places.iter().filter_map(|at| chars.get(at)).collect();
                self.new_str(out)
            }
            Value::Range(id) => {
                let Some(range) = self.heap.range(*id) else { return Ok(Value::None) };
                let places = self.places(parts, range.len().to_usize().unwrap_or(usize::MAX / 4))?;
                let at = |n: i128| range.at(&Int::from(n));
                let end = places.start + places.step * i128::try_from(places.count).unwrap_or(0);
                let (start, stop, step) =
                    (at(places.start), at(end), range.step.mul(&Int::from(places.step)));
                self.new_range(start, stop, step)
            }
            Value::Dict(_) => Err(type_error("unhashable type: 'slice'")),
            Value::Placeholder(_) => {
                Err(type_error("'>' not supported between instances of 'slice' and 'int'"))
            }
            other => Err(type_error(format!("'{}' object is not subscriptable", self.type_name(other)))),
        }
    }

    pub(super) fn assign_item(&mut self, container: &Value, index: &Value, value: Value) -> Run<()> {
        match container {
            Value::Dict(id) => self.dict_insert(*id, index.clone(), value),
            Value::List(id) => {
                let length = self.heap.items(*id).len();
                let at = self.place(index, length, "list").map_err(|stop| match stop {
                    Stop::Raised(error) if error.class == Class::INDEX => {
                        raise(Class::INDEX, "list assignment index out of range")
                    }
                    other => other,
                })?;
                if let Some(slot) = self.heap.list_mut(*id).and_then(|items| items.get_mut(at)) {
                    *slot = value;
                }
                Ok(())
            }
            other => {
                let shown = self.type_name(other);
                Err(type_error(format!("'{shown}' object does not support item assignment")))
            }
        }
    }

    pub(super) fn assign_slice(
        &mut self,
        frame: Id,
        container: &Value,
        index: &Expr,
        value: &Value,
    ) -> Run<()> {
        let Value::List(id) = container else {
            let shown = self.type_name(container);
            return Err(type_error(format!("'{shown}' object does not support item assignment")));
        };
        let Kind::Slice(from, to, step) = &index.kind else { return Ok(()) };
        let mut parts = [Value::None, Value::None, Value::None];
        for (slot, part) in parts.iter_mut().zip([from, to, step]) {
            if let Some(part) = part {
                *slot = self.eval(frame, part)?;
            }
        }
        let length = self.heap.items(*id).len();
        let places = self.places(&parts, length)?;
        let items = self.collect(value)?;
        if places.step == 1 {
            let start = usize::try_from(places.start).unwrap_or(0).min(length);
            if let Some(list) = self.heap.list_mut(*id) {
                list.splice(start..start + places.count, items);
            }
            return Ok(());
        }
        if items.len() != places.count {
            let (given, count) = (items.len(), places.count);
            return Err(value_error(format!(
                "attempt to assign sequence of size {given} to extended slice of size {count}"
            )));
        }
        if let Some(list) = self.heap.list_mut(*id) {
            for (at, item) in places.iter().zip(items) {
                if let Some(slot) = list.get_mut(at) {
                    *slot = item;
                }
            }
        }
        Ok(())
    }
}

/// The place of an index, which counts from the end below zero.
fn offset(n: &Int, length: usize) -> Option<usize> {
    if n.is_negative() {
        length.checked_sub(n.abs().to_usize()?)
    } else {
        n.to_usize().filter(|at| *at < length)
    }
}

/// No sequence has a place beyond the machine's own numbers.
fn check_index(n: &Int) -> Run<()> {
    match n.to_i64() {
        Some(_) => Ok(()),
        None => Err(raise(Class::INDEX, "cannot fit 'int' into an index-sized integer")),
    }
}

fn out_of_range(kind: &str) -> Stop {
    raise(Class::INDEX, format!("{kind} index out of range"))
}
