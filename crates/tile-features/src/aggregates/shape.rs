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
        Type::Map(value) => Ok(Box::new(Entries { of: of(value)?, is_bucketed: false })),
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

/// Keys or buckets of one result. Beyond, it is [`Ir::Full`].
pub const ENTRIES_MAX: usize = 100_000;

/// A map of results: one for each key of the maps, or for each bucket.
pub struct Entries {
    of: Box<dyn Aggregate>,
    /// A map without entries is a value; no bucket is none.
    is_bucketed: bool,
}

impl Entries {
    /// By the text of another column.
    pub const fn of_buckets(of: Box<dyn Aggregate>) -> Self {
        Self { of, is_bucketed: true }
    }

    /// Changes the result of one key. Where nothing is left of it, it goes.
    fn change(ir: &mut Ir, key: &str, change: impl FnOnce(&mut Ir) -> bool) -> bool {
        if matches!(ir, Ir::Empty) {
            *ir = Ir::Entries(Box::default());
        }
        let Ir::Entries(entries) = ir else { return true };
        if let Some(entry) = entries.get_mut(key) {
            let is_done = change(entry);
            if matches!(entry, Ir::Empty) {
                entries.remove(key);
            }
            return is_done;
        }
        let mut entry = Ir::Empty;
        let is_done = change(&mut entry);
        if matches!(entry, Ir::Empty) {
            return is_done;
        }
        if entries.len() < ENTRIES_MAX {
            entries.insert(key.into(), entry);
        } else {
            *ir = Ir::Full;
        }
        is_done
    }

    /// Nothing is left where all entries went.
    fn settle(ir: &mut Ir) {
        if matches!(ir, Ir::Entries(entries) if entries.is_empty()) {
            *ir = Ir::Empty;
        }
    }

    /// Takes a value into the result of one bucket.
    pub fn update_entry(&self, ir: &mut Ir, key: &str, cell: Cell<'_>, at: i64) {
        Self::change(ir, key, |entry| {
            self.of.update(entry, cell, at);
            true
        });
        Self::settle(ir);
    }

    /// Takes a value out of the result of one bucket.
    pub fn remove_entry(&self, ir: &mut Ir, key: &str, cell: Cell<'_>) -> bool {
        let is_done = Self::change(ir, key, |entry| self.of.remove(entry, cell));
        Self::settle(ir);
        is_done
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
        Type::Map(Box::new(self.of.output()))
    }
    fn update(&self, ir: &mut Ir, cell: Cell<'_>, at: i64) {
        if matches!(ir, Ir::Empty) {
            *ir = Ir::Entries(Box::default());
        }
        Self::each(cell, |key, value| {
            Self::change(ir, key, |entry| {
                self.of.update(entry, value, at);
                true
            });
        });
    }
    fn merge(&self, ir: &mut Ir, later: &Ir) {
        if !ir.has_both(later) {
            return;
        }
        let Ir::Entries(theirs) = later else { return };
        for (key, later) in theirs.iter() {
            Self::change(ir, key, |entry| {
                self.of.merge(entry, later);
                true
            });
        }
        if self.is_bucketed {
            Self::settle(ir);
        }
    }
    fn finalize(&self, ir: &Ir) -> Value {
        let Ir::Entries(entries) = ir else { return Value::Null };
        let values: Box<[_]> = entries
            .iter()
            .map(|(key, ir)| (key.clone(), self.of.finalize(ir)))
            .filter(|(_, value)| !value.is_null())
            .collect();
        if values.is_empty() && self.is_bucketed { Value::Null } else { Value::Map(values) }
    }
    fn remove(&self, ir: &mut Ir, cell: Cell<'_>) -> bool {
        let mut is_removed = true;
        Self::each(cell, |key, value| {
            is_removed &= Self::change(ir, key, |entry| self.of.remove(entry, value));
        });
        // Whether a map without entries is among what is left is not known: then there is none.
        Self::settle(ir);
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
        if !ir.has_both(later) {
            return;
        }
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
    fn remove(&self, ir: &mut Ir, cell: Cell<'_>) -> bool {
        let mut is_removed = true;
        if let Cell::List(items, (from, to)) = cell {
            for (ir, i) in Self::places(ir, to - from).iter_mut().zip(from..to) {
                let item = items.cell(i);
                is_removed &= item.is_null() || self.0.remove(ir, item);
            }
        }
        if matches!(ir, Ir::Elements(places) if places.iter().all(|ir| matches!(ir, Ir::Empty))) {
            *ir = Ir::Empty;
        }
        is_removed
    }
}

/// Entries of one bucketed slot, in the order of their keys.
pub type EntryMap = BTreeMap<Box<str>, Ir>;
