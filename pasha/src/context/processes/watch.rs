//! The watch: what a host does about the ends of its workers, until the map is done.

use std::collections::HashMap;
use std::ops::Range;
use std::time::Instant;

use super::team::{Again, End, Team};
use crate::context::job::{Done, lowest};
use crate::death::{CauseOfDeath, Death, OnDeath};
use crate::error::{Error, ErrorKind, Progress, Result, Site};
use crate::share::{Board, Grave, Plan};

/// A worker that is replaced so often in a row, having died at no index and with nothing done in between, cannot begin.
const STRIKES: u32 = 3;

/// The last words of so many deaths are kept.
const QUOTED: usize = 100;

/// So many given up indices are named in an error.
const NAMED: usize = 10;

/// A map by processes, under way.
pub(super) struct Watch<'m, T> {
    team: T,
    board: Board<'m>,
    plan: Plan,
    on_death: OnDeath,
    /// Whether workers gather something that is lost with them.
    accumulates: bool,
    errors: Vec<Error>,
    deaths: Vec<Death>,
    /// How many workers each index has killed.
    kills: HashMap<usize, u32>,
    given_up: Vec<usize>,
    /// What dead workers wrote to without having done it.
    begun: Vec<Range<u32>>,
    /// Deaths between items in a row, for each worker, and how much was done before the last.
    strikes: HashMap<usize, (u32, usize)>,
}

impl<'m, T: Team> Watch<'m, T> {
    pub(super) fn over(team: T, board: Board<'m>, plan: Plan, on_death: OnDeath, accumulates: bool) -> Self {
        Self {
            board,
            team,
            plan,
            on_death,
            accumulates,
            errors: Vec::new(),
            deaths: Vec::new(),
            kills: HashMap::new(),
            given_up: Vec::new(),
            begun: Vec::new(),
            strikes: HashMap::new(),
        }
    }

    /// Starts the workers, and watches until there are none and nothing is left to do.
    pub(super) fn run(mut self) -> Result<Done> {
        let error = match self.watch() {
            Ok(()) => return self.result(),
            Err(error) => error,
        };
        // Whoever made the error knows best what it is about.
        if error.items() > 0 { Err(error) } else { Err(self.end_with(error)) }
    }

    fn watch(&mut self) -> Result<()> {
        self.team.start(self.plan.starters().map(|worker| (worker, Again::default())))?;
        let mut ends = Vec::new();
        // How much was left to do, and how many had died, when all workers had left before.
        let mut left = (usize::MAX, 0);
        loop {
            self.take(ends)?;
            if self.team.is_empty() {
                // A worker that failed at no index did not do its part, and another one would not either.
                if self.errors.iter().any(|error| error.index().is_none()) {
                    return Ok(());
                }
                // Whoever ended with a word has counted what it did. The ledger of a large map takes its time.
                if self.deaths.is_empty() && self.board.done() == self.plan.items {
                    return Ok(());
                }
                // What died on its way from one worker to another is nobody's.
                let undone = self.board.gather();
                let units = undone.iter().map(ExactSizeIterator::len).sum();
                if units == 0 {
                    return Ok(());
                }
                if units >= left.0 && self.deaths.len() == left.1 {
                    return Err(lost(units));
                }
                left = (units, self.deaths.len());
                let mut again = Again { units: undone, anew: false };
                let helpers = 0..self.plan.workers.min(units);
                self.team.start(helpers.map(|worker| (worker, std::mem::take(&mut again))))?;
            } else if self.plan.limits.until.is_some_and(|(until, _)| until <= Instant::now()) {
                return Err(self.out_of_time());
            }
            ends = self.team.watch(self.plan.limits)?;
        }
    }

    /// Notes how some workers ended. If any died, others take over, if that is wanted.
    fn take(&mut self, ends: Vec<(usize, u32, End)>) -> Result<()> {
        let mut died = Vec::new();
        for (worker, pid, end) in ends {
            match end {
                End::Part(Ok(())) => self.board.leave(worker),
                End::Part(Err(failure)) => {
                    self.board.leave(worker);
                    // The worker says so, too, unless it died on the way.
                    failure.index.into_iter().for_each(|index| self.board.fail_at(index));
                    self.errors.push(failure.into_error(worker, Some(pid)));
                }
                End::Death(death) => died.push(death),
            }
        }
        if died.is_empty() {
            return Ok(());
        }
        let mut fatal = None;
        let mut taken_over = Vec::new();
        for death in died {
            if !self.goes_on(&death) && fatal.is_none() {
                fatal = Some(death.clone());
            }
            let Grave { again, begun } = self.board.bury(death.worker, self.accumulates);
            self.begun.extend(begun);
            taken_over.push((death.worker, Again { units: again, anew: self.accumulates }));
            self.keep(death);
        }
        if let Some(death) = fatal {
            return Err(self.failed(&death));
        }
        // Somebody has to bring lost accumulators back to what they were, even if nothing else is left to do.
        let wanted = |again: &Again| self.accumulates || !again.units.is_empty() || self.board.has_unclaimed();
        taken_over.retain(|(_, again)| wanted(again));
        self.team.start(taken_over)?;
        Ok(())
    }

    /// Keeps a death for the report; the last words of the first ones only.
    fn keep(&mut self, mut death: Death) {
        if self.deaths.len() >= QUOTED {
            death.stderr = String::new();
        }
        self.deaths.push(death);
    }

