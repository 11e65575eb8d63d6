//! What is left of a program that was ended from outside. Figures 8 and 9.

#![allow(unsafe_code)]

use std::fmt;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::prctl::set_child_subreaper;
use nix::sys::signal::{SigHandler, Signal, kill, signal};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use pasha::prelude::*;

use crate::arguments::Arguments;
use crate::numbers::{Random, grouped};
use crate::relatives::{Player, children, children_can_be_seen, end_in_time, is_alive, ms};
use crate::shim::{DAWDLE, Shim};
use crate::table::{Table, Verdict};

pub(crate) const ROLE: &str = "map until killed";

/// How long children dawdle when the race is forced: longer than their parent lives on, far shorter than until somebody looks.
const FORCED: Duration = ms(10);

#[derive(Debug, Default)]
struct Found {
    /// Programs that were ended while they had workers,
    hosts: u64,
    /// and how many workers these had.
    workers: u64,
    /// Workers that were alive in the end.
    alive: u64,
    /// Of these, how many a second later.
    for_good: u64,
}

pub(crate) fn measure_kills(arguments: &Arguments, table: &mut Table) {
    if !children_can_be_seen() {
        return table.row(8, "", Verdict::Skipped("this system does not tell a process's children"));
    }
    let number = arguments.times(200, 15);
    let by_chance = end_programs(arguments, Signal::SIGKILL, number, ms(50), None);
    let shim = Shim::compile();
    let Some(shim) = shim else {
        let ours = format!("{by_chance}; race not forced: no C compiler");
        return table.row(8, ours, Verdict::held_if(by_chance.held()));
    };
    let forced = end_programs(arguments, Signal::SIGKILL, number, ms(50), Some(&shim));
    table.row(8, format!("{by_chance}; race forced: {forced}",), Verdict::held_if(by_chance.held() && forced.held()));
}

pub(crate) fn measure_signals(arguments: &Arguments, table: &mut Table) {
    if !children_can_be_seen() {
        return table.row(9, "", Verdict::Skipped("this system does not tell a process's children"));
    }
    let [terminated, interrupted] = [Signal::SIGTERM, Signal::SIGINT]
        .map(|signal| end_programs(arguments, signal, arguments.times(50, 5), ms(200), None));
    table.row(9, format!("{terminated} / {interrupted}",), Verdict::held_if(terminated.held() && interrupted.held()));
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.alive, grouped(self.workers))?;
        if self.alive > 0 {
            write!(f, " ({} a second later)", self.for_good)?;
        }
        Ok(())
    }
}

impl Found {
    /// None is alive, of enough.
    fn held(&self) -> bool {
        self.alive == 0 && self.hosts > 0
    }
}

/// Ends programs that map, at random moments, and looks for their workers some time later. Orphans become children of this process.
fn end_programs(arguments: &Arguments, signal: Signal, number: usize, later: Duration, shim: Option<&Shim>) -> Found {
    set_child_subreaper(true).expect("orphans can be adopted");
    let mut random = Random::new(arguments.seed);
    let mut found = Found::default();
    for _ in 0..number {
        let mut variables = Vec::new();
        if let Some(shim) = shim {
            variables.extend([shim.preload(), (DAWDLE, FORCED.as_millis().to_string())]);
        }
        let mut player = Player::start(ROLE, &variables, true);
        player.line();
        // With the shim the first workers are forked soon, and dawdle: the moment must be before they have asked for the signal.
        let most = if shim.is_some() { FORCED.as_micros() as u64 * 4 / 5 } else { 20_000 };
        sleep(Duration::from_micros(random.below(0..most)));
        let workers = children(player.pid());
        found.hosts += u64::from(!workers.is_empty());
        found.workers += workers.len() as u64;
        player.signal(signal);
        let ended = Instant::now();
        player.wait();
        sleep(later.saturating_sub(ended.elapsed()));
        for orphan in children(std::process::id().cast_signed()) {
            if is_alive(orphan) {
                found.alive += 1;
                sleep(ms(1000));
                found.for_good += u64::from(is_alive(orphan));
                let _ = kill(Pid::from_raw(orphan), Signal::SIGKILL);
                let _ = waitpid(Pid::from_raw(orphan), None);
            }
        }
        while let Ok(status) = waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            if status == WaitStatus::StillAlive {
                break;
            }
        }
    }
    set_child_subreaper(false).expect("as before");
    found
}

#[pasha::kernel]
fn nap(_worker_id: usize, _index: usize, &time: &Duration) {
    sleep(time);
}

/// The role: maps long items and short ones in turn, so that there are moments of all kinds.
pub(crate) fn map_until_killed() {
    end_in_time(30);
    for number in [Signal::SIGINT, Signal::SIGTERM] {
        // Who starts a program in the background may have it ignore them.
        // SAFETY: the default disposition runs no code.
        unsafe { signal(number, SigHandler::SigDfl) }.expect("it can be set");
    }
    let ctx = Context::processes().workers(3).build().expect("a context of three workers can be made");
    println!("ready");
    loop {
        for (items, time) in [(9, ms(2)), (50, Duration::ZERO), (3, ms(1)), (1, Duration::ZERO)] {
            ctx.map(nap {}, &vec![time; items]).expect("nothing fails");
        }
    }
}
