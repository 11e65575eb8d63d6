//! The one error of the library: what went wrong, where, and what to do about it.

use std::error::Error as StdError;
use std::ops::Range;
use std::{fmt, io};

use crate::death::Death;

/// The result of everything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong in a map, an allocation or the making of a context.
///
/// `Display` is one sentence. [`kind`](Error::kind) tells programs what sort of thing it was; where a worker was involved,
/// [`index`](Error::index), [`worker`](Error::worker) and [`pid`](Error::pid) say which.
///
/// After any error the context can be used again, and output arrays hold what was written until then.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    site: Site,
    progress: Progress,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// How far a map had come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    pub(crate) done: usize,
    pub(crate) items: usize,
    pub(crate) undone: Vec<Range<usize>>,
    pub(crate) torn: Vec<Range<usize>>,
    pub(crate) given_up: Vec<usize>,
    pub(crate) deaths: Vec<Death>,
}

impl Progress {
    /// Where nobody knows more than the number.
    pub(crate) fn of(done: usize, items: usize) -> Self {
        Self { done, items, ..Self::default() }
    }
}

/// Where in a map it happened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Site {
    pub(crate) worker: Option<usize>,
    pub(crate) index: Option<usize>,
    pub(crate) pid: Option<u32>,
}

/// The sort of an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument that makes no sense: no workers, an unknown context, offsets that do not ascend.
    Argument,
    /// Lengths or shapes that do not fit each other. Nothing was run.
    Shape,
    /// An array that the workers of this context cannot see. Nothing was run.
    Visibility,
    /// Memory that could not be had.
    Memory,
    /// A functor that could not tell its length, make its state or give an item.
    Functor,
    /// A kernel that returned `Err`.
    Kernel,
    /// A kernel that panicked.
    Panic,
    /// A worker process that ended before its work was done.
    Died,
    /// A map, or an item of it, that took longer than was allowed.
    Deadline,
    /// A fork refused because the program has other threads. Nothing was run.
    Threads,
    /// A call of the operating system that failed.
    System,
}

impl Error {
    /// An error of a functor written by hand: what could not be had, and why.
    ///
    /// ```
    /// let error = pasha::Error::functor("frame 7 is truncated");
    /// assert_eq!(error.kind(), pasha::ErrorKind::Functor);
    /// assert_eq!(error.to_string(), "frame 7 is truncated");
    /// ```
    pub fn functor(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Functor, message)
    }

    /// The sort of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The index of the item that was being worked on, where it is known. Where a worker died among very cheap items, [`deaths`](Error::deaths) says
    /// [among which](Death::indices).
    pub fn index(&self) -> Option<usize> {
        self.0.site.index
    }

    /// The id of the worker it happened on.
    pub fn worker(&self) -> Option<usize> {
        self.0.site.worker
    }

    /// The process id of that worker, if it was a process of its own.
    pub fn pid(&self) -> Option<u32> {
        self.0.site.pid
    }

    /// How many items of the map were done; 0 where nothing ran.
    pub fn done(&self) -> usize {
        self.0.progress.done
    }

    /// How many items the map had; 0 if it did not come to a map.
    pub fn items(&self) -> usize {
        self.0.progress.items
    }

    /// The indices that were not done, as ascending ranges. Known for process contexts only, and empty otherwise.
    ///
    /// What was done is complete and right. What was not holds what it held before, but for the [`torn`](Error::torn) ones. Indices given up on
    /// ([`OnDeath::Retry`](crate::OnDeath::Retry)) are not among them: they hold the fill of their arrays; see [`deaths`](Error::deaths).
    pub fn undone(&self) -> &[Range<usize>] {
        &self.0.progress.undone
    }

    /// Those among the [`undone`](Error::undone) that were begun: workers died or were killed at them, and their outputs may be half written; or
    /// they were done, but do not count because an accumulator was lost with its worker.
    pub fn torn(&self) -> &[Range<usize>] {
        &self.0.progress.torn
    }

    /// The workers that died, in the order of their deaths; with the cause, and the last they wrote to standard error.
    pub fn deaths(&self) -> &[Death] {
        &self.0.progress.deaths
    }

    /// The indices whose outputs are to hold their fill.
    pub(crate) fn given_up(&self) -> &[usize] {
        &self.0.progress.given_up
    }

    pub(crate) fn after(mut self, progress: Progress) -> Self {
        self.0.progress = progress;
        self
    }

    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            site: Site::default(),
            progress: Progress::default(),
            source: None,
        }))
    }

    pub(crate) fn at(mut self, site: Site) -> Self {
        self.0.site = site;
        self
    }

    pub(crate) fn caused_by(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }
}

/// An error of a functor that reads: `File::open(path)?` in `items`, `state` or `item`.
impl From<io::Error> for Error {
    fn from(cause: io::Error) -> Self {
        Self::new(ErrorKind::Functor, cause.to_string()).caused_by(cause)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, message, site, progress, source } = &*self.0;
        let mut debug = f.debug_struct("Error");
        debug.field("kind", kind).field("message", message);
        if let Some(index) = site.index {
            debug.field("index", &index);
        }
        if let Some(worker) = site.worker {
            debug.field("worker", &worker);
        }
        if let Some(pid) = site.pid {
            debug.field("pid", &pid);
        }
        if progress.items > 0 {
            debug.field("done", &progress.done).field("items", &progress.items);
        }
        if let Some(source) = source {
            debug.field("source", source);
        }
        debug.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
