@from small
@let A d92 d184 nd
@let B d92 d184 i8 u64 f64 i32
= {A} + {B}
= {A} - {B}
= {A} * {B}
= {A} / {B} ;; maybe
= {A} > {B}
= {A} * 2
= {A} / 3
= {A} + 1.5
= toString({A})
= toFloat64({A})
= toInt32({A})
= {A} = 1.25
= -{A}
= abs({A})
@let P toDecimal32 toDecimal64 toDecimal128
? {P}(1.5, 2)
? {P}('1.555', 2)
? {P}(-1.999, 1)
? {P}(3, 0)
? toTypeName({P}(1, 3))
? {P}('abc', 2) ;; error
? {P}OrZero('abc', 2)
? {P}OrNull('abc', 2)
? CAST('1.50' AS Decimal(9, 2))
? CAST(1.239 AS Decimal(9, 2))
? CAST(1.5 AS Decimal(18, 4)) + CAST(2 AS Decimal(9, 2))
? toDecimal32(1, 2) / toDecimal32(3, 2)
? toDecimal64(10, 4) / toDecimal32(3, 1)
? toDecimal64(1, 4) / 0 ;; error
? toTypeName(toDecimal32(1, 2) * toDecimal64(1, 4))
? toTypeName(toDecimal32(1, 2) + 1)
? toTypeName(toDecimal32(1, 2) + 1.5)
? 1.5::Decimal(9, 2)
? '12.345'::Decimal(9, 2)
? toDecimal32(0.1, 2) + toDecimal32(0.2, 2) = toDecimal32(0.3, 2)
SELECT sum(d92), avg(d92), min(d92), max(d92), sum(d184), avg(d184) FROM small
SELECT g, sum(nd), avg(nd), count(nd), max(nd) FROM small GROUP BY g
@from small
@let X d92 d184 nd
@let Y d92 i8 u16 i32 d92
= {X} / {Y} ;; maybe
= intDiv({X}, {Y}) ;; maybe
= intDivOrZero({X}, {Y}) ;; maybe
= {X} % {Y} ;; maybe
= {Y} / {X} ;; maybe
= intDiv({Y}, {X}) ;; maybe
= {Y} % {X} ;; maybe
= round({X} / 3, 1)
@let F round roundBankers floor ceil trunc
= {F}({X})
= {F}({X}, 1)
= {F}({X}, -1)
= {F}({X}, 9)
= {F}({X}, -9)
= greatest({X}, {Y})
= least({X}, {Y})
SELECT sum(d92) / count(), sum(d184) / 7, round(sum(d92) / count(), 1), sum(d92) / sum(i32) FROM small
SELECT g, sum(nd) / count() FROM small GROUP BY g
? toDecimal64(7, 2) / toDecimal64(3, 4) ;; error
? toDecimal64(7, 2) / 0 ;; error
? toDecimal64(99999999999999, 4) / toDecimal64(3, 4) ;; error
? 7 / toDecimal64(3, 2)
? toDecimal128(7, 10) / toDecimal32(3, 5)
? toDecimal32(7, 2) / toUInt64(3)
? intDiv(toDecimal64(7.5, 2), 0) ;; error
? intDivOrZero(toDecimal64(7.5, 2), 0)
? toTypeName(intDiv(toDecimal32(7.5, 2), 2))
? toTypeName(7 / toDecimal32(3, 2))
? {F}(toDecimal64(-7.555, 3), 2)
? {F}(toDecimal64(7.545, 3), 2)
? {F}(toDecimal64(8.5, 1))
? toFloat64(toDecimal128(982, 20))
? toFloat64(toDecimal128('-982.12345', 25))
? toFloat64(toDecimal64('123456789012345.67', 3))
? arrayMap(x -> x / 3, [toDecimal64(1, 2), toDecimal64(2, 2)])
