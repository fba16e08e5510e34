//! Features as nodes of the catalog: `features/<workspace>/group_bys/<name>` is a table with a row for each key that has values at the
//! present. A token sees the GroupBys that it may fetch, and nothing else. A Join has no table: its keys come with each request.

mod rows;
#[cfg(test)]
mod tests;

use crate::api::{Call, described};
use crate::hub::Hub;
use rows::Rows;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tile_base::mount::{Content, Mount, Mounted};
use tile_base::structure::Spec;
use tile_base::{Kind, Principal, Result};

/// The key of all this at the root.
pub const KEY: &str = "features";
const GROUP_BYS: &str = "group_bys";

/// Bounds of what a reader gets.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Keys of one partition.
    pub keys_max: usize,
    /// Bytes of one partition.
    pub bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { keys_max: 1 << 14, bytes_max: 100 << 20 }
    }
}

/// The workspace whose features are shown.
pub struct Owner {
    pub id: String,
    pub name: String,
}

/// The features of a workspace, as nodes.
pub struct Features {
    hub: Arc<Hub>,
    owner: Owner,
    limits: Limits,
    /// No two readings have the same number: values change without notice, and nothing is remembered.
    versions: AtomicU64,
}

impl Features {
    /// `seed` is random.
    pub const fn new(hub: Arc<Hub>, owner: Owner, limits: Limits, seed: u64) -> Self {
        Self { hub, owner, limits, versions: AtomicU64::new(seed) }
    }

    fn table(&self, call: &Call, name: &str) -> Result<Option<Mounted>> {
        if !call.may_read(name) {
            return Ok(None);
        }
        let Some(grouped) = self.hub.defined().groups.get(name).cloned() else { return Ok(None) };
        let running = grouped.served.running()?;
        let version = self.versions.fetch_add(1, Ordering::Relaxed);
        let rows = Rows::new(self.hub.clone(), grouped.served.clone(), running, self.limits, version);
        Ok(Some(Mounted {
            metadata: described(name, &grouped),
            specs: vec![Spec::new("group_by")],
            content: Content::Table(Arc::new(rows)),
        }))
    }
}

impl Mount for Features {
    fn key(&self) -> &str {
        KEY
    }

    fn find(&self, caller: &Principal, path: &[String]) -> Result<Option<Mounted>> {
        // Who is no token of the workspace sees an empty folder, as of other mounts.
        let call = match Call::of(caller, &self.owner.id) {
            Ok(call) => Some(call),
            Err(e) if matches!(e.kind, Kind::Denied | Kind::Unauthenticated) => None,
            Err(e) => return Err(e),
        };
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        match (names.as_slice(), call) {
            ([], call) => {
                let own = call.map(|_| self.owner.name.clone());
                Ok(Some(container(json!({}), own.into_iter().collect())))
            }
            ([workspace, below @ ..], Some(call)) if *workspace == self.owner.name => match below {
                [] => Ok(Some(container(json!({"id": self.owner.id}), vec![GROUP_BYS.to_owned()]))),
                [GROUP_BYS] => {
                    let defined = self.hub.defined();
                    let seen = defined.groups.keys().filter(|name| call.may_read(name));
                    Ok(Some(container(json!({}), seen.cloned().collect())))
                }
                [GROUP_BYS, name] => self.table(&call, name),
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }
}

fn container(metadata: Json, keys: Vec<String>) -> Mounted {
    Mounted { metadata, specs: vec![], content: Content::Container(keys) }
}
