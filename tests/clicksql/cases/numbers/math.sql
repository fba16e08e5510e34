# Transcendental functions; the last bit depends on the C library.
@tags approx=1e-14
@from nums
@let T i8 u16 i64 f32 f64 d92 ni32 nf64
@let F sqrt exp log ln log2 log10 exp2 exp10 cbrt sin cos tan atan tanh
= {F}({T}) ;; maybe
@from small
@let S i8 u8 f32 f64 nf d92
= pow({S}, 2)
= power({S}, 0.5)
= pow(2, {S})
= sqrt(abs({S}))
= log10(abs({S}))
= exp10({S} / 10)
@tags
? sqrt(-1)
? toString(sqrt(-1))
? toString(log(0))
? toString(log10(-1))
? toString(pow(0, 0))
? toString(pow(-8, 1/3))
? pow(2, 10)
? pow(2, -1)
? pow(10, 308)
? exp10(3)
? exp10(-3)
? log10(1000)
? log2(8)
? sqrt(16)
? pi() ;; approx=1e-15
? e() ;; approx=1e-15
? toTypeName(sqrt(4))
? toTypeName(pow(2, 2))
? hypot(3, 4) ;; approx=1e-15
? degrees(pi()) ;; approx=1e-15
? radians(180) ;; approx=1e-15
@tags approx=1e-13
? erf(0.5), erfc(0.5), erf(-1.25), erfc(3.2), tgamma(5.5), lgamma(5.5), sinh(1), cosh(1), asinh(2), acosh(2), atanh(0.25), hypot(3, 4)
? L1Distance([1, 2], [3, 5])
? L2Distance([1.5, 2], [3, 5])
? LinfDistance([1, 2], [3, 5])
? L2SquaredDistance([1, 2], [3, 5])
? cosineDistance((1, 2), (3, 5))
? L2Norm([3, 4])
@tags
? factorial(5), intExp2(3), toTypeName(factorial(5)), max2(1, 2.5), min2(-1, 2), bitShiftRight(8, 2), bitCount(7)
? [1, 2] * 3
? 2 * [1.5]
? [4, 6] / 2
? [1, 2] + [3, 4]
? [1, 2] - [3, 4]
