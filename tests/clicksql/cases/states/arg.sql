@let F argMax argMin
@let A s n k t h
SELECT {F}Merge(st) AS r FROM (SELECT g, {F}State({A}, id) AS st FROM small GROUP BY g)
SELECT g, {F}Merge(st) AS r FROM (SELECT g, h, {F}State({A}, id) AS st FROM small GROUP BY g, h) GROUP BY g ORDER BY g ;; ordered
SELECT {F}Merge(st) AS r FROM (SELECT {F}State({A}, id) AS st FROM small WHERE 0)
SELECT toTypeName({F}State({A}, id)) AS r FROM small
SELECT {F}Merge(st) AS r FROM (SELECT {F}State({A}, (t, id)) AS st FROM small)
SELECT {F}IfMerge(st) AS r FROM (SELECT {F}IfState({A}, id, k > 2) AS st FROM small)
SELECT finalizeAggregation({F}State({A}, id)) AS r FROM small
