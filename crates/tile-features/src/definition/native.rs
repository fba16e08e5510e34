//! A project's own files: YAML in its folder `features`. What can be written is in `docs/reference/features-files.md`.
//!
//! A file holds GroupBys and Joins by name. A Join names the GroupBys of its parts, and a GroupBy may name a Join as its source; they stand in
//! the same file or in another one. Lines
//! are noted by the paths that a compiled file would have, so that whoever checks a definition need not know how it was written.

mod joins;
#[cfg(test)]
mod tests;

use super::declared::{Declared, What};
use super::yaml::{self, Member, Members, Node, text, with_nearest, wrong};
use super::{Accuracy, Aggregation, Derivation, GroupBy, Join, Meta, Query, Rows, Source};
use crate::aggregates::Args;
use crate::operation::{Dialect, Operation};
use crate::window::Window;
use serde_json::Map;
use std::collections::BTreeMap;
use std::sync::Arc;
use tile_base::{Error, Kind, Result};

/// What definitions can name: GroupBys and Joins, of this file and of others.
#[derive(Clone, Debug, Default)]
pub struct Others {
    groups: BTreeMap<String, Arc<GroupBy>>,
    joins: BTreeMap<String, Arc<Join>>,
}

impl Others {
    /// Adds what has no namesake yet. Whether something was added.
    pub fn add(&mut self, declared: &[Declared]) -> bool {
        let before = self.groups.len() + self.joins.len();
        for one in declared {
            match &one.what {
                What::GroupBy(of) => {
                    self.groups.entry(of.meta.name.clone()).or_insert_with(|| of.clone());
                }
                What::Join(of) => {
                    self.joins.entry(of.meta.name.clone()).or_insert_with(|| of.clone());
                }
                _ => {}
            }
        }
        self.groups.len() + self.joins.len() > before
    }
}

/// Bytes of a name.
const NAME_BYTES_MAX: usize = 200;

const META: [&str; 3] = ["description", "online", "sample_percent"];
/// What a source is, by one of these.
const ROWS: [&str; 3] = ["source", "entities", "join"];
const SOURCE: [&str; 12] = [
    "source",
    "entities",
    "join",
    "changes",
    "changed_at",
    "is_before",
    "day",
    "time",
    "selects",
    "where",
    "start",
    "end",
];
/// Of entities alone.
const CHANGES: [&str; 4] = ["changes", "changed_at", "is_before", "day"];

/// Reads a file of a project that names nothing of other files.
///
/// # Errors
/// `Invalid` with file, line and the nearest name for what is not a definition; `TooLarge`.
pub fn read_native(file: &str, text: &str) -> Result<Vec<Declared>> {
    read_native_with(file, text, &Others::default())
}

/// Reads a file of a project, whose definitions may name those of others.
///
/// # Errors
/// Those of [`read_native`].
pub fn read_native_with(file: &str, text: &str, others: &Others) -> Result<Vec<Declared>> {
    let (declared, error) = read_readable(file, text, others)?;
    error.map_or(Ok(declared), Err)
}

/// What can be read of a file already, for definitions of other files, and the first error of the rest.
///
/// # Errors
/// Those of a file as a whole.
pub fn read_readable(file: &str, text: &str, others: &Others) -> Result<(Vec<Declared>, Option<Error>)> {
    let Some(root) = yaml::parse(file, text)? else { return Ok((Vec::new(), None)) };
    let all = Members::of(file, "a file of definitions", &root, &["group_bys", "joins"])?;
    let (groups, joins) = (named(&all, "group_bys")?, named(&all, "joins")?);
    let mut known = others.clone();
    // A name is that of the own file first.
    groups.iter().for_each(|member| drop(known.groups.remove(&member.name)));
    joins.iter().for_each(|member| drop(known.joins.remove(&member.name)));
    let members: Vec<(&Member, bool)> =
        groups.iter().map(|m| (m, false)).chain(joins.iter().map(|m| (m, true))).collect();
    let mut read: Vec<Result<Declared>> = Vec::new();
    // A definition waits for those that it names. Each round reads at least one more.
    for round in 0..=members.len() {
        let mut is_more = false;
        for (at, (member, is_join)) in members.iter().enumerate() {
            if read.get(at).is_some_and(Result::is_ok) {
                continue;
            }
            let one = one(file, member, *is_join, &known);
            is_more |= one.as_ref().is_ok_and(|one| known.add(std::slice::from_ref(one)));
            if round == 0 { read.push(one) } else { read[at] = one }
        }
        if !is_more {
            break;
        }
    }
    let (mut declared, mut errors) = (Vec::new(), Vec::new());
    for one in read {
        match one {
            Ok(one) => declared.push(one),
            Err(e) => errors.push(e),
        }
    }
    // What a definition lacks may be missing for the error of another one.
    errors.sort_by_key(|e| e.kind == Kind::NotFound);
    Ok((declared, errors.into_iter().next().map(|e| Error { kind: Kind::Invalid, ..e })))
}

