//! Translations: what is refused and how, and the types and names of what is not. Answers are compared with ClickHouse's by
//! `tests/clicksql`.

use crate::ast::Query;
use crate::error::Code;
use crate::schema::Schema;
use crate::schema::{Engine, Table};
use crate::types::{Type, supertype};
use crate::{Constant, Options, Translated, translate};

fn tables() -> Vec<Table> {
    let column = |name: &str, ty: &str| (name.to_owned(), Type::parse(ty).unwrap());
    vec![Table {
        name: "events".into(),
        engine_name: "\"events\"".into(),
        columns: vec![
            column("id", "UInt64"),
            column("name", "LowCardinality(String)"),
            column("at", "DateTime"),
            column("value", "Nullable(Float64)"),
            column("tags", "Array(String)"),
            column("seen", "AggregateFunction(uniq, String)"),
        ],
        engine: Engine::Replacing { version: Some("at".into()), is_deleted: None },
        sorting_key: vec!["id".into()],
    }]
}

fn translated(query: &str) -> Translated {
    translate(query, &tables(), &Options::default())
        .unwrap_or_else(|e| panic!("{query}: {}", e.render(query)))
}

fn columns(query: &str) -> Vec<(String, String)> {
    translated(query).columns.into_iter().map(|(n, t)| (n, t.to_string())).collect()
}

fn refusal(query: &str) -> (Code, String) {
    let error = translate(query, &tables(), &Options::default()).expect_err(query);
    (error.code, error.render(query))
}

#[test]
fn columns_have_the_names_and_types_of_the_original() {
    let cases = [
        (
            "SELECT 1 + 1, 256, -1, 1.5, 'a', NULL",
            "plus(1, 1) UInt16, 256 UInt16, -1 Int8, 1.5 Float64, 'a' String, NULL Nullable(Nothing)",
        ),
        (
            "SELECT id - 1, id / 2, id % 7, intDiv(id, 2) FROM events",
            "minus(id, 1) Int64, divide(id, 2) Float64, modulo(id, 7) UInt8, intDiv(id, 2) UInt64",
        ),
        (
            "SELECT count(), sum(value), avg(id), max(at), uniq(name) FROM events",
            "count() UInt64, sum(value) Nullable(Float64), avg(id) Float64, max(at) DateTime, uniq(name) UInt64",
        ),
        (
            "SELECT lower(name) AS n, n = 'x' FROM events",
            "n LowCardinality(String), equals(n, 'x') LowCardinality(UInt8)",
        ),
        ("SELECT toDate(at) AS at, count() FROM events GROUP BY at", "at Date, count() UInt64"),
        (
            "SELECT at + INTERVAL 1 DAY, toStartOfHour(at), at - at FROM events",
            "plus(at, toIntervalDay(1)) DateTime, toStartOfHour(at) DateTime, minus(at, at) Int32",
        ),
        (
            "SELECT arrayMap(x -> length(x), tags) AS l, tags[1] FROM events",
            "l Array(UInt64), arrayElement(tags, 1) String",
        ),
        (
            "SELECT if(id > 1, 1, -1), coalesce(value, 0) FROM events",
            "if(greater(id, 1), 1, -1) Int16, coalesce(value, 0) Float64",
        ),
        (
            "SELECT uniqMerge(seen), uniqState(name) AS s FROM events GROUP BY id",
            "uniqMerge(seen) UInt64, s AggregateFunction(uniq, String)",
        ),
        ("SELECT row_number() OVER (PARTITION BY name ORDER BY at) AS n FROM events", "n UInt64"),
        ("SELECT a.id, b.id FROM events AS a LEFT JOIN events AS b ON a.id = b.id", "id UInt64, b.id UInt64"),
    ];
    for (query, expected) in cases {
        // States cannot leave, so such queries are looked at from inside.
        let query = if query.contains("uniqState") {
            format!("SELECT `uniqMerge(seen)`, uniqMerge(s) AS s FROM ({query}) GROUP BY 1")
        } else {
            query.to_owned()
        };
        let expected =
            if query.contains("uniqState") { "uniqMerge(seen) UInt64, s UInt64" } else { expected };
        let found: Vec<String> = columns(&query).into_iter().map(|(n, t)| format!("{n} {t}")).collect();
        assert_eq!(found.join(", "), expected, "{query}");
    }
}

