//! `ENGINE_TTL`: rows that are older than their data source keeps are removed, a bounded number in each transaction.
//!
//! As in ClickHouse they are there until they are removed: no query leaves them out before.

use super::copy::meeting_in;
use super::flow::Flow;
use super::generations;
use super::resources::Source;
use super::{Deployed, Which, Workspace};
use crate::datafile::split_commas;
use tile_base::engine::collect;
use tile_base::{Cancel, Error, Result};
use tile_clicksql::types::Type;
use tile_clicksql::{Options, translate};

/// Rows that one transaction removes: others wait meanwhile.
const ROWS_MAX: u64 = 200_000;
const HINT: &str =
    "Write it like `toDate(timestamp) + toIntervalDay(90)`, with `DELETE WHERE …` for some rows only";

/// One rule of a TTL: when a row ends, and which rows it is for.
#[derive(Debug, PartialEq, Eq)]
struct Rule {
    end: String,
    only: Option<String>,
}

/// The first word outside of brackets and quotes that is one of these, with its place.
fn keyword<'w>(text: &str, words: &[&'w str]) -> Option<(usize, &'w str)> {
    let (mut depth, mut quote, mut is_start) = (0_i64, None, true);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '`' | '"') => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth -= 1,
            _ => {}
        }
        let here = || {
            let rest = text.get(at..)?;
            words.iter().copied().find(|word| {
                let end = rest.get(word.len()..).and_then(|r| r.chars().next());
                rest.get(..word.len()).is_some_and(|r| r.eq_ignore_ascii_case(word))
                    && end.is_none_or(|c| !c.is_alphanumeric() && c != '_')
            })
        };
        if is_start
            && depth == 0
            && quote.is_none()
            && let Some(word) = here()
        {
            return Some((at, word));
        }
        is_start = !c.is_alphanumeric() && c != '_';
    }
    None
}

impl Rule {
    fn parse(text: &str) -> Result<Self> {
        let other = keyword(text, &["TO DISK", "TO VOLUME", "RECOMPRESS", "GROUP BY", "SET"]);
        if let Some((_, word)) = other {
            return Err(Error::invalid(format!("`{word}` in a TTL is not supported: rows are only removed")));
        }
        let (whole, only) = match keyword(text, &["WHERE"]) {
            Some((at, word)) => {
                let only = text.get(at + word.len()..).unwrap_or_default().trim();
                (text.get(..at).unwrap_or_default(), Some(only.to_owned()))
            }
            None => (text, None),
        };
        let end = match keyword(whole, &["DELETE"]) {
            Some((at, word)) if whole.get(at + word.len()..).is_some_and(|rest| rest.trim().is_empty()) => {
                whole.get(..at).unwrap_or_default()
            }
            _ => whole,
        };
        Ok(Self { end: end.trim().to_owned(), only })
    }

    /// The condition of rows that have ended.
    fn condition(&self, source: &Source, now_us: i64) -> Result<String> {
        let wrong = |e: tile_clicksql::error::SqlError, text: &str| Error::invalid(e.render(text));
        for text in std::iter::once(&self.end).chain(&self.only) {
            // Alone first: each is an expression, and nothing else can follow it.
            tile_clicksql::parse::expression(text).map_err(|e| wrong(e, text))?;
        }
        let query = format!("SELECT {} FROM {}", self.end, super::resources::backticked(&source.table.name));
        let options = Options { is_stored: true, ..Options::default() };
        let typed = translate(&query, &vec![source.table.clone()], &options).map_err(|e| wrong(e, &query))?;
        let ty = typed.columns.first().map_or(&Type::Nothing, |(_, ty)| ty);
        let now = now_us.div_euclid(1_000_000);
        let now = match ty.plain() {
            Type::Date => format!("toDate(toDateTime({now}, 'UTC'))"),
            Type::Date32 => format!("toDate32(toDateTime({now}, 'UTC'))"),
            Type::DateTime(_) | Type::DateTime64(..) => format!("toDateTime({now}, 'UTC')"),
            other => {
                return Err(Error::invalid(format!(
                    "the TTL `{}` is of the type {other}, not a time",
                    self.end
                )));
            }
        };
        let only = self.only.as_ref().map_or(String::new(), |only| format!(" AND ({only})"));
        Ok(format!("(({}) <= {now}{only})", self.end))
    }
}

