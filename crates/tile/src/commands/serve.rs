//! `tile serve` and `tile demo`: wiring, start, graceful stop.

use super::register::{absolute, open_catalog, walk};
use super::{reference, watch};
use crate::cli::{Serve, Serving};
use crate::clock::SystemClock;
use crate::config::{self, Config};
use crate::guard::SingleUser;
use anyhow::Result;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tile_access::api::{self, App};
use tile_access::tree::Tree;
use tile_base::{Error, Kind};
use tile_web::metrics::Metrics;
use tile_web::route::Rim;
use tile_web::server::{self, Limits};
use tokio::sync::watch as signal;

pub fn serve(args: Serve) -> Result<()> {
    let mut paths = args.paths;
    if paths.is_empty() {
        let data = PathBuf::from("data");
        paths.push(if data.is_dir() { data } else { PathBuf::from(".") });
    }
    run(&args.serving, &paths, args.watch)
}

pub fn demo(mut args: Serving) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("tile-demo-{}", std::process::id()));
    tile_access::demo::write(&folder.join("data"))?;
    if args.data.data == Path::new(".tile") {
        args.data.data = folder.join("catalog");
    }
    let result = run(&args, &[folder.join("data")], false);
    std::fs::remove_dir_all(&folder)?;
    result
}

fn settings(args: &Serving) -> Result<Config> {
    let mut config = Config::load(args.data.config.as_deref())?;
    let s = &mut config.server;
    s.host = args.host.unwrap_or(s.host);
    s.port = args.port.unwrap_or(s.port);
    s.public |= args.public;
    if let Some(key) = &args.api_key {
        config::check_key(key)?;
        s.api_key = Some(key.clone());
    }
    Ok(config)
}

fn new_key() -> Result<String> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|e| Error::internal(format!("no randomness: {e}")))?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

fn run(args: &Serving, paths: &[PathBuf], watching: bool) -> Result<()> {
    server::raise_file_limit();
    let config = settings(args)?;
    // Bind first: a port that is taken is told before any work is done.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(512).build()?;
    let addr = SocketAddr::new(config.server.host, config.server.port);
    let listener = runtime.block_on(async { server::bind(addr) }).map_err(|e| explain_port(e, addr))?;
    let addr = listener.local_addr()?;
    let catalog = Arc::new(open_catalog(&args.data.data)?);
    let summary = walk(&catalog, &config, paths)?;
    let key = config.server.api_key.clone().map_or_else(new_key, Ok)?;
    let metrics = Arc::new(Metrics::default());
    let tree = Arc::new(Tree::new(catalog.clone(), Arc::new(config.access.clone())));
    let app = Arc::new(App {
        tree,
        roots: absolute(paths)?,
        version: env!("CARGO_PKG_VERSION"),
        public: config.server.public,
        metrics: metrics.clone(),
        clock: Arc::new(SystemClock),
        openapi: reference::openapi_of_access()?.into(),
    });
    let rim = Rim {
        authorizer: Arc::new(SingleUser::new(key.clone(), config.server.public)),
        metrics: metrics.clone(),
        allow_origins: config.server.allow_origins.clone(),
        behind_proxy: config.server.behind_proxy,
        face: tile_web::route::Face::default(),
    };
    let rim = Arc::new(rim);
    let router = tile_web::route::router(api::routes(), app, rim.clone());
    let router = tile_web::route::or_not_found(router, rim);
    let limits = Limits {
        connections_max: config.server.connections_max,
        head_timeout: Duration::from_secs(config.server.head_timeout_s),
        drain_timeout: Duration::from_secs(config.server.drain_timeout_s),
    };
    runtime.block_on(async move {
        let _watcher = if watching { Some(watch::start(catalog, config.clone(), paths)?) } else { None };
        let (stop_tx, stop_rx) = signal::channel(false);
        tile_web::rt::spawn("signals", async move {
            wait_for_signal().await;
            tracing::info!("stopping");
            let _ = stop_tx.send(true);
            // A second signal means now.
            wait_for_signal().await;
            std::process::exit(130);
        });
        announce(addr, &key, config.server.public, summary.nodes, summary.damaged)?;
        server::serve(listener, router, metrics, limits, stop_rx).await;
        Ok::<_, anyhow::Error>(())
    })?;
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(())
}

/// One line to click on.
fn announce(addr: SocketAddr, key: &str, public: bool, nodes: u64, damaged: u64) -> Result<()> {
    let host = match addr.ip() {
        ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
        IpAddr::V6(ip) => format!("[{ip}]"),
        ip @ IpAddr::V4(_) => ip.to_string(),
    };
    let tail = if public { String::new() } else { format!("?api_key={key}") };
    let note = if damaged > 0 { format!(" ({damaged} could not be read)") } else { String::new() };
    super::print(&format!("Tile serves {nodes} nodes{note} at http://{host}:{}/{tail}\n", addr.port()))
}

/// Says who holds a port, where the system tells.
fn explain_port(e: Error, addr: SocketAddr) -> Error {
    if e.kind != Kind::Conflict {
        return e;
    }
    let holder = holder_of(addr.port()).map_or_else(String::new, |h| format!(" by {h}"));
    Error::new(Kind::Conflict, format!("port {} is taken{holder}", addr.port()))
        .hint("Choose another with --port, or --port 0 for any free one")
}

/// The process that listens on a port, from the kernel's tables.
fn holder_of(port: u16) -> Option<String> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|t| std::fs::read_to_string(t).ok())
        .collect::<String>();
    let wanted = format!(":{port:04X}");
    let inode = tables.lines().find_map(|l| {
        let fields: Vec<&str> = l.split_whitespace().collect();
        (fields.get(3) == Some(&"0A") && fields.get(1)?.ends_with(&wanted))
            .then(|| fields.get(9).map(|s| (*s).to_owned()))
            .flatten()
    })?;
    let socket = format!("socket:[{inode}]");
    for process in std::fs::read_dir("/proc").ok()?.flatten() {
        let Ok(files) = std::fs::read_dir(process.path().join("fd")) else { continue };
        if files.flatten().any(|f| std::fs::read_link(f.path()).is_ok_and(|l| l.to_string_lossy() == socket))
        {
            let name = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some(format!("`{}` (process {})", name.trim(), process.file_name().to_string_lossy()));
        }
    }
    None
}

pub async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
}
