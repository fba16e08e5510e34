//! What the server tells of a workspace, as SQL names it behind `tinybird.`.

use super::rows::Stored;
use super::{Pipes, table};
use crate::api::call::Call;
use crate::observe::tables;
use crate::workspace::Live;
use crate::workspace::scope::Sight;
use serde_json::{Map, json};
use std::sync::Arc;
use tile_base::Result;
use tile_base::mount::Mounted;

/// Beside the data sources.
pub(super) const KEY: &str = "service";

/// Those that the caller may read.
pub(super) fn names(call: &Call) -> Vec<String> {
    let sight = call.sight();
    let seen = tables::names().into_iter().filter(|name| sight.source(name).is_some());
    seen.filter_map(|name| Some(name.strip_prefix(tables::SPACE)?.to_owned())).collect()
}

impl Pipes {
    pub(super) fn service(&self, call: &Call, live: &Arc<Live>, name: &str) -> Result<Option<Mounted>> {
        let (sight, full) = (call.sight(), format!("{}{name}", tables::SPACE));
        let Some(filter) = sight.source(&full).filter(|_| tables::is_known(&full)) else { return Ok(None) };
        // As with SQL, a row is there for who asks after what it tells of.
        call.tenant.store_records(name == tables::SIZES)?;
        let (maker, mut metadata) = (self.maker(call, live), Map::new());
        let (rows, columns) = if let Some(source) = tables::kept(name) {
            let (rows, count) = maker.stored(Stored::Service(source), filter.map(str::to_owned))?;
            if filter.is_none() {
                metadata.insert("rows_stored".into(), count.into());
            }
            (rows, source.table.columns.clone())
        } else {
            maker.named(&full, &sight)?
        };
        metadata.insert("description".into(), json!(tables::description(&full)));
        metadata.insert("columns".into(), super::types(&columns));
        Ok(Some(table(metadata.into(), "service", rows)))
    }
}
