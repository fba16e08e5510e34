//! Awkward arrays: a folder with `awkward.json` (`{"form": …, "length": …}`) and one file per buffer, named by its key.
//!
//! This is what `ak.to_buffers` returns, written down.

use super::Format;
use crate::assets::{Assets, Uid, read_all};
use crate::data::{Awkward, Data, Opened};
use bytes::Bytes;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tile_base::error::OrDamaged;
use tile_base::structure::AwkwardStructure;
use tile_base::{Error, Result, Structure};

pub struct AwkwardBuffers;

const DESCRIPTION: &str = "awkward.json";
const BUFFER_BYTES_MAX: u64 = 2 << 30;

impl Format for AwkwardBuffers {
    fn name(&self) -> &'static str {
        "awkward"
    }
    fn about(&self) -> &'static str {
        "nested array, from a folder with `awkward.json` and one file per buffer"
    }
    fn mimetype(&self) -> &'static str {
        "application/x-awkward-buffers"
    }
    fn suffixes(&self) -> &'static [&'static str] {
        &[".awkward"]
    }
    fn claims_directory(&self, path: &Path) -> bool {
        path.join(DESCRIPTION).is_file()
    }
    fn open(&self, assets: &Assets, _options: &Value) -> Result<Opened> {
        let folder = assets.path()?.to_owned();
        let text = read_all(&folder.join(DESCRIPTION), 16 << 20)?;
        let about: Value = serde_json::from_slice(&text).or_damaged(DESCRIPTION)?;
        let length = about
            .get("length")
            .and_then(Value::as_u64)
            .and_then(|n| usize::try_from(n).ok())
            .ok_or_else(|| Error::damaged("`length` is missing in awkward.json"))?;
        let form = about
            .get("form")
            .filter(|f| f.is_object() || f.is_string())
            .cloned()
            .ok_or_else(|| Error::damaged("`form` is missing in awkward.json"))?;
        let form = match form {
            Value::String(s) => serde_json::from_str(&s).or_damaged("the form")?,
            other => other,
        };
        let data = Data::Awkward(Arc::new(Folder { uid: assets.uid("")?, folder }));
        Ok(Opened {
            structure: Structure::Awkward(AwkwardStructure { length, form }),
            metadata: json!({}),
            specs: vec![],
            data,
        })
    }
}

struct Folder {
    folder: PathBuf,
    uid: Uid,
}

impl Awkward for Folder {
    fn keys(&self) -> Result<Vec<String>> {
        let mut keys = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name != DESCRIPTION && !name.starts_with('.') {
                keys.push(name);
            }
        }
        keys.sort();
        Ok(keys)
    }
    fn buffer(&self, key: &str) -> Result<Bytes> {
        if !self.keys()?.iter().any(|k| k == key) {
            return Err(Error::not_found(format!("no buffer `{key}`")));
        }
        read_all(&self.folder.join(key), BUFFER_BYTES_MAX).map(Bytes::from)
    }
    fn uid(&self) -> Uid {
        self.uid
    }
}
