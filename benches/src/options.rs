//! The command line.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

pub const USAGE: &str = "\
usage: cargo xtask bench access [options]
       cargo xtask bench sql [--quick] [--tile PATH] [--out FILE]
       cargo xtask bench pipes [--quick] [--tile PATH] [--out FILE]
       cargo xtask bench features [--quick] [--only REGEX] [--tile PATH] [--out FILE]

`features` times tiles in process and over HTTP: updates, fetches and training data.
`pipes` times events and endpoints beside ClickHouse's engine and DuckDB with the same rows (5 GB in the cache folder).
`sql` times translated ClickHouse SQL beside SQL written by hand, on ten million rows. `access` times `tile` and Tiled 0.2.20 in turn on the same files and nodes, after comparing their answers.

  --quick         one short repetition of each row; registers 500 files instead of 10 000
  --only REGEX    only rows whose id matches, for example `^array.64mb|table`; a wrong one lists the ids
  --tile PATH     the binary under test (default: beside this program)
  --venv DIR      Python with tiled[all]==0.2.20 (default: `venv` in the cache folder)
  --out FILE      where the report goes (default: docs/reference/speed.md; only printed with --only or --peer-only)
  --peer-only     Tiled on both sides: tries the comparison itself

The cache folder, where the files to serve are made once (2 GB), is $TILE_CACHE_DIR or ~/.cache/tile.";

#[derive(Debug)]
pub struct Options {
    pub quick: bool,
    pub only: Option<String>,
    pub peer_only: bool,
    pub tile: PathBuf,
    pub venv: PathBuf,
    pub out: Option<PathBuf>,
    pub cache: PathBuf,
}

impl Options {
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        match arguments.next().as_deref() {
            Some("access") => {}
            _ => bail!("expected `access`, `sql`, `pipes` or `features`\n\n{USAGE}"),
        }
        let mut options = Self::defaults()?;
        let mut out = None;
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().with_context(|| format!("`{argument}` needs a value"));
            match argument.as_str() {
                "--quick" => options.quick = true,
                "--peer-only" => options.peer_only = true,
                "--only" => options.only = Some(value()?),
                "--tile" => options.tile = value()?.into(),
                "--venv" => options.venv = value()?.into(),
                "--out" => out = Some(value()?.into()),
                _ => bail!("unknown option `{argument}`\n\n{USAGE}"),
            }
        }
        let whole = options.only.is_none() && !options.peer_only;
        options.out = out.or(whole.then(|| sources().join("../docs/reference/speed.md")));
        Ok(options)
    }

    fn defaults() -> Result<Self> {
        let cache = match env::var_os("TILE_CACHE_DIR") {
            Some(folder) => PathBuf::from(folder),
            None => Path::new(&env::var_os("HOME").context("neither TILE_CACHE_DIR nor HOME is set")?)
                .join(".cache/tile"),
        };
        Ok(Self {
            quick: false,
            only: None,
            peer_only: false,
            tile: Self::tile()?,
            venv: cache.join("venv"),
            out: None,
            cache,
        })
    }

    /// The program that was built beside this one.
    pub fn tile() -> Result<PathBuf> {
        let program = env::current_exe().context("failed to find this program")?;
        Ok(program.with_file_name("tile"))
    }

    /// The command line for the report: without what says where things lie on this machine.
    pub fn command(&self) -> String {
        let mut command = String::from("cargo run --release -p tile-benches -- access");
        if self.quick {
            command.push_str(" --quick");
        }
        if self.peer_only {
            command.push_str(" --peer-only");
        }
        if let Some(only) = &self.only {
            command.push_str(&format!(" --only '{only}'"));
        }
        command
    }
}

/// The folder of this crate, where the Python scripts lie.
pub fn sources() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn parse(line: &str) -> anyhow::Result<Options> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_partial_run_does_not_replace_the_report() {
        assert!(parse("access").unwrap().out.unwrap().ends_with("docs/reference/speed.md"));
        assert!(parse("access --only png").unwrap().out.is_none());
        assert!(parse("access --only png --out x.md").unwrap().out.unwrap().ends_with("x.md"));
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert!(parse("access --fast").is_err());
        assert!(parse("access --only").is_err());
        assert!(parse("").is_err());
    }
}
