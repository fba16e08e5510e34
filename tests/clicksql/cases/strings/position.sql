@from strs
@let S s ns lc nlc
@let P 'a' 'o' '' 'ñ' ',' '\n' 'xyz'
= position({S}, {P})
= positionCaseInsensitive({S}, {P})
= positionUTF8({S}, {P})
= locate({S}, {P}) ;; maybe
= countSubstrings({S}, {P})
= position(s, p)
= positionCaseInsensitive(s, p)
? position('abc', 'b')
? position('b' IN 'abc')
? position('añb', 'b')
? positionUTF8('añb', 'b')
? position('abcabc', 'b', 3)
? position('abc', '')
? position('', 'a')
? position(NULL, 'a')
? positionCaseInsensitive('ABC', 'b')
? positionCaseInsensitive('ÑB', 'ñ')
? positionCaseInsensitiveUTF8('xÑB', 'ñ')
? instr('abc', 'c')
? strpos('abc', 'c') ;; maybe
? toTypeName(position('a', 'b'))
