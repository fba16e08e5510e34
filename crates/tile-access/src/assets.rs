//! Files behind a node, and the fingerprints that tell their versions apart.

use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tile_base::{Error, Result};
use xxhash_rust::xxh3::Xxh3;

/// Names one version of some bytes; made from path, size, change time and inode, and what is looked at inside.
pub type Uid = u64;

/// The files of one node in order. One file for most formats, many for a sequence, a folder for Zarr.
#[derive(Clone, Debug)]
pub struct Assets {
    pub paths: Vec<PathBuf>,
    pub is_directory: bool,
}

/// A file as it is on disk now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub size: u64,
    pub mtime_ns: i64,
    pub inode: u64,
}

impl Stamp {
    /// # Errors
    /// `Gone` when the file is missing.
    pub fn of(path: &Path) -> Result<Self> {
        Ok(Self::from(&std::fs::metadata(path)?))
    }
}

impl From<&Metadata> for Stamp {
    fn from(m: &Metadata) -> Self {
        Self {
            size: m.size(),
            mtime_ns: m.mtime().wrapping_mul(1_000_000_000).wrapping_add(m.mtime_nsec()),
            inode: m.ino(),
        }
    }
}

/// Names the present content of one file; 0 when it is missing.
pub fn version_of(path: &Path) -> Uid {
    Stamp::of(path).map_or(0, |s| {
        let mut hash = Xxh3::new();
        hash.update(&s.size.to_le_bytes());
        hash.update(&s.mtime_ns.to_le_bytes());
        hash.update(&s.inode.to_le_bytes());
        hash.digest()
    })
}

impl Assets {
    pub fn file(path: &Path) -> Self {
        Self { paths: vec![path.to_owned()], is_directory: false }
    }
    pub fn directory(path: &Path) -> Self {
        Self { paths: vec![path.to_owned()], is_directory: true }
    }

    /// The only or first path.
    ///
    /// # Errors
    /// Internal when there is none: a catalog row without assets.
    pub fn path(&self) -> Result<&Path> {
        self.paths.first().map(PathBuf::as_path).ok_or_else(|| Error::internal("the node has no files"))
    }
    /// Opens the only or first file.
    ///
    /// # Errors
    /// `Gone` when it is missing.
    pub fn open(&self) -> Result<Arc<File>> {
        Ok(Arc::new(File::open(self.path()?)?))
    }
    /// Names the present content of these files, looked at as `part`. Cost: one `stat` per file, at most 64.
    ///
    /// # Errors
    /// `Gone` when a file is missing.
    pub fn uid(&self, part: &str) -> Result<Uid> {
        let mut hash = Xxh3::new();
        for path in self.paths.iter().take(64) {
            let stamp = Stamp::of(path)?;
            hash.update(path.as_os_str().as_encoded_bytes());
            hash.update(&stamp.size.to_le_bytes());
            hash.update(&stamp.mtime_ns.to_le_bytes());
            hash.update(&stamp.inode.to_le_bytes());
        }
        hash.update(&(self.paths.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
        Ok(hash.digest())
    }
}

/// Names a part of something that has a name already.
pub fn sub_uid(uid: Uid, part: &str) -> Uid {
    let mut hash = Xxh3::with_seed(uid);
    hash.update(part.as_bytes());
    hash.digest()
}

/// Reads exactly `len` bytes at `offset`. A file that was cut meanwhile is `Damaged`, not a crash: nothing is mapped.
///
/// # Errors
/// `Damaged` when the file ends before.
pub fn read_at(file: &File, offset: u64, len: usize) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    out.try_reserve_exact(len).map_err(|_| {
        Error::damaged(format!("the file asks for {len} bytes, more than there is memory for"))
    })?;
    // Into spare capacity: the buffer is not cleared before it is filled.
    while out.len() < len {
        let at = offset + out.len() as u64;
        match rustix::io::pread(file, rustix::buffer::spare_capacity(&mut out), at) {
            Ok(0) => return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(std::io::Error::from(e).into()),
        }
    }
    // The allocator may have given more room than was asked for.
    out.truncate(len);
    Ok(out)
}

/// Reads a whole file of at most `max` bytes.
///
/// # Errors
/// `TooLarge` above `max`, `Gone` when missing.
pub fn read_all(path: &Path, max: u64) -> Result<Vec<u8>> {
    let size = std::fs::metadata(path)?.len();
    if size > max {
        return Err(Error::new(
            tile_base::Kind::TooLarge,
            format!("the file has {size} bytes, this format is read whole up to {max}"),
        ));
    }
    Ok(std::fs::read(path)?)
}
