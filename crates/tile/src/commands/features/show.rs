//! `tile features show`: what files declare, without a server.

use super::backfill::{collect, texts};
use crate::commands::project;
use anyhow::Result;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use tile_base::feed::Feeds;
use tile_base::{Error, Kind};
use tile_features::definition::names::{derived_names, outputs};
use tile_features::definition::{Accuracy, Declared, Fault, GroupBy, Join, What, read_all};
use tile_features::hub::outputs::{self, Outputs};
use tile_features::hub::{Typed, left};

#[derive(clap::Args, Debug)]
pub struct Args {
    /// Files with definitions, or folders of them. Without any, the project's folder `features`.
    pub files: Vec<PathBuf>,
    /// The folder of the project, whose data sources say of which types columns are.
    #[arg(long, default_value = ".")]
    pub project: PathBuf,
}

/// Columns of a GroupBy or a part that are shown.
const SHOWN_MAX: usize = 100;

/// What was found.
pub struct Checked {
    /// What files declare, with what is wrong.
    pub shown: String,
    /// What is wrong alone.
    pub faults: Vec<String>,
    kind: Option<Kind>,
}

pub fn run(args: &Args) -> Result<()> {
    let mut paths = Vec::new();
    let given = if args.files.is_empty() { vec![args.project.join("features")] } else { args.files.clone() };
    for path in given {
        if path.is_dir() {
            collect(&path, &mut paths)?;
        } else {
            paths.push(path);
        }
    }
    let tables = project::tables(&args.project)?;
    let checked = checked(&texts(&paths)?, tables.as_ref().map(|(feeds, _)| feeds.as_ref()))?;
    super::super::print(&checked.shown)?;
    checked.refusal().map_or(Ok(()), |e| Err(e.into()))
}

impl Checked {
    /// That something is wrong, when it is.
    pub fn refusal(&self) -> Option<Error> {
        let what = match self.faults.len() {
            0 => return None,
            1 => "1 error".to_owned(),
            count => format!("{count} errors"),
        };
        Some(Error::new(self.kind.unwrap_or(Kind::Invalid), format!("the definitions have {what}")))
    }
}

/// What files declare, and what is wrong with it: also over the columns of tables, where these are known.
pub fn checked(files: &BTreeMap<String, String>, tables: Option<&dyn Feeds>) -> Result<Checked> {
    let mut out = Checked { shown: String::new(), faults: Vec::new(), kind: None };
    for (file, read) in read_all(files) {
        if read.declared.is_empty() && read.faults.is_empty() {
            writeln!(out.shown, "{file}: declares nothing")?;
        }
        read.declared.iter().try_for_each(|declared| out.add(declared, tables))?;
        for Fault { error, .. } in read.faults {
            let at = error.at.clone().unwrap_or_else(|| file.clone());
            out.kind.get_or_insert(error.kind);
            let fault = format!("error: {at}: {}", Error { at: None, ..error }.detail());
            writeln!(out.shown, "{fault}")?;
            out.faults.push(fault);
        }
    }
    Ok(out)
}

impl Checked {
    fn add(&mut self, declared: &Declared, tables: Option<&dyn Feeds>) -> Result<()> {
        let known = match (tables, declared.refusal()) {
            (Some(tables), None) => typed(declared, tables),
            _ => None,
        };
        let (typed, misfit) = match known {
            Some(Ok(outputs)) => (Some(outputs), None),
            Some(Err(e)) => (None, Some(e)),
            None => (None, None),
        };
        match &declared.what {
            What::GroupBy(group) => group_by(&mut self.shown, group, typed.as_ref())?,
            What::Join(of) => join(&mut self.shown, of, typed.as_ref())?,
            What::StagingQuery(query) => writeln!(self.shown, "StagingQuery {}", query.meta.name)?,
            What::Team => writeln!(self.shown, "Team {}", declared.file)?,
        }
        let of_left = match (tables, declared.refusal()) {
            (Some(tables), None) => left::check(declared, &|table: &str| tables.open(table)?.schema()),
            _ => Vec::new(),
        };
        for notice in declared.notices.iter().chain(&of_left) {
            let kind = if notice.is_error { "error" } else { "note" };
            let told = format!("{kind}: {}: {}", declared.place(&notice.at), notice.what);
            writeln!(self.shown, "  {told}")?;
            if notice.is_error {
                self.faults.push(told);
            }
        }
        if let Some(e) = misfit {
            let (at, e) = declared.located(e);
            // What is not served may name tables that are files of a backfill.
            let is_fault = declared.meta().is_some_and(|meta| meta.is_online);
            let kind = if is_fault { "error" } else { "note" };
            let told = format!("{kind}: {at}: {}", e.detail());
            writeln!(self.shown, "  {told}")?;
            if is_fault {
                self.faults.push(told);
            }
        }
        Ok(())
    }
}

