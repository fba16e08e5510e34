@from jsons
@let J j nj
@let T Int64 | String | Nullable(String) | Float64 | Nullable(Int32) | UInt8 | Bool | Array(Int64) | Array(String) | Tuple(e Tuple(f Float64)) | Map(String, String) | Array(Nullable(Float64)) | Nullable(Float64) | LowCardinality(String) | Date | DateTime | UUID | Decimal(9, 2)
= JSONExtract({J}, 'a', '{T}') ;; maybe
= JSONExtract({J}, 'b', '{T}') ;; maybe
= JSONExtract({J}, 'c', '{T}') ;; maybe
= JSONExtract({J}, 'd', '{T}') ;; maybe
= JSONExtract({J}, '{T}') ;; maybe
? JSONExtract('{"a": [1, 2]}', 'a', 'Array(UInt8)')
? JSONExtract('{"a": [1, null]}', 'a', 'Array(Nullable(UInt8))')
? JSONExtract('{"a": 300}', 'a', 'UInt8')
? JSONExtract('{"a": -1}', 'a', 'UInt8')
? JSONExtract('{"a": "1"}', 'a', 'Int32')
? JSONExtract('{"a": {"x": 1, "y": "z"}}', 'a', 'Tuple(x Int32, y String)')
? JSONExtract('{"a": "2024-01-01"}', 'a', 'Date')
? JSONExtract('{"a": "2024-01-01 10:00:00"}', 'a', 'DateTime')
? JSONExtract('{"a": {"b": 1}}', 'a', 'Map(String, Int32)')
? JSONExtract('[{"x": 1}, {"x": 2}]', 'Array(Tuple(x Int32))')
