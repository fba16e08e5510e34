//! What is refused, with which words, and where.

use super::super::{expression, statement};
use crate::error::Code;

/// Text, message, and the part of the text that the span covers.
const REFUSALS: &[(&str, &str, &str)] = &[
    ("", "expected a statement such as `SELECT`, found the end of the text", ""),
    ("SELCT 1", "expected a statement such as `SELECT`, found `SELCT`", "SELCT"),
    ("SELECT", "expected an expression, found the end of the text", ""),
    ("SELECT FROM t", "expected an expression, found `FROM`", "FROM"),
    ("SELECT a + FROM t", "expected an expression, found `FROM`", "FROM"),
    ("SELECT 1 +", "expected an expression, found the end of the text", ""),
    ("SELECT (1, 2 FROM t", "expected `)`, found `FROM`", "FROM"),
    ("SELECT f(1, 2 FROM t", "expected `,` or `)`, found `FROM`", "FROM"),
    ("SELECT [1, 2", "expected `]`, found the end of the text", ""),
    ("SELECT f(a,) FROM t", "expected an expression, found `)`", ")"),
    ("SELECT 1 1", "expected the end of the statement, found `1`", "1"),
    ("SELECT 1; SELECT 2", "expected the end of the statement, found `SELECT`", "SELECT"),
    ("SELECT a b c FROM t", "expected the end of the statement, found `c`", "c"),
    ("SELECT a FROM", "expected a table, found the end of the text", ""),
    ("SELECT a FROM WHERE x", "expected a table, found `WHERE`", "WHERE"),
    ("SELECT a FROM (b)", "expected a query in the parentheses, found `b`", "b"),
    ("SELECT a FROM t WHERE", "expected an expression, found the end of the text", ""),
    ("SELECT a FROM t WHERE x GROUP BY", "expected an expression, found the end of the text", ""),
    ("SELECT a FROM t ORDER BY a LIMIT", "expected an expression, found the end of the text", ""),
    ("SELECT a FROM t LIMIT 1 WHERE b", "expected the end of the statement, found `WHERE`", "WHERE"),
    ("SELECT a FROM t JOIN u", "expected `ON` or `USING`, found the end of the text", ""),
    ("SELECT a FROM t LEFT u ON 1", "expected `JOIN`, found `u`", "u"),
    (
        "SELECT a FROM t ANY CROSS JOIN u",
        "expected no `ANY`, `ALL`, `SEMI`, `ANTI` or `ASOF` with `CROSS` and `PASTE`",
        "u",
    ),
    ("SELECT a FROM t FULL SEMI JOIN u ON 1", "expected `LEFT` or `RIGHT` with `SEMI` and `ANTI`", "u"),
    ("SELECT a FROM t INNER OUTER JOIN u ON 1", "expected `LEFT`, `RIGHT` or `FULL` with `OUTER`", "u"),
    ("SELECT CASE WHEN a END", "expected `THEN`, found `END`", "END"),
    ("SELECT CASE a END", "expected `WHEN`, found `END`", "END"),
    ("SELECT CASE WHEN a THEN b", "expected `END`, found the end of the text", ""),
    ("SELECT a BETWEEN 1 OR 2", "expected `AND` and the upper bound, found `OR`", "OR"),
    ("SELECT a IS 5", "expected `NULL` or `DISTINCT FROM`, found `5`", "5"),
    ("SELECT INTERVAL 1 DAI", "expected a unit such as `DAY`, found `DAI`", "DAI"),
    (
        "SELECT INTERVAL '1 dai'",
        "expected a text such as '1 day', or a unit behind the text, found `'1 dai'`",
        "'1 dai'",
    ),
    ("SELECT CAST(a AS 1)", "expected a type, found `1`", "1"),
    ("SELECT {a:}", "expected a type, found `}`", "}"),
    ("SELECT x -> ", "expected an expression, found the end of the text", ""),
    ("SELECT (1, x) -> x", "expected the parameters of a lambda before `->`, found `1`", "1"),
    ("SELECT a AS", "expected an alias, found the end of the text", ""),
    ("SELECT a.", "expected a name or a number after the dot, found the end of the text", ""),
    ("SELECT a.0", "expected the number of a tuple's element, found `0`", "0"),
    ("SELECT 2 .a", "expected an operator, found `.`", "."),
    ("SELECT 'x'.a", "expected an operator, found `.`", "."),
    ("SELECT 1 FROM ''", "expected a table, found `''`", "''"),
    ("SELECT ``", "expected an expression, found ````", "``"),
    ("SELECT sum(x) OVER (ROWS 1)", "expected `PRECEDING` or `FOLLOWING`, found `)`", ")"),
    ("SELECT x FROM t ORDER BY a NULLS", "expected `FIRST` or `LAST`, found the end of the text", ""),
    ("SELECT x FROM t LIMIT 1 WITH TIES", "expected an `ORDER BY` with `WITH TIES`", ""),
    ("SELECT x FROM t FETCH FIRST 1 ROW ONLY", "expected an `ORDER BY` before `FETCH`", "FETCH"),
    ("SELECT 1 SETTINGS", "expected a setting's name, found the end of the text", ""),
    ("SELECT 1 FORMAT", "expected a format, found the end of the text", ""),
    ("(SELECT 1) ORDER BY 1", "expected the end of the statement, found `ORDER`", "ORDER"),
    ("SELECT 1 UNION", "expected `SELECT`, found the end of the text", ""),
    ("SELECT 'abc", "expected `'` at the end of the quoted text", "'"),
    ("SELECT a & b", "expected a token, found `&`", "&"),
    ("SHOW", "expected what to show, such as `TABLES`, found the end of the text", ""),
    ("EXPLAIN t", "expected a query to explain, found `t`", "t"),
    ("DESCRIBE", "expected a table, found the end of the text", ""),
];

