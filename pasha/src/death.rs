//! Deaths: worker processes that ended before their work was done.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use crate::sys::signals::signal_name;

/// What becomes of a map when a worker process dies: by a signal, by an `exit`, by a deadline.
///
/// A kernel that panics or returns `Err` has not died: it ends the map with an error, whatever is chosen here. Threads cannot die alone: a crash
/// there ends the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnDeath {
    /// The map ends at once, with an error that names the item, or the [few](Death::indices) of which it is one if they are very cheap. The default.
    #[default]
    Fail,
    /// Another worker takes over and does the item again, this many times at most; then it is given up on. The map goes on with the other items and
    /// ends, when they are done, with an error that names those given up on.
    Retry(u32),
    /// Another worker takes over. The item is left out: its outputs hold the fill of their arrays, and the report lists it.
    Skip,
}

/// A worker process that died during a map.
#[derive(Clone, Debug)]
pub struct Death {
    pub(crate) worker: usize,
    pub(crate) pid: u32,
    pub(crate) run: Range<usize>,
    pub(crate) cause: CauseOfDeath,
    /// It was killed because an item took too long, and yet got over that.
    pub(crate) late: bool,
    pub(crate) hint: String,
    pub(crate) stderr: String,
}

/// What a worker process died of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CauseOfDeath {
    /// It left by itself with this status: a kernel, or a library that it calls, ended the process.
    Exit(i32),
    /// A signal of this number.
    Signal(i32),
    /// Its item took longer than this, and it was killed.
    Deadline(Duration),
    /// The status was taken by somebody else: the program ignores SIGCHLD, or waits for all its children.
    Unknown,
}

impl Death {
    /// The id of the worker.
    pub fn worker(&self) -> usize {
        self.worker
    }

    /// The id of its process.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The index of the item that it was at; `None` if it was between items, or at [several](Death::indices).
    pub fn index(&self) -> Option<usize> {
        (self.run.len() == 1).then_some(self.run.start)
    }

    /// The indices of the items that it was at: none between items, one otherwise; or up to 256 if items are so cheap (below some 16 ns) that noting each
    /// would double their cost. This is so under [`OnDeath::Fail`] only, where no item is done again, and without deadlines, from the 8193rd item of a worker on.
    pub fn indices(&self) -> Range<usize> {
        self.run.clone()
    }

    /// What it died of.
    pub fn cause(&self) -> CauseOfDeath {
        self.cause
    }

    /// The last that it wrote to standard error, some KB at most; empty if it wrote nothing.
    pub fn stderr(&self) -> &str {
        &self.stderr
    }
}

/// `worker 1 (pid 4711) died at index 7: SIGSEGV`, with what is known besides, and the last line on standard error.
impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { worker, pid, run, cause, late: _, hint, stderr } = self;
        write!(f, "worker {worker} (pid {pid}) died ")?;
        match run.len() {
            0 => f.write_str("between items: ")?,
            1 => write!(f, "at index {}: ", run.start)?,
            _ => write!(f, "at one of the indices {} to {}: ", run.start, run.end - 1)?,
        }
        write!(f, "{cause}{hint}")?;
        match stderr.lines().map(str::trim).rfind(|line| !line.is_empty()) {
            Some(line) => write!(f, " (its last words on stderr: {})", &line[..line.floor_char_boundary(200)]),
            None => Ok(()),
        }
    }
}

impl fmt::Display for CauseOfDeath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CauseOfDeath::Exit(code) => write!(f, "it exited with status {code}"),
            CauseOfDeath::Signal(number) => f.write_str(&signal_name(*number)),
            CauseOfDeath::Deadline(limit) => {
                write!(f, "the item took longer than the {limit:?} allowed, and the worker was killed")
            }
            CauseOfDeath::Unknown => f.write_str("its status was taken by somebody else"),
        }
    }
}
