//! Texts, patterns, hashes and JSON.

use super::Rule::{Fixed, Many, Own};
use super::{Call, Function, TEXT_BYTES_MAX, Want, arity, functions, literal_int, literal_text, made};
use crate::expression::pattern::{self, Pattern, Step, What};
use crate::expression::print::text as quoted;
use crate::expression::resolve::Typed;
use crate::types::Type;
use crate::value::Value;
use base64::Engine;
use md5::{Digest, Md5};
use tile_base::{Error, Result};

const ONE: &[Want] = &[Want::Text];
const TWO: &[Want] = &[Want::Text, Want::Text];

functions! {
    "CONCAT" "(text, …)" Many(Want::Text, 1, Want::Text), "({|})", false, |c| c.joined("", false);
    "CONCAT_WS" "(between, text, …)" Many(Want::Text, 1, Want::Text), "concat_ws({*})", true, |c| {
        let between = c.text(0)?;
        c.joined(between, true)
    };
    "LOWER" "(text)" Fixed(ONE, 1, Want::Text), "lower({0})", false, |c| made(c.text(0)?.chars().map(lower).collect::<String>());
    "UPPER" "(text)" Fixed(ONE, 1, Want::Text), "upper({0})", false, |c| made(c.text(0)?.chars().map(upper).collect::<String>());
    "TRIM" "(text)" Fixed(ONE, 1, Want::Text), "trim({0}, ' ')", false, |c| made(c.text(0)?.trim_matches(' '));
    "LTRIM" "(text)" Fixed(ONE, 1, Want::Text), "ltrim({0}, ' ')", false, |c| made(c.text(0)?.trim_start_matches(' '));
    "RTRIM" "(text)" Fixed(ONE, 1, Want::Text), "rtrim({0}, ' ')", false, |c| made(c.text(0)?.trim_end_matches(' '));
    "LENGTH" "(text)" Fixed(ONE, 1, Want::Int), "length({0})", false, |c| count(c.text(0)?);
    "REVERSE" "(text)" Fixed(ONE, 1, Want::Text), "reverse({0})", false, |c| made(c.text(0)?.chars().rev().collect::<String>());
    "SUBSTRING" "(text, from, length?)" Own(substring), "substring({0}, CASE WHEN {1} = 0 THEN 1 ELSE {1} END, CASE WHEN {2} < 0 THEN 0 ELSE {2} END)", false, |c| {
        part(c.text(0)?, c.int(1)?, c.int(2)?)
    };
    "LEFT" "(text, length)" Fixed(&[Want::Text, Want::Int], 2, Want::Text), "left({0}, CASE WHEN {1} < 0 THEN 0 ELSE {1} END)", false, |c| part(c.text(0)?, 1, c.int(1)?);
    "RIGHT" "(text, length)" Fixed(&[Want::Text, Want::Int], 2, Want::Text), "right({0}, CASE WHEN {1} < 0 THEN 0 ELSE {1} END)", false, |c| {
        let length = c.int(1)?;
        if length <= 0 { made("") } else { part(c.text(0)?, -length, length) }
    };
    "CONTAINS" "(text, part)" Fixed(TWO, 2, Want::Bool), "contains({0}, {1})", false, |c| Some(Value::Bool(c.text(0)?.contains(c.text(1)?)));
    "STARTSWITH" "(text, part)" Fixed(TWO, 2, Want::Bool), "starts_with({0}, {1})", false, |c| Some(Value::Bool(c.text(0)?.starts_with(c.text(1)?)));
    "ENDSWITH" "(text, part)" Fixed(TWO, 2, Want::Bool), "ends_with({0}, {1})", false, |c| Some(Value::Bool(c.text(0)?.ends_with(c.text(1)?)));
    "INSTR" "(text, part)" Fixed(TWO, 2, Want::Int), "instr({0}, {1})", false, |c| place(c.text(0)?, c.text(1)?);
    "LOCATE" "(part, text)" Fixed(TWO, 2, Want::Int), "instr({1}, {0})", false, |c| place(c.text(1)?, c.text(0)?);
    "REPLACE" "(text, part, by?)" Own(replace), "(CASE WHEN {1} = '' THEN {0} ELSE replace({0}, {1}, {2}) END)", false, |c| {
        let (text, part, by) = (c.text(0)?, c.text(1)?, c.text(2)?);
        if part.is_empty() {
            return made(text);
        }
        let count = text.matches(part).count();
        let fits = count.saturating_mul(by.len()) <= TEXT_BYTES_MAX;
        if fits { made(text.replace(part, by)) } else { None }
    };
    "TRANSLATE" "(text, characters, by)" Fixed(&[Want::Text, Want::Text, Want::Text], 3, Want::Text), "translate({0}, {1}, {2})", false, |c| {
        let (from, to): (Vec<char>, Vec<char>) = (c.text(1)?.chars().collect(), c.text(2)?.chars().collect());
        let by = |c: char| match from.iter().position(|f| *f == c) {
            Some(at) => to.get(at).copied(),
            None => Some(c),
        };
        made(c.text(0)?.chars().filter_map(by).collect::<String>())
    };
    "LPAD" "(text, length, by?)" Own(pad), "lpad({0}, {p}, {1})", false, |c| padded(c, true);
    "RPAD" "(text, length, by?)" Own(pad), "rpad({0}, {p}, {1})", false, |c| padded(c, false);
    "ASCII" "(text)" Fixed(ONE, 1, Want::Int), "(CASE WHEN {0} = '' THEN 0 ELSE unicode({0}) END)", false, |c| {
        Some(Value::Int(c.text(0)?.chars().next().map_or(0, |c| i64::from(u32::from(c)))))
    };
    "CHR" "(number)" Fixed(&[Want::Long], 1, Want::Text), "(CASE WHEN {0} < 0 THEN '' ELSE chr(CAST(((({0} % 256) + 256) % 256) AS INTEGER)) END)", false, |c| {
        let number = c.int(0)?;
        if number < 0 { made("") } else { made(char::from(u8::try_from(number.rem_euclid(256)).ok()?).to_string()) }
    };
    "SPLIT" "(text, pattern)" Own(split), "regexp_split_to_array({0}, {p})", false, |c| {
        let What::Regex(regex) = &c.pattern?.what else { return None };
        Some(Value::List(regex.split(c.text(0)?).map(|part| Value::Text(part.into())).collect()))
    };
    "LIKE" "(text, pattern)" Own(matching), "({0} LIKE {p} ESCAPE '\\')", false, found;
    "RLIKE" "(text, pattern)" Own(matching), "regexp_matches({0}, {p})", false, found;
    "REGEXP_EXTRACT" "(text, pattern, group?)" Own(extract), "regexp_extract({0}, {p}, {g})", false, |c| {
        let What::Group(regex, group) = &c.pattern?.what else { return None };
        let found = regex.captures(c.text(0)?);
        made(found.and_then(|found| found.get(*group).map(|m| m.as_str().to_owned())).unwrap_or_default())
    };
    "REGEXP_REPLACE" "(text, pattern, by)" Own(regexp_replace), "regexp_replace({0}, {p}, {g}, 'g')", false, |c| {
        let What::Replace(regex, by) = &c.pattern?.what else { return None };
        let text = c.text(0)?;
        let fits = text.len().saturating_mul(by.len() + 1) <= 64 * TEXT_BYTES_MAX;
        if fits { made(regex.replace_all(text, by.as_str()).into_owned()) } else { None }
    };
    "MD5" "(text)" Fixed(&[Want::Binary], 1, Want::Text), "md5({0})", false, |c| made(hex(&Md5::digest(bytes(c)?))) ;
    "SHA2" "(text, 256)" Own(sha2), "sha256({0})", false, |c| made(hex(&sha2::Sha256::digest(bytes(c)?)));
    "BASE64" "(text)" Fixed(&[Want::Binary], 1, Want::Text), "base64({0})", false, |c| {
        made(base64::engine::general_purpose::STANDARD.encode(bytes(c)?))
    };
    "GET_JSON_OBJECT" "(text, path)" Own(json), "(CASE WHEN json_valid({0}) THEN json_extract_string({0}, {p}) END)", false, |c| {
        let What::Path(steps) = &c.pattern?.what else { return None };
        let json: serde_json::Value = serde_json::from_str(c.text(0)?).ok()?;
        let found = steps.iter().try_fold(&json, |at, step| match step {
            Step::Member(name) => at.get(name),
            Step::Item(item) => at.get(item),
        });
        match found? {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => made(text.as_str()),
            other => made(other.to_string()),
        }
    };
}

