//! Whole files into data sources, and rows out of them.

use super::call::{Call, param, params, required};
use super::watch::operated;
use super::{App, jobs, json, show};
use crate::ingest::{Dialect, Import, Limits, analyze_csv, analyze_ndjson, decompress};
use crate::observe::Operation;
use crate::workspace::insert::Rows;
use crate::workspace::{Which, Workspace, copy};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tile_base::{Action, Error, Kind, Result};
use tile_web::{Reply, Req, rt};

const FORM_BYTES_MAX: usize = 1 << 20;

pub async fn change(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let path = req.tail.0.clone();
    if let [name, what] = path.as_slice()
        && what == "share"
    {
        // Two workspaces are named, by a token of the user or of one of them.
        return super::shares::change(&app, &mut req, name.clone(), true).await;
    }
    let call = Call::new(&app, &req)?;
    let (name, what) = match path.as_slice() {
        [name, what] => (name.clone(), what.clone()),
        [name, what, _] if what == "scheduling" => (name.clone(), what.clone()),
        // The older way names all in parameters.
        [] => match (req.query.get("name"), req.query.get("mode")) {
            (Some(name), mode) if mode != Some("create") && !req.query.has("schema") => {
                (name.to_owned(), mode.unwrap_or("append").to_owned())
            }
            _ => return super::older::datasource::create(&app, call, &mut req).await,
        },
        [what] if what == "exchange" => return super::changes::exchange(call, &mut req).await,
        _ => return Err(Error::not_found("Not Found")),
    };
    let (name, resource) = call.datasource(&name);
    match what.as_str() {
        "alter" => super::changes::alter(&app, call, &mut req, name).await,
        "append" | "replace" => {
            call.may(Action::Append, &resource)?;
            if what == "replace" {
                call.administers()?;
            }
            call.live.source(&name)?;
            import(&app, &call, &mut req, name, what == "replace", path.is_empty()).await
        }
        "truncate" => {
            call.may(Action::Drop, &resource)?;
            let (tenant, which) = (call.tenant.clone(), call.which);
            let operation = operation(&call, "truncate", &name)?.request(&req.id);
            rt::cpu(move || {
                let work = || copy::truncate(&tenant.workspace, which, &name);
                operated(&tenant, operation, work, |done, rows| done.rows(*rows, 0))
            })
            .await?;
            let mut reply = Reply::new("", "");
            reply.status = StatusCode::RESET_CONTENT;
            Ok(reply)
        }
        "delete" => {
            call.may(Action::Drop, &resource)?;
            delete(&app, &call, &mut req, name).await
        }
        "start" | "stop" | "sample" | "scheduling" => {
            call.administers()?;
            call.live.source(&name)?;
            Err(Error::new(
                Kind::Invalid,
                format!("The data source '{name}' takes no rows from a connection"),
            ))
        }
        _ => Err(Error::not_found(format!("data sources have no `{what}`"))),
    }
}

/// What is about to be done with a data source, for the record.
fn operation(call: &Call, event: &'static str, name: &str) -> Result<Operation> {
    Ok(Operation::new(event, (&call.live.source(name)?.home.id, name)))
}

/// The formats of files, which are also the names of parts of a form that have one.
const FORMATS: &[&str] = &["csv", "ndjson", "json"];

/// How long the older way waits for its import.
const OLDER_PATIENCE: Duration = Duration::from_secs(600);

/// What is to be imported.
struct Given {
    name: String,
    format: String,
    encoding: String,
    body: Bytes,
    dialect: Dialect,
    mode: Mode,
}

enum Mode {
    Append,
    Replace,
    /// Only rows that meet it are replaced, and only such rows are taken.
    ReplaceWhere(String),
}

