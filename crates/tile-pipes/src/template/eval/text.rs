//! The methods of texts.

use super::super::value::{Int, Value, is_space};
use super::args::Args;
use super::methods::clamp;
use super::{Machine, Run, type_error, unsupported, value_error};
use std::sync::Arc;

pub(super) const METHODS: &[&str] = &[
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "maketrans",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "zfill",
];

const WIDTH_MAX: usize = 1_000_000;

impl Machine<'_> {
    pub(super) fn text_method(&mut self, text: &Arc<str>, name: &'static str, args: Args) -> Run<Value> {
        self.spend(text.len())?;
        match name {
            "split" | "rsplit" => self.split(text, name, args),
            "splitlines" => self.split_lines(text, args),
            "join" => {
                let [items] = args.exactly("str.join")?;
                self.join(text, &items)
            }
            "replace" => self.replace(text, args),
            "startswith" | "endswith" => self.affix(text, name, args),
            "strip" | "lstrip" | "rstrip" => self.strip(text, name, args),
            "find" | "rfind" | "index" | "rindex" | "count" => self.search(text, name, args),
            "center" | "ljust" | "rjust" | "zfill" | "expandtabs" => self.justify(text, name, args),
            "partition" | "rpartition" => self.partition(text, name, args),
            "removeprefix" | "removesuffix" => {
                let [affix] = args.exactly(&format!("str.{name}"))?;
                let Some(affix) = affix.as_text() else {
                    let shown = self.type_name(&affix);
                    return Err(type_error(format!("{name}() argument must be str, not {shown}")));
                };
                let rest = if name == "removeprefix" {
                    text.strip_prefix(&**affix)
                } else {
                    text.strip_suffix(&**affix)
                };
                self.new_str(rest.unwrap_or(text))
            }
            "encode" | "maketrans" | "translate" => Err(unsupported(format!("`str.{name}`"))),
            _ if name.starts_with("is") => {
                let [] = args.exactly(&format!("str.{name}"))?;
                Ok(Value::Bool(is(text, name)))
            }
            _ => {
                let [] = args.exactly(&format!("str.{name}"))?;
                self.new_str(cased(text, name))
            }
        }
    }

    /// A text argument, or the words with which Python refuses it.
    fn expect_text(&self, value: &Value, refusal: impl FnOnce(&str) -> String) -> Run<Arc<str>> {
        value.as_text().cloned().ok_or_else(|| type_error(refusal(self.type_name(value))))
    }

    fn split(&mut self, text: &Arc<str>, name: &'static str, mut args: Args) -> Run<Value> {
        let (named_separator, named_count) = (args.take("sep"), args.take("maxsplit"));
        let [separator, count] = args.between::<2>(name, 0)?;
        let separator = separator.or(named_separator).unwrap_or(Value::None);
        let count = match count.or(named_count) {
            Some(count) => self.index_number(&count)?,
            None => Int::from(-1i64),
        };
        let most = if count.is_negative() { usize::MAX } else { count.to_usize().unwrap_or(usize::MAX) };
        self.allocate(text.len() + text.len() / 2)?;
        let parts: Vec<&str> = if separator.is_none() {
            words(text, most, name == "rsplit")
        } else {
            let separator =
                self.expect_text(&separator, |shown| format!("must be str or None, not {shown}"))?;
            if separator.is_empty() {
                return Err(value_error("empty separator"));
            }
            let most = most.saturating_add(1);
            if name == "split" {
                text.splitn(most, &*separator).collect()
            } else {
                let mut parts: Vec<&str> = text.rsplitn(most, &*separator).collect();
                parts.reverse();
                parts
            }
        };
        let parts = parts.into_iter().map(Value::str).collect();
        self.new_list(parts)
    }

    fn split_lines(&mut self, text: &str, mut args: Args) -> Run<Value> {
        let named = args.take("keepends");
        let [keep] = args.between("splitlines", 0)?;
        let keep = match keep.or(named) {
            Some(keep) => self.truth(&keep)?,
            None => false,
        };
        self.allocate(text.len())?;
        let mut lines = Vec::new();
        let mut rest = text;
        let ends = |c: char| {
            matches!(c, '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}')
        };
        while let Some(at) = rest.find(ends) {
            let tail = rest.get(at..).unwrap_or("");
            let end =
                if tail.starts_with("\r\n") { 2 } else { tail.chars().next().map_or(1, char::len_utf8) };
            let line = rest.get(..if keep { at + end } else { at }).unwrap_or("");
            lines.push(Value::str(line));
            rest = tail.get(end..).unwrap_or("");
        }
        if !rest.is_empty() {
            lines.push(Value::str(rest));
        }
        self.new_list(lines)
    }

    fn replace(&mut self, text: &str, args: Args) -> Run<Value> {
        let [old, new, count] = args.between::<3>("replace", 2)?;
        let [old, new] = [old, new].map(|value| value.unwrap_or(Value::None));
        let old = self.expect_text(&old, |shown| format!("replace() argument 1 must be str, not {shown}"))?;
        let new = self.expect_text(&new, |shown| format!("replace() argument 2 must be str, not {shown}"))?;
        let count = match count {
            Some(count) => self.index_number(&count)?,
            None => Int::from(-1i64),
        };
        let most = if count.is_negative() { usize::MAX } else { count.to_usize().unwrap_or(usize::MAX) };
        let found = if old.is_empty() { text.chars().count() + 1 } else { text.matches(&*old).count() };
        self.allocate(text.len().saturating_add(found.min(most).saturating_mul(new.len())))?;
        self.new_str(text.replacen(&*old, &new, most))
    }

    /// `text[start:stop]` of the methods that take bounds, and where it starts.
    fn bounded<'t>(&mut self, text: &'t str, bounds: [Option<Value>; 2]) -> Run<Option<(&'t str, usize)>> {
        let length = text.chars().count();
        let mut places = [0, length];
        let mut beyond = false;
        for (i, (place, bound)) in places.iter_mut().zip(bounds).enumerate() {
            if let Some(bound) = bound.filter(|bound| !bound.is_none()) {
                let n = self.index_number(&bound).map_err(|_| {
                    type_error("slice indices must be integers or None or have an __index__ method")
                })?;
                beyond |= i == 0 && !n.is_negative() && n.to_usize().is_none_or(|n| n > length);
                *place = clamp(&n, length);
            }
        }
        let [low, high] = places;
        if beyond || low > high {
            return Ok(None);
        }
        let byte = |at: usize| text.char_indices().nth(at).map_or(text.len(), |(byte, _)| byte);
        Ok(text.get(byte(low)..byte(high)).map(|part| (part, low)))
    }

    fn affix(&mut self, text: &str, name: &'static str, args: Args) -> Run<Value> {
        let [affix, from, to] = args.between::<3>(name, 1)?;
        let affix = affix.unwrap_or(Value::None);
        let affixes = match &affix {
            Value::Tuple(id) => self.copied(*id)?,
            _ => vec![affix.clone()],
        };
        let is_tuple = matches!(affix, Value::Tuple(_));
        let part = self.bounded(text, [from, to])?;
        for affix in affixes {
            let affix = self.expect_text(&affix, |shown| {
                if is_tuple {
                    format!("tuple for {name} must only contain str, not {shown}")
                } else {
                    format!("{name} first arg must be str or a tuple of str, not {shown}")
                }
            })?;
            let Some((part, _)) = part else { continue };
            if if name == "startswith" { part.starts_with(&*affix) } else { part.ends_with(&*affix) } {
                return Ok(Value::Bool(true));
            }
        }
        Ok(Value::Bool(false))
    }

    fn strip(&mut self, text: &str, name: &'static str, args: Args) -> Run<Value> {
        let [chars] = args.between(name, 0)?;
        let chars = match chars.filter(|chars| !chars.is_none()) {
            Some(chars) => Some(self.expect_text(&chars, |_| format!("{name} arg must be None or str"))?),
            None => None,
        };
        let wanted = |c: char| chars.as_ref().map_or_else(|| is_space(c), |chars| chars.contains(c));
        if let Some(chars) = &chars {
            self.spend(chars.len().saturating_mul(text.len()))?;
        }
        let out = match name {
            "strip" => text.trim_matches(wanted),
            "lstrip" => text.trim_start_matches(wanted),
            _ => text.trim_end_matches(wanted),
        };
        self.new_str(out)
    }

    fn search(&mut self, text: &str, name: &'static str, args: Args) -> Run<Value> {
        let [part, from, to] = args.between::<3>(name, 1)?;
        let part = part.unwrap_or(Value::None);
        let part = self.expect_text(&part, |shown| format!("must be str, not {shown}"))?;
        let inside = self.bounded(text, [from, to])?;
        if name == "count" {
            let count = inside.map_or(0, |(inside, _)| {
                if part.is_empty() { inside.chars().count() + 1 } else { inside.matches(&*part).count() }
            });
            return Ok(Value::int(count));
        }
        let found = inside.and_then(|(inside, start)| {
            let at = if name.starts_with('r') { inside.rfind(&*part) } else { inside.find(&*part) };
            Some(start + inside.get(..at?)?.chars().count())
        });
        match found {
            Some(at) => Ok(Value::int(at)),
            None if name.ends_with("index") => Err(value_error("substring not found")),
            None => Ok(Value::int(-1i64)),
        }
    }

    fn justify(&mut self, text: &str, name: &'static str, mut args: Args) -> Run<Value> {
        let named = args.take("tabsize").filter(|_| name == "expandtabs");
        let most = if matches!(name, "zfill" | "expandtabs") { 1 } else { 2 };
        if args.positional.len() > most {
            let given = args.positional.len();
            return Err(type_error(format!("{name} expected at most {most} arguments, got {given}")));
        }
        let [width, fill] = args.between::<2>(name, usize::from(name != "expandtabs"))?;
        let width = width.or(named).unwrap_or_else(|| Value::int(8u64));
        let width = self.index_number(&width)?;
        let width = if width.is_negative() { 0 } else { width.to_usize().unwrap_or(usize::MAX) };
        if width > WIDTH_MAX {
            return Err(super::limit("a text of the template is too wide"));
        }
        let fill = match fill {
            Some(fill) => {
                let text = self.expect_text(&fill, |shown| {
                    format!("The fill character must be a unicode character, not {shown}")
                })?;
                let mut chars = text.chars();
                match (chars.next(), chars.next()) {
                    (Some(c), None) => c,
                    _ => return Err(type_error("The fill character must be exactly one character long")),
                }
            }
            None => ' ',
        };
        if name == "expandtabs" {
            let out = expand_tabs(text, width);
            return self.new_str(out);
        }
        let length = text.chars().count();
        let missing = width.saturating_sub(length);
        let pad = |n: usize| fill.to_string().repeat(n);
        let out = match name {
            "ljust" => format!("{text}{}", pad(missing)),
            "rjust" => format!("{}{text}", pad(missing)),
            "zfill" => {
                let (sign, rest) = match text.strip_prefix(['+', '-']) {
                    Some(rest) => (text.get(..1).unwrap_or(""), rest),
                    None => ("", text),
                };
                format!("{sign}{}{rest}", "0".repeat(missing))
            }
            _ => {
                let left = missing / 2 + (missing & width & 1);
                format!("{}{text}{}", pad(left), pad(missing - left))
            }
        };
        self.new_str(out)
    }

    fn partition(&mut self, text: &str, name: &'static str, args: Args) -> Run<Value> {
        let [separator] = args.exactly(&format!("str.{name}"))?;
        let separator = self.expect_text(&separator, |shown| format!("must be str, not {shown}"))?;
        if separator.is_empty() {
            return Err(value_error("empty separator"));
        }
        self.allocate(text.len())?;
        let first = name == "partition";
        let parts = if first { text.split_once(&*separator) } else { text.rsplit_once(&*separator) };
        let parts = match parts {
            Some((head, tail)) => [head, &separator, tail],
            None if first => [text, "", ""],
            None => ["", "", text],
        };
        self.new_tuple(parts.map(Value::str).to_vec())
    }
}

