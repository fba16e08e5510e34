//! One value as text: plain, escaped, quoted, in CSV, in XML. JSON has its own file.

use super::cell::{Cell, Element, Kind};
use super::escape;
use super::number;
use super::settings::Settings;
use super::time;
use crate::kernels::json_type::{self, Written};
use crate::types::Type;
use std::borrow::Cow;

/// How a value is written at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// As for people.
    Text,
    /// TabSeparated.
    Escaped,
    /// As a literal in SQL, and inside arrays, tuples and maps of all textual formats.
    Quoted,
    Csv,
    /// TabSeparatedRaw.
    Raw,
    Xml,
    Markdown,
    Json,
}

/// What holds for all values of a result.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'s> {
    pub(crate) settings: &'s Settings,
    /// The settings for JSON, which inside the tables for people are others.
    pub(crate) json: &'s super::settings::Json,
    /// Whether named tuples are written as indented JSON in plain text.
    pub(crate) tuples_as_json: bool,
    /// Whether bytes that are no UTF-8 become U+FFFD.
    pub(crate) valid: bool,
    /// One level of the indented JSON.
    pub(crate) indent: &'s str,
}

impl<'s> Rules<'s> {
    pub(crate) fn new(settings: &'s Settings) -> Self {
        Self {
            settings,
            json: &settings.json,
            tuples_as_json: false,
            valid: settings.json.validate_utf8,
            indent: "    ",
        }
    }

    /// The text, with U+FFFD where it is asked for.
    pub(crate) fn checked<'a>(&self, text: &super::source::Bytes<'a>, row: usize) -> Cow<'a, [u8]> {
        let bytes = text.get(row);
        if self.valid && !text.is_text() { escape::valid(bytes) } else { Cow::Borrowed(bytes) }
    }
}

const NULL_FOR_PEOPLE: &str = "ᴺᵁᴸᴸ";

fn null(style: Style, settings: &Settings) -> &str {
    match style {
        Style::Text if settings.pretty.ascii => "NULL",
        Style::Text => NULL_FOR_PEOPLE,
        Style::Escaped | Style::Raw | Style::Markdown => &settings.tsv.null,
        Style::Quoted => "NULL",
        Style::Csv => &settings.csv.null,
        Style::Xml => "\\N",
        Style::Json => "null",
    }
}

/// Appends a string.
pub(crate) fn string(bytes: &[u8], style: Style, rules: Rules, out: &mut Vec<u8>) {
    match style {
        Style::Text | Style::Raw => out.extend_from_slice(bytes),
        Style::Escaped => escape::backslash(bytes, out),
        Style::Markdown if rules.settings.markdown_escape => escape::markdown(bytes, out),
        Style::Markdown => escape::backslash(bytes, out),
        Style::Quoted => escape::quoted(bytes, out),
        Style::Csv => escape::csv(bytes, out),
        Style::Xml => escape::xml(bytes, out),
        Style::Json => escape::json(bytes, rules.json.escape_forward_slashes, out),
    }
}

/// A `JSON` or `Dynamic` as JSON writes it; what is no JSON stays as it is.
pub(crate) fn shown(bytes: &[u8]) -> Cow<'_, [u8]> {
    let text = std::str::from_utf8(bytes).ok().and_then(json_type::shown);
    text.map_or(Cow::Borrowed(bytes), |text| Cow::Owned(text.into_bytes()))
}

/// Appends a `Dynamic` as a value of the type that it has.
fn dynamic(bytes: &[u8], style: Style, rules: Rules, out: &mut Vec<u8>) {
    match json_type::written(&String::from_utf8_lossy(bytes)) {
        Written::Null => out.extend_from_slice(null(style, rules.settings).as_bytes()),
        Written::Text(text) => string(text.as_bytes(), style, rules, out),
        Written::Moment(text) if matches!(style, Style::Quoted | Style::Csv) => {
            string(text.as_bytes(), style, rules, out);
        }
        Written::Plain(text) if style == Style::Csv && text.starts_with('[') => {
            string(text.as_bytes(), style, rules, out);
        }
        Written::Moment(text) | Written::Plain(text) => out.extend_from_slice(text.as_bytes()),
    }
}

