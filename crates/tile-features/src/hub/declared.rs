//! From files to what is to be served.

use super::served::Served;
use crate::definition::{Declared, DefinitionKind, Fault, GroupBy, Join, Notice, What, read_all};
use crate::derive::Derive;
use crate::types::Type;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use tile_base::Error;

/// Files that may declare features, by their paths in the project.
pub type Files = BTreeMap<String, String>;

/// What is wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// File, and line or path where they are known.
    pub at: String,
    pub what: String,
    /// It is served all the same.
    pub is_warning: bool,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_warning { "warning" } else { "error" };
        write!(f, "{kind}: {}: {}", self.at, self.what)
    }
}

/// A definition that cannot be used as it is written now.
#[derive(Clone, Debug)]
pub struct Failed {
    pub kind: DefinitionKind,
    pub name: String,
    pub file: String,
    pub problem: Problem,
}

impl Failed {
    fn of(kind: DefinitionKind, declared: &Declared, problem: Problem) -> Self {
        Self { kind, name: declared.name().to_owned(), file: declared.file.clone(), problem }
    }
}

/// What files declared last, those that could be read.
#[derive(Default)]
pub(super) struct Wanted {
    declared: BTreeMap<String, Vec<Arc<Declared>>>,
    /// Of a definition, the first of what is wrong.
    failed: Vec<Failed>,
}

impl Wanted {
    /// Reads all files, and forgets those that are gone. What a definition was that cannot be used any more stays.
    pub fn read(&mut self, files: &Files) -> Vec<Problem> {
        let mut before = std::mem::take(&mut self.declared);
        let mut problems = Vec::new();
        self.failed.clear();
        for (file, read) in read_all(files) {
            let is_whole = read.faults.iter().any(|fault| fault.is_whole);
            let mut failed: Vec<Failed> = Vec::new();
            for Fault { of, error, .. } in read.faults {
                let problem = Problem::of(error, &file);
                problems.push(problem.clone());
                failed.extend(of.map(|(kind, name)| Failed { kind, name, file: file.clone(), problem }));
            }
            let mut now: Vec<Arc<Declared>> = Vec::new();
            for declared in read.declared {
                problems.extend(declared.notices.iter().map(|notice| Problem::noticed(&declared, notice)));
                match (declared.kind(), declared.notices.iter().find(|notice| notice.is_error)) {
                    (_, None) => now.push(Arc::new(declared)),
                    (Some(kind), Some(notice)) => {
                        let problem = Problem::noticed(&declared, notice);
                        failed.push(Failed::of(kind, &declared, problem));
                    }
                    (None, Some(_)) => {}
                }
            }
            let mut old = before.remove(&file).unwrap_or_default();
            old.retain(|d| is_whole || failed.iter().any(|f| Some(f.kind) == d.kind() && f.name == d.name()));
            now.extend(old);
            self.declared.insert(file, now);
            self.failed.extend(failed);
        }
        problems
    }
}

impl Problem {
    /// An error of a file.
    fn of(error: Error, file: &str) -> Self {
        let at = error.at.clone().unwrap_or_else(|| file.to_owned());
        Self { at, what: Error { at: None, ..error }.detail(), is_warning: false }
    }

    pub(super) fn noticed(declared: &Declared, notice: &Notice) -> Self {
        Self { at: declared.place(&notice.at), what: notice.what.clone(), is_warning: !notice.is_error }
    }
}

/// A Join that is served.
pub struct Joined {
    pub definition: Arc<Join>,
    pub declared: Arc<Declared>,
    /// What its parts are fetched from, in their order.
    pub parts: Vec<Arc<Served>>,
    /// The derivations as they were resolved last.
    pub deriving: Mutex<Option<Arc<Deriving>>>,
}

/// The derivations of a Join over columns of those names and types.
pub struct Deriving {
    pub features: Vec<(String, Type)>,
    /// What came with the request.
    pub beside: Vec<(String, Type)>,
    pub derive: Derive,
}

/// A GroupBy that is served.
pub struct Grouped {
    pub definition: Arc<GroupBy>,
    pub declared: Arc<Declared>,
    pub served: Arc<Served>,
}

/// All that is defined.
#[derive(Default)]
pub struct Defined {
    /// By name.
    pub groups: BTreeMap<String, Arc<Grouped>>,
    pub joins: BTreeMap<String, Arc<Joined>>,
    /// All that can be computed, served or not, in the order of files.
    pub usable: Vec<Arc<Declared>>,
    /// What is not served as it is written now, in the order of files. What it was before may be.
    pub failed: Vec<Failed>,
    /// By id: also those that only a Join has.
    pub(super) all: BTreeMap<String, Arc<Served>>,
}

impl Defined {
    /// The Join or GroupBy of a name, served or not.
    pub fn computed(&self, name: &str) -> Option<&Arc<Declared>> {
        let is_it =
            |d: &&Arc<Declared>| matches!(d.what, What::Join(_) | What::GroupBy(_)) && d.name() == name;
        self.usable.iter().find(is_it)
    }

    /// Why a definition cannot be used as it is written now.
    pub fn failure(&self, kind: DefinitionKind, name: &str) -> Option<&Failed> {
        self.failed.iter().find(|failed| failed.kind == kind && failed.name == name)
    }