impl Call<'_> {
    /// All texts, or those behind the first that are not null.
    fn joined(&self, between: &str, is_after_first: bool) -> Option<Value> {
        let texts = self.args.iter().skip(usize::from(is_after_first));
        let texts: Vec<&str> =
            texts.filter_map(|v| if let Value::Text(t) = v { Some(&**t) } else { None }).collect();
        let length: usize = texts.iter().map(|t| t.len() + between.len()).sum();
        if length > 2 * TEXT_BYTES_MAX { None } else { made(texts.join(between)) }
    }
}

/// Letters that become one letter; others stay.
fn lower(c: char) -> char {
    let mut to = c.to_lowercase();
    to.next().filter(|_| to.next().is_none()).unwrap_or(c)
}

fn upper(c: char) -> char {
    let mut to = c.to_uppercase();
    to.next().filter(|_| to.next().is_none()).unwrap_or(c)
}

fn count(text: &str) -> Option<Value> {
    i64::try_from(text.chars().count()).ok().map(Value::Int)
}

/// Characters from a place that counts from 1, or from the end where it is negative.
fn part(text: &str, from: i64, length: i64) -> Option<Value> {
    let size = i64::try_from(text.chars().count()).ok()?;
    let start = match from {
        0 => 0,
        from if from > 0 => from - 1,
        from => size.saturating_add(from),
    };
    let end = start.saturating_add(length.max(0)).clamp(0, size);
    let start = start.clamp(0, size);
    let (start, end) = (usize::try_from(start).ok()?, usize::try_from(end).ok()?);
    made(text.chars().skip(start).take(end.saturating_sub(start)).collect::<String>())
}

