//! Features as nodes of the catalog: `features/<workspace>/group_bys/<name>` and `…/joins/<name>` are tables with a row for each key that
//! has values at the present. A token sees what it may fetch, and nothing else. A Join whose keys nobody knows has no table: it is an
//! empty folder, whose metadata says why.

mod form;
mod keys;
mod left;
mod rows;
mod sql;
#[cfg(test)]
mod tests;

use crate::api::{Call, described, described_join};
use crate::definition::Declared;
use crate::hub::Hub;
use form::Form;
use keys::Keys;
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
const JOINS: &str = "joins";

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

/// How a table is shown.
#[derive(Clone, Copy, Debug)]
struct Shown {
    form: Form,
    limits: Limits,
    version: u64,
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

    fn shown(&self) -> Shown {
        let version = self.versions.fetch_add(1, Ordering::Relaxed);
        Shown { form: Form::Catalog, limits: self.limits, version }
    }

    /// The rows of a GroupBy that is defined.
    fn group_rows(&self, name: &str, shown: Shown) -> Result<Option<Result<Rows, String>>> {
        let defined = self.hub.defined();
        let Some(grouped) = defined.groups.get(name) else { return Ok(None) };
        Ok(Some(Ok(Rows::of_group(&self.hub, &grouped.served, shown)?)))
    }

    /// The rows of a Join that is defined, or why it has none.
    fn join_rows(&self, name: &str, shown: Shown) -> Result<Option<Result<Rows, String>>> {
        let defined = self.hub.defined();
        let Some(joined) = defined.joins.get(name) else { return Ok(None) };
        let joining = Arc::new(joined.whole()?);
        Ok(Some(match Keys::of_join(&joining) {
            Ok(keys) => Ok(Rows::of_join(&self.hub, joining, keys, shown)?),
            Err(why) => Err(why),
        }))
    }

    fn group(&self, name: &str) -> Result<Option<Mounted>> {
        let Some(grouped) = self.hub.defined().groups.get(name).cloned() else { return Ok(None) };
        let rows = self.group_rows(name, self.shown())?;
        let said = said(described(name, &grouped), &grouped.declared);
        Ok(rows.map(|rows| node("group_by", said, rows)))
    }

    fn join(&self, name: &str) -> Result<Option<Mounted>> {
        let Some(joined) = self.hub.defined().joins.get(name).cloned() else { return Ok(None) };
        let rows = self.join_rows(name, self.shown())?;
        let mut said = said(described_join(name, &joined), &joined.declared);
        let parts = joined.definition.parts.iter().map(|part| {
            let keys: Vec<&str> = part.group_by.keys.iter().map(|key| part.left_key(key)).collect();
            json!({"group_by": part.group_by.meta.name, "prefix": part.full_prefix(), "keys": keys})
        });
        said["parts"] = parts.collect();
        Ok(rows.map(|rows| node("join", said, rows)))
    }
}

/// What is said of a definition beside where it stands.
fn said(mut described: Json, declared: &Declared) -> Json {
    if let Some(meta) = declared.meta() {
        described["owner"] = json!(meta.team);
        described["description"] = json!(meta.description);
    }
    described["definition"] = declared.to_json();
    described
}

fn node(spec: &str, mut metadata: Json, rows: Result<Rows, String>) -> Mounted {
    let content = match rows {
        Ok(rows) => Content::Table(Arc::new(rows)),
        Err(why) => {
            metadata["no_table"] = why.into();
            Content::Container(vec![])
        }
    };
    Mounted { metadata, specs: vec![Spec::new(spec)], content }
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
                [] => {
                    let kinds = [GROUP_BYS, JOINS].map(str::to_owned).to_vec();
                    Ok(Some(container(json!({"id": self.owner.id}), kinds)))
                }
                [kind @ (GROUP_BYS | JOINS)] => {
                    let defined = self.hub.defined();
                    let names: Vec<&String> = match *kind {
                        GROUP_BYS => defined.groups.keys().collect(),
                        _ => defined.joins.keys().collect(),
                    };
                    let seen = names.into_iter().filter(|name| call.may_read(name));
                    Ok(Some(container(json!({}), seen.cloned().collect())))
                }
                [GROUP_BYS, name] if call.may_read(name) => self.group(name),
                [JOINS, name] if call.may_read(name) => self.join(name),
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }
}

fn container(metadata: Json, keys: Vec<String>) -> Mounted {
    Mounted { metadata, specs: vec![], content: Content::Container(keys) }
}
