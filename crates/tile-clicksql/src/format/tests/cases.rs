//! The cases of `record.py`, built by hand.

use super::{Column, Output, Statistics};
use crate::types::Type;
use arrow_array::types::*;
use arrow_array::*;
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Fields, Schema};
use std::sync::Arc;

pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) columns: Vec<Column>,
    pub(super) batch: RecordBatch,
    totals: Option<RecordBatch>,
    extremes: Option<RecordBatch>,
    rows_before_limit: Option<u64>,
}

impl Case {
    pub(super) fn output(&self) -> Output<'_> {
        Output {
            columns: &self.columns,
            batches: std::slice::from_ref(&self.batch),
            totals: self.totals.as_ref(),
            extremes: self.extremes.as_ref(),
            rows_before_limit: self.rows_before_limit,
            statistics: Some(Statistics { elapsed_seconds: 0.25, rows_read: 5, bytes_read: 40 }),
        }
    }
}

type Part = (&'static str, &'static str, ArrayRef);

fn batch(parts: Vec<ArrayRef>) -> RecordBatch {
    let fields: Vec<_> = parts
        .iter()
        .enumerate()
        .map(|(i, a)| Field::new(i.to_string(), a.data_type().clone(), true))
        .collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), parts).unwrap()
}

pub(super) fn case(name: &'static str, parts: Vec<Part>) -> Case {
    let columns = parts
        .iter()
        .map(|(name, ty, _)| Column { name: (*name).to_owned(), ty: Type::parse(ty).unwrap() })
        .collect();
    let batch = batch(parts.into_iter().map(|(_, _, array)| array).collect());
    Case { name, columns, batch, totals: None, extremes: None, rows_before_limit: None }
}

pub(super) fn text(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

pub(super) fn ints<T: ArrowPrimitiveType>(values: Vec<T::Native>) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::from_iter_values(values))
}

fn maybe<T: ArrowPrimitiveType>(values: Vec<Option<T::Native>>) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::from_iter(values))
}

pub(super) fn u8s(values: &[u8]) -> ArrayRef {
    ints::<UInt8Type>(values.to_vec())
}

fn bools(values: &[bool]) -> ArrayRef {
    Arc::new(BooleanArray::from(values.to_vec()))
}

pub(super) fn list(ends: &[i32], items: ArrayRef) -> ArrayRef {
    let offsets = std::iter::once(0).chain(ends.iter().copied()).collect::<ScalarBuffer<i32>>();
    let field = Arc::new(Field::new("item", items.data_type().clone(), true));
    Arc::new(ListArray::new(field, OffsetBuffer::new(offsets), items, None))
}

fn tuple(parts: Vec<ArrayRef>) -> ArrayRef {
    let fields: Fields = parts
        .iter()
        .enumerate()
        .map(|(i, a)| Field::new(i.to_string(), a.data_type().clone(), true))
        .collect();
    Arc::new(StructArray::new(fields, parts, None))
}

pub(super) fn map(ends: &[i32], keys: ArrayRef, values: ArrayRef) -> ArrayRef {
    let offsets = std::iter::once(0).chain(ends.iter().copied()).collect::<ScalarBuffer<i32>>();
    let fields = Fields::from(vec![
        Field::new("key", keys.data_type().clone(), false),
        Field::new("value", values.data_type().clone(), true),
    ]);
    let entries = StructArray::new(fields.clone(), vec![keys, values], None);
    let field = Arc::new(Field::new("entries", DataType::Struct(fields), false));
    Arc::new(MapArray::new(field, OffsetBuffer::new(offsets), entries, None, false))
}

pub(super) fn decimals(values: Vec<i128>, precision: u8, scale: i8) -> ArrayRef {
    Arc::new(Decimal128Array::from(values).with_precision_and_scale(precision, scale).unwrap())
}

const UUID: &str = "61f0c404-5cb3-11e7-907b-a6006ad3dba0";

