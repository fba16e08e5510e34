//! Media types: `Accept` with q-values.

/// One item of an `Accept` or `Accept-Encoding` header.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// Without parameters, lower case.
    pub name: String,
    /// The item as written, without its q-value.
    pub full: String,
    pub quality: f32,
}

/// Parses a header of weighted items, best first; equal weights keep their order. Items with `q=0` stay, at the end.
pub fn parse(header: &str) -> Vec<Accepted> {
    let mut out: Vec<Accepted> = header
        .split(',')
        .filter_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let name = parts.next().filter(|n| !n.is_empty())?.to_ascii_lowercase();
            let (mut quality, mut full) = (1.0, name.clone());
            for p in parts {
                match p.split_once('=') {
                    Some((k, v)) if k.trim().eq_ignore_ascii_case("q") => {
                        let weight = v.trim().parse::<f32>().ok().filter(|q| !q.is_nan());
                        quality = weight.unwrap_or(0.0).clamp(0.0, 1.0);
                    }
                    _ => {
                        full.push(';');
                        full.push_str(p);
                    }
                }
            }
            Some(Accepted { name, full, quality })
        })
        .collect();
    out.sort_by(|a, b| b.quality.total_cmp(&a.quality));
    out
}

/// Whether an accepted pattern (`*/*`, `image/*`, `text/csv`) covers a media type.
pub fn covers(pattern: &str, media_type: &str) -> bool {
    pattern == "*/*"
        || pattern == media_type
        || pattern.strip_suffix("/*").is_some_and(|family| media_type.split('/').next() == Some(family))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_decide() {
        let got: Vec<String> =
            parse("text/html;q=0.5, text/csv;header=absent, */*;q=0.1").into_iter().map(|a| a.full).collect();
        assert_eq!(got, ["text/csv;header=absent", "text/html", "*/*"]);
        assert_eq!(parse("a;q=NaN, b;q=x, c;q=-1").iter().map(|a| a.quality).sum::<f32>(), 0.0);
        assert!(covers("image/*", "image/png") && !covers("image/*", "text/png") && covers("*/*", "x/y"));
    }
}
