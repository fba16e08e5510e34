//! The data sources of a workspace, and files of its catalog, for those that follow rows, such as features.

use crate::hub::Tenant;
use crate::workspace::{feeds, nodes};
use arrow_schema::SchemaRef;
use std::sync::Arc;
use tile_base::feed::{Feed, FeedQuery, Feeds, Position, Reading};
use tile_base::{Error, Kind, Result};

/// Those of the live deployment. One that is deployed later is there then.
pub struct Followed(pub Arc<Tenant>);

/// A data source. It is looked up by its name at each reading.
struct Source {
    tenant: Arc<Tenant>,
    name: String,
}

/// A file, by its path. Who follows it looks now and then whether it has changed.
struct File {
    tenant: Arc<Tenant>,
    path: String,
}

impl Feeds for Followed {
    fn open(&self, name: &str) -> Result<Arc<dyn Feed>> {
        let source = Source { tenant: self.0.clone(), name: self.name_of(name) };
        let error = match source.schema() {
            Ok(_) => return Ok(Arc::new(source)),
            Err(e) if e.kind == Kind::NotFound => e,
            Err(e) => return Err(e),
        };
        let file = File { tenant: self.0.clone(), path: name.to_owned() };
        match file.schema() {
            Ok(_) => Ok(Arc::new(file)),
            // What has no `/` is rather the name of a data source.
            Err(e) if e.kind == Kind::NotFound && !name.contains('/') => Err(error),
            Err(e) => Err(Error { at: None, ..e }),
        }
    }

    /// What others call `data.purchases` is the data source `data_purchases`, or else `purchases`.
    fn name_of(&self, name: &str) -> String {
        if name.contains('/') {
            return name.to_owned();
        }
        let live = self.0.workspace.live();
        let is_there = |name: &String| live.source(name).is_ok();
        let last = name.rsplit('.').next().unwrap_or(name);
        let names = [name.to_owned(), name.replace('.', "_"), last.to_owned()];
        names.into_iter().find(is_there).unwrap_or_else(|| name.to_owned())
    }
}

impl Feed for Source {
    fn schema(&self) -> Result<SchemaRef> {
        feeds::schema(&self.tenant.workspace, &self.name)
    }

    fn read(&self, query: &FeedQuery, after: Option<&Position>) -> Result<Reading> {
        feeds::read(&self.tenant.workspace, &self.name, query, after)
    }

    fn watch(&self, wake: Arc<dyn Fn() + Send + Sync>) -> Box<dyn Send + Sync> {
        self.tenant.workspace.versions().watch(&self.name, wake)
    }
}

impl Feed for File {
    fn schema(&self) -> Result<SchemaRef> {
        nodes::schema(&self.tenant.workspace, &self.path)
    }

    fn read(&self, query: &FeedQuery, after: Option<&Position>) -> Result<Reading> {
        nodes::read(&self.tenant.workspace, &self.path, query, after)
    }

    fn watch(&self, _wake: Arc<dyn Fn() + Send + Sync>) -> Box<dyn Send + Sync> {
        Box::new(())
    }

    fn wakes(&self) -> bool {
        false
    }
}
