//! The catalog of `tile dev`: the project's folder `data`, and the workspaces' data sources, results and features, at one port
//! with the API.

use crate::clock::SystemClock;
use crate::commands::register::{absolute, open_catalog};
use crate::commands::{reference, watch};
use crate::config::Config;
use crate::guard::Tokens;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tile_access::api::{self, App};
use tile_access::registration;
use tile_access::tree::Tree;
use tile_base::Principal;
use tile_base::foreign::ForeignTables;
use tile_base::mount::Mount;
use tile_pipes::hub::Hub;
use tile_pipes::mount::{Limits, Pipes};
use tile_web::metrics::Metrics;
use tile_web::route::{Face, Rim, Service};

/// The folder of a project that is served as it is.
const FOLDER: &str = "data";

/// The project's own files.
pub struct Data {
    tree: Arc<Tree>,
    config: Config,
    /// The folder, when there is one.
    folder: Vec<PathBuf>,
}

impl Data {
    /// Walks the folder `data` of a project; what it finds is kept in the folder `state`.
    pub fn open(project: Option<&Path>, state: &Path) -> Result<Self> {
        let file = project.map(|folder| folder.join("tile.toml")).filter(|file| file.is_file());
        let config = Config::load(file.as_deref())?;
        let folder: Vec<PathBuf> =
            project.iter().map(|folder| folder.join(FOLDER)).filter(|folder| folder.is_dir()).collect();
        let folder = absolute(&folder)?;
        let catalog = Arc::new(open_catalog(state)?);
        registration::register_each(&catalog, &config.access, &folder, &|_, _| {})?;
        let tree = Arc::new(Tree::new(catalog, Arc::new(config.access.clone())));
        Ok(Self { tree, config, folder })
    }

    /// As SQL reads them.
    pub fn as_tables(&self) -> Arc<dyn ForeignTables> {
        Arc::new(tile_access::foreign::Files(self.tree.clone()))
    }
}

/// Files, data sources, results and features.
pub struct Catalog {
    app: Arc<App>,
    rim: Arc<Rim>,
    files: Data,
}

impl Catalog {
    pub fn new(files: Data, hub: Arc<Hub>, features: Arc<dyn Mount>, metrics: Arc<Metrics>) -> Result<Self> {
        let pipes = Pipes::new(hub.clone(), Limits::default());
        let tree = files.tree.seen_by(&Principal::Anonymous).with_mounts(vec![features, Arc::new(pipes)]);
        let app = App {
            tree: Arc::new(tree),
            roots: files.folder.clone(),
            version: env!("CARGO_PKG_VERSION"),
            public: false,
            metrics: metrics.clone(),
            clock: Arc::new(SystemClock),
            openapi: reference::openapi()?.into(),
        };
        let rim = Rim {
            authorizer: Arc::new(Tokens(hub)),
            metrics,
            allow_origins: files.config.server.allow_origins.clone(),
            behind_proxy: false,
            face: Face::default(),
        };
        Ok(Self { app: Arc::new(app), rim: Arc::new(rim), files })
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
        if self.files.folder.is_empty() {
            return Ok(None);
        }
        let catalog = self.app.tree.catalog.clone();
        let walk = registration::register_each;
        watch::start_with(catalog, self.files.config.clone(), &self.files.folder, walk).map(Some)
    }
}
