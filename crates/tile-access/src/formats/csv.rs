//! CSV and TSV, plain or gzip: a table with a header line.

use super::{Format, OptionDoc, options};
use crate::assets::{Assets, Uid};
use crate::data::{Batches, Opened, Table};
use arrow_csv::reader::{Format as CsvFormat, ReaderBuilder};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tile_base::error::OrDamaged;
use tile_base::{Error, Result};

pub struct Csv;

/// Reading options of CSV files.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields, default)]
struct Options {
    delimiter: Option<char>,
    header: bool,
    quote: char,
    comment: Option<char>,
    dates: bool,
    types: BTreeMap<String, String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            delimiter: None,
            header: true,
            quote: '"',
            comment: None,
            dates: false,
            types: BTreeMap::new(),
        }
    }
}

/// Bytes of a file that column types are inferred from.
const INFER_BYTES: u64 = 64 << 20;
const BATCH_ROWS: usize = 65_536;
/// What counts as missing; the same words as in pandas.
const MISSING: &str =
    "^(|#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a|nan|null)$";

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }
    fn about(&self) -> &'static str {
        "table; types are inferred (integers, floats, booleans, text), empty fields are missing"
    }
    fn mimetype(&self) -> &'static str {
        "text/csv"
    }
    fn suffixes(&self) -> &'static [&'static str] {
        &[".csv", ".tsv", ".tab", ".csv.gz", ".tsv.gz"]
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "delimiter",
                kind: "character",
                default: "by file name: tab for .tsv and .tab, else comma",
                about: "what separates fields",
            },
            OptionDoc {
                name: "header",
                kind: "boolean",
                default: "true",
                about: "whether the first line names the columns",
            },
            OptionDoc {
                name: "quote",
                kind: "character",
                default: "\"",
                about: "what encloses fields that hold delimiters",
            },
            OptionDoc {
                name: "comment",
                kind: "character",
                default: "none",
                about: "lines that begin with it are skipped",
            },
            OptionDoc {
                name: "dates",
                kind: "boolean",
                default: "false",
                about: "read ISO 8601 dates and times as times rather than text",
            },
            OptionDoc {
                name: "types",
                kind: "table",
                default: "{}",
                about: "column name = `int64`, `float64`, `bool`, `string` or `timestamp`, instead of inferring",
            },
        ]
    }
    fn open(&self, assets: &Assets, value: &Value) -> Result<Opened> {
        let mut options: Options = options(value)?;
        let path = assets.path()?.to_owned();
        if options.delimiter.is_none() {
            let name = path.to_string_lossy().to_lowercase();
            options.delimiter =
                Some(if name.contains(".tsv") || name.ends_with(".tab") { '\t' } else { ',' });
        }
        let schema = Arc::new(infer(&path, &options)?);
        let size = std::fs::metadata(&path)?.len();
        let table = CsvTable { schema, uid: assets.uid("")?, size, path, options };
        Opened::table(Arc::new(table), json!({}))
    }
}

fn reader(path: &Path) -> Result<Box<dyn Read + Send>> {
    let mut file = BufReader::with_capacity(1 << 18, File::open(path)?);
    let head = file.fill_buf()?;
    let gzip = head.starts_with(&[0x1f, 0x8b]);
    if head.starts_with(&[0xef, 0xbb, 0xbf]) {
        file.consume(3);
    }
    Ok(if gzip { Box::new(flate2::read::MultiGzDecoder::new(file)) } else { Box::new(file) })
}

fn ascii(c: char, what: &str) -> Result<u8> {
    u8::try_from(c)
        .ok()
        .filter(u8::is_ascii)
        .ok_or_else(|| Error::malformed(format!("{what} `{c}` is not an ASCII character")))
}

fn csv_format(options: &Options) -> Result<CsvFormat> {
    let mut format = CsvFormat::default()
        .with_header(options.header)
        .with_delimiter(ascii(options.delimiter.unwrap_or(','), "delimiter")?)
        .with_quote(ascii(options.quote, "quote")?)
        .with_truncated_rows(true)
        .with_null_regex(
            regex::Regex::new(MISSING).map_err(|e| Error::internal("pattern of missing values").source(e))?,
        );
    if let Some(c) = options.comment {
        format = format.with_comment(ascii(c, "comment")?);
    }
    Ok(format)
}

fn infer(path: &Path, options: &Options) -> Result<Schema> {
    let (found, _) = csv_format(options)?
        .infer_schema(reader(path)?.take(INFER_BYTES), None)
        .or_damaged("the CSV text")?;
    let mut used = HashSet::new();
    let fields = found.fields().iter().enumerate().map(|(i, f)| {
        let name =
            unique(if f.name().is_empty() { format!("Unnamed: {i}") } else { f.name().clone() }, &mut used);
        let inferred = match f.data_type() {
            DataType::Null => DataType::Float64,
            DataType::Int64 | DataType::Float64 | DataType::Boolean => f.data_type().clone(),
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) if options.dates => {
                DataType::Timestamp(TimeUnit::Nanosecond, None)
            }
            _ => DataType::Utf8,
        };
        let kind = options.types.get(&name).map_or(Ok(inferred), |t| type_named(t))?;
        Ok(Field::new(name, kind, true))
    });
    Ok(Schema::new(fields.collect::<Result<Vec<_>>>()?))
}

fn unique(name: String, used: &mut HashSet<String>) -> String {
    let mut candidate = name.clone();
    let mut n = 0;
    while !used.insert(candidate.clone()) {
        n += 1;
        candidate = format!("{name}.{n}");
    }
    candidate
}

fn type_named(name: &str) -> Result<DataType> {
    Ok(match name {
        "int64" => DataType::Int64,
        "float64" => DataType::Float64,
        "bool" => DataType::Boolean,
        "string" => DataType::Utf8,
        "timestamp" => DataType::Timestamp(TimeUnit::Nanosecond, None),
        _ => {
            return Err(Error::malformed(format!("unknown column type `{name}`"))
                .hint("Known types: int64, float64, bool, string, timestamp"));
        }
    })
}

struct CsvTable {
    schema: SchemaRef,
    uid: Uid,
    size: u64,
    path: PathBuf,
    options: Options,
}

impl Table for CsvTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
    fn partitions(&self) -> usize {
        1
    }
    fn uid(&self) -> Uid {
        self.uid
    }
    fn partition_bytes(&self, _partition: usize) -> usize {
        // Text is about as large as its decoded columns; gzip about a quarter.
        let factor = if self.path.extension().is_some_and(|e| e == "gz") { 4 } else { 1 };
        usize::try_from(self.size).unwrap_or(usize::MAX).saturating_mul(factor)
    }
    fn rows(&self, _partition: usize) -> Option<usize> {
        None
    }
    fn read(&self, _partition: usize, columns: &[usize]) -> Result<Batches> {
        let format = csv_format(&self.options)?;
        // The projection of the reader keeps the file's order; the wanted order is made afterwards.
        let mut sorted = columns.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let order: Vec<usize> = columns.iter().filter_map(|c| sorted.binary_search(c).ok()).collect();
        let batches = ReaderBuilder::new(self.schema.clone())
            .with_format(format)
            .with_batch_size(BATCH_ROWS)
            .with_projection(sorted)
            .build_buffered(BufReader::with_capacity(1 << 18, reader(&self.path)?))
            .or_damaged("the CSV text")?;
        Ok(Box::new(batches.map(move |b| {
            b.and_then(|b| b.project(&order))
                .or_damaged("the CSV text")
                .map_err(|e| e.hint("A column's type can be set with the option `types`"))
        })))
    }
}
