//! Tokens made, found, changed, refreshed, taken away, stored; and who may do that.

use serde_json::{Value, json};
use tile_base::{Action, Credentials, Kind, Resource, ResourceKind, TokenPrincipal};

use super::{authority, counter, held, local, new_token};
use crate::{
    Actor, Authority, Issuer, Member, NewToken, Origin, TokenRegistry, TokenScope, TokenUpdate, UserToken,
};

const ADMIN: &str = "workspace admin token";
const MEMBER: Member = Member { user_id: "u1", email: "a@example.com", administers_organization: false };

fn registry(random: &mut dyn FnMut() -> [u8; 16]) -> TokenRegistry {
    TokenRegistry::new(local(), "w1", random).unwrap()
}

fn principal(registry: &TokenRegistry, key: &str) -> TokenPrincipal {
    let token = registry.find(key).unwrap();
    let inside = local().open(token.text()).unwrap();
    registry.principal(&inside.id, token.text()).unwrap().as_ref().clone()
}

#[test]
fn a_token_is_found_by_name_id_and_text() {
    let mut random = counter();
    let mut registry = registry(&mut random);
    let mut new = new_token("read events", &["DATASOURCES:READ:events:a = 1", "PIPES:READ:top"]);
    new.origin = Origin::parse("DS", Some("t_1")).unwrap();
    let made = registry.create(Actor::Server, new, &mut random).unwrap().clone();
    for key in [made.id(), made.name(), made.text()] {
        assert_eq!(registry.find(key).unwrap(), &made);
    }
    // What is inside the text is not shown anywhere, so the shown id is not the key to it.
    assert_ne!(local().open(made.text()).unwrap().id, made.id());
    assert_eq!(registry.find("nothing").unwrap_err().kind, Kind::NotFound);
    let shown = registry.one_to_json(&principal(&registry, ADMIN), "read events").unwrap();
    let scopes = json!([
        {"type": "DATASOURCES:READ", "resource": "events", "filter": "a = 1"},
        {"type": "PIPES:READ", "resource": "top"},
    ]);
    let wanted = json!({"id": made.id(), "name": "read events", "token": made.text(), "description": "",
        "origin": {"type": "DS", "resource_id": "t_1"}, "scopes": scopes});
    assert_eq!(shown.to_string(), wanted.to_string());
    let names: Vec<&str> = registry.list().map(crate::StaticToken::name).collect();
    assert_eq!(names, ["read events", ADMIN]);
    assert_eq!(registry.find(ADMIN).unwrap().to_json(false)["scopes"], json!([{"type": "ADMIN"}]));
}

#[test]
fn names_are_unique_and_values_are_checked() {
    let mut random = counter();
    let mut registry = registry(&mut random);
    registry.create(Actor::Server, new_token("a", &[]), &mut random).unwrap();
    registry.create(Actor::Server, new_token("b", &[]), &mut random).unwrap();
    for name in ["a", ADMIN] {
        let taken = registry.create(Actor::Server, new_token(name, &[]), &mut random).unwrap_err();
        assert_eq!(taken.kind, Kind::Conflict);
        let update = TokenUpdate { name: Some(name.into()), ..TokenUpdate::default() };
        assert_eq!(registry.update(Actor::Server, "b", update).unwrap_err().kind, Kind::Conflict);
    }
    for name in ["", " ", "a\nb", &"x".repeat(257)] {
        assert_eq!(
            registry.create(Actor::Server, new_token(name, &[]), &mut random).unwrap_err().kind,
            Kind::Invalid
        );
    }
    let description = "x".repeat(5000);
    let long = NewToken { description, ..new_token("c", &[]) };
    assert_eq!(registry.create(Actor::Server, long, &mut random).unwrap_err().kind, Kind::Invalid);
    assert!(Origin::parse("X", None).is_err() && Origin::parse("C", Some("")).is_err());
    assert_eq!(registry.list().count(), 3);
}

#[test]
fn a_full_workspace_says_so() {
    let mut random = counter();
    let mut registry = registry(&mut random);
    for i in 1..10_000 {
        registry.create(Actor::Server, new_token(&i.to_string(), &[]), &mut random).unwrap();
    }
    let refused = registry.create(Actor::Server, new_token("more", &[]), &mut random).unwrap_err();
    assert_eq!(refused.kind, Kind::TooLarge);
    registry.delete(Actor::Server, "1").unwrap();
    registry.create(Actor::Server, new_token("more", &[]), &mut random).unwrap();
    let document = registry.to_document().unwrap();
    assert_eq!(TokenRegistry::from_document(local(), &document).unwrap().list().count(), 10_000);
}

