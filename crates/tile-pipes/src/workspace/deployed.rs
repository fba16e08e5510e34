//! The deployments that a workspace has at a moment: the live one, and beside it one that waits to be promoted.

use super::compile::{Files, Homes};
use super::plan::Plan;
use super::resources::{self, Resources, Source};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tile_base::{Error, Kind, Result};

/// A deployment as it is remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    pub id: String,
    pub files: Files,
    pub homes: Homes,
    pub created_at_us: i64,
    /// Made by a build, of which there is no history.
    #[serde(default)]
    pub is_build: bool,
    /// Why it cannot be promoted any more.
    #[serde(default)]
    pub failure: Option<String>,
    /// What it changed.
    #[serde(default)]
    pub plan: Plan,
}

/// A deployment with what it defines.
#[derive(Default)]
pub struct Live {
    pub document: Document,
    pub resources: Resources,
    /// Of a deployment beside a live one: the queries that make rows of its changed data sources from a block of the live ones, by name.
    pub forwards: BTreeMap<String, String>,
}

/// Which deployment a call means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Which {
    #[default]
    Live,
    Staging,
}

/// The deployments that there are.
#[derive(Clone, Default)]
pub struct Deployed {
    pub live: Arc<Live>,
    pub staging: Option<Arc<Live>>,
    /// One whose rows are being moved.
    pub making: Option<Arc<Live>>,
    /// Data sources from which no rows are removed now.
    pub still: Arc<BTreeSet<String>>,
}

impl Deployed {
    /// The one that takes what arrives for the live one as well, while it can.
    pub fn beside(&self) -> Option<&Arc<Live>> {
        self.making.as_ref().or(self.staging.as_ref()).filter(|one| one.whole().is_ok())
    }

    /// # Errors
    /// `NotFound` when none is in staging, `Conflict` when it has failed.
    pub fn get(&self, which: Which) -> Result<&Arc<Live>> {
        if which == Which::Live {
            return Ok(&self.live);
        }
        let staging = self.staging.as_ref().ok_or_else(|| {
            Error::not_found("No deployment is in staging")
                .hint("Create one with `tb deployment create`, or leave `__tb__deployment` out")
        })?;
        staging.whole()?;
        Ok(staging)
    }
}

impl Live {
    /// # Errors
    /// `Conflict` when rows came that it could not take.
    pub fn whole(&self) -> Result<()> {
        let Some(why) = &self.document.failure else { return Ok(()) };
        let what = format!("The deployment {} has failed: {why}", self.document.id);
        Err(Error::new(Kind::Conflict, what).hint("Discard it and deploy again"))
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
