//! A request of a token: the workspace, and what the token may do in it.

use super::App;
use crate::hub::{Hub, Tenant};
use crate::observe::tables::SPACE;
use crate::workspace::scope::Sight;
use crate::workspace::{Live, Which};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use tile_base::{Action, Error, Principal, Resource, ResourceKind, Result, TokenPrincipal};
use tile_web::Req;

/// Who asks, and where.
pub struct Call {
    pub token: Arc<TokenPrincipal>,
    pub tenant: Arc<Tenant>,
    /// The deployment that is meant.
    pub which: Which,
    /// That deployment, as it was when the call came.
    pub live: Arc<Live>,
}

/// The parameter that says which deployment a call means. The command sends it with every call.
const DEPLOYMENT: &str = "__tb__deployment";

impl Call {
    /// A call for what a deployment defines.
    ///
    /// # Errors
    /// `Denied` for a token of no workspace, `NotFound` for one of a workspace that is gone, and when no deployment is in staging
    /// and that one is meant.
    pub fn new(app: &App, req: &Req) -> Result<Self> {
        let mut out = Self::of_workspace(app, req)?;
        out.which = match req.query.get(DEPLOYMENT) {
            None | Some("" | "live") => Which::Live,
            Some("staging") => Which::Staging,
            Some(other) => {
                let e = Error::invalid(format!("unknown deployment `{other}`"));
                return Err(e.hint(format!("`{DEPLOYMENT}` is `live` or `staging`")));
            }
        };
        out.live = out.tenant.workspace.deployed().get(out.which)?.clone();
        Ok(out)
    }

    /// A call for what belongs to the workspace, whichever deployment is meant.
    ///
    /// # Errors
    /// `Denied` for a token of no workspace, `NotFound` for one of a workspace that is gone.
    pub fn of_workspace(app: &App, req: &Req) -> Result<Self> {
        Self::of(&app.hub, token(req)?)
    }

    /// The same of a token that came another way.
    ///
    /// # Errors
    /// As [`Call::of_workspace`].
    pub fn of(hub: &Hub, token: Arc<TokenPrincipal>) -> Result<Self> {
        let id = token.workspace_id.as_deref().ok_or_else(tile_auth::refusal::invalid)?;
        let tenant = hub.by_id(id)?;
        let live = tenant.workspace.live();
        Ok(Self { token, tenant, which: Which::Live, live })
    }

    /// # Errors
    /// `Denied`, with the scope that is missing.
    pub fn may(&self, action: Action, resource: &Resource) -> Result<tile_base::Granted> {
        self.token.may(action, resource)
    }

    /// For what only those who administer the workspace may do.
    ///
    /// # Errors
    /// `Denied`.
    pub fn administers(&self) -> Result<()> {
        self.may(Action::Admin, &Resource::all(ResourceKind::Workspace)).map(drop)
    }

    /// A data source by its name or id, as a resource.
    pub fn datasource(&self, name: &str) -> (String, Resource) {
        let live = &self.live;
        let by_id = || live.resources.sources.values().find(|s| s.home.id == name);
        match live.resources.sources.get(name).or_else(by_id) {
            Some(source) => {
                let name = source.file.name.clone();
                (
                    name.clone(),
                    Resource::named(ResourceKind::DataSource, name).with_id(source.home.id.clone()),
                )
            }
            None => (name.to_owned(), Resource::named(ResourceKind::DataSource, name)),
        }
    }

    /// A pipe by its name or id, as a resource.
    pub fn pipe(&self, name: &str) -> (String, Resource) {
        let live = &self.live;
        let by_id = || live.resources.pipes.values().find(|p| p.id == name);
        match live.resources.pipes.get(name).or_else(by_id) {
            Some(pipe) => {
                let name = pipe.file.name.clone();
                (name.clone(), Resource::named(ResourceKind::Pipe, name).with_id(pipe.id.clone()))
            }
            None => (name.to_owned(), Resource::named(ResourceKind::Pipe, name)),
        }
    }

    /// What SQL of this caller may name.
    pub fn sight(&self) -> Seen {
        Seen::of(self.token.clone(), &self.live)
    }
}

/// The filters that the token carries for service data sources and those of other workspaces. Few tokens name one.
fn filters_elsewhere(token: &TokenPrincipal, filters: &mut BTreeMap<String, String>) {
    let is_named = |r: &Resource| match r.kind {
        ResourceKind::ServiceDataSource => true,
        ResourceKind::DataSource => r.name.as_ref().is_some_and(|name| name.contains('.')),
        _ => false,
    };
    for grant in token.grants.iter().filter(|g| is_named(&g.resource) && g.filter.is_some()) {
        let Some(name) = &grant.resource.name else { continue };
        let conditions: Vec<String> =
            token.filters_on(&Resource::table(name)).iter().map(|f| format!("({f})")).collect();
        filters.insert(name.clone(), conditions.join(" AND "));
    }
}

