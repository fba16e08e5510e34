//! Buckets of S3, and of what speaks its protocol: `s3://bucket/key`.

use crate::http::{TEXT_BYTES_MAX, failed, opened, status_error};
use crate::sign::{self, Request};
use jiff::Timestamp;
use quick_xml::Reader;
use quick_xml::events::Event;
use sha2::{Digest, Sha256};
use std::io::{Read, SeekFrom};
use tile_base::objects::{Held, Listed, Opened, Overwrite, S3Access};
use tile_base::{Error, Kind, Result};
use ureq::{Agent, Body, SendBody};

/// Objects of one page of a list.
const PAGE: &str = "1000";
/// Characters of the other side's message in ours.
const MESSAGE_MAX: usize = 300;

/// A bucket and a key in it, or the beginning of one.
struct At<'a> {
    bucket: &'a str,
    key: &'a str,
}

impl<'a> At<'a> {
    fn parse(url: &'a str) -> Result<Self> {
        let rest = url.strip_prefix("s3://").unwrap_or_default();
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(is_plain) || key.len() > 1024 {
            return Err(Error::invalid(format!("`{}` is no address of S3", crate::http::shown(url)))
                .hint("It is written as in s3://bucket/folder/name"));
        }
        Ok(Self { bucket, key })
    }
}

/// Where requests about a bucket go.
struct Host {
    /// As in `https://minio.example:9000`.
    origin: String,
    host: String,
    /// What stands before the key.
    path: String,
}

impl Host {
    fn new(access: &S3Access, bucket: &str) -> Result<Self> {
        let Some(endpoint) = &access.endpoint else {
            let region = &access.region;
            // The certificate covers one name before the region, so that a bucket with points goes into the path.
            return Ok(if bucket.contains('.') {
                let host = format!("s3.{region}.amazonaws.com");
                Self { origin: format!("https://{host}"), host, path: format!("/{bucket}/") }
            } else {
                let host = format!("{bucket}.s3.{region}.amazonaws.com");
                Self { origin: format!("https://{host}"), host, path: "/".to_owned() }
            });
        };
        let endpoint = endpoint.trim_end_matches('/');
        let host = endpoint.strip_prefix("https://").or_else(|| endpoint.strip_prefix("http://"));
        let host = host.filter(|h| !h.is_empty() && !h.contains(['/', '@', '?', '#']));
        let host = host.ok_or_else(|| {
            Error::invalid("S3_ENDPOINT is no address of a server")
                .hint("Write it as in https://minio.example:9000")
        })?;
        // Clients leave the port out where it is the usual one.
        let usual = if endpoint.starts_with("https") { ":443" } else { ":80" };
        let named = host.strip_suffix(usual).unwrap_or(host).to_owned();
        Ok(Self { origin: endpoint.to_owned(), host: named, path: format!("/{bucket}/") })
    }
}

/// Bucket requests of one process.
pub struct S3<'a> {
    pub agent: &'a Agent,
    pub access: &'a S3Access,
    pub now_us: i64,
}

