//! Names and types of what definitions give, from the columns of their tables: without rows, and whether they are served or not.

use super::Typed;
use super::bound::Bound;
use crate::definition::{ExternalPart, GroupBy, Join, JoinPart, Rows, Source};
use crate::derive::Derive;
use crate::types::Type;
use arrow_schema::SchemaRef;
use tile_base::{Error, Result};

/// What a definition asks for and gives.
pub struct Outputs {
    pub keys: Typed,
    pub columns: Typed,
}

/// Gives the columns of a table.
pub type Columns<'a> = &'a dyn Fn(&str) -> Result<SchemaRef>;

/// Those of a GroupBy. Of entities the snapshot's columns count.
///
/// # Errors
/// Those of [`Bound::new`], of derivations, and of `columns`.
pub fn group_by(group: &GroupBy, columns: Columns<'_>) -> Result<Outputs> {
    let plain = GroupBy { sources: group.sources.iter().map(as_events).collect(), ..group.clone() };
    let bound = Bound::new(&plain, columns).map_err(|e| as_written(group, e))?;
    let derive = bound.derive(&plain)?;
    Ok(Outputs { keys: bound.keys, columns: derive.typed() })
}

/// A source as one of events, which has the same columns.
fn as_events(source: &Source) -> Source {
    let mut out = source.clone();
    if let Rows::Entities { snapshot, .. } = &source.rows {
        out.rows = Rows::Events { table: snapshot.clone(), topic: None, is_cumulative: false };
        // A snapshot needs no time.
        out.query.time.get_or_insert_with(|| "0".to_owned());
    }
    out
}

/// An error of what [`as_events`] made, with its path as the definition has it.
fn as_written(group: &GroupBy, e: Error) -> Error {
    let path = e.at.as_deref().unwrap_or_default();
    let of = |(at, source): (usize, &Source)| {
        let rest = path.strip_prefix(&format!("sources[{at}].events"))?;
        matches!(source.rows, Rows::Entities { .. }).then(|| format!("sources[{at}].entities{rest}"))
    };
    match group.sources.iter().enumerate().find_map(of) {
        Some(path) => e.at(path),
        None => e,
    }
}

/// Those of a Join for training, with its labels.
///
/// # Errors
/// As [`group_by`].
pub fn join(join: &Join, columns: Columns<'_>) -> Result<Outputs> {
    let mut parts = Vec::new();
    for (at, (part, prefix, _)) in crate::training::parts(join).into_iter().enumerate() {
        let name = &part.group_by.meta.name;
        let of = group_by(&part.group_by, columns).map_err(|e| {
            let (what, place) = (format!("`{name}` cannot be used: {}", e.what), part_path(join, at));
            Error { what, at: Some(place), ..e }
        })?;
        parts.push((part, prefix, of));
    }
    let external = join.external.iter().filter(|external| external.offline.is_none());
    assembled(join, parts, external)
}

/// The path of one of all parts.
fn part_path(join: &Join, at: usize) -> String {
    let labels = join.labels.as_ref().map_or(0, |labels| labels.parts.len());
    let before = crate::training::parts(join).len() - labels;
    match at {
        at if at < join.parts.len() => format!("joinParts[{at}].groupBy"),
        at if at < before => "onlineExternalParts".to_owned(),
        at => format!("labelPart.labels[{}].groupBy", at - before),
    }
}

/// Those of a Join as it is served, of the outputs of its parts.
///
/// # Errors
/// `Invalid` for derivations that do not fit.
pub fn served(join: &Join, parts: Vec<Outputs>) -> Result<Outputs> {
    let parts = join.parts.iter().zip(parts).map(|(part, of)| (part.clone(), part.full_prefix(), of));
    assembled(join, parts.collect(), join.external.iter().filter(|external| external.is_contextual()))
}

fn assembled<'a>(
    join: &Join,
    parts: Vec<(JoinPart, String, Outputs)>,
    external: impl Iterator<Item = &'a ExternalPart>,
) -> Result<Outputs> {
    let mut out = Outputs { keys: Vec::new(), columns: Vec::new() };
    for (part, prefix, of) in parts {
        out.columns.extend(of.columns.into_iter().map(|(name, ty)| (format!("{prefix}_{name}"), ty)));
        for (key, ty) in of.keys {
            let name = part.left_key(&key).to_owned();
            if !out.keys.iter().any(|(known, _)| *known == name) {
                out.keys.push((name, ty));
            }
        }
    }
    let mut beside = out.keys.clone();
    for part in external {
        let prefix = part.full_prefix();
        out.columns.extend(part.values.iter().map(|(name, ty)| (format!("{prefix}_{name}"), ty.clone())));
        beside.extend(part.values.iter().filter(|_| part.is_contextual()).cloned());
    }
    beside.push(("ts".to_owned(), Type::Long));
    let derive = Derive::new(&join.derivations, &out.columns, &beside)?;
    Ok(Outputs { columns: derive.typed(), ..out })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::{Declared, What, read};
    use arrow_schema::{DataType, Field, Schema};
    use std::sync::Arc;

    const TEXT: &str = "\
group_bys:
  balance:
    entities: accounts
    keys: customer
    aggregations:
      - op: sum
        input: balanze
joins:
  j:
    left: {source: accounts, time: balance}
    parts:
      - balance
";

    fn told(declared: &Declared) -> String {
        let columns = |_: &str| {
            let fields = [("customer", DataType::Utf8), ("balance", DataType::Int64)];
            Ok(Arc::new(Schema::new(fields.map(|(name, ty)| Field::new(name, ty, true)).to_vec())))
        };
        let found = match &declared.what {
            What::GroupBy(of) => group_by(of, &columns),
            What::Join(of) => join(of, &columns),
            _ => panic!("{declared:?}"),
        };
        let (at, e) = declared.located(found.err().unwrap());
        format!("{at}: {}", e.detail())
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_line() {
        let declared = read("f.yaml", TEXT).declared;
        assert_eq!(told(&declared[0]), "f.yaml:7: no column is called `balanze`. Did you mean `balance`?");
        assert_eq!(
            told(&declared[1]),
            "f.yaml:12: `balance` cannot be used: no column is called `balanze`. Did you mean `balance`?"
        );
    }
}
