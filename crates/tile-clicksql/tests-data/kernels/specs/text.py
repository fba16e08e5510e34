T = ['', 'abc', 'ABC def', 'añb😀c', 'Ñandú', '  x y  ', 'aaa', 'a,b,,c', 'hello world', 'The quick\nbrown\tfox', "it's", 'a.b-c_d e!f', 'Straße', '123 abc 4d', 'abcabcabc', 'Привет мир', 'x', '%41+b%zz', 'a b&c=d/é?~-_.']
for n, f in dict(lower='lower', upper='upper', lower_utf8='lowerUTF8', upper_utf8='upperUTF8', initcap='initcap', initcap_utf8='initcapUTF8', length='length', length_utf8='lengthUTF8', ascii='ascii', reverse='reverse', reverse_utf8='reverseUTF8', soundex='soundex', hex='hex', bin='bin', base64_encode='base64Encode', base64_url_encode='base64URLEncode', encode_url_component='encodeURLComponent', encode_url_form_component='encodeURLFormComponent', decode_url_component='decodeURLComponent', decode_url_form_component='decodeURLFormComponent', tokens='tokens').items():
    case('ch_' + n, T + ['Robert', 'Rupert', 'Tymczak', 'Pfister', 'Honeyman', '12'] * (n == 'soundex'), lambda t, f=f: f'{f}({q(t)})')
S = ['', 'abc', 'añb😀c', 'abcdefgh']
case('ch_substring', [(t, o, l) for t in S for o in (-9, -4, -3, -1, 0, 1, 2, 4, 9) for l in (-2, 0, 1, 3, 100)], lambda t, o, l: f'substring({q(t)}, {o}, {l})')
case('ch_substring_utf8', [(t, o, l) for t in S for o in (-9, -4, -3, -1, 0, 1, 2, 4, 9) for l in (-2, 0, 1, 3, 100)], lambda t, o, l: f'substringUTF8({q(t)}, {o}, {l})')
for n, f in dict(left_pad='leftPad', right_pad='rightPad', left_pad_utf8='leftPadUTF8', right_pad_utf8='rightPadUTF8').items():
    case('ch_' + n, [(t, l, p) for t in S for l in (0, 2, 5, 9) for p in ('', ' ', 'xy', 'ñ')], lambda t, l, p, f=f: f'{f}({q(t)}, {l}, {q(p)})')
case('ch_repeat', [(t, n) for t in S for n in (-1, 0, 1, 3)], lambda t, n: f'repeat({q(t)}, {n})')
for n, f in dict(trim_both='trimBoth', trim_left='trimLeft', trim_right='trimRight').items():
    case('ch_' + n, [(t, b) for t in T for b in (' ', 'a', 'abc', 'x ')], lambda t, b, f=f: f'{f}({q(t)}, {q(b)})')
case('ch_append_trailing_char_if_absent', [(t, '/') for t in T + ['a/']] + [('a', 'xy')], lambda t, e: f'appendTrailingCharIfAbsent({q(t)}, {q(e)})')
case('ch_format', [(p, ['a', 'b', 'c']) for p in ('{} {}', '{0}-{1}-{0}', '{{}} {}', 'x', '{} {} {}', '{2}{1}{0}', '}', '{3}', '', '{{{}}}', '{}{{', 'ñ{}')], lambda p, v: f"format({q(p)}, {', '.join(map(q, v))})")
case('ch_array_string_concat', [(v, s) for v in (['a', 'b'], ['x'], ['', ''], ['ñ', 'b', 'c']) for s in ('', ',', ' - ')], lambda v, s: f'arrayStringConcat({q(v)}, {q(s)})')
case('ch_translate', [(t, a, b) for t in ('abc', 'hello', '') for a, b in (('abc', 'xyz'), ('l', 'L'), ('lo', '01'), ('', ''))], lambda t, a, b: f'translate({q(t)}, {q(a)}, {q(b)})')
for n, f in dict(edit_distance='editDistance', edit_distance_utf8='editDistanceUTF8').items():
    case('ch_' + n, [(a, b) for a in ('', 'abc', 'kitten', 'ñandú') for b in ('', 'abd', 'sitting', 'nandu')], lambda a, b, f=f: f'{f}({q(a)}, {q(b)})')
