//! `fixtures/`: rows for data sources that have none, as files of rows, or as a query that makes them.

use std::path::{Path, PathBuf};
use tile_base::{Error, Kind, Result};
use tile_pipes::workspace::compile::Files;
use tile_web::Client;

/// As large as a body may be.
const FILE_BYTES_MAX: u64 = 100 << 20;
/// Endings of files, in the order in which they count.
const ENDINGS: &[&str] = &["ndjson", "csv", "sql"];
/// How often, and how many times, a job is asked whether it is over.
const POLL: std::time::Duration = std::time::Duration::from_millis(100);
const POLLS_MAX: usize = 6_000;

/// The fixture of a data source.
pub struct Fixture {
    pub source: String,
    ending: &'static str,
    path: PathBuf,
}

/// What came of an append.
struct Appended {
    rows: u64,
    quarantined: u64,
}

/// The fixtures of a project's data sources, by the files that define these.
pub fn of(folder: &Path, files: &Files) -> Vec<Fixture> {
    let names = files.keys().filter_map(|path| path.rsplit('/').next()?.strip_suffix(".datasource"));
    let one = |name: &str| {
        ENDINGS.iter().find_map(|ending| {
            let path = folder.join("fixtures").join(format!("{name}.{ending}"));
            path.is_file().then(|| Fixture { source: name.to_owned(), ending, path })
        })
    };
    names.filter_map(one).collect()
}

/// Appends a fixture where there are no rows; says what there is to say.
pub async fn fill(client: &Client, fixture: &Fixture) -> Option<String> {
    let name = &fixture.source;
    match try_fill(client, fixture).await {
        Ok(None) => None,
        Ok(Some(Appended { rows, quarantined: 0 })) => {
            Some(format!("{rows} rows of the fixture in `{name}`"))
        }
        Ok(Some(Appended { rows, quarantined })) => {
            let why = reason(client, name).await.map_or_else(String::new, |why| format!(": {why}"));
            Some(format!("warning: {rows} rows of the fixture in `{name}`, {quarantined} in quarantine{why}"))
        }
        Err(e) => Some(format!("warning: the fixture of `{name}` is not stored: {}", e.detail())),
    }
}

async fn try_fill(client: &Client, fixture: &Fixture) -> Result<Option<Appended>> {
    let name = &fixture.source;
    let shown = super::ask(client, http::Method::GET, &format!("/v0/datasources/{name}"), "", "").await?;
    if shown.pointer("/statistics/row_count").and_then(serde_json::Value::as_u64) != Some(0) {
        return Ok(None);
    }
    let path = fixture.path.clone();
    let text = tile_web::rt::cpu(move || {
        if std::fs::metadata(&path)?.len() > FILE_BYTES_MAX {
            return Err(Error::new(Kind::TooLarge, format!("it has more than {} MiB", FILE_BYTES_MAX >> 20)));
        }
        Ok(std::fs::read(&path)?)
    })
    .await?;
    let (format, text) = match fixture.ending {
        "sql" => ("ndjson", made(client, text).await?),
        ending => (ending, text),
    };
    let target = format!("/v1/datasources/{name}/append?format={format}");
    let mut job = super::ask(client, http::Method::POST, &target, "text/plain", text).await?;
    let id = job.get("id").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    for _ in 0..POLLS_MAX {
        job = super::ask(client, http::Method::GET, &format!("/v0/jobs/{id}"), "", "").await?;
        match job.get("status").and_then(serde_json::Value::as_str) {
            Some("done") => {
                let count = |key| job.get(key).and_then(serde_json::Value::as_u64).unwrap_or(0);
                let (rows, quarantined) = (count("successful_rows"), count("quarantined_rows"));
                return Ok(Some(Appended { rows, quarantined }));
            }
            Some("error" | "cancelled") => {
                let why = job.get("error").and_then(serde_json::Value::as_str);
                return Err(Error::invalid(why.unwrap_or("the import was cancelled")));
            }
            _ => tokio::time::sleep(POLL).await,
        }
    }
    Err(Error::new(Kind::Timeout, "the import does not end"))
}

/// The rows of a query.
async fn made(client: &Client, sql: Vec<u8>) -> Result<Vec<u8>> {
    let mut sql = String::from_utf8(sql).map_err(|_| Error::invalid("it is not UTF-8"))?;
    sql.truncate(sql.trim_end().trim_end_matches(';').len());
    sql.push_str("\nFORMAT JSONEachRow");
    let received = client.send(http::Method::POST, "/v0/sql", "text/plain", sql).await?;
    super::good(&received)?;
    Ok(received.body.to_vec())
}

/// Why the last row went to quarantine.
async fn reason(client: &Client, name: &str) -> Option<String> {
    let sql = format!(
        "SELECT c__error_column AS c, c__error AS e FROM {name}_quarantine ORDER BY insertion_date DESC LIMIT 1 FORMAT JSON"
    );
    let shown = super::ask(client, http::Method::POST, "/v0/sql", "text/plain", sql).await.ok()?;
    let at = |path: &str| shown.pointer(path).and_then(|v| v.as_str().map(str::to_owned));
    Some(format!("column `{}`, {}", at("/data/0/c/0")?, at("/data/0/e/0")?))
}
