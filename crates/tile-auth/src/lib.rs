//! Tokens: who may do what with which resource of a workspace, and on which rows.
//!
//! [`Authority`] is the door: text in, [`tile_base::Principal`] out. Behind it stands one [`TokenRegistry`] for each
//! workspace. [`TokenScope`] is what people write, and maps onto the grants of `tile-base`, which is what handlers ask.
//! JWTs are verified and made in [`jwt`]; [`RateLimiter`] counts their requests.
//!
//! The formats are Tinybird's, so that its clients' tokens work. Everything here is a value: time comes in as
//! microseconds since the epoch, randomness as [`Random`], and storage is one JSON document that the caller keeps.
//! Nothing here decides by a token's text alone: a text must carry our signature and be the one that is stored.
//!
//! Not verified against the real service: the texts in [`refusal`] but the one for invalid tokens, whether a token's
//! `id` stays when it is refreshed (here it does), and what a scope without filter does to one with a filter on the same
//! resource (here the filter holds).

mod authority;
pub mod jwt;
mod limiter;
pub mod refusal;
mod registry;
mod scope;
mod secret;
mod sync;
#[cfg(test)]
mod tests;
mod token;
mod user;

pub use authority::Authority;
pub use jwt::JwtRequest;
pub use limiter::{Decision, RateLimiter};
pub use registry::{Actor, Member, NewToken, TokenRegistry, TokenUpdate};
pub use scope::{ScopeType, TokenScope};
pub use secret::{Issuer, Random};
pub use sync::{ChangeType, Permission, PermissionChange, ResourceToken, TokenChange};
pub use token::{Origin, OriginType, StaticToken};
pub use user::UserToken;
