//! What both systems serve: files made once in the cache folder, and seeded nodes.
//! Tiled's catalogs are kept in the cache too; the state of `tile` is made new on every run, because its form changes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::http::API_KEY;
use crate::options::{Options, sources};
use crate::servers::{Launcher, Server};

/// Changes when `make_data.py` or `seed.py` makes something else.
const VERSION: &str = "v1";

/// Sizes of the seeded containers, with their names.
pub const CONTAINERS: [(&str, usize); 3] = [("n1k", 1_000), ("n10k", 10_000), ("n100k", 100_000)];

pub struct Data {
    root: PathBuf,
    python: PathBuf,
}

impl Data {
    /// Finds the files in the cache, or makes them.
    pub fn prepare(options: &Options) -> Result<Self> {
        let root = options.cache.join("bench-data").join(VERSION);
        let python = options.venv.join("bin/python");
        if !python.exists() {
            bail!(
                "no Python at `{}`: make it with `python3 -m venv DIR && DIR/bin/pip install 'tiled[all]==0.2.20'`",
                python.display()
            );
        }
        let data = Self { root, python };
        if !data.root.exists() {
            eprintln!("making the files to serve in {}", data.root.display());
            let part = data.root.with_extension("part");
            if part.exists() {
                fs::remove_dir_all(&part)?;
            }
            fs::create_dir_all(&part)?;
            data.script("make_data.py", |command| command.arg(&part))?;
            fs::rename(&part, &data.root)?;
        }
        for (name, count) in CONTAINERS {
            data.write_lines(name, count)?;
        }
        Ok(data)
    }

    pub fn served(&self) -> PathBuf {
        self.root.join("served")
    }

    pub fn hundred(&self) -> PathBuf {
        self.root.join("hundred")
    }

    /// The small files to register, and how many there are.
    pub fn many(&self, quick: bool) -> (PathBuf, u32) {
        let many = self.root.join("many");
        if quick { (many.join("d00"), 500) } else { (many, 10_000) }
    }

    /// The nodes of a seeded container, one JSON object on each line.
    pub fn lines(&self, name: &str) -> PathBuf {
        self.root.join(format!("{name}.jsonl"))
    }

    fn write_lines(&self, name: &str, count: usize) -> Result<()> {
        let lines = self.lines(name);
        if lines.exists() {
            return Ok(());
        }
        let part = lines.with_extension("part");
        let file = File::create(&part)?;
        self.script("seed.py", |command| command.args(["lines", &count.to_string()]).stdout(file))?;
        Ok(fs::rename(&part, &lines)?)
    }

    /// Tiled on a catalog in which `folder` is registered and, for `seeded`, the containers are.
    pub fn tiled(&self, launcher: &Launcher, folder: &Path, seeded: bool) -> Result<Server> {
        let name = folder.file_name().context("a folder without a name")?;
        let catalog = self.root.join("tiled").join(name).with_extension("db");
        if !catalog.exists() {
            self.make_catalog(launcher, folder, &catalog, seeded)?;
        }
        launcher.tiled(folder, &catalog)
    }

    fn make_catalog(&self, launcher: &Launcher, folder: &Path, catalog: &Path, seeded: bool) -> Result<()> {
        eprintln!("making Tiled's catalog of {}", folder.display());
        let part = catalog.with_extension("part");
        fs::create_dir_all(self.root.join("tiled"))?;
        if part.exists() {
            fs::remove_file(&part)?;
        }
        let server = launcher.tiled(folder, &part)?;
        self.tiled_register(launcher, &server, folder)?;
        drop(server);
        for (name, _) in CONTAINERS.iter().filter(|_| seeded) {
            let lines = File::open(self.lines(name))?;
            self.script("seed.py", |command| command.arg("tiled").arg(&part).arg(name).stdin(lines))?;
        }
        Ok(fs::rename(&part, catalog)?)
    }

    /// `tiled register`: the command that fills a running server.
    pub fn tiled_register(&self, launcher: &Launcher, server: &Server, folder: &Path) -> Result<()> {
        let mut command = Command::new(launcher.venv.join("bin/tiled"));
        command
            .arg("register")
            .arg(format!("{}/api/v1", server.base()))
            .arg(folder)
            .args(["--api-key", API_KEY]);
        run(command.stdout(Stdio::null()))
    }

    /// `tile` on new state in `state`, with the same containers, on the same folder.
    pub fn tile(&self, launcher: &Launcher, folder: &Path, state: &Path) -> Result<Server> {
        for (name, count) in CONTAINERS {
            let lines = File::open(self.lines(name))?;
            let mut command = Command::new(&launcher.tile);
            command.arg("bench-seed").arg("--data").arg(state).args([name, &count.to_string()]);
            run(command.stdin(lines).stdout(Stdio::null()))?;
        }
        launcher.tile(folder, state)
    }

    fn script(&self, name: &str, fill: impl FnOnce(&mut Command) -> &mut Command) -> Result<()> {
        let mut command = Command::new(&self.python);
        command.arg(sources().join(name));
        run(fill(&mut command))
    }

    /// Whether two table answers, saved in files, hold the same table; the difference if not.
    pub fn same_table(&self, kind: &str, one: &Path, other: &Path) -> Result<Option<String>> {
        let mut command = Command::new(&self.python);
        let output = command.arg(sources().join("same_table.py")).arg(kind).arg(one).arg(other).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        Ok((!output.status.success()).then(|| said.lines().last().unwrap_or("no reason given").to_owned()))
    }
}

/// Runs a command to its end; its error output is shown.
pub fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().display().to_string();
    let output = command.stderr(Stdio::piped()).spawn().and_then(std::process::Child::wait_with_output);
    let output = output.with_context(|| format!("failed to run `{program}`"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{program}` ended with {}: {}", output.status, said.trim_end());
    }
    Ok(())
}
