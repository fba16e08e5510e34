//! What becomes of deployments: made, in staging, promoted, discarded, remembered.

use super::compile::Files;
use super::deploy;
use super::deployed::{Deployed, Document, Live};
use super::plan::{Plan, is_same_table};
use super::resources::Home;
use super::{Ways, Workspace, store};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tile_base::{Error, Kind, Result, SqlEngine, Transaction};

/// Deployments that are remembered after they are gone.
const PAST_MAX: usize = 100;
/// The newest of them whose files are kept, so that they can be deployed again.
const FILES_KEPT_MAX: usize = 10;

/// A deployment that is gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Past {
    pub id: String,
    pub created_at_us: i64,
    pub ended_at_us: i64,
    /// It never was live.
    pub is_discarded: bool,
}

impl Past {
    fn number(&self) -> u64 {
        self.id.parse().unwrap_or(0)
    }
}

/// # Errors
/// `Conflict` when a deployment is in staging.
pub fn none(deployed: &Deployed) -> Result<()> {
    let Some(staging) = &deployed.staging else { return Ok(()) };
    let what = format!("The deployment {} is in staging", staging.document.id);
    Err(Error::new(Kind::Conflict, what).hint("Promote or discard it first"))
}

/// What a workspace knows of its past deployments, newest last.
///
/// # Errors
/// Those of the engine.
pub fn remembered(engine: &dyn SqlEngine) -> Result<Vec<Past>> {
    let all: Vec<(String, Past)> = store::all(engine, "past")?;
    let mut all: Vec<Past> = all.into_iter().map(|(_, past)| past).collect();
    all.sort_by_key(Past::number);
    Ok(all)
}

impl Workspace {
    /// Deployments that are gone, newest last; a bounded number.
    pub fn past(&self) -> Vec<Past> {
        self.past.read().clone()
    }

    /// The files of a deployment that is gone.
    ///
    /// # Errors
    /// `NotFound` when it was never there, `Invalid` when its files are not kept any more; those of the engine.
    pub fn files_of(&self, id: &str) -> Result<Files> {
        if !self.past.read().iter().any(|p| p.id == id) {
            return Err(Error::not_found(format!("Deployment {id} not found")));
        }
        store::get(self.engine.as_ref(), "past files", id)?.ok_or_else(|| {
            Error::invalid(format!("The files of deployment {id} are not kept any more")).hint(format!(
                "Those of the last {FILES_KEPT_MAX} are: deploy older ones from your repository"
            ))
        })
    }

    /// A number that no deployment has had.
    pub(super) fn next_id(&self, deployed: &Deployed) -> u64 {
        let number = |d: &Live| d.document.id.parse::<u64>().unwrap_or(0);
        let staged = deployed.staging.as_ref().map_or(0, |s| number(s));
        let past = self.past.read().last().map_or(0, Past::number);
        number(&deployed.live).max(staged).max(past) + 1
    }

    /// Makes a deployment true, live or in staging.
    pub(super) fn made(&self, new: Live, plan: &Plan, ways: Ways) -> Result<()> {
        let new = Arc::new(new);
        let id = &new.document.id;
        if ways.waits {
            let _writing = self.moved(&new, plan, &mut |_, t| store::put(t, "staged", id, &new.document))?;
            self.deployed.write().staging = Some(new);
            return Ok(());
        }
        let past = self.buried(&self.live().document, false);
        let _writing = self.moved(&new, plan, &mut |live, t| {
            deploy::remove(t, &live.resources, &new.resources)?;
            bury(t, &past, &live.document)?;
            store::put(t, "deployment", id, &new.document)
        })?;
        *self.past.write() = past;
        self.deployed.write().live = new;
        Ok(())
    }

    /// Makes the staged deployment the live one.
    ///
    /// # Errors
    /// `NotFound` when it is not in staging, `Conflict` when it has failed; those of the engine.
    pub fn promote(&self, id: &str) -> Result<()> {
        let _deploying = self.deploying()?;
        let _writing = self.writing.write();
        let deployed = self.deployed();
        let staging = staged(&deployed, id)?;
        staging.whole()?;
        let live = &deployed.live;
        let past = self.buried(&live.document, false);
        self.engine.write(&mut |t| {
            deploy::remove(t, &live.resources, &staging.resources)?;
            bury(t, &past, &live.document)?;
            store::delete(t, "staged", id)?;
            store::put(t, "deployment", id, &staging.document)
        })?;
        *self.past.write() = past;
        *self.deployed.write() = Deployed { live: staging.clone(), ..Deployed::default() };
        self.versions.all_changed();
        Ok(())
    }

