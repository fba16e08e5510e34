# cityHash64 is ClickHouse's own version 1.0.2; keys made with it are stored, so its value matters.
@from strs
@let S s ns lc nlc fs
= cityHash64({S}) ;; maybe
= cityHash64({S}, n) ;; maybe
= cityHash64({S}) % 10 ;; maybe
@from nums
@let N i8 i64 u8 u64 f64 ni32 b
= cityHash64({N})
? cityHash64('a')
? cityHash64('')
? cityHash64('hello world')
? cityHash64('hello world, this is a long text with more than sixty four bytes in all of it')
? cityHash64('a', 'b')
? cityHash64(1)
? cityHash64(NULL)
? cityHash64([1, 2])
? cityHash64((1, 'a'))
? cityHash64(toDate('2024-01-01'))
? cityHash64(1, 2, 3)
? toTypeName(cityHash64('a'))
? sipHash64('a')
? xxHash32('a')
? xxHash64('a')
? farmHash64('a')
? murmurHash3_64('a')
? murmurHash2_32('a')
? halfMD5('a')
? intHash32(1)
? intHash64(1)
? javaHash('abc')
? CRC32('abc')
