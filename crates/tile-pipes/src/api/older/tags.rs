//! Tags: which resources have one is written in their files, as `TAGS`. A tag that nothing has yet is remembered beside them.

use super::super::App;
use super::super::call::Call;
use super::super::show::time;
use super::super::{changes, json};
use super::{datasource_text, made, path_of, pipe_text};
use crate::datafile::{Options, Pipe};
use crate::workspace::{Edit, Live, Workspace, store};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tile_base::{Error, Kind, Result};
use tile_web::{Reply, Req, rt};

/// The kind of the documents of tags that were made by hand.
const DOCUMENT: &str = "tag";
const TAGS_MAX: usize = 1000;
const NAME_CHARS_MAX: usize = 100;

/// What is remembered of a tag.
#[derive(Serialize, Deserialize)]
struct Made {
    at_us: i64,
}

/// A resource as a request names it.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default, rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Body {
    name: Option<String>,
    #[serde(default)]
    resources: Vec<Named>,
}

async fn body(req: &mut Req) -> Result<Body> {
    let bytes = req.read_body(super::BODY_BYTES_MAX).await?;
    serde_json::from_slice(&bytes).map_err(|e| {
        Error::invalid("the body of a tag is a JSON object: {name, resources: [{id, name, type}]}").source(e)
    })
}

