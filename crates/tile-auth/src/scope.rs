//! Scopes as people write them, `TYPE[:resource[:filter]]`, and what they grant. A new one is an entry in the table `TYPES`
//! and an arm in [`TokenScope::grants`]; the cases in `tests/pipes/auth/access.txt` must have it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tile_base::{Action, Error, Grant, Resource, ResourceKind, Result};

const RESOURCE_BYTES_MAX: usize = 256;
const PATH_BYTES_MAX: usize = 1024;
const FILTER_BYTES_MAX: usize = 8192;

/// What a scope permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ScopeType {
    Admin,
    AdminUser,
    Tokens,
    DataSourcesCreate,
    DataSourcesRead,
    DataSourcesAppend,
    DataSourcesDrop,
    PipesCreate,
    PipesRead,
    PipesDrop,
    FeaturesRead,
    CatalogRead,
    WorkspaceReadAll,
    WorkspaceDeploy,
    OrgDataSourcesRead,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    /// A resource, or all of them when there is none.
    Any,
    /// A resource, and a filter if one is wanted.
    One,
    /// A path of the catalog.
    Path,
}

/// Each type with its name and what follows it.
const TYPES: &[(ScopeType, &str, Takes)] = &[
    (ScopeType::Admin, "ADMIN", Takes::Nothing),
    (ScopeType::AdminUser, "ADMIN_USER", Takes::Any),
    (ScopeType::Tokens, "TOKENS", Takes::Nothing),
    (ScopeType::DataSourcesCreate, "DATASOURCES:CREATE", Takes::Any),
    (ScopeType::DataSourcesRead, "DATASOURCES:READ", Takes::One),
    (ScopeType::DataSourcesAppend, "DATASOURCES:APPEND", Takes::One),
    (ScopeType::DataSourcesDrop, "DATASOURCES:DROP", Takes::One),
    (ScopeType::PipesCreate, "PIPES:CREATE", Takes::Any),
    (ScopeType::PipesRead, "PIPES:READ", Takes::One),
    (ScopeType::PipesDrop, "PIPES:DROP", Takes::One),
    (ScopeType::FeaturesRead, "FEATURES:READ", Takes::Any),
    (ScopeType::CatalogRead, "CATALOG:READ", Takes::Path),
    (ScopeType::WorkspaceReadAll, "WORKSPACE:READ_ALL", Takes::Nothing),
    (ScopeType::WorkspaceDeploy, "WORKSPACE:DEPLOY", Takes::Nothing),
    (ScopeType::OrgDataSourcesRead, "ORG_DATASOURCES:READ", Takes::Nothing),
];

impl ScopeType {
    pub const ALL: [Self; 15] = {
        let mut all = [Self::Admin; 15];
        let mut i = 0;
        while i < all.len() {
            all[i] = TYPES[i].0;
            i += 1;
        }
        all
    };

    /// The name in texts and in JSON.
    pub fn name(self) -> &'static str {
        TYPES.iter().find(|(known, ..)| *known == self).map_or("", |(_, name, _)| name)
    }

    fn takes(self) -> Takes {
        TYPES.iter().find(|(known, ..)| *known == self).map_or(Takes::Nothing, |(.., takes)| *takes)
    }

    pub(crate) fn from_name(name: &str) -> Result<Self> {
        TYPES
            .iter()
            .find(|(_, known, _)| *known == name)
            .map(|(known, ..)| *known)
            .ok_or_else(|| unknown(name))
    }
}

/// One scope of a token. Made by [`TokenScope::new`] or [`TokenScope::parse`], so it always fits its type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenScope {
    scope_type: ScopeType,
    resource: Option<String>,
    filter: Option<String>,
}

impl TokenScope {
    /// # Errors
    /// `Invalid` when the type wants a resource and has none, or has what it cannot have, or when one is malformed.
    pub fn new(scope_type: ScopeType, resource: Option<&str>, filter: Option<&str>) -> Result<Self> {
        let name = scope_type.name();
        let wrong = |what: &str| Err(Error::invalid(format!("the scope `{name}` {what}")));
        match (scope_type.takes(), resource) {
            (Takes::Nothing, Some(_)) => return wrong("takes no resource"),
            (Takes::One | Takes::Path, None) => return wrong("needs a resource"),
            _ => {}
        }
        if filter.is_some() && scope_type.takes() != Takes::One {
            return wrong("takes no filter");
        }
        let is_well_formed = if scope_type.takes() == Takes::Path { is_path } else { is_resource };
        if resource.is_some_and(|resource| !is_well_formed(resource)) {
            return wrong("has a malformed resource");
        }
        if filter.is_some_and(|filter| !is_filter(filter)) {
            return wrong("has an empty or too long filter");
        }
        Ok(Self { scope_type, resource: resource.map(Into::into), filter: filter.map(Into::into) })
    }

    /// # Errors
    /// `Invalid`, with the types that are near to an unknown one.
    pub fn parse(text: &str) -> Result<Self> {
        let found = TYPES.iter().find_map(|(scope_type, name, _)| {
            let rest = text.strip_prefix(name)?;
            (rest.is_empty() || rest.starts_with(':')).then_some((*scope_type, rest.strip_prefix(':')))
        });
        let Some((scope_type, rest)) = found else { return Err(unknown(text)) };
        match rest
            .map(|rest| rest.split_once(':').map_or((rest, None), |(name, filter)| (name, Some(filter))))
        {
            None => Self::new(scope_type, None, None),
            Some((resource, filter)) => Self::new(scope_type, Some(resource), filter),
        }
    }

