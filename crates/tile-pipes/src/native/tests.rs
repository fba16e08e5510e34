//! The dialect over the real engine.

use super::{Dialect, functions};
use std::sync::Arc;
use tile_duck::{Engine, Limits};

fn engine() -> Arc<Engine> {
    let engine = Arc::new(Engine::in_memory(Limits::default(), &[]).unwrap());
    engine.execute("CREATE TABLE secret AS SELECT 42 AS a; CREATE TABLE tile_with AS SELECT 1 AS a").unwrap();
    engine
}

fn over(dialect: &Dialect, text: &str) -> Result<(String, Vec<Vec<String>>), String> {
    let value = |name: &str| (name == "key").then(|| "it's".to_owned());
    let read = dialect.read(text, &value).map_err(|e| e.detail())?;
    let tables: Vec<String> = read.tables.iter().map(|_| "SELECT 1 AS a, 'x' AS b".to_owned()).collect();
    Ok((read.over(&tables), read.tables.clone()))
}

#[test]
fn queries_run_over_what_their_names_stand_for() {
    let engine = engine();
    let dialect = Dialect::new(engine.clone());
    for (text, tables, row) in [
        ("SELECT a FROM t", "t", "1"),
        ("SELECT t.a FROM t", "t", "1"),
        ("SELECT x.a + y.a FROM t x JOIN u AS y USING (b)", "t u", "2"),
        ("FROM t SELECT a", "t", "1"),
        ("SELECT sum(a) FROM ws.t GROUP BY ALL", "ws.t", "1"),
        ("WITH c AS (SELECT a + 1 AS a FROM t), d AS (SELECT * FROM C) SELECT a FROM d", "t", "2"),
        ("WITH t AS (SELECT a + 1 AS a FROM t) SELECT a FROM t", "t", "2"),
        (
            "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT max(n) FROM r",
            "",
            "5",
        ),
        (
            "WITH RECURSIVE r AS (SELECT a FROM t UNION ALL SELECT a + 1 FROM r WHERE a < 5) SELECT max(a) FROM r",
            "t",
            "5",
        ),
        ("SELECT (WITH c AS (SELECT a FROM t) SELECT a FROM c) + (SELECT max(a) FROM t)", "t t", "2"),
        ("SELECT list_sum(list_transform([1, 2], lambda x: x * 2))", "", "6"),
        ("SELECT $key", "", "it's"),
        ("SELECT count(*) FROM (SELECT a FROM t UNION ALL (SELECT a FROM u)) AS s", "t u", "2"),
        ("SELECT sum(x) FROM range(4) r(x)", "", "6"),
        ("SELECT CAST(now() - INTERVAL 1 DAY < current_timestamp AS INT)", "", "1"),
        ("SELECT CAST(current_date >= DATE '2020-01-01' AS INT)", "", "1"),
        ("SELECT 'a' || upper('b').lower() -- a comment", "", "ab"),
        ("SELECT first_value(a) OVER w FROM t WINDOW w AS (ORDER BY b)", "t", "1"),
        ("SELECT b->>'$.k' FROM (SELECT '{\"k\": 7}'::JSON AS b)", "", "7"),
    ] {
        let (sql, named) = over(&dialect, text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let named: Vec<String> = named.iter().map(|path| path.join(".")).collect();
        assert_eq!(named.join(" "), tables, "{text}");
        let sql = format!("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ({sql})");
        let batches = engine.query(&sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
        let shown = arrow_cast::display::array_value_to_string(batches[0].column(0), 0).unwrap();
        assert_eq!(shown, row, "{text}");
    }
}

#[test]
fn what_reaches_elsewhere_is_refused() {
    let dialect = Dialect::new(engine());
    for text in [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM query('SELECT 1')",
        "SELECT * FROM query_table('secret')",
        "SELECT * FROM duckdb_tables()",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM glob('*')",
        "SELECT * FROM pragma_table_info('secret')",
        "SELECT * FROM foreign_table('a', '1')",
        "SELECT * FROM shared_table('a', '1')",
        "SELECT * FROM seq_scan('secret')",
        "SELECT * FROM main.read_csv('x')",
        "SELECT getenv('HOME')",
        "SELECT current_setting('threads')",
        "SELECT getvariable('x')",
        "SELECT current_query()",
        "SELECT current_database()",
        "SELECT current_user",
        "SELECT nextval('s')",
        "SELECT json_serialize_sql('SELECT 1')",
        "SELECT write_log('x')",
        "SELECT sleep_ms(1000)",
        "SELECT 'x'.getenv()",
        "SELECT a.b.getenv('x')",
        "SELECT sum(a) FILTER (WHERE getenv('x') = 'y') FROM t",
        "SELECT a FROM t ORDER BY getenv('x')",
        "SELECT a FROM t LIMIT (SELECT getenv('x'))",
        "SELECT [getenv(x) for x in ['HOME']]",
        "SELECT list_transform([1], lambda x: getenv('x'))",
        "SELECT a FROM t QUALIFY rank() OVER (ORDER BY getenv('x')) = 1",
        "SELECT stats(a) FROM t",
        "SELECT a FROM t AT (VERSION => 1)",
        "SHOW TABLES",
        "DESCRIBE secret",
        "SUMMARIZE secret",
        "SELECT * FROM (SHOW TABLES)",
        "SELECT * FROM (DESCRIBE secret)",
        "PRAGMA version",
        "SET threads = 1",
        "INSTALL httpfs",
        "LOAD httpfs",
        "ATTACH 'x.db'",
        "COPY (SELECT 1) TO 'x.csv'",
        "DROP TABLE secret",
        "INSERT INTO secret VALUES (1)",
        "WITH x AS (INSERT INTO secret VALUES (1)) SELECT 1",
        "WITH x AS (DELETE FROM secret RETURNING *) SELECT * FROM x",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE secret",
        "EXPLAIN SELECT 1",
        "CALL range(1)",
        "SELECT $other",
        "SELECT ?",
        "SELECT \0",
        "SELECT 1 WHERE",
        "",
    ] {
        let read = dialect.read(text, &|_| None);
        assert!(read.is_err(), "{text}: {read:?}");
        assert_ne!(read.unwrap_err().kind, tile_base::Kind::Internal, "{text}");
    }
}

/// A name that is no placeholder's would be a table of the database.
#[test]
fn every_table_is_a_placeholder() {
    let dialect = Dialect::new(engine());
    for text in [
        "SELECT * FROM secret",
        "SELECT * FROM main.secret",
        "SELECT * FROM 'secret.csv'",
        "SELECT * FROM \"a.parquet\"",
        "SELECT * FROM information_schema.tables",
        "TABLE secret",
        "PIVOT secret ON a IN (1) USING sum(a)",
        "UNPIVOT secret ON a INTO NAME n VALUE v",
        "WITH secret AS (SELECT * FROM secret) SELECT * FROM secret",
        "SELECT * FROM (WITH secret AS (SELECT 1) SELECT * FROM secret), secret",
        "WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM secret",
        "SELECT (SELECT max(a) FROM secret)",
        "SELECT 1 IN (FROM secret)",
        "SELECT EXISTS (FROM secret)",
        "SELECT a FROM t LIMIT (SELECT a FROM secret)",
        "SELECT * FROM tile_with_0",
        "SELECT * FROM t, LATERAL (SELECT * FROM secret)",
        "SELECT * FROM range((SELECT max(a) FROM secret))",
        "SELECT * FROM recurring.secret",
        "SELECT [x FOR x IN (SELECT list(a) FROM secret)]",
    ] {
        let read = dialect.read(text, &|_| None).unwrap_or_else(|e| panic!("{text}: {e}"));
        // With nothing put in, the engine knows no table of it.
        let failed = dialect.columns(&read.over(&[])).unwrap_err().detail();
        assert!(failed.contains("tile_table_") && failed.contains("not exist"), "{text}: {failed}");
    }
}

#[test]
fn functions_that_are_served_are_there_and_none_is_dangerous() {
    let engine = engine();
    let there =
        engine.query("SELECT string_agg(DISTINCT function_name, ' ') FROM duckdb_functions()").unwrap();
    let there = arrow_cast::display::array_value_to_string(there[0].column(0), 0).unwrap();
    let there: Vec<&str> = there.split(' ').collect();
    let parsed = ["coalesce", "current_date", "grouping", "grouping_id", "ifnull", "unnest", "count_star"];
    let mut last = "";
    for name in functions::all() {
        assert!(there.contains(&name) || parsed.contains(&name), "{name} is not in the engine");
        let is_dangerous =
            ["read_", "duckdb_", "pragma", "current_s", "getenv", "getvar", "nextval", "write_", "pg_"]
                .iter()
                .any(|start| name.starts_with(start));
        assert!(!is_dangerous, "{name}");
        if name.starts_with(char::is_alphabetic) {
            assert!(last < name, "{last} {name}");
            last = name;
        }
    }
}

#[test]
fn columns_have_types_that_others_know() {
    let dialect = Dialect::new(engine());
    let (sql, _) = over(
        &dialect,
        "SELECT sum(1) AS s, 1.5::DECIMAL(10,2) AS d, [1] AS l, {'k': 1} AS st, MAP {'a': 1} AS m, now() AS n, NULL AS z, 1 AS a, 2 AS a, DATE '2020-01-01' AS da, 'x'::JSON AS j, INTERVAL 1 DAY AS i",
    )
    .unwrap();
    let shown: Vec<String> =
        dialect.columns(&sql).unwrap().iter().map(|c| format!("{} {}", c.name, c.ty)).collect();
    assert_eq!(
        shown.join(", "),
        "s Nullable(Decimal(38, 0)), d Nullable(Decimal(10, 2)), l Array(Nullable(Int32)), st Nullable(JSON), m Map(String, Nullable(Int32)), \
         n Nullable(DateTime64(6)), z Nullable(String), a Nullable(Int32), a_1 Nullable(Int32), da Nullable(Date32), j Nullable(JSON), i Nullable(String)"
    );
    assert!(dialect.columns("SELECT missing").unwrap_err().detail().contains("missing"));
}
