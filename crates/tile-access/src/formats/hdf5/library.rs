//! The thin, unsafe rim around the HDF5 C library: every call takes the library's one lock, every handle closes itself.

#![expect(unsafe_code, reason = "HDF5 is a C library; this is its rim")]

use crate::assets::Uid;
use hdf5_metno::sync::sync;
use hdf5_metno_sys::{h5, h5a, h5d, h5e, h5f, h5i, h5l, h5o, h5p, h5s, h5t};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::{Arc, OnceLock, Weak};
use tile_base::{Error, Kind, Result};

pub type Id = h5i::hid_t;

/// An identifier of the library that closes itself.
pub struct Handle(Id);

impl Handle {
    fn new(id: Id, what: &str) -> Result<Self> {
        if id >= 0 { Ok(Self(id)) } else { Err(Error::damaged(format!("HDF5 cannot open {what}"))) }
    }
    pub fn id(&self) -> Id {
        self.0
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the identifier was made by the library and is given back once.
        sync(|| unsafe { h5i::H5Idec_ref(self.0) });
    }
}

/// An open file: its library handle, a descriptor for direct reads, and the name of its content.
///
/// The library shares what it knows of a file between all its handles. So when a file has changed and is opened again, the
/// old handle is closed first; who still reads through it is told to try again.
pub struct File {
    handle: Mutex<Option<Handle>>,
    pub direct: Arc<std::fs::File>,
    pub uid: Uid,
}

/// What a link leads to.
pub enum Linked {
    Missing,
    Broken(String),
    Group,
    Dataset,
    /// A committed type or anything else that is no node.
    Other,
}

fn text(s: &str) -> Result<CString> {
    CString::new(s).map_err(|_| Error::not_found("the name holds a NUL"))
}

fn silence() {
    // SAFETY: switches the library's printing of its error stack off; failures are read from return values.
    unsafe { h5e::H5Eset_auto2(h5e::H5E_DEFAULT, None, ptr::null_mut()) };
}

/// The open files by path.
fn open_files() -> &'static Mutex<HashMap<PathBuf, Weak<File>>> {
    static FILES: OnceLock<Mutex<HashMap<PathBuf, Weak<File>>>> = OnceLock::new();
    FILES.get_or_init(Mutex::default)
}

impl File {
    /// Opens the file, or shares the handle of the same version.
    pub fn open(path: &Path, swmr: bool, uid: Uid) -> Result<Arc<Self>> {
        let mut files = open_files().lock();
        if let Some(known) = files.get(path).and_then(Weak::upgrade) {
            if known.uid == uid && known.handle.lock().is_some() {
                return Ok(known);
            }
            // The handle is closed after its lock is given back: closing takes the library's lock, which comes first.
            let old = known.handle.lock().take();
            drop(old);
        }
        files.retain(|_, f| f.strong_count() > 0);
        let file = Arc::new(Self::open_new(path, swmr, uid)?);
        files.insert(path.to_owned(), Arc::downgrade(&file));
        Ok(file)
    }

    fn open_new(path: &Path, swmr: bool, uid: Uid) -> Result<Self> {
        let direct = Arc::new(std::fs::File::open(path)?);
        let name = CString::new(path.as_os_str().as_bytes())
            .map_err(|_| Error::not_found("the path holds a NUL"))?;
        let handle = sync(|| {
            silence();
            // SAFETY: the name is a terminated string; the property list is made, used and closed here.
            unsafe {
                let access = h5p::H5Pcreate(*h5p::H5P_CLS_FILE_ACCESS);
                h5p::H5Pset_file_locking(access, 0, 1);
                let plain = h5f::H5F_ACC_RDONLY;
                let shared = plain | h5f::H5F_ACC_SWMR_READ;
                let mut id = h5f::H5Fopen(name.as_ptr(), if swmr { shared } else { plain }, access);
                if id < 0 {
                    id = h5f::H5Fopen(name.as_ptr(), if swmr { plain } else { shared }, access);
                }
                h5p::H5Pclose(access);
                Handle::new(id, "the file: it is cut off, damaged or no HDF5 file")
            }
        })?;
        Ok(Self { handle: Mutex::new(Some(handle)), direct, uid })
    }

