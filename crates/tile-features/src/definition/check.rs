//! What the compilers of Chronon check, and what else can be said before the columns of sources are known. What is found is a notice with
//! the path that a compiled file has; [`Declared::place`] makes of it a file and a line.

use super::names::{self, derived_names, outputs};
use super::yaml::with_nearest;
use super::{
    Accuracy, Aggregation, Declared, Derivation, GroupBy, Join, JoinPart, Notice, Query, Rows, Source,
    StagingQuery, What,
};
use crate::aggregates;
use crate::expression;
use crate::types::Type;
use crate::window::Unit;
use std::collections::HashSet;
use tile_base::Error;

/// Joins within each other.
const DEPTH_MAX: usize = 8;

/// What is wrong with a definition; empty when nothing is.
pub fn check(declared: &Declared) -> Vec<Notice> {
    let mut checks = Checks { found: Vec::new(), depth: 0, is_compiled: declared.lines.is_empty() };
    match &declared.what {
        What::GroupBy(group) => checks.group_by(group, ""),
        What::Join(join) => checks.join(join, ""),
        What::StagingQuery(query) => checks.staging_query(query),
        What::Team => {}
    }
    if let Some(date) = declared.meta().and_then(|meta| meta.other.get("deprecationDate"))
        && !date.as_str().is_some_and(is_day)
    {
        checks.wrong("metaData.deprecationDate", "the date of deprecation is a day like `2024-01-31`");
    }
    checks.found
}

fn is_day(text: &str) -> bool {
    let shape = |(at, c): (usize, char)| if at == 4 || at == 7 { c == '-' } else { c.is_ascii_digit() };
    text.len() == 10 && text.chars().enumerate().all(shape)
}

struct Checks {
    found: Vec<Notice>,
    depth: usize,
    /// A compiler has taken it already.
    is_compiled: bool,
}

impl Checks {
    fn wrong(&mut self, at: impl Into<String>, what: impl Into<String>) {
        self.found.push(Notice::error(at, what));
    }

    /// An error of another reader; what it says of the place stands in the text.
    fn error(&mut self, at: impl Into<String>, error: &Error) {
        self.wrong(at, error.detail());
    }

    /// That there is no such name, with the nearest of those that there are.
    fn unknown(&mut self, at: impl Into<String>, what: String, name: &str, known: &[&str]) {
        self.error(at, &with_nearest(Error::invalid(what), name, known));
    }

    fn expression(&mut self, at: impl Into<String>, text: &str) {
        if let Err(e) = expression::parse(text) {
            self.error(at, &e);
        }
    }

    fn group_by(&mut self, group: &GroupBy, path: &str) {
        let at = |name: &str| within(path, name);
        if group.sources.is_empty() {
            self.wrong(at("sources"), "a GroupBy has at least one source");
        }
        if group.keys.is_empty() {
            self.wrong(at("keyColumns"), "a GroupBy has at least one key");
        }
        for (index, source) in group.sources.iter().enumerate() {
            let path = at(&format!("sources[{index}]"));
            self.source(source, &path);
            self.source_of(group, source, &path);
        }
        self.same_columns(group, path);
        self.columns(group, path);
        self.windows(group, path);
        let is_whole = |s: &Source| matches!(s.rows, Rows::Events { .. });
        if group.is_incremental
            && (group.accuracy == Accuracy::Temporal || !group.sources.iter().all(is_whole))
        {
            self.wrong(
                at("isIncremental"),
                "only a GroupBy of events with accuracy SNAPSHOT can be incremental",
            );
        }
        let names = outputs(group);
        if let Some((index, twice)) = names::twice(group.aggregations.as_deref().unwrap_or_default()) {
            self.wrong(
                at(&format!("aggregations[{index}]")),
                format!("two aggregations give a column `{twice}`"),
            );
        }
        let (beside, kept) = (Some(group.keys.clone()), group.keys.clone());
        self.derivations(&group.derivations, &Made { features: names, beside, kept }, path);
    }

    /// What holds for the source of any definition.
    fn source(&mut self, source: &Source, path: &str) {
        let query = &source.query;
        let (kind, is_events) = match &source.rows {
            Rows::Events { is_cumulative, .. } => {
                if *is_cumulative && query.time.is_none() {
                    self.wrong(within(path, "events.query"), "cumulative events need a time column");
                }
                ("events", true)
            }
            Rows::Entities { .. } => ("entities", false),
            Rows::Join(join) => {
                self.depth += 1;
                if self.depth > DEPTH_MAX {
                    self.wrong(path, format!("Joins are sources of each other more than {DEPTH_MAX} times"));
                } else {
                    let at = within(path, "joinSource.join");
                    self.named(&join.meta.name, &at, |checks| checks.join(join, &at));
                }
                self.depth -= 1;
                ("joinSource", false)
            }
        };
        let path = format!("{path}.{kind}.query");
        if is_events && (query.mutation_time.is_some() || query.reversal.is_some()) {
            self.wrong(&*path, "events do not change: a mutation's time and its reversal are for entities");
        }
        self.query(query, &path);
    }