#[test]
fn refusals_say_what_and_where() {
    let cases = [
        ("SELECT foo(1)", Code::UnknownFunction, "unknown function `foo`"),
        ("SELECT lenght('a')", Code::UnknownFunction, "length"),
        ("SELECT nam FROM events", Code::UnknownIdentifier, "maybe you meant: name"),
        ("SELECT 1 FROM event", Code::UnknownTable, "maybe you meant: events"),
        (
            "SELECT name, count() FROM events",
            Code::NotAnAggregate,
            "neither under an aggregate function nor in GROUP BY",
        ),
        ("SELECT 1 FROM events WHERE count() > 1", Code::IllegalAggregation, "HAVING"),
        ("SELECT 1 FROM events SAMPLE 0.1", Code::BadArguments, "SAMPLE"),
        (
            "SELECT sum(id) FROM events GROUP BY name WITH TOTALS HAVING sum(id) > 1",
            Code::Unsupported,
            "WITH TOTALS",
        ),
        ("SELECT name + 1 FROM events", Code::IllegalType, "does not take `String` and `UInt8`"),
        ("SELECT seen FROM events", Code::Unsupported, "-Merge"),
        ("SELECT 1 SETTINGS join_use_nulls = 1", Code::Unsupported, "join_use_nulls"),
        ("DROP TABLE events", Code::ReadOnly, "DROP"),
    ];
    for (query, code, part) in cases {
        let (found, message) = refusal(query);
        assert_eq!(found, code, "{query}: {message}");
        assert!(message.contains(part), "{query}: {message}");
    }
    let (_, message) = refusal("SELECT id,\n  nope\nFROM events");
    assert!(
        message.starts_with("line 2, column 3:") && message.contains("\n    nope\n    ^^^^"),
        "{message}"
    );
}

#[test]
fn names_in_texts_stay_texts() {
    let sql =
        translated("SELECT 'it''s \"; DROP TABLE x; --' AS `a\"b` FROM events WHERE name = 'x'' OR 1=1'").sql;
    assert!(sql.contains("'it''s \"; DROP TABLE x; --'") && sql.contains("\"a\"\"b\""), "{sql}");
}

#[test]
fn aliases_that_grow_are_stopped() {
    let mut query = String::from("SELECT 1 AS a0");
    for i in 1..40 {
        query.push_str(&format!(", a{} + a{} AS a{i}", i - 1, i - 1));
    }
    assert_eq!(refusal(&query).0, Code::TooDeep);
}

#[test]
fn types_print_as_they_are_read() {
    for text in [
        "Nullable(Decimal(18, 4))",
        "Array(Tuple(a UInt8, b Nullable(String)))",
        "Map(LowCardinality(String), Array(Float32))",
        "DateTime64(3, 'Europe/Berlin')",
        "Enum8('a' = 1, 'b' = 2)",
        "AggregateFunction(quantiles(0.5, 0.9), Float64)",
        "SimpleAggregateFunction(max, DateTime)",
        "FixedString(16)",
    ] {
        assert_eq!(Type::parse(text).unwrap().to_string(), text);
    }
    assert!(
        Type::parse("Array(").is_err()
            && Type::parse("Nope").is_err()
            && Type::parse(&"Array(".repeat(100)).is_err()
    );
}

#[test]
fn common_types() {
    let common = |types: &[&str]| {
        let types: Vec<Type> = types.iter().map(|t| Type::parse(t).unwrap()).collect();
        supertype(&types).map(|t| t.to_string())
    };
    assert_eq!(common(&["UInt8", "Int8"]).as_deref(), Some("Int16"));
    assert_eq!(common(&["UInt32", "Float32"]).as_deref(), Some("Float64"));
    assert_eq!(common(&["Date", "DateTime64(3)"]).as_deref(), Some("DateTime64(3)"));
    assert_eq!(common(&["Nullable(Nothing)", "String"]).as_deref(), Some("Nullable(String)"));
    assert_eq!(common(&["String", "UInt8"]), None);
}

