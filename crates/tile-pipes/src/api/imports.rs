//! Whole files into data sources, and rows out of them.

use super::call::{Call, param, params, required};
use super::watch::operated;
use super::{App, jobs, json, show};
use crate::ingest::{Dialect, analyze_csv, analyze_ndjson, decompress};
use crate::jobs::{Job, Watch};
use crate::observe::Operation;
use crate::transfer::import::{Mode, Target};
use crate::transfer::kind::{Format, of_name};
use crate::transfer::remote::{self, Incoming};
use crate::transfer::{self, bucket};
use crate::workspace::{Which, Workspace, copy};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tile_base::objects::{Access, Objects, Opened};
use tile_base::{Action, Error, Result};
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
        "sample" | "scheduling" => {
            call.administers()?;
            bucket::settings(call.live.source(&name)?)?;
            match path.get(2).map(String::as_str) {
                None if what == "sample" => sample(&app, &call, &mut req, name).await,
                Some("runs") => run(&app, &call, &req.origin, name, None).await,
                _ => Err(Error::not_found("Not Found")),
            }
        }
        "start" | "stop" => {
            call.administers()?;
            call.live.source(&name)?;
            Err(Error::invalid(format!("The data source '{name}' takes no rows from Kafka")))
        }
        _ => Err(Error::not_found(format!("data sources have no `{what}`"))),
    }
}

/// Looks for new files of a bucket, as a job.
async fn run(app: &App, call: &Call, origin: &str, name: String, files_max: Option<usize>) -> Result<Reply> {
    let begun = transfer::start::files(app, &call.tenant, name, files_max).await?;
    let job = begun.soon(&call.tenant, jobs::PATIENCE).await?;
    Ok(json(&told(&job, origin)))
}

/// A job that was asked for, as the answer to it.
fn told(job: &Job, origin: &str) -> Value {
    json!({
        "id": job.id, "job_id": job.id, "status": job.status.name(),
        "job_url": format!("{origin}/v0/jobs/{}", job.id), "job": job.to_json(origin, show::time),
    })
}

/// Files of a sample.
const SAMPLE_MAX: u64 = 10;

async fn sample(app: &App, call: &Call, req: &mut Req, name: String) -> Result<Reply> {
    let body = req.read_body(FORM_BYTES_MAX).await?;
    let given: Value = if body.is_empty() {
        json!({})
    } else {
        serde_json::from_slice(&body).map_err(|e| Error::invalid(format!("the body is no JSON: {e}")))?
    };
    let files =
        given.get("max_files").map_or(Some(1), Value::as_u64).filter(|n| (1..=SAMPLE_MAX).contains(n));
    let files = files.and_then(|n| usize::try_from(n).ok());
    let files =
        files.ok_or_else(|| Error::invalid(format!("max_files is a number from 1 to {SAMPLE_MAX}")))?;
    run(app, call, &req.origin, name, Some(files)).await
}

/// `PUT`: the state of a schedule, or another name or description.
pub async fn put(app: Arc<App>, req: Req) -> Result<Reply> {
    match req.tail.0.as_slice() {
        [_, what, _] if what == "scheduling" => state(app, req).await,
        _ => super::changes::update(app, req).await,
    }
}

/// `GET` and `PUT` of `scheduling/state`.
pub async fn state(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    call.administers()?;
    let path = req.tail.0.clone();
    let [name, "scheduling", "state"] = path.iter().map(String::as_str).collect::<Vec<_>>()[..] else {
        return Err(Error::not_found("Not Found"));
    };
    let (name, _) = call.datasource(name);
    let tenant = call.tenant.clone();
    let id = {
        let source = call.live.source(&name)?;
        bucket::settings(source)?;
        source.home.id.clone()
    };
    let wanted = match req.method.as_str() {
        "PUT" => {
            let body = req.read_body(FORM_BYTES_MAX).await?;
            let given: Value = serde_json::from_slice(&body).unwrap_or_default();
            let state = serde_json::from_value(given.get("state").cloned().unwrap_or_default());
            Some(state.map_err(|_| {
                Error::invalid("the body does not say the state")
                    .hint("Send {\"state\": \"paused\"} or {\"state\": \"running\"}")
            })?)
        }
        _ => None,
    };
    rt::cpu(move || {
        if let Some(wanted) = wanted {
            bucket::set_state(&tenant.workspace, &id, wanted)?;
        }
        Ok(json(&json!({"state": bucket::state(&tenant.workspace, &id)?.name()})))
    })
    .await
}

/// What is about to be done with a data source, for the record.
fn operation(call: &Call, event: &'static str, name: &str) -> Result<Operation> {
    Ok(Operation::new(event, (&call.live.source(name)?.home.id, name)))
}

