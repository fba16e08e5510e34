@from arrs
@let A ai as an af aa ad al
= {A}[1]
= {A}[-1]
= {A}[i]
= {A}[0] ;; maybe
= arrayElement({A}, 2)
= arrayElementOrNull({A}, 2) ;; maybe
= length({A})
= arrayDistinct({A})
= arrayReverse({A})
= reverse({A})
= arrayEnumerate({A})
= arrayEnumerateUniq({A})
= arrayConcat({A}, {A})
= arraySlice({A}, 2)
= arraySlice({A}, 1, 2)
= arraySlice({A}, -2)
= arraySlice({A}, 2, -1)
= arraySlice({A}, i) ;; maybe
= arrayPopBack({A})
= arrayPopFront({A})
= arrayPushBack({A}, {A}[1])
= arrayPushFront({A}, {A}[1])
= arrayUniq({A})
= arrayCompact({A})
= arraySort({A}) ;; maybe
= arrayReverseSort({A}) ;; maybe
= arrayZip({A}, {A})
= arrayFlatten([{A}])
= arrayResize({A}, 2)
= hasAll({A}, {A}) ;; maybe
= hasAny({A}, {A}) ;; maybe
= arrayIntersect({A}, {A}) ;; maybe
= {A} = {A}
= toTypeName({A}[1])
= toTypeName(arraySort({A}))
