@from jsons
@let J j nj
@let K 'a' | 'b' | 'c' | 'd' | 'n' | 't' | 'nope' | 'd', 'e' | 'd', 'e', 'f' | 'c', 1 | 'c', -1 | 'c', 1, 'k' | 1 | -1 | 3, 'a' | 'b c' | ''
@let F JSONExtractString JSONExtractInt JSONExtractUInt JSONExtractFloat JSONExtractBool JSONExtractRaw JSONHas JSONType JSONLength JSONExtractArrayRaw JSONExtractKeys
= {F}({J}, {K}) ;; maybe
= isValidJSON({J})
= JSONExtractKeys({J}) ;; maybe
= JSONLength({J})
= JSONType({J})
= JSONExtractRaw({J})
= JSONExtractArrayRaw({J}) ;; maybe
= JSONExtractKeysAndValues({J}, 'String') ;; maybe
= JSONExtractKeysAndValues({J}, 'Int64') ;; maybe
= JSONExtractKeysAndValuesRaw({J}) ;; maybe
= JSONExtractString({J})
= JSONExtractInt({J})
