//! JSON Web Tokens of a workspace: signed by its users with HS256 and the text of its admin token, stored nowhere.
//!
//! The payload is `{workspace_id, name, exp, scopes: [{type, resource, fixed_params, filter}], limits: {rps}}`. A JWT reads
//! pipes and data sources, and appends to data sources; it can have no other scope. The header may leave `alg` out, as
//! Tinybird permits; any other algorithm than HS256 is refused, and the key never depends on the header.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tile_base::{Error, Result, TokenPrincipal};

use crate::registry::TokenRegistry;
use crate::scope::{ScopeType, TokenScope};
use crate::secret::{decode, encode, is_signed, sign};
use crate::{refusal, token};

const TEXT_BYTES_MAX: usize = 32 * 1024;
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
/// Seconds since the epoch that still fit when counted in microseconds.
const SECONDS_MAX: i64 = i64::MAX / 1_000_000;

/// A JWT that is taken apart and not verified.
pub(crate) struct Parts<'a> {
    /// What the signature is about.
    signed: &'a str,
    signature: &'a str,
    header: Vec<u8>,
    payload: Vec<u8>,
    workspace_id: String,
}

#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct WorkspaceOnly {
    workspace_id: String,
}

#[derive(Deserialize)]
struct Payload {
    workspace_id: String,
    name: String,
    exp: Option<Value>,
    #[serde(default)]
    nbf: Option<Value>,
    scopes: Vec<Value>,
    #[serde(default)]
    limits: Option<Value>,
}

impl<'a> Parts<'a> {
    /// None for what is no JWT of ours, whoever signed it.
    pub(crate) fn split(text: &'a str) -> Option<Self> {
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let (header, payload) = (decode(header)?, decode(payload)?);
        let WorkspaceOnly { workspace_id } = serde_json::from_slice(&payload).ok()?;
        Some(Self { signed, signature, header, payload, workspace_id })
    }

    /// The workspace that the payload names, which has the key.
    pub(crate) fn workspace_id(&self) -> &str {
        &self.workspace_id
    }

    /// # Errors
    /// `Denied` for a wrong signature, another algorithm, a time that is over or not yet there, and for scopes that a JWT
    /// cannot have.
    pub(crate) fn verify(self, secret: &str, now_us: i64) -> Result<TokenPrincipal> {
        if !is_signed(secret.as_bytes(), self.signed.as_bytes(), self.signature) {
            return Err(refusal::invalid());
        }
        let header: Header = serde_json::from_slice(&self.header).map_err(|_| refusal::invalid())?;
        if header.alg.is_some_and(|alg| alg != "HS256") || header.crit.is_some() {
            return Err(refusal::unusable("The algorithm is not HS256"));
        }
        let payload: Payload = serde_json::from_slice(&self.payload)
            .map_err(|_| refusal::unusable("The payload needs workspace_id, name, exp and scopes"))?;
        payload.principal(now_us)
    }
}

impl Payload {
    fn principal(self, now_us: i64) -> Result<TokenPrincipal> {
        let exp = self.exp.as_ref().ok_or_else(|| refusal::unusable("The payload has no exp"))?;
        let exp = seconds(exp).ok_or_else(|| refusal::unusable("The exp is not a number of seconds"))?;
        let now = now_us.div_euclid(1_000_000);
        if exp <= now {
            return Err(refusal::expired());
        }
        if let Some(nbf) = self.nbf.filter(|nbf| !nbf.is_null()) {
            let nbf = seconds(&nbf).ok_or_else(|| refusal::unusable("The nbf is not a number of seconds"))?;
            if now < nbf {
                return Err(refusal::unusable("The token is not yet valid"));
            }
        }
        token::check_name(&self.name).map_err(|e| refusal::unusable(&e.what))?;
        let scopes = scopes(&self.scopes).map_err(|e| refusal::unusable(&e.what))?;
        let rps_max = rps_max(self.limits.as_ref()).map_err(|e| refusal::unusable(&e.what))?;
        Ok(TokenPrincipal {
            workspace_id: Some(self.workspace_id),
            user_id: None,
            token_id: None,
            token_name: self.name,
            grants: scopes.iter().flat_map(JwtScope::grants).collect(),
            rps_max,
            expires_us: Some(exp.saturating_mul(1_000_000)),
        })
    }
}

/// One scope of a JWT.
#[derive(Clone, Debug, PartialEq)]
struct JwtScope {
    scope: TokenScope,
    fixed_params: Map<String, Value>,
}

impl JwtScope {
    fn grants(&self) -> Vec<tile_base::Grant> {
        let mut grants = self.scope.grants();
        for grant in &mut grants {
            grant.fixed_params.clone_from(&self.fixed_params);
        }
        grants
    }

    fn to_json(&self) -> Value {
        let mut shown = self.scope.to_json();
        if !self.fixed_params.is_empty() {
            shown["fixed_params"] = Value::Object(self.fixed_params.clone());
        }
        shown
    }
}

#[derive(Deserialize)]
struct ScopeObject {
    #[serde(rename = "type")]
    scope_type: String,
    #[serde(default)]
    resource: Option<String>,
    #[serde(default)]
    filter: Option<String>,
    #[serde(default)]
    fixed_params: Option<Map<String, Value>>,
}

fn scopes(values: &[Value]) -> Result<Vec<JwtScope>> {
    if values.len() > token::SCOPES_MAX {
        return Err(Error::invalid(format!("a token has at most {} scopes", token::SCOPES_MAX)));
    }
    values.iter().map(scope).collect()
}

