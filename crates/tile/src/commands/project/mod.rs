//! Projects of pipes: `tile init`, `tile check`, `tile test`, `tile dev`, `tile deploy`.

mod catalog;
mod deploy;
mod dev;
mod engines;
mod features;
mod files;
mod fixtures;
mod follow;
mod local;
mod starter;
mod test;
mod workshop;

pub use deploy::deploy;
pub use dev::dev;
pub use starter::init;
pub use test::test;

use crate::cli::{Project, Remote};
use anyhow::{Result, bail};
use std::path::Path;
use std::sync::Arc;
use tile_base::feed::Feeds;
use tile_base::{Error, Kind};
use tile_pipes::feeds::Followed;
use tile_pipes::workspace::{Ids, Ways};
use tile_web::Client;
use tile_web::client::Received;

/// Reads a project and says what is wrong with it; nothing is kept.
pub fn check(args: &Project) -> Result<()> {
    let found = files::read(&args.folder)?;
    let definitions = files::features(&args.folder)?;
    let (hub, _scratch) = local::in_memory(&args.folder)?;
    let count = found.len() + definitions.len();
    let workspace = &local::tenant(&hub)?.workspace;
    let is_check = definitions.is_empty();
    let ways = Ways { is_check, is_build: !is_check, may_destroy: true, ..Ways::default() };
    let outcome = workspace.deploy(found, ways)?;
    for warning in &outcome.warnings {
        eprintln!("warning: {}:{}: {}", warning.file, warning.line, warning.message);
    }
    let mut told: Vec<String> = outcome.faults.iter().map(tile_pipes::datafile::Fault::render).collect();
    // Definitions are read over what is deployed.
    let tables = Followed(local::tenant(&hub)?);
    let tables: Option<&dyn Feeds> = if told.is_empty() { Some(&tables) } else { None };
    told.extend(super::features::checked(&definitions, tables)?.faults);
    match told.len() {
        0 => super::print(&format!("{count} files are fine\n")),
        count => bail!("{count} faults\n\n{}", told.join("\n\n")),
    }
}

/// The data sources of a project, deployed for a moment: as long as the second value is kept. None where the folder defines none.
pub fn tables(folder: &Path) -> Result<Option<(Arc<dyn Feeds>, local::Scratch)>> {
    let found = files::read(folder)?;
    if found.is_empty() {
        return Ok(None);
    }
    let (hub, scratch) = local::in_memory(folder)?;
    let tenant = local::tenant(&hub)?;
    let ways = Ways { is_build: true, may_destroy: true, ..Ways::default() };
    let outcome = tenant.workspace.deploy(found, ways)?;
    match outcome.faults.len() {
        0 => Ok(Some((Arc::new(Followed(tenant)), scratch))),
        count => {
            eprintln!(
                "warning: types are not known: the project has {count} faults; `tile check` tells them"
            );
            Ok(None)
        }
    }
}

/// 16 random bytes.
#[expect(
    clippy::expect_used,
    reason = "without randomness no token could be made, and nothing may be served"
)]
fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

/// Identities of 128 random bits.
fn ids() -> Ids {
    Arc::new(|| random().iter().map(|b| format!("{b:02x}")).collect())
}

fn denied(folder: &std::path::Path, e: &std::io::Error) -> Error {
    Error::new(Kind::Invalid, format!("cannot read `{}`: {e}", folder.display()))
}

/// Who asks a server.
pub fn client(server: &Remote) -> Result<Client> {
    if server.token.is_empty() {
        let e = Error::new(Kind::Denied, "there is no token");
        return Err(e.hint("Set TILE_TOKEN, or give one with --token").into());
    }
    Ok(Client::of(&server.url, &server.token)?)
}

/// The JSON of an answer; a refusal in the server's own words.
pub async fn ask(
    client: &Client,
    method: http::Method,
    target: &str,
    content_type: &str,
    body: impl Into<bytes::Bytes>,
) -> Result<serde_json::Value, Error> {
    let received = client.send(method, target, content_type, body).await?;
    good(&received)?;
    serde_json::from_slice(&received.body).map_err(|e| {
        Error::invalid("the answer is no JSON: is the address that of a server of pipes?").source(e)
    })
}

/// A refusal as an error, in the server's own words.
fn good(received: &Received) -> Result<(), Error> {
    let kind = match received.status {
        200..=299 => return Ok(()),
        401 | 403 => Kind::Denied,
        404 => Kind::NotFound,
        409 => Kind::Conflict,
        408 | 429 | 503 => Kind::Busy,
        _ => Kind::Invalid,
    };
    Err(Error::new(kind, refusal(received)))
}

/// What a refusal says.
fn refusal(received: &Received) -> String {
    let json = serde_json::from_slice::<serde_json::Value>(&received.body).unwrap_or_default();
    let told = json.get("error").or_else(|| json.get("errors").and_then(|errors| errors.get(0)));
    match told.and_then(serde_json::Value::as_str) {
        Some(text) => text.to_owned(),
        None => format!("the server answered with {}", received.status),
    }
}
