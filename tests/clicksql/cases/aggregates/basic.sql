# Every aggregate over every type: whole table, by group, and over no rows.
@let T i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 d92 d184 b n nf nd
@let F sum avg min max count any anyLast uniq uniqExact median
SELECT {F}({T}) AS r FROM small ;; maybe
SELECT g, {F}({T}) AS r FROM small GROUP BY g ORDER BY g ;; ordered maybe
@let S s ns h d t nt
@let G min max count any anyLast uniq uniqExact groupArray groupUniqArray
SELECT g, {G}({S}) AS r FROM small WHERE id % 3 = 1 GROUP BY g ORDER BY g ;; ordered maybe
SELECT arraySort(groupUniqArray({S})) AS r FROM small
SELECT arraySort(groupArray({S})) AS r FROM small
SELECT arraySort(groupArrayDistinct({S})) AS r FROM small
SELECT {G}({S}) AS r FROM small WHERE 0
SELECT {F}({T}) AS r FROM small WHERE 0 ;; maybe
@let E i f s n d t dec a id
SELECT {G}({E}) AS r FROM empty_t ;; maybe
SELECT {F}({E}) AS r FROM empty_t ;; maybe
SELECT toString(avg({E})) AS r FROM empty_t ;; maybe
