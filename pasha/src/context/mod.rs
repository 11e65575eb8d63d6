//! Contexts: where and by whom maps are executed. They know nothing of kernels and functors; see `README.md` in this folder.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::array::{self, Builder, Element, Like, SharedArray};
use crate::error::Result;
use crate::share::{Limits, Plan, Schedule, Trace};
use crate::sys::memory::Sharing;
use crate::sys::process::is_worker;

mod builder;
mod default;
pub(crate) mod job;
mod nested;
mod parse;
mod processes;
mod serial;
mod threads;

pub use builder::{ByProcesses, ByThreads, ContextBuilder};
pub use default::{alloc, alloc_like, default_context, set_default_context};

pub(crate) use nested::{Inside, is_inside};
pub(crate) use processes::resident;
pub use processes::resident::init;
pub(crate) use serial::Serial;

use job::Crew;

/// Where maps are executed, and by how many workers: serially, by threads, or by processes.
///
/// A handle that is cheap to clone. Several maps may run on one context at once, from different threads.
///
/// | | workers | arrays lie | a kernel that crashes | kernels that call libraries with a global lock |
/// |---|---|---|---|---|
/// | [`serial`](Context::serial) | the caller | on the heap | takes the program down | one at a time |
/// | [`threads`](Context::threads) | threads of a rayon pool | on the heap | takes the program down | one at a time |
/// | [`processes`](Context::processes) | processes forked for each map | in shared memory | is an error that names the item | in parallel |
/// | [`processes().resident()`](ContextBuilder::resident) | processes that wait for maps | in shared memory | is an error that names the item | in parallel |
///
/// All give the same results in `#[out]` arrays, and the same errors. A map that a kernel starts runs serially in the worker
/// that runs the kernel.
///
/// A context can be named in one word, `"serial"`, `"threads"`, `"threads:4"`, `"processes"`, `"processes:4"`, `"residents"`, `"residents:4"`:
///
/// ```
/// use pasha::prelude::*;
///
/// let ctx: Context = "threads:4".parse()?;
/// assert_eq!(ctx.workers(), 4);
/// assert_eq!(ctx.to_string(), "threads:4");
/// # Ok::<(), pasha::Error>(())
/// ```
#[derive(Clone)]
pub struct Context(Arc<Inner>);

struct Inner {
    name: &'static str,
    settings: Settings,
    crew: Box<dyn Crew>,
}

/// What a context was built with, whoever its workers are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    workers: usize,
    schedule: Schedule,
    map_limit: Option<Duration>,
    item_limit: Option<Duration>,
}

impl Settings {
    /// Without limits.
    pub(crate) fn of(workers: usize, schedule: Schedule) -> Self {
        Self { workers, schedule, map_limit: None, item_limit: None }
    }
}

impl Context {
    /// One worker: the caller itself.
    pub fn serial() -> Self {
        Self::new("serial", Settings::of(1, Schedule::Static), Box::new(Serial))
    }

    /// Workers that are threads: the caller and those of a rayon pool of the context's own, which kernels that call rayon share.
    ///
    /// While a worker has nothing to do, its thread may do other work of the pool; so kernels must not wait for the end of another map.
    ///
    /// The threads are started by the first map that needs them, and end with the context: dropping its last handle waits for that. After a short map they
    /// wait awake for the next, for 20 µs at most, and then sleep.
    pub fn threads() -> ContextBuilder<ByThreads> {
        ContextBuilder::new()
    }

    /// Workers that are processes, forked for each map unless they are to [wait](ContextBuilder::resident) for maps.
    ///
    /// They see the memory of the program as it is when the map begins, and write shared arrays; whatever else they write is theirs and
    /// lost. In particular, locks and atomics behind a `#[param]` do not reach across processes.
    ///
    /// A program can be forked safely while it has one thread only; a map in a program with more is an error that says so. Tests under the
    /// default harness are such a program: there, use [`Context::serial`] or [`Context::threads`], or set `harness = false`.
    pub fn processes() -> ContextBuilder<ByProcesses> {
        ContextBuilder::new()
    }

    /// The number of workers; ids are below it.
    pub fn workers(&self) -> usize {
        self.0.settings.workers
    }

    /// How indices are divided among them.
    pub fn schedule(&self) -> Schedule {
        self.0.settings.schedule
    }

    /// Begins an array that the workers of this context can write. See [`Builder`].
    pub fn alloc<T: Element>(&self) -> Builder<T> {
        Builder::new(Ok(self.clone()))
    }

    /// An array of zeros with the element type, shape and order of another array, slice or vector.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Memory`](crate::ErrorKind::Memory) if there is not enough, with the bytes asked for.
    pub fn alloc_like<L: Like + ?Sized>(&self, other: &L) -> Result<SharedArray<L::Elem, L::Dim>> {
        array::alloc_like(Ok(self.clone()), other)
    }

    /// Who executes a map that is started here and now: inside a worker, the worker alone.
    pub(crate) fn crew(&self) -> &dyn Crew {
        if is_worker() || is_inside() { &Serial } else { &*self.0.crew }
    }

    /// Who sees the arrays that are allocated here and now. In a worker process nobody else ever will.
    pub(crate) fn sharing(&self) -> Sharing {
        if is_worker() { Sharing::Threads } else { self.0.crew.sharing() }
    }

    /// A map of so many items that has begun at that time.
    pub(crate) fn plan(&self, items: usize, begun: Instant) -> Plan {
        let Settings { workers, schedule, map_limit, item_limit } = self.0.settings;
        let until = map_limit.and_then(|limit| Some((begun.checked_add(limit)?, limit)));
        Plan { items, workers, schedule, limits: Limits { until, item: item_limit }, trace: Trace::default() }
    }

    pub(crate) fn new(name: &'static str, settings: Settings, crew: Box<dyn Crew>) -> Self {
        Self(Arc::new(Inner { name, settings, crew }))
    }
}

/// As it can be parsed: `serial`, `threads:4`, `processes:4`, `residents:4`.
impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.name {
            "serial" => f.write_str("serial"),
            name => write!(f, "{name}:{}", self.0.settings.workers),
        }
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("settings", &self.0.settings).field("crew", &self.0.crew).finish()
    }
}