pub(super) fn cases() -> Vec<Case> {
    vec![
        integers(),
        floats(),
        decimal_numbers(),
        texts(),
        times(),
        nulls(),
        nested(),
        dictionary(),
        totals(),
        extremes(),
        case(
            "empty",
            vec![
                ("n", "UInt64", ints::<UInt64Type>(vec![])),
                ("s", "String", text(&[])),
                ("t", "Tuple(a UInt8, b UInt8)", tuple(vec![u8s(&[]), u8s(&[])])),
            ],
        ),
        names(),
        Case {
            rows_before_limit: Some(2),
            ..case("statistics", vec![("n", "UInt64", ints::<UInt64Type>(vec![0, 1]))])
        },
        prometheus(),
        case("large", vec![("n", "UInt32", ints::<UInt32Type>(vec![12_345_678]))]),
        numbers(),
        case("thousands", vec![("n", "UInt64", ints::<UInt64Type>((0..1500).collect()))]),
        case(
            "lines",
            vec![
                ("a", "String", text(&["one\ntwo", "中文", "", "tab\tx"])),
                ("b", "UInt8", u8s(&[1, 2, 3, 4])),
            ],
        ),
        case(
            "wide",
            vec![
                ("a", "String", text(&["x".repeat(300).as_str()])),
                ("b", "UInt8", u8s(&[1])),
                ("c", "String", text(&["long"])),
                ("d", "UInt8", u8s(&[2])),
                ("e", "UInt8", u8s(&[3])),
            ],
        ),
        case(
            "pairs",
            vec![
                (
                    "t",
                    "Tuple(a UInt64, b String)",
                    tuple(vec![ints::<UInt64Type>(vec![0, 1]), text(&["x", "x"])]),
                ),
                (
                    "a",
                    "Array(Tuple(p UInt64, q UInt8))",
                    list(&[1, 2], tuple(vec![ints::<UInt64Type>(vec![0, 1]), u8s(&[1, 1])])),
                ),
            ],
        ),
    ]
}

fn integers() -> Case {
    const I128: [&str; 2] =
        ["-170141183460469231731687303715884105728", "170141183460469231731687303715884105727"];
    const I256: [&str; 2] = [
        "-57896044618658097711785492504343953926634992332820282019728792003956564819968",
        "57896044618658097711785492504343953926634992332820282019728792003956564819967",
    ];
    case(
        "integers",
        vec![
            ("uint8", "UInt8", u8s(&[0, u8::MAX])),
            ("int8", "Int8", ints::<Int8Type>(vec![i8::MIN, i8::MAX])),
            ("uint16", "UInt16", ints::<UInt16Type>(vec![0, u16::MAX])),
            ("int16", "Int16", ints::<Int16Type>(vec![i16::MIN, i16::MAX])),
            ("uint32", "UInt32", ints::<UInt32Type>(vec![0, u32::MAX])),
            ("int32", "Int32", ints::<Int32Type>(vec![i32::MIN, i32::MAX])),
            ("uint64", "UInt64", ints::<UInt64Type>(vec![0, u64::MAX])),
            ("int64", "Int64", ints::<Int64Type>(vec![i64::MIN, i64::MAX])),
            ("uint128", "UInt128", text(&["0", "340282366920938463463374607431768211455"])),
            ("int128", "Int128", text(&I128)),
            (
                "uint256",
                "UInt256",
                text(&[
                    "0",
                    "115792089237316195423570985008687907853269984665640564039457584007913129639935",
                ]),
            ),
            ("int256", "Int256", text(&I256)),
            ("b0", "UInt8", u8s(&[0, 1])),
            ("b", "Bool", bools(&[false, true])),
            ("i", "IntervalDay", ints::<Int64Type>(vec![0, 1])),
        ],
    )
}

