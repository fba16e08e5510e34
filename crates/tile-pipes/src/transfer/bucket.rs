//! Data sources whose rows come from the files of a bucket: each file once. Which were taken is written in the transaction of
//! their rows.

use super::Limits;
use super::glob::Pattern;
use super::import::{Counts, Mode, Target, already};
use super::kind::Format;
use super::remote::{Incoming, access, import};
use crate::api::moment;
use crate::datafile::{BlobImport, Connector, ImportSchedule};
use crate::ingest::Dialect;
use crate::jobs::Watch;
use crate::workspace::resources::Source;
use crate::workspace::{Live, Workspace, store};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tile_base::objects::{Access, Listed, Objects};
use tile_base::{Error, Kind, Result};

/// Files of one run.
const FILES_MAX: usize = 10_000;
/// Files that a pattern is compared with.
const LISTED_MAX: usize = 1_000_000;
/// Files that a job names.
const SHOWN_MAX: usize = 100;

/// A file that was taken, as it is remembered.
#[derive(Serialize, Deserialize)]
struct Taken {
    bytes: u64,
    rows: u64,
    quarantined: u64,
    at_us: i64,
}

/// Whether files are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    #[default]
    Running,
    Paused,
}

impl State {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
        }
    }
}

/// The kind of documents of the files that a data source has taken.
pub fn taken_kind(source_id: &str) -> String {
    format!("taken/{source_id}")
}

const STATE: &str = "import_state";
/// The name of the document that says that a run has taken all there was.
const WHOLE: &str = "a whole run";

/// What a data source imports.
///
/// # Errors
/// `Invalid` for one that imports nothing.
pub fn settings(source: &Source) -> Result<&BlobImport> {
    match &source.file.connector {
        Some(Connector::Blob(blob)) => Ok(blob),
        _ => Err(Error::invalid(format!(
            "The data source '{}' takes no rows from a connection",
            source.file.name
        ))),
    }
}

/// Whether a data source looks for files by itself.
///
/// # Errors
/// Those of the engine.
pub fn state(workspace: &Workspace, source_id: &str) -> Result<State> {
    let all = store::all::<State>(workspace.engine().as_ref(), STATE)?;
    Ok(all.into_iter().find(|(id, _)| id == source_id).map(|(_, state)| state).unwrap_or_default())
}

/// # Errors
/// Those of the engine.
pub fn set_state(workspace: &Workspace, source_id: &str, state: State) -> Result<()> {
    workspace.engine().write(&mut |t| store::put(t, STATE, source_id, &state))
}

/// The data sources for which somebody should call [`run`] now: those that take files as they appear, and those that take them
/// once and have not. Paused ones are left out.
///
/// # Errors
/// Those of the engine.
pub fn due(workspace: &Workspace) -> Result<Vec<String>> {
    let live = workspace.live();
    let mut out = Vec::new();
    for source in live.resources.sources.values() {
        let Ok(blob) = settings(source) else { continue };
        let is_due = match blob.schedule {
            ImportSchedule::Auto => true,
            ImportSchedule::OnDemand => false,
            ImportSchedule::Once => !taken(workspace, &source.home.id)?.contains(WHOLE),
        };
        if is_due && state(workspace, &source.home.id)? == State::Running {
            out.push(source.file.name.clone());
        }
    }
    Ok(out)
}

fn taken(workspace: &Workspace, source_id: &str) -> Result<BTreeSet<String>> {
    let all = store::all::<Value>(workspace.engine().as_ref(), &taken_kind(source_id))?;
    Ok(all.into_iter().map(|(name, _)| name).collect())
}

/// A version of a file: other bytes under the same address are another one.
fn version(listed: &Listed) -> String {
    format!("{} {}", listed.url, listed.tag)
}

/// Imports the files that match and were not taken, by address, each in a transaction of its own. Gives what a job shows.
///
/// # Errors
/// The first one of a file, with its address. The files before it are taken.
pub fn run(
    workspace: &Workspace,
    objects: &dyn Objects,
    source: &str,
    files_max: Option<usize>,
    id: &str,
    watch: &Watch,
) -> Result<Value> {
    let live = workspace.live();
    let found = live.source(source)?;
    let blob = settings(found)?;
    let access = access(&live, &blob.connection)?;
    let (new, is_whole) = look(workspace, objects, &live, source, files_max)?;
    let run = Run { workspace, objects, live: &live, source: found, blob, access: &access, id, watch };
    let mut total = Counts::default();
    let mut files = Vec::new();
    for (at, listed) in new.iter().enumerate() {
        let percent = u8::try_from(at.saturating_mul(95) / new.len().max(1)).unwrap_or(95);
        watch.tell(percent, shown(id, &total, &files, new.len()));
        let Some(counts) = run.take(at, listed)? else { continue };
        total.rows += counts.rows;
        total.quarantined += counts.quarantined;
        total.bytes += counts.bytes;
        total.blocks += counts.blocks;
        files.push(json!({"file": listed.url, "bytes": listed.bytes, "rows": counts.rows, "quarantine": counts.quarantined}));
    }
    if is_whole && blob.schedule == ImportSchedule::Once {
        let kind = taken_kind(&found.home.id);
        workspace
            .engine()
            .write(&mut |t| store::put(t, &kind, WHOLE, &json!({"at_us": workspace.now_us()})))?;
    }
    Ok(shown(id, &total, &files, new.len()))
}

