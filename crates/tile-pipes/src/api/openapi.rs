//! The endpoints of a workspace as an OpenAPI document: those that the token may read.

use super::call::Call;
use super::endpoints::FORMATS;
use super::params::{self, Described};
use super::{App, json};
use crate::datafile::NodeKind;
use crate::workspace::Live;
use crate::workspace::query::columns;
use crate::workspace::resources::Pipe;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tile_base::{Action, Error, Resource, ResourceKind, Result};
use tile_clicksql::types::Type;
use tile_web::{Reply, Req, rt};

/// The document's name in addresses.
pub const NAME: &str = "openapi.json";

/// An endpoint that the caller may read.
pub struct Endpoint<'a> {
    pub pipe: &'a Pipe,
    /// Parameters that requests can set.
    pub params: Vec<Described>,
}

/// The endpoints that the caller may read, by name.
pub fn endpoints<'a>(call: &Call, live: &'a Live) -> Vec<Endpoint<'a>> {
    let is_endpoint = |pipe: &Pipe| {
        pipe.published().and_then(|at| pipe.file.nodes.get(at)).is_some_and(|n| n.kind == NodeKind::Endpoint)
    };
    let all = live.resources.pipes.values().filter(|p| is_endpoint(p));
    all.filter_map(|pipe| {
        let resource = Resource::named(ResourceKind::Pipe, &pipe.file.name).with_id(&pipe.id);
        let granted = call.may(Action::Read, &resource).ok()?;
        Some(Endpoint { pipe, params: params::of(pipe, &granted.fixed_params) })
    })
    .collect()
}

/// The document of all endpoints, or of one.
pub async fn read(app: Arc<App>, call: Call, req: &Req, pipe: Option<&str>) -> Result<Reply> {
    let only = match pipe {
        Some(name) => {
            let (name, resource) = call.pipe(name);
            call.may(Action::Read, &resource)?;
            call.live.pipe(&name)?;
            Some(name)
        }
        None => None,
    };
    let (origin, version) = (req.origin.clone(), app.version);
    rt::cpu(move || {
        let live = call.live.clone();
        let mut paths = Map::new();
        for endpoint in endpoints(&call, &live) {
            let name = &endpoint.pipe.file.name;
            if only.as_ref().is_some_and(|only| only != name) {
                continue;
            }
            let columns = columns(&call.tenant.workspace, &live, name);
            for (ending, media) in FORMATS.iter().filter_map(|(e, _)| Some((*e, media(e)?))) {
                let operation = operation(&endpoint, ending, media, &columns);
                paths.insert(format!("/v0/pipes/{name}.{ending}"), json!({"get": operation}));
            }
        }
        if let (Some(only), true) = (&only, paths.is_empty()) {
            return Err(Error::not_found(format!("The pipe '{only}' does not have an endpoint yet")));
        }
        Ok(json(&document(&call.tenant.workspace.name, version, &origin, paths)))
    })
    .await
}

/// The formats that the document names: texts, which need nothing else to be read.
fn media(ending: &str) -> Option<&'static str> {
    match ending {
        "json" => Some("application/json"),
        "csv" => Some("text/csv"),
        "ndjson" => Some("application/x-ndjson"),
        _ => None,
    }
}

fn document(title: &str, version: &str, origin: &str, paths: Map<String, Value>) -> Value {
    let error = json!({
        "type": "object", "required": ["error"],
        "properties": {"error": {"type": "string"}, "documentation": {"type": "string"}},
    });
    json!({
        "openapi": "3.0.3",
        "info": {"title": format!("Endpoints of {title}"), "version": version},
        "servers": [{"url": origin}],
        "security": [{"bearer": []}, {"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "token": {"type": "apiKey", "in": "query", "name": "token"},
            },
            "schemas": {"Error": error},
        },
    })
}

fn operation(endpoint: &Endpoint<'_>, ending: &str, media: &str, columns: &[(String, Type)]) -> Value {
    let file = &endpoint.pipe.file;
    let parameters: Vec<Value> = endpoint.params.iter().map(parameter).collect();
    let schema = match ending {
        "json" => answer(columns),
        _ => json!({"type": "string"}),
    };
    let mut out = json!({
        "operationId": format!("{}_{ending}", file.name),
        "tags": [file.name],
        "summary": file.description.as_deref().and_then(|d| d.lines().next()).unwrap_or(&file.name),
        "parameters": parameters,
        "responses": {"200": {"description": "The result", "content": {media: {"schema": schema}}}},
    });
    if let (Some(description), Some(out)) = (&file.description, out.as_object_mut()) {
        out.insert("description".into(), json!(description));
    }
    let about = [
        ("400", "A parameter or the query is wrong"),
        ("403", "The token may not read this"),
        ("408", "The query took too long"),
        ("429", "Too many requests: `Retry-After` says when to come again"),
    ];
    if let Some(responses) = out.get_mut("responses").and_then(Value::as_object_mut) {
        for (status, what) in about {
            let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}});
            responses.insert(status.into(), json!({"description": what, "content": content}));
        }
    }
    out
}

fn parameter(param: &Described) -> Value {
    let mut out = json!({
        "name": param.name, "in": "query", "required": param.is_required, "schema": param.schema,
    });
    if let Some(out) = out.as_object_mut() {
        if !param.description.is_empty() {
            out.insert("description".into(), json!(param.description));
        }
        if param.is_list {
            // Items stand in one value, with commas.
            out.insert("style".into(), json!("form"));
            out.insert("explode".into(), json!(false));
        }
    }
    out
}

/// The JSON that an endpoint answers with.
fn answer(columns: &[(String, Type)]) -> Value {
    let properties: Map<String, Value> = columns.iter().map(|(n, ty)| (n.clone(), shown(ty))).collect();
    json!({
        "type": "object",
        "required": ["meta", "data", "rows"],
        "properties": {
            "meta": {"type": "array", "items": {
                "type": "object", "properties": {"name": {"type": "string"}, "type": {"type": "string"}},
            }},
            "data": {"type": "array", "items": {"type": "object", "properties": properties}},
            "rows": {"type": "integer"},
            "rows_before_limit_at_least": {"type": "integer"},
            "statistics": {"type": "object", "properties": {
                "elapsed": {"type": "number"},
                "rows_read": {"type": "integer"},
                "bytes_read": {"type": "integer"},
            }},
        },
    })
}

/// A column as the JSON format writes it.
fn shown(ty: &Type) -> Value {
    let mut out = match ty.plain() {
        Type::UInt(_) | Type::Int(_) => json!({"type": "integer"}),
        Type::Float32 | Type::Float64 | Type::Decimal(..) => json!({"type": "number"}),
        Type::Bool => json!({"type": "boolean"}),
        Type::Array(item) => json!({"type": "array", "items": shown(item)}),
        Type::Map(_, value) => json!({"type": "object", "additionalProperties": shown(value)}),
        Type::Tuple(_) | Type::Json | Type::Dynamic => json!({}),
        _ => json!({"type": "string"}),
    };
    if let Some(out) = out.as_object_mut() {
        out.insert("description".into(), json!(ty.to_string()));
        if ty.is_nullable() {
            out.insert("nullable".into(), json!(true));
        }
    }
    out
}
