import random
R = random.Random(11)
# Libraries differ in the last digit: values at which they agree.
X = [0.0, 0.5, -0.3, 1e-10, 5.5, 30.0, -30.0, 0.8, 0.84375, 1e-300]
for n in ('erf', 'erfc'):
    case('ch_' + n, X, lambda x, n=n: f'{n}({q(x)})')
VECTORS = [([R.randrange(-40, 40) / 4 for _ in range(n)], [R.randrange(-40, 40) / 4 for _ in range(n)]) for n in (0, 1, 2, 3, 7, 15, 16, 17, 31, 32, 33, 64, 100, 128) for _ in range(3)]
for n, f in dict(l1_distance='L1Distance', l2_distance='L2Distance', l2_squared_distance='L2SquaredDistance', linf_distance='LinfDistance', cosine_distance='cosineDistance').items():
    case('ch_' + n, [v for v in VECTORS if v[0]] + [([1.0], [1.0, 2.0])], lambda x, y, f=f: f'{f}({q(x)}, {q(y)})')
for n, f in dict(l1_norm='L1Norm', l2_norm='L2Norm', l2_squared_norm='L2SquaredNorm', linf_norm='LinfNorm').items():
    case('ch_' + n, [(v[0],) for v in VECTORS if v[0]], lambda x, f=f: f'{f}({q(x)})')
H = [0.0, -2.5]
for n in ('sinh', 'cosh', 'tanh', 'asinh', 'log1p', 'tgamma', 'lgamma'):
    case('ch_' + n, [h for h in H if not (h < 0 and n in ('log1p', 'tgamma', 'lgamma'))] + [1.0] * (n in ('asinh', 'tgamma')), lambda x, n=n: f'{n}({q(x)})')
case('ch_acosh', [1.0, 1.5, 2.0, 30.0], lambda x: f'acosh({q(x)})')
case('ch_atanh', [0.0, 0.5, -0.25, 0.999], lambda x: f'atanh({q(x)})')
case('ch_hypot', [(3.0, 4.0), (1.5, -2.5), (0.0, 0.0), (1e200, 1e200)], lambda x, y: f'hypot({q(x)}, {q(y)})')
case('ch_bits_f64', [0.0, 1.0, -1.5, 0.1, 1e300], lambda x: f'reinterpretAsUInt64({q(x)})')
case('ch_bits_f32', [0.0, 1.0, -1.5, 0.5, 1024.25], lambda x: f'reinterpretAsUInt32(toFloat32({q(x)}))')
B = ['', 'a', 'aBc', 'Zz\0', 'hello world']
case('ch_lossy_text', B, lambda b: f'{q(b)}')
case('ch_text_of_bytes', B, lambda b: f'{q(b)}')
case('ch_lower_bytes', B, lambda b: f'hex(lower({q(b)}))')
case('ch_upper_bytes', B, lambda b: f'hex(upper({q(b)}))')
case('ch_reverse_bytes', B, lambda b: f'hex(reverse({q(b)}))')
case('ch_unhex_bytes', ['', '61', '6162', '161', '41427a'], lambda t: f'hex(unhex({q(t)}))')
case('ch_substring_bytes', [(b, o, n) for b in B for o in (-3, -1, 0, 1, 2, 4) for n in (-1, 0, 1, 3, 100)], lambda b, o, n: f'hex(substring({q(b)}, {o}, {n}))')
case('ch_bytes_of_u64', [(0x6261, 2), (0x61, 1), (0x64636261, 4)], lambda n, w: f'hex(reinterpretAsString(to{ {1: "UInt8", 2: "UInt16", 4: "UInt32"}[w] }({n})))')
case('ch_json_quote', ['', 'a', 'a"b\\c/d', 'é\n\t', '\x01\u2028'], lambda t: f'toJSONString({q(t)})')
GT = ['', 'a1b2', 'zz', 'key=v1, k2=v2', 'ñ1']
case('ch_extract_all_groups', [(t, p) for t in GT for p in ('([a-z])(\\d)', '(\\w+)=(\\w+)', '(z)')], lambda t, p: f'arrayFlatten(extractAllGroupsVertical({q(t)}, {q(p)}))')
D = ['{}', '{"a":1}', '{"a":-1}', '{"a":1.9}', '{"a":18446744073709551615}', '{"a":"7"}', '{"a":"x"}', '{"a":true}', '{"a":null}', '{"a":[1]}', '', '{"a":300}']
case('ch_json_extract_uint_or_null', [(d, ['a']) for d in D], lambda d, p: f"JSONExtract({q(d)}, 'a', 'Nullable(UInt64)')")
case('ch_text_date32', ['2024-01-02', '1950-05-06', '1900-01-01', '2299-12-31', '20240102', '2024-01-02 03:04:05', 'x', ''], lambda t: f"toInt32(toDate32({q(t)}))")
