//! Rows as they are written down.

use serde::Serialize;
use std::collections::BTreeMap;
use tile_base::{Error, Kind};

/// A request of an endpoint or of the query API, for `pipe_stats_rt`. Times are in seconds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Asked {
    pub start_datetime: i64,
    pub pipe_id: String,
    pub pipe_name: String,
    /// The token's number, not the token.
    pub token: String,
    pub token_name: String,
    pub duration: f64,
    pub read_bytes: u64,
    pub read_rows: u64,
    pub cpu_time: f64,
    pub result_rows: u64,
    pub url: Option<String>,
    pub error: u8,
    pub error_message: Option<String>,
    pub status_code: u16,
    pub request_id: String,
    pub parameters: BTreeMap<String, String>,
    pub method: String,
    pub release: String,
    pub user_agent: Option<String>,
    pub client_ip: Option<String>,
    pub resource_tags: Vec<String>,
    pub memory_usage: u64,
    pub replica: String,
}

/// Something done with a data source, for `datasources_ops_log`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Operation {
    pub timestamp: i64,
    pub event_type: &'static str,
    pub datasource_id: String,
    pub datasource_name: String,
    /// `ok` or `error`.
    pub result: &'static str,
    pub elapsed_time: f64,
    pub error: Option<String>,
    #[serde(rename = "Options.Names")]
    pub option_names: Vec<String>,
    #[serde(rename = "Options.Values")]
    pub option_values: Vec<String>,
    pub request_id: String,
    pub import_id: Option<String>,
    pub job_id: Option<String>,
    pub rows: Option<u64>,
    pub rows_quarantine: Option<u64>,
    pub blocks_ids: Vec<String>,
    pub operation_id: String,
    pub read_rows: u64,
    pub read_bytes: u64,
    pub cpu_time: f64,
    pub memory_usage: u64,
    pub written_rows: u64,
    pub written_bytes: u64,
    pub written_rows_quarantine: u64,
    pub written_bytes_quarantine: u64,
    pub pipe_id: String,
    pub pipe_name: String,
    pub release: String,
    pub resource_tags: Vec<String>,
}

impl Operation {
    /// One that went well.
    pub fn new(event_type: &'static str, datasource: (&str, &str)) -> Self {
        let (id, name) = (datasource.0.to_owned(), datasource.1.to_owned());
        Self { event_type, datasource_id: id, datasource_name: name, result: "ok", ..Self::default() }
    }

    #[must_use]
    pub fn rows(mut self, rows: u64, quarantined: u64) -> Self {
        (self.rows, self.rows_quarantine) = (Some(rows), Some(quarantined));
        (self.written_rows, self.written_rows_quarantine) = (rows, quarantined);
        self
    }

    #[must_use]
    pub fn job(mut self, id: &str) -> Self {
        self.job_id = Some(id.to_owned());
        self.operation_id = id.to_owned();
        self
    }

    #[must_use]
    pub fn request(mut self, id: &str) -> Self {
        id.clone_into(&mut self.request_id);
        self
    }

    #[must_use]
    pub fn pipe(mut self, id: &str, name: &str) -> Self {
        (self.pipe_id, self.pipe_name) = (id.to_owned(), name.to_owned());
        self
    }

    #[must_use]
    pub fn option(mut self, name: &str, value: &str) -> Self {
        self.option_names.push(name.to_owned());
        self.option_values.push(bounded(value));
        self
    }

    #[must_use]
    pub fn failed(mut self, e: &Error) -> Self {
        (self.result, self.error) = ("error", Some(told(e)));
        self
    }
}

/// A run of a sink, for `sinks_ops_log`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sunk {
    pub timestamp: i64,
    pub job_id: String,
    /// The kind of the connection.
    pub service: &'static str,
    pub pipe_name: String,
    pub pipe_id: String,
    /// `ok` or `error`.
    pub result: &'static str,
    pub error: Option<String>,
    pub elapsed_time: f64,
    pub read_rows: u64,
    pub written_rows: u64,
    pub read_bytes: u64,
    pub written_bytes: u64,
    pub cpu_time: f64,
    /// Files that were written.
    pub output: u64,
    pub parameters: BTreeMap<String, String>,
    pub options: BTreeMap<String, String>,
    pub token_name: String,
}

/// What an error says to people; what only the log has stays there.
pub fn told(e: &Error) -> String {
    if e.kind == Kind::Internal { "Internal server error".to_owned() } else { bounded(&e.detail()) }
}

/// Bytes of one text.
const TEXT_BYTES_MAX: usize = 4096;

/// The beginning of a text that is too long to be kept.
pub fn bounded(text: &str) -> String {
    text.get(..text.floor_char_boundary(TEXT_BYTES_MAX)).unwrap_or_default().to_owned()
}

/// Requests of the Events API are summed up by the second and data source: there can be very many.
#[derive(Clone, Debug, Default)]
pub struct Append {
    pub datasource_name: String,
    pub requests: u64,
    pub failed: u64,
    pub limited: bool,
    pub rows: u64,
    pub quarantined: u64,
    pub bytes: u64,
    pub elapsed_s: f64,
    pub error: Option<String>,
    /// The last request.
    pub request_id: String,
    pub token_name: String,
}

impl Append {
    pub(super) fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.failed += other.failed;
        self.limited |= other.limited;
        self.rows += other.rows;
        self.quarantined += other.quarantined;
        self.bytes += other.bytes;
        self.elapsed_s = self.elapsed_s.max(other.elapsed_s);
        self.error = other.error.or(self.error.take());
        self.request_id = other.request_id;
        self.token_name = other.token_name;
        self.datasource_name = other.datasource_name;
    }
}
