//! A workspace: what is deployed, its rows, and what is asked of it. Knows the engine only as [`SqlEngine`], and no runtime: all of
//! this blocks.
//!
//! A deployment is a set of files. [`compile`] makes them [`Resources`]; [`plan`](mod@plan) compares them with the live ones; [`deploy`]
//! changes the tables in one transaction, in which the document of the deployment is written too: after a crash there is the old
//! one or the new one. [`insert`] stores rows together with all that views make of them; [`flow`] says where they go, also when a
//! deployment is in [`staging`]. `moving` fills tables while rows arrive. `scope` says what names mean.

pub mod compile;
pub mod copy;
#[cfg(test)]
mod copy_tests;
pub mod deploy;
pub mod deployed;
pub mod elsewhere;
pub mod feeds;
#[cfg(test)]
mod feeds_tests;
pub mod flow;
pub mod generations;
pub mod insert;
mod leftmost;
mod moving;
#[cfg(test)]
mod moving_tests;
#[cfg(test)]
mod native_tests;
pub mod nodes;
pub mod plan;
pub mod populate;
pub mod query;
pub mod rendering;
pub mod resources;
pub mod retention;
pub mod scope;
pub mod sizes;
pub mod staging;
#[cfg(test)]
mod staging_tests;
mod statements;
pub mod store;
pub mod system;
#[cfg(test)]
pub mod tests;
pub mod versions;

pub use deployed::{Deployed, Document, Live, Which};

use crate::datafile::{Fault, Warning};
use crate::native::Dialect;
use crate::sharing::{Shared, Shares};
use compile::Files;
use elsewhere::Elsewhere;
use flow::Flow;
use parking_lot::{Mutex, RwLock};
use plan::Plan;
pub use plan::Renamed;
use resources::Resources;
use staging::Past;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tile_base::{Clock, Error, Result, SqlEngine};
use tile_clicksql::schema::Table;

/// Identities that are never given twice.
pub type Ids = Arc<dyn Fn() -> String + Send + Sync>;

/// One tenant.
pub struct Workspace {
    pub id: String,
    pub name: String,
    engine: Arc<dyn SqlEngine>,
    clock: Arc<dyn Clock>,
    ids: Ids,
    deployed: RwLock<Deployed>,
    /// Deployments that were live or in staging, newest last.
    past: RwLock<Vec<Past>>,
    /// Held by what changes rows or tables, so that nothing is inserted by rules that no longer hold; shared by those that only add rows.
    writing: RwLock<()>,
    /// Held, before `writing`, by what changes what is deployed, and what moves rows.
    deploying: Mutex<()>,
    /// Tables beside the data sources, by their full names.
    others: BTreeMap<String, Table>,
    shares: Shares,
    sizes: sizes::Sizes,
    versions: versions::Versions,
    secrets: RwLock<BTreeMap<String, String>>,
    dialect: Arc<Dialect>,
}

/// How a deployment is made.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ways {
    /// Only tells what would happen.
    pub is_check: bool,
    /// Data sources may go with their rows.
    pub may_destroy: bool,
    /// It waits in staging until it is promoted.
    pub waits: bool,
    /// It is one of many, of which none is remembered.
    pub is_build: bool,
    /// Views see only rows that come from now on, also those that fill a new data source.
    pub is_unfilled: bool,
}