fn one(file: &str, member: &Member, is_join: bool, known: &Others) -> Result<Declared> {
    let mut reader = Reader::new(file, member.line, known);
    let what = match is_join {
        true => What::Join(Arc::new(reader.join(&member.name, &member.value)?)),
        false => What::GroupBy(Arc::new(reader.group_by(&member.name, &member.value)?)),
    };
    Ok(reader.declared(what))
}

/// The definitions of a kind, with names that can stand in those of columns.
fn named<'a>(all: &Members<'a>, kind: &str) -> Result<&'a [Member]> {
    let Some(node) = all.get(kind) else { return Ok(&[]) };
    let members = yaml::members(all.file, &format!("`{kind}`"), node)?;
    for member in members {
        let is_fine = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let name = &member.name;
        if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.chars().all(is_fine) {
            let what = format!("`{name}` cannot be a name");
            return Err(wrong(all.file, member.line, what).hint(format!(
                "A name has 1 to {NAME_BYTES_MAX} of the letters a to z, digits, `_`, `-` and `.`"
            )));
        }
    }
    Ok(members)
}

/// Reads one definition.
struct Reader<'a> {
    file: &'a str,
    lines: Vec<(String, usize)>,
    /// What can be named.
    known: &'a Others,
}

/// Where rows come from, before it is known what else is selected.
struct From {
    source: Source,
    /// The path of its query.
    path: String,
}

impl<'a> Reader<'a> {
    fn new(file: &'a str, line: usize, known: &'a Others) -> Self {
        Self { file, lines: vec![(String::new(), line)], known }
    }

    fn note(&mut self, path: impl Into<String>, line: usize) {
        self.lines.push((path.into(), line));
    }

    /// Notes the line of a member under the name that it has in a compiled file.
    fn note_member(&mut self, members: &Members<'_>, name: &str, path: &str) {
        if let Some(member) = members.member(name) {
            self.note(path, member.line);
        }
    }

    fn declared(self, what: What) -> Declared {
        let dialect = dialect(&what);
        Declared {
            what,
            file: self.file.to_owned(),
            dialect,
            notices: Vec::new(),
            lines: self.lines,
            read: Map::new(),
        }
    }

    fn meta(&mut self, name: &str, members: &Members<'_>) -> Result<Meta> {
        self.note_member(members, "online", "metaData.online");
        let sample_percent = members.number::<f64>("sample_percent")?;
        if let (Some(percent), Some(node)) = (sample_percent, members.get("sample_percent"))
            && !(0.0..=100.0).contains(&percent)
        {
            let what = format!("`sample_percent` is from 0 to 100, not {percent}");
            return Err(wrong(self.file, node.line, what));
        }
        Ok(Meta {
            name: name.to_owned(),
            is_online: members.flag("online")?.unwrap_or(true),
            description: members.text("description")?,
            sample_percent,
            ..Meta::default()
        })
    }

