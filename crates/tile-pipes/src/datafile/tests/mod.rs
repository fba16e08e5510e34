//! The case files in `tests/pipes/datafile`, whose answers are those of the package `tinybird`, and what they do not reach.

mod cases;
mod classic;
mod project;
mod record;
mod round_trip;

use super::{Fault, Options, Parsed};
use serde_json::Value;

/// A file's record, faults and warnings.
pub fn parse(file: &str, text: &str, options: &Options<'_>) -> Parsed<Value> {
    let (name, kind) = file.rsplit_once('.').unwrap();
    let name = name.rsplit('/').next().unwrap();
    match kind {
        "datasource" => of(super::Datasource::parse(name, file, text, options), record::datasource),
        "pipe" => of(super::Pipe::parse(name, file, text, options), record::pipe),
        _ => of(super::Connection::parse(name, file, text, options), record::connection),
    }
}

fn of<T>(parsed: Parsed<T>, record: impl Fn(&T) -> Value) -> Parsed<Value> {
    Parsed { value: parsed.value.as_ref().map(record), faults: parsed.faults, warnings: parsed.warnings }
}

/// Fills `{{ tb_secret("name") }}` and `{{ tb_secret("name", "default") }}` as the script that made the cases does.
pub fn secrets(text: &str) -> Result<String, Box<Fault>> {
    let known = [("known", "from the secret"), ("servers", "a:9092,b:9092"), ("empty", "\"\"")];
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{ tb_secret(\"") {
        let (inner, behind) = after.split_once("\") }}").unwrap();
        let (name, default) = inner.split_once("\", \"").map_or((inner, None), |(n, d)| (n, Some(d)));
        let value = known.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        let value = value.or(default.map(|d| if d.is_empty() { "\"\"" } else { d }));
        let value = value.ok_or_else(|| {
            Box::new(Fault::new(format!("Template Syntax Error: Cannot access secret '{name}'. Check the secret exists in the Workspace and the token has the required scope.")))
        })?;
        out.push_str(before);
        out.push_str(value);
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}
