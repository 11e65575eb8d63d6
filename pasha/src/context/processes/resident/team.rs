//! A team of resident workers, seen from their host.

use std::time::{Duration, Instant};

use super::desk::{Desk, Standing};
use super::mission::{Mission, Role};
use super::zygote::{ANSWER, Zygote, ended};
use crate::context::processes::Words;
use crate::context::processes::outbox::Outbox;
use crate::context::processes::team::{Again, End, GRACE, Last, Protected, Pulse, Team, patience};
use crate::error::{Error, ErrorKind, Result};
use crate::share::{Board, Limits};
use crate::sys::memory::{self, Span};
use crate::sys::parcel::{Errand, Parcel};
use crate::sys::process::Pidfd;
use crate::sys::reserve::{Reserve, Room};

/// How soon it is noticed that the zygote is gone.
const LOOK: Duration = Duration::from_millis(10);

/// A map that is over within this time wakes nobody.
const SHORT: Duration = Duration::from_micros(4);

/// Looks at workers between two looks at the clock.
const LOOKS: usize = 64;

/// The resident workers, at one map.
pub(super) struct Residents<'m> {
    pub(super) zygote: &'m Zygote,
    pub(super) desk: Desk<'m>,
    pub(super) parcel: Parcel<'m>,
    pub(super) errand: Errand,
    pub(super) board: Board<'m>,
    pub(super) outboxes: &'m [Words],
    pub(super) writable: &'m [Span],
    /// Those of them whose memory nobody has asked for.
    pub(super) fresh: &'m [Span],
    pub(super) called: Vec<Called<'m>>,
    /// The last call.
    pub(super) generation: u64,
    pub(super) mission: Option<&'m Mission<'m>>,
    /// Whether somebody may be awake, so that the others need not be woken at once.
    pub(super) may_sleep: bool,
    /// Whether somebody sleeps who was called, and is not woken yet.
    pub(super) lets_sleep: bool,
    /// When the host last looked around.
    pub(super) looked: Instant,
    /// How long to wait awake.
    pub(super) awake: Duration,
}

/// A worker that was called.
pub(super) struct Called<'m> {
    role: Role<'m>,
    generation: u64,
    /// The process that was seen at it.
    pid: Option<u32>,
    pulse: Pulse,
}

impl Team for Residents<'_> {
    fn start(&mut self, workers: impl IntoIterator<Item = (usize, Again)>) -> Result<()> {
        let (generation, before) = (self.desk.next(), self.mission);
        let earlier = self.called.len();
        for (worker, Again { units, anew }) in workers {
            Outbox(&self.outboxes[worker]).empty();
            let role = Role { worker, again: self.parcel.keep(&units).ok_or_else(too_much)?, anew };
            self.called.push(Called { role, generation, pid: None, pulse: Pulse::default() });
        }
        if self.called.len() == earlier {
            return Ok(());
        }
        // A worker joins the latest call. Who has not joined an earlier one yet is called again, to do the same.
        for called in &mut self.called[..earlier] {
            if self.desk.shut(called.role.worker, called.generation) {
                called.generation = generation;
            }
        }
        let named: Vec<Role<'_>> = match before {
            None => Vec::new(),
            Some(_) => {
                self.called.iter().filter(|called| called.generation == generation).map(|called| called.role).collect()
            }
        };
        let named = self.parcel.keep(&named).ok_or_else(too_much)?;
        let Self { errand, board, outboxes, writable, fresh, .. } = *self;
        let mission = Mission { generation, before, errand, board, outboxes, writable, fresh, roles: named };
        let [mission] = self.parcel.keep(&[mission]).ok_or_else(too_much)? else { unreachable!("one was put in") };
        (self.generation, self.mission) = (generation, Some(mission));
        let somebody_sleeps = self.desk.call(generation, std::ptr::from_ref(mission).addr());
        // A short map is over before they would come. But who is called for the second time in a map is needed.
        self.lets_sleep = somebody_sleeps && self.may_sleep && before.is_none() && !self.awake.is_zero();
        if somebody_sleeps && !self.lets_sleep {
            self.desk.wake();
        }
        Ok(())
    }

    fn is_empty(&self) -> bool {
        self.called.is_empty()
    }

    fn watch(&mut self, limits: Limits) -> Result<Vec<(usize, u32, End)>> {
        let (mut since, mut looks) = (None, 0);
        loop {
            // Who waits awake leaves the bell to those who ring it.
            let heard = self.awake.is_zero().then(|| self.desk.heard());
            let ends = self.ends();
            if !ends.is_empty() || self.called.is_empty() {
                return Ok(ends);
            }
            let Some(heard) = heard else {
                let awake = if self.lets_sleep { SHORT } else { self.awake };
                looks += self.called.len();
                if looks < LOOKS || since.get_or_insert_with(Instant::now).elapsed() < awake {
                    looks %= LOOKS;
                    std::hint::spin_loop();
                    continue;
                }
                self.awake = Duration::ZERO;
                continue;
            };
            if std::mem::take(&mut self.lets_sleep) {
                // They take their time, which somebody else may use.
                self.desk.wake();
            }
            let patience = patience(limits, self.called.iter().map(|called| &called.pulse)).min(LOOK);
            self.desk.listen(heard, patience);
            // Others may ring all the time.
            if self.desk.heard() == heard || self.looked.elapsed() > patience {
                self.looked = Instant::now();
                return self.look_around(limits);
            }
        }
    }

    fn end(&mut self) -> Vec<(usize, u32)> {
        let called = std::mem::take(&mut self.called);
        let pid =
            |called: Called<'_>| (called.role.worker, called.pid.unwrap_or_else(|| self.desk.pid(called.role.worker)));
        let workers = called.into_iter().map(pid).collect();
        self.clear(|_| true);
        workers
    }
}

