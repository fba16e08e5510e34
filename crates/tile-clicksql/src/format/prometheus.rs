//! `Prometheus`: the text exposition format, from columns with the names `name`, `value`, `help`, `type`, `labels` and
//! `timestamp`.
//!
//! Source: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>

use super::cell::{Cell, Kind};
use super::escape;
use super::output::{Format, Output, Sink, bad};
use super::settings::Settings;
use super::value::Rules;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io::{self, Write};

pub(crate) struct Prometheus;

/// Where the columns are.
struct Columns {
    name: usize,
    value: usize,
    help: Option<usize>,
    ty: Option<usize>,
    labels: Option<usize>,
    timestamp: Option<usize>,
}

#[derive(Default)]
struct Metric {
    name: Vec<u8>,
    help: Vec<u8>,
    ty: Vec<u8>,
    samples: Vec<Sample>,
}

#[derive(Clone)]
struct Sample {
    labels: BTreeMap<Vec<u8>, Vec<u8>>,
    value: Vec<u8>,
    timestamp: Vec<u8>,
}

impl Columns {
    fn new(output: &Output) -> io::Result<Self> {
        let find = |name: &str| output.columns.iter().position(|column| column.name == name);
        let required =
            |name| find(name).ok_or_else(|| bad(&format!("write Prometheus' format: no column `{name}`")));
        Ok(Self {
            name: required("name")?,
            value: required("value")?,
            help: find("help"),
            ty: find("type"),
            labels: find("labels"),
            timestamp: find("timestamp"),
        })
    }
}

fn text(cell: &Cell, row: usize, rules: Rules) -> Vec<u8> {
    let mut out = Vec::new();
    cell.text(row, rules, &mut out);
    out
}

/// The text of a column that need not be there, empty for NULL.
fn optional(cells: &[Cell], at: Option<usize>, row: usize, rules: Rules) -> Vec<u8> {
    let cell = at.and_then(|at| cells.get(at)).filter(|cell| !cell.is_null(row));
    cell.map(|cell| text(cell, row, rules)).unwrap_or_default()
}

fn labels(cell: Option<&Cell>, row: usize, rules: Rules) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut labels = BTreeMap::new();
    if let Some(Cell { kind: Kind::Map { offsets, keys, values }, .. }) = cell {
        for item in offsets.range(row) {
            // Of a label twice, the first counts.
            labels.entry(text(keys, item, rules)).or_insert_with(|| text(values, item, rules));
        }
    }
    labels
}

impl Metric {
    fn add(&mut self, cells: &[Cell], columns: &Columns, row: usize, rules: Rules) {
        if self.help.is_empty() {
            self.help = optional(cells, columns.help, row, rules);
            self.help.iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b' ');
        }
        if self.ty.is_empty() {
            self.ty = optional(cells, columns.ty, row, rules);
        }
        let mut timestamp = optional(cells, columns.timestamp, row, rules);
        if timestamp == b"0" {
            timestamp.clear();
        }
        let labels = labels(columns.labels.and_then(|at| cells.get(at)), row, rules);
        self.samples.push(Sample { labels, value: text(&cells[columns.value], row, rules), timestamp });
    }

    fn write(mut self, out: &mut Vec<u8>) {
        if self.name.is_empty() || self.samples.is_empty() {
            return;
        }
        for (what, text) in [("# HELP ", &self.help), ("# TYPE ", &self.ty)] {
            if !text.is_empty() {
                out.extend_from_slice(&[what.as_bytes(), &self.name, b" ", text, b"\n"].concat());
            }
        }
        let buckets = self.ty == b"histogram" || self.ty == b"summary";
        if buckets {
            self.sort_buckets();
        }
        for sample in self.samples {
            sample.write(&self.name, buckets, out);
        }
        out.push(b'\n');
    }

    /// Orders the samples by bucket, with sum and count after them, and adds the count or the last bucket of a histogram
    /// where only one of the two is given.
    fn sort_buckets(&mut self) {
        let histogram = self.ty == b"histogram";
        let bucket: &[u8] = if histogram { b"le" } else { b"quantile" };
        let rank = |sample: &Sample| {
            let has = |name: &[u8]| sample.labels.contains_key(name);
            u8::from(has(b"sum")) + 2 * u8::from(has(b"count"))
        };
        let bound = |sample: &Sample| {
            let text = std::str::from_utf8(sample.labels.get(bucket)?).ok()?;
            text.parse::<f64>().ok()
        };
        self.samples.sort_by(|a, b| {
            rank(a).cmp(&rank(b)).then_with(|| match (bound(a), bound(b)) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                _ => Ordering::Equal,
            })
        });
        if !histogram {
            return;
        }
        let labelled = |name: &[u8], value: &[u8]| BTreeMap::from([(name.to_vec(), value.to_vec())]);
        let count = self.samples.iter().rfind(|sample| sample.labels.contains_key(&b"count"[..]));
        let last =
            self.samples.iter().rfind(|sample| sample.labels.get(&b"le"[..]).is_some_and(|le| le == b"+Inf"));
        let missing = match (count, last) {
            (Some(count), None) => Some(Sample { labels: labelled(b"le", b"+Inf"), ..count.clone() }),
            (None, Some(last)) => Some(Sample { labels: labelled(b"count", b""), ..last.clone() }),
            _ => None,
        };
        self.samples.extend(missing);
    }
}

impl Sample {
    fn write(mut self, name: &[u8], buckets: bool, out: &mut Vec<u8>) {
        out.extend_from_slice(name);
        if buckets {
            for (label, suffix) in [("sum", "_sum"), ("count", "_count")] {
                if self.labels.remove(label.as_bytes()).is_some() {
                    out.extend_from_slice(suffix.as_bytes());
                }
            }
            if self.labels.contains_key(&b"le"[..]) {
                out.extend_from_slice(b"_bucket");
            }
        }
        for (i, (label, value)) in self.labels.iter().enumerate() {
            out.push(if i > 0 { b',' } else { b'{' });
            out.extend_from_slice(label);
            out.push(b'=');
            escape::double_quoted(value, out);
        }
        out.extend_from_slice(if self.labels.is_empty() { b" " } else { b"} " });
        out.extend_from_slice(match self.value.as_slice() {
            b"nan" => b"NaN",
            b"inf" => b"+Inf",
            b"-inf" => b"-Inf",
            value => value,
        });
        if !self.timestamp.is_empty() {
            out.push(b' ');
            out.extend_from_slice(&self.timestamp);
        }
        out.push(b'\n');
    }
}

impl Format for Prometheus {
    fn name(&self) -> &'static str {
        "Prometheus"
    }

    fn content_type(&self) -> &'static str {
        "text/plain; version=0.0.4; charset=UTF-8"
    }

    fn write(&self, output: &Output, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let rules = Rules::new(settings);
        let columns = Columns::new(output)?;
        let mut sink = Sink::new(out);
        let mut metric = Metric::default();
        for (rows, cells) in output.cells(settings)? {
            for row in 0..rows {
                let name = text(&cells[columns.name], row, rules);
                if name != metric.name {
                    std::mem::replace(&mut metric, Metric { name, ..Metric::default() })
                        .write(&mut sink.buffer);
                    sink.pass()?;
                }
                metric.add(&cells, &columns, row, rules);
            }
        }
        metric.write(&mut sink.buffer);
        sink.flush()
    }
}
