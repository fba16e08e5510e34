//! What names mean in the SQL of nodes and requests.

mod native;

use super::elsewhere::{self, Found};
use super::rendering::Asked;
use super::resources::{Body, Resources, Source};
use super::statements::{Explain, Told};
use super::system::System;
use crate::observe::tables;
use crate::template::Rendered;
use native::Made;
use serde_json::{Map, Value};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use tile_base::{Error, Kind, Resource, Result, foreign};
use tile_clicksql::ast::{Query, Statement};
use tile_clicksql::error::SqlError;
use tile_clicksql::schema::{Schema, Table};
use tile_clicksql::{Constant, Options, Session};

/// Who may see what by name. Inside of a pipe its nodes see everything: who may read a pipe may read what it makes.
pub trait Sight {
    /// Whether a data source may be read by its name, and the rows of it: a condition, or none for all.
    fn source(&self, name: &str) -> Option<Option<&str>>;
    fn pipe(&self, name: &str) -> bool;
    /// The parameters of a pipe that are fixed for this caller.
    fn fixed(&self, _pipe: &str) -> Option<&Map<String, Value>> {
        None
    }
    /// Whether what the catalog has at a path may be read.
    fn elsewhere(&self, _path: &str) -> bool {
        false
    }
    /// Whether the caller may do everything.
    fn is_admin(&self) -> bool {
        false
    }
    /// # Errors
    /// `Denied` for what may not be read.
    fn reads(&self, _resource: &Resource) -> Result<()> {
        Err(Error::new(Kind::Denied, "not enough permissions"))
    }
    /// Names of data sources of other workspaces whose rows are filtered for this caller.
    fn filtered_shares(&self) -> Vec<String> {
        vec![]
    }
    /// A condition on the rows of a data source that pipes read for this caller, whether or not it may read them itself.
    fn within(&self, name: &str) -> Option<&str> {
        self.source(name).flatten()
    }
}

/// Sees everything.
pub struct All;

impl Sight for All {
    fn source(&self, _name: &str) -> Option<Option<&str>> {
        Some(None)
    }
    fn pipe(&self, _name: &str) -> bool {
        true
    }
    fn elsewhere(&self, _path: &str) -> bool {
        true
    }
    fn is_admin(&self) -> bool {
        true
    }
    fn reads(&self, _resource: &Resource) -> Result<()> {
        Ok(())
    }
}

/// The names of one translation.
pub struct Names<'a> {
    resources: &'a Resources,
    /// Tables beside the data sources, by their full names: service tables.
    others: &'a BTreeMap<String, Table>,
    asked: &'a Asked,
    sight: &'a dyn Sight,
    /// The pipe whose nodes the text itself sees; `_` is its result.
    home: Option<&'a str>,
    /// The text itself comes from the project, and sees everything.
    is_trusted: bool,
    /// Rendered nodes, by their numbers.
    rendered: Vec<OnceCell<Option<Query>>>,
    /// Filtered data sources.
    filtered: BTreeMap<String, OnceCell<Option<Query>>>,
    /// Queries that were given, with the pipe that they are of; none for a data source's filter.
    given: RefCell<Vec<(*const Query, Option<&'a str>)>>,
    /// Nodes that stand in for others: rewritten ones, by their numbers.
    replaced: BTreeMap<usize, Query>,
    /// Nodes in the engine's dialect, by their numbers; those that are being made; which of their tables is the inserted block.
    natives: Vec<OnceCell<Option<Box<Made>>>>,
    working: RefCell<Vec<usize>>,
    fed: BTreeMap<usize, usize>,
    /// The text of a request in that dialect.
    outer: OnceCell<Box<Made>>,
    /// Queries that look up the names in such texts.
    naming: RefCell<Vec<Rc<Query>>>,
    /// Tables of the catalog that were named.
    found: Found,
    /// Data sources of other workspaces that were named.
    shared: Found,
    /// Whether one was named, found or not.
    pub names_elsewhere: Cell<bool>,
    /// Data sources that were read.
    pub read: RefCell<Vec<String>>,
    /// Pipes that the text itself named, of which the caller has fixed parameters.
    pub fixing: RefCell<BTreeSet<String>>,
    /// How long results may be kept, as the templates say that were rendered.
    pub cache_ttls: RefCell<Vec<&'static str>>,
    /// Why a node could not be given. The resolver only sees that there is none.
    failure: RefCell<Option<Error>>,
    /// What statements and the database `system` tell of; none where only the project's own text is translated.
    pub(super) told: Option<Told<'a>>,
}