impl Cell<'_> {
    /// Appends the value of a row.
    pub(crate) fn write(&self, row: usize, style: Style, rules: Rules, out: &mut Vec<u8>) {
        if style == Style::Json {
            return self.json(row, rules, out);
        }
        if self.is_null(row) {
            return out.extend_from_slice(null(style, rules.settings).as_bytes());
        }
        match &self.kind {
            Kind::Text(text) => string(&rules.checked(text, row), style, rules, out),
            Kind::Json(text) => string(&shown(text.get(row)), style, rules, out),
            Kind::Dynamic(text) => dynamic(text.get(row), style, rules, out),
            Kind::Array { .. } | Kind::Tuple(_) | Kind::Map { .. } => self.nested(row, style, rules, out),
            Kind::Dictionary { keys, values } => values.write(keys[row], style, rules, out),
            Kind::Variant(_) => {
                self.alternative(row).into_iter().for_each(|cell| cell.write(row, style, rules, out));
            }
            Kind::Date(_) | Kind::Moment { .. } | Kind::Ipv4(_) => {
                let quote = match style {
                    Style::Quoted => Some(b'\''),
                    Style::Csv => Some(b'"'),
                    _ => None,
                };
                self.between(row, quote, rules, out);
            }
            _ => self.scalar(row, rules, out),
        }
    }

    /// Appends the plain text of a value.
    pub(crate) fn text(&self, row: usize, rules: Rules, out: &mut Vec<u8>) {
        self.write(row, Style::Text, rules, out);
    }

    pub(crate) fn between(&self, row: usize, quote: Option<u8>, rules: Rules, out: &mut Vec<u8>) {
        out.extend(quote);
        self.scalar(row, rules, out);
        out.extend(quote);
    }

    /// Appends a value without parts and without anything that needs an escape.
    pub(crate) fn scalar(&self, row: usize, rules: Rules, out: &mut Vec<u8>) {
        let settings = rules.settings;
        match &self.kind {
            Kind::Bool(values) => {
                let text = if values.value(row) { &settings.bool_true } else { &settings.bool_false };
                out.extend_from_slice(text.as_bytes());
            }
            Kind::Int(values, _) => values.write(row, out),
            Kind::Digits(text, _) => out.extend_from_slice(text.get(row)),
            Kind::Float32(values) => number::float32(values[row], out),
            Kind::Float64(values) => number::float64(values[row], out),
            Kind::Decimal { values, scale, .. } => {
                number::decimal(values[row], *scale, settings.decimal_trailing_zeros, out);
            }
            Kind::DecimalText { values, .. } => {
                number::decimal_text(values.get(row), settings.decimal_trailing_zeros, out);
            }
            Kind::Date(values) => time::date(i64::from(values[row]), out),
            Kind::Moment { ticks, digits, zone } => {
                let (seconds, rest) = ticks.get(row);
                let fraction = scaled(rest, ticks.per_second, *digits);
                time::moment(seconds, fraction, *digits, zone, settings.time_style, out);
            }
            Kind::Ipv4(values) => {
                let [a, b, c, d] = values[row].to_be_bytes();
                for (i, part) in [a, b, c, d].into_iter().enumerate() {
                    if i > 0 {
                        out.push(b'.');
                    }
                    number::integer(part, out);
                }
            }
            _ => {}
        }
    }

    fn nested(&self, row: usize, style: Style, rules: Rules, out: &mut Vec<u8>) {
        match (style, &self.kind) {
            (Style::Csv, Kind::Tuple(elements)) if rules.settings.csv.tuples_as_columns => {
                for (i, element) in elements.iter().enumerate() {
                    if i > 0 {
                        out.push(rules.settings.csv.delimiter);
                    }
                    element.cell.write(row, style, rules, out);
                }
            }
            (Style::Csv, _) => escape::again(out, |out| self.brackets(row, rules, out), escape::csv),
            (Style::Xml, _) => self.xml(row, rules, out),
            (Style::Text | Style::Quoted, Kind::Tuple(elements))
                if rules.tuples_as_json && named(elements) =>
            {
                self.json_indented(row, rules, 1, out);
            }
            _ => self.brackets(row, rules, out),
        }
    }

    /// Appends `[1,'a']`, `(1,'a')` or `{'a':1}`.
    fn brackets(&self, row: usize, rules: Rules, out: &mut Vec<u8>) {
        match &self.kind {
            Kind::Array { offsets, items } => {
                out.push(b'[');
                for (i, item) in offsets.range(row).enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    items.write(item, Style::Quoted, rules, out);
                }
                out.push(b']');
            }
            Kind::Tuple(elements) => {
                out.push(b'(');
                for (i, element) in elements.iter().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    element.cell.write(row, Style::Quoted, rules, out);
                }
                out.push(b')');
            }
            Kind::Map { offsets, keys, values } => {
                out.push(b'{');
                for (i, item) in offsets.range(row).enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    keys.write(item, Style::Quoted, rules, out);
                    out.push(b':');
                    values.write(item, Style::Quoted, rules, out);
                }
                out.push(b'}');
            }
            _ => {}
        }
    }

    fn xml(&self, row: usize, rules: Rules, out: &mut Vec<u8>) {
        let element = |tag: &str, cell: &Cell, row: usize, out: &mut Vec<u8>| {
            out.extend_from_slice(format!("<{tag}>").as_bytes());
            cell.write(row, Style::Xml, rules, out);
            out.extend_from_slice(format!("</{tag}>").as_bytes());
        };
        match &self.kind {
            Kind::Array { offsets, items } => {
                out.extend_from_slice(b"<array>");
                offsets.range(row).for_each(|item| element("elem", items, item, out));
                out.extend_from_slice(b"</array>");
            }
            Kind::Tuple(elements) => {
                out.extend_from_slice(b"<tuple>");
                elements.iter().for_each(|e| element("elem", &e.cell, row, out));
                out.extend_from_slice(b"</tuple>");
            }
            Kind::Map { offsets, keys, values } => {
                out.extend_from_slice(b"<map>");
                for item in offsets.range(row) {
                    out.extend_from_slice(b"<elem>");
                    element("key", keys, item, out);
                    element("value", values, item, out);
                    out.extend_from_slice(b"</elem>");
                }
                out.extend_from_slice(b"</map>");
            }
            _ => {}
        }
    }
}

/// Whether the elements of a tuple have names.
pub(crate) fn named(elements: &[Element]) -> bool {
    !elements.is_empty() && elements.iter().all(|element| element.name.is_some())
}

/// Ticks of one rate as those of `10^digits` a second, rounded down.
pub(crate) fn scaled(ticks: i64, per_second: i64, digits: u8) -> i64 {
    let wanted = 10_i64.pow(u32::from(digits.min(9)));
    if wanted >= per_second { ticks * (wanted / per_second) } else { ticks / (per_second / wanted) }
}

/// Whether a type is printed as a number of 64 bits or more, which JSON may want quoted.
pub(crate) fn is_wide(ty: &Type) -> bool {
    matches!(ty, Type::UInt(64..) | Type::Int(64..) | Type::Interval(_))
}
