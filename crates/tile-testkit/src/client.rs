//! The foreign clients that talk to the program under test: pytest with the Python packages, and a browser.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::server::{API_KEY, Server};
use crate::{http, place};

/// Runs `pytest tests/clients` against the server; its output goes to this process's.
pub fn pytest(server: &Server) -> Result<()> {
    let status = Command::new(place::python()?)
        .args(["-m", "pytest", "tests/clients", "-q", "-p", "no:cacheprovider", "--color=no"])
        .current_dir(place::repo())
        .env("TILE_URL", server.url())
        .env("TILE_API_KEY", API_KEY)
        .env("TILE_FIXTURES", server.fixtures())
        .env("TILE_BIN", place::tile_binary()?)
        // Keeps the clone free of compiled Python.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .status()
        .context("failed to run pytest")?;
    ensure!(status.success(), "pytest ended with {status}");
    Ok(())
}

/// Runs `pytest tests/pipes/clients` against a `tile dev`; its output goes to this process's.
pub fn pytest_pipes(server: &Server) -> Result<()> {
    let python = place::pipes_python()?;
    let status = Command::new(&python)
        .args(["-m", "pytest", "tests/pipes/clients", "-q", "-p", "no:cacheprovider", "--color=no"])
        // The command takes half a second to start: as many at once as there are processors.
        .args(["-n", "auto", "--dist", "loadfile"])
        .current_dir(place::repo())
        .env("TILE_URL", server.url())
        .env("TILE_NODE_PACKAGES", place::node_packages()?)
        .env("TILE_CLICKHOUSE_URL", server.clickhouse_url())
        .env("TILE_TB", python.with_file_name("tb"))
        .env("TILE_TB_CLASSIC", place::classic_python()?.with_file_name("tb"))
        .env("TILE_BIN", place::tile_binary()?)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .status()
        .context("failed to run pytest")?;
    ensure!(status.success(), "pytest ended with {status}");
    Ok(())
}

/// Asks a foreign package whether the answers beside `tests/pipes/<script>` are still its own.
pub fn verify_pipes(python: &Path, script: &str) -> Result<()> {
    let status = Command::new(python)
        .args([&format!("tests/pipes/{script}"), "--verify"])
        .current_dir(place::repo())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .status()
        .with_context(|| format!("failed to run {script}"))?;
    ensure!(status.success(), "{script} ended with {status}");
    Ok(())
}

/// Runs `tests/clicksql/run.py` against the program, beside ClickHouse; ClickHouse's answers are kept in the cache folder.
pub fn differential(arguments: &[&str]) -> Result<()> {
    let status = Command::new(place::python()?)
        .arg("tests/clicksql/run.py")
        .arg("--tile")
        .arg(place::tile_binary()?)
        .args(arguments)
        .current_dir(place::repo())
        .env("CLICKSQL_CACHE", place::cache().join("clicksql"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .status()
        .context("failed to run the comparison with ClickHouse")?;
    ensure!(status.success(), "the comparison with ClickHouse ended with {status}");
    Ok(())
}

/// Runs a script of the repository that starts the program itself.
pub fn script(path: &str, arguments: &[&str]) -> Result<()> {
    let status = Command::new(place::python()?)
        .arg(path)
        .arg("--tile")
        .arg(place::tile_binary()?)
        .args(arguments)
        .current_dir(place::repo())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .status()
        .with_context(|| format!("failed to run `{path}`"))?;
    ensure!(status.success(), "`{path}` ended with {status}");
    Ok(())
}

/// Walks the pages in a real browser (`tests/browser/check.mjs`), with screenshots beside the build output.
pub fn browser(server: &Server) -> Result<()> {
    let shots = place::artefacts("screenshots")?;
    let status = Command::new("node")
        .arg(place::repo().join("tests/browser/check.mjs"))
        .env("TILE_URL", server.url())
        .env("TILE_API_KEY", API_KEY)
        .env("TILE_SCREENSHOTS", &shots)
        .env("TILE_NODE_PACKAGES", place::node_packages()?)
        .env("TILE_CHROMIUM", place::chromium()?)
        .status()
        .context("failed to run node")?;
    ensure!(status.success(), "the browser check ended with {status}; see `{}`", shots.display());
    Ok(())
}

/// Fails unless the server answers `GET target` with `status`.
pub fn expect_status(server: &Server, target: &str, api_key: Option<&str>, status: u16) -> Result<()> {
    let answer = http::get(server.address(), target, api_key)?;
    ensure!(
        answer.status == status,
        "expected {status} from `{target}`, found {}: {:.300}",
        answer.status,
        answer.raw
    );
    Ok(())
}
