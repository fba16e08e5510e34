//! Questions and their answers: endpoints, and SQL over them.

use super::call::{Call, Seen};
use super::watch::{Told, settle};
use super::{App, cached, exception, explain};
use crate::template::Dialect;
use crate::workspace::Live;
use crate::workspace::query::{Answer, Manner, Question, prepare, run};
use crate::workspace::rendering::Asked;
use bytes::Bytes;
use http::{HeaderName, StatusCode};
use std::sync::Arc;
use std::time::Duration;
use tile_base::{Action, Cancel, Error, Kind, Result};
use tile_clicksql::format::Settings;
use tile_web::{Reply, Req, rt};

/// What a request asks.
pub struct Asking {
    /// As they came; the first of a name counts.
    pub params: Vec<(String, String)>,
    /// ClickHouse's name.
    pub format: String,
    pub pipe: Option<String>,
    /// SQL over it; without, its result.
    pub text: Option<String>,
    /// Of that SQL.
    pub dialect: Dialect,
    /// Parameters that the token fixes.
    pub fixed: Vec<(String, serde_json::Value)>,
}

/// What only some ways of asking give.
#[derive(Default)]
pub struct Extra {
    /// Values for `{name:Type}`, as ClickHouse's HTTP interface has them.
    pub bound: std::collections::HashMap<String, String>,
    pub session: tile_clicksql::Session,
    /// Of output formats, by name.
    pub settings: Vec<(String, String)>,
    /// A shorter time than the server gives.
    pub time_max: Option<Duration>,
}

/// The formats of endpoints, by the ending of their addresses.
pub const FORMATS: &[(&str, &str)] = &[
    ("json", "JSON"),
    ("csv", "CSVWithNames"),
    ("ndjson", "JSONEachRow"),
    ("parquet", "Parquet"),
    ("prometheus", "Prometheus"),
    ("arrow", "Arrow"),
];

/// ClickHouse's name of an ending.
pub fn format_of(ending: &str) -> Option<&'static str> {
    FORMATS.iter().find(|(e, _)| *e == ending).map(|(_, name)| *name)
}

/// Runs what is asked, within its time, and no longer than someone waits for it; says also what was read for it.
///
/// # Errors
/// `Timeout`; those of the query.
pub async fn answer(app: &App, call: &Call, asking: Asking) -> Result<(Reply, Told)> {
    let is_explained = explain::is_asked(&asking.params);
    if is_explained {
        call.administers()?;
    }
    settle(call, asking.pipe.as_deref(), asking.text.as_deref()).await;
    let sight = call.sight();
    let name = cached::name(call, &asking, &sight).filter(|_| !is_explained);
    if let Some(found) = name.as_ref().and_then(|name| cached::find(app, call, name)) {
        return Ok(found);
    }
    let mut answer = match asked(app, call, asking, Extra::default(), sight, is_explained).await? {
        Ok(answer) => answer,
        Err(plan) => return Ok((plan, Told::default())),
    };
    let told = Told { rows_read: answer.read.rows, bytes_read: answer.read.bytes, rows: answer.rows };
    let statistics = serde_json::json!({
        "elapsed": answer.elapsed_seconds, "rows_read": told.rows_read, "bytes_read": told.bytes_read,
    });
    let body = Bytes::from(std::mem::take(&mut answer.bytes));
    let reply = Reply::new(answer.content_type, body.clone());
    let reply = reply.with(HeaderName::from_static("x-tb-statistics"), statistics.to_string());
    Ok((cached::keep(app, name, &answer, &body, reply), told))
}

/// The same, before it becomes a reply, and never from what was kept.
///
/// # Errors
/// As [`answer`]; `Invalid` for a setting's value.
pub async fn ask(app: &App, call: &Call, asking: Asking, extra: Extra) -> Result<Answer> {
    settle(call, asking.pipe.as_deref(), asking.text.as_deref()).await;
    let answer = asked(app, call, asking, extra, call.sight(), false).await?;
    answer.map_err(|_| Error::internal("a plan that nobody asked for"))
}