impl<'a> Names<'a> {
    pub fn new(
        resources: &'a Resources,
        others: &'a BTreeMap<String, Table>,
        asked: &'a Asked,
        sight: &'a dyn Sight,
        home: Option<&'a str>,
        is_trusted: bool,
    ) -> Self {
        let filtered = resources
            .sources
            .keys()
            .chain(others.keys())
            .chain(tables::views().keys())
            .filter(|name| sight.within(name).is_some())
            .cloned()
            .chain(sight.filtered_shares())
            .map(|name| (name, OnceCell::new()));
        Self {
            resources,
            others,
            asked,
            sight,
            home,
            is_trusted,
            rendered: (0..resources.nodes).map(|_| OnceCell::new()).collect(),
            filtered: filtered.collect(),
            given: RefCell::default(),
            replaced: BTreeMap::new(),
            natives: (0..resources.nodes).map(|_| OnceCell::new()).collect(),
            working: RefCell::default(),
            fed: BTreeMap::new(),
            outer: OnceCell::new(),
            naming: RefCell::default(),
            found: Found::default(),
            shared: Found::default(),
            names_elsewhere: Cell::new(false),
            read: RefCell::default(),
            fixing: RefCell::default(),
            cache_ttls: RefCell::default(),
            failure: RefCell::default(),
            told: None,
        }
    }

    /// The pipes that there are.
    pub fn pipes(&self) -> &'a BTreeMap<String, super::resources::Pipe> {
        &self.resources.pipes
    }

    /// Lets a rewritten query stand for a node.
    pub fn replace(&mut self, slot: usize, query: Query) {
        self.replaced.insert(slot, query);
    }

    /// The query of a node, rendered.
    ///
    /// # Errors
    /// Those of the template, and of SQL that cannot be parsed.
    pub fn node(&self, pipe: &'a str, at: usize) -> Result<&Query> {
        let found = self.node_of(pipe, at);
        found.ok_or_else(|| {
            self.failed().unwrap_or_else(|| Error::not_found(format!("the pipe `{pipe}` has no such node")))
        })
    }

    /// Why a node could not be given, once.
    pub fn failed(&self) -> Option<Error> {
        self.failure.take()
    }

    /// A name without the database before it, where that is the workspace.
    fn within_database<'p, 'q>(&self, path: &'p [&'q str]) -> &'p [&'q str] {
        match path {
            [database, rest @ ..] if !rest.is_empty() && self.is_database(database) => rest,
            _ => path,
        }
    }

    /// Whether this is what the workspace is called as a database; clients that name none mean `default`.
    pub(super) fn is_database(&self, name: &str) -> bool {
        name == "default" || self.told.as_ref().is_some_and(|told| told.system.session.database == name)
    }

    /// A data source that the caller may read.
    pub(super) fn seen(&self, name: &str) -> Option<&'a Source> {
        let resources = self.resources;
        self.sight.source(name).and_then(|_| resources.sources.get(name))
    }

    /// Whether the caller may read a pipe of this name.
    pub(super) fn sees_pipe(&self, name: &str) -> bool {
        self.resources.pipes.contains_key(name) && self.sight.pipe(name)
    }

    /// For translations that are shown and not run: secrets are not in them.
    pub(super) fn masked(&self) -> Options {
        let hidden = |name: &String| (name.clone(), "[secret]".to_owned());
        let secrets: HashMap<String, String> = self.asked.secrets.keys().map(hidden).collect();
        Options {
            parameters: if self.asked.sees_secrets { secrets.clone() } else { HashMap::new() },
            inner_parameters: secrets,
            escaped_parameters: self.asked.bound.clone(),
            ..Options::default()
        }
    }

    /// Whether some rows are kept from the caller.
    pub(super) fn is_filtered(&self) -> bool {
        !self.filtered.is_empty()
    }

    /// Whether the plan of what was translated shows SQL that the caller may run and not see: that of pipes.
    pub(super) fn hides_plan(&self) -> bool {
        !self.asked.sees_secrets && self.given.borrow().iter().any(|(_, pipe)| pipe.is_some())
    }

    /// Lets the text name the tables of `system`, and ask by statements.
    #[must_use]
    pub fn telling(mut self, session: &'a Session, explain: Explain<'a>) -> Self {
        let system = System::new(self.resources, self.sight, session);
        self.told = Some(Told::new(system, explain));
        self
    }

    fn node_of(&self, pipe: &'a str, at: usize) -> Option<&Query> {
        let node = self.resources.pipes.get(pipe)?.nodes.get(at)?;
        let query = match (self.replaced.get(&node.slot), &node.body) {
            (Some(query), _) => query,
            (None, Body::Query(query)) => query.as_ref(),
            (None, Body::Native(native)) => self.native_node(pipe, node.slot, native)?,
            (None, Body::Template(template)) => self
                .rendered
                .get(node.slot)?
                .get_or_init(|| {
                    let query =
                        template.rendered(self.asked).and_then(|Rendered { sql, settings, .. }| {
                            self.cache_ttls.borrow_mut().extend(settings.cache_ttl);
                            tile_clicksql::parse::query(&sql).map_err(|e| super::compile::sql_error(&e, &sql))
                        });
                    query.map_err(|e| self.fail(e)).ok()
                })
                .as_ref()?,
        };
        self.given.borrow_mut().push((query, Some(pipe)));
        Some(query)
    }

    fn fail(&self, error: Error) {
        self.failure.borrow_mut().get_or_insert(error);
    }

    /// The pipe whose text a query is. The outer `None` is the text that is translated.
    fn pipe_of(&self, inside: Option<&Query>) -> Option<&'a str> {
        let Some(query) = inside else { return self.home };
        self.given.borrow().iter().find(|(given, _)| std::ptr::eq(*given, query)).and_then(|(_, pipe)| *pipe)
    }

    /// The query of a service data source: what it is made of, or its rows that the caller may see.
    fn service(&self, name: &str, inside: Option<&Query>, home: Option<&str>) -> Option<&Query> {
        let is_outer = inside.is_none() && !self.is_trusted;
        if is_outer && self.sight.source(name).is_none() {
            return None;
        }
        let is_filter = inside.is_some() && home.is_none();
        if let (false, Some(condition)) = (is_filter, self.sight.within(name)) {
            return self.filter(name, condition);
        }
        let query = tables::views().get(name)?;
        self.read.borrow_mut().push(name.to_owned());
        self.given.borrow_mut().push((query, None));
        Some(query)
    }

    /// The rows of a data source that may be seen by its name.
    fn filter(&self, name: &str, condition: &str) -> Option<&Query> {
        let query = self
            .filtered
            .get(name)?
            .get_or_init(|| {
                let sql = format!("SELECT * FROM {} WHERE ({condition})", super::resources::backticked(name));
                tile_clicksql::parse::query(&sql)
                    .map_err(|e| self.fail(Error::invalid(format!("the token's filter: {}", e.message))))
                    .ok()
            })
            .as_ref()?;
        self.given.borrow_mut().push((query, None));
        Some(query)
    }
}

