//! The holder of a token, and the question that every handler asks.

use super::grant::{Action, Grant, Granted, Resource, ResourceKind};
use crate::error::{Error, Kind, Result};

/// Who holds a token, and what it grants. The token's text is not in here, so this may be shown in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPrincipal {
    /// The workspace that the grants are about; none for the token of a user.
    pub workspace_id: Option<String>,
    /// The user whose token this is; none for tokens that belong to a workspace alone.
    pub user_id: Option<String>,
    /// None for a JWT, of which nothing is stored.
    pub token_id: Option<String>,
    /// What the request log and the rate limit know the token by. JWTs may share one.
    pub token_name: String,
    pub grants: Vec<Grant>,
    /// Requests per second; none without a limit.
    pub rps_max: Option<u32>,
    /// Microseconds since the epoch; none for tokens that stay.
    pub expires_us: Option<i64>,
}

impl TokenPrincipal {
    /// What holds for the action, when it is permitted. Cost: one comparison for each grant.
    ///
    /// # Errors
    /// `Denied`, with the scope that is missing, or when the scopes contradict each other or have a filter on an action
    /// that is not reading.
    pub fn may(&self, action: Action, resource: &Resource) -> Result<Granted> {
        if self.is_quarantine_of_filtered(resource) {
            return Err(Error::new(
                Kind::Denied,
                "this token's scope has a filter, and the quarantine cannot keep to it",
            ));
        }
        let mut granted = None;
        if !self.is_of_another_workspace(resource) {
            for grant in self.grants.iter().filter(|grant| grant.covers(action, resource)) {
                granted.get_or_insert_with(Granted::default).add(grant)?;
            }
        }
        match granted {
            Some(granted) if action != Action::Read && !granted.filters.is_empty() => Err(Error::new(
                Kind::Denied,
                "this token's scope has a filter, which only reading can keep to",
            )),
            granted => granted.ok_or_else(|| denied(action, resource)),
        }
    }

    /// Whether the token may do everything in its workspace.
    pub fn is_admin(&self) -> bool {
        self.may(Action::Admin, &Resource::all(ResourceKind::Workspace)).is_ok()
    }

    /// The filters that the token carries for reading this, permitted or not: a pipe that it may read reads its data
    /// sources with them.
    pub fn filters_on(&self, resource: &Resource) -> Vec<&str> {
        let mut filters: Vec<&str> = Vec::new();
        for grant in self.grants.iter().filter(|grant| grant.covers(Action::Read, resource)) {
            filters.extend(grant.filter.as_deref().filter(|filter| !filters.contains(filter)));
        }
        filters
    }

    /// The rows in a quarantine have other types than a filter knows, and nobody knows whose they are.
    fn is_quarantine_of_filtered(&self, resource: &Resource) -> bool {
        resource.kind == ResourceKind::Quarantine
            && !self.filters_on(&Resource { kind: ResourceKind::DataSource, ..resource.clone() }).is_empty()
    }

    fn is_of_another_workspace(&self, resource: &Resource) -> bool {
        resource.kind == ResourceKind::Workspace
            && resource.name.is_some()
            && resource.name != self.workspace_id
    }
}

/// The text is Tinybird's where it is known: for the data source that a token may not read.
fn denied(action: Action, resource: &Resource) -> Error {
    let (noun, scope) = needed(action, resource.kind);
    let what = match &resource.name {
        Some(name) if scope.ends_with(':') => {
            format!("Not enough permissions for {noun} '{name}', token needs {scope}{name} scope")
        }
        _ => format!("Not enough permissions, token needs {} scope", scope.trim_end_matches(':')),
    };
    Error::new(Kind::Denied, what)
}

