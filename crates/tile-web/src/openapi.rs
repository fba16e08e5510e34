//! The OpenAPI document, made from the table of routes.

use crate::route::Route;
use serde_json::{Map, Value, json};
use tile_base::Scope;

/// OpenAPI 3.1 of these routes.
pub fn document<S>(title: &str, version: &str, routes: &[Route<S>]) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for r in routes {
        let mut parameters: Vec<Value> = Vec::new();
        if r.pattern.ends_with("{path}") {
            parameters.push(json!({"name": "path", "in": "path", "required": true, "description": "keys from the root, separated by `/`; may be empty", "schema": {"type": "string"}}));
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
        if let Some(map) = responses.as_object_mut() {
            for (code, about) in [
                ("206", "the part that `Range` asks for"),
                ("303", "the page is at another address"),
                ("304", "not modified"),
                ("307", "the document is at another address"),
                ("400", "the request cannot be right"),
                ("401", "credentials are missing or wrong"),
                ("403", "refused"),
                ("404", "no such node"),
                ("405", "this node does not support it"),
                ("406", "no acceptable format"),
                ("410", "a broken link or a missing file"),
                ("413", "over a limit"),
                ("416", "the byte range lies outside"),
                ("422", "a value breaks its grammar, or damaged data"),
                ("503", "busy; ask again after `Retry-After` seconds"),
            ] {
                map.insert(code.to_owned(), json!({"description": about}));
            }
        }
        let mut operation = json!({"summary": r.summary, "parameters": parameters, "responses": responses, "operationId": operation_id(r)});
        if r.scope != Scope::Public {
            operation["security"] = json!([{"apiKey": []}]);
            operation["x-scope"] = json!(r.scope.name());
        }
        if r.method == http::Method::POST {
            operation["requestBody"] = json!({"required": false, "content": {"application/json": {"schema": {"type": "array", "items": {"type": "string"}}}}});
        }
        let entry = paths.entry(r.pattern).or_insert_with(|| json!({}));
        entry[r.method.as_str().to_ascii_lowercase()] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {"securitySchemes": {"apiKey": {"type": "apiKey", "in": "query", "name": "api_key"}}},
    })
}

fn operation_id<S>(r: &Route<S>) -> String {
    let words: Vec<&str> = r.pattern.split(['/', '.', '{', '}', '-']).filter(|w| !w.is_empty()).collect();
    format!("{}_{}", r.method.as_str().to_ascii_lowercase(), words.join("_"))
}
