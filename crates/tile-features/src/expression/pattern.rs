//! Patterns that are texts of the expression: regular expressions, LIKE, formats of times, paths in JSON. Read once, when the
//! expression is resolved; each has what the engine is told.

use super::date::{self, Civil};
use super::print::text as quoted;
use crate::window::DAY_MS;
use regex::Regex;
use std::sync::LazyLock;
use tile_base::{Error, Result};

/// A pattern, and what is printed for it.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub what: What,
    pub sql: String,
    /// A second one: what a text must look like to be read by a format.
    pub guard: String,
}

#[derive(Clone, Debug)]
pub enum What {
    Regex(Regex),
    /// With what its matches become.
    Replace(Regex, String),
    Group(Regex, usize),
    Format(Vec<Piece>),
    Path(Vec<Step>),
    Unit(&'static str),
    Digits(usize, bool),
}

impl Pattern {
    pub fn new(what: What, sql: String) -> Self {
        Self { what, sql, guard: String::new() }
    }
}

/// Bytes of a compiled regular expression.
const REGEX_BYTES_MAX: usize = 1 << 20;

/// A regular expression. Java's classes are those of ASCII, as the engine's are.
pub fn regex(text: &str) -> Result<Regex> {
    let mut ours = String::new();
    let mut chars = text.chars();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let next = chars.next().ok_or_else(|| Error::invalid("a pattern ends in a backslash"))?;
                match (next, in_class) {
                    ('d', true) => ours += "0-9",
                    ('w', true) => ours += "0-9A-Za-z_",
                    ('s', true) => ours += r"\t\n\x0C\r ",
                    ('d', false) => ours += "[0-9]",
                    ('w', false) => ours += "[0-9A-Za-z_]",
                    ('s', false) => ours += r"[\t\n\x0C\r ]",
                    ('D', false) => ours += "[^0-9]",
                    ('W', false) => ours += "[^0-9A-Za-z_]",
                    ('S', false) => ours += r"[^\t\n\x0C\r ]",
                    ('b', false) => ours += r"(?-u:\b)",
                    // Java, the engine and we mean the same by these.
                    ('n' | 'r' | 't' | 'f', _) => ours.extend(['\\', next]),
                    (c, _) if !c.is_alphanumeric() => ours.extend(['\\', c]),
                    _ => {
                        return Err(Error::invalid(format!("`\\{next}` is not supported in a pattern here")));
                    }
                }
            }
            '[' if in_class => ours += r"\[",
            '[' => {
                in_class = true;
                ours.push('[');
            }
            ']' => {
                in_class = false;
                ours.push(']');
            }
            c => ours.push(c),
        }
    }
    regex::RegexBuilder::new(&ours)
        .size_limit(REGEX_BYTES_MAX)
        .build()
        .map_err(|e| Error::invalid(format!("`{text}` is not a pattern that is supported")).source(e))
}

/// A pattern of LIKE as a regular expression.
pub fn like(pattern: &str) -> Result<Regex> {
    let mut ours = String::from("(?s)^");
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(c @ ('\\' | '%' | '_')) => ours += &regex::escape(&c.to_string()),
                _ => {
                    return Err(Error::invalid(
                        "in a pattern of LIKE, `%`, `_` or a backslash follow a backslash",
                    ));
                }
            },
            '%' => ours += ".*",
            '_' => ours.push('.'),
            c => ours += &regex::escape(&c.to_string()),
        }
    }
    ours.push('$');
    regex::RegexBuilder::new(&ours)
        .size_limit(REGEX_BYTES_MAX)
        .build()
        .map_err(|e| Error::invalid("the pattern of LIKE is too long").source(e))
}

/// What replaces matches: `$1` is a group.
pub fn replacement(text: &str) -> Result<(String, String)> {
    let (mut ours, mut engine) = (String::new(), String::new());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '$' => {
                let digit = chars.next().filter(char::is_ascii_digit);
                let digit = digit.ok_or_else(|| Error::invalid("a digit follows `$` in a replacement"))?;
                ours += &format!("${{{digit}}}");
                engine += &format!("\\{digit}");
            }
            '\\' => {
                let c = chars.next().ok_or_else(|| Error::invalid("a replacement ends in a backslash"))?;
                push(c, &mut ours, &mut engine);
            }
            c => push(c, &mut ours, &mut engine),
        }
    }
    Ok((ours, engine))
}

fn push(c: char, ours: &mut String, engine: &mut String) {
    match c {
        '$' => {
            ours.push_str("$$");
            engine.push('$');
        }
        '\\' => {
            ours.push('\\');
            engine.push_str("\\\\");
        }
        c => {
            ours.push(c);
            engine.push(c);
        }
    }
}

/// A part of a format of times.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    Year,
    Year2,
    Month(usize),
    MonthName(bool),
    Day(usize),
    DayOfYear,
    Hour(usize),
    Hour12(usize),
    Minute(usize),
    Second(usize),
    Millis,
    HalfDay,
    Weekday(bool),
    Just(String),
}

