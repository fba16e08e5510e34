//! Features of a Join for many rows.

use super::answers::{Item, reply};
use super::beside::Beside;
use super::call::{self, Call};
use super::joining::{Row, RowsOf};
use super::{App, arrow, avro};
use crate::hub::{Joined, Target};
use crate::json::Named;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use tile_base::{Error, Result};
use tile_web::{Reply, Req};

pub async fn fetch(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    let joined = call.join(&app, &req)?;
    let at = call::time(&req)?;
    let call::Asking { keys: rows, rows: given } = call::asking(&app, &mut req).await?;
    let is_given = given.is_some();
    let given = given.map(|json| given_of(&app, &joined, json)).transpose()?.unwrap_or_default();
    let is_arrow = arrow::is_wanted(&req);
    // A stream has one schema, which all parts have to be there for.
    let joining = if is_arrow { joined.whole()? } else { joined.joining() };
    let beside = Beside::new(&req, || joining.columns(), joined.parts.iter(), app.hub.now_ms())?;
    let found = joining.fetch(&app.hub, &rows, at, &given).await?;
    // What a request made up is not what is served.
    if !is_given {
        logged(&app, joined, &rows, &found);
    }
    if is_arrow {
        return tile_web::rt::cpu(move || arrow::of_join(&joining, rows, found, &beside)).await;
    }
    let Beside { chosen, freshness } = beside;
    let items = rows
        .iter()
        .zip(&found)
        .map(|(keys, row)| Item::found(keys, Named { only: chosen.as_ref(), ..row.named() }));
    reply(items.collect(), freshness)
}

/// As [`fetch`]. The features of a row are a record of the Join's schema; what failed of it stands beside.
pub async fn fetch_avro(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    let joined = call.join(&app, &req)?;
    let at = call::time(&req)?;
    let call::Asking { keys, rows: given } = call::asking(&app, &mut req).await?;
    if given.is_some() {
        return Err(Error::invalid("this route takes no `rows`").hint("Give them to `/v1/fetch/join/`"));
    }
    let (joining, columns) = (joined.whole()?, joined.outputs()?.columns);
    let found = joining.fetch(&app.hub, &keys, at, &RowsOf::new()).await?;
    logged(&app, joined, &keys, &found);
    let item = |(keys, row): (&Map<String, Json>, &Row)| {
        let errors: Map<String, Json> =
            row.errors.iter().map(|(name, what)| (name.clone(), what.as_str().into())).collect();
        let mut record = Vec::new();
        match avro::encode(&columns, &row.values_of(&columns), &mut record) {
            Ok(()) => json!({
                "status": "Success",
                "entityKeys": keys,
                "featureAvroString": STANDARD.encode(record),
                "featuresErrors": errors,
            }),
            Err(e) => {
                json!({"status": "Failure", "entityKeys": keys, "error": e.detail(), "featuresErrors": errors})
            }
        }
    };
    let results: Vec<Json> = keys.iter().zip(&found).map(item).collect();
    Ok(super::json(&json!({ "results": results })))
}

/// Logs what is served, where a log is kept.
fn logged(app: &App, joined: Arc<Joined>, keys: &call::Rows, found: &[Row]) {
    if let Some(log) = app.log.of(app.hub.feeds(), Target::Join(joined)) {
        keys.iter().zip(found).for_each(|(keys, row)| log.add(row.time, keys, &row.named()));
    }
}

/// The rows that a request gives of each GroupBy.
fn given_of(app: &App, joined: &Joined, json: Json) -> Result<RowsOf> {
    let Json::Object(of) = json else {
        return Err(Error::malformed("`rows` of a Join is not an object").hint(
            "It has an array of rows for the name of each GroupBy: `{\"shop.sales\": [{\"price\": 3}]}`",
        ));
    };
    let names = || joined.definition.parts.iter().map(|part| part.group_by.meta.name.as_str());
    let rows = |(name, json): (String, Json)| {
        if !names().any(|known| known == name) {
            return Err(Error::invalid(format!("the Join has no part `{name}`")).did_you_mean(&name, names()));
        }
        let rows = call::given(app, json).map_err(|e| e.at(format!("rows.{name}")))?;
        Ok((name, rows))
    };
    of.into_iter().map(rows).collect()
}