impl Names<'_> {
    /// A table of the catalog. Inside of a pipe it is what the project names; a token's filter names what the token may read.
    fn foreign(&self, path: &str, inside: Option<&Query>) -> Option<&Table> {
        let is_own = if inside.is_some() { self.pipe_of(inside).is_some() } else { self.is_trusted };
        if !is_own {
            // Before anything is looked for: what is not granted may be there or not.
            let granted = match self.resources.elsewhere.guarded(path) {
                Some(guarded) => self.sight.reads(&guarded.resource),
                None if self.sight.elsewhere(path) => Ok(()),
                None => Err(Error::new(
                    Kind::Denied,
                    format!(
                        "Not enough permissions for catalog.`{path}`, token needs CATALOG:READ:{path} scope"
                    ),
                )),
            };
            if let Err(e) = granted {
                self.fail(e);
                return None;
            }
        }
        self.names_elsewhere.set(true);
        let found = self.found.named(path, || self.resources.elsewhere.table(path));
        found.map(|found| &found.table).map_err(|e| self.fail(e)).ok()
    }
}

impl Names<'_> {
    /// A data source that another workspace shares, by its whole name.
    fn shared(&self, name: &str, inside: Option<&Query>) -> Option<&Table> {
        let is_outer = inside.is_none() && !self.is_trusted;
        if is_outer && self.sight.source(name) != Some(None) {
            return None;
        }
        self.names_elsewhere.set(true);
        let found = self.shared.named(name, || self.resources.elsewhere.shared(name));
        let table = &found.map_err(|e| self.fail(e)).ok()?.table;
        self.read.borrow_mut().push(name.to_owned());
        Some(table)
    }

    /// The same, for a caller who may see some of its rows.
    fn shared_view(&self, name: &str, inside: Option<&Query>, home: Option<&str>) -> Option<&Query> {
        let is_filter = inside.is_some() && home.is_none();
        let is_outer = inside.is_none() && !self.is_trusted;
        if is_filter || (is_outer && self.sight.source(name).is_none()) {
            return None;
        }
        self.filter(name, self.sight.within(name)?)
    }
}

