//! A project's own files: YAML in its folder `features`. What can be written is in `docs/reference/features-files.md`.
//!
//! A file holds GroupBys and Joins by name. A Join names the GroupBys of its parts, and a GroupBy may name a Join as its source; they stand in
//! the same file or in another one. Lines
//! are noted by the paths that a compiled file would have, so that whoever checks a definition need not know how it was written.

mod joins;
#[cfg(test)]
mod tests;

use super::declared::{Declared, DefinitionKind, Fault, Read, What};
use super::yaml::{self, Member, Members, Node, text, with_nearest, wrong};
use super::{Accuracy, Aggregation, Derivation, GroupBy, Join, Meta, Query, Rows, Source};
use crate::aggregates::Args;
use crate::operation::{Dialect, Operation};
use crate::window::Window;
use serde_json::Map;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use tile_base::{Error, Kind, Result};

/// What definitions can name: GroupBys and Joins, of this file and of others.
#[derive(Clone, Debug, Default)]
pub struct Others {
    groups: BTreeMap<String, Arc<GroupBy>>,
    joins: BTreeMap<String, Arc<Join>>,
    /// Why definitions cannot be read.
    failed: BTreeMap<(DefinitionKind, String), String>,
}

impl Others {
    /// Adds what has no namesake yet. Whether something was added.
    fn add(&mut self, declared: &[Declared]) -> bool {
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

    /// Adds why a definition cannot be read, once. What lacks another one may be read later.
    fn fail(&mut self, kind: DefinitionKind, name: &str, error: &Error) -> bool {
        let at = (kind, name.to_owned());
        if error.kind == Kind::NotFound || self.failed.contains_key(&at) {
            return false;
        }
        let place = error.at.as_ref().map(|place| format!(" (at {place})"));
        self.failed.insert(at, format!("{}{}", error.what, place.unwrap_or_default()));
        true
    }

    /// Adds what a file declares. Whether something was added.
    pub fn add_read(&mut self, read: &Read) -> bool {
        let mut is_more = self.add(&read.declared);
        for fault in &read.faults {
            if let Some((kind, name)) = &fault.of {
                is_more |= self.fail(*kind, name, &fault.error);
            }
        }
        is_more
    }

    /// Forgets a name.
    fn remove(&mut self, kind: DefinitionKind, name: &str) {
        match kind {
            DefinitionKind::GroupBy => drop(self.groups.remove(name)),
            DefinitionKind::Join => drop(self.joins.remove(name)),
        }
        self.failed.remove(&(kind, name.to_owned()));
    }

    /// That there is no such definition, or why it cannot be used.
    fn missing(&self, kind: DefinitionKind, name: &str, place: &Place<'_>) -> Error {
        if let Some(why) = self.failed.get(&(kind, name.to_owned())) {
            return place.wrong(format!("`{name}` cannot be used: {why}"));
        }
        let (what, known): (_, Vec<&str>) = match kind {
            DefinitionKind::GroupBy => ("", self.groups.keys().map(String::as_str).collect()),
            DefinitionKind::Join => {
                (", or it is made of this GroupBy", self.joins.keys().map(String::as_str).collect())
            }
        };
        let error = place.wrong(format!("no {kind} is called `{name}`{what}"));
        Error { kind: Kind::NotFound, ..with_nearest(error, name, &known) }
    }
}

/// A line of a file.
struct Place<'a> {
    file: &'a str,
    line: usize,
}