/// What Tinybird calls the kind, and the least scope that permits the action; with a colon when the name belongs to it.
const fn needed(action: Action, kind: ResourceKind) -> (&'static str, &'static str) {
    use ResourceKind::{
        DataSource, Feature, Node, OrganizationDataSource, Pipe, Quarantine, ServiceDataSource, Workspace,
    };
    match (kind, action) {
        (DataSource | Quarantine | ServiceDataSource, Action::Read) => ("datasource", "DATASOURCES:READ:"),
        (DataSource, Action::Append) => ("datasource", "DATASOURCES:APPEND:"),
        (DataSource, Action::Drop) => ("datasource", "DATASOURCES:DROP:"),
        (DataSource, Action::Create) => ("datasource", "DATASOURCES:CREATE"),
        (OrganizationDataSource, _) => ("datasource", "ORG_DATASOURCES:READ"),
        (Feature, Action::Read) => ("feature", "FEATURES:READ:"),
        (Node, Action::Read) => ("node", "CATALOG:READ:"),
        (Pipe, Action::Read) => ("pipe", "PIPES:READ:"),
        (Pipe, Action::Drop) => ("pipe", "PIPES:DROP:"),
        (Pipe, Action::Create | Action::Alter) => ("pipe", "PIPES:CREATE"),
        (Workspace, Action::Read) => ("workspace", "WORKSPACE:READ_ALL"),
        (Workspace, Action::Deploy) => ("workspace", "WORKSPACE:DEPLOY"),
        (Workspace, Action::AdministerTokens) => ("workspace", "TOKENS"),
        _ => ("workspace", "ADMIN"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(grants: Vec<Grant>) -> TokenPrincipal {
        TokenPrincipal {
            workspace_id: Some("w1".into()),
            user_id: None,
            token_id: Some("t1".into()),
            token_name: "t".into(),
            grants,
            rps_max: None,
            expires_us: None,
        }
    }
    fn read(name: &str, filter: Option<&str>) -> Grant {
        Grant { filter: filter.map(Into::into), ..Grant::new(Action::Read, Resource::table(name)) }
    }

    #[test]
    fn a_grant_by_id_is_found_and_conditions_add_up() {
        let token =
            token(vec![read("t_1", Some("a = 1")), read("events", Some("b = 2")), read("events", None)]);
        let events = Resource::table("events").with_id("t_1");
        assert_eq!(token.may(Action::Read, &events).unwrap().filters, ["a = 1", "b = 2"]);
        assert_eq!(token.filters_on(&Resource::table("events")), ["b = 2"]);
        assert!(token.may(Action::Append, &events).is_err());
        let all = token.may(Action::Read, &Resource::all(ResourceKind::DataSource)).unwrap_err();
        assert_eq!(all.what, "Not enough permissions, token needs DATASOURCES:READ scope");
        assert!(token.filters_on(&Resource::table("other")).is_empty());
    }

    #[test]
    fn a_resource_without_id_is_not_the_one_without_name() {
        let token = token(vec![Grant::new(Action::Read, Resource::named(ResourceKind::Pipe, "p"))]);
        assert!(token.may(Action::Read, &Resource::all(ResourceKind::Pipe)).is_err());
        let other = Resource::named(ResourceKind::Pipe, "q");
        let refused = token.may(Action::Read, &other).unwrap_err();
        assert_eq!(refused.what, "Not enough permissions for pipe 'q', token needs PIPES:READ:q scope");
        assert_eq!(refused.kind, Kind::Denied);
    }

    #[test]
    fn the_workspace_ends_at_its_border() {
        let admin = token(vec![Grant::new(Action::Admin, Resource::all(ResourceKind::Workspace))]);
        assert!(admin.is_admin());
        assert!(admin.may(Action::Drop, &Resource::table("events")).is_ok());
        assert!(admin.may(Action::Deploy, &Resource::named(ResourceKind::Workspace, "w1")).is_ok());
        assert!(admin.may(Action::Deploy, &Resource::named(ResourceKind::Workspace, "w2")).is_err());
        assert!(admin.may(Action::Read, &Resource::table("organization.usage")).is_err());
        assert!(admin.may(Action::Read, &Resource::named(ResourceKind::User, "u1")).is_err());
        let reader = token(vec![Grant::new(Action::Read, Resource::all(ResourceKind::Workspace))]);
        assert!(reader.may(Action::Read, &Resource::table("tinybird.pipe_stats")).is_ok());
        assert!(reader.may(Action::Append, &Resource::table("events")).is_err() && !reader.is_admin());
    }

    #[test]
    fn a_filter_closes_the_quarantine() {
        let all = Grant::new(Action::Read, Resource::all(ResourceKind::Workspace));
        let token = token(vec![all, read("t_1", Some("a = 1"))]);
        let quarantine = Resource::table("events_quarantine");
        assert!(token.may(Action::Read, &quarantine).is_ok());
        assert_eq!(token.may(Action::Read, &quarantine.with_id("t_1")).unwrap_err().kind, Kind::Denied);
    }

    #[test]
    fn parameters_that_contradict_each_other_are_refused() {
        let fixed = |value: &str| {
            let mut grant = Grant::new(Action::Read, Resource::named(ResourceKind::Pipe, "p"));
            grant.fixed_params.insert("org".into(), value.into());
            grant
        };
        let pipe = Resource::named(ResourceKind::Pipe, "p");
        let both = token(vec![fixed("a"), fixed("a")]).may(Action::Read, &pipe).unwrap();
        assert_eq!(both.fixed_params["org"], "a");
        assert_eq!(
            token(vec![fixed("a"), fixed("b")]).may(Action::Read, &pipe).unwrap_err().kind,
            Kind::Denied
        );
    }
}