    /// Whether the map can go on after a death, and without its index if it must.
    fn goes_on(&mut self, death: &Death) -> bool {
        let most = match self.on_death {
            OnDeath::Fail => return false,
            OnDeath::Retry(times) => times,
            OnDeath::Skip => 0,
        };
        match death.index() {
            None if death.late => true,
            None => {
                // What a worker does with an accumulator does not last if it dies.
                let done = if self.accumulates { 0 } else { self.board.done_by(death.worker) };
                let (row, before) = self.strikes.entry(death.worker).or_insert((0, done));
                *row = if *before == done { *row + 1 } else { 1 };
                *before = done;
                *row <= STRIKES
            }
            Some(index) => {
                self.strikes.remove(&death.worker);
                let kills = self.kills.entry(index).or_default();
                *kills += 1;
                if *kills > most {
                    self.board.give_up(index);
                    self.given_up.push(index);
                }
                true
            }
        }
    }

    fn result(mut self) -> Result<Done> {
        self.given_up.sort_unstable();
        let retried = self.kills.keys().copied().filter(|index| self.given_up.binary_search(index).is_err());
        let mut retried: Vec<usize> = retried.collect();
        retried.sort_unstable();
        if self.on_death != OnDeath::Skip && !self.given_up.is_empty() {
            let error = self.gave_up();
            self.errors.push(error);
        }
        match lowest(std::mem::take(&mut self.errors)) {
            Some(error) => Err(error.after(self.progress())),
            None => Ok(Done {
                workers: self.board.report(),
                deaths: self.deaths,
                skipped: self.given_up,
                retried,
                why_forked: None,
            }),
        }
    }

    /// Ends all workers; gives those that were at an index, which, and their pids.
    fn end(&mut self) -> Vec<(usize, usize, u32)> {
        let workers = self.team.end();
        let at = |(worker, pid)| Some((worker, self.board.index_of(worker)?, pid));
        let at = workers.iter().copied().filter_map(at).collect();
        for (worker, _) in workers {
            self.begun.extend(self.board.bury(worker, false).begun);
        }
        at
    }

    fn end_with(&mut self, error: Error) -> Error {
        self.end();
        error.after(self.progress())
    }

    /// How far the map came, when nobody works any more.
    fn progress(&mut self) -> Progress {
        Progress {
            done: self.board.done(),
            items: self.plan.items,
            undone: self.board.undone_indices(),
            torn: self.board.undone_among(std::mem::take(&mut self.begun)),
            given_up: std::mem::take(&mut self.given_up),
            deaths: std::mem::take(&mut self.deaths),
        }
    }

    fn failed(&mut self, death: &Death) -> Error {
        let Death { worker, pid, .. } = *death;
        self.end();
        let (done, items) = (self.board.done(), self.plan.items);
        let advice = match (self.on_death, death.run.len()) {
            (OnDeath::Fail, 0) => "",
            (OnDeath::Fail, 1) => "; with `on_death` such items can be retried or left out",
            (OnDeath::Fail, _) => "; with `on_death` such an item is found, and can be retried or left out",
            _ => "; so did those that took its place",
        };
        let error = Error::new(kind(death), format!("{death}; {done} of {items} items were done{advice}"));
        if !death.run.is_empty() {
            self.errors.retain(|error| error.index().is_some_and(|index| index < death.run.start));
        }
        self.errors.push(error.at(Site { worker: Some(worker), index: death.index(), pid: Some(pid) }));
        let error = lowest(std::mem::take(&mut self.errors)).expect("one was just added");
        error.after(self.progress())
    }

    fn gave_up(&self) -> Error {
        let (done, items) = (self.board.done(), self.plan.items);
        let first = self.given_up[0];
        let last = self.deaths.iter().rfind(|death| death.index() == Some(first));
        let (worker, pid) = last.map_or((None, None), |death| (Some(death.worker), Some(death.pid)));
        let times = self.kills.get(&first).copied().unwrap_or(0);
        let mut message = format!("index {first} was given up on after {times} deaths");
        if let Some(death) = last {
            message += &format!(", the last: {death}");
        }
        if let [_, others @ ..] = &*self.given_up
            && !others.is_empty()
        {
            let named: Vec<String> = others.iter().take(NAMED).map(usize::to_string).collect();
            let more = if others.len() > NAMED { ", …" } else { "" };
            message += &format!("; so were {} more ({}{more})", others.len(), named.join(", "));
        }
        message += &format!("; {done} of {items} items were done");
        Error::new(last.map_or(ErrorKind::Died, kind), message).at(Site { worker, index: Some(first), pid })
    }

    fn out_of_time(&mut self) -> Error {
        let at = self.end();
        let (done, items) = (self.board.done(), self.plan.items);
        let limit = self.plan.limits.until.map_or_else(String::new, |(_, limit)| format!(" the {limit:?}"));
        let places: Vec<String> = at
            .iter()
            .take(NAMED)
            .map(|(worker, index, pid)| format!("worker {worker} (pid {pid}) at index {index}"))
            .collect();
        let places = if places.is_empty() { String::new() } else { format!(" ({})", places.join(", ")) };
        let site = match *at {
            [(worker, index, pid), ..] => Site { worker: Some(worker), index: Some(index), pid: Some(pid) },
            [] => Site::default(),
        };
        let message = format!(
            "the map took longer than{limit} allowed, and its workers were killed{places}; {done} of {items} items were done"
        );
        Error::new(ErrorKind::Deadline, message).at(site).after(self.progress())
    }
}

/// An item that took too long is that, whoever has noticed it.
fn kind(death: &Death) -> ErrorKind {
    match death.cause {
        CauseOfDeath::Deadline(_) => ErrorKind::Deadline,
        _ => ErrorKind::Died,
    }
}

fn lost(units: usize) -> Error {
    let message =
        format!("{units} items are still not done after all workers have left, twice: this is a bug of pasha");
    Error::new(ErrorKind::System, message)
}
