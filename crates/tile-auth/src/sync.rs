//! Tokens that come from the project's files: the lines `TOKEN "name" READ` of data sources and pipes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tile_base::{Error, Kind, ResourceKind, Result};

use crate::registry::{NewToken, TOKENS_MAX, TokenRegistry};
use crate::scope::{ScopeType, TokenScope};
use crate::secret::Random;
use crate::token::{Keeper, Origin, OriginType, SCOPES_MAX, StaticToken, check_name};

/// The last word of a `TOKEN` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    Read,
    Append,
    /// Older projects have it.
    Create,
}

/// One `TOKEN` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceToken {
    pub token_name: String,
    pub permission: Permission,
    /// `DataSource` or `Pipe`.
    pub resource_kind: ResourceKind,
    pub resource_name: String,
}

impl ResourceToken {
    fn scope(&self) -> Result<TokenScope> {
        let scope_type = match (self.resource_kind, self.permission) {
            (ResourceKind::DataSource, Permission::Read) => ScopeType::DataSourcesRead,
            (ResourceKind::DataSource, Permission::Append) => ScopeType::DataSourcesAppend,
            (ResourceKind::DataSource, Permission::Create) => ScopeType::DataSourcesCreate,
            (ResourceKind::Pipe, Permission::Read) => ScopeType::PipesRead,
            _ => return Err(Error::invalid("a token can only read a pipe").at(self.resource_name.as_str())),
        };
        // A point would make it the name of a table that is not the project's.
        if self.resource_name.contains('.') {
            return Err(Error::invalid("the name of a resource has no point").at(self.resource_name.as_str()));
        }
        TokenScope::new(scope_type, Some(&self.resource_name), None)
    }
}

/// What a deployment does to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeType {
    New,
    Modified,
    Deleted,
}

/// A permission that comes or goes, in the words of a deployment's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionChange {
    pub resource_name: String,
    /// `datasource` or `pipe`.
    pub resource_type: &'static str,
    /// `READ`, `APPEND` or `CREATE`.
    pub permission: &'static str,
}

/// One entry of `token_changes` in a deployment's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenChange {
    pub token_name: String,
    pub change_type: ChangeType,
    pub added: Vec<PermissionChange>,
    pub removed: Vec<PermissionChange>,
}

impl TokenChange {
    pub fn to_json(&self) -> Value {
        let list = |changes: &[PermissionChange]| -> Value {
            let one = |change: &PermissionChange| {
                json!({
                    "resource_name": change.resource_name,
                    "resource_type": change.resource_type,
                    "permission": change.permission,
                })
            };
            changes.iter().map(one).collect()
        };
        // The words are those that the same answer has for data sources and pipes; for tokens they are not verified.
        let change_type = match self.change_type {
            ChangeType::New => "new",
            ChangeType::Modified => "modified",
            ChangeType::Deleted => "deleted",
        };
        json!({
            "token_name": self.token_name,
            "change_type": change_type,
            "permission_changes": {
                "added_permissions": list(&self.added),
                "removed_permissions": list(&self.removed),
            },
        })
    }
}

/// The scopes that the files want, by token, with what each token is first named for.
type Wanted = BTreeMap<String, (Origin, BTreeSet<TokenScope>)>;

impl TokenRegistry {
    /// What [`TokenRegistry::sync_from_resources`] would change, by token name. For a deployment that is only checked.
    ///
    /// # Errors
    /// `Invalid` for permissions that a resource does not have, malformed names and too many scopes; `Conflict` for the
    /// name of a token that comes with the workspace; `TooLarge` for too many tokens.
    pub fn changes_from_resources(&self, lines: &[ResourceToken]) -> Result<Vec<TokenChange>> {
        Ok(self.changes(&self.wanted(lines)?))
    }

