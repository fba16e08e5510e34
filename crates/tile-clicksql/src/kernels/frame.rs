//! What a kernel is, and the loop around every one of them.
//!
//! A kernel is one row's answer, written as an expression; `kernel!` adds the columns, the NULLs and the
//! builder. State that lives as long as a batch (a zone, a compiled pattern) is declared before the
//! expression, so that a constant argument costs once. Nothing here knows what a function computes.

use arrow_array::builder::{
    ArrayBuilder, BinaryBuilder, BooleanBuilder, ListBuilder, PrimitiveBuilder, StringBuilder,
};
use arrow_array::types::{
    Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, BinaryArray, BooleanArray, ListArray, PrimitiveArray, StringArray};
use arrow_schema::{DataType, Field, TimeUnit};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// One function as the engine registers it: no overloads; the generator picks by name.
pub struct Kernel {
    pub name: &'static str,
    pub args: &'static [Arg],
    pub result: Arg,
    /// Columns of one length and of the types of `args`; a NULL in any of them gives NULL.
    pub run: fn(&[ArrayRef]) -> Result<ArrayRef, KernelError>,
}

/// The Arrow types that kernels take and give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arg {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
    Text,
    Blob,
    /// `Date32`: days since 1970-01-01.
    Date,
    /// `Timestamp(Microsecond, None)`: UTC.
    Micros,
    /// Lists of elements that are not NULL; a NULL element counts as the type's default.
    ListText,
    ListI64,
    ListU64,
    ListF64,
    ListMicros,
}

impl Arg {
    /// The type in Arrow.
    pub fn arrow(self) -> DataType {
        match self {
            Self::Bool => DataType::Boolean,
            Self::I8 => DataType::Int8,
            Self::I16 => DataType::Int16,
            Self::I32 => DataType::Int32,
            Self::I64 => DataType::Int64,
            Self::U8 => DataType::UInt8,
            Self::U16 => DataType::UInt16,
            Self::U32 => DataType::UInt32,
            Self::U64 => DataType::UInt64,
            Self::F32 => DataType::Float32,
            Self::F64 => DataType::Float64,
            Self::Text => DataType::Utf8,
            Self::Blob => DataType::Binary,
            Self::Date => DataType::Date32,
            Self::Micros => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::ListText => list(DataType::Utf8),
            Self::ListI64 => list(DataType::Int64),
            Self::ListU64 => list(DataType::UInt64),
            Self::ListF64 => list(DataType::Float64),
            Self::ListMicros => list(DataType::Timestamp(TimeUnit::Microsecond, None)),
        }
    }
}

fn list(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("item", item, true)))
}

/// A refusal at run time, with ClickHouse's number for its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelError {
    pub code: u32,
    pub message: String,
}

impl KernelError {
    pub fn new(code: u32, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
    pub fn bad_argument(message: impl Into<String>) -> Self {
        Self::new(36, message)
    }
    pub fn text(message: impl Into<String>) -> Self {
        Self::new(6, message)
    }
    pub fn datetime(message: impl Into<String>) -> Self {
        Self::new(41, message)
    }
}

impl fmt::Display for KernelError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for KernelError {}

pub type Answered<T> = Result<T, KernelError>;

/// How values of one `Arg` are read from and written to Arrow.
pub trait Family {
    const ARG: Arg;
    type Column: Array + 'static;
    type Value<'a>;
    type Builder;
    fn value(column: &Self::Column, row: usize) -> Self::Value<'_>;
    fn builder(rows: usize) -> Self::Builder;
    fn null(out: &mut Self::Builder);
    fn finish(out: Self::Builder) -> ArrayRef;