impl S3<'_> {
    pub fn get(&self, url: &str) -> Result<Opened> {
        let answer = self.call("GET", url, &[], None, false)?;
        match answer.status().as_u16() {
            200 => Ok(opened(answer)),
            _ => Err(told(answer, url)),
        }
    }

    pub fn list(&self, prefix: &str, each: &mut dyn FnMut(Listed) -> Result<()>) -> Result<()> {
        let At { bucket, key } = At::parse(prefix)?;
        let whole = format!("s3://{bucket}/");
        let mut next: Option<String> = None;
        loop {
            let mut query = vec![("list-type", "2"), ("max-keys", PAGE), ("prefix", key)];
            query.extend(next.as_deref().map(|token| ("continuation-token", token)));
            let answer = self.call("GET", &whole, &query, None, false)?;
            if answer.status().as_u16() != 200 {
                return Err(told(answer, prefix));
            }
            let text = text(answer, prefix)?;
            let page = Page::parse(&text, bucket)
                .map_err(|e| Error::new(Kind::Busy, "the list of the bucket cannot be read").source(e))?;
            for object in page.objects {
                each(object)?;
            }
            match page.next {
                Some(token) if Some(&token) != next.as_ref() => next = Some(token),
                _ => return Ok(()),
            }
        }
    }

    pub fn put(&self, url: &str, content: &mut dyn Held, overwrite: Overwrite) -> Result<()> {
        let digest = digest(content)?;
        if overwrite == Overwrite::Never {
            // Not every server knows the condition that is sent along below.
            let found = self.call("HEAD", url, &[], None, false)?;
            match found.status().as_u16() {
                404 => {}
                200 => return Err(taken(url)),
                status => return Err(status_error(status, url)),
            }
        }
        let is_new = overwrite == Overwrite::Never;
        let answer = self.call("PUT", url, &[], Some((&digest, content)), is_new)?;
        match answer.status().as_u16() {
            200 | 201 | 204 => Ok(()),
            409 | 412 if is_new => Err(taken(url)),
            _ => Err(told(answer, url)),
        }
    }

    fn call(
        &self,
        method: &str,
        url: &str,
        query: &[(&str, &str)],
        body: Option<(&Digested, &mut dyn Held)>,
        is_new: bool,
    ) -> Result<http::Response<Body>> {
        let At { bucket, key } = At::parse(url)?;
        let host = Host::new(self.access, bucket)?;
        let path = sign::path(&format!("{}{key}", host.path));
        let empty = sign::sha256(b"");
        let body_sha256 = body.as_ref().map_or(empty.as_str(), |(digested, _)| &digested.sha256);
        let at = Timestamp::from_microsecond(self.now_us).unwrap_or(Timestamp::UNIX_EPOCH);
        let at = at.strftime("%Y%m%dT%H%M%SZ").to_string();
        let request = Request { method, host: &host.host, path: &path, query, body_sha256, at: &at };
        let mut whole = format!("{}{path}", host.origin);
        if !query.is_empty() {
            whole = format!("{whole}?{}", sign::query(query));
        }
        let mut out = http::Request::builder()
            .method(method)
            .uri(&whole)
            .header("host", &host.host)
            .header("x-amz-date", &at)
            .header("x-amz-content-sha256", body_sha256)
            .header("authorization", sign::authorization(&request, self.access));
        if is_new {
            out = out.header("if-none-match", "*");
        }
        let unsent = |e: http::Error| Error::invalid("the connection's values cannot be sent").source(e);
        let sent = match body {
            None => self.agent.run(out.body(()).map_err(unsent)?),
            Some((digested, mut content)) => {
                content.seek(SeekFrom::Start(0))?;
                let out = out.header("content-length", digested.bytes);
                self.agent.run(out.body(SendBody::from_reader(&mut content)).map_err(unsent)?)
            }
        };
        sent.map_err(|e| failed(e, &whole))
    }
}

struct Digested {
    sha256: String,
    bytes: u64,
}

fn digest(content: &mut dyn Held) -> Result<Digested> {
    content.seek(SeekFrom::Start(0))?;
    let (mut hash, mut bytes, mut block) = (Sha256::new(), 0_u64, vec![0; 64 << 10]);
    loop {
        let count = content.read(&mut block)?;
        let Some(read) = block.get(..count).filter(|read| !read.is_empty()) else { break };
        hash.update(read);
        bytes = bytes.saturating_add(u64::try_from(count).unwrap_or(0));
    }
    Ok(Digested { sha256: sign::hex(&hash.finalize()), bytes })
}

fn taken(url: &str) -> Error {
    Error::new(Kind::Conflict, format!("there is a file `{}` already", crate::http::shown(url)))
}

fn text(answer: http::Response<Body>, url: &str) -> Result<String> {
    let mut out = String::new();
    let mut reader = answer.into_body().into_with_config().limit(TEXT_BYTES_MAX).reader();
    reader.read_to_string(&mut out).map_err(|e| {
        Error::new(Kind::Busy, format!("the answer of `{}` breaks off", crate::http::shown(url))).source(e)
    })?;
    Ok(out)
}

/// The other side's refusal: its code and message, and nothing else of what it says.
fn told(answer: http::Response<Body>, url: &str) -> Error {
    let e = status_error(answer.status().as_u16(), url);
    let Ok(text) = text(answer, url) else { return e };
    let (mut code, mut message) = (String::new(), String::new());
    let walked = walk(&text, &mut |path, text| match path {
        ["Error", "Code"] => text.clone_into(&mut code),
        ["Error", "Message"] => text.clone_into(&mut message),
        _ => {}
    });
    if walked.is_err() || code.is_empty() {
        return e;
    }
    let message: String = message.chars().take(MESSAGE_MAX).collect();
    let what = format!("{}: {code}: {message}", e.what);
    Error { what, ..e }
}

/// A page of a list.
#[derive(Default)]
struct Page {
    objects: Vec<Listed>,
    next: Option<String>,
}