    /// Names of the links in a group, in name order.
    pub fn links(&self, group: &str) -> Result<Vec<String>> {
        unsafe extern "C" fn collect(
            _: Id,
            name: *const c_char,
            _: *const h5l::H5L_info2_t,
            out: *mut c_void,
        ) -> c_int {
            // SAFETY: the library passes a terminated name, and the pointer given below.
            let (name, out) = unsafe { (CStr::from_ptr(name), &mut *out.cast::<Vec<String>>()) };
            out.push(name.to_string_lossy().into_owned());
            0
        }
        let id = self.object(group)?;
        let mut out: Vec<String> = Vec::new();
        // SAFETY: the callback only writes to `out`, which outlives the call.
        let status = sync(|| unsafe {
            h5l::H5Literate2(
                id.id(),
                hdf5_metno_sys::h5::H5_INDEX_NAME,
                h5::H5_ITER_INC,
                ptr::null_mut(),
                Some(collect),
                ptr::from_mut(&mut out).cast(),
            )
        });
        if status < 0 { Err(Error::damaged("HDF5 cannot list the group")) } else { Ok(out) }
    }

    /// What `name` in `group` leads to, links followed.
    pub fn linked(&self, group: &str, name: &str) -> Result<Linked> {
        if name.contains('/') || name == "." || name == ".." || name.is_empty() {
            return Ok(Linked::Missing);
        }
        let parent = self.object(group)?;
        let c_name = text(name)?;
        sync(|| {
            silence();
            // SAFETY: plain queries by a terminated name on an open group.
            unsafe {
                if h5l::H5Lexists(parent.id(), c_name.as_ptr(), h5p::H5P_DEFAULT) <= 0 {
                    return Ok(Linked::Missing);
                }
                let id = h5o::H5Oopen(parent.id(), c_name.as_ptr(), h5p::H5P_DEFAULT);
                if id < 0 {
                    return Ok(Linked::Broken(format!(
                        "the link `{name}` is broken: what it leads to is missing"
                    )));
                }
                let handle = Handle(id);
                Ok(match h5i::H5Iget_type(handle.id()) {
                    h5i::H5I_type_t::H5I_GROUP => Linked::Group,
                    h5i::H5I_type_t::H5I_DATASET => Linked::Dataset,
                    _ => Linked::Other,
                })
            }
        })
    }

    /// Opens a group or dataset by path.
    pub fn object(&self, path: &str) -> Result<Handle> {
        let c_path = text(path)?;
        sync(|| {
            silence();
            let handle = self.handle.lock();
            let Some(handle) = handle.as_ref() else {
                return Err(Error::new(Kind::Busy, "the file changed while it was read"));
            };
            // SAFETY: an open by terminated name.
            let id = unsafe { h5o::H5Oopen(handle.id(), c_path.as_ptr(), h5p::H5P_DEFAULT) };
            if id < 0 {
                Err(Error::new(Kind::Gone, "the object is missing in the file"))
            } else {
                Ok(Handle(id))
            }
        })
    }

    /// Whether the object at `path` lives in this very file, so that its addresses are this file's.
    pub fn is_local(&self, object: &Handle) -> bool {
        sync(|| {
            // SAFETY: `H5Iget_file_id` gives a new reference, closed by the handle; file numbers are plain integers.
            unsafe {
                let file = Handle(h5i::H5Iget_file_id(object.id()));
                let (mut a, mut b) = (0, 1);
                h5f::H5Fget_fileno(file.id(), &mut a);
                let Some(handle) = &*self.handle.lock() else { return false };
                h5f::H5Fget_fileno(handle.id(), &mut b);
                a == b
            }
        })
    }
}

