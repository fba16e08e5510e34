//! Project files: no panic on any text, faults point into it, and what parses prints to a text that parses to the same value and
//! prints the same again.

use std::fmt::Debug;
use tile_pipes::datafile::{Connection, Datasource, Fault, Options, Parsed, Pipe, cases, project};

pub const SEEDS: &[&[u8]] = &[
    b"DESCRIPTION >\n    events\n\nTOKEN \"r\" READ\nTAGS \"a, k=v\"\nSCHEMA >\n    `id` Int32 `json:$.id`, -- key\n    n Nullable(String) DEFAULT 'x' CODEC(ZSTD(1)),\n    s SimpleAggregateFunction(max, DateTime64(3)),\n    d DEFAULT now()\n\nENGINE \"ReplacingMergeTree\"\nENGINE_PARTITION_KEY toYYYYMM(ts)\nENGINE_SORTING_KEY \"id, lower(b)\"\nENGINE_VER d\nENGINE_TTL >\n    ts + INTERVAL 1 DAY\n",
    b"SCHEMA >\n    a Int8\nINDEXES >\n    INDEX i a TYPE set(100) GRANULARITY 4,\n    j lower(a) TYPE minmax\nSHARED_WITH >\n    x,\n    y\nFORWARD_QUERY >\n    SELECT a,\n      1 AS b\nBACKFILL skip\n",
    b"SCHEMA >\n    a Int8\nKAFKA_CONNECTION_NAME k\nKAFKA_TOPIC 't # x'\nKAFKA_GROUP_ID \"g$$\"\nKAFKA_STORE_RAW_VALUE True\n",
    b"SCHEMA >\n    a Tuple(x Int8, y Array(String)) DEFAULT (1, ['b'])\nIMPORT_CONNECTION_NAME c\nIMPORT_BUCKET_URI s3://b/*.csv\nIMPORT_SCHEDULE @auto\nIMPORT_FORMAT csv\n",
    b"DESCRIPTION of a pipe\nTOKEN \"r\" READ\nNODE a\nDESCRIPTION >\n    of a node\nSQL >\n    %\n    SELECT {{Int32(x, 1)}} -- it's\n\nNODE b\nSQL >\n    SELECT *\n      FROM a\nTYPE endpoint\n",
    b"NODE \"a b\"\nSQL >\n    SELECT 1\nTYPE materialized\nDATASOURCE t\nENGINE AggregatingMergeTree\nENGINE_SORTING_KEY tuple(a, b)\n",
    b"NODE a\nSQL >\n    SELECT 1\nTYPE copy\nTARGET_DATASOURCE t\nCOPY_SCHEDULE 0 22-2 * * mon\nCOPY_MODE replace\nON_DEMAND_COMPUTE true\n",
    b"NODE a\nSQL >\n    SELECT 1\nTYPE sink\nEXPORT_CONNECTION_NAME c\nEXPORT_BUCKET_URI s3://b\nEXPORT_FILE_TEMPLATE f_{date}\nEXPORT_SCHEDULE @on-demand\nEXPORT_FORMAT ndjson\n",
    b"INCLUDE \"part.incl\" \"name=x\"\nNODE a\nSQL >\n    SELECT 1\n",
    b"TYPE kafka\nKAFKA_BOOTSTRAP_SERVERS a:9092\nKAFKA_KEY \"k\"\nKAFKA_SECRET {{ tb_secret('s', 'd') }}\nKAFKA_SSL_CA_PEM >\n    -----BEGIN\n    abc\n",
    b"TYPE gcs\nGCS_SERVICE_ACCOUNT_CREDENTIALS_JSON {\"a\": \"b  c\"}\n",
    b"- name: a\n  description: 'b'\n  parameters: x?y=1\n  expected_result: |\n    {\"a\":1}\n  expected_http_status: 400\n",
];

fn of<T: PartialEq + Debug>(text: &str, parse: impl Fn(&str) -> Parsed<T>, print: impl Fn(&T) -> String) {
    let parsed = parse(text);
    let faults = &parsed.faults;
    faults.iter().for_each(shown);
    assert_eq!(parsed.value.is_none(), !faults.is_empty(), "{text:?}");
    let Some(value) = parsed.value else { return };
    let printed = print(&value);
    let again = parse(&printed);
    assert_eq!(again.value.as_ref(), Some(&value), "{text:?} prints as {printed:?}: {:?}", again.faults);
    assert_eq!(again.value.as_ref().map(print), Some(printed), "{text:?}");
}

/// Its lines are in the text, and the last of them is its own.
fn shown(fault: &Fault) {
    assert!(fault.source.last().is_none_or(|(line, _)| *line == fault.line), "{fault:?}");
    let _ = (fault.text(), fault.render());
}

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // Includes that include themselves and more.
    let include = |_: &str, path: &str| Some((path.to_owned(), text.chars().take(200).collect()));
    let options = Options { include: &include, ..Options::default() };
    of(text, |t| Datasource::parse("x", "x.datasource", t, &options), Datasource::print);
    of(text, |t| Pipe::parse("x", "x.pipe", t, &options), Pipe::print);
    of(text, |t| Connection::parse("x", "x.connection", t, &options), Connection::print);
    let _ = cases::parse("x.yaml", text).map_err(|fault| shown(&fault));
    let files = [("a/x.pipe", text), ("x.datasource", text), ("x.connection", text), ("part.incl", text)];
    let _ = project::parse(&files, &Options::default());
}
