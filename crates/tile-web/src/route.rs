//! The table of routes and its dispatcher: guard first, then the handler; errors, conditions and compression after it.

use crate::metrics::Metrics;
use crate::request::{self, Query, Req};
use crate::{Reply, reply};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{MethodFilter, on};
use http::{HeaderValue, Method, StatusCode, header};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;
use tile_base::{Authorizer, Error, Kind, NodePath, Principal, Result, Scope};

pub type Answer = Pin<Box<dyn Future<Output = Result<Reply>> + Send>>;

/// A query parameter, for the document.
#[derive(Clone, Copy)]
pub struct Param {
    pub name: &'static str,
    /// JSON Schema type: `string`, `integer`, `boolean`, `array`.
    pub kind: &'static str,
    pub about: &'static str,
}

/// One route. `pattern` is an exact path, or a prefix that ends in `/{path}`: then the rest is the node's path.
pub struct Route<S> {
    pub method: Method,
    pub pattern: &'static str,
    pub scope: Scope,
    pub summary: &'static str,
    pub params: &'static [Param],
    pub produces: &'static [&'static str],
    pub handler: fn(Arc<S>, Req) -> Answer,
}

/// What the dispatcher needs of the application.
pub struct Rim {
    pub authorizer: Arc<dyn Authorizer>,
    pub metrics: Arc<Metrics>,
    /// Origins that browsers may call from; `*` allows all, without credentials.
    pub allow_origins: Vec<String>,
    /// `X-Forwarded-*` headers are believed.
    pub behind_proxy: bool,
    pub face: Face,
}

/// What the clients of one foreign API depend on beside its routes.
#[derive(Clone, Copy)]
pub struct Face {
    pub error: fn(&Error, &Req) -> Response,
    /// A key in a parameter moves into a cookie, which unsafe methods must second. Without, cookies are not looked at.
    pub has_cookies: bool,
    /// The query parameter that carries a bearer token, as the password of Basic authentication does then.
    pub token_param: Option<&'static str>,
    /// The header of an answer that has the request's number.
    pub request_id: &'static str,
    /// Headers that pages of other origins may read.
    pub exposes: &'static str,
}

impl Default for Face {
    /// Tiled's.
    fn default() -> Self {
        Self {
            error: reply::error,
            has_cookies: true,
            token_param: None,
            request_id: "x-tiled-request-id",
            exposes: "X-Tiled-Request-ID, ETag, Content-Range",
        }
    }
}

/// Routes that can be merged and served.
pub type Service = Router;

/// Builds the service of a table.
pub fn router<S: Send + Sync + 'static>(routes: Vec<Route<S>>, state: Arc<S>, rim: Arc<Rim>) -> Router {
    let mut router = Router::new();
    for route in routes {
        let route = Arc::new(route);
        let filter = MethodFilter::try_from(route.method.clone()).unwrap_or(MethodFilter::GET);
        for pattern in patterns(route.pattern) {
            let (route, state, rim) = (route.clone(), state.clone(), rim.clone());
            let handler = move |request: Request| {
                let (route, state, rim) = (route.clone(), state.clone(), rim.clone());
                async move { dispatch(&route, state, &rim, request).await }
            };
            router = router.route(&pattern, on(filter, handler));
        }
    }
    router.method_not_allowed_fallback(move |request: Request| {
        let rim = rim.clone();
        async move { not_allowed(&rim, request) }
    })
}

/// Answers what no route of a service is for.
pub fn or_not_found(router: Router, rim: Arc<Rim>) -> Router {
    or_not_found_by(router, rim, vec![])
}

