//! The bytes of a key: short ones without an allocation, so that to compare them reads no other memory.

use std::ops::Deref;

const SHORT_MAX: usize = 22;

pub enum Name {
    Short(u8, [u8; SHORT_MAX]),
    Long(Box<[u8]>),
}

impl Name {
    pub fn new(key: &[u8]) -> Self {
        match (u8::try_from(key.len()), key.len() <= SHORT_MAX) {
            (Ok(length), true) => {
                let mut bytes = [0; SHORT_MAX];
                bytes[..key.len()].copy_from_slice(key);
                Self::Short(length, bytes)
            }
            _ => Self::Long(key.into()),
        }
    }
}

impl Deref for Name {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Self::Short(length, bytes) => &bytes[..usize::from(*length)],
            Self::Long(bytes) => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_any_length_come_back() {
        assert_eq!(size_of::<Name>(), 24);
        for length in [0, 1, SHORT_MAX, SHORT_MAX + 1, 300] {
            let key: Vec<u8> = (0..length).map(|i| i.to_le_bytes()[0]).collect();
            assert_eq!(*Name::new(&key), *key);
        }
    }
}
