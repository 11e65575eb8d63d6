//! The killer: a process beside the workers that kills some of them at moments of its own.

#![allow(unsafe_code)]

use std::time::Duration;

use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, Pid, fork, getpid, getppid};

use super::stage::{Word, stage};
use crate::numbers::Random;
use crate::relatives::children;

/// Ends with its host, or when it is dropped.
pub(super) struct Killer(Pid);

impl Killer {
    /// Forks it. It kills children of a process, other than itself.
    pub(super) fn fork(seed: u64, parent: i32) -> Self {
        let host = getpid();
        stage();
        // SAFETY: this program has one thread.
        match unsafe { fork() }.expect("one process more can be forked") {
            ForkResult::Parent { child } => Self(child),
            ForkResult::Child => {
                let _ = set_pdeathsig(Signal::SIGKILL);
                if getppid() == host {
                    lurk(parent, seed);
                }
                std::process::abort();
            }
        }
    }
}

impl Drop for Killer {
    fn drop(&mut self) {
        let _ = kill(self.0, Signal::SIGKILL);
        let _ = waitpid(self.0, None);
    }
}

fn lurk(parent: i32, seed: u64) -> ! {
    let (stage, myself) = (stage(), getpid().as_raw());
    let mut random = Random::new(!seed);
    let mut seen = 0;
    loop {
        let ticket = stage.get(Word::Ticket);
        if ticket == seen {
            std::thread::sleep(Duration::from_micros(50));
            continue;
        }
        seen = ticket;
        for _ in 0..stage.get(Word::Shots) {
            let delay = random.below(0..stage.get(Word::Delay).max(1));
            std::thread::sleep(Duration::from_micros(delay));
            if stage.get(Word::Ticket) != ticket {
                break;
            }
            let workers: Vec<i32> = children(parent).into_iter().filter(|pid| *pid != myself).collect();
            if !workers.is_empty() {
                // Pids are given out in turn: one seen a moment ago is nobody else's yet.
                let victim = workers[random.below(0..workers.len() as u64) as usize];
                let _ = kill(Pid::from_raw(victim), Signal::SIGKILL);
            }
        }
    }
}
