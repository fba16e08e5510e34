@from urls
@let U url nurl
@let F domain domainWithoutWWW protocol path pathFull queryString fragment port topLevelDomain firstSignificantSubdomain cutToFirstSignificantSubdomain URLHierarchy URLPathHierarchy decodeURLComponent decodeURLFormComponent cutQueryString cutFragment cutWWW extractURLParameters extractURLParameterNames netloc queryStringAndFragment cutQueryStringAndFragment domainRFC
= {F}({U}) ;; maybe
@let P extractURLParameter cutURLParameter
= {P}({U}, 'x')
= {P}({U}, 'y')
= extractURLParameter(url, name) ;; error
@let L http://a.b/c?d=e | https://www.x.com | www.x.com/p | //h/p | http://h:80 | mailto:a@b | http://h?x=1 | h | /only/path | http://u@h/p | http://www.www.com | WWW.x.com | http://a.b.c.co.uk/ | http://127.0.0.1/x | x://y/z?#q | http:///p
? domain('{L}')
? domainWithoutWWW('{L}')
? protocol('{L}')
? path('{L}')
? pathFull('{L}')
? URLHierarchy('{L}')
@let E a%20b | a+b | %C3%B1 | %zz | 100% | %2 | a%26b%3Dc | %00
? decodeURLComponent('{E}')
? decodeURLFormComponent('{E}')
? extractURLParameter('http://x/?a=1&b=2', 'b')
? extractURLParameter('http://x/?a=1&b', 'b')
? extractURLParameter('http://x/?ab=1', 'b')
? extractURLParameter('x=1&y=2', 'x')
? extractURLParameter('?x=1&y=2', 'y')
? extractURLParameter('http://x/?a=%20', 'a')
? domain(NULL)
? domain('')
SELECT domainWithoutWWW(JSONExtractString(payload, 'referrer')) AS d, count() FROM events GROUP BY d ORDER BY d ;; ordered
? encodeURLFormComponent('a b/é?'), port('http://a.b:80/x'), port('http://a.b/', 443), cutToFirstSignificantSubdomain('https://www.news.example.com/')
