//! Rows that are moved while others arrive.
//!
//! First, in a moment without writers, a transaction begins that sees what is there now, and from this moment on the rows that arrive go
//! into the tables that are to be filled as well. Then the transaction moves the rows that it sees, for as long as that takes; nobody
//! waits for it. So each row is moved or comes by itself. What is made becomes true in another moment without writers.

use super::deployed::{Deployed, Live};
use super::plan::{Movement, Plan};
use super::{Document, Workspace, deploy, store};
use parking_lot::{MutexGuard, RwLockWriteGuard};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tile_base::{Error, Kind, Result, SqlEngine, Transaction};
use tile_clicksql::engine_name;

/// The kind of the document of a deployment whose rows are being moved.
const MAKING: &str = "making";
/// How long who would change what is deployed waits for another one.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// A deployment whose rows are being moved. It is given up when this is dropped before its end.
struct Making<'a> {
    workspace: &'a Workspace,
    new: Arc<Live>,
    is_over: bool,
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let _writing = self.workspace.writing.write();
        let live = {
            let mut deployed = self.workspace.deployed.write();
            deployed.making = None;
            deployed.live.clone()
        };
        let gone = self.workspace.engine.write(&mut |t| {
            deploy::remove(t, &self.new.resources, &live.resources)?;
            store::delete(t, MAKING, &self.new.document.id)
        });
        if let Err(e) = gone {
            // They go when the workspace is opened again.
            tracing::error!(error = %e.detail(), "the tables of a deployment that was not made are still there");
        }
    }
}

/// Data sources from which no rows are removed, until this is dropped.
struct Still<'a>(&'a Workspace);

impl<'a> Still<'a> {
    fn new(workspace: &'a Workspace, names: BTreeSet<String>) -> Self {
        workspace.deployed.write().still = Arc::new(names);
        Self(workspace)
    }
}

impl Drop for Still<'_> {
    fn drop(&mut self) {
        self.0.deployed.write().still = Arc::default();
    }
}

impl Workspace {
    /// Keeps others from changing what is deployed.
    ///
    /// # Errors
    /// `Busy` when another does for long.
    pub(super) fn deploying(&self) -> Result<MutexGuard<'_, ()>> {
        self.deploying.try_lock_for(WAIT_MAX).ok_or_else(|| {
            Error::new(Kind::Busy, "another deployment is being made, or a view is being filled")
                .hint("Try again when it is done")
        })
    }

    /// Makes and fills the tables of a new deployment. `conclude` makes it true, in a moment without writers, which lasts as long as
    /// what this gives is held.
    ///
    /// # Errors
    /// Those of queries that move rows, of the engine and of `conclude`; then nothing has changed.
    pub(super) fn moved(
        &self,
        new: &Arc<Live>,
        plan: &Plan,
        conclude: &mut dyn FnMut(&Live, &dyn Transaction) -> Result<()>,
    ) -> Result<RwLockWriteGuard<'_, ()>> {
        let writing = self.writing.write();
        let live = self.live();
        if plan.fills.is_empty() {
            self.engine.write(&mut |t| {
                deploy::create(t, &new.resources, plan)?;
                conclude(&live, t)
            })?;
            return Ok(writing);
        }
        self.engine.write(&mut |t| {
            deploy::create(t, &new.resources, plan)?;
            store::put(t, MAKING, &new.document.id, &new.document)
        })?;
        let mut making = Making { workspace: self, new: new.clone(), is_over: false };
        let begun = self.engine.clone().beside();
        self.deployed.write().making = Some(new.clone());
        let moved = plan.movements.iter().filter(|(_, movement)| **movement == Movement::Migrated);
        let still = Still::new(self, moved.map(|(name, _)| name.clone()).collect());
        drop(writing);
        begun?.run(&mut |t| deploy::fill(t, &live.resources, &new.resources, plan))?;
        let writing = self.writing.write();
        if let Some(why) = self.deployed().making.as_ref().and_then(|made| made.document.failure.as_ref()) {
            let what = format!("rows arrived that the new deployment cannot take: {why}");
            return Err(Error::new(Kind::Conflict, what)
                .hint("Say with FORWARD_QUERY how rows become new ones, and deploy again"));
        }
        self.engine.write(&mut |t| {
            store::delete(t, MAKING, &new.document.id)?;
            conclude(&live, t)
        })?;
        making.is_over = true;
        self.deployed.write().making = None;
        drop(still);
        Ok(writing)
    }

    /// Does work over what is there now, in one transaction, while rows arrive; none is removed meanwhile from the data source `into`.
    ///
    /// # Errors
    /// `Busy` when a deployment is being made for long; those of `work` and of the engine. Then nothing has changed.
    pub(super) fn filled(
        &self,
        into: impl FnOnce(&Deployed) -> Result<String>,
        mut work: impl FnMut(&Deployed, &dyn Transaction) -> Result<()>,
    ) -> Result<()> {
        let _deploying = self.deploying()?;
        let writing = self.writing.write();
        let deployed = self.deployed();
        let begun = self.engine.clone().beside()?;
        let still = Still::new(self, BTreeSet::from([into(&deployed)?]));
        drop(writing);
        let done = begun.run(&mut |t| work(&deployed, t));
        drop(still);
        let done = match done {
            Ok(()) => Ok(()),
            Err(e) => {
                let _writing = self.writing.write();
                self.without_beside(&self.deployed(), e, work)
            }
        };
        self.versions.all_changed();
        done
    }
}

/// Drops what was made for deployments whose process ended before they were true. `is_kept` tells of the tables of those that are.
///
/// # Errors
/// Those of the engine.
pub fn tidy(engine: &dyn SqlEngine, is_kept: &dyn Fn(&str) -> bool) -> Result<()> {
    let all: Vec<(String, Document)> = store::all(engine, MAKING)?;
    for (id, document) in all {
        engine.write(&mut |t| {
            let homes = document.homes.sources.values().filter(|home| !is_kept(&home.rows));
            for table in homes.flat_map(|home| [&home.rows, &home.quarantine]) {
                t.execute(&format!("DROP TABLE IF EXISTS {}", engine_name(table)))?;
            }
            store::delete(t, MAKING, &id)
        })?;
    }
    Ok(())
}