/// The condition of a data source's rows that have ended; none when it keeps all.
fn condition(source: &Source, now_us: i64) -> Result<Option<String>> {
    let Some(text) = &source.file.engine.ttl else { return Ok(None) };
    let rules = split_commas(text);
    let all = rules.iter().map(|rule| Rule::parse(rule)?.condition(source, now_us));
    Ok(Some(all.collect::<Result<Vec<_>>>()?.join(" OR ")))
}

/// Whether the TTL of a data source can be followed.
///
/// # Errors
/// `Invalid`, with what to write instead.
pub fn check(source: &Source) -> Result<()> {
    let meant = condition(source, 0).and_then(|c| c.map(|c| meeting(source, &c)).transpose());
    meant.map(drop).map_err(|e| {
        let e = Error::invalid(format!("ENGINE_TTL: {}", e.what));
        e.hint(HINT)
    })
}

/// The query of the numbers of the rows of a data source that meet a condition.
fn meeting(source: &Source, condition: &str) -> Result<String> {
    meeting_in(source, condition, &source.home.rows)
}

/// The tables with an end of their rows: data sources of the live deployment, and those of the staged one that are its own, which
/// keep what they will keep when they are live.
pub fn kept(deployed: &Deployed) -> Vec<(Which, String)> {
    let has_end = |s: &&Source| s.file.engine.ttl.is_some();
    let live = &deployed.live.resources.sources;
    let of_live = live.values().filter(has_end).map(|s| (Which::Live, s.file.name.clone()));
    let staged = deployed.staging.iter().filter(|s| s.whole().is_ok());
    let staged = staged.flat_map(|s| s.resources.sources.values()).filter(has_end);
    let own = staged.filter(|s| live.get(&s.file.name).is_none_or(|l| l.home.rows != s.home.rows));
    of_live.chain(own.map(|s| (Which::Staging, s.file.name.clone()))).collect()
}

/// Removes rows of a data source that have ended, up to a bound. Gives how many; none are left when it is 0.
///
/// # Errors
/// Those of the engine.
pub fn sweep(workspace: &Workspace, which: Which, name: &str) -> Result<u64> {
    let now_us = workspace.now_us();
    let deployed = workspace.deployed();
    let source = deployed.get(which)?.source(name)?;
    let Some(ended) = condition(source, now_us)? else { return Ok(0) };
    // Looked for beside the writers: most of the time there is nothing to do.
    let some = format!("SELECT * FROM ({}) AS e_ LIMIT 1", meeting(source, &ended)?);
    let found = collect(workspace.engine().as_ref(), &some, &Cancel::default(), 1 << 20)?;
    if found.iter().all(|batch| batch.num_rows() == 0) {
        return Ok(0);
    }
    workspace.change(|deployed, transaction| {
        let source = deployed.get(which)?.source(name)?;
        if Flow::of(deployed).may_remove(source).is_err() {
            // They end later.
            return Ok(0);
        }
        let Some(ended) = condition(source, now_us)? else { return Ok(0) };
        let rows = format!("SELECT * FROM ({}) AS e_ LIMIT {ROWS_MAX}", meeting(source, &ended)?);
        generations::remove(transaction, source, Some(&rows))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read() {
        let rule = |text: &str| Rule::parse(text).unwrap();
        let of = |end: &str, only: Option<&str>| Rule { end: end.into(), only: only.map(str::to_owned) };
        assert_eq!(rule("toDate(ts) + toIntervalDay(90)"), of("toDate(ts) + toIntervalDay(90)", None));
        assert_eq!(rule("ts + INTERVAL 1 DAY DELETE"), of("ts + INTERVAL 1 DAY", None));
        assert_eq!(
            rule("ts + INTERVAL 1 DAY delete where kind = 'a WHERE b'"),
            of("ts + INTERVAL 1 DAY", Some("kind = 'a WHERE b'"))
        );
        assert_eq!(rule("if(deleted, f(`WHERE`), set_at)"), of("if(deleted, f(`WHERE`), set_at)", None));
        for text in ["ts TO DISK 'x'", "ts GROUP BY a SET b = max(b)", "ts RECOMPRESS CODEC(ZSTD)"] {
            assert!(Rule::parse(text).is_err(), "{text}");
        }
    }
}
