//! One round of the soak: a map with deaths, and whether everything that was said of it is true.

use std::collections::HashMap;

use ndarray::{Array2, ArrayView1};
use pasha::prelude::*;
use pasha::{CauseOfDeath, Death, ErrorKind};

use super::kernels::{count, reduce, write, write_run};
use super::stage::{ITEMS, Word, right, stage};
use crate::numbers::Random;

/// What arrays hold before the map; [`right`] is odd.
const FILL: u64 = 0x7E57_0000;

/// What accumulators hold before the map.
const BEFORE: u64 = 1_000_000;

/// Points of `pasha::__private::hooks`, in the order of their numbers here.
const POINTS: u64 = 5;

/// What came out of a round.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    pub(super) deaths: u64,
    /// Of workers in the middle of an item,
    pub(super) in_row: u64,
    /// and these named it.
    pub(super) named: u64,
    /// Rows that were found half written, in arrays that the map left so.
    pub(super) torn: u64,
    pub(super) done: u64,
    pub(super) wrong: Vec<String>,
    /// Without accumulators: items run again, and deaths.
    pub(super) again: u64,
    pub(super) deaths_alone: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Gather {
    Nothing,
    Runs,
    PerWorker,
    Reduce,
}

#[derive(Clone, Debug)]
struct Plan {
    round: u64,
    workers: usize,
    schedule: Schedule,
    on_death: OnDeath,
    gather: Gather,
    items: usize,
    columns: usize,
    bad: Option<usize>,
}

/// Makes a plan for a round; all of it follows from the seed.
fn plan(seed: u64, round: u64) -> Plan {
    let mut random = Random::new(seed << 32 ^ round);
    random.next();
    let workers = random.below(1..5) as usize;
    let schedule = if random.chance(25) { Schedule::Static } else { Schedule::Dynamic };
    let on_death = match random.below(0..10) {
        0..3 => OnDeath::Fail,
        3..7 => OnDeath::Retry(random.below(0..4) as u32),
        _ => OnDeath::Skip,
    };
    let gather = match random.below(0..4) {
        0 => Gather::Nothing,
        1 => Gather::Runs,
        2 => Gather::PerWorker,
        _ => Gather::Reduce,
    };
    let items = random.below(1..201) as usize;
    let columns = random.below(1..65) as usize;
    let stage = stage();
    stage.clear();
    stage.set(Word::Round, round);
    stage.set(Word::Cost, [0, 500, 5_000, 20_000][random.below(0..4) as usize]);
    if random.chance(40) {
        for _ in 0..random.below(1..4) {
            stage.make_deadly(random.below(0..items as u64) as usize, random.below(1..4));
        }
    }
    if random.chance(50) {
        stage.set(Word::Shots, random.below(1..4));
        stage.set(Word::Delay, [50, 300, 2_000][random.below(0..3) as usize]);
    }
    if random.chance(20) {
        stage.set(Word::Point, 1 + random.below(0..POINTS));
        stage.set(Word::Countdown, random.below(1..20));
    }
    let bad = random.chance(5).then(|| random.below(0..items as u64) as usize);
    stage.set(Word::Bad, bad.map_or(0, |bad| bad as u64 + 1));
    Plan { round, workers, schedule, on_death, gather, items, columns, bad }
}