/// An endpoint's query of about 1 KB: parsing, resolving and writing it takes microseconds. The bound is wide, for busy machines.
#[test]
fn an_endpoint_is_translated_in_microseconds() {
    let columns = [
        ("timestamp", "DateTime64(3)"),
        ("user_id", "UInt64"),
        ("action", "LowCardinality(String)"),
        ("payload", "String"),
        ("price", "Nullable(Float64)"),
    ];
    let columns = columns.map(|(n, t)| (n.to_owned(), Type::parse(t).unwrap())).to_vec();
    let tables = vec![Table {
        name: "events".into(),
        engine_name: crate::engine_name("events"),
        columns,
        engine: Engine::Plain,
        sorting_key: vec!["timestamp".into()],
    }];
    let query = "WITH hits AS (SELECT timestamp, user_id, action, JSONExtractString(payload, 'location') AS location, \
        JSONExtractString(payload, 'referrer') AS referrer, lower(JSONExtractString(payload, 'user-agent')) AS agent, price \
        FROM events WHERE action = 'page_hit' AND timestamp >= now() - INTERVAL 7 DAY), \
        parsed AS (SELECT toStartOfHour(timestamp) AS hour, user_id, domainWithoutWWW(referrer) AS source, \
        multiIf(match(agent, 'bot|crawl|spider'), 'bot', match(agent, 'android'), 'mobile-android', \
        match(agent, 'ipad|iphone'), 'mobile-ios', 'desktop') AS device, splitByChar('/', location)[2] AS section, \
        coalesce(price, 0) AS price FROM hits) \
        SELECT hour, source, device, count() AS views, uniq(user_id) AS visitors, round(avg(price), 2) AS mean, \
        quantile(0.95)(price) AS p95, countIf(section = 'docs') / count() AS share, argMax(section, price) AS best \
        FROM parsed WHERE device != 'bot' GROUP BY hour, source, device HAVING views > 1 \
        ORDER BY hour DESC, views DESC, source LIMIT 100 FORMAT JSON";
    let mut times: Vec<_> = (0..200)
        .map(|_| {
            let start = std::time::Instant::now();
            translate(query, &tables, &Options::default()).unwrap();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!("{} bytes: p50 {:?}, p99 {:?}", query.len(), times[100], times[198]);
    assert!(times[100].as_millis() < 5, "p50 {:?}", times[100]);
}

/// Tables and, before them, queries under names.
struct WithViews(Vec<Table>, Vec<(&'static str, crate::ast::Query)>);

impl crate::schema::Schema for WithViews {
    fn table(&self, path: &[&str], inside: Option<&crate::ast::Query>) -> Option<&Table> {
        self.0.table(path, inside)
    }
    fn view(&self, path: &[&str], inside: Option<&crate::ast::Query>) -> Option<&crate::ast::Query> {
        // What a name means can depend on the place.
        if path == ["odd"] && inside.is_some_and(|q| self.1.iter().any(|(n, v)| *n == "other2" && v == q)) {
            return None;
        }
        self.1.iter().find(|(name, _)| [*name] == *path).map(|(_, query)| query)
    }
    fn names(&self) -> Vec<String> {
        self.0.names()
    }
}

#[test]
fn named_queries_stand_for_tables() {
    let table = Table {
        name: "t".into(),
        engine_name: crate::engine_name("t"),
        columns: vec![("a".into(), Type::UInt(8))],
        engine: Engine::Plain,
        sorting_key: vec![],
    };
    let views = [
        ("odd", "SELECT a, a * 2 AS b FROM t WHERE a % 2"),
        ("top", "SELECT max(b) AS m FROM odd"),
        ("self", "SELECT * FROM other"),
        ("other", "SELECT * FROM self"),
        ("bad", "SELECT nothing FROM t"),
        ("other2", "SELECT * FROM odd"),
    ];
    let views = views.map(|(name, text)| (name, crate::parse::query(text).unwrap())).to_vec();
    let schema = WithViews(vec![table], views);
    let asked = |text: &str| translate(text, &schema, &Options::default());
    let told =
        asked("WITH t AS (SELECT 1 AS a) SELECT m, o.a FROM top, odd AS o WHERE odd.b IN top").unwrap();
    assert_eq!(told.columns.iter().map(|(_, ty)| ty.to_string()).collect::<Vec<_>>(), ["UInt16", "UInt8"]);
    assert!(told.sql.contains("FROM \"t\""), "{}", told.sql);
    assert!(asked("SELECT * FROM self").unwrap_err().message.contains("reads itself"));
    assert!(asked("SELECT * FROM odd FINAL").is_err());
    assert!(asked("SELECT * FROM odd, other2").unwrap_err().message.contains("unknown table `odd`"));
    let error = asked("SELECT * FROM bad").unwrap_err();
    assert!(
        error.message.starts_with("in `bad`: ") && error.render("SELECT * FROM bad").contains('^'),
        "{error:?}"
    );
}

/// What a parameter's text becomes.
fn bound(text: &str, value: &str) -> Result<Translated, crate::error::SqlError> {
    let options = crate::Options {
        escaped_parameters: [("x".to_owned(), value.to_owned())].into(),
        ..crate::Options::default()
    };
    crate::translate(text, &Vec::new(), &options)
}

#[test]
fn parameters_of_the_http_interface() {
    let sql = |text: &str, value: &str| bound(text, value).unwrap().sql;
    assert!(sql("SELECT {x:String}", "a\\tb\\\\c").contains("a\tb\\c"));
    let null = bound("SELECT {x:Nullable(String)} AS n", "\\N").unwrap();
    assert!(null.sql.contains("NULL"));
    assert_eq!(null.columns[0].1.to_string(), "Nullable(String)");
    assert!(sql("SELECT {x:Array(Int32)}", "[1,-2]").contains("INTEGER"));
    assert_eq!(
        bound("SELECT {x:Map(String, UInt8)} AS m", "{'a':1}").unwrap().columns[0].1.to_string(),
        "Map(String, UInt8)"
    );
    for hostile in ["[version()]", "[(SELECT 1)]", "[1] OR 1", "[x]", "[1"] {
        let refused = bound("SELECT {x:Array(String)}", hostile).unwrap_err();
        assert_eq!(refused.code, crate::error::Code::BadArguments, "{hostile}");
    }
}

#[test]
fn the_session_is_told() {
    let session = crate::Session { database: "it's".into(), ..crate::Session::default() };
    let options = crate::Options { session, ..crate::Options::default() };
    let told =
        crate::translate("SELECT currentDatabase(), hostName(), timezone()", &Vec::new(), &options).unwrap();
    assert!(told.sql.contains("'it''s'") && told.sql.contains("'UTC'"), "{}", told.sql);
}

/// A table that finds rows by `id` and `name`.
struct ByKey(Vec<Table>);

impl Schema for ByKey {
    fn table(&self, path: &[&str], inside: Option<&Query>) -> Option<&Table> {
        self.0.table(path, inside)
    }
    fn narrowed(&self, path: &[&str], pinned: &dyn Fn(&str) -> Option<Vec<Constant>>) -> Option<String> {
        assert_eq!(path.last(), Some(&"events"));
        let of = |column| format!("{:?}", pinned(column).unwrap_or_default()).replace('"', "");
        Some(format!("\"{}|{}\"", of("id"), of("name")))
    }
    fn names(&self) -> Vec<String> {
        vec![]
    }
}

#[test]
fn tables_learn_which_keys_are_wanted() {
    let schema = ByKey(tables());
    let seen = |rest: &str| {
        let query = format!("SELECT count() FROM {rest}");
        let options = Options { parameters: [("p".into(), "x".into())].into(), ..Options::default() };
        let sql = translate(&query, &schema, &options).unwrap_or_else(|e| panic!("{}", e.render(&query))).sql;
        sql.split('"').find(|part| part.contains('|') || *part == "events").unwrap().to_owned()
    };
    for (rest, wanted) in [
        ("events WHERE id = 5", "[Int(5)]|[]"),
        ("events WHERE 5 = id AND (name = {p:String})", "[Int(5)]|[Text(x)]"),
        ("events AS e WHERE e.id IN (1, -2) AND and(e.name = 'a', value > 1)", "[Int(1), Int(-2)]|[Text(a)]"),
        ("events PREWHERE id IN [7] WHERE events.name IN ('a')", "[Int(7)]|[Text(a)]"),
        // What may let other rows through says nothing.
        ("events WHERE id = 5 OR name = 'a'", "[]|[]"),
        ("events WHERE NOT id = 5", "[]|[]"),
        ("events WHERE id NOT IN (5)", "[]|[]"),
        ("events WHERE id = value", "[]|[]"),
        ("events WHERE id > 5", "[]|[]"),
        ("events WHERE id = (SELECT 5)", "[]|[]"),
        ("(SELECT * FROM events) WHERE id = 5", "[]|[]"),
        // A name that stands for something else is not the column.
        ("(SELECT id + 1 AS id FROM events WHERE id = 5)", "[]|[]"),
        ("(WITH 5 AS name SELECT id FROM events WHERE name = 5)", "[]|[]"),
        // Beside a join rows can be made up; and FINAL merges all rows.
        ("events AS a LEFT JOIN events AS b ON a.id = b.id WHERE b.id = 0", "events"),
        ("events FINAL WHERE id = 5", "events"),
    ] {
        assert_eq!(seen(rest), wanted, "{rest}");
    }
}
