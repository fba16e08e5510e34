use super::{Append, Asked, Operation, Recorder, tables};
use crate::jobs::Jobs;
use crate::workspace::Workspace;
use crate::workspace::tests::{sql, workspace};
use serde_json::json;
use tile_base::Error;

/// The time of the workspaces of these checks, in seconds.
const NOW_S: i64 = 1_700_000_000;

fn asked(pipe: &str, at: i64) -> Asked {
    Asked {
        start_datetime: at,
        pipe_name: pipe.into(),
        pipe_id: pipe.into(),
        duration: 0.5,
        ..Asked::default()
    }
}

fn count(w: &Workspace, table: &str) -> String {
    sql(w, &format!("SELECT count() AS n FROM tinybird.{table}"))
}

#[test]
fn every_service_data_source_can_be_read() {
    assert_eq!(tables::faults(), [] as [&str; 0]);
    assert_eq!(tables::names().len(), 20);
    let w = workspace();
    for name in tables::names() {
        let found = sql(&w, &format!("SELECT count() AS n FROM {name}"));
        assert_eq!(found, "{\"n\":0}\n", "{name}");
    }
}

#[test]
fn rows_are_seen_when_they_are_stored() {
    let (w, recorder, jobs) = (workspace(), Recorder::default(), Jobs::default());
    assert!(recorder.is_idle());
    recorder.asked(&asked("top", NOW_S));
    let mut failed = Operation::new("copy", ("t_1", "daily")).failed(&Error::invalid("no such table"));
    failed.timestamp = NOW_S;
    recorder.operation(&failed);
    let append = Append { requests: 2, rows: 3, quarantined: 1, ..Append::default() };
    recorder.append(w.now_us(), "t_1", append.clone());
    recorder.append(w.now_us(), "t_1", append);
    assert_eq!(count(&w, "pipe_stats_rt"), "{\"n\":0}\n");
    recorder.store(&w, &jobs, false).unwrap();
    assert!(recorder.is_idle());
    assert_eq!(count(&w, "pipe_stats_rt"), "{\"n\":1}\n");
    let stats = "SELECT date, view_count, avgMerge(avg_duration_state) AS mean FROM tinybird.pipe_stats GROUP BY 1, 2";
    assert_eq!(sql(&w, stats), "{\"date\":\"2023-11-14 00:00:00\",\"view_count\":1,\"mean\":0.5}\n");
    let log = "SELECT event_type, result, error, rows, rows_quarantine FROM tinybird.datasources_ops_log ORDER BY 1";
    assert_eq!(
        sql(&w, log),
        "{\"event_type\":\"append-hfi\",\"result\":\"ok\",\"error\":null,\"rows\":6,\"rows_quarantine\":2}\n\
         {\"event_type\":\"copy\",\"result\":\"error\",\"error\":\"no such table\",\"rows\":null,\"rows_quarantine\":null}\n"
    );
    assert_eq!(
        sql(&w, "SELECT successful_requests, rows_total FROM tinybird.hfi_requests"),
        "{\"successful_requests\":4,\"rows_total\":8}\n"
    );
}

#[test]
fn what_comes_above_the_bound_is_dropped() {
    let (w, recorder, jobs) = (workspace(), Recorder::default(), Jobs::default());
    let long = Asked { error_message: Some("x".repeat(1 << 20)), ..asked("top", NOW_S) };
    for _ in 0..20 {
        recorder.asked(&long);
    }
    recorder.store(&w, &jobs, false).unwrap();
    assert_eq!(count(&w, "pipe_stats_rt"), "{\"n\":8}\n");
    recorder.asked(&asked("top", NOW_S));
    recorder.store(&w, &jobs, false).unwrap();
    assert_eq!(count(&w, "pipe_stats_rt"), "{\"n\":9}\n");
}

#[test]
fn old_rows_go() {
    let (w, recorder, jobs) = (workspace(), Recorder::default(), Jobs::default());
    let put = |days: i64| {
        recorder.asked(&asked("top", NOW_S - days * 24 * 3600));
    };
    recorder.asked(&asked("top", NOW_S));
    recorder.store(&w, &jobs, false).unwrap();
    put(91);
    put(89);
    recorder.store(&w, &jobs, false).unwrap();
    assert_eq!(count(&w, "pipe_stats_rt"), "{\"n\":3}\n");
    // A process that begins looks after it.
    let other = Recorder::default();
    other.asked(&asked("top", NOW_S));
    other.store(&w, &jobs, false).unwrap();
    assert_eq!(count(&w, "pipe_stats_rt"), "{\"n\":3}\n");
}

#[test]
fn a_job_has_one_row_with_its_last_state() {
    let (w, recorder, jobs) = (workspace(), Recorder::default(), Jobs::default());
    let job = || sql(&w, "SELECT job_id, status, error, datasource_id FROM tinybird.jobs_log ORDER BY 1");
    let more = json!({"datasource": {"id": "t_1"}});
    jobs.begin("a".into(), "import", more, w.now_us()).unwrap();
    recorder.store(&w, &jobs, false).unwrap();
    assert_eq!(job(), "{\"job_id\":\"a\",\"status\":\"working\",\"error\":null,\"datasource_id\":\"t_1\"}\n");
    jobs.end("a", Err(Error::invalid("no")), w.now_us());
    jobs.begin("b".into(), "copy", json!({}), w.now_us()).unwrap();
    recorder.store(&w, &jobs, false).unwrap();
    assert_eq!(
        job(),
        "{\"job_id\":\"a\",\"status\":\"error\",\"error\":\"no\",\"datasource_id\":\"t_1\"}\n\
         {\"job_id\":\"b\",\"status\":\"working\",\"error\":null,\"datasource_id\":null}\n"
    );
    // The next process does not know it.
    let (other, none) = (Recorder::default(), Jobs::default());
    other.asked(&asked("top", NOW_S));
    other.store(&w, &none, false).unwrap();
    assert!(
        job().contains("\"job_id\":\"b\",\"status\":\"error\",\"error\":\"The server was stopped\""),
        "{}",
        job()
    );
}

#[test]
fn nothing_is_written_when_nothing_happened() {
    let (w, recorder, jobs) = (workspace(), Recorder::default(), Jobs::default());
    let blocked = std::sync::mpsc::channel();
    // A transaction that is open would keep a second one waiting for ever.
    w.engine()
        .write(&mut |t| {
            t.query("SELECT 1")?;
            recorder.store(&w, &jobs, false)?;
            blocked.0.send(()).map_err(|e| Error::internal(e.to_string()))
        })
        .unwrap();
    blocked.1.try_recv().unwrap();
}