impl Place<'_> {
    fn wrong(&self, what: String) -> Error {
        wrong(self.file, self.line, what)
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

/// Reads a file of a project, whose definitions may name those of others.
///
/// # Errors
/// `Invalid` with file and line for what is no file of definitions; `TooLarge`.
pub fn read(file: &str, text: &str, others: &Others) -> Result<Read> {
    let Some(root) = yaml::parse(file, text)? else { return Ok(Read::default()) };
    let all = Members::of(file, "a file of definitions", &root, &["group_bys", "joins"])?;
    let mut out = Read::default();
    let mut members = named(&all, DefinitionKind::GroupBy, &mut out.faults)?;
    members.extend(named(&all, DefinitionKind::Join, &mut out.faults)?);
    let mut known = others.clone();
    // A name is that of the own file first.
    members.iter().for_each(|(kind, member)| known.remove(*kind, &member.name));
    let mut read: Vec<Option<Result<Declared, Vec<Error>>>> = members.iter().map(|_| None).collect();
    // A definition waits for those that it names. Each round reads at least one more, or finds that it cannot be read.
    for _ in 0..=members.len() {
        let mut is_more = false;
        for (slot, (kind, member)) in read.iter_mut().zip(&members) {
            if matches!(slot, Some(Ok(_))) {
                continue;
            }
            let one = one(file, member, *kind, &known);
            match &one {
                Ok(one) => is_more |= known.add(std::slice::from_ref(one)),
                Err(faults) => faults.iter().for_each(|e| is_more |= known.fail(*kind, &member.name, e)),
            }
            *slot = Some(one);
        }
        if !is_more {
            break;
        }
    }
    for (one, (kind, member)) in read.into_iter().flatten().zip(members) {
        match one {
            Ok(one) => out.declared.push(one),
            Err(faults) => out.faults.extend(faults.into_iter().map(|error| {
                let of = Some((kind, member.name.clone()));
                Fault { of, is_whole: false, error }
            })),
        }
    }
    Ok(out)
}

/// One definition, or all that is wrong with it.
fn one(file: &str, member: &Member, kind: DefinitionKind, known: &Others) -> Result<Declared, Vec<Error>> {
    let mut reader = Reader::new(file, member.line, known);
    let (name, node) = (&member.name, &member.value);
    let what = match kind {
        DefinitionKind::Join => reader.join(name, node).map(|join| What::Join(Arc::new(join))),
        DefinitionKind::GroupBy => reader.group_by(name, node).map(|group| What::GroupBy(Arc::new(group))),
    };
    let mut faults = std::mem::take(&mut reader.faults);
    match what {
        Ok(what) if faults.is_empty() => Ok(reader.declared(what)),
        Ok(_) => Err(faults),
        Err(e) => {
            faults.push(e);
            Err(faults)
        }
    }
}

type Named<'a> = Vec<(DefinitionKind, &'a Member)>;

/// The definitions of a kind, with names that can stand in those of columns.
fn named<'a>(all: &Members<'a>, kind: DefinitionKind, faults: &mut Vec<Fault>) -> Result<Named<'a>> {
    let member = match kind {
        DefinitionKind::GroupBy => "group_bys",
        DefinitionKind::Join => "joins",
    };
    let Some(node) = all.get(member) else { return Ok(Vec::new()) };
    let (mut out, mut seen) = (Vec::new(), HashSet::new());
    for member in yaml::listed(all.file, &format!("`{member}`"), node)? {
        let is_fine = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let name = &member.name;
        let what = if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.chars().all(is_fine) {
            format!("`{name}` cannot be a name")
        } else if seen.insert(name) {
            out.push((kind, member));
            continue;
        } else {
            format!("`{name}` is there twice")
        };
        let error = wrong(all.file, member.line, what).hint(format!(
            "A name has 1 to {NAME_BYTES_MAX} of the letters a to z, digits, `_`, `-` and `.`, and stands once"
        ));
        faults.push(Fault { of: None, is_whole: false, error });
    }
    Ok(out)
}

/// Reads one definition.
struct Reader<'a> {
    file: &'a str,
    lines: Vec<(String, usize)>,
    /// What can be named.
    known: &'a Others,
    /// What is wrong, where reading went on all the same.
    faults: Vec<Error>,
}

/// Where rows come from, before it is known what else is selected.
struct From {
    source: Source,
    /// The path of its query.
    path: String,
}

impl<'a> Reader<'a> {
    fn new(file: &'a str, line: usize, known: &'a Others) -> Self {
        Self { file, lines: vec![(String::new(), line)], known, faults: Vec::new() }
    }

