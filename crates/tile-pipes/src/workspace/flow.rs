//! Where rows that enter a table go on to: through views, and, while a deployment is in staging or being made, into its tables.

use super::deployed::{Deployed, Which};
use super::insert::Rows;
use super::resources::{Resources, Source, View};
use std::collections::{BTreeMap, BTreeSet};
use tile_base::{Error, Kind, Result};

/// A data source's table. One that staging shares is the live one's.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub source: &'a Source,
    is_staged: bool,
}

/// A way from one table to another.
pub struct Edge<'a> {
    pub to: Place<'a>,
    /// Over the block of the first, it gives stored rows of the second.
    pub sql: &'a str,
    /// The view; none for the rows of a changed data source.
    pub view: Option<&'a View>,
}

/// A view, and the data source that feeds it.
#[derive(Clone, Copy)]
pub struct By<'a> {
    pub pipe: &'a str,
    pub source: &'a str,
}

/// All ways of one moment.
pub struct Flow<'a> {
    live: &'a Resources,
    staging: Option<(&'a Resources, &'a BTreeMap<String, String>)>,
    /// Only these data sources are fed.
    only: Option<&'a BTreeSet<String>>,
    /// From these data sources no rows are removed.
    still: Option<&'a BTreeSet<String>>,
}

impl<'a> Flow<'a> {
    /// That of what is deployed. A deployment beside the live one takes no part once it has failed.
    pub fn of(deployed: &'a Deployed) -> Self {
        let staging = deployed.beside().map(|s| (&s.resources, &s.forwards));
        Self { live: &deployed.live.resources, staging, only: None, still: Some(&deployed.still) }
    }

    /// That of data sources which nothing else is made of.
    pub fn alone(resources: &'a Resources) -> Self {
        Self { live: resources, staging: None, only: None, still: None }
    }

    /// The ways that fill data sources which are new, in a deployment that is being made.
    pub fn filling(wanted: &'a Resources, new: &'a BTreeSet<String>) -> Self {
        Self { live: wanted, staging: None, only: Some(new), still: None }
    }

    /// Where rows belong that were decoded.
    ///
    /// # Errors
    /// `Conflict` when the data source changed since, `NotFound` when it is gone.
    pub fn of_rows(&self, rows: &Rows) -> Result<Place<'a>> {
        self.of_table(&rows.source, &rows.home)
    }

    /// The data source of a name, while its table is this one.
    ///
    /// # Errors
    /// As [`Flow::of_rows`].
    pub fn of_table(&self, name: &str, home: &str) -> Result<Place<'a>> {
        let live = self.live.sources.get(name);
        if let Some(source) = live.filter(|s| s.home.rows == home) {
            return Ok(Place { source, is_staged: false });
        }
        let staged = self.staging.and_then(|(s, _)| s.sources.get(name));
        if let Some(source) = staged.filter(|s| s.home.rows == home) {
            return Ok(Place { source, is_staged: true });
        }
        if live.is_none() && staged.is_none() {
            return Err(Error::not_found(format!("Data Source {name} not found")));
        }
        let what = format!("the data source `{name}` has just changed");
        Err(Error::new(Kind::Conflict, what).hint("Send the rows again"))
    }

    /// The table that a data source has in a deployment.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn place(&self, which: Which, name: &str) -> Result<Place<'a>> {
        let live = self.live.sources.get(name);
        let found = match which {
            Which::Live => live.map(|source| Place { source, is_staged: false }),
            Which::Staging => {
                let staged = self.staging.and_then(|(s, _)| s.sources.get(name));
                staged.map(|source| match live.filter(|_| !self.is_own(source)) {
                    Some(source) => Place { source, is_staged: false },
                    None => Place { source, is_staged: true },
                })
            }
        };
        found.ok_or_else(|| Error::not_found(format!("Data Source {name} not found")))
    }

    /// The table of the staged deployment that follows a live one which changes.
    pub fn follower(&self, place: Place<'a>) -> Option<Place<'a>> {
        let staged = self.staging?.0.sources.get(&place.source.file.name)?;
        (!place.is_staged && self.is_own(staged)).then_some(Place { source: staged, is_staged: true })
    }

    /// Whether rows may go.
    ///
    /// # Errors
    /// `Conflict` while rows of the data source are moved, by a transaction that does not see the others.
    pub fn may_remove(&self, from: &Source) -> Result<()> {
        let name = &from.file.name;
        if !self.still.is_some_and(|still| still.contains(name)) {
            return Ok(());
        }
        let what = format!("rows of the data source `{name}` are being moved, so none can be removed now");
        Err(Error::new(Kind::Conflict, what)
            .hint("Try again when the deployment is made, or the view is filled"))
    }

    /// Whether the staged deployment has a table of its own for a data source.
    fn is_own(&self, staged: &Source) -> bool {
        self.live.sources.get(&staged.file.name).is_none_or(|l| l.home.rows != staged.home.rows)
    }

    /// The ways on from a table. `by` is the view that made the block, if one did.
    pub fn edges(&self, at: Place<'a>, by: Option<By<'_>>) -> Vec<Edge<'a>> {
        let name = &at.source.file.name;
        let mut out = Vec::new();
        if !at.is_staged {
            for view in self.live.views.get(name).into_iter().flatten() {
                if self.only.is_none_or(|only| only.contains(&view.target))
                    && let Some(source) = self.live.sources.get(&view.target)
                {
                    out.push(Edge {
                        to: Place { source, is_staged: false },
                        sql: &view.sql,
                        view: Some(view),
                    });
                }
            }
        }
        let Some((staging, forwards)) = self.staging else { return out };
        if let Some(to) = self.follower(at) {
            if let Some(sql) = forwards.get(name).filter(|_| !is_fed(staging, name, by)) {
                out.push(Edge { to, sql, view: None });
            }
            return out;
        }
        for view in staging.views.get(name).into_iter().flatten() {
            if let Some(source) = staging.sources.get(&view.target).filter(|s| self.is_own(s)) {
                out.push(Edge { to: Place { source, is_staged: true }, sql: &view.sql, view: Some(view) });
            }
        }
        out
    }
}

/// Whether the staged deployment has the view that made a block, so that it makes its own rows of the same.
fn is_fed(staging: &Resources, target: &str, by: Option<By<'_>>) -> bool {
    let Some(by) = by else { return false };
    let views = staging.views.get(by.source).into_iter().flatten();
    views.into_iter().any(|v| v.pipe == by.pipe && v.target == target)
}
