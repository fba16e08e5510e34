//! Awkward and ragged arrays.

use super::send::{send, tag};
use super::{App, Reply, Req, body_list, wrong_family};
use crate::data::{Awkward, Data};
use crate::encoders::{self, AWKWARD, RAGGED, Subject};
use bytes::Bytes;
use std::sync::Arc;
use tile_base::{Error, Family, Kind, NdSlice, Result, Structure};

pub async fn buffers(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let mut prefixes: Vec<String> = req.query.all("form_key").map(str::to_owned).collect();
    if req.method == http::Method::POST {
        prefixes.extend(body_list(&mut req).await?);
    }
    answer(app, req, Some(prefixes)).await
}

pub async fn full(app: Arc<App>, req: Req) -> Result<Reply> {
    answer(app, req, None).await
}

async fn answer(app: Arc<App>, req: Req, prefixes: Option<Vec<String>>) -> Result<Reply> {
    let (finder, path) = (app.clone(), req.tail.clone());
    let opened = tile_web::rt::cpu(move || {
        let node = finder.tree.find(&path)?;
        if node.family() != Family::Awkward {
            return Err(wrong_family(&path, node.family(), &[Family::Awkward]));
        }
        finder.tree.open(&node)
    })
    .await?;
    let (Data::Awkward(data), Structure::Awkward(structure)) = (&opened.data, &opened.structure) else {
        return Err(Error::new(Kind::Conflict, "the file changed its kind"));
    };
    let chosen = encoders::choose(&[AWKWARD], req.query.get("format"), req.header("accept"))?;
    let tag = tag(&[&format!("{:x}", data.uid()), &format!("{prefixes:?}"), &chosen.media_type]);
    let buffers: Arc<dyn Awkward> = match prefixes {
        Some(prefixes) => Arc::new(Chosen { all: data.clone(), prefixes }),
        None => data.clone(),
    };
    send(app, &req, chosen, Subject::Awkward { structure: structure.clone(), buffers }, tag).await
}

/// Buffers whose keys begin with one of the prefixes.
struct Chosen {
    all: Arc<dyn Awkward>,
    prefixes: Vec<String>,
}

impl Awkward for Chosen {
    fn keys(&self) -> Result<Vec<String>> {
        Ok(self
            .all
            .keys()?
            .into_iter()
            .filter(|k| self.prefixes.iter().any(|p| k.starts_with(p.as_str())))
            .collect())
    }
    fn buffer(&self, key: &str) -> Result<Bytes> {
        self.all.buffer(key)
    }
    fn uid(&self) -> u64 {
        self.all.uid()
    }
}

pub async fn ragged(app: Arc<App>, req: Req) -> Result<Reply> {
    let slice = NdSlice::parse(req.query.get("slice").unwrap_or(""))?;
    let (finder, path) = (app.clone(), req.tail.clone());
    let opened = tile_web::rt::cpu(move || {
        let node = finder.tree.find(&path)?;
        if node.family() != Family::Ragged {
            return Err(wrong_family(&path, node.family(), &[Family::Ragged]));
        }
        finder.tree.open(&node)
    })
    .await?;
    let (Data::Ragged(buffers), Structure::Ragged(structure)) = (&opened.data, &opened.structure) else {
        return Err(Error::new(Kind::Conflict, "the file changed its kind"));
    };
    let unfit = || {
        Error::malformed(
            "Cannot apply the requested slice to the given ragged array. Try reading the entire array and slice it on the client side instead.",
        )
    };
    if slice.0.len() > 1 {
        return Err(unfit());
    }
    let rows = structure.shape.first().copied().flatten().unwrap_or(0);
    let take = slice.resolve(&[rows])?.0;
    let take = take.first().filter(|t| !t.dropped).ok_or_else(unfit)?;
    let rows: Vec<usize> = (0..take.count).map(|i| take.at(i)).collect();
    let chosen = encoders::choose(&[RAGGED], req.query.get("format"), req.header("accept"))?;
    let tag = tag(&[&format!("{:x}", buffers.uid()), &format!("{take:?}"), &chosen.media_type]);
    send(app, &req, chosen, Subject::Ragged { buffers: buffers.clone(), rows }, tag).await
}
