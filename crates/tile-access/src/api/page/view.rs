//! A node as HTML: where it is, what it holds, a look at its data, how to get it.

use super::html::{escape, frame};
use crate::api::App;
use crate::api::resource::{count, encoded};
use crate::data::{ArrayData, Data, Table};
use crate::encoders::{self, ARRAY, AWKWARD, CONTAINER, RAGGED, SPARSE, TABLE, Target, item, json::Cells};
use crate::reading::{array, table};
use crate::tree::Located;
use std::fmt::Write;
use std::sync::Arc;
use tile_base::slice::Take;
use tile_base::{DType, Error, Family, NdSlice, NodePath, Result, Selection};
use tile_meta::{Page, Query, Scope};

/// Children on one page; rows and columns of a look at data.
const CHILDREN: u64 = 100;
const ROWS: usize = 50;
const COLUMNS: usize = 30;
const CELLS: usize = 12;
/// Longest side of a picture.
const PIXELS: usize = 512;

pub fn draw(
    app: &Arc<App>,
    path: &NodePath,
    origin: &str,
    slice: &str,
    offset: u64,
    anonymous: bool,
) -> Result<String> {
    let node = app.tree.find(path)?;
    let mut out = String::new();
    crumbs(path, &mut out);
    let title = if path.is_root() { "Root" } else { path.key() };
    let specs: String =
        node.specs().iter().map(|s| format!(" <span class=\"badge\">{}</span>", escape(&s.name))).collect();
    let _ = write!(
        out,
        "<h1>{}</h1><p><span class=\"badge\">{}</span>{specs}</p>",
        escape(title),
        node.family().name()
    );
    let metadata = node.metadata_json()?;
    if let Some(problem) =
        metadata.get("problem").and_then(|p| p.as_str()).filter(|_| node.has_spec("damaged"))
    {
        let _ = write!(out, "<p class=\"problem\">This file could not be read: {}</p>", escape(problem));
    }
    match node.family() {
        Family::Container => children(app, &node, offset, &mut out)?,
        Family::Array => {
            let opened = app.tree.open(&node)?;
            if let Data::Array(data) = &opened.data {
                array_view(app, &node, data, slice, &mut out)?;
            }
        }
        Family::Table => {
            let opened = app.tree.open(&node)?;
            if let Data::Table(source) = &opened.data {
                table_view(app, &node, source, &mut out)?;
            }
        }
        Family::Sparse | Family::Awkward | Family::Ragged => facts(&node, &mut out)?,
        Family::Bytes => file(app, &node, &mut out)?,
    }
    if metadata.as_object().is_some_and(|m| !m.is_empty()) {
        let text = serde_json::to_string_pretty(&metadata).unwrap_or_default();
        let _ = write!(
            out,
            "<h2>Metadata</h2><pre>{}</pre>",
            escape(&text.chars().take(100_000).collect::<String>())
        );
    }
    downloads(&node, slice, &mut out);
    snippets(&node, origin, anonymous, &mut out);
    Ok(frame(title, &out))
}

fn crumbs(path: &NodePath, out: &mut String) {
    out.push_str("<p class=\"crumbs\"><a href=\"/browse/\">root</a>");
    for i in 0..path.0.len() {
        let here = NodePath(path.0[..=i].to_vec());
        let _ = write!(out, " / <a href=\"/browse/{}\">{}</a>", escape(&encoded(&here)), escape(here.key()));
    }
    out.push_str("</p>");
}

fn children(app: &App, node: &Located, offset: u64, out: &mut String) -> Result<()> {
    let total = count(app, node)?;
    let _ = write!(
        out,
        "<h2>{total} {}</h2><div class=\"scroll\"><table><thead><tr><th>key</th><th>kind</th><th>shape</th></tr></thead><tbody>",
        if total == 1 { "child" } else { "children" }
    );
    for (key, child) in listed(app, node, offset)? {
        match child {
            Ok(child) => {
                let _ = write!(
                    out,
                    "<tr><td><a href=\"/browse/{}\">{}</a></td><td>{}</td><td>{}</td></tr>",
                    escape(&encoded(&child.path)),
                    escape(&key),
                    child.family().name(),
                    escape(&shape_text(app, &child))
                );
            }
            Err(e) => {
                let _ = write!(
                    out,
                    "<tr><td>{}</td><td>unreadable</td><td>{}</td></tr>",
                    escape(&key),
                    escape(&e.detail())
                );
            }
        }
    }
    out.push_str("</tbody></table></div><p>");
    let here = escape(&encoded(&node.path));
    if offset > 0 {
        let _ = write!(
            out,
            "<a href=\"/browse/{here}?offset={}\">← earlier</a> ",
            offset.saturating_sub(CHILDREN)
        );
    }
    if offset + CHILDREN < total {
        let _ = write!(out, "<a href=\"/browse/{here}?offset={}\">later →</a>", offset + CHILDREN);
    }
    out.push_str("</p>");
    Ok(())
}

