//! A node of a pipe.

use super::engine::{self, Engine};
use super::fault::Report;
use super::lex::{repr, repr_list};
use super::query::Query;
use super::schedule::Schedule;
use super::sink::{self, Sink};
use super::source::Place;
use super::values::{Values, truth};
use crate::template::Dialect;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub name: String,
    pub description: Option<String>,
    pub query: Query,
    /// What its SQL is written in.
    pub dialect: Dialect,
    pub kind: NodeKind,
    /// Its `NODE`.
    pub place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    Standard,
    Endpoint,
    Materialized(Materialized),
    Copy(Copy),
    Sink(Sink),
}

impl NodeKind {
    /// As the API shows it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Endpoint => "endpoint",
            Self::Materialized(_) => "materialized",
            Self::Copy(_) => "copy",
            Self::Sink(_) => "sink",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Materialized {
    /// The data source that takes the rows.
    pub datasource: String,
    /// A change of the query alters the view in its place, without new rows of old data.
    pub is_altered: bool,
    /// In the older dialect the node creates its data source, with this engine.
    pub engine: Option<Box<Engine>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    pub target: String,
    pub schedule: Schedule,
    pub mode: CopyMode,
    pub on_demand_compute: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CopyMode {
    #[default]
    Append,
    Replace,
}

impl CopyMode {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Replace => "replace",
        }
    }
}

/// What the directives of a node say.
pub(super) struct Draft {
    pub name: String,
    pub place: Place,
    pub description: Option<String>,
    pub query: Option<Query>,
    pub dialect: Option<Dialect>,
    pub engine: engine::Written,
    pub values: Values,
    /// What is set, in the order of the file.
    pub keys: Vec<&'static str>,
}

impl Draft {
    pub fn new(name: String, place: Place) -> Self {
        Self {
            name,
            place,
            description: None,
            query: None,
            dialect: None,
            engine: engine::Written::default(),
            values: Values::default(),
            keys: vec!["name"],
        }
    }

    pub fn set(&mut self, key: &'static str) {
        if !self.keys.contains(&key) {
            self.keys.push(key);
        }
    }

    pub fn type_text(&self) -> String {
        self.values.or_empty("type").to_lowercase()
    }

    /// `pipe`: its name; `file`: as the caller named it.
    pub fn node(self, file: &str, dialect: Dialect, report: &mut Report) -> Option<Node> {
        let kind = self.kind(report);
        let place = self.place;
        let Some(query) = self.query else {
            // A typed node tells it among what is missing; a block that is empty was told about where it stands.
            let is_told =
                self.keys.contains(&"sql") || !matches!(kind, Some(NodeKind::Standard | NodeKind::Endpoint));
            if !is_told {
                let name = &self.name;
                report.invalid(
                    &place,
                    format!("error parsing node \"{name}\" from pipe \"{file}\": Empty query"),
                );
            }
            return None;
        };
        if !query.is_template() && has_expression(&query.text) {
            report.invalid(
                &query.place(1),
                format!("error parsing {file}: In order to make a query dynamic, it is necessary to start the query with a % character.\n** See https://www.tinybird.co/docs/query/query-parameters.html to learn more."),
            );
        }
        let dialect = self.dialect.unwrap_or(dialect);
        Some(Node { name: self.name, description: self.description, query, dialect, kind: kind?, place })
    }

    fn kind(&self, report: &mut Report) -> Option<NodeKind> {
        match self.type_text().as_str() {
            "" | "standard" => {
                self.check_keys("Standard", &[], report);
                Some(NodeKind::Standard)
            }
            "endpoint" => {
                for key in
                    self.keys.iter().filter(|key| !["name", "sql", "type", "description"].contains(key))
                {
                    report.warn(&self.place, format!("{} means nothing for an endpoint", key.to_uppercase()));
                }
                Some(NodeKind::Endpoint)
            }
            "materialized" => self.materialized(report).map(NodeKind::Materialized),
            "copy" => self.copy(report).map(NodeKind::Copy),
            "sink" => {
                sink::sink(&self.name, &self.keys, &self.values, &self.place, report).map(NodeKind::Sink)
            }
            "stream" => {
                report.invalid(
                    &self.place,
                    format!("Node {} is a stream, which is not supported", repr(&self.name)),
                );
                None
            }
            other => {
                let allowed = "{'copy', 'endpoint', 'materialized', 'sink'}";
                let message = format!(
                    "Invalid node '{}' of type ({other}). Allowed node types: {allowed}",
                    repr(&self.name)
                );
                report.invalid(&self.place, message);
                None
            }
        }
    }