fn scope(value: &Value) -> Result<JwtScope> {
    let read = ScopeObject::deserialize(value);
    let read =
        read.map_err(|_| Error::invalid("a scope of a JWT is {type, resource, fixed_params, filter}"))?;
    let scope_type = ScopeType::from_name(&read.scope_type)?;
    let (reads_pipe, name) = (scope_type == ScopeType::PipesRead, scope_type.name());
    if !reads_pipe && !matches!(scope_type, ScopeType::DataSourcesRead | ScopeType::DataSourcesAppend) {
        return Err(Error::invalid(format!("a JWT cannot have the scope `{name}`")));
    }
    let fixed_params = read.fixed_params.unwrap_or_default();
    // Not ignored: whoever wrote it meant a restriction.
    if !reads_pipe && !fixed_params.is_empty() {
        return Err(Error::invalid(format!("the scope `{name}` takes no `fixed_params`")));
    }
    let scope = TokenScope::new(scope_type, read.resource.as_deref(), read.filter.as_deref())?;
    // The workspace's admin signs it, whom the organization's tables are not for.
    if scope.is_of_organization() {
        return Err(Error::invalid("a JWT cannot read `organization.*`"));
    }
    Ok(JwtScope { scope, fixed_params })
}

/// `limits.rps`; none, zero and less are no limit, a part of one is one.
fn rps_max(limits: Option<&Value>) -> Result<Option<u32>> {
    let rps = match limits {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(limits)) => limits.get("rps").unwrap_or(&Value::Null),
        Some(_) => return Err(Error::invalid("the limits of a JWT are an object")),
    };
    match (rps, rps.as_f64()) {
        (Value::Null, _) => Ok(None),
        (_, Some(rps)) if rps <= 0.0 => Ok(None),
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and the cast saturates"
        )]
        (_, Some(rps)) => Ok(Some(rps.ceil() as u32)),
        _ => Err(Error::invalid("the limit `rps` of a JWT is a number")),
    }
}

/// A time as JWTs have it; parts of a second are cut off.
fn seconds(value: &Value) -> Option<i64> {
    if let Some(seconds) = value.as_i64() {
        return (seconds <= SECONDS_MAX).then_some(seconds);
    }
    let seconds = value.as_f64()?.floor();
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    (seconds.abs() < 9e12).then_some(seconds as i64)
}

/// What `POST /v0/tokens?name=&expiration_time=` asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct JwtRequest {
    name: String,
    expires_s: i64,
    scopes: Vec<JwtScope>,
    rps_max: Option<u32>,
}

#[derive(Deserialize)]
struct Body {
    scopes: Vec<Value>,
    #[serde(default)]
    limits: Option<Value>,
}

impl JwtRequest {
    /// Reads the two parameters and the body `{"scopes": […], "limits": {"rps": 10}}`.
    ///
    /// # Errors
    /// `Invalid` for what is malformed, a time that is over, and scopes that a JWT cannot have.
    pub fn parse(name: &str, expiration_time: &str, body: &[u8], now_us: i64) -> Result<Self> {
        token::check_name(name)?;
        if body.len() > TEXT_BYTES_MAX {
            return Err(too_large());
        }
        let expires_s = expiration_time.parse::<i64>().ok().filter(|seconds| *seconds <= SECONDS_MAX);
        let expires_s = expires_s
            .ok_or_else(|| Error::invalid("the `expiration_time` is a number of seconds since 1970"))?;
        if expires_s <= now_us.div_euclid(1_000_000) {
            return Err(Error::invalid("the `expiration_time` is over"));
        }
        let body: Body = serde_json::from_slice(body).map_err(|e| {
            Error::invalid("the body of a request for a JWT is a JSON object with `scopes`").source(e)
        })?;
        let (scopes, rps_max) = (scopes(&body.scopes)?, rps_max(body.limits.as_ref())?);
        Ok(Self { name: name.to_owned(), expires_s, scopes, rps_max })
    }
}

impl TokenRegistry {
    /// The text of a JWT. Who may ask for one: those who administer tokens, see [`tile_base::Action::AdministerTokens`].
    ///
    /// # Errors
    /// `Denied` when the actor may not; `TooLarge` when there is too much in it to be sent along with a request.
    pub fn create_jwt(&self, actor: crate::Actor, request: &JwtRequest) -> Result<String> {
        self.may_manage(actor, &[])?;
        let mut payload = json!({
            "workspace_id": self.workspace_id(),
            "name": request.name,
            "exp": request.expires_s,
            "scopes": request.scopes.iter().map(JwtScope::to_json).collect::<Vec<Value>>(),
        });
        if let Some(rps) = request.rps_max {
            payload["limits"] = json!({ "rps": rps });
        }
        let signed = format!("{}.{}", encode(HEADER.as_bytes()), encode(payload.to_string().as_bytes()));
        let signature = encode(&sign(self.admin()?.text().as_bytes(), signed.as_bytes()));
        let text = format!("{signed}.{signature}");
        if text.len() > TEXT_BYTES_MAX { Err(too_large()) } else { Ok(text) }
    }
}

fn too_large() -> Error {
    Error::new(tile_base::Kind::TooLarge, format!("a JWT has at most {TEXT_BYTES_MAX} bytes"))
        .hint("Give it fewer scopes, or make a static token")
}
