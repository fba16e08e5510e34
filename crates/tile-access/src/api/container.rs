//! Containers as one file, with all below.

use super::send::{send, tag};
use super::{App, Reply, Req, body_list, wrong_family};
use crate::encoders::{self, CONTAINER, Subject, Target};
use std::sync::Arc;
use tile_base::{Family, Result};

pub async fn full(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let mut keys: Vec<String> = req.query.all("field").map(str::to_owned).collect();
    if req.method == http::Method::POST {
        keys.extend(body_list(&mut req).await?);
    }
    let (finder, path) = (app.clone(), req.tail.clone());
    let (node, mark) = tile_web::rt::cpu(move || {
        let node = finder.tree.find(&path)?;
        let mark = match &node.inside {
            Some(_) => finder
                .tree
                .source(&node.row)?
                .as_ref()
                .as_ref()
                .and_then(|s| s.assets.first().map(|a| (a.mtime_ns, a.size))),
            None => None,
        };
        Ok((node, mark))
    })
    .await?;
    if node.family() != Family::Container {
        return Err(wrong_family(&node.path, node.family(), &[Family::Container]));
    }
    let targets: &[Target] =
        if node.has_spec("xarray_dataset") { &[Target::Dataset, CONTAINER] } else { &[CONTAINER] };
    let chosen = encoders::choose(targets, req.query.get("format"), req.header("accept"))?;
    let generation = app.tree.catalog.generation();
    // What a mount holds has no version.
    let asked_us = node.is_mounted.then(|| app.clock.now_us());
    let version = format!("{generation} {mark:?} {asked_us:?} {keys:?}");
    let tag = tag(&[&node.path.to_string(), &version, &chosen.media_type]);
    let subject = if chosen.target == Target::Dataset {
        Subject::Dataset { node, keys }
    } else {
        Subject::Container { node, keys }
    };
    send(app, &req, chosen, subject, tag).await
}

/// The old name of two routes.
pub async fn node_full(app: Arc<App>, req: Req) -> Result<Reply> {
    let (finder, path) = (app.clone(), req.tail.clone());
    let family = tile_web::rt::cpu(move || finder.tree.find(&path).map(|n| n.family())).await?;
    match family {
        Family::Table => super::table::full(app, req).await,
        Family::Container => full(app, req).await,
        other => Err(wrong_family(&req.tail, other, &[Family::Container, Family::Table])),
    }
}
