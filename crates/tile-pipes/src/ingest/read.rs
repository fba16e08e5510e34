//! One value into one column: from JSON, or from the text of a CSV cell.
//!
//! What fits is what ClickHouse's `JSONEachRow` and `CSV` take, with these differences: a value out of range does not wrap or
//! clamp, NULL is no zero, an empty text is no number, and a day that does not exist is none; all of them do not fit.
//!
//! A number in quotes is a number, as in ClickHouse: producers that have no 64-bit numbers send them so. Tinybird's guide to the
//! quarantine shows a `"3"` for an `Int16` refused; here the row is kept.

use super::builder::{Builder, Values};
use super::kind::{Item, Kind, ipv4, ipv6, uuid};
use super::scan::{Bad, Cursor, Read, Token};
use super::{number, time};
use crate::ingest::jsonpath::Step;

/// Reads the value at the cursor. After an error `out` has to be cut back to the rows it had.
pub(super) fn read(
    item: &Item,
    out: &mut Builder,
    cursor: &mut Cursor<'_>,
    scratch: &mut Vec<u8>,
) -> Read<()> {
    if cursor.next_is_null() && !matches!(item.kind, Kind::Dynamic) {
        if !item.nullable {
            return Err(Bad::Null);
        }
        cursor.token(scratch)?;
        return out.push_null();
    }
    match (&item.kind, &mut out.values) {
        (Kind::List(inner), Values::List(starts, items)) => list(inner, starts, items, cursor, scratch)?,
        (Kind::Map(inner), Values::Map(starts, pair)) => {
            starts.push(place(pair.0.len())?);
            map(inner, pair, cursor, scratch)?;
        }
        (Kind::Tuple(inner), Values::Tuple(elements)) => tuple(inner, elements, cursor, scratch)?,
        (Kind::Text, Values::Text(text)) if matches!(cursor.peek(), Some(b'{' | b'[')) => {
            text.push(cursor.skip()?)?;
        }
        (Kind::Json, Values::Text(text)) if cursor.peek() == Some(b'{') => text.push(cursor.skip()?)?,
        (Kind::Dynamic, Values::Text(text)) => text.push(cursor.skip()?)?,
        (kind, values) => scalar(kind, values, cursor.token(scratch)?)?,
    }
    out.count();
    Ok(())
}

fn place(at: usize) -> Read<i32> {
    i32::try_from(at).map_err(|_| Bad::Full)
}

fn list(
    inner: &Item,
    starts: &mut Vec<i32>,
    items: &mut Builder,
    cursor: &mut Cursor<'_>,
    scratch: &mut Vec<u8>,
) -> Read<()> {
    starts.push(place(items.len())?);
    each(cursor, b'[', b']', |cursor| read(inner, items, cursor, scratch))
}

/// Calls for each of the things between two brackets with commas between them.
fn each<'a>(
    cursor: &mut Cursor<'a>,
    open: u8,
    close: u8,
    mut read: impl FnMut(&mut Cursor<'a>) -> Read<()>,
) -> Read<()> {
    if !cursor.eat(open) {
        return Err(Bad::Value);
    }
    if cursor.eat(close) {
        return Ok(());
    }
    loop {
        read(cursor)?;
        if cursor.eat(close) {
            return Ok(());
        }
        cursor.expect(b',', "expected `,` or the end of what is open")?;
    }
}

/// An object. Of a key that is there twice the last value counts, as for the columns of a row; the engine's maps hold a key once.
fn map(
    inner: &(Item, Item),
    out: &mut (Builder, Builder),
    cursor: &mut Cursor<'_>,
    scratch: &mut Vec<u8>,
) -> Read<()> {
    let (start, before) = (cursor.at(), out.0.len());
    entries(inner, out, cursor, scratch, |_| true)?;
    let Some(last) = out.0.last_of_each(before) else { return Ok(()) };
    out.0.truncate(before);
    out.1.truncate(before);
    cursor.seek(start);
    entries(inner, out, cursor, scratch, |at| last.get(at).copied().unwrap_or(true))
}

