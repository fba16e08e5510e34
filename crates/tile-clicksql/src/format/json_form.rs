//! What ClickHouse finds in a JSON text: the types of its values, and single values with their types before them.
//!
//! Numbers are `Int64`, `UInt64` or `Float64`; lists have one type for their items where there is one, else each item its own.

use super::binary::{length, text};
use serde_json::{Map, Value};

// Types as they stand before values.
const NOTHING: u8 = 0x00;
pub(super) const UINT64: u8 = 0x04;
pub(super) const INT64: u8 = 0x0a;
pub(super) const FLOAT64: u8 = 0x0e;
pub(super) const STRING: u8 = 0x15;
const ARRAY: u8 = 0x1e;
const NULLABLE: u8 = 0x23;
const DYNAMIC: u8 = 0x2b;
pub(super) const BOOL: u8 = 0x2d;
const JSON: u8 = 0x30;

/// How many paths of an object have columns of their own, and of how many types one path can be.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub paths_max: usize,
    pub types_max: u8,
}

/// Of a column, and of objects in lists.
pub(super) const OUTER: Limits = Limits { paths_max: 1024, types_max: 32 };
pub(super) const INNER: Limits = Limits { paths_max: 256, types_max: 16 };

const fn plain_name(ty: u8) -> &'static str {
    match ty {
        BOOL => "Bool",
        INT64 => "Int64",
        UINT64 => "UInt64",
        FLOAT64 => "Float64",
        _ => "String",
    }
}

/// What an object holds below its objects, by path, sorted. NULL is not held.
pub(super) fn leaves(object: &Map<String, Value>) -> Vec<(String, &Value)> {
    let mut out = Vec::new();
    gather(object, "", &mut out);
    out.sort_by(|a, b| a.0.cmp(&b.0));
    out.dedup_by(|a, b| a.0 == b.0);
    out
}

fn gather<'v>(object: &'v Map<String, Value>, above: &str, out: &mut Vec<(String, &'v Value)>) {
    for (key, value) in object {
        let path = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
        match value {
            Value::Object(inner) => gather(inner, &path, out),
            Value::Null => {}
            value => out.push((path, value)),
        }
    }
}

/// The type of a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Form {
    Null,
    Plain(u8),
    List(Box<Form>),
    Object,
    /// Each says its own.
    Mixed,
}

impl Form {
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Plain(BOOL),
            Value::String(_) => Self::Plain(STRING),
            Value::Number(n) if n.is_i64() => Self::Plain(INT64),
            Value::Number(n) if n.is_u64() => Self::Plain(UINT64),
            Value::Number(_) => Self::Plain(FLOAT64),
            Value::Object(_) => Self::Object,
            Value::Array(items) => Self::List(Box::new(Self::of_items(items))),
        }
    }

    /// The type that all items have.
    fn of_items(items: &[Value]) -> Self {
        items.iter().map(Self::of).reduce(Self::common).unwrap_or(Self::Null)
    }

    fn common(self, other: Self) -> Self {
        let is_number = |ty: &u8| matches!(*ty, INT64 | FLOAT64);
        match (self, other) {
            (a, b) if a == b => a,
            (Self::Null, Self::Plain(ty)) | (Self::Plain(ty), Self::Null) => Self::Plain(ty),
            (Self::Plain(a), Self::Plain(b)) if is_number(&a) && is_number(&b) => Self::Plain(FLOAT64),
            // A list without an item, or of NULL alone, is one of any type that NULL can have.
            (Self::List(a), Self::List(b)) => match a.common(*b) {
                Self::Mixed => Self::Mixed,
                inner => Self::List(Box::new(inner)),
            },
            _ => Self::Mixed,
        }
    }

    /// Its name, as an item of a list.
    fn item_name(&self) -> String {
        match self {
            Self::Null => "Nullable(String)".to_owned(),
            Self::Plain(ty) => format!("Nullable({})", plain_name(*ty)),
            Self::Mixed => "Dynamic".to_owned(),
            Self::List(_) | Self::Object => self.name(),
        }
    }

    /// Its name, as ClickHouse writes it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Plain(ty) => plain_name(*ty).to_owned(),
            Self::List(inner) => format!("Array({})", inner.item_name()),
            Self::Object => {
                format!("JSON(max_dynamic_types={}, max_dynamic_paths={})", INNER.types_max, INNER.paths_max)
            }
            Self::Null | Self::Mixed => self.item_name(),
        }
    }

    /// Appends the type of an item.
    fn item(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(&[NULLABLE, STRING]),
            Self::Plain(ty) => out.extend_from_slice(&[NULLABLE, *ty]),
            Self::List(inner) => {
                out.push(ARRAY);
                inner.item(out);
            }
            Self::Object => {
                out.extend_from_slice(&[JSON, 0]);
                length(INNER.paths_max, out);
                // No paths with types of their own, none that are left out.
                out.extend_from_slice(&[INNER.types_max, 0, 0, 0]);
            }
            Self::Mixed => out.extend_from_slice(&[DYNAMIC, OUTER.types_max]),
        }
    }

    /// Appends a value as an item of a list of this type.
    fn write(&self, value: &Value, out: &mut Vec<u8>) {
        match (self, value) {
            (Self::Null | Self::Plain(_), Value::Null) => out.push(1),
            (Self::Plain(ty), value) => {
                out.push(0);
                plain(*ty, value, out);
            }
            (Self::List(inner), Value::Array(items)) => inner.list(items, out),
            (Self::Object, Value::Object(object)) => {
                let leaves = leaves(object);
                length(leaves.len(), out);
                for (path, value) in leaves {
                    text(path.as_bytes(), out);
                    described(value, out);
                }
            }
            _ => described(value, out),
        }
    }

    fn list(&self, items: &[Value], out: &mut Vec<u8>) {
        length(items.len(), out);
        items.iter().for_each(|item| self.write(item, out));
    }
}

