? 1::String
? '1'::Int32
? 1.5::Int32 ;; error
? '2024-01-01'::Date
? '2024-01-01 00:00:00'::DateTime
? '2024-01-01 00:00:00.123'::DateTime64(3)
? [1, 2]::Array(String) ;; error
? ['1', '2']::Array(UInt8) ;; error
? NULL::Nullable(Int32)
? NULL::Int32 ;; error
? ''::Int32 ;; error
? 'abc'::Float64 ;; error
? '1.5'::Int32 ;; error
? -1::UInt8 ;; error
? (-1)::UInt8 ;; error
? 1::Bool
? 'true'::Bool
? 'false'::Bool
? 0::Bool
? 2::Bool ;; error
? toTypeName(2::Bool) ;; error
? CAST(1, 'String')
? CAST('1' AS UInt8)
? CAST('a' AS LowCardinality(String))
? toTypeName(CAST('a' AS LowCardinality(String)))
? toTypeName(CAST('a' AS LowCardinality(Nullable(String))))
? CAST(NULL AS Nullable(String))
? CAST((1, 'a') AS Tuple(String, String))
? CAST((1, 'a') AS Tuple(x UInt8, y String))
? CAST(map('a', 1) AS Map(String, String))
? CAST('a' AS Enum8('a' = 1, 'b' = 2))
? CAST(2 AS Enum8('a' = 1, 'b' = 2))
? CAST('c' AS Enum8('a' = 1, 'b' = 2)) ;; error
? CAST('ab' AS FixedString(3))
? CAST('abcd' AS FixedString(3)) ;; error
? CAST('1.23' AS Decimal(9, 1))
? CAST(19000 AS Date)
? CAST(0 AS DateTime)
? CAST('61f0c404-5cb3-11e7-907b-a6006ad3dba0' AS UUID)
? toTypeName(CAST(1 AS Nullable(Int8)))
? CAST('[1,2,3]' AS Array(Int32))
? CAST('(1,\'a\')' AS Tuple(Int32, String))
? CAST('{\'a\':1}' AS Map(String, Int32)) ;; error
? CAST([1, NULL] AS Array(Nullable(Int32)))
? accurateCastOrNull(300, 'UInt8')
? accurateCastOrNull(-1, 'UInt8')
? accurateCastOrNull('abc', 'Int32')
? accurateCast(5, 'UInt8')
? accurateCastOrDefault(300, 'UInt8')
? TRY_CAST('abc' AS Int32) ;; maybe
? CAST(1 AS INTEGER)
? CAST('x' AS VARCHAR)
? CAST('x' AS TEXT)
? CAST(1 AS DOUBLE)
? CAST(1 AS BIGINT)
? CAST(1 AS SMALLINT)
? CAST(1 AS FLOAT)
? CAST(1 AS BOOLEAN)
? CAST(1 AS TINYINT)
? CAST(1.5 AS DECIMAL(10, 2))
? CAST('2024-01-01' AS TIMESTAMP)
? CAST(1 AS int)
? Nullable(1) ;; error
