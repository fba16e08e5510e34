//! JWTs that PyJWT made, those that we make, and what is done to them.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tile_base::{Action, Error, Kind, ResourceKind, TokenPrincipal};

use super::{authority, counter, held, local, new_token};
use crate::{Actor, Authority, Issuer, JwtRequest, TokenRegistry, refusal};

const JWTS: &str = include_str!("../../../../tests/pipes/auth/jwts.json");
const STATIC: &str = include_str!("../../../../tests/pipes/auth/static_tokens.json");

#[derive(Deserialize)]
struct Jwts {
    now_s: i64,
    secret: String,
    other_secret: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    outcome: String,
    token: String,
    principal: Option<Value>,
}

#[derive(Deserialize)]
struct Static {
    owner: String,
    id: String,
    host: Option<String>,
    token: String,
}

fn outcome(result: &Result<tile_base::Principal, Error>) -> &'static str {
    match result {
        Ok(_) => "valid",
        Err(e) if e.kind == Kind::Denied && e.what == refusal::expired().what => "expired",
        Err(e) if e.kind == Kind::Denied => "refused",
        Err(e) => panic!("{e}"),
    }
}

/// The reading grants and the limit, as the cases have them.
fn shown(token: &TokenPrincipal) -> Value {
    let grant = |grant: &tile_base::Grant| {
        let kind = match grant.resource.kind {
            ResourceKind::Pipe => "pipe",
            ResourceKind::DataSource => "datasource",
            other => panic!("{other:?}"),
        };
        json!([kind, grant.resource.name, grant.filter, grant.fixed_params])
    };
    let reading = token
        .grants
        .iter()
        .filter(|g| g.action == Action::Read && g.resource.kind != ResourceKind::Quarantine);
    let mut shown = json!({"grants": reading.map(grant).collect::<Vec<_>>()});
    if let Some(rps) = token.rps_max {
        shown["rps"] = json!(rps);
    }
    shown
}

fn adopted(secrets: &[&str]) -> Authority {
    let (mut authority, mut random) = (Authority::new(local()), counter());
    for secret in secrets {
        authority.insert_workspace(TokenRegistry::adopt(local(), secret, &mut random).unwrap());
    }
    authority
}