/// Reads a format of Java: `yyyy-MM-dd HH:mm:ss`.
pub fn format(text: &str) -> Result<Pattern> {
    let mut pieces = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\'' {
            let mut just = String::new();
            if rest.next_if_eq(&'\'').is_some() {
                just.push('\'');
            } else {
                loop {
                    match rest.next() {
                        Some('\'') => break,
                        Some(c) => just.push(c),
                        None => return Err(Error::invalid("a text in a format of times does not end")),
                    }
                }
            }
            pieces.push(Piece::Just(just));
            continue;
        }
        let mut count = 1;
        while c.is_ascii_alphabetic() && rest.next_if_eq(&c).is_some() {
            count += 1;
        }
        pieces.push(match (c, count) {
            ('y' | 'u', 4) => Piece::Year,
            ('y' | 'u', 2) => Piece::Year2,
            ('M' | 'L', 1 | 2) => Piece::Month(count),
            ('M' | 'L', 3) => Piece::MonthName(false),
            ('M' | 'L', 4) => Piece::MonthName(true),
            ('d', 1 | 2) => Piece::Day(count),
            ('D', 3) => Piece::DayOfYear,
            ('H', 1 | 2) => Piece::Hour(count),
            ('h', 1 | 2) => Piece::Hour12(count),
            ('m', 1 | 2) => Piece::Minute(count),
            ('s', 1 | 2) => Piece::Second(count),
            ('S', 3) => Piece::Millis,
            ('a', 1) => Piece::HalfDay,
            ('E', 1..=3) => Piece::Weekday(false),
            ('E', 4) => Piece::Weekday(true),
            (c, _) if !c.is_ascii_alphabetic() && !"[]{}#".contains(c) => Piece::Just(c.to_string()),
            _ => {
                return Err(Error::invalid(format!("`{}` is not supported in a format of times", c.to_string().repeat(count)))
                    .hint("Supported are yyyy, yy, M, MM, MMM, MMMM, d, dd, DDD, H, HH, h, hh, m, mm, s, ss, SSS, a, E, EEEE and 'texts'"));
            }
        });
    }
    let sql = quoted(&pieces.iter().map(Piece::engine).collect::<String>());
    let guard = quoted(&readable(&pieces));
    Ok(Pattern { what: What::Format(pieces), sql, guard })
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl Piece {
    /// As the engine's formats have it.
    fn engine(&self) -> String {
        let (letter, is_short) = match self {
            Self::Just(text) => return text.replace('%', "%%"),
            Self::Year => ("Y", false),
            Self::Year2 => ("y", false),
            Self::Month(n) => ("m", *n == 1),
            Self::MonthName(is_full) => (if *is_full { "B" } else { "b" }, false),
            Self::Day(n) => ("d", *n == 1),
            Self::DayOfYear => ("j", false),
            Self::Hour(n) => ("H", *n == 1),
            Self::Hour12(n) => ("I", *n == 1),
            Self::Minute(n) => ("M", *n == 1),
            Self::Second(n) => ("S", *n == 1),
            Self::Millis => ("g", false),
            Self::HalfDay => ("p", false),
            Self::Weekday(is_full) => (if *is_full { "A" } else { "a" }, false),
        };
        format!("%{}{letter}", if is_short { "-" } else { "" })
    }

    /// Adds it for a time.
    fn write(&self, ms: i64, out: &mut String) {
        let (day, rest) = (ms.div_euclid(DAY_MS), ms.rem_euclid(DAY_MS));
        let Civil { year, month, day: of_month } = date::civil(day);
        let hour = rest / 3_600_000;
        let mut number = |value: i64, width: usize| *out += &format!("{value:0width$}");
        match self {
            Self::Year => number(year, 4),
            Self::Year2 => number(year.rem_euclid(100), 2),
            Self::Month(n) => number(month, *n),
            Self::Day(n) => number(of_month, *n),
            Self::DayOfYear => number(date::day_of_year(day), 3),
            Self::Hour(n) => number(hour, *n),
            Self::Hour12(n) => number((hour + 11) % 12 + 1, *n),
            Self::Minute(n) => number(rest / 60_000 % 60, *n),
            Self::Second(n) => number(rest / 1_000 % 60, *n),
            Self::Millis => number(rest % 1_000, 3),
            Self::MonthName(is_full) => name(MONTHS.as_slice(), month, *is_full, out),
            Self::Weekday(is_full) => name(WEEKDAYS.as_slice(), date::weekday(day), *is_full, out),
            Self::HalfDay => out.push_str(if hour < 12 { "AM" } else { "PM" }),
            Self::Just(text) => out.push_str(text),
        }
    }
}

