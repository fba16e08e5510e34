//! Sinks: the result of a pipe's node becomes files.
//!
//! The name of a row's file is made by the query itself, so that it means what the same text would mean there, and the rows come
//! in the order of the names: one file is written at a time. All files are made before the first one is sent.

use super::remote::access;
use super::writing::{Compression, File, Written};
use crate::datafile::{NodeKind, Sink, SinkTarget};
use crate::jobs::Watch;
use crate::workspace::compile::sql_error;
use crate::workspace::rendering::Asked;
use crate::workspace::resources::backticked;
use crate::workspace::scope::{All, Names};
use crate::workspace::{Live, Workspace};
use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use serde_json::{Value, json};
use tile_base::objects::{Access, Objects, Overwrite};
use tile_base::{Error, Kind, Result};
use tile_clicksql::format::{Column, Settings};
use tile_clicksql::types::quoted;
use tile_clicksql::{Options, Translated, translate_query};

/// Files of one run.
const FILES_MAX: usize = 1000;
/// Bytes of one run, as they are sent.
const BYTES_MAX: u64 = 10 << 30;
/// Columns beside those of the result: the name of the file, and the number of the row.
const NAME: &str = "name of the file";
const NUMBER: &str = "number of the row";

/// What a run is asked for.
pub struct Ask<'a> {
    pub pipe: &'a str,
    /// The place of the node in the pipe.
    pub at: usize,
    pub params: &'a [(String, String)],
    /// In the place of the pipe's own strategy.
    pub overwrite: Option<Overwrite>,
}

/// The settings of a sink.
///
/// # Errors
/// `Invalid` for a pipe without a sink.
pub fn settings<'a>(live: &'a Live, pipe: &str) -> Result<(usize, &'a Sink)> {
    let nodes = &live.pipe(pipe)?.file.nodes;
    let found = nodes.iter().enumerate().find_map(|(at, node)| match &node.kind {
        NodeKind::Sink(sink) => Some((at, sink)),
        _ => None,
    });
    found.ok_or_else(|| Error::invalid(format!("The pipe '{pipe}' has no sink node")))
}

/// Where and how files are written.
struct Manner {
    access: Access,
    folder: String,
    template: Template,
    format: Format,
    compression: Compression,
    overwrite: Overwrite,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    Ndjson,
    Parquet,
}

/// Runs a sink. Gives what a job shows.
///
/// # Errors
/// Those of the node, of the engine and of the other side. Files that were sent before an error stay.
pub fn run(workspace: &Workspace, objects: &dyn Objects, ask: &Ask<'_>, watch: &Watch) -> Result<Value> {
    let live = workspace.live();
    let manner = manner(&live, ask)?;
    let mut asked = Asked::of(ask.params, &[]);
    asked.secrets = workspace.secrets().into_iter().collect();
    asked.now_us = workspace.now_us();
    let translated = query(workspace, &live, ask, &asked, &manner.template)?;
    let written = made(workspace, objects, translated, &manner, watch)?;
    sent(objects, written, &manner, workspace.now_us(), watch)
}

fn manner(live: &Live, ask: &Ask<'_>) -> Result<Manner> {
    let (_, sink) = settings(live, ask.pipe)?;
    let SinkTarget::Bucket { uri, file_template, format, compression, strategy, write_strategy } =
        &sink.target
    else {
        return Err(Error::invalid(format!(
            "The sink '{}' writes to Kafka, which is not supported yet",
            ask.pipe
        ))
        .hint("Sinks write to connections of the types s3 and files"));
    };
    let lower = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_ascii_lowercase();
    let format = match lower(format).as_str() {
        "" | "csv" => Format::Csv,
        "ndjson" | "json" | "jsonl" => Format::Ndjson,
        "parquet" => Format::Parquet,
        other => {
            return Err(
                Error::invalid(format!("unknown EXPORT_FORMAT `{other}`")).hint("Use csv, ndjson or parquet")
            );
        }
    };
    let compression = Compression::named(&lower(compression), format)?;
    let strategy = if strategy.is_some() { lower(strategy) } else { lower(write_strategy) };
    let own = match strategy.as_str() {
        "" | "@new" | "new" => Overwrite::Never,
        "truncate" | "@truncate" | "replace" | "@replace" => Overwrite::Always,
        other => {
            return Err(
                Error::invalid(format!("unknown EXPORT_STRATEGY `{other}`")).hint("Use @new or truncate")
            );
        }
    };
    let folder = if uri.ends_with('/') { uri.clone() } else { format!("{uri}/") };
    if folder.contains(['*', '{']) {
        return Err(Error::invalid("EXPORT_BUCKET_URI has no wildcards and no columns")
            .hint("Columns stand in EXPORT_FILE_TEMPLATE"));
    }
    Ok(Manner {
        access: access(live, &sink.connection)?,
        folder,
        template: Template::parse(file_template)?,
        format,
        compression,
        overwrite: ask.overwrite.unwrap_or(own),
    })
}

