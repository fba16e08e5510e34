//! Routes over a hub in memory: what is asked, and what is answered.

use super::{App, Limits, Runs, routes};
use crate::hub::tests::{House, MORNING, becomes, files, quick};
use crate::log::Log;
use crate::training::desk::{Given, Workshop};
use crate::value::Value;
use http::{HeaderMap, Method};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use tile_base::{
    Action, Credentials, Error, Grant, Kind, NodePath, Principal, Resource, ResourceKind, Result, SqlEngine,
    TokenPrincipal,
};
use tile_web::reply::Content;
use tile_web::{Query, Req};

/// Nothing is computed here.
struct NoWorkshop;

impl Workshop for NoWorkshop {
    fn engine(&self) -> Result<Arc<dyn SqlEngine>> {
        Err(Error::internal("there is no engine"))
    }
    fn table(&self, name: &str) -> Result<Given> {
        Err(Error::not_found(format!("no table is called `{name}`")))
    }
}

fn group(name: &str, more: &str) -> String {
    format!("  {name}: {{source: shop.ice_creams, keys: customer, time: at, {more}}}\n")
}

const COUNTED: &str = "aggregations: {op: count, input: flavour}";

/// Definitions of each kind, and what is wrong with some.
fn definitions() -> String {
    let groups = [
        group("fine", COUNTED),
        group("bad", "aggregations: {op: coun, input: flavour}"),
        group("offline", &format!("{COUNTED}, online: false")),
        group("derived", &format!("{COUNTED}, derivations: {{some: 'coalesce(flavour_count, 0)'}}")),
    ];
    let join = |name: &str, part: &str| {
        format!("  {name}: {{left: {{source: shop.ice_creams, time: at}}, parts: [{part}]}}\n")
    };
    format!("group_bys:\n{}joins:\n{}{}", groups.concat(), join("visit", "fine"), join("broken", "bad"))
}

struct Api {
    app: Arc<App>,
    principal: Principal,
}

impl Api {
    async fn new() -> Self {
        let house = House::new();
        house.table.add(MORNING);
        let hub = Arc::new(house.hub(quick()));
        hub.define(&files(&[("features/g.yaml", definitions())])).unwrap();
        becomes(&hub, "fine", "Alice", &[Value::Int(2)]).await;
        becomes(&hub, "derived", "Alice", &[Value::Int(2)]).await;
        let app = App {
            hub,
            log: Log::default(),
            runs: Runs::new(Arc::new(NoWorkshop), || "1".to_owned()),
            workspace: "w1".to_owned(),
            is_public: false,
            limits: Limits::default(),
            version: "0",
        };
        let all = Grant::new(Action::Read, Resource::all(ResourceKind::Feature));
        Self { app: Arc::new(app), principal: token(all) }
    }

    async fn ask(&self, method: Method, path: &str, body: &Json) -> Result<Json> {
        self.ask_as(self.principal.clone(), method, path, body).await
    }

    async fn ask_as(&self, principal: Principal, method: Method, path: &str, body: &Json) -> Result<Json> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let tail = |pattern: &str| match pattern.strip_suffix("/{path}") {
            Some(prefix) => path.strip_prefix(prefix)?.strip_prefix('/').map(str::to_owned),
            None => (path == pattern).then(String::new),
        };
        let mut all = routes().into_iter().filter(|route| route.method == method);
        let (tail, route) = all.find_map(|route| Some((tail(route.pattern)?, route))).unwrap();
        let req = Req {
            method,
            id: String::new(),
            raw_path: path.to_owned(),
            tail: NodePath(tail.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()),
            query: Query::parse(query),
            headers: HeaderMap::new(),
            origin: String::new(),
            credentials: Credentials::Anonymous,
            principal,
            body: axum::body::Body::from(body.to_string()).into(),
        };
        match (route.handler)(self.app.clone(), req).await?.content {
            Content::Whole(bytes) => Ok(serde_json::from_slice(&bytes).unwrap()),
            _ => panic!("no document"),
        }
    }

    async fn post(&self, path: &str, body: &Json) -> Result<Json> {
        self.ask(Method::POST, path, body).await
    }

    async fn get(&self, path: &str) -> Result<Json> {
        self.ask(Method::GET, path, &Json::Null).await
    }

    /// What a POST is refused with.
    async fn refused(&self, path: &str) -> (Kind, String) {
        let e = self.post(path, &json!([{"customer": "Alice"}])).await.unwrap_err();
        (e.kind, e.detail())
    }
}