#[test]
fn a_refreshed_or_deleted_token_is_worth_nothing() {
    let mut random = counter();
    let mut authority = authority(&mut random);
    let registry = authority.workspace_mut("w1").unwrap();
    let old =
        registry.create(Actor::Server, new_token("t", &["PIPES:READ:top"]), &mut random).unwrap().clone();
    let new = registry.refresh(Actor::Server, old.text(), &mut random).unwrap().clone();
    assert_eq!((old.id(), old.name(), old.scopes()), (new.id(), new.name(), new.scopes()));
    assert_ne!(old.text(), new.text());
    assert!(authority.authenticate(old.text(), 0).is_err());
    assert!(authority.authenticate(new.text(), 0).is_ok());
    let registry = authority.workspace_mut("w1").unwrap();
    assert_eq!(registry.find(old.text()).unwrap_err().kind, Kind::NotFound);
    registry.delete(Actor::Server, "t").unwrap();
    assert_eq!(registry.delete(Actor::Server, "t").unwrap_err().kind, Kind::NotFound);
    assert!(authority.authenticate(new.text(), 0).is_err());
}

#[test]
fn changed_scopes_hold_at_once() {
    let mut random = counter();
    let mut registry = registry(&mut random);
    registry.create(Actor::Server, new_token("t", &["PIPES:READ:top"]), &mut random).unwrap();
    let scopes = vec![TokenScope::parse("DATASOURCES:APPEND:events").unwrap(); 2];
    let update = TokenUpdate { name: Some("u".into()), description: Some("d".into()), scopes: Some(scopes) };
    let changed = registry.update(Actor::Server, "t", update).unwrap();
    assert_eq!((changed.name(), changed.description(), changed.scopes().len()), ("u", "d", 1));
    let token = principal(&registry, "u");
    assert_eq!(token.token_name, "u");
    assert!(token.may(Action::Append, &Resource::table("events")).is_ok());
    assert!(token.may(Action::Read, &Resource::named(ResourceKind::Pipe, "top")).is_err());
    assert!(registry.find("t").is_err());
}

#[test]
fn the_admin_token_stays() {
    let mut random = counter();
    let mut registry = registry(&mut random);
    registry.add_member(MEMBER, &mut random).unwrap();
    let member = registry.add_member(MEMBER, &mut random).unwrap().clone();
    for name in [ADMIN, "admin a@example.com"] {
        assert_eq!(registry.delete(Actor::Server, name).unwrap_err().kind, Kind::Conflict);
        let update = TokenUpdate { scopes: Some(Vec::new()), ..TokenUpdate::default() };
        assert_eq!(registry.update(Actor::Server, name, update).unwrap_err().kind, Kind::Conflict);
        registry.refresh(Actor::Server, name, &mut random).unwrap();
    }
    assert!(registry.find(member.text()).is_err());
    let token = principal(&registry, "admin a@example.com");
    assert_eq!(token.user_id.as_deref(), Some("u1"));
    assert!(token.is_admin() && token.may(Action::Read, &Resource::named(ResourceKind::User, "u1")).is_ok());
    assert!(!registry.remove_member("u2") && registry.remove_member("u1") && !registry.remove_member("u1"));
    assert!(registry.admin().is_ok() && registry.list().count() == 1);
}

