//! Extension: several nodes in one call. The body is a JSON list of paths; the answer has one entry per path, in order,
//! each `{"data": resource}` or `{"error": {"status", "detail"}}`.

use super::resource::{self, Fields};
use super::{App, Reply, Req, body_list};
use serde_json::json;
use std::sync::Arc;
use tile_base::{Error, Kind, Result};

/// Paths per call.
const PATHS_MAX: usize = 300;

pub async fn post(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let fields = Fields::of(&req)?;
    let paths = body_list(&mut req).await?;
    if paths.len() > PATHS_MAX {
        return Err(Error::new(
            Kind::TooLarge,
            format!("{} paths in one call, at most {PATHS_MAX} are answered", paths.len()),
        ));
    }
    let origin = req.origin.clone();
    let text = tile_web::rt::cpu(move || {
        let mut out = String::from("{\"data\":[");
        for (i, path) in paths.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            let mut one = String::new();
            let written = tile_web::request::keys(path)
                .and_then(|p| app.tree.find(&p))
                .and_then(|node| resource::write(&app, &node, &fields, &origin, &mut one));
            match written {
                Ok(()) => out.push_str(&format!("{{\"data\":{one},\"error\":null}}")),
                Err(e) if e.kind == Kind::Internal => return Err(e),
                Err(e) => out.push_str(
                    &json!({"data": null, "error": {"status": e.kind.status(), "detail": e.detail()}})
                        .to_string(),
                ),
            }
        }
        out.push_str("],\"error\":null,\"links\":null,\"meta\":{}}");
        Ok(out)
    })
    .await?;
    Reply::document(&req, text)
}
