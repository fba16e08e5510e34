//! One static token.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tile_base::{Error, Result, TokenPrincipal};

use crate::scope::TokenScope;

const NAME_BYTES_MAX: usize = 256;
const DESCRIPTION_BYTES_MAX: usize = 4096;
pub(crate) const SCOPES_MAX: usize = 4096;

/// What a token was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OriginType {
    #[serde(rename = "C")]
    Custom,
    #[serde(rename = "DS")]
    DataSource,
    #[serde(rename = "P")]
    Pipe,
    #[serde(rename = "TS")]
    TimeSeries,
}

/// What a token was made for, and which one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    #[serde(rename = "type")]
    pub origin_type: OriginType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
}

impl Origin {
    pub const CUSTOM: Self = Self { origin_type: OriginType::Custom, resource_id: None };

    /// Reads the parameters `origin` and `resource_id`.
    ///
    /// # Errors
    /// `Invalid` for other codes than `C`, `DS`, `P`, `TS`, and for a resource that is no name.
    pub fn parse(code: &str, resource_id: Option<&str>) -> Result<Self> {
        let origin_type = match code {
            "C" => OriginType::Custom,
            "DS" => OriginType::DataSource,
            "P" => OriginType::Pipe,
            "TS" => OriginType::TimeSeries,
            _ => return Err(Error::invalid("the origin is not one of `C`, `DS`, `P`, `TS`")),
        };
        if resource_id.is_some_and(|id| !is_line(id, NAME_BYTES_MAX)) {
            return Err(Error::invalid("the `resource_id` is empty, too long or has control characters"));
        }
        Ok(Self { origin_type, resource_id: resource_id.map(Into::into) })
    }
}

/// Who decides how long a token stays and what it may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Keeper {
    /// It comes with the workspace and its members: it cannot be deleted, renamed or given other scopes.
    Server,
    /// It was made for `TOKEN` lines of the project's files, and goes with the last of them.
    Files,
    /// Somebody made it.
    User,
}

/// A token that is stored.
///
/// Its text is stored as it is, not as a digest: the API shows it again whenever an administrator asks, as Tinybird does,
/// and JWTs are signed with the text of one of them. Who reads the stored document holds every token in it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaticToken {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) token: String,
    pub(crate) description: String,
    pub(crate) origin: Origin,
    pub(crate) keeper: Keeper,
    /// What was given by hand.
    pub(crate) scopes: Vec<TokenScope>,
    /// What the project's files give.
    pub(crate) file_scopes: Vec<TokenScope>,
}

impl fmt::Debug for StaticToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticToken").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

impl StaticToken {
    /// Stays the same when the token is refreshed. It is not the id inside the text, so showing it gives nothing away.
    pub fn id(&self) -> &str {
        &self.id
    }
    pub fn name(&self) -> &str {
        &self.name
    }
    /// The secret.
    pub fn text(&self) -> &str {
        &self.token
    }
    pub fn description(&self) -> &str {
        &self.description
    }
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }
    /// By hand and by files, sorted, each once.
    pub fn scopes(&self) -> Vec<&TokenScope> {
        let mut all: Vec<&TokenScope> = self.scopes.iter().chain(&self.file_scopes).collect();
        all.sort();
        all.dedup();
        all
    }

    /// As the API shows it; without the key `token` when the secret is not for the one who asks.
    pub fn to_json(&self, with_secret: bool) -> Value {
        let mut shown = json!({"id": self.id, "name": self.name});
        if with_secret {
            shown["token"] = Value::from(self.token.as_str());
        }
        shown["description"] = Value::from(self.description.as_str());
        shown["origin"] = json!(self.origin);
        shown["scopes"] = self.scopes().into_iter().map(TokenScope::to_json).collect();
        shown
    }

    pub(crate) fn principal(&self, workspace_id: &str) -> Arc<TokenPrincipal> {
        let scopes = self.scopes();
        let user = scopes.iter().find(|scope| scope.scope_type() == crate::ScopeType::AdminUser);
        Arc::new(TokenPrincipal {
            workspace_id: Some(workspace_id.to_owned()),
            user_id: user.and_then(|scope| scope.resource()).map(Into::into),
            token_id: Some(self.id.clone()),
            token_name: self.name.clone(),
            grants: scopes.iter().flat_map(|scope| scope.grants()).collect(),
            rps_max: None,
            expires_us: None,
        })
    }
}

fn is_line(text: &str, bytes_max: usize) -> bool {
    !text.trim().is_empty() && text.len() <= bytes_max && !text.chars().any(char::is_control)
}

/// # Errors
/// `Invalid` for an empty or too long name, and for one with control characters.
pub(crate) fn check_name(name: &str) -> Result<()> {
    if is_line(name, NAME_BYTES_MAX) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "the name of a token has 1 to {NAME_BYTES_MAX} bytes and no control characters"
    )))
}

/// # Errors
/// `Invalid` for a description that is too long.
pub(crate) fn check_description(description: &str) -> Result<()> {
    if description.len() <= DESCRIPTION_BYTES_MAX {
        return Ok(());
    }
    Err(Error::invalid(format!("the description of a token has at most {DESCRIPTION_BYTES_MAX} bytes")))
}

/// Sorts the scopes and leaves each once.
///
/// # Errors
/// `Invalid` for too many.
pub(crate) fn tidy_scopes(mut scopes: Vec<TokenScope>) -> Result<Vec<TokenScope>> {
    scopes.sort();
    scopes.dedup();
    if scopes.len() > SCOPES_MAX {
        return Err(Error::invalid(format!("a token has at most {SCOPES_MAX} scopes")));
    }
    Ok(scopes)
}
