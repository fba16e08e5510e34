//! What a node can be: its structure family and the exact JSON that clients read (wire specification §3).

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::grid::Grid;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    Array,
    Awkward,
    Bytes,
    Container,
    Ragged,
    Sparse,
    Table,
}

impl Family {
    pub const ALL: [Self; 7] =
        [Self::Array, Self::Awkward, Self::Bytes, Self::Container, Self::Ragged, Self::Sparse, Self::Table];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Array => "array",
            Self::Awkward => "awkward",
            Self::Bytes => "bytes",
            Self::Container => "container",
            Self::Ragged => "ragged",
            Self::Sparse => "sparse",
            Self::Table => "table",
        }
    }
    /// # Errors
    /// `Malformed` for a name that is not a family.
    pub fn parse(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|f| f.name() == name).ok_or_else(|| {
            Error::malformed(format!(
                "`{}` is not a structure family",
                name.chars().take(60).collect::<String>()
            ))
            .at("query.structure_family")
        })
    }
}

/// A label that tells clients how to treat a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    pub name: String,
    pub version: Option<String>,
}

impl Spec {
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), version: None }
    }
}

/// Shape, type and chunking of an array; also of a sparse one, by its dense shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrayStructure {
    pub dtype: DType,
    pub shape: Vec<usize>,
    pub chunks: Vec<Vec<usize>>,
    pub dims: Option<Vec<String>>,
}

impl ArrayStructure {
    pub fn new(dtype: DType, shape: Vec<usize>, chunks: Vec<Vec<usize>>) -> Self {
        Self { dtype, shape, chunks, dims: None }
    }
    pub fn grid(&self) -> Grid {
        Grid::new(self.chunks.clone())
    }
    /// Size of all items when dense; saturates.
    pub fn bytes(&self) -> usize {
        self.shape.iter().fold(self.dtype.itemsize(), |n, &d| n.saturating_mul(d))
    }
    fn to_json(&self) -> Value {
        json!({"data_type": self.dtype.to_json(), "chunks": self.chunks, "shape": self.shape, "dims": self.dims, "resizable": false})
    }
    fn from_json(v: &Value) -> Result<Self> {
        let bad = || Error::malformed("array structure lacks a key");
        let list = |v: &Value| -> Option<Vec<usize>> {
            v.as_array()?.iter().map(|n| n.as_u64().and_then(|n| usize::try_from(n).ok())).collect()
        };
        let shape = v.get("shape").and_then(list).ok_or_else(bad)?;
        let chunks = v
            .get("chunks")
            .and_then(Value::as_array)
            .ok_or_else(bad)?
            .iter()
            .map(|c| list(c).ok_or_else(bad))
            .collect::<Result<_>>()?;
        let dims = v
            .get("dims")
            .and_then(Value::as_array)
            .map(|d| d.iter().filter_map(Value::as_str).map(str::to_owned).collect());
        Ok(Self { dtype: DType::from_json(v.get("data_type").ok_or_else(bad)?)?, shape, chunks, dims })
    }
}

/// Columns and partitions of a table. `arrow_schema` is the data URI of the encapsulated Arrow schema message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableStructure {
    pub arrow_schema: String,
    pub npartitions: usize,
    pub columns: Vec<String>,
}

/// Length and Awkward form of a nested array.
#[derive(Clone, Debug, PartialEq)]
pub struct AwkwardStructure {
    pub length: usize,
    pub form: Value,
}

/// A ragged array: the first dimension is known, `None` dimensions vary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RaggedStructure {
    pub dtype: DType,
    pub shape: Vec<Option<usize>>,
    pub size: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Structure {
    Array(ArrayStructure),
    Awkward(AwkwardStructure),
    Bytes,
    /// The number of children is not stored: the catalog or the file knows it.
    Container,
    Ragged(RaggedStructure),
    Sparse(ArrayStructure),
    Table(TableStructure),
}

impl Structure {
    pub const fn family(&self) -> Family {
        match self {
            Self::Array(_) => Family::Array,
            Self::Awkward(_) => Family::Awkward,
            Self::Bytes => Family::Bytes,
            Self::Container => Family::Container,
            Self::Ragged(_) => Family::Ragged,
            Self::Sparse(_) => Family::Sparse,
            Self::Table(_) => Family::Table,
        }
    }

    /// The JSON that clients read; a container's count is filled in by whoever knows it.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Array(a) => a.to_json(),
            Self::Sparse(a) => json!({
                "chunks": a.chunks, "shape": a.shape, "data_type": a.dtype.to_json(),
                "coord_data_type": DType::little('i', 8).to_json(), "dims": a.dims, "resizable": false, "layout": "COO",
            }),
            Self::Table(t) => {
                json!({"arrow_schema": t.arrow_schema, "npartitions": t.npartitions, "columns": t.columns, "resizable": false})
            }
            Self::Awkward(a) => json!({"length": a.length, "form": a.form}),
            Self::Ragged(r) => {
                let chunks: Vec<Value> =
                    r.shape.iter().map(|d| d.map_or(Value::Null, |n| json!([n]))).collect();
                json!({"data_type": r.dtype.to_json(), "shape": r.shape, "size": r.size, "chunks": chunks, "dims": null, "resizable": false})
            }
            Self::Container => json!({"contents": null, "count": 0}),
            Self::Bytes => Value::Null,
        }
    }

    /// Reads the JSON back; the inverse of [`Structure::to_json`].
    ///
    /// # Errors
    /// `Malformed` when a key is missing.
    pub fn from_json(family: Family, v: &Value) -> Result<Self> {
        let bad = || Error::malformed(format!("{} structure lacks a key", family.name()));
        let number = |key: &str| {
            v.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok()).ok_or_else(bad)
        };
        Ok(match family {
            Family::Array => Self::Array(ArrayStructure::from_json(v)?),
            Family::Sparse => Self::Sparse(ArrayStructure::from_json(v)?),
            Family::Table => Self::Table(TableStructure {
                arrow_schema: v.get("arrow_schema").and_then(Value::as_str).ok_or_else(bad)?.to_owned(),
                npartitions: number("npartitions")?,
                columns: v
                    .get("columns")
                    .and_then(Value::as_array)
                    .ok_or_else(bad)?
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect(),
            }),
            Family::Awkward => Self::Awkward(AwkwardStructure {
                length: number("length")?,
                form: v.get("form").cloned().ok_or_else(bad)?,
            }),
            Family::Ragged => Self::Ragged(RaggedStructure {
                dtype: DType::from_json(v.get("data_type").ok_or_else(bad)?)?,
                shape: v
                    .get("shape")
                    .and_then(Value::as_array)
                    .ok_or_else(bad)?
                    .iter()
                    .map(|n| n.as_u64().and_then(|n| usize::try_from(n).ok()))
                    .collect(),
                size: number("size")?,
            }),
            Family::Container => Self::Container,
            Family::Bytes => Self::Bytes,
        })
    }
}
