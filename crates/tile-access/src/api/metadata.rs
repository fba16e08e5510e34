//! One node.

use super::resource::{self, Fields};
use super::{App, Reply, Req};
use std::sync::Arc;
use tile_base::{Error, Result};

pub async fn get(app: Arc<App>, req: Req) -> Result<Reply> {
    check_client(&req)?;
    let depth = req.query.number("max_depth", 0, 5)?.unwrap_or(5);
    let fields = Fields::of(&req)?.inlining(depth);
    let with_root = req.query.flag("root_path", false)?;
    let text = {
        let (app, path, origin) = (app.clone(), req.tail.clone(), req.origin.clone());
        let mounted = app.tree.has_mounts();
        // A row of the catalog is a few microseconds; only what lies inside files may block.
        let write = move || -> Result<String> {
            let node = app.tree.find(&path)?;
            let mut out = String::with_capacity(1024);
            out.push_str("{\"data\":");
            resource::write(&app, &node, &fields, &origin, &mut out)?;
            out.push_str(if with_root {
                ",\"error\":null,\"links\":null,\"meta\":{\"root_path\":\"/\"}}"
            } else {
                ",\"error\":null,\"links\":null,\"meta\":{}}"
            });
            Ok(out)
        };
        // A mount asks a database.
        if mounted { tile_web::rt::cpu(write).await? } else { write()? }
    };
    Reply::document(&req, text)
}

/// Clients that are too old to be understood are told so (wire specification §1).
///
/// # Errors
/// `Invalid` for versions before 0.1.0a104.
pub fn check_client(req: &Req) -> Result<()> {
    let Some(version) = req.header("user-agent").strip_prefix("python-tiled/") else { return Ok(()) };
    let version = version.split_whitespace().next().unwrap_or("");
    let numbers: Vec<u64> =
        version.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    let old = match numbers.as_slice() {
        [0, 0, ..] => true,
        [0, 1, 0, pre, ..] if version.starts_with("0.1.0a") => *pre < 104,
        _ => false,
    };
    if old {
        return Err(Error::invalid(format!(
            "Python Tiled client reports version {version}. Version 0.1.0a104 or higher is needed to communicate with this Tiled server."
        )));
    }
    Ok(())
}
