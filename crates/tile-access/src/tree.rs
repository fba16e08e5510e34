//! Finding nodes: by path through the catalog, and on inside the files behind it.

use crate::assets::{Assets, Stamp};
use crate::cache::Cache;
use crate::config::AccessConfig;
use crate::data::{Container, Data, Opened};
use crate::reading::table;
use crate::{formats, mounts, registration};
use quick_cache::sync::Cache as QuickCache;
use serde_json::Value;
use std::sync::Arc;
use tile_base::mount::Mount;
use tile_base::structure::Spec;
use tile_base::{Error, Family, NodePath, Principal, Result};
use tile_meta::{Catalog, Node, Source};

/// Files that are kept open, with their descriptions.
const OPENED_MAX: usize = 256;
/// Nodes inside files that are kept described.
const INNER_MAX: usize = 4096;
const SOURCES_MAX: usize = 4096;

/// The tree that is served.
pub struct Tree {
    pub catalog: Arc<Catalog>,
    pub cache: Arc<Cache>,
    pub config: Arc<AccessConfig>,
    known: Arc<Known>,
    /// Subtrees that others keep.
    mounts: Arc<[Arc<dyn Mount>]>,
    /// Whom this tree is shown to.
    caller: Principal,
}

/// What was opened and described before.
struct Known {
    opened: QuickCache<(i64, u64), Arc<Opened>>,
    inner: QuickCache<(i64, u64, String), Arc<Opened>>,
    sources: QuickCache<(i64, u64), Arc<Option<Source>>>,
}

/// A node that was found: a row of the catalog, or a place inside a row's files.
#[derive(Clone)]
pub struct Located {
    pub path: NodePath,
    pub row: Arc<Node>,
    /// Set for nodes inside a file, and for those of mounts, whose row is the root's.
    pub inside: Option<Arc<Opened>>,
    /// It changes without any file: nothing of it is remembered.
    pub is_mounted: bool,
}

impl Located {
    pub fn family(&self) -> Family {
        self.inside.as_ref().map_or(self.row.family, |o| o.structure.family())
    }
    pub fn specs(&self) -> Vec<Spec> {
        self.inside.as_ref().map_or_else(|| self.row.spec_list(), |o| o.specs.clone())
    }
    pub fn has_spec(&self, name: &str) -> bool {
        self.specs().iter().any(|s| s.name == name)
    }
    /// # Errors
    /// Internal when the stored text is not JSON.
    pub fn metadata_json(&self) -> Result<Value> {
        self.inside.as_ref().map_or_else(|| self.row.metadata_json(), |o| Ok(o.metadata.clone()))
    }
    /// Column names, when this is a table.
    pub fn table_columns(&self) -> Option<Vec<String>> {
        if self.family() != Family::Table {
            return None;
        }
        let structure = match &self.inside {
            Some(o) => o.structure.to_json(),
            None => serde_json::from_str(&self.row.structure).ok()?,
        };
        Some(
            structure
                .get("columns")?
                .as_array()?
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        )
    }
}

impl Tree {
    pub fn new(catalog: Arc<Catalog>, config: Arc<AccessConfig>) -> Self {
        let cache = Arc::new(Cache::new(config.cache_bytes));
        Self {
            catalog,
            cache,
            config,
            known: Arc::new(Known {
                opened: QuickCache::new(OPENED_MAX),
                inner: QuickCache::new(INNER_MAX),
                sources: QuickCache::new(SOURCES_MAX),
            }),
            mounts: Arc::new([]),
            caller: Principal::SingleUser,
        }
    }

    /// Shows mounts at the root, beside what the catalog has there.
    #[must_use]
    pub fn with_mounts(mut self, mounts: Vec<Arc<dyn Mount>>) -> Self {
        self.mounts = mounts.into();
        self
    }

    pub fn has_mounts(&self) -> bool {
        !self.mounts.is_empty()
    }

    /// The tree as one caller sees it.
    #[must_use]
    pub fn seen_by(&self, caller: &Principal) -> Self {
        Self {
            catalog: self.catalog.clone(),
            cache: self.cache.clone(),
            config: self.config.clone(),
            known: self.known.clone(),
            mounts: self.mounts.clone(),
            caller: caller.clone(),
        }
    }

