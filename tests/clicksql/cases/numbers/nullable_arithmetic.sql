@from nums
@let A ni8 ni32 nu64 nf64 nd nb
@let B ni8 ni32 nu64 nf64 nd
@let C i8 u64 f64 d92
@tags maybe
= {A} + {B}
= {A} - {C}
= {A} * {B}
= {C} / {A}
= {A} + NULL
= -{A}
= {A} + 1
= {A} * 1.5
