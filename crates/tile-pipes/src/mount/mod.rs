//! Data sources, the results of endpoints and service data sources as nodes of the catalog: `pipes/<workspace>/datasources/<name>`,
//! `…/pipes/<name>` and `…/service/<name>`. A token sees what it may read through the API, with its filters and its fixed
//! parameters, and nothing else. [`rows`] reads, [`columns`] has the types.

pub(crate) mod columns;
mod rows;
mod service;
#[cfg(test)]
mod tests;

use crate::api::call::Call;
use crate::datafile::NodeKind;
use crate::hub::Hub;
use crate::workspace::Live;
use crate::workspace::rendering::Asked;
use crate::workspace::resources::{Node, Pipe, Source};
use crate::workspace::scope::Sight;
use rows::{Maker, Rows, Stored};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tile_base::mount::{Content, Mount, Mounted};
use tile_base::structure::Spec;
use tile_base::{Action, Error, Kind, Principal, Resource, ResourceKind, Result};
use tile_clicksql::types::Type;

/// The key of all this at the root.
pub const KEY: &str = "pipes";
const DATASOURCES: &str = "datasources";
const PIPES: &str = "pipes";

/// Bounds of what a reader gets.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of one partition of a data source.
    pub rows_max: usize,
    /// Of one partition, and of the result of an endpoint.
    pub bytes_max: usize,
    pub query_time_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let api = crate::api::Limits::default();
        Self { rows_max: 1 << 17, bytes_max: api.result_bytes_max, query_time_max: api.query_time_max }
    }
}

/// All workspaces of a process, as nodes.
pub struct Pipes {
    hub: Arc<Hub>,
    limits: Limits,
    /// No two readings have the same number: rows change without notice, and nothing is remembered.
    versions: AtomicU64,
}

impl Pipes {
    pub fn new(hub: Arc<Hub>, limits: Limits) -> Self {
        let seed = hub.random().into_iter().take(8).fold(0, |n, byte| n << 8 | u64::from(byte));
        Self { hub, limits, versions: AtomicU64::new(seed) }
    }
}

impl Mount for Pipes {
    fn key(&self) -> &str {
        KEY
    }

    fn find(&self, caller: &Principal, path: &[String]) -> Result<Option<Mounted>> {
        let Principal::Token(token) = caller else { return Ok(None) };
        // A token that belongs to no workspace, or to one that is gone, sees none.
        let call = match Call::of(&self.hub, token.clone()) {
            Ok(call) => Some(call),
            Err(e) if matches!(e.kind, Kind::Denied | Kind::NotFound) => None,
            Err(e) => return Err(e),
        };
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        let (workspace, below) = match (names.split_first(), &call) {
            (None, call) => {
                let own = call.as_ref().map(|c| c.tenant.workspace.name.clone());
                return Ok(Some(container(json!({}), own.into_iter().collect())));
            }
            (Some((name, below)), Some(call)) if *name == call.tenant.workspace.name => (call, below),
            _ => return Ok(None),
        };
        let live = workspace.tenant.workspace.live();
        match below {
            [] => Ok(Some(container(
                json!({"id": workspace.tenant.workspace.id}),
                [DATASOURCES, PIPES, service::KEY].map(str::to_owned).to_vec(),
            ))),
            [DATASOURCES] => Ok(Some(container(json!({}), sources(workspace, &live)))),
            [PIPES] => Ok(Some(container(json!({}), endpoints(workspace, &live)))),
            [service::KEY] => Ok(Some(container(json!({}), service::names(workspace)))),
            [DATASOURCES, name] => self.source(workspace, &live, name),
            [PIPES, name] => self.endpoint(workspace, &live, name),
            [service::KEY, name] => self.service(workspace, &live, name),
            _ => Ok(None),
        }
    }
}

fn container(metadata: Value, keys: Vec<String>) -> Mounted {
    Mounted { metadata, specs: vec![], content: Content::Container(keys) }
}

fn sources(call: &Call, live: &Live) -> Vec<String> {
    let sight = call.sight();
    live.resources.sources.keys().filter(|name| sight.source(name).is_some()).cloned().collect()
}