    /// Why nothing is served under a name that may be read. `kind` is what was asked for; none is both. Of other names those count that
    /// `may_read` lets through.
    pub fn unserved(
        &self,
        kind: Option<DefinitionKind>,
        name: &str,
        may_read: &dyn Fn(&str) -> bool,
    ) -> Error {
        const KINDS: [DefinitionKind; 2] = [DefinitionKind::GroupBy, DefinitionKind::Join];
        let asked = || KINDS.into_iter().filter(|one| kind.is_none_or(|kind| kind == *one));
        if let Some(Failed { problem, .. }) = asked().find_map(|kind| self.failure(kind, name)) {
            let Problem { at, what, .. } = problem;
            return Error::invalid(format!("`{name}` is declared in {at} and not served: {what}"));
        }
        let declared = |kind| self.usable.iter().find(|d| d.kind() == Some(kind) && d.name() == name);
        if let Some(declared) = asked().find_map(declared) {
            // All others are served, or have failed.
            let what = format!(
                "`{name}` is for training data alone: its `online` is false in {}",
                declared.place("")
            );
            return Error::invalid(what).hint("Say that it is online to have it served");
        }
        let is_there =
            |kind: &DefinitionKind| declared(*kind).is_some() || self.failure(*kind, name).is_some();
        if let (Some(kind), Some(other)) = (kind, KINDS.into_iter().find(is_there)) {
            let route = format!("/v1/features/{}/{name}", other.to_string().to_ascii_lowercase());
            return Error::not_found(format!("`{name}` is a {other}, not a {kind}"))
                .hint(format!("Ask at `{route}`"));
        }
        let known: Vec<&str> = match kind {
            Some(DefinitionKind::GroupBy) => self.groups.keys().map(String::as_str).collect(),
            Some(DefinitionKind::Join) => self.joins.keys().map(String::as_str).collect(),
            None => self.joins.keys().chain(self.groups.keys()).map(String::as_str).collect(),
        };
        let asked = kind.map_or_else(|| "Join or GroupBy".to_owned(), |kind| kind.to_string());
        super::unknown(&asked, name, known.into_iter().filter(|name| may_read(name)))
    }

    pub(super) fn new(
        wanted: &Wanted,
        before: &Self,
        groups_max: usize,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut out = Self { failed: wanted.failed.clone(), ..Self::default() };
        let usable: Vec<Arc<Declared>> = wanted.declared.values().flatten().cloned().collect();
        for declared in &usable {
            let What::GroupBy(group) = &declared.what else { continue };
            if !group.meta.is_online {
                continue;
            }
            if let Some(other) = out.groups.get(&group.meta.name) {
                problems.push(twice(declared, &other.declared.file));
            } else if let Some(served) = out.served(group, declared, before, groups_max, problems) {
                let (definition, declared) = (group.clone(), declared.clone());
                let grouped = Grouped { definition, declared, served };
                out.groups.insert(group.meta.name.clone(), Arc::new(grouped));
            }
        }
        for declared in &usable {
            let What::Join(join) = &declared.what else { continue };
            if !join.meta.is_online {
                continue;
            }
            if let Some(other) = out.joins.get(&join.meta.name) {
                problems.push(twice(declared, &other.declared.file));
                continue;
            }
            let parts: Option<Vec<Arc<Served>>> = join
                .parts
                .iter()
                .map(|part| out.served(&part.group_by, declared, before, groups_max, problems))
                .collect();
            if let Some(parts) = parts {
                let deriving = Mutex::default();
                let joined = Joined { definition: join.clone(), declared: declared.clone(), parts, deriving };
                out.joins.insert(join.meta.name.clone(), Arc::new(joined));
            }
        }
        out.usable = usable;
        out
    }

    /// Keeps what is served, with all that it gets features of.
    fn keep(&mut self, served: &Arc<Served>) {
        self.all.insert(served.id.clone(), served.clone());
        served.parts.values().for_each(|part| self.keep(part));
    }

    /// What follows a GroupBy, the same as before when its version is.
    fn served(
        &mut self,
        group: &Arc<GroupBy>,
        declared: &Arc<Declared>,
        before: &Self,
        groups_max: usize,
        problems: &mut Vec<Problem>,
    ) -> Option<Arc<Served>> {
        let id = id(group);
        if let Some(served) = self.all.get(&id).or_else(|| before.all.get(&id)) {
            let served = served.clone();
            self.keep(&served);
            return Some(served);
        }
        let mut parts = BTreeMap::new();
        for part in group.sources.iter().flat_map(super::joined::parts) {
            let served = self.served(&part, declared, before, groups_max, problems)?;
            parts.insert(served.id.clone(), served);
        }
        if self.all.len() >= groups_max {
            let what = format!("more than {groups_max} GroupBys are not served");
            let problem = Problem { at: declared.place(""), what, is_warning: false };
            let failed = |kind| Failed::of(kind, declared, problem.clone());
            self.failed.extend(declared.kind().map(failed));
            problems.push(problem);
            return None;
        }
        let old = before.groups.get(&group.meta.name).map(|old| old.served.clone());
        let old = old.or_else(|| before.all.values().find(|s| s.name() == group.meta.name).cloned());
        let served = Arc::new(Served::new(group.clone(), declared.clone(), id.clone(), parts, old));
        self.all.insert(id, served.clone());
        Some(served)
    }
}

fn twice(declared: &Declared, other: &str) -> Problem {
    let what = format!("`{}` is declared in {other} already", declared.name());
    Problem { at: declared.place(""), what, is_warning: false }
}

/// The name, and a number of all that the values depend on.
pub(super) fn id(group: &GroupBy) -> String {
    format!("{}@{:016x}", group.meta.name, group.semantic_hash())
}
