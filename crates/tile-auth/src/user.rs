//! The token of a user, which belongs to no workspace: with it a user sees, makes and removes workspaces.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tile_base::{Action, Error, Grant, Resource, ResourceKind, Result, TokenPrincipal};

use crate::secret::{Issuer, Random, is_same, uuid};

/// What the request log calls it.
const NAME: &str = "user token";

/// The token of a user. Its text is stored as it is, like that of a [`crate::StaticToken`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserToken {
    user_id: String,
    id: String,
    token: String,
}

impl fmt::Debug for UserToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserToken").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

impl UserToken {
    /// The token of a new user.
    pub fn new(issuer: &Issuer, user_id: &str, random: Random) -> Self {
        let token = issuer.issue(user_id, &uuid(random));
        Self { user_id: user_id.to_owned(), id: uuid(random), token }
    }

    /// A token that was chosen beforehand, and with it the user's id.
    ///
    /// # Errors
    /// `Invalid` when the issuer's key did not sign it.
    pub fn adopt(issuer: &Issuer, text: &str, random: Random) -> Result<Self> {
        let inside = issuer.open(text).filter(|inside| !inside.owner.is_empty());
        let inside = inside.ok_or_else(|| Error::invalid("the user's token is not signed with the key"))?;
        Ok(Self { user_id: inside.owner, id: uuid(random), token: text.to_owned() })
    }

    /// Another text; the old one is worth nothing from then on.
    pub fn refresh(&mut self, issuer: &Issuer, random: Random) {
        self.token = issuer.issue(&self.user_id, &uuid(random));
    }

    pub fn user_id(&self) -> &str {
        &self.user_id
    }
    /// The secret.
    pub fn text(&self) -> &str {
        &self.token
    }

    pub(crate) fn principal(&self, text: &str) -> Option<Arc<TokenPrincipal>> {
        is_same(&self.token, text).then(|| {
            Arc::new(TokenPrincipal {
                workspace_id: None,
                user_id: Some(self.user_id.clone()),
                token_id: Some(self.id.clone()),
                token_name: NAME.to_owned(),
                grants: vec![Grant::new(
                    Action::Admin,
                    Resource::named(ResourceKind::User, self.user_id.as_str()),
                )],
                rps_max: None,
                expires_us: None,
            })
        })
    }
}
