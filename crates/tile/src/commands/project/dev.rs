//! `tile dev`: a server for a project, rebuilt with every change of its files.

use super::catalog::Catalog;
use super::follow::{Project, follow};
use super::{engines, files, local};
use crate::cli::Dev;
use anyhow::Result;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tile_web::metrics::Metrics;
use tile_web::route::or_not_found_by;
use tile_web::server::{self, Limits};
use tokio::sync::watch as signal;

/// Where scripts on this machine find the token.
const TOKEN_FILE: &str = "admin-token";

pub fn dev(args: &Dev) -> Result<()> {
    server::raise_file_limit();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(512).build()?;
    let addr = SocketAddr::new(args.host, args.port);
    let listener = runtime.block_on(async { server::bind(addr) })?;
    let addr = listener.local_addr()?;
    let hub = local::hub(Arc::new(engines::Folder::new(args.data.join("olap"))?))?;
    let metrics = Arc::new(Metrics::default());
    let (routes, rim) = local::routes(&hub, &metrics, args.tinybird);
    let catalog = Catalog::open(args, hub.clone(), metrics.clone())?;
    let service = or_not_found_by(routes.merge(catalog.router()), rim, catalog.prefixes());
    let limits = Limits {
        connections_max: 4096,
        head_timeout: Duration::from_secs(20),
        drain_timeout: Duration::from_secs(10),
    };
    runtime.block_on(async move {
        let _watcher = catalog.watch()?;
        let (stop_tx, stop_rx) = signal::channel(false);
        tile_web::rt::spawn("signals", async move {
            crate::commands::serve::wait_for_signal().await;
            let _ = stop_tx.send(true);
            crate::commands::serve::wait_for_signal().await;
            std::process::exit(130);
        });
        let token = local::token(&hub)?;
        keep(&args.data.join(TOKEN_FILE), &token)?;
        announce(addr, &token)?;
        if let Some(folder) = args.folder.clone() {
            let client = local::client(&hub, service.clone())?;
            let project = Project { hub, client, folder };
            let first = files::read(&project.folder)?;
            let is_built = project.built_or_told(first.clone()).await?;
            tile_web::rt::spawn("files", follow(project, first, is_built));
        }
        server::serve(listener, service, metrics, limits, stop_rx).await;
        Ok::<_, anyhow::Error>(())
    })?;
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(())
}

/// Writes a secret so that only this user can read it.
fn keep(path: &Path, secret: &str) -> Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.into()),
        _ => {}
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    Ok(file.write_all(secret.as_bytes())?)
}

fn announce(addr: SocketAddr, token: &str) -> Result<()> {
    let host = if addr.ip().is_loopback() || addr.ip().is_unspecified() {
        "localhost".to_owned()
    } else {
        addr.ip().to_string()
    };
    crate::commands::print(&format!("Tile listens at http://{host}:{}\nAdmin token: {token}\n", addr.port()))
}