/// Names of an object's attributes.
pub fn attribute_names(object: &Handle) -> Vec<String> {
    unsafe extern "C" fn collect(
        _: Id,
        name: *const c_char,
        _: *const h5a::H5A_info_t,
        out: *mut c_void,
    ) -> h5::herr_t {
        // SAFETY: as in `File::links`.
        let (name, out) = unsafe { (CStr::from_ptr(name), &mut *out.cast::<Vec<String>>()) };
        out.push(name.to_string_lossy().into_owned());
        0
    }
    let mut out: Vec<String> = Vec::new();
    // SAFETY: the callback only writes to `out`, which outlives the call.
    sync(|| unsafe {
        h5a::H5Aiterate2(
            object.id(),
            h5::H5_INDEX_NAME,
            h5::H5_ITER_INC,
            ptr::null_mut(),
            Some(collect),
            ptr::from_mut(&mut out).cast(),
        )
    });
    out
}

/// A dataset or attribute: something with a type, a space and values.
pub enum Source<'a> {
    Dataset(&'a Handle),
    Attribute(Handle),
}

impl Source<'_> {
    pub fn attribute(object: &Handle, name: &str) -> Result<Source<'static>> {
        let c_name = text(name)?;
        sync(|| {
            // SAFETY: an open by terminated name.
            let id = unsafe { h5a::H5Aopen(object.id(), c_name.as_ptr(), h5p::H5P_DEFAULT) };
            Handle::new(id, "the attribute")
        })
        .map(Source::Attribute)
    }

    /// The type of the stored items.
    pub fn type_id(&self) -> Result<Handle> {
        // SAFETY: both return a new identifier.
        let id = sync(|| unsafe {
            match self {
                Self::Dataset(d) => h5d::H5Dget_type(d.id()),
                Self::Attribute(a) => h5a::H5Aget_type(a.id()),
            }
        });
        Handle::new(id, "the data type")
    }

    fn space(&self) -> Result<Handle> {
        // SAFETY: both return a new identifier.
        let id = sync(|| unsafe {
            match self {
                Self::Dataset(d) => h5d::H5Dget_space(d.id()),
                Self::Attribute(a) => h5a::H5Aget_space(a.id()),
            }
        });
        Handle::new(id, "the data space")
    }

    /// The shape; `None` for a null space, which holds nothing at all.
    pub fn shape(&self) -> Result<Option<Vec<usize>>> {
        let space = self.space()?;
        sync(|| {
            // SAFETY: the buffer has as many slots as the rank that the library gave.
            unsafe {
                if h5s::H5Sget_simple_extent_type(space.id()) == h5s::H5S_class_t::H5S_NULL {
                    return Ok(None);
                }
                let rank = usize::try_from(h5s::H5Sget_simple_extent_ndims(space.id()))
                    .map_err(|_| Error::damaged("the rank is unreadable"))?;
                let mut dims = vec![0; rank];
                h5s::H5Sget_simple_extent_dims(space.id(), dims.as_mut_ptr(), ptr::null_mut());
                dims.into_iter()
                    .map(|d| usize::try_from(d).map_err(|_| Error::damaged("a dimension is too large")))
                    .collect::<Result<_>>()
                    .map(Some)
            }
        })
    }

    /// All values in the memory type `memory`, `size` bytes each. Only for types without pointers.
    pub fn read_all(&self, memory: &Handle, items: usize, size: usize) -> Result<Vec<u8>> {
        let bytes = items
            .checked_mul(size)
            .filter(|&n| n <= 8 << 30)
            .ok_or_else(|| Error::damaged("the dataset is too large to be read whole"))?;
        let mut out = vec![0u8; bytes];
        // SAFETY: the buffer holds every item in the memory type.
        let status = sync(|| unsafe {
            match self {
                Self::Dataset(d) => h5d::H5Dread(
                    d.id(),
                    memory.id(),
                    h5s::H5S_ALL,
                    h5s::H5S_ALL,
                    h5p::H5P_DEFAULT,
                    out.as_mut_ptr().cast(),
                ),
                Self::Attribute(a) => h5a::H5Aread(a.id(), memory.id(), out.as_mut_ptr().cast()),
            }
        });
        if status < 0 { Err(Error::damaged("HDF5 cannot read the values")) } else { Ok(out) }
    }

    /// Variable-length text, one per item.
    pub fn read_strings(&self, items: usize) -> Result<Vec<Vec<u8>>> {
        let (memory, space) = (self.type_id()?, self.space()?);
        let mut pointers: Vec<*mut c_char> = vec![ptr::null_mut(); items];
        sync(|| {
            // SAFETY: the library fills `items` pointers with strings that it owns until they are reclaimed below; nothing
            // reads them after that.
            unsafe {
                let status = match self {
                    Self::Dataset(d) => h5d::H5Dread(
                        d.id(),
                        memory.id(),
                        h5s::H5S_ALL,
                        h5s::H5S_ALL,
                        h5p::H5P_DEFAULT,
                        pointers.as_mut_ptr().cast(),
                    ),
                    Self::Attribute(a) => h5a::H5Aread(a.id(), memory.id(), pointers.as_mut_ptr().cast()),
                };
                if status < 0 {
                    return Err(Error::damaged("HDF5 cannot read the text"));
                }
                let out = pointers
                    .iter()
                    .map(|p| if p.is_null() { Vec::new() } else { CStr::from_ptr(*p).to_bytes().to_vec() })
                    .collect();
                h5t::H5Treclaim(memory.id(), space.id(), h5p::H5P_DEFAULT, pointers.as_mut_ptr().cast());
                Ok(out)
            }
        })
    }

    /// Variable-length sequences of plain items, `size` bytes each: the bytes of every row.
    pub fn read_sequences(&self, items: usize, size: usize) -> Result<Vec<Vec<u8>>> {
        let (memory, space) = (self.type_id()?, self.space()?);
        let Self::Dataset(dataset) = self else {
            return Err(Error::damaged("sequences in attributes are not read"));
        };
        let mut rows: Vec<h5t::hvl_t> =
            (0..items).map(|_| h5t::hvl_t { len: 0, p: ptr::null_mut() }).collect();
        sync(|| {
            // SAFETY: as in `read_strings`; each row holds `len` items of `size` bytes.
            unsafe {
                if h5d::H5Dread(
                    dataset.id(),
                    memory.id(),
                    h5s::H5S_ALL,
                    h5s::H5S_ALL,
                    h5p::H5P_DEFAULT,
                    rows.as_mut_ptr().cast(),
                ) < 0
                {
                    return Err(Error::damaged("HDF5 cannot read the sequences"));
                }
                let out = rows
                    .iter()
                    .map(|r| {
                        if r.p.is_null() {
                            Vec::new()
                        } else {
                            std::slice::from_raw_parts(r.p.cast::<u8>(), r.len * size).to_vec()
                        }
                    })
                    .collect();
                h5t::H5Treclaim(memory.id(), space.id(), h5p::H5P_DEFAULT, rows.as_mut_ptr().cast());
                Ok(out)
            }
        })
    }
}