fn entries(
    (key, value): &(Item, Item),
    out: &mut (Builder, Builder),
    cursor: &mut Cursor<'_>,
    scratch: &mut Vec<u8>,
    wanted: impl Fn(usize) -> bool,
) -> Read<()> {
    let mut at = 0;
    each(cursor, b'{', b'}', |cursor| {
        at += 1;
        if !wanted(at - 1) {
            cursor.skip()?;
            cursor.expect(b':', "expected `:`")?;
            return cursor.skip().map(drop);
        }
        match cursor.peek() {
            Some(b'"' | b'\'') => {
                let text = cursor.string(scratch)?;
                scalar(&key.kind, &mut out.0.values, Token::Text(text))?;
                out.0.count();
            }
            _ => read(key, &mut out.0, cursor, scratch)?,
        }
        cursor.expect(b':', "expected `:`")?;
        read(value, &mut out.1, cursor, scratch)
    })
}

/// Elements in their order, or an object with their names (or their numbers, from 1).
fn tuple(
    inner: &[(Option<String>, Item)],
    out: &mut [Builder],
    cursor: &mut Cursor<'_>,
    scratch: &mut Vec<u8>,
) -> Read<()> {
    if cursor.peek() == Some(b'{') {
        return named_tuple(inner, out, cursor, scratch);
    }
    let (open, close) = if cursor.opens_tuple() { (b'(', b')') } else { (b'[', b']') };
    let mut elements = inner.iter().zip(out.iter_mut());
    each(cursor, open, close, |cursor| {
        let ((_, item), out) = elements.next().ok_or(Bad::Value)?;
        read(item, out, cursor, scratch)
    })?;
    if elements.next().is_some() { Err(Bad::Value) } else { Ok(()) }
}

fn named_tuple(
    inner: &[(Option<String>, Item)],
    out: &mut [Builder],
    cursor: &mut Cursor<'_>,
    scratch: &mut Vec<u8>,
) -> Read<()> {
    let before: Vec<usize> = out.iter().map(Builder::len).collect();
    each(cursor, b'{', b'}', |cursor| {
        let name = cursor.string(scratch)?;
        let numbered =
            number::integer(name).and_then(|(_, number)| usize::try_from(number).ok()?.checked_sub(1));
        let place = inner
            .iter()
            .position(|(known, _)| known.as_ref().is_some_and(|known| known.as_bytes() == name))
            .or(numbered.filter(|at| inner.get(*at).is_some_and(|(known, _)| known.is_none())));
        cursor.expect(b':', "expected `:`")?;
        let Some(place) = place else { return cursor.skip().map(drop) };
        let ((_, item), out) = inner.get(place).zip(out.get_mut(place)).ok_or(Bad::Value)?;
        out.truncate(before.get(place).copied().unwrap_or(0));
        read(item, out, cursor, scratch)
    })?;
    for (((_, item), out), before) in inner.iter().zip(out).zip(before) {
        if out.len() == before {
            if !item.nullable {
                return Err(Bad::Value);
            }
            out.push_null()?;
        }
    }
    Ok(())
}

/// A value that is neither an array nor an object. Does not count it.
#[inline]
fn scalar(kind: &Kind, values: &mut Values, token: Token<'_>) -> Read<()> {
    match values {
        Values::Text(out) => match (kind, token) {
            (Kind::Text, Token::Text(text) | Token::Number(text)) => out.push(text)?,
            _ => out.push(&spelled(kind, token)?)?,
        },
        Values::Bool(out) => out.push(boolean(token)?),
        Values::U8(out) => out.push(unsigned(token)?),
        Values::U16(out) => out.push(unsigned(token)?),
        Values::U32(out) if matches!(kind, Kind::Ipv4) => match token {
            Token::Text(text) => out.push(ipv4(text).ok_or(Bad::Value)?),
            _ => return Err(Bad::Value),
        },
        Values::U32(out) => out.push(unsigned(token)?),
        Values::U64(out) => out.push(unsigned(token)?),
        Values::I8(out) => out.push(signed(token)?),
        Values::I16(out) => out.push(signed(token)?),
        Values::I32(out) => out.push(signed(token)?),
        Values::I64(out) => out.push(signed(token)?),
        Values::F32(out) => out.push(float(token)?),
        Values::F64(out) => out.push(float(token)?),
        Values::Decimal(out) => {
            let (Kind::Decimal { precision, scale }, Token::Number(text) | Token::Text(text)) = (kind, token)
            else {
                return Err(Bad::Value);
            };
            out.push(number::decimal(text, *precision, *scale).ok_or(Bad::Value)?);
        }
        Values::Date(out) => {
            let wide = matches!(kind, Kind::Date { wide: true });
            let day = match token {
                Token::Text(text) => time::day_from_text(text, wide),
                Token::Number(text) => time::day_from_number(text, wide),
                _ => None,
            };
            out.push(day.ok_or(Bad::Value)?);
        }
        Values::Time(out, zone) => {
            let Kind::Time { scale, .. } = kind else { return Err(Bad::Value) };
            let time = match (token, scale) {
                (Token::Text(text), Some(digits @ 7..)) => time::nanos_from_text(text, *digits, zone),
                (Token::Number(text), Some(digits @ 7..)) => time::nanos_from_number(text, *digits),
                (Token::Text(text), _) => time::from_text(text, *scale, zone),
                (Token::Number(text), _) => time::from_number(text, *scale),
                _ => None,
            };
            out.push(time.ok_or(Bad::Value)?);
        }
        Values::List(..) | Values::Map(..) | Values::Tuple(_) => return Err(Bad::Value),
    }
    Ok(())
}

