//! What made the features of a key: from which tiles, and which times each of them covers.

use super::call::{self, Call, Rows};
use super::fetch::{Found, find};
use super::{App, json, params};
use crate::hub::{Ask, Grouped, Kept, Running};
use crate::json::Named;
use crate::online::{ColumnParts, Part};
use crate::types::Type;
use crate::value::Value;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use tile_base::{Error, Result};
use tile_web::{Reply, Req};

/// What stands behind the name in the path.
pub const END: &str = "explain";

/// For the keys of the body.
pub async fn post(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let grouped = named(&app, &mut req)?;
    let asking = call::asking(&app, &mut req).await?;
    if asking.rows.is_some() {
        return Err(
            Error::invalid("tiles are not made of rows that a request gives").hint("Ask without `/explain`")
        );
    }
    answer(&app, &req, &grouped, asking.keys).await
}

/// For the key whose parts are parameters.
pub async fn get(app: Arc<App>, mut req: Req) -> Result<Reply> {
    if req.tail.0.last().is_none_or(|end| end != END) {
        return Err(Error::malformed("features of keys are asked for with POST")
            .hint("Send the keys as a JSON array, or put `/explain` behind the name"));
    }
    let grouped = named(&app, &mut req)?;
    let running = grouped.served.running()?;
    let keys: Vec<&str> = running.bound.keys.iter().map(|(name, _)| name.as_str()).collect();
    params::check(&req, super::ASKED, &keys)?;
    let given = |(name, ty): &(String, Type)| Some((name.clone(), of_text(req.query.get(name)?, ty)));
    let row = running.bound.keys.iter().filter_map(given).collect();
    answer(&app, &req, &grouped, vec![row]).await
}

/// The GroupBy that stands before the end of the path.
fn named(app: &App, req: &mut Req) -> Result<Arc<Grouped>> {
    req.tail.0.pop_if(|end| end == END);
    Call::new(app, req)?.group_by(app, req)
}

/// A part of a key as a parameter has it.
fn of_text(text: &str, ty: &Type) -> Json {
    match ty {
        Type::Text | Type::Binary => Json::from(text),
        _ => serde_json::from_str(text).unwrap_or_else(|_| Json::from(text)),
    }
}

async fn answer(app: &App, req: &Req, grouped: &Grouped, rows: Rows) -> Result<Reply> {
    let at = call::time(req)?;
    let running = grouped.served.running()?;
    let found = find(app, (grouped, &running), (rows, None), (at, app.hub.now_ms())).await?;
    let mut counts = counts(app, grouped, &running, &found).await?.into_iter();
    let results: Vec<Json> = found.into_iter().map(|found| one(&running, found, &mut counts)).collect();
    Ok(json(&json!({ "results": results })))
}

/// How many rows made the values that rows of events made, in the order of these.
async fn counts(
    app: &App,
    grouped: &Grouped,
    running: &Arc<Running>,
    found: &[Found],
) -> Result<Vec<Vec<ColumnParts>>> {
    let of = |found: &Found| match &found.outcome {
        Ok(Some((key, answer))) if answer.is_from_rows => Some((key.clone(), Some(answer.q))),
        _ => None,
    };
    let keys: Vec<_> = found.iter().filter_map(of).collect();
    if keys.is_empty() || matches!(running.group, Kept::Rows(_)) {
        return Ok(Vec::new());
    }
    let (served, running) = (grouped.served.clone(), running.clone());
    app.hub.rows_of(Ask { served, running, keys: Arc::new(keys), rows: None }).await
}

/// `counts`: of each answer that rows made.
fn one(running: &Running, found: Found, counts: &mut impl Iterator<Item = Vec<ColumnParts>>) -> Json {
    let columns = running.features();
    let (key, answer) = match found.outcome {
        Ok(Some(found)) => found,
        Ok(None) => {
            let values = vec![Value::Null; columns.len()];
            return json!({
                "status": "Success",
                "entityKeys": found.keys,
                "features": Named { columns: &columns, values: &values, errors: &[], only: None },
                "columns": {},
                "why": "a part of the key is null: no row has such a key",
            });
        }
        Err(what) => return json!({"status": "Failure", "entityKeys": found.keys, "error": what}),
    };
    let (q, from) = (answer.q, if answer.is_from_rows { "rows" } else { "tiles" });
    let counted = if answer.is_from_rows { counts.next() } else { None };
    let values = running.row(answer);
    let mut out = json!({
        "status": "Success",
        "entityKeys": found.keys,
        "at": q,
        "features": Named { columns: &columns, values: &values, errors: &[], only: None },
    });
    let explained = running.group.explain(&key, q);
    let told = match explained {
        Ok(None) => json!({"from": from, "newest": null, "columns": {}}),
        Ok(Some(explained)) => {
            let columns: Map<String, Json> =
                explained.columns.iter().map(|c| (c.name.clone(), column(c))).collect();
            json!({"from": from, "newest": explained.newest, "columns": columns})
        }
        // Why the rows were asked. For an answer from tiles: an event came between it and this.
        Err(past) => {
            let columns: Map<String, Json> =
                counted.iter().flatten().map(|c| (c.name.clone(), column(c))).collect();
            json!({"from": from, "columns": columns, "why": past.to_string()})
        }
    };
    if let (Json::Object(out), Json::Object(told)) = (&mut out, told) {
        out.extend(told);
    }
    out
}

fn column(column: &ColumnParts) -> Json {
    let part = |part: &Part| match *part {
        Part::Base { until, .. } => json!({"kind": "all before", "until": until}),
        Part::Tile { size, start, .. } => json!({"kind": "tile", "start": start, "size_ms": size}),
        Part::Moment { at } => json!({"kind": "moment", "at": at}),
        Part::Rows { count } => json!({"kind": "rows", "count": count}),
    };
    json!({"tail": column.tail, "parts": column.parts.iter().map(part).collect::<Vec<_>>()})
}
