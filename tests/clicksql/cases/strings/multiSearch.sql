@from strs
@let S s lc
= multiSearchFirstIndexUTF8({S}, ['a', 'o', 'ñ'])
= multiSearchFirstIndex({S}, ['World', 'ñ', ''])
= multiSearchAny({S}, ['x', 'a'])
= multiSearchFirstPosition({S}, ['b', 'o'])
= multiSearchAllPositions({S}, ['b', 'o'])
= multiSearchFirstIndexCaseInsensitive({S}, ['A', 'O'])
= multiSearchAnyCaseInsensitive({S}, ['X', 'HELLO'])
= multiSearchFirstIndexCaseInsensitiveUTF8({S}, ['Ñ', 'O'])
= multiMatchAny({S}, ['^a', 'o.*d', '\\d'])
= multiMatchAnyIndex({S}, ['^zz', '\\d+']) ;; maybe
= multiMatchAllIndices({S}, ['^a', '\\d+']) ;; maybe
? multiSearchFirstIndexUTF8('hello', ['l', 'h'])
? multiSearchFirstIndexUTF8('hello', ['z'])
? multiSearchFirstIndexUTF8('hello', []) ;; error
? multiMatchAny('abc', ['x', 'b'])
? multiMatchAny('abc', []) ;; error
? multiMatchAny('ABC', ['(?i)b'])
? hasToken('hello world', 'hello')
? hasToken('hello world', 'hell')
? hasTokenCaseInsensitive('Hello world', 'hello')
