# How a float is printed: shortest text that reads back, no `.0`, exponents from 1e21.
@let L 1.0 0.1 1e20 1e21 1e-5 1e-6 1e-7 123456789.123456789 1e15 1e16 0.30000000000000004 1.7976931348623157e308 5e-324 -0.0 100000 1234567.891 1e100 0.000123 2.5e-10 9007199254740993. nan inf -inf
? toString({L})
? toFloat32({L})
? toString(toFloat32({L}))
? concat('<', toString({L}), '>')
? [{L}]
@from nums
= toString(f32)
= toString(f64)
= toString(nf64)
= toFloat64(f32)
= toFloat32(f64)
@from small
= f32 + 0
= f32 * 2
= f32 + f32
= f32 / 3
= toFloat64(f32)
= f64 / 3
= f32 * f64
