@let F argMax argMin
@let A s ns n f64 d t h arr
@let B id i32 f64 d92 t u32
SELECT {F}({A}, {B}) AS r FROM small WHERE id <= 11 AND id != 9 ;; maybe
SELECT g, {F}({A}, id) AS r FROM small GROUP BY g ORDER BY g ;; ordered
SELECT {F}({A}, (u16, id)) AS r FROM small
SELECT {F}({A}, n) AS r FROM small WHERE id != 7
SELECT {F}({A}, id) AS r FROM small WHERE 0
SELECT {F}((s, k), id) AS r FROM small
SELECT {F}(s, ns) FROM small WHERE id IN (3, 7, 9)
SELECT {F}(n, nf) FROM small WHERE n IS NULL
SELECT {F}(id, f) FROM (SELECT id, if(isNaN(f64), 0, f64) AS f FROM nums WHERE id < 6)
SELECT toTypeName({F}(n, id)), toTypeName({F}(s, n)) FROM small
SELECT {F}(s, NULL) FROM small ;; maybe