fn boolean(token: Token<'_>) -> Read<bool> {
    match token {
        Token::Bool(value) => Ok(value),
        Token::Number(b"1") | Token::Text(b"1" | b"true") => Ok(true),
        Token::Number(b"0") | Token::Text(b"0" | b"false") => Ok(false),
        _ => Err(Bad::Value),
    }
}

#[inline]
fn integer(token: Token<'_>) -> Read<(bool, u128)> {
    match token {
        Token::Number(text) => number::integer(text).ok_or(Bad::Value),
        Token::Bool(value) => Ok((false, u128::from(value))),
        Token::Text(b"true") => Ok((false, 1)),
        Token::Text(b"false") => Ok((false, 0)),
        Token::Text(text) => number::integer(text).ok_or(Bad::Value),
        Token::Null => Err(Bad::Null),
    }
}

#[inline]
fn unsigned<T: TryFrom<u128>>(token: Token<'_>) -> Read<T> {
    match integer(token)? {
        (false, value) => T::try_from(value).map_err(|_| Bad::Value),
        (true, _) => Err(Bad::Value),
    }
}

#[inline]
fn signed<T: TryFrom<i128>>(token: Token<'_>) -> Read<T> {
    let (negative, value) = integer(token)?;
    let value = i128::try_from(value).map_err(|_| Bad::Value)?;
    T::try_from(if negative { -value } else { value }).map_err(|_| Bad::Value)
}

fn float<T: std::str::FromStr + From<u8>>(token: Token<'_>) -> Read<T> {
    match token {
        Token::Number(text) | Token::Text(text) => number::float(text).ok_or(Bad::Value),
        Token::Bool(value) => Ok(T::from(u8::from(value))),
        Token::Null => Err(Bad::Null),
    }
}

/// The text that a value of the types that rest as text has.
fn spelled(kind: &Kind, token: Token<'_>) -> Read<Vec<u8>> {
    match (kind, token) {
        (Kind::Text, Token::Bool(value)) => Ok(value.to_string().into_bytes()),
        (Kind::Fixed(length), Token::Text(text)) if text.len() <= *length => {
            let mut out = text.to_vec();
            out.resize(*length, 0);
            Ok(out)
        }
        (Kind::Uuid, Token::Text(text)) => uuid(text).map(|text| text.to_vec()).ok_or(Bad::Value),
        (Kind::Ipv6, Token::Text(text)) => ipv6(text).map(String::into_bytes).ok_or(Bad::Value),
        (Kind::Enum(names), token) => enumerated(names, token),
        (Kind::Huge { signed }, token) => {
            let (negative, value) = integer(token)?;
            let limit = match (signed, negative) {
                (true, true) => 1 << 127,
                (true, false) => (1 << 127) - 1,
                (false, false) => u128::MAX,
                (false, true) => return Err(Bad::Value),
            };
            let sign = if negative && value != 0 { "-" } else { "" };
            if value <= limit { Ok(format!("{sign}{value}").into_bytes()) } else { Err(Bad::Value) }
        }
        (Kind::Json, Token::Text(text)) => {
            // The text of an object instead of an object: producers that encode twice.
            let mut cursor = Cursor::new(text);
            let is_object = cursor.peek() == Some(b'{');
            let object = cursor.skip()?;
            if is_object && cursor.is_done() { Ok(object.to_vec()) } else { Err(Bad::Value) }
        }
        _ => Err(Bad::Value),
    }
}

