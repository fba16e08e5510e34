@from misc
= IPv4StringToNumOrDefault(ip)
= IPv4StringToNumOrNull(ip)
= toIPv4OrNull(ip)
= isIPv4String(ip)
? IPv4StringToNum('192.168.0.1')
? IPv4StringToNum('0.0.0.0')
? IPv4StringToNum('255.255.255.255')
? IPv4StringToNum('bad') ;; error
? IPv4StringToNum('1.2.3') ;; error
? IPv4NumToString(3232235521)
? IPv4NumToString(0)
? IPv4NumToString(4294967295)
? IPv4NumToString(toUInt32(1))
? IPv4NumToString(IPv4StringToNum('10.20.30.40'))
? IPv4NumToStringClassC(3232235521)
? toIPv4('1.2.3.4')
? toTypeName(IPv4StringToNum('1.2.3.4'))
? IPv6NumToString(toFixedString(unhex('2A0206B8000000000000000000000011'), 16))
? isIPAddressInRange('10.1.2.3', '10.0.0.0/8')
? cutIPv6(IPv6StringToNum('::1'), 0, 0) ;; maybe
@from nums
= IPv4NumToString(u32)
