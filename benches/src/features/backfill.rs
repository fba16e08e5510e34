//! Values at many past times, beside what polars and DuckDB do for sums and counts.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use tile_features::aggregates::Args;
use tile_features::backfill::keys::Keys;
use tile_features::backfill::{Events, Queries, Tails, evaluate};
use tile_features::column::{Block, Cell, Column};
use tile_features::definition::Aggregation;
use tile_features::operation::Operation;
use tile_features::plan::Plan;
use tile_features::types::{Schema, Type};
use tile_features::window::{DAY_MS, Window};

use super::data::{Numbers, START};
use super::{Figure, Scene, median};
use crate::options::sources;

const WINDOWS: [&str; 5] = ["1h", "6h", "1d", "7d", "30d"];
const KEYS: usize = 1_000;
const DAYS: i64 = 40;

/// The same rows for all.
struct Rows {
    event_keys: Vec<i64>,
    event_times: Vec<i64>,
    values: Vec<f64>,
    query_keys: Vec<i64>,
    query_times: Vec<i64>,
}

/// Sums and counts, then four more operations.
pub fn backfill(scene: &Scene) -> Result<Vec<Figure>> {
    let python = Path::new(&std::env::var("HOME")?).join(".cache/tile/venv-bench/bin/python");
    let rows = rows(scene.events.min(1_000_000))?;
    let folder = tempfile::tempdir()?;
    rows.write(folder.path())?;
    let done = Command::new(&python)
        .arg(sources().join("features_peer.py"))
        .arg(folder.path())
        .arg(scene.repetitions.min(3).to_string())
        .output()
        .with_context(|| format!("failed to start `{}`", python.display()))?;
    ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let peers: BTreeMap<String, f64> = serde_json::from_slice(&done.stdout)?;
    let peer = |name: &str| peers.get(name).copied().with_context(|| format!("no time of {name}"));
    let (polars, asof, range) = (peer("polars")?, peer("asof")?, peer("range")?);

    let two = [Operation::Sum, Operation::Count];
    let six = [
        Operation::Sum,
        Operation::Count,
        Operation::Last,
        Operation::Max,
        Operation::UniqueCount,
        Operation::TopK,
    ];
    let (fast, columns) = time(&rows, &two, scene.repetitions)?;
    let mut failure = None;
    for name in peers.keys() {
        if let Err(e) = same(&columns, &folder.path().join(format!("answer_{name}")), rows.query_keys.len()) {
            failure = Some(format!("{name}: {e:#}"));
        }
    }
    let (wide, _) = time(&rows, &six, scene.repetitions)?;
    let of = format!("{} events, {} queries, 5 windows", rows.values.len(), rows.query_keys.len());
    Ok(vec![
        Figure {
            what: format!("backfill of {of}: SUM and COUNT"),
            ours: format!("{fast:.2} s"),
            beside: format!("polars {polars:.2} s, DuckDB ASOF {asof:.2} s"),
            required: "faster than both".to_owned(),
            is_met: Some(fast < polars && fast < asof),
            failure: failure.clone(),
        },
        Figure {
            what: format!("backfill of {of}: with LAST, MAX, UNIQUE_COUNT, TOP_K"),
            ours: format!("{wide:.2} s"),
            beside: format!("DuckDB range join {range:.2} s, of SUM and COUNT alone"),
            required: "a tenth".to_owned(),
            is_met: Some(wide * 10.0 <= range),
            failure,
        },
    ])
}

