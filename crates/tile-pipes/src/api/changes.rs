//! Changes of single data sources, as the older way of working makes them: each is a deployment of the changed files.

use super::call::{Call, param, params, required};
use super::{App, json};
use crate::datafile::{Datasource, Options};
use crate::hub::Tenant;
use crate::workspace::{Edit, Live, Outcome, Ways};
use crate::{tokens, workspace::Renamed};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use tile_base::{Action, Error, Kind, Result};
use tile_web::{Reply, Req, rt};

const FORM_BYTES_MAX: usize = 1 << 20;

/// The path and the text of a data source's file.
///
/// # Errors
/// `NotFound`.
pub fn file<'a>(live: &'a Live, name: &str) -> Result<(&'a str, &'a str)> {
    live.source(name)?;
    let is_it = |path: &Path| {
        path.file_stem().is_some_and(|s| s == name) && path.extension().is_some_and(|e| e == "datasource")
    };
    let found = live.document.files.iter().find(|(path, _)| is_it(Path::new(path)));
    found
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .ok_or_else(|| Error::internal("a data source without a file"))
}

/// The data source that a text describes. Secrets in it stay as they are written.
///
/// # Errors
/// What is wrong with it.
pub fn parsed(name: &str, text: &str) -> Result<Datasource> {
    let parsed = Datasource::parse(name, name, text, &Options::default());
    let told = parsed.faults.first().map(crate::datafile::Fault::text);
    parsed.value.ok_or_else(|| Error::invalid(told.unwrap_or_default()))
}

/// Deploys changed files, with the tokens that they name.
///
/// # Errors
/// `Conflict` for files that do not go together; those of `work` and of a deployment.
pub fn edited(
    app: &App,
    tenant: &Tenant,
    ways: Ways,
    work: impl FnOnce(&Live) -> Result<Edit>,
) -> Result<Outcome> {
    let outcome = tenant.workspace.edit(ways, work)?;
    if let Some(fault) = outcome.faults.first() {
        return Err(Error::new(Kind::Conflict, fault.text())
            .hint("Change the files that depend on it together with it, and deploy them"));
    }
    if !ways.is_check {
        tokens::sync(&app.hub, tenant)?;
    }
    Ok(outcome)
}

/// `POST …/<name>/alter`: columns more, another description, TTL or indexes.
pub async fn alter(app: &Arc<App>, call: Call, req: &mut Req, name: String) -> Result<Reply> {
    call.administers()?;
    let params = params(req, FORM_BYTES_MAX).await?;
    let is_check = ["dry", "dry_run"].iter().any(|n| param(&params, n) == Some("true"));
    let app = app.clone();
    rt::cpu(move || {
        let mut operations = Vec::new();
        edited(&app, &call.tenant, Ways { is_check, ..Ways::default() }, |live| {
            let (path, text) = file(live, &name)?;
            let mut source = parsed(&name, text)?;
            operations = altered(&mut source, &params)?;
            if operations.is_empty() {
                return Err(Error::invalid("There were no operations to perform"));
            }
            // It told how rows came into the schema before this one.
            source.forward_query = None;
            let mut files = live.document.files.clone();
            files.insert(path.to_owned(), source.print());
            Ok(Edit { files, renamed: None })
        })?;
        let live = call.tenant.workspace.live();
        let users = live.resources.pipes.values();
        let users = users.filter(|p| p.nodes.iter().any(|n| n.dependencies().contains(&name)));
        let users: Vec<&str> = users.map(|p| p.file.name.as_str()).collect();
        Ok(json(&json!({"operations": operations, "rollback": [], "dependencies": users})))
    })
    .await
}

/// Does what the parameters ask for, and says so.
fn altered(source: &mut Datasource, params: &[(String, String)]) -> Result<Vec<String>> {
    let mut done = Vec::new();
    if let Some(schema) = param(params, "schema").filter(|s| !s.trim().is_empty()) {
        done.extend(widened(source, schema)?);
    }
    if let Some(description) = param(params, "description")
        && source.description.as_deref() != Some(description)
    {
        source.description = Some(description.to_owned());
        done.push("Changed the description".to_owned());
    }
    if let Some(ttl) = param(params, "ttl") {
        let wanted = (!ttl.is_empty() && ttl != "false").then(|| ttl.to_owned());
        if wanted != source.engine.ttl {
            done.push(format!("Changed the TTL to {}", wanted.as_deref().unwrap_or("none")));
            source.engine.ttl = wanted;
        }
    }
    if let Some(indexes) = param(params, "indexes") {
        let lines: String = indexes.lines().map(|line| format!("    {line}\n")).collect();
        let text = format!("SCHEMA >\n    a UInt8\n\nINDEXES >\n{lines}");
        let none = indexes.is_empty() || indexes == "0";
        let wanted = if none { vec![] } else { parsed(&source.name, &text)?.indexes };
        let lines = |d: &Datasource| d.print();
        let before = lines(source);
        source.indexes = wanted;
        if lines(source) != before {
            done.push("Changed the indexes".to_owned());
        }
    }
    Ok(done)
}

