//! `tile features check`: what files declare, without a server.

use super::backfill::{collect, texts};
use anyhow::Result;
use std::fmt::Write as _;
use std::path::PathBuf;
use tile_base::Error;
use tile_features::definition::names::{derived_names, outputs};
use tile_features::definition::{Accuracy, Declared, GroupBy, Join, What, read_all};

#[derive(clap::Args, Debug)]
pub struct Args {
    /// Files with definitions, or folders of them. Without any, the folder `features`.
    pub files: Vec<PathBuf>,
}

/// Columns of a GroupBy or a part that are shown.
const SHOWN_MAX: usize = 100;

pub fn run(args: &Args) -> Result<()> {
    let mut paths = Vec::new();
    let given = if args.files.is_empty() { vec![PathBuf::from("features")] } else { args.files.clone() };
    for path in given {
        if path.is_dir() {
            collect(&path, &mut paths)?;
        } else {
            paths.push(path);
        }
    }
    let mut out = String::new();
    let mut errors = 0_usize;
    let mut first = None;
    for (file, read) in read_all(&texts(&paths)?) {
        match read {
            Ok(declared) if declared.is_empty() => writeln!(out, "{file}: declares nothing")?,
            Ok(declared) => {
                for declared in &declared {
                    show(&mut out, declared)?;
                    errors += declared.notices.iter().filter(|notice| notice.is_error).count();
                }
            }
            Err(e) => {
                let at = e.at.clone().unwrap_or(file);
                let kind = e.kind;
                writeln!(out, "error: {at}: {}", Error { at: None, ..e }.detail())?;
                first.get_or_insert(kind);
                errors += 1;
            }
        }
    }
    super::super::print(&out)?;
    if errors == 0 {
        return Ok(());
    }
    let kind = first.unwrap_or(tile_base::Kind::Invalid);
    let what = if errors == 1 { "1 error".to_owned() } else { format!("{errors} errors") };
    Err(Error::new(kind, format!("the definitions have {what}")).into())
}

fn show(out: &mut String, declared: &Declared) -> Result<()> {
    match &declared.what {
        What::GroupBy(group) => group_by(out, group)?,
        What::Join(of) => join(out, of)?,
        What::StagingQuery(query) => writeln!(out, "StagingQuery {}", query.meta.name)?,
        What::Team => writeln!(out, "Team {}", declared.file)?,
    }
    for notice in &declared.notices {
        let kind = if notice.is_error { "error" } else { "note" };
        writeln!(out, "  {kind}: {}: {}", declared.place(&notice.at), notice.what)?;
    }
    Ok(())
}

fn group_by(out: &mut String, group: &GroupBy) -> Result<()> {
    let accuracy = match group.accuracy {
        Accuracy::Temporal => "temporal",
        Accuracy::Snapshot => "snapshot",
    };
    let online = if group.meta.is_online { "online" } else { "offline" };
    writeln!(out, "GroupBy {} ({accuracy}, {online})", group.meta.name)?;
    writeln!(out, "  keys: {}", group.keys.join(", "))?;
    columns(out, named(group))
}

fn join(out: &mut String, join: &Join) -> Result<()> {
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
    writeln!(out, "  keys: {}", keys.join(", "))?;
    columns(out, names.map(|names| derived_names(names, &join.derivations)))
}

/// The columns of a GroupBy, with its derivations.
fn named(group: &GroupBy) -> Option<Vec<String>> {
    outputs(group).map(|names| derived_names(names, &group.derivations))
}

fn columns(out: &mut String, names: Option<Vec<String>>) -> Result<()> {
    let Some(names) = names else {
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
