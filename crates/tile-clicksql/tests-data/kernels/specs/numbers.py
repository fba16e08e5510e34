import random, struct, math
R = random.Random(2)
FL = [0.0, -0.0, 1.0, -1.0, 1.5, 0.1, 1e20, 1e21, 123456789012345680000.0, 1e-6, 1e-7, 0.000123, 1.5e300, float('nan'), float('inf'), float('-inf'), 5e-324, 1/3, 2**53 + 0.0, 12345.678, 1e15, 1e16, 123456789.125]
RND = [struct.unpack('d', struct.pack('Q', R.getrandbits(64)))[0] for _ in range(1500)]
RND = [x for x in RND if x == x]
case('ch_f64_text', FL + RND + [round(R.uniform(-1e6, 1e6), R.randrange(6)) for _ in range(400)], lambda x: f'toString({q(x)})')
F3 = [struct.unpack('f', struct.pack('f', x))[0] for x in [0.0, -0.0, 1.0, 0.1, 1e20, 1e21, 3.14159, 1e-6, 1e-7, 16777216.0, 1/3, float('nan'), float('inf')]] + [x for x in (struct.unpack('f', struct.pack('I', R.getrandbits(32)))[0] for _ in range(500)) if x == x]
case('ch_f32_text', F3, lambda x: f'toString(toFloat32({q(x)}))')
TX = ['', '0', '1', '-1', '+1', '127', '128', '-128', '-129', '255', '256', '300', '65536', '2147483648', '4294967296', '9223372036854775807', '9223372036854775808', '-9223372036854775808', '18446744073709551615', '18446744073709551616', '99999999999999999999', ' 1', '1 ', '1.5', '1.0', '1e3', 'abc', '-', '+', '0x10', '007', '--1', '+-1', '-0', '1_000', '١', '12a', 'inf', 'nan', '.5', '5.', '-.5', '1e', '1e+5', '1E5', '1e400', '-1e400', '1e-400', 'Infinity', '-inf', 'NaN', 'INF', '+inf', '1.7976931348623157e308', '0.1', '1.2.3', '.', '-.', 'e5', '1,5', 'true', '1\n', '\t1', '123456789.123456789', '00.5', '1e05', '1.e5', 'infinit']
for n, t in [('i8', 'Int8'), ('i16', 'Int16'), ('i32', 'Int32'), ('i64', 'Int64'), ('u8', 'UInt8'), ('u16', 'UInt16'), ('u32', 'UInt32'), ('u64', 'UInt64'), ('f64', 'Float64')]:
    case('ch_text_' + n, TX, lambda x, t=t: f'to{t}({q(x)})')
    case('ch_text_' + n + '_or_null', TX, lambda x, t=t: f'to{t}OrNull({q(x)})')
II = [0, 1, -1, 127, 128, 255, 256, 300, -128, -129, 32768, 65536, 2**31, 2**32, -2**31 - 1, 2**63 - 1, -2**63] + [R.randrange(-2**63, 2**63) for _ in range(30)]
FF = [0.0, 1.9, -1.9, 2.5, 127.9, 128.0, 255.9, 256.0, 300.7, -0.5, -1.0, -300.0, 1e5, 70000.5, 2147483647.5, 2147483648.0, -2147483648.5, 4294967295.5, 4294967296.0, 1e10, 9.2e18, 9.3e18, 1.8e19, 1.9e19, -9.3e18, 1e20, -1e20, 1e300, float('nan'), float('inf'), float('-inf')]
for n, t in [('i8', 'Int8'), ('i16', 'Int16'), ('i32', 'Int32'), ('i64', 'Int64'), ('u8', 'UInt8'), ('u16', 'UInt16'), ('u32', 'UInt32'), ('u64', 'UInt64')]:
    if n != 'i64': case('ch_wrap_i64_' + n, II, lambda x, t=t: f'to{t}(toInt64({q(x)}))')
    case('ch_wrap_f64_' + n, FF, lambda x, t=t: f'to{t}(materialize({q(x)}))')
case('ch_wrap_u64_i64', [0, 1, 2**63, 2**64 - 1], lambda x: f'toInt64(toUInt64({x}))')
RV = [(x, d) for x in [0.0, 0.5, 1.5, 2.5, -0.5, -2.5, 0.125, 0.375, 2.345, 2.675, 1234.5678, -1234.5678, 1e20, 1e-10, 15.0, 25.0, 35.5, 0.05, 0.15, 0.25, 1.005, float('nan'), float('inf')] + [R.uniform(-1e4, 1e4) for _ in range(100)] for d in (-2, -1, 0, 1, 2, 3, 10)]
for n in ('round', 'floor', 'ceil', 'trunc'):
    case(f'ch_{n}_f64', RV, lambda x, d, n=n: f'{n}({q(x)}, {d})')
    if n != 'trunc': case(f'ch_{n}_f32', [(struct.unpack('f', struct.pack('f', x))[0], d) for x, d in RV], lambda x, d, n=n: f'{n}(toFloat32({q(x)}), {d})')
    case(f'ch_{n}_i64', [(x, d) for x in [0, 4, 5, 6, 15, 25, 35, 149, 150, 151, 250, -5, -15, -25, -149, -150, -250, 12345, -12345] for d in (-3, -2, -1, 0, 2, -20)], lambda x, d, n=n: f'{n}(toInt64({x}), {d})')
