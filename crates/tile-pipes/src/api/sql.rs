//! The query API.

use super::App;
use super::call::Call;
use super::endpoints::{self, Asking};
use super::face::limited;
use super::watch::{Watch, limit};
use crate::template::Dialect;
use std::sync::Arc;
use tile_base::{Error, Result};
use tile_web::{Reply, Req};

/// Bytes of a query.
const QUERY_BYTES_MAX: usize = 1 << 20;

pub async fn query(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    let is_form = req.header("content-type").starts_with("application/x-www-form-urlencoded");
    let is_json = req.header("content-type").starts_with("application/json");
    let body = req.read_body(QUERY_BYTES_MAX).await?;
    let body = std::str::from_utf8(&body).map_err(|_| Error::invalid("the query is not UTF-8"))?;
    let mut params = req.query.0.clone();
    if is_form {
        params.extend(tile_web::Query::parse(body).0);
    } else if is_json && let Ok(serde_json::Value::Object(given)) = serde_json::from_str(body) {
        params.extend(
            given.iter().map(|(k, v)| (k.clone(), v.as_str().map_or_else(|| v.to_string(), str::to_owned))),
        );
    }
    let param = |name: &str| params.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
    let text = match param("q").or_else(|| param("query")) {
        Some(text) => text,
        // A body is a query whatever its type: `curl --data` calls everything a form.
        None if !body.trim().is_empty() => body.to_owned(),
        None => {
            return Err(
                Error::invalid("The parameter 'q' is missing").hint("Send the query as `q`, or as the body")
            );
        }
    };
    let dialect = match param("dialect").filter(|name| !name.is_empty()) {
        None => Dialect::default(),
        Some(name) => Dialect::named(&name).ok_or_else(|| {
            let names = Dialect::NAMES.join("` or `");
            Error::invalid(format!("there is no dialect `{name}`")).hint(format!("It is `{names}`"))
        })?,
    };
    let pipe = param("pipeline").or_else(|| param("pipe")).filter(|p| !p.is_empty());
    // What was sent as the body is a parameter as well.
    let mut noted = params.clone();
    noted.retain(|(name, _)| name != "q" && name != "query");
    noted.push(("q".to_owned(), text.clone()));
    let watch = Watch::new(&call, &req, None, &noted);
    let work = async {
        let headers = limit(&app, &call)?;
        let pipe = match pipe {
            Some(pipe) => {
                let (name, resource) = call.pipe(&pipe);
                call.may(tile_base::Action::Read, &resource)?;
                Some(name)
            }
            None => None,
        };
        // A text that begins with `%` is a template, with the request's parameters.
        // What answers without a FORMAT is JSON: clients parse it without having asked. Tests of a pipe's nodes compare texts, which
        // must not tell how long it took.
        let format = if pipe.is_some() { "CSV" } else { "JSON" }.to_owned();
        let asking = Asking { params, format, pipe, text: Some(text), dialect, fixed: vec![] };
        let (reply, told) = endpoints::answer(&app, &call, asking).await?;
        Ok((limited(reply, &headers), told))
    };
    watch.over(work).await
}
