//! One value in ClickHouse's binary form, which `RowBinary` and the data of `Native` share.

use super::cell::{Cell, Kind};
use super::source::{Bytes, Ints, Ticks};
use super::value::{scaled, shown};
use super::{bad, number};
use crate::types::Type;
use std::io;

/// Appends a length: 7 bits a byte, lowest first.
pub(crate) fn length(value: usize, out: &mut Vec<u8>) {
    let mut rest = value;
    while rest >= 0x80 {
        out.push(0x80 | low(rest as u64));
        rest >>= 7;
    }
    out.push(low(rest as u64));
}

#[expect(clippy::cast_possible_truncation, reason = "the low byte is what is asked for")]
const fn low(value: u64) -> u8 {
    value as u8
}

/// Appends a text with its length.
pub(crate) fn text(bytes: &[u8], out: &mut Vec<u8>) {
    length(bytes.len(), out);
    out.extend_from_slice(bytes);
}

/// Appends the low bytes of a number.
fn low_bytes(value: i128, bytes: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(value.to_le_bytes().get(..bytes).unwrap_or_default());
}

/// Bytes of a decimal by its precision.
const fn decimal_bytes(precision: u8) -> usize {
    match precision {
        0..=9 => 4,
        10..=18 => 8,
        19..=38 => 16,
        _ => 32,
    }
}

impl Cell<'_> {
    /// Appends the value of a row, after a byte for NULL where the type admits it.
    pub(crate) fn binary(&self, row: usize, out: &mut Vec<u8>) -> io::Result<()> {
        let null = self.is_null(row);
        if self.nullable {
            out.push(u8::from(null));
            if null {
                return Ok(());
            }
        }
        if null { default(self.ty, out) } else { self.binary_value(row, out) }
    }

    /// Appends the value of a row that is not NULL.
    pub(crate) fn binary_value(&self, row: usize, out: &mut Vec<u8>) -> io::Result<()> {
        match &self.kind {
            Kind::Nothing => {}
            Kind::Bool(values) => out.push(u8::from(values.value(row))),
            Kind::Int(Ints::U64(values), 64) => out.extend_from_slice(&values[row].to_le_bytes()),
            Kind::Int(values, bits) if *bits <= 128 => {
                low_bytes(values.get(row), usize::from(*bits / 8), out);
            }
            Kind::Int(values, _) => {
                let value = values.get(row);
                out.extend_from_slice(&value.to_le_bytes());
                out.resize(out.len() + 16, if value < 0 { 0xFF } else { 0 });
            }
            Kind::Digits(text, bits) => {
                out.extend_from_slice(&number::wide(text.get(row))[..usize::from(*bits / 8).min(32)]);
            }
            Kind::Float32(values) => out.extend_from_slice(&values[row].to_le_bytes()),
            Kind::Float64(values) => out.extend_from_slice(&values[row].to_le_bytes()),
            Kind::Decimal { values, precision, .. } => low_bytes(values[row], decimal_bytes(*precision), out),
            Kind::DecimalText { values, scale } => decimal_text(values.get(row), *scale, self.ty, out),
            Kind::Date(values) => match self.ty {
                Type::Date => low_bytes(i128::from(values[row]), 2, out),
                _ => out.extend_from_slice(&values[row].to_le_bytes()),
            },
            Kind::Moment { ticks, digits, .. } => moment(ticks, row, *digits, self.ty, out),
            Kind::Ipv4(values) => out.extend_from_slice(&values[row].to_le_bytes()),
            Kind::Text(values) => return self.binary_text(values, row, out),
            Kind::Json(values) => text(&shown(values.get(row)), out),
            Kind::Dynamic(_) => return Err(bad("a Dynamic has no binary form here")),
            Kind::Variant(_) => return Err(bad("a Variant has no binary form here")),
            Kind::Array { offsets, items } => {
                let range = offsets.range(row);
                length(range.len(), out);
                for item in range {
                    items.binary(item, out)?;
                }
            }
            Kind::Tuple(elements) => {
                for element in elements {
                    element.cell.binary(row, out)?;
                }
            }
            Kind::Map { offsets, keys, values } => {
                let range = offsets.range(row);
                length(range.len(), out);
                for item in range {
                    keys.binary(item, out)?;
                    values.binary(item, out)?;
                }
            }
            Kind::Dictionary { keys, values } => return values.binary_value(keys[row], out),
        }
        Ok(())
    }

    fn binary_text(&self, values: &Bytes, row: usize, out: &mut Vec<u8>) -> io::Result<()> {
        let value = values.get(row);
        match self.ty {
            Type::FixedString(size) => {
                out.extend_from_slice(value.get(..*size).unwrap_or(value));
                out.resize(out.len() + size.saturating_sub(value.len()), 0);
            }
            Type::Enum(bits, names) => {
                let found = names.iter().find(|(name, _)| name.as_bytes() == value);
                let (_, number) = found.ok_or_else(|| bad("an enum's value is none of its names"))?;
                low_bytes(i128::from(*number), usize::from(*bits / 8), out);
            }
            Type::Uuid => out.extend_from_slice(&uuid(value).ok_or_else(|| bad("a UUID is none"))?),
            Type::Ipv4 => {
                let address =
                    std::str::from_utf8(value).ok().and_then(|s| s.parse::<std::net::Ipv4Addr>().ok());
                let address = address.ok_or_else(|| bad("an IPv4 address is none"))?;
                out.extend_from_slice(&u32::from(address).to_le_bytes());
            }
            Type::Ipv6 => {
                let address =
                    std::str::from_utf8(value).ok().and_then(|s| s.parse::<std::net::Ipv6Addr>().ok());
                out.extend_from_slice(&address.ok_or_else(|| bad("an IPv6 address is none"))?.octets());
            }
            Type::AggregateFunction(_) => out.extend_from_slice(value),
            _ => text(value, out),
        }
        Ok(())
    }
}

