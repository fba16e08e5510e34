//! Who asks, and what they may do: the vocabulary of the guard. Policies live elsewhere.
//!
//! Two vocabularies stand side by side. The access slice asks an [`Authorizer`] with one of Tiled's [`Scope`]s. All that
//! belongs to a workspace asks a [`TokenPrincipal`] whether it may take an [`Action`] on a [`Resource`], and gets the row
//! filters that hold for it.

mod grant;
mod principal;

use std::sync::Arc;

use crate::error::Result;
pub use grant::{Action, Grant, Granted, Resource, ResourceKind};
pub use principal::TokenPrincipal;

/// A permission, by Tiled's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Nothing is needed: health, documentation, the page's own assets.
    Public,
    ReadMetadata,
    ReadData,
    Metrics,
}

impl Scope {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::ReadMetadata => "read:metadata",
            Self::ReadData => "read:data",
            Self::Metrics => "metrics",
        }
    }
}

/// What a request brought along to show who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    Anonymous,
    /// An API key from the query, the header or the cookie.
    ApiKey(String),
    /// A bearer token.
    Bearer(String),
    /// An `Authorization` header of another scheme, or none that can be read.
    Unreadable,
}

/// A known caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    Anonymous,
    /// The holder of the single-user key.
    SingleUser,
    /// The holder of a token of a workspace or of a user.
    Token(Arc<TokenPrincipal>),
}

impl Principal {
    /// Whether what lies in files at a path may be read. The holder of a token may with a scope for it or as the admin of its
    /// workspace; others were let in for it.
    pub fn reads_file<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> bool {
        match self {
            Self::Anonymous | Self::SingleUser => true,
            Self::Token(token) => token.may(Action::Read, &Resource::node(path)).is_ok(),
        }
    }
}

/// Decides whether a caller may use `scope` on the node at `path` (its keys; empty for things beside the tree).
pub trait Authorizer: Send + Sync {
    /// # Errors
    /// `Unauthenticated` for missing or wrong credentials, `Denied` for a known caller without the scope.
    fn authorize(&self, credentials: &Credentials, scope: Scope, path: &[String]) -> Result<Principal>;
    /// Whether anonymous callers may read.
    fn is_public(&self) -> bool;
}