fn rows(events: usize) -> Result<Rows> {
    let mut numbers = Numbers::new(11);
    let mut below =
        |bound: i64| -> Result<i64> { Ok(i64::try_from(numbers.below(usize::try_from(bound)?))?) };
    let keys = i64::try_from(KEYS)?;
    let mut rows = Rows {
        event_keys: Vec::new(),
        event_times: Vec::new(),
        values: Vec::new(),
        query_keys: Vec::new(),
        query_times: Vec::new(),
    };
    for _ in 0..events {
        rows.event_keys.push(below(keys)?);
        rows.event_times.push(START + below(DAYS * DAY_MS)?);
        // Eighths: their sums are exact in whatever order.
        rows.values.push(f64::from(i32::try_from(below(8_000)?)?) / 8.0);
    }
    for _ in 0..events / 10 {
        rows.query_keys.push(below(keys)?);
        rows.query_times.push(START + 30 * DAY_MS + below(10 * DAY_MS)?);
    }
    Ok(rows)
}

impl Rows {
    fn write(&self, folder: &Path) -> Result<()> {
        let integers = [
            ("event_keys", &self.event_keys),
            ("event_times", &self.event_times),
            ("query_keys", &self.query_keys),
            ("query_times", &self.query_times),
        ];
        for (name, values) in integers {
            fs::write(folder.join(name), values.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>())?;
        }
        let values: Vec<u8> = self.values.iter().flat_map(|x| x.to_le_bytes()).collect();
        Ok(fs::write(folder.join("event_values"), values)?)
    }
}

/// The median of the seconds from columns to columns, and what came out.
fn time(rows: &Rows, operations: &[Operation], repetitions: usize) -> Result<(f64, Vec<Column>)> {
    let windows = WINDOWS.iter().map(|w| Window::parse(w)).collect::<tile_base::Result<Vec<_>>>()?;
    let aggregation = |operation: &Operation| Aggregation {
        input: "value".to_owned(),
        operation: *operation,
        args: Args { k: Some(3), percentiles: Vec::new() },
        windows: windows.clone(),
        buckets: Vec::new(),
        is_element_wise: false,
    };
    let aggregations: Vec<Aggregation> = operations.iter().map(aggregation).collect();
    let plan = Plan::new(&aggregations, &Schema(vec![("value".to_owned(), Type::Double)]))?;
    let integers = |values: &[i64]| Column::Int(values.iter().copied().map(Some).collect());
    let event_keys = [integers(&rows.event_keys)];
    let query_keys = [integers(&rows.query_keys)];
    let values = Column::Real(rows.values.iter().copied().map(Some).collect());
    let (mut seconds, mut columns) = (Vec::new(), Vec::new());
    for _ in 0..repetitions {
        let block = Block { times: rows.event_times.clone(), columns: vec![values.clone()] };
        let started = Instant::now();
        let mut keys = Keys::default();
        let events = Events { keys: keys.number(&event_keys, rows.event_keys.len())?, block };
        let queries =
            Queries { keys: keys.find(&query_keys, rows.query_keys.len()), times: rows.query_times.clone() };
        columns = evaluate(&plan, &events, &queries, Tails::Exact)?;
        seconds.push(started.elapsed().as_secs_f64());
    }
    Ok((median(seconds), columns))
}

/// For each window the sums, then the counts; ours are all sums, then all counts. None is 0 for the peers.
fn same(columns: &[Column], answer: &Path, queries: usize) -> Result<()> {
    let bytes = fs::read(answer)?;
    let theirs: Vec<f64> = bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
    ensure!(theirs.len() == queries * WINDOWS.len() * 2, "{} values", theirs.len());
    for (place, wanted) in theirs.chunks(queries).enumerate() {
        let (window, is_count) = (place / 2, place % 2 == 1);
        let column = &columns[window + usize::from(is_count) * WINDOWS.len()];
        for (row, wanted) in wanted.iter().enumerate() {
            let got = match column.cell(row) {
                Cell::Real(x) => x,
                #[expect(clippy::cast_precision_loss, reason = "counts of a million")]
                Cell::Int(x) => x as f64,
                _ => 0.0,
            };
            ensure!(
                (got - wanted).abs() <= 1e-9 * wanted.abs().max(1.0),
                "query {row}, window {window}: {got}, not {wanted}"
            );
        }
    }
    Ok(())
}
