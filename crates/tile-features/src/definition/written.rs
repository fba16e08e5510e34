//! Definitions as compiled JSON. What was read from a compiled file is written back with all that it said, also what we do not know.

use super::declared::{Declared, What};
use super::{
    Accuracy, Aggregation, Bootstrap, Derivation, ExternalPart, GroupBy, Join, JoinPart, Labels, Meta,
    Naming, Query, Rows, Source, StagingQuery,
};
use crate::operation::Dialect;
use crate::types::Type;
use crate::window::{Unit, Window};
use serde_json::{Map, Value as Json, json};

impl Declared {
    /// As a compiled file has it, in the dialect of this one.
    pub fn to_json(&self) -> Json {
        let written = match &self.what {
            What::GroupBy(group) => group_by(group, self.dialect),
            What::Join(of) => join(of, self.dialect),
            What::StagingQuery(query) => staging_query(query),
            What::Team => Map::new(),
        };
        keep(&Json::Object(self.read.clone()), Json::Object(written))
    }
}

/// What was written, and beside it what was read and not written. Lists are matched by place.
fn keep(read: &Json, written: Json) -> Json {
    match (read, written) {
        (Json::Object(read), Json::Object(mut written)) => {
            let mut whole = Map::new();
            for (name, value) in read {
                let value = match written.remove(name) {
                    Some(new) => keep(value, new),
                    None => value.clone(),
                };
                whole.insert(name.clone(), value);
            }
            whole.extend(written);
            Json::Object(whole)
        }
        (Json::Array(read), Json::Array(written)) if read.len() == written.len() => {
            Json::Array(read.iter().zip(written).map(|(read, new)| keep(read, new)).collect())
        }
        // 100 and 100.0 are the same number to us.
        (Json::Number(a), Json::Number(b)) if a.as_f64() == b.as_f64() => Json::Number(a.clone()),
        (_, written) => written,
    }
}

/// Members of an object; what is empty is not written.
#[derive(Default)]
struct Members(Map<String, Json>);

impl Members {
    fn set(&mut self, name: &str, value: impl Into<Json>) {
        self.0.insert(name.to_owned(), value.into());
    }
    fn text(&mut self, name: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.set(name, value.as_str());
        }
    }
    fn flag(&mut self, name: &str, value: bool) {
        if value {
            self.set(name, 1);
        }
    }
    fn list<T>(&mut self, name: &str, items: &[T], write: impl Fn(&T) -> Json) {
        if !items.is_empty() {
            self.set(name, items.iter().map(write).collect::<Vec<_>>());
        }
    }
    fn texts(&mut self, name: &str, items: &[String]) {
        self.list(name, items, |item| Json::from(item.as_str()));
    }
    fn pairs(&mut self, name: &str, items: &[(String, String)]) {
        if !items.is_empty() {
            let pairs = items.iter().map(|(key, value)| (key.clone(), Json::from(value.as_str())));
            self.set(name, pairs.collect::<Map<_, _>>());
        }
    }
}

fn meta(meta: &Meta) -> Json {
    let mut to = Members::default();
    to.set("name", meta.name.as_str());
    to.flag("online", meta.is_online);
    to.flag("production", meta.is_production);
    to.text("team", meta.team.as_ref());
    to.text("description", meta.description.as_ref());
    if let Some(percent) = meta.sample_percent {
        to.set("samplePercent", percent);
    }
    to.0.extend(meta.other.clone());
    Json::Object(to.0)
}

fn group_by(group: &GroupBy, dialect: Dialect) -> Map<String, Json> {
    let mut to = Members::default();
    to.set("metaData", meta(&group.meta));
    to.list("sources", &group.sources, |s| source(s, dialect));
    to.texts("keyColumns", &group.keys);
    if let Some(aggregations) = &group.aggregations {
        to.set("aggregations", aggregations.iter().map(|a| aggregation(a, dialect)).collect::<Vec<_>>());
    }
    if group.accuracy != Accuracy::of(&group.sources) {
        to.set("accuracy", if group.accuracy == Accuracy::Temporal { 0 } else { 1 });
    }
    to.text("backfillStartDate", group.backfill_start.as_ref());
    to.list("derivations", &group.derivations, derivation);
    to.flag("isIncremental", group.is_incremental);
    to.0
}

fn source(source: &Source, dialect: Dialect) -> Json {
    let mut to = Members::default();
    let kind = match &source.rows {
        Rows::Events { table, topic, is_cumulative } => {
            to.set("table", table.as_str());
            to.text("topic", topic.as_ref());
            to.flag("isCumulative", *is_cumulative);
            "events"
        }
        Rows::Entities { snapshot, mutations, topic } => {
            to.set("snapshotTable", snapshot.as_str());
            to.text("mutationTable", mutations.as_ref());
            to.text("mutationTopic", topic.as_ref());
            "entities"
        }
        Rows::Join(of) => {
            to.set("join", join(of, dialect));
            "joinSource"
        }
    };
    to.set("query", query(&source.query));
    json!({ kind: to.0 })
}

fn query(query: &Query) -> Json {
    let mut to = Members::default();
    to.pairs("selects", &query.selects);
    to.texts("wheres", &query.wheres);
    to.text("startPartition", query.start.as_ref());
    to.text("endPartition", query.end.as_ref());
    to.text("timeColumn", query.time.as_ref());
    to.texts("setups", &query.setups);
    to.text("mutationTimeColumn", query.mutation_time.as_ref());
    to.text("reversalColumn", query.reversal.as_ref());
    to.text("partitionColumn", query.partition.as_ref());
    Json::Object(to.0)
}

