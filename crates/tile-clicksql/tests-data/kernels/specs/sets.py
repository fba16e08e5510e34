import random
R = random.Random(5)
def some(n): return [R.choice([0, 1, 7, R.getrandbits(8), R.getrandbits(32), R.getrandbits(64)]) for _ in range(n)]
def word(n): return ''.join(R.choice('abcdefgh0123-/ñ') for _ in range(n))
def words(n): return [word(R.choice([0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 31, 33, 70])) for _ in range(n)]
SIZES = [0, 1, 2, 3, 5, 8, 9, 15, 16, 17, 30, 33, 64, 100, 129, 300]
def u64(items): return "arrayMap(x -> toUInt64(x), CAST([%s], 'Array(UInt64)'))" % ','.join(map(str, items))
def texts(items): return "CAST(%s, 'Array(String)')" % (q(items) if items else '[]')
def positions(items, found): return f'arrayMap(x -> toInt64(indexOf({items}, x)), {found})'
def limited(limit): return f"'groupUniqArray({limit})'" if limit else "'groupUniqArray'"
# A state that becomes a constant is written and read, which changes its order: so these are queries.
def merged(items): return f'(SELECT groupArrayDistinctMerge(s) FROM (SELECT groupArrayDistinctState(x) AS s FROM (SELECT arrayJoin({items}) AS x)))'
NUMBERS = [(some(n), l) for n in SIZES for l in (0, 3)] + [(list(range(n)), 0) for n in (20, 200)]
TEXTS = [(words(n), l) for n in SIZES for l in (0, 3)]
case('ch_set_order', NUMBERS, lambda a, l: positions(u64(a), f'arrayReduce({limited(l)}, {u64(a)})'))
case('ch_set_order_text', TEXTS, lambda a, l: positions(texts(a), f'arrayReduce({limited(l)}, {texts(a)})'))
case('ch_distinct_order', [r for r in NUMBERS if not r[1]], lambda a, l: positions(u64(a), merged(u64(a))))
case('ch_distinct_order_text', [r for r in TEXTS if not r[1]], lambda a, l: positions(texts(a), merged(texts(a))))
case('ch_first_positions', [r for r in TEXTS if not r[1]], lambda a, l: positions(texts(a), f'arrayDistinct({texts(a)})'))
FLOATS = [0.0, -0.0, 1.0, -1.5, 0.1, 1e300, 5e-324, float('inf'), float('-inf'), 123456.75]
case('ch_float_bits', [(x, False) for x in FLOATS], lambda x, single: f'reinterpretAsUInt64({q(x)})')