/// The names of data sources and pipes that have a tag, with their ids and kinds.
type Tagged = BTreeMap<String, Vec<(String, String, &'static str)>>;

fn tagged(live: &Live) -> Tagged {
    let mut out = Tagged::new();
    let sources = live.resources.sources.values();
    let sources = sources.map(|s| (&s.file.tags, &s.home.id, &s.file.name, "datasource"));
    let pipes = live.resources.pipes.values().map(|p| (&p.file.tags, &p.id, &p.file.name, "pipe"));
    for (tags, id, name, kind) in sources.chain(pipes) {
        for tag in tags {
            out.entry(tag.clone()).or_default().push((id.clone(), name.clone(), kind));
        }
    }
    out
}

/// All tags, with when they were made where that is known.
fn all(workspace: &Workspace, live: &Live) -> Result<(Tagged, BTreeMap<String, i64>)> {
    let made: Vec<(String, Made)> = store::all(workspace.engine().as_ref(), DOCUMENT)?;
    let made: BTreeMap<String, i64> = made.into_iter().map(|(name, made)| (name, made.at_us)).collect();
    let mut tags = tagged(live);
    for name in made.keys() {
        tags.entry(name.clone()).or_default();
    }
    Ok((tags, made))
}

fn shown(name: &str, resources: &[(String, String, &'static str)], at_us: i64) -> Value {
    let resources: Vec<Value> =
        resources.iter().map(|(id, name, kind)| json!({"id": id, "name": name, "type": kind})).collect();
    json!({"id": name, "name": name, "resources": resources, "created_at": time(at_us), "updated_at": time(at_us)})
}

/// `GET /v0/tags`.
pub async fn list(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    call.administers()?;
    rt::cpu(move || {
        let (tags, made) = all(&call.tenant.workspace, &call.live)?;
        let at = |name: &String| made.get(name).copied().unwrap_or(call.tenant.created_at_us);
        let tags: Vec<Value> =
            tags.iter().map(|(name, resources)| shown(name, resources, at(name))).collect();
        Ok(json(&json!({"tags": tags})))
    })
    .await
}

/// `POST /v0/tags`: a tag, with the resources that get it.
pub async fn create(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    call.administers()?;
    let body = body(&mut req).await?;
    let name = body.name.ok_or_else(|| Error::invalid("the tag has no `name`"))?;
    rt::cpu(move || {
        checked(&name)?;
        let (tags, _) = all(&call.tenant.workspace, &call.live)?;
        if tags.contains_key(&name) {
            return Err(Error::new(Kind::Conflict, format!("There is already a tag named `{name}`")));
        }
        if tags.len() >= TAGS_MAX {
            return Err(Error::new(Kind::TooLarge, format!("a workspace has at most {TAGS_MAX} tags")));
        }
        given(&app, &call, &name, &body.resources)
    })
    .await
}

/// `PUT /v0/tags/<name>`: the resources that have a tag, and no others.
pub async fn update(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    call.administers()?;
    let name = tail(&req)?;
    let body = body(&mut req).await?;
    rt::cpu(move || {
        known(&call, &name)?;
        given(&app, &call, &name, &body.resources)
    })
    .await
}

/// `DELETE /v0/tags/<name>`: from all that have it.
pub async fn remove(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    call.administers()?;
    let name = tail(&req)?;
    rt::cpu(move || {
        known(&call, &name)?;
        made(&app, &call, false, |live| retagged(live, &name, &BTreeSet::new()))?;
        call.tenant.workspace.engine().write(&mut |t| store::delete(t, DOCUMENT, &name))?;
        Ok(json(&json!({"ok": true})))
    })
    .await
}

fn tail(req: &Req) -> Result<String> {
    match req.tail.0.as_slice() {
        [name] => Ok(name.clone()),
        _ => Err(Error::not_found("Not Found")),
    }
}

fn known(call: &Call, name: &str) -> Result<()> {
    let (tags, _) = all(&call.tenant.workspace, &call.live)?;
    if tags.contains_key(name) { Ok(()) } else { Err(Error::not_found(format!("Tag '{name}' not found"))) }
}

/// A tag that files can say: one of several in a quoted line, where `=` makes it another kind.
fn checked(name: &str) -> Result<()> {
    let is_plain = |c: char| !c.is_control() && !matches!(c, ',' | '=' | '&' | '"' | '\'' | '\\' | '#');
    let is_name = !name.trim().is_empty()
        && name.trim() == name
        && name.chars().count() <= NAME_CHARS_MAX
        && name.chars().all(is_plain);
    if is_name {
        return Ok(());
    }
    Err(Error::invalid("this cannot be the name of a tag")
        .hint("A tag has at most 100 characters, and none of `,`, `=`, `&`, `#`, quotes and backslashes"))
}

/// Gives a tag to these resources, and takes it from the others.
fn given(app: &App, call: &Call, name: &str, resources: &[Named]) -> Result<Reply> {
    let workspace = &call.tenant.workspace;
    let engine = workspace.engine().as_ref();
    let at_us = match store::get::<Made>(engine, DOCUMENT, name)? {
        Some(made) => made.at_us,
        None => {
            let now = Made { at_us: workspace.now_us() };
            engine.write(&mut |t| store::put(t, DOCUMENT, name, &now))?;
            now.at_us
        }
    };
    made(app, call, false, |live| {
        let wanted: Result<BTreeSet<String>> = resources.iter().map(|named| found(live, named)).collect();
        retagged(live, name, &wanted?)
    })?;
    let now = tagged(&workspace.live());
    Ok(json(&shown(name, now.get(name).map_or(&[], Vec::as_slice), at_us)))
}

/// The name of the data source or pipe that is meant.
fn found(live: &Live, named: &Named) -> Result<String> {
    let Named { id, name, kind } = named;
    let sources = live.resources.sources.values().map(|s| (&s.home.id, &s.file.name, "datasource"));
    let pipes = live.resources.pipes.values().map(|p| (&p.id, &p.file.name, "pipe"));
    let mut of_kind = sources.chain(pipes).filter(|(.., of)| kind.is_empty() || kind == of);
    let found = of_kind.find(|(has_id, has_name, _)| *has_id == id || *has_name == name);
    found.map(|(_, name, _)| name.clone()).ok_or_else(|| {
        let shown = if name.is_empty() { id } else { name };
        Error::not_found(format!("There is no resource `{shown}` to have the tag"))
    })
}

/// The files when just these resources have the tag.
fn retagged(live: &Live, tag: &str, wanted: &BTreeSet<String>) -> Result<Edit> {
    let mut files = live.document.files.clone();
    let differs = |tags: &[String], name: &str| tags.iter().any(|t| t == tag) != wanted.contains(name);
    for source in live.resources.sources.values().filter(|s| differs(&s.file.tags, &s.file.name)) {
        let (path, text) = changes::file(live, &source.file.name)?;
        let mut file = changes::parsed(&source.file.name, text)?;
        turned(&mut file.tags, tag);
        files.insert(path.to_owned(), datasource_text(&file)?);
    }
    for pipe in live.resources.pipes.values().filter(|p| differs(&p.file.tags, &p.file.name)) {
        let name = &pipe.file.name;
        let path = path_of(live, name, "pipe");
        let text = files.get(&path).ok_or_else(|| Error::internal("a pipe without a file"))?;
        let parsed = Pipe::parse(name, name, text, &Options::default());
        let mut file = parsed.value.ok_or_else(|| super::first(&parsed.faults))?;
        turned(&mut file.tags, tag);
        files.insert(path, pipe_text(&file)?);
    }
    Ok(Edit { files, renamed: None })
}

/// Adds what is not there, removes what is.
fn turned(tags: &mut Vec<String>, tag: &str) {
    let before = tags.len();
    tags.retain(|t| t != tag);
    if tags.len() == before {
        tags.push(tag.to_owned());
    }
}
