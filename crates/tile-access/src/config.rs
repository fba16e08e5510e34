//! The `[access]` section of the configuration.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use tile_base::{Error, Result};

/// How files are served.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccessConfig {
    /// Memory for decoded chunks and table columns, in bytes.
    pub cache_bytes: u64,
    /// Largest answer, in bytes of data before encoding; larger requests are asked to slice.
    pub response_bytes_max: u64,
    /// Children of a container are counted exactly up to this number unless the exact count is asked for.
    pub exact_count_max: u64,
    /// Whether the original files may be downloaded.
    pub expose_raw_assets: bool,
    /// Whether file name endings stay part of keys.
    pub keep_extensions: bool,
    /// Reading options by format name.
    pub options: BTreeMap<String, Map<String, Value>>,
}

impl Default for AccessConfig {
    fn default() -> Self {
        Self {
            cache_bytes: 1 << 30,
            response_bytes_max: 300_000_000,
            exact_count_max: 100,
            expose_raw_assets: true,
            keep_extensions: false,
            options: BTreeMap::new(),
        }
    }
}

/// One key of a section, for the reference page.
pub struct KeyDoc {
    pub key: &'static str,
    pub kind: &'static str,
    pub about: &'static str,
}

/// The keys of this section.
pub const KEYS: &[KeyDoc] = &[
    KeyDoc {
        key: "cache_bytes",
        kind: "integer, bytes, ≥ 0",
        about: "memory for decoded chunks and table columns",
    },
    KeyDoc {
        key: "response_bytes_max",
        kind: "integer, bytes, ≥ 1",
        about: "largest answer before encoding; larger requests are asked to slice",
    },
    KeyDoc {
        key: "exact_count_max",
        kind: "integer",
        about: "children are counted exactly up to this number unless the exact count is asked for",
    },
    KeyDoc {
        key: "expose_raw_assets",
        kind: "boolean",
        about: "whether the original files may be downloaded",
    },
    KeyDoc { key: "keep_extensions", kind: "boolean", about: "whether file name endings stay part of keys" },
    KeyDoc {
        key: "options.<format>",
        kind: "table",
        about: "reading options of a format, see the formats page",
    },
];

impl AccessConfig {
    /// The reading options of a format.
    pub fn options_of(&self, format: &str) -> Value {
        self.options.get(format).map_or(Value::Null, |m| Value::Object(m.clone()))
    }

    /// Checks bounds and names that types alone cannot.
    ///
    /// # Errors
    /// `Malformed`, naming the key.
    pub fn check(&self) -> Result<()> {
        if self.response_bytes_max == 0 {
            return Err(Error::malformed("`access.response_bytes_max` must be at least 1"));
        }
        for (name, options) in &self.options {
            let format = crate::formats::by_name(name)
                .map_err(|e| Error::malformed(format!("`access.options.{name}`: {}", e.detail())))?;
            for key in options.keys() {
                if !format.options().iter().any(|o| o.name == key) {
                    let error = Error::malformed(format!(
                        "`access.options.{name}.{key}` is not an option of this format"
                    ));
                    return Err(error.did_you_mean(key, format.options().iter().map(|o| o.name)));
                }
            }
        }
        Ok(())
    }
}
