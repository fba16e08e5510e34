//! What is served, and where it stands.

use super::call::Call;
use super::{App, json};
use crate::definition::DefinitionKind;
use crate::hub::declared::Failed;
use crate::hub::{Grouped, Joined};
use crate::types::Type;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use tile_base::Result;
use tile_web::{Reply, Req};

pub async fn ping(_app: Arc<App>, _req: Req) -> Result<Reply> {
    Ok(json(&Json::from("Pong!")))
}

pub async fn config(app: Arc<App>, req: Req) -> Result<Reply> {
    Call::new(&app, &req)?;
    Ok(json(&json!({
        "name": "tile",
        "version": app.version,
        "keys_max": app.limits.keys_max,
        "rows_max": app.limits.rows_max,
        "body_bytes_max": app.limits.body_bytes_max,
    })))
}

pub async fn all(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    let defined = app.hub.defined();
    let groups = defined.groups.iter().filter(|(name, _)| call.may_read(name));
    let groups: Vec<Json> = groups.map(|(name, grouped)| group(name, grouped)).collect();
    let joins = defined.joins.iter().filter(|(name, _)| call.may_read(name));
    let joins: Vec<Json> = joins.map(|(name, joined)| join(name, joined)).collect();
    let with_failed =
        |all, kind| with_failed(all, defined.failed.iter().filter(|failed| failed.kind == kind), &call);
    Ok(json(&json!({
        "group_bys": with_failed(groups, DefinitionKind::GroupBy),
        "joins": with_failed(joins, DefinitionKind::Join),
        "log": app.log.status(),
    })))
}

/// With the definitions that cannot be used as they are written now. What one was before is served on where it is there already.
fn with_failed<'a>(mut all: Vec<Json>, failed: impl Iterator<Item = &'a Failed>, call: &Call) -> Vec<Json> {
    for Failed { name, file, problem, .. } in failed.filter(|failed| call.may_read(&failed.name)) {
        let error = format!("{}: {}", problem.at, problem.what);
        match all.iter_mut().find(|one| one["name"] == name.as_str()) {
            Some(one) if one["error"].is_null() => one["error"] = error.into(),
            Some(_) => {}
            None => all.push(json!({"name": name, "file": file, "state": "failed", "error": error, "keys": null, "features": null})),
        }
    }
    all.sort_by(|a, b| a["name"].as_str().cmp(&b["name"].as_str()));
    all
}

/// A GroupBy, and where it stands.
pub fn group(name: &str, grouped: &Grouped) -> Json {
    let served = &grouped.served;
    let status = served.status();
    let (keys_count, bytes) = served.size();
    let running = served.running().ok();
    let counts = status.counts;
    json!({
        "name": name,
        "file": grouped.declared.file,
        "state": served.state(),
        "error": status.error.map(|(_, what)| what),
        "keys": running.as_ref().map(|r| typed(r.bound.keys.iter().map(|(n, t)| (n.as_str(), t)))),
        "features": running.as_ref().map(|r| typed(r.derive.columns())),
        "tile_sizes_ms": running.as_ref().map(|r| r.group.sizes().to_vec()),
        "key_count": keys_count,
        "tiles_bytes": bytes,
        "rows": {
            "read": counts.rows,
            "without_key": counts.keyless,
            "without_time": counts.timeless,
            "too_old": counts.unreached,
            "ahead_of_time": counts.future,
        },
        "up_to_date_at_ms": status.taken_at,
        "watermark_ms": served.watermark(),
    })
}

/// A Join, and whether all of its parts are there.
pub fn join(name: &str, joined: &Joined) -> Json {
    let outputs = joined.outputs();
    let given = outputs.as_ref().ok();
    json!({
        "name": name,
        "file": joined.declared.file,
        "state": if outputs.is_ok() { "live" } else { "failed" },
        "error": outputs.as_ref().err().map(tile_base::Error::detail),
        "keys": given.map(|of| typed(of.keys.iter().map(|(n, t)| (n.as_str(), t)))),
        "features": given.map(|of| typed(of.columns.iter().map(|(n, t)| (n.as_str(), t)))),
    })
}

fn typed<'a>(columns: impl Iterator<Item = (&'a str, &'a Type)>) -> Json {
    columns.map(|(name, ty)| json!({"name": name, "type": ty.to_string()})).collect()
}

pub async fn joins(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    let defined = app.hub.defined();
    let names: Vec<&String> = defined.joins.keys().filter(|name| call.may_read(name)).collect();
    Ok(json(&json!({"joinNames": names})))
}

pub async fn rebuild(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::known(&app, &req)?;
    let grouped = call.group_by(&app, &req)?;
    call.administers()?;
    grouped.served.rebuild();
    let mut reply = json(&group(grouped.served.name(), &grouped));
    reply.status = http::StatusCode::ACCEPTED;
    Ok(reply)
}
