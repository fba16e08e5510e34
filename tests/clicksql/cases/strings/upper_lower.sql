@from strs
@let S s ns lc nlc fs
= upper({S})
= lower({S})
= upperUTF8({S}) ;; maybe
= lowerUTF8({S}) ;; maybe
= ucase({S})
= lcase({S})
? lower('ÑandÚ ABC')
? upper('ñandÚ abc')
? lowerUTF8('ÑandÚ ABC ẞ')
? upperUTF8('ñandÚ abc ß')
? lower(NULL)
? upper('')
? initcap('hello wORLD foo')
? UPPER('x')
? Lower('X')
