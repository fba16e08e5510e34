//! The tables, and their versions.

use crate::sql_error;
use rusqlite::Connection;
use tile_base::{Error, Kind, Result};

/// Version of the tables below; an older file is migrated, a newer one is refused.
const VERSION: i64 = 1;

/// `attrs` holds one entry per scalar of a node's metadata, clustered so that one condition on one container is one range:
/// numbers and texts as they are, `x'00'`/`x'01'` for booleans, `x'02'` for an object, `x'03'` for a list.
/// `texts` holds the words of all string values, without keeping the text again. They come cut and folded (`index::words`),
/// and the tokenizer only parts them at blanks: it must not have rules of its own.
const TABLES: &str = "
CREATE TABLE nodes(
  id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, key TEXT NOT NULL, family TEXT NOT NULL,
  metadata TEXT NOT NULL, specs TEXT NOT NULL, structure TEXT NOT NULL, children INTEGER NOT NULL DEFAULT 0,
  UNIQUE(parent, key));
CREATE INDEX nodes_in_order ON nodes(parent, id);
CREATE TABLE sources(node INTEGER PRIMARY KEY, format TEXT NOT NULL, mimetype TEXT NOT NULL, parameters TEXT NOT NULL);
CREATE TABLE assets(
  id INTEGER PRIMARY KEY, node INTEGER NOT NULL, path TEXT NOT NULL, is_directory INTEGER NOT NULL,
  size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, num INTEGER);
CREATE INDEX assets_of_node ON assets(node, num);
CREATE TABLE names(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE attrs(
  parent INTEGER NOT NULL, name INTEGER NOT NULL, value NOT NULL, node INTEGER NOT NULL,
  PRIMARY KEY(parent, name, value, node)) WITHOUT ROWID;
CREATE VIRTUAL TABLE texts USING fts5(body, content='', contentless_delete=1, tokenize='ascii');
CREATE TRIGGER child_added AFTER INSERT ON nodes WHEN new.id <> 0 BEGIN UPDATE nodes SET children = children + 1 WHERE id = new.parent; END;
CREATE TRIGGER child_removed AFTER DELETE ON nodes BEGIN UPDATE nodes SET children = children - 1 WHERE id = old.parent; END;
INSERT INTO nodes(id, parent, key, family, metadata, specs, structure) VALUES(0, -1, '', 'container', '{}', '[]', 'null');
CREATE TABLE settings(name TEXT PRIMARY KEY, value TEXT NOT NULL);
";

pub(crate) fn prepare(db: &mut Connection) -> Result<()> {
    let found: i64 = db.pragma_query_value(None, "user_version", |r| r.get(0)).map_err(sql_error)?;
    if found > VERSION {
        return Err(Error::new(
            Kind::Conflict,
            format!("the catalog has version {found}, this program knows up to {VERSION}"),
        )
        .hint("Use a newer `tile`, or another --data folder"));
    }
    if found == 0 {
        let tx = db.transaction().map_err(sql_error)?;
        tx.execute_batch(TABLES).map_err(sql_error)?;
        tx.pragma_update(None, "user_version", VERSION).map_err(sql_error)?;
        tx.commit().map_err(sql_error)?;
    }
    Ok(())
}
