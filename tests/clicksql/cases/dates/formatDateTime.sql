@from dates
@let D d d32 dt dt3 dt6 nd ndt
@let F %Y-%m-%d | %Y-%m-%dT%H:%M:%S | %d/%m/%y | %H:%i:%S | %y | %j | %u | %w | %a | %b | %M | %W | %e | %I:%M %p | %h | %l | %f | %T | %F | %D | %R | %G-%V | %C | %Q | %% | %n%t | %z | %s | %c | %k | text
= formatDateTime({D}, '{F}') ;; maybe
@from dst
@let Z u be ny be3
= formatDateTime({Z}, '%Y-%m-%d %H:%i:%s %z')
= formatDateTime({Z}, '%F %T', 'Asia/Tokyo')
? formatDateTime(toDateTime('2024-03-03 10:01:02'), '%Y%m%d%H%i%S')
? formatDateTime(toDateTime('2024-03-03 10:01:02'), '%M')
? formatDateTime(toDateTime64('2024-03-03 10:01:02.345', 3), '%S.%f')
? formatDateTime(toDate('2024-03-03'), '%H')
? formatDateTime(NULL, '%Y')
? formatDateTime(toDateTime(0), '%Z') ;; maybe
? formatDateTime(toDateTime('2024-03-03 10:01:02'), '')
? formatDateTimeInJodaSyntax(toDateTime('2024-03-03 10:01:02'), 'yyyy-MM-dd HH:mm:ss')
? DATE_FORMAT(toDateTime('2024-03-03 10:01:02'), '%Y')
? dateName('month', toDate('2024-03-03'))
