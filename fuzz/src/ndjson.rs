//! Rows: every line is taken or refused, what is taken is JSON, and all columns have all rows; CSV and JSON of the same bytes.

use std::sync::OnceLock;

use serde_json::value::RawValue;
use tile_clicksql::types::Type;
use tile_pipes::ingest::{Block, ColumnSpec, Decoder, Default, Dialect, Import, JsonPath, Limits};

pub const SEEDS: &[&[u8]] = &[
    b"{\"i\":1,\"f\":-1.5e3,\"s\":\"a\\u00e9\\ud83d\\ude00\",\"t\":\"2024-01-02T03:04:05.678Z\",\"o\":{\"n\":\"1.25\",\"l\":[{\"x\":1},{\"x\":null}]}}\n{}",
    b"{\"m\":{\"a\":[1,2],\"a\":[]},\"u\":[1,{\"b\":\"61f0c404-5cb3-11e7-907b-a6006ad3dba0\"}],\"e\":\"b\",\"d\":\"20240102\",\"j\":{\"x\":[{}]}}",
    b"[{\"i\":\"12\",\"f\":\"nan\",\"b\":true,\"h\":-170141183460469231731687303715884105728,\"ip\":\"::ffff:1.2.3.4\"},\n{\"i\":null,\"o\":null}]",
    b"i,f,s,t\n1,2.5,\"a \"\"b\"\"\",1704164645\n\\N,,'x',\n\"\n",
    b"{\"i\":1,\"i\":\"x\",\"o\":{\"n\":1},\"o\":{},\"unknown\":[\"\\\\\",{\"\":\"\\u0000\"}]}\r\n \n\xef\xbb\xbf{\"t\":\"Tue, 02 Jan 2024 03:04:05 GMT\"}",
];

fn columns() -> Option<Vec<ColumnSpec>> {
    let types = [
        ("i", "Nullable(Int16)", None),
        ("f", "Nullable(Float64)", None),
        ("s", "Nullable(String)", None),
        ("t", "DateTime64(3, 'Europe/Madrid')", None),
        ("n", "Nullable(Decimal(9, 2))", Some("$.o.n")),
        ("x", "Array(Nullable(UInt8))", Some("$.o.l[:].x")),
        ("m", "Map(String, Array(Int8))", None),
        ("u", "Tuple(Int8, Tuple(b Nullable(UUID)))", None),
        ("e", "Nullable(Enum8('a' = 1, 'b' = 2))", None),
        ("d", "Nullable(Date32)", None),
        ("b", "Nullable(Bool)", None),
        ("h", "Nullable(Int128)", None),
        ("ip", "Nullable(IPv6)", None),
        ("j", "Nullable(JSON)", None),
        ("all", "Nullable(String)", Some("$")),
    ];
    let spec = |(name, ty, path): &(&str, &str, Option<&str>)| {
        let mut column = ColumnSpec::new(*name, Type::parse(ty).ok()?);
        column.jsonpath = path.map(JsonPath::parse).transpose().ok()?;
        column.default = match *name {
            "t" => Default::Computed,
            "x" | "m" => Default::Constant(if *name == "x" { "[]" } else { "{}" }.into()),
            "u" => Default::Constant("[0,{\"b\":null}]".into()),
            _ => Default::None,
        };
        Some(column)
    };
    types.iter().map(spec).collect()
}

fn decoders() -> Option<&'static (Decoder, Decoder)> {
    static DECODERS: OnceLock<Option<(Decoder, Decoder)>> = OnceLock::new();
    let make = || {
        let whole = ColumnSpec {
            jsonpath: Some(JsonPath::parse("$").ok()?),
            ..ColumnSpec::new("all", Type::parse("Nullable(String)").ok()?)
        };
        Some((Decoder::new(columns()?).ok()?, Decoder::new(vec![whole]).ok()?))
    };
    DECODERS.get_or_init(make).as_ref()
}

/// # Panics
/// When rows get lost, or what is taken is no JSON.
pub fn run(data: &[u8]) {
    let Some((typed, whole)) = decoders() else { panic!("the columns are not taken") };
    let import = Import { limits: Limits { row_bytes_max: 4_096, ..Limits::default() }, ..Import::default() };
    let bytes = data.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(data);
    let lines: Vec<&[u8]> =
        bytes.split(|byte| *byte == b'\n').filter(|l| !l.iter().all(u8::is_ascii_whitespace)).collect();
    let Ok(block) = typed.ndjson(data, &import) else { panic!("lines are too much") };
    check(&block);
    assert_eq!(block.rows + block.quarantined, lines.len(), "no line gets lost");
    for line in lines {
        let Ok(block) = whole.ndjson(&[line, b"\n"].concat(), &import) else { panic!("a line is too much") };
        let valid = is_json(line);
        assert!(valid.is_none_or(|valid| (block.rows == 1) == valid), "{:?}", String::from_utf8_lossy(line));
    }
    let Ok(block) = typed.json(data, &import) else { panic!("objects are too much") };
    check(&block);
    for header in [None, Some(false)] {
        let dialect = Dialect { header, ..Dialect::default() };
        let Ok(block) = typed.csv(data, &dialect, &import) else { panic!("rows are too much") };
        check(&block);
    }
}

/// Whether another parser takes it; none where the two may differ: control characters in strings, depth, half surrogates, a byte
/// order mark.
fn is_json(line: &[u8]) -> Option<bool> {
    let Ok(text) = std::str::from_utf8(line) else { return Some(false) };
    let open = text.matches(['[', '{']).count();
    let odd = |c: char| c.is_control() || c == '\u{feff}';
    if open > 100 || text.trim_ascii().contains(odd) || text.contains("\\u") || text.len() > 4_000 {
        return None;
    }
    Some(serde_json::from_str::<&RawValue>(text).is_ok())
}

fn check(block: &Block) {
    assert_eq!(block.batch.num_rows(), block.rows);
    let quarantined = if let Some(batch) = &block.quarantine { batch.num_rows() } else { 0 };
    assert_eq!(quarantined, block.quarantined);
    for (at, needed) in &block.missing {
        assert!(*at < block.batch.num_columns() && needed.values().len() == block.rows);
    }
}