#[expect(clippy::cast_possible_truncation, reason = "as ClickHouse's CAST does")]
fn floats() -> Case {
    let values = [
        0.,
        -0.,
        1.,
        -1.,
        0.1,
        1.5,
        123_456.789,
        1e15,
        1e16,
        123_456_789_012_345_678.,
        1e20,
        1.5e20,
        1e21,
        1e-5,
        1e-6,
        1.25e-6,
        1e-7,
        f64::MAX,
        5e-324,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];
    case(
        "floats",
        vec![
            ("x", "Float64", ints::<Float64Type>(values.to_vec())),
            ("y", "Float32", ints::<Float32Type>(values.iter().map(|v| *v as f32).collect())),
        ],
    )
}

fn decimal_numbers() -> Case {
    case(
        "decimals",
        vec![
            ("a", "Decimal(9, 2)", decimals(vec![150, -123_456_789], 9, 2)),
            ("b", "Decimal(18, 4)", decimals(vec![0, 1_000_000], 18, 4)),
            (
                "c",
                "Decimal(38, 10)",
                decimals(vec![-1, 12_345_678_901_234_567_890_123_456_780_123_456_789], 38, 10),
            ),
            (
                "d",
                "Decimal(76, 20)",
                text(&[
                    "1.50000000000000000000",
                    "-12345678901234567890123456789012345678901234567890.00000000000000000001",
                ]),
            ),
            ("e", "Decimal(5, 0)", decimals(vec![7, -10], 5, 0)),
        ],
    )
}

fn texts() -> Case {
    let names = ["a", "b'c", "a"];
    case(
        "text",
        vec![
            (
                "s",
                "String",
                text(&[
                    "",
                    "it's \"q\" \\ / <a>&amp; \t|\n\r\u{8}\u{c}\0\u{1}\u{1f}\u{7f}",
                    "héllo 中文 \u{1f600} \u{2028}",
                ]),
            ),
            ("f", "FixedString(4)", text(&["abcd", "x'\"<", "a,b;"])),
            ("e", "Enum8('a' = -1, 'b\\'c' = 2)", text(&names)),
            ("g", "Enum16('a' = -1000, 'b\\'c' = 2)", text(&names)),
            (
                "u",
                "UUID",
                text(&[UUID, "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"]),
            ),
            ("v4", "IPv4", ints::<UInt32Type>(vec![0x0102_0304, u32::MAX, 0])),
            ("v6", "IPv6", text(&["::1", "2001:db8::ff00:42:8329", "::ffff:1.2.3.4"])),
        ],
    )
}

fn times() -> Case {
    case(
        "times",
        vec![
            ("d", "Date", ints::<Date32Type>(vec![0, 65_535])),
            ("d32", "Date32", ints::<Date32Type>(vec![-25_567, 120_529])),
            ("t", "DateTime('UTC')", ints::<TimestampSecondType>(vec![0, i64::from(u32::MAX)])),
            ("k", "DateTime('Asia/Kolkata')", ints::<TimestampMillisecondType>(vec![0, 1_706_684_400_000])),
            (
                "m",
                "DateTime64(3, 'UTC')",
                ints::<TimestampMicrosecondType>(vec![-1_000, 1_706_704_200_120_000]),
            ),
            (
                "u",
                "DateTime64(6, 'America/New_York')",
                ints::<TimestampMicrosecondType>(vec![1_710_053_999_000_001, 1_710_054_000_000_000]),
            ),
            (
                "n",
                "DateTime64(9, 'UTC')",
                ints::<TimestampNanosecondType>(vec![1_704_067_200_123_456_789, -315_619_199_999_999_999]),
            ),
            (
                "z",
                "DateTime64(0, 'UTC')",
                ints::<TimestampMicrosecondType>(vec![1_704_067_200_000_000, 4_102_444_800_000_000]),
            ),
        ],
    )
}

