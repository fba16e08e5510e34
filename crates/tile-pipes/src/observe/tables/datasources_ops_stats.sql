SELECT
    toDateTime(toStartOfDay(timestamp)) AS event_date,
    datasource_id,
    any(datasource_name) AS datasource_name,
    toLowCardinality(event_type) AS event_type,
    pipe_id,
    any(pipe_name) AS pipe_name,
    countIf(result = 'error') AS error_count,
    count() AS executions,
    avgState(elapsed_time) AS avg_elapsed_time_state,
    quantilesState(0.9, 0.95, 0.99)(toFloat64(elapsed_time)) AS quantiles_state,
    sum(read_rows) AS read_rows,
    sum(read_bytes) AS read_bytes,
    sum(written_rows) AS written_rows,
    sum(written_bytes) AS written_bytes,
    sum(written_rows_quarantine) AS written_rows_quarantine,
    sum(written_bytes_quarantine) AS written_bytes_quarantine,
    sum(cpu_time) AS cpu_time,
    resource_tags
FROM tinybird.datasources_ops_log
GROUP BY event_date, datasource_id, event_type, pipe_id, resource_tags
