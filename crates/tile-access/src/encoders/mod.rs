//! Encoders: how a node's data is written. One file per media type, one list.
//!
//! To add one: write `encoders/<name>.rs` with a type that implements [`Encoder`], and add its line to [`ALL`];
//! `graymap.rs` is an example that only tests register.

pub mod arrow;
pub mod awkward;
pub mod blosc;
pub mod csv;
#[cfg(test)]
pub mod graymap;
pub mod hdf5;
pub mod html;
pub mod item;
pub mod json;
pub mod json_seq;
pub mod netcdf;
pub mod octet_stream;
pub mod parquet;
pub mod png;
pub mod rows;
pub mod tiff;
pub mod xlsx;
pub mod zip;

use crate::cache::Cache;
use crate::data::{ArrayData, Awkward, Batches, Ragged};
use crate::tree::{Located, Tree};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use std::sync::Arc;
use tile_base::structure::{ArrayStructure, AwkwardStructure};
use tile_base::{Error, Family, Kind, Result, Selection};
use tile_web::Sink;

/// What is to be written.
pub enum Subject {
    Array {
        data: ArrayData,
        selection: Selection,
    },
    /// A table, or what is written like one.
    Table {
        schema: SchemaRef,
        batches: Batches,
    },
    Sparse {
        batch: RecordBatch,
        structure: ArrayStructure,
    },
    Awkward {
        structure: AwkwardStructure,
        buffers: Arc<dyn Awkward>,
    },
    Ragged {
        buffers: Arc<dyn Ragged>,
        rows: Vec<usize>,
    },
    /// A container with the keys asked for; empty means all.
    Container {
        node: Located,
        keys: Vec<String>,
    },
    /// A container of the spec `xarray_dataset`, with the variables asked for.
    Dataset {
        node: Located,
        keys: Vec<String>,
    },
}

/// What families an encoder serves; `Dataset` is the spec `xarray_dataset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Of(Family),
    Dataset,
}

pub const ARRAY: Target = Target::Of(Family::Array);
pub const TABLE: Target = Target::Of(Family::Table);
pub const SPARSE: Target = Target::Of(Family::Sparse);
pub const AWKWARD: Target = Target::Of(Family::Awkward);
pub const RAGGED: Target = Target::Of(Family::Ragged);
pub const CONTAINER: Target = Target::Of(Family::Container);

impl Target {
    /// The name under which clients see the formats.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Of(family) => family.name(),
            Self::Dataset => "xarray_dataset",
        }
    }
}

/// What encoders may use beside the subject.
pub struct Context<'a> {
    pub tree: &'a Tree,
    pub cache: &'a Cache,
    /// The media type as asked, with parameters.
    pub media_type: &'a str,
    /// Answers above this many bytes of data are refused.
    pub bytes_max: u64,
}

/// One media type.
pub trait Encoder: Send + Sync {
    fn name(&self) -> &'static str;
    /// The media types that name it, the canonical one first.
    fn media_types(&self) -> &'static [&'static str];
    /// File endings that name it in `?format=`, without the dot.
    fn endings(&self) -> &'static [&'static str];
    /// The media type that an ending stands for; the canonical one unless the encoder says otherwise.
    fn of_ending(&self, ending: &str) -> Option<&'static str> {
        if self.endings().contains(&ending) { self.media_types().first().copied() } else { None }
    }
    /// The families it serves; the first encoder of a family in [`ALL`] is the family's default.
    fn targets(&self) -> &'static [Target];
    /// Refuses shapes that it cannot write, before anything is read.
    ///
    /// # Errors
    /// `NotAcceptable`.
    fn accepts(&self, _subject: &Subject) -> Result<()> {
        Ok(())
    }
    /// The exact size of the answer, when it is known before.
    fn length(&self, _subject: &Subject) -> Option<u64> {
        None
    }
    /// Writes the subject. Memory is bounded by a piece where the format allows it.
    ///
    /// # Errors
    /// Those of reading; `NotAcceptable` for what this format cannot hold.
    fn encode(&self, subject: Subject, context: &Context<'_>, out: &mut dyn Sink) -> Result<()>;
}

/// Every encoder.
pub const ALL: &[&dyn Encoder] = &[
    &octet_stream::OctetStream,
    &zip::Zip,
    &arrow::Arrow,
    &hdf5::Hdf5,
    &netcdf::NetCdf,
    &json::Json,
    &json_seq::JsonSeq,
    &csv::Csv,
    &parquet::Parquet,
    &xlsx::Xlsx,
    &png::Png,
    &tiff::Tiff,
    &html::Html,
    #[cfg(test)]
    &graymap::Graymap,
];

/// The default encoder of a target; ragged arrays are JSON first, as clients expect.
fn default_of(target: Target) -> Option<&'static dyn Encoder> {
    if target == RAGGED {
        return Some(&json::Json);
    }
    let of_family = |t: Target| ALL.iter().copied().find(|e| e.targets().contains(&t));
    if target == Target::Dataset { of_family(CONTAINER) } else { of_family(target) }
}

