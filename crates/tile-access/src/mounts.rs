//! Nodes of mounts as opened nodes, so that readers, encoders and routes treat them as they do what lies inside of files.

use crate::assets::Uid;
use crate::data::{Batches, Container, Opened, Table};
use crate::reading::table;
use crate::tree::Tree;
use arrow_schema::SchemaRef;
use std::sync::Arc;
use tile_base::mount::{Content, Mount, Mounted, MountedTable};
use tile_base::{Error, Kind, Principal, Result};

/// Children by their keys. The tree finds each by its path.
pub struct Keys(pub Vec<String>);

impl Container for Keys {
    fn keys(&self) -> Result<Vec<String>> {
        Ok(self.0.clone())
    }
    fn child(&self, _key: &str) -> Result<Option<Opened>> {
        Err(Error::internal("children of a mount are found by their paths"))
    }
    fn settled(&self) -> bool {
        false
    }
}

struct Rows(Arc<dyn MountedTable>);

impl Table for Rows {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }
    fn partitions(&self) -> usize {
        self.0.partitions()
    }
    fn uid(&self) -> Uid {
        self.0.version()
    }
    fn partition_bytes(&self, partition: usize) -> usize {
        self.0.partition_bytes(partition)
    }
    fn rows(&self, partition: usize) -> Option<usize> {
        self.0.rows(partition)
    }
    fn read(&self, partition: usize, columns: &[usize]) -> Result<Batches> {
        if partition >= self.0.partitions() {
            return Err(Error::invalid("Partition out of range"));
        }
        Ok(Box::new(self.0.read(partition, columns)?.into_iter().map(Ok)))
    }
    /// The database has a cache of its own, and its rows change.
    fn cacheable(&self) -> bool {
        false
    }
}

/// What a mount has at a path below it; also a column of one of its tables, as an array.
///
/// # Errors
/// Those of the mount; `TooLarge` for a column that does not fit an answer.
pub fn find(mount: &dyn Mount, caller: &Principal, path: &[String], tree: &Tree) -> Result<Option<Opened>> {
    if let Some(found) = mount.find(caller, path)? {
        return opened(found).map(Some);
    }
    let Some((name, above)) = path.split_last() else { return Ok(None) };
    let Some(Mounted { content: Content::Table(rows), .. }) = mount.find(caller, above)? else {
        return Ok(None);
    };
    let Ok(column) = rows.schema().index_of(name) else { return Ok(None) };
    let bytes: usize = (0..rows.partitions()).map(|p| rows.partition_bytes(p)).fold(0, usize::saturating_add);
    let share = bytes / rows.schema().fields().len().max(1);
    if share as u64 > tree.config.response_bytes_max {
        let what = format!("the column `{name}` is too large to be read as one array");
        return Err(Error::new(Kind::TooLarge, what).hint("Read it by the partitions of its table"));
    }
    let source: Arc<dyn Table> = Arc::new(Rows(rows));
    let data = table::column_array(&source, column, &tree.cache)?;
    Ok(Some(Opened::array(data, serde_json::json!({}))))
}

fn opened(found: Mounted) -> Result<Opened> {
    let mut out = match found.content {
        Content::Container(keys) => Opened::container(Arc::new(Keys(keys)), found.metadata),
        Content::Table(rows) => Opened::table(Arc::new(Rows(rows)), found.metadata)?,
    };
    out.specs = found.specs;
    Ok(out)
}
