//! Writing an HDF5 file in memory: the unsafe rim of the HDF5 encoder.

#![expect(unsafe_code, reason = "HDF5 is a C library; this is its rim")]

use super::library::{Handle, Id};
use hdf5_metno::sync::sync;
use hdf5_metno_sys::{h5, h5a, h5d, h5f, h5g, h5p, h5s, h5t};
use std::ffi::CString;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use tile_base::dtype::{Field, ScalarType};
use tile_base::{DType, Endian, Error, Kind, Result};

fn failed(what: &str) -> Error {
    Error::new(
        Kind::NotAcceptable,
        format!(
            "This type is supported in general but there was an error packing this specific data: {what}"
        ),
    )
}

fn check(id: Id, what: &str) -> Result<Handle> {
    if id < 0 { Err(failed(what)) } else { Ok(Handle::from_type(id)) }
}

fn text(s: &str) -> Result<CString> {
    CString::new(s).map_err(|_| failed("a name holds a NUL"))
}

/// A file that lives in memory until its image is taken.
pub struct File(Handle);

/// A group, or a dataset that gets attributes.
pub struct Group(Handle);

/// Bytes by which the image grows.
const INCREMENT: usize = 4 << 20;

impl File {
    pub fn in_memory() -> Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = text(&format!("tile-{}.h5", NUMBER.fetch_add(1, Ordering::Relaxed)))?;
        let id = sync(|| {
            // SAFETY: the property list is made, used and closed here; the name is a terminated string that the core
            // driver without backing store never turns into a file.
            unsafe {
                let access = h5p::H5Pcreate(*h5p::H5P_CLS_FILE_ACCESS);
                h5p::H5Pset_fapl_core(access, INCREMENT, 0);
                let id = h5f::H5Fcreate(name.as_ptr(), h5f::H5F_ACC_TRUNC, h5p::H5P_DEFAULT, access);
                h5p::H5Pclose(access);
                id
            }
        });
        check(id, "the file").map(Self)
    }

    pub fn root(&self) -> Result<Group> {
        // SAFETY: an open by terminated name.
        check(sync(|| unsafe { h5g::H5Gopen2(self.0.id(), c"/".as_ptr(), h5p::H5P_DEFAULT) }), "the root")
            .map(Group)
    }

    /// The finished file's bytes.
    pub fn image(self) -> Result<Vec<u8>> {
        sync(|| {
            // SAFETY: the first call only asks for the size, the second writes that many bytes.
            unsafe {
                h5f::H5Fflush(self.0.id(), h5f::H5F_scope_t::H5F_SCOPE_GLOBAL);
                let size = usize::try_from(h5f::H5Fget_file_image(self.0.id(), ptr::null_mut(), 0))
                    .map_err(|_| failed("the image"))?;
                let mut out = vec![0u8; size];
                if h5f::H5Fget_file_image(self.0.id(), out.as_mut_ptr().cast(), size) < 0 {
                    Err(failed("the image"))
                } else {
                    Ok(out)
                }
            }
        })
    }
}

/// The file type of a NumPy type; `U` becomes UTF-8 of fixed width by [`encode`].
fn type_of(dtype: &DType) -> Result<Handle> {
    match dtype {
        DType::Struct { itemsize, fields } => sync(|| struct_type(*itemsize, fields)),
        DType::Scalar(s) => sync(|| if "iuf".contains(s.kind) { number_type(s) } else { other_type(s) }),
    }
}

fn struct_type(itemsize: usize, fields: &[Field]) -> Result<Handle> {
    // SAFETY: every type is a new one, owned by its handle; the dimension buffer has as many entries as are told.
    unsafe {
        let out = check(h5t::H5Tcreate(h5t::H5T_class_t::H5T_COMPOUND, itemsize), "a struct type")?;
        for f in fields {
            let mut member = type_of(&f.dtype)?;
            if !f.shape.is_empty() {
                let dims: Vec<h5::hsize_t> = f.shape.iter().map(|&d| d as h5::hsize_t).collect();
                let rank = u32::try_from(dims.len()).unwrap_or(0);
                member = check(h5t::H5Tarray_create2(member.id(), rank, dims.as_ptr()), "an array type")?;
            }
            let name = text(&f.name)?;
            h5t::H5Tinsert(out.id(), name.as_ptr(), f.offset, member.id());
        }
        Ok(out)
    }
}