impl Residents<'_> {
    /// Those who are through.
    fn ends(&mut self) -> Vec<(usize, u32, End)> {
        let mut ends = Vec::new();
        let mut busy = false;
        let Self { desk, board, outboxes, called, writable, .. } = self;
        called.retain_mut(|called| {
            let Called { role: Role { worker, .. }, generation, pulse, pid } = *called;
            match desk.standing(worker, generation) {
                Standing::Busy => {
                    busy = true;
                    called.pid = Some(desk.pid(worker));
                }
                Standing::Away => {}
                Standing::Through => {
                    let outbox = Outbox(&outboxes[worker]);
                    let end = match (outbox.ended(), desk.death(worker, generation)) {
                        (Some(ended), _) => Some((pid.unwrap_or_else(|| desk.pid(worker)), End::Part(ended))),
                        (None, Some((pid, cause, fault, stderr))) => {
                            let protected = match fault {
                                Some(at) if writable.iter().any(|span| span.contains(at)) => Protected::No,
                                Some(at) if is_in_an_array(at) => Protected::ReadOnly,
                                Some(at) if memory::is_shared(at) => Protected::Hidden,
                                _ => Protected::No,
                            };
                            let last = Last { pid, cause, fault, protected, stderr };
                            Some((pid, End::Death(pulse.death(worker, board.run_of(worker), last))))
                        }
                        // It was shut out, or had nothing to do.
                        (None, None) => None,
                    };
                    ends.extend(end.map(|(pid, end)| (worker, pid, end)));
                    return false;
                }
            }
            true
        });
        if !busy && !called.is_empty() && !board.has_unclaimed() {
            // Who comes now finds nothing to do.
            called.retain(|called| called.role.is_needed() || !desk.shut(called.role.worker, called.generation));
        }
        ends
    }

    /// Looks at what does not ring: clocks, and the zygote.
    fn look_around(&mut self, limits: Limits) -> Result<Vec<(usize, u32, End)>> {
        if !self.zygote.is_alive() {
            return Err(ended());
        }
        let mut condemned = false;
        for Called { role: Role { worker, .. }, pulse, .. } in &mut self.called {
            let overruns = limits.item.is_some_and(|limit| pulse.feel(&self.board, *worker, limit));
            if pulse.lingers(Outbox(&self.outboxes[*worker])) || overruns {
                self.desk.condemn(*worker);
                condemned = true;
            }
        }
        if condemned {
            self.zygote.ring();
        }
        let vacant = |called: &Called<'_>| self.desk.vacancy(called.role.worker);
        if let Some(errno) = self.called.iter().find_map(vacant)
            && self.called.iter().all(|called| vacant(called).is_some())
        {
            let cause = std::io::Error::from_raw_os_error(errno);
            let message = format!(
                "resident workers could not be forked again: {cause}; fewer workers, or a higher limit of processes or memory, may help"
            );
            return Err(Error::new(ErrorKind::System, message).caused_by(cause));
        }
        Ok(Vec::new())
    }

    /// Whether a worker has left, and nobody's death is asked for at its seat.
    fn is_clear_of(&self, worker: usize) -> bool {
        self.desk.standing(worker, self.generation) == Standing::Through && !self.desk.has_condemned(worker)
    }

    /// Sees to it that nobody is at work any more, and nobody can begin. Those who are to be killed are, others have some time to leave.
    fn clear(&mut self, kill: impl Fn(usize) -> bool) {
        let mut begun = Instant::now();
        for worker in 0..self.desk.seats.len() {
            while !self.is_clear_of(worker) {
                let heard = self.desk.heard();
                match self.desk.standing(worker, self.generation) {
                    Standing::Through if self.is_clear_of(worker) || !self.zygote.is_alive() => break,
                    Standing::Through => self.desk.listen(heard, Duration::from_millis(1)),
                    Standing::Away => _ = self.desk.shut(worker, self.generation),
                    Standing::Busy if !self.zygote.is_alive() => {
                        // They are on their way out.
                        if let Some(process) = Pidfd::of_leader(self.desk.pid(worker)) {
                            process.end();
                        }
                        break;
                    }
                    Standing::Busy if kill(worker) || begun.elapsed() > GRACE => {
                        self.desk.condemn(worker);
                        self.zygote.ring();
                        self.desk.listen(heard, Duration::from_millis(1));
                    }
                    Standing::Busy => self.desk.listen(heard, Duration::from_millis(1)),
                }
                if begun.elapsed() > ANSWER {
                    // It was stopped, or waits for who does not read. Workers end with it.
                    self.zygote.end();
                    begun = Instant::now();
                }
            }
        }
    }
}

impl Drop for Residents<'_> {
    fn drop(&mut self) {
        let called: Vec<usize> = self.called.drain(..).map(|called| called.role.worker).collect();
        self.clear(|worker| called.contains(&worker));
    }
}

fn is_in_an_array(address: usize) -> bool {
    Reserve::get().is_some_and(|reserve| reserve.holds(Room::Arrays, Span { start: address, bytes: 1 }))
}

fn too_much() -> Error {
    Error::new(ErrorKind::System, "what is left to be done does not fit into what resident workers can be told")
}
