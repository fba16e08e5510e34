@let A i8 i16 i32 i64 u8 u16 u32 u64
@let B i8 i16 i32 i64 u8 u16 u32 u64
@from small
= intDiv({A}, {B})
= intDiv({A}, 2)
= intDivOrZero({A}, i8 - 1)
@from nums
= intDiv(ni32, 7)
= intDivOrZero(i32, i8)
= intDivOrZero(ni32, 0)
= intDiv(d184, 2)
? intDiv(-7, 2)
? intDiv(7, -2)
? intDiv(7.9, 2)
? intDiv(1, 0) ;; error
? intDivOrZero(1, 0)
? intDiv(NULL, 2)
? 7 div 2
