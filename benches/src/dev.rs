//! A `tile dev` of a project, and what one may send it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::http;
use crate::pace::post;
use crate::servers::{Launcher, Server};

pub struct Dev {
    pub server: Server,
    pub token: String,
    pub folder: PathBuf,
}

impl Dev {
    /// Starts one in a folder of that name, which `write` fills with its files.
    pub fn start(launcher: &Launcher, name: &str, write: impl Fn(&Path) -> Result<()>) -> Result<Self> {
        let folder = launcher.run.join(name);
        write(&folder)?;
        let server = launcher.dev(&folder, &launcher.run.join(format!("{name}-data")))?;
        let log = server.log()?;
        let token =
            log.lines().find_map(|line| line.strip_prefix("Admin token: ")).context("no token in the log")?;
        Ok(Self { token: token.to_owned(), server, folder })
    }

    /// What a POST answers, which must be 200.
    pub fn posted(&self, target: &str, body: &str) -> Result<Value> {
        let mut text = Vec::new();
        let mut connection = http::Connection::open(self.server.address)?;
        let request = post(self.server.address, target, body.as_bytes());
        let answer = connection.exchange(&request, &mut |piece| text.extend_from_slice(piece))?;
        ensure!(answer.status == 200, "`{body}`: {}", String::from_utf8_lossy(&text));
        Ok(serde_json::from_slice(&text)?)
    }

    /// The rows of a query, each as a list.
    pub fn ask(&self, sql: &str) -> Result<Value> {
        let target = format!("/v0/sql?token={}", self.token);
        let mut value = self.posted(&target, &format!("{sql} FORMAT JSONCompact"))?;
        Ok(value.get_mut("data").map(Value::take).unwrap_or_default())
    }

    /// Where events of a data source go, to be answered when they are durable.
    pub fn events(&self, name: &str) -> String {
        format!("/v0/events?name={name}&wait=true&token={}", self.token)
    }
}