/// Integers and floats, in either byte order.
fn number_type(s: &ScalarType) -> Result<Handle> {
    // SAFETY: predefined types are copied before they are changed, and the copies are owned by their handles.
    unsafe {
        let base = match (s.kind, s.itemsize) {
            ('i', 1) => *h5t::H5T_STD_I8LE,
            ('i', 2) => *h5t::H5T_STD_I16LE,
            ('i', 4) => *h5t::H5T_STD_I32LE,
            ('i', 8) => *h5t::H5T_STD_I64LE,
            ('u', 1) => *h5t::H5T_STD_U8LE,
            ('u', 2) => *h5t::H5T_STD_U16LE,
            ('u', 4) => *h5t::H5T_STD_U32LE,
            ('u', 8) => *h5t::H5T_STD_U64LE,
            ('f', 2 | 4) => *h5t::H5T_IEEE_F32LE,
            ('f', 8) => *h5t::H5T_IEEE_F64LE,
            _ => return other_type(s),
        };
        let t = check(h5t::H5Tcopy(base), "a type")?;
        if (s.kind, s.itemsize) == ('f', 2) {
            h5t::H5Tset_fields(t.id(), 15, 10, 5, 0, 10);
            h5t::H5Tset_size(t.id(), 2);
            h5t::H5Tset_ebias(t.id(), 15);
        }
        if s.endian == Endian::Big {
            h5t::H5Tset_order(t.id(), h5t::H5T_order_t::H5T_ORDER_BE);
        }
        Ok(t)
    }
}

/// Booleans, complex numbers and text; everything else is opaque, tagged as h5py does.
fn other_type(s: &ScalarType) -> Result<Handle> {
    let n = s.itemsize.max(1);
    // SAFETY: every type is a copy or a new one, owned by its handle; names and tags are terminated.
    unsafe {
        match s.kind {
            'b' => {
                let t = check(h5t::H5Tenum_create(*h5t::H5T_STD_I8LE), "a boolean type")?;
                for (name, value) in [(c"FALSE", 0i8), (c"TRUE", 1)] {
                    h5t::H5Tenum_insert(t.id(), name.as_ptr(), ptr::from_ref(&value).cast());
                }
                Ok(t)
            }
            'c' => {
                let half = type_of(&DType::scalar('f', n / 2, s.endian))?;
                let t = check(h5t::H5Tcreate(h5t::H5T_class_t::H5T_COMPOUND, n), "a complex type")?;
                h5t::H5Tinsert(t.id(), c"r".as_ptr(), 0, half.id());
                h5t::H5Tinsert(t.id(), c"i".as_ptr(), n / 2, half.id());
                Ok(t)
            }
            'S' | 'U' => {
                let t = check(h5t::H5Tcopy(*h5t::H5T_C_S1), "a text type")?;
                h5t::H5Tset_size(t.id(), n);
                h5t::H5Tset_strpad(t.id(), h5t::H5T_str_t::H5T_STR_NULLPAD);
                if s.kind == 'U' {
                    h5t::H5Tset_cset(t.id(), h5t::H5T_cset_t::H5T_CSET_UTF8);
                }
                Ok(t)
            }
            kind => {
                let t = check(h5t::H5Tcreate(h5t::H5T_class_t::H5T_OPAQUE, n), "an opaque type")?;
                if kind != 'V' {
                    let tag = text(&format!("NUMPY:{}", s.typestr()))?;
                    h5t::H5Tset_tag(t.id(), tag.as_ptr());
                }
                Ok(t)
            }
        }
    }
}

/// Text of four bytes per character becomes UTF-8 of the widest item.
fn encode(dtype: &DType, bytes: &[u8]) -> Option<(DType, Vec<u8>)> {
    let DType::Scalar(s) = dtype else { return None };
    if s.kind != 'U' {
        return None;
    }
    let items: Vec<Vec<u8>> = bytes
        .chunks_exact(s.itemsize.max(4))
        .map(|i| crate::encoders::item::unicode(s, i).into_bytes())
        .collect();
    let widest = items.iter().map(Vec::len).max().unwrap_or(0).max(1);
    let out = items.into_iter().flat_map(|mut i| {
        i.resize(widest, 0);
        i
    });
    let mut utf8 = s.clone();
    utf8.itemsize = widest;
    Some((DType::Scalar(utf8), out.collect()))
}

fn space(shape: &[usize]) -> Result<Handle> {
    let dims: Vec<h5::hsize_t> = shape.iter().map(|&d| d as h5::hsize_t).collect();
    let rank = i32::try_from(dims.len()).map_err(|_| failed("too many dimensions"))?;
    // SAFETY: the buffer has `rank` entries.
    let id = sync(|| unsafe {
        if dims.is_empty() {
            h5s::H5Screate(h5s::H5S_class_t::H5S_SCALAR)
        } else {
            h5s::H5Screate_simple(rank, dims.as_ptr(), ptr::null())
        }
    });
    check(id, "a data space")
}