/// A template of names, in parts.
#[derive(Debug, PartialEq, Eq)]
struct Template(Vec<Part>);

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Column(String),
    /// A time, written as `formatDateTime` does.
    Time(String, String),
    /// Rows go to this many files in turn.
    Turn(u32),
}

impl Template {
    fn parse(text: &str) -> Result<Self> {
        let bad = || {
            Error::invalid(format!("EXPORT_FILE_TEMPLATE `{text}` cannot be read"))
                .hint("Columns stand in it as in {country}, times as in {day, '%Y-%m-%d'}")
        };
        let mut parts = Vec::new();
        let mut rest = text.trim().trim_start_matches('/');
        while let Some((before, inner)) = rest.split_once('{') {
            let (inner, after) = inner.split_once('}').ok_or_else(bad)?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(match inner.split_once(',') {
                Some((column, format)) => {
                    let format = format.trim();
                    let inner = format.strip_prefix('\'').and_then(|f| f.strip_suffix('\''));
                    let inner = inner.or_else(|| format.strip_prefix('"').and_then(|f| f.strip_suffix('"')));
                    Part::Time(column.trim().to_owned(), inner.ok_or_else(bad)?.to_owned())
                }
                None => match inner.trim().parse::<u32>() {
                    Ok(n) if (1..=1000).contains(&n) => Part::Turn(n),
                    Ok(_) => return Err(bad()),
                    Err(_) => Part::Column(inner.trim().to_owned()),
                },
            });
            rest = after;
        }
        if rest.contains('}') {
            return Err(bad());
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        if parts.is_empty()
            || parts.iter().any(|p| matches!(p, Part::Column(c) | Part::Time(c, _) if c.is_empty()))
        {
            return Err(bad());
        }
        Ok(Self(parts))
    }

    /// The name when it is the same for all rows.
    fn constant(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The name of a row's file, in ClickHouse's SQL.
    fn sql(&self) -> String {
        let parts: Vec<String> = self.0.iter().map(Part::sql).collect();
        format!("concat('', {})", parts.join(", "))
    }
}

impl Part {
    fn sql(&self) -> String {
        match self {
            Self::Text(text) => quoted(text),
            // What means something in an address does not come from a value.
            Self::Column(name) => {
                format!("replaceRegexpAll(ifNull(toString({}), ''), '[/\\\\\\\\:]', '_')", backticked(name))
            }
            Self::Time(name, format) => {
                format!("ifNull(formatDateTime({}, {}), '')", backticked(name), quoted(format))
            }
            Self::Turn(n) => format!("toString({} % {n})", backticked(NUMBER)),
        }
    }
}

fn query(
    workspace: &Workspace,
    live: &Live,
    ask: &Ask<'_>,
    asked: &Asked,
    template: &Template,
) -> Result<Translated> {
    let names = Names::new(&live.resources, workspace.others(), asked, &All, Some(ask.pipe), true);
    let options = Options { parameters: asked.secrets.clone(), ..Options::default() };
    let node = names.node_by_name(ask.pipe, ask.at)?;
    let inner = tile_clicksql::print::query(node);
    let text = match template.constant() {
        Some(_) => inner,
        None => format!(
            "SELECT *, {} AS {} FROM (SELECT *, row_number() OVER () AS {} FROM ({inner})) ORDER BY {}, {}",
            template.sql(),
            backticked(NAME),
            backticked(NUMBER),
            backticked(NAME),
            backticked(NUMBER),
        ),
    };
    let whole = tile_clicksql::parse::query(&text).map_err(|e| sql_error(&e, &text))?;
    translate_query(&whole, &names, &options)
        .map_err(|e| names.failed().unwrap_or_else(|| sql_error(&e, &text)))
}

/// Runs the query into files.
fn made(
    workspace: &Workspace,
    objects: &dyn Objects,
    translated: Translated,
    manner: &Manner,
    watch: &Watch,
) -> Result<Vec<Written>> {
    let constant = manner.template.constant();
    let own = translated.columns.len().saturating_sub(if constant.is_some() { 0 } else { 2 });
    let columns: Vec<Column> =
        translated.columns.into_iter().take(own).map(|(name, ty)| Column { name, ty }).collect();
    let mut making = Making { objects, manner, columns, open: None, done: Vec::new(), bytes: 0 };
    if let Some(name) = constant {
        making.turn(name)?;
    }
    workspace.engine().read(&translated.sql, &watch.cancel, &mut |batch| {
        match constant {
            Some(_) => making.write(&batch)?,
            None => making.split(&batch, own)?,
        }
        let rows: u64 = making.done.iter().map(|w| w.rows).sum();
        watch.tell(50, json!({"rows": rows, "files": making.done.len()}));
        Ok(())
    })?;
    making.end()?;
    Ok(making.done)
}

struct Making<'a> {
    objects: &'a dyn Objects,
    manner: &'a Manner,
    columns: Vec<Column>,
    open: Option<(String, File)>,
    done: Vec<Written>,
    bytes: u64,
}

impl Making<'_> {
    /// Goes on with another file.
    fn turn(&mut self, name: &str) -> Result<()> {
        self.end()?;
        if self.done.len() >= FILES_MAX {
            return Err(Error::new(
                Kind::TooLarge,
                format!("the sink would write more than {FILES_MAX} files"),
            )
            .hint("Write times in EXPORT_FILE_TEMPLATE with a format, as in {day, '%Y-%m'}"));
        }
        let Manner { format, compression, .. } = self.manner;
        let file = File::new(self.objects, *format, *compression, self.columns.clone(), Settings::default())?;
        self.open = Some((name.to_owned(), file));
        Ok(())
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        match &mut self.open {
            Some((_, file)) => file.write(batch),
            None => Err(Error::internal("rows without a file")),
        }
    }

