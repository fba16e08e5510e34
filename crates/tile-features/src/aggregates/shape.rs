//! How rows become inputs of an operation: whole, by the items of a list, by the entries of a map, by the place in a list, by a bucket.

use super::{Aggregate, Ir, create};
use crate::column::Cell;
use crate::definition::Aggregation;
use crate::operation::Operation;
use crate::types::Type;
use crate::value::Value;
use std::collections::BTreeMap;
use tile_base::{Error, Result};

/// An operation over the values of a column of that type.
///
/// # Errors
/// Those of [`create`]; `Invalid` for shapes that do not go together.
pub fn shaped(aggregation: &Aggregation, input: &Type, is_bucketed: bool) -> Result<Box<dyn Aggregate>> {
    let of = |ty: &Type| create(aggregation.operation, ty, &aggregation.args);
    if aggregation.is_element_wise {
        let Type::List(item) = input else {
            return Err(Error::invalid(format!("elements are those of a list, not of a {input}")));
        };
        if is_bucketed {
            return Err(Error::invalid("what is aggregated by elements cannot have buckets"));
        }
        return Ok(Box::new(Elements(of(item)?)));
    }
    match input {
        _ if aggregation.operation.is_timed() => of(input),
        Type::Map(_) if is_bucketed => Err(Error::invalid("a map cannot have buckets")),
        Type::Map(value) => Ok(Box::new(Entries(of(value)?))),
        Type::List(item) if is_scalar(item) => Ok(Box::new(Items(of(item)?))),
        // A list of what is not scalar counts as one value; no other operation takes it.
        Type::List(_) if aggregation.operation != Operation::Count => {
            Err(super::unfit(aggregation.operation, input))
        }
        _ => of(input),
    }
}

/// Whether a cell of that type is one input: neither its items nor its entries are.
pub const fn is_whole(aggregation: &Aggregation, input: &Type) -> bool {
    !aggregation.is_element_wise
        && (aggregation.operation.is_timed() || !matches!(input, Type::List(_) | Type::Map(_)))
}

const fn is_scalar(ty: &Type) -> bool {
    !matches!(ty, Type::List(_) | Type::Map(_) | Type::Struct(_))
}

/// Each item that is not null is an input.
struct Items(Box<dyn Aggregate>);

impl Items {
    fn each(cell: Cell<'_>, mut input: impl FnMut(Cell<'_>)) {
        if let Cell::List(items, (from, to)) = cell {
            (from..to).map(|i| items.cell(i)).filter(|c| !c.is_null()).for_each(&mut input);
        }
    }
}

impl Aggregate for Items {
    fn output(&self) -> Type {
        self.0.output()
    }
    fn update(&self, ir: &mut Ir, cell: Cell<'_>, at: i64) {
        Self::each(cell, |item| self.0.update(ir, item, at));
    }
    fn merge(&self, ir: &mut Ir, later: &Ir) {
        self.0.merge(ir, later);
    }
    fn finalize(&self, ir: &Ir) -> Value {
        self.0.finalize(ir)
    }
    fn remove(&self, ir: &mut Ir, cell: Cell<'_>) -> bool {
        let mut is_removed = true;
        Self::each(cell, |item| is_removed &= self.0.remove(ir, item));
        is_removed
    }
}

/// A map of results: one for each key of the maps, or for each bucket.
pub struct Entries(pub Box<dyn Aggregate>);

impl Entries {
    fn entry<'a>(ir: &'a mut Ir, key: &str) -> Option<&'a mut Ir> {
        if matches!(ir, Ir::Empty) {
            *ir = Ir::Entries(Box::default());
        }
        let Ir::Entries(entries) = ir else { return None };
        if !entries.contains_key(key) {
            entries.insert(key.into(), Ir::Empty);
        }
        entries.get_mut(key)
    }

    /// Takes a value into the result of one key.
    pub fn update_entry(&self, ir: &mut Ir, key: &str, cell: Cell<'_>, at: i64) {
        if let Some(entry) = Self::entry(ir, key) {
            self.0.update(entry, cell, at);
        }
    }

    /// Takes a value out of the result of one key.
    pub fn remove_entry(&self, ir: &mut Ir, key: &str, cell: Cell<'_>) -> bool {
        Self::entry(ir, key).is_some_and(|entry| self.0.remove(entry, cell))
    }

    fn each(cell: Cell<'_>, mut input: impl FnMut(&str, Cell<'_>)) {
        if let Cell::Map(keys, values, (from, to)) = cell {
            (from..to)
                .filter(|i| !values.cell(*i).is_null())
                .for_each(|i| input(keys.value(i), values.cell(i)));
        }
    }
}

impl Aggregate for Entries {
    fn output(&self) -> Type {
        Type::Map(Box::new(self.0.output()))
    }
    fn update(&self, ir: &mut Ir, cell: Cell<'_>, at: i64) {
        if matches!(ir, Ir::Empty) {
            // A map without entries is a value: its result is one without entries.
            *ir = Ir::Entries(Box::default());
        }
        Self::each(cell, |key, value| self.update_entry(ir, key, value, at));
    }
    fn merge(&self, ir: &mut Ir, later: &Ir) {
        let Ir::Entries(theirs) = later else { return };
        if matches!(ir, Ir::Empty) {
            *ir = later.clone();
            return;
        }
        for (key, later) in theirs.iter() {
            if let Some(entry) = Self::entry(ir, key) {
                self.0.merge(entry, later);
            }
        }
    }
    fn finalize(&self, ir: &Ir) -> Value {
        let Ir::Entries(entries) = ir else { return Value::Null };
        Value::Map(entries.iter().map(|(key, ir)| (key.clone(), self.0.finalize(ir))).collect())
    }
    fn remove(&self, ir: &mut Ir, cell: Cell<'_>) -> bool {
        let mut is_removed = true;
        Self::each(cell, |key, value| is_removed &= self.remove_entry(ir, key, value));
        is_removed
    }
}

/// A result for each place in lists of one length.
struct Elements(Box<dyn Aggregate>);

impl Elements {
    fn places(ir: &mut Ir, length: usize) -> &mut [Ir] {
        if matches!(ir, Ir::Empty) {
            *ir = Ir::Elements(Box::default());
        }
        match ir {
            Ir::Elements(places) => {
                if places.len() < length {
                    places.resize(length, Ir::Empty);
                }
                places
            }
            _ => &mut [],
        }
    }
}

impl Aggregate for Elements {
    fn output(&self) -> Type {
        Type::List(Box::new(self.0.output()))
    }
    fn update(&self, ir: &mut Ir, cell: Cell<'_>, at: i64) {
        if let Cell::List(items, (from, to)) = cell {
            for (ir, i) in Self::places(ir, to - from).iter_mut().zip(from..to) {
                let item = items.cell(i);
                if !item.is_null() {
                    self.0.update(ir, item, at);
                }
            }
        }
    }
    fn merge(&self, ir: &mut Ir, later: &Ir) {
        if let Ir::Elements(theirs) = later {
            for (ir, later) in Self::places(ir, theirs.len()).iter_mut().zip(theirs.iter()) {
                self.0.merge(ir, later);
            }
        }
    }
    fn finalize(&self, ir: &Ir) -> Value {
        match ir {
            Ir::Elements(places) => Value::List(places.iter().map(|ir| self.0.finalize(ir)).collect()),
            _ => Value::Null,
        }
    }
}

/// Entries of one bucketed slot, in the order of their keys.
pub type EntryMap = BTreeMap<Box<str>, Ir>;