fn moment(ticks: &Ticks, row: usize, digits: u8, ty: &Type, out: &mut Vec<u8>) {
    let (seconds, rest) = ticks.get(row);
    if matches!(ty, Type::DateTime(_)) {
        return low_bytes(i128::from(seconds), 4, out);
    }
    let power = 10_i64.pow(u32::from(digits.min(9)));
    let value = seconds.wrapping_mul(power).wrapping_add(scaled(rest, ticks.per_second, digits));
    out.extend_from_slice(&value.to_le_bytes());
}

/// A decimal from its text: the digits as an integer, with as many after the point as the scale says.
fn decimal_text(value: &[u8], scale: usize, ty: &Type, out: &mut Vec<u8>) {
    let after = value.iter().position(|&b| b == b'.').map_or(0, |point| value.len() - point - 1);
    let mut digits = value.to_vec();
    digits.resize(digits.len() + scale.saturating_sub(after), b'0');
    let bytes = if let Type::Decimal(precision, _) = ty { decimal_bytes(*precision) } else { 32 };
    out.extend_from_slice(&number::wide(&digits)[..bytes]);
}

/// A UUID's two halves, each lowest byte first.
fn uuid(value: &[u8]) -> Option<[u8; 16]> {
    let mut digits = value.iter().filter(|&&b| b != b'-');
    let mut bytes = [0; 16];
    for byte in &mut bytes {
        let high = char::from(*digits.next()?).to_digit(16)?;
        let low = char::from(*digits.next()?).to_digit(16)?;
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    bytes[..8].reverse();
    bytes[8..].reverse();
    digits.next().is_none().then_some(bytes)
}

/// Appends a type's default, which stands for a NULL that the type does not admit or that has its mark elsewhere.
pub(crate) fn default(ty: &Type, out: &mut Vec<u8>) -> io::Result<()> {
    let zeros = match ty {
        Type::Nothing | Type::Bool => 1,
        Type::UInt(bits) | Type::Int(bits) => usize::from(*bits / 8),
        Type::Float32 | Type::DateTime(_) | Type::Date32 | Type::Ipv4 => 4,
        Type::Float64 | Type::DateTime64(..) | Type::Interval(_) => 8,
        Type::Decimal(precision, _) => decimal_bytes(*precision),
        Type::FixedString(size) => *size,
        Type::Date => 2,
        Type::Uuid | Type::Ipv6 => 16,
        Type::String | Type::Json | Type::Array(_) | Type::Map(..) => 1,
        Type::Enum(bits, names) => {
            let first = names.iter().map(|(_, number)| *number).next().unwrap_or_default();
            low_bytes(i128::from(first), usize::from(*bits / 8), out);
            0
        }
        Type::Tuple(elements) => {
            for (_, element) in elements {
                match element {
                    Type::Nullable(_) => out.push(1),
                    other => default(other.plain(), out)?,
                }
            }
            0
        }
        Type::Dynamic | Type::Variant(_) => return Err(bad("a value of many types has no binary form here")),
        Type::AggregateFunction(_) => return Err(bad("an aggregate state is NULL")),
        Type::Nullable(inner) | Type::LowCardinality(inner) => return default(inner, out),
        Type::SimpleAggregateFunction(_) => return default(ty.plain(), out),
    };
    out.resize(out.len() + zeros, 0);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_identifiers() {
        let mut out = Vec::new();
        length(300, &mut out);
        assert_eq!(out, [0xAC, 0x02]);
        let bytes = uuid(b"61f0c404-5cb3-11e7-907b-a6006ad3dba0").unwrap();
        assert_eq!(
            bytes,
            [0xE7, 0x11, 0xB3, 0x5C, 0x04, 0xC4, 0xF0, 0x61, 0xA0, 0xDB, 0xD3, 0x6A, 0, 0xA6, 0x7B, 0x90]
        );
        assert_eq!(uuid(b"61f0"), None);
    }
}
