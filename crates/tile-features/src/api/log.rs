//! Whether what was served still holds, and how it moved.

use super::call::Call;
use super::{App, json};
use crate::expression::time_of;
use crate::hub::Target;
use crate::log::TABLE;
use crate::log::compare::{self, Asked};
use crate::training::desk::Desk;
use crate::window::DAY_MS;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use tile_base::engine::Cancel;
use tile_base::{Error, Result};
use tile_web::{Reply, Req};

/// Answers that are compared, when nothing is said and at most.
const ROWS: u64 = 100_000;
const ROWS_MAX: u64 = 1_000_000;
/// How long a comparison may take.
const TIME_MAX: Duration = Duration::from_secs(300);
/// How far numbers may be apart and count as equal, when nothing is said: what sums of another order differ by.
const TOLERANCE: f64 = 1e-9;

/// The Join or GroupBy that the path names, for a caller who may read it and the log.
fn target(app: &App, req: &Req) -> Result<Target> {
    let call = Call::known(app, req)?;
    let defined = app.hub.defined();
    let name = req.tail.0.join("/");
    call.reads(&name)?;
    call.reads_rows(TABLE)?;
    Target::find(&defined, &name).ok_or_else(|| defined.unserved(None, &name, &|name| call.may_read(name)))
}

/// A time of a parameter: milliseconds since 1970, or a day or a time of UTC.
fn time(name: &str, text: &str) -> Result<i64> {
    text.parse().ok().or_else(|| time_of(text)).ok_or_else(|| {
        Error::malformed(format!("`{name}` is `{text}`, not a time"))
            .hint("Write 2026-01-31, 2026-01-31T12:00:00, or milliseconds since 1970")
    })
}

/// The span that is asked for: the last day when nothing is said.
fn span(app: &App, req: &Req) -> Result<Range<i64>> {
    let of = |name| req.query.get(name).map(|text| time(name, text)).transpose();
    // What was answered in this millisecond is in it.
    let to = of("to")?.unwrap_or_else(|| app.hub.now_ms().saturating_add(2));
    let from = of("from")?.unwrap_or(to.saturating_sub(DAY_MS));
    ordered("from", from..to)
}

fn ordered(what: &str, span: Range<i64>) -> Result<Range<i64>> {
    if span.is_empty() {
        return Err(Error::malformed(format!("the span of `{what}` ends before it begins")));
    }
    Ok(span)
}

/// The span to compare with: `FROM..TO`, or its beginning where it is as long as the other one. Without it, the one before.
fn against(req: &Req, span: &Range<i64>) -> Result<Range<i64>> {
    let length = span.end.saturating_sub(span.start);
    let Some(text) = req.query.get("against") else {
        return Ok(span.start.saturating_sub(length)..span.start);
    };
    match text.split_once("..") {
        Some((from, to)) => ordered("against", time("against", from)?..time("against", to)?),
        None => time("against", text).map(|from| from..from.saturating_add(length)),
    }
}

fn rows_max(req: &Req) -> Result<u64> {
    Ok(req.query.number("limit", 1, ROWS_MAX)?.unwrap_or(ROWS))
}

fn tolerance(req: &Req) -> Result<f64> {
    let Some(text) = req.query.get("tolerance") else { return Ok(TOLERANCE) };
    let found = text.parse().ok().filter(|x: &f64| (0.0..=1.0).contains(x));
    found.ok_or_else(|| {
        Error::malformed(format!("`tolerance` is `{text}`, not a share from 0 to 1")).hint("Write 0.001")
    })
}

pub async fn check(app: Arc<App>, req: Req) -> Result<Reply> {
    let target = target(&app, &req)?;
    let (span, rows_max, tolerance) = (span(&app, &req)?, rows_max(&req)?, tolerance(&req)?);
    let cancel = Cancel::default();
    let (of, ending) = (app.clone(), cancel.clone());
    let work = move || {
        let desk = Desk::new(of.runs.workshop(), ending, false)?;
        let asked = Asked { feeds: of.hub.feeds(), target: &target, span, rows_max };
        compare::check(&asked, &desk, tolerance)
    };
    let found = app.runs.bounded(&cancel, TIME_MAX, "the comparison", work).await?;
    Ok(json(&found))
}

pub async fn drift(app: Arc<App>, req: Req) -> Result<Reply> {
    let target = target(&app, &req)?;
    let (span, rows_max) = (span(&app, &req)?, rows_max(&req)?);
    let against = against(&req, &span)?;
    let cancel = Cancel::default();
    let (of, ending) = (app.clone(), cancel.clone());
    let work = move || {
        let asked = Asked { feeds: of.hub.feeds(), target: &target, span, rows_max };
        compare::drift(&asked, against, &ending)
    };
    let found = app.runs.bounded(&cancel, TIME_MAX, "the comparison", work).await?;
    Ok(json(&found))
}
