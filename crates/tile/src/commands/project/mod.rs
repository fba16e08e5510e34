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

use crate::cli::Project;
use anyhow::{Result, bail};
use std::sync::Arc;
use tile_base::{Error, Kind};
use tile_pipes::workspace::{Ids, Ways};
use tile_web::Client;
use tile_web::client::Received;

/// Reads a project and says what is wrong with it; nothing is kept.
pub fn check(args: &Project) -> Result<()> {
    let found = files::read(&args.folder)?;
    let (hub, _scratch) = local::in_memory(&args.folder)?;
    let count = found.len();
    let outcome = local::tenant(&hub)?
        .workspace
        .deploy(found, Ways { is_check: true, may_destroy: true, ..Ways::default() })?;
    for warning in &outcome.warnings {
        eprintln!("warning: {}:{}: {}", warning.file, warning.line, warning.message);
    }
    if outcome.faults.is_empty() {
        return super::print(&format!("{count} files are fine\n"));
    }
    let told: Vec<String> = outcome.faults.iter().map(tile_pipes::datafile::Fault::render).collect();
    bail!("{} faults\n\n{}", told.len(), told.join("\n\n"))
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

/// The JSON of an answer; a refusal in the server's own words.
async fn ask(
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
    match json.get("error").and_then(serde_json::Value::as_str) {
        Some(text) => text.to_owned(),
        None => format!("the server answered with {}", received.status),
    }
}
