//! Features of a GroupBy for many keys.

use super::answers::{Item, reply};
use super::beside::Beside;
use super::call::{self, Call, Rows};
use super::keys::{Asked, asked};
use super::{App, arrow, explain};
use crate::hub::{Answer, Ask, Grouped, Running, Target, Typed};
use crate::json::Named;
use crate::value::Value;
use serde_json::{Map, Value as Json};
use std::sync::Arc;
use tile_base::{Error, Result};
use tile_web::{Reply, Req};

/// What one item of a request asks for, and what came of it.
pub struct Found {
    /// As the request has them.
    pub keys: Map<String, Json>,
    /// The key in bytes with its answer; none where a part of the key is null, which no row has. Or why there is no answer.
    pub outcome: std::result::Result<Option<(Vec<u8>, Answer)>, String>,
}

/// The keys of an item, and its features or why there are none.
pub type Answered = (Map<String, Json>, Result<Vec<Value>, String>);

pub async fn group_by(app: Arc<App>, mut req: Req) -> Result<Reply> {
    if is_explain(&app, &req) {
        return explain::post(app, req).await;
    }
    let call = Call::new(&app, &req)?;
    let grouped = call.group_by(&app, &req)?;
    let at = call::time(&req)?;
    let asking = call::asking(&app, &mut req).await?;
    let given = asking.rows.map(|json| call::given(&app, json)).transpose()?;
    let running = grouped.served.running()?;
    let now = app.hub.now_ms();
    let beside = Beside::new(&req, || Ok(running.features()), std::iter::once(&grouped.served), now)?;
    // What a request made up is not what is served.
    let log =
        given.is_none().then(|| app.log.of(app.hub.feeds(), Target::GroupBy(grouped.clone()))).flatten();
    let found = find(&app, (&grouped, &running), (asking.keys, given), (at, now)).await?;
    let columns = running.features();
    let written = |found: Found| {
        let values = found.outcome.map(|answered| {
            let Some((_, answer)) = answered else { return vec![Value::Null; columns.len()] };
            let time = grouped.served.seen_at(at.unwrap_or(now), &answer);
            let values = running.row(answer);
            if let Some(log) = &log {
                log.add(
                    time,
                    &found.keys,
                    &Named { columns: &columns, values: &values, errors: &[], only: None },
                );
            }
            values
        });
        (found.keys, values)
    };
    let rows: Vec<Answered> = found.into_iter().map(written).collect();
    if arrow::is_wanted(&req) {
        return tile_web::rt::cpu(move || arrow::of_group(&running, rows, &beside)).await;
    }
    let Beside { chosen, freshness } = beside;
    let items = rows.iter().map(|(keys, row)| match row {
        Ok(values) => {
            Item::found(keys, Named { columns: &columns, values, errors: &[], only: chosen.as_ref() })
        }
        Err(what) => Item::failed(keys, what),
    });
    reply(items.collect(), freshness)
}

/// Whether a path ends in `/explain` and names no GroupBy as a whole.
fn is_explain(app: &App, req: &Req) -> bool {
    let whole = req.tail.0.join("/");
    let ends = req.tail.0.len() > 1 && req.tail.0.last().is_some_and(|end| end == explain::END);
    ends && !app.hub.defined().groups.contains_key(&whole.replacen('/', ".", 1))
}

/// The answers for the keys of a request, in their order: at a time, or at the present; of the source's rows, or of those that it gives.
pub async fn find(
    app: &App,
    (grouped, running): (&Grouped, &Arc<Running>),
    (rows, given): (Rows, Option<Arc<Rows>>),
    (at, now): (Option<i64>, i64),
) -> Result<Vec<Found>> {
    let keys: Vec<Result<Asked>> =
        rows.iter().map(|row| asked(row, &running.bound.keys, &running.bound.key_types)).collect();
    let known = keys.iter().filter_map(|key| match key {
        Ok(Asked::Key(key)) => Some((key.clone(), at)),
        _ => None,
    });
    let (served, running) = (grouped.served.clone(), running.clone());
    let ask = Ask { served, running, keys: Arc::new(known.collect()), rows: given };
    let mut answers = app.hub.fetch(ask, now).await?.into_iter();
    let mut all = Vec::with_capacity(rows.len());
    for (keys, key) in rows.into_iter().zip(keys) {
        let outcome = match key {
            Ok(Asked::Key(key)) => {
                let answer = answers.next().ok_or_else(|| Error::internal("fewer answers than keys"))?;
                Ok(Some((key, answer)))
            }
            Ok(Asked::Null) => Ok(None),
            Err(e) => Err(e.detail()),
        };
        all.push(Found { keys, outcome });
    }
    Ok(all)
}

impl Running {
    /// Names and types of what the GroupBy gives.
    pub(crate) fn features(&self) -> Typed {
        self.derive.typed()
    }

    /// What the GroupBy gives: derived where it derives.
    pub(crate) fn row(&self, answer: Answer) -> Vec<Value> {
        if self.derive.is_plain() {
            return answer.values;
        }
        let mut row = answer.values;
        row.extend(answer.key);
        row.push(Value::Int(answer.q));
        self.derive.apply(&row)
    }
}
