//! The foreign clients that talk to the program under test: pytest with the Python packages, and a browser.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::server::{API_KEY, Server};
use crate::{http, place};

/// Runs `pytest tests/clients` against the server; its output goes to this process's.
pub fn pytest(server: &Server) -> Result<()> {
    let mut command = Command::new(place::python()?);
    command
        .args(["-m", "pytest", "tests/clients", "-q", "-p", "no:cacheprovider", "--color=no"])
        .env("TILE_URL", server.url())
        .env("TILE_API_KEY", API_KEY)
        .env("TILE_FIXTURES", server.fixtures())
        .env("TILE_BIN", place::tile_binary()?);
    done(&mut command, "pytest")
}

/// Runs `pytest tests/pipes/clients` against a `tile dev`; its output goes to this process's.
pub fn pytest_pipes(server: &Server) -> Result<()> {
    let python = place::pipes_python()?;
    let mut command = Command::new(&python);
    command
        .args(["-m", "pytest", "tests/pipes/clients", "-q", "-p", "no:cacheprovider", "--color=no"])
        // The command takes half a second to start: as many at once as there are processors.
        .args(["-n", "auto", "--dist", "loadfile"])
        .env("TILE_URL", server.url())
        .env("TILE_NODE_PACKAGES", place::node_packages()?)
        .env("TILE_CLICKHOUSE_URL", server.clickhouse_url())
        .env("TILE_TB", python.with_file_name("tb"))
        .env("TILE_TB_CLASSIC", place::classic_python()?.with_file_name("tb"))
        .env("TILE_BIN", place::tile_binary()?);
    done(&mut command, "pytest")
}

/// Runs checks of training data against the program, and of the SQL of expressions against its engine. They need `pyarrow` and `duckdb`.
pub fn pytest_training() -> Result<()> {
    let mut command = Command::new(place::pipes_python()?);
    command
        .args([
            "-m",
            "pytest",
            "tests/features/clients/test_backfill.py",
            "tests/features/test_expressions.py",
            "-q",
            "-p",
            "no:cacheprovider",
        ])
        .arg("--color=no")
        .env("TILE_BIN", place::tile_binary()?);
    done(&mut command, "pytest")
}

/// Asks a foreign package whether the answers beside `tests/pipes/<script>` are still its own.
pub fn verify_pipes(python: &Path, script: &str) -> Result<()> {
    let mut command = Command::new(python);
    command.args([&format!("tests/pipes/{script}"), "--verify"]);
    done(&mut command, script)
}

/// Runs `tests/clicksql/run.py` against the program, beside ClickHouse; ClickHouse's answers are kept in the cache folder.
pub fn differential(arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(place::python()?);
    command
        .arg("tests/clicksql/run.py")
        .arg("--tile")
        .arg(place::tile_binary()?)
        .args(arguments)
        .env("CLICKSQL_CACHE", place::cache().join("clicksql"));
    done(&mut command, "the comparison with ClickHouse")
}

/// Runs a script of the repository that starts the program itself.
pub fn script(path: &str, arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(place::python()?);
    command.arg(path).arg("--tile").arg(place::tile_binary()?).args(arguments);
    done(&mut command, &format!("`{path}`"))
}

/// Runs a client from the repository's folder, and fails when it does.
fn done(command: &mut Command, what: &str) -> Result<()> {
    command.current_dir(place::repo());
    // Keeps the clone free of compiled Python.
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    let status = command.status().with_context(|| format!("failed to run {what}"))?;
    ensure!(status.success(), "{what} ended with {status}");
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
