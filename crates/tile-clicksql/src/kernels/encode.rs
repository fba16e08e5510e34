//! Texts as other texts: hexadecimal, binary, base64, URL escapes.

use super::frame::{Answered, Blob, Bool, I64, Kernel, KernelError, ListI64, Text, U8, U64, kernel};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use std::fmt::Write;

pub fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02X}");
    }
    out
}

fn binary(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 8);
    for byte in bytes {
        let _ = write!(out, "{byte:08b}");
    }
    out
}

/// The big-endian bytes of a number without leading zeros, but one at least.
fn significant(number: u64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let zeros = bytes.iter().take(7).take_while(|byte| **byte == 0).count();
    bytes.iter().skip(zeros).copied().collect()
}

fn nibble(digit: u8) -> u8 {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok()).unwrap_or(0xFF)
}

/// Pairs of digits to bytes; an odd first digit stands alone, and a wrong one counts as 0xFF.
fn unhex(text: &str) -> Vec<u8> {
    let mut digits = text.as_bytes();
    let mut out = Vec::with_capacity(digits.len() / 2 + 1);
    if digits.len() % 2 == 1
        && let Some((first, rest)) = digits.split_first()
    {
        out.push(nibble(*first));
        digits = rest;
    }
    out.extend(digits.chunks_exact(2).filter_map(|pair| match pair {
        [high, low] => Some((nibble(*high) << 4).wrapping_add(nibble(*low))),
        _ => None,
    }));
    out
}

fn decode64(text: &str) -> Answered<Vec<u8>> {
    let letters: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD
        .decode(letters)
        .map_err(|_| KernelError::new(117, format!("failed to base64Decode input '{text}'")))
}

fn encode_url(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// `%` and two digits to a byte; what is not such an escape stays.
pub fn decode_url(text: &[u8], plus: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'%', [high, low, tail @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.push(nibble(*high) << 4 | nibble(*low));
                rest = tail;
            }
            (b'+', _) if plus => out.push(b' '),
            _ => out.push(*first),
        }
    }
    out
}

/// The text of bytes that are one.
fn text_of(bytes: &[u8]) -> Answered<&str> {
    std::str::from_utf8(bytes)
        .map_err(|_| KernelError::new(48, "bytes that are no text are not supported: hex() shows them"))
}

pub const BYTES: &[Kernel] = &[
    kernel!("ch_lossy_text", (bytes: Blob) -> Text, bytes),
    kernel!("ch_text_of_bytes", (bytes: Blob) -> Text, text_of(bytes)?),
    kernel!("ch_bytes_of_u64", (number: U64, width: U8) -> Blob, {
        number.to_le_bytes().into_iter().take(usize::from(width)).collect::<Vec<u8>>()
    }),
    kernel!("ch_trim_bytes", (bytes: Blob, letters: Text, left: Bool, right: Bool) -> Blob, {
        let is_letter = |byte: &u8| letters.as_bytes().contains(byte);
        let first = if left { bytes.iter().position(|b| !is_letter(b)).unwrap_or(bytes.len()) } else { 0 };
        let rest = bytes.get(first..).unwrap_or_default();
        let end = if right { rest.iter().rposition(|b| !is_letter(b)).map_or(0, |i| i + 1) } else { rest.len() };
        rest.get(..end).unwrap_or_default()
    }),
    kernel!("ch_lower_bytes", (bytes: Blob) -> Blob, bytes.to_ascii_lowercase()),
    kernel!("ch_upper_bytes", (bytes: Blob) -> Blob, bytes.to_ascii_uppercase()),
    kernel!("ch_reverse_bytes", (bytes: Blob) -> Blob, bytes.iter().rev().copied().collect::<Vec<u8>>()),
    kernel!("ch_unhex_bytes", (text: Text) -> Blob, unhex(text)),
];

pub const ENCODE: &[Kernel] = &[
    kernel!("ch_hex", (text: Text) -> Text, hex(text.as_bytes())),
    kernel!("ch_hex_blob", (bytes: Blob) -> Text, hex(bytes)),
    kernel!("ch_hex_u64", (number: U64) -> Text, hex(&significant(number))),
    kernel!("ch_unhex", (text: Text) -> Text, unhex(text)),
    kernel!("ch_bin", (text: Text) -> Text, binary(text.as_bytes())),
    kernel!("ch_bin_u64", (number: U64) -> Text, binary(&significant(number))),
    kernel!("ch_char", (codes: ListI64) -> Text, {
        codes.iter().filter_map(|code| u8::try_from(code & 0xFF).ok()).collect::<Vec<u8>>()
    }),
    kernel!("ch_base64_encode", (text: Text) -> Text, STANDARD.encode(text)),
    kernel!("ch_base64_decode", (text: Text) -> Text, decode64(text)?),
    kernel!("ch_try_base64_decode", (text: Text) -> Text, decode64(text).unwrap_or_default()),
    kernel!("ch_base64_url_encode", (text: Text) -> Text, URL_SAFE_NO_PAD.encode(text)),
    kernel!("ch_encode_url_component", (text: Text) -> Text, {
        let mut out = String::with_capacity(text.len());
        encode_url(text, &mut out);
        out
    }),
    kernel!("ch_encode_url_form_component", (text: Text) -> Text, {
        let mut out = String::with_capacity(text.len());
        for (at, word) in text.split(' ').enumerate() {
            if at > 0 {
                out.push('+');
            }
            encode_url(word, &mut out);
        }
        out
    }),
    kernel!("ch_decode_url_component", (text: Text) -> Text, decode_url(text.as_bytes(), false)),
    kernel!("ch_decode_url_form_component", (text: Text) -> Text, decode_url(text.as_bytes(), true)),
    kernel!("ch_space", (count: I64) -> Text, " ".repeat(usize::try_from(count.clamp(0, 1 << 26)).unwrap_or(0))),
];
