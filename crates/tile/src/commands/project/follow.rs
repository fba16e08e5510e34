//! Follows the files of a project. They are looked at rather than watched: the same on every system and every kind of disk.

use super::dev::build;
use super::files::{self, Stamps};
use crate::clock::SystemClock;
use anyhow::Result;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};
use tile_base::{Clock, Error, Kind};
use tile_pipes::hub::Hub;
use tile_pipes::workspace::compile::Files;

/// The time between two looks, and how much longer than a look it is at least.
const LOOK: Duration = Duration::from_millis(30);
const LOOK_SHARE: u32 = 30;
/// A file that was written so lately may be written again within one tick of its disk's clock.
const FRESH_US: i64 = 2_000_000;

/// Builds again whenever the files differ.
pub async fn follow(hub: Arc<Hub>, folder: PathBuf, mut last: Files) {
    let (mut seen, mut pause) = (Stamps::new(), LOOK);
    loop {
        tokio::time::sleep(pause).await;
        let (looked, known) = (folder.clone(), seen.clone());
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
        let Some(now) = files.filter(|now| *now != last) else { continue };
        last.clone_from(&now);
        if let Err(e) = build(&hub, now).await {
            eprintln!("error: {}", crate::commands::describe(&e));
        }
    }
}

/// The stamps of the files, and the files when they may have changed.
fn look(folder: &std::path::Path, known: &Stamps) -> Result<(Stamps, Option<Files>)> {
    let stamps = files::stamps(folder)?;
    let now = SystemClock.now_us();
    let is_fresh = stamps.values().any(|(written, _)| {
        let written = written.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros());
        i64::try_from(written).is_ok_and(|written| written > now - FRESH_US)
    });
    let files = if is_fresh || stamps != *known { Some(files::read(folder)?) } else { None };
    Ok((stamps, files))
}

#[cfg(test)]
mod tests {
    use super::*;

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
