//! A node as the resource that clients read, written straight as JSON text from the catalog's own texts.

use super::App;
use crate::tree::Located;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::path::Path;
use tile_base::{Error, Family, NodePath, Result, Structure};
use tile_meta::Source;
use tile_web::Req;

/// What stays as it is in a link: unreserved characters and those that a path segment may hold.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// A path as it stands in a URL.
pub fn encoded(path: &NodePath) -> String {
    path.0.iter().map(|k| utf8_percent_encode(k, SEGMENT).to_string()).collect::<Vec<_>>().join("/")
}

/// Which attributes were asked for.
#[derive(Clone)]
pub struct Fields {
    /// `None` means all.
    names: Option<Vec<String>>,
    select: Option<std::sync::Arc<jmespath::Expression<'static>>>,
    omit_links: bool,
    data_sources: bool,
    pub count: bool,
    /// Levels of children written inside of a file's containers.
    inline: u64,
    client: Client,
}

/// What an old Python client must not see (wire specification §1).
#[derive(Clone, Copy, Default)]
struct Client {
    no_properties: bool,
    no_size: bool,
    access_blob: bool,
}

impl Client {
    fn of(req: &Req) -> Self {
        let Some(version) = req.header("user-agent").strip_prefix("python-tiled/") else {
            return Self::default();
        };
        let mut parts = version.split(|c: char| !c.is_ascii_digit()).map_while(|n| n.parse::<u64>().ok());
        let version = (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
        Self {
            no_properties: version < (0, 2, 4),
            no_size: version < (0, 2, 13),
            access_blob: version < (0, 2, 19),
        }
    }
}

const NAMES: &[&str] = &[
    "metadata",
    "structure_family",
    "structure",
    "count",
    "sorting",
    "specs",
    "data_sources",
    "access_tags",
    "",
];

impl Fields {
    /// # Errors
    /// `Malformed` for an unknown field; `Invalid` for a bad expression.
    pub fn of(req: &Req) -> Result<Self> {
        let names: Vec<String> = req.query.all("fields").map(str::to_owned).collect();
        if let Some(bad) = names.iter().find(|n| !NAMES.contains(&n.as_str())) {
            return Err(Error::malformed(format!("unknown field `{bad}`"))
                .hint(format!("Known fields: {}", NAMES.join(", ")))
                .at("query.fields"));
        }
        let select = match req.query.get("select_metadata").filter(|s| !s.is_empty()) {
            Some(text) if text.len() > 10_000 => {
                return Err(Error::invalid(
                    "Malformed 'select_metadata' parameter raised JMESPathError: it is too long",
                ));
            }
            Some(text) => Some(std::sync::Arc::new(jmespath::compile(text).map_err(|e| {
                Error::invalid(format!("Malformed 'select_metadata' parameter raised JMESPathError: {e}"))
            })?)),
            None => None,
        };
        let count = names.iter().any(|n| n == "count");
        let data_sources = req.query.flag("include_data_sources", false)?;
        let all = !req.query.has("fields");
        Ok(Self {
            names: (!all).then_some(names),
            select,
            omit_links: req.query.flag("omit_links", false)?,
            data_sources,
            count,
            inline: 0,
            client: Client::of(req),
        })
    }

    /// The same fields, with `levels` of children inside of files.
    #[must_use]
    pub fn inlining(mut self, levels: u64) -> Self {
        self.inline = levels;
        self
    }