    fn query(&mut self, query: &Query, path: &str) {
        for (name, text) in &query.selects {
            self.expression(format!("{path}.selects.{name}"), text);
        }
        for (at, text) in query.wheres.iter().enumerate() {
            self.expression(format!("{path}.wheres[{at}]"), text);
        }
        for (name, text) in [
            ("timeColumn", &query.time),
            ("mutationTimeColumn", &query.mutation_time),
            ("reversalColumn", &query.reversal),
        ] {
            if let Some(text) = text {
                self.expression(format!("{path}.{name}"), text);
            }
        }
    }

    /// What holds for a source of a GroupBy.
    fn source_of(&mut self, group: &GroupBy, source: &Source, path: &str) {
        let query = &source.query;
        let has_windows = group.aggregations.iter().flatten().any(|a| !a.windows.is_empty());
        let needs = match &source.rows {
            Rows::Events { .. } if group.accuracy == Accuracy::Temporal => {
                Some("events need a time column where values are exact to the millisecond")
            }
            Rows::Entities { .. } if has_windows => {
                Some("entities need a time column where there are windows")
            }
            _ => None,
        };
        if let (Some(what), None) = (needs, &query.time) {
            self.wrong(path, what);
        }
        if group.accuracy == Accuracy::Snapshot && source.is_streaming() {
            self.wrong(path, "a GroupBy with accuracy SNAPSHOT has no topic: leave out one of them");
        }
        if let Some(kind) = kind(&source.rows)
            && query.selects.iter().any(|(name, _)| name == "ts")
        {
            let at = format!("{path}.{kind}.query.selects.ts");
            self.wrong(at, "`ts` is the name of the time: select it under another name");
        }
    }

    fn same_columns(&mut self, group: &GroupBy, path: &str) {
        let Some((first, others)) = group.sources.split_first() else { return };
        let names = |source: &Source| {
            let mut names: Vec<String> = source.query.selects.iter().map(|(n, _)| n.clone()).collect();
            names.sort();
            names
        };
        let wanted = names(first);
        for (at, other) in others.iter().enumerate() {
            let found = names(other);
            let differs = |a: &[String], b: &[String]| a.iter().find(|name| !b.contains(name)).cloned();
            let what = match (differs(&wanted, &found), differs(&found, &wanted)) {
                (Some(name), _) => format!("`{name}` is selected of the first source, and not of this one"),
                (None, Some(name)) => {
                    format!("`{name}` is selected of this source, and not of the first one")
                }
                (None, None) => continue,
            };
            self.wrong(within(path, &format!("sources[{}]", at + 1)), what);
        }
    }

    /// Keys, inputs and buckets are selected; arguments are such as their operations take.
    fn columns(&mut self, group: &GroupBy, path: &str) {
        let selected = group.sources.first().map(|s| s.query.selects.as_slice()).unwrap_or_default();
        let known: Vec<&str> = selected.iter().map(|(name, _)| name.as_str()).collect();
        // Who selects nothing selects all: what that is, is not known here.
        let lacks = |name: &str| !known.is_empty() && !known.contains(&name);
        for key in group.keys.iter().filter(|key| lacks(key)) {
            self.unknown(within(path, "keyColumns"), format!("the key `{key}` is not selected"), key, &known);
        }
        for (at, aggregation) in group.aggregations.iter().flatten().enumerate() {
            let path = within(path, &format!("aggregations[{at}]"));
            if lacks(&aggregation.input) {
                let what = format!("the input `{}` is not selected", aggregation.input);
                self.unknown(format!("{path}.inputColumn"), what, &aggregation.input, &known);
            }
            for bucket in aggregation.buckets.iter().filter(|bucket| lacks(bucket)) {
                let what = format!("the bucket `{bucket}` is not selected");
                self.unknown(format!("{path}.buckets"), what, bucket, &known);
            }
            self.arguments(aggregation, &path);
        }
    }

    /// Refuses arguments that are wrong whatever the type of the input.
    fn arguments(&mut self, aggregation: &Aggregation, path: &str) {
        let create = |ty| aggregates::create(aggregation.operation, &ty, &aggregation.args).map(drop);
        let mut wrong = None;
        // An operation takes at least one of these.
        for ty in [Type::Text, Type::Double] {
            match create(ty) {
                Ok(()) => return,
                Err(e) => wrong = Some(e),
            }
        }
        if let Some(e) = wrong {
            self.error(format!("{path}.argMap"), &e);
        }
    }