/// Adds the columns of a schema that has all columns there are.
fn widened(source: &mut Datasource, schema: &str) -> Result<Vec<String>> {
    let wanted =
        parsed(&source.name, &format!("SCHEMA >\n    {}\n", schema.replace('\n', "\n    ")))?.columns;
    for old in &source.columns {
        let same = wanted.iter().find(|c| c.name == old.name);
        if same.is_none_or(|c| c.sql_type() != old.sql_type()) {
            let what = format!("the schema changes or lacks the column `{}`", old.name);
            return Err(Error::invalid(what)
                .hint("Here columns can only be added: deploy the file with a FORWARD_QUERY"));
        }
    }
    let is_new = |name: &str| source.columns.iter().all(|c| c.name != name);
    let new = wanted.iter().filter(|c| is_new(&c.name));
    let done = new.map(|c| format!("Added column `{}` of type {}", c.name, c.sql_type())).collect();
    source.columns = wanted;
    Ok(done)
}

/// `PUT /v0/datasources/<name>`: another name or description.
pub async fn update(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    call.administers()?;
    let [name] = req.tail.0.as_slice() else { return Err(Error::not_found("Not Found")) };
    let (name, _) = call.datasource(name);
    let params = params(&mut req, FORM_BYTES_MAX).await?;
    rt::cpu(move || {
        edited(&app, &call.tenant, Ways::default(), |live| updated(live, &name, &params))?;
        let to = param(&params, "name").unwrap_or(&name);
        let now = call.tenant.workspace.live();
        let source = now.source(to)?;
        Ok(json(&json!({
            "id": source.home.id, "name": source.file.name, "description": source.file.description,
        })))
    })
    .await
}

/// The files with another name or description of a data source.
fn updated(live: &Live, name: &str, params: &[(String, String)]) -> Result<Edit> {
    let (path, text) = file(live, name)?;
    let mut source = parsed(name, text)?;
    if let Some(description) = param(params, "description") {
        source.description = Some(description.to_owned());
    }
    let mut files = live.document.files.clone();
    files.remove(path);
    let (path, renamed) = match param(params, "name").filter(|to| *to != name) {
        None => (path.to_owned(), None),
        Some(to) => {
            is_free(live, to)?;
            let folder = path.rsplit_once('/').map_or(String::new(), |(f, _)| format!("{f}/"));
            let renamed = Renamed { from: name.to_owned(), to: to.to_owned() };
            (format!("{folder}{to}.datasource"), Some(renamed))
        }
    };
    // What a file says beside the SQL stays as it was written when only its name changes.
    let is_same = renamed.is_some() && param(params, "description").is_none();
    files.insert(path, if is_same { text.to_owned() } else { source.print() });
    Ok(Edit { files, renamed })
}

/// Whether a new resource can have a name.
///
/// # Errors
/// `Conflict` when one has it already, `Invalid` when none can have it.
pub(super) fn is_free(live: &Live, name: &str) -> Result<()> {
    let is_word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_word || name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() || name.len() > 200 {
        return Err(Error::invalid(format!("`{name}` cannot be the name of a resource"))
            .hint("Names have letters, digits and underscores, and begin with none of the digits"));
    }
    if live.source(name).is_ok() || live.pipe(name).is_ok() {
        return Err(Error::new(Kind::Conflict, format!("There is already a resource named `{name}`")));
    }
    Ok(())
}

/// `DELETE /v0/datasources/<name>`: with its rows. `DELETE …/<name>/share`: others no longer read it.
pub async fn remove(app: Arc<App>, mut req: Req) -> Result<Reply> {
    if let [name, what] = req.tail.0.as_slice()
        && what == "share"
    {
        let name = name.clone();
        return super::shares::change(&app, &mut req, name, false).await;
    }
    let call = Call::of_workspace(&app, &req)?;
    let [name] = req.tail.0.as_slice() else { return Err(Error::not_found("Not Found")) };
    let (name, resource) = call.datasource(name);
    call.may(Action::Drop, &resource)?;
    let is_check = req.query.flag("dry_run", false)?;
    rt::cpu(move || {
        edited(&app, &call.tenant, Ways { is_check, may_destroy: true, ..Ways::default() }, |live| {
            let (path, _) = file(live, &name)?;
            let mut files = live.document.files.clone();
            files.remove(path);
            Ok(Edit { files, renamed: None })
        })?;
        Ok(json(&json!({"name": name, "deleted": !is_check, "dependent_pipes": ""})))
    })
    .await
}

/// `POST /v0/datasources/exchange`: two data sources of the same shape change their rows.
pub async fn exchange(call: Call, req: &mut Req) -> Result<Reply> {
    call.administers()?;
    let params = params(req, FORM_BYTES_MAX).await?;
    let (a, _) = call.datasource(required(&params, "datasource_a")?);
    let (b, _) = call.datasource(required(&params, "datasource_b")?);
    rt::cpu(move || {
        call.tenant.workspace.exchange(&a, &b)?;
        let shown: Value = json!({"datasource_a": a, "datasource_b": b, "exchanged": true});
        Ok(json(&shown))
    })
    .await
}
