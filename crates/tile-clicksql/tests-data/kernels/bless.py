"""Writes the expected answers of ClickHouse for the kernels' table tests.

Usage: python bless.py <data directory> [family ...]; the families are the files in specs/.
A spec is `case(name, rows, lambda row values: ClickHouse expression)`. A data file has one row per line: each
argument and the answer as JSON, tab-separated; an answer `!` is an error, `null` is NULL.
"""
import importlib.util, json, os, sys, glob
import chdb

SETTINGS = ("SETTINGS output_format_json_quote_64bit_integers=0, output_format_json_quote_denormals=1, "
            "output_format_json_quote_decimals=0, output_format_json_validate_utf8=1, allow_suspicious_types_in_group_by=1, session_timezone='UTC', "
            "max_query_size=100000000, max_parser_depth=100000, max_ast_elements=1000000, max_expanded_ast_elements=10000000, "
            "max_columns_to_read=100000, optimize_if_chain_to_multiif=0, function_json_value_return_type_allow_nullable=0, "
            "allow_experimental_nlp_functions=1, compile_expressions=0")
CASES = []

def case(name, rows, sql):
    CASES.append((name, [tuple(r) if isinstance(r, (tuple, list)) else (r,) for r in rows], sql))

def q(value):
    """A literal."""
    if isinstance(value, bool): return 'true' if value else 'false'
    if isinstance(value, float):
        if value != value: return "nan"
        if value in (float('inf'), float('-inf')): return 'inf' if value > 0 else '-inf'
        return "toFloat64('%r')" % value
    if isinstance(value, int): return str(value) if value >= 0 else '(%d)' % value
    if isinstance(value, (list, tuple)): return '[' + ','.join(q(v) for v in value) + ']'
    if isinstance(value, bytes): return "unhex('%s')" % value.hex()
    out = "'" + value.replace('\\', '\\\\').replace("'", "\\'").replace('\n', '\\n').replace('\t', '\\t').replace('\0', '\\0') + "'"
    return out

ERRORS = {}
def run(expressions):
    sql = 'SELECT ' + ', '.join('(%s) AS c%d' % (e, i) for i, e in enumerate(expressions)) + ' FORMAT JSONCompactEachRow ' + SETTINGS
    try:
        text = bytes(chdb.query(sql).bytes()).decode('utf-8', 'replace')
        return json.loads(text, parse_float=lambda s: float(s), strict=False)
    except Exception as error:
        if len(expressions) == 1:
            ERRORS[expressions[0]] = str(error)[:300]
            return ['!']
        half = len(expressions) // 2
        return run(expressions[:half]) + run(expressions[half:])

def encode(value):
    if isinstance(value, bytes): value = value.decode('latin-1')
    if isinstance(value, float) and (value != value or abs(value) == float('inf')):
        return json.dumps('nan' if value != value else 'inf' if value > 0 else '-inf')
    return json.dumps(value, ensure_ascii=False)

def main():
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    here = os.path.dirname(os.path.abspath(__file__))
    wanted = sys.argv[2:]
    for path in sorted(glob.glob(here + '/specs/*.py')):
        if wanted and os.path.basename(path)[:-3] not in wanted: continue
        exec(compile(open(path).read(), path, 'exec'), {'case': case, 'q': q})
    for name, rows, sql in CASES:
        expressions = [sql(*row) for row in rows]
        answers = []
        for at in range(0, len(expressions), 200):
            answers += run(expressions[at:at + 200])
        with open(f'{out}/{name}.tsv', 'w') as file:
            for row, answer in zip(rows, answers):
                line = [encode(v) for v in row] + ['!' if answer == '!' else encode(answer)]
                file.write('\t'.join(line) + '\n')
        bad = sum(a == '!' for a in answers)
        if bad:
            first = next(e for e, a in zip(expressions, answers) if a == '!')
            print(name, len(rows), 'errors', bad, '|', first[:150], '|', ERRORS.get(first, '')[:160])

main()
