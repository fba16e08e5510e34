//! Questions about SQL that answer without running it, and copies of its result.

use super::super::App;
use super::super::call::{Call, params, required};
use super::super::watch::{operated, settle};
use super::super::{jobs, json, show};
use crate::jobs::Jobs;
use crate::observe::Operation;
use crate::workspace::copy;
use serde_json::{Value, json};
use std::sync::Arc;
use tile_base::{Action, Error, Result, Transaction};
use tile_clicksql::ast::Query;
use tile_web::{Reply, Req};

/// The kind of the jobs that copy.
const KIND: &str = "copy";

/// The query of a request.
async fn asked(app: &App, req: &mut Req) -> Result<Query> {
    Call::of_workspace(app, req)?;
    let params = params(req, super::BODY_BYTES_MAX).await?;
    let text = required(&params, "q")?;
    tile_clicksql::parse::query(text).map_err(|e| Error::invalid(e.render(text)))
}

/// `POST /v0/sql_tables`: the tables that a query names, as database, name and alias.
pub async fn tables(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let query = asked(&app, &mut req).await?;
    let named = |path: Vec<String>| {
        let (name, space) = path
            .split_last()
            .map_or((String::new(), String::new()), |(name, space)| (name.clone(), space.join(".")));
        json!([space, name, ""])
    };
    let tables: Vec<Value> = tile_clicksql::tables::names(&query).into_iter().map(named).collect();
    Ok(json(&json!({"tables": tables})))
}

/// `GET /v0/sql_format`: a query in one normal form.
pub async fn format(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let query = asked(&app, &mut req).await?;
    Ok(json(&json!({"q": tile_clicksql::print::query(&query)})))
}

/// `POST /v0/sql_copy?copy_to=<name>`: adds the result of a query to a data source, as a job.
pub async fn copied(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    let (target, resource) = call.datasource(required(&req.query.0, "copy_to")?);
    call.may(Action::Append, &resource)?;
    let target_id = call.live.source(&target)?.home.id.clone();
    let body = req.read_body(super::BODY_BYTES_MAX).await?;
    let text = std::str::from_utf8(&body).map_err(|_| Error::invalid("the query is not UTF-8"))?.to_owned();
    // What cannot be asked is told at once.
    tile_clicksql::parse::query(&text).map_err(|e| Error::invalid(e.render(&text)))?;
    settle(&call, None, Some(&text)).await;
    let more = json!({"datasource": {"id": target_id, "name": target}, "mode": "append"});
    let operation = Operation::new(KIND, (&target_id, &target));
    let (tenant, which, held) = (call.tenant.clone(), call.which, call.tenant.clone());
    let begun = jobs::begin_watched(&app, &held, KIND, more, move |id, watch| {
        let sight = call.sight();
        let asking =
            copy::Asking { which, text: &text, target: &target, sight: &sight, id, cancel: &watch.cancel };
        let shown = |rows: u64| json!({"rows": rows, "statistics": {"row_count": rows}});
        // The rows and the job that is done are one transaction.
        let settle = |transaction: &dyn Transaction, rows| {
            let job = tenant.jobs.ended(id, &Ok(shown(rows)), tenant.workspace.now_us());
            job.map_or(Ok(()), |job| Jobs::put(transaction, &job))
        };
        let work = || copy::query(&tenant.workspace, &asking, &settle);
        operated(&tenant, operation.job(id), work, |done, rows| done.rows(*rows, 0)).map(shown)
    });
    let job = begun.await?.soon(&held, jobs::PATIENCE).await?.to_json(&req.origin, show::time);
    Ok(json(&json!({"job": job})))
}
