//! Where a request has its token: the password, wherever clients put one. The user's name is no credential.

use base64::Engine;
use tile_base::Credentials;
use tile_web::Req;

/// The password of Basic authentication, `X-ClickHouse-Key` or `password`; or a bearer token.
pub fn credentials(req: &Req) -> Credentials {
    if let Some((_, password)) = basic(req) {
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
    let named = named.or_else(|| basic(req).map(|(user, _)| user));
    named.or_else(|| req.query.get("user").map(str::to_owned)).filter(|user| !user.is_empty())
}

fn basic(req: &Req) -> Option<(String, String)> {
    let (scheme, text) = req.header("authorization").split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
