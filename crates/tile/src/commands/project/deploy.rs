//! `tile deploy`: a project to a server that speaks the API, and what becomes of its deployments there.

use super::{ask, client, files, random};
use crate::cli::{Deploy, DeployAction};
use anyhow::Result;
use http::Method;
use serde_json::Value;
use std::fmt::Write;
use std::time::{Duration, Instant};
use tile_base::Error;
use tile_pipes::workspace::compile::Files;
use tile_web::Client;

/// How often a deployment is asked whether it is ready.
const POLL: Duration = Duration::from_millis(500);
/// What the lists of an answer begin with, and the mark that is shown for it.
const CHANGES: &[(&str, &str)] = &[("new", "+"), ("changed", "~"), ("deleted", "-")];
const KINDS: &[(&str, &str)] =
    &[("datasource", "data source"), ("pipe", "pipe"), ("data_connector", "connection")];

pub fn deploy(args: &Deploy) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match &args.action {
            None => push(args).await,
            Some(DeployAction::Ls(server)) => ls(&client(server)?).await,
            Some(DeployAction::Promote(server)) => promote(&client(server)?).await,
            Some(DeployAction::Discard(server)) => discard(&client(server)?).await,
            Some(DeployAction::Rollback { server, allow_destructive_operations }) => {
                rollback(&client(server)?, *allow_destructive_operations).await
            }
        }
    })
}

async fn push(args: &Deploy) -> Result<()> {
    let client = client(&args.server)?;
    let found = files::read(&args.folder)?;
    if found.is_empty() {
        return Err(Error::not_found(format!("`{}` holds no project", args.folder.display())).into());
    }
    let mut target = match (args.check, args.staging) {
        (true, _) => "/v1/deploy?check=true",
        (false, false) => "/v1/deploy?auto_promote=true",
        (false, true) => "/v1/deploy?auto_promote=false",
    }
    .to_owned();
    if args.allow_destructive_operations {
        target.push_str("&allow_destructive_operations=true");
    }
    let (content_type, body) = form(&found);
    let answer = ask(&client, Method::POST, &target, &content_type, body).await?;
    let deployment = answer.get("deployment").unwrap_or(&Value::Null);
    crate::commands::print(&plan(deployment))?;
    match answer.get("result").and_then(Value::as_str) {
        Some("no_changes") => return crate::commands::print("Nothing has changed\n"),
        Some("success") => {}
        _ => return Err(refused(&answer).into()),
    }
    if args.check {
        return crate::commands::print("The deployment is valid; nothing was done\n");
    }
    let id = text(deployment, "id").to_owned();
    let ready = wait(&client, &id, !args.staging, Duration::from_secs(args.wait)).await?;
    let said = match (ready, args.staging) {
        (false, _) => format!("Deployment {id} goes on: `tile deploy ls` says when it is ready\n"),
        (true, false) => format!("Deployment {id} is live\n"),
        (true, true) => format!("Deployment {id} is in staging: `tile deploy promote` makes it live\n"),
    };
    crate::commands::print(&said)
}

