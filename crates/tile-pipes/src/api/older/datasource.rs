//! Data sources by themselves.

use super::super::App;
use super::super::call::{Call, param, params, required};
use super::super::changes::{is_free, parsed};
use super::super::{datasources, json};
use crate::datafile::{Datasource, written};
use crate::workspace::Edit;
use serde_json::json;
use std::sync::Arc;
use tile_base::{Action, Error, Resource, ResourceKind, Result};
use tile_web::{Reply, Req, rt};

/// Parameters of data sources whose rows come from a connection.
const CONNECTED: &[&str] =
    &["connector", "connection", "service", "kafka_topic", "bucket_uri", "import_bucket_uri"];

/// `POST /v0/datasources`: a data source of a schema.
pub async fn create(app: &Arc<App>, call: Call, req: &mut Req) -> Result<Reply> {
    call.may(Action::Create, &Resource::all(ResourceKind::DataSource))?;
    let params = params(req, super::BODY_BYTES_MAX).await?;
    let name = required(&params, "name")?.to_owned();
    let app = app.clone();
    rt::cpu(move || {
        let source = wanted(&name, &params)?;
        add(&app, &call, &source)?;
        let live = call.tenant.workspace.live();
        let shown = datasources::shown(&call.tenant.workspace, &live, live.source(&name)?)?;
        Ok(json(&json!({"datasource": shown})))
    })
    .await
}

/// Deploys the files with one data source more.
///
/// # Errors
/// `Conflict` when its name is taken; what is wrong with it.
pub fn add(app: &App, call: &Call, source: &Datasource) -> Result<()> {
    let text = super::datasource_text(source)?;
    super::made(app, call, false, |live| {
        is_free(live, &source.name)?;
        let mut files = live.document.files.clone();
        files.insert(super::path_of(live, &source.name, "datasource"), text);
        Ok(Edit { files, renamed: None })
    })
    .map(drop)
}

/// The data source that parameters describe.
fn wanted(name: &str, params: &[(String, String)]) -> Result<Datasource> {
    if let Some(other) = CONNECTED.iter().find(|n| param(params, n).is_some_and(|v| !v.is_empty())) {
        return Err(Error::invalid(format!("the parameter `{other}` is not supported here"))
            .hint("Deploy the files of data sources with a connection, as `tb deploy` of the package `tinybird` does"));
    }
    let Some(schema) = param(params, "schema").filter(|s| !s.trim().is_empty()) else {
        return Err(Error::invalid("The parameter 'schema' is missing")
            .hint("Ask `/v0/analyze` with some rows for a schema that fits them"));
    };
    let indexes = param(params, "indexes").filter(|text| !text.trim().is_empty() && *text != "0");
    described(name, schema, indexes, params, param(params, "description"))
}

/// A data source of a schema, with the engine that parameters or members of a node describe.
///
/// # Errors
/// What is wrong with it.
pub fn described(
    name: &str,
    schema: &str,
    indexes: Option<&str>,
    params: &[(String, String)],
    description: Option<&str>,
) -> Result<Datasource> {
    let mut text = block("SCHEMA", schema);
    if let Some(indexes) = indexes {
        text.push_str(&block("INDEXES", indexes));
    }
    let engine = params.iter().filter(|(key, _)| key == "engine" || key.starts_with("engine_"));
    // An option means nothing before its engine.
    let (kind, options): (Vec<_>, Vec<_>) = engine.partition(|(key, _)| key == "engine");
    for (key, value) in kind.into_iter().chain(options) {
        let is_word = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        match written(value).filter(|_| is_word && !value.contains('\r')) {
            Some(value) => text.push_str(&format!("{} {value}\n", key.to_uppercase())),
            None => return Err(Error::invalid(format!("the parameter `{key}` cannot be read"))),
        }
    }
    let mut out = parsed(name, &text)?;
    let is_bare = out.tokens.is_empty()
        && out.shared_with.is_empty()
        && out.connector.is_none()
        && out.forward_query.is_none()
        && out.description.is_none();
    if !is_bare {
        return Err(Error::invalid("the schema has lines that belong to no schema"));
    }
    out.description = description.filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(out)
}

/// A block of a file, whose lines no blank-less line of the text can end.
fn block(word: &str, text: &str) -> String {
    let lines = text.replace('\r', "\n");
    let lines = lines.lines().filter(|line| !line.trim().is_empty()).map(|line| format!("    {line}\n"));
    format!("{word} >\n{}\n", lines.collect::<String>())
}
