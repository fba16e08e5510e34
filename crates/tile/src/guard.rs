//! The guards of the catalog: of a single user, with one key, or everyone may read; and of workspaces, with their tokens.

use std::sync::Arc;
use tile_base::{Authorizer, Credentials, Error, Kind, Principal, Result, Scope};
use tile_pipes::hub::Hub;

pub struct SingleUser {
    key: String,
    public: bool,
}

impl SingleUser {
    pub fn new(key: String, public: bool) -> Self {
        Self { key, public }
    }
}

/// Compares without telling by its time how much was right.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |d, (x, y)| d | (x ^ y)) == 0
}

impl Authorizer for SingleUser {
    fn authorize(&self, credentials: &Credentials, scope: Scope, _path: &[String]) -> Result<Principal> {
        let denied = |what: String| Error::new(Kind::Unauthenticated, what);
        match credentials {
            Credentials::ApiKey(key) if same(key, &self.key) => Ok(Principal::SingleUser),
            Credentials::ApiKey(_) => Err(denied("Invalid API key".into())),
            Credentials::Bearer(_) => Err(denied("Could not validate credentials".into())),
            Credentials::Unreadable => Err(Error::invalid(
                "Authorization header must include the authorization type followed by a space and then the secret, as in 'Bearer SECRET' or 'Apikey SECRET'. ",
            )),
            Credentials::Anonymous
                if self.public && matches!(scope, Scope::Public | Scope::ReadMetadata | Scope::ReadData) =>
            {
                Ok(Principal::Anonymous)
            }
            Credentials::Anonymous => Err(denied(format!(
                "Not enough permissions. Requires scopes ['{}']. Request had scopes []",
                scope.name()
            ))),
        }
    }
    fn is_public(&self) -> bool {
        self.public
    }
}

/// Tiled's Python client takes only letters, digits and `_` for an API key. A token has others in it, so it may come as the
/// hexadecimal digits of its text.
fn word(shown: &Credentials) -> Credentials {
    let Credentials::ApiKey(key) = shown else { return shown.clone() };
    let digits: Option<Vec<u8>> = key.chars().map(|c| c.to_digit(16)?.try_into().ok()).collect();
    let pairs = digits.filter(|digits| digits.len().is_multiple_of(2));
    let bytes = pairs.map(|d| d.chunks(2).map(|pair| pair.iter().fold(0, |n, d| n << 4 | d)).collect());
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).filter(|text| !text.is_empty());
    text.map_or_else(|| shown.clone(), Credentials::ApiKey)
}

/// The guard of a catalog with workspaces in it: any token of one opens it, and sees what it may read.
pub struct Tokens(pub Arc<Hub>);

impl Authorizer for Tokens {
    fn authorize(&self, credentials: &Credentials, scope: Scope, _path: &[String]) -> Result<Principal> {
        let denied = |what: &str| Error::new(Kind::Unauthenticated, what);
        let token = match credentials {
            Credentials::Anonymous => {
                let name = scope.name();
                return Err(denied(&format!(
                    "Not enough permissions. Requires scopes ['{name}']. Request had scopes []"
                ))
                .hint("Show a token of a workspace as the API key"));
            }
            shown => self.0.authenticate(&word(shown)).map_err(|_| denied("Invalid API key"))?,
        };
        if let Some(rps) = token.rps_max {
            let id = token.workspace_id.as_deref().unwrap_or_default();
            let decision = self.0.limiter.lock().check(id, &token.token_name, rps, self.0.now_us());
            if decision.retry_after_s.is_some() {
                return Err(Error::new(Kind::Limited, format!("The token may ask {rps} times in a second")));
            }
        }
        if scope == Scope::Metrics && !token.is_admin() {
            return Err(Error::new(
                Kind::Denied,
                "metrics are for admins: use an admin token of a workspace",
            ));
        }
        Ok(Principal::Token(token))
    }
    fn is_public(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_may_come_as_hexadecimal_digits() {
        let key = |text: &str| Credentials::ApiKey(text.into());
        assert_eq!(word(&key("702e61")), key("p.a"));
        for other in ["p.a", "702e6", "ff", ""] {
            assert_eq!(word(&key(other)), key(other));
        }
    }

    #[test]
    fn keys_and_anonymous_readers() {
        let guard = SingleUser::new("secret".into(), false);
        let key = |k: &str| Credentials::ApiKey(k.into());
        assert!(guard.authorize(&key("secret"), Scope::Metrics, &[]).is_ok());
        assert!(guard.authorize(&key("secres"), Scope::ReadData, &[]).is_err());
        assert!(guard.authorize(&Credentials::Anonymous, Scope::ReadMetadata, &[]).is_err());
        let public = SingleUser::new("secret".into(), true);
        assert!(public.authorize(&Credentials::Anonymous, Scope::ReadData, &[]).is_ok());
        assert!(public.authorize(&Credentials::Anonymous, Scope::Metrics, &[]).is_err());
        assert!(public.authorize(&key("wrong"), Scope::ReadData, &[]).is_err());
    }
}
