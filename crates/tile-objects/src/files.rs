//! Files in a folder of the process: `file://folder/name`. Nothing outside of it is read or written, also not through links.

use jiff::Timestamp;
use std::fs::{self, File};
use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};
use tile_base::objects::{Held, Listed, Opened, Overwrite};
use tile_base::{Error, Kind, Result};

/// Folders below one another.
const DEPTH_MAX: usize = 16;
/// Files of one list.
const FILES_MAX: usize = 1_000_000;
const SCHEME: &str = "file://";

/// The folder.
pub struct Folder(pub PathBuf);

/// The parts of an address. None of them leads up, is hidden, or means something to a file system.
fn parts(url: &str) -> Result<Vec<&str>> {
    let rest = url.strip_prefix(SCHEME).unwrap_or_default();
    let is_plain = |part: &str| {
        !part.is_empty() && part.len() <= 255 && !part.starts_with('.') && !part.contains(['\\', '\0', ':'])
    };
    let parts: Vec<&str> = rest.split('/').collect();
    if parts.len() < 2 || parts.len() > DEPTH_MAX || !parts.iter().all(|p| is_plain(p)) {
        return Err(Error::invalid(format!("`{}` is no address of a file", crate::http::shown(url)))
            .hint("It is written as in file://folder/name, without `..` and hidden names"));
    }
    Ok(parts)
}

/// Errors of the disk, without its paths.
fn failed(e: io::Error, url: &str) -> Error {
    let url = crate::http::shown(url);
    match e.kind() {
        io::ErrorKind::NotFound => Error::invalid(format!("there is no file `{url}`")),
        io::ErrorKind::AlreadyExists => {
            Error::new(Kind::Conflict, format!("there is a file `{url}` already"))
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Error::new(Kind::Busy, format!("the disk is full: `{url}` cannot be written")).source(e)
        }
        _ => Error::internal(format!("`{url}` cannot be read or written")).source(e),
    }
}

fn leads_out(url: &str) -> Error {
    Error::invalid(format!("`{}` leads out of the folder of files", crate::http::shown(url)))
}

impl Folder {
    /// The folder of a file, as it truly is.
    fn parent(&self, url: &str, parts: &[&str]) -> Result<PathBuf> {
        let above = parts.get(..parts.len().saturating_sub(1)).unwrap_or_default();
        let path: PathBuf =
            std::iter::once(self.0.as_os_str()).chain(above.iter().map(AsRef::as_ref)).collect();
        let path = path.canonicalize().map_err(|e| failed(e, url))?;
        if path.starts_with(self.root(url)?) { Ok(path) } else { Err(leads_out(url)) }
    }

    fn root(&self, url: &str) -> Result<PathBuf> {
        self.0.canonicalize().map_err(|e| failed(e, url))
    }

    pub fn get(&self, url: &str) -> Result<Opened> {
        let parts = parts(url)?;
        let path = self.parent(url, &parts)?.join(parts.last().unwrap_or(&""));
        if !fs::symlink_metadata(&path).map_err(|e| failed(e, url))?.is_file() {
            return Err(Error::invalid(format!("`{}` is no file", crate::http::shown(url))));
        }
        let file = File::open(path).map_err(|e| failed(e, url))?;
        let bytes = file.metadata().map_err(|e| failed(e, url))?.len();
        Ok(Opened { reader: Box::new(file), bytes: Some(bytes), content_type: None, content_encoding: None })
    }

    pub fn list(&self, prefix: &str, each: &mut dyn FnMut(Listed) -> Result<()>) -> Result<()> {
        let rest = prefix.strip_prefix(SCHEME).unwrap_or_default();
        let mut out = Vec::new();
        if self.0.exists() {
            walk(&self.root(prefix)?, SCHEME, rest, 0, &mut out).map_err(|e| failed(e, prefix))?;
        }
        if out.len() > FILES_MAX {
            return Err(Error::new(Kind::TooLarge, format!("there are more than {FILES_MAX} files")));
        }
        out.sort_by(|a, b| a.url.cmp(&b.url));
        out.into_iter().filter(|listed| listed.url.starts_with(prefix)).try_for_each(each)
    }

