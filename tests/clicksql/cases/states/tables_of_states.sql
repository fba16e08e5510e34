# Tables with columns of states, as materialized views fill them.
SELECT sumMerge(hits), countMerge(n), uniqMerge(who), argMaxMerge(last), quantileMerge(0.9)(time) FROM st ;; approx=1e-12
SELECT day, sumMerge(hits) AS h, countMerge(n) AS c, uniqMerge(who) AS u, argMaxMerge(last) AS l FROM st GROUP BY day ORDER BY day ;; ordered
SELECT site, sumMergeIf(hits, day = '2024-01-01') AS h, uniqMergeIf(who, peak > 3) FROM st GROUP BY site ORDER BY site ;; ordered
SELECT day, finalizeAggregation(hits), finalizeAggregation(n), finalizeAggregation(who), finalizeAggregation(last) FROM st WHERE site = 'b'
SELECT day, site, finalizeAggregation(hits), finalizeAggregation(who), finalizeAggregation(last), peak, any_, sum_, arraySort(all_), m FROM st FINAL
SELECT day, site, peak, any_, sum_ FROM st
SELECT count() FROM st FINAL
SELECT day, sumMerge(hits) OVER (PARTITION BY site ORDER BY day) AS h FROM st FINAL ORDER BY day, site ;; ordered
SELECT sumMerge(s) FROM (SELECT sumMergeState(hits) AS s FROM st GROUP BY site)
SELECT sumMerge(s) FROM (SELECT hits AS s FROM st UNION ALL SELECT sumState(toUInt64(100)) AS s)
SELECT a.site, sumMerge(a.hits), sumMerge(b.hits) FROM st AS a LEFT JOIN st AS b ON a.site = b.site AND b.day = '2024-01-02' GROUP BY a.site ORDER BY a.site ;; ordered
SELECT max(peak), sum(sum_), any(any_), groupUniqArrayArray(all_), sumMap(m) FROM st
SELECT site, max(peak) AS peak, sum(sum_) AS s FROM st GROUP BY site HAVING peak > 4 ORDER BY site ;; ordered
SELECT toTypeName(hits), toTypeName(time), toTypeName(peak), toTypeName(any_), toTypeName(m) FROM st LIMIT 1
SELECT toTypeName(sumMergeState(hits)), toTypeName(sumMerge(hits)), toTypeName(max(peak)) FROM st
SELECT uniqMerge(hits) FROM st ;; error
SELECT sumMerge(peak) FROM st ;; error
SELECT quantileMerge(time), quantilesMerge(0.5, 0.9)(time) FROM st ;; approx=1e-12
SELECT upper(any_), any_ || 'x', if(peak > 3, any_, 'no'), [peak], (peak, any_), round(sum_) FROM st
SELECT peak, any_ FROM st UNION ALL SELECT peak, any_ FROM st
SELECT x.peak, x.any_ FROM (SELECT * FROM st) AS x ORDER BY x.peak ;; ordered
SELECT sumMerge(hits) FROM st FINAL PREWHERE peak > 3
SELECT sumMerge(hits) FROM st FINAL WHERE peak > 3
