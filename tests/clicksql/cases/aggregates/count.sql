SELECT count() FROM small
SELECT count(*) FROM small
SELECT count(1) FROM small
SELECT count(n) FROM small
SELECT count(NULL) FROM small
SELECT count(DISTINCT g) FROM small
SELECT count(DISTINCT n) FROM small
SELECT count(DISTINCT g, h) FROM small
SELECT count(DISTINCT ns) FROM small
SELECT countDistinct(g) FROM small
SELECT countDistinct(n) FROM small
SELECT countDistinctIf(g, k > 2) FROM small ;; maybe
SELECT uniqExact(g, h) FROM small
SELECT COUNT(*), Count(n), COUNT(DISTINCT k) FROM small
SELECT count() FROM empty_t
SELECT count() AS c, count() + 1 AS d, c * 2 FROM small
SELECT toTypeName(count()) FROM small
SELECT g, count() c FROM small GROUP BY g HAVING c > 1 ORDER BY c DESC, g ;; ordered
SELECT count() / 5 FROM small
SELECT count() * 100 / (SELECT count() FROM small) FROM small WHERE k > 3
SELECT countIf(k > 2), countIf(n > 2), countIf(n IS NULL), countIf(NULL) FROM small
SELECT g, countIf(k > 2) FROM small GROUP BY g ORDER BY g ;; ordered
SELECT countIf(n, k > 2) FROM small
SELECT countEqual([1, 1], 1)
SELECT uniq(g), uniq(n), uniq(ns), uniq(g, h), uniq((g, h)), uniq(d), uniq(f64) FROM small
SELECT uniqIf(g, k > 2), uniqExactIf(n, k > 2), uniqCombinedIf(s, 1) FROM small
SELECT uniqCombined(s), uniqCombined(n), uniqCombined64(s), uniqHLL12(s), uniqCombined(12)(s), uniqThetaSketch(k) FROM small ;; maybe
SELECT uniq(number) FROM numbers(1000)
SELECT uniqExact(number % 777) FROM numbers(10000)
SELECT uniq(number) FROM numbers(10000)
SELECT uniqCombined(number) FROM numbers(1000)
SELECT uniq(number) FROM numbers(200000) ;; approx=0.05
SELECT uniqCombined(number) FROM numbers(200000) ;; approx=0.05
SELECT uniqHLL12(number) FROM numbers(200000) ;; approx=0.1
