//! The program under test as a guarded process: started on a free port, waited for, its log kept, stopped with
//! SIGTERM, and killed when a test fails half-way.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::{http, place};

/// The key that every server under test is started with.
pub const API_KEY: &str = "secret";

const READY_SECONDS_MAX: u64 = 30;
const STOP_SECONDS_MAX: u64 = 20;

type Lines = Arc<Mutex<Vec<String>>>;

/// A running `tile serve` or `tile dev`. Dropping it kills the process; [`Server::stop`] ends it properly and returns its log.
pub struct Server {
    child: Child,
    address: SocketAddr,
    /// Where it answers ClickHouse's clients, for a `tile dev`.
    clickhouse: Option<SocketAddr>,
    fixtures: PathBuf,
    log: Lines,
    readers: Vec<JoinHandle<()>>,
    _dir: TempDir,
}

impl Server {
    /// Serves a fresh copy of the fixture tree with a fresh data folder, and returns when `/readyz` answers 200.
    pub fn start() -> Result<Self> {
        let dir = tempfile::tempdir().context("failed to create a folder for the server")?;
        let fixtures = place::fixtures_copy(dir.path())?;
        Self::start_with(dir, fixtures, &[])
    }

    /// As [`Server::start`], serving an empty folder: for tests of the process, which need no data.
    pub fn start_empty(arguments: &[&str]) -> Result<Self> {
        let dir = tempfile::tempdir().context("failed to create a folder for the server")?;
        let served = dir.path().join("served");
        std::fs::create_dir(&served).context("failed to create the served folder")?;
        Self::start_with(dir, served, arguments)
    }

    /// `tile dev` without a project and with a fresh data folder; returns when `/v0/health` answers 200.
    pub fn start_dev() -> Result<Self> {
        let dir = tempfile::tempdir().context("failed to create a folder for the server")?;
        let mut command = tile()?;
        command
            .args(["dev", "--tinybird", "--host", "127.0.0.1", "--port", "0", "--data"])
            .arg(dir.path().join("data"));
        let served = dir.path().to_path_buf();
        command.args(["--clickhouse-port", "0"]);
        let (mut server, addresses) = Self::spawn(dir, served, command, "/v0/health")?;
        // It was printed before the server answered.
        let second = addresses.recv_timeout(Duration::from_secs(READY_SECONDS_MAX));
        server.clickhouse = Some(second.context("the server printed no second address")?);
        Ok(server)
    }

    fn start_with(dir: TempDir, fixtures: PathBuf, arguments: &[&str]) -> Result<Self> {
        let mut command = serve_command(&fixtures, &dir.path().join("data"), 0)?;
        command.args(arguments);
        Self::spawn(dir, fixtures, command, "/readyz").map(|(server, _)| server)
    }

