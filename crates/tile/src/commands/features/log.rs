//! `tile features check`, `drift` and `rebuild`: what a server tells of the log of served values, and what it is to make anew.

use crate::cli::Remote;
use crate::commands::project::{ask, client};
use anyhow::Result;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::fmt::Write as _;
use tile_base::{Error, Kind};

/// The span of time that is looked at.
#[derive(clap::Args, Debug)]
pub struct Span {
    /// The beginning: a day, a time of UTC, or milliseconds since 1970. Without it, a day before the end.
    #[arg(long, allow_hyphen_values = true)]
    from: Option<String>,
    /// The end, which is not within. Without it, the present.
    #[arg(long, allow_hyphen_values = true)]
    to: Option<String>,
    /// How many answers are looked at.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    limit: u64,
}

#[derive(clap::Args, Debug)]
pub struct Check {
    /// The Join or GroupBy, by its name.
    name: String,
    #[command(flatten)]
    span: Span,
    /// The share by which numbers may differ and count as equal.
    #[arg(long, default_value_t = 1e-9)]
    tolerance: f64,
    /// Of a hundred values that were compared, how many may be unequal; with more the command fails.
    #[arg(long, default_value_t = 0.0, value_name = "PERCENT")]
    max_percent: f64,
    #[command(flatten)]
    server: Remote,
}

#[derive(clap::Args, Debug)]
pub struct Drift {
    /// The Join or GroupBy, by its name.
    name: String,
    #[command(flatten)]
    span: Span,
    /// The span to compare with: `FROM..TO`, or its beginning, and it is as long as the other. Without it, the one before.
    #[arg(long, allow_hyphen_values = true)]
    against: Option<String>,
    /// The index from which on the command fails: less than 0.1 is no change, 0.25 a large one.
    #[arg(long, default_value_t = 0.25, value_name = "INDEX")]
    max_psi: f64,
    #[command(flatten)]
    server: Remote,
}

pub fn check(args: &Check, is_json: bool) -> Result<()> {
    let mut asked = args.span.asked();
    asked.push(("tolerance", args.tolerance.to_string()));
    let report = report(&args.server, "check", &args.name, &asked)?;
    super::super::print(&if is_json { format!("{report}\n") } else { compared(&report)? })?;
    let (all, unequal) = (count(&report, "values"), count(&report, "values_unequal"));
    if all == 0 {
        let hint = "Only what has `sample_percent` is logged; say another span with --from";
        return Err(Error::not_found("nothing was compared: no answer was logged").hint(hint).into());
    }
    #[expect(clippy::cast_precision_loss, reason = "a share of fewer values than 2^53")]
    let percent = unequal as f64 * 100.0 / all as f64;
    if percent > args.max_percent {
        let what = format!("{unequal} of {all} values are not what the rows give ({percent:.3} per cent)");
        return Err(Error::new(Kind::Conflict, what).into());
    }
    Ok(())
}

pub fn drift(args: &Drift, is_json: bool) -> Result<()> {
    let mut asked = args.span.asked();
    asked.extend(args.against.clone().map(|against| ("against", against)));
    let report = report(&args.server, "drift", &args.name, &asked)?;
    super::super::print(&if is_json { format!("{report}\n") } else { moved(&report)? })?;
    for span in ["span", "against"] {
        if count(report.get(span).unwrap_or(&Value::Null), "rows") == 0 {
            let what = format!("nothing was compared: no answer of the {} was logged", named(span));
            return Err(Error::not_found(what).into());
        }
    }
    let worst = |column: &&Value| number(column, "psi").max(number(column, "null_psi")) > args.max_psi;
    let names: Vec<&str> = columns(&report).iter().filter(worst).map(|column| text(column, "name")).collect();
    if names.is_empty() {
        return Ok(());
    }
    let what = format!("above an index of {}: {}", args.max_psi, names.join(", "));
    Err(Error::new(Kind::Conflict, what).into())
}

#[derive(clap::Args, Debug)]
pub struct Rebuild {
    /// The GroupBy, by its name.
    name: String,
    #[command(flatten)]
    server: Remote,
}

