//! The folders of a run, and child processes: cargo with the one target folder and the one profile, and the rest.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The root of the clone that `cargo xtask` was started in.
pub fn root() -> PathBuf {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let manifest = PathBuf::from(manifest);
    manifest.parent().map(Path::to_path_buf).unwrap_or(manifest)
}

/// What is kept between runs outside the clone: `TILE_CACHE_DIR`, else `~/.cache/tile`.
pub fn cache() -> PathBuf {
    if let Some(dir) = env::var_os("TILE_CACHE_DIR") {
        return dir.into();
    }
    env::var_os("HOME").map_or_else(env::temp_dir, PathBuf::from).join(".cache/tile")
}

/// The one target folder of every child cargo: `CARGO_TARGET_DIR`, else inside the cache folder.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR")
        .map(PathBuf::from)
        .map_or_else(|| cache().join("target"), |dir| root().join(dir))
}

/// The built program. [`build`] makes it.
pub fn tile_binary() -> PathBuf {
    target().join("release/tile")
}

/// `cargo COMMAND --release --locked`, in the root, with the shared target folder.
pub fn cargo_release(command: &str) -> Command {
    let mut cargo = cargo(command);
    cargo.args(["--release", "--locked"]);
    cargo
}

/// `cargo COMMAND` in the root, with the shared target folder, without what the outer `cargo run` set for xtask.
pub fn cargo(command: &str) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.arg(command).current_dir(root()).env("CARGO_TARGET_DIR", target());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// Builds the program.
pub fn build() -> Result<()> {
    check(cargo_release("build").args(["--package", "tile"]))
}

/// Runs a command with its output passed through; a code other than 0 is an error that names the command.
pub fn check(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("failed to start `{}`", shown(command)))?;
    ensure!(status.success(), "`{}` ended with {status}", shown(command));
    Ok(())
}

/// Runs a command and returns its standard output; standard error is passed through.
pub fn output(command: &mut Command) -> Result<String> {
    command.stderr(std::process::Stdio::inherit());
    let output = command.output().with_context(|| format!("failed to start `{}`", shown(command)))?;
    ensure!(output.status.success(), "`{}` ended with {}", shown(command), output.status);
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` wrote something that is not UTF-8", shown(command)))
}

/// The command as one would type it, without its environment.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args()).map(OsStr::to_string_lossy);
    words.collect::<Vec<_>>().join(" ")
}
