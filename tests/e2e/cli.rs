//! The command line: what a person types, what it prints, and the exit code.

use std::fs;
use std::process::Output;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tile_testkit::server::{serve_command, tile, wait};
use tile_testkit::{API_KEY, Server, client};

/// Runs `tile` with these arguments in an empty folder.
fn run(arguments: &[&str]) -> Result<Output> {
    let dir = tempdir()?;
    tile()?
        .args(arguments)
        .current_dir(dir.path())
        .output()
        .with_context(|| format!("failed to run {arguments:?}"))
}

fn tempdir() -> Result<tile_testkit::TempDir> {
    tile_testkit::TempDir::new().context("failed to create a folder")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn succeeded(output: &Output) -> Result<()> {
    ensure!(output.status.success(), "ended with {}:\n{}{}", output.status, stdout(output), stderr(output));
    Ok(())
}

#[test]
fn version_prints_the_workspace_version() -> Result<()> {
    let output = run(&["version"])?;
    succeeded(&output)?;
    ensure!(stdout(&output).contains(env!("CARGO_PKG_VERSION")), "found `{}`", stdout(&output));
    Ok(())
}

#[test]
fn help_lists_the_commands() -> Result<()> {
    let output = run(&["--help"])?;
    succeeded(&output)?;
    let help = stdout(&output);
    for command in ["serve", "config", "doctor", "version"] {
        ensure!(help.contains(command), "`tile --help` does not name `{command}`:\n{help}");
    }
    Ok(())
}

#[test]
fn doctor_finds_nothing_wrong_in_an_empty_folder() -> Result<()> {
    let output = run(&["doctor"])?;
    succeeded(&output)?;
    ensure!(!stdout(&output).trim().is_empty(), "`tile doctor` printed nothing");
    Ok(())
}

#[test]
fn an_unknown_command_is_refused_with_the_nearest_name() -> Result<()> {
    let output = run(&["serv"])?;
    ensure!(!output.status.success(), "`tile serv` succeeded");
    ensure!(stderr(&output).contains("serve"), "expected a hint at `serve`, found `{}`", stderr(&output));
    Ok(())
}

#[test]
fn config_check_names_an_unknown_key() -> Result<()> {
    let dir = tempdir()?;
    fs::write(dir.path().join("tile.toml"), "no_such_key = 1\n")?;
    let output = tile()?.args(["config", "check", "tile.toml"]).current_dir(dir.path()).output()?;
    ensure!(!output.status.success(), "`tile config check` accepted an unknown key");
    ensure!(
        stderr(&output).contains("no_such_key"),
        "the message does not name the key: `{}`",
        stderr(&output)
    );
    Ok(())
}

#[test]
fn a_second_server_on_the_same_port_is_refused_with_the_port() -> Result<()> {
    let first = Server::start_empty(&[])?;
    let port = first.address().port();
    let dir = tempdir()?;
    let mut second = serve_command(dir.path(), &dir.path().join("data"), port)?
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()?;
    let status = wait(&mut second, Duration::from_secs(20))?;
    let output = second.wait_with_output()?;
    ensure!(!status.success(), "the second server on port {port} succeeded");
    ensure!(stderr(&output).contains(&port.to_string()), "no port in `{}`", stderr(&output));
    first.stop_clean()
}

#[test]
fn a_server_is_ready_asks_for_its_key_and_stops_clean() -> Result<()> {
    let server = Server::start_empty(&[])?;
    client::expect_status(&server, "/healthz", None, 200)?;
    client::expect_status(&server, "/api/v1/metadata/", None, 401)?;
    client::expect_status(&server, "/api/v1/metadata/", Some(API_KEY), 200)?;
    server.stop_clean()
}
