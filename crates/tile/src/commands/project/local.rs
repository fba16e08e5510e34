//! The API of a project in this process: what `tile dev` serves, and `tile test` asks without a socket.

use super::{engines, files, ids, random};
use crate::clock::SystemClock;
use anyhow::Result;
use std::path::Path;
use std::sync::Arc;
use tile_base::Error;
use tile_pipes::api::{self, App, Guard};
use tile_pipes::hub::{DEFAULT_NAME, Engines, Hub};
use tile_pipes::workspace::compile::Files;
use tile_pipes::workspace::{Outcome, Ways};
use tile_pipes::writer::Writer;
use tile_web::metrics::Metrics;
use tile_web::route::{Rim, or_not_found, router};
use tile_web::{Client, Router};

/// All workspaces that these databases hold.
pub fn hub(engines: Arc<dyn Engines>) -> Result<Arc<Hub>> {
    Ok(Arc::new(Hub::open(engines, Arc::new(SystemClock), ids(), random)?))
}

/// A workspace that is gone with the process, with the secrets of a project.
pub fn in_memory(folder: &Path) -> Result<Arc<Hub>> {
    let hub = hub(Arc::new(engines::Memory))?;
    secrets(&hub, folder)?;
    Ok(hub)
}

/// Gives the workspace the values that the project's folder has for its secrets.
pub fn secrets(hub: &Hub, folder: &Path) -> Result<()> {
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

/// Every route over these workspaces, and the rim that they share.
pub fn routes(hub: &Arc<Hub>, metrics: &Arc<Metrics>, gives_tokens: bool) -> (Router, Arc<Rim>) {
    let app = App {
        hub: hub.clone(),
        writer: Writer::default(),
        limits: api::Limits::default(),
        version: env!("CARGO_PKG_VERSION"),
        gives_tokens,
    };
    let rim = Arc::new(Rim {
        authorizer: Arc::new(Guard(hub.clone())),
        metrics: metrics.clone(),
        // Browsers send events and read endpoints from any page; a token says what they may.
        allow_origins: vec!["*".into()],
        behind_proxy: false,
        face: api::FACE,
    });
    (router(api::routes(), Arc::new(app), rim.clone()), rim)
}

/// The same as a whole.
pub fn service(hub: &Arc<Hub>) -> Router {
    let (routes, rim) = routes(hub, &Arc::default(), false);
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
