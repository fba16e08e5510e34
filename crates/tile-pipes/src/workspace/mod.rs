//! A workspace: what is deployed, its rows, and what is asked of it. Knows the engine only as [`SqlEngine`], and no runtime: all of
//! this blocks.
//!
//! A deployment is a set of files. [`compile`] makes them [`Resources`]; [`plan`](mod@plan) compares them with the live ones; [`deploy`]
//! changes the tables in one transaction, in which the document of the deployment is written too: after a crash there is the old
//! one or the new one. [`insert`] stores rows together with all that views make of them. `scope` says what names mean.

pub mod compile;
pub mod copy;
pub mod deploy;
pub mod insert;
mod leftmost;
pub mod plan;
pub mod query;
pub mod rendering;
pub mod resources;
pub mod scope;
pub mod sizes;
pub mod store;
#[cfg(test)]
pub mod tests;
pub mod versions;

use crate::datafile::{Fault, Warning};
use compile::{Files, Homes};
use parking_lot::{Mutex, RwLock};
use plan::Plan;
use resources::{Resources, Source};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use tile_base::{Clock, Error, Kind, Result, SqlEngine};
use tile_clicksql::schema::Table;

/// Identities that are never given twice.
pub type Ids = Arc<dyn Fn() -> String + Send + Sync>;

/// A deployment as it is remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    pub id: String,
    pub files: Files,
    pub homes: Homes,
    pub created_at_us: i64,
}

/// What is deployed.
#[derive(Default)]
pub struct Live {
    pub document: Document,
    pub resources: Resources,
}

/// One tenant.
pub struct Workspace {
    pub id: String,
    pub name: String,
    engine: Arc<dyn SqlEngine>,
    clock: Arc<dyn Clock>,
    ids: Ids,
    live: RwLock<Arc<Live>>,
    /// Held by what changes rows or tables, so that nothing is inserted by rules that no longer hold.
    writing: Mutex<()>,
    /// Tables beside the data sources, by their full names.
    others: BTreeMap<String, Table>,
    sizes: sizes::Sizes,
    versions: versions::Versions,
    secrets: RwLock<BTreeMap<String, String>>,
}

/// How a deployment is made.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ways {
    /// Only tells what would happen.
    pub is_check: bool,
    /// Data sources may go with their rows.
    pub may_destroy: bool,
}

/// What came of it.
pub struct Outcome {
    pub plan: Plan,
    pub faults: Vec<Fault>,
    pub warnings: Vec<Warning>,
    /// The deployment's number, when it was made.
    pub id: Option<String>,
}

impl Workspace {
    /// The workspace in a database, as it was left.
    ///
    /// # Errors
    /// Those of the engine; `Damaged` when what it remembers cannot be read.
    pub fn open(
        engine: Arc<dyn SqlEngine>,
        id: &str,
        name: &str,
        clock: Arc<dyn Clock>,
        ids: Ids,
    ) -> Result<Self> {
        store::prepare(engine.as_ref())?;
        crate::observe::tables::prepare(engine.as_ref())?;
        let secrets: Vec<(String, String)> = store::all(engine.as_ref(), "secret")?;
        let out = Self {
            id: id.to_owned(),
            name: name.to_owned(),
            engine,
            clock,
            ids,
            live: RwLock::default(),
            writing: Mutex::new(()),
            others: crate::observe::tables::tables().clone(),
            sizes: sizes::Sizes::default(),
            versions: versions::Versions::default(),
            secrets: RwLock::new(secrets.into_iter().collect()),
        };
        let mut documents: Vec<(String, Document)> = store::all(out.engine.as_ref(), "deployment")?;
        documents.sort_by_key(|(id, _)| id.parse::<u64>().unwrap_or(0));
        if let Some((_, document)) = documents.pop() {
            let (parsed, faults, _) = out.parsed(&document.files);
            let resources = if faults.is_empty() {
                compile::compile(parsed, &document.homes, &out.others)
            } else {
                Err(faults)
            };
            let resources = resources.map_err(|faults| {
                let first = faults.first().map(Fault::render).unwrap_or_default();
                Error::damaged(format!("the deployment {} cannot be read: {first}", document.id))
            })?;
            *out.live.write() = Arc::new(Live { document, resources });
        }
        Ok(out)
    }

    /// What is deployed now. What was asked before goes on with what it saw.
    pub fn live(&self) -> Arc<Live> {
        self.live.read().clone()
    }

    pub fn engine(&self) -> &Arc<dyn SqlEngine> {
        &self.engine
    }

    pub fn now_us(&self) -> i64 {
        self.clock.now_us()
    }

    pub fn new_id(&self) -> String {
        (self.ids)()
    }

    /// Tables beside the data sources, by their full names.
    pub fn others(&self) -> &BTreeMap<String, Table> {
        &self.others
    }

    /// What changed, for results that are kept.
    pub fn versions(&self) -> &versions::Versions {
        &self.versions
    }

    /// Names of secrets.
    pub fn secrets(&self) -> BTreeMap<String, String> {
        self.secrets.read().clone()
    }

