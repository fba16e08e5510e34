//! HDF5 data types as NumPy's, in the byte order of the file.

#![expect(unsafe_code, reason = "HDF5 is a C library; this is its rim")]

use super::library::{Handle, Id};
use hdf5_metno::sync::sync;
use hdf5_metno_sys::h5t::{self, H5T_class_t, H5T_order_t};
use std::ffi::CStr;
use tile_base::dtype::ScalarType;
use tile_base::{DType, Endian};

/// How a dataset's items are served.
pub enum Stored {
    /// Items of fixed size, read in the (packed) memory type.
    Plain { dtype: DType, memory: Handle, direct: bool },
    /// Variable-length text.
    Text,
    /// Variable-length rows of plain items.
    Sequence(DType),
    /// References and other things that have no NumPy form.
    Unsupported,
}

/// Classifies the type `file`. `direct` means that the bytes in the file are the items as served.
pub fn classify(file: &Handle) -> Stored {
    sync(|| {
        // SAFETY: queries on an open type; new types are closed by their handles.
        unsafe {
            let class = h5t::H5Tget_class(file.id());
            if h5t::H5Tis_variable_str(file.id()) > 0 {
                return Stored::Text;
            }
            if class == H5T_class_t::H5T_VLEN {
                let base = Owned(h5t::H5Tget_super(file.id()));
                return dtype(base.0)
                    .filter(|d| matches!(d, DType::Scalar(_)))
                    .map_or(Stored::Unsupported, Stored::Sequence);
            }
            let copy = h5t::H5Tcopy(file.id());
            if copy < 0 {
                return Stored::Unsupported;
            }
            if class == H5T_class_t::H5T_COMPOUND {
                h5t::H5Tpack(copy);
            }
            let direct = h5t::H5Tget_size(copy) == h5t::H5Tget_size(file.id());
            let memory = Owned(copy);
            match dtype(memory.0) {
                Some(dtype) => Stored::Plain { dtype, memory: memory.into_handle(), direct },
                None => Stored::Unsupported,
            }
        }
    })
}

/// A type identifier that closes itself, inside the lock.
struct Owned(Id);

impl Owned {
    fn into_handle(self) -> Handle {
        // The handle closes it from now on.
        let owned = std::mem::ManuallyDrop::new(self);
        Handle::from_type(owned.0)
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: the identifier is a type of ours.
        unsafe { h5t::H5Tclose(self.0) };
    }
}

/// # Safety
/// `id` must be an open type, and the library's lock held.
unsafe fn dtype(id: Id) -> Option<DType> {
    // SAFETY: queries by contract.
    unsafe {
        let size = h5t::H5Tget_size(id);
        let order = match h5t::H5Tget_order(id) {
            H5T_order_t::H5T_ORDER_BE => Endian::Big,
            _ => Endian::Little,
        };
        match h5t::H5Tget_class(id) {
            H5T_class_t::H5T_INTEGER if matches!(size, 1 | 2 | 4 | 8) => Some(DType::scalar(
                if h5t::H5Tget_sign(id) == h5t::H5T_sign_t::H5T_SGN_NONE { 'u' } else { 'i' },
                size,
                order,
            )),
            H5T_class_t::H5T_BITFIELD if matches!(size, 1 | 2 | 4 | 8) => {
                Some(DType::scalar('u', size, order))
            }
            H5T_class_t::H5T_FLOAT if matches!(size, 2 | 4 | 8 | 16) => Some(DType::scalar('f', size, order)),
            H5T_class_t::H5T_COMPLEX => Some(DType::scalar('c', size, order)),
            H5T_class_t::H5T_STRING if h5t::H5Tis_variable_str(id) == 0 => {
                Some(DType::scalar('S', size, Endian::None))
            }
            H5T_class_t::H5T_OPAQUE => Some(opaque(id, size)),
            H5T_class_t::H5T_ENUM => enumeration(id, size),
            H5T_class_t::H5T_COMPOUND => compound(id, size, order),
            _ => None,
        }
    }
}

/// `h5py` stores NumPy types that HDF5 lacks as tagged opaque bytes.
unsafe fn opaque(id: Id, size: usize) -> DType {
    // SAFETY: the tag is a string of the library, freed below.
    let tag = unsafe {
        let tag = h5t::H5Tget_tag(id);
        let text =
            if tag.is_null() { String::new() } else { CStr::from_ptr(tag).to_string_lossy().into_owned() };
        hdf5_metno_sys::h5::H5free_memory(tag.cast());
        text
    };
    tag.strip_prefix("NUMPY:")
        .and_then(|t| DType::parse(t).ok())
        .filter(|d| d.itemsize() == size)
        .unwrap_or_else(|| DType::scalar('V', size, Endian::None))
}

/// A two-valued FALSE/TRUE enumeration is a boolean; others are their integers.
unsafe fn enumeration(id: Id, size: usize) -> Option<DType> {
    // SAFETY: member names are strings of the library, freed after copying; the base type is closed.
    unsafe {
        let count = u32::try_from(h5t::H5Tget_nmembers(id)).unwrap_or(0);
        let names: Vec<String> = (0..count.min(3)).map(|i| member_name(id, i)).collect();
        if size == 1 && names == ["FALSE", "TRUE"] {
            return Some(DType::scalar('b', 1, Endian::None));
        }
        let base = Owned(h5t::H5Tget_super(id));
        dtype(base.0)
    }
}

unsafe fn member_name(id: Id, index: u32) -> String {
    // SAFETY: as in `opaque`.
    unsafe {
        let name = h5t::H5Tget_member_name(id, index);
        let text =
            if name.is_null() { String::new() } else { CStr::from_ptr(name).to_string_lossy().into_owned() };
        hdf5_metno_sys::h5::H5free_memory(name.cast());
        text
    }
}

unsafe fn compound(id: Id, size: usize, order: Endian) -> Option<DType> {
    // SAFETY: member types are closed by `Owned`; the dimension buffer has as many slots as the rank.
    unsafe {
        let count = u32::try_from(h5t::H5Tget_nmembers(id)).ok()?;
        let mut parts = Vec::new();
        for i in 0..count {
            let member = Owned(h5t::H5Tget_member_type(id, i));
            let (shape, base) = if h5t::H5Tget_class(member.0) == H5T_class_t::H5T_ARRAY {
                let mut dims = [0; 32];
                let rank = usize::try_from(h5t::H5Tget_array_dims2(member.0, dims.as_mut_ptr())).ok()?;
                let shape = dims.get(..rank)?.iter().map(|&d| usize::try_from(d).unwrap_or(0)).collect();
                (shape, Owned(h5t::H5Tget_super(member.0)))
            } else {
                (vec![], Owned(h5t::H5Tcopy(member.0)))
            };
            parts.push((member_name(id, i), dtype(base.0)?, shape));
        }
        let names: Vec<&str> = parts.iter().map(|p| p.0.as_str()).collect();
        let floats = |d: &DType| matches!(d, DType::Scalar(ScalarType { kind: 'f', .. }));
        if names == ["r", "i"] && parts.iter().all(|p| floats(&p.1) && p.1.itemsize() * 2 == size) {
            let order = if let DType::Scalar(s) = &parts[0].1 { s.endian } else { order };
            return Some(DType::scalar('c', size, order));
        }
        let packed = DType::packed(parts);
        (packed.itemsize() == size).then_some(packed)
    }
}