fn nulls() -> Case {
    let days = maybe::<Date32Type>(vec![None, Some(19_753)]);
    let decimal: Decimal128Array = [None, Some(150)].into_iter().collect();
    case(
        "nulls",
        vec![
            ("n", "Nullable(UInt64)", maybe::<UInt64Type>(vec![None, Some(1)])),
            ("s", "Nullable(String)", Arc::new(StringArray::from(vec![None, Some("x")]))),
            ("f", "Nullable(Float64)", maybe::<Float64Type>(vec![None, Some(1.5)])),
            ("d", "Nullable(Date)", days),
            ("e", "Nullable(Decimal(9, 2))", Arc::new(decimal.with_precision_and_scale(9, 2).unwrap())),
            ("b", "Nullable(Bool)", Arc::new(BooleanArray::from(vec![None, Some(true)]))),
            ("nothing", "Nullable(Nothing)", Arc::new(NullArray::new(2))),
            (
                "a",
                "Array(Nullable(UInt8))",
                list(&[2, 4], maybe::<UInt8Type>(vec![None, Some(0), None, Some(1)])),
            ),
            (
                "t",
                "Tuple(Nullable(String), UInt8)",
                tuple(vec![Arc::new(StringArray::from(vec![None::<&str>, None])), u8s(&[0, 1])]),
            ),
            (
                "m",
                "Map(String, Nullable(UInt8))",
                map(&[1, 2], text(&["k", "k"]), maybe::<UInt8Type>(vec![None, None])),
            ),
        ],
    )
}

fn nested() -> Case {
    case(
        "nested",
        vec![
            ("aa", "Array(Array(UInt8))", list(&[2], list(&[2, 2], u8s(&[1, 2])))),
            ("at", "Array(Tuple(a UInt8, b String))", list(&[1], tuple(vec![u8s(&[1]), text(&["x"])]))),
            ("ut", "Tuple(UInt8, String)", tuple(vec![u8s(&[1]), text(&["x"])])),
            ("e", "Array(UInt8)", list(&[0], u8s(&[]))),
            ("aut", "Array(Tuple(UInt8, String))", list(&[2], tuple(vec![u8s(&[1, 2]), text(&["x", "y"])]))),
            ("m", "Map(String, Array(UInt8))", map(&[1], text(&["k"]), list(&[2], u8s(&[1, 2])))),
            ("em", "Map(String, UInt8)", map(&[0], text(&[]), u8s(&[]))),
            // A list of pairs is a map, too.
            ("am", "Array(Map(String, UInt8))", list(&[1], list(&[1], tuple(vec![text(&["a"]), u8s(&[1])])))),
            (
                "tt",
                "Tuple(Array(UInt8), Tuple(x UInt8, y UInt8))",
                tuple(vec![list(&[2], u8s(&[1, 2])), tuple(vec![u8s(&[3]), u8s(&[4])])]),
            ),
            (
                "nt",
                "Tuple(a UInt8, `b c` Tuple(p UInt8, q Float64))",
                tuple(vec![u8s(&[1]), tuple(vec![u8s(&[2]), ints::<Float64Type>(vec![f64::NAN])])]),
            ),
            ("ss", "Array(String)", list(&[2], text(&["it's \"q\"", "a\tb"]))),
            (
                "mm",
                "Map(String, Map(UInt8, UInt8))",
                map(&[1], text(&["z"]), map(&[1], u8s(&[1]), u8s(&[1]))),
            ),
            (
                "mt",
                "Map(Date, Tuple(UInt8, UInt8))",
                map(&[1], ints::<Date32Type>(vec![19_753]), tuple(vec![u8s(&[1]), u8s(&[2])])),
            ),
            ("ad", "Array(Date)", list(&[1], ints::<Date32Type>(vec![19_753]))),
            ("ae", "Array(Decimal(9, 2))", list(&[1], decimals(vec![150], 9, 2))),
            ("ab", "Array(Bool)", list(&[1], bools(&[true]))),
            ("an", "Array(Enum8('a' = 1))", list(&[1], text(&["a"]))),
            ("a4", "Array(IPv4)", list(&[1], ints::<UInt32Type>(vec![0x0102_0304]))),
            ("t1", "Tuple(UInt8)", tuple(vec![u8s(&[1])])),
            ("t", "Tuple(a UInt8, b String)", tuple(vec![u8s(&[1]), text(&["x"])])),
        ],
    )
}

