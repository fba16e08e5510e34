//! Which data sources views fill from which.

use super::call::Call;
use super::{App, json};
use crate::workspace::resources::Resources;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tile_base::{Action, Error, Result};
use tile_web::{Reply, Req};

pub async fn read(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    let name = req.query.get("datasource").filter(|n| !n.is_empty());
    let name = name.ok_or_else(|| Error::invalid("The parameter 'datasource' is missing"))?;
    let (name, resource) = call.datasource(name);
    call.may(Action::Read, &resource)?;
    let live = call.live.clone();
    live.source(&name)?;
    let mut targets = targets(&live.resources, &name, req.query.flag("recursive", false)?);
    targets.retain(|name, _| call.may(Action::Read, &call.datasource(name).1).is_ok());
    Ok(json(&json!({"dependencies": targets, "incompatible_datasources": {}})))
}

/// The data sources that views fill from one, with the pipes that do.
fn targets(resources: &Resources, name: &str, is_recursive: bool) -> BTreeMap<String, BTreeSet<String>> {
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut wanted = vec![name];
    while let Some(name) = wanted.pop() {
        for view in resources.views.get(name).into_iter().flatten() {
            if is_recursive && !out.contains_key(&view.target) {
                wanted.push(&view.target);
            }
            out.entry(view.target.clone()).or_default().insert(view.pipe.clone());
        }
    }
    out
}
