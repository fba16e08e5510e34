//! `tile doctor`: what would keep the server from working here, and what it would do.

use crate::cli::DataDir;
use crate::config::Config;
use anyhow::Result;
use std::fmt::Write;
use std::net::SocketAddr;

pub fn run(args: &DataDir) -> Result<()> {
    let mut out = String::new();
    let mut bad = 0;
    let mut line = |ok: bool, what: &str, about: String| {
        bad += u32::from(!ok);
        let _ = writeln!(out, "{} {what}: {about}", if ok { "ok  " } else { "FAIL" });
    };
    let config = Config::load(args.config.as_deref());
    match &config {
        Ok(_) => line(
            true,
            "configuration",
            args.config.as_ref().map_or_else(|| "tile.toml or defaults".into(), |p| p.display().to_string()),
        ),
        Err(e) => line(false, "configuration", e.detail()),
    }
    let server = config.unwrap_or_default().server;
    let addr = SocketAddr::new(server.host, server.port);
    match std::net::TcpListener::bind(addr) {
        Ok(_) => line(true, "port", format!("{addr} is free")),
        Err(e) => line(false, "port", format!("{addr}: {e}")),
    }
    let writable = if args.data.exists() {
        tile_meta::Catalog::open(&args.data.join("meta.sqlite"))
            .and_then(|c| c.len())
            .map(|n| format!("{} holds {n} nodes", args.data.display()))
    } else {
        Ok(format!("{} will be made", args.data.display()))
    };
    match writable {
        Ok(about) => line(true, "data folder", about),
        Err(e) => line(false, "data folder", e.detail()),
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    line(true, "processors", cores.to_string());
    super::print(&out)?;
    if bad > 0 {
        Err(tile_base::Error::invalid(format!("{bad} of the checks failed")).into())
    } else {
        Ok(())
    }
}
