//! Worker processes: forking them, waiting for any of them, ending them.

use std::fmt;
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, getpid, getppid};
use rustix::process::{PidfdFlags, pidfd_open, pidfd_send_signal};

use super::permit::Permit;
use super::signals;
use crate::error::{Error, ErrorKind, Result};

/// A host looks at its workers at least this often, in milliseconds.
const TICK: u8 = 100;

/// Set in every worker process, and inherited by what it forks.
static IS_WORKER: AtomicBool = AtomicBool::new(false);

/// Whether this process is a worker: it has none of its host's other threads, and its host's locks may be closed for ever.
pub(crate) fn is_worker() -> bool {
    IS_WORKER.load(Relaxed)
}

/// A worker process. Dropping it kills it and waits for its end, so that none is ever left behind.
#[derive(Debug)]
pub(crate) struct Child {
    pid: Pid,
    /// Becomes readable when the process ends, whoever else waits for it. `None` if it ended before it could be opened.
    handle: Option<OwnedFd>,
    reaped: bool,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Code(i32),
    Signal(Signal),
    /// Somebody else took the status: the host ignores SIGCHLD, or waits for all its children.
    Unknown,
}

/// Forks a process that runs `body`, leaves the address of a fault that ends it in `fault`, plus 1, and ends without running destructors, exit handlers or the host's code.
pub(crate) fn fork(permit: &Permit, fault: &AtomicU64, body: impl FnOnce()) -> Result<Child> {
    let host = getpid();
    // SAFETY: the permit says that this thread is the only one, and none of the user's code runs between `Permit::obtain` and here; or it says that
    // `body` does only what is allowed after a fork beside others.
    match unsafe { nix::unistd::fork() } {
        Err(errno) => Err(Error::new(
            ErrorKind::System,
            format!("a worker process could not be forked: {errno}; fewer workers, or a higher limit of processes or memory, may help"),
        )
        .caused_by(errno)),
        Ok(ForkResult::Parent { child }) => {
            let handle = rustix::process::Pid::from_raw(child.as_raw()).map(|pid| pidfd_open(pid, PidfdFlags::empty()));
            let (handle, failed) = match handle {
                Some(Ok(handle)) => (Some(handle), None),
                Some(Err(rustix::io::Errno::SRCH)) | None => (None, None),
                Some(Err(errno)) => (None, Some(errno)),
            };
            let mut child = Child { pid: child, handle, reaped: false };
            match failed {
                None => Ok(child),
                Some(errno) => {
                    // Without a handle only the pid is left; it is not reaped yet, so that it still means this child.
                    let _ = nix::sys::signal::kill(child.pid, Signal::SIGKILL);
                    child.reap();
                    Err(Error::new(
                        ErrorKind::System,
                        format!("a worker process could not be watched: {errno}; a higher limit of open files may help"),
                    )
                    .caused_by(errno))
                }
            }
        }
        Ok(ForkResult::Child) => {
            let _leave = Leave;
            IS_WORKER.store(true, Relaxed);
            // Follows the forking thread, and comes too late if the host is already gone.
            let _ = set_pdeathsig(Signal::SIGKILL);
            if getppid() != host {
                leave(1);
            }
            let ended = catch_unwind(AssertUnwindSafe(|| {
                signals::defaults();
                // SAFETY: this process ends in this function, before the borrow does.
                unsafe { signals::record_faults(fault) };
                if !permit.alone() && !std::thread::panicking() {
                    // The host's hook prints under locks that another of its threads may have held.
                    std::panic::set_hook(Box::new(|panic| {
                        let text = format!("worker process {}: {panic}\n", getpid());
                        let _ = nix::unistd::write(std::io::stderr(), text.as_bytes());
                    }));
                }
                body();
                if permit.alone() {
                    // What the kernel printed and what the libraries it calls did.
                    flush();
                }
            }));
            leave(i32::from(ended.is_err()));
        }
    }
}

/// Writes out what is buffered for standard output, by Rust and by C.
pub(crate) fn flush() {
    let _ = std::io::stdout().flush();
    // SAFETY: null means all streams that are open for output.
    unsafe { libc::fflush(std::ptr::null_mut()) };
}

/// Keeps a child from ever running what its host does after a fork.
struct Leave;

impl Drop for Leave {
    fn drop(&mut self) {
        leave(1);
    }
}

/// Waits until at least one of these processes has ended, for a tenth of a second at most, and gives the positions of those that have.
pub(crate) fn wait_any(children: &[&Child]) -> Result<Vec<usize>> {
    let gone: Vec<usize> = (0..children.len()).filter(|at| children[*at].handle.is_none()).collect();
    if !gone.is_empty() || children.is_empty() {
        return Ok(gone);
    }
    let mut handles: Vec<PollFd<'_>> = children
        .iter()
        .flat_map(|child| &child.handle)
        .map(|handle| PollFd::new(handle.as_fd(), PollFlags::POLLIN))
        .collect();
    loop {
        match poll(&mut handles, PollTimeout::from(TICK)) {
            Ok(_) => break,
            Err(Errno::EINTR) => {}
            Err(errno) => {
                return Err(Error::new(ErrorKind::System, format!("waiting for worker processes failed: {errno}"))
                    .caused_by(errno));
            }
        }
    }
    Ok((0..handles.len()).filter(|at| handles[*at].any().unwrap_or(true)).collect())
}

impl Child {
    pub(crate) fn pid(&self) -> u32 {
        self.pid.as_raw().cast_unsigned()
    }

    /// Waits for the end and gives the status back to the system.
    pub(crate) fn reap(&mut self) -> Exit {
        loop {
            match waitpid(self.pid, None) {
                Err(Errno::EINTR) => {}
                Ok(WaitStatus::Exited(_, code)) => {
                    self.reaped = true;
                    return Exit::Code(code);
                }
                Ok(WaitStatus::Signaled(_, signal, _)) => {
                    self.reaped = true;
                    return Exit::Signal(signal);
                }
                Ok(_) => {}
                Err(_) => {
                    self.reaped = true;
                    return Exit::Unknown;
                }
            }
        }
    }

    /// Ends the process, if it still runs. By its handle: the pid could already be another process's.
    pub(crate) fn kill(&self) {
        if let Some(handle) = &self.handle
            && pidfd_send_signal(handle, rustix::process::Signal::KILL).is_err()
            && !self.reaped
        {
            let _ = nix::sys::signal::kill(self.pid, Signal::SIGKILL);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.reaped {
            self.kill();
            self.reap();
        }
    }
}

/// Kills all at once, then waits for each: the ends overlap.
pub(crate) fn end_all(children: Vec<Child>) {
    children.iter().filter(|child| !child.reaped).for_each(Child::kill);
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Code(code) => write!(f, "it exited with status {code}"),
            Exit::Signal(signal) => write!(f, "{signal}"),
            Exit::Unknown => f.write_str("its status was taken by somebody else"),
        }
    }
}

/// Ends this process now: no destructors, no exit handlers, no second flush of what the host had buffered.
fn leave(code: i32) -> ! {
    // SAFETY: `_exit` does nothing but end the process.
    unsafe { libc::_exit(code) }
}