    /// What is set must be of every node or one of `more`.
    fn check_keys(&self, kind: &str, more: &[&str], report: &mut Report) {
        for key in &self.keys {
            if !["name", "sql", "type", "description"].contains(key) && !more.contains(key) {
                let place = self.values.place(key).unwrap_or(&self.place);
                let key = if *key == "mode" { "copy_mode" } else { key };
                report.invalid(
                    place,
                    format!("{kind} node {} has an invalid attribute ({key})", repr(&self.name)),
                );
            }
        }
    }

    fn is_whole(&self, kind: &str, required: &str, report: &mut Report) -> bool {
        let mut missing: Vec<&str> =
            [required, "name", "sql", "type"].into_iter().filter(|key| !self.keys.contains(key)).collect();
        missing.sort_unstable();
        if !missing.is_empty() {
            let missing = repr_list(&missing);
            report.invalid(
                &self.place,
                format!("Some {kind} node params have been provided, but the following required ones are missing: {missing}"),
            );
        }
        missing.is_empty()
    }

    fn materialized(&self, report: &mut Report) -> Option<Materialized> {
        let is_whole = self.is_whole("materialized", "datasource", report);
        self.check_keys("Materialized", &["datasource", "deployment_method", "engine"], report);
        is_whole.then(|| Materialized {
            datasource: self.values.or_empty("datasource"),
            is_altered: self.values.has("deployment_method"),
            engine: (!self.engine.is_empty()).then(|| Box::new(self.engine.engine(None, report))),
        })
    }

    fn copy(&self, report: &mut Report) -> Option<Copy> {
        let is_whole = self.is_whole("copy", "target_datasource", report);
        let place = |key: &str| self.values.place(key).unwrap_or(&self.place).clone();
        let mode = match self.values.text("mode") {
            None | Some("" | "append") => CopyMode::Append,
            Some("replace") => CopyMode::Replace,
            Some(_) => {
                report.invalid(&place("mode"), "COPY node mode must be append or replace");
                CopyMode::Append
            }
        };
        let text = self.values.or_empty("copy_schedule");
        let schedule = Schedule::parse(&text);
        if schedule.is_none() {
            let message = if text.contains("tb_secret") {
                "COPY_SCHEDULE does not support { tb_secret(...) }. Use a literal cron expression (for example \"0 * * * *\") or @on-demand."
            } else {
                "COPY node schedule must be @on-demand or a valid cron expression."
            };
            report.invalid(&place("copy_schedule"), message);
        }
        let on_demand_compute =
            self.values.some("on_demand_compute").map_or(Some(false), |text| truth(&text));
        if on_demand_compute.is_none() {
            report.invalid(&place("on_demand_compute"), "ON_DEMAND_COMPUTE must be true or false");
        }
        self.check_keys("Copy", &["target_datasource", "copy_schedule", "mode", "on_demand_compute"], report);
        let target = self.values.or_empty("target_datasource");
        is_whole.then_some(Copy { target, schedule: schedule?, mode, on_demand_compute: on_demand_compute? })
    }
}

/// Whether `{{ … }}` with a name in it stands outside texts and comments.
fn has_expression(sql: &str) -> bool {
    let mut rest = sql;
    while let Some(at) = rest.find(['\'', '-', '{', '/']) {
        let Some((_, from)) = rest.split_at_checked(at) else { return false };
        if let Some(inner) = from.strip_prefix("{{") {
            return inner
                .split_once("}}")
                .is_some_and(|(inner, _)| inner.contains(|c: char| c.is_alphabetic()));
        }
        rest = if let Some(text) = from.strip_prefix('\'') {
            behind_text(text)
        } else if from.starts_with("--") {
            from.split_once('\n').map_or("", |(_, rest)| rest)
        } else if let Some(comment) = from.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, rest)| rest)
        } else {
            from.split_at_checked(1).map_or("", |(_, rest)| rest)
        };
    }
    false
}

fn behind_text(text: &str) -> &str {
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '\'' => return text.get(at + 1..).unwrap_or(""),
            _ => {}
        }
    }
    ""
}
