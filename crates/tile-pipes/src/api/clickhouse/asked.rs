//! What a request asks: a statement in the address, the body or a form, with parameters, settings and how to answer.

use super::super::App;
use super::super::call::{Call, param};
use super::{FORMAT, fault};
use crate::ingest::decompress;
use bytes::Bytes;
use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;
use tile_base::{Error, Result};
use tile_clicksql::error::Code;
use tile_clicksql::format::{decompressed, is_setting};
use tile_web::Req;

/// Bytes of a statement.
const STATEMENT_BYTES_MAX: usize = 1 << 20;
const QUERY_ID_BYTES_MAX: usize = 200;

/// Settings that would change the answer, with the values that they have here.
const FIXED: &[(&str, &str)] = &[
    ("extremes", "0"),
    ("final", "0"),
    ("group_by_use_nulls", "0"),
    ("join_use_nulls", "0"),
    ("limit", "0"),
    ("offset", "0"),
    ("session_timezone", ""),
    ("transform_null_in", "0"),
    ("union_default_mode", ""),
];

pub struct Asked {
    pub sql: String,
    /// Values for `{name:Type}`.
    pub bound: HashMap<String, String>,
    /// Of output formats.
    pub settings: Vec<(String, String)>,
    pub format: String,
    pub query_id: String,
    pub time_max: Option<Duration>,
    pub rows_max: Option<u64>,
    pub packing: Packing,
}

/// How the answer is made smaller.
pub enum Packing {
    None,
    /// By one of the codings that the client takes.
    Coding(String),
    /// As ClickHouse's own blocks.
    Blocks,
}

impl Asked {
    /// # Errors
    /// `Invalid` for what cannot be asked, `TooLarge`, `NotFound` for another database.
    pub async fn read(app: &App, call: &Call, req: &mut Req) -> Result<Self> {
        let mut params = req.query.0.clone();
        // Before a body is read that nothing would be done with.
        if let Some(sql) = param(&params, "query") {
            refuse_writing(sql)?;
        }
        let body = body(app, req, &mut params).await?;
        let mut sql = param(&params, "query").unwrap_or_default().to_owned();
        if !body.is_empty() {
            sql = if sql.is_empty() { body } else { format!("{sql}\n{body}") };
        }
        refuse_writing(&sql)?;
        let own = &call.tenant.workspace.name;
        let database = param(&params, "database").unwrap_or_else(|| req.header("x-clickhouse-database"));
        if !["", "default", "system", own].contains(&database) {
            return Err(fault::no_database(database, own));
        }
        let named = [param(&params, "default_format").unwrap_or_default(), req.header("x-clickhouse-format")];
        let format = named.into_iter().find(|f| !f.is_empty()).unwrap_or(FORMAT).to_owned();
        let packing = if is_on(&params, "compress") {
            Packing::Blocks
        } else if is_on(&params, "enable_http_compression") {
            Packing::Coding(req.header("accept-encoding").to_owned())
        } else {
            Packing::None
        };
        Ok(Self {
            sql,
            bound: bound(&params),
            settings: settings(&params)?,
            format,
            query_id: query_id(app, &params)?,
            time_max: time_max(&params)?,
            rows_max: number(&params, "max_result_rows")?.filter(|n| *n > 0.0).map(whole),
            packing,
        })
    }
}

fn is_on(params: &[(String, String)], name: &str) -> bool {
    matches!(param(params, name), Some("1" | "true"))
}

/// What a form or a plain body adds to the parameters and the statement.
async fn body(app: &App, req: &mut Req, params: &mut Vec<(String, String)>) -> Result<String> {
    let kind = req.header("content-type").to_owned();
    let encoding = req.header("content-encoding").to_owned();
    let packed = req.read_body(app.limits.body_bytes_max.min(STATEMENT_BYTES_MAX)).await?;
    let mut bytes = decompress(&encoding, &packed, STATEMENT_BYTES_MAX)?;
    if is_on(params, "decompress") {
        bytes = decompressed(&bytes, STATEMENT_BYTES_MAX)
            .map_err(|e| fault::bad_blocks(format!("the blocks of the body cannot be read: {e}")))?;
    }
    if kind.starts_with("multipart/form-data") {
        params.extend(form(&kind, bytes).await?);
        return Ok(String::new());
    }
    String::from_utf8(bytes).map_err(|_| fault::bad_value("the statement is not UTF-8"))
}

/// The fields of a form. What a file in it would be, a table from outside, there is not.
async fn form(kind: &str, bytes: Vec<u8>) -> Result<Vec<(String, String)>> {
    let broken = |e: multer::Error| Error::invalid(format!("the form cannot be read: {e}"));
    let boundary = multer::parse_boundary(kind).map_err(broken)?;
    let stream = futures_util::stream::once(async move { Ok::<Bytes, Infallible>(bytes.into()) });
    let mut form = multer::Multipart::new(stream, boundary);
    let mut out = Vec::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if field.file_name().is_some() {
            return Err(fault::unsupported(format!(
                "the table `{name}` from outside: external data is not served"
            )));
        }
        out.push((name, field.text().await.map_err(broken)?));
    }
    Ok(out)
}

/// Refuses what would change something, before anything else is looked at.
fn refuse_writing(sql: &str) -> Result<()> {
    match tile_clicksql::parse::request(sql) {
        Err(e) if e.code == Code::ReadOnly => {
            let what = format!("Cannot execute query in readonly mode: {}", e.message);
            Err(Error::invalid(what).hint("Rows come in through the Events API").source(e))
        }
        _ => Ok(()),
    }
}

fn bound(params: &[(String, String)]) -> HashMap<String, String> {
    let named = params.iter().rev().filter_map(|(name, value)| Some((name.strip_prefix("param_")?, value)));
    named.map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

/// Those of output formats. One that changes the answer must say what is so anyway; the others mean nothing here.
fn settings(params: &[(String, String)]) -> Result<Vec<(String, String)>> {
    for (name, value) in params {
        let known = FIXED.iter().find(|(n, _)| n == name).map(|(_, v)| *v);
        let is_same = |known: &str| {
            value.is_empty() || value == known || (name == "session_timezone" && value == "UTC")
        };
        if known.is_some_and(|known| !is_same(known)) {
            return Err(fault::unsupported(format!("the setting `{name}` = `{value}` is not supported")));
        }
    }
    Ok(params.iter().filter(|(name, _)| is_setting(name)).cloned().collect())
}

fn number(params: &[(String, String)], name: &str) -> Result<Option<f64>> {
    let Some(text) = param(params, name) else { return Ok(None) };
    let number = text.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0);
    number.map(Some).ok_or_else(|| fault::bad_value(format!("`{name}` cannot be `{text}`: it is a number")))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a finite number that is not negative; a larger one is the largest"
)]
const fn whole(number: f64) -> u64 {
    number as u64
}

/// No time at all means that the client does not bound it.
fn time_max(params: &[(String, String)]) -> Result<Option<Duration>> {
    let seconds = number(params, "max_execution_time")?.filter(|n| *n > 0.0);
    Ok(seconds.map(|s| Duration::from_secs_f64(s.min(1e6))))
}

fn query_id(app: &App, params: &[(String, String)]) -> Result<String> {
    let given = param(params, "query_id").unwrap_or_default();
    if given.is_empty() {
        return Ok(app.hub.new_id());
    }
    let is_plain = given.len() <= QUERY_ID_BYTES_MAX && given.bytes().all(|b| (b' '..=b'~').contains(&b));
    if is_plain {
        Ok(given.to_owned())
    } else {
        Err(fault::bad_value("a `query_id` has up to 200 characters of ASCII"))
    }
}
