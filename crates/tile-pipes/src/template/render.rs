//! A template, and what it makes of a request.

mod failure;
mod values;

use super::chunk::{Chunk, local_names};
use super::dependencies::dependencies;
use super::dialect::Dialect;
use super::error::{Kind, TemplateError};
use super::eval::{Machine, Run, Setup, Stop};
use super::functions::days_from_date;
use super::joints;
use super::names::{Mentioned, is_hidden, mentioned, mentioned_by_header, mentioned_by_statement};
use super::read::{NAMELESS, read};
use super::scan::{Param, ScanError, params};
use super::value::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Longer templates are refused.
pub const TEXT_BYTES_MAX: usize = 1 << 20;

/// Parameters that the server takes for itself.
const REFUSED: &[&str] = &["format", "q"];

/// Parameters that mean something to the server, too: using them draws a warning.
const RESERVED: &[&str] = &[
    "__tb__csv_header",
    "__tb__semver",
    "debug_source_tables",
    "debug",
    "explain",
    "finalize_aggregations",
    "output_format_json_quote_64bit_integers",
    "output_format_json_quote_denormals",
    "output_format_parquet_string_as_string",
    "pipeline",
    "playground",
    "q",
    "query_id",
    "release_replacements",
    "tag",
    "template_parameters",
    "token",
    JOB_TIMESTAMP,
];

/// The one parameter that has a value when nobody gives one.
const JOB_TIMESTAMP: &str = "job_timestamp";

/// What one rendering may cost. At the bound the answer is an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Expressions evaluated; looking at 64 bytes counts as another.
    pub steps: u64,
    /// Turns of all loops and comprehensions together.
    pub loop_iterations: u64,
    /// Of all values that the rendering makes.
    pub memory_bytes: usize,
    /// Of the SQL.
    pub output_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 5_000_000, loop_iterations: 1_000_000, memory_bytes: 64 << 20, output_bytes: 4 << 20 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A request: parameters without a value are `None`.
    Normal,
    /// A check of the template: parameters without a value are placeholders, and errors of the template's own do not end it.
    Test {
        /// Secrets that are not known do not fail the check.
        unknown_secrets: bool,
    },
}

/// What a template is rendered for.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Texts of a query string, or JSON values of a body.
    pub params: &'a BTreeMap<String, serde_json::Value>,
    /// The names of the secrets that this caller may use. Their values never come here.
    pub secrets: &'a BTreeSet<String>,
    /// Microseconds since the Unix epoch, for `job_timestamp`.
    pub now_us: i64,
    pub mode: Mode,
    pub dialect: Dialect,
    pub limits: &'a Limits,
}

/// How the query runs, as the template's functions set it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    pub max_threads: Option<i64>,
    /// Set, perhaps to nothing.
    pub backend_hint: Option<Option<String>>,
    /// `5s`, `1m`, `5m`, `30m` or `1h`.
    pub cache_ttl: Option<&'static str>,
    pub activate: BTreeSet<&'static str>,
    pub disable: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    pub sql: String,
    pub settings: Settings,
    /// Secrets that the SQL refers to as `{name: String}`, for the server to bind.
    pub secrets: BTreeSet<String>,
    /// Parameters that the template looked at.
    pub used: BTreeSet<String>,
    /// Names of parameters that mean something to the server, too.
    pub warnings: Vec<String>,
}

/// A template that has been read.
#[derive(Debug)]
pub struct Template {
    chunks: Vec<Chunk>,
    /// Names that the template binds itself.
    locals: Arc<HashSet<Arc<str>>>,
    /// Every name that it mentions, with the last line that does.
    names: HashMap<Arc<str>, usize>,
    warnings: Vec<String>,
    params: Result<Vec<Param>, ScanError>,
    /// As rendering sees them.
    bound: Result<Vec<Param>, ScanError>,
}

