//! Pipes: what they are, and what they answer.

use super::call::{Call, param, params};
use super::endpoints::{Asking, answer, format_of};
use super::face::limited;
use super::show::{self, only};
use super::watch::{Watch, limit, settle};
use super::{App, json, text};
use super::{jobs, older, openapi};
use crate::datafile::{Connection, Connector, NodeKind, Schedule};
use crate::hub::Tenant;
use crate::transfer;
use crate::workspace::resources::Pipe;
use crate::workspace::{Live, copy};
use crate::{copies, scheduler};
use serde_json::{Value, json};
use std::sync::Arc;
use tile_base::objects::Overwrite;
use tile_base::{Action, Error, Resource, ResourceKind, Result};
use tile_web::{Reply, Req, rt};

const BODY_BYTES_MAX: usize = 1 << 20;

fn target_id(live: &Live) -> impl Fn(&str) -> Option<String> {
    |name| live.resources.sources.get(name).map(|s| s.home.id.clone())
}

pub async fn read(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    let live = call.live.clone();
    let [name] = req.tail.0.as_slice() else {
        if let [name, what] = req.tail.0.as_slice()
            && what == openapi::NAME
        {
            return openapi::read(app, call, &req, Some(name)).await;
        }
        if is_below_nodes(&req) {
            return older::nodes::read(app, call, req).await;
        }
        if !req.tail.0.is_empty() {
            return Err(Error::not_found("Not Found"));
        }
        return Ok(json(&json!({"pipes": all(&call, &live, &req)})));
    };
    match name.rsplit_once('.') {
        _ if name == openapi::NAME && live.pipe("openapi").is_err() => {
            openapi::read(app, call, &req, None).await
        }
        Some((name, "pipe")) => {
            let (name, resource) = call.pipe(name);
            call.may(Action::Read, &resource)?;
            live.pipe(&name)?;
            let file = show::file(&live, &name, "pipe");
            Ok(text(file.ok_or_else(|| Error::internal("a pipe without a file"))?.to_owned()))
        }
        Some((name, ending)) if format_of(ending).is_some() => {
            let params = req.query.0.clone();
            endpoint(&app, &call, &req, name, ending, params).await
        }
        _ => {
            let (name, resource) = call.pipe(name);
            call.may(Action::Read, &resource)?;
            Ok(json(&shown(&call.tenant, &live, live.pipe(&name)?)))
        }
    }
}

/// The pipes that the caller may see.
fn all(call: &Call, live: &Live, req: &Req) -> Vec<Value> {
    let is_seen = |name: &str, id: &str| {
        call.may(Action::Read, &Resource::named(ResourceKind::Pipe, name).with_id(id)).is_ok()
    };
    let seen = live.resources.pipes.values().filter(|p| is_seen(&p.file.name, &p.id));
    seen.map(|p| {
        let mut value = shown(&call.tenant, live, p);
        if let (Some(names), Some(Value::Array(nodes))) =
            (req.query.get("node_attrs"), value.get_mut("nodes"))
        {
            let few = nodes.drain(..).map(|n| only(n, Some(names))).collect();
            *nodes = few;
        }
        let names = req.query.get("attrs").filter(|a| !a.is_empty()).map(|a| format!("{a},nodes"));
        only(value, names.as_deref())
    })
    .collect()
}

/// The result of an endpoint. Every request of one that there is, is written down.
async fn endpoint(
    app: &App,
    call: &Call,
    req: &Req,
    name: &str,
    ending: &str,
    params: Vec<(String, String)>,
) -> Result<Reply> {
    let (name, resource) = call.pipe(name);
    let Some(id) = &resource.id else {
        call.may(Action::Read, &resource)?;
        return Err(Error::not_found(format!("The pipe '{name}' does not exist")));
    };
    let watch = Watch::new(call, req, Some((id, &name)), &params);
    let work = async {
        let granted = call.may(Action::Read, &resource)?;
        has_endpoint(call, &name)?;
        let headers = limit(app, call)?;
        let asking = Asking {
            text: param(&params, "q").map(str::to_owned),
            format: format_of(ending).unwrap_or("JSON").to_owned(),
            pipe: Some(name.clone()),
            fixed: granted.fixed_params.into_iter().collect(),
            params: params.clone(),
        };
        let (reply, told) = answer(app, call, asking).await?;
        Ok((limited(reply, &headers), told))
    };
    watch.over(work).await
}

fn has_endpoint(call: &Call, name: &str) -> Result<()> {
    let pipe = call.live.pipe(name)?;
    let kind = pipe.published().and_then(|at| pipe.file.nodes.get(at)).map(|n| &n.kind);
    if kind == Some(&NodeKind::Endpoint) {
        return Ok(());
    }
    Err(Error::not_found(format!("The pipe '{name}' does not have an endpoint yet")))
}

