//! Changing the catalog: one transaction per batch, all indices kept with the rows.

use crate::catalog::{Catalog, source_of};
use crate::{index, sql_error};
use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::Value;
use std::collections::HashMap;
use std::path::PathBuf;
use tile_base::structure::Spec;
use tile_base::{Family, Result};

/// A node to be stored under a parent.
#[derive(Clone, Debug)]
pub struct NewNode {
    pub key: String,
    pub family: Family,
    pub metadata: Value,
    pub specs: Vec<Spec>,
    pub structure: Value,
    pub source: Option<NewSource>,
}

#[derive(Clone, Debug)]
pub struct NewSource {
    pub format: String,
    pub mimetype: String,
    pub parameters: Value,
    pub assets: Vec<NewAsset>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAsset {
    pub path: PathBuf,
    pub is_directory: bool,
    pub size: u64,
    pub mtime_ns: i64,
    pub num: Option<i64>,
}

/// An open write transaction. Dropped without commit, nothing happened.
pub struct Writer<'a> {
    tx: Transaction<'a>,
    names: HashMap<String, i64>,
}

impl Catalog {
    /// Runs `f` in one write transaction and commits when it succeeds. Writers wait for each other.
    ///
    /// # Errors
    /// Those of `f`, and when the database fails.
    pub fn write<T>(&self, f: impl FnOnce(&mut Writer<'_>) -> Result<T>) -> Result<T> {
        let mut db = self.writer.lock();
        let tx = db.transaction().map_err(sql_error)?;
        let mut writer = Writer { tx, names: HashMap::new() };
        let out = f(&mut writer)?;
        writer.tx.commit().map_err(sql_error)?;
        self.changed();
        Ok(out)
    }
}

impl Writer<'_> {
    /// Stores `node` under `parent`: a node of that key is replaced and keeps its id and children.
    ///
    /// # Errors
    /// When the database fails.
    pub fn upsert(&mut self, parent: i64, node: &NewNode) -> Result<i64> {
        self.upsert_inner(parent, node).map_err(sql_error)
    }

    fn upsert_inner(&mut self, parent: i64, node: &NewNode) -> rusqlite::Result<i64> {
        let (metadata, structure) = (node.metadata.to_string(), node.structure.to_string());
        let specs = serde_json::to_string(&node.specs).unwrap_or_else(|_| "[]".into());
        let old: Option<(i64, String)> = self
            .tx
            .prepare_cached("SELECT id, metadata FROM nodes WHERE parent = ?1 AND key = ?2")?
            .query_row((parent, &node.key), |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        let id = if let Some((id, old_metadata)) = old {
            self.unindex(parent, id, &old_metadata)?;
            self.tx
                .prepare_cached(
                    "UPDATE nodes SET family = ?2, metadata = ?3, specs = ?4, structure = ?5 WHERE id = ?1",
                )?
                .execute(params![id, node.family.name(), metadata, specs, structure])?;
            self.tx.prepare_cached("DELETE FROM sources WHERE node = ?1")?.execute([id])?;
            self.tx.prepare_cached("DELETE FROM assets WHERE node = ?1")?.execute([id])?;
            id
        } else {
            self.tx
                .prepare_cached("INSERT INTO nodes(parent, key, family, metadata, specs, structure) VALUES(?1, ?2, ?3, ?4, ?5, ?6)")?
                .execute(params![parent, node.key, node.family.name(), metadata, specs, structure])?;
            self.tx.last_insert_rowid()
        };
        if let Some(source) = &node.source {
            self.add_source(id, source)?;
        }
        self.index(parent, id, &node.metadata)?;
        Ok(id)
    }

    fn add_source(&self, id: i64, source: &NewSource) -> rusqlite::Result<()> {
        self.tx
            .prepare_cached("INSERT INTO sources(node, format, mimetype, parameters) VALUES(?1, ?2, ?3, ?4)")?
            .execute(params![id, source.format, source.mimetype, source.parameters.to_string()])?;
        let mut insert = self.tx.prepare_cached("INSERT INTO assets(node, path, is_directory, size, mtime_ns, num) VALUES(?1, ?2, ?3, ?4, ?5, ?6)")?;
        for a in &source.assets {
            let size = i64::try_from(a.size).unwrap_or(i64::MAX);
            insert.execute(params![id, a.path.to_string_lossy(), a.is_directory, size, a.mtime_ns, a.num])?;
        }
        Ok(())
    }

    /// Removes the node and everything below it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn remove(&mut self, id: i64) -> Result<()> {
        self.remove_inner(id).map_err(sql_error)
    }

