# State in a sub-query, merged outside: by group of groups, and with an empty side.
@let F sum avg min max any anyLast uniq uniqExact median quantile quantileExact quantileTiming groupArray groupUniqArray groupArrayDistinct stddevPop uniqCombined countDistinct topK varSamp
@let T k u32 n f64
@tags approx=1e-12 maybe
SELECT {F}Merge(st) AS r FROM (SELECT g, {F}State({T}) AS st FROM small WHERE id != 7 GROUP BY g ORDER BY g)
SELECT h2, {F}Merge(st) AS r FROM (SELECT g, h = 'x' AS h2, {F}State({T}) AS st FROM small WHERE id IN (1, 2, 3, 4, 5) GROUP BY g, h2 ORDER BY g, h2) GROUP BY h2 ORDER BY h2 ;; ordered
SELECT {F}Merge(st) AS r FROM (SELECT {F}State({T}) AS st FROM small WHERE 0)
SELECT toTypeName({F}State({T})) AS r FROM small
SELECT finalizeAggregation({F}State({T})) AS r FROM small WHERE id IN (3, 5, 6)
SELECT {F}Merge(st) AS r FROM (SELECT {F}State(s) AS st FROM small WHERE id < 4)
SELECT toTypeName({F}State(s)) AS r FROM small
SELECT {F}Merge(st) AS r FROM (SELECT {F}StateIf({T}, k > 2) AS st FROM small WHERE id != 7)
SELECT {F}Merge(st) AS r FROM (SELECT {F}IfState({T}, k > 2) AS st FROM small WHERE id != 7)
SELECT {F}IfMerge(st) AS r FROM (SELECT {F}IfState({T}, k > 2) AS st FROM small WHERE id != 7)
SELECT {F}MergeIf(st, g != 'a') AS r FROM (SELECT g, {F}State({T}) AS st FROM small WHERE id != 7 GROUP BY g ORDER BY g)
SELECT toTypeName({F}SimpleState({T})) AS r, {F}SimpleState({T}) AS v FROM small
SELECT {F}Merge(m) AS r FROM (SELECT {F}MergeState(st) AS m FROM (SELECT g, {F}State({T}) AS st FROM small WHERE id != 7 GROUP BY g ORDER BY g))