    fn group_by(&mut self, name: &str, node: &Node) -> Result<GroupBy> {
        let own = ["sources", "keys", "aggregations", "derivations", "only_derivations", "accuracy"];
        let names: Vec<&str> = META.iter().chain(&SOURCE).chain(&own).copied().collect();
        let what = format!("the GroupBy `{name}`");
        let members = Members::of(self.file, &what, node, &names)?;
        let keys = members.texts("keys")?;
        self.note_member(&members, "keys", "keyColumns");
        members.need("keys")?;
        let mut from = self.sources(&members)?;
        let aggregations = self.aggregations(&members, &mut from)?;
        let inputs = aggregations.iter().flat_map(|a| std::iter::once(&a.input).chain(&a.buckets));
        let wanted: Vec<&String> = keys.iter().chain(inputs).collect();
        for from in &mut from {
            select(&mut from.source.query, &wanted);
        }
        let is_still = |from: &From| matches!(from.source.rows, Rows::Entities { mutations: None, .. });
        let default = if from.iter().all(is_still) { Accuracy::Snapshot } else { Accuracy::Temporal };
        let accuracy = self.accuracy(&members)?.unwrap_or(default);
        Ok(GroupBy {
            meta: self.meta(name, &members)?,
            sources: from.into_iter().map(|from| from.source).collect(),
            keys,
            aggregations: Some(aggregations),
            accuracy,
            derivations: self.derivations(&members)?,
            backfill_start: None,
            is_incremental: false,
        })
    }

    fn accuracy(&mut self, members: &Members<'_>) -> Result<Option<Accuracy>> {
        self.note_member(members, "accuracy", "accuracy");
        let Some(node) = members.get("accuracy") else { return Ok(None) };
        match text(self.file, "accuracy", node)?.to_ascii_lowercase().as_str() {
            "temporal" => Ok(Some(Accuracy::Temporal)),
            "snapshot" => Ok(Some(Accuracy::Snapshot)),
            other => {
                let error = wrong(self.file, node.line, format!("no accuracy is called `{other}`"));
                Err(with_nearest(error, other, &["temporal", "snapshot"]))
            }
        }
    }

    /// One source that is said with the GroupBy, or several of them.
    fn sources(&mut self, members: &Members<'_>) -> Result<Vec<From>> {
        if let Some(many) = members.member("sources") {
            if let Some(one) = SOURCE.iter().find_map(|name| members.member(name)) {
                let what = format!("`{}` stands within each of the `sources`", one.name);
                return Err(wrong(self.file, one.line, what));
            }
            let items = members.items("sources");
            let mut out = Vec::new();
            for (at, item) in items.iter().enumerate() {
                self.note(format!("sources[{at}]"), item.line);
                let one = Members::of(self.file, "a source", item, &SOURCE)?;
                out.push(self.source(&one, &format!("sources[{at}]"))?);
            }
            if out.is_empty() {
                return Err(wrong(self.file, many.line, "`sources` is empty"));
            }
            return Ok(out);
        }
        ROWS.iter().for_each(|name| self.note_member(members, name, "sources[0]"));
        Ok(vec![self.source(members, "sources[0]")?])
    }

    /// Events, entities, or what a Join gives.
    fn source(&mut self, members: &Members<'_>, path: &str) -> Result<From> {
        let mut said = ROWS.iter().filter_map(|name| members.member(name));
        let Some(kind) = said.next() else {
            return Err(members
                .need("source")
                .err()
                .unwrap_or_else(|| Error::internal("a source that is there")));
        };
        if let Some(other) = said.next() {
            let what = format!("a source is `{}` or `{}`, not both", kind.name, other.name);
            return Err(wrong(self.file, other.line, what));
        }
        if kind.name != "entities"
            && let Some(member) = CHANGES.iter().find_map(|name| members.member(name))
        {
            let what = format!("`{}` is said of `entities`", member.name);
            return Err(wrong(self.file, member.line, what));
        }
        let name = text(self.file, &kind.name, &kind.value)?.to_owned();
        let (rows, path) = match kind.name.as_str() {
            "entities" => {
                let path = format!("{path}.entities");
                self.note(format!("{path}.snapshotTable"), kind.line);
                self.note_member(members, "changes", &format!("{path}.mutationTable"));
                (Rows::Entities { snapshot: name, mutations: members.text("changes")?, topic: None }, path)
            }
            "join" => (Rows::Join(self.joined(&name, kind.line)?), format!("{path}.joinSource")),
            _ => {
                members.need("time")?;
                let path = format!("{path}.events");
                self.note(format!("{path}.table"), kind.line);
                (Rows::Events { table: name, topic: None, is_cumulative: false }, path)
            }
        };
        let mut query = self.query(members, &format!("{path}.query"))?;
        for (ours, theirs) in [
            ("changed_at", "mutationTimeColumn"),
            ("is_before", "reversalColumn"),
            ("day", "partitionColumn"),
        ] {
            self.note_member(members, ours, &format!("{path}.query.{theirs}"));
        }
        query.mutation_time = members.text("changed_at")?;
        query.reversal = members.text("is_before")?;
        query.partition = members.text("day")?;
        Ok(From { source: Source { rows, query }, path: format!("{path}.query") })
    }

