//! Whole files into data sources, and rows out of them.

use super::call::{Call, param, params, required};
use super::show;
use super::{App, json};
use crate::ingest::{Dialect, Import, Limits, analyze_csv, analyze_ndjson, decompress};
use crate::workspace::copy;
use crate::workspace::insert::Rows;
use http::StatusCode;
use serde_json::json;
use std::sync::Arc;
use tile_base::{Action, Error, Kind, Result};
use tile_web::{Reply, Req, rt};

const FORM_BYTES_MAX: usize = 1 << 20;

pub async fn change(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    let path = req.tail.0.clone();
    let (name, what) = match path.as_slice() {
        [name, what] => (name.clone(), what.clone()),
        // The older way names all in parameters.
        [] => {
            let name =
                req.query.get("name").ok_or_else(|| Error::invalid("The parameter 'name' is missing"))?;
            (name.to_owned(), req.query.get("mode").unwrap_or("append").to_owned())
        }
        _ => return Err(Error::not_found("Not Found")),
    };
    let (name, resource) = call.datasource(&name);
    match what.as_str() {
        "append" | "replace" => {
            call.may(Action::Append, &resource)?;
            if what == "replace" {
                call.administers()?;
            }
            call.tenant.workspace.live().source(&name)?;
            import(&app, &call, &mut req, name, what == "replace").await
        }
        "truncate" => {
            call.may(Action::Drop, &resource)?;
            let tenant = call.tenant.clone();
            rt::cpu(move || copy::truncate(&tenant.workspace, &name)).await?;
            let mut reply = Reply::new("", "");
            reply.status = StatusCode::RESET_CONTENT;
            Ok(reply)
        }
        "delete" => {
            call.may(Action::Drop, &resource)?;
            delete(&app, &call, &mut req, name).await
        }
        _ => Err(Error::not_found(format!("data sources have no `{what}`"))),
    }
}

/// Runs an import as a job: the answer comes before the rows are there.
async fn import(app: &App, call: &Call, req: &mut Req, name: String, is_replacing: bool) -> Result<Reply> {
    let content = req.header("content-type").to_owned();
    let format = match req.query.get("format") {
        Some(format) => format.to_owned(),
        None if content.contains("csv") => "csv".to_owned(),
        None => "ndjson".to_owned(),
    };
    if req.query.get("url").is_some() {
        return Err(Error::new(Kind::Invalid, "imports from an address are not supported")
            .hint("Send the file as the body"));
    }
    if !["csv", "ndjson", "json"].contains(&format.as_str()) {
        return Err(
            Error::invalid(format!("the format `{format}` cannot be imported")).hint("Use `csv` or `ndjson`")
        );
    }
    let encoding = req.header("content-encoding").to_owned();
    let body = req.read_body(app.limits.body_bytes_max).await?;
    let (tenant, id) = (call.tenant.clone(), app.hub.new_id());
    let home = tenant.workspace.live().source(&name)?.home.id.clone();
    let more = json!({"datasource": {"id": home, "name": name}, "import_id": id, "mode": if is_replacing { "replace" } else { "append" }});
    tenant.jobs.begin(id.clone(), "import", more, app.hub.now_us())?;
    let (bytes_max, job) = (app.limits.rows_bytes_max, id.clone());
    let inner = tenant.clone();
    rt::spawn("import", async move {
        let work = inner.clone();
        let import_id = job.clone();
        let done = rt::cpu(move || {
            let live = work.workspace.live();
            let source = live.source(&name)?;
            let text = decompress(&encoding, &body, bytes_max)?;
            let limits = Limits { bytes_max, ..Limits::default() };
            let import = Import { id: Some(&import_id), at_micros: work.workspace.now_us(), limits };
            let decoder = source.decoder()?;
            let block = match format.as_str() {
                "csv" => decoder.csv(&text, &Dialect::default(), &import)?,
                "json" => decoder.json(&text, &import)?,
                _ => decoder.ndjson(&text, &import)?,
            };
            let (rows, quarantined, bytes) = (block.rows, block.quarantined, text.len());
            let rows_of = Rows { source: name.clone(), home: source.home.rows.clone(), block };
            if is_replacing {
                work.workspace.replace(&rows_of)?;
            } else {
                work.workspace.insert(&[rows_of])?;
            }
            Ok(json!({
                "blocks": [{
                    "block_id": import_id, "process_return": [{"lines": rows + quarantined, "quarantine": quarantined, "bytes": bytes, "invalid_lines": 0, "empty_lines": 0}],
                    "rows": rows,
                }],
                "statistics": {"row_count": rows, "bytes": bytes},
                "quarantine_rows": quarantined,
                "invalid_lines": 0,
            }))
        });
        let done = done.await;
        let now = inner.workspace.now_us();
        inner.jobs.end(&job, done, now);
    });
    let shown = call.tenant.jobs.get(&id).map(|j| j.to_json(&req.origin, show::time));
    let mut reply = json(&json!({
        "id": id, "import_id": id, "job_id": id, "job": shown, "status": "waiting",
        "job_url": format!("{}/v0/jobs/{id}", req.origin),
    }));
    reply.status = StatusCode::ACCEPTED;
    Ok(reply)
}

async fn delete(app: &App, call: &Call, req: &mut Req, name: String) -> Result<Reply> {
    let params = params(req, FORM_BYTES_MAX).await?;
    let condition = required(&params, "delete_condition")?.to_owned();
    let is_trial = param(&params, "dry_run") == Some("true");
    let tenant = call.tenant.clone();
    let rows = rt::cpu(move || copy::delete(&tenant.workspace, &name, &condition, is_trial)).await?;
    if is_trial {
        return Ok(json(&json!({"rows_to_be_deleted": rows})));
    }
    let id = app.hub.new_id();
    call.tenant.jobs.begin(id.clone(), "delete_data", json!({}), app.hub.now_us())?;
    call.tenant.jobs.end(&id, Ok(json!({"rows_affected": rows})), app.hub.now_us());
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
    let is_csv = req.header("content-type").contains("csv") || req.query.get("format") == Some("csv");
    let body = req.read_body(app.limits.body_bytes_max).await?;
    let bytes_max = app.limits.rows_bytes_max;
    rt::cpu(move || {
        let text = decompress(&encoding, &body, bytes_max)?;
        let analysis = if is_csv { analyze_csv(&text, &Dialect::default())? } else { analyze_ndjson(&text)? };
        Ok(json(&analysis.to_json()))
    })
    .await
}
