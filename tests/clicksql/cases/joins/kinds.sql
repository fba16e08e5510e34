@let J JOIN | INNER JOIN | LEFT JOIN | RIGHT JOIN | FULL JOIN | LEFT OUTER JOIN | FULL OUTER JOIN | LEFT ANY JOIN | ANY LEFT JOIN | INNER ANY JOIN | ANY INNER JOIN | RIGHT ANY JOIN | LEFT SEMI JOIN | LEFT ANTI JOIN | RIGHT SEMI JOIN | RIGHT ANTI JOIN | ALL LEFT JOIN | ANY JOIN
SELECT jl.id, jl.k, jl.lv, j3.k, j3.x FROM jl {J} j3 ON jl.k = j3.k
SELECT a.id, a.s, b.k, b.x FROM jl AS a {J} j3 AS b ON a.nk = b.k
SELECT a.id, b.x FROM jl a {J} j3 b ON a.k = b.k AND a.id > 2 ;; maybe
SELECT a.id, b.x FROM jl a {J} j3 b ON a.k = b.k AND b.x != 'x1' ;; maybe
SELECT * FROM jl {J} j3 USING (k)
SELECT * FROM jl {J} j3 USING k
SELECT k, x, lv FROM jl {J} j3 USING (k)
SELECT count(), sum(lv), max(x) FROM jl {J} j3 ON jl.k = j3.k
SELECT * FROM jl {J} j3 USING (k, id)
SELECT toTypeName(b.x), toTypeName(a.nk) FROM jl a {J} j3 b ON a.k = b.k
@let K JOIN | LEFT JOIN | RIGHT JOIN | FULL JOIN | LEFT SEMI JOIN | LEFT ANTI JOIN
SELECT a.id, b.id, a.nk, b.nk, b.w FROM jl a {K} jr b ON a.nk = b.nk
SELECT a.id, b.id, b.w, b.rv, b.d, b.u, b.arr, b.lc FROM jl a {K} jr b ON a.k = b.k
SELECT a.id, b.id FROM jl a {K} jr b ON a.k = b.k AND a.s = b.s
SELECT a.id, b.id FROM jl a {K} jr b ON a.k + 1 = b.k
SELECT a.id, b.id FROM jl a {K} jr b ON a.k = b.k WHERE b.rv > 100 OR b.rv IS NULL
SELECT a.id, b.id FROM jl a {K} jr b ON lower(a.s) = b.s
SELECT a.id, b.id, c.x FROM jl a {K} jr b ON a.k = b.k {K} j3 c ON c.k = a.k ;; maybe
SELECT a.id, b.total FROM jl a {K} (SELECT k, sum(rv) AS total FROM jr GROUP BY k) b ON a.k = b.k
SELECT * FROM jl a {K} jr b ON a.id = b.id
SELECT a.*, b.w FROM jl a {K} jr b ON a.id = b.id
SELECT jl.id, jr.id FROM jl {K} jr ON jl.k = jr.k OR jl.s = jr.s
SELECT a.id, b.id FROM jl a {K} jr b ON a.t = b.t
SELECT a.id, b.k FROM jl a {K} (SELECT * FROM jr WHERE 0) b ON a.k = b.k
SELECT a.k, b.w FROM (SELECT * FROM jl WHERE 0) a {K} jr b ON a.k = b.k
SELECT s, w, lv FROM jl {K} jr USING (s)
SELECT nk, w, lv FROM jl {K} jr USING (nk)
SELECT toTypeName(nk), toTypeName(w), toTypeName(rv) FROM jl {K} jr USING (nk)
SELECT a.id, b.id, b.w FROM jl a ANY FULL JOIN jr b ON a.k = b.k ;; error
SELECT a.id, b.id, b.w FROM jl a FULL ANTI JOIN jr b ON a.k = b.k ;; error
SELECT b.id, b.w, count() FROM jl a RIGHT ANY JOIN jr b ON a.k = b.k GROUP BY b.id, b.w
SELECT b.id, b.w FROM jl a RIGHT SEMI JOIN jr b ON a.k = b.k
SELECT a.k, b.id, b.w FROM jl a RIGHT ANTI JOIN jr b ON a.k = b.k
SELECT k, w FROM jl RIGHT ANTI JOIN jr USING (k)
