@from strs
@let S s ns lc
@let R '[a-z]+' '(\\d+)' '([a-z])([a-z])' 'x' '\\w+' '.'
= extract({S}, {R})
= extractAll({S}, {R}) ;; maybe
? extract('abc123', '\\d+')
? extract('abc123', '([a-z]+)(\\d+)')
? extract('abc', '\\d')
? extractAll('a1b22c333', '\\d+')
? extractAll('a1b22', '([a-z])(\\d+)')
? extractAll('', 'a')
? extractAll('abc', '')
? extractAll('añ😀', '.')
? extractAllGroupsVertical('k1=v1,k2=v2', '(\\w+)=(\\w+)')
? extractAllGroupsHorizontal('k1=v1,k2=v2', '(\\w+)=(\\w+)')
? extractGroups('k1=v1', '(\\w+)=(\\w+)')
? REGEXP_EXTRACT('a-1', '([a-z])-(\\d)', 2)
? regexpExtract('a-1', '([a-z])-(\\d)', 1)
? extractAllGroups('a1b2', '([a-z])(\\d)'), extractAllGroupsHorizontal('a1b2', '([a-z])(\\d)'), extractGroups('ab12', '([a-z]+)(\\d+)')
? countMatches('aXbX', 'X'), countMatchesCaseInsensitive('aXbx', 'x')
