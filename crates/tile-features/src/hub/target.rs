//! What is served under a name: a Join or a GroupBy.

use super::outputs::Outputs;
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

    /// What a request asks for and gets.
    ///
    /// # Errors
    /// Those of what is not served.
    pub fn outputs(&self) -> Result<Outputs> {
        match self {
            Self::GroupBy(grouped) => Ok(grouped.served.running()?.outputs()),
            Self::Join(joined) => joined.outputs(),
        }
    }

    /// What a request names its keys by.
    pub fn keys(&self) -> Vec<&str> {
        match self {
            Self::GroupBy(grouped) => grouped.definition.keys.iter().map(String::as_str).collect(),
            Self::Join(joined) => {
                let parts = joined.definition.parts.iter();
                let keys = parts.flat_map(|part| part.group_by.keys.iter().map(|key| part.left_key(key)));
                let mut out: Vec<&str> = keys.collect();
                out.sort_unstable();
                out.dedup();
                out
            }
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
    /// As [`Target::outputs`].
    pub fn schema_hash(&self) -> Result<String> {
        let definition = match self {
            Self::GroupBy(grouped) => grouped.definition.semantic_hash(),
            Self::Join(joined) => joined.definition.semantic_hash(),
        };
        let Outputs { keys, columns } = self.outputs()?;
        let text = format!("{definition} {keys:?} {columns:?}");
        Ok(format!("{:016x}", xxh3_64(text.as_bytes())))
    }
}
