//! The keys of a Join that the rows of its left side have.

use super::keys::Distinct;
use crate::api::Joining;
use crate::arrow;
use crate::definition::Query;
use crate::hub::Hub;
use crate::hub::selected::{Known, Selected};
use crate::hub::sql;
use crate::key;
use crate::types::Type;
use crate::value::Value;
use std::collections::BTreeSet;
use tile_base::feed::{Feed, FeedQuery};
use tile_base::{Error, Kind, Result};

/// Keys that a Join without a key of its own may have.
const KEYS_MAX: usize = 1 << 18;

/// The table of a left side.
///
/// # Errors
/// Why it has none, in words.
pub fn table(joining: &Joining) -> Result<&str, String> {
    joining.definition().left.rows.table().ok_or_else(|| {
        "its parts have different keys, and its left side is a Join: which keys belong \
            together is not known"
            .to_owned()
    })
}

/// The keys of all rows, or those of them that are wanted.
///
/// # Errors
/// `TooLarge` for too many keys; `Invalid` for a left side that does not fit its table; those of the table.
pub fn keys(hub: &Hub, joining: &Joining, wanted: Option<&[Vec<Value>]>) -> Result<Distinct> {
    let table = table(joining).map_err(Error::invalid)?;
    let (feed, columns) = (hub.feeds().open(table)?, joining.keys());
    let read = query(&joining.definition().left.query, table, feed.as_ref(), &columns)
        .map_err(|e| Error { at: e.at.map(|path| format!("left.{path}")), ..e })?;
    let told = wanted.and_then(|keys| {
        let sql = read.columns.iter().map(|(_, sql)| Some(sql.as_str()));
        sql::one_of(keys, &sql.zip(columns.iter().map(|(_, ty)| ty)).collect::<Vec<_>>())
    });
    let read = FeedQuery { filter: sql::all(read.filter.into_iter().chain(told)), ..read };
    let wanted: Option<BTreeSet<Vec<u8>>> =
        wanted.map(|keys| keys.iter().map(|key| bytes(key, &columns)).collect());
    let mut out = Distinct::new();
    for batch in feed.read(&read, None)?.batches {
        let batch = batch?;
        let arrays = batch.columns().iter().zip(&columns);
        let cells = arrays.map(|(array, (_, ty))| arrow::read_as(array.as_ref(), ty));
        let cells = cells.collect::<Result<Vec<_>>>()?;
        for row in 0..batch.num_rows() {
            let values: Vec<Value> = cells.iter().map(|column| column.cell(row).to_value()).collect();
            let key = bytes(&values, &columns);
            if wanted.as_ref().is_none_or(|wanted| wanted.contains(&key)) {
                out.insert(key, values);
            }
        }
        if out.len() > KEYS_MAX {
            let what = format!("the left side of `{}` has more than {KEYS_MAX} keys", joining.name());
            return Err(Error::new(Kind::TooLarge, what).hint("Fetch the keys that you need"));
        }
    }
    Ok(out)
}

/// What is read: the columns of the key, as the left side selects them; those that it does not select as they are.
fn query(query: &Query, table: &str, feed: &dyn Feed, keys: &[(String, Type)]) -> Result<FeedQuery> {
    let mut query = query.clone();
    if !query.selects.is_empty() {
        let is_missing = |name: &&String| !query.selects.iter().any(|(selected, _)| selected == *name);
        let missing: Vec<&String> = keys.iter().map(|(name, _)| name).filter(is_missing).collect();
        let missing: Vec<_> = missing.into_iter().map(|name| (name.clone(), format!("`{name}`"))).collect();
        query.selects.extend(missing);
    }
    let columns = |_: &str| feed.schema();
    let selected = Selected::new(&query, table, Known { columns: &columns, schema: &mut None }, &[])?;
    let mut read = selected.query(vec![], vec![]);
    let all = std::mem::take(&mut read.columns);
    for (name, _) in keys {
        let column = all.iter().find(|(selected, _)| selected == name).ok_or_else(|| {
            Error::invalid(format!("the left side does not select `{name}`"))
                .did_you_mean(name, all.iter().map(|(selected, _)| selected.as_str()))
        })?;
        read.columns.push(column.clone());
    }
    Ok(read)
}

/// Equal keys have equal bytes. A part of it may be null.
fn bytes(values: &[Value], columns: &[(String, Type)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (value, (_, ty)) in values.iter().zip(columns) {
        let part = key::of_values(std::slice::from_ref(value), std::slice::from_ref(ty));
        out.push(u8::from(part.is_ok()));
        out.extend(part.unwrap_or_default());
    }
    out
}
