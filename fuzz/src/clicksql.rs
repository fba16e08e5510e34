//! ClickHouse SQL: no panic on any bytes in parser or resolver, and what parses prints to a text that parses to the same
//! tree and prints the same again.

use std::sync::OnceLock;
use tile_clicksql::schema::{Engine, Table};
use tile_clicksql::types::Type;
use tile_clicksql::{Options, parse, print, translate};

pub const SEEDS: &[&[u8]] = &[
    b"SELECT 1",
    b"SELECT a, count() c FROM db.t AS x FINAL SAMPLE 1/10 OFFSET 1/2 WHERE d >= '2020-01-01' AND e LIKE '%x%' GROUP BY a HAVING c > 1 ORDER BY c DESC NULLS LAST LIMIT 2 BY a LIMIT 10 OFFSET 5 SETTINGS a = 1 FORMAT JSON",
    b"WITH a AS (SELECT 1), 2 AS b, x -> x + 1 AS f SELECT f(b) FROM a, c LEFT ANY JOIN d USING (x) ARRAY JOIN e AS g",
    b"WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM a WHERE n < 5) SELECT * FROM a",
    b"FROM t SELECT DISTINCT ON (a, b) * EXCEPT (a) REPLACE (b + 1 AS c) APPLY(sum), COLUMNS('x'), t.* QUALIFY 1",
    b"SELECT CASE x WHEN 1 THEN 2 ELSE 3 END, CAST(a AS Decimal(10, 2)), a::Array(Int8)[1].2, -1::Int8, {p:UInt8}, {'a': 1}",
    b"SELECT INTERVAL 1 DAY, INTERVAL '1 hour 30 minutes', DATE '2020-01-01', EXTRACT(YEAR FROM a), date_add(DAY, 1, x), interval - 1",
    b"SELECT trim(BOTH ' ' FROM a), substring(a FROM 1 FOR 2), position(a IN b), overlay(a PLACING b FROM 1), dateDiff(day, a, b)",
    b"SELECT a ? b : c, x NOT BETWEEN 1 AND 2 OR NOT y, a IS NOT DISTINCT FROM b, a <=> b, a GLOBAL NOT IN (SELECT 1), EXISTS (SELECT 1)",
    b"SELECT sum(a) FILTER (WHERE b) OVER (w PARTITION BY c ORDER BY d ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), any(x) IGNORE NULLS, quantile(0.5)(DISTINCT x) FROM t WINDOW w AS ()",
    b"SELECT a FROM t GROUP BY GROUPING SETS ((a, b), c, ()) WITH TOTALS ORDER BY a WITH FILL FROM 1 TO 2 STEP 3 STALENESS 4 INTERPOLATE (b AS b + 1, c)",
    b"(SELECT 1 LIMIT 1) UNION ALL SELECT 2 INTERSECT SELECT 3 EXCEPT DISTINCT ((SELECT 4) UNION ALL SELECT 5) SETTINGS a = 1",
    b"SELECT 'a''b\\n\\x41', $$it's$$, x'4142', `a``b`, \"c\", 0xFF, 1e-3, .5, 1_000, inf -- c\n /* d /* e */ */ # f\n",
    b"SELECT from FROM from WHERE limit = 1 ORDER BY all, b FETCH FIRST 3 ROWS WITH TIES",
    b"SELECT and(a, b), left(a, 1), \"not\"(a), arrayMap((x, y) -> (x, y), a, b), t.1.2, f(x).y, (a AS b) + b, (1,), ()",
    b"DESCRIBE TABLE (SELECT 1)",
    b"SHOW CREATE TABLE db.t",
    b"EXPLAIN QUERY TREE SELECT 1",
    b"EXISTS TABLE db.t",
    b"INSERT INTO t VALUES (1)",
];

/// What the seeds' names mean: columns of many types in every table.
fn tables() -> &'static Vec<Table> {
    static TABLES: OnceLock<Vec<Table>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let types = [
            ("a", "UInt8"),
            ("b", "Nullable(Int64)"),
            ("c", "String"),
            ("d", "Date"),
            ("e", "LowCardinality(String)"),
            ("x", "Array(Float64)"),
            ("y", "Tuple(k String, v DateTime64(3))"),
            ("m", "Map(String, UInt64)"),
            ("s", "AggregateFunction(sum, UInt8)"),
        ];
        let columns: Vec<(String, Type)> =
            types.iter().filter_map(|(n, t)| Some(((*n).to_owned(), Type::parse(t).ok()?))).collect();
        let table = |name: &str| Table {
            name: name.to_owned(),
            engine_name: tile_clicksql::engine_name(name),
            columns: columns.clone(),
            engine: Engine::Aggregating,
            sorting_key: vec!["a".to_owned()],
        };
        ["t", "a", "c", "d", "db.t"].map(table).into()
    })
}

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Err(error) = translate(text, tables(), &Options::default()) {
        let _ = error.render(text);
    }
    match parse::statement(text) {
        Ok(tree) => {
            let printed = print::statement(&tree);
            let again = match parse::statement(&printed) {
                Ok(again) => again,
                Err(error) => panic!("{text:?} prints as {printed:?}, which is refused: {error}"),
            };
            assert_eq!(without_spans(&tree), without_spans(&again), "{text:?} prints as {printed:?}");
            assert_eq!(print::statement(&again), printed);
        }
        Err(error) => {
            // Where it points to is a part of the text.
            if let Some(span) = error.span {
                assert!(text.get(span.start as usize..span.end as usize).is_some(), "{text:?}: {span:?}");
            }
            let _ = error.render(text);
        }
    }
    if let Ok(expr) = parse::expression(text) {
        let printed = print::expr(&expr);
        let again = parse::expression(&printed)
            .unwrap_or_else(|error| panic!("{text:?} prints as {printed:?}: {error}"));
        assert_eq!(without_spans(&expr), without_spans(&again), "{text:?} prints as {printed:?}");
    }
}

/// The tree as text, without its spans.
fn without_spans(tree: &impl std::fmt::Debug) -> String {
    let text = format!("{tree:?}");
    let mut parts = text.split("Span { ");
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        // A text in the query may have these words, too; both trees have it then.
        out.push_str(part.split_once('}').map_or(part, |(_, rest)| rest));
    }
    out
}
