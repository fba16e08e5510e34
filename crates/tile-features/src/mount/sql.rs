//! The tables of features as SQL reads them: ``FROM catalog.`features/<workspace>/group_bys/<name>` ``. Who says what all columns of the key
//! are gets these rows alone. Nothing here waits for a turn of the engine: where rows must be asked, these are a state of their own.

use super::form::Form;
use super::rows::Rows;
use super::{Features, GROUP_BYS, JOINS, KEY, Limits, Shown};
use crate::api::value;
use crate::hub::Typed;
use crate::value::Value;
use serde_json::Value as Json;
use tile_base::foreign::{Foreign, ForeignTables, Guarded, Scan, changed};
use tile_base::mount::MountedTable;
use tile_base::{Error, Kind, Resource, ResourceKind, Result};

/// Keys of one batch.
const LIMITS: Limits = Limits { keys_max: 1 << 11, bytes_max: 64 << 20 };

impl Features {
    /// The kind and the name that a path tells.
    fn named<'a>(&self, path: &'a str) -> Option<(&'a str, &'a str)> {
        let keys: Vec<&str> = path.split('/').filter(|key| !key.is_empty()).collect();
        match keys.as_slice() {
            [KEY, workspace, kind @ (GROUP_BYS | JOINS), name] if *workspace == self.owner.name => {
                Some((*kind, *name))
            }
            _ => None,
        }
    }

    /// The rows of a GroupBy or a Join.
    fn rows_at(&self, path: &str) -> Result<Rows> {
        let at = |e: Error| e.at(format!("catalog.`{path}`"));
        let Some((kind, name)) = self.named(path) else {
            return Err(at(Error::not_found("nothing is there")));
        };
        let shown = Shown { form: Form::Sql, limits: LIMITS, version: 0 };
        let rows = if kind == GROUP_BYS { self.group_rows(name, shown) } else { self.join_rows(name, shown) };
        match rows.map_err(at)? {
            Some(Ok(rows)) => Ok(rows),
            Some(Err(why)) => Err(at(Error::invalid(format!("`{name}` has no table: {why}")))),
            None if !self.hub.is_defined() => {
                let what = format!("the definition of `{name}` is not read yet");
                Err(at(Error::new(Kind::Busy, what).hint("Ask again in a second")))
            }
            None => {
                let defined = self.hub.defined();
                let (what, known): (_, Vec<&String>) = match kind {
                    GROUP_BYS => ("GroupBy", defined.groups.keys().collect()),
                    _ => ("Join", defined.joins.keys().collect()),
                };
                Err(at(crate::hub::unknown(what, name, known.into_iter().map(String::as_str))))
            }
        }
    }
}

impl ForeignTables for Features {
    fn guarded(&self, path: &str) -> Option<Guarded> {
        let (_, name) = self.named(path)?;
        let resource = Resource::named(ResourceKind::Feature, name);
        Some(Guarded { workspace_id: self.owner.id.clone(), resource })
    }

    fn describe(&self, path: &str) -> Result<Foreign> {
        let rows = self.rows_at(path)?;
        Ok(Foreign { schema: rows.schema(), schema_id: id_of(&rows), version: 0, keys: rows.key().len() })
    }

    fn scan(
        &self,
        path: &str,
        schema_id: u64,
        columns: &[usize],
        only: Option<&[Vec<Json>]>,
    ) -> Result<Scan> {
        let rows = self.rows_at(path)?;
        if id_of(&rows) != schema_id {
            return Err(changed(path));
        }
        let (columns, partitions) = (columns.to_vec(), rows.partitions());
        let Some(only) = only else {
            let read = move |partition| match rows.read(partition, &columns) {
                Ok(batches) => batches.into_iter().map(Ok).collect(),
                Err(e) => vec![Err(e)],
            };
            return Ok(Box::new((0..partitions).flat_map(read)));
        };
        let keys: Vec<Vec<Value>> = only.iter().map(|key| typed(key, rows.key())).collect::<Result<_>>()?;
        let chunks: Vec<Vec<Vec<Value>>> = keys.chunks(LIMITS.keys_max).map(<[_]>::to_vec).collect();
        Ok(Box::new(chunks.into_iter().map(move |keys| rows.of_keys(keys, &columns))))
    }
}

/// A key, by the columns of the table's.
fn typed(key: &[Json], columns: &Typed) -> Result<Vec<Value>> {
    if key.len() != columns.len() {
        return Err(Error::internal("a key with another number of columns"));
    }
    key.iter().zip(columns).map(|(json, (_, ty))| value(json, ty)).collect()
}

fn id_of(rows: &Rows) -> u64 {
    let columns: Vec<String> =
        rows.schema().fields().iter().map(|f| format!("{}\u{1}{}", f.name(), f.data_type())).collect();
    xxhash_rust::xxh3::xxh3_64(format!("{}\u{2}{}", rows.key().len(), columns.join("\u{2}")).as_bytes())
}