/// Reads the box `start`, `count` of a dataset in the memory type, `size` bytes per item.
pub fn read_box(
    dataset: &Handle,
    memory: &Handle,
    start: &[usize],
    count: &[usize],
    size: usize,
) -> Result<Vec<u8>> {
    let wide = |v: &[usize]| v.iter().map(|&n| n as h5::hsize_t).collect::<Vec<_>>();
    let (start, count) = (wide(start), wide(count));
    let items =
        count.iter().try_fold(size as u64, |n, &c| n.checked_mul(c)).and_then(|n| usize::try_from(n).ok());
    let mut out = vec![0u8; items.ok_or_else(|| Error::damaged("the chunk is too large"))?];
    let rank = c_int::try_from(count.len()).unwrap_or(0);
    let status = sync(|| {
        // SAFETY: both spaces are closed below; the buffer holds exactly the box.
        unsafe {
            let file_space = Handle(h5d::H5Dget_space(dataset.id()));
            h5s::H5Sselect_hyperslab(
                file_space.id(),
                h5s::H5S_SELECT_SET,
                start.as_ptr(),
                ptr::null(),
                count.as_ptr(),
                ptr::null(),
            );
            let memory_space = Handle(h5s::H5Screate_simple(rank, count.as_ptr(), ptr::null()));
            h5d::H5Dread(
                dataset.id(),
                memory.id(),
                memory_space.id(),
                file_space.id(),
                h5p::H5P_DEFAULT,
                out.as_mut_ptr().cast(),
            )
        }
    });
    if status < 0 {
        Err(Error::damaged("HDF5 cannot read a chunk; perhaps its compression filter is not known"))
    } else {
        Ok(out)
    }
}

