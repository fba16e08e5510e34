//! Training data over HTTP: rows go in, or the name of a table that has them, and come back with the features that they had at their times.
//! What takes longer than a request waits is a job, whose result is fetched when it is done.

use super::call::Call;
use super::runs::{Job, Table};
use super::{App, json};
use crate::definition::{Declared, Join, Rows, What};
use crate::training::body::{Body, Format, read, write};
use crate::training::desk::{Desk, RESULT};
use arrow_schema::{Field, Schema};
use http::{StatusCode, header};
use std::sync::Arc;
use std::time::Duration;
use tile_base::engine::Cancel;
use tile_base::{Error, Kind, Result};
use tile_web::{Reply, Req};

/// The table of rows that came with the request.
const LEFT: &str = "the left rows";
/// Seconds that a request waits for its result: when nothing is said, and at most.
const WAIT: u64 = 20;
const WAIT_MAX: u64 = 60;

/// The rows that features are wanted for.
enum Left {
    /// Those of the Join's own left side.
    Own,
    Named(String),
    Given(Body),
}

pub async fn post(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let call = Call::known(&app, &req)?;
    let name = req.tail.0.join("/");
    call.reads(&name)?;
    let declared = declared(&app, &call, &name)?;
    let format = Format::of(req.query.get("format"), req.header("accept"))?;
    let wait = req.query.number("wait", 0, WAIT_MAX)?.unwrap_or(WAIT);
    let media = req.header("content-type").to_owned();
    let body = req.read_body(app.limits.training_bytes_max).await?;
    let left = match (req.query.get("left"), body.is_empty()) {
        (Some(_), false) => {
            return Err(Error::invalid("there are rows in the body, and `left` names others")
                .hint("Send one of both"));
        }
        (Some(left), true) => Left::Named(left.to_owned()),
        (None, false) => Left::Given(Body::new(&media, body)?),
        (None, true) => Left::Own,
    };
    let token = call.token_name();
    let (of, now) = (app.clone(), app.hub.now_ms());
    let work = move |cancel: &Cancel, tell: &(dyn Fn(&_) + Sync)| {
        let desk = Desk::new(of.runs.workshop(), cancel.clone(), false)?;
        let left = placed(&desk, &of, &call, &declared, left)?;
        let query = desk.query(&declared, left.as_deref(), tell)?;
        settled(desk, &query)
    };
    let (job, leave) = app.runs.begin(&name, token, now, work)?;
    job.wait(Duration::from_secs(wait)).await;
    match job.result() {
        Ok(Some(table)) => {
            // It goes with the answer; whoever wants to come back says `wait=0`.
            app.runs.forget(&job);
            answer(table, format).await
        }
        Ok(None) => {
            leave.keep();
            Ok(waiting(&job))
        }
        Err(e) => {
            app.runs.forget(&job);
            Err(e)
        }
    }
}

/// What can be computed under a name, served or not.
pub fn declared(app: &App, call: &Call, name: &str) -> Result<Arc<Declared>> {
    let defined = app.hub.defined();
    defined.computed(name).cloned().ok_or_else(|| defined.unserved(None, name, &|name| call.may_read(name)))
}

/// Puts the left rows on the desk, and asks for the right to read those of tables. Features are granted with what they are made of; what is
/// given out as it is needs a right of its own.
fn placed(desk: &Desk, app: &App, call: &Call, declared: &Declared, left: Left) -> Result<Option<String>> {
    let mut raw: Vec<String> = Vec::new();
    if let What::Join(join) = &declared.what {
        raw.extend(join.bootstrap.iter().map(|b| b.table.clone()));
        if matches!(left, Left::Own) {
            of_left(join, &mut raw);
        }
    }
    if let Left::Named(name) = &left {
        raw.push(name.clone());
    }
    for name in &raw {
        call.reads_table(&app.hub.feeds().name_of(name))?;
    }
    match left {
        Left::Own => Ok(None),
        Left::Named(name) => Ok(Some(name)),
        Left::Given(body) => {
            desk.add(LEFT, read(body)?)?;
            Ok(Some(LEFT.to_owned()))
        }
    }
}

/// The tables whose rows a Join gives out.
fn of_left(join: &Join, tables: &mut Vec<String>) {
    match &join.left.rows {
        Rows::Join(inner) => of_left(inner, tables),
        rows => tables.extend(rows.table().map(str::to_owned)),
    }
}

/// The result of a query, as a table of its own.
fn settled(desk: Desk, query: &str) -> Result<Table> {
    desk.settle(query)?;
    let columns = desk.columns(&format!("SELECT * FROM {RESULT}"))?;
    let fields: Vec<Field> = columns.into_iter().map(|(name, data)| Field::new(name, data, true)).collect();
    let rows = desk.count(RESULT)?;
    Ok(Table { engine: desk.into_engine(), schema: Arc::new(Schema::new(fields)), rows })
}

async fn answer(table: Arc<Table>, format: Format) -> Result<Reply> {
    let encoded = tile_web::body::encode(None, None, move |sink| {
        write(table.engine.as_ref(), RESULT, &table.schema, format, sink)
    });
    Ok(Reply::encoded(format.media_type(), encoded.await?))
}

/// That a job goes on.
fn waiting(job: &Job) -> Reply {
    let mut reply = json(&job.to_json());
    reply.status = StatusCode::ACCEPTED;
    let at = format!("/v1/features/jobs/{}", job.id);
    reply.headers.push((header::LOCATION, at));
    reply
}

/// The job that the path names, and what follows in the path.
fn job(app: &App, req: &Req) -> Result<(Arc<Job>, Option<String>)> {
    let call = Call::known(app, req)?;
    let mut names = req.tail.0.iter();
    let id = names.next().map(String::as_str).unwrap_or_default();
    let job = app.runs.job(id, call.token_name().as_deref())?;
    call.reads(&job.name)?;
    let rest = names.next().cloned();
    match names.next() {
        Some(_) => Err(Error::not_found("a job has no such part").hint("Ask for `/result`")),
        None => Ok((job, rest)),
    }
}

pub async fn get_job(app: Arc<App>, req: Req) -> Result<Reply> {
    let (job, rest) = job(&app, &req)?;
    match rest.as_deref() {
        None => Ok(json(&job.to_json())),
        Some("result") => {
            let format = Format::of(req.query.get("format"), req.header("accept"))?;
            let table = job.result()?;
            let going_on = || Error::new(Kind::Conflict, "the job is not done").hint("Ask again later");
            answer(table.ok_or_else(going_on)?, format).await
        }
        Some(_) => Err(Error::not_found("a job has no such part").hint("Ask for `/result`")),
    }
}

pub async fn delete_job(app: Arc<App>, req: Req) -> Result<Reply> {
    let (job, rest) = job(&app, &req)?;
    if rest.is_some() {
        return Err(Error::not_found("only a job as a whole is ended"));
    }
    app.runs.forget(&job);
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}
