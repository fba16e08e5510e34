//! Endpoints as tools of language models: the Model Context Protocol over HTTP (Streamable HTTP, with JSON answers and without
//! sessions). Each request is answered for itself; which tools there are depends on the token.

use super::App;
use super::call::Call;
use super::endpoints::{Asking, answer};
use super::openapi::{Endpoint, endpoints};
use super::watch::{Watch, limit};
use crate::datafile;
use crate::observe::tables;
use crate::template::Dialect;
use crate::workspace::Live;
use crate::workspace::scope::Sight;
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tile_base::{Action, Error, Kind, Resource, ResourceKind, Result};
use tile_web::reply::{Content, told};
use tile_web::{Reply, Req};

/// Revisions of the protocol, newest first. What is used of it is the same in all of them.
const VERSIONS: &[&str] = &["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
const BODY_BYTES_MAX: usize = 4 << 20;
/// Bytes of a result: a model reads no more.
const RESULT_BYTES_MAX: usize = 4 << 20;
/// Messages of one request, which older clients may send together.
const MESSAGES_MAX: usize = 100;

const EXECUTE_QUERY: &str = "execute_query";
const LIST_DATASOURCES: &str = "list_datasources";
const LIST_ENDPOINTS: &str = "list_endpoints";
const LIST_SERVICE_DATASOURCES: &str = "list_service_datasources";
const OWN: &[&str] = &[EXECUTE_QUERY, LIST_DATASOURCES, LIST_ENDPOINTS, LIST_SERVICE_DATASOURCES];

/// A refusal of the protocol: its code and words.
struct Refusal(i32, String);

const METHOD_NOT_FOUND: i32 = -32601;
const INVALID_PARAMS: i32 = -32602;
const INVALID_REQUEST: i32 = -32600;
const PARSE_ERROR: i32 = -32700;

pub async fn post(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    let body = req.read_body(BODY_BYTES_MAX).await?;
    let message: Value = match serde_json::from_slice(&body) {
        Ok(message) => message,
        Err(e) => return Ok(refused(PARSE_ERROR, &format!("the body is no JSON: {e}"))),
    };
    let version = req.header("mcp-protocol-version");
    let is_first = message.get("method").is_some_and(|m| m == "initialize");
    if !version.is_empty() && !is_first && !VERSIONS.contains(&version) {
        let what = format!("the version `{version}` is not supported; use one of {}", VERSIONS.join(", "));
        return Ok(refused(INVALID_REQUEST, &what));
    }
    let answers = match &message {
        Value::Array(messages) if messages.len() > MESSAGES_MAX || messages.is_empty() => {
            return Ok(refused(
                INVALID_REQUEST,
                &format!("1 to {MESSAGES_MAX} messages can be sent together"),
            ));
        }
        Value::Array(messages) => {
            let (mut out, mut bytes) = (Vec::new(), 0);
            for message in messages {
                let Some(answer) = answered(&app, &call, &req, message).await else { continue };
                let text = answer.pointer("/result/content/0/text").and_then(Value::as_str);
                bytes += text.map_or(0, str::len);
                out.push(answer);
                if bytes > RESULT_BYTES_MAX {
                    let what = "the answers are too long to be sent together: send fewer messages at once";
                    return Ok(refused(INVALID_REQUEST, what));
                }
            }
            (!out.is_empty()).then_some(Value::Array(out))
        }
        message => answered(&app, &call, &req, message).await,
    };
    Ok(match answers {
        Some(answers) => Reply::new("application/json", answers.to_string()),
        None => Reply::empty(StatusCode::ACCEPTED),
    })
}

fn refused(code: i32, what: &str) -> Reply {
    let body = json!({"jsonrpc": "2.0", "id": null, "error": {"code": code, "message": what}});
    let mut reply = Reply::new("application/json", body.to_string());
    reply.status = StatusCode::BAD_REQUEST;
    reply
}

/// The answer to a message; notifications have none.
async fn answered(app: &App, call: &Call, req: &Req, message: &Value) -> Option<Value> {
    let id = message.get("id")?.clone();
    let Some(method) = message.get("method").and_then(Value::as_str) else {
        // An answer of the client, which was asked nothing.
        if message.get("result").is_some() || message.get("error").is_some() {
            return None;
        }
        let error = json!({"code": INVALID_REQUEST, "message": "the message has no method"});
        return Some(json!({"jsonrpc": "2.0", "id": id, "error": error}));
    };
    let none = Value::Null;
    let params = message.get("params").unwrap_or(&none);
    let result = match method {
        "initialize" => Ok(initialized(app, params)),
        "ping" => Ok(json!({})),
        "tools/list" => Ok(json!({"tools": tools(call)})),
        "tools/call" => called(app, call, req, params).await,
        other => Err(Refusal(METHOD_NOT_FOUND, format!("there is no method `{other}`"))),
    };
    Some(match result {
        Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
        Err(Refusal(code, what)) => {
            json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": what}})
        }
    })
}

fn initialized(app: &App, params: &Value) -> Value {
    let asked = params.get("protocolVersion").and_then(Value::as_str).unwrap_or_default();
    let version = VERSIONS.iter().find(|v| **v == asked).or(VERSIONS.first()).copied().unwrap_or_default();
    json!({
        "protocolVersion": version,
        "capabilities": {"tools": {"listChanged": false}},
        "serverInfo": {"name": "tile", "version": app.version},
        "instructions": "Each endpoint of the workspace is a tool that answers with CSV. For other questions there is \
            `execute_query`, which takes ClickHouse SQL; see first with `list_datasources` which tables and columns there are.",
    })
}

/// The tool of an endpoint; a pipe with the name of one of ours has another.
fn name_of(pipe: &str) -> String {
    if OWN.contains(&pipe) { format!("endpoint_{pipe}") } else { pipe.to_owned() }
}

fn tools(call: &Call) -> Vec<Value> {
    let live = call.live.clone();
    let endpoints = endpoints(call, &live);
    let mut out: Vec<Value> = endpoints.iter().map(tool).collect();
    let own = |name: &str, about: &str, properties: Value, required: &[&str]| {
        json!({
            "name": name, "description": about, "annotations": {"readOnlyHint": true},
            "inputSchema": {"type": "object", "properties": properties, "required": required},
        })
    };
    let (has_sources, has_service) = (!sources(call, &live).is_empty(), !service(call).is_empty());
    if has_sources || has_service || !endpoints.is_empty() {
        let about = "Runs a query in ClickHouse SQL over data sources, and over endpoints as tables. Answers with CSV, \
            unless the query ends in FORMAT and the name of another format.";
        let properties = json!({"sql": {"type": "string", "description": "A SELECT"}});
        out.push(own(EXECUTE_QUERY, about, properties, &["sql"]));
    }
    if has_sources {
        let about = "Lists data sources with their columns and what they are for.";
        out.push(own(LIST_DATASOURCES, about, json!({}), &[]));
    }
    if !endpoints.is_empty() {
        let about = "Lists endpoints with their parameters and what they are for.";
        out.push(own(LIST_ENDPOINTS, about, json!({}), &[]));
    }
    if has_service {
        let about =
            "Lists the tables of what the server remembers of itself: requests, errors, operations, jobs.";
        out.push(own(LIST_SERVICE_DATASOURCES, about, json!({}), &[]));
    }
    out
}

fn tool(endpoint: &Endpoint<'_>) -> Value {
    let file = &endpoint.pipe.file;
    let mut properties = Map::new();
    for param in &endpoint.params {
        let mut schema = param.schema.clone();
        if let (false, Some(schema)) = (param.description.is_empty(), schema.as_object_mut()) {
            schema.insert("description".into(), json!(param.description));
        }
        properties.insert(param.name.clone(), schema);
    }
    let required: Vec<&str> =
        endpoint.params.iter().filter(|p| p.is_required).map(|p| p.name.as_str()).collect();
    let about = file.description.clone().unwrap_or_else(|| format!("The endpoint {}", file.name));
    json!({
        "name": name_of(&file.name), "description": about, "annotations": {"readOnlyHint": true},
        "inputSchema": {"type": "object", "properties": properties, "required": required},
    })
}

/// Runs a tool. What goes wrong in it is an answer for the model, and no error of the protocol.
async fn called(app: &App, call: &Call, req: &Req, params: &Value) -> Result<Value, Refusal> {
    let name = params.get("name").and_then(Value::as_str).unwrap_or_default();
    let none = Map::new();
    let arguments = match params.get("arguments") {
        None | Some(Value::Null) => &none,
        Some(Value::Object(arguments)) => arguments,
        Some(_) => return Err(Refusal(INVALID_PARAMS, "`arguments` is an object".to_owned())),
    };
    let live = call.live.clone();
    let result = match name {
        EXECUTE_QUERY => query(app, call, req, arguments).await,
        LIST_DATASOURCES => Ok(Value::Array(sources(call, &live)).to_string()),
        LIST_ENDPOINTS => Ok(Value::Array(endpoints(call, &live).iter().map(listed).collect()).to_string()),
        LIST_SERVICE_DATASOURCES => Ok(Value::Array(service(call)).to_string()),
        name => {
            let found = endpoints(call, &live).into_iter().find(|e| name_of(&e.pipe.file.name) == name);
            let Some(found) = found else {
                return Err(Refusal(INVALID_PARAMS, format!("there is no tool `{name}`")));
            };
            let pipe = (found.pipe.id.clone(), found.pipe.file.name.clone());
            endpoint(app, call, req, pipe, arguments).await
        }
    };
    let (text, is_error) = match result {
        Ok(text) => (text, false),
        Err(e) => (told(&e, req), true),
    };
    Ok(json!({"content": [{"type": "text", "text": text}], "isError": is_error}))
}

/// The result of an endpoint, as CSV.
async fn endpoint(
    app: &App,
    call: &Call,
    req: &Req,
    (id, name): (String, String),
    arguments: &Map<String, Value>,
) -> Result<String> {
    let params: Vec<(String, String)> =
        arguments.iter().filter(|(_, v)| !v.is_null()).map(|(n, v)| (n.clone(), plain(v))).collect();
    let watch = Watch::new(call, req, Some((&id, &name)), &params);
    let work = async {
        let resource = Resource::named(ResourceKind::Pipe, &name).with_id(&id);
        let granted = call.may(Action::Read, &resource)?;
        limit(app, call)?;
        let fixed = granted.fixed_params.into_iter().collect();
        let format = "CSVWithNames".to_owned();
        answer(
            app,
            call,
            Asking {
                params,
                format,
                pipe: Some(name.clone()),
                text: None,
                dialect: Dialect::default(),
                fixed,
            },
        )
        .await
    };
    text(watch.over(work).await?)
}

/// The result of a query.
async fn query(app: &App, call: &Call, req: &Req, arguments: &Map<String, Value>) -> Result<String> {
    let sql = arguments.get("sql").or_else(|| arguments.get("query")).and_then(Value::as_str);
    let sql = sql.ok_or_else(|| Error::invalid("the argument `sql` is missing"))?.to_owned();
    let noted = vec![("q".to_owned(), sql.clone())];
    let watch = Watch::new(call, req, None, &noted);
    let work = async {
        limit(app, call)?;
        let format = "CSVWithNames".to_owned();
        let asking = Asking {
            params: vec![],
            format,
            pipe: None,
            text: Some(sql),
            dialect: Dialect::default(),
            fixed: vec![],
        };
        answer(app, call, asking).await
    };
    text(watch.over(work).await?)
}

fn text(reply: Reply) -> Result<String> {
    let Content::Whole(bytes) = reply.content else { return Err(Error::internal("an answer in parts")) };
    if bytes.len() > RESULT_BYTES_MAX {
        let what = format!("the result has {} bytes, and {RESULT_BYTES_MAX} can be told", bytes.len());
        return Err(Error::new(Kind::TooLarge, what).hint("Add a LIMIT, or aggregate"));
    }
    String::from_utf8(bytes.to_vec())
        .map_err(|_| Error::invalid("the result is no text").hint("Choose a text format, as CSVWithNames"))
}

/// A value as requests write it: items of a list with commas.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(|i| !i.is_array() && !i.is_object()) => {
            items.iter().map(plain).collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    }
}

