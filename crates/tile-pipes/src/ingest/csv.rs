//! Separated values.
//!
//! The grammar is RFC 4180's with any delimiter and quote; what comes between a closing quote and the next delimiter belongs to
//! the value. White space around a value without quotes does not, as with ClickHouse.

use std::collections::HashMap;

use super::bytes::{find, find_either};
use super::column::Column;
use super::kind::Kind;
use super::quarantine::message;
use super::read;
use super::rows::Rows;
use super::scan::{Bad, Read};

/// How values are separated. What is not given is guessed from the first rows.
#[derive(Clone, Debug)]
pub struct Dialect {
    /// Guessed among `,`, `;`, tabulator and `|`: the one that splits the first rows into the most equal parts.
    pub delimiter: Option<u8>,
    pub quote: u8,
    /// Whether the first row has names. Guessed: when half of its values are names of columns.
    pub header: Option<bool>,
}

impl std::default::Default for Dialect {
    fn default() -> Self {
        Self { delimiter: None, quote: b'"', header: None }
    }
}

/// What a guess looks at.
const GUESS_ROWS: usize = 20;
const GUESS_BYTES: usize = 64 << 10;
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// One row: its values behind each other, where each ends, and whether it was in quotes.
#[derive(Default)]
pub(super) struct Record {
    text: Vec<u8>,
    ends: Vec<(usize, bool)>,
}

impl Record {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// A value, and whether it was in quotes.
    pub fn get(&self, at: usize) -> Option<(&[u8], bool)> {
        let (end, quoted) = *self.ends.get(at)?;
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |(end, _)| *end);
        Some((self.text.get(start..end)?, quoted))
    }

    pub fn values(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).filter_map(|at| self.get(at)).map(|(text, _)| text)
    }

    fn is_blank(&self) -> bool {
        matches!(self.ends.as_slice(), [(0, false)])
    }
}

pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    delimiter: u8,
    quote: u8,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8], delimiter: u8, quote: u8) -> Self {
        Self { bytes, at: 0, delimiter, quote }
    }

    /// Bytes that were read.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Reads the next row that is not blank; false at the end.
    pub fn next(&mut self, record: &mut Record) -> bool {
        while self.at < self.bytes.len() {
            record.text.clear();
            record.ends.clear();
            while self.value(record) {}
            if !record.is_blank() {
                return true;
            }
        }
        false
    }

    /// Reads a value with what ends it; true when another one follows in the same row.
    fn value(&mut self, record: &mut Record) -> bool {
        let quoted = self.bytes.get(self.at) == Some(&self.quote);
        if quoted {
            self.quoted(record);
        }
        let end = find_either(self.bytes, self.at, self.delimiter, b'\n');
        let mut text = self.bytes.get(self.at..end).unwrap_or_default();
        let found = self.bytes.get(end).copied();
        if found != Some(self.delimiter) {
            text = text.strip_suffix(b"\r").unwrap_or(text);
        }
        if !quoted {
            text = text.trim_ascii();
        }
        record.text.extend_from_slice(text);
        record.ends.push((record.text.len(), quoted));
        self.at = end + 1;
        found == Some(self.delimiter)
    }

    /// Reads from an opening quote to behind the closing one. A quote that is not closed goes to the end.
    fn quoted(&mut self, record: &mut Record) {
        self.at += 1;
        loop {
            let end = find(self.bytes, self.at, self.quote).unwrap_or(self.bytes.len());
            record.text.extend_from_slice(self.bytes.get(self.at..end).unwrap_or_default());
            self.at = (end + 1).min(self.bytes.len());
            if self.bytes.get(self.at) != Some(&self.quote) || end == self.bytes.len() {
                return;
            }
            record.text.push(self.quote);
            self.at += 1;
        }
    }
}

/// The delimiter that splits the first rows into the most parts, equally many in each.
pub(super) fn guess_delimiter(bytes: &[u8], quote: u8) -> u8 {
    let sample = bytes.get(..GUESS_BYTES).unwrap_or(bytes);
    let score = |delimiter| {
        let mut reader = Reader::new(sample, delimiter, quote);
        let mut record = Record::default();
        let mut counts = Vec::new();
        while counts.len() < GUESS_ROWS && reader.next(&mut record) {
            counts.push(record.len());
        }
        if sample.len() < bytes.len() && counts.len() > 1 {
            // The last row was cut.
            counts.pop();
        }
        let first = counts.first().copied().unwrap_or(1);
        let equal = counts.iter().filter(|count| **count == first).count();
        (first > 1, equal, first)
    };
    let mut best = (b',', score(b','));
    for delimiter in DELIMITERS {
        let found = score(delimiter);
        if found > best.1 {
            best = (delimiter, found);
        }
    }
    best.0
}

