//! `tile dev`: a server for a project, rebuilt with every change of its files.

use super::{engines, files, ids, random};
use crate::cli::{ClickhousePort, Dev};
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
use tile_web::route::{Rim, or_not_found, router};
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
    let app = Arc::new(app);
    let clickhouse = clickhouse(args, addr, &runtime)?;
    let service = |routes, face| {
        let rim = Arc::new(Rim {
            authorizer: Arc::new(Guard(hub.clone())),
            metrics: metrics.clone(),
            // Browsers send events and read endpoints from any page; a token says what they may.
            allow_origins: vec!["*".into()],
            behind_proxy: false,
            face,
        });
        or_not_found(router(routes, app.clone(), rim.clone()), rim)
    };
    let (own, other) =
        (service(api::routes(), api::FACE), service(api::clickhouse::routes(), api::clickhouse::FACE));
    let limits = Limits {
        connections_max: 4096,
        head_timeout: Duration::from_secs(20),
        drain_timeout: Duration::from_secs(10),
    };
    runtime.block_on(async move {
        let (stop_tx, stop_rx) = signal::channel(false);
        tile_web::rt::spawn("signals", async move {
            crate::commands::serve::wait_for_signal().await;
            let _ = stop_tx.send(true);
            crate::commands::serve::wait_for_signal().await;
            std::process::exit(130);
        });
        announce(addr, &hub)?;
        if let Some(listener) = &clickhouse {
            announce_clickhouse(addr, listener.local_addr()?)?;
        }
        if let Some(folder) = args.folder.clone() {
            let first = files::read(&folder)?;
            build(&hub, first.clone()).await?;
            tile_web::rt::spawn("files", follow(hub.clone(), folder, first));
        }
        let beside = async {
            if let Some(listener) = clickhouse {
                server::serve(listener, other, metrics.clone(), limits, stop_rx.clone()).await;
            }
        };
        tokio::join!(server::serve(listener, own, metrics.clone(), limits, stop_rx.clone()), beside);
        Ok::<_, anyhow::Error>(())
    })?;
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(())
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

fn announce(addr: SocketAddr, hub: &Hub) -> Result<()> {
    let tenant = hub.by_name(DEFAULT_NAME).ok_or_else(|| Error::internal("no workspace"))?;
    let token = hub.admin_token(&tenant.workspace.id)?;
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

/// Makes the workspace equal to the files, and says so.
async fn build(hub: &Arc<Hub>, files: Files) -> Result<()> {
    let started = Instant::now();
    let hub = hub.clone();
    let outcome = tile_web::rt::cpu(move || {
        let tenant = hub.by_name(DEFAULT_NAME).ok_or_else(|| Error::internal("no workspace"))?;
        let outcome = tenant.workspace.deploy(files, Ways { is_check: false, may_destroy: true })?;
        if outcome.faults.is_empty() {
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

/// Builds again whenever the files differ.
async fn follow(hub: Arc<Hub>, folder: PathBuf, mut last: Files) {
    loop {
        tokio::time::sleep(LOOK).await;
        let looked = folder.clone();
        let read = tile_web::rt::cpu(move || {
            files::read(&looked).map_err(|e| Error::new(Kind::Invalid, format!("{e:#}")))
        });
        // A file can be gone between being listed and being read: the next look sees it right.
        let Ok(now) = read.await else { continue };
        if now != last {
            last.clone_from(&now);
            if let Err(e) = build(&hub, now).await {
                eprintln!("error: {}", crate::commands::describe(&e));
            }
        }
    }
}