/// Reads a request with a file: as its body, or as a part of a form.
async fn given(app: &App, req: &mut Req, name: String, is_replacing: bool) -> Result<Given> {
    let content = req.header("content-type").to_owned();
    if req.query.get("url").is_some() {
        return Err(Error::new(Kind::Invalid, "imports from an address are not supported")
            .hint("Send the file as the body"));
    }
    let condition = req.query.get("replace_condition").filter(|c| !c.trim().is_empty()).map(str::to_owned);
    let mode = match (is_replacing, condition) {
        (false, _) => Mode::Append,
        (true, None) => Mode::Replace,
        (true, Some(condition)) => Mode::ReplaceWhere(condition),
    };
    let delimiter = req.query.get("dialect_delimiter").filter(|d| !d.is_empty());
    let delimiter = match delimiter.map(str::as_bytes) {
        None => None,
        Some([one]) => Some(*one),
        Some(_) => return Err(Error::invalid("a delimiter is one character of ASCII")),
    };
    let dialect = Dialect { delimiter, ..Dialect::default() };
    let asked = req.query.get("format").map(str::to_owned);
    let encoding = req.header("content-encoding").to_owned();
    let body = req.read_body(app.limits.body_bytes_max).await?;
    let (body, found) = if content.starts_with("multipart/form-data") {
        let (body, part) = part(body, &content).await?;
        (body, Some(part))
    } else {
        (body, content.contains("csv").then(|| "csv".to_owned()))
    };
    let format = asked.or(found).unwrap_or_else(|| "ndjson".to_owned());
    if !FORMATS.contains(&format.as_str()) {
        return Err(
            Error::invalid(format!("the format `{format}` cannot be imported")).hint("Use `csv` or `ndjson`")
        );
    }
    Ok(Given { name, format, encoding, body, dialect, mode })
}

/// The file in a form, with the format that its part is named for.
async fn part(body: Bytes, content: &str) -> Result<(Bytes, String)> {
    let broken = |e: multer::Error| Error::invalid(format!("the form cannot be read: {e}"));
    let boundary = multer::parse_boundary(content).map_err(broken)?;
    let stream = futures_util::stream::once(async move { Ok::<Bytes, Infallible>(body) });
    let mut form = multer::Multipart::new(stream, boundary);
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if FORMATS.contains(&name.as_str()) {
            return Ok((field.bytes().await.map_err(broken)?, name));
        }
    }
    Err(Error::invalid("the form has no part `csv` or `ndjson`"))
}

/// Runs an import as a job. The older way answers when it is over, with what came of it.
async fn import(
    app: &App,
    call: &Call,
    req: &mut Req,
    name: String,
    is_replacing: bool,
    is_older: bool,
) -> Result<Reply> {
    let given = given(app, req, name, is_replacing).await?;
    let home = call.live.source(&given.name)?.home.id.clone();
    let mode = if is_replacing { "replace" } else { "append" };
    let more = json!({"datasource": {"id": home, "name": given.name}, "mode": mode});
    let (tenant, which, bytes_max) = (call.tenant.clone(), call.which, app.limits.rows_bytes_max);
    let mut operation = operation(call, mode, &given.name)?.request(&req.id);
    operation.written_bytes = given.body.len() as u64;
    let work = move |id: &str| {
        operation.import_id = Some(id.to_owned());
        let work = || take(&tenant.workspace, which, &given, id, bytes_max);
        let count = |done: &Value, of: &str| done.get(of).and_then(Value::as_u64).unwrap_or(0);
        operated(&tenant, operation.job(id), work, |noted, done| {
            noted.rows(count(done, "successful_rows"), count(done, "quarantined_rows"))
        })
    };
    let patience = if is_older { OLDER_PATIENCE } else { jobs::PATIENCE };
    let id = jobs::run(app, &call.tenant, "import", more, patience, work).await?;
    let job = call.tenant.jobs.get(&id).ok_or_else(|| Error::internal("a job that is gone"))?;
    if let (true, Some(error)) = (is_older, &job.error) {
        return Err(Error::invalid(error.clone()));
    }
    let shown = job.to_json(&req.origin, show::time);
    if is_older {
        let mut out = job.more.clone();
        if let Some(out) = out.as_object_mut() {
            out.insert("error".into(), json!(false));
            out.insert("job".into(), shown);
        }
        return Ok(json(&out));
    }
    let mut reply = json(&json!({
        "id": id, "import_id": id, "job_id": id, "status": job.status.name(),
        "job_url": format!("{}/v0/jobs/{id}", req.origin), "job": shown,
    }));
    reply.status = StatusCode::ACCEPTED;
    Ok(reply)
}