/// Where a part stands first, from 1; 0 where it does not.
fn place(text: &str, part: &str) -> Option<Value> {
    let before = text.find(part).and_then(|at| text.get(..at));
    match before {
        Some(before) => i64::try_from(before.chars().count() + 1).ok().map(Value::Int),
        None => Some(Value::Int(0)),
    }
}

fn bytes<'a>(call: &'a Call<'_>) -> Option<&'a [u8]> {
    match call.args.first() {
        Some(Value::Bytes(bytes)) => Some(bytes),
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn found(call: &Call<'_>) -> Option<Value> {
    let What::Regex(regex) = &call.pattern?.what else { return None };
    Some(Value::Bool(regex.is_match(call.text(0)?)))
}

fn padded(call: &Call<'_>, is_before: bool) -> Option<Value> {
    let What::Digits(length, _) = &call.pattern?.what else { return None };
    let (text, by) = (call.text(0)?, call.text(1)?);
    let size = text.chars().count();
    if size >= *length {
        return made(text.chars().take(*length).collect::<String>());
    }
    let pad: String = by.chars().cycle().take(length - size).collect();
    made(if is_before { pad + text } else { text.to_owned() + &pad })
}

fn texts(args: Vec<Typed>) -> Result<Vec<Typed>> {
    args.into_iter().map(|arg| Want::Text.take(arg)).collect()
}

fn substring(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 2, 3)?;
    if args.len() == 2 {
        args.push(Typed::literal(Value::Int(i64::from(i32::MAX)), Type::Int));
    }
    let wants = [Want::Text, Want::Int, Want::Int];
    let args = wants.into_iter().zip(args).map(|(want, arg)| want.take(arg)).collect::<Result<_>>()?;
    Ok(Typed::call(function, args, Type::Text))
}

fn replace(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 2, 3)?;
    if args.len() == 2 {
        args.push(Typed::literal(Value::Text("".into()), Type::Text));
    }
    Ok(Typed::call(function, texts(args)?, Type::Text))
}