DV = [(7, 2), (-7, 2), (7, -2), (-7, -2), (0, 5), (5, 0), (2**62, 3), (-2**63, 1), (12, 18), (1, 1), (0, 0)]
for n, f in dict(int_div='intDiv', int_div_or_zero='intDivOrZero', modulo='modulo', modulo_or_zero='moduloOrZero', positive_modulo='positiveModulo', gcd='gcd', lcm='lcm').items():
    case('ch_' + n, DV if n not in ('gcd', 'lcm') else [d for d in DV if d[0] > -2**60 and d[0] < 2**60], lambda a, b, f=f: f'{f}(toInt64({q(a)}), toInt64({q(b)}))')
for n, f in dict(int_div_u64='intDiv', int_div_or_zero_u64='intDivOrZero', modulo_u64='modulo').items():
    case('ch_' + n, [(7, 2), (2**64 - 1, 2), (5, 0), (2**63, 2**63 + 1)], lambda a, b, f=f: f'{f}(toUInt64({a}), toUInt64({b}))')
case('ch_int_div_f64', [(7.5, 2.0), (-7.5, 2.0), (1.0, 0.0), (1e10, 3.3), (0.3, 0.1), (7.0, 0.5)], lambda a, b: f'intDiv({q(a)}, {q(b)})')
QN = [0.0, 1.0, -1.0, 192.0, 1023.0, 1024.0, 1536.0, 1048576.0, 1e9, 1.5e12, 1e15, 1e18, 1e21, 1e24, 1e27, 1e30, -5000.0, 999.0, 1000.0, 1234.567, 0.5, 0.005, 1.005, 2.675, float('nan'), float('inf'), float('-inf')]
for n, f in dict(size='Size', decimal_size='DecimalSize', quantity='Quantity').items():
    case('ch_format_readable_' + n, QN, lambda x, f=f: f'formatReadable{f}({q(x)})')
case('ch_format_readable_time_delta', [(x, a, b) for x in [0.0, 1.0, 1.1, 0.5, 59.0, 60.0, 61.0, 3600.0, 3661.0, 86400.0, 100000.0, 2629746.0, 31556952.0, 1e9, 432546534.0, -100.0, 0.001, 1.234567, 123.456789123, 1e15, float('nan'), float('inf')] for a, b in [('years', 'seconds'), ('minutes', 'seconds'), ('hours', 'minutes'), ('years', 'nanoseconds'), ('seconds', 'milliseconds'), ('days', 'days'), ('seconds', 'years'), ('weeks', 'seconds')]], lambda x, a, b: f"formatReadableTimeDelta({q(x)}, '{a}', '{b}')")
U = ['', 'http://example.com', 'https://www.example.co.uk/a/b?x=1&y=2#frag', '//example.com/path', 'example.com/path?q=1', 'http://user:pass@host.example.com:8080/p', 'ftp://192.168.1.1/x', 'http://localhost/x', 'http://example.com:80', 'svn+ssh://some.svn-hosting.com:80/repo/trunk', 'mailto:a@b.com', 'http://www.example.com/?a=1;b=2&c=3', 'https://example.com/a//b/?x#y', 'http://example..com/', 'http://example.com./', 'http://.com', 'not a url', 'http://a b.com/', 'http://пример.рф/путь', 'https://example.com?x=1', 'https://example.com#x', 'HTTP://Example.COM/A', 'http://example.com/?x=', 'http://example.com/?x', 'http://example.com/?x=1&x=2', 'http://www.com', 'http://www.google.com.tr/', 'http://example.biz/', 'https://news.clickhouse.com.tr/', 'http://a.b.c.d.org/', '/path/only?x=1', 'http://example.com/a?b=http://c.com/d?e', 'http://user@example.com/', 'http://u:p@e.com:99/x', 'http://example.com:abc/', 'http://example.com:99999/', 'http://[::1]/', 'http://e.com/%41?a=%20b', 'www.example.com', 'http://e.com/?a=1#b=2', 'http://yandex.ru/?utm_source=a&utm=b', 'http://e.com/x;y=1?z', 'https://e.com/?a=1&b', 'http://co.uk', 'http://', 'http:', 'a.b', '.a', 'http://e.com/?&a=1&', 'e.com:80/x', 'tel:+123']
for n, f in dict(protocol='protocol', domain='domain', domain_without_www='domainWithoutWWW', top_level_domain='topLevelDomain', first_significant_subdomain='firstSignificantSubdomain', cut_to_first_significant_subdomain='cutToFirstSignificantSubdomain', path='path', path_full='pathFull', query_string='queryString', fragment='fragment', query_string_and_fragment='queryStringAndFragment', extract_url_parameters='extractURLParameters', extract_url_parameter_names='extractURLParameterNames', url_hierarchy='URLHierarchy', url_path_hierarchy='URLPathHierarchy', cut_www='cutWWW', cut_query_string='cutQueryString', cut_fragment='cutFragment', cut_query_string_and_fragment='cutQueryStringAndFragment').items():
    case('ch_' + n, U, lambda u, f=f: f'{f}({q(u)})')
case('ch_port', [(u, d) for u in U for d in (80, 443)], lambda u, d: f'port({q(u)}, toUInt16({d}))')
for n, f in dict(extract_url_parameter='extractURLParameter', cut_url_parameter='cutURLParameter').items():
    case('ch_' + n, [(u, p) for u in U for p in ('x', 'a', 'utm', 'b', '')], lambda u, p, f=f: f'{f}({q(u)}, {q(p)})')
