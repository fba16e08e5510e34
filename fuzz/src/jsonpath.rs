//! Jsonpaths of data source files: what is read prints to a text that reads to the same steps, and leads somewhere.

use tile_clicksql::types::Type;
use tile_pipes::ingest::{ColumnSpec, Decoder, Import, JsonPath};

pub const SEEDS: &[&[u8]] = &[
    b"$",
    b"$.a.b",
    b"$.items[:].sku",
    b"$.['a b'][\"c\"]['d\\'e'][12]",
    b"$[:]",
    b"$.user-agent.\xc3\xa9[0][:][:]",
];

/// # Panics
/// When a path does not survive as text, or a record is neither taken nor refused.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(path) = JsonPath::parse(text) else { return };
    assert_eq!(JsonPath::parse(&path.to_string()).ok().as_ref(), Some(&path), "a path survives as text");
    for ty in ["Nullable(String)", "Array(Nullable(String))"] {
        let Ok(ty) = Type::parse(ty) else { return };
        let column = ColumnSpec { jsonpath: Some(path.clone()), ..ColumnSpec::new("v", ty) };
        let Ok(decoder) = Decoder::new(vec![column]) else { continue };
        let records = br#"{"a":{"b":[1]},"items":[{"sku":1},{}],"a b":{"c":{"d'e":[[[]]]}}}
[[1],[[2]]]"#;
        let Ok(block) = decoder.ndjson(records, &Import::default()) else { continue };
        assert_eq!(block.rows + block.quarantined, 2, "{path}");
    }
}