/// How a dataset's bytes lie in the file.
pub enum Layout {
    /// In one run from this offset.
    Contiguous(u64),
    Chunked {
        chunk: Vec<usize>,
        filters: Vec<(i32, Vec<u32>)>,
    },
    /// Compact, virtual, external, unallocated.
    Other,
}

pub fn layout(dataset: &Handle) -> Layout {
    sync(|| {
        // SAFETY: queries on the creation property list, which the handle closes; buffers have the sizes that are told.
        unsafe {
            let plist = Handle(h5d::H5Dget_create_plist(dataset.id()));
            match h5p::H5Pget_layout(plist.id()) {
                h5d::H5D_layout_t::H5D_CONTIGUOUS if h5p::H5Pget_external_count(plist.id()) <= 0 => {
                    let offset = h5d::H5Dget_offset(dataset.id());
                    if offset == u64::MAX { Layout::Other } else { Layout::Contiguous(offset) }
                }
                h5d::H5D_layout_t::H5D_CHUNKED => {
                    let mut chunk = [0; 32];
                    let rank = usize::try_from(h5p::H5Pget_chunk(plist.id(), 32, chunk.as_mut_ptr()))
                        .unwrap_or(0)
                        .min(32);
                    let count = h5p::H5Pget_nfilters(plist.id());
                    let filters =
                        (0..c_uint::try_from(count).unwrap_or(0)).map(|i| filter(&plist, i)).collect();
                    Layout::Chunked {
                        chunk: chunk[..rank].iter().map(|&n| usize::try_from(n).unwrap_or(1)).collect(),
                        filters,
                    }
                }
                _ => Layout::Other,
            }
        }
    })
}

/// # Safety
/// `plist` must be a dataset creation property list with more than `index` filters.
unsafe fn filter(plist: &Handle, index: c_uint) -> (i32, Vec<u32>) {
    let (mut flags, mut config, mut n) = (0, 0, 32);
    let mut values = [0 as c_uint; 32];
    // SAFETY: the value buffer has the 32 slots that `n` tells.
    let id = unsafe {
        h5p::H5Pget_filter2(
            plist.id(),
            index,
            &mut flags,
            &mut n,
            values.as_mut_ptr(),
            0,
            ptr::null_mut(),
            &mut config,
        )
    };
    (id, values[..n.min(32)].to_vec())
}

/// Where a stored chunk is: (first item per dimension, filter mask, address, bytes).
pub type ChunkAt = (Vec<u64>, u32, u64, u64);

