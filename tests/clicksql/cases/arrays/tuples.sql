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

# Members behind a dot, with and without white space.
SELECT .5 ;; maybe
SELECT 1 .5 ;; maybe
SELECT 1.5 .5 ;; maybe
SELECT (1, 2) .1 ;; maybe
SELECT (1, 2).1 ;; maybe
SELECT tuple(1, (2, 3)) AS t, t.2.1, t .2 .1, t. 2 ;; maybe
SELECT [(1, 2)][1].1 ;; maybe
SELECT [(1,2),(3,4)].1 ;; maybe
SELECT 1 + .5 ;; maybe
SELECT (.5, .25) ;; maybe
SELECT [.5], [1, .5] ;; maybe
SELECT 'a'.1 ;; maybe
SELECT a.1 FROM (SELECT (1,2) AS a) ;; maybe
SELECT s.a.1 FROM (SELECT (1,2) AS a) AS s ;; maybe
SELECT s.a.1 + s.a.2, s.a.1 AS x FROM (SELECT (1,2) AS a) AS s ORDER BY s.a.1 ;; maybe
SELECT tupleElement(a, 1), a.1, a.1 = 1 FROM (SELECT (1,2) AS a) AS s WHERE a.1 > 0 GROUP BY a ;; maybe
SELECT arrayMap(x -> x.1, [(1,2)]), arrayMap(x -> (x.2).1, [(1,(2,3))]), arrayMap(x -> x.2.1, [(1,(2,3))]) ;; maybe
SELECT groupArray((number, 1)) AS g, g[1].1, arrayMap(x -> x.1 + x.2, g) FROM numbers(3) ;; maybe
SELECT max((number, 1)).1 FROM numbers(3) ;; maybe
SELECT (SELECT (1, 2)).1 ;; maybe
SELECT CAST((1, 'a'), 'Tuple(x UInt8, y String)').x, CAST((1, 'a') AS Tuple(x UInt8, y String)).y ;; maybe
SELECT CAST((1, 'a'), 'Tuple(x UInt8, y String)') AS t, t.x, t.y, t.1 ;; maybe
SELECT 1 AS a, a.1 ;; maybe
SELECT (1, 2) AS a, a.1, a.2 AS b, b + a.1 ;; maybe
SELECT (1, 2).1, (1, 2) .2 AS x ;; maybe
SELECT if(1, (1, 2), (3, 4)).1 + 1 ;; maybe
SELECT (1, ('x', 2)).2.1 ;; maybe
SELECT t.1.1 FROM (SELECT ((1,2),3) AS t) ;; maybe
SELECT a.t.1.1, a.t .1 .2 FROM (SELECT ((1,2),3) AS t) AS a ;; maybe
SELECT `a`.1, "a".2 FROM (SELECT (1,2) AS a) ;; maybe
SELECT x.1 FROM (SELECT arrayJoin([(1,2),(3,4)]) AS x) ;; maybe
SELECT arrayJoin([(1,2),(3,4)]) AS x, x.1 AS a, x.2 AS b ORDER BY b DESC ;; maybe
SELECT arrayJoin([(1,2),(3,4)]).1 ;; maybe
SELECT (arrayJoin([(1,2),(3,4)]) AS x).1, x.2 ;; maybe
SELECT x.1 AS k, count() FROM (SELECT arrayJoin([(1,2),(3,4),(1,5)]) AS x) GROUP BY x.1 ORDER BY x.1 ;; maybe
SELECT x.1, count() FROM (SELECT arrayJoin([(1,2),(3,4),(1,5)]) AS x) GROUP BY 1 ORDER BY 1 ;; maybe
SELECT sum(x.2) FROM (SELECT arrayJoin([(1,2),(3,4),(1,5)]) AS x) WHERE x.1 = 1 ;; maybe
SELECT map('a', (1, 2))['a'].2 ;; maybe
SELECT t.0 FROM (SELECT (1,2) AS t) ;; maybe
SELECT t.3 FROM (SELECT (1,2) AS t) ;; maybe
SELECT 1.e3, 1., 1.5e3, .5e1 + 1 ;; maybe
SELECT 1 - .5, 1 *.5, (1) .5 ;; maybe
SELECT CASE WHEN 1 THEN .5 ELSE .25 END ;; maybe
SELECT t.1::String FROM (SELECT (1,2) AS t) ;; maybe
SELECT -t.1, NOT t.1, t.1 IN (1, 2), t.1 BETWEEN 0 AND 2, t.1 IS NULL FROM (SELECT (1,2) AS t) ;; maybe
SELECT t.1[1] FROM (SELECT ([1],2) AS t) ;; maybe
