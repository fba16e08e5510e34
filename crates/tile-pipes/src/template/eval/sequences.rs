//! Lists, dicts and sets that change.

use super::super::python::ast::Binary;
use super::super::value::{Dict, Id, Key, Object, Value};
use super::{Machine, Run, type_error, value_error};

impl Machine<'_> {
    /// The items of a list or a tuple, while the machine does something else.
    pub fn copied(&mut self, id: Id) -> Run<Vec<Value>> {
        self.spend(std::mem::size_of_val(self.heap.items(id)))?;
        Ok(self.heap.items(id).to_vec())
    }

    /// The same of a dict.
    pub fn entries(&mut self, id: Id) -> Run<Vec<(Value, Value)>> {
        let Some(dict) = self.heap.dict(id) else { return Ok(Vec::new()) };
        let entries: Vec<(Value, Value)> = dict.iter().cloned().collect();
        self.spend(std::mem::size_of_val(entries.as_slice()))?;
        Ok(entries)
    }

    pub fn new_dict(&mut self) -> Run<Id> {
        self.add(Object::Dict(Dict::default()))
    }

    pub fn dict_insert(&mut self, id: Id, name: Value, value: Value) -> Run<()> {
        let key = self.key(&name)?;
        self.allocate(3 * std::mem::size_of::<Value>())?;
        if let Some(dict) = self.heap.dict_mut(id) {
            dict.insert(key, name, value);
        }
        Ok(())
    }

    /// `dict.update(other)`: another dict, or pairs.
    pub(super) fn dict_update(&mut self, id: Id, other: &Value) -> Run<()> {
        if let Value::Dict(source) = other {
            let entries: Vec<(Value, Value)> = self.entries(*source)?;
            return entries.into_iter().try_for_each(|(key, value)| self.dict_insert(id, key, value));
        }
        for (at, pair) in self.collect(other)?.into_iter().enumerate() {
            if !super::iterate::is_iterable(&pair) {
                return Err(type_error(format!(
                    "cannot convert dictionary update sequence element #{at} to a sequence"
                )));
            }
            let parts = self.collect(&pair)?;
            let length = parts.len();
            let Ok([key, value]) = <[Value; 2]>::try_from(parts) else {
                return Err(value_error(format!(
                    "dictionary update sequence element #{at} has length {length}; 2 is required"
                )));
            };
            self.dict_insert(id, key, value)?;
        }
        Ok(())
    }

    pub fn new_set(&mut self, items: Vec<Value>) -> Run<Value> {
        let set = self.set_object(items)?;
        Ok(Value::Set(set))
    }

    pub(super) fn set_object(&mut self, items: Vec<Value>) -> Run<Id> {
        let id = self.add(Object::Set(Dict::default()))?;
        items.into_iter().try_for_each(|item| self.dict_insert(id, item, Value::None))?;
        Ok(id)
    }

    pub(super) fn extend(&mut self, id: Id, items: Vec<Value>) -> Run<()> {
        self.allocate(items.len() * std::mem::size_of::<Value>())?;
        if let Some(list) = self.heap.list_mut(id) {
            list.extend(items);
        }
        Ok(())
    }

    /// Pays for moving the items of a list.
    pub(super) fn moved(&mut self, id: Id) -> Run<()> {
        self.spend(std::mem::size_of_val(self.heap.items(id)))
    }

    /// `|`, `&`, `-` and `^` of sets.
    pub(super) fn combine_sets(&mut self, left: &Value, operator: Binary, right: &Value) -> Run<Value> {
        let (a, b) = (self.keyed(left)?, self.keyed(right)?);
        let contains = |set: &[(Key, Value)]| -> std::collections::HashSet<Key> {
            set.iter().map(|(key, _)| key.clone()).collect()
        };
        let (in_a, in_b) = (contains(&a), contains(&b));
        let from_a = a.into_iter().filter(|(key, _)| match operator {
            Binary::BitAnd => in_b.contains(key),
            Binary::BitOr => true,
            _ => !in_b.contains(key),
        });
        let from_b = b
            .into_iter()
            .filter(|(key, _)| matches!(operator, Binary::BitOr | Binary::BitXor) && !in_a.contains(key));
        let items = from_a.chain(from_b).map(|(_, value)| value).collect();
        let id = self.set_object(items)?;
        Ok(if matches!(left, Value::FrozenSet(_)) { Value::FrozenSet(id) } else { Value::Set(id) })
    }

    fn keyed(&mut self, set: &Value) -> Run<Vec<(Key, Value)>> {
        let items = self.collect(set)?;
        items.into_iter().map(|item| Ok((self.key(&item)?, item))).collect()
    }
}
