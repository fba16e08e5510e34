//! Watching folders: changes are gathered for a moment, then the walk runs again.

use super::register::absolute;
use crate::config::Config;
use anyhow::Result;
use notify::{RecursiveMode, Watcher};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tile_access::config::AccessConfig;
use tile_access::registration::{self, Progress, Summary};
use tile_base::Error;
use tile_meta::Catalog;
use tokio::sync::mpsc;

/// Changes that come together are one walk.
const QUIET: Duration = Duration::from_millis(300);

/// Starts watching. The watcher lives as long as the returned value.
pub fn start(catalog: Arc<Catalog>, config: Config, paths: &[PathBuf]) -> Result<notify::RecommendedWatcher> {
    start_with(catalog, config, paths, registration::register)
}

/// What brings the catalog to what is on disk.
type Register = fn(&Catalog, &AccessConfig, &[PathBuf], Progress<'_>) -> tile_base::Result<Summary>;

/// As [`start`], with the walk that is wanted.
pub fn start_with(
    catalog: Arc<Catalog>,
    config: Config,
    paths: &[PathBuf],
    register: Register,
) -> Result<notify::RecommendedWatcher> {
    let paths = absolute(paths)?;
    let (tx, mut rx) = mpsc::channel::<()>(1);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let relevant = event.map_or(true, |e| !matches!(e.kind, notify::EventKind::Access(_)));
        if relevant {
            // A full channel means that a walk is due anyway.
            let _ = tx.try_send(());
        }
    })
    .map_err(|e| Error::internal("cannot watch files").source(e))?;
    for path in &paths {
        watcher
            .watch(path, RecursiveMode::Recursive)
            .map_err(|e| Error::internal(format!("cannot watch `{}`", path.display())).source(e))?;
    }
    tile_web::rt::spawn("watch", async move {
        while rx.recv().await.is_some() {
            tokio::time::sleep(QUIET).await;
            let _ = rx.try_recv();
            let (catalog, config, paths) = (catalog.clone(), config.clone(), paths.clone());
            let walked =
                tile_web::rt::cpu(move || register(&catalog, &config.access, &paths, &|_, _| {})).await;
            match walked {
                Ok(s) if s.described + s.removed > 0 => {
                    tracing::info!("{} nodes described, {} removed", s.described, s.removed);
                }
                Ok(_) => {}
                Err(e) => tracing::error!(error = %e, "the walk failed"),
            }
        }
    });
    Ok(watcher)
}