fn endpoints(call: &Call, live: &Live) -> Vec<String> {
    let sight = call.sight();
    let found =
        live.resources.pipes.iter().filter(|(name, pipe)| endpoint_of(pipe).is_some() && sight.pipe(name));
    found.map(|(name, _)| name.clone()).collect()
}

/// The node whose result is served.
fn endpoint_of(pipe: &Pipe) -> Option<(usize, &Node)> {
    let at = pipe.published()?;
    let is_endpoint = pipe.file.nodes.get(at)?.kind == NodeKind::Endpoint;
    is_endpoint.then_some((at, pipe.nodes.get(at)?))
}

impl Pipes {
    fn maker(&self, call: &Call, live: &Arc<Live>) -> Maker {
        Maker {
            tenant: call.tenant.clone(),
            live: live.clone(),
            limits: self.limits,
            version: self.versions.fetch_add(1, Ordering::Relaxed),
        }
    }

    fn source(&self, call: &Call, live: &Arc<Live>, name: &str) -> Result<Option<Mounted>> {
        let sight = call.sight();
        let (Some(source), Some(filter)) = (live.resources.sources.get(name), sight.source(name)) else {
            return Ok(None);
        };
        let (rows, stored) =
            self.maker(call, live).stored(Stored::Source(name.to_owned()), filter.map(str::to_owned))?;
        let mut metadata = described(source);
        if filter.is_none() {
            metadata.insert("rows_stored".into(), stored.into());
        }
        Ok(Some(table(metadata.into(), "datasource", rows)))
    }

    fn endpoint(&self, call: &Call, live: &Arc<Live>, name: &str) -> Result<Option<Mounted>> {
        let Some(pipe) = live.resources.pipes.get(name) else { return Ok(None) };
        let Some((at, node)) = endpoint_of(pipe) else { return Ok(None) };
        let resource = Resource::named(ResourceKind::Pipe, name).with_id(&pipe.id);
        let granted = match call.may(Action::Read, &resource) {
            Ok(granted) => granted,
            Err(e) if e.kind == Kind::Denied => return Ok(None),
            Err(e) => return Err(e),
        };
        let fixed: Vec<(String, Value)> = granted.fixed_params.into_iter().collect();
        let mut asked = Asked::of(&[], &fixed);
        asked.secrets = call.tenant.workspace.secrets().into_iter().collect();
        let rows =
            self.maker(call, live).endpoint(name, at, &asked, &call.sight()).map_err(|e| unasked(e, name))?;
        let metadata = json!({
            "description": pipe.file.description,
            "tags": pipe.file.tags,
            "parameters": node.params(),
            "reads": node.reads,
            "updated_at": crate::api::time(pipe.updated_at_us),
        });
        Ok(Some(table(metadata, "endpoint", rows)))
    }
}

/// An endpoint that does not run without parameters has no place here, and says where it does run.
fn unasked(e: Error, name: &str) -> Error {
    Error::new(
        Kind::Malformed,
        format!("the endpoint `{name}` does not run without parameters: {}", e.detail()),
    )
    .hint(format!("Ask for it with its parameters at /v0/pipes/{name}.json"))
}

fn table(metadata: Value, spec: &str, rows: Rows) -> Mounted {
    Mounted { metadata, specs: vec![Spec::new(spec)], content: Content::Table(Arc::new(rows)) }
}

/// ClickHouse's names of the columns' types.
fn types(columns: &[(String, Type)]) -> Value {
    columns.iter().map(|(name, ty)| (name.clone(), Value::from(ty.to_string()))).collect::<Map<_, _>>().into()
}

fn described(source: &Source) -> Map<String, Value> {
    let file = &source.file;
    let key = |key: &Option<crate::datafile::Key>| key.as_ref().map(|key| key.text.clone());
    let mut out = Map::new();
    out.insert("description".into(), json!(file.description));
    out.insert("tags".into(), json!(file.tags));
    out.insert("columns".into(), types(&source.table.columns));
    out.insert("engine".into(), file.engine.kind.name().into());
    out.insert("sorting_key".into(), json!(key(&file.engine.sorting_key)));
    out.insert("partition_key".into(), json!(key(&file.engine.partition_key)));
    out.insert("updated_at".into(), crate::api::time(source.home.updated_at_us).into());
    out
}
