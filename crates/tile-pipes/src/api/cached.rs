//! Endpoints whose templates say `cache_ttl`: their results are given again while they hold.

use super::App;
use super::call::{Call, Seen};
use super::endpoints::Asking;
use super::watch::Told;
use crate::cache::{Kept, key, micros};
use crate::workspace::query::Answer;
use bytes::Bytes;
use http::HeaderName;
use tile_web::Reply;

const HEADER: HeaderName = HeaderName::from_static("x-cache");

/// The name of a result, for questions whose results can be kept: those of endpoints alone.
pub fn name(call: &Call, asking: &Asking, seen: &Seen) -> Option<String> {
    let (Some(pipe), None) = (&asking.pipe, &asking.text) else { return None };
    // Who asks makes no difference by itself, what they may see does.
    let is_taken = |name: &str| name != "token" || call.live.resources.takes_token;
    let mut params: Vec<&(String, String)> = asking.params.iter().filter(|(n, _)| is_taken(n)).collect();
    // The first of a name counts: their order stays among equals.
    params.sort_by(|a, b| a.0.cmp(&b.0));
    key(&(
        &call.tenant.workspace.id,
        &call.live.document.id,
        pipe,
        &asking.format,
        params,
        &asking.fixed,
        seen.filters(),
    ))
    .ok()
}

/// A result that was kept and holds.
pub fn find(app: &App, call: &Call, name: &str) -> Option<(Reply, Told)> {
    let versions = call.tenant.workspace.versions();
    let kept = app.hub.cache.get(name, app.hub.now_us(), |sources| versions.of(sources))?;
    let reply = Reply::new(kept.content_type, kept.body).with(HEADER, "hit");
    Some((reply, Told { rows: kept.rows, ..Told::default() }))
}

/// Keeps a result whose template says so. The server's own tables and those of other workspaces always say what is now.
pub fn keep(app: &App, name: Option<String>, answer: &Answer, body: &Bytes, reply: Reply) -> Reply {
    let ttl = answer.cache_ttl.and_then(micros);
    let (Some(name), Some(ttl)) = (name, ttl) else { return reply };
    if answer.sources.iter().any(|source| source.contains('.')) {
        return reply;
    }
    let mut kept = Kept::new(body.clone(), answer.content_type, answer.rows, app.hub.now_us(), ttl);
    kept.sources.clone_from(&answer.sources);
    kept.version = answer.version;
    app.hub.cache.put(name, kept);
    reply.with(HEADER, "miss")
}
