//! `tile.toml`: one section per part; unknown keys are errors. File < environment < flag.

use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use tile_access::config::{AccessConfig, KEYS, KeyDoc};
use tile_base::{Error, Result};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub server: ServerConfig,
    pub access: AccessConfig,
}

/// How the server listens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    pub host: IpAddr,
    pub port: u16,
    pub public: bool,
    pub api_key: Option<String>,
    pub allow_origins: Vec<String>,
    pub behind_proxy: bool,
    pub connections_max: usize,
    pub head_timeout_s: u64,
    pub drain_timeout_s: u64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 8000,
            public: false,
            api_key: None,
            allow_origins: vec![],
            behind_proxy: true,
            connections_max: 8192,
            head_timeout_s: 30,
            drain_timeout_s: 10,
        }
    }
}

const SERVER_KEYS: &[KeyDoc] = &[
    KeyDoc { key: "host", kind: "address", about: "address to listen on" },
    KeyDoc { key: "port", kind: "integer 0–65535", about: "port to listen on; 0 takes any free one" },
    KeyDoc { key: "public", kind: "boolean", about: "let everyone read without a key" },
    KeyDoc {
        key: "api_key",
        kind: "letters and digits, at least 4",
        about: "the key that gives access; made up at each start when missing",
    },
    KeyDoc {
        key: "allow_origins",
        kind: "list of origins",
        about: "web pages that may call this server from a browser; `*` for all",
    },
    KeyDoc {
        key: "behind_proxy",
        kind: "boolean",
        about: "make links from `X-Forwarded-Host` and `X-Forwarded-Proto` when a proxy sends them",
    },
    KeyDoc {
        key: "connections_max",
        kind: "integer 1–65000",
        about: "connections served at once; more wait",
    },
    KeyDoc {
        key: "head_timeout_s",
        kind: "integer 1–3600, seconds",
        about: "a client that has not sent a request's head by then is cut off",
    },
    KeyDoc {
        key: "drain_timeout_s",
        kind: "integer 0–3600, seconds",
        about: "how long requests may go on after a stop signal",
    },
];

impl Config {
    /// Reads a file; a missing file is the defaults unless it was named.
    pub fn load(named: Option<&Path>) -> Result<Self> {
        let path = named.unwrap_or(Path::new("tile.toml"));
        if named.is_none() && !path.is_file() {
            return Ok(Self::default());
        }
        let text = std::fs::read_to_string(path)
            .map_err(|e| Error::not_found(format!("cannot read `{}`: {e}", path.display())))?;
        Self::parse(&text).map_err(|e| e.at(path.display().to_string()))
    }

    pub fn parse(text: &str) -> Result<Self> {
        let config: Self = toml::from_str(text).map_err(|e| {
            Error::malformed(format!("the configuration is wrong:\n{e}")).hint(nearest_key(&e.to_string()))
        })?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        let s = &self.server;
        let range = |name: &str, value: u64, low: u64, high: u64| {
            if (low..=high).contains(&value) {
                Ok(())
            } else {
                Err(Error::malformed(format!("`server.{name}` is {value}, expected {low} to {high}")))
            }
        };
        range("connections_max", s.connections_max as u64, 1, 65_000)?;
        range("head_timeout_s", s.head_timeout_s, 1, 3600)?;
        range("drain_timeout_s", s.drain_timeout_s, 0, 3600)?;
        if let Some(key) = &s.api_key {
            check_key(key)?;
        }
        self.access.check()
    }
}

/// A key that is easily guessed or cannot stand in a URL is refused.
pub fn check_key(key: &str) -> Result<()> {
    if key.len() >= 4 && key.len() <= 256 && key.bytes().all(|b| b.is_ascii_alphanumeric()) {
        Ok(())
    } else {
        Err(Error::malformed("the API key must be 4 to 256 letters and digits"))
    }
}

/// The known key nearest to the unknown one that a message names.
fn nearest_key(message: &str) -> String {
    let Some(unknown) = message.split("unknown field `").nth(1).and_then(|m| m.split('`').next()) else {
        return String::from("See `tile config reference`");
    };
    let known = SERVER_KEYS.iter().chain(KEYS).map(|k| k.key).chain(["server", "access"]);
    match tile_base::error::nearest(unknown, known).first() {
        Some(name) => format!("Did you mean `{name}`? See `tile config reference`"),
        None => "See `tile config reference`".into(),
    }
}

/// The reference page, as Markdown.
pub fn reference() -> String {
    let (server, access) = (ServerConfig::default(), AccessConfig::default());
    let mut out = String::from(
        "# Configuration\n\nMade by `tile config reference`. `tile.toml` in the present folder, or the file named by `--config` or `TILE_CONFIG`. A flag wins over an environment variable, which wins over the file. Unknown keys are errors; `tile config check FILE` tells them.\n\nEnvironment: `TILE_HOST`, `TILE_PORT`, `TILE_API_KEY`, `TILE_DATA`, `TILE_CONFIG`, `TILE_LOG` (log filter such as `debug`).\n",
    );
    let default = |section: &str, key: &str| -> String {
        match (section, key) {
            ("server", "host") => server.host.to_string(),
            ("server", "port") => server.port.to_string(),
            ("server", "public") => server.public.to_string(),
            ("server", "behind_proxy") => server.behind_proxy.to_string(),
            ("server", "allow_origins") => "[]".into(),
            ("server", "connections_max") => server.connections_max.to_string(),
            ("server", "head_timeout_s") => server.head_timeout_s.to_string(),
            ("server", "drain_timeout_s") => server.drain_timeout_s.to_string(),
            ("access", "cache_bytes") => access.cache_bytes.to_string(),
            ("access", "response_bytes_max") => access.response_bytes_max.to_string(),
            ("access", "exact_count_max") => access.exact_count_max.to_string(),
            ("access", "expose_raw_assets") => access.expose_raw_assets.to_string(),
            ("access", "keep_extensions") => access.keep_extensions.to_string(),
            _ => "none".into(),
        }
    };
    for (section, keys) in [("server", SERVER_KEYS), ("access", KEYS)] {
        out.push_str(&format!("\n## [{section}]\n\n| key | type | default | meaning |\n|---|---|---|---|\n"));
        for k in keys {
            out.push_str(&format!(
                "| `{}` | {} | `{}` | {} |\n",
                k.key,
                k.kind,
                default(section, k.key),
                k.about
            ));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_name_the_nearest() {
        let e = Config::parse("[server]\nprot = 1\n").unwrap_err();
        assert!(e.detail().contains("`port`"), "{}", e.detail());
        assert!(
            Config::parse("[access.options.csv]\ndelimter = \";\"\n")
                .unwrap_err()
                .detail()
                .contains("`delimiter`")
        );
        assert!(Config::parse("[server]\nconnections_max = 0\n").is_err());
        assert!(Config::parse("").is_ok());
    }
}
