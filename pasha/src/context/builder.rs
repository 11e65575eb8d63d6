//! The builder of thread and process contexts.

use std::thread::available_parallelism;
use std::time::Duration;

use super::processes::Processes;
use super::resident::Resident;
use super::threads::Threads;
use super::{Context, Settings};
use crate::death::OnDeath;
use crate::error::{Error, ErrorKind, Result};
use crate::share::Schedule;
use crate::sys::permit::Promise;
use crate::sys::process::is_worker;

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
    resident: bool,
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

    /// Forks the processes now, and has them wait for maps, which then begin within microseconds.
    ///
    /// They know what the program knows at this moment, or earlier, at [`init`](crate::init); of what comes later they see arrays that resident contexts
    /// allocate, and what is sent to them with a map. That is, of a kernel: outputs, accumulators, `#[param]`s that are [`Pod`](bytemuck::Pod), views or
    /// references to such (`&[f64]`, `&SharedArray<…>`), `#[scratch]` closures that capture nothing. Of functors: ranges, shared arrays and views of them, slices, vectors
    /// and arrays of numbers, and what is made of these by [`zip`](crate::functor::zip), [`along`](crate::functor::along), [`chunks`](crate::functor::chunks) and
    /// `#[derive(Functor)]`, and keys of European XFEL runs. Numbers in private memory are copied, up to 1 MiB for a map. For any other map processes are forked, and
    /// [`Report::why_forked`](crate::Report::why_forked) says why.
    ///
    /// Arrays of other process contexts cannot be touched by waiting workers at all. What they write to standard error comes out of the process that forked them, sometimes a
    /// moment after the map. That process is nobody's child, but for a program that is process 1 of a container, or a subreaper.
    ///
    /// Maps of several threads on one such context take turns. The program may have other threads, if it called [`init`](crate::init) before.
    ///
    /// | what a waiting worker sees | |
    /// |---|---|
    /// | arrays allocated by resident contexts, whenever | as they are |
    /// | statics, environment, working directory, limits, open files, loaded libraries, seeds | as when the workers were forked |
    /// | files opened later | not at all; those opened before share their position with the program |
    /// | its own statics and thread-locals, from map to map | as it left them |
    /// | `#[scratch]`, the state of a functor | made anew for each map |
    ///
    /// ```
    /// use pasha::prelude::*;
    ///
    /// #[pasha::kernel]
    /// fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
    ///     *tripled = 3.0 * value;
    /// }
    ///
    /// fn main() -> pasha::Result<()> {
    ///     pasha::init()?;
    ///     let ctx = Context::processes().workers(2).resident().build()?;
    ///     let mut inp = ctx.alloc::<f64>().shape(1000).fill(2.0).build()?;
    ///     let mut tripled = ctx.alloc_like(&inp)?;
    ///     for _ in 0..100 {
    ///         let report = ctx.map(triple_it { tripled: &mut tripled }, &inp)?;
    ///         assert_eq!(report.why_forked(), None);
    ///         std::mem::swap(&mut inp, &mut tripled);
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn resident(mut self) -> Self {
        self.by.resident = true;
        self
    }

    /// Makes the context. Processes are forked by each map, not before, unless they are to be [`resident`](ContextBuilder::resident).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] for no workers or absurdly many. For resident workers also [`ErrorKind::Threads`] if the program has other threads and did
    /// not call [`init`](crate::init) before, and [`ErrorKind::System`] or [`ErrorKind::Memory`] if the system does not give what they need.
    pub fn build(self) -> Result<Context> {
        let ByProcesses { promise, on_death, resident } = self.by;
        // In a worker all maps are serial.
        if resident && !is_worker() {
            let settings = self.settings()?;
            let crew = Resident::new(self.count()?, promise, on_death)?;
            return Ok(Context::new("residents", settings, Box::new(crew)));
        }
        Ok(Context::new("processes", self.settings()?, Box::new(Processes::new(promise, on_death))))
    }
}
