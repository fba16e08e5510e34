//! The service data sources: their columns, and which of them hold rows.

use crate::datafile::{Datasource, Options};
use crate::workspace::resources::{Home, Resources, Source, column_list};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use tile_base::{Error, Result, SqlEngine};
use tile_clicksql::ast::Query;
use tile_clicksql::engine_name;
use tile_clicksql::schema::Table;

/// What names of service data sources begin with.
pub const SPACE: &str = "tinybird.";

/// The one whose rows are made when it is asked.
pub const SIZES: &str = "datasources_storage";

/// A table with rows.
struct Kept {
    name: &'static str,
    file: &'static str,
    /// The column of the time of a row, and for how many days rows are kept.
    time: &'static str,
    days: i64,
}

macro_rules! kept {
    ($name:literal, $time:literal, $days:literal) => {
        Kept {
            name: $name,
            file: include_str!(concat!("tables/", $name, ".datasource")),
            time: $time,
            days: $days,
        }
    };
}

const KEPT: &[Kept] = &[
    kept!("pipe_stats_rt", "start_datetime", 90),
    kept!("datasources_ops_log", "timestamp", 90),
    kept!("block_log", "timestamp", 90),
    kept!("jobs_log", "created_at", 90),
    kept!("hfi_requests", "event_time", 90),
    kept!("datasources_storage", "timestamp", 90),
    kept!("kafka_ops_log", "timestamp", 30),
    kept!("sinks_ops_log", "timestamp", 90),
];

macro_rules! empty {
    ($name:literal) => {
        ($name, include_str!(concat!("tables/", $name, ".datasource")))
    };
}

/// Tables of what this server does not do: they are there for queries that name them, and have no rows.
const EMPTY: &[(&str, &str)] = &[
    empty!("cluster_control_log"),
    empty!("data_guess"),
    empty!("data_transfer"),
    empty!("estimated_shared_infra_cpu_time"),
    empty!("hook_log"),
    empty!("llm_usage"),
    empty!("query_validator_log"),
    empty!("realtime_ingestion_mv"),
    empty!("releases_log"),
];

/// What is made of others when it is asked.
struct View {
    name: &'static str,
    query: &'static str,
    about: &'static str,
}

macro_rules! view {
    ($name:literal, $about:literal) => {
        View { name: $name, query: include_str!(concat!("tables/", $name, ".sql")), about: $about }
    };
}

const VIEWS: &[View] = &[
    view!("datasources_ops_stats", "What was done with data sources, by the day"),
    view!("endpoint_errors", "Requests of endpoints that failed, of the last 30 days"),
    view!("pipe_stats", "Requests of endpoints, by the day"),
];

/// All of them, read once.
#[derive(Default)]
struct Service {
    resources: Resources,
    tables: BTreeMap<String, Table>,
    views: BTreeMap<String, Query>,
    about: BTreeMap<String, String>,
    /// What is wrong with the files: a defect, which tests find.
    faults: Vec<String>,
}

static SERVICE: LazyLock<Service> = LazyLock::new(Service::read);

impl Service {
    fn read() -> Self {
        let mut out = Self::default();
        for kept in KEPT {
            if let Some(source) = out.source(kept.name, kept.file) {
                let full = format!("{SPACE}{}", kept.name);
                out.tables.insert(full.clone(), Table { name: full, ..source.table.clone() });
                out.resources.sources.insert(kept.name.to_owned(), source);
            }
        }
        for (name, file) in EMPTY {
            if let Some(source) = out.source(name, file) {
                let full = format!("{SPACE}{name}");
                let nulls =
                    source.columns.iter().map(|(n, t)| format!("CAST(NULL AS {t}) AS {}", engine_name(n)));
                let nothing = format!("(SELECT {} WHERE false)", nulls.collect::<Vec<_>>().join(", "));
                out.tables
                    .insert(full.clone(), Table { name: full, engine_name: nothing, ..source.table.clone() });
            }
        }
        for View { name, query, .. } in VIEWS {
            match tile_clicksql::parse::query(query) {
                Ok(parsed) => drop(out.views.insert(format!("{SPACE}{name}"), parsed)),
                Err(e) => out.faults.push(e.render(query)),
            }
        }
        out
    }

