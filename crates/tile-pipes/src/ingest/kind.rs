//! What a column's type means for reading: the values it takes and the Arrow type they rest in.

use std::net::Ipv6Addr;
use std::sync::Arc;

use arrow_schema::{DataType, Field, TimeUnit};
use tile_base::{Error, Result};
use tile_clicksql::types::Type;

/// Names in the messages about one type.
const DEPTH_MAX: usize = 64;

/// A type and whether NULL is one of its values.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub kind: Kind,
    pub nullable: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Bool,
    /// Integers of up to 64 bits; which ones, the builder knows.
    Integer(DataType),
    /// Integers of 128 bits, as text: Arrow has none.
    Huge {
        signed: bool,
    },
    Float32,
    Float64,
    Decimal {
        precision: u8,
        scale: u8,
    },
    Text,
    /// Filled with NUL bytes up to a length.
    Fixed(usize),
    Date {
        /// `Date32`.
        wide: bool,
    },
    /// Digits after the point, none for `DateTime`; and the time zone of texts that say none.
    Time {
        scale: Option<u8>,
        zone: String,
    },
    Uuid,
    Ipv4,
    Ipv6,
    /// The names with their numbers.
    Enum(Vec<(String, i16)>),
    /// The text of an object.
    Json,
    /// The text of any value.
    Dynamic,
    List(Box<Item>),
    Map(Box<(Item, Item)>),
    /// Elements with their names.
    Tuple(Vec<(Option<String>, Item)>),
}

impl Item {
    /// # Errors
    /// `Invalid` for a type whose values cannot come from outside, or that the engine cannot hold.
    pub fn of(ty: &Type) -> Result<Self> {
        Self::nested(ty, 0)
    }

    fn nested(ty: &Type, depth: usize) -> Result<Self> {
        if depth > DEPTH_MAX {
            return Err(Error::invalid("a type that is nested too deeply"));
        }
        let nullable = ty.is_nullable();
        let below = |ty: &Type| Self::nested(ty, depth + 1);
        let unsupported = || Error::invalid(format!("values of the type `{ty}` cannot be read from rows"));
        let kind = match ty.plain() {
            Type::Bool => Kind::Bool,
            Type::UInt(128) => Kind::Huge { signed: false },
            Type::Int(128) => Kind::Huge { signed: true },
            Type::UInt(bits) => Kind::Integer(integer(*bits, false).ok_or_else(unsupported)?),
            Type::Int(bits) => Kind::Integer(integer(*bits, true).ok_or_else(unsupported)?),
            Type::Interval(_) => Kind::Integer(DataType::Int64),
            Type::Float32 => Kind::Float32,
            Type::Float64 => Kind::Float64,
            Type::Decimal(precision, scale) if *precision <= 38 => {
                Kind::Decimal { precision: *precision, scale: *scale }
            }
            Type::String => Kind::Text,
            Type::FixedString(n) if (1..=1 << 20).contains(n) => Kind::Fixed(*n),
            Type::Date => Kind::Date { wide: false },
            Type::Date32 => Kind::Date { wide: true },
            Type::DateTime(zone) => Kind::Time { scale: None, zone: zone.clone().unwrap_or_default() },
            Type::DateTime64(scale, zone) if *scale <= 9 => {
                Kind::Time { scale: Some(*scale), zone: zone.clone().unwrap_or_default() }
            }
            Type::Uuid => Kind::Uuid,
            Type::Ipv4 => Kind::Ipv4,
            Type::Ipv6 => Kind::Ipv6,
            Type::Enum(_, names) => Kind::Enum(names.clone()),
            Type::Json => Kind::Json,
            Type::Dynamic => Kind::Dynamic,
            Type::Array(item) => Kind::List(Box::new(below(item)?)),
            Type::Map(key, value) => {
                let key = below(key)?;
                if key.nullable {
                    return Err(unsupported());
                }
                Kind::Map(Box::new((key, below(value)?)))
            }
            Type::Tuple(elements) if !elements.is_empty() => {
                let read = |(name, ty): &(Option<String>, Type)| below(ty).map(|item| (name.clone(), item));
                Kind::Tuple(elements.iter().map(read).collect::<Result<_>>()?)
            }
            _ => return Err(unsupported()),
        };
        Ok(Self { kind, nullable })
    }

    pub fn arrow(&self) -> DataType {
        match &self.kind {
            Kind::Bool => DataType::Boolean,
            Kind::Integer(ty) => ty.clone(),
            Kind::Ipv4 => DataType::UInt32,
            Kind::Float32 => DataType::Float32,
            Kind::Float64 => DataType::Float64,
            Kind::Decimal { precision, scale } => DataType::Decimal128(*precision, scale.cast_signed()),
            Kind::Date { .. } => DataType::Date32,
            Kind::Time { scale: Some(7..), .. } => DataType::Timestamp(TimeUnit::Nanosecond, None),
            Kind::Time { .. } => DataType::Timestamp(TimeUnit::Microsecond, None),
            Kind::List(item) => DataType::List(item.list_field()),
            Kind::Map(pair) => DataType::Map(entries_field(&pair.0, &pair.1), false),
            Kind::Tuple(elements) => DataType::Struct(
                elements
                    .iter()
                    .enumerate()
                    .map(|(at, (_, item))| item.field(&(at + 1).to_string()))
                    .collect(),
            ),
            _ => DataType::Utf8,
        }
    }

    pub fn field(&self, name: &str) -> Field {
        Field::new(name, self.arrow(), true)
    }

    pub fn list_field(&self) -> Arc<Field> {
        Arc::new(self.field("item"))
    }

