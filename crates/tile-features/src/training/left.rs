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
            return Err(timeless(join, rows.is_some(), &relation.columns));
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

/// That rows have no time, and how to give them one.
fn timeless(join: &Join, is_given: bool, columns: &[(String, DataType)]) -> Error {
    let names: Vec<String> = columns.iter().map(|(name, _)| format!("`{name}`")).collect();
    // A GroupBy has no left side in which to say it.
    let hint = match is_given || join.parts.is_empty() {
        true => format!("Name it `ts`. There are {}", names.join(", ")),
        false => format!("Say the time column of the left side. There are {}", names.join(", ")),
    };
    Error::invalid("the rows have no time").hint(hint)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::{What, read};

    #[test]
    fn rows_without_a_time_say_how_it_is_named() {
        const TEXT: &str = "\
group_bys:
  a: {source: s, time: t, keys: k, aggregations: {op: count, input: x}}
joins:
  j: {left: {source: l, time: t}, parts: [a]}
";
        let What::Join(join) = &read("f.yaml", TEXT).declared[1].what else { panic!() };
        let columns = ["k", "at"].map(|name| (name.to_owned(), DataType::Utf8));
        let told = |join: &Join, is_given| timeless(join, is_given, &columns).detail();
        assert_eq!(told(join, true), "the rows have no time. Name it `ts`. There are `k`, `at`");
        assert!(told(join, false).contains("Say the time column of the left side"));
        let of_a_group = Join { parts: Vec::new(), ..(**join).clone() };
        assert_eq!(told(&of_a_group, false), told(join, true));
    }
}