impl Schema for Names<'_> {
    fn table(&self, path: &[&str], inside: Option<&Query>) -> Option<&Table> {
        if let Some(table) = self.native_table(path, inside) {
            return Some(table);
        }
        if let [elsewhere::DATABASE, path] = path {
            if foreign::called(path).is_some() {
                // What a function gives has a path as well: only its own name leads there, which asks who may.
                self.fail(
                    Error::not_found("nothing is there").at(format!("{}.`{path}`", elsewhere::DATABASE)),
                );
                return None;
            }
            return self.foreign(path, inside);
        }
        let path = self.within_database(path);
        if let ([super::system::DATABASE, name], Some(told)) = (path, &self.told) {
            return told.system.table(name);
        }
        let name = path.join(".");
        if let Some(table) = self.others.get(&name) {
            if inside.is_none() && !self.is_trusted && self.sight.source(&name) != Some(None) {
                return None;
            }
            self.read.borrow_mut().push(name);
            return Some(table);
        }
        // A quarantine is read by who may read its data source.
        let (of, is_quarantine) = match name.strip_suffix("_quarantine") {
            Some(of) if !self.resources.sources.contains_key(&name) => (of, true),
            _ => (name.as_str(), false),
        };
        if is_of_another(&name) {
            return self.shared(&name, inside);
        }
        let source = self.resources.sources.get(of)?;
        if inside.is_none() && !self.is_trusted {
            match self.sight.source(of) {
                Some(None) => {}
                _ => return None,
            }
        }
        let is_filter = inside.is_some() && self.pipe_of(inside).is_none();
        if is_quarantine && !is_filter && self.sight.within(of).is_some() {
            // A condition says nothing of rows whose values could not be read.
            let what = format!("the token filters the rows of `{of}`, so it reads none of `{name}`");
            self.fail(Error::new(Kind::Denied, what).hint("Use a token without a filter"));
            return None;
        }
        self.read.borrow_mut().push(of.to_owned());
        Some(if is_quarantine { &source.quarantine } else { &source.table })
    }

    fn view(&self, path: &[&str], inside: Option<&Query>) -> Option<&Query> {
        if self.native_table(path, inside).is_some() {
            return None;
        }
        let home = self.pipe_of(inside);
        let full = path.join(".");
        if full.starts_with(tables::SPACE) {
            return self.service(&full, inside, home);
        }
        let path = self.within_database(path);
        if is_of_another(&path.join(".")) {
            return self.shared_view(&path.join("."), inside, home);
        }
        let [name] = path else { return None };
        if let Some((home, at)) = home.and_then(|h| Some((h, self.resources.pipes.get(h)?.node(name)?))) {
            return self.node_of(home, at);
        }
        if let (None, Some(home), "_") = (inside, self.home, *name) {
            return self.node_of(home, self.resources.pipes.get(home)?.published()?);
        }
        let is_outer = inside.is_none() && !self.is_trusted;
        if let Some((pipe, found)) = self.resources.pipes.get_key_value(*name) {
            if is_outer && !self.sight.pipe(name) {
                return None;
            }
            if is_outer && self.sight.fixed(pipe).is_some() {
                self.fixing.borrow_mut().insert(pipe.clone());
            }
            return self.node_of(pipe, found.published()?);
        }
        // Inside of a filter the name means the table.
        let is_filter = inside.is_some() && home.is_none();
        let may_read = !is_outer || self.sight.source(name).is_some();
        if !is_filter
            && may_read
            && let Some(condition) = self.sight.within(name)
        {
            return self.filter(name, condition);
        }
        None
    }

    fn narrowed(&self, path: &[&str], pinned: &dyn Fn(&str) -> Option<Vec<Constant>>) -> Option<String> {
        let [elsewhere::DATABASE, path] = path else { return None };
        let look = || Err(Error::internal("a table that was not found before"));
        self.found.named(path, look).ok()?.narrowed(path, pinned)
    }

    fn function(&self, name: &str, args: &[&str], inside: Option<&Query>) -> Option<&Table> {
        if name != elsewhere::TRAINING {
            return None;
        }
        if inside.is_some() || self.is_trusted || self.home.is_some() {
            let what = format!(
                "`{name}` cannot stand in a pipe: what it gives takes long, and is of the time of the query"
            );
            self.fail(Error::invalid(what).hint("Ask for it by SQL, and copy it where it is needed"));
            return None;
        }
        if !self.sight.is_admin() {
            let what = format!("`{name}` is read with the workspace's admin token");
            self.fail(Error::new(Kind::Denied, what).hint("Others ask POST /v1/features/training"));
            return None;
        }
        self.foreign(&foreign::call(name, args), inside)
    }

    fn statement(&self, statement: &Statement) -> Result<&Query, SqlError> {
        super::statements::query(self, statement)
    }

    fn names(&self) -> Vec<String> {
        let sources = self.resources.sources.keys().filter(|n| self.sight.source(n).is_some());
        let pipes = self.resources.pipes.keys().filter(|n| self.sight.pipe(n));
        let service = tables::names().into_iter().filter(|n| self.sight.source(n).is_some());
        sources.chain(pipes).cloned().chain(service.map(str::to_owned)).collect()
    }
}

/// Whether a name is one of a data source of another workspace: it says which, and that is no database of ours.
fn is_of_another(name: &str) -> bool {
    let ours = [elsewhere::DATABASE, super::system::DATABASE, "tinybird", "organization", "default"];
    name.split_once('.').is_some_and(|(workspace, _)| !ours.contains(&workspace))
}