/// Decodes and stores rows; says how many.
fn take(workspace: &Workspace, which: Which, given: &Given, id: &str, bytes_max: usize) -> Result<Value> {
    let deployed = workspace.deployed();
    let source = deployed.get(which)?.source(&given.name)?;
    let text = decompress(&given.encoding, &given.body, bytes_max)?;
    let limits = Limits { bytes_max, ..Limits::default() };
    let import = Import { id: Some(id), at_micros: workspace.now_us(), limits };
    let decoder = source.decoder()?;
    let block = match given.format.as_str() {
        "csv" => decoder.csv(&text, &given.dialect, &import)?,
        "json" => decoder.json(&text, &import)?,
        _ => decoder.ndjson(&text, &import)?,
    };
    let (rows, quarantined, bytes) = (block.rows, block.quarantined, text.len());
    let rows_of = Rows { source: given.name.clone(), home: source.home.rows.clone(), block };
    match &given.mode {
        Mode::Append => workspace.insert(&[rows_of])?,
        Mode::Replace => workspace.replace(&rows_of)?,
        Mode::ReplaceWhere(condition) => copy::replace_where(workspace, &rows_of, condition)?,
    }
    let lines = json!({
        "lines": rows, "quarantine": quarantined, "bytes": bytes, "invalid_lines": 0, "empty_lines": 0,
    });
    Ok(json!({
        "import_id": id,
        "blocks": [{"block_id": id, "process_return": [lines], "rows": rows}],
        "statistics": {"row_count": rows, "bytes": bytes},
        "successful_rows": rows, "quarantined_rows": quarantined,
        "quarantine_rows": quarantined,
        "invalid_lines": 0,
    }))
}

async fn delete(app: &App, call: &Call, req: &mut Req, name: String) -> Result<Reply> {
    let params = params(req, FORM_BYTES_MAX).await?;
    let condition = required(&params, "delete_condition")?.to_owned();
    let is_trial = param(&params, "dry_run") == Some("true");
    let (tenant, which) = (call.tenant.clone(), call.which);
    let operation = operation(call, "delete", &name)?.request(&req.id).option("delete_condition", &condition);
    let rows = rt::cpu(move || {
        let work = || copy::delete(&tenant.workspace, which, &name, &condition, is_trial);
        if is_trial {
            return work();
        }
        operated(&tenant, operation, work, |done, rows| done.rows(*rows, 0))
    })
    .await?;
    if is_trial {
        return Ok(json(&json!({"rows_to_be_deleted": rows})));
    }
    let done = json!({"rows_affected": rows});
    let id =
        jobs::run(app, &call.tenant, "delete_data", json!({}), jobs::PATIENCE, move |_| Ok(done)).await?;
    let shown = call.tenant.jobs.get(&id).map(|j| j.to_json(&req.origin, show::time));
    Ok(json(&json!({
        "id": id, "job_id": id, "delete_id": id, "status": "done", "rows_affected": rows, "job": shown,
        "job_url": format!("{}/v0/jobs/{id}", req.origin),
        "mutation": {"partitions_scanned": [], "partitions_done": [], "partitions_in_progress": []},
    })))
}

pub async fn analyze(app: Arc<App>, mut req: Req) -> Result<Reply> {
    Call::new(&app, &req)?;
    let encoding = req.header("content-encoding").to_owned();
    let is_said = req.header("content-type").contains("csv") || req.query.get("format") == Some("csv");
    let body = req.read_body(app.limits.body_bytes_max).await?;
    let bytes_max = app.limits.rows_bytes_max;
    rt::cpu(move || {
        let text = decompress(&encoding, &body, bytes_max)?;
        // Who sends a file without a type has CSV, unless it begins as JSON does.
        let first = text.iter().find(|b| !b.is_ascii_whitespace());
        let is_csv = is_said || !matches!(first, Some(b'{' | b'[') | None);
        let analysis = if is_csv { analyze_csv(&text, &Dialect::default())? } else { analyze_ndjson(&text)? };
        Ok(json(&analysis.to_json()))
    })
    .await
}
