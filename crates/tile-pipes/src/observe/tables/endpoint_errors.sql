SELECT
    start_datetime,
    request_id,
    pipe_id,
    pipe_name,
    toNullable(toJSONString(parameters)) AS params,
    url,
    toNullable(status_code) AS status_code,
    error_message AS error,
    resource_tags
FROM
(
    SELECT *
    FROM tinybird.pipe_stats_rt
    WHERE error = 1 AND pipe_id != 'query_api' AND start_datetime >= now() - INTERVAL 30 DAY
)
