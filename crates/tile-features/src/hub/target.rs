//! What is served under a name: a Join or a GroupBy.

use super::{Defined, Grouped, Joined};
use crate::definition::{ExternalPart, Meta};
use crate::types::Type;
use std::sync::Arc;
use tile_base::Result;
use xxhash_rust::xxh3::xxh3_64;

/// Names of columns with their types.
pub type Typed = Vec<(String, Type)>;

#[derive(Clone)]
pub enum Target {
    GroupBy(Arc<Grouped>),
    Join(Arc<Joined>),
}

impl Target {
    /// The Join of a name, else the GroupBy.
    pub fn find(defined: &Defined, name: &str) -> Option<Self> {
        let join = defined.joins.get(name).cloned().map(Self::Join);
        join.or_else(|| defined.groups.get(name).cloned().map(Self::GroupBy))
    }

    pub fn meta(&self) -> &Meta {
        match self {
            Self::GroupBy(grouped) => &grouped.definition.meta,
            Self::Join(joined) => &joined.definition.meta,
        }
    }

    /// What a request names a key by.
    ///
    /// # Errors
    /// Those of what is not served.
    pub fn keys(&self) -> Result<Typed> {
        match self {
            Self::GroupBy(grouped) => Ok(grouped.served.running()?.bound.keys.clone()),
            Self::Join(joined) => joined.keys(),
        }
    }

    /// What is given.
    ///
    /// # Errors
    /// As [`Target::keys`].
    pub fn columns(&self) -> Result<Typed> {
        match self {
            Self::GroupBy(grouped) => {
                let running = grouped.served.running()?;
                Ok(running.derive.columns().map(|(name, ty)| (name.to_owned(), ty.clone())).collect())
            }
            Self::Join(joined) => joined.columns(),
        }
    }

    /// Values that come with a request.
    pub fn context(&self) -> Typed {
        match self {
            Self::GroupBy(_) => Vec::new(),
            Self::Join(joined) => {
                let external = joined.definition.external.iter().filter(|part| part.is_contextual());
                external.flat_map(|part: &ExternalPart| part.values.clone()).collect()
            }
        }
    }

    /// The same as long as the definition says the same, and the columns have the same types.
    ///
    /// # Errors
    /// As [`Target::keys`].
    pub fn schema_hash(&self) -> Result<String> {
        let definition = match self {
            Self::GroupBy(grouped) => grouped.definition.semantic_hash(),
            Self::Join(joined) => joined.definition.semantic_hash(),
        };
        let text = format!("{definition} {:?} {:?}", self.keys()?, self.columns()?);
        Ok(format!("{:016x}", xxh3_64(text.as_bytes())))
    }
}
