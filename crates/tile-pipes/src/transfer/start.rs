//! Transfers as jobs, for requests and for what time sets off.

use super::{bucket, sink};
use crate::api::App;
use crate::api::jobs::{Begun, begin_watched};
use crate::api::{kept, sunk};
use crate::datafile::{Sink, SinkTarget};
use crate::hub::Tenant;
use crate::jobs::Watch;
use crate::observe::{Sunk, bounded};
use crate::workspace::resources::Node;
use crate::workspace::{Live, query};
use serde_json::json;
use std::collections::BTreeMap;
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

/// How a sink is to run.
#[derive(Default)]
pub struct Asked {
    pub params: Vec<(String, String)>,
    /// In the place of the pipe's own strategy.
    pub overwrite: Option<Overwrite>,
    /// The name of the token that asks; none when it is the schedule.
    pub by: Option<String>,
}

/// Begins to run a sink.
///
/// # Errors
/// `NotFound`; `Invalid` for a pipe without a sink; `Busy`.
pub async fn sink(app: &App, tenant: &Arc<Tenant>, pipe: String, asked: Asked) -> Result<Begun> {
    let (at, more, row) = {
        let live = tenant.workspace.live();
        let (at, settings) = sink::settings(&live, &pipe)?;
        let id = live.pipe(&pipe)?.id.clone();
        let more = json!({"pipe_id": id, "pipe_name": pipe, "connection": settings.connection});
        (at, more, row(&live, &pipe, &id, settings, &asked))
    };
    let (held, objects) = (tenant.clone(), app.objects.clone());
    begin_watched(app, tenant, "sink", more, move |id: &str, watch: &Watch| {
        let ask = sink::Ask { pipe: &pipe, at, params: &asked.params, overwrite: asked.overwrite };
        sunk(&held, Sunk { job_id: id.to_owned(), ..row }, || {
            let live = held.workspace.live();
            let reads = live.pipe(&pipe)?.nodes.get(at).map(Node::dependencies).unwrap_or_default();
            let read = query::read(&held.workspace, &live, &reads)?;
            Ok((read, sink::run(&held.workspace, objects.as_ref(), &ask, watch)?))
        })
    })
    .await
}

/// What is written down of a run, before it is known what came of it.
fn row(live: &Live, pipe: &str, id: &str, sink: &Sink, asked: &Asked) -> Sunk {
    let service = live.resources.connections.get(&sink.connection).map_or("", |c| c.kind.name());
    let mut options = BTreeMap::new();
    let mut option = |name: &str, value: &str| drop(options.insert(name.to_owned(), bounded(value)));
    option("execution_type", if asked.by.is_some() { "manual" } else { "scheduled" });
    match &sink.target {
        SinkTarget::Kafka { topic } => option("topic", topic),
        SinkTarget::Bucket { uri, file_template, format, compression, .. } => {
            option("bucket_path", uri);
            option("file_template", file_template);
            option("file_format", format.as_deref().unwrap_or("csv"));
            option("file_compression", compression.as_deref().unwrap_or("none"));
        }
    }
    Sunk {
        service,
        pipe_name: pipe.to_owned(),
        pipe_id: id.to_owned(),
        parameters: kept(&asked.params),
        options,
        token_name: asked.by.clone().unwrap_or_default(),
        ..Sunk::default()
    }
}
