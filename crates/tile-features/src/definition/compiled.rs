//! Compiled definitions: the JSON that `chronon-ai` and `zipline-ai` write. Each file holds one definition. Enums are integers, booleans
//! are 0 and 1, and what is not set is absent. The two differ in the numbers of operations from 18 on, so we must know who wrote it.

use super::declared::{Declared, DefinitionKind, Notice, What};
use super::{
    Accuracy, Aggregation, Bootstrap, Derivation, ExternalPart, GroupBy, Join, JoinPart, Labels, Meta,
    Naming, Query, Rows, Source, StagingQuery,
};
use crate::aggregates::Args;
use crate::operation::{Dialect, Operation};
use crate::types::Type;
use crate::window::{Unit, Window};
use serde_json::{Map, Value as Json};
use std::sync::Arc;
use tile_base::error::nearest;
use tile_base::{Error, Result};

/// Bytes of a file.
const FILE_BYTES_MAX: usize = 16 << 20;

/// Reads a compiled file. Who wrote it is found out; see [`read_compiled_as`].
///
/// # Errors
/// `Invalid`, with the path within the file, for what is not a definition; `TooLarge`.
pub fn read_compiled(file: &str, text: &str) -> Result<Vec<Declared>> {
    read_compiled_as(file, text, None)
}

/// Reads a compiled file that `dialect` wrote.
///
/// # Errors
/// Those of [`read_compiled`]; `Invalid` where the operations of a file have other meanings in the two dialects and nothing in it tells
/// who wrote it.
pub fn read_compiled_as(file: &str, text: &str, dialect: Option<Dialect>) -> Result<Vec<Declared>> {
    read(file, text, dialect).map(|declared| vec![declared]).map_err(|e| {
        let at = e.at.as_deref().filter(|at| !at.is_empty()).map(|at| format!("{file}: {at}"));
        Error { at: Some(at.unwrap_or_else(|| file.to_owned())), ..e }
    })
}

/// What a file that cannot be read is about, as far as it says so.
pub fn named(text: &str) -> Option<(DefinitionKind, String)> {
    let json: Json = serde_json::from_str(text).ok()?;
    let name = json.get("metaData")?.get("name")?.as_str()?.to_owned();
    let kind = match (json.get("keyColumns"), json.get("left")) {
        (Some(_), None) => DefinitionKind::GroupBy,
        (None, Some(_)) => DefinitionKind::Join,
        _ => return None,
    };
    Some((kind, name))
}

fn read(file: &str, text: &str, dialect: Option<Dialect>) -> Result<Declared> {
    if text.len() > FILE_BYTES_MAX {
        return Err(Error::new(
            tile_base::error::Kind::TooLarge,
            format!("a compiled definition has more than {} MiB", FILE_BYTES_MAX >> 20),
        ));
    }
    let json: Json = serde_json::from_str(text).map_err(|e| Error::invalid(format!("not JSON: {e}")))?;
    let Json::Object(members) = json else {
        return Err(Error::invalid("a compiled definition is a JSON object"));
    };
    let dialect = match dialect {
        Some(dialect) => dialect,
        None => detect(&members)?,
    };
    let mut reader = Reader { dialect, notices: Vec::new() };
    let what = reader.definition(&Object { members: &members, path: String::new() })?;
    Ok(Declared {
        what,
        file: file.to_owned(),
        dialect,
        notices: reader.notices,
        lines: Vec::new(),
        read: members,
    })
}

/// Who wrote a file, by the members that only one of them writes.
fn detect(members: &Map<String, Json>) -> Result<Dialect> {
    let mut marks = Marks::default();
    marks.walk(members);
    match (marks.zipline, marks.airbnb) {
        (true, false) => Ok(Dialect::Zipline),
        (false, true) => Ok(Dialect::Airbnb),
        _ if marks.numbers_differ => Err(Error::invalid(
            "operations from 18 on have other meanings in `chronon-ai` and `zipline-ai`, and nothing here tells which of them wrote this",
        )
        .hint("Say which dialect it is")),
        (true, true) => Ok(Dialect::Zipline),
        (false, false) => Ok(Dialect::Airbnb),
    }
}