fn aggregation(aggregation: &Aggregation, dialect: Dialect) -> Json {
    let mut to = Members::default();
    to.set("inputColumn", aggregation.input.as_str());
    if let Some(number) = aggregation.operation.number(dialect) {
        to.set("operation", number);
    }
    let mut args = Members::default();
    let default = aggregation.operation.default_k(dialect);
    if let Some(k) = aggregation.args.k.filter(|k| default != Some(*k)) {
        args.set("k", k.to_string());
    }
    if !aggregation.args.percentiles.is_empty() {
        let numbers: Vec<String> = aggregation.args.percentiles.iter().map(f64::to_string).collect();
        args.set("percentiles", format!("[{}]", numbers.join(", ")));
    }
    to.set("argMap", args.0);
    to.list("windows", &aggregation.windows, |w| window(*w));
    to.texts("buckets", &aggregation.buckets);
    to.flag("elementWise", aggregation.is_element_wise);
    Json::Object(to.0)
}

fn window(window: Window) -> Json {
    let unit = match window.unit() {
        Unit::Hours => 0,
        Unit::Days => 1,
        Unit::Minutes => 2,
    };
    json!({"length": window.length(), "timeUnit": unit})
}

fn derivation(derivation: &Derivation) -> Json {
    json!({"name": derivation.name, "expression": derivation.expression})
}

fn join(of: &Join, dialect: Dialect) -> Map<String, Json> {
    let mut to = Members::default();
    to.set("metaData", meta(&of.meta));
    to.set("left", source(&of.left, dialect));
    to.list("joinParts", &of.parts, |p| part(p, dialect));
    to.list("onlineExternalParts", &of.external, |p| external(p, dialect));
    to.list("bootstrapParts", &of.bootstrap, bootstrap);
    if let Some(of) = &of.labels {
        to.set("labelPart", labels(of, dialect));
    }
    to.texts("rowIds", &of.row_ids);
    if !of.skew_keys.is_empty() {
        let skew = of.skew_keys.iter().map(|(key, values)| (key.clone(), Json::from(values.clone())));
        to.set("skewKeys", skew.collect::<Map<_, _>>());
    }
    to.list("derivations", &of.derivations, derivation);
    to.0
}

fn part(part: &JoinPart, dialect: Dialect) -> Json {
    let mut to = Members::default();
    to.set("groupBy", group_by(&part.group_by, dialect));
    to.pairs("keyMapping", &part.key_mapping);
    to.text("prefix", part.prefix.as_ref());
    if part.naming == Naming::Keys {
        to.set("useLongNames", 0);
    }
    Json::Object(to.0)
}

fn external(part: &ExternalPart, dialect: Dialect) -> Json {
    let mut of = Members::default();
    of.set("metadata", json!({"name": part.name}));
    let names = |what: &str| {
        if part.is_contextual() { format!("contextual_{what}") } else { format!("ext_{}_{what}", part.name) }
    };
    of.set("keySchema", structure(&part.keys, &names("keys")));
    of.set("valueSchema", structure(&part.values, &names("values")));
    if let Some(group) = &part.offline {
        of.set("offlineGroupBy", group_by(group, dialect));
    }
    let mut to = Members::default();
    to.set("source", of.0);
    to.pairs("keyMapping", &part.key_mapping);
    to.text("prefix", part.prefix.as_ref());
    Json::Object(to.0)
}

fn structure(fields: &[(String, Type)], name: &str) -> Json {
    json!({"kind": 13, "params": params(fields), "name": name})
}

fn params(fields: &[(String, Type)]) -> Vec<Json> {
    fields.iter().map(|(name, ty)| json!({"name": name, "dataType": data_type(ty)})).collect()
}

fn data_type(ty: &Type) -> Json {
    let kind = match ty {
        Type::Bool => 0,
        Type::Byte => 1,
        Type::Short => 2,
        Type::Int => 3,
        Type::Long => 4,
        Type::Float => 5,
        Type::Double => 6,
        Type::Text => 7,
        Type::Binary => 8,
        Type::Date => 9,
        Type::Timestamp => 10,
        Type::Map(of) => {
            let params = [("key".to_owned(), Type::Text), ("value".to_owned(), (**of).clone())];
            return json!({"kind": 11, "params": self::params(&params)});
        }
        Type::List(of) => {
            return json!({"kind": 12, "params": params(&[("element".to_owned(), (**of).clone())])});
        }
        Type::Struct(fields) => return json!({"kind": 13, "params": params(fields)}),
    };
    json!({"kind": kind})
}

fn bootstrap(part: &Bootstrap) -> Json {
    let mut to = Members::default();
    to.set("table", part.table.as_str());
    to.set("query", query(&part.query));
    to.texts("keyColumns", &part.keys);
    Json::Object(to.0)
}

fn labels(labels: &Labels, dialect: Dialect) -> Json {
    let mut to = Members::default();
    to.list("labels", &labels.parts, |p| part(p, dialect));
    to.set("leftStartOffset", labels.start_days);
    to.set("leftEndOffset", labels.end_days);
    Json::Object(to.0)
}

fn staging_query(query: &StagingQuery) -> Map<String, Json> {
    let mut to = Members::default();
    to.set("metaData", meta(&query.meta));
    to.set("query", query.query.as_str());
    to.text("startPartition", query.start.as_ref());
    to.texts("setups", &query.setups);
    to.flag("createView", query.is_view);
    to.0
}
