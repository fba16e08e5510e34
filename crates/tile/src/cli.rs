//! The command line.

use clap::{Args, Parser, Subcommand};
use std::net::IpAddr;
use std::path::PathBuf;

/// A data stack in a box: serves arrays, tables and nested data from files.
#[derive(Parser, Debug)]
#[command(name = "tile", version, about, propagate_version = true)]
pub struct Cli {
    /// Log as JSON lines; reports are JSON as well.
    #[arg(long, global = true)]
    pub json: bool,
    /// Log more; twice for everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Serve folders and files.
    Serve(Serve),
    /// Serve a made-up tree of many formats, to look around.
    Demo(Serving),
    /// Bring the catalog to what is in folders and files, without serving.
    Register(Register),
    /// Check what this machine and this folder offer.
    Doctor(DataDir),
    /// Serve a project of data sources and pipes, and rebuild it with every change of its files.
    Dev(Dev),
    /// Write a project to begin with.
    Init(Project),
    /// Read a project and say what is wrong with it.
    Check(Project),
    /// Send the requests of `tests/*.yaml` to a project's pipes, over its fixtures, and compare the answers.
    Test(Test),
    /// Deploy a project to a server, and promote, discard and list its deployments.
    Deploy(Deploy),
    /// Run ClickHouse SQL on the embedded engine, show how it is translated, or try a file of cases.
    Sql(crate::commands::Sql),
    /// Windowed aggregations: training data, and what is served.
    Features {
        #[command(subcommand)]
        command: crate::commands::Features,
    },
    /// The configuration: its reference page, and a check of a file.
    Config {
        #[command(subcommand)]
        action: ConfigAction,
    },
    /// Print versions.
    Version,
    /// Print completions for a shell.
    Completions { shell: clap_complete::Shell },
    /// Print the OpenAPI document.
    Openapi,
    /// Print the reference page of file formats.
    Formats,
    /// Print the reference page of this command line.
    #[command(hide = true)]
    CliReference,
    /// Add a container of metadata-only nodes, one JSON line each on standard input.
    #[command(hide = true)]
    BenchSeed(Seed),
}

#[derive(Subcommand, Debug)]
pub enum ConfigAction {
    /// Print the reference page.
    Reference,
    /// Check a file and say what is wrong with it.
    Check {
        /// The file.
        #[arg(default_value = "tile.toml")]
        file: PathBuf,
    },
}

#[derive(Args, Debug, Clone)]
pub struct DataDir {
    /// Folder for the catalog and everything else that is kept.
    #[arg(long, default_value = ".tile", env = "TILE_DATA")]
    pub data: PathBuf,
    /// Configuration file; `tile.toml` in this folder when there is one.
    #[arg(long, env = "TILE_CONFIG")]
    pub config: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct Serve {
    /// What to serve; this folder's `data` when there is one, else this folder.
    pub paths: Vec<PathBuf>,
    /// Keep looking for changes.
    #[arg(long)]
    pub watch: bool,
    #[command(flatten)]
    pub serving: Serving,
}

#[derive(Args, Debug, Clone)]
pub struct Serving {
    /// Address to listen on.
    #[arg(long, env = "TILE_HOST")]
    pub host: Option<IpAddr>,
    /// Port to listen on; 0 takes any free one.
    #[arg(long, env = "TILE_PORT")]
    pub port: Option<u16>,
    /// Let everyone read without a key.
    #[arg(long)]
    pub public: bool,
    /// The key that gives access, letters and digits; made up when missing.
    #[arg(long, env = "TILE_API_KEY", hide_env_values = true)]
    pub api_key: Option<String>,
    #[command(flatten)]
    pub data: DataDir,
}

#[derive(Args, Debug)]
pub struct Project {
    /// The project's folder.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
}

#[derive(Args, Debug)]
pub struct Dev {
    /// The project's folder; without one, projects come over HTTP.
    pub folder: Option<PathBuf>,
    /// Address to listen on.
    #[arg(long, env = "TILE_HOST", default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// Port to listen on; 0 takes any free one. Tinybird's clients look for a local server at 7181.
    #[arg(long, env = "TILE_PORT", default_value_t = 7181)]
    pub port: u16,
    /// Port of ClickHouse's HTTP interface: a number, or `none`. Without it, the one after `--port`.
    #[arg(long, env = "TILE_CLICKHOUSE_PORT")]
    pub clickhouse_port: Option<ClickhousePort>,
    /// Give the tokens to Tinybird's clients on this machine, which ask for them at `/tokens`.
    #[arg(long)]
    pub tinybird: bool,
    /// Let callers without a token read features, as clients of Chronon's fetcher come. Nothing else is open to them.
    #[arg(long, env = "TILE_PUBLIC_FEATURES")]
    pub public_features: bool,
    /// Folder for everything that is kept.
    #[arg(long, default_value = ".tile", env = "TILE_DATA")]
    pub data: PathBuf,
    /// Let imports and connections reach addresses of this machine and of private networks.
    #[arg(long, env = "TILE_ALLOW_PRIVATE_ADDRESSES")]
    pub allow_private_addresses: bool,
    /// Certificates in PEM that are trusted in the place of those that are built in.
    #[arg(long, env = "SSL_CERT_FILE")]
    pub ca_certificates: Option<PathBuf>,
}

/// Where ClickHouse's clients are listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClickhousePort {
    None,
    At(u16),
}

impl std::str::FromStr for ClickhousePort {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            _ => text.parse().map(Self::At).map_err(|_| "expected a port, or `none`".to_owned()),
        }
    }
}

#[derive(Args, Debug)]
pub struct Test {
    /// The project's folder.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Only the tests of this pipe; can be given more than once.
    #[arg(long, value_name = "PIPE")]
    pub only: Vec<String>,
    /// Write the answers that came into the files, where they are not those that were expected.
    #[arg(long)]
    pub update: bool,
}

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Deploy {
    #[command(subcommand)]
    pub action: Option<DeployAction>,
    /// The project's folder.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    #[command(flatten)]
    pub server: Remote,
    /// Only say what would change.
    #[arg(long)]
    pub check: bool,
    /// Leave the deployment in staging, to be looked at before it is promoted.
    #[arg(long, visible_alias = "no-promote")]
    pub staging: bool,
    /// Data sources that are not in the folder go with all their rows.
    #[arg(long)]
    pub allow_destructive_operations: bool,
    /// Seconds to wait until the deployment is ready; 0 does not wait.
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    pub wait: u64,
}

#[derive(Subcommand, Debug)]
pub enum DeployAction {
    /// List deployments.
    Ls(Remote),
    /// Make the deployment in staging the live one.
    Promote(Remote),
    /// Forget the deployment in staging.
    Discard(Remote),
    /// Deploy the files of the deployment before the live one again, where the server still has them.
    Rollback {
        #[command(flatten)]
        server: Remote,
        /// Data sources that were not there go with all their rows.
        #[arg(long)]
        allow_destructive_operations: bool,
    },
}

/// A server.
#[derive(Args, Debug)]
pub struct Remote {
    /// Its address.
    #[arg(long, env = "TILE_URL", default_value = "http://localhost:7181")]
    pub url: String,
    /// A token that may do this.
    #[arg(long, env = "TILE_TOKEN", hide_env_values = true, default_value = "", hide_default_value = true)]
    pub token: String,
}

#[derive(Args, Debug)]
pub struct Register {
    /// What to register.
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub data: DataDir,
}

#[derive(Args, Debug)]
pub struct Seed {
    #[command(flatten)]
    pub data: DataDir,
    /// Key of the container.
    pub name: String,
    /// Number of lines to read.
    pub count: usize,
}
