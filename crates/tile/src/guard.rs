//! The guard of a single user: one key, or everyone may read.

use tile_base::{Authorizer, Credentials, Error, Kind, Principal, Result, Scope};

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

#[cfg(test)]
mod tests {
    use super::*;

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
