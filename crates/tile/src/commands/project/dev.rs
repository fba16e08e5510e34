//! `tile dev`: a server for a project, rebuilt with every change of its files.

use super::catalog::{Catalog, Data};
use super::features::Features;
use super::follow::{Project, follow};
use super::local::{self, Apis};
use super::workshop::{Elsewhere, OfFeatures};
use super::{engines, files};
use crate::cli::{ClickhousePort, Dev};
use anyhow::Result;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tile_objects::{Settings, Store};
use tile_web::metrics::Metrics;
use tile_web::route::or_not_found_by;
use tile_web::server::{self, Limits};
use tokio::sync::watch as signal;

/// Where scripts on this machine find the token.
const TOKEN_FILE: &str = "admin-token";

const LIMITS: Limits = Limits {
    connections_max: 4096,
    head_timeout: Duration::from_secs(20),
    drain_timeout: Duration::from_secs(10),
};

pub fn dev(args: &Dev) -> Result<()> {
    server::raise_file_limit();
    // Before anything is made or told: a folder that is not there is a slip of the hand.
    if let Some(folder) = &args.folder {
        files::read(folder)?;
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(512).build()?;
    let addr = SocketAddr::new(args.host, args.port);
    let listener = runtime.block_on(async { server::bind(addr) })?;
    let addr = listener.local_addr()?;
    let data = Data::open(args.folder.as_deref(), &args.data)?;
    let elsewhere = Arc::new(Elsewhere::new(data.as_tables()));
    let databases = engines::Folder::new(args.data.join("olap"), elsewhere.clone())?;
    let hub = local::hub(Arc::new(databases))?;
    let metrics = Arc::new(Metrics::default());
    let apis = Apis::new(&hub, &metrics, Arc::new(objects(args)?), args.tinybird);
    let (routes, rim) = apis.own();
    let features = Features::open(&hub, &metrics, &args.data, data.as_tables(), args.public_features)?;
    let mounted = features.mount(&hub)?;
    let functions = features.function(runtime.handle().clone());
    elsewhere.serve(Some(OfFeatures { tables: mounted.clone(), functions }));
    let catalog = Catalog::new(data, hub.clone(), mounted, metrics.clone())?;
    let prefixes = [catalog.prefixes(), features.prefixes()].concat();
    let own = or_not_found_by(routes.merge(catalog.router()).merge(features.router()), rim, prefixes);
    let clickhouse = clickhouse(args, addr, &runtime)?;
    runtime.block_on(async move {
        let _watcher = catalog.watch()?;
        let stop_rx = stopping();
        let token = local::token(&hub)?;
        keep(&args.data.join(TOKEN_FILE), &token)?;
        announce(addr, &token)?;
        if let Some(listener) = &clickhouse {
            announce_clickhouse(addr, listener.local_addr()?)?;
        }
        tile_web::rt::spawn("scheduler", tile_pipes::scheduler::run(apis.app().clone()));
        if let Some(folder) = args.folder.clone() {
            let client = local::client(&hub, own.clone())?;
            let project = Project { hub: hub.clone(), client, folder };
            let first = files::read(&project.folder)?;
            let is_built = project.built_or_told(first.clone()).await?;
            features.start(project.folder.clone(), project.client.clone()).await?;
            tile_web::rt::spawn("files", follow(project, first, is_built));
        }
        let beside = async {
            if let Some(listener) = clickhouse {
                server::serve(listener, apis.clickhouse(), metrics.clone(), LIMITS, stop_rx.clone()).await;
            }
        };
        let keeping = tile_web::rt::spawn("records", tile_pipes::api::keep_records(hub.clone()));
        tokio::join!(server::serve(listener, own, metrics.clone(), LIMITS, stop_rx.clone()), beside);
        features.stop().await;
        elsewhere.serve(None);
        keeping.abort();
        tile_pipes::api::store_records(&hub).await;
        Ok::<_, anyhow::Error>(())
    })?;
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(())
}

/// Becomes true with the first signal to stop. The second one ends the process at once.
fn stopping() -> signal::Receiver<bool> {
    let (stop_tx, stop_rx) = signal::channel(false);
    tile_web::rt::spawn("signals", async move {
        crate::commands::serve::wait_for_signal().await;
        let _ = stop_tx.send(true);
        crate::commands::serve::wait_for_signal().await;
        std::process::exit(130);
    });
    stop_rx
}

/// Files elsewhere, and those that the data folder keeps.
fn objects(args: &Dev) -> Result<Store> {
    let temporary = args.data.join("temporary");
    std::fs::create_dir_all(&temporary)?;
    let roots = match &args.ca_certificates {
        Some(path) => Some(std::fs::read(path).map_err(|e| super::denied(path, &e))?),
        None => None,
    };
    let folder = args.data.join("files");
    let is_open = args.allow_private_addresses;
    Ok(Store::new(Settings { is_open, roots, folder, temporary }, Arc::new(crate::clock::SystemClock))?)
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

/// Where ClickHouse's clients are listened to. Only a port that was asked for has to be free.
fn clickhouse(
    args: &Dev,
    addr: SocketAddr,
    runtime: &tokio::runtime::Runtime,
) -> Result<Option<tokio::net::TcpListener>> {
    let next = if args.port == 0 { Some(0) } else { addr.port().checked_add(1) };
    let port = match args.clickhouse_port {
        Some(ClickhousePort::None) => return Ok(None),
        Some(ClickhousePort::At(port)) => Some(port),
        None => next,
    };
    let Some(port) = port else { return Ok(None) };
    match runtime.block_on(async { server::bind(SocketAddr::new(args.host, port)) }) {
        Ok(listener) => Ok(Some(listener)),
        Err(e) if args.clickhouse_port.is_none() => {
            eprintln!("warning: ClickHouse's clients are not served, port {port} is not free: {e:#}");
            Ok(None)
        }
        Err(e) => Err(e.into()),
    }
}

fn announce(addr: SocketAddr, token: &str) -> Result<()> {
    let host = host(addr);
    crate::commands::print(&format!("Tile listens at http://{host}:{}\nAdmin token: {token}\n", addr.port()))
}

/// A port that is not the next one is told.
fn announce_clickhouse(addr: SocketAddr, clickhouse: SocketAddr) -> Result<()> {
    if addr.port().checked_add(1) == Some(clickhouse.port()) {
        return Ok(());
    }
    crate::commands::print(&format!(
        "ClickHouse's clients find it at http://{}:{}\n",
        host(addr),
        clickhouse.port()
    ))
}

/// What people call this address.
fn host(addr: SocketAddr) -> String {
    if addr.ip().is_loopback() || addr.ip().is_unspecified() {
        "localhost".to_owned()
    } else {
        addr.ip().to_string()
    }
}
