//! A suite of pairs: the same question in ClickHouse SQL and, by hand, in the engine's own. Both are timed in turn.

use super::load::TableText;
use super::session::Session;
use anyhow::{Context, Result, bail};
use arrow_array::RecordBatch;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Suite {
    tables: Vec<TableText>,
    #[serde(default)]
    pairs: Vec<Pair>,
    /// Queries that are only translated.
    #[serde(default)]
    translations: Vec<Translation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Translation {
    name: String,
    clickhouse: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    name: String,
    clickhouse: String,
    duckdb: String,
}

/// Translations of each query that are timed.
const TRANSLATIONS: usize = 200;

/// Prints a JSON line for each: whether the answers are equal, and times in milliseconds.
pub fn run(path: &Path, runs: usize) -> Result<()> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("failed to read `{}`", path.display()))?;
    let suite: Suite =
        serde_json::from_str(&text).with_context(|| format!("`{}` is no suite", path.display()))?;
    let session = Session::new()?;
    let tables = session.load(&suite.tables)?;
    for pair in &suite.pairs {
        let line = measured(&session, &tables, pair, runs.max(1))
            .with_context(|| format!("failed to time `{}`", pair.name))?;
        super::super::print(&format!("{line}\n"))?;
    }
    for query in &suite.translations {
        let (p50, p99) = translation(&session, &tables, &query.clickhouse)
            .with_context(|| format!("failed to time `{}`", query.name))?;
        let bytes = query.clickhouse.len();
        let line = json!({"name": query.name, "query_bytes": bytes, "translation_p50_ms": p50, "translation_p99_ms": p99});
        super::super::print(&format!("{line}\n"))?;
    }
    Ok(())
}

fn translation(session: &Session, tables: &[tile_clicksql::schema::Table], text: &str) -> Result<(f64, f64)> {
    let times = (0..TRANSLATIONS)
        .map(|_| timed(|| session.translate(text, tables).map(drop)))
        .collect::<Result<Vec<_>>>()?;
    Ok((at(times.clone(), 50), at(times, 99)))
}

fn measured(
    session: &Session,
    tables: &[tile_clicksql::schema::Table],
    pair: &Pair,
    runs: usize,
) -> Result<Value> {
    let translated = session.translate(&pair.clickhouse, tables)?;
    // The first run of each warms what both use.
    let is_equal = rows(&session.run(&translated)?)? == rows(&session.rows(&pair.duckdb)?)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        ours.push(timed(|| session.run(&translated).map(drop))?);
        theirs.push(timed(|| session.rows(&pair.duckdb).map(drop))?);
    }
    let (p50, p99) = translation(session, tables, &pair.clickhouse)?;
    // Neighbours in time share what else the machine does.
    let ratios = ours.iter().zip(&theirs).map(|(ours, theirs)| ours / theirs).collect();
    Ok(json!({
        "name": pair.name,
        "equal": is_equal,
        "generated_ms": at(ours, 50),
        "hand_ms": at(theirs, 50),
        "ratio": at(ratios, 50),
        "query_bytes": pair.clickhouse.len(),
        "translation_p50_ms": p50,
        "translation_p99_ms": p99,
    }))
}

fn timed(mut work: impl FnMut() -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64() * 1000.0)
}

/// A percentile of the times.
fn at(mut times: Vec<f64>, percent: usize) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

/// The rows as text. Numbers of other widths are equal when they are the same number, to nine digits.
fn rows(batches: &[RecordBatch]) -> Result<Vec<Vec<String>>> {
    let mut out = Vec::new();
    for batch in batches {
        let columns = batch
            .columns()
            .iter()
            .map(|column| {
                arrow_cast::display::ArrayFormatter::try_new(
                    column,
                    &arrow_cast::display::FormatOptions::default(),
                )
            })
            .collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            out.push(columns.iter().map(|column| plain(&column.value(row).to_string())).collect());
        }
    }
    if out.is_empty() {
        bail!("the query has no rows: nothing is compared");
    }
    Ok(out)
}

fn plain(text: &str) -> String {
    text.parse::<f64>().map_or_else(|_| text.to_owned(), |number| format!("{number:.9e}"))
}