/// As [`or_not_found`]; below some prefixes as the clients of another API know it.
pub fn or_not_found_by(router: Router, rim: Arc<Rim>, others: Vec<(&'static str, Arc<Rim>)>) -> Router {
    let others: Arc<[_]> = others.into();
    router.fallback(move |request: Request| {
        let other = others.iter().find(|(prefix, _)| request.uri().path().starts_with(prefix));
        let rim = other.map_or(&rim, |(_, rim)| rim).clone();
        async move { refuse(&rim, request, &Error::not_found("Not Found")) }
    })
}

/// A prefix route also answers without a tail, with and without the last slash.
fn patterns(pattern: &str) -> Vec<String> {
    match pattern.strip_suffix("/{path}") {
        Some(prefix) => vec![prefix.to_owned(), format!("{prefix}/"), format!("{prefix}/{{*path}}")],
        None => vec![pattern.to_owned()],
    }
}

/// The last numbers of the request ids of this process.
fn new_id() -> String {
    let mut bytes = [0u8; 8];
    if getrandom::fill(&mut bytes).is_err() {
        bytes = [0; 8];
    }
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn valid_id(id: &str) -> bool {
    let hex = |t: &str, n: usize| t.len() == n && t.bytes().all(|b| b.is_ascii_hexdigit());
    hex(id, 16) || id.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && id.split('-').all(|p| hex(p, p.len()))
}

fn assemble(request: Request, prefix: &str, rim: &Rim) -> Result<Req> {
    let (parts, body) = request.into_parts();
    let query = Query::parse(parts.uri.query().unwrap_or(""));
    let header = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok());
    let id = header("x-tiled-request-id").filter(|id| valid_id(id)).map_or_else(new_id, str::to_owned);
    let proxied = |name: &str| rim.behind_proxy.then(|| header(name)).flatten();
    let host = proxied("x-forwarded-host").or_else(|| header("host")).unwrap_or("localhost");
    let scheme = proxied("x-forwarded-proto").unwrap_or("http");
    // Where tokens are parameters, clients also have them as passwords: in addresses, `http://_:TOKEN@host`.
    let token = rim.face.token_param.and_then(|name| {
        let given = query.get(name).map(str::to_owned);
        given.or_else(|| Some(request::basic(&parts.headers)?.1))
    });
    let credentials = token.map_or_else(
        || {
            if rim.face.has_cookies {
                request::credentials(&parts.headers, &query)
            } else {
                request::shown(&parts.headers, &query).unwrap_or(tile_base::Credentials::Anonymous)
            }
        },
        tile_base::Credentials::Bearer,
    );
    let raw_path = parts.uri.path().to_owned();
    let tail = request::keys(raw_path.strip_prefix(prefix).unwrap_or(""));
    let safe_host: String =
        host.chars().filter(|c| c.is_ascii_alphanumeric() || ".-:[]_".contains(*c)).collect();
    let origin = format!("{}://{safe_host}", if scheme == "https" { "https" } else { "http" });
    let mut req = Req {
        method: parts.method,
        id,
        raw_path,
        tail: NodePath::root(),
        query,
        headers: parts.headers,
        origin,
        credentials,
        principal: Principal::Anonymous,
        body: body.into(),
    };
    req.tail = match tail {
        Ok(tail) => tail,
        // The path is told as it came, so that the answer can be made: no handler will see it.
        Err(e) => {
            req.tail = NodePath::root();
            return Err(e);
        }
    };
    Ok(req)
}

fn stub(headers: &http::HeaderMap, method: &Method, path: &str) -> Req {
    Req {
        method: method.clone(),
        id: new_id(),
        raw_path: path.to_owned(),
        tail: NodePath::root(),
        query: Query::default(),
        headers: headers.clone(),
        origin: String::new(),
        credentials: tile_base::Credentials::Anonymous,
        principal: Principal::Anonymous,
        body: Body::empty().into(),
    }
}

async fn dispatch<S>(route: &Route<S>, state: Arc<S>, rim: &Rim, request: Request) -> Response {
    let started = Instant::now();
    let prefix = route.pattern.strip_suffix("/{path}").unwrap_or(route.pattern);
    let skeleton = stub(request.headers(), request.method(), request.uri().path());
    let head = request.method() == Method::HEAD;
    let mut response = match assemble(request, prefix, rim) {
        Err(e) => (rim.face.error)(&e, &skeleton),
        Ok(mut req) => {
            let context = stub(&req.headers, &req.method, &req.raw_path);
            let context =
                Req { id: req.id.clone(), origin: req.origin.clone(), query: req.query.clone(), ..context };
            match admit(route, rim, &mut req) {
                Err(e) => finish_id((rim.face.error)(&e, &context), &context.id, rim),
                Ok(()) => {
                    let key = (rim.face.has_cookies
                        && req.query.has("api_key")
                        && req.principal != Principal::Anonymous)
                        .then(|| req.query.get("api_key").unwrap_or("").to_owned());
                    let outcome = (route.handler)(state, req).await;
                    let mut response = match outcome {
                        Ok(reply) => reply.finish(&context),
                        Err(e) => (rim.face.error)(&e, &context),
                    };
                    // A key that was right moves into a cookie, so that links work without it.
                    if let Some(cookie) = key.and_then(|k| {
                        HeaderValue::from_str(&format!("tiled_api_key={k}; HttpOnly; Path=/; SameSite=lax"))
                            .ok()
                    }) {
                        response.headers_mut().append(header::SET_COOKIE, cookie);
                    }
                    finish_id(response, &context.id, rim)
                }
            }
        }
    };
    decorate(&mut response, &skeleton.headers, rim);
    let elapsed = started.elapsed();
    rim.metrics.observe(route.pattern, route.method.as_str(), response.status().as_u16(), elapsed);
    if let Ok(value) = HeaderValue::from_str(&format!("app;dur={:.1}", elapsed.as_secs_f64() * 1000.0)) {
        response.headers_mut().insert("server-timing", value);
    }
    if head {
        if let (false, Some(n)) = (
            response.headers().contains_key(header::CONTENT_LENGTH),
            http_body::Body::size_hint(response.body()).exact(),
        ) {
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(n));
        }
        *response.body_mut() = Body::empty();
    }
    response
}