    /// Starts a server that prints its address, and waits until it answers `health` with 200.
    fn spawn(
        dir: TempDir,
        fixtures: PathBuf,
        mut command: Command,
        health: &str,
    ) -> Result<(Self, Receiver<SocketAddr>)> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("failed to start the server")?;
        let log = Lines::default();
        let (announced, addresses) = mpsc::channel();
        let stdout = child.stdout.take().context("the server has no standard output")?;
        let stderr = child.stderr.take().context("the server has no standard error")?;
        let keep = Arc::clone(&log);
        let readers = vec![
            read_lines(stdout, move |line| {
                if let Some(address) = announced_address(&line) {
                    // The receiver is gone once the first address is known.
                    announced.send(address).ok();
                }
            }),
            read_lines(stderr, move |line| keep.lock().unwrap_or_else(PoisonError::into_inner).push(line)),
        ];
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = Self { child, address, clickhouse: None, fixtures, log, readers, _dir: dir };
        server.wait_ready(&addresses, health)?;
        Ok((server, addresses))
    }

    /// `http://127.0.0.1:PORT`, without a final slash.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// As [`Server::url`], where ClickHouse's clients are answered; empty where they are not.
    pub fn clickhouse_url(&self) -> String {
        self.clickhouse.map(|address| format!("http://{address}")).unwrap_or_default()
    }

    /// The folder that is served.
    pub fn fixtures(&self) -> &Path {
        &self.fixtures
    }

    /// The lines of the log (standard error) so far.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends SIGTERM, and fails unless the process ends with code 0 and its log has no warning, error or panic.
    pub fn stop_clean(self) -> Result<()> {
        let (status, log) = self.stop()?;
        let complaints: Vec<_> = log.iter().filter(|line| is_complaint(line)).cloned().collect();
        ensure!(complaints.is_empty(), "the server's log is not clean:\n{}", complaints.join("\n"));
        ensure!(status.code() == Some(0), "after SIGTERM the server ended with {status}, expected code 0");
        Ok(())
    }

    /// Sends SIGTERM, waits, and returns how the process ended and its whole log.
    pub fn stop(mut self) -> Result<(ExitStatus, Vec<String>)> {
        terminate(&self.child)?;
        let status = wait(&mut self.child, Duration::from_secs(STOP_SECONDS_MAX))?;
        for reader in self.readers.drain(..) {
            ensure!(reader.join().is_ok(), "a reader of the server's output panicked");
        }
        Ok((status, self.log()))
    }

    fn wait_ready(&mut self, addresses: &Receiver<SocketAddr>, health: &str) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(READY_SECONDS_MAX);
        self.address = loop {
            match addresses.recv_timeout(Duration::from_millis(20)) {
                Ok(address) => break address,
                Err(_) => self.check_alive(deadline, "printed no address")?,
            }
        };
        while !matches!(http::get(self.address, health, None), Ok(answer) if answer.status == 200) {
            self.check_alive(deadline, "did not answer with 200")?;
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn check_alive(&mut self, deadline: Instant, complaint: &str) -> Result<()> {
        let log = || self.log.lock().unwrap_or_else(PoisonError::into_inner).join("\n");
        if let Some(status) = self.child.try_wait()? {
            // Lets the readers see the end of what the process wrote.
            thread::sleep(Duration::from_millis(50));
            bail!("the server ended with {status} and {complaint}; its log:\n{}", log());
        }
        ensure!(
            Instant::now() < deadline,
            "the server {complaint} within {READY_SECONDS_MAX} s; its log:\n{}",
            log()
        );
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Errors here mean that the process has ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// `tile serve SERVED --data DATA --host 127.0.0.1 --port PORT --api-key secret`, not started.
pub fn serve_command(served: &Path, data: &Path, port: u16) -> Result<Command> {
    let mut command = tile()?;
    command.arg("serve").arg(served).arg("--data").arg(data);
    command.args(["--host", "127.0.0.1", "--port", &port.to_string(), "--api-key", API_KEY]);
    Ok(command)
}

/// The built program, with no setting taken over from the environment of the test run.
pub fn tile() -> Result<Command> {
    let mut command = Command::new(place::tile_binary()?);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("TILE_") || text.starts_with("RUST_") {
            command.env_remove(&name);
        }
    }
    Ok(command)
}

/// Whether a log line is of level WARN or ERROR (text or JSON form), or reports a panic.
pub fn is_complaint(line: &str) -> bool {
    let plain = without_colour(line);
    let is_level = |word: &str| matches!(word, "WARN" | "ERROR" | "WARN:" | "ERROR:");
    let json = plain.replace("\": \"", "\":\"");
    plain.split_whitespace().take(3).any(is_level)
        || json.contains(r#""level":"WARN""#)
        || json.contains(r#""level":"ERROR""#)
        || plain.contains("panicked at")
}

/// A line without what terminals make colours of.
pub fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut inside = false;
    for character in line.chars() {
        match character {
            '\u{1b}' => inside = true,
            letter if inside => inside = !letter.is_ascii_alphabetic(),
            other => plain.push(other),
        }
    }
    plain
}

/// The address in a line that contains `http://127.0.0.1:PORT/…`, or `localhost` in its place.
fn announced_address(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("http://")?;
    rest.split(['/', ' ']).next()?.replace("localhost", "127.0.0.1").parse().ok()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a pipe of a child process needs a reader; it ends with the child"
)]
fn read_lines(
    pipe: impl Read + Send + 'static,
    mut each: impl FnMut(String) + Send + 'static,
) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut reader = BufReader::new(pipe);
        let mut line = Vec::new();
        while matches!(reader.read_until(b'\n', &mut line), Ok(count) if count > 0) {
            each(String::from_utf8_lossy(&line).trim_end().to_owned());
            line.clear();
        }
    })
}

fn terminate(child: &Child) -> Result<()> {
    let status = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    ensure!(status.context("failed to run kill")?.success(), "failed to send SIGTERM to the server");
    Ok(())
}

/// Waits for a process to end, and kills it when it takes longer than `limit`.
pub fn wait(child: &mut Child, limit: Duration) -> Result<ExitStatus> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() > deadline {
            child.kill()?;
            bail!("the process did not end within {} s", limit.as_secs());
        }
        thread::sleep(Duration::from_millis(10));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_found_by_level() {
        let complaints = [
            "2026-01-01T00:00:00Z  WARN tile_web::guard: slow",
            "\u{1b}[2m2026-01-01T00:00:00Z\u{1b}[0m \u{1b}[31mERROR\u{1b}[0m tile: failed",
            r#"{"timestamp":"…","level":"ERROR","fields":{}}"#,
            r#"{"level": "WARN"}"#,
            "thread 'main' panicked at src/main.rs:1:1:",
        ];
        assert_eq!(complaints.iter().filter(|line| !is_complaint(line)).count(), 0);
        assert!(!is_complaint("2026-01-01T00:00:00Z  INFO tile: the client sent ERROR as a name"));
    }

    #[test]
    fn an_address_is_read_from_its_line() {
        let line = "tile is serving at http://127.0.0.1:40123/?api_key=secret";
        assert_eq!(announced_address(line), Some(SocketAddr::from(([127, 0, 0, 1], 40123))));
        assert_eq!(
            announced_address("http://127.0.0.1:8000"),
            Some(SocketAddr::from(([127, 0, 0, 1], 8000)))
        );
        assert_eq!(
            announced_address("Tile listens at http://localhost:7181"),
            Some(SocketAddr::from(([127, 0, 0, 1], 7181)))
        );
        assert_eq!(announced_address("no address"), None);
    }
}