/// What a definition gives over the columns of tables.
fn typed(declared: &Declared, tables: &dyn Feeds) -> Option<tile_base::Result<Outputs>> {
    let columns = |table: &str| tables.open(table)?.schema();
    match &declared.what {
        What::GroupBy(group) => Some(outputs::group_by(group, &columns)),
        What::Join(join) => Some(outputs::join(join, &columns)),
        What::StagingQuery(_) | What::Team => None,
    }
}

fn group_by(out: &mut String, group: &GroupBy, typed: Option<&Outputs>) -> Result<()> {
    let accuracy = match group.accuracy {
        Accuracy::Temporal => "temporal",
        Accuracy::Snapshot => "snapshot",
    };
    let online = if group.meta.is_online { "online" } else { "offline" };
    writeln!(out, "GroupBy {} ({accuracy}, {online})", group.meta.name)?;
    writeln!(out, "  keys: {}", typed.map_or_else(|| group.keys.join(", "), |typed| listed(&typed.keys)))?;
    columns(out, named(group), typed)
}

fn join(out: &mut String, join: &Join, typed: Option<&Outputs>) -> Result<()> {
    let online = if join.meta.is_online { "online" } else { "offline" };
    writeln!(out, "Join {} ({online})", join.meta.name)?;
    let parts = join.parts.iter().map(|part| (part, part.full_prefix()));
    let labels = join.labels.iter().flat_map(|labels| &labels.parts);
    let labels = labels.map(|part| (part, format!("label_{}", part.full_prefix())));
    let mut keys: Vec<&str> = Vec::new();
    let mut names = Some(Vec::new());
    for (part, prefix) in parts.chain(labels) {
        keys.extend(part.group_by.keys.iter().map(|key| part.left_key(key)));
        let with_prefix = |name: String| format!("{prefix}_{name}");
        names = names.zip(named(&part.group_by)).map(|(mut names, more): (Vec<String>, Vec<String>)| {
            names.extend(more.into_iter().map(with_prefix));
            names
        });
    }
    for part in &join.external {
        let prefix = part.full_prefix();
        if let Some(names) = &mut names {
            names.extend(part.values.iter().map(|(name, _)| format!("{prefix}_{name}")));
        }
    }
    keys.sort_unstable();
    keys.dedup();
    writeln!(out, "  keys: {}", typed.map_or_else(|| keys.join(", "), |typed| listed(&typed.keys)))?;
    columns(out, names.map(|names| derived_names(names, &join.derivations)), typed)
}

fn listed(columns: &Typed) -> String {
    columns.iter().map(|(name, ty)| format!("{name} {ty}")).collect::<Vec<_>>().join(", ")
}

/// The columns of a GroupBy, with its derivations.
fn named(group: &GroupBy) -> Option<Vec<String>> {
    outputs(group).map(|names| derived_names(names, &group.derivations))
}

fn columns(out: &mut String, names: Option<Vec<String>>, typed: Option<&Outputs>) -> Result<()> {
    let typed = typed.map(|typed| typed.columns.iter().map(|(name, ty)| format!("{name} {ty}")).collect());
    let Some(names) = typed.or(names) else {
        writeln!(out, "  columns: those of its source")?;
        return Ok(());
    };
    writeln!(out, "  columns:")?;
    for name in names.iter().take(SHOWN_MAX) {
        writeln!(out, "    {name}")?;
    }
    if names.len() > SHOWN_MAX {
        writeln!(out, "    and {} more", names.len() - SHOWN_MAX)?;
    }
    Ok(())
}