/// A child as it could be found.
type Listed = (String, std::result::Result<Located, Error>);

/// The children of one page.
fn listed(app: &App, node: &Located, offset: u64) -> Result<Vec<Listed>> {
    Ok(match app.tree.file_container(node)? {
        Some(container) => {
            let skip = usize::try_from(offset).unwrap_or(usize::MAX);
            container
                .keys()?
                .into_iter()
                .skip(skip)
                .take(usize::try_from(CHILDREN).unwrap_or(100))
                .map(|k| (k.clone(), app.tree.child(node, &k)))
                .collect()
        }
        None => {
            let query = Query {
                scope: Scope::Children(node.row.id),
                filters: vec![],
                order: vec![],
                newest_first: false,
            };
            let rows = app.tree.catalog.search(&query, Page::Offset(offset), CHILDREN)?;
            rows.into_iter()
                .map(|r| {
                    (
                        r.key.clone(),
                        Ok(Located {
                            path: node.path.child(&r.key),
                            row: Arc::new(r),
                            inside: None,
                            is_mounted: false,
                        }),
                    )
                })
                .collect()
        }
    })
}

fn structure(node: &Located) -> serde_json::Value {
    match &node.inside {
        Some(o) => o.structure.to_json(),
        None => serde_json::from_str(&node.row.structure).unwrap_or_default(),
    }
}

fn shape_text(app: &App, node: &Located) -> String {
    if node.family() == Family::Container {
        return count(app, node).map(|n| format!("{n} inside")).unwrap_or_default();
    }
    let s = structure(node);
    if let Some(shape) = s.get("shape") {
        return shape.to_string().replace(',', " × ").replace(['[', ']'], "");
    }
    s.get("columns").and_then(|c| c.as_array()).map(|c| format!("{} columns", c.len())).unwrap_or_default()
}

fn facts(node: &Located, out: &mut String) -> Result<()> {
    let text =
        serde_json::to_string_pretty(&structure(node)).map_err(|e| Error::internal("structure").source(e))?;
    let _ = write!(out, "<h2>Structure</h2><pre>{}</pre>", escape(&text));
    Ok(())
}

fn type_name(dtype: &DType) -> String {
    match dtype {
        DType::Scalar(s) => s.typestr(),
        DType::Struct { fields, .. } => {
            format!("struct of {}", fields.iter().map(|f| f.name.as_str()).collect::<Vec<_>>().join(", "))
        }
    }
}

