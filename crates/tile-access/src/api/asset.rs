//! The original files behind a node. What a folder asset gives is checked to lie inside of it, links resolved.

use super::send::attachment;
use super::{App, Reply, Req};
use crate::formats::bytes::media_type;
use crate::tree::Located;
use bytes::Bytes;
use http::{StatusCode, header};
use serde_json::json;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use tile_base::{Error, Kind, Result};
use tile_meta::Asset;
use tile_web::body::{self, Sink, write_error};
use tile_web::{etag, range};

/// Bytes read and sent at a time.
const PIECE: u64 = 1 << 20;
/// Files that a manifest lists.
const MANIFEST_MAX: usize = 100_000;

fn find(app: &App, req: &Req) -> Result<(Located, Asset)> {
    if !app.tree.config.expose_raw_assets {
        return Err(Error::new(
            Kind::Denied,
            "This Tiled server is configured not to allow downloading raw assets.",
        ));
    }
    let id = req.query.get("id").ok_or_else(|| Error::malformed("query parameter `id` is required"))?;
    let id: i64 = id.parse().map_err(|_| Error::malformed("query parameter `id` is not a number"))?;
    let node = app.tree.find(&req.tail)?;
    let missing = || Error::not_found(format!("This node exists but it does not have an Asset with id {id}"));
    if node.inside.is_some() {
        return Err(missing());
    }
    let source = app.tree.source(&node.row)?;
    let asset = source
        .as_ref()
        .as_ref()
        .and_then(|s| s.assets.iter().find(|a| a.id == id))
        .cloned()
        .ok_or_else(missing)?;
    Ok((node, asset))
}

/// The file that is meant: the asset itself, or a file inside a folder asset.
fn resolve(asset: &Asset, relative: Option<&str>) -> Result<PathBuf> {
    let Some(relative) = relative else {
        if asset.is_directory {
            return Err(Error::invalid(
                "This asset is a directory. Must specify relative path, from manifest provided by /asset/manifest/...",
            ));
        }
        return Ok(asset.path.clone());
    };
    if !asset.is_directory {
        return Err(Error::invalid(
            "This asset is not a directory. The relative_path query parameter must be omitted.",
        ));
    }
    let refused = || Error::invalid("the relative path must lie inside of the asset");
    let path = Path::new(relative);
    if relative.contains('\0') || !path.components().all(|c| matches!(c, Component::Normal(_))) {
        return Err(refused());
    }
    let root = asset.path.canonicalize()?;
    let full = root.join(path).canonicalize().map_err(|_| Error::not_found("no such file in this asset"))?;
    if full.starts_with(&root) { Ok(full) } else { Err(refused()) }
}

pub async fn bytes(app: Arc<App>, req: Req) -> Result<Reply> {
    let (_, asset) = find(&app, &req)?;
    let path = resolve(&asset, req.query.get("relative_path"))?;
    let file = File::open(&path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(Error::not_found("no such file in this asset"));
    }
    let stamp = crate::assets::Stamp::from(&meta);
    let tag = etag::of(format!("{}:{}:{}", stamp.inode, stamp.size, stamp.mtime_ns).as_bytes());
    let condition = req.header("if-none-match");
    if !condition.is_empty() && etag::matches(condition, &tag) {
        return Ok(Reply::empty(StatusCode::NOT_MODIFIED).with(header::ETAG, tag));
    }
    let asked = req.header("range");
    let if_range = req.header("if-range");
    let part = if asked.is_empty() || !(if_range.is_empty() || if_range == tag) {
        None
    } else {
        match range::parse(asked, stamp.size) {
            Ok(part) => part,
            Err(e) => return Ok(Reply::outside(&e, stamp.size)),
        }
    };
    let (first, end) = part.map_or((0, stamp.size), |(a, b)| (a, b + 1));
    let encoded = body::encode(Some(end - first), None, move |out| copy(&file, first, end, out)).await?;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let mut reply = Reply::encoded(media_type(&path), encoded)
        .with(header::ETAG, tag)
        .with(header::ACCEPT_RANGES, "bytes")
        .with(header::CONTENT_DISPOSITION, attachment(&name))
        .with(header::LAST_MODIFIED, super::about::http_date(stamp.mtime_ns / 1_000_000_000));
    if let Some((first, last)) = part {
        reply.status = StatusCode::PARTIAL_CONTENT;
        reply = reply.with(header::CONTENT_RANGE, format!("bytes {first}-{last}/{}", stamp.size));
    }
    Ok(reply)
}

fn copy(file: &File, mut at: u64, end: u64, out: &mut dyn Sink) -> Result<()> {
    while at < end {
        let n = PIECE.min(end - at);
        let mut piece = vec![0u8; usize::try_from(n).unwrap_or(0)];
        file.read_exact_at(&mut piece, at)?;
        out.put(Bytes::from(piece)).map_err(write_error)?;
        at += n;
    }
    Ok(())
}

pub async fn manifest(app: Arc<App>, req: Req) -> Result<Reply> {
    let (_, asset) = find(&app, &req)?;
    if !asset.is_directory {
        return Err(Error::invalid("This asset is not a directory. There is no manifest."));
    }
    let files = tile_web::rt::cpu(move || {
        let mut files = Vec::new();
        list(&asset.path, &asset.path, &mut files, 0)?;
        files.sort();
        Ok(files)
    })
    .await?;
    Reply::document(&req, json!({"manifest": files}).to_string())
}

fn list(root: &Path, folder: &Path, files: &mut Vec<String>, depth: usize) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() && depth < 64 {
            list(root, &entry.path(), files, depth + 1)?;
        } else if kind.is_file() {
            if files.len() >= MANIFEST_MAX {
                return Err(Error::new(
                    Kind::TooLarge,
                    format!("the folder holds more than {MANIFEST_MAX} files"),
                ));
            }
            files.push(
                entry.path().strip_prefix(root).unwrap_or(&entry.path()).to_string_lossy().into_owned(),
            );
        }
    }
    Ok(())
}