for n, f in dict(string_jaccard_index='stringJaccardIndex', string_jaccard_index_utf8='stringJaccardIndexUTF8').items():
    case('ch_' + n, [(a, b) for a in ('ab', 'clickhouse', 'mouse', 'ñandú') for b in ('abd', 'mouse', 'nandu', 'house')], lambda a, b, f=f: f'{f}({q(a)}, {q(b)})')
for n, f in dict(starts_with='startsWith', ends_with='endsWith').items():
    case('ch_' + n, [(t, p) for t in T[:9] for p in ('', 'a', 'abc', 'c', ' ', 'ñ')], lambda t, p, f=f: f'{f}({q(t)}, {q(p)})')
for sfx, F in dict(zip(['', '_ci', '_utf8', '_ci_utf8'], ['', 'CaseInsensitive', 'UTF8', 'CaseInsensitiveUTF8'])).items():
    case('ch_position' + sfx, [(t, p, s) for t in ('', 'abcABC', 'añb😀cÑ', 'aaaa') for p in ('', 'a', 'B', 'ñ', 'c', 'aa', 'zz') for s in (0, 1, 2, 3, 5, 7, 20)], lambda t, p, s, F=F: f'position{F}({q(t)}, {q(p)}, {s})')
    if F != 'UTF8': case('ch_count_substrings' + sfx, [(t, p) for t in ('', 'abcABC', 'añb😀cÑñ', 'aaaa') for p in ('', 'a', 'B', 'ñ', 'aa', 'zz')], lambda t, p, F=F: f'countSubstrings{F}({q(t)}, {q(p)})')
    else: case('ch_count_substrings' + sfx, [(t, p) for t in ('', 'abcABC', 'añb😀cÑñ', 'aaaa') for p in ('', 'a', 'B', 'ñ', 'aa', 'zz')], lambda t, p, F=F: f'countSubstrings({q(t)}, {q(p)})')
    for n, f in dict(any='Any', first_index='FirstIndex', first_position='FirstPosition', all_positions='AllPositions').items():
        case(f'ch_multi_search_{n}{sfx}', [(t, l) for t in ('', 'abcABC', 'añb😀cÑ', 'hello world', 'Straße') for l in (['a'], ['x', 'b', 'a'], ['Ñ', 'c'], ['zz', 'WORLD', 'lo'], ['', 'a'], ['yy'])], lambda t, l, f=f, F=F: f'multiSearch{f}{F}({q(t)}, {q(l)})')
for n, f in dict(one='replaceOne', all='replaceAll').items():
    case('ch_replace_' + n, [(t, a, b) for t in T[:10] for a, b in (('a', 'X'), ('', 'X'), ('b', ''), ('ñ', 'n'), ('aa', 'b'))], lambda t, a, b, f=f: f'{f}({q(t)}, {q(a)}, {q(b)})')
case('ch_split_by_char', [(s, t, m) for s in (',', ' ', 'b') for t in T for m in (0, 1, 2)] + [('', 'abc', 0), ('ab', 'abc', 0)], lambda s, t, m: f'splitByChar({q(s)}, {q(t)}, {m})')
case('ch_split_by_string', [(s, t, m) for s in (',', ' ', 'bc', '', 'ñb') for t in T for m in (0, 2)], lambda s, t, m: f'splitByString({q(s)}, {q(t)}, {m})')
case('ch_split_by_regexp', [(s, t, m) for s in (',+', '[ab]', '\\\\d', '', 'x*', '\\s+') for t in T for m in (0, 2)], lambda s, t, m: f'splitByRegexp({q(s)}, {q(t)}, {m})')
for n, f in dict(split_by_whitespace='splitByWhitespace', split_by_non_alpha='splitByNonAlpha', alpha_tokens='alphaTokens').items():
    case('ch_' + n, [(t, m) for t in T for m in (0, 1)], lambda t, m, f=f: f'{f}({q(t)}, {m})')
