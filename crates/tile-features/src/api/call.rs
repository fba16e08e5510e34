//! A request of a token: which features it asks for, and whether it may read them.

use super::App;
use crate::definition::DefinitionKind;
use crate::hub::{Defined, Grouped, Joined};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tile_base::{Action, Error, Grant, Kind, Principal, Resource, ResourceKind, Result, TokenPrincipal};
use tile_web::Req;

/// Who asks.
pub struct Call {
    token: Arc<TokenPrincipal>,
}

/// One map of keys for each row that is asked for.
pub type Rows = Vec<Map<String, Json>>;

impl Call {
    /// # Errors
    /// `Unauthenticated` without a token where one is needed, `Denied` for one of another workspace.
    pub fn new(app: &App, req: &Req) -> Result<Self> {
        match &req.principal {
            Principal::Anonymous if app.is_public => Ok(Self { token: Arc::new(anyone(&app.workspace)) }),
            caller => Self::of(caller, &app.workspace),
        }
    }

    /// As [`Call::new`], where more is done than to read features.
    ///
    /// # Errors
    /// As [`Call::new`]; `Unauthenticated` without a token.
    pub fn known(app: &App, req: &Req) -> Result<Self> {
        Self::of(&req.principal, &app.workspace)
    }

    /// That of a caller who asks for features of a workspace.
    ///
    /// # Errors
    /// As [`Call::known`].
    pub fn of(caller: &Principal, workspace: &str) -> Result<Self> {
        let Principal::Token(token) = caller else {
            return Err(Error::new(Kind::Unauthenticated, "a token is missing")
                .hint("Send `Authorization: Bearer TOKEN`"));
        };
        if token.workspace_id.as_deref() != Some(workspace) {
            return Err(Error::new(Kind::Denied, "this token is of another workspace than the features"));
        }
        Ok(Self { token: token.clone() })
    }

    /// Whether features of a name may be read.
    ///
    /// # Errors
    /// `Denied`, with the scope that is missing.
    pub fn reads(&self, name: &str) -> Result<()> {
        self.token.may(Action::Read, &Resource::named(ResourceKind::Feature, name)).map(drop)
    }

    pub fn may_read(&self, name: &str) -> bool {
        self.reads(name).is_ok()
    }

    /// Whether all rows of a data source may be read.
    ///
    /// # Errors
    /// `Denied`, with the scope that is missing, or where the token reads only some of the rows.
    pub fn reads_rows(&self, table: &str) -> Result<()> {
        let granted = self.token.may(Action::Read, &Resource::table(table))?;
        if granted.filters.is_empty() {
            return Ok(());
        }
        let what = format!("the token reads only some of the rows of `{table}`");
        Err(Error::new(Kind::Denied, what).hint("Use a token without a filter, or send the rows"))
    }

    /// Whether a file of the catalog may be read.
    ///
    /// # Errors
    /// `Denied`, with the scope that is missing.
    pub fn reads_file(&self, path: &str) -> Result<()> {
        self.token.may(Action::Read, &Resource::node(path.split('/'))).map(drop)
    }

    /// Whether all rows may be read of what definitions name so: what has a path is a file.
    ///
    /// # Errors
    /// As [`Call::reads_file`] and [`Call::reads_rows`].
    pub fn reads_table(&self, name: &str) -> Result<()> {
        if name.contains('/') { self.reads_file(name) } else { self.reads_rows(name) }
    }

    /// Whether what is served may be made anew.
    ///
    /// # Errors
    /// `Denied`.
    pub fn administers(&self) -> Result<()> {
        match self.token.is_admin() {
            true => Ok(()),
            false => Err(Error::new(Kind::Denied, "this is for admins: use an admin token of the workspace")),
        }
    }

    /// What tells the token from others.
    pub fn token_name(&self) -> Option<String> {
        Some(self.token.token_id.clone().unwrap_or_else(|| format!("jwt {}", self.token.token_name)))
    }

    /// The GroupBy that the path names.
    ///
    /// # Errors
    /// `Denied`; `Invalid` for a definition that cannot be served; `NotFound` with the nearest names that may be read.
    pub fn group_by(&self, app: &App, req: &Req) -> Result<Arc<Grouped>> {
        let defined = app.hub.defined();
        self.named(DefinitionKind::GroupBy, req, &defined, &defined.groups)
    }

    /// The Join that the path names.
    ///
    /// # Errors
    /// As [`Call::group_by`].
    pub fn join(&self, app: &App, req: &Req) -> Result<Arc<Joined>> {
        let defined = app.hub.defined();
        self.named(DefinitionKind::Join, req, &defined, &defined.joins)
    }