/// Words between white space; what is left when enough are split off loses the space on its far side only.
fn words(text: &str, most: usize, from_right: bool) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text.trim_matches(is_space);
    if from_right {
        rest = text.trim_end_matches(is_space);
    } else {
        rest = if most == usize::MAX { rest } else { text.trim_start_matches(is_space) };
    }
    while !rest.is_empty() {
        if out.len() == most {
            out.push(rest);
            break;
        }
        let at = if from_right { rest.rfind(is_space) } else { rest.find(is_space) };
        let Some(at) = at else {
            out.push(rest);
            break;
        };
        let (head, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
        if from_right {
            out.push(tail.trim_start_matches(is_space));
            rest = head.trim_end_matches(is_space);
        } else {
            out.push(head);
            rest = tail.trim_start_matches(is_space);
        }
    }
    if from_right {
        out.reverse();
    }
    out
}

fn expand_tabs(text: &str, size: usize) -> String {
    let (mut out, mut column) = (String::new(), 0);
    for c in text.chars() {
        match c {
            '\t' => {
                let width = if size == 0 { 0 } else { size - column % size };
                out.extend(std::iter::repeat_n(' ', width));
                column += width;
            }
            c => {
                out.push(c);
                column = if matches!(c, '\n' | '\r') { 0 } else { column + 1 };
            }
        }
    }
    out
}