/// Plays a round.
pub(super) fn play(seed: u64, round: u64, residents: bool) -> Outcome {
    let plan = plan(seed, round);
    let Plan { workers, schedule, on_death, gather, items, columns, .. } = plan;
    let builder = Context::processes().workers(workers).schedule(schedule).on_death(on_death);
    let builder = if residents { builder.resident() } else { builder };
    let ctx = builder.build().expect("a context of a few workers can be made");
    let mut rows = ctx.alloc::<u64>().shape((items, columns)).fill(FILL).build().expect("there is memory");
    let mut flat = ctx.alloc::<u64>().shape(items * columns).fill(FILL).build().expect("there is memory");
    let mut slots = ctx.alloc::<u64>().shape(ITEMS).fill(BEFORE).per_worker().build().expect("there is memory");
    let mut sums = ctx.alloc::<u64>().shape(ITEMS).fill(BEFORE).build().expect("there is memory");
    let mut last = ctx.alloc::<u64>().shape(()).fill(BEFORE).build().expect("there is memory");
    let offsets: Vec<usize> = (0..=items).map(|item| item * columns).collect();
    stage().add(Word::Ticket, 1);
    let result = match gather {
        Gather::Nothing => ctx.map(write { row: &mut rows }, 0..items),
        Gather::Runs => {
            let run = flat.ranges(&offsets).expect("the offsets ascend");
            ctx.map(write_run { run }, 0..items)
        }
        Gather::PerWorker => ctx.map(count { row: &mut rows, seen: &mut slots }, 0..items),
        Gather::Reduce => ctx.map(reduce { row: &mut rows, seen: &mut sums, last: &mut last }, 0..items),
    };
    let rows = match gather {
        Gather::Runs => Array2::from_shape_vec((items, columns), flat.to_vec()).expect("as many"),
        _ => rows.into_owned(),
    };
    let mut check = Check::new(plan);
    let done = match &result {
        Ok(report) => check.success(report, &rows),
        Err(error) => check.failure(error, &rows),
    };
    if let Ok(report) = &result {
        check.that(report.why_forked().is_none(), || format!("it was forked: {report}"));
    }
    match gather {
        Gather::PerWorker if result.is_ok() => {
            let before = BEFORE * workers as u64;
            check.counts(&done, |index| slots.column(index).sum() - before);
        }
        Gather::Reduce if result.is_ok() => {
            check.counts(&done, |index| sums[index]);
            let highest = done.iter().rposition(|done| *done).map_or(0, |index| index as u64 + 1);
            check.that(last[()] == highest, || format!("the highest item is {}, not {highest}", last[()]));
        }
        Gather::Reduce => {
            let kept = sums.iter().chain([&last[()]]).all(|value| *value == BEFORE);
            check.that(kept, || "an error changed the result of a reduction".to_owned());
        }
        _ => {}
    }
    check.outcome
}

struct Check {
    plan: Plan,
    outcome: Outcome,
}

impl Check {
    fn new(plan: Plan) -> Self {
        Self { plan, outcome: Outcome::default() }
    }

    fn that(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds && self.outcome.wrong.len() < 3 {
            let Plan { workers, schedule, on_death, gather, items, bad, .. } = &self.plan;
            let setting =
                format!("{workers} workers, {schedule:?}, {on_death:?}, {gather:?}, {items} items, bad {bad:?}");
            self.outcome.wrong.push(format!("{} ({setting})", otherwise()));
        }
    }

    /// Which items are done, by a report.
    fn success(&mut self, report: &pasha::Report, rows: &Array2<u64>) -> Vec<bool> {
        let kills = self.deaths(report.deaths());
        // Who is killed at the bad item cannot tell of it any more.
        let untold = self.plan.bad.is_none_or(|bad| report.skipped().contains(&bad));
        self.that(untold, || format!("the error of a kernel is lost, skipped {:?}", report.skipped()));
        let mut hurt: Vec<usize> = kills.keys().copied().collect();
        hurt.sort_unstable();
        let (skipped, retried) = match self.plan.on_death {
            OnDeath::Skip => (hurt, Vec::new()),
            _ => (Vec::new(), hurt),
        };
        self.that(report.skipped() == skipped, || format!("skipped {:?}, not {skipped:?}", report.skipped()));
        self.that(report.retried() == retried, || format!("retried {:?}, not {retried:?}", report.retried()));
        self.that(report.items() == self.plan.items, || format!("{} items", report.items()));
        let states =
            (0..self.plan.items).map(|index| if skipped.contains(&index) { State::Filled } else { State::Done });
        self.rows(&states.collect::<Vec<_>>(), rows)
    }

