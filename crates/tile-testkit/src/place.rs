//! Where the built program, the Python environment, the Node packages and the fixture files are.
//!
//! `cargo xtask setup` fills the cache folder; a missing part is an error that says so.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use anyhow::{Context, Result, bail, ensure};

/// The root of the clone.
pub fn repo() -> PathBuf {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let start = PathBuf::from(manifest);
    let root = start.ancestors().find(|dir| dir.join("Cargo.lock").is_file());
    root.unwrap_or(&start).to_path_buf()
}

/// The folder for everything that is kept between runs and is not part of the clone.
pub fn cache() -> PathBuf {
    if let Some(dir) = env::var_os("TILE_CACHE_DIR") {
        return dir.into();
    }
    env::var_os("HOME").map_or_else(env::temp_dir, PathBuf::from).join(".cache/tile")
}

/// The built `tile`: `TILE_BIN`, or the neighbour of the running test binary.
pub fn tile_binary() -> Result<PathBuf> {
    if let Some(path) = env::var_os("TILE_BIN") {
        return existing(path.into(), "set TILE_BIN to the built program");
    }
    let test_binary = env::current_exe().context("failed to find the running test binary")?;
    let profile_dir = test_binary.parent().and_then(Path::parent).context("the test binary has no folder")?;
    existing(profile_dir.join("tile"), "run `cargo build --release` first")
}

/// The Python interpreter whose environment has the foreign clients.
pub fn python() -> Result<PathBuf> {
    existing(cache().join("venv/bin/python"), "run `cargo xtask setup`")
}

/// The Python interpreter whose environment has Tinybird's own client.
pub fn pipes_python() -> Result<PathBuf> {
    existing(cache().join("venv-pipes/bin/python"), "run `cargo xtask setup`")
}

/// The same of the older command.
pub fn classic_python() -> Result<PathBuf> {
    existing(cache().join("venv-classic/bin/python"), "run `cargo xtask setup`")
}

/// The folder that holds `node_modules` with the browser driver.
pub fn node_packages() -> Result<PathBuf> {
    let dir = cache().join("browser");
    existing(dir.join("node_modules/playwright-core"), "run `cargo xtask setup`")?;
    Ok(dir)
}

/// The browser that the page checks drive.
pub fn chromium() -> Result<PathBuf> {
    let path = env::var_os("TILE_CHROMIUM").unwrap_or_else(|| "/usr/bin/chromium".into());
    existing(path.into(), "run `cargo xtask setup`")
}

/// A folder of this run's artefacts (screenshots, logs) beside the build output, emptied first.
pub fn artefacts(name: &str) -> Result<PathBuf> {
    let dir = tile_binary()?.with_file_name("e2e").join(name);
    if dir.exists() {
        fs::remove_dir_all(&dir).with_context(|| format!("failed to empty `{}`", dir.display()))?;
    }
    fs::create_dir_all(&dir).with_context(|| format!("failed to create `{}`", dir.display()))?;
    Ok(dir)
}

/// The fixture tree that `tests/clients/make_fixtures.py` writes, made once per version of its scripts.
///
/// Tests that serve it should serve a copy ([`fixtures_copy`]): some change files below a running server.
pub fn fixtures() -> Result<PathBuf> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock();
    let scripts = repo().join("tests/clients");
    let dir = cache().join("fixtures").join(format!("{:016x}", scripts_hash(&scripts)?));
    if !dir.is_dir() {
        make_fixtures(&scripts.join("make_fixtures.py"), &dir)?;
    }
    Ok(dir)
}

/// Over `make_fixtures.py`, the modules beside it that it imports, and the versions of the writing libraries.
fn scripts_hash(scripts: &Path) -> Result<u64> {
    let listing = fs::read_dir(scripts).with_context(|| format!("failed to list `{}`", scripts.display()))?;
    let mut names = Vec::new();
    for entry in listing {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name == "make_fixtures.py" || name == "requirements.txt" || name.starts_with("fixtures_") {
            names.push(name);
        }
    }
    names.sort();
    let mut text = Vec::new();
    for name in names {
        text.extend_from_slice(name.as_bytes());
        text.extend(fs::read(scripts.join(&name)).with_context(|| format!("failed to read `{name}`"))?);
    }
    Ok(fnv1a(&text))
}

/// A copy of the fixture tree inside `parent`, with the files' times kept.
pub fn fixtures_copy(parent: &Path) -> Result<PathBuf> {
    let copy = parent.join("fixtures");
    let status =
        Command::new("cp").arg("-a").arg(fixtures()?).arg(&copy).status().context("failed to run cp")?;
    ensure!(status.success(), "failed to copy the fixtures to `{}`", copy.display());
    Ok(copy)
}

/// Writes into a neighbour and renames, so that an interrupted run leaves no half tree under the final name.
fn make_fixtures(script: &Path, dir: &Path) -> Result<()> {
    let parent = dir.parent().context("the fixture folder has no parent")?;
    fs::create_dir_all(parent).with_context(|| format!("failed to create `{}`", parent.display()))?;
    let draft = tempfile::tempdir_in(parent).context("failed to create a folder for the fixtures")?;
    let output = Command::new(python()?)
        .arg(script)
        .arg(draft.path())
        // Keeps the clone free of compiled Python.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .context("failed to run make_fixtures.py")?;
    if !output.status.success() {
        bail!("make_fixtures.py failed: {}", String::from_utf8_lossy(&output.stderr).trim_end());
    }
    match fs::rename(draft.path(), dir) {
        Err(error) if !dir.is_dir() => Err(error).context("failed to move the fixtures into place"),
        _ => Ok(()),
    }
}

/// FNV-1a, 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>): a stable key for a cache folder, not a seal.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn existing(path: PathBuf, hint: &str) -> Result<PathBuf> {
    ensure!(path.exists(), "`{}` does not exist: {hint}", path.display());
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fnv1a_equals_the_published_vectors() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn repo_is_the_folder_with_the_lock_file() {
        assert!(repo().join("Cargo.lock").is_file());
    }
}