impl Group {
    pub fn group(&self, name: &str) -> Result<Self> {
        let c_name = text(name)?;
        // SAFETY: a terminated name in an open group.
        check(
            sync(|| unsafe {
                h5g::H5Gcreate2(
                    self.0.id(),
                    c_name.as_ptr(),
                    h5p::H5P_DEFAULT,
                    h5p::H5P_DEFAULT,
                    h5p::H5P_DEFAULT,
                )
            }),
            name,
        )
        .map(Self)
    }

    pub fn open_dataset(&self, name: &str) -> Result<Self> {
        let c_name = text(name)?;
        // SAFETY: a terminated name in an open group.
        check(sync(|| unsafe { h5d::H5Dopen2(self.0.id(), c_name.as_ptr(), h5p::H5P_DEFAULT) }), name)
            .map(Self)
    }

    /// Writes an array of `shape`; `bytes` holds its items in C order.
    pub fn dataset(&self, name: &str, dtype: &DType, shape: &[usize], bytes: &[u8]) -> Result<()> {
        if let Some((dtype, bytes)) = encode(dtype, bytes) {
            return self.store(name, &dtype, shape, &bytes, false);
        }
        self.store(name, dtype, shape, bytes, false)
    }

    pub fn attribute(&self, name: &str, dtype: &DType, shape: &[usize], bytes: &[u8]) -> Result<()> {
        self.store(name, dtype, shape, bytes, true)
    }

    pub fn text_attribute(&self, name: &str, value: &str) -> Result<()> {
        let (c_name, c_value, space) = (text(name)?, text(&value.replace('\0', ""))?, space(&[])?);
        sync(|| {
            // SAFETY: a variable-length string is a pointer to terminated text, which lives until the write is done.
            unsafe {
                let kind = check(h5t::H5Tcopy(*h5t::H5T_C_S1), "a text type")?;
                h5t::H5Tset_size(kind.id(), h5t::H5T_VARIABLE);
                h5t::H5Tset_cset(kind.id(), h5t::H5T_cset_t::H5T_CSET_UTF8);
                let target = check(
                    h5a::H5Acreate2(
                        self.0.id(),
                        c_name.as_ptr(),
                        kind.id(),
                        space.id(),
                        h5p::H5P_DEFAULT,
                        h5p::H5P_DEFAULT,
                    ),
                    name,
                )?;
                let pointer = c_value.as_ptr();
                if h5a::H5Awrite(target.id(), kind.id(), ptr::from_ref(&pointer).cast()) < 0 {
                    Err(failed(name))
                } else {
                    Ok(())
                }
            }
        })
    }

    fn store(&self, name: &str, dtype: &DType, shape: &[usize], bytes: &[u8], attribute: bool) -> Result<()> {
        let need = shape.iter().product::<usize>() * dtype.itemsize();
        if bytes.len() < need {
            return Err(failed("items are missing"));
        }
        let (c_name, kind, space) = (text(name)?, type_of(dtype)?, space(shape)?);
        let status = sync(|| {
            // SAFETY: `bytes` holds as many items of the type as the space, which was checked above.
            unsafe {
                if attribute {
                    let target = check(
                        h5a::H5Acreate2(
                            self.0.id(),
                            c_name.as_ptr(),
                            kind.id(),
                            space.id(),
                            h5p::H5P_DEFAULT,
                            h5p::H5P_DEFAULT,
                        ),
                        name,
                    )?;
                    Ok::<_, Error>(h5a::H5Awrite(target.id(), kind.id(), bytes.as_ptr().cast()))
                } else {
                    let target = check(
                        h5d::H5Dcreate2(
                            self.0.id(),
                            c_name.as_ptr(),
                            kind.id(),
                            space.id(),
                            h5p::H5P_DEFAULT,
                            h5p::H5P_DEFAULT,
                            h5p::H5P_DEFAULT,
                        ),
                        name,
                    )?;
                    Ok(h5d::H5Dwrite(
                        target.id(),
                        kind.id(),
                        h5s::H5S_ALL,
                        h5s::H5S_ALL,
                        h5p::H5P_DEFAULT,
                        bytes.as_ptr().cast(),
                    ))
                }
            }
        })?;
        if status < 0 { Err(failed(name)) } else { Ok(()) }
    }
}