impl Template {
    /// Reads the text after the leading `%`. `name` is that of the node, for errors; empty when there is none.
    pub fn parse(name: &str, text: &str) -> Result<Self, TemplateError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(TemplateError::limit(format!("the template has more than {TEXT_BYTES_MAX} bytes")));
        }
        let chunks = read(if name.is_empty() { NAMELESS } else { name }, text)?;
        let mut found = Vec::new();
        mentioned_names(&chunks, &mut found);
        if let Some((name, line)) = found.iter().find(|(name, _)| REFUSED.contains(&&**name)) {
            let message = format!("\"{name}\" can not be used as a variable name, line {line}");
            return Err(TemplateError::new(Kind::Forbidden, message, Some(*line)));
        }
        let warnings = found
            .iter()
            .filter(|(name, _)| RESERVED.contains(&&**name))
            .map(|(name, _)| name.to_string())
            .collect();
        let mut locals = HashSet::new();
        local_names(&chunks, &mut locals);
        Ok(Self {
            locals: Arc::new(locals),
            names: found.into_iter().collect(),
            warnings,
            params: params(&chunks, false),
            bound: params(&chunks, true),
            chunks,
        })
    }

    /// The parameters, as the original describes them.
    pub fn params(&self) -> Result<&[Param], TemplateError> {
        self.params.as_deref().map_err(told)
    }

    /// An error when a literal stands where a parameter's name belongs, which no caller could ever give.
    pub fn check_names(&self) -> Result<(), TemplateError> {
        let params = match &self.params {
            Err(error) if error.is_name => return Err(told(error)),
            Err(_) => return Ok(()),
            Ok(params) => params,
        };
        match params.iter().find(|param| !param.is_name) {
            Some(param) => {
                let message = format!("\"{}\" can not be used as a variable name", param.name);
                Err(TemplateError::new(Kind::Forbidden, message, None))
            }
            None => Ok(()),
        }
    }

    /// The tables that `table('…')` names by constants, in the order of the text.
    pub fn dependencies(&self) -> Vec<String> {
        dependencies(&self.chunks)
    }

    /// Names of parameters that mean something to the server, too.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    pub fn render(&self, request: &Request<'_>) -> Result<Rendered, TemplateError> {
        let bound = self.bound.as_deref().map_err(told)?;
        let test = request.mode != Mode::Normal;
        let asks_secret = ["tb_secret", "tb_var"].iter().any(|name| self.names.contains_key(*name));
        let mut machine = Machine::new(Setup {
            limits: request.limits,
            variables: HashMap::new(),
            names: &self.names,
            test,
            lenient_secrets: asks_secret && request.mode == Mode::Test { unknown_secrets: true },
            secrets: request.secrets,
            dialect: request.dialect,
        });
        let out = self.run(&mut machine, request, bound);
        if out.is_ok() {
            joints::check(&machine.output, &machine.joints)?;
        }
        match out {
            Ok(()) => Ok(Rendered {
                sql: std::mem::take(&mut machine.output),
                settings: std::mem::take(&mut machine.settings),
                secrets: std::mem::take(&mut machine.bound_secrets),
                used: machine.used.iter().map(ToString::to_string).collect(),
                warnings: self.warnings.clone(),
            }),
            Err(Stop::Limit(error)) => Err(TemplateError { line: Some(machine.line), ..*error }),
            Err(Stop::Raised(error)) => Err(failure::told(&mut machine, *error, bound)),
        }
    }

    fn run(&self, machine: &mut Machine<'_>, request: &Request<'_>, bound: &[Param]) -> Run<()> {
        let mut described: HashMap<&str, &Param> = HashMap::new();
        for param in bound {
            described.entry(&param.name).or_insert(param);
        }
        for (name, value) in request.params {
            let mut value = values::from_json(machine, value)?;
            if let Some(list) = values::list_of(machine, described.get(name.as_str()).copied(), &value)? {
                value = list;
            }
            let name: Arc<str> = name.as_str().into();
            machine.setup.variables.insert(name, value);
        }
        if described.contains_key(JOB_TIMESTAMP) {
            let now = Value::str(timestamp(request.now_us));
            machine.setup.variables.entry(JOB_TIMESTAMP.into()).or_insert(now);
        }
        let frame = machine.new_frame(Arc::clone(&self.locals), None)?;
        machine.run(frame, &self.chunks).map(drop)
    }
}

fn told(error: &ScanError) -> TemplateError {
    TemplateError::new(Kind::Forbidden, error.message.clone(), None)
}

/// Names with their lines, as Python's compiler meets them: each once for every tag.
fn mentioned_names(chunks: &[Chunk], out: &mut Vec<(Arc<str>, usize)>) {
    let add = |names: Mentioned, line: usize, out: &mut Vec<(Arc<str>, usize)>| {
        out.extend(names.names.into_iter().filter(|name| !is_hidden(name)).map(|name| (name, line)));
    };
    for chunk in chunks {
        let mut names = Mentioned::default();
        match chunk {
            Chunk::Output(output) => {
                mentioned(&output.expr, &mut names);
                add(names, output.line, out);
            }
            Chunk::Set(set) if !set.source.contains("{{") => {
                mentioned_by_statement(&set.statement, &mut names);
                add(names, set.line, out);
            }
            Chunk::Block(block) => {
                block.header.iter().for_each(|header| mentioned_by_header(header, &mut names));
                add(names, block.line, out);
                mentioned_names(&block.body, out);
                for branch in &block.branches {
                    let mut names = Mentioned::default();
                    branch.header.iter().for_each(|header| mentioned_by_header(header, &mut names));
                    add(names, branch.line, out);
                    mentioned_names(&branch.body, out);
                }
            }
            _ => {}
        }
    }
}

/// `YYYY-MM-DD hh:mm:ss`, UTC.
fn timestamp(us: i64) -> String {
    let seconds = us.div_euclid(1_000_000);
    let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // The year is at most one too high, or one too low, when it is guessed from the days.
    let mut year = 1970 + days.div_euclid(366);
    while days_from_date(year + 1, 1, 1) <= days {
        year += 1;
    }
    let month = (1..=12).rev().find(|month| days_from_date(year, *month, 1) <= days).unwrap_or(1);
    let day = days - days_from_date(year, month, 1) + 1;
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use super::timestamp;

    #[test]
    fn timestamps_are_dates_of_the_calendar() {
        assert_eq!(timestamp(0), "1970-01-01 00:00:00");
        assert_eq!(timestamp(951_782_399_999_999), "2000-02-28 23:59:59");
        assert_eq!(timestamp(1_709_164_800_000_000), "2024-02-29 00:00:00");
        assert_eq!(timestamp(-1), "1969-12-31 23:59:59");
    }
}