/// A name as columns are called: letters, digits and underscores, in small letters.
pub(super) fn normalized(name: &str) -> String {
    let letters =
        name.trim().chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    letters.collect::<String>()
}

/// The columns that the names of a header mean: by the name itself, else by the name as columns are called.
fn named(columns: &[Column], header: &Record) -> Vec<Option<usize>> {
    let mut exact = HashMap::new();
    let mut loose = HashMap::new();
    for (at, column) in columns.iter().enumerate().rev() {
        exact.insert(column.spec.name.clone(), at);
        loose.insert(normalized(&column.spec.name), at);
    }
    let find = |name: &[u8]| {
        let name = String::from_utf8_lossy(name);
        exact.get(name.trim()).or_else(|| loose.get(&normalized(&name))).copied()
    };
    header.values().map(find).collect()
}

/// What the beginning of a file says of all of it.
#[derive(Clone, Debug)]
pub struct Shape {
    /// With nothing left to guess.
    pub dialect: Dialect,
    /// The first row as it stands there, if it has names.
    pub header: Vec<u8>,
}

impl Shape {
    /// `bytes`: the beginning, with more than one row unless that is all.
    pub(super) fn of(bytes: &[u8], dialect: &Dialect, columns: &[Column]) -> Self {
        let delimiter = dialect.delimiter.unwrap_or_else(|| guess_delimiter(bytes, dialect.quote));
        let mut reader = Reader::new(bytes, delimiter, dialect.quote);
        let mut record = Record::default();
        let is_header = reader.next(&mut record) && is_header(&named(columns, &record), dialect);
        let end = if is_header { reader.at().min(bytes.len()) } else { 0 };
        Self {
            dialect: Dialect { delimiter: Some(delimiter), quote: dialect.quote, header: Some(is_header) },
            header: bytes.get(..end).unwrap_or_default().to_vec(),
        }
    }

    /// Where the last row ends that is whole. The bytes begin with a row.
    pub fn rows_end(&self, bytes: &[u8]) -> usize {
        let mut reader = Reader::new(bytes, self.dialect.delimiter.unwrap_or(b','), self.dialect.quote);
        let (mut record, mut end) = (Record::default(), 0);
        while reader.next(&mut record) {
            if reader.at() <= bytes.len() {
                end = reader.at();
            }
        }
        end
    }
}

fn is_header(named: &[Option<usize>], dialect: &Dialect) -> bool {
    let known = named.iter().flatten().count();
    dialect.header.unwrap_or(known > 0 && known * 2 >= named.len())
}

/// Reads all rows.
pub(super) fn read(bytes: &[u8], dialect: &Dialect, row_bytes_max: usize, rows: &mut Rows<'_>) -> Read<()> {
    let columns = &rows.decoder.columns;
    let delimiter = dialect.delimiter.unwrap_or_else(|| guess_delimiter(bytes, dialect.quote));
    let is_text = std::str::from_utf8(bytes).is_ok();
    let mut reader = Reader::new(bytes, delimiter, dialect.quote);
    let mut record = Record::default();
    let mut places: Vec<Option<usize>> = (0..columns.len()).map(Some).collect();
    let mut first = true;
    while reader.next(&mut record) {
        if std::mem::take(&mut first) {
            let named = named(columns, &record);
            if is_header(&named, dialect) {
                places = unrepeated(named, columns.len());
                continue;
            }
        }
        if record.text.len() > row_bytes_max {
            rows.reject_text(
                &record.text,
                &format!("a row of {} bytes, more than {row_bytes_max}", record.text.len()),
            )?;
        } else if !is_text && std::str::from_utf8(&record.text).is_err() {
            rows.reject_text(&record.text, "invalid UTF-8")?;
        } else {
            row(&record, &places, rows)?;
        }
    }
    Ok(())
}

/// Of names that are there twice the last one counts.
fn unrepeated(mut places: Vec<Option<usize>>, columns: usize) -> Vec<Option<usize>> {
    let mut seen = vec![false; columns];
    for place in places.iter_mut().rev() {
        if let Some(seen) = place.and_then(|at| seen.get_mut(at))
            && std::mem::replace(seen, true)
        {
            *place = None;
        }
    }
    places
}

