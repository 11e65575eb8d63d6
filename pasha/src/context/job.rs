//! The seam: what a map asks of a context, and what a context knows of a map.

use crate::error::{Error, ErrorKind, Result, Site};
use crate::report::WorkerReport;
use crate::share::{Lease, Plan};
use crate::sys::memory::{Sharing, Span};

/// The workers of a context: a way to bring them to life, and to notice their end.
///
/// A crew never looks into its job, and a job never asks where it runs. One `dyn` call a worker and map passes here.
pub(crate) trait Crew: std::fmt::Debug + Send + Sync {
    /// What arrays must be for the workers to see them.
    fn sharing(&self) -> Sharing;

    /// Has every worker that the plan gives something to do its part, once, and waits for all of them, whatever happens to any.
    ///
    /// # Errors
    ///
    /// The failure of the lowest index, a death, or what kept the crew from starting.
    fn run(&self, job: &dyn Job, plan: Plan) -> Result<Vec<WorkerReport>>;
}

/// A map, as far as a crew is concerned.
pub(crate) trait Job: Sync {
    /// Does the part of one worker. Never unwinds.
    fn work(&self, lease: Lease<'_>, trace: Trace) -> Result<(), Failure>;

    /// Memory that workers write.
    fn spans(&self) -> Vec<Span>;
}

/// How closely a worker says where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trace {
    /// A failure can be told afterwards.
    Failures,
    /// The worker may end without a word: each index is noted before it is begun.
    Indices,
}

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
}

impl Failure {
    pub(crate) fn new(cause: Cause, index: Option<usize>, message: String) -> Self {
        Self { cause, index, message }
    }

    /// The error for the caller of the map.
    pub(crate) fn into_error(self, worker: usize, pid: Option<u32>) -> Error {
        let (kind, what) = match self.cause {
            Cause::Kernel => (ErrorKind::Kernel, "the kernel failed"),
            Cause::Panic => (ErrorKind::Panic, "the kernel panicked"),
            Cause::Functor => (ErrorKind::Functor, "the functor failed"),
            Cause::System => (ErrorKind::System, "the worker could not begin"),
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
