//! The catalog of `tile dev`: the project's folder `data`, and the workspaces' data sources and results, at one port with the API.

use crate::cli::Dev;
use crate::clock::SystemClock;
use crate::commands::register::{absolute, open_catalog};
use crate::commands::{reference, watch};
use crate::config::Config;
use crate::guard::Tokens;
use anyhow::Result;
use std::path::PathBuf;
use std::sync::Arc;
use tile_access::api::{self, App};
use tile_access::registration;
use tile_access::tree::Tree;
use tile_pipes::hub::Hub;
use tile_pipes::mount::{Limits, Pipes};
use tile_web::metrics::Metrics;
use tile_web::route::{Face, Rim, Service};

/// The folder of a project that is served as it is.
const DATA: &str = "data";

pub struct Catalog {
    app: Arc<App>,
    rim: Arc<Rim>,
    config: Config,
    /// The project's folder of files, when it has one.
    folder: Vec<PathBuf>,
}

impl Catalog {
    /// Walks the project's files.
    pub fn open(args: &Dev, hub: Arc<Hub>, metrics: Arc<Metrics>) -> Result<Self> {
        let file = args.folder.as_ref().map(|folder| folder.join("tile.toml")).filter(|file| file.is_file());
        let config = Config::load(file.as_deref())?;
        let folder: Vec<PathBuf> = args.folder.iter().map(|f| f.join(DATA)).filter(|f| f.is_dir()).collect();
        let folder = absolute(&folder)?;
        let catalog = Arc::new(open_catalog(&args.data)?);
        registration::register_each(&catalog, &config.access, &folder, &|_, _| {})?;
        let tree = Tree::new(catalog, Arc::new(config.access.clone()));
        let pipes = Pipes::new(hub.clone(), Limits::default());
        let app = App {
            tree: Arc::new(tree.with_mounts(vec![Arc::new(pipes)])),
            roots: folder.clone(),
            version: env!("CARGO_PKG_VERSION"),
            public: false,
            metrics: metrics.clone(),
            clock: Arc::new(SystemClock),
            openapi: reference::openapi()?.into(),
        };
        let rim = Rim {
            authorizer: Arc::new(Tokens(hub)),
            metrics,
            allow_origins: config.server.allow_origins.clone(),
            behind_proxy: false,
            face: Face::default(),
        };
        Ok(Self { app: Arc::new(app), rim: Arc::new(rim), config, folder })
    }

    /// Its routes, which are none of the API's.
    pub fn router(&self) -> Service {
        tile_web::route::router(api::routes(), self.app.clone(), self.rim.clone())
    }

    /// Where errors are told as its clients know them.
    pub fn prefixes(&self) -> Vec<(&'static str, Arc<Rim>)> {
        ["/api/", "/zarr/", "/browse/", "/static/"].map(|prefix| (prefix, self.rim.clone())).to_vec()
    }

    /// Keeps looking for changed files as long as what is returned lives.
    pub fn watch(&self) -> Result<Option<notify::RecommendedWatcher>> {
        if self.folder.is_empty() {
            return Ok(None);
        }
        let catalog = self.app.tree.catalog.clone();
        let walk = registration::register_each;
        watch::start_with(catalog, self.config.clone(), &self.folder, walk).map(Some)
    }
}
