//! Follows the files of a project. They are looked at rather than watched: the same on every system and every kind of disk.

use super::files::{self, Stamps};
use super::{fixtures, local};
use crate::clock::SystemClock;
use anyhow::Result;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tile_base::{Clock, Error, Kind};
use tile_pipes::hub::Hub;
use tile_pipes::workspace::compile::Files;
use tile_web::Client;

/// The time between two looks, and how much longer than a look it is at least.
const LOOK: Duration = Duration::from_millis(30);
const LOOK_SHARE: u32 = 30;
/// A file that was written so lately may be written again within one tick of its disk's clock.
const FRESH_US: i64 = 2_000_000;

/// A folder of files and the server that it is built on.
pub struct Project {
    pub hub: Arc<Hub>,
    pub client: Client,
    pub folder: PathBuf,
}

impl Project {
    /// Makes the workspace equal to the files, fills what is empty from the fixtures, and says so.
    async fn build(&self, files: Files) -> Result<()> {
        let started = Instant::now();
        let (hub, folder, of) = (self.hub.clone(), self.folder.clone(), files.clone());
        let sources = tile_web::rt::cpu(move || {
            local::secrets(&hub, &folder)?;
            Ok(fixtures::of(&folder, &of))
        });
        let sources = sources.await?;
        let outcome = local::build(&self.hub, files).await?;
        let mut text = local::told(&outcome);
        let ms = started.elapsed().as_millis();
        if !outcome.faults.is_empty() {
            text.push_str(&format!(
                "Not built: {} faults; the last good build goes on\n",
                outcome.faults.len()
            ));
            return crate::commands::print(&text);
        }
        match &outcome.id {
            Some(id) => text.push_str(&format!("Build {id} in {ms} ms\n")),
            None => text.push_str("Nothing has changed\n"),
        }
        crate::commands::print(&text)?;
        for fixture in sources {
            if let Some(line) = fixtures::fill(&self.client, &fixture).await {
                crate::commands::print(&format!("{line}\n"))?;
            }
        }
        Ok(())
    }

    /// Builds, unless a deployment in staging forbids it, which is said. Says whether it was built.
    pub async fn built_or_told(&self, files: Files) -> Result<bool> {
        let Err(e) = self.build(files).await else { return Ok(true) };
        match e.downcast_ref::<Error>() {
            Some(refused) if refused.kind == Kind::Conflict => {
                eprintln!("error: {}", crate::commands::describe(&e));
                Ok(false)
            }
            _ => Err(e),
        }
    }

    fn is_free(&self) -> bool {
        local::tenant(&self.hub).is_ok_and(|t| t.workspace.deployed().staging.is_none())
    }
}

/// Builds again whenever the files differ, and what could not be built when nothing is in staging any more.
pub async fn follow(project: Project, mut last: Files, mut is_built: bool) {
    let (mut seen, mut pause) = (Stamps::new(), LOOK);
    loop {
        tokio::time::sleep(pause).await;
        let (looked, known) = (project.folder.clone(), seen.clone());
        let look = tile_web::rt::cpu(move || {
            let started = Instant::now();
            let found = look(&looked, &known).map_err(|e| Error::new(Kind::Invalid, format!("{e:#}")));
            Ok((found, started.elapsed()))
        });
        let Ok((found, took)) = look.await else { continue };
        pause = LOOK.max(took * LOOK_SHARE);
        // A file can be gone between being listed and being read: the next look sees it right.
        let Ok((stamps, files)) = found else { continue };
        seen = stamps;
        let changed = files.filter(|now| *now != last);
        if changed.is_none() && (is_built || !project.is_free()) {
            continue;
        }
        last = changed.unwrap_or(last);
        is_built = match project.built_or_told(last.clone()).await {
            Ok(is_built) => is_built,
            Err(e) => {
                eprintln!("error: {}", crate::commands::describe(&e));
                true
            }
        };
    }
}

/// The stamps of the files, and the files when they may have changed.
fn look(folder: &std::path::Path, known: &Stamps) -> Result<(Stamps, Option<Files>)> {
    let stamps = files::stamps(folder)?;
    let is_fresh = files::is_fresh(&stamps, SystemClock.now_us() - FRESH_US);
    let files = if is_fresh || stamps != *known { Some(files::read(folder)?) } else { None };
    Ok((stamps, files))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    #[test]
    fn files_are_read_only_when_they_may_have_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pipe");
        std::fs::write(&path, "old").unwrap();
        let long_ago = UNIX_EPOCH + Duration::from_secs(1_600_000_000);
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(long_ago).unwrap();
        let (stamps, files) = look(folder.path(), &Stamps::new()).unwrap();
        assert_eq!(files.unwrap()["a.pipe"], "old");
        assert!(look(folder.path(), &stamps).unwrap().1.is_none());
        // The same length, and written just now.
        std::fs::write(&path, "new").unwrap();
        let (stamps, files) = look(folder.path(), &stamps).unwrap();
        assert_eq!(files.unwrap()["a.pipe"], "new");
        assert!(look(folder.path(), &stamps).unwrap().1.is_some());
        std::fs::remove_file(&path).unwrap();
        assert!(look(folder.path(), &stamps).unwrap().1.unwrap().is_empty());
    }
}
