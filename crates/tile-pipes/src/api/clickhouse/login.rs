//! Where a request has its token: the password, wherever clients put one. The user's name is no credential.

use tile_base::Credentials;
use tile_web::{Req, request};

/// The password of Basic authentication, `X-ClickHouse-Key` or `password`; or a bearer token.
pub fn credentials(req: &Req) -> Credentials {
    if let Some((_, password)) = request::basic(&req.headers) {
        return Credentials::Bearer(password);
    }
    let key = req.header("x-clickhouse-key");
    if !key.is_empty() {
        return Credentials::Bearer(key.to_owned());
    }
    let bearer = req.header("authorization").split_once(' ');
    if let Some((_, token)) = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) {
        return Credentials::Bearer(token.trim().to_owned());
    }
    match req.query.get("password").filter(|p| !p.is_empty()) {
        Some(password) => Credentials::Bearer(password.to_owned()),
        None => Credentials::Anonymous,
    }
}

/// What the client calls the user.
pub fn user(req: &Req) -> Option<String> {
    let header = req.header("x-clickhouse-user");
    let named = (!header.is_empty()).then(|| header.to_owned());
    let named = named.or_else(|| request::basic(&req.headers).map(|(user, _)| user));
    named.or_else(|| req.query.get("user").map(str::to_owned)).filter(|user| !user.is_empty())
}