fn row(record: &Record, places: &[Option<usize>], rows: &mut Rows<'_>) -> Read<()> {
    let mut faults = Vec::new();
    if record.len() > places.len() {
        faults.push((None, format!("the row has {} values, expected {}", record.len(), places.len())));
    }
    let columns = &rows.decoder.columns;
    let mut raw = vec![None; columns.len()];
    for (at, place) in places.iter().enumerate() {
        let (Some(place), Some((text, quoted))) = (*place, record.get(at)) else { continue };
        let Some(column) = columns.get(place) else { continue };
        if let Some(raw) = raw.get_mut(place) {
            *raw = Some(text);
        }
        match value(rows, place, column, text, quoted) {
            Ok(()) => {}
            Err(Bad::Full) => return Err(Bad::Full),
            Err(bad) => faults.push((Some(place), message(column, bad, Some(text)))),
        }
    }
    if faults.is_empty() {
        for (at, column) in columns.iter().enumerate() {
            match rows.settle(at) {
                Ok(()) => {}
                Err(Bad::Full) => return Err(Bad::Full),
                Err(bad) => faults.push((Some(at), message(column, bad, None))),
            }
        }
    }
    if faults.is_empty() {
        return rows.keep();
    }
    rows.reject(raw.into_iter(), &faults)
}

/// Reads a cell into its column, or leaves the column without a value.
fn value(rows: &mut Rows<'_>, at: usize, column: &Column, text: &[u8], quoted: bool) -> Read<()> {
    let Some(builder) = rows.builders.get_mut(at) else { return Ok(()) };
    let is_text = matches!(column.item.kind, Kind::Text | Kind::Fixed(_));
    if !quoted && text.is_empty() && (column.has_default() || column.item.nullable) {
        return Ok(());
    }
    if !quoted && text == b"\\N" {
        return match (column.item.nullable, column.has_default()) {
            (true, _) => builder.push_null(),
            (false, true) => Ok(()),
            (false, false) => Err(Bad::Null),
        };
    }
    if text.is_empty() && !is_text {
        return Err(Bad::Value);
    }
    let before = rows.rows;
    read::cell(&column.item, builder, text, &mut rows.scratch).inspect_err(|_| builder.truncate(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, delimiter: u8) -> Vec<Vec<String>> {
        let mut reader = Reader::new(text.as_bytes(), delimiter, b'"');
        let mut record = Record::default();
        let mut out = Vec::new();
        while reader.next(&mut record) {
            out.push(record.values().map(|text| String::from_utf8_lossy(text).into_owned()).collect());
        }
        out
    }

    #[test]
    fn values_are_split() {
        assert_eq!(split("a,b\r\n1,\"x,\"\"y\"\"\nz\"\n", b','), [vec!["a", "b"], vec!["1", "x,\"y\"\nz"]]);
        assert_eq!(split("\n\na,\n,\"\"\n\n", b','), [vec!["a", ""], vec!["", ""]]);
        assert_eq!(split("a\t\"b", b'\t'), [vec!["a", "b"]]);
        assert_eq!(split("\"a\"x,b", b','), [vec!["ax", "b"]]);
        assert_eq!(split("\"", b','), [vec![""]]);
        assert_eq!(split("", b','), Vec::<Vec<String>>::new());
    }

    #[test]
    fn files_are_cut_between_rows() {
        let shape = Shape::of(b"a;b\n1;2\n", &Dialect::default(), &[]);
        assert_eq!((shape.dialect.delimiter, shape.dialect.header), (Some(b';'), Some(false)));
        assert_eq!(shape.rows_end(b"1;\"x\ny\"\n2;\"x\n"), 8);
        assert_eq!(shape.rows_end(b"1;5\" pipe\n2;x"), 10);
        assert_eq!(shape.rows_end(b"1;2"), 0);
        assert_eq!(shape.rows_end(b"1;2\n"), 4);
    }

    #[test]
    fn delimiters_are_guessed() {
        for (text, want) in [
            ("a,b\n1,2\n", b','),
            ("a;b\n1,5;2\n3;4", b';'),
            ("a\tb\tc\n1\t2,3\t4", b'\t'),
            ("a|b\n1|2", b'|'),
            ("one\ntwo", b','),
            ("\"a;b\",c\n\"d;e\",f", b','),
            ("", b','),
        ] {
            assert_eq!(guess_delimiter(text.as_bytes(), b'"'), want, "{text}");
        }
    }
}
