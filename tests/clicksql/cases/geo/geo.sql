@tags approx=1e-9
@from misc
= geohashEncode(lon, lat)
= geohashEncode(lon, lat, 5)
= geohashDecode(geohashEncode(lon, lat, 6))
= geoToH3(lat, lon, 5) ;; maybe
= h3ToString(geoToH3(lat, lon, 7)) ;; maybe
= geoDistance(lon, lat, 13.4, 52.5) ;; approx=1e-5
= greatCircleDistance(lon, lat, 0, 0) ;; approx=1e-5
= pointInPolygon((lon, lat), [(-10., 40.), (20., 40.), (20., 60.), (-10., 60.)])
? geohashEncode(-5.60302734375, 42.593994140625)
? geohashEncode(-5.60302734375, 42.593994140625, 4)
? geohashEncode(0, 0, 1) ;; error
? geohashDecode('ezs42')
? geohashDecode('')
? geohashesInBox(24.48, 40.56, 24.785, 40.81, 4)
? geohashesInBox(0, 0, 0, 0, 2) ;; error
? geoToH3(52.5200, 13.4050, 7)
? geoToH3(toFloat64(0), toFloat64(0), toUInt8(15))
? h3ToGeo(geoToH3(52.5200, 13.4050, 7))
? h3ToGeoBoundary(644325524701193974)
? h3ToGeoBoundary(geoToH3(52.5200, 13.4050, 7))
? h3GetResolution(geoToH3(52.5200, 13.4050, 7))
? h3ToParent(geoToH3(52.5200, 13.4050, 7), 3)
? h3kRing(geoToH3(52.5200, 13.4050, 3), 0)
? h3IsValid(1) ;; error
? geoDistance(38.8976, -77.0366, 39.9496, -75.1503) ;; approx=1e-5
? geoDistance(0, 0, 0, 0)
? greatCircleDistance(55.755831, 37.617673, -55.755831, -37.617673) ;; approx=1e-5
? pointInPolygon((3., 3.), [(6, 0), (8, 4), (5, 8), (0, 2)])
? pointInPolygon((0., 0.), [(6, 0), (8, 4), (5, 8), (0, 2)])
? pointInPolygon((1., 1.), [(0, 0), (2, 0), (2, 2), (0, 2)], [(0.5, 0.5), (1.5, 0.5), (1.5, 1.5), (0.5, 1.5)])
? toTypeName(geoToH3(52.5200, 13.4050, 7))
