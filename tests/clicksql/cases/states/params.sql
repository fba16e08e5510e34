@tags approx=1e-12
@let F quantile quantileExact quantileTiming quantileTDigest
SELECT {F}Merge(0.9)(st) AS r FROM (SELECT {F}State(0.9)(u32) AS st FROM small GROUP BY g)
SELECT {F}Merge(st) AS r FROM (SELECT {F}State(u32) AS st FROM small GROUP BY g)
SELECT {F}Merge(0.9)(st) AS r FROM (SELECT {F}State(0.5)(u32) AS st FROM small GROUP BY g) ;; maybe
SELECT toTypeName({F}State(0.9)(u32)) AS r FROM small
SELECT quantilesMerge(0.5, 0.9)(st) FROM (SELECT quantilesState(0.5, 0.9)(u32) AS st FROM small GROUP BY g)
SELECT topKMerge(2)(st) FROM (SELECT topKState(2)(g) AS st FROM small WHERE g IN ('a', 'b', 'c') AND id != 3)
SELECT topKMerge(10)(st) FROM (SELECT topKState(10)(g) AS st FROM small WHERE g = 'a')
SELECT groupArrayMerge(2)(st) FROM (SELECT groupArrayState(2)(k) AS st FROM (SELECT * FROM small ORDER BY id))
SELECT arrayReduce('sumMerge', [st]) FROM (SELECT sumState(k) AS st FROM small)
SELECT avgMerge(st) AS a, sumMerge(st2) AS s, maxMerge(st3) AS m FROM (SELECT avgState(f64) AS st, sumState(k) AS st2, maxState(d) AS st3 FROM small GROUP BY g)
SELECT uniqMerge(a), uniqExactMerge(b), uniqCombinedMerge(c) FROM (SELECT uniqState(s) AS a, uniqExactState(s) AS b, uniqCombinedState(s) AS c FROM small GROUP BY g)
SELECT minMerge(a), anyMerge(b) FROM (SELECT minState(s) AS a, anyState(h) AS b FROM small WHERE h = 'x' GROUP BY g)
SELECT sumMerge(st) FROM (SELECT sumState(k) AS st FROM small UNION ALL SELECT sumState(k) FROM small)
SELECT sumMerge(st) FROM (SELECT sumState(k) AS st FROM small) WHERE sumMerge(st) > 1 ;; error
SELECT sumMerge(k) FROM small ;; error
SELECT avgMerge(st) FROM (SELECT sumState(k) AS st FROM small) ;; error
SELECT runningAccumulate(st) FROM (SELECT id, sumState(k) AS st FROM small GROUP BY id ORDER BY id) ;; maybe
SELECT uniqMerge(st) FROM (SELECT uniqState(number) AS st FROM numbers(5000) GROUP BY number % 7)
SELECT initializeAggregation('sum', k) AS r FROM small ORDER BY id ;; ordered