/// How long the older way waits for its import.
const OLDER_PATIENCE: Duration = Duration::from_secs(600);

/// What is to be imported.
struct Given {
    name: String,
    /// As it was said, or as a part of a form is named.
    format: Option<Format>,
    dialect: Dialect,
    mode: Mode,
    from: From,
}

enum From {
    Body { bytes: Bytes, encoding: String, content: String },
    Url(String),
}

/// Reads a request with a file, as its body or as a part of a form, or with the address of one.
async fn given(app: &App, req: &mut Req, name: String, is_replacing: bool) -> Result<Given> {
    let content = req.header("content-type").to_owned();
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
    let said = req.query.get("format").filter(|f| !f.is_empty()).map(Format::named).transpose()?;
    let (url, encoding) =
        (req.query.get("url").map(str::to_owned), req.header("content-encoding").to_owned());
    let body = req.read_body(app.limits.body_bytes_max).await?;
    let url = url.or_else(|| form_url(&content, &body));
    if let Some(url) = url.filter(|url| !url.is_empty()) {
        // Clients say a format that they have guessed from the address; JSON is for them what has one object in each line.
        let format = match (said, of_name(&url).0) {
            (_, Some(named)) => Some(named),
            (said, None) => said,
        };
        return Ok(Given { name, format, dialect, mode, from: From::Url(url) });
    }
    let (bytes, found) = if content.starts_with("multipart/form-data") {
        let (bytes, format) = part(body, &content).await?;
        (bytes, Some(format))
    } else {
        (body, None)
    };
    Ok(Given { name, format: said.or(found), dialect, mode, from: From::Body { bytes, encoding, content } })
}

/// The parameter `url` of a form.
fn form_url(content: &str, body: &[u8]) -> Option<String> {
    let is_form = content.starts_with("application/x-www-form-urlencoded");
    let text = std::str::from_utf8(body).ok().filter(|_| is_form)?;
    tile_web::Query::parse(text).get("url").map(str::to_owned)
}

/// The names of parts of a form that have a file.
const FORMATS: &[Format] = &[Format::Csv, Format::Ndjson, Format::Json, Format::Parquet];

/// The file in a form, with the format that its part is named for.
async fn part(body: Bytes, content: &str) -> Result<(Bytes, Format)> {
    let broken = |e: multer::Error| Error::invalid(format!("the form cannot be read: {e}"));
    let boundary = multer::parse_boundary(content).map_err(broken)?;
    let stream = futures_util::stream::once(async move { Ok::<Bytes, Infallible>(body) });
    let mut form = multer::Multipart::new(stream, boundary);
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let named = FORMATS.iter().find(|f| field.name() == Some(f.name())).copied();
        if let Some(format) = named {
            return Ok((field.bytes().await.map_err(broken)?, format));
        }
    }
    Err(Error::invalid("the form has no part `csv`, `ndjson` or `parquet`"))
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
    let (tenant, which, objects) = (call.tenant.clone(), call.which, app.objects.clone());
    let limits =
        transfer::Limits { json_bytes_max: app.limits.rows_bytes_max, ..transfer::Limits::default() };
    let mut operation = operation(call, mode, &given.name)?.request(&req.id);
    if let From::Body { bytes, .. } = &given.from {
        operation.written_bytes = bytes.len() as u64;
    }
    let is_body = matches!(given.from, From::Body { .. });
    let limits = if is_body {
        // What has arrived waits for nobody.
        let rows_bytes_max = u64::try_from(app.limits.rows_bytes_max).unwrap_or(u64::MAX);
        transfer::Limits { file_bytes_max: rows_bytes_max, ..limits }
    } else {
        limits
    };
    let work = move |id: &str, watch: &Watch| {
        operation.import_id = Some(id.to_owned());
        let work = || take(&tenant.workspace, which, objects.as_ref(), &given, id, limits, watch);
        let count = |done: &Value, of: &str| done.get(of).and_then(Value::as_u64).unwrap_or(0);
        operated(&tenant, operation.job(id), work, |noted, done| {
            noted.rows(count(done, "successful_rows"), count(done, "quarantined_rows"))
        })
    };
    let patience = if is_older { OLDER_PATIENCE } else { jobs::PATIENCE };
    let begun = if is_body {
        jobs::begin(app, &call.tenant, "import", more, move |id| work(id, &Watch::default())).await?
    } else {
        jobs::begin_watched(app, &call.tenant, "import", more, work).await?
    };
    let job = begun.soon(&call.tenant, patience).await?;
    if let (true, Some(error)) = (is_older, &job.error) {
        return Err(Error::invalid(error.clone()));
    }
    if is_older {
        let mut out = job.more.clone();
        if let Some(out) = out.as_object_mut() {
            out.insert("error".into(), json!(false));
            out.insert("job".into(), job.to_json(&req.origin, show::time));
        }
        return Ok(json(&out));
    }
    let mut out = told(&job, &req.origin);
    out["import_id"] = json!(job.id);
    let mut reply = json(&out);
    reply.status = StatusCode::ACCEPTED;
    Ok(reply)
}

