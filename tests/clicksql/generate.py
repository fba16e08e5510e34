"""Random queries over random tables, as cases.

    python3 generate.py SEED COUNT > cases.jsonl

The same seed gives the same cases. A shape is a function that makes one kind of query; `SHAPES` lists them. Rows are compared as a
multiset unless the shape orders by something unique; what depends on the order of rows (`any`, LIMIT without order) is left out.
"""

import json
import sys
from random import Random

import random_tables
from grammar import Grammar

CASES_PER_TABLES = 10
SCALARS = ["int"] * 5 + ["float"] * 3 + ["str"] * 5 + ["date"] * 2 + ["time"] * 2 + ["cond"] * 2 + [
    "ints", "strs", "dec", "dec", "wild", "map", "enum", "uuid", "ip", "pair", "texts"]
KEYS = ["int", "str", "date", "time", "cond", "int", "str", "date", "time", "enum", "float", "dec", "uuid", "ip"]
JOINS = ["INNER JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "LEFT SEMI JOIN", "LEFT ANTI JOIN", "JOIN"]
STATES = ["sum", "avg", "min", "max", "uniq", "uniqExact", "count", "median"]


def aggregate(grammar, depth):
    """An aggregate whose value does not depend on the order of rows."""
    random, make = grammar.random, grammar.expression
    value = lambda family: make(family, depth)
    plain = random.choice(["int", "float", "dec", "date", "time", "str"])
    number = random.choice(["int", "float", "dec"])
    texts = [
        lambda: "count()", lambda: f"count({value(plain)})", lambda: f"countIf({value('cond')})", lambda: f"sum({value(number)})",
        lambda: f"sumIf({value(number)}, {value('cond')})", lambda: f"avg({value(number)})", lambda: f"min({value(plain)})",
        lambda: f"max({value(plain)})", lambda: f"uniq({value(plain)})", lambda: f"uniqExact({value(plain)})",
        lambda: f"count(DISTINCT {value(plain)})", lambda: f"argMax({value(plain)}, {grammar.unique})",
        lambda: f"argMin({value(plain)}, {grammar.unique})", lambda: f"arraySort(groupArray({value(plain)}))",
        lambda: f"arraySort(groupUniqArray({value(plain)}))", lambda: f"quantile(0.9)({value(number)})", lambda: f"median({value(number)})",
        lambda: f"minIf({value(plain)}, {value('cond')})", lambda: f"avgIf({value(number)}, {value('cond')})",
        lambda: f"maxOrNull({value(plain)})", lambda: f"round(avg({value('int')}), 2)", lambda: f"sum({value('int')}) + count()",
        lambda: f"uniqIf({value(plain)}, {value('cond')})", lambda: f"quantileExact({value('int')})", lambda: f"stddevPop({value('int32')})",
        lambda: f"argMaxIf({value(plain)}, {grammar.unique}, {value('cond')})", lambda: f"max({value('int')}) - min({value('int')})",
        lambda: f"max({value('int')} + {value('lit')})", lambda: f"sum({value('int')} * {value('lit')})", lambda: f"quantiles(0.1, 0.75)({value(number)})",
        lambda: f"sumMap({value('map')})", lambda: f"maxMap({value('map')})", lambda: f"sumArray({value('ints')})", lambda: f"uniqArray({value('strs')})",
        lambda: f"maxArray({value('ints')})", lambda: f"arraySort(groupArrayArray({value('ints')}))", lambda: f"minOrNullIf({value(plain)}, {value('cond')})",
        lambda: f"sumOrNull({value(number)})", lambda: f"count(DISTINCT {value(plain)}, {value('int')})", lambda: f"uniq({value(plain)}, {value('str')})",
        lambda: f"sum(DISTINCT {value('int32')})", lambda: f"quantileExactWeighted(0.3)({value('int')}, {value('pos')})", lambda: f"countIf({value('bool')})",
        lambda: f"groupBitOr({value('int32')})", lambda: f"argMax({value('pair')}, {grammar.unique})", lambda: f"min({value('enum')})", lambda: f"max({value('uuid')})",
        lambda: f"min({value('ip')})", lambda: f"avgOrDefault({value('int')})", lambda: f"avg({value('int')}) FILTER (WHERE {value('cond')})", lambda: f"sum({value('cond')})",
        lambda: f"arraySort(groupUniqArrayIf({value(plain)}, {value('cond')}))", lambda: f"uniqExactIf({value(plain)}, {value('cond')})", lambda: f"varSamp({value('int32')})",
        lambda: f"corr({value('int32')}, {value('lit')})", lambda: f"quantileExactIf(0.5)({value('int')}, {value('cond')})", lambda: f"maxIf({value('wild')}, {value('cond')})",
        lambda: f"uniqExact({value('wild')})", lambda: f"sumIf({value('dec')}, {value('bool')})", lambda: f"min({value('wild')})", lambda: f"anyIf({value('lit')}, {value('cond')})",
        lambda: f"quantileTDigest(0.5)({value('int32')})", lambda: f"groupArraySorted(3)({value('int')})", lambda: f"argMin({value(plain)}, ({grammar.unique}, 1))",
        lambda: f"quantile(0.25)({value('date')})", lambda: f"median({value('time')})",
    ]
    return random.choice(texts)()


def where(grammar, chance=0.5):
    return f" WHERE {grammar.expression('cond', 2)}" if grammar.random.random() < chance else ""


def listed(texts, prefix="r"):
    return ", ".join(f"{text} AS {prefix}{i}" for i, text in enumerate(texts))


def some(random, low, high, make):
    return [make() for _ in range(random.randint(low, high))]


def scalar(grammar):
    random = grammar.random
    items = some(random, 1, 4, lambda: grammar.expression(random.choice(SCALARS), 3))
    limit = random.choice(["", "", "", " LIMIT 5", " LIMIT 3 OFFSET 2"])
    return f"SELECT id, {listed(items)} FROM r1{where(grammar)} ORDER BY id{limit}", {"ordered": True}


def grouped(grammar):
    random = grammar.random
    keys = some(random, 1, 2, lambda: grammar.expression(random.choice(KEYS), 1))
    aggregates = some(random, 1, 3, lambda: aggregate(grammar, 1))
    names = ", ".join(f"g{i}" for i in range(len(keys)))
    having = random.choice(["", "", " HAVING count() > 1", " HAVING max(id) > 3"])
    query = f"SELECT {listed(keys, 'g')}, {listed(aggregates)} FROM r1{where(grammar, 0.4)} GROUP BY {names}{having}"
    return query, {"approx": 1e-12}


def whole(grammar):
    aggregates = some(grammar.random, 1, 4, lambda: aggregate(grammar, 2))
    return f"SELECT {listed(aggregates)} FROM r1{where(grammar)}", {"approx": 1e-12}


def joined(grammar):
    random = grammar.random
    kind, family = random.choice(JOINS), random.choice(["int", "int", "str", "date"])
    left = Grammar(random, [(f"a.{c}", *rest) for c, *rest in grammar.columns])
    right = Grammar(random, [(f"b.{c}", *rest) for c, *rest in grammar.others])
    on = f"{left.column(family)} = {right.column(family)}"
    if random.random() < 0.3:
        on += f" AND {left.column('int')} = {right.column('int')}"
    one_sided = kind in ("LEFT SEMI JOIN", "LEFT ANTI JOIN")
    both = left if one_sided else Grammar(random, left.columns + right.columns)
    ids = "a.id AS id1" if one_sided else "a.id AS id1, b.id AS id2"
    items = some(random, 1, 3, lambda: both.expression(random.choice(SCALARS), 1))
    if random.random() < 0.25:
        both.unique = "(a.id, b.id)" if not one_sided else "a.id"
        key = both.expression(random.choice(KEYS), 0)
        return f"SELECT {key} AS g, count() AS c, {aggregate(both, 0)} AS r FROM r1 AS a {kind} r2 AS b ON {on} GROUP BY g", {"approx": 1e-12}
    return f"SELECT {ids}, {listed(items)} FROM r1 AS a {kind} r2 AS b ON {on}{where(both, 0.3)}", {}


def windowed(grammar):
    random = grammar.random
    value = lambda: grammar.expression(random.choice(["int", "float", "date", "str"]), 1)
    number = lambda: grammar.expression("int", 1)
    partition = random.choice(["", f"PARTITION BY {grammar.column('str')} ", f"PARTITION BY {grammar.expression('cond', 1)} "])
    order = random.choice(["ORDER BY id", "ORDER BY id DESC", f"ORDER BY {grammar.column('date')}, id"])
    frame = random.choice(["", "", " ROWS BETWEEN 2 PRECEDING AND CURRENT ROW", " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
                           " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING"])
    plain = random.choice(["row_number()", "rank()", "dense_rank()"])
    framed = random.choice([f"sum({number()})", f"max({value()})", f"min({value()})", "count()", f"avg({number()})", f"lagInFrame({value()})",
                            f"leadInFrame({value()}, 2)", f"first_value({value()})", f"last_value({value()})", f"uniq({value()})"])
    query = f"SELECT id, {plain} OVER ({partition}{order}) AS n, {framed} OVER ({partition}{order}{frame}) AS r FROM r1 ORDER BY id"
    return query, {"ordered": True, "approx": 1e-12}


def merged(grammar):
    random = grammar.random
    functions = some(random, 1, 3, lambda: random.choice(STATES))
    suffix = random.choice(["", "", "If"])
    cond = f", {grammar.expression('cond', 1)}" if suffix else ""
    states = [f"{f}{suffix}State({grammar.expression('int', 1)}{cond})" for f in functions]
    merges = [f"{f}{suffix}Merge(s{i})" for i, f in enumerate(functions)]
    key, inner = grammar.expression("str", 0), grammar.expression("date", 1)
    sub = f"SELECT {key} AS g, {inner} AS h, {listed(states, 's')} FROM r1 GROUP BY g, h"
    if random.random() < 0.5:
        return f"SELECT g, {listed(merges)} FROM ({sub}) GROUP BY g", {"approx": 1e-12}
    return f"SELECT {listed(merges)} FROM ({sub})", {"approx": 1e-12}


def filtered(grammar):
    random = grammar.random
    family = random.choice(["int", "str", "date"])
    left, right = grammar.column(family), Grammar(random, grammar.others).column(family)
    negation = random.choice(["", "NOT "])
    item = grammar.expression(random.choice(SCALARS), 2)
    return f"SELECT id, {item} AS r FROM r1 WHERE {left} {negation}IN (SELECT {right} FROM r2{where(Grammar(random, grammar.others), 0.4)}) ORDER BY id", {"ordered": True}


def united(grammar):
    random = grammar.random
    family = random.choice(["int", "int", "float", "str", "date"])
    operator = random.choice(["UNION ALL", "UNION DISTINCT", "INTERSECT", "EXCEPT", "UNION ALL"])
    other = Grammar(random, grammar.others)
    return f"SELECT {grammar.expression(family, 1)} AS v FROM r1{where(grammar)} {operator} SELECT {other.expression(family, 1)} AS v FROM r2", {}


def exploded(grammar):
    random = grammar.random
    array = grammar.expression(random.choice(["ints", "strs"]), 1)
    kind = random.choice(["ARRAY JOIN", "LEFT ARRAY JOIN"])
    if random.random() < 0.4:
        return f"SELECT v, count() AS c, sum(id) AS s FROM r1 {kind} {array} AS v GROUP BY v", {}
    return f"SELECT id, v, n FROM r1 {kind} {array} AS v, arrayEnumerate({array}) AS n{where(grammar, 0.3)} ORDER BY id, n", {"ordered": True}


def limited(grammar):
    random = grammar.random
    key = grammar.expression(random.choice(KEYS), 1)
    tail = random.choice(["", " LIMIT 4", " LIMIT 3 OFFSET 1"])
    return f"SELECT id, {key} AS g FROM r1{where(grammar, 0.3)} ORDER BY id LIMIT {random.choice([1, 2])} BY g{tail}", {"ordered": True}


def nested(grammar):
    random = grammar.random
    keys, value = grammar.expression(random.choice(KEYS), 1), aggregate(grammar, 1)
    outer = random.choice(["count() AS c, countIf(r0 IS NULL) AS n", "count() AS c, uniqExact(r0) AS u", "g0, r0"])
    sub = f"SELECT {keys} AS g0, {value} AS r0 FROM r1{where(grammar, 0.3)} GROUP BY g0"
    if random.random() < 0.5:
        return f"WITH q AS ({sub}) SELECT {outer} FROM q", {"approx": 1e-12}
    return f"SELECT {outer} FROM ({sub}) AS q", {"approx": 1e-12}


def lateral(grammar):
    """Aliases that later items, WHERE and GROUP BY use; some shadow a column."""
    random = grammar.random
    column = grammar.column("int")
    name = random.choice(["x", "x", column])
    value = grammar.expression("int", 2)
    if name != "x" and column in value.replace("(", " ").replace(")", " ").replace(",", " ").split():
        name = "x"
    if random.random() < 0.5:
        return f"SELECT id, {value} AS {name}, {name} + 1 AS y, y * 2 AS z FROM r1 WHERE {name} > 0 OR y IS NULL ORDER BY id", {"ordered": True}
    return f"SELECT {value} AS {name}, count() AS c, c + 1 AS d FROM r1 GROUP BY {name} HAVING d > 1", {}


def rolled(grammar):
    """Subtotals."""
    random = grammar.random
    keys = some(random, 1, 3, lambda: grammar.expression(random.choice(["int", "str", "date", "enum", "cond"]), 1))
    aggregates = some(random, 1, 2, lambda: aggregate(grammar, 1))
    names = ", ".join(f"g{i}" for i in range(len(keys)))
    tail = random.choice([f"GROUP BY {names} WITH ROLLUP", f"GROUP BY {names} WITH CUBE", f"GROUP BY ROLLUP({names})", f"GROUP BY GROUPING SETS (({names}), ())",
                          f"GROUP BY {names} WITH TOTALS"])
    return f"SELECT {listed(keys, 'g')}, {listed(aggregates)} FROM r1{where(grammar, 0.3)} {tail}", {"approx": 1e-12}


def filled(grammar):
    """Gaps between rows, with and without an end and with other steps."""
    random = grammar.random
    family = random.choice(["int", "date", "time", "date"])
    step = {"int": ["", " STEP 2", " FROM 0 TO 10", " FROM 1 TO 12 STEP 3", " TO 8"],
            "date": ["", " STEP INTERVAL 1 WEEK", " STEP INTERVAL 1 MONTH", " FROM toDate('2024-01-01') TO toDate('2024-02-01') STEP 7", " STEP 3"],
            "time": [" STEP INTERVAL 6 HOUR", " STEP INTERVAL 1 DAY", " FROM toDateTime('2024-01-01 00:00:00') TO toDateTime('2024-01-03 00:00:00') STEP INTERVAL 5 HOUR"]}
    bound = {"int": "toInt32({0}) BETWEEN -10 AND 20", "date": "{0} BETWEEN '2023-12-01' AND '2024-04-01'",
             "time": "{0} BETWEEN '2023-12-30 00:00:00' AND '2024-01-05 00:00:00'"}[family]
    column = grammar.column(family)
    value = {"int": f"toInt32({column})", "date": f"toDate({column})", "time": f"toDateTime(toStartOfHour({column}))"}[family]
    value = f"assumeNotNull({value})"
    query = (f"SELECT {value} AS x, count() AS c, max({grammar.expression('int', 1)}) AS m FROM r1 WHERE {bound.format(column)} GROUP BY x "
             f"ORDER BY x WITH FILL{random.choice(step[family])}{random.choice(['', '', ' INTERPOLATE (c)', ' INTERPOLATE (m AS m + 1)'])}")
    return query, {"ordered": True}


def matched(grammar):
    """Joins by USING, ANY, and more than two tables."""
    random = grammar.random
    family = random.choice(["int", "str", "date", "time"])
    left, right = grammar.expression(family, 1), Grammar(random, grammar.others).expression(family, 1)
    kind = random.choice(["INNER JOIN", "LEFT JOIN", "FULL JOIN", "LEFT ANY JOIN", "LEFT SEMI JOIN", "LEFT ANTI JOIN", "RIGHT JOIN"])
    one_sided = kind in ("LEFT SEMI JOIN", "LEFT ANTI JOIN")
    item = "" if one_sided else ", c2"
    aggregated = f"(SELECT {right} AS k, count() AS c2 FROM r2 GROUP BY k) AS b"
    query = f"SELECT k, id1{item} FROM (SELECT {left} AS k, id AS id1 FROM r1) AS a {kind} {aggregated} USING (k)"
    if random.random() < 0.3 and not one_sided:
        query = f"SELECT k, sum(c2) AS s, count() AS n FROM (SELECT {left} AS k, id AS id1 FROM r1) AS a {kind} {aggregated} USING k GROUP BY k"
    return query, {}


def latest(grammar):
    """The row before, by ASOF."""
    random = grammar.random
    family, sign = random.choice(["int", "time", "date"]), random.choice([">=", ">", "<=", "<"])
    kind = random.choice(["ASOF JOIN", "ASOF LEFT JOIN"])
    order = "DESC" if sign in (">=", ">") else "ASC"
    left, right = grammar.column(family), Grammar(random, grammar.others).column(family)
    one = f"(SELECT {right} AS m, min(id) AS id, 1 AS k FROM r2 GROUP BY m ORDER BY m {order}) AS b"
    return f"SELECT a.id AS id1, b.id AS id2, b.m FROM (SELECT id, {left} AS m, 1 AS k FROM r1) AS a {kind} {one} ON a.k = b.k AND a.m {sign} b.m", {}


def chained(grammar):
    """Nodes of a pipe: each query reads the one before."""
    random = grammar.random
    first = ", ".join(f"{grammar.expression(family, 2)} AS {family[0]}0" for family in ("int", "str", "date", "float"))
    inner = Grammar(random, [("i0", "", "int", False), ("s0", "", "str", False), ("d0", "", "date", False), ("f0", "", "float", False), ("id", "", "int", False)])
    key = inner.expression(random.choice(["str", "date", "int"]), 1)
    value = aggregate_of(inner, 1)
    second = f"SELECT {key} AS g, {value} AS v, count() AS n FROM a{where(inner, 0.4)} GROUP BY g"
    last = random.choice(["SELECT g, v FROM b WHERE n >= 1", "SELECT max(n), count(), uniqExact(v) FROM b", "SELECT b.g, a.id FROM b JOIN a ON a.id = b.n",
                          "SELECT g, n / (SELECT sum(n) FROM b) AS share FROM b", "SELECT n, groupUniqArray(toString(g)) AS gs FROM b GROUP BY n",
                          "SELECT g, sum(n) OVER () AS t, v FROM b"])
    return f"WITH a AS (SELECT id, {first} FROM r1), b AS ({second}) {last}", {"approx": 1e-12}


def aggregate_of(grammar, depth):
    grammar.unique = "id"
    return aggregate(grammar, depth)


def spread(grammar):
    """arrayJoin in the list of columns, and beside others."""
    random = grammar.random
    array = lambda: grammar.expression(random.choice(["ints", "strs"]), 1)
    one, two = array(), array()
    query = random.choice([
        f"SELECT id, arrayJoin({one}) AS v FROM r1{where(grammar, 0.3)}", f"SELECT arrayJoin({one}) AS v, count() AS c, max(id) AS m FROM r1 GROUP BY v",
        f"SELECT id, arrayJoin({grammar.column('ints')}) AS v, arrayJoin({two}) AS w FROM r1 WHERE id < 6", f"SELECT id, arrayJoin({one}) AS v FROM r1 WHERE toString(v) != 'a'",
        f"SELECT id, toString(arrayJoin({one})) AS v, length({two}) AS n FROM r1", f"SELECT count(), uniqExact(arrayJoin({one})) FROM r1",
        f"SELECT id, v FROM (SELECT id, arrayJoin({one}) AS v FROM r1) WHERE id IN (SELECT arrayJoin([1, 2, 3]))",
    ])
    return query, {}


def stacked(grammar):
    """Combinators on combinators, kept as states and merged in two steps."""
    random = grammar.random
    function = random.choice(["sum", "count", "uniq", "uniqExact", "max", "min", "avg", "groupUniqArray", "quantileExact", "any", "argMax"])
    value = {"argMax": f"{grammar.expression('int', 1)}, id", "count": grammar.expression("str", 1)}.get(function, grammar.expression("int", 1))
    value = "7" if function == "any" else value
    suffix = random.choice(["", "If", "OrNull", "OrDefault"])
    condition = f", {grammar.expression('cond', 1)}" if suffix == "If" else ""
    show = "length" if function == "groupUniqArray" else "identity"
    inner = f"SELECT {grammar.expression('str', 0)} AS g, toMonth({grammar.column('date')}) AS h, {function}{suffix}State({value}{condition}) AS s FROM r1 GROUP BY g, h"
    query = random.choice([
        f"SELECT g, {show}({function}{suffix}Merge(s)) AS r FROM ({inner}) GROUP BY g", f"SELECT {show}({function}{suffix}Merge(s)) AS r FROM ({inner})",
        f"SELECT {show}({function}{suffix}Merge(m)) AS r FROM (SELECT g, {function}{suffix}MergeState(s) AS m FROM ({inner}) GROUP BY g)",
        f"SELECT g, h, {show}(finalizeAggregation(s)) AS r FROM ({inner})", f"SELECT {show}({function}{suffix}MergeIf(s, h > 2)) AS r FROM ({inner})",
    ])
    return query, {"approx": 1e-12}


def picked(grammar):
    """IN with tuples and queries, EXISTS, scalar subqueries."""
    random = grammar.random
    other = Grammar(random, grammar.others)
    one, two = random.choice(["int", "str", "date"]), random.choice(["int", "str", "enum"])
    tests = [
        f"({grammar.column(one)}, {grammar.expression('int', 1)}) IN (SELECT {other.column(one)}, {other.expression('int', 1)} FROM r2)",
        f"{grammar.expression(one, 1)} NOT IN (SELECT {other.expression(one, 1)} FROM r2)", f"id IN (SELECT id FROM r2 WHERE {other.expression('cond', 1)})",
        f"{grammar.expression('int', 1)} > (SELECT avg({other.expression('int', 1)}) FROM r2)", f"{grammar.column('str')} = (SELECT max({other.column('str')}) FROM r2)",
        f"EXISTS (SELECT 1 FROM r2 WHERE {other.expression('cond', 1)})", f"({grammar.expression(two, 1)}, 1) IN (({grammar.leaf(two)}, 1))" if two == "int" else "1",
    ]
    test = random.choice(tests)
    return f"SELECT id, {test} AS r FROM r1{random.choice(['', f' WHERE {random.choice(tests)}'])} ORDER BY id", {"ordered": True}


def distinct(grammar):
    random = grammar.random
    items = some(random, 1, 2, lambda: grammar.expression(random.choice(KEYS), 2))
    return f"SELECT DISTINCT {listed(items)} FROM r1{where(grammar, 0.3)}", {}


SHAPES = {"scalar": (scalar, 8), "grouped": (grouped, 5), "whole": (whole, 3), "joined": (joined, 5), "windowed": (windowed, 3), "merged": (merged, 3),
          "filtered": (filtered, 2), "united": (united, 2), "exploded": (exploded, 2), "limited": (limited, 1), "nested": (nested, 2),
          "lateral": (lateral, 2), "distinct": (distinct, 1), "rolled": (rolled, 2), "filled": (filled, 2), "matched": (matched, 3), "latest": (latest, 1),
          "chained": (chained, 3), "spread": (spread, 2), "stacked": (stacked, 2), "picked": (picked, 2)}


def cases(seed, count):
    """The first `count` cases of a seed."""
    names = [name for name, (_, weight) in SHAPES.items() for _ in range(weight)]
    found = []
    for index in range(count):
        if index % CASES_PER_TABLES == 0:
            table_random = Random(f"{seed}:tables:{index}")
            one, columns = random_tables.make(table_random, "r1")
            two, others = random_tables.make(table_random, "r2")
        random = Random(f"{seed}:{index}")
        grammar = Grammar(random, columns)
        grammar.others, grammar.unique = others, "id"
        shape = random.choice(names)
        query, fields = SHAPES[shape][0](grammar)
        tables = [table for table in (one, two) if table["name"] in query]
        head = {"id": f"random/{shape}:{seed}.{index}", "group": "random", "subject": f"random {shape}", "maybe": True}
        found.append(head | fields | {"tables": tables, "query": query})
    return found


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__.split("\n\n")[1].strip())
    for case in cases(int(sys.argv[1]), int(sys.argv[2])):
        print(json.dumps(case, ensure_ascii=False))