#[derive(Default)]
struct Marks {
    zipline: bool,
    airbnb: bool,
    numbers_differ: bool,
}

impl Marks {
    fn walk(&mut self, members: &Map<String, Json>) {
        for (name, value) in members {
            match name.as_str() {
                "columnHashes" | "executionInfo" | "sourceFile" | "useLongNames" | "version" => {
                    self.zipline = true;
                }
                "timeUnit" if value.as_i64() == Some(2) => self.zipline = true,
                "setups" | "dependencies" | "tableProperties" => self.airbnb = true,
                // In zipline's it is within `executionInfo`.
                "metaData" if value.get("offlineSchedule").is_some() => self.airbnb = true,
                "operation" => {
                    self.numbers_differ |= matches!(value.as_i64(), Some(18 | 19));
                    self.zipline |= value.as_i64() == Some(20);
                }
                _ => {}
            }
            // What execution is told is free text to us.
            if name != "executionInfo" {
                self.value(value);
            }
        }
    }

    fn value(&mut self, value: &Json) {
        match value {
            Json::Object(members) => self.walk(members),
            Json::Array(items) => items.iter().for_each(|item| self.value(item)),
            _ => {}
        }
    }
}

/// An object of the file, and its path.
struct Object<'a> {
    members: &'a Map<String, Json>,
    path: String,
}

impl<'a> Object<'a> {
    fn of(value: &'a Json, path: String) -> Result<Self> {
        match value {
            Json::Object(members) => Ok(Self { members, path }),
            _ => Err(Error::invalid("expected an object").at(path)),
        }
    }

    fn at(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    fn get(&self, name: &str) -> Option<&'a Json> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn expected(&self, name: &str, what: &str) -> Error {
        Error::invalid(format!("expected {what}")).at(self.at(name))
    }

    fn need<T>(&self, name: &str, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| {
            let known = self.members.keys().map(String::as_str);
            Error::invalid(format!("`{name}` is missing")).at(self.path.clone()).did_you_mean(name, known)
        })
    }

    fn text(&self, name: &str) -> Result<Option<String>> {
        self.get(name)
            .map(|v| v.as_str().map(str::to_owned))
            .map_or(Ok(None), |text| text.map(Some).ok_or_else(|| self.expected(name, "a text")))
    }

    fn flag(&self, name: &str) -> Result<bool> {
        match self.get(name) {
            None => Ok(false),
            Some(Json::Bool(b)) => Ok(*b),
            Some(value) => match value.as_i64() {
                Some(0) => Ok(false),
                Some(1) => Ok(true),
                _ => Err(self.expected(name, "0 or 1")),
            },
        }
    }

    fn integer(&self, name: &str) -> Result<Option<i64>> {
        self.get(name)
            .map(|value| value.as_i64().ok_or_else(|| self.expected(name, "an integer")))
            .transpose()
    }

    fn list(&self, name: &str) -> Result<Vec<(&'a Json, String)>> {
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Json::Array(items)) => {
                let at = |i: usize| format!("{}[{i}]", self.at(name));
                Ok(items.iter().enumerate().map(|(i, item)| (item, at(i))).collect())
            }
            Some(_) => Err(self.expected(name, "a list")),
        }
    }

    fn objects(&self, name: &str) -> Result<Vec<Self>> {
        self.list(name)?.into_iter().map(|(item, path)| Self::of(item, path)).collect()
    }

    fn texts(&self, name: &str) -> Result<Vec<String>> {
        let text = |(item, path): (&Json, String)| {
            item.as_str().map(str::to_owned).ok_or_else(|| Error::invalid("expected a text").at(path))
        };
        self.list(name)?.into_iter().map(text).collect()
    }

    fn object(&self, name: &str) -> Result<Option<Self>> {
        self.get(name).map(|value| Self::of(value, self.at(name))).transpose()
    }

    /// Members of an object that are all texts, in order.
    fn pairs(&self, name: &str) -> Result<Vec<(String, String)>> {
        let Some(object) = self.object(name)? else { return Ok(Vec::new()) };
        let pair = |key: &String| Ok((key.clone(), object.text(key)?.unwrap_or_default()));
        object.members.keys().map(pair).collect()
    }
}

