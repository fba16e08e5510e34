//! Cases with Spark's own answers, and what must be refused.

use super::parse;
use crate::types::{Schema, Type};
use crate::value::Value;
use serde_json::{Value as Json, json};
use std::path::PathBuf;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/features").join(name)
}

fn schema() -> Schema {
    let list = |of: Type| Type::List(Box::new(of));
    let columns = [
        ("b", Type::Bool),
        ("y", Type::Byte),
        ("s", Type::Short),
        ("i", Type::Int),
        ("l", Type::Long),
        ("f", Type::Float),
        ("d", Type::Double),
        ("t", Type::Text),
        ("bin", Type::Binary),
        ("dt", Type::Date),
        ("ts", Type::Timestamp),
        ("li", list(Type::Long)),
        ("ls", list(Type::Text)),
        ("m", Type::Map(Box::new(Type::Double))),
        ("st", Type::Struct(vec![("d".into(), Type::Long), ("e".into(), Type::Text)])),
    ];
    Schema(columns.into_iter().map(|(name, ty)| (name.to_owned(), ty)).collect())
}

/// The row of `expressions_spark.py`.
fn row() -> Vec<Value> {
    let text = |t: &str| Value::Text(t.into());
    vec![
        Value::Bool(true),
        Value::Int(5),
        Value::Int(300),
        Value::Int(7),
        Value::Int(9_007_199_254_740_993),
        Value::Real(1.5),
        Value::Real(2.75),
        text("Hello World"),
        Value::Bytes(b"world".as_slice().into()),
        Value::Int(19_782),
        Value::Int(1_709_212_455_250),
        Value::List([Value::Int(1), Value::Null, Value::Int(3)].into()),
        Value::List([text("x"), text("y")].into()),
        Value::Map([("a".into(), Value::Real(1.5)), ("b".into(), Value::Null)].into()),
        Value::Struct([Value::Int(34), text("text")].into()),
    ]
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => json!(b),
        Value::Int(i) => json!(i),
        Value::Real(x) if x.is_nan() => json!("NaN"),
        Value::Real(x) if x.is_infinite() => json!(if *x > 0.0 { "Infinity" } else { "-Infinity" }),
        Value::Real(x) => json!(x),
        Value::Text(t) => json!(t),
        Value::Bytes(b) => json!(format!("0x{}", b.iter().map(|b| format!("{b:02x}")).collect::<String>())),
        Value::List(items) | Value::Struct(items) => items.iter().map(plain).collect(),
        Value::Map(entries) => Json::Object(entries.iter().map(|(k, v)| (k.to_string(), plain(v))).collect()),
    }
}

fn is_same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(x), Json::Number(y)) => {
            let (x, y) = (x.as_f64().unwrap(), y.as_f64().unwrap());
            x == y || (x - y).abs() <= 1e-12 * x.abs().max(y.abs())
        }
        (Json::Array(x), Json::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| is_same(x, y)),
        _ => a == b,
    }
}

/// Where we differ from Spark, and why. The reference says it too.
const DIFFERENT: &[(&str, &str)] = &[
    ("s * s", OVERFLOW),
    ("9223372036854775807 + 1", OVERFLOW),
    ("2147483647 + 1", OVERFLOW),
    ("127Y + 1Y", OVERFLOW),
    ("- CAST(-128 AS TINYINT)", OVERFLOW),
    ("CAST(1e20 AS BIGINT)", OVERFLOW),
    ("CAST(300 AS TINYINT)", OVERFLOW),
    ("CAST(1e39D AS FLOAT)", OVERFLOW),
    ("ASIN(2)", "what is not defined is null"),
];
const OVERFLOW: &str = "what does not fit its type is null";

/// What we refuse and Spark takes.
const REFUSED: &[&str] = &["'it''s' IS NULL"];

