//! `tile dev`: a server for a project, rebuilt with every change of its files.

use super::catalog::Catalog;
use super::{engines, files, ids, random};
use crate::cli::Dev;
use crate::clock::SystemClock;
use anyhow::Result;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tile_base::{Error, Kind};
use tile_pipes::api::{self, App, Guard};
use tile_pipes::hub::{DEFAULT_NAME, Hub};
use tile_pipes::workspace::Ways;
use tile_pipes::workspace::compile::Files;
use tile_pipes::writer::Writer;
use tile_web::metrics::Metrics;
use tile_web::route::{Rim, or_not_found_by, router};
use tile_web::server::{self, Limits};
use tokio::sync::watch as signal;

/// How often the files are looked at: cheaper than what a notice costs, and the same on every system.
const LOOK: Duration = Duration::from_millis(150);

pub fn dev(args: &Dev) -> Result<()> {
    server::raise_file_limit();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(512).build()?;
    let addr = SocketAddr::new(args.host, args.port);
    let listener = runtime.block_on(async { server::bind(addr) })?;
    let addr = listener.local_addr()?;
    let folder = Arc::new(engines::Folder::new(args.data.join("olap"))?);
    let hub = Arc::new(Hub::open(folder, Arc::new(SystemClock), ids(), random)?);
    let app = App {
        hub: hub.clone(),
        writer: Writer::default(),
        limits: api::Limits::default(),
        version: env!("CARGO_PKG_VERSION"),
        gives_tokens: args.tinybird,
    };
    let metrics = Arc::new(Metrics::default());
    let rim = Arc::new(Rim {
        authorizer: Arc::new(Guard(hub.clone())),
        metrics: metrics.clone(),
        // Browsers send events and read endpoints from any page; a token says what they may.
        allow_origins: vec!["*".into()],
        behind_proxy: false,
        face: api::FACE,
    });
    let catalog = Catalog::open(args, hub.clone(), metrics.clone())?;
    let service = router(api::routes(), Arc::new(app), rim.clone()).merge(catalog.router());
    let service = or_not_found_by(service, rim, catalog.prefixes());
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
        announce(addr, &hub)?;
        if let Some(folder) = args.folder.clone() {
            let first = files::read(&folder)?;
            let is_built = built_or_told(&hub, first.clone()).await?;
            tile_web::rt::spawn("files", follow(hub.clone(), folder, first, is_built));
        }
        let keeping = tile_web::rt::spawn("records", api::keep_records(hub.clone()));
        server::serve(listener, service, metrics, limits, stop_rx).await;
        keeping.abort();
        api::store_records(&hub).await;
        Ok::<_, anyhow::Error>(())
    })?;
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(())
}

fn announce(addr: SocketAddr, hub: &Hub) -> Result<()> {
    let tenant = hub.by_name(DEFAULT_NAME).ok_or_else(|| Error::internal("no workspace"))?;
    let token = hub.admin_token(&tenant.workspace.id)?;
    let host = if addr.ip().is_loopback() || addr.ip().is_unspecified() {
        "localhost".to_owned()
    } else {
        addr.ip().to_string()
    };
    crate::commands::print(&format!("Tile listens at http://{host}:{}\nAdmin token: {token}\n", addr.port()))
}

/// Makes the workspace equal to the files, and says so.
async fn build(hub: &Arc<Hub>, files: Files) -> Result<()> {
    let started = Instant::now();
    let hub = hub.clone();
    let outcome = tile_web::rt::cpu(move || {
        let tenant = hub.by_name(DEFAULT_NAME).ok_or_else(|| Error::internal("no workspace"))?;
        let outcome =
            tenant.workspace.deploy(files, Ways { may_destroy: true, is_build: true, ..Ways::default() })?;
        if outcome.faults.is_empty() {
            api::note_deployment(&tenant, &outcome);
            api::sync_tokens(&hub, &tenant)?;
        }
        Ok(outcome)
    })
    .await?;
    let mut text = String::new();
    for warning in &outcome.warnings {
        text.push_str(&format!("warning: {}:{}: {}\n", warning.file, warning.line, warning.message));
    }
    for fault in &outcome.faults {
        text.push_str(&format!("error: {}\n\n", fault.render()));
    }
    let ms = started.elapsed().as_millis();
    if !outcome.faults.is_empty() {
        text.push_str(&format!("Not built: {} faults; the last good build goes on\n", outcome.faults.len()));
    } else if let Some(id) = &outcome.id {
        text.push_str(&format!("Build {id} in {ms} ms\n"));
    } else {
        text.push_str("Nothing has changed\n");
    }
    crate::commands::print(&text)
}

/// Builds, unless a deployment in staging forbids it, which is said. Says whether it was built.
async fn built_or_told(hub: &Arc<Hub>, files: Files) -> Result<bool> {
    let Err(e) = build(hub, files).await else { return Ok(true) };
    match e.downcast_ref::<Error>() {
        Some(refused) if refused.kind == Kind::Conflict => {
            eprintln!("error: {}", crate::commands::describe(&e));
            Ok(false)
        }
        _ => Err(e),
    }
}

/// Builds again whenever the files differ, and what could not be built when nothing is in staging any more.
async fn follow(hub: Arc<Hub>, folder: PathBuf, mut last: Files, mut is_built: bool) {
    loop {
        tokio::time::sleep(LOOK).await;
        let looked = folder.clone();
        let read = tile_web::rt::cpu(move || {
            files::read(&looked).map_err(|e| Error::new(Kind::Invalid, format!("{e:#}")))
        });
        // A file can be gone between being listed and being read: the next look sees it right.
        let Ok(now) = read.await else { continue };
        let is_free = || hub.by_name(DEFAULT_NAME).is_some_and(|t| t.workspace.deployed().staging.is_none());
        if now == last && (is_built || !is_free()) {
            continue;
        }
        last.clone_from(&now);
        is_built = match built_or_told(&hub, now).await {
            Ok(is_built) => is_built,
            Err(e) => {
                eprintln!("error: {}", crate::commands::describe(&e));
                true
            }
        };
    }
}
