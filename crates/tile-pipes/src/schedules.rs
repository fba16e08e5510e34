//! What is remembered of schedules: which of their times have passed, and whether they are paused. And when one is due. Pure but for
//! the documents; knows no runtime.
//!
//! Times that pass while the server is down, or while the clock jumps forward, are made up for by one run. Times that pass while a
//! schedule is paused are not.

use crate::datafile::cron;
use crate::workspace::{Workspace, store};
use croner::Cron;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tile_base::{Result, SqlEngine, Transaction};

const DOCUMENT: &str = "schedule";
/// A clock that is further behind a time that has passed has been wrong before.
const BEHIND_US_MAX: i64 = 24 * 3600 * 1_000_000;

/// What is remembered of the schedule of a pipe.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The schedule that it was of: another one begins anew.
    pub cron: String,
    /// All times up to this one have passed: they were run, failed, or are not to be run.
    pub settled_us: i64,
    pub is_paused: bool,
}

/// The schedules of a workspace, by the ids of their pipes.
#[derive(Default)]
pub struct Schedules {
    held: RwLock<BTreeMap<String, State>>,
    /// Pipes of which a time of the schedule is being run.
    running: Mutex<BTreeSet<String>>,
}

impl Schedules {
    /// As an engine remembers them.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn open(engine: &dyn SqlEngine) -> Result<Self> {
        let held = store::all(engine, DOCUMENT)?.into_iter().collect();
        Ok(Self { held: RwLock::new(held), running: Mutex::default() })
    }

    pub fn get(&self, pipe: &str) -> State {
        self.held.read().get(pipe).cloned().unwrap_or_default()
    }

    fn set(&self, pipe: &str, state: State) {
        self.held.write().insert(pipe.to_owned(), state);
    }

    /// Remembers, within a transaction, that the times up to one have passed. Holds also when the transaction fails then: what
    /// cannot be stored is not tried again and again.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn settle(&self, t: &dyn Transaction, pipe: &str, cron: &str, due_us: i64) -> Result<()> {
        let old = self.get(pipe);
        let state = State { cron: cron.to_owned(), settled_us: due_us, ..old };
        self.set(pipe, state.clone());
        store::put(t, DOCUMENT, pipe, &state)
    }

    /// The same in a transaction of its own. It changes no rows, so it throws away no results.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn settle_alone(&self, engine: &dyn SqlEngine, pipe: &str, cron: &str, due_us: i64) -> Result<()> {
        engine.write(&mut |t| self.settle(t, pipe, cron, due_us))
    }

    /// Pauses, or goes on with the times to come.
    ///
    /// # Errors
    /// Those of the engine; then it is as it was.
    pub fn pause(&self, workspace: &Workspace, pipe: &str, cron: &str, is_paused: bool) -> Result<()> {
        workspace.engine().write(&mut |t| {
            let old = self.get(pipe);
            let now_us = workspace.now_us();
            // What came while it was paused is not made up for.
            let settled_us = if is_paused { old.settled_us } else { now_us };
            // One that has never run begins with its deployment, which only a state without a schedule does.
            let cron = if old.cron.is_empty() && is_paused { "" } else { cron };
            let state = State { cron: cron.to_owned(), settled_us, is_paused };
            self.set(pipe, state.clone());
            let put = store::put(t, DOCUMENT, pipe, &state);
            if put.is_err() {
                self.set(pipe, old);
            }
            put
        })
    }

    /// The right to run a time of a pipe's schedule; none while another has it.
    pub fn claim(self: &Arc<Self>, pipe: &str) -> Option<Claim> {
        let is_free = self.running.lock().insert(pipe.to_owned());
        is_free.then(|| Claim { schedules: self.clone(), pipe: pipe.to_owned() })
    }
}

/// Given back when it is dropped.
pub struct Claim {
    schedules: Arc<Schedules>,
    pipe: String,
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.schedules.running.lock().remove(&self.pipe);
    }
}

/// What is to be done about a schedule now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    Nothing,
    /// The newest time that has come; those before it are made up for with it.
    Run(i64),
    /// The clock has gone back by more than a day: times count from now on.
    Anew(i64),
}

