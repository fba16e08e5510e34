//! Features of a Join: those of its parts under their prefixes, what came with the request, and what is derived of all. A part that fails
//! is told beside the others, and does not fail the request.

use super::call::{self, Call};
use super::fetch::success;
use super::keys::{Asked, asked, value};
use super::{App, json, values};
use crate::definition::ExternalPart;
use crate::derive::Derive;
use crate::hub::outputs::{self, Outputs};
use crate::hub::{Deriving, Joined, Running, Target};
use crate::types::Type;
use crate::value::Value;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use tile_base::Result;
use tile_web::{Reply, Req};

/// What is put behind the name of a part that failed.
pub const EXCEPTION: &str = "_exception";

pub async fn fetch(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    let joined = call.join(&app, &req)?;
    let at = call::time(&req)?;
    let rows = call::rows(&app, &mut req).await?;
    // One present for all parts.
    let now = app.hub.now_ms();
    let mut times = vec![at.unwrap_or(now); rows.len()];
    let join = &joined.definition;
    let mut features: Vec<Map<String, Json>> = vec![Map::new(); rows.len()];
    let mut known: Vec<Vec<(String, Type, Value)>> = vec![Vec::new(); rows.len()];
    for (part, served) in join.parts.iter().zip(&joined.parts) {
        let prefix = part.full_prefix();
        let running = match served.running() {
            Ok(running) => running,
            Err(e) => {
                features
                    .iter_mut()
                    .for_each(|f| drop(f.insert(format!("{prefix}{EXCEPTION}"), e.detail().into())));
                continue;
            }
        };
        let keys: Vec<Result<Asked>> =
            rows.iter().map(|row| asked(row, &running.bound, |key| part.left_key(key))).collect();
        let wanted: Vec<(Vec<u8>, Option<i64>)> =
            keys.iter().filter_map(|key| matched(key).map(|key| (key, at))).collect();
        let answers = app.hub.fetch(served.clone(), running.clone(), wanted, now).await;
        let (mut answers, failed) = match answers {
            Ok(answers) => (answers.into_iter(), None),
            Err(e) => (vec![].into_iter(), Some(e.detail())),
        };
        let into = features.iter_mut().zip(&mut known).zip(&mut times);
        for (key, ((features, known), time)) in keys.into_iter().zip(into) {
            let row = match (key, &failed) {
                (Err(e), _) => Err(e.detail()),
                (Ok(Asked::Key(_)), Some(what)) => Err(what.clone()),
                (Ok(Asked::Key(_)), None) => Ok(answers.next().map(|answer| {
                    *time = served.seen_at(*time, &answer);
                    running.row(&answer)
                })),
                (Ok(Asked::Null), _) => Ok(None),
            };
            match row {
                Ok(row) => add(&running, &prefix, row.as_deref(), features, known),
                Err(what) => drop(features.insert(format!("{prefix}{EXCEPTION}"), what.into())),
            }
        }
    }
    let log = app.log.of(app.hub.feeds(), Target::Join(joined.clone()));
    let mut results = Vec::with_capacity(rows.len());
    for (((row, mut features), mut known), time) in rows.into_iter().zip(features).zip(known).zip(times) {
        join.external.iter().for_each(|part| external(part, &row, &mut features, &mut known));
        if !join.derivations.is_empty() {
            features = derived(&joined, &row, at.unwrap_or(now), features, &known);
        }
        if let Some(log) = &log {
            log.add(time, &row, || features.clone());
        }
        results.push(success(row, features));
    }
    Ok(json(&json!({ "results": results })))
}

fn matched(key: &Result<Asked>) -> Option<Vec<u8>> {
    match key {
        Ok(Asked::Key(key)) => Some(key.clone()),
        _ => None,
    }
}

/// Adds the columns of a part; nulls where its key is null.
fn add(
    running: &Running,
    prefix: &str,
    row: Option<&[Value]>,
    features: &mut Map<String, Json>,
    known: &mut Vec<(String, Type, Value)>,
) {
    for (at, (name, ty)) in running.derive.columns().enumerate() {
        let value = row.and_then(|row| row.get(at)).cloned().unwrap_or_default();
        let name = format!("{prefix}_{name}");
        features.insert(name.clone(), values::json(&value, ty));
        known.push((name, ty.clone(), value));
    }
}

