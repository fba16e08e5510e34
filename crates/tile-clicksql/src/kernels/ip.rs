//! Internet addresses as text and numbers, and UUIDs.

use super::frame::{Answered, Blob, Kernel, KernelError, Text, U8, U32, kernel};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

fn v4(text: &str) -> Option<Ipv4Addr> {
    text.parse().ok()
}

/// An address of version 6, or one of version 4 within it.
fn v6(text: &str) -> Option<Ipv6Addr> {
    match text.parse().ok()? {
        IpAddr::V4(address) => Some(address.to_ipv6_mapped()),
        IpAddr::V6(address) => Some(address),
    }
}

/// The type's parser takes leading zeros, which `IPv4StringToNum` does not.
fn v4_type(text: &str) -> Option<Ipv4Addr> {
    let mut parts = text.split('.').map(|part| {
        let digits = (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if digits { part.parse::<u8>().ok() } else { None }
    });
    let address = [parts.next()??, parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then(|| Ipv4Addr::from(address))
}

fn bad_v4(text: &str) -> KernelError {
    KernelError::new(675, format!("invalid IPv4 value '{text}'"))
}

fn bad_v6(text: &str) -> KernelError {
    KernelError::new(676, format!("invalid IPv6 value '{text}'"))
}

/// The text of glibc: the last 32 bits are in dots behind twelve empty bytes as well.
fn text_v6(address: Ipv6Addr) -> String {
    let bits = address.to_bits();
    if bits >> 32 == 0 && bits > 0xFFFF {
        return format!("::{}", Ipv4Addr::from_bits(u32::try_from(bits).unwrap_or(0)));
    }
    address.to_string()
}

/// The first and last address of the network of `prefix` bits.
fn range_v4(address: u32, prefix: u8) -> (u32, u32) {
    let mask = u32::MAX.checked_shr(u32::from(prefix)).unwrap_or(0);
    (address & !mask, address | mask)
}

fn range_v6(address: u128, prefix: u8) -> (u128, u128) {
    let mask = u128::MAX.checked_shr(u32::from(prefix)).unwrap_or(0);
    (address & !mask, address | mask)
}

fn in_range(address: &str, network: &str) -> Answered<bool> {
    let wrong = |text: &str| KernelError::new(6, format!("neither IPv4 nor IPv6 address: '{text}'"));
    let address: IpAddr = address.parse().map_err(|_| wrong(address))?;
    let (base, prefix) = network.split_once('/').ok_or_else(|| wrong(network))?;
    let base: IpAddr = base.parse().map_err(|_| wrong(network))?;
    let prefix: u8 = prefix.parse().map_err(|_| wrong(network))?;
    match (address, base) {
        (_, IpAddr::V4(_)) if prefix > 32 => Err(wrong(network)),
        (_, IpAddr::V6(_)) if prefix > 128 => Err(wrong(network)),
        (IpAddr::V4(address), IpAddr::V4(base)) => {
            let (first, last) = range_v4(base.to_bits(), prefix);
            Ok((first..=last).contains(&address.to_bits()))
        }
        (IpAddr::V6(address), IpAddr::V6(base)) => {
            let (first, last) = range_v6(base.to_bits(), prefix);
            Ok((first..=last).contains(&address.to_bits()))
        }
        _ => Ok(false),
    }
}

/// 32 hexadecimal digits, with the four hyphens in their places or without any.
fn uuid(text: &str) -> Option<String> {
    let hyphens = text.len() == 36;
    let places = text.bytes().enumerate().all(|(at, byte)| {
        if hyphens && matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { byte.is_ascii_hexdigit() }
    });
    if !(places && (hyphens || text.len() == 32)) {
        return None;
    }
    let mut out = String::with_capacity(36);
    for (at, digit) in text.bytes().filter(|byte| *byte != b'-').enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(char::from(digit.to_ascii_lowercase()));
    }
    Some(out)
}

pub const IP: &[Kernel] = &[
    kernel!("ch_ipv4_num_to_string", (number: U32) -> Text, Ipv4Addr::from_bits(number).to_string()),
    kernel!("ch_ipv4_string_to_num", (text: Text) -> U32, v4(text).ok_or_else(|| bad_v4(text))?.to_bits()),
    kernel!("ch_ipv4_string_to_num_or_null", (text: Text) -> U32, v4(text).map(Ipv4Addr::to_bits)),
    kernel!("ch_ipv6_num_to_string", (bytes: Blob) -> Text, {
        let bytes: [u8; 16] = bytes.try_into().map_err(|_| KernelError::bad_argument("an IPv6 address has 16 bytes"))?;
        text_v6(Ipv6Addr::from(bytes))
    }),
    kernel!("ch_ipv6_string_to_num", (text: Text) -> Blob, {
        v6(text).ok_or_else(|| bad_v6(text))?.octets().to_vec()
    }),
    kernel!("ch_ipv6_string_to_num_or_null", (text: Text) -> Blob, v6(text).map(|address| address.octets().to_vec())),
    // The types IPv4 and IPv6 as their text.
    kernel!("ch_to_ipv4", (text: Text) -> Text, v4_type(text).ok_or_else(|| bad_v4(text))?.to_string()),
    kernel!("ch_to_ipv4_or_null", (text: Text) -> Text, v4_type(text).map(|address| address.to_string())),
    kernel!("ch_to_ipv6", (text: Text) -> Text, text_v6(v6(text).ok_or_else(|| bad_v6(text))?)),
    kernel!("ch_to_ipv6_or_null", (text: Text) -> Text, v6(text).map(text_v6)),
    kernel!("ch_is_ipv4_string", (text: Text) -> U8, v4(text).is_some()),
    kernel!("ch_is_ipv6_string", (text: Text) -> U8, text.parse::<Ipv6Addr>().is_ok()),
    kernel!("ch_ipv4_to_ipv6", (number: U32) -> Text, text_v6(Ipv4Addr::from_bits(number).to_ipv6_mapped())),
    kernel!("ch_ipv4_range_first", (number: U32, prefix: U8) -> U32, range_v4(number, prefix).0),
    kernel!("ch_ipv4_range_last", (number: U32, prefix: U8) -> U32, range_v4(number, prefix).1),
    kernel!("ch_ipv6_range_first", (text: Text, prefix: U8) -> Text, {
        text_v6(Ipv6Addr::from_bits(range_v6(v6(text).ok_or_else(|| bad_v6(text))?.to_bits(), prefix).0))
    }),
    kernel!("ch_ipv6_range_last", (text: Text, prefix: U8) -> Text, {
        text_v6(Ipv6Addr::from_bits(range_v6(v6(text).ok_or_else(|| bad_v6(text))?.to_bits(), prefix).1))
    }),
    kernel!("ch_is_ip_address_in_range", (address: Text, network: Text) -> U8, in_range(address, network)?),
];

pub const UUID: &[Kernel] = &[
    kernel!("ch_to_uuid", (text: Text) -> Text, {
        uuid(text).ok_or_else(|| KernelError::new(376, format!("cannot parse uuid {text}")))?
    }),
    kernel!("ch_to_uuid_or_null", (text: Text) -> Text, uuid(text)),
];
