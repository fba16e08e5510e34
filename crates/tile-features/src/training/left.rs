//! The left side: the rows for which features are computed, numbered in their order.

use super::Training;
use super::sql::{DAY, ROW, TIME, missing, quoted};
use crate::definition::{Join, Query, Rows};
use crate::window::DAY_MS;
use arrow_schema::DataType;
use tile_base::{Error, Result};

pub struct Left {
    /// A table of ours, with [`ROW`] and [`TIME`] or [`DAY`].
    pub table: String,
    /// The columns of the rows, as they are given out.
    pub columns: Vec<(String, DataType)>,
    /// Rows are entities: they have a day, no time.
    pub is_entities: bool,
}

impl Left {
    pub fn make(training: &Training<'_>, join: &Join, rows: Option<&str>, depth: usize) -> Result<Self> {
        training.tell("left rows", 0, 1)?;
        let is_entities = matches!(join.left.rows, Rows::Entities { .. });
        let relation = match rows {
            None => training.source(&join.left, depth)?,
            Some(table) => {
                let there = training.tables.relation(table)?;
                let columns = training.columns(&there)?;
                // Rows may be those of the source, or already what it selects.
                training.project(&there, &join.left.query, &join.left.rows).or_else(|e| {
                    let bare = as_selected(join, &columns).ok_or(e)?;
                    training.project(&there, &bare, &join.left.rows)
                })?
            }
        };
        if is_entities && !relation.has_day {
            return Err(Error::invalid("the rows have no column `ds` with the day of the snapshot")
                .hint("Add it, or say its name as the partition column"));
        }
        if !is_entities && !relation.has_time {
            return Err(Error::invalid("the rows have no time").hint("Say the time column of the left side"));
        }
        // A time column that is selected under no name is given out as `ts`.
        let mut columns = relation.columns;
        let has = |columns: &[(String, DataType)], name: &str| columns.iter().any(|(n, _)| n == name);
        let mut list = vec!["*".to_owned()];
        if relation.has_time && !has(&columns, "ts") {
            list.push(format!("{TIME} AS ts"));
            columns.push(("ts".to_owned(), DataType::Int64));
        }
        if is_entities && !has(&columns, "ds") {
            list.push(format!("strftime({DAY}, '%Y-%m-%d') AS ds"));
            columns.push(("ds".to_owned(), DataType::Utf8));
        }
        let query =
            format!("SELECT row_number() OVER () - 1 AS {ROW}, {} FROM {}", list.join(", "), relation.sql);
        let table = training.keep("left", &query)?;
        training.tell("left rows", 1, 1)?;
        Ok(Self { table, columns, is_entities })
    }

    /// The column that a key comes from.
    ///
    /// # Errors
    /// `Invalid` where there is none.
    pub fn key(&self, name: &str) -> Result<&(String, DataType)> {
        self.columns.iter().find(|(n, _)| n == name).ok_or_else(|| {
            let e = missing(name, &self.columns);
            Error::invalid(format!("the left rows have no key `{name}`")).hint(e.hint.unwrap_or_default())
        })
    }

    /// The time for which values hold, as SQL: the row's own, or a midnight.
    pub fn time(&self, is_exact: bool, label_days: Option<i64>) -> String {
        let midnight = match self.is_entities {
            // A day is over at the next midnight; a time has seen the midnight before it.
            true => format!("(epoch_ms(CAST({DAY} AS TIMESTAMP)) + {DAY_MS})"),
            false => format!("({TIME} - (({TIME} % {DAY_MS}) + {DAY_MS}) % {DAY_MS})"),
        };
        match label_days {
            // The end of the day that many days after the row's.
            Some(days) => {
                let days = if self.is_entities { days } else { days.saturating_add(1) };
                format!("({midnight} + {})", days.saturating_mul(DAY_MS))
            }
            None if is_exact && !self.is_entities => TIME.to_owned(),
            None => midnight,
        }
    }

    /// Its columns but for ours, behind a name of the table.
    pub fn list(&self, alias: &str) -> Vec<String> {
        self.columns.iter().map(|(name, _)| format!("{alias}.{}", quoted(name))).collect()
    }
}

/// The query that takes rows as they are, when they have all that is asked of the left side.
fn as_selected(join: &Join, columns: &[(String, DataType)]) -> Option<Query> {
    let has = |name: &str| columns.iter().any(|(n, _)| n == name);
    let keys = join.parts.iter().flat_map(|part| part.group_by.keys.iter().map(|key| part.left_key(key)));
    let is_timed = matches!(join.left.rows, Rows::Entities { .. }) || has("ts");
    (is_timed && keys.into_iter().all(has)).then(|| Query {
        partition: join.left.query.partition.clone().filter(|p| has(p)),
        ..Query::default()
    })
}