/// What is due at a time, of a schedule that was deployed `since_us`.
pub fn due(state: &State, text: &str, since_us: i64, now_us: i64) -> Due {
    let Some(cron) = cron(text).filter(|_| !state.is_paused) else { return Due::Nothing };
    let is_same = state.cron == text;
    let settled_us = if is_same { state.settled_us } else { state.settled_us.max(since_us) };
    if settled_us > now_us.saturating_add(BEHIND_US_MAX) {
        return Due::Anew(now_us);
    }
    match newest(&cron, now_us) {
        Some(time) if time > settled_us => Due::Run(time),
        _ => Due::Nothing,
    }
}

/// The newest time of a schedule up to now.
fn newest(cron: &Cron, now_us: i64) -> Option<i64> {
    let now = Timestamp::from_microsecond(now_us).ok()?.to_zoned(TimeZone::UTC);
    Some(cron.find_previous_occurrence(&now, true).ok()?.timestamp().as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE: i64 = 60_000_000;
    const START: i64 = 1_700_000_000_000_000;

    #[test]
    fn a_schedule_begins_with_its_deployment_and_makes_up_once() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_microsecond();
        let since = at("2024-03-01T10:17:00Z");
        let mut state = State::default();
        let hourly = "5 * * * *";
        assert_eq!(due(&state, hourly, since, at("2024-03-01T11:04:59Z")), Due::Nothing);
        let run = at("2024-03-01T11:05:00Z");
        assert_eq!(due(&state, hourly, since, run), Due::Run(run));
        state = State { cron: hourly.into(), settled_us: run, is_paused: false };
        // Down for a day: one run, for the newest time.
        assert_eq!(
            due(&state, hourly, since, at("2024-03-02T11:06:00Z")),
            Due::Run(at("2024-03-02T11:05:00Z"))
        );
        // Another schedule begins with its own deployment.
        assert_eq!(
            due(&state, "10 * * * *", at("2024-03-01T11:12:00Z"), at("2024-03-01T11:20:00Z")),
            Due::Nothing
        );
        state.is_paused = true;
        assert_eq!(due(&state, hourly, since, at("2024-03-02T11:06:00Z")), Due::Nothing);
        // Back by hours: nothing is done twice. Back by days: it goes on from there.
        let state = State { cron: hourly.into(), settled_us: at("2024-03-05T11:05:00Z"), is_paused: false };
        assert_eq!(due(&state, hourly, since, at("2024-03-05T02:00:00Z")), Due::Nothing);
        let now = at("2024-03-01T02:00:00Z");
        assert_eq!(due(&state, hourly, since, now), Due::Anew(now));
    }

    #[test]
    fn what_is_remembered_of_schedules_throws_away_no_results() {
        let workspace = crate::workspace::tests::workspace();
        let schedules = Schedules::open(workspace.engine().as_ref()).unwrap();
        let version = workspace.versions().of(&[]);
        schedules.settle_alone(workspace.engine().as_ref(), "p", "* * * * *", START).unwrap();
        schedules.pause(&workspace, "p", "* * * * *", true).unwrap();
        assert_eq!(workspace.versions().of(&[]), version);
        let again = Schedules::open(workspace.engine().as_ref()).unwrap().get("p");
        assert_eq!(again, State { cron: "* * * * *".into(), settled_us: START, is_paused: true });
    }

    proptest! {
        /// However the clock jumps, no time is run twice while it does not go back by days, and runs are no more than looks.
        #[test]
        fn no_time_is_run_twice(jumps in prop::collection::vec(-600_i64..900, 1..60), every in 1_u32..30) {
            let text = format!("*/{every} * * * *");
            let (mut state, mut now) = (State::default(), START);
            let mut ran = Vec::new();
            for jump in jumps {
                now += jump * MINUTE / 10;
                match due(&state, &text, START, now) {
                    Due::Run(time) => {
                        prop_assert!(time <= now && time > START);
                        ran.push(time);
                        state = State { cron: text.clone(), settled_us: time, is_paused: false };
                    }
                    Due::Anew(_) => prop_assert!(false, "the clock never went back by a day"),
                    Due::Nothing => {}
                }
            }
            prop_assert!(ran.is_sorted_by(|a, b| a < b));
        }
    }
}
