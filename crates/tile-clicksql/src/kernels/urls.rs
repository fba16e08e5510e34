//! Parts of URLs, by ClickHouse's simplified reading of RFC 3986.

use super::frame::{Kernel, ListText, Text, U16, kernel};

/// The letters before a colon that something follows.
fn protocol(url: &str) -> &str {
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let length = url.bytes().take_while(letter).count();
    let (scheme, rest) = url.split_at_checked(length).unwrap_or_default();
    let begins = scheme.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    if begins && rest.starts_with(':') && rest.len() >= 4 { scheme } else { "" }
}

/// What follows the scheme and its slashes.
fn after_scheme(url: &str) -> &str {
    if let Some(rest) = url.strip_prefix("//") {
        return rest;
    }
    let scheme = url
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+'))
        .count();
    url.get(scheme..).and_then(|rest| rest.strip_prefix("://")).unwrap_or(url)
}

/// The host, or nothing when the URL is not one: a host has a point within it.
fn domain(url: &str) -> &str {
    let rest = after_scheme(url);
    // A colon ends it, be it before a port or before a password, which then leaves no host.
    let end = rest.find([':', '/', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or_default();
    if authority.contains([' ', '\t', '<', '>', '{', '}', '|', '\\', '^', '[', ']']) {
        return "";
    }
    let host = match authority.rsplit_once('@') {
        Some((user, _)) if user.contains('@') => return "",
        Some((_, host)) => host,
        None => authority,
    };
    if host.contains([';', '=', '&', '~', '%']) {
        return "";
    }
    let inner_point = host.rfind('.').is_some_and(|at| at + 1 < host.len());
    if inner_point { host } else { "" }
}

fn without_www(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

fn top_level(url: &str) -> &str {
    let host = domain(url);
    let last = host.rsplit('.').next().unwrap_or_default();
    // An address of numbers has no top-level domain.
    if last.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) { "" } else { last }
}

/// The label that names the owner, and where it begins: the second from the right, or the third when the
/// second is one of the common registries' own; the first of two; the only one.
fn significant(host: &str) -> (&str, usize) {
    let mut labels = host.rsplit('.');
    let (top, second, third) = (labels.next().unwrap_or(""), labels.next(), labels.next());
    let begin = |labels: usize| host.len().saturating_sub(labels);
    match (second, third) {
        (Some(second @ ("com" | "net" | "org" | "co" | "biz")), Some(third)) => {
            (third, begin(top.len() + second.len() + third.len() + 2))
        }
        (Some(second), _) => (second, begin(top.len() + second.len() + 1)),
        (None, _) => (host, 0),
    }
}

fn first_significant(url: &str) -> &str {
    significant(without_www(domain(url))).0
}

fn cut_to_significant(url: &str) -> &str {
    let host = without_www(domain(url));
    let (label, from) = significant(host);
    if label.is_empty() { "" } else { host.get(from..).unwrap_or_default() }
}

fn port(url: &str, default: u16) -> u16 {
    let host = domain(url);
    let rest = after_scheme(url);
    if host.is_empty() {
        return default;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or_default();
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let Some((_, port)) = host_and_port.split_once(':') else { return default };
    port.parse().ok().filter(|port| *port > 0).unwrap_or(default)
}

/// From the first slash after the host.
fn path_full(url: &str) -> &str {
    let from = url.find("//").map_or(0, |at| at + 2);
    let rest = url.get(from..).unwrap_or_default();
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default()
}

fn path(url: &str) -> &str {
    let full = path_full(url);
    full.get(..full.find(['?', '#']).unwrap_or(full.len())).unwrap_or_default()
}

fn fragment(url: &str) -> &str {
    url.split_once('#').map_or("", |(_, fragment)| fragment)
}

fn query_and_fragment(url: &str) -> &str {
    url.find(['?', '#'])
        .and_then(|at| url.get(at + usize::from(url.as_bytes().get(at) == Some(&b'?'))..))
        .unwrap_or("")
}

fn query(url: &str) -> &str {
    url.split_once('?').map_or("", |(_, rest)| rest.split('#').next().unwrap_or_default())
}

/// Names with their values, by ClickHouse's scan: a name ends at `=`, `&` or `#`, a value at `&` or `#`, and a
/// name that the text ends in is left out.
fn parameters(url: &str) -> Vec<(&str, &str)> {
    let mut out = Vec::new();
    let Some(from) = url.find(['?', '#']).map(|at| at + 1).filter(|from| *from < url.len()) else {
        return out;
    };
    let mut rest = url.get(from..).unwrap_or_default();
    while let Some(at) = rest.find(['=', '&', '#', '?']) {
        let (name, after) = rest.split_at_checked(at).unwrap_or_default();
        let end = match after.as_bytes().first() {
            Some(b'?') => {
                rest = after.get(1..).unwrap_or_default();
                continue;
            }
            Some(b'=') => rest
                .get(at + 1..)
                .and_then(|value| value.find(['&', '#']))
                .map_or(rest.len(), |end| at + 1 + end),
            _ => at,
        };
        out.push((name, rest.get(..end).unwrap_or_default()));
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    out
}

fn parameter<'a>(url: &'a str, name: &str) -> &'a str {
    let rest = url.find(['?', '#']).and_then(|at| url.get(at + 1..)).unwrap_or_default();
    let value = rest.split_inclusive(['&', '#', '?']).scan(0, |from, part| {
        let at = *from;
        *from += part.len();
        Some(rest.get(at..).unwrap_or_default())
    });
    let value =
        value.filter_map(|part| part.strip_prefix(name).and_then(|rest| rest.strip_prefix('='))).next();
    value.and_then(|value| value.split(['&', '#']).next()).unwrap_or_default()
}

/// The length up to and with the host, for a URL with a scheme of small letters and something behind `//`.
fn host_end(url: &str) -> Option<usize> {
    let scheme = url.bytes().take_while(u8::is_ascii_lowercase).count();
    let rest = url.get(scheme..)?.strip_prefix("://").filter(|rest| scheme > 0 && !rest.is_empty())?;
    Some(url.len() - rest.len() + rest.find(['/', '?', '#']).unwrap_or(rest.len()))
}

/// The ends of the levels after `from`: each behind a run of other bytes and one of `/`, `?`, `#`.
fn levels(url: &str, from: usize) -> Vec<usize> {
    let bytes = url.as_bytes();
    let is_mark = |at: usize| bytes.get(at).is_some_and(|byte| matches!(byte, b'/' | b'?' | b'#'));
    let mut out = Vec::new();
    let mut at = from;
    loop {
        while is_mark(at) {
            at += 1;
        }
        if at >= bytes.len() {
            return out;
        }
        while at < bytes.len() && !is_mark(at) {
            at += 1;
        }
        at = (at + 1).min(bytes.len());
        out.push(at);
    }
}

fn hierarchy(url: &str) -> Vec<&str> {
    if url.is_empty() {
        return Vec::new();
    }
    let Some(host) = host_end(url) else { return vec![url] };
    let first = (host + 1).min(url.len());
    [first].into_iter().chain(levels(url, first)).filter_map(|end| url.get(..end)).collect()
}

fn path_hierarchy(url: &str) -> Vec<&str> {
    let Some(host) = host_end(url) else { return Vec::new() };
    levels(url, (host + 1).min(url.len())).into_iter().filter_map(|end| url.get(host..end)).collect()
}

fn cut_parameter(url: &str, name: &str) -> String {
    let Some(start) = url.find(['?', '#']) else { return url.to_owned() };
    let bytes = url.as_bytes();
    let mut at = start;
    while let Some(mark) = bytes.get(at) {
        let value = url
            .get(at + 1..)
            .and_then(|rest| rest.strip_prefix(name))
            .and_then(|rest| rest.strip_prefix('='));
        if matches!(mark, b'?' | b'&' | b'#')
            && let Some(value) = value
        {
            let end = url.len() - value.len() + value.find(['&', '#']).unwrap_or(value.len());
            let (before, after) = (url.get(..=at).unwrap_or_default(), url.get(end..).unwrap_or_default());
            return match (mark, after.strip_prefix('&')) {
                (_, Some(next)) => format!("{before}{next}"),
                (b'?' | b'#', None) => format!("{before}{after}"),
                (_, None) => format!("{}{after}", url.get(..at).unwrap_or_default()),
            };
        }
        at += 1;
    }
    url.to_owned()
}

fn cut_www(url: &str) -> String {
    let host = after_scheme(url);
    let scheme = url.get(..url.len() - host.len()).unwrap_or_default();
    match host.strip_prefix("www.") {
        Some(rest) if !scheme.is_empty() => format!("{scheme}{rest}"),
        _ => url.to_owned(),
    }
}

fn before(url: &str, marks: &[char]) -> String {
    url.split(marks).next().unwrap_or_default().to_owned()
}

pub const URL: &[Kernel] = &[
    kernel!("ch_protocol", (url: Text) -> Text, protocol(url)),
    kernel!("ch_domain", (url: Text) -> Text, domain(url)),
    kernel!("ch_domain_without_www", (url: Text) -> Text, without_www(domain(url))),
    kernel!("ch_top_level_domain", (url: Text) -> Text, top_level(url)),
    kernel!("ch_first_significant_subdomain", (url: Text) -> Text, first_significant(url)),
    kernel!("ch_cut_to_first_significant_subdomain", (url: Text) -> Text, cut_to_significant(url)),
    kernel!("ch_port", (url: Text, default: U16) -> U16, port(url, default)),
    kernel!("ch_path", (url: Text) -> Text, path(url)),
    kernel!("ch_path_full", (url: Text) -> Text, path_full(url)),
    kernel!("ch_query_string", (url: Text) -> Text, query(url)),
    kernel!("ch_fragment", (url: Text) -> Text, fragment(url)),
    kernel!("ch_query_string_and_fragment", (url: Text) -> Text, query_and_fragment(url)),
    kernel!("ch_extract_url_parameter", (url: Text, name: Text) -> Text, parameter(url, name)),
    kernel!("ch_extract_url_parameters", (url: Text) -> ListText, parameters(url).into_iter().map(|(_, all)| all).collect::<Vec<_>>()),
    kernel!("ch_extract_url_parameter_names", (url: Text) -> ListText, {
        parameters(url).into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    }),
    kernel!("ch_url_hierarchy", (url: Text) -> ListText, hierarchy(url)),
    kernel!("ch_url_path_hierarchy", (url: Text) -> ListText, path_hierarchy(url)),
    kernel!("ch_cut_www", (url: Text) -> Text, cut_www(url)),
    kernel!("ch_cut_query_string", (url: Text) -> Text, match url.split_once('?') {
        Some((start, rest)) => format!("{start}{}", rest.find('#').and_then(|at| rest.get(at..)).unwrap_or("")),
        None => url.to_owned(),
    }),
    kernel!("ch_cut_fragment", (url: Text) -> Text, before(url, &['#'])),
    kernel!("ch_cut_query_string_and_fragment", (url: Text) -> Text, before(url, &['?', '#'])),
    kernel!("ch_cut_url_parameter", (url: Text, name: Text) -> Text, cut_parameter(url, name)),
];