    pub fn has(&self, name: &str) -> bool {
        self.names.as_ref().is_none_or(|n| n.iter().any(|f| f == name))
    }
    /// No attribute at all: keys only.
    pub fn keys_only(&self) -> bool {
        self.names.as_ref().is_some_and(|n| n.iter().all(String::is_empty))
    }
    /// Only the number of matches.
    pub fn count_only(&self) -> bool {
        self.names.as_ref().is_some_and(|n| n.len() == 1 && self.count)
    }
}

/// Writes `node` as a resource.
///
/// # Errors
/// Those of the catalog, of the file, and of the metadata expression.
pub fn write(app: &App, node: &Located, fields: &Fields, origin: &str, out: &mut String) -> Result<()> {
    let family = node.family();
    out.push_str("{\"id\":");
    text(node.path.key(), out);
    out.push_str(",\"attributes\":{\"ancestors\":[");
    for (i, key) in node.path.ancestors().iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        text(key, out);
    }
    out.push_str("],\"structure_family\":");
    out.push_str(&if fields.has("structure_family") {
        format!("\"{}\"", family.name())
    } else {
        "null".into()
    });
    out.push_str(",\"specs\":");
    match (&node.inside, fields.has("specs")) {
        (_, false) => out.push_str("null"),
        (Some(o), true) => out.push_str(&serde_json::to_string(&o.specs).unwrap_or_else(|_| "[]".into())),
        (None, true) => out.push_str(&node.row.specs),
    }
    out.push_str(",\"metadata\":");
    metadata(node, fields, out)?;
    out.push_str(",\"structure\":");
    structure(app, node, family, fields, origin, out)?;
    let tagged = fields.has("access_tags") && node.inside.is_none();
    out.push_str(match (fields.client.access_blob, tagged) {
        (false, true) => ",\"access_tags\":[]",
        (false, false) => ",\"access_tags\":null",
        (true, true) => ",\"access_blob\":{\"tags\":[]}",
        (true, false) => ",\"access_blob\":null",
    });
    out.push_str(if fields.has("sorting") && family == Family::Container {
        ",\"sorting\":[{\"key\":\"\",\"direction\":1}]"
    } else {
        ",\"sorting\":null"
    });
    out.push_str(",\"data_sources\":");
    if fields.data_sources && fields.has("data_sources") {
        data_sources(app, node, fields.client, out)?;
    } else {
        out.push_str("null");
    }
    out.push_str("},\"links\":");
    if fields.omit_links {
        out.push_str("null");
    } else {
        links(node, family, fields, origin, out);
    }
    out.push_str(",\"meta\":null}");
    Ok(())
}

fn text(s: &str, out: &mut String) {
    out.push_str(&Value::from(s).to_string());
}

fn metadata(node: &Located, fields: &Fields, out: &mut String) -> Result<()> {
    if !fields.has("metadata") {
        out.push_str("null");
        return Ok(());
    }
    if let Some(expression) = &fields.select {
        let found = expression.search(
            jmespath::Variable::from_json(&node.metadata_json()?.to_string()).map_err(Error::internal)?,
        );
        let found = found.map_err(|e| {
            Error::invalid(format!("Malformed 'select_metadata' parameter raised JMESPathError: {e}"))
        })?;
        let found = serde_json::to_value(&*found).unwrap_or(Value::Null);
        out.push_str(&json!({"selected": found}).to_string());
        return Ok(());
    }
    match &node.inside {
        Some(o) => out.push_str(&o.metadata.to_string()),
        None => out.push_str(&node.row.metadata),
    }
    Ok(())
}

fn structure(
    app: &App,
    node: &Located,
    family: Family,
    fields: &Fields,
    origin: &str,
    out: &mut String,
) -> Result<()> {
    let counted = fields.count && family == Family::Container;
    if !fields.has("structure") && !counted {
        out.push_str("null");
        return Ok(());
    }
    if family == Family::Container {
        let count = count(app, node)?;
        out.push_str("{\"contents\":");
        if node.inside.is_some() && fields.inline > 0 && fields.has("structure") && count <= INLINED_MAX {
            contents(app, node, fields, origin, out)?;
        } else {
            out.push_str("null");
        }
        out.push_str(&format!(",\"count\":{count}}}"));
        return Ok(());
    }
    match &node.inside {
        Some(o) => out.push_str(&o.structure.to_json().to_string()),
        None => out.push_str(&node.row.structure),
    }
    Ok(())
}

/// Children of one container that are written inside of it.
const INLINED_MAX: u64 = 500;

/// The children of a container inside a file, each as a resource; a broken link is null.
fn contents(app: &App, node: &Located, fields: &Fields, origin: &str, out: &mut String) -> Result<()> {
    let Some(container) = app.tree.file_container(node)?.filter(|c| c.inlined()) else {
        out.push_str("null");
        return Ok(());
    };
    // Children are told whole, whichever attributes of the parent were asked for.
    let inner = Fields { names: None, ..fields.clone().inlining(fields.inline - 1) };
    out.push('{');
    for (i, key) in container.keys()?.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        text(key, out);
        out.push(':');
        match app.tree.child(node, key) {
            Ok(child) => write(app, &child, &inner, origin, out)?,
            Err(e) if e.kind == tile_base::Kind::Internal => return Err(e),
            Err(_) => out.push_str("null"),
        }
    }
    out.push('}');
    Ok(())
}

/// Number of children of a container.
///
/// # Errors
/// Those of the file.
pub fn count(app: &App, node: &Located) -> Result<u64> {
    Ok(match app.tree.file_container(node)? {
        Some(container) => container.keys()?.len() as u64,
        None => node.row.children,
    })
}