case('ch_ngrams', [(t, n) for t in T for n in (1, 2, 3, 8)], lambda t, n: f'ngrams({q(t)}, {n})')
P = ['a', 'a.b', 'o w', '^a', 'c$', '[0-9]+', '\\w+', '\\d', '(\\w)(\\w)', '(a|b)+', 'x?', '', '\\s', '[[:alpha:]]+', 'ñ', '.', 'k.b', '(?i)ABC', 'a{2}', 'a{', '{', '[^a-z]', '[\\w.]+', '\\bfox\\b', '\\.', '(b)?c', '[[]', '(', '\\Qa.b\\E', '[a&&b]', 'e!', 'a*?b', '(?:a)(b)', '\\x41', '.*', '\\pL+', 'quick.brown', '^.', '$']
X = ['', 'abc', 'añb😀c', 'a.b-c_d e!f', 'The quick\nbrown\tfox', '123 abc 4d', 'aaa', 'ABC', 'a{b', 'abcabc']
for n, f in dict(match='match', extract='extract', extract_all='extractAll', count_matches='countMatches').items():
    case('ch_' + n, [(t, p) for p in P for t in X], lambda t, p, f=f: f'{f}({q(t)}, {q(p)})')
case('ch_extract_groups', [(t, p) for p in ('(\\w)(\\w)', '(a)(x)?', '(\\d+) (\\w+)', '(b)') for t in X], lambda t, p: f'extractGroups({q(t)}, {q(p)})')
L = ['', '%', '_', 'a%', '%c', 'a_c', '%b%', 'abc', 'a\\_c', 'a\\%', '\\a', '\\\\%', '%\\', 'AB%', '__', 'a.b%', '%fox', '%quick%brown%', 'a%b%', 'añ_%', '%ñ%']
for n, f in dict(like='like', ilike='ilike').items():
    case('ch_' + n, [(t, p) for p in L for t in X + ['a_c', 'a%', '\\a', '\\x', 'AÑB']], lambda t, p, f=f: f'{f}({q(t)}, {q(p)})')
ML = [['a', 'b'], ['x', 'c'], ['^b', 'q.*k\nb'], ['zz'], ['[0-9]', 'fox'], ['.b']]
case('ch_multi_match_any', [(t, l) for t in X for l in ML], lambda t, l: f'multiMatchAny({q(t)}, {q(l)})')
case('ch_multi_match_any_index', [(t, l) for t in X for l in [['q', 'b'], ['^b', 'q.*k\nb'], ['zz'], ['[0-9]', 'fox']]], lambda t, l: f'multiMatchAnyIndex({q(t)}, {q(l)})')
R = ['', 'X', '<\\0>', '[\\1]', '\\\\', 'a\\2', '\\x']
for n, f in dict(one='replaceRegexpOne', all='replaceRegexpAll').items():
    case('ch_replace_regexp_' + n, [(t, p, r) for p in P if p != '(' for t in X[:7] for r in (R if p in ('a', '(\\w)(\\w)', '(b)?c') else ['<\\0>'])], lambda t, p, r, f=f: f'{f}({q(t)}, {q(p)}, {q(r)})')
case('ch_hex_blob', [(t,) for t in ['', 'abc', '\x00\xff']], lambda t: f"hex(unhex('{t.encode('latin-1').hex()}'))")
N = [0, 1, 9, 10, 255, 256, 65535, 65536, 2**32, 2**63, 2**64 - 1]
case('ch_hex_u64', N, lambda n: f'hex({n})')
case('ch_bin_u64', N, lambda n: f'bin({n})')
case('ch_unhex', ['', '61', '6162', '616', '6X', 'zz', 'C3B1', 'c3b1', 'FF', '0'], lambda t: f'unhex({q(t)})')
case('ch_char', [([65, 66],), ([321],), ([195, 177],), ([255],), ([0x1F600],), ([97, -1],)], lambda v: f"char({', '.join(map(str, v))})")
B = ['', 'YWJj', 'YQ==', 'YQ', '!!!', 'w7E=', 'YWJj\n', 'YWJjZA==', 'YW Jj', 'YQ=', '====', 'YWJjZ===', '/+8=']
case('ch_base64_decode', B, lambda t: f'base64Decode({q(t)})')
case('ch_try_base64_decode', B, lambda t: f'tryBase64Decode({q(t)})')
case('ch_space', [0, 1, 5, -1], lambda n: f'space({n})')
