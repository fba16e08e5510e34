@from strs
@let A s ns lc nlc fs e
@let B s ns lc nlc
= concat({A}, {B})
= {A} || '-' || {B}
= concat({A}, '/', toString(n))
= concat({A}, n) ;; maybe
= concatWithSeparator('|', {A}, {B}) ;; maybe
? concat('a', NULL)
? concat('a')
? concat()
? concat('a', 1, 2.5)
? 'a' || 'b' || 'c'
? 'a' || NULL
? concat([1], [2, 3])
? concat('a', toDate('2024-01-01'))
? concat(toLowCardinality('a'), 'b')
? concat_ws(',', 'a', 'b')
? toTypeName(concat(toNullable('a'), 'b'))
? concat((1, 2), (3, 4)) ;; maybe
? concat('a', ['b']) ;; maybe
? format('{}-{}', 'a', 'b')
? format('{1}-{0}', 'a', 'b')
? repeat('ab', 3)
? repeat('ab', -1)
? space(3)
? leftPad('7', 3, '0')
? rightPad('7', 3, 'x')
? lpad('añ', 5, '*')
? leftPadUTF8('añ', 5, '*')
