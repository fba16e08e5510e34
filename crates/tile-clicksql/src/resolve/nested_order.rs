//! The order of arrays, tuples and maps: part by part, each with NULL behind NaN behind all other values at the end that was
//! asked for. DuckDB orders nested NULLs in a way of its own, so that each value becomes one that cannot be NULL or NaN.

use super::tail::ordinal;
use crate::types::Type;

/// Whether values are not in order as they are: those that may be NULL or NaN, and those that rest in a form of their own.
pub fn is_decorated(ty: &Type) -> bool {
    match ty.without_dictionary() {
        Type::Nullable(_) | Type::Float32 | Type::Float64 | Type::Map(..) => true,
        Type::Enum(..) | Type::Uuid | Type::Ipv6 => true,
        Type::Array(item) => is_decorated(item),
        Type::Tuple(elements) => elements.iter().any(|(_, t)| is_decorated(t)),
        _ => false,
    }
}

/// What to sort by, in either direction: NULL and NaN are the greatest values, or the least.
pub fn key(sql: &str, ty: &Type, are_greatest: bool) -> String {
    nested(sql, ty, are_greatest, 0)
}

fn nested(sql: &str, ty: &Type, are_greatest: bool, depth: usize) -> String {
    if !is_decorated(ty) {
        return sql.to_owned();
    }
    let item = format!("k{depth}_");
    let inner = |sql: &str, ty: &Type| nested(sql, ty, are_greatest, depth + 1);
    match ty.plain() {
        Type::Array(of) => format!("list_transform({sql}, lambda {item}: {})", inner(&item, of)),
        Type::Map(key, value) => {
            let (key, value) = (inner(&format!("{item}.key"), key), inner(&format!("{item}.value"), value));
            format!(
                "list_transform(map_entries({sql}), lambda {item}: struct_pack(k := {key}, v := {value}))"
            )
        }
        Type::Tuple(elements) => {
            let parts = elements.iter().enumerate().map(|(i, (_, t))| {
                format!("\"{}\" := {}", i + 1, inner(&format!("struct_extract({sql}, '{}')", i + 1), t))
            });
            format!("struct_pack({})", parts.collect::<Vec<_>>().join(", "))
        }
        plain => {
            let value = ordinal(sql, ty);
            let sign = if are_greatest { "" } else { "-" };
            let mut whens = String::new();
            if ty.is_nullable() {
                whens.push_str(&format!(" WHEN {sql} IS NULL THEN {sign}2"));
            }
            if plain.is_float() {
                whens.push_str(&format!(" WHEN isnan({sql}) THEN {sign}1"));
            }
            if whens.is_empty() {
                return value;
            }
            format!("struct_pack(r := CASE{whens} ELSE 0 END, v := {value})")
        }
    }
}
