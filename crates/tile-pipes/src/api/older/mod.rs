//! The older way of working: resources are made and changed one by one. Each change is a deployment of the files with one of them
//! changed, so that the files stay the whole truth.

mod analysis;
mod bodies;
pub(super) mod datasource;
pub(super) mod nodes;
pub(super) mod pipe;
pub(super) mod population;
pub(super) mod sql;
pub(super) mod tags;

use super::App;
use super::call::Call;
use crate::datafile::{Datasource, Fault, Options, Pipe};
use crate::tokens;
use crate::workspace::{Edit, Live, Outcome, Ways};
use std::path::Path;
use tile_base::{Error, Result};

/// What the body of such a request may have.
const BODY_BYTES_MAX: usize = 4 << 20;

/// Deploys what `work` makes of the live files. What is wrong with it is the caller's fault: it made the change.
fn made(
    app: &App,
    call: &Call,
    is_destroying: bool,
    work: impl FnOnce(&Live) -> Result<Edit>,
) -> Result<Outcome> {
    // Rows that are there come into a new view only when it is populated.
    let ways = Ways { is_unfilled: true, may_destroy: is_destroying, ..Ways::default() };
    let outcome = call.tenant.workspace.edit(ways, work)?;
    if let Some(fault) = outcome.faults.first() {
        return Err(Error::invalid(fault.text()));
    }
    tokens::sync(&app.hub, &call.tenant)?;
    super::note_deployment(&call.tenant, &outcome);
    Ok(outcome)
}

/// The path of a resource's file: where it is, or where a new one comes.
fn path_of(live: &Live, name: &str, extension: &str) -> String {
    let is_it = |path: &Path| {
        path.file_stem().is_some_and(|s| s == name) && path.extension().is_some_and(|e| e == extension)
    };
    let found = live.document.files.keys().find(|path| is_it(Path::new(path)));
    found.cloned().unwrap_or_else(|| format!("{extension}s/{name}.{extension}"))
}

fn first(faults: &[Fault]) -> Error {
    Error::invalid(faults.first().map(Fault::text).unwrap_or_default())
}

/// The text of a pipe's file.
///
/// # Errors
/// `Invalid` when it would not read back as the same pipe: no text of a request becomes another line of the file.
fn pipe_text(pipe: &Pipe) -> Result<String> {
    let text = pipe.print();
    let read = Pipe::parse(&pipe.name, &pipe.name, &text, &Options::default());
    match read.value {
        Some(same) if same == without_places(pipe) => Ok(text),
        Some(_) => Err(unwritable(&pipe.name)),
        None => Err(first(&read.faults)),
    }
}

/// The places of a query's lines are in its file only; a new one has none.
fn without_places(pipe: &Pipe) -> Pipe {
    let mut out = pipe.clone();
    for node in &mut out.nodes {
        node.query.places = vec![crate::datafile::Place::default(); node.query.text.lines().count()];
    }
    out
}

/// The same of a data source.
///
/// # Errors
/// As [`pipe_text`].
fn datasource_text(source: &Datasource) -> Result<String> {
    let text = source.print();
    match super::changes::parsed(&source.name, &text)? {
        same if same == *source => Ok(text),
        _ => Err(unwritable(&source.name)),
    }
}

fn unwritable(name: &str) -> Error {
    Error::invalid(format!("the resource `{name}` cannot be written as a file"))
        .hint("No line of a description or of SQL may begin, without a blank before it, with a word of the files, as `TOKEN`")
}
