//! The seam: what a map asks of a context, and what a context knows of a map.

use std::time::Instant;

use crate::death::Death;
use crate::error::{Error, ErrorKind, Result, Site};
use crate::report::WorkerReport;
use crate::share::{Lease, Plan};
use crate::sys::memory::{Sharing, Span};
use crate::sys::parcel::{Errand, Parcel};

/// The workers of a context: a way to bring them to life, and to notice their end.
///
/// A crew never looks into its job, and a job never asks where it runs. One `dyn` call a worker and map passes here.
pub(crate) trait Crew: std::fmt::Debug + Send + Sync {
    /// What arrays must be for the workers to see them.
    fn sharing(&self) -> Sharing;

    /// Whether a map can go on when a worker is lost.
    fn recovers(&self) -> bool {
        false
    }

    /// Whether items may be left out of a map that succeeds.
    fn skips(&self) -> bool {
        false
    }

    /// Has every worker that the plan gives something to do its part, and waits for all of them, whatever happens to any. A worker may come back for
    /// more, or be replaced; one at a time has each id.
    ///
    /// # Errors
    ///
    /// The failure of the lowest index, a death, or what kept the crew from starting.
    fn run(&self, job: &dyn Job, plan: Plan) -> Result<Done>;
}

/// A map that is done.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// In the order of their ids.
    pub(crate) workers: Vec<WorkerReport>,
    pub(crate) deaths: Vec<Death>,
    /// The indices that were given up on, ascending.
    pub(crate) skipped: Vec<usize>,
    /// The indices at which workers died and which were done after all, ascending.
    pub(crate) retried: Vec<usize>,
    /// Why waiting workers could not do it.
    pub(crate) why_forked: Option<String>,
}

impl From<Vec<WorkerReport>> for Done {
    fn from(workers: Vec<WorkerReport>) -> Self {
        Self { workers, ..Self::default() }
    }
}

/// A map, as far as a crew is concerned.
pub(crate) trait Job: Sync {
    /// Does the part of one worker. Never unwinds. The crew then says on the board where it failed, if it did.
    fn work(&self, lease: Lease<'_>) -> Result<(), Failure>;

    /// When the map began.
    fn begun(&self) -> Instant;

    /// Whether workers gather something for themselves that is lost with them.
    fn accumulates(&self) -> bool;

    /// Memory that workers write.
    fn spans(&self) -> Vec<Span>;

    /// What workers need that were forked before the job was made; nothing, and a reason, if it cannot be had.
    fn pack(&self, parcel: &mut Parcel<'_>) -> Option<Errand>;
}

/// Bytes of the message of a failure.
const LONGEST: usize = 8_000;

/// What ended a worker's part early.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) cause: Cause,
    pub(crate) index: Option<usize>,
    pub(crate) message: String,
}

/// Who failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Kernel,
    Panic,
    Functor,
    /// The system, before the worker could begin.
    System,
    /// The time that was allowed.
    Deadline,
}

impl Failure {
    /// What is too long is cut: worker processes have so much room for it.
    pub(crate) fn new(cause: Cause, index: Option<usize>, mut message: String) -> Self {
        if message.len() > LONGEST {
            message.truncate(message.floor_char_boundary(LONGEST));
            message.push('…');
        }
        Self { cause, index, message }
    }

    /// The error for the caller of the map.
    pub(crate) fn into_error(self, worker: usize, pid: Option<u32>) -> Error {
        let (kind, what) = match self.cause {
            Cause::Kernel => (ErrorKind::Kernel, "the kernel failed"),
            Cause::Panic => (ErrorKind::Panic, "the kernel panicked"),
            Cause::Functor => (ErrorKind::Functor, "the functor failed"),
            Cause::System => (ErrorKind::System, "the worker could not begin"),
            Cause::Deadline => (ErrorKind::Deadline, "time ran out"),
        };
        let place = match self.index {
            Some(index) => format!("at index {index} (worker {worker})"),
            None => format!("on worker {worker}, at no index"),
        };
        let site = Site { worker: Some(worker), index: self.index, pid };
        Error::new(kind, format!("{what} {place}: {}", self.message)).at(site)
    }
}

/// The error of the lowest index, if there is any: the one that a serial map would have met.
pub(crate) fn lowest(failures: impl IntoIterator<Item = Error>) -> Option<Error> {
    failures.into_iter().min_by_key(|error| error.index().unwrap_or(usize::MAX))
}
