//! A program in a session of its own: whoever it leaves behind can be found there.

#![allow(unsafe_code)]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{SigHandler, Signal, kill, signal};
use nix::unistd::{Pid, setsid};

/// A program, and all that it starts. Dropping it ends them all.
#[derive(Debug)]
pub struct Session {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Session {
    /// Starts a program.
    pub fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stdin(Stdio::null());
        // SAFETY: `setsid` may be called between fork and exec.
        unsafe { command.pre_exec(|| setsid().map(|_| ()).map_err(Into::into)) };
        Self::of(command)
    }

    /// Takes over a program that makes a session of its own before it begins, and whose standard output is a pipe.
    pub fn of(mut command: Command) -> Self {
        // SAFETY: a disposition may be set between fork and exec, and the default runs no code.
        unsafe { command.pre_exec(heed_signals) };
        let mut child = command.spawn().expect("a program can be started");
        let stdout = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        Self { child, stdout }
    }

    /// Its first process.
    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// Waits until it says so.
    pub fn wait_for_line(&mut self, line: &str) {
        let mut said = String::new();
        while said.trim_end() != line {
            said.clear();
            let len = self.stdout.read_line(&mut said).expect("it can be read");
            assert!(len > 0, "it ended before it said {line:?}");
        }
    }

    /// Waits for the end of its first process, and gives its status.
    pub fn wait(&mut self, patience: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + patience;
        loop {
            match self.child.try_wait().expect("it is a child") {
                None if Instant::now() < until => sleep(Duration::from_millis(1)),
                status => return status,
            }
        }
    }

    /// Asserts that it ends well, and gives the rest of what it says.
    pub fn succeed(mut self, patience: Duration) -> String {
        let status = self.wait(patience).unwrap_or_else(|| panic!("it is not through after {patience:?}"));
        let mut said = String::new();
        self.stdout.read_to_string(&mut said).expect("it can be read");
        assert!(status.success(), "{status}: {said}");
        said
    }

    /// Who of it is alive.
    pub fn alive(&self) -> Vec<String> {
        let session = self.pid().as_raw().to_string();
        let entries = fs::read_dir("/proc").expect("/proc is mounted").flatten();
        let all = entries.filter_map(|entry| {
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            let (name, rest) = stat.rsplit_once(')')?;
            let mut fields = rest.split_ascii_whitespace();
            let state = fields.next()?;
            let ours = fields.nth(2)? == session && !["Z", "X"].contains(&state);
            ours.then(|| format!("{name}) {state}"))
        });
        all.collect()
    }

    /// Who of it is still alive after some time.
    pub fn alive_after(&self, patience: Duration) -> Vec<String> {
        let until = Instant::now() + patience;
        loop {
            let alive = self.alive();
            if alive.is_empty() || Instant::now() > until {
                return alive;
            }
            sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        loop {
            let alive = self.alive();
            for process in &alive {
                let pid = process.split(' ').next().and_then(|pid| pid.parse().ok());
                let _ = pid.map(|pid| kill(Pid::from_raw(pid), Signal::SIGKILL));
            }
            if alive.is_empty() {
                break;
            }
            sleep(Duration::from_millis(1));
        }
        let _ = self.child.wait();
    }
}

/// Who starts a suite in the background may have it ignore what is meant for the foreground, and so all that it starts.
fn heed_signals() -> std::io::Result<()> {
    for number in [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGHUP] {
        // SAFETY: the default runs no code.
        unsafe { signal(number, SigHandler::SigDfl) }?;
    }
    Ok(())
}