#[test]
fn a_token_cannot_have_more_made_than_it_is() {
    let mut random = counter();
    let mut registry = registry(&mut random);
    for scope in ["TOKENS", "ADMIN", "PIPES:READ:top"] {
        registry.create(Actor::Server, new_token(scope, &[scope]), &mut random).unwrap();
    }
    let (tokens, admin, reader) =
        (principal(&registry, "TOKENS"), principal(&registry, ADMIN), principal(&registry, "PIPES:READ:top"));
    let tokens = Actor::Token(&tokens);
    registry.create(tokens, new_token("x", &["DATASOURCES:READ:events"]), &mut random).unwrap();
    let admin_scope =
        || TokenUpdate { scopes: Some(vec![TokenScope::parse("ADMIN").unwrap()]), ..TokenUpdate::default() };
    let mut refused = vec![
        registry.create(tokens, new_token("y", &["ADMIN"]), &mut random).map(|_| ()),
        registry.create(tokens, new_token("y", &["PIPES:CREATE", "ADMIN_USER:u1"]), &mut random).map(|_| ()),
        registry.update(tokens, "x", admin_scope()).map(|_| ()),
        registry.update(tokens, "ADMIN", TokenUpdate::default()).map(|_| ()),
        registry.refresh(tokens, ADMIN, &mut random).map(|_| ()),
        registry.delete(tokens, "ADMIN"),
    ];
    let actor = Actor::Token(&reader);
    refused.push(registry.create(actor, new_token("y", &["PIPES:READ:top"]), &mut random).map(|_| ()));
    refused.push(registry.refresh(actor, "PIPES:READ:top", &mut random).map(|_| ()));
    refused.push(registry.delete(actor, "x"));
    refused.push(registry.to_json(&reader).map(|_| ()));
    refused.push(registry.one_to_json(&reader, "x").map(|_| ()));
    // Whether a token exists is not for everyone.
    refused.push(registry.one_to_json(&reader, "nothing").map(|_| ()));
    for (i, result) in refused.into_iter().enumerate() {
        assert_eq!(result.unwrap_err().kind, Kind::Denied, "{i}");
    }
    let own = registry.one_to_json(&reader, "PIPES:READ:top").unwrap();
    assert!(own["token"].is_string());
    registry.update(Actor::Token(&admin), "x", admin_scope()).unwrap();
}

#[test]
fn the_organization_is_not_the_workspaces_to_give() {
    let mut random = counter();
    let mut registry = registry(&mut random);
    let scopes = ["ORG_DATASOURCES:READ", "DATASOURCES:READ:organization.jobs_log"];
    for scope in scopes {
        let admin = principal(&registry, ADMIN);
        let actor = Actor::Token(&admin);
        let refused = registry.create(actor, new_token("x", &[scope]), &mut random).unwrap_err();
        assert_eq!(refused.what, "Not enough permissions, token needs ORG_DATASOURCES:READ scope");
        registry.create(Actor::Server, new_token(scope, &[scope]), &mut random).unwrap();
        assert_eq!(registry.refresh(actor, scope, &mut random).unwrap_err().kind, Kind::Denied);
        assert!(registry.one_to_json(&admin, scope).unwrap()["token"].is_null());
        registry.delete(actor, scope).unwrap();
    }
    registry.add_member(MEMBER, &mut random).unwrap();
    let member = Member { administers_organization: true, ..MEMBER };
    let text = registry.find("admin a@example.com").unwrap().text().to_owned();
    assert_eq!(registry.add_member(member, &mut random).unwrap().text(), text);
    let owner = principal(&registry, "admin a@example.com");
    assert!(owner.is_admin() && owner.may(Action::Read, &Resource::table("organization.jobs_log")).is_ok());
    registry.create(Actor::Token(&owner), new_token("x", &scopes), &mut random).unwrap();
    registry.add_member(MEMBER, &mut random).unwrap();
    let demoted = principal(&registry, "admin a@example.com");
    assert!(demoted.may(Action::Read, &Resource::table("organization.jobs_log")).is_err());
}

#[test]
fn files_are_given_by_who_may_read_them() {
    let mut random = counter();
    let mut registry = registry(&mut random);
    for scopes in [&["TOKENS"][..], &["TOKENS", "CATALOG:READ:data/run1"], &["CATALOG:READ:data"]] {
        registry.create(Actor::Server, new_token(&scopes.join(" "), scopes), &mut random).unwrap();
    }
    let admin = principal(&registry, ADMIN);
    registry.create(Actor::Token(&admin), new_token("admin's", &["CATALOG:READ:data"]), &mut random).unwrap();
    let tokens = principal(&registry, "TOKENS");
    let some = principal(&registry, "TOKENS CATALOG:READ:data/run1");
    let below = new_token("y", &["CATALOG:READ:data/run1/a"]);
    registry.create(Actor::Token(&some), below, &mut random).unwrap();
    for (actor, scope) in [
        (&tokens, "CATALOG:READ:data/run1"),
        (&some, "CATALOG:READ:data"),
        (&some, "CATALOG:READ:data/run10"),
    ] {
        let refused =
            registry.create(Actor::Token(actor), new_token("x", &[scope]), &mut random).unwrap_err();
        let path = scope.trim_start_matches("CATALOG:READ:");
        let what = format!("Not enough permissions for node '{path}', token needs {scope} scope");
        assert_eq!((refused.kind, refused.what), (Kind::Denied, what));
        let update =
            TokenUpdate { scopes: Some(vec![TokenScope::parse(scope).unwrap()]), ..TokenUpdate::default() };
        assert!(registry.update(Actor::Token(actor), "TOKENS", update).is_err());
    }
    // Nor does a token that makes others show or renew one.
    assert!(registry.one_to_json(&tokens, "admin's").unwrap()["token"].is_null());
    assert!(registry.refresh(Actor::Token(&tokens), "admin's", &mut random).is_err());
    assert!(registry.one_to_json(&some, "y").unwrap()["token"].is_string());
}

