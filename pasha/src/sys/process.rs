//! Worker processes: forking them, waiting for any of them, ending them.

use std::io::Write;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::libc;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sched::{sched_getaffinity, sched_getcpu, sched_setaffinity};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::time::TimeSpec;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, dup2_stderr, getpgid, getpid, getppid, getsid, pipe2, setpgid};
use rustix::process::{PidfdFlags, pidfd_open, pidfd_send_signal};

use super::permit::Permit;
use super::signals;
use crate::death::CauseOfDeath;
use crate::error::{Error, ErrorKind, Result};

/// A pipe that takes anything takes so many bytes (PIPE_BUF).
pub(crate) const PIECE: usize = 4096;

/// Set in every worker process, and inherited by what it forks.
static IS_WORKER: AtomicBool = AtomicBool::new(false);

/// Set in a worker process whose host had other threads: they may have held any lock.
static BESIDE_OTHERS: AtomicBool = AtomicBool::new(false);

/// Whether this process is a worker: it has none of its host's other threads, and its host's locks may be closed for ever.
pub(crate) fn is_worker() -> bool {
    IS_WORKER.load(Relaxed)
}

/// A worker process, the first of a process group of its own. Dropping it kills the group and waits for the worker's end, so that none is ever left
/// behind.
#[derive(Debug)]
pub(crate) struct Child {
    pid: Pid,
    /// Becomes readable when the process ends, whoever else waits for it. `None` if it ended before it could be opened.
    handle: Option<OwnedFd>,
    /// What it writes to standard error; `None` after its end.
    stderr: Option<OwnedFd>,
    reaped: bool,
}

/// Forks a process that runs `body`, leaves the address of a fault that ends it in `fault`, plus 1, and ends without running destructors, exit
/// handlers or the host's code. Its standard error is a pipe to the host.
pub(crate) fn fork(permit: &Permit, fault: &AtomicU64, body: impl FnOnce()) -> Result<Child> {
    let host = getpid();
    let (stderr, their_stderr) = pipe2(OFlag::O_CLOEXEC).map_err(unwatched)?;
    fcntl(&stderr, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).map_err(unwatched)?;
    // SAFETY: the permit says that this thread is the only one, and none of the user's code runs between `Permit::obtain` and here; or it says that
    // `body` does only what is allowed after a fork beside others.
    match unsafe { nix::unistd::fork() } {
        Err(errno) => Err(Error::new(
            ErrorKind::System,
            format!("a worker process could not be forked: {errno}; fewer workers, or a higher limit of processes or memory, may help"),
        )
        .caused_by(errno)),
        Ok(ForkResult::Parent { child: pid }) => {
            let handle = rustix::process::Pid::from_raw(pid.as_raw()).map(|pid| pidfd_open(pid, PidfdFlags::empty()));
            let mut child = Child { pid, handle: None, stderr: Some(stderr), reaped: false };
            match handle {
                Some(Ok(handle)) => child.handle = Some(handle),
                Some(Err(rustix::io::Errno::SRCH)) | None => {}
                Some(Err(errno)) => {
                    child.end();
                    return Err(unwatched(errno));
                }
            }
            Ok(child)
        }
        Ok(ForkResult::Child) => {
            let _leave = Leave;
            IS_WORKER.store(true, Relaxed);
            BESIDE_OTHERS.store(!permit.alone(), Relaxed);
            // Follows the forking thread, and comes too late if the host is already gone.
            let _ = set_pdeathsig(Signal::SIGKILL);
            if getppid() != host {
                leave(1);
            }
            // What the kernel starts belongs to it, and can be ended with it.
            let _ = setpgid(Pid::from_raw(0), Pid::from_raw(0));
            let _ = dup2_stderr(&their_stderr);
            drop((stderr, their_stderr));
            let ended = catch_unwind(AssertUnwindSafe(|| {
                signals::defaults();
                if permit.alone() {
                    skip_exit_handlers();
                }
                // SAFETY: this process ends in this function, before the borrow does.
                unsafe { signals::record_faults(fault) };
                body();
            }));
            leave(i32::from(ended.is_err()));
        }
    }
}

