//! No value of a request changes the shape of the SQL around it.

use crate::template::{Dialect, Limits, Mode, Request, Template, TemplateError};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tile_clicksql::parse;

/// What leads out of quotes, comments, brackets and names somewhere, and values that types take.
pub const PIECES: &[&str] = &[
    "'",
    "\"",
    "`",
    "\\",
    "--",
    "/*",
    "*/",
    "#",
    "\n",
    "\r",
    "\0",
    ";",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ".",
    "%",
    "$$",
    "$a$",
    "a",
    " OR 1=1 ",
    " UNION ALL SELECT 1 ",
    " FROM ",
    "\u{2028}",
    "é",
    "5",
    "2024-01-01 00:00:00.000",
    "2024-01-01",
    "{p:String}",
    "\x1a",
    "\x08",
    "\t",
    "-",
    "+",
    " ",
    "x'41'",
    "1e5",
    "nan",
    "select",
    "\u{a0}",
    "_",
];

/// Templates with a value `x`, and how the value is to look for a comparison.
const TEMPLATES: &[(&str, Benign)] = &[
    ("{{x}}", Benign::Text),
    ("{{String(x)}}", Benign::Text),
    ("{{String(x, 'd') + 'b'}}", Benign::Text),
    ("{{f'a{x}'}}", Benign::Text),
    ("{{sql_unescape(x, '%')}}", Benign::Text),
    ("{{sql_unescape(String(x), 'n')}}", Benign::Text),
    ("{{sql_unescape(x, x)}}", Benign::Text),
    ("{{Date(x)}}", Benign::Date),
    ("{{DateTime(x)}}", Benign::Date),
    ("{{DateTime64(x)}}", Benign::Date),
    ("{{Int32(x)}}", Benign::Number),
    ("{{Int(x)}}", Benign::Number),
    ("{{UInt256(x)}}", Benign::Number),
    ("{{Float64(x)}}", Benign::Number),
    ("{{Boolean(x)}}", Benign::Number),
    ("{{Array(x)}}", Benign::Texts),
    ("{{Array(x, 'String')}}", Benign::Texts),
    ("{{Array(x, 'other')}}", Benign::Texts),
    ("{{Array(x, 'Date')}}", Benign::Date),
    ("{{Array(x, 'Float64')}}", Benign::Numbers),
    ("{{Array(x, 'Int32')}}", Benign::Numbers),
    ("{{split_to_array(x)}}", Benign::Texts),
    ("{{split_to_array(x, '')[0]}}", Benign::Texts),
    ("{% for i in split_to_array(x) %}{{i}} = {% end %}1", Benign::Texts),
    ("{{JSON(y)}}", Benign::Text),
    ("{{JSON(y)[0]}}", Benign::Text),
    ("{{[x]}}", Benign::Text),
    ("{{(x, 1)}}", Benign::Text),
    ("{{z}}", Benign::Text),
    ("{{column(x)}}", Benign::Path),
    ("{{columns(x)}}", Benign::Paths),
    ("{{columns(x, 'a', 'sum')}}", Benign::Paths),
    ("{{columns(x, 'a', fn='quantile(0.5)')}}", Benign::Paths),
    ("{{columns('a', 'a', x)}}", Benign::Function),
    ("{{symbol(x)}}", Benign::Text),
    ("{{symbol(x, '')}}", Benign::Path),
    ("{{sql_and(p=x, q__in=Array(x), r__gt=z)}}", Benign::Texts),
    ("{{sql_and(**{'k': 1})}}", Benign::Text),
    ("{% set d = {} %}{% set d[x] = 1 %}{{sql_and(**d)}}", Benign::Key),
    ("{{max_threads(x)}} 1", Benign::Text),
    ("{{backend_hint(x)}} 1", Benign::Text),
    ("{% try %}{{Int8(x)}}{% except Exception as e %}{{e}}{% end %}", Benign::Caught),
    ("{{tb_secret(x)}}", Benign::Text),
    ("{{tb_secret('unknown', x)}}", Benign::Text),
];

/// Where a value may stand: `@` is the place. The author's text around it means the same whatever the value is.
const PLACES: &[&str] = &[
    "@",
    "'@'",
    "'%@%'",
    "'a\\'@'",
    "'a'@",
    "@'a'",
    "concat('a', @, 'b')",
    "\"@\"",
    "\"a @ b\"",
    "`@`",
    "`a @ b`",
    "`a`@",
    "@`a`",
    "1 -- @\n",
    "1 # @\n",
    "1 // @\n",
    "1 /* @ */",
    "1 /* a@b */ + /* c */ 2",
    "1 /* /* @ */ */",
    "$$ @ $$",
    "$a$@$a$",
    "$$@",
    "a-@",
    "a -@",
    "a - @",
    "-@",
    "--@\n 1",
    "a/@",
    "a#@",
    "a @",
    "a@",
    "a_@",
    "@a",
    "@_a",
    "a@b",
    "@ a",
    "@-- a\n",
    "a.@",
    "1@",
    "1.@",
    "@.1",
    "@1",
    "@e1",
    "1e@",
    "0x@",
    "x@",
    "b@",
    "E@",
    "x'@'",
    "f@(1)",
    "@(1)",
    "{a@:String}",
    "interval '@' hour",
    "@@",
    "@-@",
    "'@' || '@'",
    "f(@)(@)",
];