fn links(node: &Located, family: Family, fields: &Fields, origin: &str, out: &mut String) {
    let (api, path) = (format!("{origin}/api/v1"), encoded(&node.path));
    let mut list = vec![("self", format!("{api}/metadata/{path}"))];
    if !fields.keys_only() {
        match family {
            Family::Array | Family::Sparse => {
                let rank = rank(node);
                let marks: Vec<String> = (0..rank).map(|i| format!("{{{i}}}")).collect();
                list.push(("full", format!("{api}/array/full/{path}")));
                list.push(("block", format!("{api}/array/block/{path}?block={}", marks.join(","))));
            }
            Family::Table => {
                list.push(("full", format!("{api}/table/full/{path}")));
                list.push(("partition", format!("{api}/table/partition/{path}?partition={{index}}")));
            }
            Family::Container => {
                list.push(("search", format!("{api}/search/{path}")));
                list.push(("search_deep", format!("{api}/search-deep/{path}")));
                list.push(("full", format!("{api}/container/full/{path}")));
            }
            Family::Awkward => {
                list.push(("buffers", format!("{api}/awkward/buffers/{path}")));
                list.push(("full", format!("{api}/awkward/full/{path}")));
            }
            Family::Ragged => {
                list.push(("full", format!("{api}/ragged/full/{path}")));
                list.push(("block", format!("{api}/ragged/block/{path}?block={{0}}")));
            }
            Family::Bytes => {}
        }
    }
    out.push('{');
    for (i, (name, url)) in list.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        out.push_str(&format!("\"{name}\":"));
        text(url, out);
    }
    out.push('}');
}

fn rank(node: &Located) -> usize {
    match &node.inside {
        Some(o) => match &o.structure {
            Structure::Array(a) | Structure::Sparse(a) => a.shape.len(),
            _ => 0,
        },
        None => serde_json::from_str::<Value>(&node.row.structure)
            .ok()
            .and_then(|s| Some(s.get("shape")?.as_array()?.len()))
            .unwrap_or(0),
    }
}

fn data_sources(app: &App, node: &Located, client: Client, out: &mut String) -> Result<()> {
    let source =
        if node.inside.is_some() { std::sync::Arc::new(None) } else { app.tree.source(&node.row)? };
    let Some(source) = source.as_ref() else {
        out.push_str("[]");
        return Ok(());
    };
    let structure = match node.family() {
        Family::Container => {
            json!({"keys": app.tree.file_container(node)?.map(|c| c.keys()).transpose()?.unwrap_or_default()})
        }
        _ => serde_json::from_str(&node.row.structure).unwrap_or(Value::Null),
    };
    out.push_str(&json!([describe(app, node, source, structure, client)]).to_string());
    Ok(())
}

fn describe(app: &App, node: &Located, source: &Source, structure: Value, client: Client) -> Value {
    let assets: Vec<Value> = source
        .assets
        .iter()
        .map(|a| {
            let mut asset = json!({
                "data_uri": public_uri(app, &a.path), "is_directory": a.is_directory,
                "parameter": if a.num.is_some() { "data_uris" } else { "data_uri" }, "num": a.num, "size": a.size, "id": a.id,
            });
            if let (true, Some(map)) = (client.no_size, asset.as_object_mut()) {
                map.shift_remove("size");
            }
            asset
        })
        .collect();
    let mut out = json!({
        "id": node.row.id, "structure_family": node.row.family.name(), "structure": structure, "mimetype": source.mimetype,
        "parameters": serde_json::from_str::<Value>(&source.parameters).unwrap_or_else(|_| json!({})), "properties": {}, "assets": assets, "management": "external",
    });
    if let (true, Some(map)) = (client.no_properties, out.as_object_mut()) {
        map.shift_remove("properties");
    }
    out
}

/// Where an asset is, told without the server's own folders: relative to what is served.
pub fn public_uri(app: &App, path: &Path) -> String {
    let relative = app.roots.iter().find_map(|root| {
        let rest = path.strip_prefix(root).ok()?;
        let name =
            root.file_name().map(Path::new).filter(|_| app.roots.len() > 1 || rest.as_os_str().is_empty());
        Some(name.map_or_else(|| rest.to_owned(), |n| n.join(rest)))
    });
    let relative = relative.unwrap_or_else(|| path.file_name().map(Into::into).unwrap_or_default());
    let keys: Vec<String> =
        relative.components().map(|c| c.as_os_str().to_string_lossy().into_owned()).collect();
    format!("file://localhost/{}", encoded(&NodePath(keys)))
}
