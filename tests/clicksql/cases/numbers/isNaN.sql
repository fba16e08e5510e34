@from nums
@let T f32 f64 nf64 i32
= isNaN({T})
= isFinite({T})
= isInfinite({T})
= ifNotFinite({T}, 7) ;; maybe
= isNaN({T} * 0)
? isNaN(0/0)
? isNaN(NULL)
? isInfinite(1/0)
SELECT count() FROM nums WHERE isNaN(f64)
SELECT count() FROM nums WHERE NOT isNaN(nf64)
