//! How operators bind. Every line was checked with `EXPLAIN AST` of ClickHouse 26.9, save those marked as
//! ours.

use super::shape::shape;
use super::{check_statement, parsed_expr};

const SHAPES: &[(&str, &str)] = &[
    ("1 + 2 * 3 - 4", "(Subtract (Add 1 (Multiply 2 3)) 4)"),
    ("a - b - c", "(Subtract (Subtract a b) c)"),
    ("a || b + c", "(Concat a (Add b c))"),
    ("a DIV b MOD c", "(Modulo (IntDivide a b) c)"),
    ("a OR b AND c OR d", "(Or a (And b c) d)"),
    ("NOT a = b AND c", "(And (not (Eq a b)) c)"),
    ("NOT a IS NULL", "(not (null0 a))"),
    ("NOT NOT a", "(not (not a))"),
    ("1 + NOT 2 = 3", "(Add 1 (not (Eq 2 3)))"),
    ("a = b IS NOT NULL", "(null1 (Eq a b))"),
    ("a IN b IS NULL", "(null0 (in00 a b))"),
    ("a + 1 IN (1, 2)", "(in00 (Add a 1) (tuple 1 2))"),
    ("a GLOBAL NOT IN t", "(in11 a t)"),
    ("a NOT IN (SELECT 1) AND b", ""),
    ("x BETWEEN 1 AND 2 AND y", "(And (between0 x 1 2) y)"),
    ("x BETWEEN 1 AND 2 = 3", "(between0 x 1 (Eq 2 3))"),
    ("a = b BETWEEN c AND d", "(between0 (Eq a b) c d)"),
    ("x NOT BETWEEN 1 + 1 AND 2 + 2 OR y", "(Or (between1 x (Add 1 1) (Add 2 2)) y)"),
    ("a < b = c", "(Eq (Lt a b) c)"),
    ("a == b", "(Eq a b)"),
    ("a <> b", "(NotEq a b)"),
    ("a <=> b", "(NullSafeEq a b)"),
    ("a = 1 IS NOT DISTINCT FROM b = 2", "(NullSafeEq (Eq a 1) (Eq b 2))"),
    ("a IS DISTINCT FROM b", "(Distinct a b)"),
    ("a LIKE 'x' || b", "(Like a (Concat \"x\" b))"),
    ("a NOT ILIKE 'x'", "(NotILike a \"x\")"),
    ("a REGEXP 'x' AND b", "(And (Regexp a \"x\") b)"),
    ("-a + b", "(Add (neg a) b)"),
    ("- -1", "(neg (neg 1))"),
    ("-a.1", "(neg (member a 1))"),
    ("-a[1]", "(neg (index a 1))"),
    ("-1::Int8", "(cast (neg 1) Int8)"),
    ("-x::Int8", "(neg (cast x Int8))"),
    ("1 - -1", "(Subtract 1 (neg 1))"),
    ("+1", "(pos 1)"),
    ("x::Array(Nullable(String))[1]", "(index (cast x Array(Nullable(String))) 1)"),
    ("a::Int8::String || b", "(Concat (cast (cast a Int8) String) b)"),
    ("x::DOUBLE PRECISION + 1", "(Add (cast x DOUBLE PRECISION) 1)"),
    ("t.1.2", "(member (member t 1) 2)"),
    ("a.b.c", "a.b.c"),
    ("a.b.1", "(member a.b 1)"),
    ("(1, 2).1", "(member (tuple 1 2) 1)"),
    ("f(x).y.z", "(member (member (f x) y) z)"),
    ("a[1].2", "(member (index a 1) 2)"),
    ("a ? b : c", "(if a b c)"),
    ("a OR b ? c : d", "(if (Or a b) c d)"),
    // Ours: ClickHouse takes no OR and no second `?` there.
    ("a ? b : c ? d : e", "(if a b (if c d e))"),
    ("a ? b ? c : d : e", "(if a (if b c d) e)"),
    ("x -> x + 1", "(fn [x] (Add x 1))"),
    ("(x, y) -> x ? y : 1", "(fn [x y] (if x y 1))"),
    ("() -> 1", "(fn [] 1)"),
    ("f(x -> x, a)", "(f (fn [x] x) a)"),
    ("f(x -> x AS y)", "(f (as (fn [x] x) y))"),
    ("(a AS b) + 1 AS c", "(as (Add (as a b) 1) c)"),
    ("NOT (a) = 1", "(not (Eq a 1))"),
    ("not(a, b)", "(not (tuple a b))"),
    ("and(a, b, or(c, d))", "(and a b (or c d))"),
    ("CASE x WHEN 1 THEN 2 ELSE 3 END + 1", "(Add (case x; 1 2; 3) 1)"),
    ("CASE WHEN a THEN b WHEN c THEN d END", "(case ; a b, c d; )"),
    ("now() - INTERVAL 1 DAY", "(Subtract (now ) (Day 1))"),
    ("INTERVAL 1 + 2 DAY", "(Day (Add 1 2))"),
    ("INTERVAL '1' DAY", "(Day \"1\")"),
    ("INTERVAL '1 day'", "(Day 1)"),
    ("INTERVAL '-1 day'", "(Day (neg 1))"),
    ("INTERVAL '1 hour 30 minutes'", "(tuple (Hour 1) (Minute 30))"),
    ("INTERVAL x WEEK + y", "(Add (Week x) y)"),
    ("INTERVAL -1 MONTH", "(Month (neg 1))"),
    ("interval - 1", "(Subtract interval 1)"),
    ("interval", "interval"),
    ("[interval]", "[interval]"),
    ("date_add(DAY, 1, x)", "(date_add (Day 1) x)"),
    ("timestampSub(s, -f(1), x)", "(timestampSub (Second (neg (f 1))) x)"),
    ("dateDiff(DAY, a, b)", "(dateDiff \"day\" a b)"),
    ("dateDiff('day', a, b)", "(dateDiff \"day\" a b)"),
    ("position(a IN b)", "(position b a)"),
    ("position(a = 1 IN b)", "(position b (Eq a 1))"),
    ("position(a, b IN c)", "(position a (in00 b c))"),
    ("substring(x FROM 1 FOR 2)", "(substring x 1 2)"),
    ("substring(x FROM 1)", "(substring x 1)"),
    ("substring(x, 1, 2)", "(substring x 1 2)"),
    ("substring(x, 1 FOR 2)", "(substring x 1 2)"),
    ("overlay(x PLACING y FROM 1 FOR 2)", "(overlay x y 1 2)"),
    ("overlay(x, y, 1)", "(overlay x y 1)"),
    ("trim(BOTH 'a' FROM b)", "(trimBoth b \"a\")"),
    ("TRIM(LEADING 'a' FROM b)", "(trimLeft b \"a\")"),
    ("trim(a)", "(trim a)"),
    ("CAST(x AS Decimal(10, 2))", "(Call x Decimal(10, 2))"),
    ("CAST(x, 'Int8')", "(CAST x \"Int8\")"),
    ("CAST(x AS y AS Int8)", "(Call (as x y) Int8)"),
    ("DATE '2020-01-01' + 1", "(Add (Prefix \"2020-01-01\" Date) 1)"),
    ("TIMESTAMP '2020-01-01 00:00:00'", "(Prefix \"2020-01-01 00:00:00\" DateTime)"),
    ("date", "date"),
    ("quantile(0.5)(x)", "(quantile<0.5> x)"),
    ("count(DISTINCT a, b)", "(count distinct a b)"),
    ("count(distinct)", "(count distinct)"),
    ("count(ALL x)", "(count x)"),
    ("x = ANY(SELECT 1)", ""),
    ("1_000", "1000"),
    ("inf + nan", "(Add inf nan)"),
    ("(a)", "a"),
    ("(a,)", "(tuple a)"),
    ("()", "(tuple )"),
];