    fn windows(&mut self, group: &GroupBy, path: &str) {
        let why = match (group.accuracy, &group.backfill_start) {
            (Accuracy::Snapshot, _) => "values as of midnight have windows of whole days",
            (_, Some(_)) => "a GroupBy with a start of its backfill has windows of whole days",
            _ => return,
        };
        for (at, aggregation) in group.aggregations.iter().flatten().enumerate() {
            for (window, of) in aggregation.windows.iter().enumerate() {
                if of.unit() != Unit::Days {
                    let path = within(path, &format!("aggregations[{at}].windows[{window}]"));
                    self.wrong(path, format!("{why}, not `{of}`"));
                }
            }
        }
    }

    fn derivations(&mut self, all: &[Derivation], of: &Made, path: &str) {
        for (at, derivation) in all.iter().enumerate() {
            let path = within(path, &format!("derivations[{at}]"));
            let name = &derivation.name;
            if all.iter().take(at).any(|d| d.name == *name) {
                self.wrong(&*path, format!("two derivations are called `{name}`"));
            } else if let Some(other) = taken(derivation, all, of) {
                let what = format!("the derivation `{name}` has the name of {other}");
                // Chronon's compilers let names of keys pass.
                if self.is_compiled {
                    self.found.push(Notice::note(&*path, format!("{what}, whose place it takes")));
                } else {
                    self.wrong(&*path, what);
                }
            }
            if derivation.keeps_all() {
                continue;
            }
            let path = format!("{path}.expression");
            match expression::parse(&derivation.expression) {
                Err(e) => self.error(path, &e),
                Ok(parsed) => {
                    let (Some(features), Some(beside)) = (&of.features, &of.beside) else { continue };
                    let known = features.iter().chain(beside).map(String::as_str);
                    let known: Vec<&str> = known.chain(["ts", "ds"]).collect();
                    for column in parsed.columns() {
                        if !known.iter().any(|name| name.eq_ignore_ascii_case(&column)) {
                            let what = format!("`{name}` is made of `{column}`, which is no column");
                            self.unknown(&*path, what, &column, &known);
                        }
                    }
                }
            }
        }
    }

    fn join(&mut self, join: &Join, path: &str) {
        let at = |name: &str| within(path, name);
        self.source(&join.left, &at("left"));
        self.parts(join, &join.parts, &at("joinParts"));
        if let Some(labels) = &join.labels {
            self.parts(join, &labels.parts, &at("labelPart.labels"));
        }
        for (index, boot) in join.bootstrap.iter().enumerate() {
            let path = at(&format!("bootstrapParts[{index}]"));
            self.query(&boot.query, &format!("{path}.query"));
            self.on_the_left(join, &boot.keys, &format!("{path}.keyColumns"));
        }
        self.on_the_left(join, &join.row_ids, &at("rowIds"));
        let features = names_of_join(join);
        if let Some(twice) = features.as_deref().and_then(twice) {
            let what = format!("two parts give a column `{twice}`: give one of them a prefix");
            self.wrong(at("joinParts"), what);
        }
        // Columns of the left side and those that are known already may be named too.
        let left = left_names(join);
        let keys = join
            .parts
            .iter()
            .flat_map(|part| part.group_by.keys.iter().map(|key| part.left_key(key).to_owned()));
        let kept: Vec<String> = keys.chain(left.iter().flatten().cloned()).collect();
        let known: Option<Vec<Vec<String>>> =
            join.bootstrap.iter().map(|boot| selected(&boot.query)).collect();
        let beside = left.zip(known).map(|(left, known)| [left, known.concat()].concat());
        self.derivations(&join.derivations, &Made { features, beside, kept }, path);
    }

    /// Checks a definition within another one. One that only names it says that it cannot be used; the rest is said where it stands.
    fn named(&mut self, name: &str, path: &str, check: impl FnOnce(&mut Self)) {
        let mut found = std::mem::take(&mut self.found);
        check(self);
        std::mem::swap(&mut self.found, &mut found);
        if self.is_compiled {
            self.found.extend(found);
        } else if let Some(first) = found.into_iter().find(|notice| notice.is_error) {
            self.wrong(path, format!("`{name}` cannot be used: {}", first.what));
        }
    }