/// Adds what came with the request; other services are not asked.
fn external(
    part: &ExternalPart,
    row: &Map<String, Json>,
    features: &mut Map<String, Json>,
    known: &mut Vec<(String, Type, Value)>,
) {
    let prefix = part.full_prefix();
    if !part.is_contextual() {
        let what =
            format!("the values of `{}` come from another service, which is not asked here", part.name);
        features.insert(format!("{prefix}{EXCEPTION}"), what.into());
        return;
    }
    for (column, ty) in &part.values {
        let given = row.get(column).unwrap_or(&Json::Null);
        match value(given, ty) {
            Ok(value) => {
                let name = format!("{prefix}_{column}");
                features.insert(name.clone(), values::json(&value, ty));
                known.push((name, ty.clone(), value));
            }
            Err(e) => {
                let what = e.at(format!("`{column}`")).detail();
                features.insert(format!("{prefix}{EXCEPTION}"), what.into());
            }
        }
    }
}

/// What is derived. What cannot be derived is told beside all that is there.
fn derived(
    joined: &Joined,
    row: &Map<String, Json>,
    now: i64,
    mut features: Map<String, Json>,
    known: &[(String, Type, Value)],
) -> Map<String, Json> {
    let mut values: Vec<Value> = known.iter().map(|(.., value)| value.clone()).collect();
    let mut beside: Vec<(String, Type)> = Vec::new();
    for (name, json) in row {
        let ty = match json {
            Json::Bool(_) => Type::Bool,
            Json::Number(x) if x.is_i64() => Type::Long,
            Json::Number(_) => Type::Double,
            _ => Type::Text,
        };
        values.push(value(json, &ty).unwrap_or_default());
        beside.push((name.clone(), ty));
    }
    values.push(Value::Int(now));
    beside.push(("ts".to_owned(), Type::Long));
    match joined.deriving(known, beside) {
        Ok(deriving) => {
            let derive = &deriving.derive;
            // What failed stays to be seen.
            features.retain(|name, _| name.ends_with(EXCEPTION));
            let mut out = values::object(derive.columns(), &derive.apply(&values));
            out.extend(features);
            out
        }
        Err(e) => {
            features.insert("derivation_fetch_exception".to_owned(), e.detail().into());
            features
        }
    }
}

impl Joined {
    /// The derivations over features and over what came with a request. They are resolved anew only where names or types are not those of
    /// the last row.
    fn deriving(
        &self,
        known: &[(String, Type, Value)],
        beside: Vec<(String, Type)>,
    ) -> Result<Arc<Deriving>> {
        if let Some(last) = &*self.deriving.lock()
            && last.beside == beside
            && last
                .features
                .iter()
                .map(|(name, ty)| (name, ty))
                .eq(known.iter().map(|(name, ty, _)| (name, ty)))
        {
            return Ok(last.clone());
        }
        let features: Vec<(String, Type)> =
            known.iter().map(|(name, ty, _)| (name.clone(), ty.clone())).collect();
        let derive = Derive::new(&self.definition.derivations, &features, &beside)?;
        let deriving = Arc::new(Deriving { features, beside, derive });
        *self.deriving.lock() = Some(deriving.clone());
        Ok(deriving)
    }

    /// What a request asks for and gets, as far as the parts are served.
    ///
    /// # Errors
    /// `Busy` while a part is not; `Invalid` for derivations that do not fit.
    pub(crate) fn outputs(&self) -> Result<Outputs> {
        let mut parts = Vec::new();
        for served in &self.parts {
            let running = served.running()?;
            let columns = running.derive.columns().map(|(name, ty)| (name.to_owned(), ty.clone())).collect();
            parts.push(Outputs { keys: running.bound.keys.clone(), columns });
        }
        outputs::served(&self.definition, parts)
    }
}