/// Forks a process that runs `body` and is nobody's child: it ends by itself.
pub(crate) fn detach(permit: &Permit, body: impl FnOnce()) -> Result<()> {
    flush();
    let failed = |errno: Errno| {
        let message = format!("a process could not be forked: {errno}; a higher limit of processes or memory may help");
        Error::new(ErrorKind::System, message).caused_by(errno)
    };
    assert!(permit.alone(), "a process of its own is forked from one thread");
    // SAFETY: the permit says that this thread is the only one.
    match unsafe { nix::unistd::fork() }.map_err(failed)? {
        ForkResult::Parent { child } => loop {
            match waitpid(child, None) {
                Err(Errno::EINTR) => {}
                Ok(WaitStatus::Exited(_, code)) if code != 0 => return Err(failed(Errno::from_raw(code))),
                // Somebody else may have taken the status; whether it lives is asked of itself.
                Ok(_) | Err(_) => return Ok(()),
            }
        },
        ForkResult::Child => {
            let _leave = Leave;
            // SAFETY: this process has one thread, as the one that it was forked from.
            match unsafe { nix::unistd::fork() } {
                Err(errno) => leave(errno as i32),
                Ok(ForkResult::Parent { .. }) => leave(0),
                Ok(ForkResult::Child) => {
                    IS_WORKER.store(true, Relaxed);
                    let _ = setpgid(Pid::from_raw(0), Pid::from_raw(0));
                    let ended = catch_unwind(AssertUnwindSafe(|| {
                        signals::defaults();
                        body();
                    }));
                    leave(i32::from(ended.is_err()));
                }
            }
        }
    }
}

/// What a function returns; nothing if it panics.
pub(crate) fn caught<T>(body: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(body)).ok()
}

/// The id of this process.
pub(crate) fn id() -> u32 {
    getpid().as_raw().cast_unsigned()
}

/// How many processors this process may run on.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A process, whatever becomes of its id.
#[derive(Debug)]
pub(crate) struct Pidfd {
    handle: OwnedFd,
}

impl Pidfd {
    /// This process, for those that are forked from it.
    pub(crate) fn own() -> Result<Self> {
        pidfd_open(rustix::process::getpid(), PidfdFlags::empty()).map(|handle| Self { handle }).map_err(unwatched)
    }

    /// The process that has this id now.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        let pid = rustix::process::Pid::from_raw(pid.cast_signed())?;
        pidfd_open(pid, PidfdFlags::empty()).ok().map(|handle| Self { handle })
    }

    /// The process of this session that has this id now, and leads a group: such is a worker that nobody has reaped.
    pub(crate) fn of_leader(pid: u32) -> Option<Self> {
        let found = Self::of(pid)?;
        let pid = Pid::from_raw(pid.cast_signed());
        (getpgid(Some(pid)) == Ok(pid) && getsid(Some(pid)) == getsid(None)).then_some(found)
    }

    pub(crate) fn has_ended(&self) -> bool {
        let mut handles = [PollFd::new(self.handle.as_fd(), PollFlags::POLLIN)];
        matches!(ppoll(&mut handles, Some(TimeSpec::from_duration(Duration::ZERO)), None), Ok(1..))
    }

    pub(crate) fn handle(&self) -> &OwnedFd {
        &self.handle
    }

    /// Kills it, and waits until it is gone.
    pub(crate) fn end(&self) {
        while !self.has_ended() {
            if pidfd_send_signal(&self.handle, rustix::process::Signal::KILL).is_err() {
                return;
            }
            let mut handles = [PollFd::new(self.handle.as_fd(), PollFlags::POLLIN)];
            let _ = ppoll(&mut handles, Some(TimeSpec::from_duration(Duration::from_millis(5))), None);
        }
    }
}

/// One end of a pipe that says no more than that there is something to see.
#[derive(Debug)]
pub(crate) struct Bell {
    end: OwnedFd,
}

impl Bell {
    /// The end that rings, and the one that hears.
    pub(crate) fn new() -> Result<(Self, Self)> {
        let (hears, rings) = pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK).map_err(unwatched)?;
        Ok((Self { end: rings }, Self { end: hears }))
    }

    pub(crate) fn ring(&self) {
        // A full pipe will be heard all the same.
        let _ = nix::unistd::write(&self.end, &[0]);
    }

    /// Takes all rings. Says whether nobody can ring any more.
    pub(crate) fn hear(&self) -> bool {
        let mut bytes = [0; 64];
        loop {
            match nix::unistd::read(&self.end, &mut bytes) {
                Ok(0) => return true,
                Ok(_) | Err(Errno::EINTR) => {}
                Err(_) => return false,
            }
        }
    }

    /// Closes this process's copy of an end, which is never used or dropped in it.
    pub(crate) fn close_in_fork(&self) {
        let _ = nix::unistd::close(self.end.as_raw_fd());
    }

    pub(crate) fn handle(&self) -> &OwnedFd {
        &self.end
    }
}

/// Has panics in worker processes printed without a lock that a thread of their host may hold, and those in this process as before.
pub(crate) fn print_panics_without_locks() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if BESIDE_OTHERS.load(Relaxed) {
                show(format!("worker process {}: {panic}\n", getpid()).as_bytes());
            } else {
                before(panic);
            }
        }));
    });
}

