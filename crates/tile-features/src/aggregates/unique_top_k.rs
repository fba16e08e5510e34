//! `UNIQUE_TOP_K`: the `k` greatest distinct numbers or texts, greatest first. Of structs with a `sort_key` and a `unique_id` the `k` with
//! the greatest sort keys, each id once; of equal sort keys the lesser id first.

use super::parts::ranked::{Rank, Ranked};
use super::{Aggregate, Args, unfit};
use crate::operation::Operation;
use crate::types::Type;
use crate::value::{Value, order};
use std::cmp::Ordering;
use tile_base::Result;

/// # Errors
/// `Invalid` for what is neither a number, a text nor such a struct, without a `k`, or with one out of bounds.
pub fn create(input: &Type, args: &Args) -> Result<Box<dyn Aggregate>> {
    let operation = Operation::UniqueTopK;
    let k = args.items(operation, None)?;
    let Type::Struct(fields) = input else {
        if !input.is_number() && *input != Type::Text {
            return Err(unfit(operation, input));
        }
        return Ok(Box::new(Ranked { ty: input.clone(), k, rank: Scalars }));
    };
    let place = |name: &str, is_fit: &dyn Fn(&Type) -> bool| {
        fields.iter().position(|(n, ty)| n == name && is_fit(ty)).ok_or_else(|| {
            unfit(operation, input).hint("A struct needs a string `sort_key` and an integer `unique_id`")
        })
    };
    let key = place("sort_key", &|ty| *ty == Type::Text)?;
    let id = place("unique_id", &|ty| ty.is_integer())?;
    Ok(Box::new(Ranked { ty: input.clone(), k, rank: Structs { key, id } }))
}

struct Scalars;

impl Rank for Scalars {
    fn order(&self, a: &Value, b: &Value) -> Ordering {
        order(b, a)
    }

    fn same(&self, kept: &[Value], value: &Value) -> Option<usize> {
        kept.binary_search_by(|v| self.order(v, value)).ok()
    }
}

/// By the places of two fields.
struct Structs {
    key: usize,
    id: usize,
}

/// A field of a struct.
fn field(value: &Value, at: usize) -> &Value {
    match value {
        Value::Struct(fields) => fields.get(at).unwrap_or(&Value::Null),
        _ => &Value::Null,
    }
}

impl Rank for Structs {
    fn order(&self, a: &Value, b: &Value) -> Ordering {
        order(field(b, self.key), field(a, self.key))
            .then_with(|| order(field(a, self.id), field(b, self.id)))
    }

    fn same(&self, kept: &[Value], value: &Value) -> Option<usize> {
        kept.iter().position(|v| field(v, self.id) == field(value, self.id))
    }
}
