//! Features that are known already: rows of other tables, found by keys of the left side. They count as they are, and what they have in
//! full is not computed.

use super::left::Left;
use super::sql::{ROW, missing, quoted};
use super::{Training, within};
use crate::definition::{Join, Rows};
use tile_base::{Error, Result};

/// What one table knows.
pub struct Boot {
    /// A table of ours: the left rows that were found, by [`ROW`], each once.
    pub table: String,
    /// Its columns that are none of the keys.
    pub columns: Vec<String>,
}

/// All of a Join.
#[derive(Default)]
pub struct Boots(pub Vec<Boot>);

pub fn read(training: &Training<'_>, join: &Join, left: &Left) -> Result<Boots> {
    let mut boots = Vec::new();
    for bootstrap in &join.bootstrap {
        let keys = if bootstrap.keys.is_empty() { &join.row_ids } else { &bootstrap.keys };
        if keys.is_empty() {
            return Err(Error::invalid("rows that are known need keys by which they are found")
                .hint("Give the bootstrap part `keyColumns`, or the Join `rowIds`"));
        }
        let table = &bootstrap.table;
        let rows = Rows::Events { table: table.clone(), topic: None, is_cumulative: false };
        let relation = training
            .project(&training.tables.relation(table)?, &bootstrap.query, &rows)
            .map_err(|e| within(e, "bootstrap", table))?;
        for key in keys {
            left.key(key)?;
            if !relation.columns.iter().any(|(name, _)| name == key) {
                return Err(missing(key, &relation.columns).at(format!("bootstrap {table}")));
            }
        }
        let names = relation.columns.iter().map(|(name, _)| name.clone());
        let is_left = |name: &String| left.columns.iter().any(|(n, _)| n == name);
        let columns: Vec<String> = names.filter(|name| !keys.contains(name) && !is_left(name)).collect();
        let list: String = columns.iter().map(|name| format!(", b.{}", quoted(name))).collect();
        let same: Vec<String> = keys.iter().map(|key| format!("l.{0} = b.{0}", quoted(key))).collect();
        let of: Vec<String> = keys.iter().map(|key| quoted(key)).collect();
        let query = format!(
            "SELECT l.{ROW}{list} FROM {} AS l JOIN (SELECT * FROM {} QUALIFY row_number() OVER (PARTITION BY {}) = 1) AS b ON {}",
            left.table,
            relation.sql,
            of.join(", "),
            same.join(" AND ")
        );
        boots.push(Boot { table: training.keep("boot", &query)?, columns });
    }
    Ok(Boots(boots))
}

impl Boots {
    /// The tables that know a column.
    pub fn of<'a>(&'a self, column: &'a str) -> impl Iterator<Item = &'a Boot> {
        self.0.iter().filter(move |boot| boot.columns.iter().any(|c| c == column))
    }

    /// The condition under which a left row needs none of these columns computed. None: they are never all known.
    pub fn covers(&self, columns: &[String]) -> Option<String> {
        let mut wheres: Vec<String> = Vec::new();
        for column in columns {
            let known: Vec<String> =
                self.of(column).map(|boot| format!("{ROW} IN (SELECT {ROW} FROM {})", boot.table)).collect();
            if known.is_empty() {
                return None;
            }
            let one = format!("({})", known.join(" OR "));
            if !wheres.contains(&one) {
                wheres.push(one);
            }
        }
        (!wheres.is_empty()).then(|| wheres.join(" AND "))
    }
}