    /// Forgets the staged deployment with the rows that it alone has.
    ///
    /// # Errors
    /// `NotFound` when it is not in staging; those of the engine.
    pub fn discard(&self, id: &str) -> Result<()> {
        let _deploying = self.deploying()?;
        let _writing = self.writing.write();
        let deployed = self.deployed();
        let staging = staged(&deployed, id)?;
        let past = self.buried(&staging.document, true);
        self.engine.write(&mut |t| {
            deploy::remove(t, &staging.resources, &deployed.live.resources)?;
            store::delete(t, "staged", id)?;
            remember(t, &past, id)
        })?;
        *self.past.write() = past;
        self.deployed.write().staging = None;
        Ok(())
    }

    /// Two data sources of the same shape change their rows, at once. The files stay as they are.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` when their columns or engines differ; `Conflict` when a deployment is in staging; those of the engine.
    pub fn exchange(&self, a: &str, b: &str) -> Result<()> {
        let _deploying = self.deploying()?;
        let _writing = self.writing.write();
        let deployed = self.deployed();
        none(&deployed)?;
        let live = &deployed.live;
        let (first, second) = (live.source(a)?, live.source(b)?);
        if !is_same_table(&first.file, &second.file) {
            let what = format!("`{a}` and `{b}` differ in their columns, sorting keys or engines");
            return Err(Error::invalid(what).hint("Only data sources of the same shape can be exchanged"));
        }
        let mut document = live.document.clone();
        let mut moved = |name: &str, from: &Home| {
            if let Some(home) = document.homes.sources.get_mut(name) {
                home.rows.clone_from(&from.rows);
                home.quarantine.clone_from(&from.quarantine);
                home.updated_at_us = self.now_us();
            }
        };
        moved(a, &second.home);
        moved(b, &first.home);
        let exchanged = self.revived(document, None)?;
        self.engine
            .write(&mut |t| store::put(t, "deployment", &exchanged.document.id, &exchanged.document))?;
        self.deployed.write().live = Arc::new(exchanged);
        self.versions.all_changed();
        Ok(())
    }

    /// The past, with one more, and without those that are too old.
    fn buried(&self, document: &Document, is_discarded: bool) -> Vec<Past> {
        let mut past = self.past.read().clone();
        if !document.id.is_empty() && !document.is_build {
            past.push(Past {
                id: document.id.clone(),
                created_at_us: document.created_at_us,
                ended_at_us: self.now_us(),
                is_discarded,
            });
        }
        // A deployment of a lower number can end later.
        past.sort_by_key(Past::number);
        let too_many = past.len().saturating_sub(PAST_MAX);
        past.split_off(too_many)
    }

    /// Does again what failed, without the deployment beside the live one, which is marked as failed when that goes well.
    pub(super) fn without_beside<T>(
        &self,
        deployed: &Deployed,
        error: Error,
        mut work: impl FnMut(&Deployed, &dyn Transaction) -> Result<T>,
    ) -> Result<T> {
        let is_its_fault = matches!(error.kind, Kind::Invalid | Kind::TooLarge);
        let Some(beside) = deployed.beside().filter(|_| is_its_fault) else { return Err(error) };
        let alone =
            Deployed { live: deployed.live.clone(), still: deployed.still.clone(), ..Deployed::default() };
        let document = Document { failure: Some(error.detail()), ..beside.document.clone() };
        let is_staged = deployed.making.is_none();
        let mut out = None;
        let done = self.engine.write(&mut |t| {
            out = Some(work(&alone, t)?);
            // One that is being made is forgotten when the process ends.
            if is_staged { store::put(t, "staged", &document.id, &document) } else { Ok(()) }
        });
        let (Ok(()), Some(out)) = (done, out) else { return Err(error) };
        let failed = Some(Arc::new(self.revived(document, Some(&deployed.live))?));
        let mut deployed = self.deployed.write();
        if is_staged {
            deployed.staging = failed;
        } else {
            deployed.making = failed;
        }
        Ok(out)
    }
}

fn staged<'a>(deployed: &'a Deployed, id: &str) -> Result<&'a Arc<Live>> {
    let staging = deployed.staging.as_ref().filter(|s| s.document.id == id);
    staging.ok_or_else(|| Error::not_found(format!("Deployment {id} is not in staging")))
}

/// Puts the live deployment among those that are gone.
fn bury(t: &dyn Transaction, past: &[Past], document: &Document) -> Result<()> {
    if document.id.is_empty() {
        return Ok(());
    }
    store::delete(t, "deployment", &document.id)?;
    if !document.is_build {
        store::put(t, "past files", &document.id, &document.files)?;
    }
    remember(t, past, &document.id)
}

/// Writes the one that is new in the past, and forgets what is too old.
fn remember(t: &dyn Transaction, past: &[Past], id: &str) -> Result<()> {
    if let Some(new) = past.iter().find(|p| p.id == id) {
        store::put(t, "past", id, new)?;
    }
    store::delete_all_but(t, "past", past.iter().map(|p| p.id.as_str()))?;
    let with_files = past.iter().rev().filter(|p| !p.is_discarded).take(FILES_KEPT_MAX);
    store::delete_all_but(t, "past files", with_files.map(|p| p.id.as_str()))
}
