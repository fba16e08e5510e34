import random
R = random.Random(9)
def rows(n, span): return ([R.randrange(span) for _ in range(n)], [R.choice([0, 1, 1, 2, 4, 8, R.randrange(16)]) for _ in range(n)])
ROWS = [(*rows(n, span), 4, window, increases) for n in (0, 1, 2, 4, 8, 16, 30) for span in (3, 20, 100)
        for window in (0, 1, 5, 40) for increases in (False, True)]
def funnel(times, masks, events, window, increases):
    mode = ", 'strict_increase'" if increases else ''
    conditions = ', '.join(f'bitAnd(m, {1 << i}) != 0' for i in range(events))
    pairs = ','.join(f'({t},{m})' for t, m in zip(times, masks))
    pairs = f"CAST([{pairs}], 'Array(Tuple(t UInt64, m UInt64))')"
    return f'(SELECT windowFunnel({window}{mode})(r.1, {conditions.replace("(m,", "(r.2,")}) FROM (SELECT arrayJoin({pairs}) AS r))'
case('ch_window_funnel', ROWS, funnel)
