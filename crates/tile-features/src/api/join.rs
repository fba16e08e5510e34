//! Features of a Join for many rows.

use super::answers::{Item, reply};
use super::call::{self, Call};
use super::{App, arrow};
use crate::hub::Target;
use crate::json::Named;
use std::sync::Arc;
use tile_base::Result;
use tile_web::{Reply, Req};

pub async fn fetch(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    let joined = call.join(&app, &req)?;
    let at = call::time(&req)?;
    let rows = call::rows(&app, &mut req).await?;
    let is_arrow = arrow::is_wanted(&req);
    // A stream has one schema, which all parts have to be there for.
    let joining = if is_arrow { joined.whole()? } else { joined.joining() };
    let found = joining.fetch(&app.hub, &rows, at).await?;
    if let Some(log) = app.log.of(app.hub.feeds(), Target::Join(joined)) {
        rows.iter().zip(&found).for_each(|(keys, row)| log.add(row.time, keys, &row.named()));
    }
    if is_arrow {
        return tile_web::rt::cpu(move || arrow::of_join(&joining, rows, found)).await;
    }
    let items = rows.iter().zip(&found).map(|(keys, row)| Item::found(keys, row.named()));
    reply(items.collect::<Vec<Item<'_, Named<'_>>>>())
}