/// The data sources that the caller may read.
fn sources(call: &Call, live: &Live) -> Vec<Value> {
    let seen = live.resources.sources.values().filter(|source| {
        let resource = Resource::named(ResourceKind::DataSource, &source.file.name).with_id(&source.home.id);
        call.may(Action::Read, &resource).is_ok()
    });
    seen.map(|source| {
        let columns: Vec<Value> = source.file.columns.iter().map(column).collect();
        json!({"name": source.file.name, "description": source.file.description, "columns": columns})
    })
    .collect()
}

fn column(column: &datafile::Column) -> Value {
    json!({"name": column.name, "type": column.sql_type()})
}

/// The service data sources that the caller may read.
fn service(call: &Call) -> Vec<Value> {
    let sight = call.sight();
    let seen = tables::names().into_iter().filter(|name| sight.source(name).is_some());
    seen.map(|name| json!({"name": name, "description": tables::description(name)})).collect()
}

fn listed(endpoint: &Endpoint<'_>) -> Value {
    let params = endpoint.params.iter().map(|p| {
        json!({"name": p.name, "required": p.is_required, "description": p.description, "schema": p.schema})
    });
    json!({
        "name": endpoint.pipe.file.name, "description": endpoint.pipe.file.description,
        "parameters": params.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_written_as_requests_write_them() {
        assert_eq!(plain(&json!(["a", 2, true])), "a,2,true");
        assert_eq!(plain(&json!({"a": [1]})), "{\"a\":[1]}");
        assert_eq!(name_of("execute_query"), "endpoint_execute_query");
    }
}
