//! The same for SQL in the engine's own dialect: the engine's parser says what the shape is.

use super::shape::PIECES;
use crate::template::{Dialect, Limits, Mode, Request, Template};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use tile_duck::Engine;

/// Templates that are put into a query, with values whose shape is that of all others.
const TEMPLATES: &[(&str, &[&str])] = &[
    ("{{x}}", &["t"]),
    ("{{String(x)}}", &["t"]),
    ("{{String(x, 'd') + 'b'}}", &["t"]),
    ("{{f'a{x}'}}", &["t"]),
    ("'a' || {{String(x)}} || 'b'", &["t"]),
    ("'a'{{String(x)}}", &["t"]),
    ("{{String(x)}}'a'", &["t"]),
    ("E{{String(x)}}", &["t"]),
    ("E'\\\\' || {{String(x)}}", &["t"]),
    ("a LIKE{{String(x)}}", &["t"]),
    ("$$ ' $$ || {{String(x)}}", &["t"]),
    ("/* {{String(x)}} */ 1", &["t"]),
    ("1 -- {{String(x)}}\n", &["t"]),
    ("DATE {{String(x)}}", &["t"]),
    ("{{sql_unescape(x, '%')}}", &["t"]),
    ("{{DateTime(x)}}", &["2020-01-01 00:00:00"]),
    ("{{Int32(x)}}", &["1", "-1"]),
    ("1 -{{Int32(x)}}", &["1", "-1"]),
    ("1 -{{Int(x)}}", &["1", "-1"]),
    ("{{Float64(x)}}", &["1"]),
    ("-{{Float64(x)}}", &["1"]),
    ("{{Boolean(x)}}", &["1"]),
    ("{{[x]}}", &["t"]),
    ("{{(x, 1)}}", &["t"]),
    ("{{z}}", &["t"]),
    ("{{JSON(y)}}", &["t"]),
    ("{{symbol(x, \"'\")}}", &["t"]),
    ("{{sql_and(p=x, q__in=z)}}", &["t"]),
    ("{{max_threads(x)}} 1", &["t"]),
    ("{% try %}{{Int8(x)}}{% except Exception as e %}{{e}}{% end %}", &["t", "1", "-1"]),
    ("{{tb_secret('unknown', x)}}", &["t"]),
];

/// Those that make as many parts as a value has.
const LISTS: &[&str] =
    &["{{Array(x, 'String')}}", "{{columns(x)}}", "{{columns(x, 'a', 'sum')}}", "{{column(x)}}"];

static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::in_memory(tile_duck::Limits::default(), &[]).unwrap());

fn render(template: &str, x: &str) -> Option<String> {
    let params: BTreeMap<String, Value> =
        [("x", json!(x)), ("y", json!(json!([x, {"k": x}]).to_string())), ("z", json!([x, "b"]))]
            .map(|(name, value)| (name.to_owned(), value))
            .into();
    let (secrets, limits) = (BTreeSet::new(), Limits::default());
    let request = Request {
        params: &params,
        secrets: &secrets,
        now_us: 0,
        mode: Mode::Normal,
        dialect: Dialect::DuckDb,
        limits: &limits,
    };
    Template::parse("", template).unwrap().render(&request).ok().map(|rendered| rendered.sql)
}

/// The engine's tree without places, texts and names of columns; nothing where it refuses the text.
fn shape(sql: &str) -> Option<String> {
    let quoted = sql.replace('\'', "''");
    let batches =
        ENGINE.query(&format!("SELECT json_serialize_sql('{quoted}', skip_default := true)")).unwrap();
    let json = arrow_cast::display::array_value_to_string(batches[0].column(0), 0).unwrap();
    let mut tree: Value = serde_json::from_str(&json).unwrap();
    blank(&mut tree);
    (tree["error"] != json!(true)).then(|| tree.to_string())
}

fn blank(tree: &mut Value) {
    match tree {
        Value::Object(entries) => {
            entries.retain(|key, _| {
                !["query_location", "query_location_length", "text", "alias"].contains(&key.as_str())
            });
            for (key, value) in entries {
                match key.as_str() {
                    "column_names" => *value = json!(value.as_array().map(Vec::len)),
                    _ => blank(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(blank),
        _ => {}
    }
}

fn statement(sql: &str) -> String {
    format!("SELECT 1, {sql} , 2 FROM t WHERE a = 3 AND b IN (4)")
}

fn check(template: &str, benign: &[&str], nasty: &str) {
    let Some(found) = render(template, nasty) else { return };
    let shapes: Vec<Option<String>> =
        benign.iter().filter_map(|text| render(template, text)).map(|sql| shape(&statement(&sql))).collect();
    assert!(!shapes.is_empty(), "{template} refuses its benign values");
    let found = statement(&found);
    assert!(shapes.contains(&shape(&found)), "{template} with {nasty:?} gives {found}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_stay_inside_their_quotes(
        parts in prop::collection::vec(prop::sample::select(PIECES), 0..7),
        which in 0..TEMPLATES.len(),
    ) {
        let (template, benign) = TEMPLATES[which];
        check(template, benign, &parts.concat());
    }

    #[test]
    fn tables_are_names(parts in prop::collection::vec(prop::sample::select(PIECES), 1..5)) {
        let nasty = parts.concat();
        prop_assume!(nasty.split('.').all(|part| !part.replace('\0', "").is_empty()) && nasty.matches('.').count() < 3);
        let found = render("{{table(x)}}", &nasty).unwrap();
        let read = |table: &str| shape(&format!("SELECT 1 FROM {table} WHERE a = 1")).is_some();
        prop_assert!(read(&found), "{:?} gives {}", nasty, found);
        let closed = format!("SELECT 1 FROM {found} AS q");
        prop_assert!(shape(&closed).is_some(), "{}", closed);
    }
}

#[test]
fn single_pieces_stay_inside_their_quotes() {
    for (template, benign) in TEMPLATES {
        for piece in PIECES {
            check(template, benign, piece);
            check(template, benign, &format!("a{piece}b"));
        }
    }
    for template in LISTS {
        for piece in PIECES.iter().filter(|piece| !piece.contains([',', '.', '\0'])) {
            check(template, &["t"], &format!("a{piece}b"));
        }
    }
}

#[test]
fn values_are_written_for_the_engine() {
    for (template, x, sql) in [
        ("{{String(x)}}", "it's 50% \\ `a`", "'it''s 50% \\ `a`'"),
        ("{{Int32(x)}}", "-5", "(-5)"),
        ("{{UInt64(x)}}", "5", "5"),
        ("{{Float64(x)}}", "1e3", "CAST('1000.0' AS DOUBLE)"),
        ("{{Array(x, 'Int32')}}", "1,-2", "[1,(-2)]"),
        ("{{Array(x, 'String')}}", "a,b's", "['a','b''s']"),
        ("{{column(x)}}", "a b.c", "\"a b\".\"c\""),
        ("{{columns(x)}}", "a,b", "\"a\",\"b\""),
        ("{{table(x)}}", "events", "\"events\""),
        ("{{JSON(y)}}", "a", "['a', {'k': 'a'}]"),
    ] {
        assert_eq!(render(template, x).as_deref(), Some(sql), "{template}");
    }
    for template in ["'{{x}}'", "\"{{x}}\"", "'a' || E'\\' {{x}}'", "$$ {{x}} $$", "/* /* */ {{x}} */"] {
        assert_eq!(render(template, "a"), None, "{template}");
    }
}
