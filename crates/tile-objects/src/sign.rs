//! Signatures of requests to S3: "Signature Version 4" of AWS, in headers. Pure.

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use tile_base::objects::S3Access;

/// All but what stands for itself in RFC 3986.
const STRICT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The same in a path, whose parts stay parts.
const PATH: &AsciiSet = &STRICT.remove(b'/');

/// A request before it is signed.
pub struct Request<'a> {
    pub method: &'a str,
    pub host: &'a str,
    /// Encoded, beginning with `/`.
    pub path: &'a str,
    /// Not encoded.
    pub query: &'a [(&'a str, &'a str)],
    /// Of the body, in hexadecimal.
    pub body_sha256: &'a str,
    /// As in `20260131T235959Z`.
    pub at: &'a str,
}

pub fn path(text: &str) -> String {
    utf8_percent_encode(text, PATH).to_string()
}

/// The query as it is signed and sent: sorted.
pub fn query(params: &[(&str, &str)]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, STRICT).to_string();
    let mut all: Vec<String> = params.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
    all.sort();
    all.join("&")
}

/// The header `Authorization`. Signed are `host`, `x-amz-content-sha256` and `x-amz-date`, which must be sent as they are here.
pub fn authorization(request: &Request<'_>, access: &S3Access) -> String {
    const SIGNED: &str = "host;x-amz-content-sha256;x-amz-date";
    let Request { method, host, path, body_sha256, at, .. } = request;
    let canonical = format!(
        "{method}\n{path}\n{}\nhost:{host}\nx-amz-content-sha256:{body_sha256}\nx-amz-date:{at}\n\n{SIGNED}\n{body_sha256}",
        query(request.query)
    );
    let day = at.get(..8).unwrap_or_default();
    let scope = format!("{day}/{}/s3/aws4_request", access.region);
    let text = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{}", sha256(canonical.as_bytes()));
    let mut key = mac(format!("AWS4{}", access.secret).as_bytes(), day);
    for part in [access.region.as_str(), "s3", "aws4_request"] {
        key = mac(&key, part);
    }
    let signature = hex(&mac(&key, &text));
    format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={SIGNED}, Signature={signature}",
        access.key
    )
}

/// A digest in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing into a text does not fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // A key of any length is taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> S3Access {
        S3Access {
            endpoint: None,
            region: "us-east-1".into(),
            key: "AKIAIOSFODNN7EXAMPLE".into(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
        }
    }

    /// The signatures are those of `botocore.auth.S3SigV4Auth` 1.44.5 for the same requests.
    #[test]
    fn requests_are_signed_as_botocore_signs_them() {
        let empty = sha256(b"");
        for (method, host, raw, query, body, want) in CASES {
            let digest = if body.is_empty() { empty.clone() } else { sha256(body.as_bytes()) };
            let path = path(raw);
            let request =
                Request { method, host, path: &path, query, body_sha256: &digest, at: "20130524T000000Z" };
            let header = authorization(&request, &access());
            assert_eq!(header.rsplit_once("Signature=").unwrap().1, *want, "{method} {raw}");
        }
    }

    type Case = (
        &'static str,
        &'static str,
        &'static str,
        &'static [(&'static str, &'static str)],
        &'static str,
        &'static str,
    );

    const CASES: &[Case] = &[
        (
            "GET",
            "b.s3.us-east-1.amazonaws.com",
            "/",
            &[("list-type", "2"), ("prefix", "a b/ü&=+*~"), ("max-keys", "1000")],
            "",
            "0a1780e24d38c420e6a2724b6a8e3b8eb0bcedad4f724341ced39c6cbcd21c2e",
        ),
        (
            "GET",
            "localhost:9000",
            "/my-bucket/dir with space/ä+(1)*!'~.csv.gz",
            &[],
            "",
            "8a43abf2fad0f9f5beb5cc43546d9eeb8dd169b18607817960b66f8b06840486",
        ),
        (
            "PUT",
            "minio.example",
            "/b/x=1/y&z.parquet",
            &[],
            "hello",
            "84611c789e504c22973fd91240f01e53a6cf208abae30ee3fdb510f6b40df655",
        ),
        (
            "HEAD",
            "b.s3.eu-west-1.amazonaws.com",
            "/a//b/../c",
            &[],
            "",
            "7e4d09e3e2dbed7d163b568694ef8fcdbaa3d816c13b04e80d299947f6b054ed",
        ),
    ];

    #[test]
    fn a_secret_is_not_printed() {
        assert!(!format!("{:?}", access()).contains("wJalr"));
    }
}
