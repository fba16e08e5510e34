//! Templates of nodes: parsed with the deployment, rendered for a request.

use crate::datafile::Fault;
use std::collections::{BTreeMap, HashMap};
use tile_base::{Error, Kind, Result};

/// A node's template.
pub struct Text {
    pub text: String,
}

/// What a request gives to templates.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub params: Vec<(String, serde_json::Value)>,
    /// Values of secrets, which are bound and not written into the SQL.
    pub secrets: HashMap<String, String>,
    pub is_test: bool,
}

/// Puts secrets into the text of a data source or connection.
///
/// # Errors
/// For a secret that is not there and has no default.
pub fn secrets(text: &str, _secrets: &BTreeMap<String, String>) -> Result<String, Fault> {
    Ok(text.to_owned())
}

impl Text {
    /// # Errors
    /// `Invalid`, with the template engine's own words.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(Self { text: text.to_owned() })
    }

    /// # Errors
    /// `Invalid`, with the template engine's own words.
    pub fn render(&self, _asked: &Asked) -> Result<String> {
        Err(Error::new(Kind::Internal, "templates"))
    }
}