/// All stored chunks of a dataset of `rank` dimensions. Cost: one walk over its chunk index.
pub fn chunk_index(dataset: &Handle, rank: usize) -> Result<Vec<ChunkAt>> {
    struct Found {
        rank: usize,
        chunks: Vec<ChunkAt>,
    }
    unsafe extern "C" fn collect(
        offset: *const h5::hsize_t,
        mask: c_uint,
        addr: h5::haddr_t,
        size: h5::hsize_t,
        out: *mut c_void,
    ) -> c_int {
        // SAFETY: the library passes `rank` offsets and the pointer given below.
        let (found, offset) = unsafe {
            let found = &mut *out.cast::<Found>();
            let offset = std::slice::from_raw_parts(offset, found.rank);
            (found, offset)
        };
        found.chunks.push((offset.to_vec(), mask, addr, size));
        0
    }
    let mut found = Found { rank, chunks: vec![] };
    // SAFETY: the callback only writes to `found`, which outlives the call.
    let status = sync(|| unsafe {
        h5d::H5Dchunk_iter(dataset.id(), h5p::H5P_DEFAULT, Some(collect), ptr::from_mut(&mut found).cast())
    });
    if status < 0 { Err(Error::damaged("HDF5 cannot list the chunks")) } else { Ok(found.chunks) }
}

/// The fill value in the memory type, `size` bytes; zeros when none is defined.
pub fn fill_value(dataset: &Handle, memory: &Handle, size: usize) -> Vec<u8> {
    let mut out = vec![0u8; size];
    sync(|| {
        // SAFETY: the buffer holds one item of the memory type.
        unsafe {
            let plist = Handle(h5d::H5Dget_create_plist(dataset.id()));
            h5p::H5Pget_fill_value(plist.id(), memory.id(), out.as_mut_ptr().cast());
        }
    });
    out
}

impl Handle {
    /// Takes over a type identifier.
    pub(super) fn from_type(id: Id) -> Self {
        Self(id)
    }
}

/// Names of the dimension scales attached to a dataset's axes, through its `DIMENSION_LIST` of object references.
pub fn dimension_names(file: &File, path: &str, rank: usize) -> Vec<Option<String>> {
    let Ok(object) = file.object(path) else { return vec![None; rank] };
    let Ok(Source::Attribute(attribute)) = Source::attribute(&object, "DIMENSION_LIST") else {
        return vec![None; rank];
    };
    let mut rows: Vec<h5t::hvl_t> = (0..rank).map(|_| h5t::hvl_t { len: 0, p: ptr::null_mut() }).collect();
    sync(|| {
        // SAFETY: the attribute has one row per axis by definition, which its space confirms; rows hold object references
        // of eight bytes and are reclaimed after use; names are written into a buffer whose size is told.
        unsafe {
            let (memory, space) =
                (Handle(h5a::H5Aget_type(attribute.id())), Handle(h5a::H5Aget_space(attribute.id())));
            let one_row_per_axis =
                h5s::H5Sget_simple_extent_npoints(space.id()) == i64::try_from(rank).unwrap_or(-1);
            if !one_row_per_axis
                || h5t::H5Tget_class(memory.id()) != h5t::H5T_class_t::H5T_VLEN
                || h5a::H5Aread(attribute.id(), memory.id(), rows.as_mut_ptr().cast()) < 0
            {
                return vec![None; rank];
            }
            let out = rows
                .iter()
                .map(|r| if r.len == 0 || r.p.is_null() { None } else { referenced_name(object.id(), r.p) })
                .collect();
            h5t::H5Treclaim(memory.id(), space.id(), h5p::H5P_DEFAULT, rows.as_mut_ptr().cast());
            out
        }
    })
}

/// # Safety
/// `reference` must point to an object reference, and the library's lock be held.
unsafe fn referenced_name(object: Id, reference: *const c_void) -> Option<String> {
    use hdf5_metno_sys::h5r;
    let mut name = [0u8; 256];
    // SAFETY: the buffer's size is told; the opened object is closed by its handle.
    let n = unsafe {
        let target = h5r::H5Rdereference2(object, h5p::H5P_DEFAULT, h5r::H5R_type_t::H5R_OBJECT1, reference);
        if target < 0 {
            return None;
        }
        let target = Handle(target);
        h5i::H5Iget_name(target.id(), name.as_mut_ptr().cast(), name.len())
    };
    let name = name.get(..usize::try_from(n).ok()?)?;
    String::from_utf8_lossy(name).rsplit('/').next().map(str::to_owned)
}
