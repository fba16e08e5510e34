//! File formats: how a file or folder becomes a node. One file per format, one list.
//!
//! To add one: write `formats/<name>.rs` with a type that implements [`Format`], and add its line to [`ALL`]; `graymap.rs`
//! is an example that only tests register. The suites in `tests.rs` beside `lib.rs` and in the end-to-end tests walk the
//! list, so that no format escapes them.

pub mod arrow;
pub mod awkward;
pub mod bytes;
pub mod csv;
#[cfg(test)]
pub mod graymap;
pub mod hdf5;
pub mod jpeg;
pub mod json;
pub mod ndjson;
pub mod netcdf3;
pub mod npy;
pub mod npz;
pub mod parquet;
pub mod png;
pub mod sequence;
pub mod tiff;
pub mod xlsx;
pub mod zarr;

use crate::assets::Assets;
use crate::data::Opened;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;
use tile_base::{Error, Result};

/// A reading option, for the reference pages.
pub struct OptionDoc {
    pub name: &'static str,
    pub kind: &'static str,
    pub default: &'static str,
    pub about: &'static str,
}

/// One file format.
pub trait Format: Send + Sync {
    /// The name that users write in the configuration; equals the file name of the implementation.
    fn name(&self) -> &'static str;
    /// One line for the reference.
    fn about(&self) -> &'static str;
    fn mimetype(&self) -> &'static str;
    /// File name endings in lower case, with the dot; the longest that fits wins.
    fn suffixes(&self) -> &'static [&'static str];
    /// Whether the first bytes of a file are this format's own mark. Formats without a mark say `false`.
    fn sniff(&self, _head: &[u8]) -> bool {
        false
    }
    /// Whether every file of this format begins with its mark, so that a file without it is something else.
    fn has_mark(&self) -> bool {
        false
    }
    /// Whether this folder as a whole is one node.
    fn claims_directory(&self, _path: &Path) -> bool {
        false
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[]
    }
    /// Opens the files and describes them. Reads headers, not data, where the format allows it.
    ///
    /// # Errors
    /// `Damaged` when the files are not what they should be; `Malformed` for bad options.
    fn open(&self, assets: &Assets, options: &Value) -> Result<Opened>;
}

/// Every format. Order decides between formats that would claim the same folder or mark.
pub const ALL: &[&dyn Format] = &[
    &csv::Csv,
    &json::Json,
    &ndjson::NdJson,
    &parquet::Parquet,
    &arrow::Arrow,
    &xlsx::Xlsx,
    &hdf5::Hdf5,
    &netcdf3::NetCdf3,
    &zarr::Zarr,
    &tiff::Tiff,
    &jpeg::Jpeg,
    &png::Png,
    &npy::Npy,
    &npz::Npz,
    &awkward::AwkwardBuffers,
    &sequence::Sequence,
    #[cfg(test)]
    &graymap::Graymap,
    &bytes::Bytes,
];

/// Bytes of a file that marks are looked for in.
pub const HEAD_BYTES: usize = 1024;

/// The format with this name.
///
/// # Errors
/// `NotFound`, naming the known ones.
pub fn by_name(name: &str) -> Result<&'static dyn Format> {
    ALL.iter().copied().find(|f| f.name() == name).ok_or_else(|| {
        let known: Vec<_> = ALL.iter().map(|f| f.name()).collect();
        Error::not_found(format!("unknown format `{name}`"))
            .hint(format!("Known formats: {}", known.join(", ")))
    })
}

/// The format of a file by its name's ending, then checked against its content: a wrong ending is seen through.
///
/// # Errors
/// When the file cannot be read.
pub fn recognise(path: &Path) -> Result<&'static dyn Format> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    std::fs::File::open(path)?.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    let by_content = ALL.iter().copied().find(|f| f.sniff(&head));
    let Some(by_name) = by_suffix(path) else { return Ok(by_content.unwrap_or(&bytes::Bytes)) };
    if by_name.has_mark() && !by_name.sniff(&head) {
        return Ok(by_content.unwrap_or(by_name));
    }
    // A text format's name on a file with a binary mark: believe the mark. NetCDF-4 is HDF5, XLSX and NPZ are both ZIP.
    Ok(by_content.filter(|f| !by_name.has_mark() && f.has_mark()).unwrap_or(by_name))
}

/// The format whose longest ending fits the file name.
pub fn by_suffix(path: &Path) -> Option<&'static dyn Format> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    let fits = ALL
        .iter()
        .flat_map(|f| f.suffixes().iter().map(move |s| (*s, *f)))
        .filter(|(s, _)| name.len() > s.len() && name.ends_with(s));
    fits.max_by_key(|(s, _)| s.len()).map(|(_, f)| f)
}

/// The format that takes this folder as one node, if any.
pub fn of_directory(path: &Path) -> Option<&'static dyn Format> {
    ALL.iter().copied().find(|f| f.claims_directory(path))
}

/// Typed options from JSON; unknown keys are refused.
pub(crate) fn options<T: DeserializeOwned + Default>(value: &Value) -> Result<T> {
    if value.is_null() {
        return Ok(T::default());
    }
    serde_json::from_value(value.clone()).map_err(|e| Error::malformed(format!("bad reading options: {e}")))
}

/// The reference page of formats, as Markdown.
pub fn reference() -> String {
    let mut out = String::from(
        "# Formats\n\nMade by `tile formats`. Options are set in `tile.toml` under `[access.options.<format>]`.\n\n| format | files | media type | what it becomes |\n|---|---|---|---|\n",
    );
    for f in ALL {
        let suffixes: Vec<String> = f.suffixes().iter().map(|s| format!("`{s}`")).collect();
        out.push_str(&format!(
            "| {} | {} | `{}` | {} |\n",
            f.name(),
            suffixes.join(" "),
            f.mimetype(),
            f.about()
        ));
    }
    for f in ALL.iter().filter(|f| !f.options().is_empty()) {
        out.push_str(&format!(
            "\n## {} options\n\n| option | type | default | meaning |\n|---|---|---|---|\n",
            f.name()
        ));
        for o in f.options() {
            out.push_str(&format!("| `{}` | {} | `{}` | {} |\n", o.name, o.kind, o.default, o.about));
        }
    }
    out
}

/// The description of a file that could not be opened: a bytes node that says what is wrong.
pub fn damaged(format: &str, error: &Error) -> Opened {
    let metadata = json!({"problem": error.detail(), "format": format});
    Opened { structure: tile_base::Structure::Bytes, metadata, specs: vec![], data: crate::data::Data::Bytes }
        .with_spec("damaged")
}
