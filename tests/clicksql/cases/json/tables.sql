@table docs MergeTree id
  id UInt32 [1, 2, 3, 4]
  o  JSON   [{"a": 1, "b": "x", "c": [1, 2], "d": {"e": 1.5}}, {"a": 2, "d": {"e": 2.5}}, {}, {"b": "y", "a": 3}]
