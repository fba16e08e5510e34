//! `cargo xtask setup`: what the tests need and cargo does not bring. Each part looks first whether it is there, so
//! that a second run takes milliseconds.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::place;

/// A program that the tests start, where it may be, and the Debian package that brings it.
struct Tool {
    paths: &'static [&'static str],
    package: &'static str,
}

const TOOLS: &[Tool] = &[
    Tool { paths: &["/usr/bin/chromium"], package: "chromium" },
    Tool { paths: &["faketime"], package: "faketime" },
    Tool { paths: &["nginx", "/usr/sbin/nginx"], package: "nginx-light" },
    Tool { paths: &["node"], package: "nodejs" },
    Tool { paths: &["npm"], package: "npm" },
    Tool { paths: &["python3"], package: "python3" },
];

/// Python environments in the cache folder, with what is installed into them. The packages of one do not agree with the other's.
const PYTHON: &[(&str, &str)] = &[
    ("venv", "tests/clients/requirements.txt"),
    ("venv-pipes", "tests/pipes/requirements.txt"),
    ("venv-classic", "tests/pipes/requirements-classic.txt"),
    ("venv-features", "tests/features/requirements.txt"),
];

pub fn run() -> Result<()> {
    system_packages()?;
    for (venv, requirements) in PYTHON {
        python_environment(venv, requirements)?;
    }
    node_packages()
}

fn system_packages() -> Result<()> {
    let missing: Vec<_> = TOOLS.iter().filter(|tool| !tool.is_present()).map(|tool| tool.package).collect();
    if missing.is_empty() {
        println!("system packages: present");
        return Ok(());
    }
    println!("system packages: installing {}", missing.join(" "));
    let by_hand = || format!("install by hand: {}", missing.join(" "));
    let prefix = privilege().with_context(by_hand)?;
    if apt_install(prefix, &missing).is_err() {
        // The package lists may be absent or old.
        apt(prefix, &["update", "-q"]).with_context(by_hand)?;
        apt_install(prefix, &missing).with_context(by_hand)?;
    }
    Ok(())
}

impl Tool {
    fn is_present(&self) -> bool {
        self.paths.iter().any(|path| is_program(path))
    }
}

/// A path that exists, or a name that `PATH` finds.
fn is_program(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    Path::new(name).is_file() || std::env::split_paths(&path).any(|dir| dir.join(name).is_file())
}

/// What to put before `apt-get`: nothing for root, else sudo that asks for no password.
fn privilege() -> Result<&'static [&'static str]> {
    ensure!(is_program("apt-get"), "this system has no apt-get");
    if place::output(Command::new("id").arg("-u"))?.trim() == "0" {
        return Ok(&[]);
    }
    let sudo = Command::new("sudo").args(["-n", "true"]).status();
    ensure!(sudo.is_ok_and(|status| status.success()), "neither root nor sudo without a password");
    Ok(&["sudo", "-n"])
}

fn apt_install(prefix: &[&str], packages: &[&str]) -> Result<()> {
    apt(prefix, &[&["install", "-q", "-y", "--no-install-recommends"], packages].concat())
}

fn apt(prefix: &[&str], arguments: &[&str]) -> Result<()> {
    let words = [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments].concat();
    let (program, rest) = words.split_first().context("an empty command")?;
    place::check(Command::new(program).args(rest))
}

/// The environment of the peers of `cargo xtask bench pipes`.
pub fn bench_environment() -> Result<()> {
    python_environment("venv-bench", "benches/requirements-pipes.txt")
}

/// An environment with its requirements, of which a copy in it is the stamp.
fn python_environment(venv: &str, requirements: &str) -> Result<()> {
    let requirements = place::root().join(requirements);
    let wanted = read(&requirements)?;
    let venv = place::cache().join(venv);
    let stamp = venv.join("installed-requirements.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        println!("Python environment `{}`: present", venv.display());
        return Ok(());
    }
    println!("Python environment: installing into `{}`", venv.display());
    create_venv(&venv)?;
    let mut pip = Command::new(venv.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&requirements);
    place::check(&mut pip)?;
    write(&stamp, &wanted)
}

fn create_venv(venv: &Path) -> Result<()> {
    if venv.join("bin/python").exists() {
        return Ok(());
    }
    place::check(Command::new("python3").args(["-m", "venv"]).arg(venv))
        .context("failed to create the Python environment; on Debian it needs the package python3-venv")
}

/// `<cache>/browser/node_modules` from `tests/browser/package-lock.json`, of which a copy is the stamp.
fn node_packages() -> Result<()> {
    let source = place::root().join("tests/browser");
    let lock = read(&source.join("package-lock.json"))?;
    let dir = place::cache().join("browser");
    let stamp = dir.join("node_modules/installed-package-lock.json");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        println!("Node packages: present");
        return Ok(());
    }
    println!("Node packages: installing into `{}`", dir.display());
    fs::create_dir_all(&dir).with_context(|| format!("failed to create `{}`", dir.display()))?;
    write(&dir.join("package.json"), &read(&source.join("package.json"))?)?;
    write(&dir.join("package-lock.json"), &lock)?;
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&dir);
    place::check(&mut npm)?;
    write(&stamp, &lock)
}

fn read(path: &Path) -> Result<String> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) => bail!("failed to read `{}`: {error}", path.display()),
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("failed to write `{}`", path.display()))
}
