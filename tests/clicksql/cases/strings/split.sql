@from strs
@let S s lc fs
= splitByChar(',', {S}) ;; maybe
= splitByString(',', {S}) ;; maybe
= splitByString('', {S}) ;; maybe
= splitByString(', ', {S}) ;; maybe
= splitByChar(' ', {S}) ;; maybe
= splitByChar(',', {S})[1] ;; maybe
= splitByChar(',', {S})[-1] ;; maybe
= splitByChar(',', {S})[5] ;; maybe
= arrayStringConcat(splitByChar(',', {S}), ';') ;; maybe
= splitByWhitespace({S}) ;; maybe
= splitByNonAlpha({S}) ;; maybe
= alphaTokens({S}) ;; maybe
= splitByRegexp('[,o]', {S}) ;; maybe
? splitByChar(',', 'a,b,,c')
? splitByChar(',', '')
? splitByChar(',', ',')
? splitByChar('ab', 'x') ;; error
? splitByChar(',', 'a,b,c,d', 2)
? splitByString('--', 'a--b----c')
? splitByString('', 'añ😀')
? splitByString('x', '')
? splitByString('aa', 'aaaa')
? splitByChar(',', NULL) ;; maybe
? length(splitByChar('/', '/a/b/'))
? toTypeName(splitByChar(',', 'a'))
? splitByChar('.', '1.2.3')[2]
? toInt32(splitByChar('.', '1.2.3')[2])
= splitByChar(',', ns) ;; maybe