#[test]
fn operators_bind_as_in_clickhouse() {
    for (text, expected) in SHAPES {
        let expr = parsed_expr(text);
        if !expected.is_empty() {
            assert_eq!(&shape(&expr), expected, "{text}");
        }
        check_statement(&format!("SELECT {text}"));
    }
}

#[test]
fn quantified_subqueries_are_in() {
    assert_eq!(
        check_statement("SELECT a = ANY(SELECT 1), b != ALL (SELECT 2)"),
        "SELECT a IN (SELECT 1), b NOT IN (SELECT 2)"
    );
}

#[test]
fn spans_cover_what_was_written() {
    let text = "SELECT a, f(b + c.d) AS x FROM t";
    let crate::ast::Statement::Query(query) = super::parsed(text) else { panic!() };
    let crate::ast::QueryBody::Select(select) = &query.body else { panic!() };
    let shown = |span: crate::ast::Span| text.get(span.start as usize..span.end as usize).unwrap();
    assert_eq!(shown(query.span), text);
    assert_eq!(shown(select.projection[0].span), "a");
    assert_eq!(shown(select.projection[1].span), "f(b + c.d) AS x");
    let crate::ast::ExprKind::Alias { expr, name } = &select.projection[1].kind else { panic!() };
    assert_eq!((shown(expr.span), shown(name.span)), ("f(b + c.d)", "x"));
    assert_eq!(shown(select.from.as_ref().unwrap().span), "t");
}
