//! Features of a Join for many rows.

use super::answers::{Item, reply};
use super::call::{self, Call};
use super::joining::RowsOf;
use super::{App, arrow};
use crate::hub::{Joined, Target};
use crate::json::Named;
use serde_json::Value as Json;
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
    let found = joining.fetch(&app.hub, &rows, at, &given).await?;
    // What a request made up is not what is served.
    if !is_given && let Some(log) = app.log.of(app.hub.feeds(), Target::Join(joined)) {
        rows.iter().zip(&found).for_each(|(keys, row)| log.add(row.time, keys, &row.named()));
    }
    if is_arrow {
        return tile_web::rt::cpu(move || arrow::of_join(&joining, rows, found)).await;
    }
    let items = rows.iter().zip(&found).map(|(keys, row)| Item::found(keys, row.named()));
    reply(items.collect::<Vec<Item<'_, Named<'_>>>>())
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
