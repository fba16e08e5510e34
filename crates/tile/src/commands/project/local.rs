//! The API of a project in this process: what `tile dev` serves, and `tile test` asks without a socket.

use super::catalog::Data;
use super::workshop::Elsewhere;
use super::{engines, files, ids, random};
use crate::clock::SystemClock;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tile_base::{Error, Objects};
use tile_pipes::api::{self, App, Guard};
use tile_pipes::hub::{DEFAULT_NAME, Engines, Hub};
use tile_pipes::workspace::compile::Files;
use tile_pipes::workspace::{Outcome, Ways};
use tile_pipes::writer::Writer;
use tile_web::metrics::Metrics;
use tile_web::route::{Face, Rim, Route, or_not_found, router};
use tile_web::{Client, Router};

/// All workspaces that these databases hold.
pub fn hub(engines: Arc<dyn Engines>) -> Result<Arc<Hub>> {
    Ok(Arc::new(Hub::open(engines, Arc::new(SystemClock), ids(), random)?))
}

/// A workspace that is gone with the process, with the secrets and the files of a project; these as long as the second value is kept.
pub fn in_memory(folder: &Path) -> Result<(Arc<Hub>, Scratch)> {
    let scratch = Scratch(std::env::temp_dir().join(format!("tile-project-{}", std::process::id())));
    let data = Data::open(Some(folder), &scratch.0)?;
    let hub = hub(Arc::new(engines::Memory(Arc::new(Elsewhere::new(data.as_tables())))))?;
    secrets(&hub, folder)?;
    Ok((hub, scratch))
}

/// A folder that is gone when this is.
pub struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(e) = std::fs::remove_dir_all(&self.0) {
            tracing::debug!(error = %e, "a folder for a moment stays");
        }
    }
}

/// Gives the workspace the values that the project's folder has for its secrets.
pub fn secrets(hub: &Hub, folder: &Path) -> Result<(), Error> {
    let tenant = tenant(hub)?;
    let known = tenant.workspace.secrets();
    for (name, value) in files::secrets(folder)? {
        if known.get(&name) != Some(&value) {
            tenant.workspace.set_secret(&name, Some(&value))?;
        }
    }
    Ok(())
}

pub fn tenant(hub: &Hub) -> Result<Arc<tile_pipes::hub::Tenant>, Error> {
    hub.by_name(DEFAULT_NAME).ok_or_else(|| Error::internal("no workspace"))
}

pub fn token(hub: &Hub) -> Result<String, Error> {
    hub.admin_token(&tenant(hub)?.workspace.id)
}

/// What is served of some workspaces.
pub struct Apis {
    hub: Arc<Hub>,
    metrics: Arc<Metrics>,
    app: Arc<App>,
}

impl Apis {
    pub fn new(
        hub: &Arc<Hub>,
        metrics: &Arc<Metrics>,
        objects: Arc<dyn Objects>,
        gives_tokens: bool,
    ) -> Self {
        let app = App {
            hub: hub.clone(),
            writer: Writer::default(),
            objects,
            limits: api::Limits::default(),
            version: env!("CARGO_PKG_VERSION"),
            gives_tokens,
        };
        Self { hub: hub.clone(), metrics: metrics.clone(), app: Arc::new(app) }
    }

    /// What the routes share, for what goes on beside them.
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// The product's own routes, and the rim of their answers.
    pub fn own(&self) -> (Router, Arc<Rim>) {
        self.routes(api::routes(), api::FACE)
    }

    /// ClickHouse's interface.
    pub fn clickhouse(&self) -> Router {
        let (routes, rim) = self.routes(api::clickhouse::routes(), api::clickhouse::FACE);
        or_not_found(routes, rim)
    }

    fn routes(&self, routes: Vec<Route<App>>, face: Face) -> (Router, Arc<Rim>) {
        let rim = Arc::new(Rim {
            authorizer: Arc::new(Guard(self.hub.clone())),
            metrics: self.metrics.clone(),
            // Browsers send events and read endpoints from any page; a token says what they may.
            allow_origins: vec!["*".into()],
            behind_proxy: false,
            face,
        });
        (router(routes, self.app.clone(), rim.clone()), rim)
    }
}

/// The product's own routes alone.
pub fn service(hub: &Arc<Hub>) -> Router {
    let (routes, rim) = Apis::new(hub, &Arc::default(), Arc::new(tile_base::objects::Nowhere), false).own();
    or_not_found(routes, rim)
}

/// Who administers the workspace.
pub fn client(hub: &Hub, service: Router) -> Result<Client> {
    Ok(Client::within(service, &token(hub)?)?)
}

/// Makes the workspace equal to the files.
pub async fn build(hub: &Arc<Hub>, files: Files) -> Result<Outcome> {
    let hub = hub.clone();
    let outcome = tile_web::rt::cpu(move || {
        let tenant = tenant(&hub)?;
        let outcome =
            tenant.workspace.deploy(files, Ways { may_destroy: true, is_build: true, ..Ways::default() })?;
        if outcome.faults.is_empty() {
            api::note_deployment(&tenant, &outcome);
            api::sync_tokens(&hub, &tenant)?;
        }
        Ok(outcome)
    })
    .await?;
    Ok(outcome)
}

/// What there is to say of a build: warnings, and what is wrong.
pub fn told(outcome: &Outcome) -> String {
    let mut text = String::new();
    for warning in &outcome.warnings {
        text.push_str(&format!("warning: {}:{}: {}\n", warning.file, warning.line, warning.message));
    }
    for fault in &outcome.faults {
        text.push_str(&format!("error: {}\n\n", fault.render()));
    }
    text
}
