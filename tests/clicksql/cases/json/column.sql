@from docs
@tags maybe
= o
= o.a
= o.d.e
= o.b
= o.nope
= o.a.:Int64
= o.b.:String
= o.d.e.:Float64
= toString(o.a)
= o.a::Int32
= CAST(o.a AS Nullable(Int64))
= toString(o)
= JSONAllPaths(o)
= toTypeName(o.a)
= o.c
SELECT count() FROM docs WHERE o.b = 'x'
SELECT sum(o.a.:Int64) FROM docs
= o.a IS NULL, o.b IS NOT NULL, isNull(o.nope)
= o.a > 1, o.a != 2, 1 <= o.a ;; maybe
= o.b = 'x', o.b LIKE 'x%', lower(o.b), concat(o.b, '!') ;; maybe
= if(o.b = 'x', 1, 0), multiIf(o.b = 'x', 'X', 'Y') ;; maybe
= o.a::String, o.d::String, o.d.e::Float64, toFloat64(o.d.e)
= CAST(o.b AS Nullable(String)), o.b::LowCardinality(String)
= dynamicType(o.a), dynamicType(o.b), dynamicType(o.d.e), dynamicElement(o.a, 'Int64')
= [o.a, o.b], (o.a, 1)
= JSONAllPathsWithTypes(o)
= JSONExtractString(o, 'b')
= o['a']
SELECT uniqExact(o.a), count(o.b), groupArray(o.a) FROM docs
? '{"b": 1, "a": {"d": [1, 2.5], "c": null}}'::JSON AS j, j.a.d, j.a.c, j.b::UInt8
? '{"t": "2024-01-02T03:04:05Z", "d": "2024-1-2", "s": ["2024-01-02", "x"]}'::JSON AS j, j.t::DateTime, j.d::Date, toString(j.s)
? toString('{"f": 2.0, "u": "/x", "n": null, "o": {}}'::JSON)
? ('{"a": {"b": "x"}}'::JSON).a.b
