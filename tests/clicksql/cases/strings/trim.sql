@from strs
@let S s ns lc nlc fs
@let F trim trimBoth trimLeft trimRight ltrim rtrim
= {F}({S})
? trim('  a b  ')
? trim(BOTH 'x' FROM 'xxaxx')
? trim(LEADING 'x' FROM 'xxaxx')
? trim(TRAILING 'xy' FROM 'xxaxyx')
? trim('\t\n a')
? trim('')
? trim(NULL)
? concat('[', trim(' \u00a0a '), ']')
? trimLeft('xxa', 'x')
# The names of columns have the long forms.
SELECT trim(s), hex(ltrim(s)), rtrim(s), TRIM(s), trimLeft(s), lower(trim(left(s, 2))) FROM strs ORDER BY id ;; ordered