    /// Makes the tokens what the `TOKEN` lines of all resources say: new ones for new names, without the scopes that no
    /// line gives any more, and without the tokens that had no other scopes. All of it or, with an error, nothing.
    ///
    /// # Errors
    /// As [`TokenRegistry::changes_from_resources`].
    pub fn sync_from_resources(
        &mut self,
        lines: &[ResourceToken],
        random: Random,
    ) -> Result<Vec<TokenChange>> {
        let mut wanted = self.wanted(lines)?;
        let changes = self.changes(&wanted);
        for change in &changes {
            let (origin, scopes) =
                wanted.remove(&change.token_name).unwrap_or((Origin::CUSTOM, BTreeSet::new()));
            if change.change_type == ChangeType::New {
                let (name, description) = (change.token_name.clone(), String::new());
                self.make(NewToken { name, description, origin, scopes: Vec::new() }, Keeper::Files, random)?;
            }
            self.set_file_scopes(&change.token_name, scopes.into_iter().collect());
        }
        Ok(changes)
    }

    fn wanted(&self, lines: &[ResourceToken]) -> Result<Wanted> {
        let mut wanted = Wanted::new();
        for line in lines {
            let scope = line.scope()?;
            check_name(&line.token_name).map_err(|e| e.at(line.resource_name.as_str()))?;
            let (_, scopes) =
                wanted.entry(line.token_name.clone()).or_insert_with(|| (origin(line), BTreeSet::new()));
            scopes.insert(scope);
            if scopes.len() > SCOPES_MAX {
                return Err(
                    Error::invalid(format!("a token has at most {SCOPES_MAX} scopes")).at(&line.token_name)
                );
            }
        }
        let mut count = self.by_name.len();
        for name in wanted.keys() {
            match self.by_name.get(name) {
                Some(entry) if entry.token.keeper == Keeper::Server => {
                    let what = format!(
                        "the token `{name}` comes with the workspace, and files cannot give it scopes"
                    );
                    return Err(Error::new(Kind::Conflict, what));
                }
                Some(_) => {}
                None => count += 1,
            }
        }
        if count > TOKENS_MAX {
            return Err(Error::new(
                Kind::TooLarge,
                format!("the workspace would have more than {TOKENS_MAX} tokens"),
            ));
        }
        Ok(wanted)
    }

    fn changes(&self, wanted: &Wanted) -> Vec<TokenChange> {
        let given = self.list().filter(|token| !token.file_scopes.is_empty()).map(StaticToken::name);
        let names: BTreeSet<&str> = given.chain(wanted.keys().map(String::as_str)).collect();
        let nothing = BTreeSet::new();
        let change = |name: &str| {
            let token = self.by_name.get(name).map(|entry| &entry.token);
            let old: BTreeSet<TokenScope> =
                token.iter().flat_map(|token| token.file_scopes.clone()).collect();
            let new = wanted.get(name).map_or(&nothing, |(_, scopes)| scopes);
            let change_type = match token {
                None => ChangeType::New,
                Some(token) if new.is_empty() && token.keeper == Keeper::Files && token.scopes.is_empty() => {
                    ChangeType::Deleted
                }
                Some(_) => ChangeType::Modified,
            };
            let added: Vec<_> = new.difference(&old).map(permission).collect();
            let removed: Vec<_> = old.difference(new).map(permission).collect();
            let changed = !added.is_empty() || !removed.is_empty();
            changed.then(|| TokenChange { token_name: name.to_owned(), change_type, added, removed })
        };
        names.into_iter().filter_map(change).collect()
    }
}

fn origin(line: &ResourceToken) -> Origin {
    let is_pipe = line.resource_kind == ResourceKind::Pipe;
    let origin_type = if is_pipe { OriginType::Pipe } else { OriginType::DataSource };
    Origin { origin_type, resource_id: Some(line.resource_name.clone()) }
}

/// The words of the line that gave the scope.
fn permission(scope: &TokenScope) -> PermissionChange {
    let (resource_type, permission) = match scope.scope_type() {
        ScopeType::PipesRead => ("pipe", "READ"),
        ScopeType::DataSourcesAppend => ("datasource", "APPEND"),
        ScopeType::DataSourcesCreate => ("datasource", "CREATE"),
        _ => ("datasource", "READ"),
    };
    PermissionChange {
        resource_name: scope.resource().unwrap_or_default().to_owned(),
        resource_type,
        permission,
    }
}
