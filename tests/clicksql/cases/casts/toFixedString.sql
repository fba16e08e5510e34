@from strs
= toFixedString(toString(id), 5)
= fs
= fs = 'abc'
= length(fs)
= toString(fs)
= concat(fs, '|')
= upper(fs)
= fs IN ('abc', '123')
= substring(fs, 1, 2)
? toFixedString('ab', 3)
? toFixedString('abc', 3) = 'abc'
? toFixedString('ab', 3) = 'ab'
? toFixedString('abcd', 3) ;; error
? length(toFixedString('a', 5))
? toTypeName(toFixedString('a', 5))
SELECT fs, count() FROM strs GROUP BY fs ORDER BY fs ;; ordered
