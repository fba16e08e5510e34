//! A view sees the rows that were there before it, as a job.

use super::super::App;
use super::super::call::{Call, param};
use super::super::watch::operated;
use super::super::{jobs, json, show};
use crate::observe::Operation;
use crate::workspace::populate::{self, Population};
use serde_json::{Value, json};
use std::sync::Arc;
use tile_base::{Action, Error, Result};
use tile_web::{Reply, Req};

/// What a request asks for.
///
/// # Errors
/// `Invalid` for a random part of the rows.
pub fn asked(params: &[(String, String)]) -> Result<Population> {
    if param(params, "populate_subset").is_some_and(|part| !matches!(part, "" | "0" | "1" | "0.0" | "1.0")) {
        return Err(Error::invalid("a random part of the rows cannot be populated")
            .hint("Say with `populate_condition` which rows, or take all"));
    }
    let condition = param(params, "populate_condition").filter(|c| !c.trim().is_empty());
    let is_truncating = param(params, "truncate") == Some("true");
    Ok(Population { is_truncating, condition: condition.map(str::to_owned) })
}

/// Begins the job; gives it as the API shows it.
///
/// # Errors
/// `Denied`; when the pipe has no view, and `Busy`.
pub async fn begin(
    app: &App,
    call: &Call,
    pipe: &str,
    population: Population,
    origin: &str,
) -> Result<Value> {
    let live = call.tenant.workspace.live();
    let (from, to) = populate::ends(&live, pipe)?;
    let (_, resource) = call.datasource(&to);
    call.may(Action::Append, &resource)?;
    if population.is_truncating {
        call.may(Action::Drop, &resource)?;
    }
    let (pipe_id, target) = (live.pipe(pipe)?.id.clone(), live.source(&to)?.home.id.clone());
    let more = json!({
        "pipe_id": pipe_id, "pipe_name": pipe, "datasource": {"id": target, "name": to}, "queries": [],
        "source_datasource": from,
    });
    let operation = Operation::new("populateview", (&target, &to)).pipe(&pipe_id, pipe);
    let (tenant, pipe) = (call.tenant.clone(), pipe.to_owned());
    let begun = jobs::begin(app, &call.tenant, "populateview", more, move |id| {
        let work = || populate::run(&tenant.workspace, &pipe, &population);
        operated(&tenant, operation.job(id), work, |done, ()| done)?;
        Ok(json!({}))
    })
    .await?;
    let job = begun.soon(&call.tenant, jobs::PATIENCE).await?;
    Ok(job.to_json(origin, show::time))
}

/// `POST /v0/pipes/<pipe>/nodes/<node>/population`.
pub async fn post(app: Arc<App>, call: Call, req: Req, pipe: &str, node: &str) -> Result<Reply> {
    let (pipe, resource) = call.pipe(pipe);
    call.may(Action::Alter, &resource)?;
    let live = call.tenant.workspace.live();
    super::nodes::find(live.pipe(&pipe)?, node)?;
    let job = begin(&app, &call, &pipe, asked(&req.query.0)?, &req.origin).await?;
    Ok(json(&json!({"job": job})))
}
