//! Scopes, tokens, stored tokens, and JWTs: the input is each of them, and what is inside a JWT that is rightly signed.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tile_auth::{Actor, Authority, Issuer, JwtRequest, TokenRegistry, TokenScope};
use tile_base::{Action, Kind, Principal, ResourceKind, TokenPrincipal};

pub const SEEDS: &[&[u8]] = &[
    b"DATASOURCES:READ:events:org = 'a:b'",
    b"ADMIN_USER:0b9c5d1e-8a4f-4a55-9d61-3f6f0a5a7c11",
    b"{\"workspace_id\":\"w\",\"name\":\"n\",\"exp\":9,\"scopes\":[{\"type\":\"PIPES:READ\",\"resource\":\"p\",\"fixed_params\":{\"a\":1}}]}",
    b"{\"workspace_id\":\"w\",\"name\":\"n\",\"exp\":9e3,\"nbf\":0,\"scopes\":[{\"type\":\"DATASOURCES:READ\",\"resource\":\"d\",\"filter\":\"a = 1\"}],\"limits\":{\"rps\":2.5}}",
    b"p.eyJ1IjogInciLCAiaWQiOiAiMDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAwIiwgImhvc3QiOiBudWxsfQ.AAAA",
    b"{\"version\":1,\"workspace_id\":\"w\",\"tokens\":[{\"id\":\"i\",\"name\":\"workspace admin token\",\"token\":\"p.x.y\",\"description\":\"\",\"origin\":{\"type\":\"C\"},\"keeper\":\"server\",\"scopes\":[\"ADMIN\"],\"file_scopes\":[]}]}",
];

const HEADER: &[u8] = br#"{"alg":"HS256"}"#;

#[expect(clippy::expect_used, reason = "neither depends on the input")]
static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| {
    let issuer = Issuer::new("key", None).expect("a key");
    let mut authority = Authority::new(issuer.clone());
    authority.insert_workspace(TokenRegistry::new(issuer, "w", &mut || [0; 16]).expect("a workspace"));
    authority
});

/// # Panics
/// When a token is accepted that is none, or grants what it cannot.
pub fn run(data: &[u8]) {
    let Some(registry) = AUTHORITY.workspace("w") else { return };
    let Ok(admin) = registry.admin().map(tile_auth::StaticToken::text) else { return };
    if let Ok(text) = std::str::from_utf8(data) {
        scope(text);
        let accepted = AUTHORITY.authenticate(text, 0);
        assert!(accepted.is_err_and(|e| e.kind == Kind::Denied) || text == admin);
        let read = TokenRegistry::from_document(AUTHORITY.issuer().clone(), text);
        assert!(read.is_err(), "nobody else can sign a token");
    }
    if let Some(token) = held(&signed(data, admin)) {
        reads_and_appends(&token);
    }
    let Ok(request) = JwtRequest::parse("n", "9", data, 0) else { return };
    let Ok(text) = registry.create_jwt(Actor::Server, &request) else { return };
    match held(&text) {
        Some(token) => reads_and_appends(&token),
        None => panic!("our own JWT is refused: {text}"),
    }
}

fn scope(text: &str) {
    let Ok(scope) = TokenScope::parse(text) else { return };
    assert_eq!(scope.to_string(), text);
    assert!(!scope.grants().is_empty());
}

/// A JWT with these bytes inside.
fn signed(payload: &[u8], secret: &str) -> String {
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(payload));
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return text };
    let signature = mac.chain_update(&text).finalize().into_bytes();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn held(text: &str) -> Option<TokenPrincipal> {
    match AUTHORITY.authenticate(text, 0) {
        Ok(Principal::Token(token)) => Some(token.as_ref().clone()),
        Ok(_) => panic!("a token is no {text}"),
        Err(e) => {
            assert_eq!(e.kind, Kind::Denied);
            None
        }
    }
}

/// All that a JWT can.
fn reads_and_appends(token: &TokenPrincipal) {
    assert!(token.workspace_id.as_deref() == Some("w") && token.expires_us.is_some_and(|us| us > 0));
    assert!(!token.is_admin() && token.user_id.is_none() && token.token_id.is_none());
    for grant in &token.grants {
        assert!(matches!(grant.action, Action::Read | Action::Append) && grant.resource.name.is_some());
        assert!(!matches!(grant.resource.kind, ResourceKind::Workspace | ResourceKind::User));
        assert_ne!(grant.resource.kind, ResourceKind::OrganizationDataSource);
    }
}
