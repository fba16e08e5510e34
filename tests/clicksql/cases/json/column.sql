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
