@from misc
= toUUIDOrNull(us)
= toUUIDOrZero(us)
= toString(u)
= u = toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')
= nu = u
= toUUID(toString(u))
= u < nu
= toUUIDOrDefault(us, u) ;; maybe
? toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')
? toUUID('61F0C404-5CB3-11E7-907B-A6006AD3DBA0')
? toUUID('bad') ;; error
? toUUID('') ;; error
? toUUIDOrNull('')
? toUUID(NULL)
? toTypeName(toUUID('00000000-0000-0000-0000-000000000000'))
SELECT min(u), max(u), uniq(u), any(nu), count(nu) FROM misc
SELECT u FROM misc ORDER BY u ;; ordered
SELECT nu, count() FROM misc GROUP BY nu ORDER BY nu ;; ordered
