//! Results under other settings than the defaults; what is expected was read off ClickHouse 26.9.

use super::cases::{Case, case, decimals, ints, list, map, text, u8s};
use super::*;
use arrow_array::types::*;

fn check(format: &str, case: &Case, settings: &Settings, expected: &str) {
    let mut out = Vec::new();
    by_name(format).unwrap().write(&case.output(), settings, &mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), expected, "{format}");
}

fn times() -> Case {
    let second = 1_706_704_200;
    case(
        "times",
        vec![
            ("a", "DateTime64(3, 'Asia/Tokyo')", ints::<TimestampMillisecondType>(vec![1_706_671_800_500])),
            ("b", "DateTime('Asia/Tokyo')", ints::<TimestampSecondType>(vec![second])),
            ("c", "Array(DateTime('Asia/Tokyo'))", list(&[1], ints::<TimestampSecondType>(vec![second]))),
            ("e", "DateTime64(2, 'UTC')", ints::<TimestampMicrosecondType>(vec![-315_619_199_750_000])),
        ],
    )
}

#[test]
fn time_styles() {
    let iso = Settings { time_style: TimeStyle::Iso, ..Settings::default() };
    let expected = concat!(
        r#"{"a":"2024-01-31T03:30:00.500Z","b":"2024-01-31T12:30:00Z","c":["2024-01-31T12:30:00Z"],"#,
        r#""e":"1960-01-01T00:00:00.25Z"}"#,
        "\n"
    );
    check("JSONEachRow", &times(), &iso, expected);
    let unix = Settings { time_style: TimeStyle::UnixTimestamp, ..Settings::default() };
    check("Values", &times(), &unix, "('1706671800.500','1706704200',['1706704200'],'-315619199.75')");
    check("CSV", &times(), &unix, "\"1706671800.500\",\"1706704200\",\"['1706704200']\",\"-315619199.75\"\n");
}

#[test]
fn quoted_numbers() {
    let case = case(
        "quoted",
        vec![
            ("a", "UInt64", ints::<UInt64Type>(vec![u64::MAX])),
            ("b", "Int128", text(&["1"])),
            ("c", "Float64", ints::<Float64Type>(vec![1.5])),
            ("d", "Float64", ints::<Float64Type>(vec![f64::NAN])),
            ("e", "Decimal(9, 2)", decimals(vec![150], 9, 2)),
            ("f", "Float32", ints::<Float32Type>(vec![f32::NAN])),
            ("g", "Float32", ints::<Float32Type>(vec![1.5])),
            ("h", "Float64", ints::<Float64Type>(vec![f64::NEG_INFINITY])),
            ("m", "Map(Int64, Int64)", map(&[1], ints::<Int64Type>(vec![1]), ints::<Int64Type>(vec![1]))),
        ],
    );
    let json = Json {
        quote_64bit_integers: true,
        quote_64bit_floats: true,
        quote_denormals: true,
        quote_decimals: true,
        ..Json::default()
    };
    let expected = concat!(
        r#"{"a":"18446744073709551615","b":"1","c":"1.5","d":"nan","e":"1.5","f":"nan","g":1.5,"h":"-inf","m":{"1":"1"}}"#,
        "\n"
    );
    check("JSONEachRow", &case, &Settings { json, ..Settings::default() }, expected);
}

#[test]
fn cut_tables() {
    let cut = |max_rows, max_value_width, row_numbers| Settings {
        pretty: Pretty { max_rows, max_value_width, row_numbers, ..Pretty::default() },
        ..Settings::default()
    };
    let texts =
        case("texts", vec![("s", "String", text(&["x".repeat(20).as_str()])), ("t", "String", text(&["y"]))]);
    let narrow = cut(1000, 5, false);
    check("PrettyCompact", &texts, &narrow, "┌─s─────┬─t─┐\n│ xxxxx⋯│ y │\n└───────┴───┘\n");
    check("PrettySpace", &texts, &narrow, " s       t\n\n xxxxx⋯  y \n");
    let numbers = case("numbers", vec![("n", "UInt64", ints::<UInt64Type>((0..60).collect()))]);
    let few = cut(4, 10_000, true);
    let expected = "    ┌──n─┐\n 1. │  0 │\n 2. │  1 │\n    ─ ─ ─ \n59. │ 58 │\n60. │ 59 │\n    └──n─┘\nShowed 4 out of 60 rows.\n";
    check("PrettyCompact", &numbers, &few, expected);
    let expected = "      n\n\n 1.   0 \n 2.   1 \n    ─ ─\n59.  58 \n60.  59 \n\n      n\n\n\nShowed 4 out of 60 rows.\n";
    check("PrettySpace", &numbers, &few, expected);
    let row = |n: u8| format!("Row {}:\n──────\nn: {n}\n\n", n + 1);
    let expected = format!("{}Showed first 4.\n", (0..4).map(row).collect::<String>());
    check("Vertical", &numbers, &few, &expected);
}

#[test]
fn lines_and_tips() {
    let case = case(
        "lines",
        vec![
            ("s", "String", text(&["a\nb", "x\n"])),
            ("c", "UInt32", ints::<UInt32Type>(vec![10_000_000, 12_125_000])),
        ],
    );
    let expected = concat!(
        "   ┌─s─┬────────c─┐\n",
        "1. │ a↴│ 10000000 │ -- 10.00 million\n",
        "   │↳b │          │ -- 10.00 million\n",
        "2. │ x↴│ 12125000 │ -- 12.13 million\n",
        "   └───┴──────────┘\n"
    );
    check("PrettyCompact", &case, &Settings::default(), expected);
}

#[test]
fn json_text_indented() {
    let text = text(&[r#"{"a":[1,{"b":"x:y,"}],"d":[],"e":{"f":1.5}}"#]);
    let case = case("json", vec![("j", "JSON", text.clone()), ("a", "Array(JSON)", list(&[1], text))]);
    let inner = |tabs: usize| {
        [
            "{",
            "    \"a\": [1,{",
            "            \"b\": \"x:y,\"",
            "        }],",
            "    \"d\": [],",
            "    \"e\": {",
            "        \"f\": 1.5",
            "    }",
            "}",
        ]
        .join(&format!("\n{}", "    ".repeat(tabs)))
    };
    let expected = format!("{{\n    \"j\": {},\n    \"a\": [\n        {}\n    ]\n}}\n", inner(1), inner(2));
    check("PrettyJSONEachRow", &case, &Settings::default(), &expected);
}

#[test]
fn bytes_that_are_no_text() {
    let bytes = arrow_array::BinaryArray::from_vec(vec![b"a\xFF\xC3(b\xE2\x82"]);
    let case = case("bytes", vec![("s", "String", std::sync::Arc::new(bytes)), ("n", "UInt8", u8s(&[1]))]);
    let mut out = Vec::new();
    by_name("JSONEachRow").unwrap().write(&case.output(), &Settings::default(), &mut out).unwrap();
    assert_eq!(out, b"{\"s\":\"a\xFF\xC3(b\xE2\x82\",\"n\":1}\n");
    let settings = Settings { write_statistics: false, ..Settings::default() };
    out.clear();
    by_name("JSONCompact").unwrap().write(&case.output(), &settings, &mut out).unwrap();
    assert!(String::from_utf8(out).unwrap().contains("[\"a\u{fffd}(b\u{fffd}\", 1]"));
}
