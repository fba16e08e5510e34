//! What a request may want beside features, or of them: which columns, and how fresh they are.

use crate::hub::Served;
use crate::types::Type;
use serde_json::{Map, Value as Json, json};
use std::collections::HashSet;
use std::sync::Arc;
use tile_base::{Error, Kind, Result};
use tile_web::Req;

/// What is wanted of features, and beside them.
pub struct Beside {
    /// The columns that the request names; none: all.
    pub chosen: Option<HashSet<String>>,
    /// How fresh features are, where that is wanted.
    pub freshness: Option<Json>,
}

impl Beside {
    /// `known` are the columns that there are, `served` the GroupBys that are asked.
    ///
    /// # Errors
    /// Those of [`chosen`] and [`freshness`].
    pub fn new<'a>(
        req: &Req,
        known: impl FnOnce() -> Result<Vec<(String, Type)>>,
        served: impl Iterator<Item = &'a Arc<Served>>,
        now: i64,
    ) -> Result<Self> {
        Ok(Self { chosen: chosen(req, known)?, freshness: freshness(req, served, now)? })
    }
}

/// Those of the parameter `columns`, apart by commas, among those that there are; any, where these are not known for now.
///
/// # Errors
/// `Invalid` for one that there is not, with the nearest; those of `known`.
fn chosen(req: &Req, known: impl FnOnce() -> Result<Vec<(String, Type)>>) -> Result<Option<HashSet<String>>> {
    let Some(text) = req.query.get("columns") else { return Ok(None) };
    let known = match known() {
        Err(e) if e.kind == Kind::Busy => {
            return Ok(Some(text.split(',').map(|name| name.trim().to_owned()).collect()));
        }
        known => known?,
    };
    let names = || known.iter().map(|(name, _)| name.as_str());
    let named = |name: &str| match names().any(|known| known == name) {
        true => Ok(name.to_owned()),
        false => Err(Error::invalid(format!("there is no column `{name}`")).did_you_mean(name, names())),
    };
    text.split(',').map(|name| named(name.trim())).collect::<Result<_>>().map(Some)
}

/// How fresh the features of GroupBys are, where the parameter `freshness` is `true`: of each by its name, `now` in milliseconds.
///
/// # Errors
/// `Malformed` for another word.
fn freshness<'a>(req: &Req, served: impl Iterator<Item = &'a Arc<Served>>, now: i64) -> Result<Option<Json>> {
    match req.query.get("freshness") {
        None | Some("false") => return Ok(None),
        Some("true") => {}
        Some(other) => {
            return Err(Error::malformed(format!("`freshness` is `{other}`, neither `true` nor `false`")));
        }
    }
    let of = |served: &Arc<Served>| {
        let status = served.status();
        let told = json!({
            "state": served.state(),
            "upToDateAtMillis": status.taken_at,
            "stalenessMillis": status.taken_at.map(|at| now.saturating_sub(at).max(0)),
            "watermarkMillis": served.watermark(),
        });
        (served.name().to_owned(), told)
    };
    Ok(Some(Json::Object(served.map(of).collect::<Map<_, _>>())))
}
