//! Branches: workspaces that begin as another one is, with its files, its secrets and, if wanted, its rows.

use crate::datafile::EngineKind;
use crate::hub::{Hub, Tenant};
use crate::workspace::copy::meeting_in;
use crate::workspace::resources::{Source, backticked};
use crate::workspace::{Ways, Workspace};
use arrow_array::RecordBatch;
use std::sync::Arc;
use tile_base::{Cancel, Error, Kind, Result};
use tile_clicksql::engine_name;

/// Rows of one transaction: other writers of the branch wait for no more.
const ROWS_MAX: usize = 100_000;
/// Bytes of Arrow that are held meanwhile.
const BYTES_MAX: usize = 64 << 20;

/// Which rows a branch begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    None,
    /// Of each data source those of the highest value of its ENGINE_PARTITION_KEY; without one all.
    Last,
    All,
}

impl Part {
    /// # Errors
    /// `Invalid` for another word than those of the API.
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "" => Ok(Self::None),
            "last_partition" => Ok(Self::Last),
            "all_partitions" => Ok(Self::All),
            other => Err(Error::invalid(format!("unknown data `{other}`"))
                .hint("Use `last_partition` or `all_partitions`, or leave it empty")),
        }
    }
}

/// Makes the branch what its workspace is. It is forgotten when that fails.
///
/// # Errors
/// Those of the engines, and of files that cannot be deployed. `Conflict` when the workspace was deployed meanwhile.
pub fn fill(hub: &Hub, main: &Tenant, branch: &Tenant, part: Part) -> Result<u64> {
    let id = &branch.workspace.id;
    let filled = filled(hub, main, branch, part).and_then(|rows| hub.finish(id).map(|()| rows));
    if filled.is_err() {
        hub.remove(id)?;
    }
    filled
}

fn filled(hub: &Hub, main: &Tenant, branch: &Tenant, part: Part) -> Result<u64> {
    for (name, value) in main.workspace.secrets() {
        branch.workspace.set_secret(&name, Some(&value))?;
    }
    let files = main.workspace.live().document.files.clone();
    let outcome = branch.workspace.deploy(files, Ways::default())?;
    if let Some(fault) = outcome.faults.first() {
        return Err(Error::invalid(fault.text()));
    }
    crate::tokens::sync(hub, branch)?;
    rows(&main.workspace, &branch.workspace, part)
}

/// Copies rows of all data sources that are the same in both, as they are: views do not see them, since what they made is copied
/// too. Gives their number.
///
/// # Errors
/// Those of the engines; `Conflict` when a data source changes meanwhile.
pub fn rows(main: &Workspace, branch: &Workspace, part: Part) -> Result<u64> {
    if part == Part::None {
        return Ok(0);
    }
    let (from, to) = (main.live(), branch.live());
    let mut count = 0;
    for source in from.resources.sources.values() {
        let target = to.resources.sources.get(&source.file.name).filter(|t| t.columns == source.columns);
        let Some(target) = target.filter(|t| t.file.engine.kind != EngineKind::Null) else { continue };
        let query = query(source, part).map_err(|e| e.at(format!("data source `{}`", source.file.name)))?;
        count += copied(main, branch, &query, target)?;
    }
    Ok(count)
}

/// Types that do not come as they are out of an engine and into another go as text.
pub fn carried(stored: &str) -> String {
    stored.replace("UHUGEINT", "VARCHAR").replace("HUGEINT", "VARCHAR").replace("UUID", "VARCHAR")
}

fn query(source: &Source, part: Part) -> Result<String> {
    let columns = source.columns.iter().map(|(name, ty)| {
        let name = engine_name(name);
        format!("CAST({name} AS {}) AS {name}", carried(ty))
    });
    let columns: Vec<String> = columns.collect();
    let rows = engine_name(&source.home.rows);
    let all = format!("SELECT {} FROM {rows}", columns.join(", "));
    let key = source.file.engine.partition_key.as_ref().filter(|k| part == Part::Last && !k.parts.is_empty());
    match key.map(|k| k.text.as_str()) {
        None => Ok(all),
        Some(key) => {
            let name = backticked(&source.file.name);
            let condition = format!("({key}) = (SELECT max({key}) FROM {name})");
            Ok(format!("{all} WHERE rowid IN ({})", meeting_in(source, &condition, &source.home.rows)?))
        }
    }
}

/// Reads in one database and writes in the other, a bounded number of rows in each transaction.
fn copied(main: &Workspace, branch: &Workspace, query: &str, to: &Source) -> Result<u64> {
    let (mut held, mut rows, mut bytes, mut count) = (Vec::<RecordBatch>::new(), 0, 0, 0_u64);
    let store = |held: &mut Vec<RecordBatch>| {
        let done = stored(branch, to, held);
        held.clear();
        done
    };
    main.engine().read(query, &Cancel::default(), &mut |batch| {
        rows += batch.num_rows();
        bytes += batch.get_array_memory_size();
        count += u64::try_from(batch.num_rows()).unwrap_or(0);
        held.push(batch);
        if rows >= ROWS_MAX || bytes >= BYTES_MAX {
            (rows, bytes) = (0, 0);
            store(&mut held)?;
        }
        Ok(())
    })?;
    store(&mut held)?;
    Ok(count)
}

fn stored(branch: &Workspace, to: &Source, batches: &[RecordBatch]) -> Result<()> {
    if batches.iter().all(|b| b.num_rows() == 0) {
        return Ok(());
    }
    let columns = |form: &dyn Fn(&str, &str) -> String| {
        let columns: Vec<String> = to.columns.iter().map(|(n, ty)| form(&engine_name(n), ty)).collect();
        columns.join(", ")
    };
    let (staging, rows) = (to.staging(), engine_name(&to.home.rows));
    branch.change(|deployed, t| {
        if deployed.live.source(&to.file.name)?.home.rows != to.home.rows {
            let what = format!("the data source `{}` has just changed", to.file.name);
            return Err(Error::new(Kind::Conflict, what).hint("Try again"));
        }
        let typed = columns(&|name, ty| format!("{name} {}", carried(ty)));
        let quoted = engine_name(&staging);
        t.execute(&format!("CREATE OR REPLACE TEMP TABLE {quoted} ({typed})"))?;
        for batch in batches {
            t.append(&staging, batch.clone())?;
        }
        let cast = columns(&|name, ty| format!("CAST({name} AS {ty})"));
        t.execute(&format!("INSERT INTO {rows} SELECT {cast} FROM {quoted}"))?;
        t.execute(&format!("DROP TABLE {quoted}")).map(drop)
    })
}

/// The branches of a workspace, by name.
pub fn of(hub: &Hub, main: &str) -> Vec<Arc<Tenant>> {
    hub.all().into_iter().filter(|t| t.main.as_deref() == Some(main)).collect()
}
