//! The permission to fork.

use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use crate::context::{ByProcesses, ContextBuilder};
use crate::error::{Error, ErrorKind, Result};

/// A promise of the user, given once for a context.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Promise(());

/// The right to fork now.
#[derive(Debug)]
pub(crate) struct Permit {
    alone: bool,
}

impl ContextBuilder<ByProcesses> {
    /// Lets this context fork although the program has other threads, which is an error otherwise.
    ///
    /// The panic hook of the program is wrapped, once: in a worker process a panic is printed past the locks of the standard library, and nobody else's hook
    /// is called.
    ///
    /// # Safety
    ///
    /// Only the thread that calls `map` lives on in a worker process. Whatever a lock protected that another thread held at that moment
    /// stays locked there for ever. The caller promises, for every map of this context:
    ///
    /// - Kernels, functors and scratch closures call only code that is sound in such a child (POSIX: async-signal-safe functions). With
    ///   glibc, whose allocator is prepared for forks, allocation may be used; `println!`, the environment, thread pools and most C
    ///   libraries may not.
    /// - No other panic hook is set from now on: it would be called in workers, where the locks that it prints under may be closed for ever.
    /// - While the map runs, no other thread writes a shared array, or other memory that is shared between processes, which kernels
    ///   or functors can reach.
    pub unsafe fn beside_threads(mut self) -> Self {
        super::process::print_panics_without_locks();
        self.by.promise = Some(Promise(()));
        self
    }
}

impl Permit {
    /// Given to a program with one thread, or by the promise of its user.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Threads`], with what to do.
    pub(crate) fn obtain(promise: Option<Promise>) -> Result<Self> {
        let found = match if promise.is_some() { threads() } else { threads_in_the_end() } {
            Some(1) => return Ok(Self { alone: true }),
            _ if promise.is_some() => return Ok(Self { alone: false }),
            Some(threads) => format!("this program has {threads} threads"),
            None => {
                "it is not known whether this program has other threads (/proc/self/task cannot be read)".to_owned()
            }
        };
        Err(Error::new(
            ErrorKind::Threads,
            format!(
                "{found}, and worker processes can be forked only from a program with one: map before threads are started or after they \
                 have ended (a thread context ends its own when it is dropped), or use another context, for instance by \
                 PASHA_CONTEXT=threads. Tests run on threads of their own, unless their harness is switched off"
            ),
        ))
    }

    /// Whether no other thread could hold a lock at the fork.
    pub(crate) fn alone(&self) -> bool {
        self.alone
    }
}

/// Looks again for some milliseconds if there are others: one that has been joined stays in the list for a moment.
fn threads_in_the_end() -> Option<u64> {
    for _ in 0..100 {
        match threads() {
            Some(2..) => std::thread::sleep(Duration::from_micros(100)),
            found => return found,
        }
    }
    threads()
}

/// The number of threads of this process; `None` where /proc does not tell.
fn threads() -> Option<u64> {
    // A directory has a link for each directory in it, and two of its own.
    std::fs::metadata("/proc/self/task").ok()?.nlink().checked_sub(2)
}