struct Reader {
    dialect: Dialect,
    notices: Vec<Notice>,
}

impl Reader {
    fn note(&mut self, at: String, what: impl Into<String>) {
        self.notices.push(Notice::note(at, what));
    }

    /// Says which members are not known.
    fn known(&mut self, object: &Object<'_>, names: &[&str]) {
        for (name, value) in object.members {
            if !names.contains(&name.as_str()) && !value.is_null() {
                let near = nearest(name, names.iter().copied());
                let hint = near.first().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                self.note(
                    object.at(name),
                    format!("`{name}` is not known here: it is kept, and changes nothing{hint}"),
                );
            }
        }
    }

    fn definition(&mut self, object: &Object<'_>) -> Result<What> {
        let has = |name: &str| object.get(name).is_some();
        if has("joinParts") || has("left") {
            Ok(What::Join(Arc::new(self.join(object)?)))
        } else if has("sources") || has("keyColumns") {
            Ok(What::GroupBy(Arc::new(self.group_by(object)?)))
        } else if has("query") {
            Ok(What::StagingQuery(Arc::new(self.staging_query(object)?)))
        } else if has("executionInfo") && !has("metaData") {
            Ok(What::Team)
        } else if has("inferenceSpec") || has("modelType") || has("modelParams") {
            Err(Error::invalid("models are not supported: they run elsewhere, on what a Join gives"))
        } else {
            Err(Error::invalid("this is neither a GroupBy, a Join nor a StagingQuery").hint(
                "A GroupBy has `sources` and `keyColumns`, a Join `left` and `joinParts`, a StagingQuery `query`",
            ))
        }
    }

    fn meta(&mut self, object: &Object<'_>) -> Result<Meta> {
        let meta = object.need("metaData", object.object("metaData")?)?;
        if let Some(custom) = meta.text("customJson")?
            && !matches!(serde_json::from_str(&custom), Ok(Json::Object(_)))
        {
            self.note(
                meta.at("customJson"),
                "`customJson` is not the text of a JSON object: it is kept, and changes nothing",
            );
        }
        let ours = ["name", "team", "online", "production", "description", "samplePercent"];
        let other = meta.members.iter().filter(|(name, _)| !ours.contains(&name.as_str()));
        let name = meta.need("name", meta.text("name")?)?;
        if name.is_empty() || name.len() > 512 {
            return Err(meta.expected("name", "a name of 1 to 512 bytes"));
        }
        Ok(Meta {
            name,
            team: meta.text("team")?,
            is_online: meta.flag("online")?,
            is_production: meta.flag("production")?,
            description: meta.text("description")?,
            sample_percent: meta.get("samplePercent").and_then(Json::as_f64),
            other: other.map(|(name, value)| (name.clone(), value.clone())).collect(),
        })
    }

    fn group_by(&mut self, object: &Object<'_>) -> Result<GroupBy> {
        self.known(
            object,
            &[
                "metaData",
                "sources",
                "keyColumns",
                "aggregations",
                "accuracy",
                "backfillStartDate",
                "derivations",
                "isIncremental",
            ],
        );
        let sources = object.objects("sources")?;
        let sources: Vec<Source> = sources.iter().map(|s| self.source(s)).collect::<Result<_>>()?;
        let aggregations = match object.get("aggregations") {
            None => None,
            Some(_) => Some(
                object
                    .objects("aggregations")?
                    .iter()
                    .map(|a| self.aggregation(a))
                    .collect::<Result<Vec<Aggregation>>>()?,
            ),
        };
        let accuracy = match object.integer("accuracy")? {
            None => Accuracy::of(&sources),
            Some(0) => Accuracy::Temporal,
            Some(1) => Accuracy::Snapshot,
            Some(_) => return Err(object.expected("accuracy", "0 (TEMPORAL) or 1 (SNAPSHOT)")),
        };
        Ok(GroupBy {
            meta: self.meta(object)?,
            sources,
            keys: object.texts("keyColumns")?,
            aggregations,
            accuracy,
            derivations: self.derivations(object)?,
            backfill_start: object.text("backfillStartDate")?,
            is_incremental: object.flag("isIncremental")?,
        })
    }