    /// Which items are done, by an error.
    fn failure(&mut self, error: &pasha::Error, rows: &Array2<u64>) -> Vec<bool> {
        let Plan { items, bad, on_death, .. } = self.plan;
        let kills = self.deaths(error.deaths());
        let expected = match error.kind() {
            ErrorKind::Kernel => bad.is_some() && error.index() == bad,
            ErrorKind::Died => on_death != OnDeath::Skip || error.index().is_none(),
            _ => false,
        };
        self.that(expected, || format!("an error that was not to be expected: {error}"));
        self.that(error.items() == items, || format!("an error of {} items", error.items()));
        let mut states = vec![State::Done; items];
        for index in error.undone().iter().cloned().flatten() {
            states[index] = State::Filled;
        }
        let given_up = |kills: u32| match on_death {
            OnDeath::Skip => true,
            OnDeath::Retry(times) => kills > times,
            _ => false,
        };
        for (index, _) in kills.iter().filter(|(_, kills)| given_up(**kills)) {
            let undone = states[*index] == State::Filled;
            self.that(!undone || error.torn().iter().any(|torn| torn.contains(index)), || {
                format!("{index} is given up on, and undone, too")
            });
            states[*index] = State::Filled;
        }
        let done = states.iter().filter(|state| **state == State::Done).count();
        self.that(error.done() == done, || format!("{} items are said to be done, not {done}: {error}", error.done()));
        for index in error.torn().iter().cloned().flatten() {
            self.that(states[index] == State::Filled, || format!("{index} is torn, but not undone: {error}"));
            states[index] = State::Torn;
        }
        self.rows(&states, rows)
    }

    /// How many workers each index has killed, by what is said of deaths; holds it against what was seen.
    fn deaths(&mut self, deaths: &[Death]) -> HashMap<usize, u32> {
        let mut kills = HashMap::new();
        for death in deaths {
            self.outcome.deaths += 1;
            if let Some(index) = death.index() {
                *kills.entry(index).or_default() += 1;
            }
            if let Some(index) = stage().inside(death.pid()) {
                self.outcome.in_row += 1;
                self.outcome.named += u64::from(death.index() == Some(index));
            }
            self.that(death.cause() == CauseOfDeath::Signal(9), || format!("not killed: {death}"));
        }
        if self.plan.on_death != OnDeath::Fail && matches!(self.plan.gather, Gather::Nothing | Gather::Runs) {
            let again = (0..self.plan.items).map(|index| stage().begun(index).saturating_sub(1)).sum();
            self.outcome.again = again;
            self.outcome.deaths_alone = deaths.len() as u64;
            self.that(again <= deaths.len() as u64, || format!("{again} items run again for {} deaths", deaths.len()));
        }
        kills
    }

    fn rows(&mut self, states: &[State], rows: &Array2<u64>) -> Vec<bool> {
        for (index, row) in rows.rows().into_iter().enumerate() {
            let (filled, right) = (is_filled(row), is_right(row, self.plan.round, index));
            let so = match states[index] {
                State::Done => right,
                State::Filled => filled,
                State::Torn => {
                    self.outcome.torn += u64::from(!filled && !right);
                    true
                }
            };
            let state = states[index];
            self.that(so, || {
                let found = if filled {
                    "filled"
                } else if right {
                    "right"
                } else {
                    "torn"
                };
                format!("row {index} should be {state:?}, and is {found}")
            });
        }
        let done: Vec<bool> = states.iter().map(|state| *state == State::Done).collect();
        self.outcome.done += done.iter().filter(|done| **done).count() as u64;
        done
    }

    /// Each item that is done counts once, and no other.
    fn counts(&mut self, done: &[bool], count: impl Fn(usize) -> u64) {
        for index in 0..ITEMS {
            let expected = u64::from(done.get(index).copied().unwrap_or(false));
            let counted = count(index);
            self.that(counted == expected, || format!("index {index} counts {counted} times, not {expected}"));
        }
    }
}

/// What a row should hold.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Done,
    Filled,
    Torn,
}

fn is_filled(row: ArrayView1<'_, u64>) -> bool {
    row.iter().all(|value| *value == FILL)
}

fn is_right(row: ArrayView1<'_, u64>, round: u64, index: usize) -> bool {
    row.iter().enumerate().all(|(column, value)| *value == right(round, index, column))
}