fn cased(text: &str, name: &str) -> String {
    match name {
        "lower" => text.to_lowercase(),
        "casefold" => text.to_lowercase().replace('ß', "ss"),
        "upper" => text.to_uppercase(),
        "swapcase" => text
            .chars()
            .flat_map(|c| -> Vec<char> {
                if c.is_uppercase() { c.to_lowercase().collect() } else { c.to_uppercase().collect() }
            })
            .collect(),
        "capitalize" => {
            let mut chars = text.chars();
            let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
            first + &chars.as_str().to_lowercase()
        }
        _ => {
            let mut inside = false;
            let mut out = String::new();
            for c in text.chars() {
                if inside {
                    out.extend(c.to_lowercase());
                } else {
                    out.extend(c.to_uppercase());
                }
                inside = c.is_alphabetic();
            }
            out
        }
    }
}

fn is(text: &str, name: &str) -> bool {
    let all = |test: fn(char) -> bool| !text.is_empty() && text.chars().all(test);
    match name {
        "isalnum" => all(char::is_alphanumeric),
        "isalpha" => all(char::is_alphabetic),
        "isascii" => text.is_ascii(),
        "isdecimal" | "isdigit" => all(|c| c.is_ascii_digit()),
        "isnumeric" => all(char::is_numeric),
        "isidentifier" => {
            let mut chars = text.chars();
            chars.next().is_some_and(|c| c == '_' || c.is_alphabetic())
                && chars.all(|c| c == '_' || c.is_alphanumeric())
        }
        "islower" => !text.contains(char::is_uppercase) && text.contains(char::is_lowercase),
        "isupper" => !text.contains(char::is_lowercase) && text.contains(char::is_uppercase),
        "isprintable" => text.chars().all(super::repr::is_printable),
        "isspace" => all(is_space),
        _ => {
            let mut inside = false;
            let mut any = false;
            for c in text.chars() {
                if (c.is_uppercase() && inside) || (c.is_lowercase() && !inside) {
                    return false;
                }
                inside = c.is_alphabetic();
                any |= inside;
            }
            any
        }
    }
}