#[test]
fn jwts_of_pyjwt() {
    let jwts: Jwts = serde_json::from_str(JWTS).unwrap();
    let authority = adopted(&[&jwts.secret, &jwts.other_secret]);
    let mut wrong = Vec::new();
    for case in &jwts.cases {
        let found = authority.authenticate(&case.token, jwts.now_s * 1_000_000 + 999_999);
        if outcome(&found) != case.outcome {
            wrong.push(format!("{}: {found:?}", case.name));
        } else if let Some(wanted) = &case.principal {
            let token = held(found).unwrap();
            if shown(&token) != *wanted || token.token_id.is_some() || token.token_name != "frontend" {
                wrong.push(format!("{}: {token:?}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(jwts.cases.len() > 50);
}

#[test]
fn static_tokens_of_tinybird() {
    let cases: Vec<Static> = serde_json::from_str(STATIC).unwrap();
    for case in &cases {
        let issuer = Issuer::new("abcd", case.host.clone()).unwrap();
        assert_eq!(issuer.issue(&case.owner, &case.id), case.token);
        let inside = issuer.open(&case.token).unwrap();
        assert_eq!((inside.owner, inside.id), (case.owner.clone(), case.id.clone()));
        assert!(Issuer::new("abce", None).unwrap().open(&case.token).is_none());
    }
    assert_eq!(cases.len(), 5);
}

#[test]
fn a_signed_token_that_is_not_stored_opens_nothing() {
    let jwts: Jwts = serde_json::from_str(JWTS).unwrap();
    let authority = adopted(&[&jwts.secret]);
    let workspace_id = local().open(&jwts.secret).unwrap().owner;
    for (owner, id) in [(workspace_id.as_str(), "guessed"), ("nobody", "guessed"), (&workspace_id, "")] {
        let forged = local().issue(owner, id);
        assert_eq!(authority.authenticate(&forged, 0).unwrap_err().what, refusal::invalid().what);
    }
    // The right ids with another host: the signature is right, the text is not the stored one.
    let id = local().open(&jwts.secret).unwrap().id;
    let other_host = Issuer::new("abcd", Some("http://evil".into())).unwrap().issue(&workspace_id, &id);
    assert!(authority.authenticate(&other_host, 0).is_err());
    assert!(authority.authenticate(&jwts.secret, 0).is_ok());
    assert_eq!(authority.authenticate("", 0).unwrap_err().what, refusal::missing().what);
    let shapes = ["p.", "p..", "p", ".", "..", "...", "notreal", "p.e30.e30", "Bearer x", "\u{0}", "p.é.é"];
    for text in shapes.into_iter().map(str::to_owned).chain(["p.".to_owned() + &"a".repeat(1 << 20)]) {
        let refused = authority.authenticate(&text, 0).unwrap_err();
        assert_eq!((refused.kind, refused.what), (Kind::Denied, refusal::invalid().what));
    }
}

fn request(body: &Value) -> Result<JwtRequest, Error> {
    JwtRequest::parse("mine", "1000", body.to_string().as_bytes(), 0)
}

#[test]
fn a_jwt_that_we_make_says_what_was_asked_for() {
    let mut random = counter();
    let mut authority = authority(&mut random);
    let body = json!({"scopes": [
        {"type": "PIPES:READ", "resource": "top", "fixed_params": {"org": "a"}},
        {"type": "DATASOURCES:READ", "resource": "events", "filter": "a = 1"},
        {"type": "DATASOURCES:APPEND", "resource": "events"},
    ], "limits": {"rps": 7}});
    let text =
        authority.workspace("w1").unwrap().create_jwt(Actor::Server, &request(&body).unwrap()).unwrap();
    let token = held(authority.authenticate(&text, 999_999_999)).unwrap();
    let grants = json!([["pipe", "top", null, {"org": "a"}], ["datasource", "events", "a = 1", {}]]);
    assert_eq!(shown(&token), json!({"grants": grants, "rps": 7}));
    assert_eq!((token.expires_us, token.workspace_id.as_deref()), (Some(1_000_000_000), Some("w1")));
    assert_eq!(outcome(&authority.authenticate(&text, 1_000_000_000)), "expired");

    let registry = authority.workspace_mut("w1").unwrap();
    registry.refresh(Actor::Server, "workspace admin token", &mut random).unwrap();
    assert_eq!(outcome(&authority.authenticate(&text, 0)), "refused");
}

#[test]
fn who_may_have_a_jwt_made() {
    let mut random = counter();
    let mut authority = authority(&mut random);
    let asked = request(&json!({"scopes": [{"type": "PIPES:READ", "resource": "top"}]})).unwrap();
    for (scope, wanted) in
        [("ADMIN", true), ("TOKENS", true), ("WORKSPACE:READ_ALL", false), ("PIPES:READ:top", false)]
    {
        let registry = authority.workspace_mut("w1").unwrap();
        let text = registry
            .create(Actor::Server, new_token(scope, &[scope]), &mut random)
            .unwrap()
            .text()
            .to_owned();
        let actor = held(authority.authenticate(&text, 0)).unwrap();
        let made = authority.workspace("w1").unwrap().create_jwt(Actor::Token(&actor), &asked);
        assert_eq!(made.is_ok(), wanted, "{scope}");
    }
}

#[test]
fn requests_for_jwts_that_are_wrong() {
    let scope = |scope: Value| json!({ "scopes": [scope] });
    let bodies = [
        json!({}),
        json!([]),
        json!({"scopes": {}}),
        json!({"scopes": ["PIPES:READ:top"]}),
        scope(json!({"type": "ADMIN"})),
        scope(json!({"type": "CATALOG:READ", "resource": "data"})),
        scope(json!({"type": "PIPES:READ", "resource": "data/run1"})),
        scope(json!({"type": "PIPES:READ"})),
        scope(json!({"type": "PIPES:READ", "resource": "a:b"})),
        scope(json!({"type": "PIPES:READ", "resource": "top", "fixed_params": 1})),
        scope(json!({"type": "DATASOURCES:READ", "resource": "events", "fixed_params": {"a": 1}})),
        scope(json!({"type": "DATASOURCES:READ", "resource": "events", "filter": " "})),
        json!({"scopes": [], "limits": {"rps": "many"}}),
        json!({"scopes": [], "limits": 3}),
    ];
    for body in bodies {
        assert_eq!(request(&body).unwrap_err().kind, Kind::Invalid, "{body}");
    }
    let body = br#"{"scopes": []}"#;
    for time in ["", "0", "-5", "1.5", "soon", "99999999999999999999"] {
        assert_eq!(JwtRequest::parse("n", time, body, 0).unwrap_err().kind, Kind::Invalid, "{time}");
    }
    assert_eq!(JwtRequest::parse("", "9", body, 0).unwrap_err().kind, Kind::Invalid);
    assert_eq!(JwtRequest::parse("n", "9", &[b' '; 40_000], 0).unwrap_err().kind, Kind::TooLarge);
    let long: Map<String, Value> = [("a".to_owned(), Value::from("x".repeat(26_000)))].into_iter().collect();
    let long = request(&scope(json!({"type": "PIPES:READ", "resource": "p", "fixed_params": long}))).unwrap();
    let mut random = counter();
    let authority = authority(&mut random);
    let made = authority.workspace("w1").unwrap().create_jwt(Actor::Server, &long);
    assert_eq!(made.unwrap_err().kind, Kind::TooLarge);
}
