//! The team: the worker processes of a map, as their watch sees them.

use std::ops::Range;
use std::time::{Duration, Instant};

use super::outbox::Outbox;
use crate::context::job::Failure;
use crate::death::{CauseOfDeath, Death};
use crate::error::Result;
use crate::share::{Board, Limits};
use crate::sys::{oom, process, signals};

/// How long a worker may stay at work, or a process of one map live on, when its part has ended.
pub(super) const GRACE: Duration = Duration::from_secs(1);

/// A host looks at its workers at least this often.
pub(super) const TICK: Duration = Duration::from_millis(100);

/// The processes that work for one map. Dropping it leaves none of them at work.
pub(super) trait Team {
    /// Has some workers begin.
    fn start(&mut self, workers: impl IntoIterator<Item = (usize, Again)>) -> Result<()>;

    /// Whether nobody works.
    fn is_empty(&self) -> bool;

    /// Waits until something happens, until a deadline or a tick; gives worker, pid and end of those that have ended.
    fn watch(&mut self, limits: Limits) -> Result<Vec<(usize, u32, End)>>;

    /// Kills all that are at work; gives their ids and pids.
    fn end(&mut self) -> Vec<(usize, u32)>;
}

/// What a worker does before its even part.
#[derive(Clone, Debug, Default)]
pub(super) struct Again {
    pub(super) units: Vec<Range<u32>>,
    /// Its accumulators are what they were before the map.
    pub(super) anew: bool,
}

/// How a worker process ended.
pub(super) enum End {
    /// By itself: its part was done, or failed.
    Part(Result<(), Failure>),
    /// Without a word.
    Death(Death),
}

/// How long a worker has been at one place.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pulse {
    /// Where it was last seen, at an index or making ready for one, and since when.
    at: Option<(Place, Instant)>,
    /// It was killed because this took longer than allowed: an index, or making ready for the first one.
    overran: Option<(Option<usize>, Duration)>,
    /// When its part was first seen to have ended.
    ended: Option<Instant>,
}

/// The index that a worker has come to, if any, and that which it has before it.
type Place = (Option<usize>, usize);

impl Pulse {
    /// Looks at the worker; whether it is to be killed, because it is at one item for longer than allowed.
    pub(super) fn feel(&mut self, board: &Board<'_>, worker: usize, limit: Duration) -> bool {
        let at = board.index_of(worker);
        let place = board.place_of(worker).map(|place| (at, place));
        match (place, self.at) {
            (Some(now), Some((before, since))) if now == before => {
                let late = since.elapsed() >= limit && self.overran.is_none();
                if late {
                    self.overran = Some((now.0, limit));
                }
                late
            }
            _ => {
                self.at = place.map(|place| (place, Instant::now()));
                false
            }
        }
    }

    /// Whether a worker is to be killed because it stays at work although its part has ended: kept by what its kernel left behind, such as a thread that
    /// holds a lock.
    pub(super) fn lingers(&mut self, outbox: Outbox<'_>) -> bool {
        // It may have to wait until somebody reads what it printed.
        if outbox.ended().is_some() && (self.ended.is_none() || !process::takes_stdout()) {
            self.ended = Some(Instant::now());
        }
        self.ended.is_some_and(|ended| ended.elapsed() > GRACE)
    }

    /// What became of a worker that is gone without a word.
    pub(super) fn death(self, worker: usize, run: Range<usize>, of: Last) -> Death {
        let index = (!run.is_empty()).then_some(run.start);
        // An item that began just before the kill is not to blame.
        let missed = self.overran.is_some_and(|(at, _)| at != index);
        let Last { pid, cause, stderr, .. } = of;
        Death {
            worker,
            pid,
            run: if missed { 0..0 } else { run },
            cause: self.overran.map_or(cause, |(_, limit)| CauseOfDeath::Deadline(limit)),
            late: missed,
            hint: match self.overran {
                Some((Some(late), _)) if missed => format!(" (it had just done index {late})"),
                Some(_) => String::new(),
                None => hint(cause, of.fault, of.protected),
            },
            stderr,
        }
    }
}

/// How long until a look at the workers is due.
pub(super) fn patience<'p>(Limits { until, item }: Limits, pulses: impl Iterator<Item = &'p Pulse>) -> Duration {
    let mut patience = TICK;
    if let Some((until, _)) = until {
        patience = patience.min(until.saturating_duration_since(Instant::now()));
    }
    if let Some(limit) = item {
        // A new index is seen a tick late at most; one that is known overruns at a known time.
        patience = patience.min((limit / 8).clamp(Duration::from_millis(1), Duration::from_millis(5)));
        for until in pulses.filter_map(|pulse| pulse.at?.1.checked_add(limit)) {
            patience = patience.min(until.saturating_duration_since(Instant::now()));
        }
    }
    patience
}

/// What is known of a worker that is gone.
pub(super) struct Last {
    pub(super) pid: u32,
    pub(super) cause: CauseOfDeath,
    /// The address of a fault.
    pub(super) fault: Option<usize>,
    /// Whether that is in a shared array that it must not touch.
    pub(super) protected: Protected,
    pub(super) stderr: String,
}

/// What a worker may do with the shared array that it faulted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protected {
    /// It was no such array.
    No,
    ReadOnly,
    /// Nothing.
    Hidden,
}

/// What else is known of a death.
fn hint(cause: CauseOfDeath, fault: Option<usize>, protected: Protected) -> String {
    match (cause, fault) {
        (cause, Some(_)) if !signals::is_fault(cause) => String::new(),
        (_, Some(_)) if protected == Protected::Hidden => {
            ", touching a shared array that this kernel is not bound to and that waiting workers do not see: allocate it by the resident context, and \
             bind it"
                .to_owned()
        }
        (_, Some(_)) if protected == Protected::ReadOnly => {
            ", writing to a shared array that this kernel is not bound to: bind it by `#[out]` or another attribute, a lock does not \
             reach across processes"
                .to_owned()
        }
        (_, Some(address)) => format!(", at address {address:#x}"),
        (CauseOfDeath::Signal(number), None) if signals::is_kill(number) && oom::struck_again() => {
            ", and the system has killed a process of this control group for want of memory since the context was made: fewer workers may help".to_owned()
        }
        (CauseOfDeath::Exit(_), None) => ", from within the kernel or what it calls".to_owned(),
        _ => String::new(),
    }
}
