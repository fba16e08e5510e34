//! Pipes by themselves.

use super::super::App;
use super::super::call::{Call, param};
use super::super::changes::is_free;
use super::super::{json, pipes};
use super::bodies::{self, Members, given};
use super::{analysis, made, path_of, pipe_text, population};
use crate::datafile::{Copy, Node, NodeKind, Pipe, Place};
use crate::workspace::{Edit, Live};
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;
use tile_base::{Action, Error, Kind, Resource, ResourceKind, Result};
use tile_web::{Reply, Req, rt};

/// A pipe as a request tells it.
struct Wanted {
    pipe: Pipe,
    /// What was said of each node.
    members: Vec<Members>,
    /// One of the name may go for it.
    is_forced: bool,
    description: Option<String>,
}

/// `POST /v0/pipes`: a pipe with its nodes, which takes the place of one there is if that is wanted.
pub async fn create(app: Arc<App>, call: Call, mut req: Req) -> Result<Reply> {
    call.may(Action::Create, &Resource::all(ResourceKind::Pipe))?;
    let body = req.read_body(super::BODY_BYTES_MAX).await?;
    let text = std::str::from_utf8(&body).map_err(|_| Error::invalid("the body is not UTF-8"))?;
    let wanted = wanted(&req, text)?;
    let population = match req.query.flag("populate", false)? {
        true => Some(population::asked(&req.query.0)?),
        false => None,
    };
    let name = wanted.pipe.name.clone();
    let (with, call) = rt::cpu({
        let app = app.clone();
        move || {
            let with = deployed(&app, &call, wanted)?;
            Ok((with, call))
        }
    })
    .await?;
    let mut shown = shown(&call, &name)?;
    if let (Value::Object(into), Some((target, is_new))) = (&mut shown, &with) {
        let live = call.tenant.workspace.live();
        let id = live.source(target).map(|s| s.home.id.clone()).unwrap_or_default();
        into.insert("datasource".into(), json!({"id": id, "name": target}));
        into.insert("created_datasource".into(), json!(is_new));
        if let Some(population) = population {
            let job = population::begin(&app, &call, &name, population, &req.origin).await?;
            into.insert("job".into(), job);
        }
    }
    Ok(json(&shown))
}

/// The pipe as the API shows it.
///
/// # Errors
/// `NotFound`.
pub fn shown(call: &Call, name: &str) -> Result<Value> {
    let live = call.tenant.workspace.live();
    Ok(pipes::shown(&call.tenant, &live, live.pipe(name)?))
}

fn wanted(req: &Req, text: &str) -> Result<Wanted> {
    let object = serde_json::from_str::<Value>(text).ok().filter(Value::is_object);
    let mut all = object.as_ref().map(bodies::members).unwrap_or_default();
    all.extend(req.query.0.clone());
    let name = given(&all, "name").ok_or_else(|| Error::invalid("The parameter 'name' is missing"))?;
    let listed = object.as_ref().and_then(|o| o.get("nodes")).and_then(Value::as_array);
    let mut nodes: Vec<Members> = listed.into_iter().flatten().map(bodies::members).collect();
    if nodes.is_empty() {
        let sql = given(&all, "sql").map(str::to_owned);
        let sql = sql.or_else(|| (object.is_none() && !text.trim().is_empty()).then(|| text.to_owned()));
        let sql = sql.ok_or_else(|| Error::invalid("the pipe has no 'nodes'"))?;
        nodes.push(vec![("sql".to_owned(), sql)]);
    }
    let parsed = nodes.iter().enumerate().map(|(i, members)| bodies::node(members, format!("{name}_{i}")));
    let pipe = Pipe {
        name: name.to_owned(),
        description: None,
        tokens: vec![],
        tags: vec![],
        nodes: parsed.collect::<Result<_>>()?,
        place: Place::default(),
    };
    let is_forced = req.query.flag("force", false)?;
    Ok(Wanted { pipe, members: nodes, is_forced, description: given(&all, "description").map(str::to_owned) })
}