fn unwatched(errno: impl std::error::Error + Send + Sync + 'static) -> Error {
    let message = format!("a worker process could not be watched: {errno}; a higher limit of open files may help");
    Error::new(ErrorKind::System, message).caused_by(errno)
}

/// The processor that this thread runs on.
pub(crate) fn processor() -> u32 {
    sched_getcpu().map_or(0, |processor| processor as u32)
}

/// Moves this thread to a processor that is none of these, if there is one. Forks are put behind each other, and left there for milliseconds, while
/// processors are idle.
pub(crate) fn keep_off(others: &[u32]) {
    let myself = Pid::from_raw(0);
    let Ok(allowed) = sched_getaffinity(myself) else { return };
    let mut free = allowed;
    for other in others {
        let _ = free.unset(*other as usize);
    }
    // None is free: refused, and nothing changes.
    if sched_setaffinity(myself, &free).is_ok() {
        let _ = sched_setaffinity(myself, &allowed);
    }
}

/// Writes out what is buffered for standard output, by Rust and by C.
pub(crate) fn flush() {
    let _ = std::io::stdout().flush();
    // SAFETY: null means all streams that are open for output.
    unsafe { libc::fflush(std::ptr::null_mut()) };
}

/// Where a kernel, or a library that it calls, ends this process by `exit`, what the host wants done at its own exit is not done here: handlers run in the
/// reverse order, and what they find is a process that has left. Those that are set from now on run. It takes a lock of the C library.
#[cfg(target_env = "gnu")]
fn skip_exit_handlers() {
    unsafe extern "C" {
        fn on_exit(run: extern "C" fn(libc::c_int, *mut libc::c_void), argument: *mut libc::c_void) -> libc::c_int;
    }
    extern "C" fn leave_now(status: libc::c_int, _: *mut libc::c_void) {
        // SAFETY: null means all streams that are open for output.
        unsafe { libc::fflush(std::ptr::null_mut()) };
        leave(status);
    }
    // SAFETY: this is how the C library declares it. The handler is there as long as the program, and does not unwind.
    unsafe { on_exit(leave_now, std::ptr::null_mut()) };
}

#[cfg(not(target_env = "gnu"))]
fn skip_exit_handlers() {}

/// Keeps a child from ever running what its host does after a fork.
struct Leave;

impl Drop for Leave {
    fn drop(&mut self) {
        leave(1);
    }
}

/// Waits until one of these processes has ended, or for so long at most; gives the positions of those that have ended. Whoever is listened to and
/// writes to standard error cuts the wait short; so does a signal, and this process's own standard error when it takes something, if that is wanted.
pub(crate) fn wait_any(
    children: &[(&Child, bool)],
    others: &[&OwnedFd],
    to_show: bool,
    patience: Duration,
) -> Result<Vec<usize>> {
    let gone: Vec<usize> = (0..children.len()).filter(|at| children[*at].0.handle.is_none()).collect();
    if !gone.is_empty() || children.is_empty() && others.is_empty() {
        return Ok(gone);
    }
    let own_stderr = std::io::stderr();
    let ends = children.iter().flat_map(|(child, _)| &child.handle);
    let mut handles: Vec<PollFd<'_>> = ends.map(|handle| PollFd::new(handle.as_fd(), PollFlags::POLLIN)).collect();
    let words = children.iter().filter(|(_, listens)| *listens).flat_map(|(child, _)| &child.stderr);
    handles.extend(words.map(|handle| PollFd::new(handle.as_fd(), PollFlags::POLLIN)));
    handles.extend(others.iter().map(|other| PollFd::new(other.as_fd(), PollFlags::POLLIN)));
    if to_show {
        handles.push(PollFd::new(own_stderr.as_fd(), PollFlags::POLLOUT));
    }
    match ppoll(&mut handles, Some(TimeSpec::from_duration(patience)), None) {
        Ok(0) | Err(Errno::EINTR) => Ok(Vec::new()),
        Ok(_) => Ok((0..children.len()).filter(|at| handles[*at].any().unwrap_or(true)).collect()),
        Err(errno) => {
            Err(Error::new(ErrorKind::System, format!("waiting for worker processes failed: {errno}")).caused_by(errno))
        }
    }
}

impl Child {
    pub(crate) fn pid(&self) -> u32 {
        self.pid.as_raw().cast_unsigned()
    }

    /// Gives some of what the process has written to standard error, if there is any now.
    pub(crate) fn hear(&mut self) -> Option<Vec<u8>> {
        let mut bytes = vec![0; PIECE];
        loop {
            match nix::unistd::read(self.stderr.as_ref()?, &mut bytes) {
                Ok(0) => self.stderr = None,
                Ok(len) => {
                    bytes.truncate(len);
                    return Some(bytes);
                }
                Err(Errno::EINTR) => {}
                // Nothing now; what else can go wrong will not get better.
                Err(_) => return None,
            }
        }
    }

