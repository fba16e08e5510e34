//! What holds for all scopes and all texts.

use proptest::prelude::*;
use tile_base::Kind;

use super::{authority, counter};
use crate::{Actor, JwtRequest, ScopeType, TokenScope};

fn scope() -> impl Strategy<Value = TokenScope> {
    let resource = prop::option::of("[A-Za-z0-9_.-]{1,40}");
    let filter = prop::option::of("[^\0]{1,40}");
    let made = |(i, resource, filter): (usize, Option<String>, Option<String>)| {
        TokenScope::new(ScopeType::ALL[i], resource.as_deref(), filter.as_deref()).ok()
    };
    (0..ScopeType::ALL.len(), resource, filter).prop_filter_map("fits its type", made)
}

/// The text with the character at the place changed, left out, or with another one before it.
fn changed(text: &str, place: usize, with: char, how: u8) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let place = place % characters.len();
    match how {
        0 => characters[place] = with,
        1 => characters.insert(place, with),
        2 => characters.push(with),
        _ => {
            characters.remove(place);
        }
    }
    characters.into_iter().collect()
}

proptest! {
    #[test]
    fn a_scope_is_read_as_it_is_printed(scope in scope()) {
        let text = scope.to_string();
        prop_assert_eq!(&TokenScope::parse(&text).unwrap(), &scope);
        let stored = serde_json::to_string(&scope).unwrap();
        prop_assert_eq!(serde_json::from_str::<TokenScope>(&stored).unwrap(), scope);
    }

    #[test]
    fn any_text_is_a_scope_or_refused(text in "(ADMIN|TOKENS|DATASOURCES|PIPES|:|READ|DROP|[a-z:' é])*") {
        match TokenScope::parse(&text) {
            Ok(scope) => prop_assert_eq!(scope.to_string(), text),
            Err(e) => prop_assert_eq!(e.kind, Kind::Invalid),
        }
    }

    #[test]
    fn a_changed_token_is_no_token(
        place in 0_usize..1000, with in "[A-Za-z0-9_.=é-]", how in 0_u8..4, is_jwt in any::<bool>(),
    ) {
        let mut random = counter();
        let authority = authority(&mut random);
        let registry = authority.workspace("w1").unwrap();
        let body = br#"{"scopes": [{"type": "PIPES:READ", "resource": "top"}]}"#;
        let jwt = registry.create_jwt(Actor::Server, &JwtRequest::parse("n", "9", body, 0).unwrap()).unwrap();
        let text = if is_jwt { jwt.as_str() } else { registry.admin().unwrap().text() };
        prop_assert!(authority.authenticate(text, 0).is_ok());
        let changed = changed(text, place, with.chars().next().unwrap(), how);
        prop_assert_eq!(authority.authenticate(&changed, 0).is_ok(), changed == text);
        prop_assert!(changed == text || registry.find(&changed).is_err());
    }

    #[test]
    fn any_text_is_refused(text in any::<String>()) {
        let mut random = counter();
        prop_assert_eq!(authority(&mut random).authenticate(&text, 0).unwrap_err().kind, Kind::Denied);
    }
}
