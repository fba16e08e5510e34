@from strs
@let S s ns lc nlc
@let R '^a' 'o$' '.' '' '[0-9]+' 'ñ' '(?i)HELLO' '^\\s' 'line1.line2' '^line2$' '\\d+\\.\\d' '[[:alpha:]]' '\\bW'
= match({S}, {R})
= {S} REGEXP {R}
@let L '%' '' 'a%' '%a' '%o%' '_' '___' 'H_llo%' '%ñ%' '%😀' '%\\%' 'line1%2' '%\n%'
= {S} LIKE {L}
= {S} NOT LIKE {L}
= {S} ILIKE {L}
? match('a\nb', 'a.b')
? match('abc', 'ABC')
? match('', '')
? match('abc', '[') ;; error
? match(NULL, 'a')
? 'abc' LIKE 'a_c'
? 'a%c' LIKE 'a\\%c'
? 'abc' LIKE 'a\\%c'
? 'a_c' LIKE 'a\\_c'
? 'ABC' ILIKE 'abc'
? 'Ñ' ILIKE 'ñ'
? 'a\nb' LIKE 'a%b'
? 'ñ' LIKE '_'
? 'a' LIKE NULL
? like('abc', 'a%')
? notLike('abc', 'b%')
? ilike('ABC', 'a%')
= like(s, concat(p, '%'))
= match(s, 'a|b')
