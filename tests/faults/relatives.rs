//! Processes seen from outside: the children of one, and this program in another role.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, alarm};
use pasha_tests::support::again;

/// This program in a role, which is ended when it is dropped.
pub(crate) struct Player {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Player {
    /// Starts it with some variables of the environment. What it writes to standard error is not shown if it is to be `quiet`.
    pub(crate) fn start(role: &str, variables: &[(&str, String)], quiet: bool) -> Self {
        let mut command = again(role);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        if quiet {
            command.stderr(Stdio::null());
        }
        let mut child = command.spawn().expect("this program can be started again");
        let stdout = child.stdout.take().expect("it was piped");
        Self { child, lines: BufReader::new(stdout) }
    }

    pub(crate) fn pid(&self) -> i32 {
        self.child.id().cast_signed()
    }

    /// The next line that it prints, or nothing if it has closed its output.
    pub(crate) fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let len = self.lines.read_line(&mut line).expect("what it prints can be read");
        (len > 0).then(|| line.trim_end().to_owned())
    }

    pub(crate) fn signal(&self, signal: Signal) {
        // It is a child that was not waited for: the pid is still its own.
        let _ = kill(Pid::from_raw(self.pid()), signal);
    }

    pub(crate) fn wait(mut self) -> ExitStatus {
        self.child.wait().expect("a child can be waited for")
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// For a player: ends with the program that started it, and by SIGALRM after so many seconds.
pub(crate) fn end_in_time(seconds: u32) {
    let _ = set_pdeathsig(Signal::SIGKILL);
    alarm::set(seconds);
}

/// A value that a player was given.
pub(crate) fn variable(name: &str) -> u64 {
    let value = std::env::var(name).ok().and_then(|value| value.parse().ok());
    value.unwrap_or_else(|| panic!("the role wants a number {name}"))
}

/// The children of a process with one thread.
pub(crate) fn children(pid: i32) -> Vec<i32> {
    let list = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    list.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// The process of this program that was forked last and is nobody's child.
pub(crate) fn zygote() -> i32 {
    let (myself, parent) = (std::process::id(), std::os::unix::process::parent_id());
    let program = fs::read_link("/proc/self/exe").expect("a program has a file");
    let pids = fs::read_dir("/proc")
        .expect("processes can be seen")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let others = pids.filter(|pid: &u32| ![myself, parent].contains(pid));
    let same = others.filter(|pid| fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe == program));
    same.max().expect("it was just forked").cast_signed()
}

/// Whether the system tells the children of a process.
pub(crate) fn children_can_be_seen() -> bool {
    let myself = std::process::id();
    fs::exists(format!("/proc/{myself}/task/{myself}/children")).unwrap_or(false)
}

/// Whether a process still runs: it is there, and not a zombie.
pub(crate) fn is_alive(pid: i32) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    !matches!(state, None | Some('Z' | 'X'))
}

/// Some milliseconds.
pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}
