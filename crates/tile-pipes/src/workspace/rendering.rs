//! Templates of nodes: parsed with the deployment, rendered for a request.

use crate::datafile::Fault;
use crate::template::{Dialect, Limits, Mode, Param, Rendered, Request, Template, TemplateError};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use tile_base::{Error, Result};
use tile_clicksql::Session;

/// A node's template.
pub struct Text {
    template: Template,
    dialect: Dialect,
}

/// What a request gives to templates.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub params: BTreeMap<String, Value>,
    /// Values of secrets, which are bound and not written into the SQL.
    pub secrets: HashMap<String, String>,
    pub now_us: i64,
    pub is_test: bool,
    /// Whether the text of the request itself may name secrets; pipes may.
    pub sees_secrets: bool,
    /// Values for `{name:Type}` as ClickHouse's HTTP interface has them.
    pub bound: HashMap<String, String>,
    pub session: Session,
}

impl Asked {
    /// Parameters as they came, of which the first of a name counts, and those that the token fixes.
    pub fn of(params: &[(String, String)], fixed: &[(String, Value)]) -> Self {
        let mut out = Self::default();
        for (name, value) in params {
            out.params.entry(name.clone()).or_insert_with(|| Value::String(value.clone()));
        }
        out.params.extend(fixed.iter().cloned());
        out
    }
}

/// The template engine's own refusal, for the rim: its status and body are the template's.
#[derive(Debug)]
pub struct Refusal(pub TemplateError);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Refusal {}

fn refused(e: TemplateError) -> Error {
    Error::invalid(e.message.clone()).source(Refusal(e))
}

impl Text {
    /// # Errors
    /// `Invalid`, with the template engine's own words.
    pub fn parse(text: &str, dialect: Dialect) -> Result<Self> {
        let template = Template::parse("sql", text).map_err(refused)?;
        Ok(Self { template, dialect })
    }

    /// # Errors
    /// `Invalid`, with the template engine's own words.
    pub fn render(&self, asked: &Asked) -> Result<String> {
        self.rendered(asked).map(|r| r.sql)
    }

    /// The same, with what the template says of how it is to be run.
    ///
    /// # Errors
    /// As [`Text::render`].
    pub fn rendered(&self, asked: &Asked) -> Result<Rendered> {
        let secrets: BTreeSet<String> = asked.secrets.keys().cloned().collect();
        let mode = if asked.is_test { Mode::Test { unknown_secrets: true } } else { Mode::Normal };
        let limits = Limits::default();
        let request = Request {
            params: &asked.params,
            secrets: &secrets,
            now_us: asked.now_us,
            mode,
            dialect: self.dialect,
            limits: &limits,
        };
        self.template.render(&request).map_err(refused)
    }

    /// The parameters that it takes; none when it cannot be told.
    pub fn params(&self) -> &[Param] {
        self.template.params().unwrap_or_default()
    }
}

/// Puts secrets into the text of a data source or connection.
///
/// # Errors
/// For a secret that is not there and has no default.
pub fn secrets(text: &str, secrets: &BTreeMap<String, String>) -> Result<String, Box<Fault>> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, inner)) = rest.split_once("{{") {
        let Some((call, after)) = inner.split_once("}}") else { break };
        out.push_str(before);
        out.push_str(&secret(call.trim(), secrets)?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// The value of `tb_secret("name")` or `tb_secret("name", "default")`.
fn secret(call: &str, secrets: &BTreeMap<String, String>) -> Result<String, Box<Fault>> {
    let inside = call
        .strip_prefix("tb_secret")
        .or_else(|| call.strip_prefix("tb_var"))
        .and_then(|c| c.trim().strip_prefix('('))
        .and_then(|c| c.strip_suffix(')'));
    let Some(inside) = inside else {
        return Err(Box::new(Fault::new(format!("`{call}` is no secret: only tb_secret() can stand here"))));
    };
    let bare = |text: &str| text.trim().trim_matches(['"', '\'']).to_owned();
    let (name, default) = match inside.split_once(',') {
        Some((name, default)) => (bare(name), Some(bare(default))),
        None => (bare(inside), None),
    };
    secrets.get(&name).cloned().or(default).ok_or_else(|| {
        Box::new(Fault::new(format!(
            "Cannot access secret '{name}'. Check the secret exists in the Workspace and the token has the required scope."
        )))
    })
}
