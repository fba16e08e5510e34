SELECT
    toDateTime(toStartOfDay(start_datetime)) AS date,
    pipe_id,
    any(pipe_name) AS pipe_name,
    avgState(duration) AS avg_duration_state,
    countIf(error = 1) AS error_count,
    count() AS view_count,
    quantilesTimingState(0.9, 0.95, 0.99)(toFloat64(duration)) AS quantile_timing_state,
    sum(read_bytes) AS read_bytes_sum,
    sum(read_rows) AS read_rows_sum,
    sum(cpu_time) AS cpu_time_sum,
    resource_tags
FROM tinybird.pipe_stats_rt
GROUP BY date, pipe_id, resource_tags