/// A change of files.
pub struct Edit {
    pub files: Files,
    pub renamed: Option<Renamed>,
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
        shares: Shares,
    ) -> Result<Self> {
        store::prepare(engine.as_ref())?;
        copy::tidy(engine.as_ref())?;
        crate::observe::tables::prepare(engine.as_ref())?;
        let secrets: Vec<(String, String)> = store::all(engine.as_ref(), "secret")?;
        let dialect = Arc::new(Dialect::new(Arc::clone(&engine)));
        let out = Self {
            dialect,
            id: id.to_owned(),
            name: name.to_owned(),
            engine,
            clock,
            ids,
            deployed: RwLock::default(),
            past: RwLock::default(),
            writing: RwLock::new(()),
            deploying: Mutex::new(()),
            others: crate::observe::tables::tables().clone(),
            shares,
            sizes: sizes::Sizes::default(),
            versions: versions::Versions::default(),
            secrets: RwLock::new(secrets.into_iter().collect()),
        };
        let mut documents: Vec<(String, Document)> = store::all(out.engine.as_ref(), "deployment")?;
        documents.sort_by_key(|(id, _)| id.parse::<u64>().unwrap_or(0));
        // Where nothing is deployed SQL still reads what is elsewhere.
        let resources = Resources { elsewhere: out.elsewhere(), ..Resources::default() };
        let live = Arc::new(Live { resources, ..Live::default() });
        let mut deployed = Deployed { live, ..Deployed::default() };
        if let Some((_, document)) = documents.pop() {
            deployed.live = Arc::new(out.revived(document, None)?);
        }
        if let Some((_, document)) = store::all(out.engine.as_ref(), "staged")?.pop() {
            deployed.staging = Some(Arc::new(out.revived(document, Some(&deployed.live))?));
        }
        let all = deployed.staging.iter().chain([&deployed.live]);
        let homes = all.flat_map(|one| one.document.homes.sources.values());
        let kept: BTreeSet<&str> = homes.map(|home| home.rows.as_str()).collect();
        moving::tidy(out.engine.as_ref(), &|table| kept.contains(table))?;
        *out.deployed.write() = deployed;
        *out.past.write() = staging::remembered(out.engine.as_ref())?;
        Ok(out)
    }

    /// A remembered deployment, ready to run; one in staging beside the live one.
    fn revived(&self, document: Document, live: Option<&Live>) -> Result<Live> {
        let (parsed, faults, _) = self.parsed(&document.files);
        let resources = if faults.is_empty() {
            let elsewhere = self.elsewhere().reopened();
            compile::compile(parsed, &document.homes, &self.others, elsewhere)
        } else {
            Err(faults)
        };
        let resources = resources.map_err(|faults| {
            let first = faults.first().map(Fault::render).unwrap_or_default();
            Error::damaged(format!("the deployment {} cannot be read: {first}", document.id))
        })?;
        let forwards = live.map(|live| deploy::forwards(&live.resources, &resources)).transpose()?;
        Ok(Live { document, resources, forwards: forwards.unwrap_or_default() })
    }

    fn elsewhere(&self) -> Elsewhere {
        Elsewhere::of(self.engine.as_ref(), self.shares.clone(), &self.id, &self.dialect)
    }

    /// What others share with this workspace.
    pub fn shared(&self) -> Vec<Shared> {
        self.shares.with(&self.id)
    }

    /// Reads again what was deployed, where some of it could not be read since another workspace was not there yet.
    ///
    /// # Errors
    /// As [`Workspace::open`].
    pub fn reread(&self) -> Result<()> {
        let _deploying = self.deploying()?;
        let _writing = self.writing.write();
        let Deployed { mut live, mut staging, .. } = self.deployed();
        let all = staging.iter().chain([&live]);
        if !all.into_iter().any(|one| one.resources.is_excused) {
            return Ok(());
        }
        live = Arc::new(self.revived(live.document.clone(), None)?);
        if let Some(staged) = &staging {
            staging = Some(Arc::new(self.revived(staged.document.clone(), Some(&live))?));
        }
        *self.deployed.write() = Deployed { live, staging, ..Deployed::default() };
        Ok(())
    }

    /// What is live now. What was asked before goes on with what it saw.
    pub fn live(&self) -> Arc<Live> {
        self.deployed.read().live.clone()
    }

    /// What is live now, and what is in staging.
    pub fn deployed(&self) -> Deployed {
        self.deployed.read().clone()
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
        let _writing = self.writing.write();
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

    /// Makes the workspace equal to these files, at once or when it is promoted.
    ///
    /// # Errors
    /// `Conflict` when a deployment is in staging, `Busy` when one is being made for long. Those of the engine and of queries that move rows; nothing has changed then. What
    /// is wrong with the files is in the outcome.
    pub fn deploy(&self, files: Files, ways: Ways) -> Result<Outcome> {
        self.edit(ways, |_| Ok(Edit { files, renamed: None }))
    }

    /// The same of files that `work` makes of the live ones: nothing else is deployed between the two. Data sources are renamed in
    /// deployments only that do not wait.
    ///
    /// # Errors
    /// As [`Workspace::deploy`], and those of `work`.
    pub fn edit(&self, ways: Ways, work: impl FnOnce(&Live) -> Result<Edit>) -> Result<Outcome> {
        let _deploying = if ways.is_check { None } else { Some(self.deploying()?) };
        let deployed = self.deployed();
        let live = &deployed.live;
        let Edit { files, renamed } = work(live)?;
        let (parsed, faults, warnings) = self.parsed(&files);
        let now = self.now_us();
        let mut plan = plan::plan(&live.resources, &parsed, renamed.as_ref(), now, &|| (self.ids)());
        let refused = |plan: Plan, faults| Ok(Outcome { plan, faults, warnings: warnings.clone(), id: None });
        if !faults.is_empty() {
            return refused(plan, faults);
        }
        let elsewhere = self.elsewhere();
        let wanted = match compile::compile(parsed, &plan.homes, &self.others, elsewhere) {
            Ok(wanted) => wanted,
            Err(faults) => return refused(plan, faults),
        };
        plan.fills = plan::fills(&plan, &wanted);
        plan.fills.retain(|fill| !ways.is_unfilled || fill.view.is_none());
        if !ways.may_destroy && !plan.deleted_sources.is_empty() {
            let names = plan.deleted_sources.join(", ");
            let what = format!("the deployment deletes the data sources {names} with all their rows");
            let fault = Fault::new(what).hint("Allow it with --allow-destructive-operations");
            return refused(plan, vec![fault]);
        }
        if ways.is_check || plan.is_empty() {
            return Ok(Outcome { plan, faults: vec![], warnings, id: None });
        }
        staging::none(&deployed)?;
        let document = Document {
            id: self.next_id(&deployed).to_string(),
            files,
            homes: plan.homes.clone(),
            created_at_us: now,
            is_build: ways.is_build,
            failure: None,
            plan: plan.clone(),
        };
        let id = Some(document.id.clone());
        let forwards = deploy::forwards(&live.resources, &wanted)?;
        self.made(Live { document, resources: wanted, forwards }, &plan, ways)?;
        self.versions.all_changed();
        Ok(Outcome { plan, faults: vec![], warnings, id })
    }

    /// Stores rows, and what views make of them. They are durable when this returns.
    ///
    /// # Errors
    /// `Conflict` when a data source changed since the rows were decoded: decode them again. Those of the engine.
    pub fn insert(&self, rows: &[insert::Rows]) -> Result<()> {
        let done = self.added(&mut |deployed, t| insert::insert(&Flow::of(deployed), t, rows));
        let deployed = self.deployed();
        if deployed.staging.is_some() {
            self.versions.all_changed();
        } else {
            self.versions.changed(&deployed.live.resources, rows.iter().map(|r| r.source.as_str()));
        }
        done
    }

    /// Runs a statement that changes rows of data sources, by the rules that hold then. What the live deployment can take and the
    /// staged one cannot is done without the latter, which has then failed.
    ///
    /// # Errors
    /// Those of `work` and of the engine; then nothing has changed.
    pub fn change<T>(
        &self,
        work: impl FnMut(&Deployed, &dyn tile_base::Transaction) -> Result<T>,
    ) -> Result<T> {
        let done = self.written(work);
        self.versions.all_changed();
        done
    }

    /// Adds rows, beside others that do.
    fn added(
        &self,
        work: &mut dyn FnMut(&Deployed, &dyn tile_base::Transaction) -> Result<()>,
    ) -> Result<()> {
        let writing = self.writing.read();
        let deployed = self.deployed();
        let done = self.engine.clone().beside()?.run(&mut |t| work(&deployed, t));
        drop(writing);
        match done {
            // The deployment beside the live one may be the cause: then it takes part no more.
            Err(_) if deployed.beside().is_some() => self.written(work),
            done => done,
        }
    }

    fn written<T>(
        &self,
        mut work: impl FnMut(&Deployed, &dyn tile_base::Transaction) -> Result<T>,
    ) -> Result<T> {
        let _writing = self.writing.write();
        let deployed = self.deployed();
        let mut out = None;
        let done = self.engine.write(&mut |t| {
            out = Some(work(&deployed, t)?);
            Ok(())
        });
        match done {
            Ok(()) => out.ok_or_else(|| Error::internal("a transaction without work")),
            Err(e) => self.without_beside(&deployed, e, work),
        }
    }
}