    fn remove_inner(&mut self, id: i64) -> rusqlite::Result<()> {
        let below: Vec<(i64, i64, String)> = self
            .tx
            .prepare_cached(
                "WITH RECURSIVE tree(id) AS (SELECT ?1 UNION ALL SELECT n.id FROM nodes n JOIN tree t ON n.parent = t.id)
                 SELECT n.id, n.parent, n.metadata FROM tree t JOIN nodes n ON n.id = t.id",
            )?
            .query_map([id], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
            .collect::<rusqlite::Result<_>>()?;
        for (id, parent, metadata) in below.iter().rev() {
            self.unindex(*parent, *id, metadata)?;
            self.tx.prepare_cached("DELETE FROM assets WHERE node = ?1")?.execute([id])?;
            self.tx.prepare_cached("DELETE FROM sources WHERE node = ?1")?.execute([id])?;
            self.tx.prepare_cached("DELETE FROM nodes WHERE id = ?1")?.execute([id])?;
        }
        Ok(())
    }

    /// How the node was registered, as this transaction sees it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn source(&self, id: i64) -> Result<Option<crate::Source>> {
        source_of(&self.tx, id).map_err(sql_error)
    }

    /// Sets the metadata of the root.
    ///
    /// # Errors
    /// When the database fails.
    pub fn set_root_metadata(&self, metadata: &Value) -> Result<()> {
        self.tx
            .execute("UPDATE nodes SET metadata = ?1 WHERE id = 0", [metadata.to_string()])
            .map(|_| ())
            .map_err(sql_error)
    }

    /// Stores a named setting.
    ///
    /// # Errors
    /// When the database fails.
    pub fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        self.tx
            .execute(
                "INSERT INTO settings VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET value = ?2",
                (name, value),
            )
            .map(|_| ())
            .map_err(sql_error)
    }

    fn name_id(&mut self, name: &str) -> rusqlite::Result<i64> {
        if let Some(id) = self.names.get(name) {
            return Ok(*id);
        }
        self.tx
            .prepare_cached("INSERT INTO names(name) VALUES(?1) ON CONFLICT DO NOTHING")?
            .execute([name])?;
        let id = self
            .tx
            .prepare_cached("SELECT id FROM names WHERE name = ?1")?
            .query_row([name], |r| r.get(0))?;
        self.names.insert(name.to_owned(), id);
        Ok(id)
    }

    fn index(&mut self, parent: i64, id: i64, metadata: &Value) -> rusqlite::Result<()> {
        for (name, value) in index::entries(metadata) {
            let name = self.name_id(&name)?;
            self.tx
                .prepare_cached("INSERT OR IGNORE INTO attrs VALUES(?1, ?2, ?3, ?4)")?
                .execute(params![parent, name, value, id])?;
        }
        let words = index::words(metadata);
        if !words.is_empty() {
            self.tx
                .prepare_cached("INSERT INTO texts(rowid, body) VALUES(?1, ?2)")?
                .execute(params![id, words])?;
        }
        Ok(())
    }

    fn unindex(&mut self, parent: i64, id: i64, metadata: &str) -> rusqlite::Result<()> {
        self.tx.prepare_cached("DELETE FROM texts WHERE rowid = ?1")?.execute([id])?;
        let Ok(metadata) = serde_json::from_str::<Value>(metadata) else {
            // Nested deeper than it can be read back: its entries are found by looking at all.
            self.tx.execute("DELETE FROM attrs WHERE node = ?1", [id])?;
            return Ok(());
        };
        for (name, value) in index::entries(&metadata) {
            let name = self.name_id(&name)?;
            self.tx
                .prepare_cached(
                    "DELETE FROM attrs WHERE parent = ?1 AND name = ?2 AND value = ?3 AND node = ?4",
                )?
                .execute(params![parent, name, value, id])?;
        }
        Ok(())
    }
}
