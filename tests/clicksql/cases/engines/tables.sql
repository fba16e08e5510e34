@table rep ReplacingMergeTree id
  id  UInt32            [1, 1, 2, 2, 2, 3]
  v   String            ["old", "new", "a", "b", "c", "only"]
  n   Nullable(Int32)   [1, null, 1, 2, 3, null]
@table repver ReplacingMergeTree(ver) id, k
  id  UInt32            [1, 1, 2, 2, 2, 3, 3]
  k   String            ["x", "x", "x", "x", "y", "z", "z"]
  v   String            ["new", "old", "b", "a", "c", "first", "second"]
  ver UInt64            [5, 2, 9, 1, 1, 7, 7]
  ts  DateTime          ["2024-01-02 00:00:00", "2024-01-01 00:00:00", "2024-01-05 00:00:00", "2024-01-03 00:00:00", "2024-01-04 00:00:00", "2024-01-01 00:00:00", "2024-01-01 00:00:00"]
@table repdel ReplacingMergeTree(ver,del) id
  id  UInt32            [1, 1, 2, 2, 3]
  v   String            ["a", "b", "c", "d", "e"]
  ver DateTime          ["2024-01-01 00:00:00", "2024-01-02 00:00:00", "2024-01-03 00:00:00", "2024-01-01 00:00:00", "2024-01-01 00:00:00"]
  del UInt8             [0, 1, 0, 1, 1]
@table summ SummingMergeTree id
  id  UInt32            [1, 1, 2, 2, 3, 4, 4]
  c   UInt64            [1, 2, 3, 4, 5, 0, 0]
  f   Float64           [0.5, 0.25, 1, -1, 2, 0, 0]
  n   Nullable(Int32)   [1, null, null, null, 3, 0, 0]
  s   String            ["first", "second", "x", "y", "z", "zero", "zero"]
@table summc SummingMergeTree(c) id
  id  UInt32            [1, 1, 2]
  c   Int64             [1, 2, 3]
  o   Int64             [10, 20, 30]
@table agg AggregatingMergeTree id, d
  id  UInt32            [1, 1, 1, 2, 2]
  d   Date              ["2024-01-01", "2024-01-01", "2024-01-02", "2024-01-01", "2024-01-01"]
  s   SimpleAggregateFunction(sum, Int64) [1, 2, 3, 4, 5]
  mx  SimpleAggregateFunction(max, DateTime) ["2024-01-01 00:00:00", "2024-01-02 00:00:00", "2024-01-03 00:00:00", "2024-01-01 00:00:00", "2023-01-01 00:00:00"]
  mn  SimpleAggregateFunction(min, Float64) [1, 0.5, 3, -1, 1]
  a   SimpleAggregateFunction(any, String) ["p", "q", "r", "s", "t"]
  an  SimpleAggregateFunction(any, Nullable(String)) [null, "q", null, null, null]
@table coll CollapsingMergeTree(sign) id
  id   UInt32           [1, 1, 2, 3, 3, 3]
  v    Int32            [10, 10, 20, 30, 30, 31]
  sign Int8             [1, -1, 1, 1, -1, 1]
@table vcoll VersionedCollapsingMergeTree(sign,ver) id
  id   UInt32           [1, 2, 2, 2]
  v    Int32            [10, 20, 20, 21]
  ver  UInt32           [1, 1, 1, 2]
  sign Int8             [1, 1, -1, 1]