pub fn rebuild(args: &Rebuild) -> Result<()> {
    answer(&args.server, http::Method::POST, &format!("rebuild/{}", escaped(&args.name)))?;
    super::super::print(&format!("All rows of {} are read anew\n", args.name))
}

/// What the spans are called.
fn named(span: &str) -> &str {
    if span == "span" { "span" } else { "span before" }
}

impl Span {
    fn asked(&self) -> Vec<(&'static str, String)> {
        let mut out = vec![("limit", self.limit.to_string())];
        out.extend(self.from.clone().map(|from| ("from", from)));
        out.extend(self.to.clone().map(|to| ("to", to)));
        out
    }
}

fn report(server: &Remote, what: &str, name: &str, asked: &[(&str, String)]) -> Result<Value> {
    let query: Vec<String> = asked.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    answer(server, http::Method::GET, &format!("{what}/{}?{}", escaped(name), query.join("&")))
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// The server's answer to what is asked of features.
fn answer(server: &Remote, method: http::Method, target: &str) -> Result<Value> {
    let (client, target) = (client(server)?, format!("/v1/features/{target}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(ask(&client, method, &target, "application/json", ""))?)
}

fn count(of: &Value, name: &str) -> u64 {
    of.get(name).and_then(Value::as_u64).unwrap_or(0)
}

fn number(of: &Value, name: &str) -> f64 {
    of.get(name).and_then(Value::as_f64).unwrap_or(0.0)
}

fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn columns(report: &Value) -> &[Value] {
    report.get("columns").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Rows of texts below each other, numbers at the right.
fn table(rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = (0..rows.first().map_or(0, Vec::len))
        .map(|at| {
            rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut out = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(at, (cell, width))| match at {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        out += &format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    out
}

fn heads(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A comparison for people.
fn compared(report: &Value) -> Result<String> {
    let mut out = format!("{} answers of {}", count(report, "rows"), text(report, "name"));
    rest(&mut out, report)?;
    let mut rows = vec![heads(&["column", "equal", "different", "only served", "only computed", "smape"])];
    for column in columns(report) {
        rows.push(vec![
            text(column, "name").to_owned(),
            count(column, "equal").to_string(),
            count(column, "different").to_string(),
            count(column, "computed_null").to_string(),
            count(column, "logged_null").to_string(),
            column.get("smape").and_then(Value::as_f64).map_or_else(String::new, |x| format!("{x:.6}")),
        ]);
    }
    out += &table(&rows);
    for example in report.get("examples").and_then(Value::as_array).into_iter().flatten() {
        let member = |name: &str| example.get(name).unwrap_or(&Value::Null).to_string();
        writeln!(
            out,
            "{} at {}: {} was served as {}, computed {}",
            member("keys"),
            member("ts"),
            text(example, "column"),
            member("logged"),
            member("computed")
        )?;
    }
    Ok(out)
}

/// What else was read, in the line that is begun.
fn rest(out: &mut String, counts: &Value) -> Result<()> {
    let (others, more) = (count(counts, "rows_of_other_definitions"), count(counts, "rows_left_out"));
    if others > 0 {
        write!(out, "; {others} of other definitions")?;
    }
    if more > 0 {
        write!(out, "; {more} beyond the limit")?;
    }
    out.push('\n');
    Ok(())
}

/// A drift for people.
fn moved(report: &Value) -> Result<String> {
    let mut out = String::new();
    for span in ["span", "against"] {
        let of = report.get(span).unwrap_or(&Value::Null);
        write!(out, "{} answers of the {}", count(of, "rows"), named(span))?;
        rest(&mut out, of)?;
    }
    let mut rows = vec![heads(&["column", "psi", "gap", "nulls before", "nulls", "change"])];
    for column in columns(report) {
        let shown = |name: &str| {
            column.get(name).and_then(Value::as_f64).map_or_else(|| "-".to_owned(), |x| format!("{x:.3}"))
        };
        rows.push(vec![
            text(column, "name").to_owned(),
            shown("psi"),
            shown("gap"),
            shown("null_rate_against"),
            shown("null_rate"),
            text(column, "change").to_owned(),
        ]);
    }
    Ok(out + &table(&rows))
}
