//! Features of a GroupBy for many keys.

use super::call::{self, Call};
use super::keys::{Asked, asked};
use super::{App, json, values};
use crate::hub::{Answer, Running};
use crate::value::Value;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use tile_base::{Error, Result};
use tile_web::{Reply, Req};

pub async fn group_by(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    let grouped = call.group_by(&app, &req)?;
    let at = call::time(&req)?;
    let rows = call::rows(&app, &mut req).await?;
    let running = grouped.served.running()?;
    let keys: Vec<Result<Asked>> =
        rows.iter().map(|row| asked(row, &running.bound.keys, |name| name)).collect();
    let known = keys.iter().filter_map(|key| match key {
        Ok(Asked::Key(key)) => Some((key.clone(), at)),
        _ => None,
    });
    let answers = app.hub.fetch(grouped.served.clone(), running.clone(), known.collect()).await?;
    let mut answers = answers.into_iter();
    let mut results = Vec::with_capacity(rows.len());
    for (row, key) in rows.into_iter().zip(keys) {
        results.push(match key {
            Ok(Asked::Key(_)) => {
                let answer = answers.next().ok_or_else(|| Error::internal("fewer answers than keys"))?;
                success(row, features(&running, &answer))
            }
            Ok(Asked::Null) => failure(row, "a part of the key is null: no row has such a key"),
            Err(e) => failure(row, &e.detail()),
        });
    }
    Ok(json(&json!({ "results": results })))
}

/// The features of a key, with what is derived of them.
fn features(running: &Running, answer: &Answer) -> Map<String, Json> {
    let row = running.row(answer);
    values::object(running.derive.columns(), &row)
}

impl Running {
    /// What the GroupBy gives: derived where it derives.
    pub(super) fn row(&self, answer: &Answer) -> Vec<Value> {
        let mut row = answer.values.clone();
        row.extend(answer.key.iter().cloned());
        row.push(Value::Int(answer.q));
        self.derive.apply(&row)
    }
}

pub fn success(keys: Map<String, Json>, features: Map<String, Json>) -> Json {
    json!({"status": "Success", "entityKeys": keys, "features": features})
}

pub fn failure(keys: Map<String, Json>, what: &str) -> Json {
    json!({"status": "Failure", "entityKeys": keys, "error": what})
}