    fn source(&mut self, object: &Object<'_>) -> Result<Source> {
        self.known(object, &["events", "entities", "joinSource"]);
        let (rows, of) = if let Some(of) = object.object("events")? {
            self.known(&of, &["table", "topic", "query", "isCumulative"]);
            let table = of.need("table", of.text("table")?)?;
            let is_cumulative = of.flag("isCumulative")?;
            (Rows::Events { table, topic: of.text("topic")?, is_cumulative }, of)
        } else if let Some(of) = object.object("entities")? {
            self.known(&of, &["snapshotTable", "mutationTable", "mutationTopic", "query"]);
            let snapshot = of.need("snapshotTable", of.text("snapshotTable")?)?;
            let (mutations, topic) = (of.text("mutationTable")?, of.text("mutationTopic")?);
            (Rows::Entities { snapshot, mutations, topic }, of)
        } else if let Some(of) = object.object("joinSource")? {
            self.known(&of, &["join", "query"]);
            let join = of.need("join", of.object("join")?)?;
            (Rows::Join(Arc::new(self.join(&join)?)), of)
        } else {
            return Err(
                Error::invalid("a source is `events`, `entities` or a `joinSource`").at(object.path.clone())
            );
        };
        let query = match of.object("query")? {
            Some(query) => self.query(&query)?,
            None => Query::default(),
        };
        Ok(Source { rows, query })
    }

    fn query(&mut self, object: &Object<'_>) -> Result<Query> {
        self.known(
            object,
            &[
                "selects",
                "wheres",
                "startPartition",
                "endPartition",
                "timeColumn",
                "setups",
                "mutationTimeColumn",
                "reversalColumn",
                "partitionColumn",
            ],
        );
        let setups = object.texts("setups")?;
        if !setups.is_empty() {
            self.note(
                object.at("setups"),
                "statements of `setups` are not run: functions that they make are not known here",
            );
        }
        Ok(Query {
            selects: object.pairs("selects")?,
            wheres: object.texts("wheres")?,
            time: object.text("timeColumn")?,
            start: object.text("startPartition")?,
            end: object.text("endPartition")?,
            mutation_time: object.text("mutationTimeColumn")?,
            reversal: object.text("reversalColumn")?,
            partition: object.text("partitionColumn")?,
            setups,
        })
    }

    fn aggregation(&mut self, object: &Object<'_>) -> Result<Aggregation> {
        self.known(object, &["inputColumn", "operation", "argMap", "windows", "buckets", "elementWise"]);
        let number = object.need("operation", object.integer("operation")?)?;
        let operation =
            Operation::of_number(number, self.dialect).map_err(|e| e.at(object.at("operation")))?;
        let windows = object.objects("windows")?;
        let mut args = self.args(object)?;
        args.k = args.k.or(operation.default_k(self.dialect));
        Ok(Aggregation {
            input: object.need("inputColumn", object.text("inputColumn")?)?,
            operation,
            args,
            windows: windows.iter().map(window).collect::<Result<_>>()?,
            buckets: object.texts("buckets")?,
            is_element_wise: object.flag("elementWise")?,
        })
    }