/// The files as a form, as the clients of this API send them.
fn form(files: &Files) -> (String, Vec<u8>) {
    let boundary: String = random().iter().map(|b| format!("{b:02x}")).collect();
    let mut body = Vec::new();
    let mut part = |name: &str, file: &str, text: &str| {
        let file = file.replace('\\', "\\\\").replace('"', "%22").replace(['\r', '\n'], " ");
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: text/plain\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(text.as_bytes());
        body.extend_from_slice(b"\r\n");
    };
    part("context://", "cli-version", "1.0.0");
    for (path, text) in files {
        part("data_project://", path, text);
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// What a deployment changes, and how rows move: a line for each.
fn plan(deployment: &Value) -> String {
    let mut out = String::new();
    for (kind, shown) in KINDS {
        for (change, mark) in CHANGES {
            for name in list(deployment, &format!("{change}_{kind}_names")).filter_map(Value::as_str) {
                let _ = writeln!(out, "{mark} {shown} {name}{}", moved(deployment, kind, name));
            }
        }
    }
    for change in list(deployment, "token_changes") {
        let _ = writeln!(out, "~ token {} ({})", text(change, "token_name"), text(change, "change_type"));
    }
    for note in list(deployment, "feedback") {
        let (level, about) = (text(note, "level").to_lowercase(), text(note, "resource"));
        let _ = writeln!(out, "{level}: {about}: {}", text(note, "message"));
    }
    out
}

/// How rows come into a data source, in words.
fn moved(deployment: &Value, kind: &str, name: &str) -> String {
    if kind != "datasource" {
        return String::new();
    }
    let movements = list(deployment, "data_movements").filter(|m| text(m, "datasource_name") == name);
    let told = movements.map(|m| match text(m, "kind") {
        "backfill_with_mv_queries" => match text(m, "source_mv_name") {
            "" => "filled again by its views".to_owned(),
            view => format!("filled again by {view}"),
        },
        "backfill_with_forward_query" => "rows move by the FORWARD_QUERY".to_owned(),
        other => other.replace('_', " "),
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() { String::new() } else { format!(": {}", told.join(", ")) }
}

/// Everything that the server holds against a deployment.
fn refused(answer: &Value) -> Error {
    let deployment = answer.get("deployment").unwrap_or(&Value::Null);
    let mut told: Vec<String> = Vec::new();
    for error in list(deployment, "errors").chain(list(answer, "errors")) {
        let line = match (text(error, "filename"), text(error, "error")) {
            ("", what) => what.to_owned(),
            (file, what) => format!("{file}: {what}"),
        };
        if !told.contains(&line) {
            told.push(line);
        }
    }
    if told.is_empty() {
        told.push(text(answer, "error").to_owned());
    }
    Error::invalid(format!("not deployed\n\n{}", told.join("\n\n")))
}

/// Waits until a deployment is ready, and live if it is to be; false when the time is over.
async fn wait(client: &Client, id: &str, is_promoted: bool, time_max: Duration) -> Result<bool> {
    let started = Instant::now();
    loop {
        let shown = ask(client, Method::GET, &format!("/v1/deployments/{id}"), "", "").await?;
        let deployment = shown.get("deployment").unwrap_or(&Value::Null);
        let is_live = deployment.get("live").and_then(Value::as_bool).unwrap_or(false);
        match text(deployment, "status") {
            "data_ready" if is_live || !is_promoted => return Ok(true),
            "failed" | "deleting" | "deleted" => return Err(refused(&shown).into()),
            _ => {}
        }
        if started.elapsed() >= time_max {
            return Ok(false);
        }
        tokio::time::sleep(POLL).await;
    }
}

/// All that there are; the live one is the first.
async fn all(client: &Client) -> Result<Vec<Value>> {
    let answer = ask(client, Method::GET, "/v1/deployments?include_deleted=true", "", "").await?;
    // The number 0 stands for the empty workspace before the first.
    Ok(list(&answer, "deployments").filter(|d| text(d, "id") != "0").cloned().collect())
}

fn is_live(deployment: &Value) -> bool {
    deployment.get("live").and_then(Value::as_bool).unwrap_or(false)
}

fn number(deployment: &Value) -> u64 {
    text(deployment, "id").parse().unwrap_or(0)
}

async fn ls(client: &Client) -> Result<()> {
    let found = all(client).await?;
    let mut out = String::new();
    for deployment in found.iter().filter(|d| text(d, "status") != "deleted") {
        let status = match (is_live(deployment), text(deployment, "status")) {
            (true, _) => "live",
            (false, "data_ready") => "staging",
            (false, other) => other,
        };
        let created = text(deployment, "created_at").split('.').next().unwrap_or_default();
        let _ = writeln!(out, "{:>4}  {status:<10} {created}", text(deployment, "id"));
    }
    crate::commands::print(if out.is_empty() { "There are no deployments\n" } else { &out })
}

/// The deployment that waits to be promoted, or that cannot be any more.
fn waiting(found: &[Value]) -> Result<&Value, Error> {
    let live = found.iter().find(|d| is_live(d)).map_or(0, number);
    let staging = found.iter().find(|d| number(d) > live && !text(d, "status").starts_with("delet"));
    staging.ok_or_else(|| {
        Error::not_found("no deployment is in staging").hint("`tile deploy --staging` makes one")
    })
}

async fn promote(client: &Client) -> Result<()> {
    let found = all(client).await?;
    let id = text(waiting(&found)?, "id").to_owned();
    ask(client, Method::POST, &format!("/v1/deployments/{id}/set-live"), "", "").await?;
    crate::commands::print(&format!("Deployment {id} is live\n"))
}

async fn discard(client: &Client) -> Result<()> {
    let found = all(client).await?;
    let id = text(waiting(&found)?, "id").to_owned();
    ask(client, Method::DELETE, &format!("/v1/deployments/{id}"), "", "").await?;
    crate::commands::print(&format!("Deployment {id} is discarded\n"))
}

/// Makes the newest of those before the live one live, as far as the server remembers it.
async fn rollback(client: &Client, may_destroy: bool) -> Result<()> {
    let found = all(client).await?;
    let live = found.iter().find(|d| is_live(d)).map_or(0, number);
    let older = found.iter().filter(|d| number(d) < live && text(d, "status") != "failed");
    let Some(before) = older.max_by_key(|d| number(d)) else {
        let e = Error::not_found("the server has no deployment from before the live one");
        return Err(e.hint("Deploy the files of an earlier commit").into());
    };
    let id = text(before, "id");
    let target = format!("/v1/deployments/{id}/set-live?allow_destructive_operations={may_destroy}");
    ask(client, Method::POST, &target, "", "").await?;
    crate::commands::print(&format!("The files of deployment {id} are live again\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_plan_is_a_line_for_each_change() {
        let deployment = json!({
            "new_datasource_names": ["a"], "changed_datasource_names": ["b", "c"], "deleted_pipe_names": ["p"],
            "data_movements": [
                {"datasource_name": "b", "kind": "backfill_with_forward_query"},
                {"datasource_name": "c", "kind": "backfill_with_mv_queries", "source_mv_name": "to_c"},
            ],
            "token_changes": [{"token_name": "t", "change_type": "new"}],
            "feedback": [{"level": "WARNING", "resource": "a.datasource", "message": "hm"}],
        });
        assert_eq!(
            plan(&deployment),
            "+ data source a\n~ data source b: rows move by the FORWARD_QUERY\n~ data source c: filled again by to_c\n\
             - pipe p\n~ token t (new)\nwarning: a.datasource: hm\n"
        );
    }

    #[test]
    fn faults_are_told_once() {
        let errors = json!([{"filename": "a.pipe", "error": "no"}, {"error": "never"}]);
        let e = refused(&json!({"deployment": {"errors": errors}, "errors": errors}));
        assert_eq!(e.what, "not deployed\n\na.pipe: no\n\nnever");
    }
}