/// Whether the address is of nodes of a pipe.
fn is_below_nodes(req: &Req) -> bool {
    matches!(req.tail.0.as_slice(), [_, what, ..] if what == "nodes")
}

/// `PUT /v0/pipes/…`
pub async fn put(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    if is_below_nodes(&req) {
        return older::nodes::change(app, call, req).await;
    }
    let [name] = req.tail.0.clone().try_into().map_err(|_| Error::not_found("Not Found"))?;
    let params = params(&mut req, BODY_BYTES_MAX).await?;
    older::pipe::update(app, call, &name, params).await
}

/// `DELETE /v0/pipes/…`
pub async fn remove(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    if is_below_nodes(&req) {
        return older::nodes::change(app, call, req).await;
    }
    match req.tail.0.as_slice() {
        [name] => older::pipe::remove(app, call, name).await,
        _ => Err(Error::not_found("Not Found")),
    }
}

pub async fn post(app: Arc<App>, mut req: Req) -> Result<Reply> {
    if req.tail.0.is_empty() || is_below_nodes(&req) {
        let call = Call::of_workspace(&app, &req)?;
        return match req.tail.0.is_empty() {
            true => older::pipe::create(app, call, req).await,
            false => older::nodes::change(app, call, req).await,
        };
    }
    let call = Call::new(&app, &req)?;
    let body = req.read_body(BODY_BYTES_MAX).await?;
    let text = std::str::from_utf8(&body).map_err(|_| Error::invalid("the body is not UTF-8"))?;
    // What the body says counts before what the address says.
    let mut params: Vec<(String, String)> = match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(given)) => given
            .into_iter()
            .map(|(k, v)| (k, v.as_str().map_or_else(|| v.to_string(), str::to_owned)))
            .collect(),
        _ if req.header("content-type").starts_with("application/x-www-form-urlencoded") => {
            tile_web::Query::parse(text).0
        }
        _ if text.trim().is_empty() => vec![],
        _ => vec![("q".to_owned(), text.to_owned())],
    };
    params.extend(req.query.0.clone());
    match req.tail.0.as_slice() {
        [name] => match name.rsplit_once('.') {
            Some((name, ending)) if format_of(ending).is_some() => {
                endpoint(&app, &call, &req, name, ending, params).await
            }
            _ => Err(Error::not_found("Not Found")),
        },
        [name, what] if what == "copy" => run_copy(&app, &call, name, &params, &req.origin).await,
        [name, what, how] if what == "copy" || what == "sink" => schedule(&call, name, how).await,
        [name, what] if what == "sink" => sink(&app, &call, name, &params, &req.origin).await,
        _ => Err(Error::not_found("Not Found")),
    }
}

/// Runs a copy as a job.
async fn run_copy(
    app: &App,
    call: &Call,
    name: &str,
    params: &[(String, String)],
    origin: &str,
) -> Result<Reply> {
    let (name, resource) = call.pipe(name);
    call.may(Action::Read, &resource)?;
    call.administers()?;
    let target = {
        let (_, copy) = copy::node(&call.live, &name)?;
        call.live.source(&copy.target)?.home.id.clone()
    };
    let is_replacing = match param(params, "_mode") {
        Some("replace") => Some(true),
        Some("append") => Some(false),
        Some(other) => {
            return Err(Error::invalid(format!("unknown mode `{other}`")).hint("Use `append` or `replace`"));
        }
        None => None,
    };
    settle(call, Some(&name), None).await;
    let (which, params) = (call.which, params.to_vec());
    let asked = copies::Asked { which, pipe: name, params, is_replacing, due: None };
    let begun = copies::begin(app, &call.tenant, asked).await?;
    let job = begun.soon(&call.tenant, jobs::PATIENCE).await?.to_json(origin, show::time);
    Ok(json(&json!({"job": job, "tags": {"copy_target_datasource": target}})))
}

/// `pause` and `resume` of a pipe's schedule.
async fn schedule(call: &Call, name: &str, what: &str) -> Result<Reply> {
    call.administers()?;
    let is_paused = match what {
        "pause" => true,
        "resume" => false,
        _ => return Err(Error::not_found("Not Found")),
    };
    let (name, _) = call.pipe(name);
    let live = &call.live;
    let pipe = live.pipe(&name)?;
    let plan = scheduler::planned(live).into_iter().find(|p| p.id == pipe.id).ok_or_else(|| {
        Error::invalid(format!("The pipe '{name}' has no schedule"))
            .hint("Give it a COPY_SCHEDULE or EXPORT_SCHEDULE with a cron expression, and deploy it")
    })?;
    let tenant = call.tenant.clone();
    rt::cpu(move || tenant.schedules.pause(&tenant.workspace, &plan.id, &plan.cron, is_paused)).await?;
    Ok(json(&shown(&call.tenant, live, pipe)))
}