    /// Writes rows into the files whose names they carry.
    fn split(&mut self, batch: &RecordBatch, own: usize) -> Result<()> {
        let names = batch.schema().index_of(NAME).ok().map(|at| batch.column(at).clone());
        let names = names.or_else(|| batch.columns().last().cloned());
        let names = names.ok_or_else(|| Error::internal("rows without the names of their files"))?;
        let names =
            names.as_string_opt::<i32>().ok_or_else(|| Error::internal("names of files that are no text"))?;
        let columns: Vec<usize> = (0..own).collect();
        let rows =
            batch.project(&columns).map_err(|e| Error::internal("a result without its columns").source(e))?;
        let mut start = 0;
        for at in 1..=names.len() {
            let is_same = at < names.len() && names.value(at) == names.value(start);
            if is_same {
                continue;
            }
            let name = names.value(start);
            if self.open.as_ref().is_none_or(|(open, _)| open != name) {
                self.turn(name)?;
            }
            self.write(&rows.slice(start, at - start))?;
            start = at;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        let Some((name, file)) = self.open.take() else { return Ok(()) };
        let mut written = file.finish()?;
        self.bytes = self.bytes.saturating_add(written.bytes);
        if self.bytes > BYTES_MAX {
            return Err(Error::new(
                Kind::TooLarge,
                format!("the sink would write more than {BYTES_MAX} bytes"),
            ));
        }
        written.name = name;
        self.done.push(written);
        Ok(())
    }
}

fn sent(
    objects: &dyn Objects,
    written: Vec<Written>,
    manner: &Manner,
    now_us: i64,
    watch: &Watch,
) -> Result<Value> {
    let (mut rows, mut bytes, mut files) = (0_u64, 0_u64, Vec::new());
    let count = written.len();
    for (at, mut one) in written.into_iter().enumerate() {
        watch.cancel.check()?;
        let (stem, ending) = named(&one.name, manner);
        let url = format!("{}{stem}{ending}", manner.folder);
        let url = match objects.put(&url, &manner.access, one.held.as_mut(), manner.overwrite) {
            Err(e) if e.kind == Kind::Conflict => {
                let url = format!("{}{stem}_{}{ending}", manner.folder, stamp(now_us));
                objects.put(&url, &manner.access, one.held.as_mut(), Overwrite::Never)?;
                url
            }
            done => done.map(|()| url)?,
        };
        rows = rows.saturating_add(one.rows);
        bytes = bytes.saturating_add(one.bytes);
        files.push(json!({"file": url, "rows": one.rows, "bytes": one.bytes}));
        let percent = 50 + (at + 1).saturating_mul(49) / count.max(1);
        watch
            .tell(u8::try_from(percent).unwrap_or(99), json!({"rows": rows, "bytes": bytes, "files": files}));
    }
    Ok(json!({"rows": rows, "bytes": bytes, "files": files}))
}

/// A name without its ending, and the ending, which is added where it is not there.
fn named<'a>(name: &'a str, manner: &Manner) -> (&'a str, String) {
    let packed = manner.compression.ending(manner.format);
    let endings: &[&str] = match manner.format {
        Format::Csv => &[".csv"],
        Format::Ndjson => &[".ndjson", ".json", ".jsonl"],
        Format::Parquet => &[".parquet"],
    };
    let bare = name.strip_suffix(packed).unwrap_or(name);
    match endings.iter().find(|ending| bare.ends_with(*ending)) {
        Some(ending) => (bare.strip_suffix(ending).unwrap_or(bare), format!("{ending}{packed}")),
        None => (bare, format!("{}{packed}", endings.first().unwrap_or(&""))),
    }
}