    fn source(&mut self, name: &str, file: &str) -> Option<Source> {
        let parsed = Datasource::parse(name, name, file, &Options::default());
        self.faults.extend(parsed.faults.iter().map(crate::datafile::Fault::render));
        let about = parsed.value.as_ref().and_then(|file| file.description.clone()).unwrap_or_default();
        self.about.insert(name.to_owned(), about);
        let rows = format!("tile_service_{name}");
        let home =
            Home { id: name.to_owned(), quarantine: String::new(), rows, created_at_us: 0, updated_at_us: 0 };
        Source::new(parsed.value?, home).map_err(|e| self.faults.push(e.to_string())).ok()
    }
}

/// As SQL names them.
pub fn tables() -> &'static BTreeMap<String, Table> {
    &SERVICE.tables
}

/// The queries that names stand for.
pub fn views() -> &'static BTreeMap<String, Query> {
    &SERVICE.views
}

/// What decodes and stores rows, by names without what they begin with.
pub(super) fn resources() -> &'static Resources {
    &SERVICE.resources
}

/// One that holds rows, by its name without what it begins with.
pub fn kept(name: &str) -> Option<&'static Source> {
    SERVICE.resources.sources.get(name)
}

/// Whether there is one of this full name.
pub fn is_known(name: &str) -> bool {
    tables().contains_key(name) || views().contains_key(name)
}

/// The full names of all, sorted.
pub fn names() -> Vec<&'static str> {
    let mut out: Vec<&str> = tables().keys().chain(views().keys()).map(String::as_str).collect();
    out.sort_unstable();
    out
}

#[cfg(test)]
pub(super) fn faults() -> &'static [String] {
    &SERVICE.faults
}

/// What a table is about, by its full name.
pub fn description(name: &str) -> Option<&'static str> {
    let bare = name.strip_prefix(SPACE)?;
    let made = VIEWS.iter().find(|view| view.name == bare).map(|view| view.about);
    made.or_else(|| SERVICE.about.get(bare).map(String::as_str))
}

/// Makes the tables that are not there.
///
/// # Errors
/// Those of the engine; `Internal` when a table's file cannot be read.
pub fn prepare(engine: &dyn SqlEngine) -> Result<()> {
    if let Some(fault) = SERVICE.faults.first() {
        return Err(Error::internal(format!("a service data source cannot be read: {fault}")));
    }
    engine.write(&mut |t| {
        for source in resources().sources.values() {
            let table = engine_name(&source.home.rows);
            t.execute(&format!("CREATE TABLE IF NOT EXISTS {table} ({})", column_list(&source.columns)))?;
        }
        Ok(())
    })
}

/// Rows of one table: above, the oldest go.
const ROWS_MAX: u64 = 10_000_000;

/// The statements that remove what is too old, and what is too much.
pub(super) fn retention(now_us: i64) -> impl Iterator<Item = String> {
    KEPT.iter().flat_map(move |kept| {
        let table = engine_name(&format!("tile_service_{}", kept.name));
        let time = engine_name(kept.time);
        let first_us = now_us - kept.days * 24 * 3600 * 1_000_000;
        let many = format!("(SELECT count(*) > {ROWS_MAX} FROM {table})");
        let border = format!("(SELECT {time} FROM {table} ORDER BY {time} DESC LIMIT 1 OFFSET {ROWS_MAX})");
        [
            format!("DELETE FROM {table} WHERE {time} < make_timestamp({first_us})"),
            format!("DELETE FROM {table} WHERE {many} AND {time} <= {border}"),
        ]
    })
}