impl Page {
    fn parse(text: &str, bucket: &str) -> Result<Self, quick_xml::Error> {
        let mut out = Self::default();
        let mut is_cut = false;
        walk(text, &mut |path, text| match path {
            ["ListBucketResult", "IsTruncated"] => is_cut = text == "true",
            ["ListBucketResult", "NextContinuationToken"] => out.next = Some(text.to_owned()),
            ["ListBucketResult", "Contents", "Key"] => out.objects.push(Listed {
                url: format!("s3://{bucket}/{text}"),
                bytes: 0,
                tag: String::new(),
                modified_us: 0,
            }),
            ["ListBucketResult", "Contents", name] => {
                let Some(object) = out.objects.last_mut() else { return };
                match *name {
                    "Size" => object.bytes = text.parse().unwrap_or(0),
                    "ETag" => text.trim_matches('"').clone_into(&mut object.tag),
                    "LastModified" => {
                        object.modified_us = text.parse::<Timestamp>().map_or(0, Timestamp::as_microsecond);
                    }
                    _ => {}
                }
            }
            _ => {}
        })?;
        out.next = out.next.filter(|_| is_cut);
        Ok(out)
    }
}

/// Gives the text of each element that has one, with the names that lead there. `Key` comes first of an object, as S3 writes it.
fn walk(text: &str, each: &mut dyn FnMut(&[&str], &str)) -> Result<(), quick_xml::Error> {
    let mut reader = Reader::from_str(text);
    let mut path: Vec<String> = Vec::new();
    let mut inner = String::new();
    loop {
        match reader.read_event()? {
            Event::Start(start) => {
                path.push(start.local_name().as_ref().to_owned());
                inner.clear();
            }
            Event::Text(found) => inner.push_str(&found),
            Event::GeneralRef(found) => match found.resolve_char_ref()? {
                Some(c) => inner.push(c),
                None => {
                    inner.push_str(quick_xml::escape::resolve_predefined_entity(&found).unwrap_or_default());
                }
            },
            Event::End(_) => {
                let names: Vec<&str> = path.iter().map(String::as_str).collect();
                each(&names, &inner);
                path.pop();
                inner.clear();
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read() {
        let text = "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name>\
            <IsTruncated>true</IsTruncated><NextContinuationToken>a/=</NextContinuationToken>\
            <Contents><Key>x/a&amp;b &#xE4;.csv</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified>\
            <ETag>&quot;abc-2&quot;</ETag><Size>12</Size><Owner><ID>1</ID></Owner></Contents>\
            <Contents><Key>y</Key><Size>0</Size></Contents></ListBucketResult>";
        let page = Page::parse(text, "b").unwrap();
        assert_eq!(page.next.as_deref(), Some("a/="));
        let first = Listed {
            url: "s3://b/x/a&b ä.csv".into(),
            bytes: 12,
            tag: "abc-2".into(),
            modified_us: 1_767_323_045_000_000,
        };
        assert_eq!(page.objects[0], first);
        assert_eq!(page.objects[1].url, "s3://b/y");
        assert_eq!(page.objects.len(), 2);
    }

    #[test]
    fn hosts_of_buckets() {
        let access = |endpoint: Option<&str>| S3Access {
            endpoint: endpoint.map(str::to_owned),
            region: "eu-west-1".into(),
            key: String::new(),
            secret: String::new(),
        };
        let host =
            |endpoint, bucket| Host::new(&access(endpoint), bucket).map(|h| (h.origin, h.host, h.path));
        let of = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(
            host(None, "abc").unwrap(),
            of("https://abc.s3.eu-west-1.amazonaws.com", "abc.s3.eu-west-1.amazonaws.com", "/")
        );
        assert_eq!(
            host(None, "a.b").unwrap(),
            of("https://s3.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com", "/a.b/")
        );
        assert_eq!(host(Some("http://x:9000/"), "abc").unwrap(), of("http://x:9000", "x:9000", "/abc/"));
        assert_eq!(host(Some("https://x:443"), "abc").unwrap().1, "x");
        for bad in ["ftp://x", "https://", "https://a/b", "https://u:p@x", "x:9000"] {
            assert!(host(Some(bad), "abc").is_err(), "{bad}");
        }
        for bad in ["s3://a", "s3://a b/c", "s3:///x", "http://abc/d", "s3://abc?/d"] {
            assert!(At::parse(bad).is_err(), "{bad}");
        }
    }
}