fn pad(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 2, 3)?;
    let length = usize::try_from(literal_int(function, &args, 1)?.max(0)).ok().filter(|n| *n <= 10_000);
    let length = length
        .ok_or_else(|| Error::invalid(format!("{} pads to at most 10000 characters", function.name)))?;
    let by = if args.len() == 3 { literal_text(function, &args, 2)? } else { " ".to_owned() };
    if by.is_empty() {
        return Err(Error::invalid(format!("{} needs something to pad with", function.name)));
    }
    let args = vec![Want::Text.take(args.remove(0))?, Typed::literal(Value::Text(by.into()), Type::Text)];
    let pattern = Pattern::new(What::Digits(length, false), length.to_string());
    Ok(Typed::call_with(function, args, pattern, Type::Text))
}

/// The first argument as a text, with a pattern.
fn with(function: &'static Function, mut args: Vec<Typed>, pattern: Pattern, ty: Type) -> Result<Typed> {
    let text = Want::Text.take(args.remove(0))?;
    Ok(Typed::call_with(function, vec![text], pattern, ty))
}

fn split(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 2, 2)?;
    let text = literal_text(function, &args, 1)?;
    let regex = pattern::regex(&text)?;
    if regex.is_match("") {
        return Err(Error::invalid("the pattern of SPLIT must not match an empty text"));
    }
    let pattern = Pattern::new(What::Regex(regex), quoted(&text));
    with(function, args, pattern, Type::List(Box::new(Type::Text)))
}

fn matching(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 2, 2)?;
    let text = literal_text(function, &args, 1)?;
    let regex = if function.name == "LIKE" { pattern::like(&text)? } else { pattern::regex(&text)? };
    with(function, args, Pattern::new(What::Regex(regex), quoted(&text)), Type::Bool)
}

fn extract(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 2, 3)?;
    let text = literal_text(function, &args, 1)?;
    let group = if args.len() == 3 { literal_int(function, &args, 2)? } else { 1 };
    let regex = pattern::regex(&text)?;
    let at = usize::try_from(group).ok().filter(|at| *at < regex.captures_len() && *at < 10);
    let at = at.ok_or_else(|| Error::invalid(format!("the pattern has no group {group}")))?;
    let pattern = Pattern { what: What::Group(regex, at), sql: quoted(&text), guard: at.to_string() };
    with(function, args, pattern, Type::Text)
}

fn regexp_replace(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 3, 3)?;
    let text = literal_text(function, &args, 1)?;
    let (ours, engine) = pattern::replacement(&literal_text(function, &args, 2)?)?;
    let regex = pattern::regex(&text)?;
    if regex.is_match("") {
        return Err(Error::invalid("the pattern of REGEXP_REPLACE must not match an empty text"));
    }
    let pattern = Pattern { what: What::Replace(regex, ours), sql: quoted(&text), guard: quoted(&engine) };
    with(function, args, pattern, Type::Text)
}

fn sha2(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 2, 2)?;
    if !matches!(literal_int(function, &args, 1)?, 0 | 256) {
        return Err(Error::invalid("SHA2 has 256 bits here"));
    }
    Ok(Typed::call(function, vec![Want::Binary.take(args.remove(0))?], Type::Text))
}

fn json(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 2, 2)?;
    let path = pattern::path(&literal_text(function, &args, 1)?)?;
    with(function, args, path, Type::Text)
}