fn finish_id(mut response: Response, id: &str, rim: &Rim) -> Response {
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(rim.face.request_id, value);
    }
    response
}

fn admit<S>(route: &Route<S>, rim: &Rim, req: &mut Req) -> Result<()> {
    if route.scope != Scope::Public {
        req.principal = rim.authorizer.authorize(&req.credentials, route.scope, &req.tail.0)?;
    }
    if rim.face.has_cookies && !req.method.is_safe() {
        csrf(req)?;
    }
    Ok(())
}

/// A browser that carries the key in a cookie must show, on unsafe methods, that it can read our other cookie.
fn csrf(req: &Req) -> Result<()> {
    if request::cookie(&req.headers, "tiled_api_key").is_none()
        || req.headers.contains_key(header::AUTHORIZATION)
    {
        return Ok(());
    }
    let denied = |what: &str| Error::new(Kind::Denied, what);
    let expected = request::cookie(&req.headers, "tiled_csrf")
        .ok_or_else(|| denied("Expected tiled_csrf_token cookie"))?;
    let shown = if req.header("x-csrf").is_empty() {
        req.query.get("csrf").unwrap_or("")
    } else {
        req.header("x-csrf")
    };
    if shown.is_empty() {
        return Err(denied("Expected csrf query parameter or x-csrf header"));
    }
    if shown == expected { Ok(()) } else { Err(denied("Double-submit CSRF tokens do not match")) }
}

fn decorate(response: &mut Response, asked: &http::HeaderMap, rim: &Rim) {
    let headers = response.headers_mut();
    headers.append(
        header::VARY,
        HeaderValue::from_static("Origin, Accept, Accept-Encoding, Authorization, Cookie"),
    );
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    if rim.face.has_cookies
        && request::cookie(asked, "tiled_csrf").is_none()
        && !headers.contains_key("x-no-cookie")
    {
        let token = format!("{}{}", new_id(), new_id());
        if let Ok(value) =
            HeaderValue::from_str(&format!("tiled_csrf={token}; HttpOnly; Path=/; SameSite=lax"))
        {
            headers.append(header::SET_COOKIE, value);
        }
    }
    if let Some(origin) = asked.get(header::ORIGIN).and_then(|o| o.to_str().ok()) {
        allow_origin(headers, origin, rim);
    }
}

fn allow_origin(headers: &mut http::HeaderMap, origin: &str, rim: &Rim) -> bool {
    let any = rim.allow_origins.iter().any(|o| o == "*");
    if !any && !rim.allow_origins.iter().any(|o| o == origin) {
        return false;
    }
    let value = if any { "*" } else { origin };
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value);
    }
    if !any {
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(rim.face.exposes));
    true
}

fn refuse(rim: &Rim, request: Request, e: &Error) -> Response {
    let req = stub(request.headers(), request.method(), request.uri().path());
    let mut response = (rim.face.error)(e, &req);
    decorate(&mut response, request.headers(), rim);
    response.headers_mut().insert("server-timing", HeaderValue::from_static("app;dur=0.0"));
    finish_id(response, &req.id, rim)
}

/// A wrong method, or the preflight of a browser.
fn not_allowed(rim: &Rim, request: Request) -> Response {
    if rim.face.has_cookies
        && !request.method().is_safe()
        && let Err(e) = csrf(&stub(request.headers(), request.method(), request.uri().path()))
    {
        return refuse(rim, request, &e);
    }
    let asked = request.headers();
    if request.method() == Method::OPTIONS && asked.contains_key("access-control-request-method") {
        let origin = asked.get(header::ORIGIN).and_then(|o| o.to_str().ok()).unwrap_or("").to_owned();
        let mut response = Response::new(Body::empty());
        if allow_origin(response.headers_mut(), &origin, rim) {
            let headers = response.headers_mut();
            headers.insert(
                header::ACCESS_CONTROL_ALLOW_METHODS,
                HeaderValue::from_static("GET, HEAD, POST, PUT, DELETE, OPTIONS"),
            );
            if let Some(wanted) = asked.get("access-control-request-headers") {
                headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
            }
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        } else {
            *response.status_mut() = StatusCode::BAD_REQUEST;
            *response.body_mut() = Body::from("Disallowed CORS origin");
        }
        return response;
    }
    refuse(rim, request, &Error::new(Kind::NotAllowed, "Method Not Allowed"))
}
