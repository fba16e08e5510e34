//! An opened node: its description and the way to its bytes. Formats make these, readers and encoders use them.

use crate::assets::Uid;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use bytes::Bytes;
use serde_json::Value;
use std::fs::File;
use std::sync::Arc;
use tile_base::grid::Grid;
use tile_base::structure::{ArrayStructure, Spec, Structure};
use tile_base::{DType, Result};

/// A node as a format describes it.
#[derive(Clone)]
pub struct Opened {
    pub structure: Structure,
    /// A JSON object.
    pub metadata: Value,
    pub specs: Vec<Spec>,
    pub data: Data,
}

/// The way to a node's data, by family.
#[derive(Clone)]
pub enum Data {
    Array(ArrayData),
    Table(Arc<dyn Table>),
    Container(Arc<dyn Container>),
    Sparse(Arc<dyn Sparse>),
    Awkward(Arc<dyn Awkward>),
    Ragged(Arc<dyn Ragged>),
    /// The raw file is all there is.
    Bytes,
}

/// An array at rest: what clients see, and how it is stored.
#[derive(Clone)]
pub struct ArrayData {
    pub structure: Arc<ArrayStructure>,
    /// The grid of stored chunks; it may be finer than the chunks that clients see.
    pub grid: Arc<Grid>,
    pub store: Store,
    /// Names the content: equal numbers mean equal bytes.
    pub uid: Uid,
}

#[derive(Clone)]
pub enum Store {
    /// All items in C order in one run of a file, from `offset`.
    Flat {
        file: Arc<File>,
        offset: u64,
    },
    Chunks(Arc<dyn Chunks>),
}

/// A place in a file where plain items lie.
pub struct Location {
    pub file: Arc<File>,
    pub offset: u64,
    /// The chunk's full shape as stored; it may reach past the array's edge.
    pub shape: Vec<usize>,
}

/// Stored chunks, decoded one at a time.
pub trait Chunks: Send + Sync {
    /// The chunk's items in C order, in the array's data type, clipped to the array: exactly the grid's chunk shape.
    ///
    /// # Errors
    /// `Damaged` when the bytes at rest do not decode; `Gone` when their file is missing.
    fn read(&self, index: &[usize]) -> Result<Bytes>;

    /// Names the chunk's present content where the array's own name does not follow its files: one `stat`.
    fn version(&self, _index: &[usize]) -> u64 {
        0
    }

    /// Where the chunk rests as plain items in C order, whole, when it does: then a part of it can be read alone.
    ///
    /// # Errors
    /// As [`Chunks::read`].
    fn location(&self, _index: &[usize]) -> Result<Option<Location>> {
        Ok(None)
    }

    /// Whether decoded chunks are worth keeping in the cache; not when they already rest in memory.
    fn cacheable(&self) -> bool {
        true
    }
}

/// Rows in named columns, in one or more partitions.
pub trait Table: Send + Sync {
    fn schema(&self) -> SchemaRef;
    fn partitions(&self) -> usize;
    fn uid(&self) -> Uid;
    /// Bytes that a partition takes when decoded, roughly; decides whether it is kept in the cache.
    fn partition_bytes(&self, partition: usize) -> usize;
    /// Rows of a partition when known without decoding it.
    fn rows(&self, partition: usize) -> Option<usize>;
    /// The partition's rows, restricted to `columns` (indices into the schema, in that order), as batches.
    ///
    /// # Errors
    /// `Damaged` when the file does not decode; `Invalid` for a partition out of range.
    fn read(&self, partition: usize, columns: &[usize]) -> Result<Batches>;
    /// Whether decoded columns are worth keeping in the cache.
    fn cacheable(&self) -> bool {
        true
    }
}

pub type Batches = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;

/// Children inside a file.
pub trait Container: Send + Sync {
    /// Keys in the file's own order.
    ///
    /// # Errors
    /// `Damaged` when the file does not decode.
    fn keys(&self) -> Result<Vec<String>>;
    /// The child with this key, `None` when there is no such child.
    ///
    /// # Errors
    /// `Gone` for a link whose target is missing; `Damaged` when it does not decode.
    fn child(&self, key: &str) -> Result<Option<Opened>>;
    /// Whether what is inside may be remembered as long as the container's own files do not change.
    fn settled(&self) -> bool {
        true
    }
    /// Whether clients get the whole subtree with the container's own metadata.
    fn inlined(&self) -> bool {
        false
    }
}