/// Runs what is asked, or gives the reply that explains it.
async fn asked(
    app: &App,
    call: &Call,
    asking: Asking,
    extra: Extra,
    sight: Seen,
    is_explained: bool,
) -> Result<Result<Answer, Reply>> {
    let (tenant, limits, sees_secrets) = (call.tenant.clone(), app.limits, call.administers().is_ok());
    let (live, which, token) = (call.live.clone(), call.which, call.token.clone());
    let time_max = extra.time_max.map_or(limits.query_time_max, |t| t.min(limits.query_time_max));
    let answer = within(time_max, move |cancel| {
        let workspace = &tenant.workspace;
        let mut settings = settings(&asking.params);
        for (name, value) in &extra.settings {
            settings.set(name, value).map_err(Error::invalid)?;
        }
        let mut asked = Asked::of(&asking.params, &asking.fixed);
        asked.secrets = workspace.secrets().into_iter().collect();
        (asked.bound, asked.session) = (extra.bound, extra.session);
        asked.sees_secrets = sees_secrets;
        if is_explained {
            asked.secrets.values_mut().for_each(|value| "***".clone_into(value));
        }
        let text = asking.text.as_deref().map(|t| template(t, asking.dialect, &mut asked)).transpose()?;
        let question = match (&text, &asking.pipe) {
            (Some(text), pipe) if asking.dialect == Dialect::DuckDb => {
                Question::Native { text, pipe: pipe.as_deref() }
            }
            (Some(text), pipe) => Question::Sql { text, pipe: pipe.as_deref() },
            (None, Some(pipe)) => Question::Endpoint { pipe },
            (None, None) => return Err(Error::invalid("nothing is asked")),
        };
        let manner =
            Manner { format: &asking.format, settings: &settings, bytes_max: limits.result_bytes_max };
        let tried = |live: &Live, sight: &Seen| {
            let prepared = prepare(workspace, live, &question, &asked, sight)?;
            if is_explained {
                return explain::explained(workspace, &prepared, cancel, limits.result_bytes_max).map(Err);
            }
            run(workspace, prepared, &manner, cancel).map(Ok)
        };
        let done = tried(&live, &sight);
        // Tables go when another deployment becomes the live one: then the question is asked of that.
        let deployed = workspace.deployed();
        let now = deployed.get(which).unwrap_or(&deployed.live);
        if done.is_ok() || Arc::ptr_eq(now, &live) {
            return done;
        }
        tried(now, &Seen::of(token, now))
    });
    answer.await.map_err(exception::numbered)
}

/// Runs blocking work that can be ended, no longer than this and than someone waits for it.
async fn within<T: Send + 'static>(
    time_max: Duration,
    work: impl FnOnce(&Cancel) -> Result<T> + Send + 'static,
) -> Result<T> {
    let cancel = Cancel::default();
    let _left = Left(cancel.clone());
    let inner = cancel.clone();
    rt::insisting(rt::cpu(move || work(&inner)), &cancel, time_max, "The query").await
}

/// Ends the query when nobody waits any more.
struct Left(Cancel);

impl Drop for Left {
    fn drop(&mut self) {
        self.0.cancel(Kind::Timeout, "the caller has left");
    }
}

/// SQL that begins with `%` is rendered.
fn template(text: &str, dialect: Dialect, asked: &mut Asked) -> Result<String> {
    match text.trim_start().strip_prefix('%') {
        Some(template) => crate::workspace::rendering::Text::parse(template, dialect)?.render(asked),
        None => Ok(text.to_owned()),
    }
}

/// How numbers are written, as the request wants it.
fn settings(params: &[(String, String)]) -> Settings {
    let is_set = |name: &str| params.iter().any(|(n, v)| n == name && matches!(v.as_str(), "1" | "true"));
    let mut out = Settings::default();
    out.json.quote_64bit_integers = is_set("output_format_json_quote_64bit_integers");
    out.json.quote_denormals = is_set("output_format_json_quote_denormals");
    out
}

/// `GET /examples/query.http`: the address of an endpoint.
pub async fn example(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    let name = req.query.get("pipe").ok_or_else(|| Error::invalid("The parameter 'pipe' is missing"))?;
    let (name, resource) = call.pipe(name);
    call.may(Action::Read, &resource)?;
    let pipe = call.live.pipe(&name)?;
    let format = req.query.get("format").filter(|f| format_of(f).is_some()).unwrap_or("json");
    let mut address = format!("{}/v0/pipes/{name}.{format}", req.origin);
    let mut mark = '?';
    for param in pipe.nodes.iter().flat_map(crate::workspace::resources::Node::params) {
        let (Some(name), Some(default)) = (param.get("name").and_then(|n| n.as_str()), param.get("default"))
        else {
            continue;
        };
        if default.is_null() {
            continue;
        }
        let value = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
        let encoded = percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC);
        address.push_str(&format!("{mark}{name}={encoded}"));
        mark = '&';
    }
    if let Some(token) = req.query.get("token") {
        address.push_str(&format!("{mark}token={token}"));
    }
    let mut reply = Reply::new("text/plain; charset=utf-8", address);
    reply.status = StatusCode::OK;
    Ok(reply)
}
