//! What a token grants: an action on a resource, with a row filter and fixed parameters.

use serde_json::{Map, Value};

use crate::error::{Error, Kind, Result};

/// What a caller wants to do with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    Read,
    Append,
    Create,
    /// Change what the thing is: its definition, its schema, its description.
    Alter,
    Drop,
    /// Put a project's files in place of the workspace's resources.
    Deploy,
    /// See, make, change and remove tokens.
    AdministerTokens,
    /// Everything there is to do with the resource.
    Admin,
}

/// What a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResourceKind {
    /// A table that takes appends, also one that another workspace shares (`workspace.name`).
    DataSource,
    /// The rows that a data source did not take. Its name and id are the data source's.
    Quarantine,
    Pipe,
    /// Features, by the name of their GroupBy or Join.
    Feature,
    /// What the server tells about a workspace: `tinybird.*` and `system.*`.
    ServiceDataSource,
    /// What the server tells about all workspaces: `organization.*`.
    OrganizationDataSource,
    /// What the catalog has in files. Its name is its path, and a grant reaches what lies below its own: see [`Resource::node`].
    Node,
    /// The workspace of the token. Its name is the workspace's id.
    Workspace,
    /// A user, with the workspaces that are theirs. Its name is the user's id.
    User,
}

/// What an action is about. Without a name it is all of the kind: a grant for all covers each one, and asking for all
/// needs a grant for all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Resource {
    pub kind: ResourceKind,
    pub name: Option<String>,
    /// The other name of the thing, where it has one: scopes may be written with either.
    pub id: Option<String>,
}

impl Resource {
    /// All resources of a kind.
    pub const fn all(kind: ResourceKind) -> Self {
        Self { kind, name: None, id: None }
    }
    /// One resource.
    pub fn named(kind: ResourceKind, name: impl Into<String>) -> Self {
        Self { kind, name: Some(name.into()), id: None }
    }
    /// A table by the name that SQL and scopes have for it: the part before the point tells the kind, and `_quarantine` at
    /// the end is no part of a data source's own name.
    pub fn table(name: &str) -> Self {
        match (name.split_once('.'), name.strip_suffix("_quarantine")) {
            (Some(("tinybird" | "system", _)), _) => Self::named(ResourceKind::ServiceDataSource, name),
            (Some(("organization", _)), _) => Self::named(ResourceKind::OrganizationDataSource, name),
            (_, Some(data_source)) => Self::named(ResourceKind::Quarantine, data_source),
            (_, None) => Self::named(ResourceKind::DataSource, name),
        }
    }
    /// What the catalog has in files at this path. No scope can name a key with a slash in it, so it belongs to what is above it.
    pub fn node<'a>(keys: impl IntoIterator<Item = &'a str>) -> Self {
        let keys: Vec<String> =
            keys.into_iter().filter(|key| !key.is_empty()).map(|key| key.replace('/', "\0")).collect();
        Self::named(ResourceKind::Node, keys.join("/"))
    }
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Whether this, as a grant has it, is the resource that is asked for.
    fn is(&self, asked: &Self) -> bool {
        self.kind == asked.kind
            && match &self.name {
                None => true,
                Some(above) if self.kind == ResourceKind::Node => {
                    asked.name.as_deref().is_some_and(|path| is_at_or_below(path, above))
                }
                written => *written == asked.name || *written == asked.id,
            }
    }
}

/// Whether a path begins with the keys of another, which has one at least.
fn is_at_or_below(path: &str, above: &str) -> bool {
    let below = path.strip_prefix(above).filter(|_| !above.is_empty());
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// One permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub action: Action,
    pub resource: Resource,
    /// An SQL condition that the rows must meet. It is text from outside: who puts it into a statement parses it first.
    pub filter: Option<String>,
    /// Parameters that the request cannot set otherwise.
    pub fixed_params: Map<String, Value>,
}

impl Grant {
    /// A permission without conditions.
    pub fn new(action: Action, resource: Resource) -> Self {
        Self { action, resource, filter: None, fixed_params: Map::new() }
    }

    /// Whether this permits the action. A grant on the workspace reaches what is in it, and nothing beside it.
    pub fn covers(&self, action: Action, asked: &Resource) -> bool {
        use ResourceKind::{DataSource, Feature, Node, Pipe, Quarantine, ServiceDataSource, User, Workspace};
        let inside =
            matches!(asked.kind, DataSource | Quarantine | Pipe | Feature | ServiceDataSource | Workspace);
        match (self.action, self.resource.kind) {
            // Files belong to no workspace: to read all of one is not to read them, to administer one is.
            (Action::Admin, Workspace) => inside || asked.kind == Node && action == Action::Read,
            (Action::Read, Workspace) => inside && action == Action::Read,
            (Action::Admin, User) => self.resource.is(asked),
            _ => self.action == action && self.resource.is(asked),
        }
    }
}

/// What holds for a permitted action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Granted {
    /// Conditions on the rows; all must hold.
    pub filters: Vec<String>,
    /// Parameters that the request cannot set otherwise.
    pub fixed_params: Map<String, Value>,
}

impl Granted {
    /// Takes in one more grant. Each condition is a restriction that somebody wrote, so they add up.
    ///
    /// # Errors
    /// `Denied` when two grants fix one parameter to different values: no request can meet both.
    pub fn add(&mut self, grant: &Grant) -> Result<()> {
        if let Some(filter) = grant.filter.as_ref().filter(|filter| !self.filters.contains(filter)) {
            self.filters.push(filter.clone());
        }
        for (name, value) in &grant.fixed_params {
            let known = self.fixed_params.entry(name.clone()).or_insert_with(|| value.clone());
            if known != value {
                let what = format!("the scopes of this token fix the parameter `{name}` to different values");
                return Err(Error::new(Kind::Denied, what));
            }
        }
        Ok(())
    }
}