fn shown(id: &str, total: &Counts, files: &[Value], found: usize) -> Value {
    let mut out = total.to_json(id);
    let named: Vec<&Value> = files.iter().rev().take(SHOWN_MAX).rev().collect();
    out["files"] = json!(named);
    out["stats"] = json!({"found_files": found, "imported_files": files.len()});
    out
}

/// The files that match and were not taken, by address, and whether these are all.
fn look(
    workspace: &Workspace,
    objects: &dyn Objects,
    live: &Live,
    source: &str,
    files_max: Option<usize>,
) -> Result<(Vec<Listed>, bool)> {
    let source = live.source(source)?;
    let blob = settings(source)?;
    let access = access(live, &blob.connection)?;
    let pattern = Pattern::parse(&blob.bucket_uri)?;
    let since_us = blob.from_timestamp.as_deref().map(since).transpose()?;
    let taken = taken(workspace, &source.home.id)?;
    let (mut new, mut count) = (Vec::new(), 0_usize);
    objects.list(&pattern.prefix, &access, &mut |listed| {
        count += 1;
        if count > LISTED_MAX {
            return Err(Error::new(
                Kind::TooLarge,
                format!("there are more than {LISTED_MAX} files to look at"),
            )
            .hint("Write more of the address before the first wildcard"));
        }
        let is_wanted = pattern.matches(&listed.url)
            && !listed.url.ends_with('/')
            && since_us.is_none_or(|since| listed.modified_us >= since)
            && !taken.contains(&version(&listed));
        if is_wanted {
            new.push(listed);
        }
        Ok(())
    })?;
    let all = new.len();
    new.truncate(files_max.unwrap_or(FILES_MAX).min(FILES_MAX));
    let is_whole = new.len() == all;
    Ok((new, is_whole))
}

/// The time from which files are taken.
fn since(text: &str) -> Result<i64> {
    moment(text).ok_or_else(|| {
        Error::invalid(format!("IMPORT_FROM_TIMESTAMP `{text}` is no time"))
            .hint("Write it as in 2026-01-31T23:59:59Z")
    })
}

struct Run<'a> {
    workspace: &'a Workspace,
    objects: &'a dyn Objects,
    live: &'a Live,
    source: &'a Source,
    blob: &'a BlobImport,
    access: &'a Access,
    id: &'a str,
    watch: &'a Watch,
}

impl Run<'_> {
    /// Nothing when another run was first.
    fn take(&self, at: usize, listed: &Listed) -> Result<Option<Counts>> {
        let source = &self.source.file.name;
        let named = |e: Error| if e.at.is_none() { e.at(format!("the file `{}`", listed.url)) } else { e };
        let format = self.blob.format.as_deref().map(Format::named).transpose()?;
        let opened = self.objects.get(&listed.url, self.access)?;
        let (kind, name) = (taken_kind(&self.source.home.id), version(listed));
        let id = format!("{}_{at}", self.id);
        let target = Target {
            workspace: self.workspace,
            source,
            home: &self.live.source(source)?.home.rows,
            mode: &Mode::Append,
            id: &id,
        };
        let dialect = Dialect::default();
        let incoming =
            Incoming { url: &listed.url, opened, format, dialect: &dialect, limits: Limits::default() };
        // Percent are those of the files, not of one file.
        let inner = Watch::of(self.watch.cancel.clone());
        let done = import(target, incoming, self.objects, &inner, &|t, counts| {
            if store::has(t, &kind, &name)? {
                return Err(already());
            }
            let taken = Taken {
                bytes: listed.bytes,
                rows: counts.rows,
                quarantined: counts.quarantined,
                at_us: self.workspace.now_us(),
            };
            store::put(t, &kind, &name, &taken)
        });
        match done {
            Ok(counts) => Ok(Some(counts)),
            Err(e) if e.kind == Kind::Conflict && e.what == already().what => Ok(None),
            Err(e) => Err(named(e)),
        }
    }
}