    /// What was read, or nothing: what is wrong is told with all else.
    fn or_noted<T: Default>(&mut self, read: Result<T>) -> T {
        read.unwrap_or_else(|e| {
            self.faults.push(e);
            T::default()
        })
    }

    fn note(&mut self, path: impl Into<String>, line: usize) {
        self.lines.push((path.into(), line));
    }

    /// Notes the lines of a member's items.
    fn note_items(&mut self, members: &Members<'_>, name: &str, path: &str) {
        for (at, item) in members.items(name).iter().enumerate() {
            self.note(format!("{path}[{at}]"), item.line);
        }
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
        let sample_percent = members.number_within("sample_percent", &(0.0..=100.0))?;
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
        self.note_member(&members, "keys", "keyColumns");
        self.note_items(&members, "keys", "keyColumns");
        let keys = members.need("keys").and_then(|_| members.texts("keys"));
        let keys = self.or_noted(keys);
        let from = self.sources(&members);
        let mut from = self.or_noted(from);
        let aggregations = self.aggregations(&members, &mut from);
        let aggregations = self.or_noted(aggregations);
        let wanted = self.wanted(&keys, &aggregations);
        for from in &mut from {
            self.select(&mut from.source.query, &from.path, &wanted);
        }
        let is_still = |from: &From| matches!(from.source.rows, Rows::Entities { mutations: None, .. });
        let default = if from.iter().all(is_still) { Accuracy::Snapshot } else { Accuracy::Temporal };
        let accuracy = self.accuracy(&members);
        let accuracy = self.or_noted(accuracy).unwrap_or(default);
        let derivations = self.derivations(&members);
        let derivations = self.or_noted(derivations);
        Ok(GroupBy {
            meta: self.meta(name, &members)?,
            sources: from.into_iter().map(|from| from.source).collect(),
            keys,
            aggregations: Some(aggregations),
            accuracy,
            derivations,
            backfill_start: None,
            is_incremental: false,
        })
    }

    /// Gives the line of a path that was noted; that of the definition for another one.
    fn noted(&self) -> impl Fn(&str) -> usize {
        let lines: HashMap<&str, usize> =
            self.lines.iter().map(|(path, line)| (path.as_str(), *line)).collect();
        move |path| lines.get(path).or_else(|| lines.get("")).copied().unwrap_or(1)
    }

    /// The columns that keys and aggregations name, each with its line.
    fn wanted(&self, keys: &[String], aggregations: &[Aggregation]) -> Vec<(String, usize)> {
        let line = self.noted();
        let keys = keys.iter().enumerate().map(|(at, key)| (key, format!("keyColumns[{at}]")));
        let inputs = aggregations.iter().enumerate().flat_map(|(at, aggregation)| {
            let input = (&aggregation.input, format!("aggregations[{at}].inputColumn"));
            let bucket = move |(index, bucket)| (bucket, format!("aggregations[{at}].buckets[{index}]"));
            std::iter::once(input).chain(aggregation.buckets.iter().enumerate().map(bucket))
        });
        keys.chain(inputs).map(|(name, path)| (name.clone(), line(&path))).collect()
    }

    /// Selects columns that are needed and not selected yet. Where they are named, they are selected.
    fn select(&mut self, query: &mut Query, path: &str, wanted: &[(String, usize)]) {
        for (name, line) in wanted {
            if !query.selects.iter().any(|(n, _)| n == name) {
                query.selects.push((name.clone(), identity(name)));
                self.note(format!("{path}.selects.{name}"), *line);
            }
        }
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
        let missing = || self.known.missing(DefinitionKind::Join, name, &Place { file: self.file, line });
        self.known.joins.get(name).cloned().ok_or_else(missing)
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
        self.note_items(members, "where", &format!("{path}.wheres"));
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
            let one = self.aggregation(item, at, from).map(Some);
            out.extend(self.or_noted(one));
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
        self.note_items(&members, "buckets", &format!("{path}.buckets"));
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
            args: Args {
                k: members.number_within("k", &Args::k_bounds(operation))?,
                percentiles: percentiles.collect::<Result<_>>()?,
            },
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
            self.note(format!("derivations.{}", member.name), member.line);
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