    pub const fn scope_type(&self) -> ScopeType {
        self.scope_type
    }
    pub fn resource(&self) -> Option<&str> {
        self.resource.as_deref()
    }
    pub fn filter(&self) -> Option<&str> {
        self.filter.as_deref()
    }

    /// Whether this makes its holder as mighty as the workspace's admin.
    pub(crate) const fn is_admin(&self) -> bool {
        matches!(self.scope_type, ScopeType::Admin | ScopeType::AdminUser)
    }

    /// Whether this reaches beyond the workspace.
    pub(crate) fn is_of_organization(&self) -> bool {
        self.grants().iter().any(|grant| grant.resource.kind == ResourceKind::OrganizationDataSource)
    }

    /// Where in the catalog this reads files.
    pub(crate) fn path(&self) -> Option<&str> {
        self.resource().filter(|_| self.scope_type == ScopeType::CatalogRead)
    }

    /// As the API shows it: what is absent has no key.
    pub fn to_json(&self) -> Value {
        let mut shown = json!({"type": self.scope_type.name()});
        for (key, value) in [("resource", &self.resource), ("filter", &self.filter)] {
            if let Some(value) = value {
                shown[key] = Value::from(value.as_str());
            }
        }
        shown
    }

    /// What the scope permits. A filter goes into the grant whatever the action is: `may` refuses what cannot be filtered.
    pub fn grants(&self) -> Vec<Grant> {
        use ResourceKind::{DataSource, Feature, Node, OrganizationDataSource, Pipe, Workspace};
        let all = |action, kind| vec![Grant::new(action, Resource::all(kind))];
        match self.scope_type {
            ScopeType::Admin => all(Action::Admin, Workspace),
            ScopeType::AdminUser => {
                let user = self.resource.is_some().then(|| self.grant(Action::Read, ResourceKind::User));
                all(Action::Admin, Workspace).into_iter().chain(user).collect()
            }
            ScopeType::Tokens => all(Action::AdministerTokens, Workspace),
            ScopeType::DataSourcesCreate => {
                vec![self.grant(Action::Create, DataSource), self.grant(Action::Append, DataSource)]
            }
            ScopeType::DataSourcesRead => self.read_grants(),
            ScopeType::DataSourcesAppend => vec![self.grant(Action::Append, DataSource)],
            ScopeType::DataSourcesDrop => vec![self.grant(Action::Drop, DataSource)],
            ScopeType::PipesCreate => vec![self.grant(Action::Create, Pipe), self.grant(Action::Alter, Pipe)],
            ScopeType::PipesRead => vec![self.grant(Action::Read, Pipe)],
            ScopeType::PipesDrop => vec![self.grant(Action::Drop, Pipe)],
            ScopeType::FeaturesRead => vec![self.grant(Action::Read, Feature)],
            ScopeType::CatalogRead => vec![self.grant(Action::Read, Node)],
            ScopeType::WorkspaceReadAll => all(Action::Read, Workspace),
            ScopeType::WorkspaceDeploy => all(Action::Deploy, Workspace),
            ScopeType::OrgDataSourcesRead => all(Action::Read, OrganizationDataSource),
        }
    }

    fn grant(&self, action: Action, kind: ResourceKind) -> Grant {
        let resource = Resource { kind, name: self.resource.clone(), id: None };
        Grant { filter: self.filter.clone(), ..Grant::new(action, resource) }
    }

    /// Reading a data source is reading its quarantine too, but not through a filter.
    fn read_grants(&self) -> Vec<Grant> {
        let table = Resource::table(self.resource.as_deref().unwrap_or_default());
        let with_quarantine = self.filter.is_none() && table.kind == ResourceKind::DataSource;
        let quarantine = with_quarantine.then(|| self.grant(Action::Read, ResourceKind::Quarantine));
        let read = Grant { filter: self.filter.clone(), ..Grant::new(Action::Read, table) };
        [read].into_iter().chain(quarantine).collect()
    }
}

/// A resource is a name or an id, perhaps with the name of its workspace before it.
fn is_resource(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= RESOURCE_BYTES_MAX
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

/// Keys with slashes between them, each as the catalog can have it. A colon would begin a filter.
fn is_path(text: &str) -> bool {
    text.len() <= PATH_BYTES_MAX
        && !text.chars().any(|c| c.is_control() || c == ':')
        && text.split('/').all(|key| !matches!(key, "" | "." | ".."))
}

fn is_filter(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= FILTER_BYTES_MAX && !text.contains('\0')
}

fn unknown(text: &str) -> Error {
    let shown: String = text.chars().take(64).collect();
    Error::invalid(format!("unknown scope `{shown}`"))
        .did_you_mean(&shown, TYPES.iter().map(|(_, name, _)| *name))
}

impl fmt::Display for TokenScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.scope_type.name())?;
        for part in [&self.resource, &self.filter].into_iter().flatten() {
            write!(f, ":{part}")?;
        }
        Ok(())
    }
}

impl TryFrom<String> for TokenScope {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl From<TokenScope> for String {
    fn from(scope: TokenScope) -> Self {
        scope.to_string()
    }
}