/// The token behind a request.
///
/// # Errors
/// `Denied` when there is none.
pub fn token(req: &Req) -> Result<Arc<TokenPrincipal>> {
    match &req.principal {
        Principal::Token(token) => Ok(token.clone()),
        Principal::Anonymous | Principal::SingleUser => Err(tile_auth::refusal::missing()),
    }
}

/// What may be read by its name, and the filters on data sources.
pub struct Seen {
    token: Arc<TokenPrincipal>,
    sources: Vec<String>,
    filters: BTreeMap<String, String>,
    pipes: Vec<String>,
    fixed: BTreeMap<String, Map<String, Value>>,
}

impl Seen {
    /// What this token may name of a deployment.
    pub fn of(token: Arc<TokenPrincipal>, live: &Live) -> Self {
        let (mut sources, mut filters) = (Vec::new(), BTreeMap::new());
        for source in live.resources.sources.values() {
            let name = &source.file.name;
            let resource = Resource::named(ResourceKind::DataSource, name).with_id(&source.home.id);
            let conditions: Vec<String> =
                token.filters_on(&resource).iter().map(|f| format!("({f})")).collect();
            if !conditions.is_empty() {
                filters.insert(name.clone(), conditions.join(" AND "));
            }
            if token.may(Action::Read, &resource).is_ok() {
                sources.push(name.clone());
            }
        }
        filters_elsewhere(&token, &mut filters);
        let (mut pipes, mut fixed) = (Vec::new(), BTreeMap::new());
        for pipe in live.resources.pipes.values() {
            let name = &pipe.file.name;
            let resource = Resource::named(ResourceKind::Pipe, name).with_id(&pipe.id);
            let Ok(granted) = token.may(Action::Read, &resource) else { continue };
            pipes.push(name.clone());
            if !granted.fixed_params.is_empty() {
                fixed.insert(name.clone(), granted.fixed_params);
            }
        }
        Self { token, sources, filters, pipes, fixed }
    }

    pub fn filters(&self) -> &BTreeMap<String, String> {
        &self.filters
    }
}

impl Sight for Seen {
    fn source(&self, name: &str) -> Option<Option<&str>> {
        let may = match name.contains('.') {
            true => self.token.may(Action::Read, &Resource::table(name)).is_ok(),
            false => self.sources.iter().any(|s| s == name),
        };
        may.then(|| self.within(name))
    }
    fn within(&self, name: &str) -> Option<&str> {
        self.filters.get(name).map(String::as_str)
    }
    fn pipe(&self, name: &str) -> bool {
        self.pipes.iter().any(|p| p == name)
    }
    fn fixed(&self, pipe: &str) -> Option<&Map<String, Value>> {
        self.fixed.get(pipe)
    }
    fn elsewhere(&self, path: &str) -> bool {
        self.token.may(Action::Read, &Resource::node(path.split('/'))).is_ok()
    }
    fn is_admin(&self) -> bool {
        self.token.is_admin()
    }
    fn reads(&self, resource: &Resource) -> Result<()> {
        self.token.may(Action::Read, resource).map(drop)
    }
    fn filtered_shares(&self) -> Vec<String> {
        self.filters.keys().filter(|name| name.contains('.') && !name.starts_with(SPACE)).cloned().collect()
    }
}

/// The body of a form, or the query: parameters by either.
///
/// # Errors
/// `TooLarge`.
pub async fn params(req: &mut Req, bytes_max: usize) -> Result<Vec<(String, String)>> {
    let body = req.read_body(bytes_max).await?;
    let mut out = req.query.0.clone();
    if let Ok(text) = std::str::from_utf8(&body)
        && req.header("content-type").starts_with("application/x-www-form-urlencoded")
    {
        out.extend(tile_web::Query::parse(text).0);
    }
    Ok(out)
}

/// The first value of a parameter.
pub fn param<'a>(params: &'a [(String, String)], name: &str) -> Option<&'a str> {
    params.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
}

/// # Errors
/// `Invalid` when it is missing.
pub fn required<'a>(params: &'a [(String, String)], name: &str) -> Result<&'a str> {
    param(params, name).ok_or_else(|| Error::invalid(format!("The parameter '{name}' is missing")))
}