fn array_view(app: &App, node: &Located, data: &ArrayData, slice: &str, out: &mut String) -> Result<()> {
    let s = &data.structure;
    let chunks: Vec<String> =
        s.chunks.iter().map(|c| format!("{} of up to {}", c.len(), c.iter().max().unwrap_or(&0))).collect();
    let _ = write!(
        out,
        "<h2>Structure</h2><dl><dt>shape</dt><dd>{:?}</dd><dt>type</dt><dd><code>{}</code></dd><dt>chunks</dt><dd>{}</dd>",
        s.shape,
        escape(&type_name(&s.dtype)),
        chunks.join(" × ")
    );
    if let Some(dims) = &s.dims {
        let _ = write!(out, "<dt>dimensions</dt><dd>{}</dd>", escape(&dims.join(", ")));
    }
    out.push_str("</dl>");
    let here = escape(&encoded(&node.path));
    let given = if slice.is_empty() { default_slice(&s.shape) } else { slice.to_owned() };
    let _ = write!(
        out,
        "<form method=\"get\" action=\"/browse/{here}\"><input name=\"slice\" value=\"{}\" placeholder=\"slice, such as 0,:,::2\" aria-label=\"slice\"><button>Show slice</button></form>",
        escape(&given)
    );
    let selection = match NdSlice::parse(&given).and_then(|sl| sl.resolve(&s.shape)) {
        Ok(selection) => selection,
        Err(e) => {
            let _ = write!(out, "<p class=\"problem\">{}</p>", escape(&e.detail()));
            return Ok(());
        }
    };
    let shape = selection.shape();
    let numeric = matches!(&s.dtype, DType::Scalar(t) if "biuf".contains(t.kind));
    let flat_picture = matches!(shape.as_slice(), [h, w] if *h > 1 && *w > 1)
        || matches!(shape.as_slice(), [h, w, 3 | 4] if *h > 1 && *w > 1);
    if numeric && flat_picture {
        let step = shape[0].max(shape[1]).div_ceil(PIXELS).max(1);
        let every = if shape.len() == 3 { format!("{step},{step},1") } else { format!("{step},{step}") };
        let _ = write!(
            out,
            "<p><img class=\"picture\" alt=\"the slice as a picture\" src=\"/api/v1/array/full/{here}?format=png&amp;slice={}&amp;every={every}\"></p>",
            escape(&given)
        );
    }
    values(app, data, &selection, out)
}

/// The last two dimensions of more, the first item of the others; a colour picture keeps its channels.
fn default_slice(shape: &[usize]) -> String {
    let keep = if shape.len() >= 3 && matches!(shape.last(), Some(3 | 4)) { 3 } else { 2 };
    let lead = shape.len().saturating_sub(keep);
    shape.iter().enumerate().map(|(i, _)| if i < lead { "0" } else { ":" }).collect::<Vec<_>>().join(",")
}