const UNSUPPORTED: &[(&str, &str, &str)] = &[
    ("SELECT a IS TRUE", "`IS` is followed by `NULL` or `DISTINCT FROM` only", "TRUE"),
    ("SELECT a LIKE 'b' ESCAPE 'c'", "`ESCAPE` is not served", "ESCAPE"),
    ("SELECT a < ANY (SELECT 1)", "only `= ANY (query)` and `!= ALL (query)` are served", "ANY"),
    ("SELECT EXTRACT(DOW FROM x)", "`EXTRACT` is served for the units of an interval only", "DOW"),
    ("SELECT f(x).*", "`.*` is served after a table's name only", "*"),
    ("SELECT * EXCEPT STRICT (a) FROM t", "`STRICT` is not served", "STRICT"),
    ("SELECT 1 FROM {t:Identifier}", "a parameter cannot stand for a table", "{"),
    ("SELECT 1 FROM t NATURAL JOIN u", "`NATURAL JOIN` is not served", "NATURAL"),
    ("SELECT 1 FROM t AS x (a, b)", "names for the columns of a table are not served", "("),
    ("SELECT 1 FROM t LIMIT 1 BY ALL", "`LIMIT BY ALL` is not served", "ALL"),
    ("SELECT 1 FROM t JOIN u USING t.a", "expected plain column names in `USING`", "."),
    ("SELECT 1 INTO OUTFILE 'x'", "`INTO OUTFILE` is not served", "INTO"),
    ("SELECT 1 FROM f(1, SETTINGS a = 1)", "expected an expression, found `SETTINGS`", "SETTINGS"),
    ("EXPLAIN header = 1 SELECT 1", "settings of `EXPLAIN` are not served", "header"),
    ("EXISTS TEMPORARY TABLE t", "there are no temporary tables", "TEMPORARY"),
];

const READ_ONLY: &[(&str, &str, &str)] = &[
    (
        "INSERT INTO t VALUES (1)",
        "only SELECT, DESCRIBE, SHOW, EXPLAIN and EXISTS are served, found `INSERT`",
        "INSERT",
    ),
    ("drop table t", "only SELECT, DESCRIBE, SHOW, EXPLAIN and EXISTS are served, found `drop`", "drop"),
];

