//! The builder of thread and process contexts.

use std::thread::available_parallelism;

use super::Context;
use super::processes::Processes;
use super::threads::Threads;
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
}

/// Makes a [`Context`]; from [`Context::threads`] or [`Context::processes`].
#[must_use = "a builder makes nothing until `build()`"]
#[derive(Clone, Debug)]
pub struct ContextBuilder<By> {
    workers: Option<usize>,
    schedule: Schedule,
    pub(crate) by: By,
}

impl<By: Default> ContextBuilder<By> {
    pub(super) fn new() -> Self {
        Self { workers: None, schedule: Schedule::default(), by: By::default() }
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
        let workers = self.count()?;
        Ok(Context::new("threads", workers, self.schedule, Box::new(Threads::new())))
    }
}

impl ContextBuilder<ByProcesses> {
    /// Makes the context. Processes are forked by each map, not before.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] for no workers or absurdly many.
    pub fn build(self) -> Result<Context> {
        let workers = self.count()?;
        Ok(Context::new("processes", workers, self.schedule, Box::new(Processes { promise: self.by.promise })))
    }
}
