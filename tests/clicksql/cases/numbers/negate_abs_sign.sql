@from nums
@let T i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 d92 d184 ni32 nu64 nf64 nd b
= -{T} ;; maybe
= abs({T}) ;; maybe
= sign({T}) ;; maybe
= negate({T}) ;; maybe