fn enumerated(names: &[(String, i16)], token: Token<'_>) -> Read<Vec<u8>> {
    let by_number = |text| {
        let (negative, number) = number::integer(text)?;
        let number = i32::try_from(number).ok()?;
        let number = if negative { -number } else { number };
        names.iter().find(|(_, value)| i32::from(*value) == number)
    };
    let found = match token {
        Token::Text(text) => {
            names.iter().find(|(name, _)| name.as_bytes() == text).or_else(|| by_number(text))
        }
        Token::Number(text) => by_number(text),
        _ => None,
    };
    found.map(|(name, _)| name.clone().into_bytes()).ok_or(Bad::Value)
}

/// Reads what a path leads to from the value at the cursor. After an error `out` has to be cut back.
pub(super) fn follow(
    steps: &[Step],
    item: &Item,
    out: &mut Builder,
    cursor: &mut Cursor<'_>,
    scratch: &mut Vec<u8>,
) -> Read<()> {
    let Some((step, rest)) = steps.split_first() else { return read(item, out, cursor, scratch) };
    match step {
        Step::Key(name) => {
            let mut found = None;
            if cursor.peek() != Some(b'{') {
                return Err(Bad::Missing);
            }
            each(cursor, b'{', b'}', |cursor| {
                let wanted = cursor.string(scratch)? == name.as_bytes();
                cursor.expect(b':', "expected `:`")?;
                let value = cursor.skip()?;
                found = if wanted { Some(value) } else { found };
                Ok(())
            })?;
            follow(rest, item, out, &mut Cursor::new(found.ok_or(Bad::Missing)?), scratch)
        }
        Step::Index(wanted) => {
            let (mut found, mut at) = (None, 0);
            if cursor.peek() != Some(b'[') {
                return Err(Bad::Missing);
            }
            each(cursor, b'[', b']', |cursor| {
                let value = cursor.skip()?;
                found = if at == *wanted { Some(value) } else { found };
                at += 1;
                Ok(())
            })?;
            follow(rest, item, out, &mut Cursor::new(found.ok_or(Bad::Missing)?), scratch)
        }
        Step::Each => {
            if cursor.next_is_null() {
                return Err(Bad::Null);
            }
            let (Kind::List(inner), Values::List(starts, items)) = (&item.kind, &mut out.values) else {
                return Err(Bad::Value);
            };
            starts.push(place(items.len())?);
            each(cursor, b'[', b']', |cursor| {
                let before = items.len();
                let mut value = Cursor::new(cursor.skip()?);
                match follow(rest, inner, items, &mut value, scratch) {
                    Err(Bad::Missing) if inner.nullable => {
                        items.truncate(before);
                        items.push_null()
                    }
                    other => other,
                }
            })?;
            out.count();
            Ok(())
        }
    }
}

/// Puts a value that is neither an array nor an object. After an error `out` has to be cut back.
pub(super) fn put(item: &Item, out: &mut Builder, token: Token<'_>) -> Read<()> {
    scalar(&item.kind, &mut out.values, token)?;
    out.count();
    Ok(())
}

/// Reads the text of a CSV cell. After an error `out` has to be cut back.
pub(super) fn cell(item: &Item, out: &mut Builder, text: &[u8], scratch: &mut Vec<u8>) -> Read<()> {
    match &item.kind {
        Kind::List(_) | Kind::Map(_) | Kind::Tuple(_) => {
            let mut cursor = Cursor::literals(text);
            read(item, out, &mut cursor, scratch)?;
            return if cursor.is_done() { Ok(()) } else { Err(Bad::Value) };
        }
        Kind::Bool => {
            let word = String::from_utf8_lossy(text).to_ascii_lowercase();
            let value = match word.as_str() {
                "true" | "1" | "t" | "y" | "yes" | "on" | "enable" | "enabled" => true,
                "false" | "0" | "f" | "n" | "no" | "off" | "disable" | "disabled" => false,
                _ => return Err(Bad::Value),
            };
            scalar(&item.kind, &mut out.values, Token::Bool(value))?;
        }
        Kind::Dynamic => {
            let mut cursor = Cursor::new(text);
            let is_json = cursor.skip().is_ok() && cursor.is_done();
            let Values::Text(values) = &mut out.values else { return Err(Bad::Value) };
            if is_json {
                values.push(text)?;
            } else {
                values.push(serde_json::Value::from(String::from_utf8_lossy(text)).to_string().as_bytes())?;
            }
        }
        kind => scalar(kind, &mut out.values, Token::Text(text))?,
    }
    out.count();
    Ok(())
}
