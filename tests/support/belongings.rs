//! What a program holds of the system, counted before and after a case.

use std::fs;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::wait::{Id, WaitPidFlag, waitid};

/// Open files and threads of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Belongings {
    files: usize,
    threads: usize,
}

impl Belongings {
    pub(super) fn now() -> Self {
        let entries = |folder| fs::read_dir(folder).expect("/proc is mounted").count();
        Self { files: entries("/proc/self/fd"), threads: entries("/proc/self/task") }
    }

    /// Says what is there now that was not there then, children included.
    pub(super) fn left_behind(self) -> Result<(), String> {
        if waitid(Id::All, WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT) != Err(Errno::ECHILD) {
            return Err("a child process is left".to_owned());
        }
        // A thread that was joined may be listed for a moment more.
        let patience = Instant::now() + Duration::from_secs(5);
        loop {
            let now = Self::now();
            if now == self {
                return Ok(());
            }
            if Instant::now() > patience {
                return Err(format!("something is left behind: there were {self:?}, now there are {now:?}"));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
