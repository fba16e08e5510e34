import random
R = random.Random(11)

def fill(rows, bounds, plan):
    """The query whose filled rows the kernel has to give: `r` is the row's number and `g` the group's first row."""
    plans = [p.split(' ') for p in plan.split(';')]
    def value(text, kind):
        if text == '': return 'NULL'
        return {'date': f'toDate32(toInt32({text}))', 'time': f"fromUnixTimestamp64Micro(toInt64({text}), 'UTC')", 'float': f'toFloat64({text})'}.get(
            kind, f"to{'UI' if kind[0] == 'u' else 'I'}nt{kind[1:]}({text})")
    def back(name, kind):
        return {'date': f'toInt32({name})', 'time': f'toUnixTimestamp64Micro({name})'}.get(kind, name)
    selects, items = [], ['g']
    for number, row in enumerate(rows, 1):
        group, *keys = row.split(',')
        keys = ', '.join(f'toNullable({value(k, p[0])}) AS k{i}' for i, (k, p) in enumerate(zip(keys, plans)))
        selects.append(f'SELECT toInt64({number}) AS r, toInt64({group}) AS g, {keys}')
    if not rows:
        keys = ', '.join(f"toNullable({value('0', p[0])}) AS k{i}" for i, p in enumerate(plans))
        selects.append(f'SELECT toInt64(1) AS r, toInt64(0) AS g, {keys} WHERE 0')
    for i, (kind, direction, unit, zone) in enumerate(plans):
        words = [f'k{i} {direction} WITH FILL']
        for word, bound in zip(('FROM', 'TO', 'STEP', 'STALENESS'), bounds[4 * i:4 * i + 4]):
            if bound == '': continue
            if word in ('STEP', 'STALENESS'):
                words.append(f'{word} INTERVAL ({bound}) {unit}' if unit != '-' else f'{word} {bound}')
            else:
                words.append(f"{word} {value(bound, kind)}")
        items.append(' '.join(words))
    shown = " || ',' || ".join(f"ifNull(toString({back(f'k{i}', p[0])}), '')" for i, p in enumerate(plans))
    items = items if rows else items[1:]
    return (f"(SELECT groupArray(assumeNotNull(toString(r) || ',' || toString(g) || ',' || {shown})) FROM "
            f"(SELECT * FROM ({' UNION ALL '.join(selects)}) ORDER BY {', '.join(items)}))")

def grouped(groups):
    """Rows of sorted keys, each with the number of its group's first row."""
    out, at = [], 1
    for group in groups:
        for keys in group: out.append(f"{at},{','.join(map(str, keys))}")
        at += len(group)
    return out

def ints(columns, descending, width):
    count = R.randint(0, 5)
    rows = [tuple(R.randint(0, width) for _ in range(columns)) for _ in range(count)]
    return sorted(rows, key=lambda row: tuple(-v if d else v for v, d in zip(row, descending)))

def taken(groups, bounds, descending):
    """Several columns with rows behind TO, and some without rows, are refused."""
    ends = [(bounds[4 * i], bounds[4 * i + 1]) for i in range(len(descending))]
    if len(descending) == 1: return True
    if any(b != '' and a == b for a, b in ends): return False
    if not groups and 0 < sum(a != '' for a, _ in ends) < len(ends): return False
    late = lambda v, b, d: b != '' and (v <= int(b) if d else v >= int(b))
    return not any(late(v, b, d) for g in groups for row in g for v, (_, b), d in zip(row, ends, descending))

cases = []
for columns, many in ((1, 60), (2, 300), (3, 300)):
    for _ in range(many):
        descending = [R.random() < 0.3 for _ in range(columns)]
        groups = [g for g in (ints(columns, descending, 9 if columns == 1 else 4) for _ in range(R.choice([1, 1, 2, 3]))) if g]
        bounds, plan = [], []
        for d in descending:
            step = R.choice(['1', '1', '2', '3'])
            low, high = sorted((R.randint(-2, 5), R.randint(2, 8)))
            ends = [str(high), str(low)] if d else [str(low), str(high)]
            bounds += [R.choice(['', ends[0]]), R.choice(['', ends[1]]), ('-' if d else '') + step, '']
            plan.append(f"i32 {'desc' if d else 'asc'} - -")
        if taken(groups, bounds, descending): cases.append((grouped(groups), bounds, ';'.join(plan)))
for _ in range(40):
    d = R.random() < 0.4
    groups = [g for g in (sorted(set(ints(1, [d], 12)), reverse=d) for _ in range(R.choice([1, 2]))) if g]
    sign = '-' if d else ''
    cases.append((grouped(groups), ['', R.choice(['', '-1' if d else '14']), sign + R.choice(['1', '2', '3']), sign + str(R.randint(1, 5))], f"i32 {'desc' if d else 'asc'} - -"))
cases += [
    (['1,0', '1,100', '1,200'], ['', '', '50', ''], 'u8 asc - -'),
    (['1,0', '1,1'], ['', '', '0.3', ''], 'float asc - -'),
    (['1,0.5', '1,1'], ['-1', '2', '0.5', ''], 'float asc - -'),
    (['1,2', '1,1'], ['2.5', '-1', '-0.5', ''], 'float desc - -'),
    (['1,1', '1,4', '1,'], ['', '', '1', ''], 'u8 asc - -'),
    (['1,3'], ['1', '5', '0', ''], 'u8 asc - -'),
    (['1,3'], ['1', '5', '-1', ''], 'u8 asc - -'),
    (['1,3'], ['5', '1', '1', ''], 'u8 asc - -'),
    (['1,3'], ['1', '5', '1', '2'], 'i8 asc - -'),
    (['1,19753', '1,19813', '1,19873'], ['', '', '1', ''], 'date asc month -'),
    (['1,19873', '1,19813', '1,19753'], ['', '', '-1', ''], 'date desc month -'),
    (['1,19753', '1,20653'], ['', '', '1', ''], 'date asc quarter -'),
    (['1,19782', '1,21682'], ['', '', '1', ''], 'date asc year -'),
    (['1,19753', '1,19793'], ['19740', '19800', '2', ''], 'date asc week -'),
    (['1,19753', '1,19760'], ['19750', '19763', '3', ''], 'date asc - -'),
    (['1,1704067200500000', '1,1704067202500000'], ['', '', '500', ''], 'time asc millisecond UTC'),
    (['1,1704067200000000', '1,1704074400000000'], ['', '', '20', ''], 'time asc minute UTC'),
    (['1,1706695200000000', '1,1714471200000000'], ['', '', '1', ''], 'time asc month UTC'),
    (['1,1704067200000000', '1,1705795200000000'], ['1704000000000000', '1706000000000000', '1', ''], 'time asc week UTC'),
]
case('ch_fill', cases, fill)
