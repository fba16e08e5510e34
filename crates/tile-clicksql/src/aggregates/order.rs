//! In which order different values come: as in ClickHouse, where that is known.

use super::feed::bind;
use crate::types::Type;

/// How a value's place in a hash set is found.
enum Keys {
    /// By its bits, as a `UBIGINT`.
    Bits(String),
    /// By the bits of a float.
    Float(String),
    Text,
    /// Values of one byte stand in the order of their bits.
    Byte {
        signed: bool,
    },
}

fn keys(ty: &Type, value: &str) -> Option<Keys> {
    Some(match ty.plain() {
        Type::UInt(8) | Type::Bool => Keys::Byte { signed: false },
        Type::Int(8) => Keys::Byte { signed: true },
        Type::UInt(16 | 32 | 64) => Keys::Bits(format!("CAST({value} AS UBIGINT)")),
        Type::Int(bits @ (16 | 32 | 64)) => {
            let all = 1_u128 << bits;
            Keys::Bits(format!("CAST((CAST({value} AS HUGEINT) + {all}) % {all} AS UBIGINT)"))
        }
        Type::Date => Keys::Bits(format!("CAST({value} - DATE '1970-01-01' AS UBIGINT)")),
        Type::DateTime(_) => Keys::Bits(format!("CAST(epoch({value}) AS UBIGINT)")),
        Type::Float32 | Type::Float64 => {
            let single = *ty.plain() == Type::Float32;
            Keys::Float(format!("ch_float_bits(CAST({value} AS DOUBLE), {single})"))
        }
        Type::String => Keys::Text,
        _ => return None,
    })
}

/// The items at the positions that a kernel finds.
fn picked(list: &str, depth: usize, kernel: &str, key: &str, limit: i128) -> String {
    let (all, item, at) = (format!("o{depth}_"), format!("v{depth}_"), format!("i{depth}_"));
    let keys = if key == item { all.clone() } else { format!("list_transform({all}, lambda {item}: {key})") };
    let body = format!("list_transform({kernel}({keys}, {limit}), lambda {at}: {all}[{at}])");
    bind(list, &all, &body)
}

/// The different items of a list as `groupUniqArray` gives them, at most so many; `None` where its order is not known.
pub fn of_set(list: &str, ty: &Type, depth: usize, limit: i128) -> Option<String> {
    let item = format!("v{depth}_");
    Some(match keys(ty, &item)? {
        Keys::Bits(bits) => picked(list, depth, "ch_set_order", &bits, limit),
        Keys::Float(bits) => picked(list, depth, "ch_distinct_order", &bits, limit),
        Keys::Text => picked(list, depth, "ch_set_order_text", &item, limit),
        Keys::Byte { signed } => {
            let sorted = format!("list_sort({})", of_arrival(list, ty, depth, limit)?);
            if !signed {
                return Some(sorted);
            }
            let part = |test: &str| format!("list_filter(s_, lambda {item}: {item} {test} 0)");
            bind(&sorted, "s_", &format!("{} || {}", part(">="), part("<")))
        }
    })
}

/// The different items as they came first, at most so many; `None` where they cannot be told apart by their text.
pub fn of_arrival(list: &str, ty: &Type, depth: usize, limit: i128) -> Option<String> {
    let item = format!("v{depth}_");
    let text = match ty.plain() {
        Type::String => item,
        ty if ty.is_number() || ty.is_date() || ty.is_time() || matches!(ty, Type::Uuid | Type::Enum(..)) => {
            format!("CAST({item} AS VARCHAR)")
        }
        _ => return None,
    };
    Some(picked(list, depth, "ch_first_positions", &text, limit))
}

/// The order in which a state of `-Distinct` gives its items to another one.
pub fn of_state(list: &str, ty: &Type, depth: usize) -> String {
    let item = format!("v{depth}_");
    let kernel = |key: &str, kernel: &str| picked(list, depth, kernel, key, 0);
    match (ty.plain(), keys(ty, &item)) {
        (Type::Date | Type::DateTime(_), _) | (_, None) => list.to_owned(),
        (_, Some(Keys::Bits(bits) | Keys::Float(bits))) => kernel(&bits, "ch_distinct_order"),
        (_, Some(Keys::Text)) => kernel(&item, "ch_distinct_order_text"),
        (_, Some(Keys::Byte { signed })) => {
            let bits = if signed {
                format!("CAST((CAST({item} AS INTEGER) + 256) % 256 AS UBIGINT)")
            } else {
                format!("CAST({item} AS UBIGINT)")
            };
            kernel(&bits, "ch_distinct_order")
        }
    }
}