    fn args(&mut self, object: &Object<'_>) -> Result<Args> {
        let Some(map) = object.object("argMap")? else { return Ok(Args::default()) };
        self.known(&map, &["k", "percentiles"]);
        let k = map.text("k")?.map(|k| k.trim().parse::<u32>());
        let k = k.transpose().map_err(|_| map.expected("k", "the text of a number"))?;
        let percentiles = match map.text("percentiles")? {
            None => Vec::new(),
            Some(text) => serde_json::from_str(&text)
                .map_err(|_| map.expected("percentiles", "the text of a JSON list of numbers"))?,
        };
        Ok(Args { k, percentiles })
    }

    fn derivations(&mut self, object: &Object<'_>) -> Result<Vec<Derivation>> {
        let derivation = |d: Object<'_>| {
            self.known(&d, &["name", "expression", "metaData"]);
            Ok(Derivation {
                name: d.need("name", d.text("name")?)?,
                expression: d.need("expression", d.text("expression")?)?,
            })
        };
        object.objects("derivations")?.into_iter().map(derivation).collect()
    }

    fn join(&mut self, object: &Object<'_>) -> Result<Join> {
        self.known(
            object,
            &[
                "metaData",
                "left",
                "joinParts",
                "skewKeys",
                "onlineExternalParts",
                "labelPart",
                "bootstrapParts",
                "rowIds",
                "derivations",
                "modelTransforms",
                "useLongNames",
            ],
        );
        if object.get("modelTransforms").is_some() {
            self.note(object.at("modelTransforms"), "models are not run: the Join gives what goes into them");
        }
        let left = object.need("left", object.object("left")?)?;
        let skew = object.object("skewKeys")?;
        let skew_keys = skew.map_or(Ok(Vec::new()), |skew| {
            skew.members.keys().map(|key| Ok((key.clone(), skew.texts(key)?))).collect::<Result<_>>()
        })?;
        Ok(Join {
            meta: self.meta(object)?,
            left: self.source(&left)?,
            parts: self.parts(object, "joinParts")?,
            external: object
                .objects("onlineExternalParts")?
                .iter()
                .map(|part| self.external(part))
                .collect::<Result<_>>()?,
            bootstrap: object
                .objects("bootstrapParts")?
                .iter()
                .map(|part| self.bootstrap(part))
                .collect::<Result<_>>()?,
            labels: object.object("labelPart")?.map(|part| self.labels(&part)).transpose()?,
            row_ids: object.texts("rowIds")?,
            skew_keys,
            derivations: self.derivations(object)?,
        })
    }

    fn parts(&mut self, object: &Object<'_>, name: &str) -> Result<Vec<JoinPart>> {
        object.objects(name)?.iter().map(|part| self.part(part)).collect()
    }

    fn part(&mut self, object: &Object<'_>) -> Result<JoinPart> {
        self.known(object, &["groupBy", "keyMapping", "prefix", "useLongNames"]);
        let group_by = object.need("groupBy", object.object("groupBy")?)?;
        let naming = match (self.dialect, object.get("useLongNames")) {
            (Dialect::Airbnb, _) => Naming::Name,
            (Dialect::Zipline, Some(_)) if !object.flag("useLongNames")? => Naming::Keys,
            (Dialect::Zipline, _) => Naming::Unversioned,
        };
        Ok(JoinPart {
            group_by: Arc::new(self.group_by(&group_by)?),
            key_mapping: object.pairs("keyMapping")?,
            prefix: object.text("prefix")?,
            naming,
        })
    }

    fn external(&mut self, object: &Object<'_>) -> Result<ExternalPart> {
        self.known(object, &["source", "keyMapping", "prefix"]);
        let source = object.need("source", object.object("source")?)?;
        self.known(
            &source,
            &["metadata", "keySchema", "valueSchema", "factoryConfig", "factoryName", "offlineGroupBy"],
        );
        let meta = source.need("metadata", source.object("metadata")?)?;
        let offline = source.object("offlineGroupBy")?.map(|group| self.group_by(&group)).transpose()?;
        let part = ExternalPart {
            name: meta.need("name", meta.text("name")?)?,
            prefix: object.text("prefix")?,
            key_mapping: object.pairs("keyMapping")?,
            keys: fields(&source, "keySchema")?,
            values: fields(&source, "valueSchema")?,
            offline: offline.map(Arc::new),
        };
        if !part.is_contextual() {
            self.note(
                object.at("source"),
                format!(
                    "the service `{}` is not asked: its values are those that come with a request",
                    part.name
                ),
            );
        }
        Ok(part)
    }

    fn bootstrap(&mut self, object: &Object<'_>) -> Result<Bootstrap> {
        self.known(object, &["metaData", "table", "query", "keyColumns"]);
        let query = object.object("query")?.map(|query| self.query(&query)).transpose()?;
        Ok(Bootstrap {
            table: object.need("table", object.text("table")?)?,
            query: query.unwrap_or_default(),
            keys: object.texts("keyColumns")?,
        })
    }

    fn labels(&mut self, object: &Object<'_>) -> Result<Labels> {
        self.known(object, &["labels", "leftStartOffset", "leftEndOffset", "metaData"]);
        Ok(Labels {
            parts: self.parts(object, "labels")?,
            start_days: object.integer("leftStartOffset")?.unwrap_or(0),
            end_days: object.integer("leftEndOffset")?.unwrap_or(0),
        })
    }

    fn staging_query(&mut self, object: &Object<'_>) -> Result<StagingQuery> {
        self.note(String::new(), "a StagingQuery is not run: make its table with a pipe");
        Ok(StagingQuery {
            meta: self.meta(object)?,
            query: object.need("query", object.text("query")?)?,
            start: object.text("startPartition")?,
            setups: object.texts("setups")?,
            is_view: object.flag("createView")?,
        })
    }
}