    /// Whether the values rest in Arrow as text that only SQL can turn into the type of the engine's column.
    pub fn needs_cast(&self) -> bool {
        match &self.kind {
            Kind::Huge { .. } | Kind::Uuid => true,
            Kind::List(item) => item.needs_cast(),
            Kind::Map(pair) => pair.0.needs_cast() || pair.1.needs_cast(),
            Kind::Tuple(elements) => elements.iter().any(|(_, item)| item.needs_cast()),
            _ => false,
        }
    }
}

/// The entries of a map: keys are never NULL.
pub(super) fn entries_field(key: &Item, value: &Item) -> Arc<Field> {
    let fields = vec![Field::new("key", key.arrow(), false), value.field("value")];
    Arc::new(Field::new("entries", DataType::Struct(fields.into()), false))
}

const fn integer(bits: u16, signed: bool) -> Option<DataType> {
    Some(match (bits, signed) {
        (8, false) => DataType::UInt8,
        (16, false) => DataType::UInt16,
        (32, false) => DataType::UInt32,
        (64, false) => DataType::UInt64,
        (8, true) => DataType::Int8,
        (16, true) => DataType::Int16,
        (32, true) => DataType::Int32,
        (64, true) => DataType::Int64,
        _ => return None,
    })
}

/// A UUID in its usual spelling; with hyphens in their places or none.
pub(super) fn uuid(text: &[u8]) -> Option<[u8; 36]> {
    let hyphens: &[usize] = if text.len() == 36 { &[8, 13, 18, 23] } else { &[] };
    if text.len() != 36 && text.len() != 32 {
        return None;
    }
    let mut out = [b'-'; 36];
    let mut places = out.iter_mut().enumerate().filter(|(at, _)| !matches!(at, 8 | 13 | 18 | 23));
    for (at, byte) in text.iter().enumerate() {
        if hyphens.contains(&at) {
            if *byte != b'-' {
                return None;
            }
        } else if byte.is_ascii_hexdigit() {
            *places.next()?.1 = byte.to_ascii_lowercase();
        } else {
            return None;
        }
    }
    Some(out)
}

/// Four numbers; leading zeros are allowed.
pub(super) fn ipv4(text: &[u8]) -> Option<u32> {
    let (mut value, mut parts) = (0_u32, 0);
    for part in text.split(|byte| *byte == b'.') {
        if !(1..=3).contains(&part.len()) || !part.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let number = part.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
        if number > 255 || parts == 4 {
            return None;
        }
        value = value << 8 | number;
        parts += 1;
    }
    (parts == 4).then_some(value)
}

/// An address of version 6 in its shortest spelling; one of version 4 becomes a part of it.
pub(super) fn ipv6(text: &[u8]) -> Option<String> {
    if let Some(bits) = ipv4(text) {
        return Some(std::net::Ipv4Addr::from_bits(bits).to_ipv6_mapped().to_string());
    }
    let address: Ipv6Addr = std::str::from_utf8(text).ok()?.parse().ok()?;
    Some(address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrow_types_are_those_of_the_engine() {
        let cases = [
            ("UInt8", "UInt8", "UTINYINT"),
            ("Nullable(Int64)", "Int64", "BIGINT"),
            ("LowCardinality(Nullable(String))", "Utf8", "VARCHAR"),
            ("DateTime('Europe/Madrid')", "Timestamp(µs)", "TIMESTAMP"),
            ("DateTime64(6)", "Timestamp(µs)", "TIMESTAMP"),
            ("DateTime64(9)", "Timestamp(ns)", "TIMESTAMP_NS"),
            ("Decimal(10, 2)", "Decimal128(10, 2)", "DECIMAL(10, 2)"),
            ("Date32", "Date32", "DATE"),
            ("IPv4", "UInt32", "UINTEGER"),
            ("Bool", "Boolean", "BOOLEAN"),
            ("SimpleAggregateFunction(sum, UInt64)", "UInt64", "UBIGINT"),
        ];
        for (ty, arrow, engine) in cases {
            let ty = Type::parse(ty).unwrap();
            assert_eq!(Item::of(&ty).unwrap().arrow().to_string(), arrow, "{ty}");
            assert_eq!(tile_clicksql::engine_type(&ty).unwrap(), engine, "{ty}");
        }
    }

    #[test]
    fn types_without_values_from_outside_are_refused() {
        for ty in ["UInt256", "Decimal(76, 2)", "AggregateFunction(sum, UInt64)", "FixedString(0)"] {
            assert!(Item::of(&Type::parse(ty).unwrap()).is_err(), "{ty}");
        }
    }

    #[test]
    fn addresses_and_uuids_are_spelled_in_one_way() {
        let uuid = |text: &str| uuid(text.as_bytes()).map(|out| String::from_utf8(out.to_vec()).unwrap());
        let want = Some("61f0c404-5cb3-11e7-907b-a6006ad3dba0".to_owned());
        assert_eq!(uuid("61F0C404-5CB3-11E7-907B-A6006AD3DBA0"), want);
        assert_eq!(uuid("61f0c4045cb311e7907ba6006ad3dba0"), want);
        assert_eq!(uuid("61f0c404-5cb3-11e7-907ba-6006ad3dba0"), None);
        assert_eq!(ipv4(b"01.2.3.4"), Some(0x0102_0304));
        assert_eq!(ipv4(b"1.2.3"), None);
        assert_eq!(ipv6(b"2001:DB8::1").as_deref(), Some("2001:db8::1"));
        assert_eq!(ipv6(b"1.2.3.4").as_deref(), Some("::ffff:1.2.3.4"));
    }
}
