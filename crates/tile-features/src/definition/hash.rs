//! A number of all that the values of a definition depend on. It does not change with names, descriptions and what else is said about a
//! definition, nor with the order of a file's members; it does with the order of aggregations, by which partial results are kept.

use super::{Aggregation, Derivation, GroupBy, Join, JoinPart, Query, Rows, Source};
use serde_json::{Value as Json, json};

impl GroupBy {
    /// The same for definitions that give the same values under the same names.
    pub fn semantic_hash(&self) -> u64 {
        number(&group_by(self))
    }
}

impl Join {
    /// The same for definitions that give the same values under the same names.
    pub fn semantic_hash(&self) -> u64 {
        number(&join(self))
    }
}

fn number(what: &Json) -> u64 {
    xxhash_rust::xxh3::xxh3_64(what.to_string().as_bytes())
}

// Lists in place of objects: their order is that of the code.

fn group_by(group: &GroupBy) -> Json {
    // Without aggregations the order of columns is that of the selects.
    let is_ordered = group.aggregations.is_none();
    let sources: Vec<Json> = group.sources.iter().map(|s| source(s, is_ordered)).collect();
    let aggregations = group.aggregations.as_ref().map(|all| all.iter().map(aggregation).collect::<Vec<_>>());
    let accuracy = format!("{:?}", group.accuracy);
    json!([sources, group.keys, aggregations, accuracy, derivations(&group.derivations)])
}

/// Topics are no part of it: rows are those of tables.
fn source(source: &Source, is_ordered: bool) -> Json {
    let rows = match &source.rows {
        Rows::Events { table, is_cumulative, .. } => json!(["events", table, is_cumulative]),
        Rows::Entities { snapshot, mutations, .. } => json!(["entities", snapshot, mutations]),
        Rows::Join(of) => json!(["join", join(of)]),
    };
    json!([rows, query(&source.query, is_ordered)])
}

fn query(query: &Query, is_ordered: bool) -> Json {
    let mut selects = query.selects.clone();
    if !is_ordered {
        selects.sort();
    }
    let mut wheres = query.wheres.clone();
    wheres.sort();
    json!([
        selects,
        wheres,
        query.time,
        query.start,
        query.end,
        query.mutation_time,
        query.reversal,
        query.partition
    ])
}

fn aggregation(of: &Aggregation) -> Json {
    let windows: Vec<String> = of.windows.iter().map(ToString::to_string).collect();
    let percentiles: Vec<String> = of.args.percentiles.iter().map(ToString::to_string).collect();
    json!([of.input, of.operation.name(), of.args.k, percentiles, windows, of.buckets, of.is_element_wise])
}

fn derivations(all: &[Derivation]) -> Vec<Json> {
    all.iter().map(|d| json!([d.name, d.expression])).collect()
}

fn join(join: &Join) -> Json {
    let external = join.external.iter().map(|part| {
        let fields = |fields: &[(String, crate::types::Type)]| {
            fields.iter().map(|(name, ty)| json!([name, ty.to_string()])).collect::<Vec<_>>()
        };
        let offline = part.offline.as_ref().map(|group| group_by(group));
        json!([
            part.full_prefix(),
            sorted(&part.key_mapping),
            fields(&part.keys),
            fields(&part.values),
            offline
        ])
    });
    let external: Vec<Json> = external.collect();
    let bootstrap = join.bootstrap.iter().map(|b| json!([b.table, query(&b.query, false), b.keys]));
    let bootstrap: Vec<Json> = bootstrap.collect();
    let labels =
        join.labels.as_ref().map(|labels| json!([parts(&labels.parts), labels.start_days, labels.end_days]));
    json!([
        source(&join.left, true),
        parts(&join.parts),
        external,
        bootstrap,
        labels,
        join.row_ids,
        sorted(&join.skew_keys),
        derivations(&join.derivations)
    ])
}

fn parts(all: &[JoinPart]) -> Vec<Json> {
    let part =
        |part: &JoinPart| json!([part.full_prefix(), sorted(&part.key_mapping), group_by(&part.group_by)]);
    all.iter().map(part).collect()
}

fn sorted<T: Clone + Ord>(all: &[T]) -> Vec<T> {
    let mut all = all.to_vec();
    all.sort();
    all
}