/// Makes the pipe, and the data source that its view fills. Gives that one's name, and whether it is new.
fn deployed(app: &App, call: &Call, wanted: Wanted) -> Result<Option<(String, bool)>> {
    let mut with = None;
    made(app, call, false, |live| {
        let Wanted { mut pipe, members, is_forced, description } = wanted;
        match live.pipe(&pipe.name) {
            Ok(old) if is_forced => {
                call.may(Action::Alter, &call.pipe(&pipe.name).1)?;
                pipe.tokens.clone_from(&old.file.tokens);
                pipe.tags.clone_from(&old.file.tags);
            }
            _ => is_free(live, &pipe.name)?,
        }
        pipe.description = description;
        let mut files = live.document.files.clone();
        let view = pipe.nodes.iter().zip(&members).find(|(n, _)| matches!(n.kind, NodeKind::Materialized(_)));
        if let Some((node, members)) = view {
            let (node, members) = (node.clone(), members.clone());
            with = target(call, live, &mut files, &pipe, &node, &members)?;
        }
        for node in &pipe.nodes {
            may_copy(call, node)?;
        }
        files.insert(path_of(live, &pipe.name, "pipe"), pipe_text(&pipe)?);
        Ok(Edit { files, renamed: None })
    })?;
    Ok(with)
}

/// Who copies into a data source appends to it.
///
/// # Errors
/// `Denied`.
pub fn may_copy(call: &Call, node: &Node) -> Result<()> {
    let NodeKind::Copy(Copy { target, .. }) = &node.kind else { return Ok(()) };
    call.may(Action::Append, &call.datasource(target).1).map(drop)
}

/// The data source that a view fills: one that there is, or one that its columns make. Its file comes to the others then.
///
/// # Errors
/// `Denied`; what is wrong with the pipe or the data source.
pub fn target(
    call: &Call,
    live: &Live,
    files: &mut crate::workspace::compile::Files,
    pipe: &Pipe,
    node: &Node,
    members: &Members,
) -> Result<Option<(String, bool)>> {
    let NodeKind::Materialized(view) = &node.kind else { return Ok(None) };
    let name = view.datasource.clone();
    if live.source(&name).is_ok() {
        call.may(Action::Append, &call.datasource(&name).1)?;
        return Ok(Some((name, false)));
    }
    call.may(Action::Create, &Resource::all(ResourceKind::DataSource))?;
    is_free(live, &name)?;
    let source = analysis::target(call, live, pipe, node, &name, members)?;
    files.insert(path_of(live, &name, "datasource"), super::datasource_text(&source)?);
    Ok(Some((name, true)))
}

/// `DELETE /v0/pipes/<name>`.
pub async fn remove(app: Arc<App>, call: Call, name: &str) -> Result<Reply> {
    let (name, resource) = call.pipe(name);
    call.may(Action::Drop, &resource)?;
    rt::cpu(move || {
        let work = |live: &Live| {
            live.pipe(&name)?;
            let mut files = live.document.files.clone();
            files.remove(&path_of(live, &name, "pipe"));
            Ok(Edit { files, renamed: None })
        };
        made(&app, &call, false, work).map_err(|e| match e.kind {
            // Another resource reads it.
            Kind::Invalid => Error::new(Kind::Conflict, e.detail()),
            _ => e,
        })?;
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    })
    .await
}

/// `PUT /v0/pipes/<name>`: another name or description.
pub async fn update(app: Arc<App>, call: Call, name: &str, params: Vec<(String, String)>) -> Result<Reply> {
    let (name, resource) = call.pipe(name);
    call.may(Action::Alter, &resource)?;
    rt::cpu(move || {
        let to = param(&params, "name").filter(|to| !to.is_empty()).unwrap_or(&name).to_owned();
        made(&app, &call, false, |live| {
            let mut pipe = live.pipe(&name)?.file.clone();
            let mut files = live.document.files.clone();
            let path = path_of(live, &name, "pipe");
            files.remove(&path);
            if to != name {
                is_free(live, &to)?;
                pipe.name.clone_from(&to);
            }
            if let Some(description) = param(&params, "description") {
                pipe.description = Some(description.to_owned()).filter(|text| !text.is_empty());
            }
            let folder = path.rsplit_once('/').map_or(String::new(), |(f, _)| format!("{f}/"));
            files.insert(format!("{folder}{to}.pipe"), pipe_text(&pipe)?);
            Ok(Edit { files, renamed: None })
        })?;
        Ok(json(&shown(&call, &to)?))
    })
    .await
}