/// The encoders of a node: those of its spec first, then of its family.
fn candidates(targets: &[Target]) -> Vec<(Target, &'static dyn Encoder)> {
    targets
        .iter()
        .flat_map(|&t| ALL.iter().copied().filter(move |e| e.targets().contains(&t)).map(move |e| (t, e)))
        .collect()
}

/// An encoder, and the media type as it was asked for.
pub struct Chosen {
    pub encoder: &'static dyn Encoder,
    pub media_type: String,
    /// The target it was chosen for.
    pub target: Target,
}

impl std::fmt::Debug for Chosen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chosen")
            .field("encoder", &self.encoder.name())
            .field("media_type", &self.media_type)
            .finish_non_exhaustive()
    }
}

/// Chooses by `format` (media types or endings, in order) or else by `Accept` with its weights.
///
/// # Errors
/// `NotAcceptable`, naming what is supported.
pub fn choose(targets: &[Target], format: Option<&str>, accept: &str) -> Result<Chosen> {
    let all = candidates(targets);
    let default = || targets.iter().rev().find_map(|&t| default_of(t).map(|e| (t, e)));
    let wanted: Vec<String> = match format {
        Some(list) => list.split(',').map(|f| f.trim().to_owned()).filter(|f| !f.is_empty()).collect(),
        None => {
            tile_web::media::parse(accept).into_iter().filter(|a| a.quality > 0.0).map(|a| a.full).collect()
        }
    };
    if wanted.is_empty()
        && let Some((target, encoder)) = default()
    {
        return Ok(Chosen { encoder, media_type: canonical(encoder), target });
    }
    for want in &wanted {
        let base = want.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        if base == "*/*"
            && let Some((target, encoder)) = default()
        {
            return Ok(Chosen { encoder, media_type: canonical(encoder), target });
        }
        if base == "image/*"
            && let Some((target, encoder)) = all.iter().find(|(_, e)| e.name() == "png")
        {
            return Ok(Chosen { encoder: *encoder, media_type: canonical(*encoder), target: *target });
        }
        for (target, encoder) in &all {
            let named = encoder.media_types().iter().any(|m| *m == base);
            let ending =
                if format.is_some() { encoder.of_ending(base.trim_start_matches('.')) } else { None };
            if named || ending.is_some() {
                let media_type = ending.map_or_else(|| want.clone(), str::to_owned);
                return Ok(Chosen { encoder: *encoder, media_type, target: *target });
            }
            if base.ends_with("/*") && encoder.media_types().iter().any(|m| tile_web::media::covers(&base, m))
            {
                return Ok(Chosen { encoder: *encoder, media_type: canonical(*encoder), target: *target });
            }
        }
    }
    let mut supported: Vec<&str> = all.iter().flat_map(|(_, e)| e.media_types().iter().copied()).collect();
    supported.sort_unstable();
    supported.dedup();
    let requested: Vec<String> = wanted.iter().map(|w| w.chars().take(100).collect()).collect();
    Err(Error::new(
        Kind::NotAcceptable,
        format!(
            "None of the media types requested by the client are supported. Supported: {}. Requested: {}.",
            supported.join(", "),
            requested.join(", ")
        ),
    ))
}

fn canonical(encoder: &dyn Encoder) -> String {
    encoder.media_types().first().copied().unwrap_or("application/octet-stream").to_owned()
}

/// Every target, for the about document.
pub const TARGETS: &[Target] = &[ARRAY, AWKWARD, CONTAINER, RAGGED, SPARSE, TABLE, Target::Dataset];

/// Media types and their endings for one target, for the about document.
pub fn formats_of(target: Target) -> Vec<(&'static str, Vec<&'static str>)> {
    let endings = |e: &'static dyn Encoder, m: &str| {
        e.endings().iter().copied().filter(|x| e.of_ending(x) == Some(m)).collect()
    };
    candidates(&[target])
        .into_iter()
        .flat_map(|(_, e)| e.media_types().iter().map(move |m| (*m, endings(e, m))))
        .collect()
}

/// The refusal of a shape.
pub(crate) fn shape_refused(shape: &[usize], media_type: &str) -> Error {
    let sizes: Vec<String> = shape.iter().map(ToString::to_string).collect();
    let tuple =
        if sizes.len() == 1 { format!("({},)", sizes.join("")) } else { format!("({})", sizes.join(", ")) };
    Error::new(
        Kind::NotAcceptable,
        format!(
            "The shape of this data {tuple} is incompatible with the requested format ({media_type}). Slice it or choose a different format."
        ),
    )
}

/// The refusal of a subject that an encoder does not serve; choosing by target makes it unreachable from outside.
pub(crate) fn not_served(name: &str) -> Error {
    Error::new(Kind::NotAcceptable, format!("the {name} encoder does not serve this kind of node"))
}
