//! Jobs.

use super::call::Call;
use super::show::time;
use super::{App, json};
use serde_json::json;
use std::sync::Arc;
use tile_base::{Error, Result};
use tile_web::{Reply, Req};

pub async fn read(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    match req.tail.0.as_slice() {
        [] => {
            call.administers()?;
            let wanted = |name: &str, value: &str| req.query.get(name).is_none_or(|w| w == value);
            let jobs = call.tenant.jobs.list();
            let shown = jobs
                .iter()
                .filter(|j| wanted("kind", j.kind) && wanted("status", j.status.name()))
                .map(|j| j.to_json(&req.origin, time));
            Ok(json(&json!({"jobs": shown.collect::<Vec<_>>()})))
        }
        // Its name is a secret of who began it.
        [id] => match call.tenant.jobs.get(id) {
            Some(job) => Ok(json(&job.to_json(&req.origin, time))),
            None => Err(Error::not_found(format!("Job {id} not found"))),
        },
        _ => Err(Error::not_found("Not Found")),
    }
}
