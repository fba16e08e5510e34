//! Features of a GroupBy for many keys.

use super::call::{self, Call, Rows};
use super::keys::{Asked, asked};
use super::{App, arrow, explain, json, values};
use crate::hub::{Answer, Grouped, Running, Target};
use crate::value::Value;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use tile_base::{Error, Result};
use tile_web::{Reply, Req};

/// What one item of a request asks for, and what came of it.
pub struct Found {
    /// As the request has them.
    pub keys: Map<String, Json>,
    /// The key in bytes with its answer, or why there is none.
    pub outcome: std::result::Result<(Vec<u8>, Answer), String>,
}

pub async fn group_by(app: Arc<App>, mut req: Req) -> Result<Reply> {
    if is_explain(&app, &req) {
        return explain::post(app, req).await;
    }
    let call = Call::new(&app, &req)?;
    let grouped = call.group_by(&app, &req)?;
    let at = call::time(&req)?;
    let rows = call::rows(&app, &mut req).await?;
    let running = grouped.served.running()?;
    let now = app.hub.now_ms();
    let found = find(&app, &grouped, &running, rows, (at, now)).await?;
    let target = Target::GroupBy(grouped.clone());
    for Found { keys, outcome } in &found {
        if let Ok((_, answer)) = outcome {
            let time = grouped.served.seen_at(at.unwrap_or(now), answer);
            app.log.add(app.hub.feeds(), &target, time, keys, || features(&running, answer));
        }
    }
    if arrow::is_wanted(&req) {
        return tile_web::rt::cpu(move || arrow::stream(&running, &found)).await;
    }
    let results: Vec<Json> = found
        .into_iter()
        .map(|found| match found.outcome {
            Ok((_, answer)) => success(found.keys, features(&running, &answer)),
            Err(what) => failure(found.keys, &what),
        })
        .collect();
    Ok(json(&json!({ "results": results })))
}

/// Whether a path ends in `/explain` and names no GroupBy as a whole.
fn is_explain(app: &App, req: &Req) -> bool {
    let whole = req.tail.0.join("/");
    let ends = req.tail.0.len() > 1 && req.tail.0.last().is_some_and(|end| end == explain::END);
    ends && !app.hub.defined().groups.contains_key(&whole.replacen('/', ".", 1))
}

/// The answers for the keys of a request, in their order: at a time, or at the present.
pub async fn find(
    app: &App,
    grouped: &Grouped,
    running: &Arc<Running>,
    rows: Rows,
    (at, now): (Option<i64>, i64),
) -> Result<Vec<Found>> {
    let keys: Vec<Result<Asked>> = rows.iter().map(|row| asked(row, &running.bound, |name| name)).collect();
    let known = keys.iter().filter_map(|key| match key {
        Ok(Asked::Key(key)) => Some((key.clone(), at)),
        _ => None,
    });
    let answers = app.hub.fetch(grouped.served.clone(), running.clone(), known.collect(), now).await?;
    let mut answers = answers.into_iter();
    let mut all = Vec::with_capacity(rows.len());
    for (keys, key) in rows.into_iter().zip(keys) {
        let outcome = match key {
            Ok(Asked::Key(key)) => {
                let answer = answers.next().ok_or_else(|| Error::internal("fewer answers than keys"))?;
                Ok((key, answer))
            }
            Ok(Asked::Null) => Err("a part of the key is null: no row has such a key".to_owned()),
            Err(e) => Err(e.detail()),
        };
        all.push(Found { keys, outcome });
    }
    Ok(all)
}

/// The features of a key, with what is derived of them.
pub fn features(running: &Running, answer: &Answer) -> Map<String, Json> {
    let row = running.row(answer);
    values::object(running.derive.columns(), &row)
}

impl Running {
    /// What the GroupBy gives: derived where it derives.
    pub(crate) fn row(&self, answer: &Answer) -> Vec<Value> {
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
