@from strs
@let F startsWith endsWith
@let S s ns lc nlc fs
= {F}({S}, 'a')
= {F}({S}, '')
= {F}({S}, p)
= {F}({S}, 'ñ')
? {F}('abc', 'ab')
? {F}('abc', 'bc')
? {F}('abc', 'abcd')
? {F}('', '')
? {F}(NULL, 'a')
? {F}('abc', NULL)
? {F}('ABC', 'a')