/// Coordinates and values of a sparse array.
pub trait Sparse: Send + Sync {
    /// All stored items as a batch of columns `dim0 … dimN-1` (int64) and `data`; `block` restricts to one chunk, with
    /// coordinates relative to it.
    ///
    /// # Errors
    /// `Damaged` when the file does not decode.
    fn read(&self, block: Option<&[usize]>) -> Result<RecordBatch>;
    fn uid(&self) -> Uid;
}

/// The buffers of an Awkward array, by buffer key.
pub trait Awkward: Send + Sync {
    /// # Errors
    /// `Gone` when the folder is missing.
    fn keys(&self) -> Result<Vec<String>>;
    /// # Errors
    /// `NotFound` for an unknown key.
    fn buffer(&self, key: &str) -> Result<Bytes>;
    fn uid(&self) -> Uid;
}

/// A ragged array of one variable dimension: flat items and row offsets.
pub trait Ragged: Send + Sync {
    /// Row offsets (one more than rows, first 0) and the items they point into, in `dtype`.
    ///
    /// # Errors
    /// `Damaged` when the file does not decode.
    fn read(&self) -> Result<(Vec<i64>, Bytes)>;
    fn dtype(&self) -> DType;
    fn uid(&self) -> Uid;
}

impl Opened {
    pub fn array(data: ArrayData, metadata: Value) -> Self {
        Self {
            structure: Structure::Array((*data.structure).clone()),
            metadata,
            specs: vec![],
            data: Data::Array(data),
        }
    }
    pub fn container(container: Arc<dyn Container>, metadata: Value) -> Self {
        Self { structure: Structure::Container, metadata, specs: vec![], data: Data::Container(container) }
    }
    pub fn table(table: Arc<dyn Table>, metadata: Value) -> Result<Self> {
        let structure = crate::reading::table::structure_of(table.as_ref())?;
        Ok(Self { structure: Structure::Table(structure), metadata, specs: vec![], data: Data::Table(table) })
    }
    #[must_use]
    pub fn with_spec(mut self, name: &str) -> Self {
        self.specs.push(Spec::new(name));
        self
    }
}

/// Largest chunk that clients are shown for data that rests in one piece, in bytes.
pub const PIECE_BYTES_MAX: usize = 100 << 20;

impl ArrayData {
    /// An array that lies in C order in `file` from `offset`.
    pub fn flat(dtype: DType, shape: Vec<usize>, file: Arc<File>, offset: u64, uid: Uid) -> Self {
        let chunks = tile_base::grid::auto_chunks(&shape, dtype.itemsize(), PIECE_BYTES_MAX);
        let grid = Arc::new(Grid::new(chunks.clone()));
        Self {
            structure: Arc::new(ArrayStructure::new(dtype, shape, chunks)),
            grid,
            store: Store::Flat { file, offset },
            uid,
        }
    }
    /// An array of stored chunks; clients see the same grid.
    pub fn chunked(dtype: DType, shape: Vec<usize>, grid: Grid, chunks: Arc<dyn Chunks>, uid: Uid) -> Self {
        let structure = ArrayStructure::new(dtype, shape, grid.chunks.clone());
        Self { structure: Arc::new(structure), grid: Arc::new(grid), store: Store::Chunks(chunks), uid }
    }
    /// An array that is already in memory, in C order.
    pub fn in_memory(dtype: DType, shape: Vec<usize>, bytes: Bytes, uid: Uid) -> Self {
        let grid = Grid::single(&shape);
        Self::chunked(dtype, shape, grid, Arc::new(InMemory(bytes)), uid)
    }
    #[must_use]
    pub fn with_dims(mut self, dims: Option<Vec<String>>) -> Self {
        Arc::make_mut(&mut self.structure).dims = dims;
        self
    }
}

struct InMemory(Bytes);

impl Chunks for InMemory {
    fn read(&self, _index: &[usize]) -> Result<Bytes> {
        Ok(self.0.clone())
    }
    fn cacheable(&self) -> bool {
        false
    }
}