fn name(names: &[&str], number: i64, is_full: bool, out: &mut String) {
    let name = usize::try_from(number - 1).ok().and_then(|at| names.get(at)).copied().unwrap_or_default();
    out.push_str(if is_full { name } else { name.get(..3).unwrap_or(name) });
}

/// A time in a format.
pub fn write_time(pieces: &[Piece], ms: i64) -> String {
    let mut out = String::new();
    pieces.iter().for_each(|piece| piece.write(ms, &mut out));
    out
}

/// Whether a text can be read by a format: names of months and of days of the week cannot.
pub fn is_readable(pieces: &[Piece]) -> bool {
    !pieces.iter().any(|piece| {
        matches!(
            piece,
            Piece::MonthName(_)
                | Piece::Weekday(_)
                | Piece::HalfDay
                | Piece::Hour12(_)
                | Piece::DayOfYear
                | Piece::Year2
        )
    })
}

/// A regular expression of all texts that a format reads: the engine itself would take others too.
fn readable(pieces: &[Piece]) -> String {
    let mut out = String::from("^");
    for piece in pieces {
        match piece {
            Piece::Just(text) => out += &regex::escape(text),
            Piece::Year => out += "[0-9]{4}",
            Piece::Millis => out += "[0-9]{3}",
            Piece::Month(1) | Piece::Day(1) | Piece::Hour(1) | Piece::Minute(1) | Piece::Second(1) => {
                out += "[0-9]{1,2}";
            }
            _ => out += "[0-9]{2}",
        }
    }
    out + "$"
}

/// Reads a time by a format.
pub fn read_time(pieces: &[Piece], text: &str) -> Option<i64> {
    let mut rest = text;
    let (mut year, mut month, mut day) = (1970, 1, 1);
    let (mut hour, mut minute, mut second, mut millis) = (0, 0, 0, 0);
    for piece in pieces {
        let (to, min, max) = match piece {
            Piece::Just(text) => {
                rest = rest.strip_prefix(text.as_str())?;
                continue;
            }
            Piece::Year => (&mut year, 4, 4),
            Piece::Month(n) => (&mut month, *n, 2),
            Piece::Day(n) => (&mut day, *n, 2),
            Piece::Hour(n) => (&mut hour, *n, 2),
            Piece::Minute(n) => (&mut minute, *n, 2),
            Piece::Second(n) => (&mut second, *n, 2),
            Piece::Millis => (&mut millis, 3, 3),
            _ => return None,
        };
        *to = date::digits(&mut rest, min, max)?;
    }
    if !rest.is_empty() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(date::valid(year, month, day)? * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1_000 + millis)
}

/// A step of a path in JSON.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Member(String),
    Item(usize),
}

static STEP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:\.([A-Za-z0-9_][A-Za-z0-9_-]*)|\['([^'\\]+)'\]|\[([0-9]{1,6})\])").ok()
});

/// Reads `$.a.b[0]['c d']`.
pub fn path(text: &str) -> Result<Pattern> {
    let wrong = || {
        Error::invalid(format!("`{text}` is not a path in JSON that is supported"))
            .hint("A path is `$`, then `.name`, `['name']` or `[0]`, as in `$.items[0].price`")
    };
    let mut rest = text.strip_prefix('$').ok_or_else(wrong)?;
    let mut steps = Vec::new();
    let mut engine = String::from("$");
    while !rest.is_empty() {
        let found = STEP.as_ref().and_then(|step| step.captures(rest)).ok_or_else(wrong)?;
        let whole = found.get(0).map_or(0, |m| m.end());
        if let Some(name) = found.get(1).or_else(|| found.get(2)) {
            if name.as_str().contains('"') {
                return Err(wrong());
            }
            engine += &format!(".\"{}\"", name.as_str());
            steps.push(Step::Member(name.as_str().to_owned()));
        } else if let Some(at) = found.get(3) {
            engine += &format!("[{}]", at.as_str());
            steps.push(Step::Item(at.as_str().parse().map_err(|_| wrong())?));
        }
        rest = rest.get(whole..).ok_or_else(wrong)?;
    }
    Ok(Pattern { what: What::Path(steps), sql: quoted(&engine), guard: String::new() })
}

/// The unit of a truncation, by one of its names.
pub fn unit(text: &str) -> Result<&'static str> {
    let upper = text.to_ascii_uppercase();
    Ok(match upper.as_str() {
        "YEAR" | "YYYY" | "YY" => "year",
        "QUARTER" => "quarter",
        "MONTH" | "MON" | "MM" => "month",
        "WEEK" => "week",
        "DAY" | "DD" => "day",
        "HOUR" => "hour",
        "MINUTE" => "minute",
        "SECOND" => "second",
        "MILLISECOND" => "millisecond",
        _ => {
            let known =
                ["YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND"];
            let error = Error::invalid(format!("`{text}` is not a unit of time"));
            return Err(error.did_you_mean_or(&upper, known, || format!("Units are {}", known.join(", "))));
        }
    })
}