    pub fn put(&self, url: &str, content: &mut dyn Held, overwrite: Overwrite) -> Result<()> {
        let parts = parts(url)?;
        fs::create_dir_all(&self.0).map_err(|e| failed(e, url))?;
        let mut folder = self.root(url)?;
        let (name, above) = parts.split_last().ok_or_else(|| leads_out(url))?;
        for part in above {
            folder.push(part);
            match fs::symlink_metadata(&folder) {
                Ok(found) if found.is_dir() => {}
                Ok(_) => return Err(leads_out(url)),
                Err(e) if e.kind() == io::ErrorKind::NotFound => {
                    fs::create_dir(&folder).map_err(|e| failed(e, url))?;
                }
                Err(e) => return Err(failed(e, url)),
            }
        }
        let mut write = || -> io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(&folder)?;
            content.seek(SeekFrom::Start(0))?;
            io::copy(content, &mut file)?;
            file.as_file().sync_all()?;
            let path = folder.join(name);
            match overwrite {
                Overwrite::Never => file.persist_noclobber(path)?,
                Overwrite::Always => file.persist(path)?,
            };
            File::open(&folder)?.sync_all()
        };
        write().map_err(|e| failed(e, url))
    }
}

/// Files below a folder. Links and hidden names are passed over, and so are folders that cannot lead to the prefix.
fn walk(folder: &Path, url: &str, wanted: &str, depth: usize, out: &mut Vec<Listed>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') || depth >= DEPTH_MAX || out.len() > FILES_MAX {
            continue;
        }
        let (kind, url) = (entry.file_type()?, format!("{url}{name}"));
        let below = url.strip_prefix(SCHEME).unwrap_or_default();
        if kind.is_dir() && (wanted.starts_with(below) || below.starts_with(wanted)) {
            walk(&entry.path(), &format!("{url}/"), wanted, depth + 1, out)?;
        } else if kind.is_file() {
            let about = entry.metadata()?;
            let modified = Timestamp::try_from(about.modified()?).unwrap_or(Timestamp::UNIX_EPOCH);
            let tag = format!("{}-{}", about.len(), modified.as_nanosecond());
            out.push(Listed { url, bytes: about.len(), tag, modified_us: modified.as_microsecond() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    fn held(text: &str) -> impl Held {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn files_are_written_listed_and_read() {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder(data.path().join("files"));
        let url = "file://exports/a/b.csv";
        folder.put(url, &mut held("1\n"), Overwrite::Never).unwrap();
        assert_eq!(folder.put(url, &mut held("2\n"), Overwrite::Never).unwrap_err().kind, Kind::Conflict);
        folder.put(url, &mut held("3\n"), Overwrite::Always).unwrap();
        folder.put("file://exports/c.csv", &mut held(""), Overwrite::Always).unwrap();
        let mut text = String::new();
        folder.get(url).unwrap().reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "3\n");
        let list = |prefix: &str| {
            let mut out = Vec::new();
            folder
                .list(prefix, &mut |l| {
                    out.push(l.url);
                    Ok(())
                })
                .unwrap();
            out
        };
        assert_eq!(list("file://exports/"), [url, "file://exports/c.csv"]);
        assert_eq!(list("file://exports/a/b"), [url]);
        assert_eq!(list("file://other/"), [""; 0]);
        assert_eq!(
            folder.get("file://exports/none").map(drop).unwrap_err().what,
            "there is no file `file://exports/none`"
        );
    }

    #[test]
    fn nothing_leads_out_of_the_folder() {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join("secret"), "s").unwrap();
        let folder = Folder(data.path().join("files"));
        folder.put("file://exports/a.csv", &mut held("1"), Overwrite::Always).unwrap();
        for url in [
            "file://../secret",
            "file://exports/../../secret",
            "file:///etc/passwd",
            "file://exports//a",
            "file://exports/.hidden",
            "file://a.csv",
            "file://exports/",
            "file://exports/a\\b",
            "file://./a/b",
        ] {
            assert_eq!(folder.get(url).map(drop).unwrap_err().kind, Kind::Invalid, "{url}");
            let put = folder.put(url, &mut held("x"), Overwrite::Always);
            assert_eq!(put.unwrap_err().kind, Kind::Invalid, "{url}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(data.path(), folder.0.join("link")).unwrap();
            std::os::unix::fs::symlink(data.path().join("secret"), folder.0.join("exports/l")).unwrap();
            for url in ["file://link/secret", "file://exports/l"] {
                assert_eq!(folder.get(url).map(drop).unwrap_err().kind, Kind::Invalid, "{url}");
            }
            assert!(folder.put("file://link/new", &mut held("x"), Overwrite::Always).is_err());
            // A link in the place of the file is replaced, and not followed.
            folder.put("file://exports/l", &mut held("x"), Overwrite::Always).unwrap();
            assert_eq!(std::fs::read(data.path().join("secret")).unwrap(), b"s");
            assert!(!data.path().join("new").exists());
        }
    }
}