#[test]
fn paths_of_scopes_are_checked() {
    for path in ["data", "data/run 1/x.csv", "data/ä", "data/a.b/..c"] {
        let scope = TokenScope::parse(&format!("CATALOG:READ:{path}")).unwrap();
        assert_eq!(scope.to_json(), serde_json::json!({"type": "CATALOG:READ", "resource": path}));
        assert_eq!(TokenScope::parse(&scope.to_string()).unwrap(), scope);
    }
    let long = "x".repeat(1025);
    for path in ["", "/", "/data", "data/", "data//x", "data/../x", ".", "data/./x", "a\nb", "a\0b", &long] {
        assert!(TokenScope::parse(&format!("CATALOG:READ:{path}")).is_err(), "{path}");
    }
    let filtered = TokenScope::parse("CATALOG:READ:data:who = 'a'").unwrap_err();
    assert_eq!(filtered.what, "the scope `CATALOG:READ` takes no filter");
    assert_eq!(
        TokenScope::parse("CATALOG:READ").unwrap_err().what,
        "the scope `CATALOG:READ` needs a resource"
    );
    assert!(TokenScope::parse("DATASOURCES:READ:data/run1").is_err());
}

#[test]
fn secrets_are_shown_to_those_who_could_make_them() {
    let mut random = counter();
    let mut registry = registry(&mut random);
    for scope in ["TOKENS", "PIPES:READ:top"] {
        registry.create(Actor::Server, new_token(scope, &[scope]), &mut random).unwrap();
    }
    let with_secrets = |viewer: &TokenPrincipal| -> Vec<String> {
        let all = registry.to_json(viewer).unwrap();
        let tokens = all["tokens"].as_array().unwrap();
        assert_eq!(tokens.len(), 3);
        tokens
            .iter()
            .filter(|t| t["token"].is_string())
            .map(|t| t["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(with_secrets(&principal(&registry, "TOKENS")), ["PIPES:READ:top", "TOKENS"]);
    assert_eq!(with_secrets(&principal(&registry, ADMIN)), ["PIPES:READ:top", "TOKENS", ADMIN]);
    let text = registry.find(ADMIN).unwrap().text();
    assert!(!format!("{registry:?}").contains(text) && !format!("{registry:?}").contains("abcd"));
}

#[test]
fn workspaces_do_not_reach_each_other() {
    let mut random = counter();
    let mut authority = authority(&mut random);
    authority.insert_workspace(TokenRegistry::new(local(), "w2", &mut random).unwrap());
    let text = authority.workspace("w2").unwrap().admin().unwrap().text().to_owned();
    let stranger = held(authority.authenticate(&text, 0)).unwrap();
    assert_eq!(stranger.workspace_id.as_deref(), Some("w2"));
    let registry = authority.workspace_mut("w1").unwrap();
    let actor = Actor::Token(&stranger);
    assert_eq!(registry.to_json(&stranger).unwrap_err().kind, Kind::Denied);
    assert_eq!(registry.one_to_json(&stranger, ADMIN).unwrap_err().kind, Kind::Denied);
    assert_eq!(registry.create(actor, new_token("x", &[]), &mut random).unwrap_err().kind, Kind::Denied);
    assert_eq!(registry.refresh(actor, ADMIN, &mut random).unwrap_err().kind, Kind::Denied);
    assert!(registry.find(&text).is_err());
    authority.remove_workspace("w2");
    assert!(authority.authenticate(&text, 0).is_err());
}

#[test]
fn a_registry_is_stored_and_read() {
    let mut random = counter();
    let mut registry = registry(&mut random);
    registry.add_member(MEMBER, &mut random).unwrap();
    registry
        .create(Actor::Server, new_token("t", &["DATASOURCES:READ:events:a = ':\"'"]), &mut random)
        .unwrap();
    let document = registry.to_document().unwrap();
    let read = TokenRegistry::from_document(local(), &document).unwrap();
    assert!(read.list().eq(registry.list()) && read.workspace_id() == "w1");
    assert_eq!(principal(&read, "t"), principal(&registry, "t"));
    assert_eq!(read.to_document().unwrap(), document);

    let other_key = Issuer::new("other", None).unwrap();
    assert_eq!(TokenRegistry::from_document(other_key, &document).unwrap_err().kind, Kind::Damaged);
    let mut json: Value = serde_json::from_str(&document).unwrap();
    let without_admin =
        json["tokens"].as_array().unwrap().iter().filter(|t| t["name"] != ADMIN).cloned().collect();
    let twice = vec![json["tokens"][0].clone(); 2];
    let mut damaged =
        vec!["".to_owned(), "{}".to_owned(), document.replace("\"version\":1", "\"version\":2")];
    damaged.push(document.replace("DATASOURCES:READ", "DATASOURCES:EAT"));
    damaged.push(document.replace("\"w1\"", "\"w2\""));
    for tokens in [Value::Array(without_admin), Value::Array(twice)] {
        json["tokens"] = tokens;
        damaged.push(json.to_string());
    }
    for document in damaged {
        assert_eq!(
            TokenRegistry::from_document(local(), &document).unwrap_err().kind,
            Kind::Damaged,
            "{document}"
        );
    }
}

#[test]
fn tokens_that_were_chosen_beforehand() {
    let mut random = counter();
    let mut authority = Authority::new(local());
    let (workspace, user) = (local().issue("w9", "s1"), local().issue("u9", "s2"));
    authority.insert_workspace(TokenRegistry::adopt(local(), &workspace, &mut random).unwrap());
    authority.insert_user(UserToken::adopt(authority.issuer(), &user, &mut random).unwrap());
    let admin = held(authority.authenticate(&workspace, 0)).unwrap();
    assert!(admin.is_admin() && admin.workspace_id.as_deref() == Some("w9"));
    let other = Issuer::new("other", None).unwrap();
    for text in [other.issue("w9", "s1"), "p.x.y".into(), String::new(), local().issue("", "s")] {
        assert_eq!(TokenRegistry::adopt(local(), &text, &mut random).unwrap_err().kind, Kind::Invalid);
        assert_eq!(UserToken::adopt(&local(), &text, &mut random).unwrap_err().kind, Kind::Invalid);
    }
    assert!(Issuer::new("", None).is_err());
}

#[test]
fn a_user_is_not_a_workspace() {
    let mut random = counter();
    let mut authority = authority(&mut random);
    let mut token = UserToken::new(authority.issuer(), "u1", &mut random);
    let old = token.text().to_owned();
    authority.insert_user(token.clone());
    let user = held(authority.authenticate(&old, 0)).unwrap();
    assert!(user.may(Action::Admin, &Resource::named(ResourceKind::User, "u1")).is_ok());
    assert!(user.may(Action::Create, &Resource::named(ResourceKind::User, "u1")).is_ok());
    assert!(user.may(Action::Read, &Resource::named(ResourceKind::User, "u2")).is_err());
    assert!(user.may(Action::Read, &Resource::table("events")).is_err() && !user.is_admin());
    let stored = serde_json::to_string(&token).unwrap();
    assert_eq!(serde_json::from_str::<UserToken>(&stored).unwrap(), token);
    token.refresh(authority.issuer(), &mut random);
    authority.insert_user(token.clone());
    assert!(authority.authenticate(&old, 0).is_err() && authority.authenticate(token.text(), 0).is_ok());
    assert_eq!(authority.user("u1").unwrap().user_id(), "u1");
    authority.remove_user("u1");
    assert!(authority.authenticate(token.text(), 0).is_err());
}

#[test]
fn what_a_request_brings_along() {
    let mut random = counter();
    let authority = authority(&mut random);
    let text = authority.workspace("w1").unwrap().admin().unwrap().text().to_owned();
    assert!(authority.authenticate_credentials(&Credentials::Bearer(text.clone()), 0).is_ok());
    assert!(authority.authenticate_credentials(&Credentials::ApiKey(text), 0).is_ok());
    for credentials in [Credentials::Anonymous, Credentials::Unreadable, Credentials::Bearer("x".into())] {
        let refused = authority.authenticate_credentials(&credentials, 0).unwrap_err();
        assert_eq!(refused.kind.status(), 403);
        assert!(refused.what.starts_with("invalid authentication token"));
    }
}