/// Reads and stores rows; says how many.
fn take(
    workspace: &Workspace,
    which: Which,
    objects: &dyn Objects,
    given: &Given,
    id: &str,
    limits: transfer::Limits,
    watch: &Watch,
) -> Result<Value> {
    let deployed = workspace.deployed();
    let source = deployed.get(which)?.source(&given.name)?;
    source.decoder()?;
    let (url, opened) = match &given.from {
        From::Url(url) => (url.as_str(), objects.get(url, &Access::Anyone)?),
        From::Body { bytes, encoding, content } => {
            let opened = Opened {
                reader: Box::new(std::io::Cursor::new(bytes.clone())),
                bytes: u64::try_from(bytes.len()).ok(),
                content_type: Some(content.to_ascii_lowercase()),
                content_encoding: Some(encoding.trim().to_ascii_lowercase()),
            };
            ("", opened)
        }
    };
    // A body that says nothing of itself is what most send.
    let by_type = transfer::kind::of_file(url, given.format, opened.content_type.as_deref(), None).ok();
    let is_body = matches!(given.from, From::Body { .. });
    let format = given.format.or(by_type.map(|(format, _)| format)).or(is_body.then_some(Format::Ndjson));
    let target = Target { workspace, source: &given.name, home: &source.home.rows, mode: &given.mode, id };
    let incoming = Incoming { url, opened, format, dialect: &given.dialect, limits };
    let counts = remote::import(target, incoming, objects, watch, &|_, _| Ok(()))?;
    Ok(counts.to_json(id))
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
    let begun = jobs::begin(app, &call.tenant, "delete_data", json!({}), move |_| Ok(done)).await?;
    let job = begun.soon(&call.tenant, jobs::PATIENCE).await?;
    let mut out = told(&job, &req.origin);
    out["delete_id"] = json!(job.id);
    // The rows are gone already: only the job can be behind.
    out["status"] = json!("done");
    out["rows_affected"] = json!(rows);
    out["mutation"] = json!({"partitions_scanned": [], "partitions_done": [], "partitions_in_progress": []});
    Ok(json(&out))
}

pub async fn analyze(app: Arc<App>, mut req: Req) -> Result<Reply> {
    Call::new(&app, &req)?;
    let encoding = req.header("content-encoding").to_owned();
    let is_said = req.header("content-type").contains("csv") || req.query.get("format") == Some("csv");
    let url = req.query.get("url").map(str::to_owned);
    let body = req.read_body(app.limits.body_bytes_max).await?;
    let bytes_max = app.limits.rows_bytes_max;
    if let Some(url) = url {
        let objects = app.objects.clone();
        return rt::blocking(move || analyze_url(objects.as_ref(), &url)).await;
    }
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

/// Bytes of a file that are looked at.
const ANALYZED_BYTES: u64 = 1 << 20;

/// Looks at the beginning of a file.
fn analyze_url(objects: &dyn Objects, url: &str) -> Result<Reply> {
    let opened = objects.get(url, &Access::Anyone)?;
    let (ty, encoding) = (opened.content_type.as_deref(), opened.content_encoding.as_deref());
    let (format, packing) = transfer::kind::of_file(url, None, ty, encoding)?;
    let mut text = Vec::new();
    let reader = crate::ingest::unpacking(packing, opened.reader)?;
    let broken = |e: std::io::Error| {
        Error::invalid("the file breaks off, or is not packed as its name says").source(e)
    };
    std::io::Read::read_to_end(&mut std::io::Read::take(reader, ANALYZED_BYTES), &mut text)
        .map_err(broken)?;
    if u64::try_from(text.len()) == Ok(ANALYZED_BYTES) {
        // The last line was cut.
        text.truncate(text.iter().rposition(|b| *b == b'\n').map_or(text.len(), |at| at + 1));
    }
    let analysis = match format {
        Format::Csv => analyze_csv(&text, &Dialect::default())?,
        Format::Ndjson | Format::Json => analyze_ndjson(&text)?,
        Format::Parquet => return Err(Error::invalid("files of Parquet cannot be analysed yet")),
    };
    Ok(json(&analysis.to_json()))
}
