//! The builder of thread and process contexts.

use std::thread::available_parallelism;
use std::time::Duration;

use super::processes::Processes;
use super::threads::Threads;
use super::{Context, Settings};
use crate::death::OnDeath;
use crate::error::{Error, ErrorKind, Result};
use crate::share::Schedule;
use crate::sys::permit::Promise;

/// More workers than this are a slip of the pen.
const MOST: usize = 1 << 16;

/// The workers are threads.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByThreads(());

/// The workers are processes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByProcesses {
    /// Whether they may be forked from a program with other threads.
    pub(crate) promise: Option<Promise>,
    on_death: OnDeath,
}

/// Makes a [`Context`]; from [`Context::threads`] or [`Context::processes`].
#[must_use = "a builder makes nothing until `build()`"]
#[derive(Clone, Debug)]
pub struct ContextBuilder<By> {
    workers: Option<usize>,
    schedule: Schedule,
    map_limit: Option<Duration>,
    item_limit: Option<Duration>,
    pub(crate) by: By,
}

impl<By: Default> ContextBuilder<By> {
    pub(super) fn new() -> Self {
        Self { workers: None, schedule: Schedule::default(), map_limit: None, item_limit: None, by: By::default() }
    }
}

impl<By> ContextBuilder<By> {
    /// The number of workers. Without it, [`available_parallelism`]: the processors that affinity and quota leave to this program.
    pub fn workers(self, workers: usize) -> Self {
        Self { workers: Some(workers), ..self }
    }

    /// How indices are divided among the workers; [`Schedule::Dynamic`] without it.
    pub fn schedule(self, schedule: Schedule) -> Self {
        Self { schedule, ..self }
    }

    /// How long a map may take. One that takes longer is an error of [`ErrorKind::Deadline`], which says what was done.
    ///
    /// Worker processes are killed at that moment. Threads, and a map within a map, look at the clock after each item.
    pub fn deadline(self, limit: Duration) -> Self {
        Self { map_limit: Some(limit), ..self }
    }

    /// How long an item may take.
    ///
    /// An item that takes longer is an error of [`ErrorKind::Deadline`]. A worker process is killed, some milliseconds later at most, and what
    /// becomes of the map is up to [`on_death`](ContextBuilder::on_death). Threads look at the clock after each item, so that one that never ends
    /// is not noticed.
    pub fn item_deadline(self, limit: Duration) -> Self {
        Self { item_limit: Some(limit), ..self }
    }

    fn settings(&self) -> Result<Settings> {
        let Self { schedule, map_limit, item_limit, .. } = *self;
        Ok(Settings { workers: self.count()?, schedule, map_limit, item_limit })
    }

    fn count(&self) -> Result<usize> {
        match self.workers {
            None => Ok(available_parallelism().map_or(1, usize::from)),
            Some(workers @ 1..=MOST) => Ok(workers),
            Some(workers) => Err(Error::new(
                ErrorKind::Argument,
                format!("a context cannot have {workers} workers: 1 to {MOST} are possible"),
            )),
        }
    }
}

impl ContextBuilder<ByThreads> {
    /// Makes the context. Its threads are started by the first map, not before.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] for no workers or absurdly many.
    pub fn build(self) -> Result<Context> {
        Ok(Context::new("threads", self.settings()?, Box::new(Threads::new())))
    }
}

impl ContextBuilder<ByProcesses> {
    /// What becomes of a map when a worker process dies; [`OnDeath::Fail`] without it.
    ///
    /// ```
    /// use pasha::prelude::*;
    ///
    /// let ctx = Context::processes().workers(4).on_death(OnDeath::Skip).build()?;
    /// # Ok::<(), pasha::Error>(())
    /// ```
    pub fn on_death(mut self, on_death: OnDeath) -> Self {
        self.by.on_death = on_death;
        self
    }

    /// Makes the context. Processes are forked by each map, not before.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] for no workers or absurdly many.
    pub fn build(self) -> Result<Context> {
        let ByProcesses { promise, on_death } = self.by;
        Ok(Context::new("processes", self.settings()?, Box::new(Processes::new(promise, on_death))))
    }
}