    /// Sets or, with `None`, forgets a secret.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn set_secret(&self, name: &str, value: Option<&str>) -> Result<()> {
        let _writing = self.writing.lock();
        self.engine.write(&mut |t| match value {
            Some(value) => store::put(t, "secret", name, &value),
            None => store::delete(t, "secret", name),
        })?;
        let mut secrets = self.secrets.write();
        match value {
            Some(value) => secrets.insert(name.to_owned(), value.to_owned()),
            None => secrets.remove(name),
        };
        self.versions.all_changed();
        Ok(())
    }

    fn parsed(&self, files: &Files) -> (crate::datafile::project::Resources, Vec<Fault>, Vec<Warning>) {
        let secrets = self.secrets();
        let render = |text: &str| rendering::secrets(text, &secrets);
        let options = crate::datafile::Options { render: &render, ..crate::datafile::Options::default() };
        compile::parse(files, &options)
    }

    /// Makes the workspace equal to these files.
    ///
    /// # Errors
    /// Those of the engine and of queries that move rows; nothing has changed then. What is wrong with the files is in the outcome.
    pub fn deploy(&self, files: Files, ways: Ways) -> Result<Outcome> {
        let _writing = self.writing.lock();
        let live = self.live();
        let (parsed, faults, warnings) = self.parsed(&files);
        let now = self.now_us();
        let plan = plan::plan(&live.resources, &parsed, now, &|| (self.ids)());
        let refused = |plan: Plan, faults| Ok(Outcome { plan, faults, warnings: warnings.clone(), id: None });
        if !faults.is_empty() {
            return refused(plan, faults);
        }
        let wanted = match compile::compile(parsed, &plan.homes, &self.others) {
            Ok(wanted) => wanted,
            Err(faults) => return refused(plan, faults),
        };
        if !ways.may_destroy && !plan.deleted_sources.is_empty() {
            let names = plan.deleted_sources.join(", ");
            let what = format!("the deployment deletes the data sources {names} with all their rows");
            let fault = Fault::new(what).hint("Allow it with --allow-destructive-operations");
            return refused(plan, vec![fault]);
        }
        if ways.is_check || plan.is_empty() {
            return Ok(Outcome { plan, faults: vec![], warnings, id: None });
        }
        let number = live.document.id.parse::<u64>().unwrap_or(0) + 1;
        let document =
            Document { id: number.to_string(), files, homes: plan.homes.clone(), created_at_us: now };
        self.engine.write(&mut |t| {
            if !live.document.id.is_empty() {
                store::delete(t, "deployment", &live.document.id)?;
            }
            deploy::apply(t, &live.resources, &wanted, &plan, &document)
        })?;
        let id = Some(document.id.clone());
        *self.live.write() = Arc::new(Live { document, resources: wanted });
        self.versions.all_changed();
        Ok(Outcome { plan, faults: vec![], warnings, id })
    }

    /// Stores rows, and what views make of them. They are durable when this returns.
    ///
    /// # Errors
    /// `Conflict` when a data source changed since the rows were decoded: decode them again. Those of the engine.
    pub fn insert(&self, rows: &[insert::Rows]) -> Result<()> {
        let _writing = self.writing.lock();
        let live = self.live();
        for block in rows {
            live.source_of(block)?;
        }
        self.engine.write(&mut |t| insert::insert(&live.resources, t, rows))?;
        self.versions.changed(&live.resources, rows.iter().map(|r| r.source.as_str()));
        Ok(())
    }

    /// Puts rows in the place of all that a data source has.
    ///
    /// # Errors
    /// As [`Workspace::insert`].
    pub fn replace(&self, rows: &insert::Rows) -> Result<()> {
        self.change(|live, transaction| {
            let source = live.source_of(rows)?;
            transaction.execute(&format!("DELETE FROM {}", tile_clicksql::engine_name(&source.home.rows)))?;
            insert::insert(&live.resources, transaction, std::slice::from_ref(rows))
        })
    }

    /// Runs a statement that changes rows of data sources, by the rules that hold then.
    ///
    /// # Errors
    /// Those of `work` and of the engine; then nothing has changed.
    pub fn change<T>(
        &self,
        mut work: impl FnMut(&Live, &dyn tile_base::Transaction) -> Result<T>,
    ) -> Result<T> {
        let _writing = self.writing.lock();
        let live = self.live();
        let mut out = None;
        self.engine.write(&mut |t| {
            out = Some(work(&live, t)?);
            Ok(())
        })?;
        self.versions.all_changed();
        out.ok_or_else(|| Error::internal("a transaction without work"))
    }
}

impl Live {
    /// The data source that decoded rows are for.
    ///
    /// # Errors
    /// `Conflict` when it changed since.
    pub fn source_of(&self, rows: &insert::Rows) -> Result<&Source> {
        let source = self.source(&rows.source)?;
        if source.home.rows == rows.home {
            return Ok(source);
        }
        let what = format!("the data source `{}` has just changed", rows.source);
        Err(Error::new(Kind::Conflict, what).hint("Send the rows again"))
    }

    /// # Errors
    /// `NotFound`, in the words of the API.
    pub fn source(&self, name: &str) -> Result<&Source> {
        self.resources.sources.get(name).ok_or_else(|| {
            let near = tile_base::error::nearest(name, self.resources.sources.keys().map(String::as_str));
            let e = Error::not_found(format!("Data Source {name} not found"));
            if near.is_empty() { e } else { e.hint(format!("maybe you meant `{}`", near.join("`, `"))) }
        })
    }

    /// # Errors
    /// `NotFound`, in the words of the API.
    pub fn pipe(&self, name: &str) -> Result<&resources::Pipe> {
        self.resources
            .pipes
            .get(name)
            .ok_or_else(|| Error::not_found(format!("The pipe '{name}' does not exist")))
    }
}
