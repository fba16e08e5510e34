@let T i8 u64 f64 d92 n nf
@let F sum avg min max count any uniq uniqExact median anyLast
SELECT {F}If({T}, k > 2) AS r FROM small
SELECT g, {F}If({T}, k > 2) AS r FROM small GROUP BY g ORDER BY g ;; ordered
SELECT {F}If({T}, 0) AS r FROM small
SELECT {F}If({T}, NULL) AS r FROM small
SELECT {F}OrNull({T}) AS r FROM small WHERE 0
SELECT {F}OrDefault({T}) AS r FROM small WHERE 0
SELECT {F}If({T}, n > 2) AS r FROM small
SELECT {F}({T}) FILTER (WHERE k > 2) AS r FROM small
SELECT {F}Distinct({T}) AS r FROM small
@let G sum avg min max count uniq any groupArray
SELECT g, {G}Array(arr) AS r FROM small GROUP BY g ORDER BY g ;; ordered
SELECT {G}ArrayIf(arr, k > 3) AS r FROM small ;; maybe
SELECT {G}OrNullIf(i32, 0) AS r FROM small ;; maybe
SELECT sumOrNull(n) FROM small WHERE n IS NULL
SELECT minOrNull(k) FROM empty_t2 ;; error
SELECT minOrNull(i), maxOrNull(i), sumOrNull(i), avgOrNull(f) FROM empty_t
SELECT argMaxIf(s, k, k < 4), argMinIf(s, k, k > 2) FROM small WHERE id % 2 = 1
SELECT sumMapIf(map('a', k), k > 2) FROM small ;; maybe
SELECT countIf(k > 1 AND n IS NULL), sumIf(i32, g = 'a'), avgIf(f64, g IN ('a', 'b')) FROM small
SELECT maxIf(t, g = 'a'), minIf(d, g = 'zzz'), anyIf(s, id = 3) FROM small
SELECT sumIf(k, k), sumIf(k, 1), sumIf(n, n > 3) FROM small ;; error
SELECT quantileIf(0.5)(k, k > 2), medianIf(f64, k > 2) FROM small ;; approx=1e-14
SELECT groupArrayIf(s, k > 4), groupUniqArrayIf(1)(s, id = 1) FROM (SELECT * FROM small ORDER BY id)
SELECT topKIf(1)(g, g = 'b') FROM small
SELECT sumForEach(arr) FROM small
SELECT sumResample(0, 10, 5)(i32, k) FROM small ;; maybe
SELECT g, countIf(b), sum(b), avg(b) FROM small GROUP BY g ORDER BY g ;; ordered
SELECT countStateIf(k > 1) IS NOT NULL FROM small ;; maybe
