@from nums
@let A i8 u64 f64 b ni32 nf64 nb
@let B u8 ni8 nb
= {A} AND {B}
= {A} OR {B}
= NOT {A}
= xor({A}, {B}) ;; maybe
= and({A}, {B})
= or({A}, {B})
= not({A})
@let L 0 1 NULL 2 -1 0.5 true false
@let M 0 1 NULL
? {L} AND {M}
? {L} OR {M}
? NOT {L}
? xor({L}, {M}) ;; maybe
? 1 AND 'a' ;; error
? NOT NULL IS NULL
? NOT 1 = 2
? 1 AND 0 OR 1
? NOT 0 AND 0
? toTypeName(1 AND 2)
? toTypeName(true AND true)
? toTypeName(NOT true)
? true = 1
? true + true
