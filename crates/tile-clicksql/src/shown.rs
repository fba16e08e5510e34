//! The text of arrays, tuples and maps: parts in brackets, and what is no number in quotes.

use crate::cast::text_of;
use crate::duck;
use crate::error::Result;
use crate::typed::Typed;
use crate::types::Type;

/// Characters that stand behind a backslash between quotes; the backslash itself is the first.
const ESCAPED: [(u8, char); 8] =
    [(b'\\', '\\'), (b'\'', '\''), (8, 'b'), (12, 'f'), (b'\n', 'n'), (b'\r', 'r'), (b'\t', 't'), (0, '0')];

/// The text of a compound value; `None` for all others.
pub fn compound(x: &Typed) -> Result<Option<String>> {
    nested(&x.value(), &x.ty, 0)
}

fn nested(sql: &str, ty: &Type, depth: usize) -> Result<Option<String>> {
    let joined = |list: &str, body: &str| {
        let parts = format!("list_transform({list}, lambda q{depth}_: {body})");
        format!("coalesce(list_aggregate({parts}, 'string_agg', ','), '')")
    };
    let item = format!("q{depth}_");
    Ok(Some(match ty {
        Type::Array(of) => format!("('[' || {} || ']')", joined(sql, &part(&item, of, depth + 1)?)),
        Type::Tuple(elements) => {
            let parts = elements.iter().enumerate();
            let parts =
                parts.map(|(i, (_, t))| part(&format!("struct_extract({sql}, '{}')", i + 1), t, depth));
            let parts = parts.collect::<Result<Vec<_>>>()?;
            if parts.is_empty() {
                "'()'".into()
            } else {
                format!("('(' || {} || ')')", parts.join(" || ',' || "))
            }
        }
        Type::Map(key, value) => {
            let key = part(&format!("{item}.key"), key, depth + 1)?;
            let value = part(&format!("{item}.value"), value, depth + 1)?;
            let pairs = joined(&format!("map_entries({sql})"), &format!("{key} || ':' || {value}"));
            format!("('{{' || {pairs} || '}}')")
        }
        _ => return Ok(None),
    }))
}

/// A value inside of another one.
fn part(sql: &str, ty: &Type, depth: usize) -> Result<String> {
    let plain = ty.plain();
    if *plain == Type::Nothing {
        return Ok("'NULL'".into());
    }
    let text = match nested(sql, plain, depth)? {
        Some(text) => text,
        // Here the zeros at the end of a FixedString are shown.
        None if matches!(plain, Type::FixedString(_)) => quoted(sql),
        None => {
            let text = text_of(&Typed::new(sql, plain.clone()))?;
            let is_bare = plain.is_number() || matches!(plain, Type::Interval(_));
            if is_bare { text } else { quoted(&text) }
        }
    };
    Ok(if ty.is_nullable() { format!("CASE WHEN {sql} IS NULL THEN 'NULL' ELSE {text} END") } else { text })
}

fn quoted(text: &str) -> String {
    let escaped = ESCAPED.iter().fold(text.to_owned(), |text, (byte, letter)| {
        format!("replace({text}, chr({byte}), {})", duck::text(&format!("\\{letter}")))
    });
    format!("('''' || {escaped} || '''')")
}