    fn joined(&self, name: &str, line: usize) -> Result<Arc<Join>> {
        self.known.joins.get(name).cloned().ok_or_else(|| {
            let error =
                wrong(self.file, line, format!("no Join is called `{name}`, or it is made of this GroupBy"));
            let known: Vec<&str> = self.known.joins.keys().map(String::as_str).collect();
            Error { kind: Kind::NotFound, ..with_nearest(error, name, &known) }
        })
    }

    fn query(&mut self, members: &Members<'_>, path: &str) -> Result<Query> {
        for (ours, theirs) in [
            ("selects", "selects"),
            ("time", "timeColumn"),
            ("start", "startPartition"),
            ("end", "endPartition"),
        ] {
            self.note_member(members, ours, &format!("{path}.{theirs}"));
        }
        for (at, item) in members.items("where").iter().enumerate() {
            self.note(format!("{path}.wheres[{at}]"), item.line);
        }
        Ok(Query {
            selects: self.selects(members, &format!("{path}.selects"))?,
            wheres: members.texts("where")?,
            time: members.text("time")?,
            start: members.text("start")?,
            end: members.text("end")?,
            ..Query::default()
        })
    }

    /// Names with expressions, or a list of names, some of them with an expression.
    fn selects(&mut self, members: &Members<'_>, path: &str) -> Result<Vec<(String, String)>> {
        let mut out: Vec<(String, String)> = Vec::new();
        let Some(node) = members.get("selects") else { return Ok(out) };
        let items = if node.is_members() { std::slice::from_ref(node) } else { members.items("selects") };
        for item in items {
            let mut found: Vec<(&str, usize, String)> = Vec::new();
            if item.is_members() {
                for Member { name, line, value } in yaml::members(self.file, "a select", item)? {
                    let expression = match value.is_null() {
                        true => identity(name),
                        false => text(self.file, name, value)?.to_owned(),
                    };
                    found.push((name, *line, expression));
                }
            } else {
                let name = text(self.file, "selects", item)?;
                found.push((name, item.line, identity(name)));
            }
            for (name, line, expression) in found {
                if out.iter().any(|(n, _)| n == name) {
                    return Err(wrong(self.file, line, format!("`{name}` is selected twice")));
                }
                self.note(format!("{path}.{name}"), line);
                out.push((name.to_owned(), expression));
            }
        }
        Ok(out)
    }

    fn aggregations(&mut self, members: &Members<'_>, from: &mut [From]) -> Result<Vec<Aggregation>> {
        members.need("aggregations")?;
        self.note_member(members, "aggregations", "aggregations");
        let mut out = Vec::new();
        for (at, item) in members.items("aggregations").iter().enumerate() {
            out.push(self.aggregation(item, at, from)?);
        }
        Ok(out)
    }

    fn aggregation(&mut self, node: &Node, at: usize, from: &mut [From]) -> Result<Aggregation> {
        let known = ["op", "input", "as", "filter", "windows", "buckets", "k", "percentiles", "element_wise"];
        let members = Members::of(self.file, "an aggregation", node, &known)?;
        let path = format!("aggregations[{at}]");
        self.note(&*path, node.line);
        for (ours, theirs) in [
            ("op", "operation"),
            ("input", "inputColumn"),
            ("windows", "windows"),
            ("buckets", "buckets"),
            ("k", "argMap"),
            ("percentiles", "argMap"),
        ] {
            self.note_member(&members, ours, &format!("{path}.{theirs}"));
        }
        let op = members.need("op")?;
        let operation = Operation::parse(text(self.file, "op", op)?).map_err(|e| self.at(e, op.line))?;
        let mut windows = Vec::new();
        for (at, window) in members.items("windows").iter().enumerate() {
            self.note(format!("{path}.windows[{at}]"), window.line);
            let length = text(self.file, "windows", window)?;
            windows.push(Window::parse(length).map_err(|e| self.at(e, window.line))?);
        }
        let percentiles = members.items("percentiles").iter();
        let percentiles = percentiles.map(|p| yaml::number(self.file, "percentiles", p));
        Ok(Aggregation {
            input: self.input(&members, from)?,
            operation,
            args: Args { k: members.number("k")?, percentiles: percentiles.collect::<Result<_>>()? },
            windows,
            buckets: members.texts("buckets")?,
            is_element_wise: members.flag("element_wise")?.unwrap_or(false),
        })
    }