    /// Finds the node at `path`.
    ///
    /// # Errors
    /// `NotFound` in Tiled's words; `Gone` for a broken link.
    pub fn find(&self, path: &NodePath) -> Result<Located> {
        if self.has_mounts()
            && let Some(found) = self.mounted(path)?
        {
            return Ok(found);
        }
        if !self.caller.reads_file(path.0.iter().map(String::as_str)) {
            return Err(missing(path));
        }
        self.find_file(path)
    }

    /// The root with the mounts in it, or what is below one. Elsewhere there is none.
    fn mounted(&self, path: &NodePath) -> Result<Option<Located>> {
        let inside = match path.0.split_first() {
            None => self.root()?,
            Some((key, below)) => {
                let Some(mount) = self.mounts.iter().find(|m| m.key() == key) else { return Ok(None) };
                mounts::find(mount.as_ref(), &self.caller, below, self)?.ok_or_else(|| missing(path))?
            }
        };
        let (row, _) = self.catalog.walk(&[])?;
        Ok(Some(Located {
            path: path.clone(),
            row: Arc::new(row),
            inside: Some(Arc::new(inside)),
            is_mounted: true,
        }))
    }

    fn root(&self) -> Result<Opened> {
        let (row, _) = self.catalog.walk(&[])?;
        let mut keys: Vec<String> = self.mounts.iter().map(|m| m.key().to_owned()).collect();
        let files = self.catalog.children_with_sources(row.id)?.into_iter().map(|(row, _)| row.key);
        // A mount hides a file of its name.
        let seen = |key: &String| !keys.contains(key) && self.caller.reads_file([key.as_str()]);
        let files: Vec<String> = files.filter(seen).collect();
        keys.splice(0..0, files);
        Ok(Opened::container(Arc::new(mounts::Keys(keys)), row.metadata_json()?))
    }

    /// Finds what lies in files, whoever asks.
    ///
    /// # Errors
    /// As [`Tree::find`].
    pub fn find_file(&self, path: &NodePath) -> Result<Located> {
        let (row, used) = self.catalog.walk(&path.0)?;
        let row = Arc::new(self.refreshed(row)?);
        let rest = path.0.get(used..).unwrap_or(&[]);
        if rest.is_empty() {
            return Ok(Located { path: path.clone(), row, inside: None, is_mounted: false });
        }
        let missing = || missing(path);
        if self.source(&row)?.is_none()
            || matches!(
                row.family,
                Family::Array | Family::Bytes | Family::Awkward | Family::Sparse | Family::Ragged
            )
        {
            return Err(missing());
        }
        let (opened, uid) = self.open_row(&row)?;
        let key = (row.id, uid, rest.join("\u{0}"));
        let settled = !matches!(&opened.data, Data::Container(c) if !c.settled());
        if let Some(found) = self.known.inner.get(&key).filter(|_| settled) {
            return Ok(Located { path: path.clone(), row, inside: Some(found), is_mounted: false });
        }
        let mut at = opened;
        for segment in rest {
            at = Arc::new(self.step(&at, segment)?.ok_or_else(missing)?);
        }
        if settled {
            self.known.inner.insert(key, at.clone());
        }
        Ok(Located { path: path.clone(), row, inside: Some(at), is_mounted: false })
    }

    /// One key down inside a file: a child of a container, or a column of a table.
    fn step(&self, at: &Opened, key: &str) -> Result<Option<Opened>> {
        match &at.data {
            Data::Container(container) => container.child(key),
            Data::Table(source) => {
                let schema = source.schema();
                let Ok(column) = schema.index_of(key) else { return Ok(None) };
                table::column_array(source, column, &self.cache)
                    .map(|data| Some(Opened::array(data, serde_json::json!({}))))
            }
            _ => Ok(None),
        }
    }

    /// How the row is read, from memory when the catalog has not changed.
    ///
    /// # Errors
    /// Only when the catalog fails.
    pub fn source(&self, row: &Node) -> Result<Arc<Option<Source>>> {
        self.known.sources.get_or_insert_with(&(row.id, self.catalog.generation()), || {
            // A folder is not read from a file: its children are rows.
            self.catalog.source(row.id).map(|s| Arc::new(s.filter(|s| s.format != registration::FOLDER)))
        })
    }

