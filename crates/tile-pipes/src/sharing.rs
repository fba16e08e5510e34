//! Data sources that one workspace lets others read: those whose file names the other under SHARED_WITH. The other one's queries
//! name them `workspace.datasource`, and read the stored rows out of their own database, a part at a time.

use crate::branches::carried;
use crate::hub::Tenant;
use crate::workspace::Live;
use crate::workspace::resources::Source;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use parking_lot::RwLock;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::{Arc, Weak};
use tile_base::engine::shared_table;
use tile_base::foreign::{Foreign, ForeignTables, Scan, changed};
use tile_base::{Error, Result, Snapshot};
use tile_clicksql::engine_name;
use tile_clicksql::error::{Code, SqlError};
use tile_clicksql::schema::Table;

/// Rows of the first part that is read, and of the largest.
const ROWS_FIRST: u64 = 2048;
const ROWS_MAX: u64 = 1 << 17;
/// Bytes of Arrow that a part should have.
const BYTES_WANTED: u64 = 4 << 20;

/// The workspaces of a process, by their ids.
pub type Tenants = RwLock<BTreeMap<String, Arc<Tenant>>>;

/// What workspaces share with each other. Without workspaces, nothing.
#[derive(Clone, Default)]
pub struct Shares(Weak<Tenants>);

/// A data source as the workspace sees it that it is shared with.
pub struct Shared {
    /// `workspace.datasource`.
    pub name: String,
    pub origin: Arc<Tenant>,
    pub live: Arc<Live>,
    source: String,
}

impl Shared {
    /// # Errors
    /// None but a defect: it was found there.
    pub fn source(&self) -> Result<&Source> {
        self.live.source(&self.source)
    }
}

impl Shares {
    pub fn new(tenants: &Arc<Tenants>) -> Self {
        Self(Arc::downgrade(tenants))
    }

    fn all(&self) -> Vec<Arc<Tenant>> {
        self.0.upgrade().map_or_else(Vec::new, |all| all.read().values().cloned().collect())
    }

    /// What a workspace is called by those that share with it. A branch reads what its workspace may read.
    fn callings(&self, to: &str) -> Vec<String> {
        let Some(all) = self.0.upgrade() else { return vec![] };
        let all = all.read();
        let Some(own) = all.get(to) else { return vec![] };
        let main = own.main.as_ref().and_then(|main| all.get(main));
        let both = [Some(own), main].into_iter().flatten();
        both.flat_map(|t| [t.workspace.id.clone(), t.workspace.name.clone()]).collect()
    }

    /// Whether one workspace reads what belongs to another: its own, and a branch what its workspace has.
    pub fn reads_of(&self, own: &str, owner: &str) -> bool {
        own == owner || self.callings(own).iter().any(|calling| calling == owner)
    }

    /// Everything that is shared with a workspace, by name.
    pub fn with(&self, to: &str) -> Vec<Shared> {
        let callings = self.callings(to);
        let mut out = Vec::new();
        for origin in
            self.all().into_iter().filter(|t| t.main.is_none() && !callings.contains(&t.workspace.id))
        {
            let live = origin.workspace.live();
            for source in live.resources.sources.values().filter(|s| is_for(s, &callings)) {
                out.push(Shared {
                    name: format!("{}.{}", origin.workspace.name, source.file.name),
                    origin: origin.clone(),
                    live: live.clone(),
                    source: source.file.name.clone(),
                });
            }
        }
        out.sort_by(|a, b| a.name.cmp(&b.name));
        out
    }

    /// One of them, by its whole name.
    pub fn find(&self, to: &str, name: &str) -> Option<Shared> {
        let (workspace, source) = name.split_once('.')?;
        let callings = self.callings(to);
        let is_it = |t: &Arc<Tenant>| t.workspace.name == workspace && t.main.is_none();
        let origin = self.all().into_iter().find(is_it)?;
        let live = origin.workspace.live();
        let is_own = callings.contains(&origin.workspace.id);
        live.resources.sources.get(source).filter(|s| !is_own && is_for(s, &callings))?;
        Some(Shared { name: name.to_owned(), origin, live, source: source.to_owned() })
    }

    /// The table of one of them, for SQL of the workspace that it is shared with.
    ///
    /// # Errors
    /// `Invalid` for what is not shared.
    pub fn table(&self, to: &str, name: &str) -> Result<Table> {
        let found = self.find(to, name).ok_or_else(|| unknown(name))?;
        let source = found.source()?;
        if source.columns.iter().any(|(column, _)| column.eq_ignore_ascii_case("rowid")) {
            let what = format!("`{name}` cannot be read here: it has a column `rowid`");
            return Err(Error::invalid(what).hint("Give the column another name"));
        }
        let columns: Vec<String> = source
            .columns
            .iter()
            .map(|(column, ty)| {
                let column = engine_name(column);
                format!("CAST({column} AS {ty}) AS {column}")
            })
            .collect();
        let from = shared_table(&format!("{to}/{name}"), id_of(source));
        // The numbers of the rows tell FINAL in which order they came.
        Ok(Table {
            name: name.to_owned(),
            engine_name: format!("(SELECT {}, rowid FROM {from})", columns.join(", ")),
            ..source.table.clone()
        })
    }

