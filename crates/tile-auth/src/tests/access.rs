//! `access.txt`: scopes, what is asked, and the answer.

use tile_base::{Action, Resource, ResourceKind, TokenPrincipal};

use super::{authority, counter, held, new_token};
use crate::{Actor, ScopeType};

const CASES: &str = include_str!("../../../../tests/pipes/auth/access.txt");

fn action(name: &str) -> Action {
    match name {
        "read" => Action::Read,
        "append" => Action::Append,
        "create" => Action::Create,
        "alter" => Action::Alter,
        "drop" => Action::Drop,
        "deploy" => Action::Deploy,
        "tokens" => Action::AdministerTokens,
        "admin" => Action::Admin,
        other => panic!("{other}"),
    }
}

fn resource(kind: &str, name: &str) -> Resource {
    let kind = match kind {
        "datasource" => ResourceKind::DataSource,
        "pipe" => ResourceKind::Pipe,
        "feature" => ResourceKind::Feature,
        "workspace" => ResourceKind::Workspace,
        "node" => ResourceKind::Node,
        "user" => ResourceKind::User,
        other => panic!("{other}"),
    };
    let (name, id) = name.split_once('=').map_or((name, None), |(name, id)| (name, Some(id)));
    let resource = match kind {
        _ if name == "*" => Resource::all(kind),
        ResourceKind::DataSource => Resource::table(name),
        ResourceKind::Node => Resource::node(name.split('/')),
        _ => Resource::named(kind, name),
    };
    Resource { id: id.map(Into::into), ..resource }
}

fn answer(token: &TokenPrincipal, question: &str) -> String {
    let [action_name, kind, name] = question.splitn(3, ' ').collect::<Vec<_>>()[..] else {
        panic!("{question}")
    };
    match token.may(action(action_name), &resource(kind, name)) {
        Err(_) => "no".into(),
        Ok(granted) if granted.filters.is_empty() => "yes".into(),
        Ok(granted) => granted.filters.join(" & "),
    }
}

#[test]
fn scopes_permit_what_they_should_and_nothing_else() {
    let mut random = counter();
    let (mut token, mut wrong, mut count, mut seen) = (None, Vec::new(), 0, Vec::new());
    for (i, line) in CASES.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
        } else if let Some(scopes) = line.strip_prefix("token:") {
            let scopes: Vec<&str> = scopes.trim().split(" + ").filter(|scope| !scope.is_empty()).collect();
            let mut authority = authority(&mut random);
            let registry = authority.workspace_mut("w1").unwrap();
            let made = registry.create(Actor::Server, new_token("t", &scopes), &mut random).unwrap();
            seen.extend(made.scopes().iter().map(|scope| scope.scope_type()));
            let text = made.text().to_owned();
            token = Some(held(authority.authenticate(&text, 0)).unwrap());
        } else {
            let (question, wanted) = line.split_once(": ").unwrap();
            let found = answer(token.as_ref().unwrap(), question);
            if found != wanted {
                wrong.push(format!("line {}: {line}, not {found}", i + 1));
            }
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 120, "{count}");
    assert!(ScopeType::ALL.iter().all(|scope_type| seen.contains(scope_type)), "a type has no case");
}
