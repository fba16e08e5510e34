//! The features of a project: what its folder `features` defines, over the data sources of its workspace.

use super::workshop::{self, Bench};
use super::{ask, files, local, random};
use crate::clock::SystemClock;
use anyhow::Result;
use bytes::Bytes;
use parking_lot::Mutex;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tile_base::foreign::ForeignTables;
use tile_base::{Authorizer, Clock, Credentials, Error, Kind, Principal, Scope};
use tile_features::api::{self, App, Runs};
use tile_features::hub::{Files, Hub, Limits, Made, Problem};
use tile_features::log::{self, Log, Sink};
use tile_features::mount::{self, Owner};
use tile_features::training::function::Function;
use tile_pipes::api::Guard;
use tile_pipes::feeds::Followed;
use tile_web::Client;
use tile_web::metrics::Metrics;
use tile_web::route::{Rim, Service, router};

/// The time between two looks at the files.
const LOOK: Duration = Duration::from_millis(100);
/// A file that was written so lately may be written again within one tick of its disk's clock.
const FRESH_US: i64 = 2_000_000;

/// The guard of features: a token of a workspace, or none where that is said.
struct Open {
    guard: Guard,
    is_public: bool,
}

impl Authorizer for Open {
    fn authorize(
        &self,
        credentials: &Credentials,
        scope: Scope,
        path: &[String],
    ) -> Result<Principal, Error> {
        match credentials {
            // What it may do is for the handlers to say.
            Credentials::Anonymous if self.is_public => Ok(Principal::Anonymous),
            shown => self.guard.authorize(shown, scope, path),
        }
    }

    fn is_public(&self) -> bool {
        self.is_public
    }
}

/// What is served of them.
#[derive(Clone)]
pub struct Features {
    app: Arc<App>,
    rim: Arc<Rim>,
    logging: Arc<Mutex<Option<tokio::task::JoinHandle<()>>>>,
}

impl Features {
    /// Opens the tiles that `state` has.
    pub fn open(
        hub: &Arc<tile_pipes::hub::Hub>,
        metrics: &Arc<Metrics>,
        state: &Path,
        files: Arc<dyn ForeignTables>,
        is_public: bool,
    ) -> Result<Self> {
        let tenant = local::tenant(hub)?;
        let feeds = Arc::new(Followed(tenant.clone()));
        let bench = Bench::open(feeds.clone(), files, workshop::folder(state))?;
        let features = Hub::new(Made {
            feeds,
            store: Arc::new(tile_kv::Store::open(&state.join("kv"))?),
            clock: Arc::new(SystemClock),
            limits: Limits::default(),
            seed: seed(),
            tell: Box::new(tell),
        });
        let app = App {
            hub: Arc::new(features),
            log: Log::default(),
            runs: Runs::new(Arc::new(bench), id),
            workspace: tenant.workspace.id.clone(),
            is_public,
            limits: api::Limits::default(),
            version: env!("CARGO_PKG_VERSION"),
        };
        let rim = Rim {
            authorizer: Arc::new(Open { guard: Guard(hub.clone()), is_public }),
            metrics: metrics.clone(),
            allow_origins: vec!["*".into()],
            behind_proxy: false,
            face: api::FACE,
        };
        Ok(Self { app: Arc::new(app), rim: Arc::new(rim), logging: Arc::default() })
    }

    /// Its routes.
    pub fn router(&self) -> Service {
        router(api::routes(), self.app.clone(), self.rim.clone())
    }

    /// What SQL calls of it.
    pub fn function(&self, runtime: tokio::runtime::Handle) -> Arc<dyn ForeignTables> {
        let (hub, workshop) = (self.app.hub.clone(), self.app.runs.workshop());
        Arc::new(Function { hub, workspace: self.app.workspace.clone(), workshop, runtime })
    }

    /// Its part of the catalog.
    pub fn mount(&self, hub: &tile_pipes::hub::Hub) -> Result<Arc<mount::Features>> {
        let tenant = local::tenant(hub)?;
        let owner = Owner { id: tenant.workspace.id.clone(), name: tenant.workspace.name.clone() };
        let features = self.app.hub.clone();
        Ok(Arc::new(mount::Features::new(features, owner, mount::Limits::default(), seed())))
    }

    /// Where errors are told as its clients know them.
    pub fn prefixes(&self) -> Vec<(&'static str, Arc<Rim>)> {
        ["/v1/features/", "/v1/fetch/", "/v2/fetch/", "/v1/join/", "/v1/groupby/"]
            .map(|prefix| (prefix, self.rim.clone()))
            .to_vec()
    }

    /// Serves what the project defines, and follows its files.
    pub async fn start(&self, folder: PathBuf, client: Client) -> Result<()> {
        let app = self.app.clone();
        let log = tile_web::rt::spawn("feature log", async move { app.log.run(&Events(client)).await });
        *self.logging.lock() = Some(log);
        let first = files::features(&folder)?;
        self.define(first.clone()).await?;
        tile_web::rt::spawn("definitions", follow(self.clone(), folder, first));
        Ok(())
    }

    async fn define(&self, files: Files) -> Result<(), Error> {
        let hub = self.app.hub.clone();
        let problems = tile_web::rt::cpu(move || hub.define(&files)).await?;
        problems.iter().for_each(tell);
        Ok(())
    }

    /// Writes down what is new, and ends.
    pub async fn stop(&self) {
        self.app.log.stop();
        let logging = self.logging.lock().take();
        if let Some(logging) = logging
            && let Err(e) = logging.await
        {
            tracing::error!(error = %e, "the log of served values failed");
        }
        self.app.hub.stop().await;
    }
}

/// The log of served values as events of the workspace.
struct Events(Client);

impl Sink for Events {
    fn store(&self, rows: Bytes) -> Pin<Box<dyn Future<Output = Result<u64, Error>> + Send + '_>> {
        Box::pin(async move {
            let target = format!("/v0/events?name={}&wait=true", log::TABLE);
            let answer = ask(&self.0, http::Method::POST, &target, "application/x-ndjson", rows).await?;
            Ok(answer.get("quarantined_rows").and_then(serde_json::Value::as_u64).unwrap_or(0))
        })
    }
}

fn id() -> String {
    random().iter().map(|b| format!("{b:02x}")).collect()
}

fn seed() -> u64 {
    random().into_iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(byte))
}

fn tell(problem: &Problem) {
    eprintln!("{problem}");
}

/// Serves what files define whenever they differ.
async fn follow(features: Features, folder: PathBuf, mut last: Files) {
    let mut seen = files::Stamps::new();
    loop {
        tokio::time::sleep(LOOK).await;
        let (looked, known) = (folder.clone(), seen.clone());
        let look = tile_web::rt::cpu(move || {
            look(&looked, &known).map_err(|e| Error::new(Kind::Invalid, format!("{e:#}")))
        });
        // A file can be gone between being listed and being read: the next look sees it right.
        let Ok((stamps, found)) = look.await else { continue };
        seen = stamps;
        let Some(found) = found.filter(|found| *found != last) else { continue };
        last = found;
        if let Err(e) = features.define(last.clone()).await {
            eprintln!("error: {}", e.detail());
        }
    }
}

/// The stamps of the files, and the files when they may have changed.
fn look(folder: &Path, known: &files::Stamps) -> Result<(files::Stamps, Option<Files>)> {
    let stamps = files::feature_stamps(folder)?;
    let is_fresh = files::is_fresh(&stamps, SystemClock.now_us() - FRESH_US);
    let files = if is_fresh || stamps != *known { Some(files::features(folder)?) } else { None };
    Ok((stamps, files))
}