    /// A row whose file changed since it was registered is described anew.
    fn refreshed(&self, row: Node) -> Result<Node> {
        let source = self.source(&row)?;
        let Some(source) = source.as_ref() else { return Ok(row) };
        let Some(first) = source.assets.first() else { return Ok(row) };
        let Ok(now) = registration::stamp(&first.path, first.is_directory) else { return Ok(row) };
        if (now.size, now.mtime_ns) == (first.size, first.mtime_ns) {
            return Ok(row);
        }
        tracing::debug!(node = %row.key, "the file changed, describing it again");
        registration::describe_again(&self.catalog, &self.config, &row, source)?;
        Ok(self.catalog.node(row.id)?.unwrap_or(row))
    }

    fn open_row(&self, row: &Node) -> Result<(Arc<Opened>, u64)> {
        let source = self.source(row)?;
        let Some(source) = source.as_ref() else { return Err(Error::internal("the node has no source")) };
        let is_directory = source.assets.first().is_some_and(|a| a.is_directory);
        let assets = Assets { paths: source.assets.iter().map(|a| a.path.clone()).collect(), is_directory };
        let mut uid = assets.uid(&source.format)?;
        if is_directory {
            let stamp =
                registration::stamp(assets.path()?, true).unwrap_or(Stamp { size: 0, mtime_ns: 0, inode: 0 });
            uid = crate::assets::sub_uid(uid, &format!("{}:{}", stamp.size, stamp.mtime_ns));
        }
        let opened = self.known.opened.get_or_insert_with(&(row.id, uid), || {
            let format = formats::by_name(&source.format)?;
            let options = self.config.options_of(&source.format);
            format.open(&assets, &options).map(Arc::new)
        })?;
        Ok((opened, uid))
    }

    /// Opens a node's data.
    ///
    /// # Errors
    /// Those of its format.
    pub fn open(&self, node: &Located) -> Result<Arc<Opened>> {
        match &node.inside {
            Some(opened) => Ok(opened.clone()),
            None => self.open_row(&node.row).map(|(o, _)| o),
        }
    }

    /// The container inside a file that `node` is, if it is one.
    ///
    /// # Errors
    /// Those of its format.
    pub fn file_container(&self, node: &Located) -> Result<Option<Arc<dyn Container>>> {
        if node.family() != Family::Container || (node.inside.is_none() && self.source(&node.row)?.is_none())
        {
            return Ok(None);
        }
        let opened = self.open(node)?;
        Ok(if let Data::Container(c) = &opened.data { Some(c.clone()) } else { None })
    }

    /// The child `key` of a container inside a file.
    ///
    /// # Errors
    /// As [`Tree::find`].
    pub fn child(&self, node: &Located, key: &str) -> Result<Located> {
        self.find(&node.path.child(key))
    }

    /// All children of a container, in order; broken links inside files are left out.
    ///
    /// # Errors
    /// Those of the catalog and the format.
    pub fn children(&self, node: &Located) -> Result<Vec<(String, Located)>> {
        if let Some(container) = self.file_container(node)? {
            let mut out = Vec::new();
            for key in container.keys()? {
                match self.child(node, &key) {
                    Ok(child) => out.push((key, child)),
                    Err(e)
                        if matches!(
                            e.kind,
                            tile_base::Kind::Gone | tile_base::Kind::NotFound | tile_base::Kind::Damaged
                        ) => {}
                    Err(e) => return Err(e),
                }
            }
            return Ok(out);
        }
        let rows = self.catalog.children_with_sources(node.row.id)?;
        Ok(rows
            .into_iter()
            .map(|(row, _)| {
                (
                    row.key.clone(),
                    Located {
                        path: node.path.child(&row.key),
                        row: Arc::new(row),
                        inside: None,
                        is_mounted: false,
                    },
                )
            })
            .collect())
    }
}

fn missing(path: &NodePath) -> Error {
    Error::not_found(format!("No such entry: {}", python_list(&path.0)))
}

/// A list of texts as Python prints it; clients show it to people.
pub fn python_list(items: &[String]) -> String {
    let quoted: Vec<String> = items
        .iter()
        .map(|s| {
            if s.contains('\'') && !s.contains('"') {
                format!("\"{s}\"")
            } else {
                format!("'{}'", s.replace('\\', "\\\\").replace('\'', "\\'"))
            }
        })
        .collect();
    format!("[{}]", quoted.join(", "))
}
