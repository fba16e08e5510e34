@from strs
@let S s ns lc nlc fs
= substring({S}, 2)
= substring({S}, 2, 3)
= substring({S}, -3)
= substring({S}, -3, 2)
= substring({S}, 1, 0)
= substring({S}, n)
= substring({S}, 1, id)
= substr({S}, 1, 2)
= substringUTF8({S}, 2, 2) ;; maybe
= substringUTF8({S}, -2) ;; maybe
= left({S}, 2)
= right({S}, 2)
= mid({S}, 2, 1)
= leftUTF8({S}, 2) ;; maybe
? substring('hello', 0)
? substring('hello', 1, 100)
? substring('hello', 10)
? substring('hello', -10, 7)
? substring('hello', 2, -1)
? substring('añ😀x', 4, 4)
? substringUTF8('añ😀x', 2, 2)
? SUBSTRING('hello' FROM 2 FOR 3)
? SUBSTRING('hello' FROM 2)
? substring(NULL, 1)
? substring('abc', NULL)
? LEFT('hello', 2)
? left('hello', -1)
? left('hello', 10)
? right('hello', -1)
? substr('hello', 2)
? 'hello'[1] ;; maybe
? concat(upper(substring('ñandú', 1, 1)), substring('ñandú', 2)), length(substring('Ñandú', 1, 1)), hex(left('Ñandú', 1)), left('Ñandú', 1) || right('Ñandú', 6)
