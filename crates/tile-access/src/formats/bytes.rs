//! Any other file: its raw bytes, with a guess of the media type.

use super::Format;
use crate::assets::Assets;
use crate::data::{Data, Opened};
use serde_json::{Value, json};
use std::path::Path;
use tile_base::{Result, Structure};

pub struct Bytes;

impl Format for Bytes {
    fn name(&self) -> &'static str {
        "bytes"
    }
    fn about(&self) -> &'static str {
        "bytes: the file as it is, for everything that no other format takes"
    }
    fn mimetype(&self) -> &'static str {
        "application/octet-stream"
    }
    fn suffixes(&self) -> &'static [&'static str] {
        &[]
    }
    fn open(&self, assets: &Assets, _options: &Value) -> Result<Opened> {
        let path = assets.path()?;
        let metadata = json!({"media_type": media_type(path)});
        Ok(Opened { structure: Structure::Bytes, metadata, specs: vec![], data: Data::Bytes })
    }
}

/// The media type that a file's name suggests.
pub fn media_type(path: &Path) -> &'static str {
    let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    match name.rsplit('.').next().unwrap_or("") {
        "txt" | "log" | "rst" | "dat" => "text/plain",
        "md" => "text/markdown",
        "py" => "text/x-python",
        "csv" => "text/csv",
        "json" => "application/json",
        "yaml" | "yml" => "application/yaml",
        "toml" => "application/toml",
        "xml" => "application/xml",
        "pdf" => "application/pdf",
        "gz" => "application/gzip",
        "zip" => "application/zip",
        _ => super::by_suffix(path).map_or("application/octet-stream", Format::mimetype),
    }
}
