//! Internet addresses.

use super::{Args, Function, entry};
use crate::error::Result;
use crate::typed::Typed;
use crate::types::Type;

pub const ALL: &[Function] = &[
    entry("IPv4NumToString", (1, 1), |a| {
        let number =
            if *a.ty(0)? == Type::Ipv4 { a.sql(0)? } else { format!("CAST({} AS UINTEGER)", a.number(0)?) };
        Ok(Typed::new(format!("ch_ipv4_num_to_string({number})"), Type::String))
    })
    .alias(&["INET_NTOA"]),
    entry("IPv4StringToNum", (1, 1), |a| of_text(a, "ch_ipv4_string_to_num", Type::UInt(32)))
        .alias(&["INET_ATON"]),
    entry("IPv4StringToNumOrNull", (1, 1), |a| {
        of_text(a, "ch_ipv4_string_to_num_or_null", Type::UInt(32).nullable())
    }),
    entry("IPv4StringToNumOrDefault", (1, 1), |a| {
        let sql = format!("coalesce(ch_ipv4_string_to_num_or_null({}), 0)", a.text(0)?);
        Ok(Typed::new(format!("CAST({sql} AS UINTEGER)"), Type::UInt(32)))
    })
    .guarded(),
    entry("isIPv4String", (1, 1), |a| of_text(a, "ch_is_ipv4_string", Type::UInt(8))),
    entry("isIPv6String", (1, 1), |a| of_text(a, "ch_is_ipv6_string", Type::UInt(8))),
    entry("isIPAddressInRange", (2, 2), |a| {
        Ok(Typed::new(format!("ch_is_ip_address_in_range({}, {})", a.text(0)?, a.text(1)?), Type::UInt(8)))
    }),
    entry("toIPv4", (1, 1), |a| of_text(a, "ch_ipv4_string_to_num", Type::Ipv4)),
    entry("toIPv4OrNull", (1, 1), |a| of_text(a, "ch_ipv4_string_to_num_or_null", Type::Ipv4.nullable())),
    entry("toIPv4OrDefault", (1, 1), |a| {
        let sql = format!("coalesce(ch_ipv4_string_to_num_or_null({}), 0)", a.text(0)?);
        Ok(Typed::new(format!("CAST({sql} AS UINTEGER)"), Type::Ipv4))
    })
    .alias(&["toIPv4OrZero"])
    .guarded(),
    entry("toIPv6", (1, 1), |a| of_text(a, "ch_to_ipv6", Type::Ipv6)),
    entry("toIPv6OrNull", (1, 1), |a| of_text(a, "ch_to_ipv6_or_null", Type::Ipv6.nullable())),
];

fn of_text(a: &Args<'_, '_, '_>, kernel: &str, ty: Type) -> Result<Typed> {
    Ok(Typed::new(format!("{kernel}({})", a.text(0)?), ty))
}
