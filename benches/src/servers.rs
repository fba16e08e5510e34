//! The processes under test: how each is started, when it is ready, and how it is stopped again.
//! A `Server` stops its own process, by its id, when it is dropped.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::http::{self, API_KEY};

const PATIENCE: Duration = Duration::from_secs(120);
const GRACE: Duration = Duration::from_secs(10);

pub struct Server {
    pub name: &'static str,
    pub address: SocketAddr,
    /// From the start of the process to its first 200.
    pub ready_after: Duration,
    child: Child,
    log: PathBuf,
}

impl Server {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The address in front of paths, as links show it.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All that it wrote so far.
    pub fn log(&self) -> Result<String> {
        Ok(fs::read_to_string(&self.log)?)
    }

    /// The last lines of its log, for an error message.
    pub fn last_words(&self) -> String {
        tail(&self.log)
    }

    /// Waits until `target` answers 200.
    pub fn wait_for(&self, target: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let status =
                http::fetch(self.address, target, "application/json").map(|(answer, _)| answer.status);
            match status {
                Ok(200) => return Ok(()),
                _ if Instant::now() < deadline => sleep(Duration::from_millis(20)),
                Ok(status) => bail!("{} still answers {status} to `{target}`", self.name),
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A failure here means that the process is gone already; the wait below settles it.
        let _ = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status();
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline {
            match self.child.try_wait() {
                Ok(None) => sleep(Duration::from_millis(5)),
                Ok(Some(_)) | Err(_) => return,
            }
        }
        eprintln!("{} did not stop within {} s of SIGTERM: killed", self.name, GRACE.as_secs());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What starts servers: where the programs are, and a folder for configurations and logs.
pub struct Launcher {
    pub tile: PathBuf,
    pub venv: PathBuf,
    pub run: PathBuf,
}

impl Launcher {
    /// `tile serve` of `folder`, with its own state in `data`.
    pub fn tile(&self, folder: &Path, data: &Path) -> Result<Server> {
        let address = free_address()?;
        let mut command = Command::new(&self.tile);
        command.arg("serve").arg(folder).arg("--data").arg(data).args(["--host", "127.0.0.1", "--port"]);
        command.arg(address.port().to_string()).args(["--api-key", API_KEY]);
        self.start("tile", command, address, "/readyz")
    }

    /// `tile dev` of a project, with its own state in `data`. It answers when the project is built.
    pub fn dev(&self, project: &Path, data: &Path) -> Result<Server> {
        let address = free_address()?;
        let mut command = Command::new(&self.tile);
        command.arg("dev").arg(project).arg("--data").arg(data).args(["--host", "127.0.0.1", "--port"]);
        command.arg(address.port().to_string());
        self.start("tile-dev", command, address, "/v0/health")
    }

    /// `tiled serve config` of the SQLite catalog at `catalog`, which may read below `folder`.
    pub fn tiled(&self, folder: &Path, catalog: &Path) -> Result<Server> {
        let address = free_address()?;
        let config = self.run.join(format!("tiled-{}.yml", address.port()));
        let (folder, catalog) = (folder.display(), catalog.display());
        let text = format!(
            "trees:\n  - path: /\n    tree: catalog\n    args:\n      uri: \"sqlite:///{catalog}\"\n      \
             readable_storage: [\"{folder}\"]\n      init_if_not_exists: true\n\
             authentication:\n  single_user_api_key: {API_KEY}\n"
        );
        fs::write(&config, text)?;
        let mut command = Command::new(self.venv.join("bin/tiled"));
        command.args(["serve", "config"]).arg(config).args(["--host", "127.0.0.1", "--port"]);
        command.arg(address.port().to_string());
        self.start("tiled", command, address, "/healthz")
    }

    /// nginx with one worker, sending the files of `folder` as they are: how fast bytes can leave this machine.
    pub fn nginx(&self, folder: &Path) -> Result<Server> {
        let address = free_address()?;
        let home = self.run.join("nginx");
        fs::create_dir_all(&home)?;
        let (home, folder) = (home.display().to_string(), folder.display());
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("  {kind}_temp_path {home}/{kind};\n"))
            .concat();
        let text = format!(
            "daemon off;\nmaster_process off;\npid {home}/pid;\nerror_log {home}/error.log;\nevents {{}}\nhttp {{\n\
             {temporary}  access_log off;\n  sendfile on;\n  tcp_nopush on;\n  keepalive_requests 1000000;\n  \
             server {{\n    listen {address};\n    root {folder};\n    location = /ready {{ return 200; }}\n  }}\n}}\n"
        );
        let config = self.run.join("nginx.conf");
        fs::write(&config, text)?;
        let mut command = Command::new("nginx");
        command.arg("-p").arg(&home).arg("-e").arg(format!("{home}/error.log")).arg("-c").arg(config);
        command.env("PATH", search_path());
        self.start("nginx", command, address, "/ready")
    }

    fn start(
        &self,
        name: &'static str,
        mut command: Command,
        address: SocketAddr,
        ready: &str,
    ) -> Result<Server> {
        let log = self.run.join(format!("{name}-{}.log", address.port()));
        let file = File::create(&log)?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).current_dir(&self.run);
        let start = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("failed to start `{}`", command.get_program().display()))?;
        let mut server = Server { name, address, ready_after: Duration::ZERO, child, log };
        loop {
            if matches!(http::fetch(address, ready, "*/*"), Ok((answer, _)) if answer.status == 200) {
                server.ready_after = start.elapsed();
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("{name} ended with {status}:\n{}", server.last_words());
            }
            if start.elapsed() > PATIENCE {
                bail!("{name} is not ready after {} s:\n{}", PATIENCE.as_secs(), server.last_words());
            }
            // Precise to a hundredth, and no burden for a server that takes seconds.
            sleep((start.elapsed() / 100).clamp(Duration::from_millis(1), Duration::from_millis(20)));
        }
    }
}

/// nginx lies in `sbin`, which is not on every user's search path.
fn search_path() -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{path}:/usr/local/sbin:/usr/sbin:/sbin")
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

fn tail(log: &Path) -> String {
    let text = fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines.iter().skip(lines.len().saturating_sub(20)).map(|line| format!("  {line}\n")).collect()
}