fn window(object: &Object<'_>) -> Result<Window> {
    let length = object.need("length", object.integer("length")?)?;
    let length = u32::try_from(length).map_err(|_| object.expected("length", "a positive number"))?;
    let unit = match object.need("timeUnit", object.integer("timeUnit")?)? {
        0 => Unit::Hours,
        1 => Unit::Days,
        2 => Unit::Minutes,
        _ => return Err(object.expected("timeUnit", "0 (hours), 1 (days) or 2 (minutes)")),
    };
    Window::new(length, unit).map_err(|e| e.at(object.path.clone()))
}

/// The fields of a structure of types.
fn fields(object: &Object<'_>, name: &str) -> Result<Vec<(String, Type)>> {
    let Some(schema) = object.object(name)? else { return Ok(Vec::new()) };
    match data_type(&schema)? {
        Type::Struct(fields) => Ok(fields),
        _ => Err(object.expected(name, "a structure")),
    }
}

fn data_type(object: &Object<'_>) -> Result<Type> {
    let kind = object.need("kind", object.integer("kind")?)?;
    let params = object.objects("params")?;
    let inner = |at: usize| {
        let param = params.get(at).ok_or_else(|| object.expected("params", "the types within"))?;
        let of = param.need("dataType", param.object("dataType")?)?;
        data_type(&of)
    };
    Ok(match kind {
        0 => Type::Bool,
        1 => Type::Byte,
        2 => Type::Short,
        3 => Type::Int,
        4 => Type::Long,
        5 => Type::Float,
        6 => Type::Double,
        7 => Type::Text,
        8 => Type::Binary,
        9 => Type::Date,
        10 => Type::Timestamp,
        11 if inner(0)? == Type::Text => Type::Map(Box::new(inner(1)?)),
        11 => return Err(Error::invalid("keys of maps are strings").at(object.path.clone())),
        12 => Type::List(Box::new(inner(0)?)),
        13 => {
            let field =
                |at: usize, param: &Object<'_>| Ok((param.need("name", param.text("name")?)?, inner(at)?));
            Type::Struct(params.iter().enumerate().map(|(at, p)| field(at, p)).collect::<Result<_>>()?)
        }
        _ => return Err(object.expected("kind", "a number from 0 to 13")),
    })
}
