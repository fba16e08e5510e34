//! One value that is held on its own: a feature, or the payload of an intermediate result.

use std::cmp::Ordering;

/// A value. All integers, dates and timestamps are `Int`; floats and doubles are `Real`.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    Text(Box<str>),
    Bytes(Box<[u8]>),
    List(Box<[Self]>),
    /// In the order of its keys, each once.
    Map(Box<[(Box<str>, Self)]>),
    /// Fields in the order of the type.
    Struct(Box<[Self]>),
}

impl Value {
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// The order of texts that Java has: by UTF-16 code units. It differs from that of Unicode's scalars where one text has a character
/// above U+FFFF and the other one from U+E000 to U+FFFF.
pub fn text_order(a: &str, b: &str) -> Ordering {
    let common = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    match (a.as_bytes().get(common), b.as_bytes().get(common)) {
        // Only where both first bytes that differ are of three or four bytes can the orders differ.
        (Some(&x), Some(&y)) if x >= 0xE0 && y >= 0xE0 => a.encode_utf16().cmp(b.encode_utf16()),
        _ => a.cmp(b),
    }
}

/// The order of two values of one type, as Java compares them: texts by UTF-16 code units, -0.0 before 0.0, NaN after all.
pub fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Int(x), Value::Int(y)) => x.cmp(y),
        (Value::Real(x), Value::Real(y)) => real_order(*x, *y),
        (Value::Text(x), Value::Text(y)) => text_order(x, y),
        (Value::Bytes(x), Value::Bytes(y)) => x.cmp(y),
        (Value::Bool(x), Value::Bool(y)) => x.cmp(y),
        _ => Ordering::Equal,
    }
}

/// The order of `Double.compare`: all NaN are one, after all numbers.
pub fn real_order(a: f64, b: f64) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (false, false) => a.total_cmp(&b),
        (x, y) => x.cmp(&y),
    }
}
