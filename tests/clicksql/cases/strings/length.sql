@from strs
@let S s ns lc nlc fs
= length({S})
= lengthUTF8({S})
= char_length({S})
= empty({S})
= notEmpty({S})
= reverse({S})
= reverseUTF8({S}) ;; maybe
@from arrs
@let A ai as an aa m
= length({A})
= empty({A})
= notEmpty({A})
? length('añ😀')
? lengthUTF8('añ😀')
? char_length('añ😀')
? octet_length('añ😀')
? length('')
? length(NULL)
? length([])
? length((1, 2)) ;; maybe
? length(5) ;; error
? empty('')
? empty([])
? notEmpty([NULL])
? empty(NULL)
? LENGTH('abc')
? toTypeName(length('a'))
