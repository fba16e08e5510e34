//! Arrow arrays read by row, whatever their physical type.

use super::bad;
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{
    Array, BinaryArray, BinaryViewArray, FixedSizeBinaryArray, GenericBinaryArray, StringViewArray,
};
use arrow_array::{LargeStringArray, StringArray};
use arrow_schema::{DataType, TimeUnit};
use std::io;

/// Text or bytes.
pub(crate) enum Bytes<'a> {
    Utf8(&'a StringArray),
    LargeUtf8(&'a LargeStringArray),
    Utf8View(&'a StringViewArray),
    Binary(&'a BinaryArray),
    LargeBinary(&'a GenericBinaryArray<i64>),
    BinaryView(&'a BinaryViewArray),
    Fixed(&'a FixedSizeBinaryArray),
}

impl<'a> Bytes<'a> {
    pub(crate) fn new(array: &'a dyn Array) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Utf8 => Self::Utf8(array.as_string_opt()?),
            DataType::LargeUtf8 => Self::LargeUtf8(array.as_string_opt()?),
            DataType::Utf8View => Self::Utf8View(array.as_string_view_opt()?),
            DataType::Binary => Self::Binary(array.as_binary_opt()?),
            DataType::LargeBinary => Self::LargeBinary(array.as_binary_opt()?),
            DataType::BinaryView => Self::BinaryView(array.as_binary_view_opt()?),
            DataType::FixedSizeBinary(_) => Self::Fixed(array.as_fixed_size_binary_opt()?),
            _ => return None,
        })
    }

    /// Whether Arrow promises UTF-8.
    pub(crate) const fn is_text(&self) -> bool {
        matches!(self, Self::Utf8(_) | Self::LargeUtf8(_) | Self::Utf8View(_))
    }

    #[inline]
    pub(crate) fn get(&self, row: usize) -> &'a [u8] {
        match self {
            Self::Utf8(array) => array.value(row).as_bytes(),
            Self::LargeUtf8(array) => array.value(row).as_bytes(),
            Self::Utf8View(array) => array.value(row).as_bytes(),
            Self::Binary(array) => array.value(row),
            Self::LargeBinary(array) => array.value(row),
            Self::BinaryView(array) => array.value(row),
            Self::Fixed(array) => array.value(row),
        }
    }
}

/// Integers of up to 64 bits.
pub(crate) enum Ints<'a> {
    I8(&'a [i8]),
    I16(&'a [i16]),
    I32(&'a [i32]),
    I64(&'a [i64]),
    U8(&'a [u8]),
    U16(&'a [u16]),
    U32(&'a [u32]),
    U64(&'a [u64]),
}

/// Runs an expression with the values, whatever their width.
macro_rules! ints {
    ($ints:expr, $values:ident => $body:expr) => {
        match $ints {
            Ints::I8($values) => $body,
            Ints::I16($values) => $body,
            Ints::I32($values) => $body,
            Ints::I64($values) => $body,
            Ints::U8($values) => $body,
            Ints::U16($values) => $body,
            Ints::U32($values) => $body,
            Ints::U64($values) => $body,
        }
    };
}

impl<'a> Ints<'a> {
    pub(crate) fn new(array: &'a dyn Array) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Int8 => Self::I8(array.as_primitive_opt::<Int8Type>()?.values()),
            DataType::Int16 => Self::I16(array.as_primitive_opt::<Int16Type>()?.values()),
            DataType::Int32 => Self::I32(array.as_primitive_opt::<Int32Type>()?.values()),
            DataType::Int64 => Self::I64(array.as_primitive_opt::<Int64Type>()?.values()),
            DataType::UInt8 => Self::U8(array.as_primitive_opt::<UInt8Type>()?.values()),
            DataType::UInt16 => Self::U16(array.as_primitive_opt::<UInt16Type>()?.values()),
            DataType::UInt32 => Self::U32(array.as_primitive_opt::<UInt32Type>()?.values()),
            DataType::UInt64 => Self::U64(array.as_primitive_opt::<UInt64Type>()?.values()),
            _ => return None,
        })
    }

    #[inline]
    pub(crate) fn write(&self, row: usize, out: &mut Vec<u8>) {
        ints!(self, values => super::number::integer(values[row], out));
    }

    pub(crate) fn get(&self, row: usize) -> i128 {
        ints!(self, values => i128::from(values[row]))
    }
}

/// Moments, as a number of ticks since 1970 in UTC.
pub(crate) struct Ticks<'a> {
    values: &'a [i64],
    pub(crate) per_second: i64,
}

impl<'a> Ticks<'a> {
    pub(crate) fn new(array: &'a dyn Array) -> Option<Self> {
        let DataType::Timestamp(unit, _) = array.data_type() else { return None };
        let (values, per_second) = match unit {
            TimeUnit::Second => (array.as_primitive_opt::<TimestampSecondType>()?.values(), 1),
            TimeUnit::Millisecond => (array.as_primitive_opt::<TimestampMillisecondType>()?.values(), 1_000),
            TimeUnit::Microsecond => {
                (array.as_primitive_opt::<TimestampMicrosecondType>()?.values(), 1_000_000)
            }
            TimeUnit::Nanosecond => {
                (array.as_primitive_opt::<TimestampNanosecondType>()?.values(), 1_000_000_000)
            }
        };
        Some(Self { values, per_second })
    }

    /// Whole seconds, and the ticks beyond them.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> (i64, i64) {
        let ticks = self.values[row];
        (ticks.div_euclid(self.per_second), ticks.rem_euclid(self.per_second))
    }
}

/// Where the items of each row of an array begin and end.
pub(crate) enum Offsets<'a> {
    Small(&'a [i32]),
    Large(&'a [i64]),
    Fixed(usize),
}

impl Offsets<'_> {
    #[inline]
    pub(crate) fn range(&self, row: usize) -> std::ops::Range<usize> {
        match self {
            Self::Small(offsets) => index(i64::from(offsets[row]))..index(i64::from(offsets[row + 1])),
            Self::Large(offsets) => index(offsets[row])..index(offsets[row + 1]),
            Self::Fixed(size) => row * size..(row + 1) * size,
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "Arrow's offsets are indices in memory"
)]
const fn index(offset: i64) -> usize {
    offset as usize
}

/// The offsets and items of a list of any kind, or of a map.
pub(crate) fn list(array: &dyn Array) -> io::Result<(Offsets<'_>, &dyn Array)> {
    Ok(if let Some(list) = array.as_list_opt::<i32>() {
        (Offsets::Small(list.value_offsets()), list.values().as_ref())
    } else if let Some(list) = array.as_list_opt::<i64>() {
        (Offsets::Large(list.value_offsets()), list.values().as_ref())
    } else if let Some(map) = array.as_map_opt() {
        (Offsets::Small(map.value_offsets()), map.entries() as &dyn Array)
    } else if let Some(list) = array.as_fixed_size_list_opt() {
        (Offsets::Fixed(index(i64::from(list.value_length()))), list.values().as_ref())
    } else {
        return Err(bad(&format!("expected a list, found Arrow {}", array.data_type())));
    })
}

/// The row of a dictionary's values for each of its rows; that of a null does not matter.
pub(crate) fn dictionary(array: &dyn Array) -> Option<(Vec<usize>, &dyn Array)> {
    let dictionary = array.as_any_dictionary_opt()?;
    if dictionary.values().is_empty() {
        return None;
    }
    Some((dictionary.normalized_keys(), dictionary.values().as_ref()))
}