#[derive(Clone, Copy, Debug)]
enum Benign {
    Text,
    Date,
    Number,
    /// As many as there are between commas.
    Texts,
    Numbers,
    /// As many parts as there are between dots.
    Path,
    Paths,
    /// A column and no operator.
    Key,
    /// A function, or none.
    Function,
    /// A number, or the text of an error.
    Caught,
}

impl Benign {
    fn of(self, nasty: &str) -> String {
        let each = |separator: char, part: &dyn Fn(&str) -> String| -> String {
            nasty.split(separator).map(part).collect::<Vec<_>>().join(&separator.to_string())
        };
        // What is no number has no sign.
        let is_negative = |text: &str| text.trim().starts_with('-') && !text.contains("nan");
        let number = |text: &str| if is_negative(text) { "-1" } else { "1" }.to_owned();
        let path = |text: &str| text.split('.').map(|_| "t").collect::<Vec<_>>().join(".");
        match self {
            Self::Text | Self::Function | Self::Caught => "t".to_owned(),
            Self::Date => each(',', &|_| "2020-01-01".to_owned()),
            Self::Number => number(nasty),
            Self::Texts => each(',', &|_| "t".to_owned()),
            Self::Numbers => each(',', &number),
            Self::Path | Self::Key => path(nasty),
            Self::Paths => each(',', &path),
        }
    }

    /// All forms that are as good.
    fn spellings(self, nasty: &str) -> Vec<String> {
        let plain = self.of(nasty);
        match self {
            Self::Date => ["", " 00:00:00", " 00:00:00.000"]
                .map(|time| plain.replace("01-01", &format!("01-01{time}")))
                .to_vec(),
            Self::Function => vec![plain, String::new(), "f(1)".to_owned()],
            Self::Caught => vec![plain, "1".to_owned()],
            _ => vec![plain],
        }
    }
}

/// What the template makes of a value, or nothing when it refuses it.
fn render(template: &str, x: &str, mode: Mode) -> Option<String> {
    rendered(template, x, mode).ok()
}

fn refusal(template: &str, x: &str) -> Option<String> {
    rendered(template, x, Mode::Normal).err().map(|error| error.message)
}

