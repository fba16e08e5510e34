//! Nodes of a pipe, one by one.

use super::super::App;
use super::super::call::Call;
use super::super::json;
use super::bodies::{self, Members, given};
use super::{analysis, made, path_of, pipe, pipe_text, population};
use crate::datafile::{self, NodeKind};
use crate::workspace::resources::Pipe;
use crate::workspace::{Edit, Live};
use http::{Method, StatusCode};
use serde_json::Value;
use std::sync::Arc;
use tile_base::{Action, Error, Result};
use tile_web::{Reply, Req, rt};

/// The place of a node, which may be told by its name or id.
///
/// # Errors
/// `NotFound`.
pub fn find(pipe: &Pipe, node: &str) -> Result<usize> {
    let by_id = || pipe.nodes.iter().position(|n| n.id == node);
    pipe.node(node).or_else(by_id).ok_or_else(|| missing(node))
}

pub fn missing(node: &str) -> Error {
    Error::not_found(format!("The node '{node}' does not exist"))
}

/// What is to be done with a pipe's nodes.
enum Change {
    Added(Members),
    /// Other SQL, another name or description.
    Told(String, Members),
    Removed(String),
    /// Another output; none with `None`.
    Output(String, Option<Output>),
}

enum Output {
    Endpoint,
    Copy(Members),
    Materialized(Members),
}

/// `…/nodes`, `…/nodes/<node>` and what is below.
pub async fn change(app: Arc<App>, call: Call, mut req: Req) -> Result<Reply> {
    let path = req.tail.0.clone();
    let [pipe, _, below @ ..] = path.as_slice() else { return Err(Error::not_found("Not Found")) };
    if let ([node, what], &Method::POST) = (below, &req.method)
        && what == "population"
    {
        return population::post(app, call, req, pipe, node).await;
    }
    let members = members(&mut req).await?;
    let change = match (&req.method, below) {
        (&Method::POST, []) => Change::Added(members),
        (&Method::PUT, [node]) => Change::Told(node.clone(), members),
        (&Method::DELETE, [node]) => Change::Removed(node.clone()),
        (&Method::DELETE, [node, what]) if is_output(what) => Change::Output(node.clone(), None),
        (_, [node, what]) => Change::Output(node.clone(), Some(output(what, members)?)),
        _ => return Err(Error::not_found("Not Found")),
    };
    let (pipe, resource) = call.pipe(pipe);
    call.may(Action::Alter, &resource)?;
    rt::cpu(move || done(&app, &call, &pipe, change)).await
}

/// What a body says: a JSON object, a form, or the SQL alone.
async fn members(req: &mut Req) -> Result<Members> {
    let body = req.read_body(super::BODY_BYTES_MAX).await?;
    let text = std::str::from_utf8(&body).map_err(|_| Error::invalid("the body is not UTF-8"))?;
    let mut out = match serde_json::from_str::<Value>(text) {
        Ok(object) if object.is_object() => bodies::members(&object),
        _ if req.header("content-type").starts_with("application/x-www-form-urlencoded") => {
            tile_web::Query::parse(text).0
        }
        _ if text.trim().is_empty() => vec![],
        _ => vec![("sql".to_owned(), text.to_owned())],
    };
    out.extend(req.query.0.clone());
    Ok(out)
}

fn is_output(what: &str) -> bool {
    matches!(what, "endpoint" | "copy" | "sink" | "stream" | "materialization")
}

fn output(what: &str, members: Members) -> Result<Output> {
    match what {
        "endpoint" => Ok(Output::Endpoint),
        "copy" => Ok(Output::Copy(members)),
        "materialization" => Ok(Output::Materialized(members)),
        "sink" | "stream" => Err(bodies::unmade(what)),
        _ => Err(Error::not_found("Not Found")),
    }
}