/// Each line: expression, row, what Spark gives, then what is ours: type, value, SQL. `BLESS=1` writes what is ours anew.
#[test]
fn expressions_give_what_spark_gives() {
    let text = std::fs::read_to_string(file("expressions.tsv")).unwrap();
    let nulls = vec![Value::Null; schema().0.len()];
    let (mut out, mut wrong) = (String::new(), Vec::new());
    for line in text.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let (expression, name, spark) = (fields[0], fields[1], fields[2]);
        let row = if name == "row" { row() } else { nulls.clone() };
        let ours = match parse(expression).and_then(|e| e.resolve(&schema())) {
            Ok(e) => {
                let value = plain(&e.evaluate(&row));
                let expected: Json = serde_json::from_str(spark).unwrap_or(json!("error"));
                let is_listed = DIFFERENT.iter().any(|(e, _)| *e == expression);
                if is_same(&value, &expected) == is_listed && !(is_listed && name == "nulls") {
                    wrong.push(format!("{expression} ({name}): {value}, Spark gives {spark}"));
                }
                format!("{}\t{value}\t{}", e.ty(), json!(e.print_for_engine()))
            }
            Err(error) => {
                if (spark == "error") == REFUSED.contains(&expression) {
                    wrong.push(format!("{expression}: {error}, Spark gives {spark}"));
                }
                format!("\terror\t{}", json!(error.detail()))
            }
        };
        out += &format!("{expression}\t{name}\t{spark}\t{ours}\n");
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(file("expressions.tsv"), &out).unwrap();
    } else {
        assert!(text == out, "expressions.tsv is not what is printed now: look, and run with BLESS=1");
    }
}

fn error(text: &str) -> String {
    parse(text)
        .and_then(|e| e.resolve(&schema()))
        .map(|e| e.print_for_engine().to_owned())
        .unwrap_err()
        .detail()
}

