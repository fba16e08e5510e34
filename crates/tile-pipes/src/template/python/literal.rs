//! Numbers and the escapes of strings.

use super::super::value::{DIGITS_MAX, Int, parse_float};
use super::ast::Const;
use super::lex::{Result, SyntaxError};

/// A number at the start of the text, and its length in bytes.
pub fn number(text: &str) -> Result<(Const, usize)> {
    let lower = text.get(..2).unwrap_or("").to_ascii_lowercase();
    for (prefix, radix, name) in [("0x", 16, "hexadecimal"), ("0o", 8, "octal"), ("0b", 2, "binary")] {
        if lower == prefix {
            return radix_number(text, radix, name);
        }
    }
    let mut end = digits(text, 0);
    let mut is_float = false;
    let byte = |at: usize| text.as_bytes().get(at).copied().unwrap_or(0);
    if byte(end) == b'.' {
        is_float = true;
        end = digits(text, end + 1);
    }
    if matches!(byte(end), b'e' | b'E') {
        let sign = usize::from(matches!(byte(end + 1), b'+' | b'-'));
        if byte(end + 1 + sign).is_ascii_digit() {
            is_float = true;
            end = digits(text, end + 1 + sign);
        }
    }
    let shown = text.get(..end).unwrap_or("").replace('_', "");
    check_end(text, end, "decimal")?;
    if is_float {
        let value = parse_float(&shown).ok_or_else(SyntaxError::invalid)?;
        return Ok((Const::Float(value), end));
    }
    if shown.len() > 1 && shown.starts_with('0') && shown.bytes().any(|b| b != b'0') {
        return Err(SyntaxError::new(
            "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
        ));
    }
    if shown.len() > DIGITS_MAX {
        return Err(SyntaxError::new(format!(
            "Exceeds the limit ({DIGITS_MAX} digits) for integer string conversion: value has {} digits; use \
             sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals to \
             avoid decimal conversion limits.",
            shown.len()
        )));
    }
    Ok((Const::Int(Int::parse(&shown).ok_or_else(SyntaxError::invalid)?), end))
}

/// The end of the digits, which may have single underscores between them.
fn digits(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut at = from;
    while digit(at) || (at > from && bytes.get(at) == Some(&b'_') && digit(at + 1)) {
        at += 1;
    }
    at
}

fn radix_number(text: &str, radix: u32, name: &str) -> Result<(Const, usize)> {
    let body = text.get(2..).unwrap_or("");
    let length = body.find(|c: char| !c.is_digit(radix) && c != '_').unwrap_or(body.len());
    let shown = body.get(..length).unwrap_or("").replace('_', "");
    if shown.len() > DIGITS_MAX {
        return Err(SyntaxError::new(format!("{name} literal with more than {DIGITS_MAX} digits")));
    }
    let value =
        Int::parse_radix(&shown, radix).ok_or_else(|| SyntaxError::new(format!("invalid {name} literal")))?;
    check_end(text, length + 2, name)?;
    Ok((Const::Int(value), length + 2))
}

/// A letter right after a number is an error, unless it begins a keyword.
fn check_end(text: &str, end: usize, name: &str) -> Result<()> {
    let rest = text.get(end..).unwrap_or("");
    let Some(c) = rest.chars().next() else { return Ok(()) };
    if matches!(c, 'j' | 'J') {
        return Err(SyntaxError::new("complex numbers are not supported in templates"));
    }
    let keyword =
        ["and", "else", "for", "if", "in", "is", "or", "not"].iter().any(|word| rest.starts_with(word));
    if (c.is_alphanumeric() || c == '_') && !keyword {
        return Err(SyntaxError::new(format!("invalid {name} literal")));
    }
    Ok(())
}

/// A string's text without its escapes. Unknown escapes stay as they are.
pub fn unescape(body: &str) -> Result<String> {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('\\') {
        let (head, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(head);
        let after = tail.strip_prefix('\\').unwrap_or("");
        let Some(c) = after.chars().next() else {
            out.push('\\');
            return Ok(out);
        };
        rest = escape(c, after, &mut out)?;
    }
    out.push_str(rest);
    Ok(out)
}

/// Appends what an escape stands for; what is behind it.
fn escape<'a>(c: char, after: &'a str, out: &mut String) -> Result<&'a str> {
    let simple = match c {
        '\n' => Some(""),
        '\\' => Some("\\"),
        '\'' => Some("'"),
        '"' => Some("\""),
        'a' => Some("\x07"),
        'b' => Some("\x08"),
        'f' => Some("\x0c"),
        'n' => Some("\n"),
        'r' => Some("\r"),
        't' => Some("\t"),
        'v' => Some("\x0b"),
        _ => None,
    };
    if let Some(text) = simple {
        out.push_str(text);
        return Ok(after.get(1..).unwrap_or(""));
    }
    let coded = match c {
        '0'..='7' => {
            let length = after.bytes().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
            Some((0, length, 8))
        }
        'x' => Some((1, 2, 16)),
        'u' => Some((1, 4, 16)),
        'U' => Some((1, 8, 16)),
        'N' => {
            return Err(SyntaxError::new("names of characters are not supported in templates"));
        }
        _ => None,
    };
    let Some((skip, length, radix)) = coded else {
        // The backslash stays, and what follows it is read as usual.
        out.push('\\');
        out.push(c);
        return Ok(after.get(c.len_utf8()..).unwrap_or(""));
    };
    let code = after.get(skip..skip + length).filter(|digits| digits.chars().all(|c| c.is_digit(radix)));
    let c = code.and_then(|digits| u32::from_str_radix(digits, radix).ok()).and_then(char::from_u32);
    let Some(c) = c else {
        return Err(SyntaxError::new(
            "(unicode error) 'unicodeescape' codec can't decode the bytes of an escape",
        ));
    };
    out.push(c);
    Ok(after.get(skip + length..).unwrap_or(""))
}