    /// Names stand in a path as they are, or with a `/` for the first point, as files do.
    fn named<T>(
        &self,
        kind: DefinitionKind,
        req: &Req,
        defined: &Defined,
        all: &BTreeMap<String, Arc<T>>,
    ) -> Result<Arc<T>> {
        let mut name = req.tail.0.join("/");
        if kind == DefinitionKind::Join && req.method == http::Method::GET {
            name = name.strip_suffix("/schema").unwrap_or(&name).to_owned();
        }
        let name = if all.contains_key(&name) { name } else { name.replacen('/', ".", 1) };
        self.reads(&name)?;
        let unserved = || defined.unserved(Some(kind), &name, &|name| self.may_read(name));
        all.get(&name).cloned().ok_or_else(unserved)
    }
}

/// Who comes without a token, where features are public.
fn anyone(workspace: &str) -> TokenPrincipal {
    TokenPrincipal {
        workspace_id: Some(workspace.to_owned()),
        user_id: None,
        token_id: None,
        token_name: "anyone".to_owned(),
        grants: vec![Grant::new(Action::Read, Resource::all(ResourceKind::Feature))],
        rps_max: None,
        expires_us: None,
    }
}

/// The time that is asked for; none is the present.
///
/// # Errors
/// `Malformed` for what is no time.
pub fn time(req: &Req) -> Result<Option<i64>> {
    /// The end of the year 9999.
    const TIME_MAX: i64 = 253_402_300_799_999;
    let Some(text) = req.query.get("atMillis") else { return Ok(None) };
    match text.parse::<i64>() {
        Ok(at) if (-TIME_MAX..=TIME_MAX).contains(&at) => Ok(Some(at)),
        _ => Err(Error::malformed(format!("`atMillis` is `{text}`, not a time"))
            .hint("It is a number of milliseconds since 1970")),
    }
}

/// What a body asks for.
pub struct Asking {
    pub keys: Rows,
    /// What it gives in the place of rows of sources.
    pub rows: Option<Json>,
}

/// What the body asks for: an array of keys, or an object with it as `keys` and with `rows`.
///
/// # Errors
/// `Malformed` for what is no list of objects, `TooLarge` for too long a list.
pub async fn asking(app: &App, req: &mut Req) -> Result<Asking> {
    const WANTED: &str = "The body is a JSON array of objects, one for each key: `[{\"customer_id\": \"Alice\"}]`, or \
        an object with this array as `keys`, and `rows`";
    let body = req.read_body(app.limits.body_bytes_max).await?;
    let wrong = |what: String| Error::malformed(what).hint(WANTED);
    let json: Json =
        serde_json::from_slice(&body).map_err(|e| wrong(format!("the body is not JSON: {e}")))?;
    let (keys, rows) = match json {
        Json::Object(mut members) => {
            let keys = members.remove("keys").ok_or_else(|| wrong("the body is not an array".to_owned()))?;
            let rows = members.remove("rows").filter(|rows| !rows.is_null());
            if let Some(other) = members.keys().next() {
                return Err(wrong(format!("the body has a member `{other}`, which says nothing here")));
            }
            (keys, rows)
        }
        keys => (keys, None),
    };
    let Json::Array(items) = keys else { return Err(wrong("the body is not an array".to_owned())) };
    if items.len() > app.limits.keys_max {
        let what = format!("the call has {} keys, more than {}", items.len(), app.limits.keys_max);
        return Err(Error::new(Kind::TooLarge, what).hint("Ask in several calls"));
    }
    let keys = objects(items).map_err(|at| wrong(format!("item {at} of the body is not an object")))?;
    Ok(Asking { keys, rows })
}

/// Rows of one source, as a request gives them.
///
/// # Errors
/// As [`asking`].
pub fn given(app: &App, json: Json) -> Result<Arc<Rows>> {
    const WANTED: &str = "Rows are a JSON array of objects, each with columns of the source: `[{\"price\": 3}]`; for a Join, an object \
        of such arrays, by the names of GroupBys";
    let wrong = |what: String| Error::malformed(what).hint(WANTED);
    let Json::Array(items) = json else { return Err(wrong("`rows` is not an array".to_owned())) };
    if items.len() > app.limits.rows_max {
        let what = format!("the call gives {} rows, more than {}", items.len(), app.limits.rows_max);
        return Err(
            Error::new(Kind::TooLarge, what).hint("Give those of fewer keys, or compute it with a backfill")
        );
    }
    objects(items).map(Arc::new).map_err(|at| wrong(format!("row {at} is not an object")))
}

/// All of them; the place of the first that is no object.
fn objects(items: Vec<Json>) -> Result<Rows, usize> {
    let object = |(at, item)| match item {
        Json::Object(members) => Ok(members),
        _ => Err(at),
    };
    items.into_iter().enumerate().map(object).collect()
}
