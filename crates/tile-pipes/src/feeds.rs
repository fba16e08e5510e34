//! The data sources of a workspace for those that follow rows, such as features.

use crate::hub::Tenant;
use crate::workspace::feeds;
use arrow_schema::SchemaRef;
use std::sync::Arc;
use tile_base::Result;
use tile_base::feed::{Feed, FeedQuery, Feeds, Position, Reading};

/// Those of the live deployment. One that is deployed later is there then.
pub struct Followed(pub Arc<Tenant>);

/// One of them. It is looked up by its name at each reading.
struct Source {
    tenant: Arc<Tenant>,
    name: String,
}

impl Feeds for Followed {
    fn open(&self, name: &str) -> Result<Arc<dyn Feed>> {
        let source = Source { tenant: self.0.clone(), name: name.to_owned() };
        source.schema()?;
        Ok(Arc::new(source))
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