    /// The column that is aggregated: that which was named, or one that is made of it.
    fn input(&mut self, members: &Members<'_>, from: &mut [From]) -> Result<String> {
        let input = text(self.file, "input", members.need("input")?)?;
        let Some(name) = members.member("as") else {
            if let Some(filter) = members.member("filter") {
                let what = "an aggregation with a `filter` needs a name for what is left: `as`";
                let hint = format!("Add `as: {input}_of_these`: features are named after it");
                return Err(wrong(self.file, filter.line, what).hint(hint));
            }
            return Ok(input.to_owned());
        };
        let filter = members.text("filter")?;
        let alias = text(self.file, "as", &name.value)?;
        for from in from {
            let selects = &mut from.source.query.selects;
            let of =
                selects.iter().find(|(n, _)| n == input).map_or_else(|| identity(input), |(_, e)| e.clone());
            let expression = match &filter {
                Some(filter) => format!("CASE WHEN ({filter}) THEN ({of}) ELSE NULL END"),
                None => of,
            };
            match selects.iter().find(|(n, _)| n == alias) {
                Some((_, same)) if *same == expression => {}
                Some(_) => {
                    let what = format!("`{alias}` is the name of something else");
                    return Err(wrong(self.file, name.line, what));
                }
                None => {
                    let line = members.member("filter").unwrap_or(name).line;
                    self.lines.push((format!("{}.selects.{alias}", from.path), line));
                    selects.push((alias.to_owned(), expression));
                }
            }
        }
        Ok(alias.to_owned())
    }

    /// Columns that are made of others. The others are kept, if it is not said that they are not.
    fn derivations(&mut self, members: &Members<'_>) -> Result<Vec<Derivation>> {
        let pairs = members.pairs("derivations")?;
        let is_alone = members.flag("only_derivations")?.unwrap_or(false);
        let mut out = Vec::new();
        if !pairs.is_empty() && !is_alone {
            self.note_member(members, "derivations", "derivations[0]");
            let all = Derivation::ALL.to_owned();
            out.push(Derivation { name: all.clone(), expression: all });
        }
        for (member, expression) in pairs {
            if member.name == Derivation::ALL {
                return Err(wrong(self.file, member.line, "`*` is not the name of a derivation")
                    .hint("All other columns are kept, but where `only_derivations: true` is said"));
            }
            self.note(format!("derivations[{}]", out.len()), member.line);
            out.push(Derivation { name: member.name.clone(), expression });
        }
        Ok(out)
    }

    fn at(&self, error: Error, line: usize) -> Error {
        error.at(format!("{}:{line}", self.file))
    }
}

/// A column as an expression.
fn identity(name: &str) -> String {
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if is_plain { name.to_owned() } else { format!("`{}`", name.replace('`', "``")) }
}

/// Selects columns that are needed and not selected yet.
fn select(query: &mut Query, wanted: &[&String]) {
    for name in wanted {
        if !query.selects.iter().any(|(n, _)| n == *name) {
            query.selects.push(((*name).clone(), identity(name)));
        }
    }
}

/// Whose numbers its operations have.
fn dialect(what: &What) -> Dialect {
    let is_airbnb = |group: &Arc<GroupBy>| {
        let mut aggregations = group.aggregations.iter().flatten();
        aggregations.all(|a| a.operation.number(Dialect::Airbnb).is_some())
    };
    let all = match what {
        What::GroupBy(group) => is_airbnb(group),
        What::Join(join) => join.parts.iter().all(|part| is_airbnb(&part.group_by)),
        What::StagingQuery(_) | What::Team => true,
    };
    if all { Dialect::Airbnb } else { Dialect::Zipline }
}