    fn column(array: &ArrayRef) -> Answered<&Self::Column> {
        array.as_any().downcast_ref().ok_or_else(|| {
            KernelError::new(43, format!("expected a column of {:?}, found {}", Self::ARG, array.data_type()))
        })
    }
}

/// What a row's expression may give for a family.
pub trait Answer<F: Family> {
    fn put(self, out: &mut F::Builder);
}

impl<F: Family, T: Answer<F>> Answer<F> for Option<T> {
    fn put(self, out: &mut F::Builder) {
        match self {
            Some(value) => value.put(out),
            None => F::null(out),
        }
    }
}

macro_rules! primitive {
    ($($family:ident $native:ty, $arrow:ty;)*) => { $(
        pub struct $family;
        impl Family for $family {
            const ARG: Arg = Arg::$family;
            type Column = PrimitiveArray<$arrow>;
            type Value<'a> = $native;
            type Builder = PrimitiveBuilder<$arrow>;
            fn value(column: &Self::Column, row: usize) -> $native { column.value(row) }
            fn builder(rows: usize) -> Self::Builder { PrimitiveBuilder::with_capacity(rows) }
            fn null(out: &mut Self::Builder) { out.append_null(); }
            fn finish(mut out: Self::Builder) -> ArrayRef { Arc::new(out.finish()) }
        }
        impl Answer<$family> for $native {
            fn put(self, out: &mut PrimitiveBuilder<$arrow>) { out.append_value(self); }
        }
    )* };
}

primitive! {
    I8 i8, Int8Type;
    I16 i16, Int16Type;
    I32 i32, Int32Type;
    I64 i64, Int64Type;
    U8 u8, UInt8Type;
    U16 u16, UInt16Type;
    U32 u32, UInt32Type;
    U64 u64, UInt64Type;
    F32 f32, Float32Type;
    F64 f64, Float64Type;
    Date i32, Date32Type;
    Micros i64, TimestampMicrosecondType;
}

/// ClickHouse's predicates are `UInt8`.
impl Answer<U8> for bool {
    fn put(self, out: &mut PrimitiveBuilder<UInt8Type>) {
        out.append_value(u8::from(self));
    }
}

pub struct Bool;
impl Family for Bool {
    const ARG: Arg = Arg::Bool;
    type Column = BooleanArray;
    type Value<'a> = bool;
    type Builder = BooleanBuilder;
    fn value(column: &Self::Column, row: usize) -> bool {
        column.value(row)
    }
    fn builder(rows: usize) -> Self::Builder {
        BooleanBuilder::with_capacity(rows)
    }
    fn null(out: &mut Self::Builder) {
        out.append_null();
    }
    fn finish(mut out: Self::Builder) -> ArrayRef {
        Arc::new(out.finish())
    }
}
impl Answer<Bool> for bool {
    fn put(self, out: &mut BooleanBuilder) {
        out.append_value(self);
    }
}

macro_rules! bytes {
    ($($family:ident $column:ty, $builder:ty, $value:ty;)*) => { $(
        pub struct $family;
        impl Family for $family {
            const ARG: Arg = Arg::$family;
            type Column = $column;
            type Value<'a> = &'a $value;
            type Builder = $builder;
            fn value(column: &Self::Column, row: usize) -> &$value { column.value(row) }
            fn builder(rows: usize) -> Self::Builder { <$builder>::with_capacity(rows, rows.saturating_mul(16)) }
            fn null(out: &mut Self::Builder) { out.append_null(); }
            fn finish(mut out: Self::Builder) -> ArrayRef { Arc::new(out.finish()) }
        }
    )* };
}

bytes! {
    Text StringArray, StringBuilder, str;
    Blob BinaryArray, BinaryBuilder, [u8];
}

impl Answer<Text> for &str {
    fn put(self, out: &mut StringBuilder) {
        out.append_value(self);
    }
}
impl Answer<Text> for String {
    fn put(self, out: &mut StringBuilder) {
        out.append_value(self);
    }
}
/// ClickHouse's strings are bytes and Arrow's are not: a run of broken characters becomes one U+FFFD, as its JSON has it.
fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match crate::format::valid_utf8(bytes) {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
    }
}

impl Answer<Text> for &[u8] {
    fn put(self, out: &mut StringBuilder) {
        out.append_value(text_of(self));
    }
}
impl Answer<Text> for Vec<u8> {
    fn put(self, out: &mut StringBuilder) {
        out.append_value(text_of(&self));
    }
}
impl Answer<Text> for Cow<'_, [u8]> {
    fn put(self, out: &mut StringBuilder) {
        out.append_value(text_of(&self));
    }
}
impl Answer<Blob> for &[u8] {
    fn put(self, out: &mut BinaryBuilder) {
        out.append_value(self);
    }
}
impl Answer<Blob> for Vec<u8> {
    fn put(self, out: &mut BinaryBuilder) {
        out.append_value(self);
    }
}

