//! The watch: what a host does about the ends of its workers, until the map is done.

use std::collections::HashMap;
use std::time::Instant;

use super::team::{Again, End, Team};
use crate::context::job::{Done, lowest};
use crate::death::{Death, OnDeath};
use crate::error::{Error, ErrorKind, Progress, Result, Site};
use crate::share::{Board, Plan};

/// A worker that dies so often in a row, at no index and with nothing done in between, cannot begin.
const STRIKES: u32 = 3;

/// So many given up indices are named in an error.
const NAMED: usize = 10;

/// A map by processes, under way.
pub(super) struct Watch<'m> {
    team: Team<'m>,
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
    /// Deaths between items in a row, and how much was done before them.
    strikes: (u32, usize),
}

impl<'m> Watch<'m> {
    pub(super) fn over(team: Team<'m>, plan: Plan, on_death: OnDeath, accumulates: bool) -> Self {
        Self {
            board: team.board,
            team,
            plan,
            on_death,
            accumulates,
            errors: Vec::new(),
            deaths: Vec::new(),
            kills: HashMap::new(),
            given_up: Vec::new(),
            strikes: (0, 0),
        }
    }

    /// Starts the workers, and watches until there are none and nothing is left to do.
    pub(super) fn run(mut self) -> Result<Done> {
        self.team.start(self.plan.starters().map(|worker| (worker, Again::default())))?;
        self.board.open();
        let mut ends = self.team.see_begin()?;
        let mut left = usize::MAX;
        loop {
            for (worker, pid, end) in ends {
                self.take(worker, pid, end)?;
            }
            if self.team.members.is_empty() {
                // What died on its way from one worker to another is nobody's.
                let undone = self.board.undone();
                let units = undone.iter().map(ExactSizeIterator::len).sum();
                match units {
                    0 => return self.result(),
                    _ if units >= left => return Err(self.lost(units)),
                    _ => left = units,
                }
                let mut again = Again { units: undone, anew: false };
                let helpers = 0..self.plan.workers.min(units);
                self.team.start(helpers.map(|worker| (worker, std::mem::take(&mut again))))?;
            } else if self.plan.limits.until.is_some_and(|(until, _)| until <= Instant::now()) {
                return Err(self.out_of_time());
            }
            ends = self.team.watch(self.plan.limits)?;
        }
    }

    fn take(&mut self, worker: usize, pid: u32, end: End) -> Result<()> {
        match end {
            End::Part(Ok(())) => self.board.leave(worker),
            End::Part(Err(failure)) => {
                self.board.leave(worker);
                self.errors.push(failure.into_error(worker, Some(pid)));
            }
            End::Death(death) => self.replace(death)?,
        }
        Ok(())
    }

    /// Has another worker take over from a dead one, if that is wanted.
    fn replace(&mut self, death: Death) -> Result<()> {
        let worker = death.worker;
        match (self.on_death, death.index) {
            (OnDeath::Fail, _) => return Err(self.failed(death)),
            (_, None) => {
                let done = self.board.done();
                let row = if self.strikes.1 == done { self.strikes.0 + 1 } else { 1 };
                self.strikes = (row, done);
                if row > STRIKES {
                    return Err(self.failed(death));
                }
            }
            (on_death, Some(index)) => {
                let kills = self.kills.entry(index).or_default();
                *kills += 1;
                let most = if let OnDeath::Retry(times) = on_death { times } else { 0 };
                if *kills > most {
                    self.board.give_up(index);
                    self.given_up.push(index);
                }
            }
        }
        self.deaths.push(death);
        let units = self.board.bury(worker, self.accumulates);
        // Somebody has to bring lost accumulators back to what they were, even if nothing else is left to do.
        if self.accumulates || !self.board.undone().is_empty() {
            self.team.start([(worker, Again { units, anew: self.accumulates })])?;
        }
        Ok(())
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
            Some(error) => Err(error.after(self.progress(Vec::new()))),
            None => Ok(Done { workers: self.board.report(), deaths: self.deaths, skipped: self.given_up, retried }),
        }
    }

    /// Ends all workers; gives the indices they were at.
    fn end(&mut self) -> Vec<(usize, usize)> {
        let workers = self.team.end();
        let at = workers.iter().filter_map(|worker| Some((*worker, self.board.index_of(*worker)?))).collect();
        workers.into_iter().for_each(|worker| drop(self.board.bury(worker, false)));
        at
    }

    fn progress(&mut self, torn: Vec<usize>) -> Progress {
        Progress {
            done: self.board.done(),
            items: self.plan.items,
            undone: self.board.undone_indices(),
            torn,
            given_up: std::mem::take(&mut self.given_up),
            deaths: std::mem::take(&mut self.deaths),
        }
    }

    fn failed(&mut self, death: Death) -> Error {
        let Death { worker, pid, index, .. } = death;
        let at = self.end();
        self.board.bury(worker, false);
        let (done, items) = (self.board.done(), self.plan.items);
        let advice = match (self.on_death, index) {
            (OnDeath::Fail, Some(_)) => "; with `on_death` such items can be retried or left out",
            (OnDeath::Fail, None) => "",
            _ => "; so did those that took its place",
        };
        let error = Error::new(ErrorKind::Died, format!("{death}; {done} of {items} items were done{advice}"));
        self.deaths.push(death);
        let torn = index.into_iter().chain(at.into_iter().map(|(_, index)| index)).collect();
        error.at(Site { worker: Some(worker), index, pid: Some(pid) }).after(self.progress(torn))
    }

    fn gave_up(&self) -> Error {
        let (done, items) = (self.board.done(), self.plan.items);
        let first = self.given_up[0];
        let last = self.deaths.iter().rfind(|death| death.index == Some(first));
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
        Error::new(ErrorKind::Died, message).at(Site { worker, index: Some(first), pid })
    }

    fn out_of_time(&mut self) -> Error {
        let at = self.end();
        let (done, items) = (self.board.done(), self.plan.items);
        let limit = self.plan.limits.until.map_or_else(String::new, |(_, limit)| format!(" the {limit:?}"));
        let places: Vec<String> =
            at.iter().take(NAMED).map(|(worker, index)| format!("worker {worker} at index {index}")).collect();
        let places = if places.is_empty() { String::new() } else { format!(" ({})", places.join(", ")) };
        let site = match *at {
            [(worker, index), ..] => Site { worker: Some(worker), index: Some(index), pid: None },
            [] => Site::default(),
        };
        let message = format!(
            "the map took longer than{limit} allowed, and its workers were killed{places}; {done} of {items} items were done"
        );
        let torn = at.into_iter().map(|(_, index)| index).collect();
        Error::new(ErrorKind::Deadline, message).at(site).after(self.progress(torn))
    }

    fn lost(&mut self, units: usize) -> Error {
        let message =
            format!("{units} items are still not done after all workers have left, twice: this is a bug of pasha");
        Error::new(ErrorKind::System, message).after(self.progress(Vec::new()))
    }
}
