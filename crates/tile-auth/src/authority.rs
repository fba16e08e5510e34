//! From a token's text to who holds it, over all workspaces and users of the process.

use std::collections::BTreeMap;
use std::sync::Arc;

use tile_base::{Credentials, Principal, Result, TokenPrincipal};

use crate::registry::TokenRegistry;
use crate::secret::Issuer;
use crate::user::UserToken;
use crate::{jwt, refusal};

/// All tokens of the process. The token itself says whose it is, so finding it costs one signature and two look-ups.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer,
    workspaces: BTreeMap<String, TokenRegistry>,
    users: BTreeMap<String, UserToken>,
}

impl Authority {
    /// Of no workspace and no user yet.
    pub const fn new(issuer: Issuer) -> Self {
        Self { issuer, workspaces: BTreeMap::new(), users: BTreeMap::new() }
    }

    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }
    /// Takes in a workspace's tokens; gives back those that it had before.
    pub fn insert_workspace(&mut self, registry: TokenRegistry) -> Option<TokenRegistry> {
        self.workspaces.insert(registry.workspace_id().to_owned(), registry)
    }
    pub fn remove_workspace(&mut self, workspace_id: &str) -> Option<TokenRegistry> {
        self.workspaces.remove(workspace_id)
    }
    pub fn workspace(&self, workspace_id: &str) -> Option<&TokenRegistry> {
        self.workspaces.get(workspace_id)
    }
    pub fn workspace_mut(&mut self, workspace_id: &str) -> Option<&mut TokenRegistry> {
        self.workspaces.get_mut(workspace_id)
    }
    /// Takes in a user's token; gives back the one that the user had before.
    pub fn insert_user(&mut self, token: UserToken) -> Option<UserToken> {
        self.users.insert(token.user_id().to_owned(), token)
    }
    pub fn remove_user(&mut self, user_id: &str) -> Option<UserToken> {
        self.users.remove(user_id)
    }
    pub fn user(&self, user_id: &str) -> Option<&UserToken> {
        self.users.get(user_id)
    }

    /// Who holds this token: the value of the parameter `token`, or what stands after `Bearer`.
    ///
    /// # Errors
    /// `Denied`, as [`refusal`] says it.
    pub fn authenticate(&self, text: &str, now_us: i64) -> Result<Principal> {
        if text.is_empty() {
            return Err(refusal::missing());
        }
        let principal = if text.starts_with("p.") {
            self.static_token(text).ok_or_else(refusal::invalid)?
        } else {
            self.jwt(text, now_us)?
        };
        Ok(Principal::Token(principal))
    }

    /// The same for what a request brought along.
    ///
    /// # Errors
    /// As [`Authority::authenticate`].
    pub fn authenticate_credentials(&self, credentials: &Credentials, now_us: i64) -> Result<Principal> {
        match credentials {
            Credentials::ApiKey(text) | Credentials::Bearer(text) => self.authenticate(text, now_us),
            Credentials::Anonymous => Err(refusal::missing()),
            Credentials::Unreadable => Err(refusal::invalid()),
        }
    }

    fn static_token(&self, text: &str) -> Option<Arc<TokenPrincipal>> {
        let inside = self.issuer.open(text)?;
        match self.workspaces.get(&inside.owner) {
            Some(workspace) => workspace.principal(&inside.id, text).cloned(),
            None => self.users.get(&inside.owner)?.principal(text),
        }
    }

    fn jwt(&self, text: &str, now_us: i64) -> Result<Arc<TokenPrincipal>> {
        let unverified = jwt::Parts::split(text).ok_or_else(refusal::invalid)?;
        let workspace = self.workspaces.get(unverified.workspace_id()).ok_or_else(refusal::invalid)?;
        unverified.verify(workspace.admin()?.text(), now_us).map(Arc::new)
    }
}
