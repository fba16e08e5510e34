//! Rows against columns, end to end.

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use serde_json::Value;
use tile_clicksql::format::compact_json_value;
use tile_clicksql::types::Type;

use super::*;

fn spec(name: &str, ty: &str) -> ColumnSpec {
    ColumnSpec::new(name, Type::parse(ty).unwrap())
}

fn at(name: &str, ty: &str, path: &str) -> ColumnSpec {
    ColumnSpec { jsonpath: Some(JsonPath::parse(path).unwrap()), ..spec(name, ty) }
}

fn defaulted(name: &str, ty: &str, default: Default) -> ColumnSpec {
    ColumnSpec { default, ..spec(name, ty) }
}

/// The rows of a batch as JSON arrays, as ClickHouse would print them.
fn printed(batch: &RecordBatch, types: &[Type]) -> Vec<String> {
    let mut lines = Vec::new();
    for row in 0..batch.num_rows() {
        let mut line = b"[".to_vec();
        for (at, ty) in types.iter().enumerate() {
            line.extend(if at > 0 { &b","[..] } else { b"" });
            let column = batch.column(at);
            if column.is_null(row) && !ty.is_nullable() {
                line.extend(b"-");
            } else {
                compact_json_value(ty, column.as_ref(), row, &mut line).unwrap();
            }
        }
        line.push(b']');
        lines.push(String::from_utf8(line).unwrap());
    }
    lines
}

struct Run {
    types: Vec<Type>,
    decoder: Decoder,
}

impl Run {
    fn of(columns: Vec<ColumnSpec>) -> Self {
        let types = columns.iter().map(|column| column.ty.clone()).collect();
        Self { types, decoder: Decoder::new(columns).unwrap() }
    }

    fn rows(&self, block: &Block) -> Vec<String> {
        assert_eq!(block.rows, block.batch.num_rows());
        printed(&block.batch, &self.types)
    }

    fn ndjson(&self, text: &str) -> (Vec<String>, Vec<String>) {
        self.outcome(&self.decoder.ndjson(text.as_bytes(), &Import::default()).unwrap())
    }

    fn csv(&self, text: &str) -> (Vec<String>, Vec<String>) {
        self.outcome(&self.decoder.csv(text.as_bytes(), &Dialect::default(), &Import::default()).unwrap())
    }

    fn outcome(&self, block: &Block) -> (Vec<String>, Vec<String>) {
        (self.rows(block), errors(block))
    }
}

/// The messages of the rows in the quarantine.
fn errors(block: &Block) -> Vec<String> {
    let Some(batch) = &block.quarantine else { return Vec::new() };
    assert_eq!(batch.num_rows(), block.quarantined);
    let errors = batch.column_by_name("c__error").unwrap().as_list::<i32>();
    let texts = |row: usize| {
        errors.value(row).as_string::<i32>().iter().flatten().map(str::to_owned).collect::<Vec<_>>()
    };
    (0..batch.num_rows()).map(|row| texts(row).join(" / ")).collect()
}

