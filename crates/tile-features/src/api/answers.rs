//! The answers of a request for many keys, each with its own status. They are written as they are, without a JSON value in between.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use tile_base::{Error, Result};
use tile_web::Reply;

/// The answer for one key: features, or why there are none.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item<'a, F> {
    status: &'static str,
    entity_keys: &'a Map<String, Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    features: Option<F>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

impl<'a, F> Item<'a, F> {
    pub const fn found(entity_keys: &'a Map<String, Json>, features: F) -> Self {
        Self { status: "Success", entity_keys, features: Some(features), error: None }
    }

    pub const fn failed(entity_keys: &'a Map<String, Json>, what: &'a str) -> Self {
        Self { status: "Failure", entity_keys, features: None, error: Some(what) }
    }
}

#[derive(Serialize)]
struct Results<T> {
    results: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    freshness: Option<Json>,
}

/// All of them, in the order of the request, and how fresh they are where that is wanted.
///
/// # Errors
/// None but a defect.
pub fn reply<F: Serialize>(items: Vec<Item<'_, F>>, freshness: Option<Json>) -> Result<Reply> {
    let bytes = serde_json::to_vec(&Results { results: items, freshness });
    let bytes = bytes.map_err(|e| Error::internal("features are not written as JSON").source(e))?;
    Ok(Reply::new("application/json", bytes))
}