fn rendered(template: &str, x: &str, mode: Mode) -> Result<String, TemplateError> {
    let params: BTreeMap<String, Value> = [
        ("x", json!(x)),
        ("y", json!(json!([x, {x: x}]).to_string())),
        ("z", json!([x, {"k": [x, null, 1.5]}])),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let secrets = BTreeSet::from(["t".to_owned()]);
    let limits = Limits::default();
    let request = Request {
        params: &params,
        secrets: &secrets,
        now_us: 0,
        mode,
        dialect: Dialect::ClickHouse,
        limits: &limits,
    };
    Template::parse("", template).unwrap().render(&request).map(|rendered| rendered.sql)
}

/// The tree of a statement without places, names and literals.
fn shape(sql: &str) -> Option<String> {
    let tree = format!("{:?}", parse::statement(sql).ok()?);
    let mut out = String::new();
    let mut chars = tree.chars();
    while let Some(c) = chars.next() {
        if c == '"' {
            // Names of functions stay: they are what a statement does.
            let mut text = String::new();
            while let Some(c) = chars.next() {
                match c {
                    '\\' => drop(chars.next()),
                    '"' => break,
                    c => text.push(c),
                }
            }
            let is_function = text.starts_with("to") && text.chars().all(char::is_alphanumeric);
            out.push_str(if is_function { &text } else { "…" });
        } else if c.is_ascii_digit() {
            // Places in the text.
            if !out.ends_with('0') {
                out.push('0');
            }
        } else {
            out.push(c);
        }
    }
    Some(out)
}

fn statement(sql: &str) -> String {
    format!("SELECT 1, {sql} , 2 FROM t WHERE a = 3 AND b IN (4)")
}

fn check(template: &str, benign: Benign, nasty: &str) {
    for mode in [Mode::Normal, Mode::Test { unknown_secrets: true }] {
        let Some(found) = render(template, nasty, mode) else { continue };
        let found = statement(&found);
        let shapes: Vec<Option<String>> = benign
            .spellings(nasty)
            .iter()
            .filter_map(|benign| render(template, benign, mode))
            .map(|sql| shape(&statement(&sql)))
            .collect();
        assert!(!shapes.is_empty(), "{template} refuses what stands for {nasty:?}, not {found}");
        assert!(shapes.contains(&shape(&found)), "{template} with {nasty:?} gives {found}");
    }
}

/// An identifier without a name is refused by every engine.
fn has_empty_part(text: &str) -> bool {
    text.split([',', '.']).any(|part| part.replace('"', "").trim().is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_stay_inside_their_quotes(
        parts in prop::collection::vec(prop::sample::select(PIECES), 0..7),
        which in 0..TEMPLATES.len(),
    ) {
        let (nasty, (template, benign)) = (parts.concat(), TEMPLATES[which]);
        let named = matches!(benign, Benign::Path | Benign::Paths | Benign::Key) || template.contains("symbol");
        if !(named && has_empty_part(&nasty)) {
            check(template, benign, &nasty);
        }
    }

    #[test]
    fn tables_are_names(parts in prop::collection::vec(prop::sample::select(PIECES), 0..5)) {
        let nasty = parts.concat();
        let Some(found) = render("{{table(x)}}", &nasty, Mode::Normal).filter(|_| !has_empty_part(&nasty)) else {
            return Ok(());
        };
        let statement = |table: &str| shape(&format!("SELECT 1 FROM {table} WHERE a = 1"));
        prop_assert_eq!(statement(&found), statement(&Benign::Path.of(&nasty)), "{:?} gives {}", nasty, found);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_stay_in_their_place(
        parts in prop::collection::vec(prop::sample::select(PIECES), 0..6),
        place in prop::sample::select(PLACES),
        which in 0..TEMPLATES.len(),
    ) {
        let (nasty, (template, benign)) = (parts.concat(), TEMPLATES[which]);
        let named = matches!(benign, Benign::Path | Benign::Paths | Benign::Key) || template.contains("symbol");
        if !(named && has_empty_part(&nasty)) {
            // What is no statement at all is refused by whoever reads it.
            let template = place.replace('@', template);
            if render(&template, &nasty, Mode::Normal).is_some_and(|sql| shape(&statement(&sql)).is_some()) {
                check(&template, benign, &nasty);
            }
        }
    }
}

#[test]
fn values_are_told_where_they_cannot_stand() {
    let quotes = |value: &str| {
        format!(
            "Template Syntax Error: {value} stands inside of quotes, which its value would end. Leave the quotes out, or \
             join the parts as in concat('%', {value}, '%')"
        )
    };
    let comment = "Template Syntax Error: the value of {{String(x)}} would end the comment that it stands in";
    for (template, x, error) in [
        ("a LIKE '%{{String(x)}}%'", "b", quotes("{{String(x)}}")),
        ("a LIKE '%{{String(x)}}%'", " OR 1=1 --", quotes("{{String(x)}}")),
        ("a LIKE '%{{x}}%'", "", quotes("{{x}}")),
        ("`{{column(x)}}`", "b", quotes("{{column(x)}}")),
        ("'{{Int32(x)}}'", "5", quotes("{{Int32(x)}}")),
        ("1 /* {{String(x)}} */", "*/ 2 /*", comment.to_owned()),
        ("1 /* {{String(x)}} */ + 2 -- */", "/*", comment.to_owned()),
    ] {
        assert_eq!(refusal(template, x), Some(error), "{template} with {x}");
    }
    for (template, x) in [
        ("t{{Int(x)}}", "-5"),
        ("1.{{Int(x)}}", "-5"),
        ("t_{{symbol(x, '')}}", "select"),
        ("{{symbol(x, '')}}_total", "select"),
        ("t_{{symbol(x, '')}}", "a.b"),
        ("x{{String(x)}}", "41"),
    ] {
        let told = refusal(template, x).unwrap_or_default();
        assert!(
            told.contains("put a space between them") || told.contains("inside of quotes"),
            "{template}: {told}"
        );
    }
}

/// What works for those who wrote their templates for the original stays as it was there.
#[test]
fn values_that_cannot_leave_their_place_stay() {
    for (template, x, sql) in [
        ("interval '{{Int(x, 24)}}' hour", "-5", "interval '-5' hour"),
        ("quantile(0.{{Int(x)}})(a)", "95", "quantile(0.95)(a)"),
        ("count_{{symbol(x, '')}}_total", "a1", "count_a1_total"),
        ("1 -{{Int(x)}}", "-5", "1 - -5"),
        ("1 -{{Int(x)}}", "5", "1 -5"),
        ("a LIKE{{String(x)}}AND b", "c", "a LIKE'c'AND b"),
        ("SELECT{{column(x)}}FROM t", "c", "SELECT`c`FROM t"),
        ("t.{{column(x)}}", "c", "t.`c`"),
        ("1 -- {{String(x)}}", "it's\n", "1 -- 'it\\'s\\n'"),
        ("1 /* {{String(x)}} */", "it's", "1 /* 'it\\'s' */"),
        ("{{max_threads(x)}}SELECT 1", "2", "-- max_threads 2\nSELECT 1"),
        ("{% for i in split_to_array(x) %}{{i}}{% end %}", "a,b", "'a''b'"),
    ] {
        assert_eq!(render(template, x, Mode::Normal).as_deref(), Some(sql), "{template}");
    }
}

#[test]
fn single_pieces_stay_inside_their_quotes() {
    for (template, benign) in TEMPLATES {
        let named =
            matches!(benign, Benign::Path | Benign::Paths | Benign::Key) || template.contains("symbol");
        for piece in PIECES.iter().filter(|piece| !(named && has_empty_part(piece))) {
            check(template, *benign, piece);
            check(template, *benign, &format!("a{piece}b"));
        }
    }
}