fn dictionary() -> Case {
    let words = ["b", "a", "b", ""];
    let keys = Int32Array::from(vec![0, 1, 0, 2]);
    let plain = DictionaryArray::new(keys, text(&["b", "a", ""]));
    case(
        "dictionary",
        vec![
            ("l", "LowCardinality(String)", Arc::new(plain)),
            (
                "n",
                "LowCardinality(Nullable(String))",
                Arc::new(StringArray::new(
                    OffsetBuffer::from_lengths([1, 1, 1, 0]),
                    b"bab".to_vec().into(),
                    Some(NullBuffer::from(vec![true, false, true, true])),
                )),
            ),
            (
                "a",
                "Array(LowCardinality(String))",
                list(&[2, 4, 6, 8], text(&["b", "q", "a", "q", "b", "q", "", "q"])),
            ),
            ("m", "Map(LowCardinality(String), UInt8)", map(&[1, 2, 3, 4], text(&words), u8s(&[1; 4]))),
        ],
    )
}

fn totals() -> Case {
    let columns = |k: &[u8], c: Vec<u64>, m: &[&str]| vec![u8s(k), ints::<UInt64Type>(c), text(m)];
    let mut arrays = columns(&[0, 1], vec![2, 1], &["z", "y"]).into_iter();
    let parts = [("k", "UInt8"), ("c", "UInt64"), ("m", "String")]
        .map(|(name, ty)| (name, ty, arrays.next().unwrap()));
    Case { totals: Some(batch(columns(&[0], vec![3], &["z"]))), ..case("totals", parts.to_vec()) }
}

fn extremes() -> Case {
    let parts = vec![("k", "UInt8", u8s(&[3, 1])), ("s", "String", text(&["x", "y"]))];
    Case { extremes: Some(batch(vec![u8s(&[1, 3]), text(&["x", "y"])])), ..case("extremes", parts) }
}

fn names() -> Case {
    let names = [
        "a b",
        "it's \"q\" \\ /",
        "<x>\t&",
        "é",
        "1a",
        "a.b-c",
        "toStartOfInterval(something, toIntervalDay(1))",
    ];
    case("names", names.into_iter().zip(1..).map(|(name, value)| (name, "UInt8", u8s(&[value]))).collect())
}

fn numbers() -> Case {
    let texts: Vec<String> = (0..60).map(|n: u8| n.to_string()).collect();
    case(
        "numbers",
        vec![
            ("n", "UInt64", ints::<UInt64Type>((0..60).collect())),
            ("s", "String", Arc::new(StringArray::from(texts))),
            ("f", "Float64", ints::<Float64Type>((0..60_u8).map(|n| f64::from(n) * 1e6 + 0.5).collect())),
        ],
    )
}

fn prometheus() -> Case {
    let name = ["h", "h", "h", "h", "r", "r", "plain", "s", "s", "s"];
    let value =
        vec![24_054., 33_444., 144_320., 53_423., 1_027., f64::NAN, f64::INFINITY, 3_102., 3_101., 2_693.];
    let help = ["A histogram\nof it", "", "", "", "Total \"n\"", "", "", "Summary", "", ""];
    let ty = ["histogram", "histogram", "histogram", "histogram", "counter", "", "", "summary", "", ""];
    let label = ["le", "le", "le", "sum", "method", "code", "method", "quantile", "quantile", "count"];
    let label_value = ["0.05", "0.1", "+Inf", "", "post", "2\"0", "get", "0.5", "0.01", ""];
    let labels = map(&[1, 2, 3, 4, 6, 7, 7, 8, 9, 10], text(&label), text(&label_value));
    let at = 1_395_066_363_000;
    case(
        "prometheus",
        vec![
            ("name", "String", text(&name)),
            ("value", "Float64", ints::<Float64Type>(value)),
            ("help", "String", text(&help)),
            ("type", "String", text(&ty)),
            ("labels", "Map(String, String)", labels),
            ("timestamp", "UInt64", ints::<UInt64Type>(vec![0, 0, 0, 0, at, at, 0, 0, 0, 0])),
        ],
    )
}
