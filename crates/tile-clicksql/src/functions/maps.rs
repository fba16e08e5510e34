//! Maps.

use super::{Function, entry};
use crate::duck;
use crate::resolve::{unified, united};
use crate::typed::Typed;
use crate::types::Type;

pub const ALL: &[Function] = &[
    entry("map", (0, 10_000), |a| {
        if a.len() % 2 == 1 {
            return Err(a.unsupported("of an odd number of arguments"));
        }
        let keys: Vec<Typed> = a.items.iter().step_by(2).cloned().collect();
        let values: Vec<Typed> = a.items.iter().skip(1).step_by(2).cloned().collect();
        let ((k, keys), (v, values)) = (unified(&keys)?, united(&values)?);
        let ty = Type::Map(Box::new(k), Box::new(v));
        Ok(Typed::new(
            format!("CAST(MAP([{}], [{}]) AS {})", keys.join(", "), values.join(", "), duck::type_of(&ty)?),
            ty,
        ))
    })
    .own_nulls()
    .with_dictionary()
    .full(),
    entry("mapKeys", (1, 1), |a| match a.ty(0)?.plain() {
        Type::Map(k, _) => Ok(Typed::new(format!("map_keys({})", a.sql(0)?), Type::Array(k.clone()))),
        _ => Err(a.wrong(0, "a map")),
    })
    .full(),
    entry("mapValues", (1, 1), |a| match a.ty(0)?.plain() {
        Type::Map(_, v) => Ok(Typed::new(format!("map_values({})", a.sql(0)?), Type::Array(v.clone()))),
        _ => Err(a.wrong(0, "a map")),
    })
    .full(),
    entry("mapContains", (2, 2), |a| match a.ty(0)?.plain() {
        Type::Map(k, _) => {
            Ok(Typed::truth(format!("list_contains(map_keys({}), {})", a.sql(0)?, a.at(1)?.widened(k)?)))
        }
        _ => Err(a.wrong(0, "a map")),
    })
    .alias(&["mapContainsKey"])
    .full(),
];