macro_rules! list {
    ($($family:ident $element:ident;)*) => { $(
        pub struct $family;
        impl Family for $family {
            const ARG: Arg = Arg::$family;
            type Column = ListArray;
            type Value<'a> = Vec<<$element as Family>::Value<'a>>;
            type Builder = ListBuilder<<$element as Family>::Builder>;
            fn value(column: &ListArray, row: usize) -> Self::Value<'_> {
                let offsets = column.value_offsets();
                let (Some(from), Some(to)) = (offsets.get(row), offsets.get(row + 1)) else {
                    return Vec::new();
                };
                let (Ok(from), Ok(to)) = (usize::try_from(*from), usize::try_from(*to)) else {
                    return Vec::new();
                };
                let Ok(values) = <$element as Family>::column(column.values()) else { return Vec::new() };
                (from..to).map(|at| values.value(at)).collect()
            }
            fn builder(rows: usize) -> Self::Builder {
                ListBuilder::with_capacity(<$element as Family>::builder(rows), rows)
            }
            fn null(out: &mut Self::Builder) { out.append_null(); }
            fn finish(mut out: Self::Builder) -> ArrayRef { Arc::new(ArrayBuilder::finish(&mut out)) }
        }
        impl<T: Answer<$element>> Answer<$family> for Vec<T> {
            fn put(self, out: &mut ListBuilder<<$element as Family>::Builder>) {
                for element in self { element.put(out.values()); }
                out.append(true);
            }
        }
    )* };
}

list! {
    ListText Text;
    ListI64 I64;
    ListU64 U64;
    ListF64 F64;
    ListMicros Micros;
}

pub fn wrong_arity(name: &str, found: usize) -> KernelError {
    KernelError::new(42, format!("`{name}` was given {found} columns"))
}

/// One kernel: `kernel!("name", (a: Text, b: I64) -> Text, let state = init; expression)`. The expression
/// may use `?` and gives anything that is an `Answer` of the result's family.
macro_rules! kernel {
    ($name:expr, ($($arg:ident: $family:ident),+) -> $out:ident, $(let $state:ident = $init:expr;)* $body:expr) => {
        $crate::kernels::frame::Kernel {
            name: $name,
            args: &[$(<$family as $crate::kernels::frame::Family>::ARG),+],
            result: <$out as $crate::kernels::frame::Family>::ARG,
            run: |columns| {
                use $crate::kernels::frame::{Answer, Family};
                let rows = columns.first().map_or(0, |column| arrow_array::Array::len(column));
                let [$($arg),+] = columns else {
                    return Err($crate::kernels::frame::wrong_arity($name, columns.len()));
                };
                $(let $arg = <$family as Family>::column($arg)?;)+
                $(let mut $state = $init;)*
                let mut out = <$out as Family>::builder(rows);
                for row in 0..rows {
                    if $(arrow_array::Array::is_null($arg, row))||+ {
                        <$out as Family>::null(&mut out);
                        continue;
                    }
                    $(let $arg = <$family as Family>::value($arg, row);)+
                    Answer::<$out>::put($body, &mut out);
                }
                Ok(<$out as Family>::finish(out))
            },
        }
    };
}
pub(crate) use kernel;

/// The last thing made from a text: patterns, formats and zones are nearly always constants.
pub struct Last<T> {
    made: Option<(String, T)>,
}

impl<T> Default for Last<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Last<T> {
    pub const fn new() -> Self {
        Self { made: None }
    }
    pub fn get(&mut self, text: &str, make: impl FnOnce(&str) -> Answered<T>) -> Answered<&mut T> {
        if self.made.as_ref().is_none_or(|(of, _)| of != text) {
            self.made = Some((text.to_owned(), make(text)?));
        }
        match &mut self.made {
            Some((_, made)) => Ok(made),
            None => Err(KernelError::new(49, "nothing was made")),
        }
    }
}