fn token(grant: Grant) -> Principal {
    Principal::Token(Arc::new(TokenPrincipal {
        workspace_id: Some("w1".into()),
        user_id: None,
        token_id: None,
        token_name: "test".into(),
        grants: vec![grant],
        rps_max: None,
        expires_us: None,
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_declared_and_not_served_says_why() {
    let api = Api::new().await;
    let invalid = |what: &str| (Kind::Invalid, what.to_owned());
    let missing = |what: &str| (Kind::NotFound, what.to_owned());
    let why = "`bad` is declared in features/g.yaml:3 and not served: no operation is called `coun`. Did you mean `COUNT`?";
    assert_eq!(api.refused("/v1/features/groupby/bad").await, invalid(why));
    let why = "`broken` is declared in features/g.yaml:8 and not served: `bad` cannot be used: no operation is called `coun` (at features/g.yaml:3)";
    assert_eq!(api.refused("/v1/features/join/broken").await, invalid(why));
    assert_eq!(api.get("/v1/join/broken/schema").await.unwrap_err().detail(), why);
    let why = "`offline` is for training data alone: its `online` is false in features/g.yaml:4. Say that it is online to have it served";
    assert_eq!(api.refused("/v1/features/groupby/offline").await, invalid(why));
    let why = "`visit` is a Join, not a GroupBy. Ask at `/v1/features/join/visit`";
    assert_eq!(api.refused("/v1/fetch/groupby/visit").await, missing(why));
    let why = "`bad` is a GroupBy, not a Join. Ask at `/v1/features/groupby/bad`";
    assert_eq!(api.refused("/v1/features/join/bad").await, missing(why));
    let why = "no GroupBy is called `fein`. Did you mean `fine`?";
    assert_eq!(api.refused("/v1/features/groupby/fein").await, missing(why));
    // Who may not read a name is not told that it is there.
    let other = token(Grant::new(Action::Read, Resource::named(ResourceKind::Feature, "fine")));
    let hidden = api.ask_as(other.clone(), Method::POST, "/v1/features/groupby/bad", &json!([])).await;
    assert_eq!(hidden.unwrap_err().kind, Kind::Denied);
    let listed = api.ask_as(other, Method::GET, "/v1/features", &Json::Null).await.unwrap();
    assert_eq!((listed["group_bys"].as_array().unwrap().len(), &listed["joins"]), (1, &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_listed() {
    let api = Api::new().await;
    let listed = api.get("/v1/features").await.unwrap();
    let states = |kind: &str| -> Vec<(String, String)> {
        let text = |one: &Json, name: &str| one[name].as_str().unwrap().to_owned();
        listed[kind].as_array().unwrap().iter().map(|one| (text(one, "name"), text(one, "state"))).collect()
    };
    let wanted = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter().map(|(name, state)| ((*name).to_owned(), (*state).to_owned())).collect()
    };
    assert_eq!(states("group_bys"), wanted(&[("bad", "failed"), ("derived", "live"), ("fine", "live")]));
    assert_eq!(states("joins"), wanted(&[("broken", "failed"), ("visit", "live")]));
    let bad = &listed["group_bys"][0];
    assert_eq!(bad["file"], "features/g.yaml");
    assert_eq!(bad["error"], "features/g.yaml:3: no operation is called `coun`. Did you mean `COUNT`?");
    // What one was that is served on, with what is wrong now.
    let worse = definitions().replacen("op: count", "op: coumt", 1);
    api.app.hub.define(&files(&[("features/g.yaml", worse)])).unwrap();
    let listed = api.get("/v1/features").await.unwrap();
    let fine = &listed["group_bys"][2];
    assert_eq!((&fine["name"], &fine["state"]), (&json!("fine"), &json!("live")));
    assert_eq!(fine["error"], "features/g.yaml:2: no operation is called `coumt`. Did you mean `COUNT`?");
    assert!(api.post("/v1/features/groupby/fine", &json!([{"customer": "Alice"}])).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_nothing_reads_are_refused() {
    let api = Api::new().await;
    let invalid = |what: &str| (Kind::Invalid, what.to_owned());
    for route in [
        "/v1/features/groupby/fine",
        "/v1/fetch/groupby/fine",
        "/v1/fetch/join/visit",
        "/v2/fetch/join/visit",
    ] {
        let wrong = api.refused(&format!("{route}?atmillis=5")).await;
        assert_eq!(wrong, invalid("no parameter is called `atmillis`. Did you mean `atMillis`?"));
        let wrong = api.refused(&format!("{route}?atMillis=5&atMillis=6")).await;
        assert_eq!(wrong, invalid("the parameter `atMillis` is given twice"));
        let fine = api.post(&format!("{route}?atMillis=5&token=t"), &json!([{"customer": "Alice"}])).await;
        assert!(fine.is_ok(), "{route}");
    }
    let wrong = api.refused("/v1/features/training/fine?lefft=x").await;
    assert_eq!(wrong, invalid("no parameter is called `lefft`. Did you mean `left`?"));
    let wrong = api.get("/v1/features?x=1").await.unwrap_err();
    assert_eq!(wrong.detail(), "no parameter is called `x`. There are `token`");
    // Of one key, its columns are parameters.
    let explain = "/v1/features/groupby/fine/explain";
    let found = api.get(&format!("{explain}?customer=Alice&atMillis=5")).await.unwrap();
    assert_eq!(found["results"][0]["entityKeys"], json!({"customer": "Alice"}));
    let wrong = api.get(&format!("{explain}?custmer=Alice")).await.unwrap_err();
    assert_eq!(wrong.detail(), "no parameter is called `custmer`. Did you mean `customer`?");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_null_key_has_null_features() {
    let api = Api::new().await;
    let keys = json!([{"customer": "Alice"}, {"customer": null}, {"customer": [5]}, {"customer": "Bob"}, {"customer": null}]);
    // Nothing is derived of it either, as in a Join.
    for (route, name, some) in [
        ("/v1/features/groupby/fine", "flavour_count", 2),
        ("/v1/fetch/groupby/derived", "some", 2),
        ("/v1/features/groupby/fine/explain", "flavour_count", 2),
    ] {
        let found = api.post(route, &keys).await.unwrap();
        let results = found["results"].as_array().unwrap();
        let status: Vec<&Json> = results.iter().map(|one| &one["status"]).collect();
        assert_eq!(status, ["Success", "Success", "Failure", "Success", "Success"], "{found}");
        let features: Vec<&Json> = results.iter().map(|one| &one["features"][name]).collect();
        assert_eq!(features, [&json!(some), &Json::Null, &Json::Null, &json!(1), &Json::Null], "{found}");
        let keys_back: Vec<&Json> = results.iter().map(|one| &one["entityKeys"]).collect();
        assert_eq!(keys_back, keys.as_array().unwrap().iter().collect::<Vec<_>>());
        for null in [1, 4] {
            assert!(results[null]["features"].as_object().unwrap().values().all(Json::is_null), "{found}");
            assert!(results[null].get("error").is_none());
        }
    }
    let joined = api.post("/v1/features/join/visit", &keys).await.unwrap();
    assert_eq!(
        joined["results"][1],
        json!({"status": "Success", "entityKeys": {"customer": null}, "features": {"fine_flavour_count": null}})
    );
}