/// The first values of the slice as a table.
fn values(app: &App, data: &ArrayData, selection: &Selection, out: &mut String) -> Result<()> {
    let kept: Vec<usize> =
        selection.0.iter().enumerate().filter(|(_, t)| !t.dropped).map(|(i, _)| i).collect();
    let mut takes: Vec<Take> = selection.0.clone();
    for (n, &axis) in kept.iter().enumerate() {
        let most = match n {
            0 if kept.len() == 1 => ROWS,
            0 | 1 => CELLS,
            _ => 1,
        };
        takes[axis].count = takes[axis].count.min(most);
    }
    let part = Selection(takes);
    let bytes = array::read(data, &part, &app.tree.cache)?;
    let dtype = &data.structure.dtype;
    let width = if kept.len() >= 2 { part.0[kept[1]].count } else { 1 };
    out.push_str("<h2>First values</h2><div class=\"scroll\"><table><tbody>");
    for row in bytes.chunks_exact((width * dtype.itemsize()).max(1)) {
        out.push_str("<tr>");
        for cell in row.chunks_exact(dtype.itemsize().max(1)) {
            let mut text = Vec::new();
            item::write_text(dtype, cell, &mut text);
            let _ = write!(
                out,
                "<td>{}</td>",
                escape(&String::from_utf8_lossy(&text).chars().take(200).collect::<String>())
            );
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    Ok(())
}

fn table_view(app: &App, node: &Located, source: &Arc<dyn Table>, out: &mut String) -> Result<()> {
    let schema = source.schema();
    let rows: Option<usize> = (0..source.partitions()).map(|p| source.rows(p)).sum();
    let _ = write!(
        out,
        "<h2>Structure</h2><dl><dt>columns</dt><dd>{}</dd><dt>partitions</dt><dd>{}</dd>",
        schema.fields().len(),
        source.partitions()
    );
    if let Some(rows) = rows {
        let _ = write!(out, "<dt>rows</dt><dd>{rows}</dd>");
    }
    out.push_str("</dl><h2>First rows</h2><div class=\"scroll\"><table><thead><tr>");
    let columns: Vec<usize> = (0..schema.fields().len().min(COLUMNS)).collect();
    for &c in &columns {
        let key = schema.field(c).name();
        let _ = write!(
            out,
            "<th><a href=\"/browse/{}\">{}</a><br><small>{}</small></th>",
            escape(&encoded(&node.path.child(key))),
            escape(key),
            escape(&schema.field(c).data_type().to_string())
        );
    }
    out.push_str("</tr></thead><tbody>");
    if source.partitions() > 0
        && let Some(batch) = table::read(source, 0, &columns, &app.tree.cache)?.next()
    {
        let batch = batch?;
        let cells: Vec<Cells<'_>> = batch.columns().iter().map(Cells::of).collect::<Result<_>>()?;
        for row in 0..batch.num_rows().min(ROWS) {
            out.push_str("<tr>");
            for cell in &cells {
                let mut text = Vec::new();
                cell.write_text(row, &mut text);
                let _ = write!(
                    out,
                    "<td>{}</td>",
                    escape(&String::from_utf8_lossy(&text).chars().take(200).collect::<String>())
                );
            }
            out.push_str("</tr>");
        }
    }
    out.push_str("</tbody></table></div>");
    Ok(())
}

/// A raw file: its beginning when it is text, and the way to download it.
fn file(app: &App, node: &Located, out: &mut String) -> Result<()> {
    let source = app.tree.source(&node.row)?;
    let Some(asset) = source.as_ref().as_ref().and_then(|s| s.assets.first()) else { return Ok(()) };
    let _ = write!(out, "<dl><dt>size</dt><dd>{} bytes</dd></dl>", asset.size);
    if app.tree.config.expose_raw_assets && !asset.is_directory {
        let _ = write!(
            out,
            "<p><a class=\"button\" href=\"/api/v1/asset/bytes/{}?id={}\">Download</a></p>",
            escape(&encoded(&node.path)),
            asset.id
        );
        use std::io::Read;
        let mut head = Vec::new();
        std::fs::File::open(&asset.path)?.take(4096).read_to_end(&mut head)?;
        if let Ok(text) = std::str::from_utf8(&head) {
            let _ = write!(out, "<h2>Beginning</h2><pre>{}</pre>", escape(text));
        }
    }
    Ok(())
}

fn route(node: &Located) -> Option<(&'static str, &'static [Target])> {
    Some(match node.family() {
        Family::Array => ("array/full", &[ARRAY]),
        Family::Sparse => ("array/full", &[SPARSE]),
        Family::Table => ("table/full", &[TABLE]),
        Family::Awkward => ("awkward/full", &[AWKWARD]),
        Family::Ragged => ("ragged/full", &[RAGGED]),
        Family::Container if node.has_spec("xarray_dataset") => ("container/full", &[Target::Dataset]),
        Family::Container => ("container/full", &[CONTAINER]),
        Family::Bytes => return None,
    })
}

fn downloads(node: &Located, slice: &str, out: &mut String) {
    let Some((route, targets)) = route(node) else { return };
    out.push_str("<h2>Download</h2><p class=\"downloads\">");
    let name = if node.path.is_root() { "root" } else { node.path.key() };
    for target in targets {
        for e in encoders::ALL.iter().filter(|e| e.targets().contains(target)) {
            let Some(ending) = e.endings().first() else { continue };
            let slice =
                if slice.is_empty() { String::new() } else { format!("&amp;slice={}", escape(slice)) };
            let file = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
            let _ = write!(
                out,
                "<a href=\"/api/v1/{route}/{}?format={ending}{slice}&amp;filename={file}.{ending}\">{ending}</a>",
                escape(&encoded(&node.path))
            );
        }
    }
    out.push_str("</p>");
}

fn snippets(node: &Located, origin: &str, anonymous: bool, out: &mut String) {
    let keys: String =
        node.path.0.iter().map(|k| format!("[{}]", serde_json::Value::from(k.as_str()))).collect();
    let read =
        if node.family() == Family::Container || node.family() == Family::Bytes { "" } else { ".read()" };
    let key = if anonymous { "" } else { ", api_key=\"…\"" };
    let _ = write!(
        out,
        "<h2>Python</h2><pre>from tiled.client import from_uri\n\nclient = from_uri(\"{}\"{key})\nclient{}{read}</pre>",
        escape(origin),
        escape(&keys)
    );
    let header = if anonymous { "" } else { "-H 'Authorization: Apikey …' " };
    let path = match route(node) {
        Some((route, _)) if node.family() != Family::Container => {
            format!("{route}/{}?format=json", encoded(&node.path))
        }
        _ => format!("metadata/{}", encoded(&node.path)),
    };
    let _ =
        write!(out, "<h2>Shell</h2><pre>curl {header}'{}/api/v1/{}'</pre>", escape(origin), escape(&path));
}
