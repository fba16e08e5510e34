//! The OpenAPI document, made from the tables of routes.

use crate::route::Route;
use serde_json::{Map, Value, json};
use tile_base::Scope;

/// What the routes of one API have in common.
pub struct Api {
    /// The ways in which a request can bring its credentials, by name: any of them does.
    pub security: Value,
    /// A credential that has a route's scope may use it, whatever the resource.
    pub has_scopes: bool,
    /// What the rest of an address is, where a route leaves it open.
    pub path: &'static str,
    /// Statuses of answers beside 200, and what they mean.
    pub statuses: &'static [(&'static str, &'static str)],
    /// The content of bodies of requests, by media type.
    pub bodies: Value,
}

/// Credentials of an API whose callers hold tokens of a workspace.
pub fn tokens() -> Value {
    json!({
        "bearer": {"type": "http", "scheme": "bearer"},
        "token": {"type": "apiKey", "in": "query", "name": "token"},
    })
}

/// A document being put together.
#[derive(Default)]
pub struct Document {
    paths: Map<String, Value>,
    schemes: Map<String, Value>,
}

impl Document {
    /// Adds the routes of an API.
    #[must_use]
    pub fn with<S>(mut self, api: &Api, routes: &[Route<S>]) -> Self {
        for route in routes {
            let entry = self.paths.entry(route.pattern).or_insert_with(|| json!({}));
            entry[route.method.as_str().to_ascii_lowercase()] = operation(api, route);
        }
        if let Value::Object(schemes) = &api.security {
            self.schemes.extend(schemes.clone());
        }
        self
    }

    /// OpenAPI 3.1.
    pub fn finish(self, title: &str, version: &str) -> Value {
        json!({
            "openapi": "3.1.0",
            "info": {"title": title, "version": version, "license": {"name": "Apache-2.0"}},
            "paths": self.paths,
            "components": {"securitySchemes": self.schemes},
        })
    }
}

fn operation<S>(api: &Api, r: &Route<S>) -> Value {
    let mut parameters: Vec<Value> = Vec::new();
    if r.pattern.ends_with("{path}") {
        parameters.push(json!({"name": "path", "in": "path", "required": true, "description": api.path, "schema": {"type": "string"}}));
    }
    for p in r.params {
        let schema = if p.kind == "array" {
            json!({"type": "array", "items": {"type": "string"}})
        } else {
            json!({"type": p.kind})
        };
        parameters.push(json!({"name": p.name, "in": "query", "required": false, "description": p.about, "schema": schema}));
    }
    let content: Map<String, Value> = r.produces.iter().map(|m| ((*m).to_owned(), json!({}))).collect();
    let mut responses = json!({"200": {"description": "the answer", "content": content}});
    for (code, about) in api.statuses {
        responses[*code] = json!({"description": about});
    }
    let mut operation = json!({"summary": r.summary, "parameters": parameters, "responses": responses, "operationId": operation_id(r)});
    if r.scope != Scope::Public {
        let ways = api.security.as_object().into_iter().flat_map(Map::keys);
        operation["security"] = ways.map(|name| json!({name: []})).collect();
        if api.has_scopes {
            operation["x-scope"] = json!(r.scope.name());
        }
    }
    if [http::Method::POST, http::Method::PUT].contains(&r.method) {
        operation["requestBody"] = json!({"required": false, "content": api.bodies});
    }
    operation
}

fn operation_id<S>(r: &Route<S>) -> String {
    let words: Vec<&str> = r.pattern.split(['/', '.', '{', '}', '-']).filter(|w| !w.is_empty()).collect();
    format!("{}_{}", r.method.as_str().to_ascii_lowercase(), words.join("_"))
}
