//! The catalog of `tile dev`: the project's folder `data`, and the workspaces' data sources, results and features, at one port
//! with the API.

use crate::clock::SystemClock;
use crate::commands::register::{absolute, open_catalog};
use crate::commands::{reference, watch};
use crate::config::Config;
use crate::guard::Tokens;
use anyhow::Result;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use tile_access::api::{self, App};
use tile_access::foreign::Files;
use tile_access::registration;
use tile_access::tree::Tree;
use tile_base::foreign::{Foreign, ForeignTables, Scan};
use tile_base::mount::Mount;
use tile_base::{Error, Kind, Principal};
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
    pub fn as_tables(&self) -> Arc<Tables> {
        Arc::new(Tables { files: Files(self.tree.clone()), features: OnceLock::new() })
    }
}

/// What SQL reads of the catalog: files, and features once they are there.
pub struct Tables {
    files: Files,
    features: OnceLock<Arc<dyn ForeignTables>>,
}

impl Tables {
    /// Lets SQL read features as well.
    pub fn add_features(&self, features: Arc<dyn ForeignTables>) {
        // There is one server in a process, which says so once.
        let _ = self.features.set(features);
    }

    fn of(&self, path: &str) -> Result<&dyn ForeignTables, Error> {
        let first = path.split('/').find(|key| !key.is_empty());
        if first != Some(tile_features::mount::KEY) {
            return Ok(&self.files);
        }
        self.features.get().map(AsRef::as_ref).ok_or_else(|| {
            Error::new(Kind::Busy, "no features are served here yet")
                .hint("`tile dev FOLDER` serves those of a project")
                .at(format!("catalog.`{path}`"))
        })
    }
}

impl ForeignTables for Tables {
    fn describe(&self, path: &str) -> Result<Foreign, Error> {
        self.of(path)?.describe(path)
    }

    fn scan(
        &self,
        path: &str,
        schema_id: u64,
        columns: &[usize],
        only: Option<&[Vec<Json>]>,
    ) -> Result<Scan, Error> {
        self.of(path)?.scan(path, schema_id, columns, only)
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
