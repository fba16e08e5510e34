//! What callers are told when they are not let in. All are 403, as with Tinybird, whose clients ask for a token then.

use tile_base::{Error, Kind};

/// The page that goes with each of these in the field `documentation` of the answer.
pub const DOCUMENTATION_URL: &str = "https://docs.tinybird.co/api-reference/overview#authentication";

/// There is no token. The text is not verified.
pub fn missing() -> Error {
    denied("invalid authentication token")
}

/// The token is not ours, or no longer. Tinybird repeats the token after this text; we do not, since it may be a secret
/// with a slip in it.
pub fn invalid() -> Error {
    denied("invalid authentication token. Invalid token")
}

/// The JWT was ours until `exp`. The text is not verified.
pub fn expired() -> Error {
    denied("invalid authentication token. Signature has expired")
}

/// The JWT is signed by us, and asks for what a JWT cannot have. The text is not verified.
pub(crate) fn unusable(why: &str) -> Error {
    denied(&format!("invalid authentication token. {why}"))
}

fn denied(what: &str) -> Error {
    Error::new(Kind::Denied, what)
}
