@from arrs
= t
= t.1
= t.2
= tupleElement(t, 1)
= tupleElement(nt, 'b')
= nt
= nt.a
= nt.b
= nt.1
= (i, w)
= (i, w).2
= tuple(i, w, NULL)
= tuple(i).1
= t = (1, 'a')
= t IN ((1, 'a'), (5, 'x'))
= t < (3, 'z')
= toString(t)
= toTypeName((i, w))
= toTypeName(nt)
= toTypeName(nt.b)
= untuple((i, w)) ;; maybe
= (1, 2) + (i, x) ;; maybe
= tupleConcat(t, (1, 2)) ;; maybe
= CAST(t AS Tuple(a Int64, b String))
= CAST(t AS Tuple(a Int64, b String)).a
= (i AS p, x AS q).1
? (1, 'a').1
? (1, 'a').2
? tupleElement((1, 'a'), 3) ;; error
? tupleElement((1, 'a'), 3, 'def') ;; maybe
? tuple(1, 'a')
? tuple(1)
? (1, (2, 3)).2.1
? [(1, 'a'), (2, 'b')]
? [(1, 'a'), (2, 'b')].1 ;; maybe
? [(1, 'a'), (2, 'b')][1].2
? (1, NULL)
? toTypeName((1, NULL))
? toTypeName(tuple('a', 1.5))
? (1, 2) = (1, NULL)
? (1, 2) < (1, 3)
? tuple(1, 2) IN (tuple(1, 2))
SELECT t, count() FROM arrs GROUP BY t ORDER BY t ;; ordered
SELECT (i % 2, x) AS k, count() FROM arrs GROUP BY k ORDER BY k ;; ordered
SELECT max((x, w)), min((x, w)) FROM arrs
SELECT argMax(t, id), argMax((i, w), x), max(nt.a) FROM arrs
SELECT t.1 AS a, t.2 AS b FROM arrs ORDER BY a, b ;; ordered
SELECT untuple(t) FROM arrs ORDER BY id ;; ordered
SELECT untuple(nt) FROM arrs ORDER BY id ;; ordered
SELECT nt.* FROM arrs ORDER BY id ;; ordered maybe
