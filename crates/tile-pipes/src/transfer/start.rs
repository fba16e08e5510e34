//! Transfers as jobs, for requests and for what time sets off.

use super::{bucket, sink};
use crate::api::App;
use crate::api::jobs::{Begun, begin_watched};
use crate::hub::Tenant;
use crate::jobs::Watch;
use serde_json::json;
use std::sync::Arc;
use tile_base::Result;
use tile_base::objects::Overwrite;

/// Begins to import the new files of a data source's bucket, at most so many.
///
/// # Errors
/// `NotFound`; `Invalid` for a data source without a bucket; `Busy`.
pub async fn files(
    app: &App,
    tenant: &Arc<Tenant>,
    source: String,
    files_max: Option<usize>,
) -> Result<Begun> {
    let more = {
        let live = tenant.workspace.live();
        let found = live.source(&source)?;
        bucket::settings(found)?;
        json!({"datasource": {"id": found.home.id, "name": source}, "mode": "append"})
    };
    let (held, objects) = (tenant.clone(), app.objects.clone());
    begin_watched(app, tenant, "import", more, move |id: &str, watch: &Watch| {
        bucket::run(&held.workspace, objects.as_ref(), &source, files_max, id, watch)
    })
    .await
}

/// Begins to run a sink.
///
/// # Errors
/// `NotFound`; `Invalid` for a pipe without a sink; `Busy`.
pub async fn sink(
    app: &App,
    tenant: &Arc<Tenant>,
    pipe: String,
    params: Vec<(String, String)>,
    overwrite: Option<Overwrite>,
) -> Result<Begun> {
    let (at, more) = {
        let live = tenant.workspace.live();
        let (at, settings) = sink::settings(&live, &pipe)?;
        let id = live.pipe(&pipe)?.id.clone();
        (at, json!({"pipe_id": id, "pipe_name": pipe, "connection": settings.connection}))
    };
    let (held, objects) = (tenant.clone(), app.objects.clone());
    begin_watched(app, tenant, "sink", more, move |_: &str, watch: &Watch| {
        let ask = sink::Ask { pipe: &pipe, at, params: &params, overwrite };
        sink::run(&held.workspace, objects.as_ref(), &ask, watch)
    })
    .await
}
