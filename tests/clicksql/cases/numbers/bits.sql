@from nums
@let T i8 i32 u8 u64 ni32
= bitAnd({T}, 15)
= bitOr({T}, 1)
= bitXor({T}, 255)
= bitNot({T})
= bitShiftLeft({T}, 2)
= bitShiftRight({T}, 1)
= bitTest({T}, 0) ;; maybe
= bitCount({T}) ;; maybe
