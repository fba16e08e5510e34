//! The Events API: rows of NDJSON or JSON, durable when the answer comes.

use super::call::Call;
use super::face::limited;
use super::older::datasource;
use super::watch::{Came, appended, limit};
use super::{App, json};
use crate::ingest::{Import, Limits, analyze_ndjson, decompress};
use crate::workspace::Which;
use crate::workspace::insert::Rows;
use bytes::Bytes;
use http::StatusCode;
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;
use tile_base::{Action, Error, Kind, Result};
use tile_web::{Reply, Req, rt};

/// How often rows are decoded again because the data source changes meanwhile.
const TRIES: usize = 3;

pub async fn append(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    let Some(name) = req.query.get("name") else {
        return Err(
            Error::invalid("The parameter 'name' is missing").hint("Say which data source: `?name=…`")
        );
    };
    let (name, resource) = call.datasource(name);
    call.may(Action::Append, &resource)?;
    // Who administers the workspace has files to deploy, and a name that is not there is a mistake.
    let is_made = call.live.source(&name).is_err()
        && call.which == Which::Live
        && call.administers().is_err()
        && call.may(Action::Create, &resource).is_ok();
    if !is_made {
        call.live.source(&name)?;
    }
    let started = Instant::now();
    let mut came = Came { bytes: 0, outcome: Ok((0, 0)) };
    let done = taken(&app, &call, &mut req, &name, is_made, &mut came).await;
    if let Err(e) = &done {
        came.outcome = Came::failed(e);
    }
    let deployed = call.tenant.workspace.deployed();
    if let Ok(source) = deployed.get(call.which).and_then(|live| live.source(&name)) {
        appended(&call, &source.home.id, &name, &req, started, &came);
    }
    done
}

/// Makes a data source of the columns that its first rows have.
async fn made(app: &Arc<App>, req: &Req, name: &str, body: &Bytes) -> Result<()> {
    let call = Call::of_workspace(app, req)?;
    let encoding = req.header("content-encoding").to_owned();
    let (app, name, body) = (app.clone(), name.to_owned(), body.clone());
    let done = rt::cpu(move || {
        let text = decompress(&encoding, &body, app.limits.rows_bytes_max)?;
        let schema = analyze_ndjson(&text)?.tolerant_schema();
        datasource::add(&app, &call, &datasource::described(&name, &schema, None, &[], None)?)
    });
    match done.await {
        // Another request with the first rows was there before.
        Err(e) if e.kind == Kind::Conflict => Ok(()),
        other => other,
    }
}

async fn taken(
    app: &Arc<App>,
    call: &Call,
    req: &mut Req,
    name: &str,
    is_made: bool,
    came: &mut Came,
) -> Result<Reply> {
    let headers = limit(app, call)?;
    let is_json = match req.query.get("format").unwrap_or("ndjson") {
        "ndjson" => false,
        "json" => true,
        other => {
            return Err(Error::invalid(format!("unknown format `{other}`")).hint("Use `ndjson` or `json`"));
        }
    };
    let waits = req.query.flag("wait", false)?;
    let encoding = req.header("content-encoding").to_owned();
    let body = req.read_body(app.limits.body_bytes_max).await?;
    came.bytes = body.len() as u64;
    if is_made {
        made(app, req, name, &body).await?;
    }
    let bytes_max = app.limits.rows_bytes_max;
    let (id, which) = (app.hub.new_id(), call.which);
    for _ in 0..TRIES {
        let (tenant, name, body, encoding, id) =
            (call.tenant.clone(), name.to_owned(), body.clone(), encoding.clone(), id.clone());
        let rows = rt::cpu(move || {
            let deployed = tenant.workspace.deployed();
            let live = deployed.get(which)?;
            let source = live.source(&name)?;
            let text = decompress(&encoding, &body, bytes_max)?;
            let limits = Limits { bytes_max, ..Limits::default() };
            let import = Import { id: Some(&id), at_micros: tenant.workspace.now_us(), limits };
            let decoder = source.decoder()?;
            let block =
                if is_json { decoder.json(&text, &import)? } else { decoder.ndjson(&text, &import)? };
            Ok(Rows { source: name, home: source.home.rows.clone(), block })
        });
        let rows = rows.await?;
        let (good, bad) = (rows.block.rows, rows.block.quarantined);
        match app.writer.store(&call.tenant, rows).await {
            Err(e) if e.kind == Kind::Conflict => {}
            Err(e) => return Err(e),
            Ok(()) => {
                came.outcome = Ok((good as u64, bad as u64));
                let mut reply = json(&json!({"successful_rows": good, "quarantined_rows": bad}));
                // Both are durable; the status is what clients know.
                reply.status = if waits { StatusCode::OK } else { StatusCode::ACCEPTED };
                return Ok(limited(reply, &headers));
            }
        }
    }
    Err(Error::new(Kind::Busy, format!("the data source `{name}` keeps changing")))
}
