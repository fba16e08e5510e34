//! What is printed reads back as the same value.

use super::cases::cases;
use super::secrets;
use crate::datafile::{Connection, Datasource, Options, Parsed, Pipe};
use proptest::prelude::*;

fn same<T: PartialEq + std::fmt::Debug>(
    text: &str,
    parse: impl Fn(&str) -> Parsed<T>,
    print: impl Fn(&T) -> String,
) -> bool {
    let Some(value) = parse(text).value else { return false };
    let printed = print(&value);
    let again = parse(&printed);
    assert_eq!(again.value.as_ref(), Some(&value), "{text:?} prints as {printed:?}: {:?}", again.faults);
    assert_eq!(print(&value), printed);
    true
}

fn check(file: &str, text: &str) -> bool {
    let options = Options { render: &secrets, ..Options::default() };
    match file.rsplit('.').next() {
        Some("datasource") => same(text, |t| Datasource::parse("x", file, t, &options), Datasource::print),
        Some("pipe") => same(text, |t| Pipe::parse("x", file, t, &options), Pipe::print),
        _ => same(text, |t| Connection::parse("x", file, t, &options), Connection::print),
    }
}

#[test]
fn cases_read_back_as_they_are_printed() {
    let read = cases().iter().filter(|case| check(&case.file, &case.text)).count();
    assert!(read > 150, "{read}");
}

/// Values with what quoting has to keep.
fn value() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop::sample::select(vec![
            "a", "b1", " ", "  ", "'", "\"", "#", "$", "$$", "${a}", "\\", ",", ">", "(", ")", "é", ".",
        ]),
        1..8,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_of_data_sources_read_back(ttl in value(), token in value(), tag in value(), description in value()) {
        let text = format!(
            "DESCRIPTION >\n    {description}\nTOKEN {token} READ\nTAGS {tag}\nSCHEMA >\n    a Int8\n\nENGINE_TTL {ttl}\nENGINE_SETTINGS >\n    {ttl}\n    {tag}\n"
        );
        check("x.datasource", &text);
    }

    #[test]
    fn values_of_pipes_read_back(name in value(), line in value(), other in value(), target in value()) {
        let text = format!("NODE {name}\nDESCRIPTION {other}\nSQL >\n    {line}\n      {other}\nTYPE copy\nTARGET_DATASOURCE {target}\n");
        check("x.pipe", &text);
        check("x.pipe", &text.replace("SQL >\n", "SQL >\n  %\n"));
    }

    #[test]
    fn values_of_connections_read_back(key in value(), pem in value()) {
        let text = format!("TYPE kafka\nKAFKA_BOOTSTRAP_SERVERS a\nKAFKA_KEY {key}\nKAFKA_SSL_CA_PEM >\n    {pem}\n      {key}\n");
        check("x.connection", &text);
    }
}

/// So that the properties above are not about texts that are refused.
#[test]
fn quotes_of_all_kinds_are_kept() {
    for ttl in [
        "a",
        "'a'",
        "\"a  b\"",
        "\"'a' + b\"",
        "'\"a\"'",
        "a\"b'c",
        "\"a'b\"",
        "$$a",
        "\"$$$$\"",
        "\"a # b\"",
    ] {
        let text = format!("SCHEMA >\n    a Int8\nENGINE_TTL {ttl}\n");
        assert!(check("x.datasource", &text), "{ttl}");
    }
}
