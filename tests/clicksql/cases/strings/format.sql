@let N 0 1 -1 59 60 3600 86400 90061 2592000 31536000 100.5 -90061
? formatReadableTimeDelta({N})
? formatReadableTimeDelta({N}, 'hours')
? formatReadableTimeDelta({N}, 'minutes', 'minutes') ;; maybe
? formatReadableSize({N})
? formatReadableQuantity({N})
? formatReadableDecimalSize({N})
@from small
= formatReadableTimeDelta(u32 * 1000)
= formatReadableTimeDelta(i64)
? bar(5, 0, 10, 10)
