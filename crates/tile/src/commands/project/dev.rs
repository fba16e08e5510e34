//! `tile dev`: a server for a project, rebuilt with every change of its files.

use super::{engines, files, fixtures, local};
use crate::cli::Dev;
use anyhow::Result;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tile_base::{Error, Kind};
use tile_pipes::hub::Hub;
use tile_pipes::workspace::compile::Files;
use tile_web::Client;
use tile_web::metrics::Metrics;
use tile_web::server::{self, Limits};
use tokio::sync::watch as signal;

/// How often the files are looked at: cheaper than what a notice costs, and the same on every system.
const LOOK: Duration = Duration::from_millis(150);

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
    let service = local::service(&hub, &metrics, args.tinybird);
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
        let token = local::token(&hub)?;
        keep(&args.data.join(TOKEN_FILE), &token)?;
        announce(addr, &token)?;
        if let Some(folder) = args.folder.clone() {
            let client = local::client(&hub, service.clone())?;
            let project = Project { hub, client, folder };
            let first = files::read(&project.folder)?;
            project.build(first.clone()).await?;
            tile_web::rt::spawn("files", follow(project, first));
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

/// A folder of files and the server that it is built on.
struct Project {
    hub: Arc<Hub>,
    client: Client,
    folder: PathBuf,
}

impl Project {
    /// Makes the workspace equal to the files, fills what is empty from the fixtures, and says so.
    async fn build(&self, files: Files) -> Result<()> {
        let started = Instant::now();
        local::secrets(&self.hub, &self.folder)?;
        let sources = fixtures::of(&self.folder, &files);
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
}

/// Builds again whenever the files differ.
async fn follow(project: Project, mut last: Files) {
    loop {
        tokio::time::sleep(LOOK).await;
        let looked = project.folder.clone();
        let read = tile_web::rt::cpu(move || {
            files::read(&looked).map_err(|e| Error::new(Kind::Invalid, format!("{e:#}")))
        });
        // A file can be gone between being listed and being read: the next look sees it right.
        let Ok(now) = read.await else { continue };
        if now != last {
            last.clone_from(&now);
            if let Err(e) = project.build(now).await {
                eprintln!("error: {}", crate::commands::describe(&e));
            }
        }
    }
}
