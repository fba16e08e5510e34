//! All kinds of addresses behind one door.

use crate::files::Folder;
use crate::http;
use crate::s3::S3;
use std::path::PathBuf;
use std::sync::Arc;
use tile_base::objects::{Access, Held, Listed, Objects, Opened, Overwrite};
use tile_base::{Clock, Error, Result};
use ureq::Agent;

/// What a store may do.
pub struct Settings {
    /// Addresses of private networks may be reached, this machine's own among them.
    pub is_open: bool,
    /// Certificates in PEM that are trusted in the place of those that are built in.
    pub roots: Option<Vec<u8>>,
    /// The folder of `file://`.
    pub folder: PathBuf,
    /// The folder of what is held for a while; it is there.
    pub temporary: PathBuf,
}

/// Files at addresses.
pub struct Store {
    plain: Agent,
    /// Follows nothing: the other side of a redirect would get a signature that is not for it.
    signed: Agent,
    folder: Folder,
    temporary: PathBuf,
    clock: Arc<dyn Clock>,
}

impl Store {
    /// # Errors
    /// For certificates that cannot be read.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self> {
        let Settings { is_open, roots, folder, temporary } = settings;
        Ok(Self {
            plain: http::plain(is_open, roots.as_deref())?,
            signed: http::agent(is_open, 0, roots.as_deref())?,
            folder: Folder(folder),
            temporary,
            clock,
        })
    }

    fn s3<'a>(&'a self, access: &'a tile_base::objects::S3Access) -> S3<'a> {
        S3 { agent: &self.signed, access, now_us: self.clock.now_us() }
    }
}

fn unknown(url: &str) -> Error {
    let scheme: String = url.split("://").next().unwrap_or_default().chars().take(20).collect();
    Error::invalid(format!("addresses of the kind `{scheme}` cannot be used here"))
        .hint("Use http or https; s3 with a connection of type s3; file with a connection of type files")
}

impl Objects for Store {
    fn get(&self, url: &str, access: &Access) -> Result<Opened> {
        match (access, url.split("://").next()) {
            (Access::Anyone, Some("http" | "https")) => http::get(&self.plain, url),
            (Access::S3(access), Some("s3")) => self.s3(access).get(url),
            (Access::Files, Some("file")) => self.folder.get(url),
            _ => Err(unknown(url)),
        }
    }

    fn list(&self, prefix: &str, access: &Access, each: &mut dyn FnMut(Listed) -> Result<()>) -> Result<()> {
        match (access, prefix.split("://").next()) {
            (Access::S3(access), Some("s3")) => self.s3(access).list(prefix, each),
            (Access::Files, Some("file")) => self.folder.list(prefix, each),
            _ => Err(unknown(prefix)),
        }
    }

    fn put(&self, url: &str, access: &Access, content: &mut dyn Held, overwrite: Overwrite) -> Result<()> {
        match (access, url.split("://").next()) {
            (Access::S3(access), Some("s3")) => self.s3(access).put(url, content, overwrite),
            (Access::Files, Some("file")) => self.folder.put(url, content, overwrite),
            _ => Err(unknown(url)),
        }
    }

    fn hold(&self) -> Result<Box<dyn Held>> {
        let file = tempfile::tempfile_in(&self.temporary)
            .map_err(|e| Error::internal("no file can be made for a while").source(e))?;
        Ok(Box::new(file))
    }
}
