@from arrs
= has(ai, 1)
= has(ai, x)
= has(an, NULL)
= has(an, 3)
= has(as, w)
= has(as, '')
= has(al, 'a')
= has(af, 1.5)
= has(ad, toDate('2024-01-01'))
= has(ai, 1000000)
= has(aa, [1]) ;; maybe
= indexOf(ai, x)
= indexOf(an, NULL)
= indexOf(an, x)
= indexOf(as, w)
= indexOf(al, 'b')
= countEqual(ai, x)
= countEqual(an, NULL)
= hasAll(ai, [1, 2])
= hasAny(ai, [2, 5])
= hasAny(as, ['a', 'x'])
= hasAll(ai, [])
= hasSubstr(ai, [1, 2])
? has([1, 2, NULL], NULL)
? has([], 1)
? has([1, 2], '1') ;; error
? has(['a'], 'a')
? has([1, 2], 2.0)
? has(NULL, 1) ;; maybe
? indexOf([1, 2, 2], 2)
? indexOf([], 1)
? 1 IN [1, 2]
? [1, 2, 3][2]
? [1, 2, 3][5]
? [1, 2, 3][-4]
? ['a'][2]
? [NULL, 1][1]
? [NULL, 1][3]
? [toDate('2024-01-01')][2]
? [[1]][2]
? [1, 2, 3][0] ;; maybe
