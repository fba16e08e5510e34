//! Signatures and the texts that carry them.
//!
//! The text of a static token is `p.` + base64url of `{"u": owner, "id": secret id, "host": host}` + `.` + base64url of the
//! HMAC-SHA256 of the part between. Clients read the part between, so its JSON is written as Python writes it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tile_base::{Error, Result};

/// Where random bytes come from, 16 at a time.
pub type Random<'a> = &'a mut dyn FnMut() -> [u8; 16];

const TEXT_BYTES_MAX: usize = 2048;

/// The key that signs static tokens, and the address that they name.
#[derive(Clone)]
pub struct Issuer {
    key: Vec<u8>,
    host: Option<String>,
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer").field("host", &self.host).finish_non_exhaustive()
    }
}

/// What is inside a static token.
#[derive(Deserialize)]
pub(crate) struct Inside {
    /// The id of the workspace or of the user.
    #[serde(rename = "u")]
    pub owner: String,
    pub id: String,
}

impl Issuer {
    /// The key of Tinybird Local, that `tb local generate-tokens` signs with. Everybody knows it: tokens signed with it are
    /// as secret as the random id inside them.
    pub const LOCAL_KEY: &str = "abcd";

    /// # Errors
    /// `Invalid` for an empty key.
    pub fn new(key: impl Into<Vec<u8>>, host: Option<String>) -> Result<Self> {
        let key = key.into();
        if key.is_empty() {
            return Err(Error::invalid("the key that signs tokens is empty"));
        }
        Ok(Self { key, host })
    }

    /// The text of a new token.
    pub(crate) fn issue(&self, owner: &str, id: &str) -> String {
        let host = self.host.as_deref().map_or("null".to_owned(), quoted);
        let inside = format!(r#"{{"u": {}, "id": {}, "host": {host}}}"#, quoted(owner), quoted(id));
        let signed = encode(inside.as_bytes());
        let signature = encode(&sign(&self.key, signed.as_bytes()));
        format!("p.{signed}.{signature}")
    }

    /// What is inside, when the signature is ours.
    pub(crate) fn open(&self, text: &str) -> Option<Inside> {
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let (signed, signature) = text.strip_prefix("p.")?.split_once('.')?;
        if !is_signed(&self.key, signed.as_bytes(), signature) {
            return None;
        }
        serde_json::from_slice(&decode(signed)?).ok()
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Only the one text that [`encode`] makes of some bytes is read: no padding, no other bits at the end.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

pub(crate) fn sign(key: &[u8], signed: &[u8]) -> [u8; 32] {
    mac(key).chain_update(signed).finalize().into_bytes().into()
}

/// Compares in constant time.
pub(crate) fn is_signed(key: &[u8], signed: &[u8], signature: &str) -> bool {
    decode(signature).is_some_and(|signature| mac(key).chain_update(signed).verify_slice(&signature).is_ok())
}

fn mac(key: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    Hmac::new_from_slice(key).expect("a key of any length")
}

/// Compares digests, so that the time tells nothing of how much of the text was right.
pub(crate) fn is_same(a: &str, b: &str) -> bool {
    Sha256::digest(a) == Sha256::digest(b)
}

/// A UUID of version 4.
pub(crate) fn uuid(random: Random) -> String {
    let mut bytes = random();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (i, byte) in bytes.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}