    fn parts(&mut self, join: &Join, parts: &[JoinPart], path: &str) {
        for (at, part) in parts.iter().enumerate() {
            let path = format!("{path}[{at}]");
            let group = &part.group_by;
            let of_group = format!("{path}.groupBy");
            self.named(&group.meta.name, &of_group, |checks| checks.group_by(group, &of_group));
            if join.meta.is_online && !group.meta.is_online {
                let what = format!("the Join is online, and its GroupBy `{}` is not", group.meta.name);
                self.wrong(format!("{path}.groupBy"), what);
            }
            if join.meta.is_production && !group.meta.is_production {
                let what =
                    format!("the Join is for production, and its GroupBy `{}` is not", group.meta.name);
                self.wrong(format!("{path}.groupBy"), what);
            }
            for (_, key) in part.key_mapping.iter().filter(|(_, key)| !group.keys.contains(key)) {
                let known: Vec<&str> = group.keys.iter().map(String::as_str).collect();
                let what = format!("`{}` has no key `{key}`", group.meta.name);
                self.unknown(format!("{path}.keyMapping"), what, key, &known);
            }
            let keys: Vec<String> = group.keys.iter().map(|key| part.left_key(key).to_owned()).collect();
            self.on_the_left(join, &keys, &path);
        }
    }

    /// That the left side has columns, where it says which it has. Chronon's compilers do not ask for them, and a fetch needs none.
    fn on_the_left(&mut self, join: &Join, names: &[String], path: &str) {
        let Some(left) = left_names(join) else { return };
        let known: Vec<&str> = left.iter().map(String::as_str).collect();
        for name in names.iter().filter(|name| !known.contains(&name.as_str())) {
            let what = format!("the left side does not select `{name}`");
            if self.is_compiled {
                self.found.push(Notice::note(path, format!("{what}, which training data needs")));
            } else {
                self.unknown(path, what, name, &known);
            }
        }
    }

    fn staging_query(&mut self, query: &StagingQuery) {
        let has = |name: &str| query.query.contains(&format!("{{{{ {name} }}}}"));
        if query.is_view && (has("start_date") || has("end_date")) {
            self.wrong("query", "a view has no `start_date` and no `end_date`");
        }
    }
}

/// What derivations are made of.
#[derive(Default)]
struct Made {
    /// Features. None where they are not known.
    features: Option<Vec<String>>,
    /// All else that expressions may name. None where it is not known.
    beside: Option<Vec<String>>,
    /// Of those, what no derivation may be called: keys, columns of the left side.
    kept: Vec<String>,
}

/// What has the name of a derivation already: a feature counts where it is kept and not renamed.
fn taken(of: &Derivation, all: &[Derivation], made: &Made) -> Option<&'static str> {
    let is_named = |name: &String| *name == of.name;
    let has_all = all.iter().any(Derivation::keeps_all);
    let is_renamed = || all.iter().any(|d| expression::identifier(&d.expression) == Some(of.name.as_str()));
    if made.kept.iter().any(is_named) {
        Some("a key, or of a column of the left side")
    } else if of.name == "ts" || of.name == "ds" {
        Some("the time")
    } else if has_all && made.features.iter().flatten().any(is_named) && !is_renamed() {
        Some("a column that is kept")
    } else {
        None
    }
}

/// The path of what is in something.
fn within(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn kind(rows: &Rows) -> Option<&'static str> {
    match rows {
        Rows::Events { .. } => Some("events"),
        Rows::Entities { .. } => Some("entities"),
        // It has the time of its left rows.
        Rows::Join(_) => None,
    }
}

fn selected(query: &Query) -> Option<Vec<String>> {
    (!query.selects.is_empty()).then(|| query.selects.iter().map(|(name, _)| name.clone()).collect())
}

fn left_names(join: &Join) -> Option<Vec<String>> {
    selected(&join.left.query)
}

/// The columns of a Join's parts, before its derivations. None where they are not known.
fn names_of_join(join: &Join) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for part in &join.parts {
        let columns = derived_names(outputs(&part.group_by)?, &part.group_by.derivations);
        let prefix = part.full_prefix();
        names.extend(columns.into_iter().map(|column| format!("{prefix}_{column}")));
    }
    for external in &join.external {
        let prefix = external.full_prefix();
        names.extend(external.values.iter().map(|(name, _)| format!("{prefix}_{name}")));
        // Those of a GroupBy that stands for it offline.
        if let Some(group) = &external.offline {
            names.extend(outputs(group)?.into_iter().map(|name| format!("{prefix}_{name}")));
        }
    }
    let mut seen = HashSet::new();
    let is_external = |name: &String| name.starts_with("ext_");
    names.retain(|name| seen.insert(name.clone()) || !is_external(name));
    Some(names)
}

fn twice(names: &[String]) -> Option<&String> {
    let mut seen = HashSet::new();
    names.iter().find(|name| !seen.insert(name.as_str()))
}
