//! Words of a line, quotes, and values as one writes them.
//!
//! A line is split like a shell does without its POSIX rules: blanks split, a word that begins with a quote goes on to the next such
//! quote and keeps both, `#` begins a comment. A quote inside a word is a character like others.

/// Blank in the sense of the tool whose files these are.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// Without the blanks around it.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(is_blank)
}

/// The words of a line. A line with a quote that is not closed is one word in quotes, which is no directive's name.
pub(super) fn words(line: &str) -> Vec<String> {
    if !line.contains(['"', '\'', '\\', '#']) {
        return line.split(is_blank).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    }
    split(line).unwrap_or_else(|| {
        let end = line.find('\'').unwrap_or(line.len());
        let (first, rest) = line.split_at_checked(end).unwrap_or((line, ""));
        // As the quoted line would be split: `'first'`, `"'"`, and so on; only the first is ever looked at.
        vec![if rest.is_empty() { format!("'{first}\n'") } else { format!("'{first}'") }]
    })
}

fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            '#' => break,
            '"' | '\'' if word.is_empty() => {
                word.push(c);
                loop {
                    let next = chars.next()?;
                    word.push(next);
                    if next == c {
                        break;
                    }
                }
                words.push(std::mem::take(&mut word));
            }
            _ => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    Some(words)
}

/// Without the quotes around it, which need not be alike.
pub(super) fn unquote(text: &str) -> &str {
    let inner = text.strip_prefix(['"', '\'']);
    match inner {
        Some("") => "",
        Some(inner) => inner.strip_suffix(['"', '\'']).unwrap_or(text),
        None => text,
    }
}

/// `$$` is `$`. Names behind a `$` stay as they are: a project has no part in the server's environment.
pub(super) fn dollars(text: &str) -> String {
    text.replace("$$", "$")
}

/// Fills `$name` and `${name}` from `values`; other names stay, `$$` is `$`.
pub(super) fn fill(text: &str, values: &[(String, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (name, behind) = braced.unwrap_or_else(|| {
            let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(after.len());
            after.split_at_checked(end).unwrap_or(("", after))
        });
        match values.iter().find(|(known, _)| known == name) {
            Some((_, value)) => {
                out.push_str(value);
                rest = behind;
            }
            None => {
                out.push('$');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Writes a value so that a line with it reads back as it; `None` if no way of quoting does.
pub fn written(value: &str) -> Option<String> {
    let doubled = value.replace('$', "$$");
    let plain = [value, doubled.as_str()];
    let quotes = [("\"", "\""), ("", ""), ("'", "'"), ("\"", "'"), ("'", "\"")];
    let mut candidates =
        plain.iter().flat_map(|v| quotes.iter().map(move |(open, close)| format!("{open}{v}{close}")));
    candidates.find(|text| !text.contains('\n') && read_back(text) == value)
}

fn read_back(text: &str) -> String {
    let line = format!("WORD {text}");
    let words = words(&line);
    let Some(args) = words.get(1..) else { return String::new() };
    if args.first().is_some_and(|first| first == ">") {
        return "\0".to_owned();
    }
    dollars(unquote(trim(&args.join(" "))))
}

/// A text as the messages show it: in quotes, with escapes.
pub(super) fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if u32::from(c) < 0x20 || u32::from(c) == 0x7f => {
                out.push_str(&format!("\\x{:02x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

/// A list of names as the messages show it.
pub(super) fn repr_list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| repr(name)).collect();
    format!("[{}]", names.join(", "))
}

/// Without the blanks that all lines begin with; a line of blanks alone becomes empty.
pub(super) fn dedent(text: &str) -> String {
    let mut margin: Option<&str> = None;
    for line in text.split('\n').filter(|line| !line.trim_matches([' ', '\t']).is_empty()) {
        let indent = line.strip_suffix(line.trim_start_matches([' ', '\t'])).unwrap_or("");
        margin = Some(margin.map_or(indent, |margin| {
            let same = margin.chars().zip(indent.chars()).take_while(|(a, b)| a == b).count();
            margin.split_at_checked(same).map_or("", |(common, _)| common)
        }));
    }
    let margin = margin.unwrap_or("");
    let lines = text.split('\n').map(|line| {
        if line.trim_matches([' ', '\t']).is_empty() { "" } else { line.strip_prefix(margin).unwrap_or(line) }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Splits at commas that stand in no brackets and quotes; parts without blanks around them, none empty.
pub fn split_commas(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let (mut depth, mut quote) = (0_usize, None);
    for c in text.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('\'' | '"' | '`', None) => quote = Some(c),
            ('(' | '[' | '{', None) => depth += 1,
            (')' | ']' | '}', None) => depth = depth.saturating_sub(1),
            (',', None) if depth == 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(c);
    }
    parts.push(part);
    parts.iter().map(|part| trim(part).to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Runs of blanks outside quotes are one space.
pub(super) fn single_spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quote = None;
    for c in trim(text).chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None if is_blank(c) => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
                continue;
            }
            None => {}
        }
        out.push(c);
    }
    out
}