    fn at(&self, path: &str) -> Result<Shared> {
        let (to, name) =
            path.split_once('/').ok_or_else(|| Error::internal("a shared table without a path"))?;
        self.find(to, name).ok_or_else(|| unknown(name))
    }
}

fn is_for(source: &Source, callings: &[String]) -> bool {
    source.file.shared_with.iter().any(|with| callings.contains(with))
}

fn unknown(name: &str) -> Error {
    let what = format!("unknown table `{name}`: no data source of that name is shared with this workspace");
    Error::invalid(&what)
        .hint("Its own workspace shares it with SHARED_WITH in its file")
        .source(SqlError::new(Code::UnknownTable, what))
}

/// Tells columns apart, and the table that has them: one that was made anew has other rows.
fn id_of(source: &Source) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&source.columns, &source.home.rows).hash(&mut hasher);
    hasher.finish()
}

/// Columns as they leave a database, chosen by their places. Behind them are the engine's numbers of the rows.
fn given(source: &Source, columns: &[usize], value: impl Fn(&str) -> String) -> String {
    let item = |at: &usize| match source.columns.get(*at) {
        Some((name, ty)) => {
            let name = engine_name(name);
            format!("CAST({} AS {}) AS {name}", value(&name), carried(ty))
        }
        None => format!("CAST({} AS BIGINT) AS rowid", value("rowid")),
    };
    columns.iter().map(item).collect::<Vec<_>>().join(", ")
}

impl ForeignTables for Shares {
    fn describe(&self, path: &str) -> Result<Foreign> {
        let found = self.at(path)?;
        let source = found.source()?;
        let all: Vec<usize> = (0..=source.columns.len()).collect();
        // One row without values has the types that the engine gives.
        let sql = format!("SELECT {}", given(source, &all, |_| "NULL".to_owned()));
        let batches = found.origin.workspace.engine().clone().snapshot()?.query(&sql)?;
        let first = batches.first().ok_or_else(|| Error::internal("a row that is none"))?;
        Ok(Foreign { schema: first.schema(), schema_id: id_of(source), version: 0, keys: 0 })
    }

    fn scan(
        &self,
        path: &str,
        schema_id: u64,
        columns: &[usize],
        _only: Option<&[Vec<Json>]>,
    ) -> Result<Scan> {
        let found = self.at(path)?;
        let source = found.source()?;
        if id_of(source) != schema_id {
            return Err(changed(&found.name));
        }
        let rows = engine_name(&source.home.rows);
        let snapshot = found.origin.workspace.engine().clone().snapshot()?;
        let counted =
            snapshot.query(&format!("SELECT coalesce(max(rowid) + 1, 0)::BIGINT AS n FROM {rows}"))?;
        let end = counted.iter().find(|batch| batch.num_rows() > 0);
        let end = end.and_then(|batch| batch.column(0).as_primitive_opt::<Int64Type>().map(|c| c.value(0)));
        let select = format!("SELECT {} FROM {rows}", given(source, columns, str::to_owned));
        let end = u64::try_from(end.unwrap_or(0)).unwrap_or(0);
        let sql = move |low, high| format!("{select} WHERE rowid >= {low} AND rowid < {high}");
        Ok(Box::new(Parts::new(snapshot, 0..end, Box::new(sql))))
    }
}

/// Rows of a table as they were when this began.
pub(crate) struct Parts {
    snapshot: Box<dyn Snapshot>,
    sql: PartSql,
    /// The engine's numbers of the rows that are not read yet.
    low: u64,
    end: u64,
    /// Rows of the next part.
    rows: u64,
    batches: std::vec::IntoIter<RecordBatch>,
}

/// The query of the rows whose numbers are at least the first and below the second.
pub(crate) type PartSql = Box<dyn Fn(u64, u64) -> String + Send>;

impl Parts {
    /// The rows of these numbers, in parts of few bytes.
    pub(crate) fn new(snapshot: Box<dyn Snapshot>, numbers: Range<u64>, sql: PartSql) -> Self {
        let (low, end) = (numbers.start, numbers.end);
        Self { snapshot, sql, low, end, rows: ROWS_FIRST, batches: vec![].into_iter() }
    }

    fn more(&mut self) -> Result<()> {
        let high = self.low.saturating_add(self.rows).min(self.end);
        let batches = self.snapshot.query(&(self.sql)(self.low, high))?;
        let bytes: usize = batches.iter().map(RecordBatch::get_array_memory_size).sum();
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX).max(1);
        // Twice as many at most: rows differ.
        let fitting = self.rows.saturating_mul(BYTES_WANTED) / bytes;
        self.rows = fitting.clamp(1, self.rows.saturating_mul(2)).min(ROWS_MAX);
        self.low = high;
        self.batches = batches.into_iter();
        Ok(())
    }
}

impl Iterator for Parts {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(batch) = self.batches.next() {
                return Some(Ok(batch));
            }
            if self.low >= self.end {
                return None;
            }
            if let Err(e) = self.more() {
                self.low = self.end;
                return Some(Err(e));
            }
        }
    }
}
