//! `TOKEN` lines of files become tokens, and go with them.

use serde_json::{Value, json};
use tile_base::{Kind, ResourceKind};

use super::{counter, local, new_token};
use crate::{Actor, Permission, ResourceToken, TokenRegistry, TokenScope, TokenUpdate};

fn lines(text: &str) -> Vec<ResourceToken> {
    let line = |line: &str| {
        let [token_name, permission, kind, resource_name] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        ResourceToken {
            token_name: token_name.into(),
            permission: match permission {
                "READ" => Permission::Read,
                "APPEND" => Permission::Append,
                _ => Permission::Create,
            },
            resource_kind: if kind == "pipe" { ResourceKind::Pipe } else { ResourceKind::DataSource },
            resource_name: resource_name.into(),
        }
    };
    text.split(", ").filter(|text| !text.is_empty()).map(line).collect()
}

/// Name, change, `+` what comes and `-` what goes, as a client prints them.
fn told(changes: &[crate::TokenChange]) -> Vec<String> {
    let permissions = |list: &Value, sign: &str| -> String {
        let one = |p: &Value| {
            format!(
                " {sign}{}.{}:{}",
                text(&p["resource_name"]),
                text(&p["resource_type"]),
                text(&p["permission"])
            )
        };
        list.as_array().unwrap().iter().map(one).collect()
    };
    let told = |change: &crate::TokenChange| {
        let json = change.to_json();
        let changes = &json["permission_changes"];
        let (added, removed) = (&changes["added_permissions"], &changes["removed_permissions"]);
        let (name, what) = (text(&json["token_name"]), text(&json["change_type"]));
        format!("{name} {what}{}{}", permissions(added, "+"), permissions(removed, "-"))
    };
    changes.iter().map(told).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn scopes(registry: &TokenRegistry, name: &str) -> Vec<String> {
    registry.find(name).unwrap().scopes().into_iter().map(TokenScope::to_string).collect()
}

#[test]
fn tokens_follow_the_files() {
    let mut random = counter();
    let mut registry = TokenRegistry::new(local(), "w1", &mut random).unwrap();
    let first = lines(
        "app READ datasource events, tracker APPEND datasource events, app READ pipe top, app READ pipe top",
    );
    let wanted = ["app new +events.datasource:READ +top.pipe:READ", "tracker new +events.datasource:APPEND"];
    assert_eq!(told(&registry.changes_from_resources(&first).unwrap()), wanted);
    assert_eq!(registry.list().count(), 1);
    assert_eq!(told(&registry.sync_from_resources(&first, &mut random).unwrap()), wanted);
    assert_eq!(scopes(&registry, "app"), ["DATASOURCES:READ:events", "PIPES:READ:top"]);
    let app = registry.find("app").unwrap().clone();
    assert_eq!(app.to_json(false)["origin"], json!({"type": "DS", "resource_id": "events"}));
    assert_eq!(told(&registry.sync_from_resources(&first, &mut random).unwrap()), [""; 0]);
    assert_eq!(registry.find("app").unwrap(), &app);

    let second = lines("app READ pipe top, app READ pipe other, old CREATE datasource events");
    let changes = registry.sync_from_resources(&second, &mut random).unwrap();
    let wanted = [
        "app modified +other.pipe:READ -events.datasource:READ",
        "old new +events.datasource:CREATE",
        "tracker deleted -events.datasource:APPEND",
    ];
    assert_eq!(told(&changes), wanted);
    assert_eq!(scopes(&registry, "app"), ["PIPES:READ:other", "PIPES:READ:top"]);
    assert_eq!(registry.find("app").unwrap().text(), app.text());
    assert!(registry.find("tracker").is_err());
    let read = TokenRegistry::from_document(local(), &registry.to_document().unwrap()).unwrap();
    assert!(read.changes_from_resources(&second).unwrap().is_empty());

    registry.sync_from_resources(&[], &mut random).unwrap();
    assert_eq!(registry.list().count(), 1);
}

#[test]
fn what_was_given_by_hand_stays() {
    let mut random = counter();
    let mut registry = TokenRegistry::new(local(), "w1", &mut random).unwrap();
    registry
        .create(Actor::Server, new_token("mine", &["PIPES:READ:a", "PIPES:READ:both"]), &mut random)
        .unwrap();
    registry.create(Actor::Server, new_token("empty", &[]), &mut random).unwrap();
    let files = lines("mine READ pipe both, mine READ pipe b, empty READ pipe b, ours READ pipe b");
    registry.sync_from_resources(&files, &mut random).unwrap();
    assert_eq!(scopes(&registry, "mine"), ["PIPES:READ:a", "PIPES:READ:b", "PIPES:READ:both"]);

    // A change by hand replaces what is by hand.
    let by_hand = |text: &str| TokenUpdate {
        scopes: Some(vec![TokenScope::parse(text).unwrap()]),
        ..TokenUpdate::default()
    };
    registry.update(Actor::Server, "mine", by_hand("PIPES:READ:c")).unwrap();
    assert_eq!(scopes(&registry, "mine"), ["PIPES:READ:b", "PIPES:READ:both", "PIPES:READ:c"]);
    registry.update(Actor::Server, "ours", by_hand("PIPES:READ:b")).unwrap();

    let changes = registry.sync_from_resources(&[], &mut random).unwrap();
    let wanted = [
        "empty modified -b.pipe:READ",
        "mine modified -b.pipe:READ -both.pipe:READ",
        "ours deleted -b.pipe:READ",
    ];
    assert_eq!(told(&changes), wanted);
    assert_eq!(scopes(&registry, "mine"), ["PIPES:READ:c"]);
    assert!(scopes(&registry, "empty").is_empty() && registry.find("ours").is_err());
}

#[test]
fn wrong_lines_change_nothing() {
    let mut random = counter();
    let mut registry = TokenRegistry::new(local(), "w1", &mut random).unwrap();
    registry.sync_from_resources(&lines("app READ pipe top"), &mut random).unwrap();
    let before = registry.to_document().unwrap();
    for wrong in [
        "x APPEND pipe top",
        "x CREATE pipe top",
        "x READ datasource a:b",
        "x READ datasource organization.jobs_log",
    ] {
        let lines = lines(&format!("new READ pipe top, {wrong}"));
        assert_eq!(
            registry.sync_from_resources(&lines, &mut random).unwrap_err().kind,
            Kind::Invalid,
            "{wrong}"
        );
    }
    let mut kept = lines("new READ pipe top, x READ pipe top");
    kept[1].token_name = "workspace admin token".into();
    assert_eq!(registry.sync_from_resources(&kept, &mut random).unwrap_err().kind, Kind::Conflict);
    let mut many = vec![lines("new READ pipe top").remove(0); 10_000];
    for (i, line) in many.iter_mut().enumerate() {
        line.token_name = i.to_string();
    }
    assert_eq!(registry.sync_from_resources(&many, &mut random).unwrap_err().kind, Kind::TooLarge);
    assert_eq!(registry.to_document().unwrap(), before);
}
