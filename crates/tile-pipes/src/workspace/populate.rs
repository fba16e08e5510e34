//! A materialized view runs over the rows that its data source has already.

use super::Workspace;
use super::compile::{compile, translated};
use super::copy::meeting_in;
use super::deployed::{Deployed, Live, Which};
use super::flow::Flow;
use super::rendering::Asked;
use super::scope::{All, Names};
use super::{compile::Files, insert, plan};
use tile_base::{Error, Result};
use tile_clicksql::Options;
use tile_clicksql::types::Type;

/// The data source whose rows the view of a pipe sees, and the one that takes what it makes.
///
/// # Errors
/// `NotFound` without such a pipe, `Invalid` when it has no view.
pub fn ends(live: &Live, pipe: &str) -> Result<(String, String)> {
    live.pipe(pipe)?;
    let found = live.resources.views.iter().find_map(|(from, views)| {
        let view = views.iter().find(|view| view.pipe == pipe)?;
        Some((from.clone(), view.target.clone()))
    });
    found.ok_or_else(|| {
        Error::invalid(format!("The pipe '{pipe}' has no materialized node")).hint("Materialize one first")
    })
}

/// What to populate with.
#[derive(Clone, Debug, Default)]
pub struct Population {
    /// The target's rows go first.
    pub is_truncating: bool,
    /// Only rows that meet it.
    pub condition: Option<String>,
}

/// Runs the view of a pipe over the rows that there are. All of it is one transaction; rows that arrive meanwhile come by themselves.
///
/// # Errors
/// As [`ends`]; those of the condition and of the engine. Nothing has changed then.
pub fn run(workspace: &Workspace, pipe: &str, population: &Population) -> Result<()> {
    let into = |deployed: &Deployed| Ok(ends(&deployed.live, pipe)?.1);
    workspace.filled(into, |deployed, transaction| {
        let live = &deployed.live;
        let (from, _) = ends(live, pipe)?;
        let source = live.source(&from)?;
        let flow = Flow::of(deployed);
        let place = flow.place(Which::Live, &from)?;
        let only = population.condition.as_deref();
        let only = only.map(|condition| meeting_in(source, condition, &source.home.rows)).transpose()?;
        for edge in flow.edges(place, None) {
            if edge.view.is_none_or(|view| view.pipe != pipe) {
                continue;
            }
            if population.is_truncating {
                insert::cleared(&flow, transaction, edge.to)?;
            }
            insert::backfill(&flow, transaction, source, &edge, only.as_deref())?;
        }
        Ok(())
    })
}

impl Workspace {
    /// The columns that a node would give, were these the live files.
    ///
    /// # Errors
    /// The first thing that is wrong with the files.
    pub fn columns_of(
        &self,
        live: &Live,
        files: &Files,
        pipe: &str,
        node: &str,
    ) -> Result<Vec<(String, Type)>> {
        let (parsed, faults, _) = self.parsed(files);
        let told = |faults: &[crate::datafile::Fault]| {
            Error::invalid(faults.first().map(crate::datafile::Fault::text).unwrap_or_default())
        };
        if !faults.is_empty() {
            return Err(told(&faults));
        }
        let plan = plan::plan(&live.resources, &parsed, None, self.now_us(), &|| self.new_id());
        let resources =
            compile(parsed, &plan.homes, &self.others, self.elsewhere()).map_err(|faults| told(&faults))?;
        let asked = Asked { is_test: true, ..Asked::default() };
        let names = Names::new(&resources, &self.others, &asked, &All, Some(pipe), true);
        let at = resources.pipes.get(pipe).and_then(|p| p.node(node));
        let at = at.ok_or_else(|| Error::not_found(format!("The node '{node}' does not exist")))?;
        let options = Options { is_stored: true, ..Options::default() };
        Ok(translated(&names, pipe, at, &options)?.columns)
    }
}
