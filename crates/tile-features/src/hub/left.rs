//! The left side of a Join over the columns of its table: whether training data of it can be made. Serving needs no left side.

use super::outputs::{self, Columns};
use super::selected::{Known, Selected};
use crate::definition::{Declared, Join, JoinPart, Notice, What};
use crate::types::{Schema, Type};
use tile_base::{Error, Kind, Result};

/// What is wrong with the left side of a Join; nothing where its table is not there, and of what is no Join. What is written by hand is to
/// be mended; of what a compiler took it is only said.
pub fn check(declared: &Declared, columns: Columns<'_>) -> Vec<Notice> {
    let What::Join(join) = &declared.what else { return Vec::new() };
    let is_compiled = declared.lines.is_empty();
    let mut out = Vec::new();
    let mut tell = |path: String, e: Error| {
        let what = Error { at: None, ..e }.detail();
        out.push(Notice { at: path, what, is_error: !is_compiled });
    };
    let left = match selected(join, columns) {
        Ok(Some(left)) => left,
        Ok(None) => return out,
        Err(e) if e.kind == Kind::NotFound => return out,
        Err(e) => {
            tell(format!("left{}", join.left.path(e.at.as_deref())), e);
            return out;
        }
    };
    // Where a compiler wrote what is selected, that is checked without the columns.
    let has_all = is_compiled && !join.left.query.selects.is_empty();
    let labels = join.labels.iter().flat_map(|labels| labels.parts.iter().enumerate());
    let labels = labels.map(|(at, part)| (format!("labelPart.labels[{at}]"), part));
    let parts = join.parts.iter().enumerate().map(|(at, part)| (format!("joinParts[{at}]"), part));
    for (path, part) in parts.chain(labels) {
        for e in keys(part, &left, has_all, columns) {
            tell(format!("{path}.keyMapping"), e);
        }
    }
    for name in join.row_ids.iter().filter(|name| !has_all && left.find(name).is_none()) {
        tell("rowIds".to_owned(), lacks(&left, name));
    }
    out
}

/// Names and types of the left side; none where it is made of another Join.
fn selected(join: &Join, columns: Columns<'_>) -> Result<Option<Schema>> {
    let query = &join.left.query;
    let Some(table) = join.left.rows.table() else { return Ok(None) };
    let time: Vec<(&str, &str)> = query.time.iter().map(|text| ("time_column", text.as_str())).collect();
    let made = Selected::new(query, table, Known { columns, schema: &mut None }, &time)?;
    if !time.is_empty() {
        made.beside(0)?.print_as_millis().map_err(|e| e.at("time_column"))?;
    }
    Ok(Some(made.schema()))
}

/// What is wrong with the keys of a part.
fn keys(part: &JoinPart, left: &Schema, has_all: bool, columns: Columns<'_>) -> Vec<Error> {
    // What is wrong with the GroupBy is told of it.
    let Ok(of) = outputs::group_by(&part.group_by, columns) else { return Vec::new() };
    let group = &part.group_by.meta.name;
    let wrong = |(key, ty): &(String, Type)| {
        let name = part.left_key(key);
        let Some((_, ours)) = left.find(name).and_then(|at| left.0.get(at)) else {
            return (!has_all).then(|| {
                let e = lacks(left, name);
                Error { what: format!("{}, the key of `{group}`", e.what), ..e }
            });
        };
        let is_alike = ours == ty || ours.is_integer() && ty.is_integer() || ours.is_real() && ty.is_real();
        (!is_alike).then(|| {
            let what =
                format!("the key `{key}` of `{group}` is a {ty}, and `{name}` of the left side is a {ours}");
            Error::invalid(what).hint("Cast one of them in the selects of its source")
        })
    };
    of.keys.iter().filter_map(wrong).collect()
}

fn lacks(left: &Schema, name: &str) -> Error {
    Error::invalid(format!("the left side has no column `{name}`")).did_you_mean(name, left.names())
}