#[test]
fn messages_and_spans() {
    for (code, list) in
        [(Code::Syntax, REFUSALS), (Code::Unsupported, UNSUPPORTED), (Code::ReadOnly, READ_ONLY)]
    {
        for (text, message, place) in list {
            let error = statement(text).expect_err(text);
            assert_eq!(&error.message, message, "{text}");
            let span = error.span.expect(text);
            assert_eq!(text.get(span.start as usize..span.end as usize), Some(*place), "{text}");
            let is_settings = text.contains("f(1, SETTINGS");
            assert!(error.code == code || is_settings, "{text}: {:?}", error.code);
        }
    }
}

#[test]
fn nesting_is_bounded() {
    let nested = |open: &str, n: usize, middle: &str, close: &str| {
        format!("{}{middle}{}", open.repeat(n), close.repeat(n))
    };
    let forms = [
        ("(", ")"),
        ("[", "]"),
        ("f(", ")"),
        ("- ", ""),
        ("NOT ", ""),
        ("x -> ", ""),
        ("a + (b * ", ")"),
        ("CASE WHEN 1 THEN ", " END"),
        ("(SELECT ", ")"),
        ("a[", "]"),
        ("{1: ", "}"),
        ("a OR b AND c = d || e + f * (", ")"),
        ("1 ? ", " : 2"),
        ("1 ? 2 : ", ""),
    ];
    for (open, close) in forms {
        expression(&nested(open, 30, "1", close)).expect(open);
        let error = expression(&nested(open, 100_000, "1", close)).expect_err(open);
        assert_eq!(error.code, Code::TooDeep, "{open}");
    }
    expression(&nested("(", 190, "1", ")")).unwrap();
    let tables = nested("SELECT 1 FROM (", 100_000, "SELECT 1", ")");
    assert_eq!(statement(&tables).unwrap_err().code, Code::TooDeep);
    let unions = nested("(", 100_000, "SELECT 1", ")");
    assert_eq!(statement(&unions).unwrap_err().code, Code::TooDeep);
}

#[test]
fn chains_are_bounded_or_balanced() {
    for (text, code) in [
        (" + a", Code::TooDeep),
        (" || a", Code::TooDeep),
        ("::Int8", Code::TooDeep),
        ("[1]", Code::TooDeep),
        (".1", Code::TooDeep),
    ] {
        let chain = format!("a{}", text.repeat(10_000));
        assert_eq!(expression(&chain).unwrap_err().code, code, "{text}");
        let chain = format!("a{}", text.repeat(450));
        let tree = expression(&chain).unwrap();
        assert_eq!(tree, tree.clone());
        assert_eq!(crate::print::expr(&tree), chain);
    }
    // AND and OR are balanced, so their length does not matter.
    for word in [" AND a = 1", " OR a = 1"] {
        let chain = format!("a = 1{}", word.repeat(20_000));
        let tree = expression(&chain).unwrap();
        assert_eq!(tree, tree.clone());
        assert_eq!(crate::print::expr(&tree), chain);
    }
    let joins = format!("SELECT 1 FROM t{}", ", t".repeat(10_000));
    assert_eq!(statement(&joins).unwrap_err().code, Code::TooDeep);
    let unions = format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(10_000));
    assert_eq!(statement(&unions).unwrap_err().code, Code::TooDeep);
}

/// Brackets on the left add up to the same limit as one long chain.
#[test]
fn height_adds_up_along_nested_chains() {
    let mut text = "a".to_owned();
    for _ in 0..30 {
        text = format!("({text}{})", " + a".repeat(100));
    }
    assert_eq!(expression(&text).unwrap_err().code, Code::TooDeep);
}

#[test]
fn every_prefix_ends_without_a_panic() {
    for (text, _) in super::round_trip::TEXTS.iter().zip(0..) {
        for end in 0..text.len() {
            if let Some(prefix) = text.get(..end) {
                let _ = statement(prefix);
            }
        }
    }
}