    /// What it died of, after its end. Gives the status back to the system.
    pub(crate) fn reap(&mut self) -> CauseOfDeath {
        loop {
            match waitpid(self.pid, None) {
                Err(Errno::EINTR) => {}
                Ok(status) => {
                    if let Some(cause) = cause_of(status) {
                        self.reaped = true;
                        return cause;
                    }
                }
                Err(_) => {
                    self.reaped = true;
                    return CauseOfDeath::Unknown;
                }
            }
        }
    }

    /// Kills the process, and what it has started and not let go.
    pub(crate) fn kill(&self) {
        if self.reaped {
            return;
        }
        // By its handle: the pid could already be another process's, if somebody else reaped it. Then the group is left alone, too.
        let ours = match &self.handle {
            Some(handle) => pidfd_send_signal(handle, rustix::process::Signal::KILL).is_ok(),
            None => kill(self.pid, Signal::SIGKILL).is_ok(),
        };
        if ours {
            let _ = killpg(self.pid, Signal::SIGKILL);
        }
    }

    /// Kills it again and again until it is gone.
    pub(crate) fn end(&mut self) {
        while !self.reaped {
            self.kill();
            match waitpid(self.pid, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) => self.wait_a_moment(),
                Ok(status) if cause_of(status).is_none() => {}
                Err(Errno::EINTR) => {}
                Ok(_) | Err(_) => self.reaped = true,
            }
        }
    }

    /// Until it has ended, for a few milliseconds.
    fn wait_a_moment(&self) {
        let moment = Duration::from_millis(5);
        match &self.handle {
            Some(handle) => {
                let mut handles = [PollFd::new(handle.as_fd(), PollFlags::POLLIN)];
                let _ = ppoll(&mut handles, Some(TimeSpec::from_duration(moment)), None);
            }
            None => std::thread::sleep(Duration::from_micros(50)),
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.end();
    }
}

/// Kills all at once, then waits for each: the ends overlap.
pub(crate) fn end_all<'c>(children: impl Iterator<Item = &'c mut Child>) {
    let children: Vec<&mut Child> = children.collect();
    children.iter().for_each(|child| child.kill());
    children.into_iter().for_each(Child::end);
}

/// The number of the error of the system that is behind an error; 0 if there is none.
pub(crate) fn errno_of(error: &Error) -> i32 {
    let cause = std::error::Error::source(error);
    let nix = cause.and_then(|cause| cause.downcast_ref::<Errno>()).map(|errno| *errno as i32);
    let rustix = || cause.and_then(|cause| cause.downcast_ref::<rustix::io::Errno>()).map(|errno| errno.raw_os_error());
    nix.or_else(rustix).unwrap_or(0)
}

/// `None` if the process has not ended.
fn cause_of(status: WaitStatus) -> Option<CauseOfDeath> {
    match status {
        WaitStatus::Exited(_, code) => Some(CauseOfDeath::Exit(code)),
        WaitStatus::Signaled(_, signal, _) => Some(CauseOfDeath::Signal(signal as i32)),
        _ => None,
    }
}

/// Whether standard error takes a piece without making its writer wait, now or within some time. It may be a pipe that nobody reads, or a terminal
/// that was halted.
pub(crate) fn takes_stderr(patience: Duration) -> bool {
    takes(std::io::stderr().as_fd(), patience)
}

/// As [`takes_stderr`], for standard output and now.
pub(crate) fn takes_stdout() -> bool {
    takes(std::io::stdout().as_fd(), Duration::ZERO)
}

fn takes(stream: BorrowedFd<'_>, patience: Duration) -> bool {
    let mut handles = [PollFd::new(stream, PollFlags::POLLOUT)];
    // What cannot be asked is closed, and takes everything.
    !matches!(ppoll(&mut handles, Some(TimeSpec::from_duration(patience)), None), Ok(0) | Err(Errno::EINTR))
}

/// Writes to the standard error of this process, past all locks.
pub(crate) fn show(mut bytes: &[u8]) {
    while !bytes.is_empty() {
        match nix::unistd::write(std::io::stderr().as_fd(), bytes) {
            Ok(len) => bytes = &bytes[len..],
            Err(Errno::EINTR) => {}
            Err(_) => break,
        }
    }
}

/// Ends this process now: no destructors, no exit handlers, no second flush of what the host had buffered.
fn leave(code: i32) -> ! {
    // SAFETY: `_exit` does nothing but end the process.
    unsafe { libc::_exit(code) }
}