/// A pipe with its schedule.
pub(super) fn shown(tenant: &Tenant, live: &Live, pipe: &Pipe) -> Value {
    let mut out = show::pipe(pipe, target_id(live));
    let nodes = pipe.file.nodes.iter().zip(&pipe.nodes);
    let mut found = nodes.filter_map(|(file, node)| match &file.kind {
        NodeKind::Copy(copy) => {
            let about = json!({
                "copy_node": node.id, "copy_target_datasource": target_id(live)(&copy.target),
                "copy_mode": copy.mode.name(),
            });
            Some((&copy.schedule, about))
        }
        NodeKind::Sink(sink) => Some((&sink.schedule, json!({"sink_node": node.id}))),
        NodeKind::Standard | NodeKind::Endpoint | NodeKind::Materialized(_) => None,
    });
    let Some((schedule, about)) = found.next() else { return out };
    let schedule = match schedule {
        Schedule::OnDemand => json!({}),
        Schedule::Cron(cron) => {
            let is_paused = tenant.schedules.get(&pipe.id).is_paused;
            let status = if is_paused { "paused" } else { "running" };
            json!({"cron": cron, "timezone": "Etc/UTC", "status": status})
        }
    };
    if let (Some(out), Value::Object(about)) = (out.as_object_mut(), about) {
        out.insert("schedule".into(), schedule);
        out.extend(about);
    }
    out
}

/// Runs a sink as a job.
async fn sink(
    app: &App,
    call: &Call,
    name: &str,
    params: &[(String, String)],
    origin: &str,
) -> Result<Reply> {
    let (name, resource) = call.pipe(name);
    call.may(Action::Read, &resource)?;
    call.administers()?;
    let overwrite = match param(params, "_mode") {
        Some("replace" | "truncate") => Some(Overwrite::Always),
        Some("append" | "new") => Some(Overwrite::Never),
        Some(other) => {
            return Err(Error::invalid(format!("unknown mode `{other}`")).hint("Use `append` or `replace`"));
        }
        None => None,
    };
    let asked = transfer::start::Asked {
        params: params.to_vec(),
        overwrite,
        by: Some(call.token.token_name.clone()),
    };
    let begun = transfer::start::sink(app, &call.tenant, name, asked).await?;
    let job = begun.soon(&call.tenant, jobs::PATIENCE).await?.to_json(origin, show::time);
    Ok(json(&json!({"job": job})))
}

pub async fn connectors(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    call.may(Action::Read, &Resource::all(ResourceKind::Workspace))?;
    let live = call.live.clone();
    match req.tail.0.as_slice() {
        [] => {
            let service = req.query.get("service").filter(|s| !s.is_empty());
            let all =
                live.resources.connections.values().filter(|c| service.is_none_or(|s| s == c.kind.name()));
            let all = all.map(|c| connection(c, &live));
            Ok(json(&json!({"connectors": all.collect::<Vec<_>>()})))
        }
        [name] => {
            let bare = name.strip_suffix(".connection").unwrap_or(name);
            let found = live.resources.connections.get(bare);
            let found = found.ok_or_else(|| Error::not_found(format!("Connection {bare} not found")))?;
            if bare == name {
                return Ok(json(&connection(found, &live)));
            }
            let file = show::file(&live, bare, "connection");
            let file = file.ok_or_else(|| Error::internal("a connection without a file"))?;
            Ok(json(&json!({"content": file, "warnings": []})))
        }
        _ => Err(Error::not_found("Not Found")),
    }
}

/// A connection, with the data sources that use it.
fn connection(connection: &Connection, live: &Live) -> Value {
    let users = live.resources.sources.values().filter(|s| {
        let name = s.file.connector.as_ref().map(|c| match c {
            Connector::Kafka(c) => &c.connection,
            Connector::Blob(c) => &c.connection,
            Connector::DynamoDb(c) => &c.connection,
            Connector::Postgres(c) => &c.connection,
        });
        name == Some(&connection.name)
    });
    let linkers: Vec<Value> = users.map(|s| json!({"datasource_id": s.home.id})).collect();
    let (name, service) = (&connection.name, connection.kind.name());
    json!({"id": name, "name": name, "service": service, "settings": {}, "linkers": linkers})
}