/// As in `20260131T235959123456`.
fn stamp(now_us: i64) -> String {
    let stamp = jiff::Timestamp::from_microsecond(now_us).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    stamp.strftime("%Y%m%dT%H%M%S%6f").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_read() {
        let parts = Template::parse("d={day, '%Y-%m'}/{shop}_{8}.csv").unwrap().0;
        let want = vec![
            Part::Text("d=".into()),
            Part::Time("day".into(), "%Y-%m".into()),
            Part::Text("/".into()),
            Part::Column("shop".into()),
            Part::Text("_".into()),
            Part::Turn(8),
            Part::Text(".csv".into()),
        ];
        assert_eq!(parts, want);
        assert_eq!(Template::parse("/daily").unwrap().constant(), Some("daily"));
        for bad in ["", "{", "a}", "{}", "{a, %Y}", "{0}", "{2000}", "{,'%Y'}"] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn endings_are_added_where_they_are_missing() {
        let manner = |format, compression| Manner {
            access: Access::Files,
            folder: String::new(),
            template: Template(vec![]),
            format,
            compression,
            overwrite: Overwrite::Never,
        };
        let of = |name, format, compression| {
            let manner = manner(format, compression);
            let (stem, ending) = named(name, &manner);
            format!("{stem}|{ending}")
        };
        assert_eq!(of("a", Format::Csv, Compression::Gzip), "a|.csv.gz");
        assert_eq!(of("a.csv", Format::Csv, Compression::Gzip), "a|.csv.gz");
        assert_eq!(of("a.csv.gz", Format::Csv, Compression::Gzip), "a|.csv.gz");
        assert_eq!(of("a.json", Format::Ndjson, Compression::None), "a|.json");
        assert_eq!(of("a.v1", Format::Ndjson, Compression::Zstd), "a.v1|.ndjson.zst");
        assert_eq!(of("a", Format::Parquet, Compression::Gzip), "a|.parquet");
    }
}