#[test]
fn what_is_wrong_is_refused_with_the_place_and_the_nearest_name() {
    let mut wrong = Vec::new();
    for (text, wanted) in [
        ("", "expected a value, found the end (at character 1)"),
        ("1 +", "expected a value, found the end (at character 4)"),
        ("(1", "expected `)`, found the end"),
        ("1 2", "expected the end, found `2` (at character 3)"),
        ("ftt", "no column is called `ftt` (at character 1)"),
        ("i + UPER(t)", "no function is called `UPER` (at character 5). Did you mean `UPPER`?"),
        ("st.x", "no field is called `x`"),
        ("t.x", "`x` is not a field"),
        ("t + b", "expected a number, found a bool"),
        ("b > 1", "a bool and a int do not go together"),
        ("i AND b", "expected a condition, found a int"),
        ("LOWER(d)", "a double cannot become a string"),
        ("LOWER()", "LOWER takes (text), not 0 arguments"),
        ("LOWER(t, t)", "not 2 arguments"),
        ("t LIKE t", "a text that stands in the expression"),
        ("t RLIKE '('", "is not a pattern"),
        ("t RLIKE '(?=a)'", "is not a pattern"),
        ("RAND()", "another value at each call"),
        ("UNIX_TIMESTAMP()", "is the present"),
        ("SUM(i)", "works on many rows"),
        ("SUM(i) OVER (PARTITION BY t)", "windows of rows"),
        ("TRANSFORM(li, x -> x + 1)", "functions in expressions"),
        ("CAST(i AS DECIMAL(10, 2))", "decimals are not supported"),
        ("CAST(i AS WIDGET)", "no type is called `WIDGET`"),
        ("NULL", "always null"),
        ("li = li", "cannot be compared"),
        ("SELECT 1", "expected a value"),
        ("(SELECT 1)", "expected a value"),
        ("i; DROP TABLE x", "`;` means nothing here"),
        ("i -- c\n; x", "`;` means nothing here"),
        ("+int(1, 2)", "no function is called `INT`"),
        ("item_map(m, 'a')", "no function is called `ITEM_MAP`"),
        ("read_csv('/etc/passwd')", "no function is called `READ_CSV`"),
        ("getenv('HOME')", "no function is called `GETENV`"),
        ("1e999", "is not a number"),
        ("99999999999999999999", "is not a number"),
        ("'a\\0'", "character of the number 0"),
        ("'open", "a text does not end"),
        ("`open", "in backquotes does not end"),
        ("/* open", "a comment does not end"),
        ("DATE_FORMAT(ts, 'qqq')", "is not supported in a format of times"),
        ("DATE_TRUNC('MONHT', ts)", "Did you mean `MONTH`, `MINUTE`?"),
        ("GET_JSON_OBJECT(t, 'a')", "is not a path in JSON"),
        ("ROUND(d, 99)", "from -15 to 15 digits"),
        ("LPAD(t, 1000000000)", "at most 10000"),
    ] {
        let found = error(text);
        if !found.contains(wanted) {
            wrong.push(format!("{text}: {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn hostile_names_and_texts_stay_names_and_texts() {
    let hostile =
        ["\"; DROP TABLE x; --", "a\"b", "'", "`", "\\", "a b", "é", "/*", "$1", "{0}", "{p}", "%s", "\n"];
    for name in hostile {
        let schema = Schema(vec![(name.to_owned(), Type::Text)]);
        let text = format!("UPPER(`{}`)", name.replace('`', "``"));
        let e = parse(&text).unwrap().resolve(&schema).unwrap();
        let quoted = format!("TRY(upper(TRY_CAST(\"{}\" AS VARCHAR)))", name.replace('"', "\"\""));
        assert_eq!(e.print_for_engine(), quoted);
        let escaped = name.replace('\\', "\\\\").replace('\'', "\\'");
        let e = parse(&format!("CONCAT('{escaped}', 'x')")).unwrap().resolve(&schema).unwrap();
        assert_eq!(e.print_for_engine(), format!("TRY(('{}' || 'x'))", name.replace('\'', "''")));
        assert_eq!(e.evaluate(&[]), Value::Text(format!("{name}x").into()));
    }
}

#[test]
fn size_and_depth_are_bounded() {
    for text in [
        "(".repeat(5_000),
        format!("{}1", "-(".repeat(3_000)),
        format!("1{}", " + 1".repeat(3_000)),
        "NOT ".repeat(4_000) + "b",
        format!("{}1", "CASE WHEN b THEN ".repeat(500)),
        format!("{}i{}", "(".repeat(40), " BETWEEN 1 AND 2) IS NULL".repeat(40)),
        format!("{}d{}", "LN(".repeat(60), ")".repeat(60)),
        format!("CAST(li AS {}INT{})", "ARRAY<".repeat(2_000), ">".repeat(2_000)),
        "x".repeat(20_000),
        "i[".repeat(6_000),
    ] {
        let error = parse(&text).and_then(|e| e.resolve(&schema())).unwrap_err();
        assert!(error.kind == tile_base::error::Kind::TooLarge || error.detail().len() < 300, "{error}");
    }
    // Long lists are well.
    let list: Vec<String> = (0..1_500).map(|i| i.to_string()).collect();
    let e = parse(&format!("i IN ({})", list.join(","))).unwrap().resolve(&schema()).unwrap();
    assert_eq!(e.evaluate(&row()), Value::Bool(true));
}

#[test]
fn columns_and_types_are_known() {
    let e = parse("IF(b, st.d, L) + i").unwrap();
    assert_eq!(e.columns(), ["L", "b", "i", "st"]);
    let e = e.resolve(&schema()).unwrap();
    assert_eq!((e.columns(), e.ty()), (["b", "i", "l", "st"].map(String::from).as_slice(), &Type::Long));
    let millis = |text: &str| parse(text).unwrap().resolve(&schema()).unwrap().print_as_millis();
    assert_eq!(millis("ts").unwrap(), "TRY(epoch_ms(TRY_CAST(\"ts\" AS TIMESTAMP)))");
    assert_eq!(millis("l").unwrap(), "CAST(TRY_CAST(\"l\" AS BIGINT) AS BIGINT)");
    assert!(millis("t").is_err());
}

proptest::proptest! {
    /// Nothing that is written panics, and what is read is printed and evaluated.
    #[test]
    fn any_text_is_read_or_refused(text in "[a-z0-9 ()'\"`\\\\,.+*/%=<>|&\\[\\]!-]{0,60}|(i|t|d|NULL|CASE|WHEN|THEN|END|CAST|AS|INT|\\(|\\)|,|1|'a'|\\+|=| ){0,30}") {
        if let Ok(e) = parse(&text).and_then(|e| e.resolve(&schema())) {
            e.evaluate(&row());
            e.evaluate(&[]);
        }
    }
}

#[test]
fn the_reference_has_every_function() {
    let text = std::fs::read_to_string(file("../../docs/reference/features-expressions.md")).unwrap();
    let table = super::functions::reference();
    let start = text.find("| functions |").unwrap();
    let found = text.get(start..).unwrap();
    let end = found.find("\n\n").map_or(found.len(), |end| end + 1);
    if std::env::var_os("BLESS").is_some() {
        let whole = format!("{}{table}{}", text.get(..start).unwrap(), found.get(end..).unwrap());
        std::fs::write(file("../../docs/reference/features-expressions.md"), whole).unwrap();
    } else {
        assert_eq!(found.get(..end).unwrap(), table, "run with BLESS=1");
    }
}
