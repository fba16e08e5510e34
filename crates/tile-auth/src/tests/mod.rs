//! The cases of `tests/pipes/auth`, forged tokens, and what a registry keeps.

mod access;
mod jwts;
mod properties;
mod registry;
mod sync;

use std::sync::Arc;

use tile_base::{Principal, Result, TokenPrincipal};

use crate::{Authority, Issuer, NewToken, Origin, TokenRegistry, TokenScope};

pub(super) fn local() -> Issuer {
    Issuer::new(Issuer::LOCAL_KEY, None).unwrap()
}

/// Bytes that are never the same.
pub(super) fn counter() -> impl FnMut() -> [u8; 16] {
    let mut count = 0_u128;
    move || {
        count += 1;
        count.to_be_bytes()
    }
}

pub(super) fn new_token(name: &str, scopes: &[&str]) -> NewToken {
    let scopes = scopes.iter().map(|scope| TokenScope::parse(scope).unwrap()).collect();
    NewToken { name: name.into(), description: String::new(), origin: Origin::CUSTOM, scopes }
}

/// A workspace `w1` whose registry is in an authority.
pub(super) fn authority(random: &mut dyn FnMut() -> [u8; 16]) -> Authority {
    let mut authority = Authority::new(local());
    authority.insert_workspace(TokenRegistry::new(local(), "w1", random).unwrap());
    authority
}

pub(super) fn held(principal: Result<Principal>) -> Result<Arc<TokenPrincipal>> {
    principal.map(|principal| match principal {
        Principal::Token(token) => token,
        other => panic!("{other:?}"),
    })
}
