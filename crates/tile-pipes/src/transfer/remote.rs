//! From a connection of the project to the right to read and write addresses, and one file from there into a data source.

use super::Limits;
use super::import::{Counts, Importing, Remember, Target};
use super::kind::{Format, of_file};
use super::reading::{self, Counted, Manner};
use crate::datafile::{Connection, ConnectionKind};
use crate::ingest::{Dialect, Import, unpacking};
use crate::jobs::Watch;
use crate::workspace::Live;
use crate::workspace::flow::Flow;
use serde_json::json;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tile_base::objects::{Access, Objects, Opened, S3Access};
use tile_base::{Error, Result};

/// The right that a connection gives.
///
/// # Errors
/// `Invalid` for a connection that is not there, or of a kind that has no files.
pub fn access(live: &Live, name: &str) -> Result<Access> {
    let Some(connection) = live.resources.connections.get(name) else {
        let known = live.resources.connections.keys().map(String::as_str);
        let near = tile_base::error::nearest(name, known).join("`, `");
        let e = Error::invalid(format!("the connection `{name}` does not exist"));
        return Err(if near.is_empty() { e } else { e.hint(format!("maybe you meant `{near}`")) });
    };
    of(connection)
}

fn of(connection: &Connection) -> Result<Access> {
    let name = &connection.name;
    match &connection.kind {
        ConnectionKind::S3(s3) => {
            if s3.arn.is_some() && s3.access_key.is_none() {
                return Err(Error::invalid(format!(
                    "the connection `{name}` uses a role, which is not supported"
                ))
                .hint("Give it S3_ACCESS_KEY and S3_SECRET"));
            }
            let (Some(key), Some(secret)) = (s3.access_key.clone(), s3.secret.clone()) else {
                return Err(Error::invalid(format!(
                    "the connection `{name}` has no S3_ACCESS_KEY and S3_SECRET"
                )));
            };
            let region = s3.region.clone().unwrap_or_else(|| "us-east-1".to_owned());
            let is_plain = region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
            if !is_plain {
                return Err(Error::invalid(format!("the connection `{name}` has a region that is none")));
            }
            Ok(Access::S3(S3Access { endpoint: s3.endpoint.clone(), region, key, secret }))
        }
        ConnectionKind::Files => Ok(Access::Files),
        other => Err(Error::invalid(format!(
            "the connection `{name}` is of the type {}, whose files cannot be reached yet",
            other.name()
        ))
        .hint("Connections of the types s3 and files can be used")),
    }
}

/// A file as it comes.
pub struct Incoming<'a> {
    /// Its address, or a name that tells what it is.
    pub url: &'a str,
    pub opened: Opened,
    pub format: Option<Format>,
    pub dialect: &'a Dialect,
    pub limits: Limits,
}

/// Imports one file.
///
/// # Errors
/// Those of reading it, and of the import: nothing has changed then.
pub fn import(
    target: Target<'_>,
    incoming: Incoming<'_>,
    objects: &dyn Objects,
    watch: &Watch,
    remember: Remember<'_>,
) -> Result<Counts> {
    let Incoming { url, opened, format, dialect, limits } = incoming;
    let (ty, encoding) = (opened.content_type.as_deref(), opened.content_encoding.as_deref());
    let (format, packing) = of_file(url, format, ty, encoding)?;
    let deployed = target.workspace.deployed();
    let decoder = Flow::of(&deployed).of_table(target.source, target.home)?.source.decoder()?;
    let count = Arc::new(AtomicU64::new(0));
    let counted: Box<dyn Read + Send> = Box::new(Counted { inner: opened.reader, count: count.clone() });
    let manner = Manner {
        format,
        dialect,
        limits,
        import: Import {
            id: Some(target.id),
            at_micros: target.workspace.now_us(),
            limits: crate::ingest::Limits { bytes_max: 1 << 30, ..crate::ingest::Limits::default() },
        },
        cancel: &watch.cancel,
    };
    let id = target.id.to_owned();
    let mut importing = Importing::new(target, objects, watch);
    reading::blocks(unpacking(packing, counted)?, objects, decoder, &manner, &mut |block, bytes| {
        importing.take(block, bytes)?;
        let part = |of: u64| count.load(Ordering::Relaxed).saturating_mul(95).checked_div(of).unwrap_or(0);
        let percent = opened.bytes.map_or(0, part);
        let shown = importing.counts.to_json(&id);
        watch.tell(
            u8::try_from(percent).unwrap_or(95),
            json!({"blocks": shown["blocks"], "statistics": shown["statistics"]}),
        );
        Ok(())
    })?;
    importing.finish(remember)
}
