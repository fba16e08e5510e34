//! Projects of pipes: `tile init`, `tile check`, `tile dev`.

mod catalog;
mod dev;
mod engines;
mod files;
mod starter;

pub use dev::dev;
pub use starter::init;

use crate::cli::Project;
use crate::clock::SystemClock;
use anyhow::{Result, bail};
use std::sync::Arc;
use tile_base::{Error, Kind};
use tile_pipes::workspace::{Ids, Ways, Workspace};

/// Reads a project and says what is wrong with it; nothing is kept.
pub fn check(args: &Project) -> Result<()> {
    let found = files::read(&args.folder)?;
    let workspace = Workspace::open(engines::in_memory()?, "check", "check", Arc::new(SystemClock), ids())?;
    let count = found.len();
    let outcome = workspace.deploy(found, Ways { is_check: true, may_destroy: true, ..Ways::default() })?;
    for warning in &outcome.warnings {
        eprintln!("warning: {}:{}: {}", warning.file, warning.line, warning.message);
    }
    if outcome.faults.is_empty() {
        return super::print(&format!("{count} files are fine\n"));
    }
    let told: Vec<String> = outcome.faults.iter().map(tile_pipes::datafile::Fault::render).collect();
    bail!("{} faults\n\n{}", told.len(), told.join("\n\n"))
}

/// 16 random bytes.
#[expect(
    clippy::expect_used,
    reason = "without randomness no token could be made, and nothing may be served"
)]
fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

/// Identities of 128 random bits.
fn ids() -> Ids {
    Arc::new(|| random().iter().map(|b| format!("{b:02x}")).collect())
}

fn denied(folder: &std::path::Path, e: &std::io::Error) -> Error {
    Error::new(Kind::Invalid, format!("cannot read `{}`: {e}", folder.display()))
}