fn done(app: &App, call: &Call, name: &str, change: Change) -> Result<Reply> {
    let mut told = None;
    let is_removed = matches!(change, Change::Removed(_));
    made(app, call, false, |live| {
        let this = live.pipe(name)?;
        let mut file = this.file.clone();
        let mut files = live.document.files.clone();
        match change {
            Change::Added(members) => {
                let node = bodies::node(&members, free_name(&file))?;
                told = Some(node.name.clone());
                if node.kind != NodeKind::Standard {
                    return Err(Error::invalid("a node that comes to others has no type")
                        .hint("Give it one when it is there, as with `…/endpoint`"));
                }
                file.nodes.push(node);
            }
            Change::Told(node, members) => {
                let at = find(this, &node)?;
                let Some(node) = file.nodes.get_mut(at) else { return Err(missing(&node)) };
                retold(node, &members);
                told = Some(node.name.clone());
            }
            Change::Removed(node) => {
                file.nodes.remove(find(this, &node)?);
            }
            Change::Output(node, output) => {
                set_output(call, live, &mut files, &mut file, find(this, &node)?, output)?;
            }
        }
        files.insert(path_of(live, name, "pipe"), pipe_text(&file)?);
        Ok(Edit { files, renamed: None })
    })?;
    if is_removed {
        return Ok(Reply::empty(StatusCode::NO_CONTENT));
    }
    let shown = pipe::shown(call, name)?;
    let Some(node) = told else { return Ok(json(&shown)) };
    let nodes = shown.get("nodes").and_then(Value::as_array);
    let node = nodes.and_then(|nodes| nodes.iter().find(|n| n.get("name") == Some(&Value::from(&*node))));
    Ok(json(node.unwrap_or(&shown)))
}

fn free_name(pipe: &datafile::Pipe) -> String {
    let is_free = |name: &String| pipe.nodes.iter().all(|n| n.name != *name);
    let mut names = (pipe.nodes.len()..).map(|i| format!("{}_{i}", pipe.name));
    names.find(is_free).unwrap_or_default()
}

fn retold(node: &mut datafile::Node, members: &Members) {
    if let Some(sql) = given(members, "sql") {
        node.query = bodies::query(sql);
    }
    if let Some(name) = given(members, "name") {
        node.name = name.to_owned();
    }
    if let Some(description) = given(members, "description") {
        node.description = Some(description.to_owned());
    }
}

/// Gives a node an output, or takes it away. A pipe has one output.
fn set_output(
    call: &Call,
    live: &Live,
    files: &mut crate::workspace::compile::Files,
    file: &mut datafile::Pipe,
    at: usize,
    output: Option<Output>,
) -> Result<()> {
    let old = file.nodes.get(at).map(|n| n.kind.clone());
    let other = file.nodes.iter().enumerate().find(|(i, n)| *i != at && n.kind != NodeKind::Standard);
    let is_endpoint = matches!(output, Some(Output::Endpoint));
    if let Some((_, other)) = other
        && output.is_some()
        && !(is_endpoint && other.kind == NodeKind::Endpoint)
    {
        let what = format!("the pipe has the {} node '{}' already", other.kind.name(), other.name);
        return Err(Error::invalid(what).hint("Unlink it first: a pipe has one output"));
    }
    if is_endpoint {
        file.nodes.iter_mut().for_each(|n| n.kind = NodeKind::Standard);
    }
    let (kind, members) = match output {
        None => (NodeKind::Standard, vec![]),
        Some(Output::Endpoint) => (NodeKind::Endpoint, vec![]),
        Some(Output::Copy(members)) => {
            let old = old.as_ref().and_then(|k| if let NodeKind::Copy(copy) = k { Some(copy) } else { None });
            (bodies::copy(&members, old)?, members)
        }
        Some(Output::Materialized(members)) => (bodies::materialized(&members)?, members),
    };
    let Some(node) = file.nodes.get_mut(at) else { return Err(missing("")) };
    node.kind = kind;
    let node = node.clone();
    pipe::may_copy(call, &node)?;
    pipe::target(call, live, files, file, &node, &members).map(drop)
}

/// `GET …/nodes/<node>/analysis`.
pub async fn read(app: Arc<App>, call: Call, req: Req) -> Result<Reply> {
    match req.tail.0.clone().as_slice() {
        [pipe, _, node, what] if what == "analysis" => analysis::read(app, call, req, pipe, node).await,
        _ => Err(Error::not_found("Not Found")),
    }
}