/// The cases that `tests/pipes/ingest.py` verifies against ClickHouse.
#[test]
fn values_are_what_clickhouse_makes_of_them() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/pipes/ingest/values.jsonl");
    let cases = std::fs::read_to_string(file).unwrap();
    let mut wrong = Vec::new();
    for (number, line) in cases.lines().enumerate() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| case[key].as_str();
        let mut columns = vec![spec("v", text("type").unwrap())];
        // A second column, so that an empty cell is no empty line.
        columns.extend(text("csv").map(|_| spec("w", "UInt8")));
        let run = Run::of(columns);
        let (rows, bad) = match (text("json"), text("csv")) {
            (Some(json), _) => run.ndjson(&format!("{{\"v\": {json}}}")),
            (_, Some(csv)) => {
                let dialect = Dialect { header: Some(false), delimiter: Some(b','), ..Dialect::default() };
                let row = if csv.contains([',', '"', '\r', '\n']) {
                    format!("\"{}\"", csv.replace('"', "\"\""))
                } else {
                    csv.to_owned()
                };
                run.outcome(
                    &run.decoder.csv(format!("{row},0").as_bytes(), &dialect, &Import::default()).unwrap(),
                )
            }
            _ => panic!("line {}: neither json nor csv", number + 1),
        };
        assert_eq!(rows.len() + bad.len(), 1, "{line}");
        let found = rows.first().map_or("quarantine", |row| {
            row.strip_prefix('[').and_then(|row| row.strip_suffix(']')).unwrap_or(row)
        });
        let found = if text("csv").is_some() { found.strip_suffix(",0").unwrap_or(found) } else { found };
        if Some(found) != text("expect") {
            wrong.push(format!("{}: {line} gives {found}", number + 1));
        }
    }
    assert!(cases.lines().count() >= 700);
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The rows that fit, and the messages of those that do not.
fn check(columns: Vec<ColumnSpec>, text: &str, rows: &[&str], errors: &[&str]) {
    let (found, bad) = Run::of(columns).ndjson(text);
    assert_eq!((found.as_slice(), bad.as_slice()), (&strings(rows)[..], &strings(errors)[..]), "{text}");
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn values_are_found_by_their_paths() {
    let columns = || {
        vec![
            at("a", "Int32", "$.a"),
            at("b", "Nullable(String)", "$.o.b"),
            at("skus", "Array(String)", "$.items[:].sku"),
            at("tags", "Array(String)", "$.tags[:]"),
            at("first", "Nullable(String)", "$.tags[0]"),
            at("odd", "Nullable(Int8)", "$.['odd key'].x"),
        ]
    };
    check(
        columns(),
        r#"{"a":1,"o":{"b":"x","c":[1]},"items":[{"sku":"s","n":1},{"sku":"t"}],"tags":["u","v"],"odd key":{"x":5}}
           {"tags":[],"items":[],"zzz":{"a":2},"a":2}"#,
        &[r#"[1,"x",["s","t"],["u","v"],"u",5]"#, "[2,null,[],[],null,null]"],
        &[],
    );
    let missing = "Strict type checking failed. Object does not have column 'skus', you should send a value or recreate the table \
                   with a Nullable column type. While accessing jsonpath '$.items[:].sku'";
    check(columns(), r#"{"a":1,"tags":[],"items":[{"n":1}]}"#, &[], &[missing]);
    check(columns(), r#"{"a":1,"tags":[]}"#, &[], &[missing]);
    check(
        columns(),
        r#"{"a":1,"tags":[],"items":7}"#,
        &[],
        &["value '7' on column 'skus' is not Array(String)"],
    );
}

#[test]
fn the_whole_record_and_parts_of_it_can_be_columns() {
    check(
        vec![
            at("all", "String", "$"),
            at("o", "String", "$.o"),
            at("x", "Int32", "$.o.x"),
            at("again", "Int64", "$.o.x"),
            at("j", "JSON", "$.o"),
        ],
        r#"{"o": {"x": 1}}"#,
        &[r#"["{\"o\": {\"x\": 1}}","{\"x\": 1}",1,1,{"x":1}]"#],
        &[],
    );
    check(vec![at("all", "Array(Int8)", "$[:]")], "[1,2]\n[]", &["[[1,2]]", "[[]]"], &[]);
}

#[test]
fn a_value_that_is_not_there_is_the_default_or_null_or_an_error() {
    let columns = || {
        vec![
            defaulted("c", "UInt8", Default::Constant("7".into())),
            defaulted("n", "Nullable(UInt8)", Default::Constant("8".into())),
            spec("plain", "Nullable(String)"),
        ]
    };
    check(columns(), "{}", &["[7,8,null]"], &[]);
    check(columns(), r#"{"c":1,"n":2,"plain":"x"}"#, &[r#"[1,2,"x"]"#], &[]);
    // NULL stays where it can, and is the default elsewhere.
    check(columns(), r#"{"c":null,"n":null,"plain":null}"#, &["[7,null,null]"], &[]);
    check(
        vec![at("s", "String", "$.o.s")],
        "{\"o\":{}}\n{\"o\":null}\n{\"o\":5}\n{\"o\":{\"s\":null}}\n{\"o\":{\"s\":\"x\"}}",
        &["[\"x\"]"],
        &[
            "Strict type checking failed. Object does not have column 's', you should send a value or recreate the table with a \
             Nullable column type. While accessing jsonpath '$.o.s'",
            "Strict type checking failed. Object does not have column 's', you should send a value or recreate the table with a \
             Nullable column type. While accessing jsonpath '$.o.s'",
            "Strict type checking failed. Object does not have column 's', you should send a value or recreate the table with a \
             Nullable column type. While accessing jsonpath '$.o.s'",
            "value 'null' on column 's' is not String",
        ],
    );
}

#[test]
fn computed_defaults_are_left_to_the_engine() {
    let run = Run::of(vec![spec("a", "UInt8"), defaulted("t", "DateTime", Default::Computed)]);
    let text = b"{\"a\":1}\n{\"a\":\"x\"}\n{\"a\":2,\"t\":0}\n{\"a\":3,\"t\":null}\n{\"t\":5}";
    let block = run.decoder.ndjson(text, &Import::default()).unwrap();
    assert_eq!(run.rows(&block), ["[1,-]", "[2,\"1970-01-01 00:00:00\"]", "[3,-]"]);
    let [(1, needed)] = block.missing.as_slice() else { panic!("{:?}", block.missing) };
    assert_eq!(needed.values().iter().collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(block.quarantined, 2);
}

#[test]
fn of_a_repeated_key_the_last_one_counts() {
    let columns = || vec![at("a", "Nullable(Int32)", "$.a"), at("b", "Nullable(Int32)", "$.o.b")];
    check(columns(), r#"{"a":1,"a":2,"o":{"b":1},"o":{"c":1}}"#, &["[2,null]"], &[]);
    check(columns(), r#"{"a":1,"o":{"b":1,"b":2},"a":null}"#, &["[null,2]"], &[]);
    check(
        vec![spec("m", "Map(String, Int32)")],
        r#"{"m":{"a":1,"b":2,"a":3}}"#,
        &[r#"[{"b":2,"a":3}]"#],
        &[],
    );
    check(vec![spec("m", "Map(Int8, Int32)")], r#"{"m":{"1":1,"01":2}}"#, &[r#"[{"1":2}]"#], &[]);
    let computed = Run::of(vec![defaulted("t", "Date", Default::Computed)]);
    assert_eq!(computed.ndjson(r#"{"t":1,"t":null}"#).0, ["[-]"]);
}

#[test]
fn lines_may_be_blank_and_end_in_any_way() {
    check(
        vec![spec("a", "Int8")],
        "\u{feff}{\"a\":1}\r\n\r\n \t\n{ \"\\u0061\" : 2 }\n{\"a\":3}",
        &["[1]", "[2]", "[3]"],
        &[],
    );
    check(vec![spec("a", "Int8")], "", &[], &[]);
}

#[test]
fn what_is_no_record_is_quarantined_with_its_text() {
    check(
        vec![spec("a", "Int8")],
        "{\"a\":1\n[1]\n7\n{\"a\":1}{\"a\":2}\n{\"a\":01}\n{\"a\":1,}\n{\"x\":[1,,2],\"a\":1}\n{\"a\":1}",
        &["[1]"],
        &[
            "invalid JSON, expected `,` or `}`: {\"a\":1",
            "invalid JSON, expected an object: [1]",
            "invalid JSON, expected an object: 7",
            "invalid JSON, expected the end of the record: {\"a\":1}{\"a\":2}",
            "invalid JSON, a number with a leading zero: {\"a\":01}",
            "invalid JSON, expected a string: {\"a\":1,}",
            "invalid JSON, expected a value: {\"x\":[1,,2],\"a\":1}",
        ],
    );
    let run = Run::of(vec![spec("a", "Nullable(String)")]);
    let block = run
        .decoder
        .ndjson(b"{\"a\":\"\xff\"}\n{\"a\":\"\x00\"}\n{\"a\":\"\\u0000\"}", &Import::default())
        .unwrap();
    assert_eq!(run.outcome(&block).0, ["[\"\\u0000\"]", "[\"\\u0000\"]"]);
    assert_eq!(errors(&block), ["invalid UTF-8: {\"a\":\"\u{fffd}\"}"]);
}

#[test]
fn the_quarantine_has_the_whole_row_and_every_error() {
    let run = Run::of(vec![
        spec("abslevel", "Float32"),
        at("n", "Int8", "$.o.n"),
        spec("s", "String"),
        spec("z", "Nullable(Int8)"),
    ]);
    let import = Import { id: Some("01JK"), at_micros: 1_000_000, limits: Limits::default() };
    let block = run
        .decoder
        .ndjson(b"{\"abslevel\":\"\",\"o\":{\"n\":1000},\"s\":{\"k\": 1},\"z\":null}", &import)
        .unwrap();
    let batch = block.quarantine.as_ref().unwrap();
    let types = ["Array(String)", "Array(String)", "Nullable(String)"]
        .into_iter()
        .chain(["Nullable(String)"; 4])
        .chain(["DateTime"])
        .map(|ty| Type::parse(ty).unwrap())
        .collect::<Vec<_>>();
    let names: Vec<_> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(
        names,
        ["c__error_column", "c__error", "c__import_id", "abslevel", "n", "s", "z", "insertion_date"]
    );
    assert_eq!(
        printed(batch, &types),
        [
            r#"[["abslevel","n"],["value '' on column 'abslevel' is not Float32","value '1000' on column 'n' is not Int8"],"01JK","","1000","{\"k\": 1}",null,"1970-01-01 00:00:01"]"#
        ]
    );
}

#[test]
fn a_bad_row_leaves_nothing_behind() {
    let columns = vec![
        spec("l", "Array(Array(String))"),
        spec("m", "Map(String, Array(UInt8))"),
        spec("t", "Tuple(a Int8, b Array(Int8))"),
        spec("n", "Nullable(Int8)"),
        spec("x", "UInt8"),
    ];
    let good = r#"{"l":[["a"],[]],"m":{"k":[1]},"t":{"a":1,"b":[2,3]},"n":null,"x":1}"#;
    let shown = r#"[[["a"],[]],{"k":[1]},{"a":1,"b":[2,3]},null,1]"#;
    let bad = [
        good.replace("\"x\":1", "\"x\":-1"),
        good.replace("[2,3]", "[2,\"q\"]"),
        good.replace("{\"k\":[1]}", "{\"k\":[1],\"j\":[256]}"),
        good.replace("[\"a\"],[]", "[\"a\"],[null]"),
        good.replace("[[\"a\"],[]]", "[[\"a\"],5]"),
    ];
    let text = bad.iter().map(|bad| format!("{good}\n{bad}\n")).collect::<String>();
    let (rows, errors) = Run::of(columns).ndjson(&text);
    assert_eq!(rows, [shown; 5].iter().map(|row| (*row).to_owned()).collect::<Vec<_>>());
    assert_eq!(errors.len(), bad.len());
}

#[test]
fn members_that_no_column_wants_are_told() {
    let run = Run::of(vec![at("a", "Int8", "$.o.a")]);
    let text =
        b"{\"new\":1,\"o\":{\"a\":1,\"b\":\"x\"}}\n{\"o\":{\"a\":2,\"b\":1,\"c\":[]},\"new\":2,\"\":null}";
    let block = run.decoder.ndjson(text, &Import::default()).unwrap();
    let seen: Vec<_> = block.new_columns.iter().map(|new| format!("{} {}", new.path, new.ty)).collect();
    assert_eq!(seen, ["$.new Float64", "$.o.b String", "$.o.c Array", "$.[''] Nothing"]);
    let many: String = (0..1_000).map(|n| format!("{{\"o\":{{\"a\":1}},\"k{n}\":1}}\n")).collect();
    assert_eq!(run.decoder.ndjson(many.as_bytes(), &Import::default()).unwrap().new_columns.len(), 64);
}

#[test]
fn json_is_one_record_or_an_array_or_many() {
    let run = Run::of(vec![spec("a", "Int8")]);
    let json = |text: &str| run.outcome(&run.decoder.json(text.as_bytes(), &Import::default()).unwrap());
    for text in ["[{\"a\":1},\n{\"a\":2}]", "{\n\"a\": 1\n}\n{\"a\":\n2}", "{\"a\":1},{\"a\":2}"] {
        assert_eq!(json(text), (strings(&["[1]", "[2]"]), vec![]), "{text}");
    }
    assert_eq!(json("[]"), (vec![], vec![]));
    assert_eq!(
        json("[{\"a\":1},{\"a\":"),
        (strings(&["[1]"]), strings(&["invalid JSON, unexpected end: {\"a\":"]))
    );
    assert_eq!(json("[1,{\"a\":1}]"), (strings(&["[1]"]), strings(&["invalid JSON, expected an object: 1"])));
}

#[test]
fn csv_columns_are_told_by_header_or_order() {
    let columns = || {
        vec![
            spec("day", "Date"),
            spec("station", "String"),
            spec("abslevel", "Float32"),
            defaulted("n", "Int8", Default::Constant("3".into())),
            spec("note", "Nullable(String)"),
        ]
    };
    let run = Run::of(columns());
    let row = r#"["2014-07-30","Siurana, x",11.5,3,null]"#;
    assert_eq!(run.csv("2014-07-30,\"Siurana, x\",11.5,,\n").0, [row]);
    assert_eq!(run.csv("2014-07-30,\"Siurana, x\",11.5\n").0, [row]);
    assert_eq!(run.csv("Station;day;ABSLEVEL;other\r\nSiurana, x;2014-07-30;11.5;9\r\n").0, [row]);
    let (rows, errors) = run.csv("day,station,abslevel\n2014-07-30,,\n2014-07-30,a,1,2\nx,,y\n\n");
    assert_eq!(rows, Vec::<String>::new());
    assert_eq!(
        errors,
        [
            "value '' on column 'abslevel' is not Float32",
            "the row has 4 values, expected 3",
            "value 'x' on column 'day' is not Date / value 'y' on column 'abslevel' is not Float32",
        ]
    );
}

#[test]
fn too_much_is_refused() {
    let run = Run::of(vec![spec("a", "Nullable(Int8)")]);
    let limits = Limits { bytes_max: 20, row_bytes_max: 9, cells_max: 3 };
    let import = Import { limits, ..Import::default() };
    let error = run.decoder.ndjson(&[b' '; 21], &import).unwrap_err();
    assert_eq!(
        (error.kind, error.what.as_str()),
        (tile_base::error::Kind::TooLarge, "the rows have 21 bytes, more than 20")
    );
    let block = run.decoder.ndjson(b"{\"a\":1}\n{\"a\":   1}", &import).unwrap();
    assert_eq!(
        run.outcome(&block),
        (strings(&["[1]"]), strings(&["a row of 10 bytes, more than 9: {\"a\":   1}"]))
    );
    let error = run.decoder.ndjson(b"{}\n{}\n{}\n{}\n", &import).unwrap_err();
    assert_eq!(error.what, "the rows are too much for one block");
    let deep = format!("{{\"a\":1,\"b\":{}{}}}", "[".repeat(200), "]".repeat(200));
    assert_eq!(run.ndjson(&deep).1.len(), 1);
}

#[test]
fn columns_that_cannot_be_are_refused() {
    let refused = |column: ColumnSpec| Decoder::new(vec![column]).unwrap_err().detail();
    assert_eq!(
        refused(defaulted("a", "Int8", Default::Constant("300".into()))),
        "the default `300` is not Int8 (at column `a`)"
    );
    assert_eq!(
        refused(at("a", "Int8", "$.x[:]")),
        "the jsonpath `$.x[:]` gives an array, which is no `Int8` (at column `a`)"
    );
    assert_eq!(refused(spec("a", "DateTime('Mars/Base')")), "unknown time zone `Mars/Base` (at column `a`)");
    assert_eq!(
        refused(spec("a", "AggregateFunction(sum, Int8)")),
        "values of the type `AggregateFunction(sum, Int8)` cannot be read from rows (at column `a`)"
    );
}

#[test]
fn columns_without_an_arrow_type_are_cast() {
    let decoder =
        Decoder::new(vec![spec("u\"x", "UUID"), spec("n", "Int8"), spec("l", "Array(UInt128)")]).unwrap();
    let sql: Vec<_> = (0..4).map(|at| decoder.column_sql(at)).collect();
    let want =
        ["CAST(\"u\"\"x\" AS UUID)", "\"n\"", "CAST(\"l\" AS UHUGEINT[])"].map(|sql| Some(sql.to_owned()));
    assert_eq!(sql, [&want[..], &[None]].concat());
}

#[test]
fn arrow_columns_are_read_as_their_values_would_be() {
    use arrow_array::{
        ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array,
        StringArray, TimestampMillisecondArray,
    };
    use std::sync::Arc;
    let items = "[{\"sku\":\"s\",\"n\":1}]".to_owned();
    let reader = |json: &str| {
        let schema = arrow_json::reader::infer_json_schema(json.as_bytes(), None).unwrap().0;
        let mut reader = arrow_json::ReaderBuilder::new(Arc::new(schema)).build(json.as_bytes()).unwrap();
        reader.next().unwrap().unwrap()
    };
    let nested = reader(&format!(
        "{{\"o\":{{\"b\":\"x\",\"items\":{items}}}}}\n{{\"o\":{{\"b\":\"y\",\"items\":[]}}}}\n{{}}"
    ));
    let array = |array: ArrayRef| array;
    let batch = RecordBatch::try_from_iter([
        ("id", array(Arc::new(Int64Array::from(vec![1, 2, 300])))),
        ("f", array(Arc::new(Float64Array::from(vec![1.5, f64::NAN, 1e300])))),
        ("s", array(Arc::new(StringArray::from(vec![Some("a"), None, Some("c")])))),
        ("bytes", array(Arc::new(BinaryArray::from(vec![&b"x"[..], b"\"y\"", b"\xff"])))),
        ("ok", array(Arc::new(BooleanArray::from(vec![true, false, true])))),
        ("d", array(Arc::new(Date32Array::from(vec![0, 19_724, 1])))),
        ("ms", array(Arc::new(TimestampMillisecondArray::from(vec![1_704_164_645_123; 3])))),
        (
            "zoned",
            array(Arc::new(TimestampMillisecondArray::from(vec![1_704_164_645_123; 3]).with_timezone("UTC"))),
        ),
        (
            "dec",
            array(Arc::new(Decimal128Array::from(vec![150, -5, 0]).with_precision_and_scale(10, 2).unwrap())),
        ),
        ("list", array(Arc::new(StringArray::from(vec!["['p']", "[\"q\"]", "[]"])))),
        ("o", Arc::clone(nested.column(0))),
    ])
    .unwrap();
    let run = Run::of(vec![
        at("id", "UInt8", "$.id"),
        spec("f", "Float32"),
        defaulted("s", "String", Default::Constant("\"none\"".into())),
        spec("bytes", "String"),
        spec("ok", "UInt8"),
        spec("d", "Date"),
        at("t", "DateTime('Europe/Madrid')", "$.ms"),
        spec("zoned", "DateTime64(3)"),
        spec("dec", "Decimal(5, 1)"),
        spec("list", "Array(String)"),
        at("b", "Nullable(String)", "$.o.b"),
        at("skus", "Array(String)", "$.o.items[:].sku"),
        spec("gone", "Nullable(Int8)"),
    ]);
    let block = run.decoder.batch(&batch, &Import::default()).unwrap();
    let (rows, errors) = run.outcome(&block);
    assert_eq!(
        rows,
        [
            r#"[1,1.5,"a","x",1,"1970-01-01","2024-01-02 04:04:05","2024-01-02 03:04:05.123",1.5,["p"],"x",["s"],null]"#,
            r#"[2,null,"none","\"y\"",0,"2024-01-02","2024-01-02 04:04:05","2024-01-02 03:04:05.123",0,["q"],"y",[],null]"#,
        ]
    );
    assert_eq!(
        errors,
        ["value '300' on column 'id' is not UInt8 / value '\u{fffd}' on column 'bytes' is not String / \
          value 'null' on column 'skus' is not Array(String)"]
    );
}

/// Rows like those of an events endpoint. How fast that goes is for the bench to say: `cargo xtask bench pipes`.
#[test]
fn a_body_of_many_rows_is_one_block() {
    let run = Run::of(vec![
        spec("timestamp", "DateTime64(3)"),
        spec("session_id", "String"),
        spec("action", "LowCardinality(String)"),
        spec("version", "LowCardinality(String)"),
        spec("user_id", "UInt64"),
        spec("price", "Float64"),
        spec("country", "String"),
        spec("ok", "Bool"),
        spec("duration_ms", "UInt32"),
        spec("url", "Nullable(String)"),
    ]);
    let mut text = String::new();
    let rows = 20_000;
    for n in 0..rows {
        text.push_str(&format!(
            "{{\"timestamp\":\"2024-05-{:02} 12:{:02}:{:02}.{:03}\",\"session_id\":\"b7b1965c-620a-402a-afe5-{n:012}\",\
             \"action\":\"page_hit\",\"version\":\"1\",\"user_id\":{},\"price\":{}.{},\"country\":\"ES\",\"ok\":true,\
             \"duration_ms\":{},\"url\":\"https://www.example.com/products/{n}\"}}\n",
            n % 28 + 1, n % 60, n / 60 % 60, n % 1000, n * 7_919, n % 100, n % 97, n % 5_000,
        ));
    }
    let block = run.decoder.ndjson(text.as_bytes(), &Import::default()).unwrap();
    assert_eq!((block.rows, block.quarantined), (rows, 0));
    let (shown, errors) = run.outcome(&block);
    assert_eq!((shown.len(), errors.len()), (rows, 0));
    assert_eq!(
        shown[rows - 1],
        format!(
            r#"["2024-05-08 12:19:33.999","b7b1965c-620a-402a-afe5-000000019999","page_hit","1",{},99.17,"ES",true,4999,"https:\/\/www.example.com\/products\/19999"]"#,
            19_999 * 7_919
        )
    );
}