/// Appends a value with its type before it.
pub(super) fn described(value: &Value, out: &mut Vec<u8>) {
    match (Form::of(value), value) {
        (Form::Null, _) => out.push(NOTHING),
        (Form::Plain(ty), value) => {
            out.push(ty);
            plain(ty, value, out);
        }
        (Form::List(items), Value::Array(values)) => {
            out.push(ARRAY);
            items.item(out);
            items.list(values, out);
        }
        (form, value) => {
            form.item(out);
            form.write(value, out);
        }
    }
}

pub(super) fn plain(ty: u8, value: &Value, out: &mut Vec<u8>) {
    match (ty, value) {
        (BOOL, value) => out.push(u8::from(value.as_bool() == Some(true))),
        (STRING, value) => text(value.as_str().unwrap_or_default().as_bytes(), out),
        (INT64, value) => out.extend_from_slice(&value.as_i64().unwrap_or_default().to_le_bytes()),
        (UINT64, value) => out.extend_from_slice(&value.as_u64().unwrap_or_default().to_le_bytes()),
        (_, value) => out.extend_from_slice(&value.as_f64().unwrap_or_default().to_le_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(json: &str) -> Vec<u8> {
        let mut out = Vec::new();
        described(&serde_json::from_str(json).unwrap(), &mut out);
        out
    }

    #[test]
    fn values_have_the_types_that_clickhouse_gives_them() {
        assert_eq!(held("true"), [BOOL, 1]);
        assert_eq!(held("\"hi\""), [STRING, 2, b'h', b'i']);
        assert_eq!(held("[]"), [ARRAY, NULLABLE, STRING, 0]);
        assert_eq!(held("[true, null]"), [ARRAY, NULLABLE, BOOL, 2, 0, 1, 1]);
        assert_eq!(held("[[true], []]"), [ARRAY, ARRAY, NULLABLE, BOOL, 2, 1, 0, 1, 0]);
        assert_eq!(held("[1, \"a\"]")[..4], [ARRAY, DYNAMIC, OUTER.types_max, 2]);
        assert_eq!(held("[[1], null]")[..4], [ARRAY, DYNAMIC, OUTER.types_max, 2]);
        let object = held("[{\"a\": {\"b\": true}}]");
        assert_eq!(object[..10], [ARRAY, JSON, 0, 0x80, 2, INNER.types_max, 0, 0, 0, 1]);
        assert_eq!(object[10..], [1, 3, b'a', b'.', b'b', BOOL, 1]);
        assert_eq!(held("18446744073709551615")[0], UINT64);
        assert_eq!(held("1e3")[0], FLOAT64);
        assert_eq!(held("[1, 2.5]")[..3], [ARRAY, NULLABLE, FLOAT64]);
        assert_eq!(held("[1, 18446744073709551615]")[..2], [ARRAY, DYNAMIC]);
    }
}
