//! Maps whose workers' statuses are taken by somebody else. Figure 13.

#![allow(unsafe_code)]

use std::thread;

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, raise, sigaction};
use nix::sys::wait::{WaitPidFlag, waitpid};
use pasha::prelude::*;
use pasha_tests::support::{Counters, ignore};

use crate::arguments::Arguments;
use crate::relatives::{Player, end_in_time, ms, variable};
use crate::table::{Table, Verdict};

pub(crate) const IGNORED: &str = "map while SIGCHLD is ignored";
pub(crate) const HANDLED: &str = "map while a handler waits";
pub(crate) const STOLEN: &str = "map while a thread waits";

const MAPS: &str = "PASHA_FAULTS_MAPS";

pub(crate) fn measure(arguments: &Arguments, table: &mut Table) {
    let maps = arguments.times(500, 40);
    let mut held = true;
    let ways = [(IGNORED, "SIGCHLD ignored"), (HANDLED, "a handler waits"), (STOLEN, "a thread waits")];
    let ours = ways.map(|(role, way)| {
        let mut player = Player::start(role, &[(MAPS, maps.to_string())], true);
        let mut right = 0;
        while let Some(line) = player.line() {
            if line == "right" {
                right += 1;
            } else {
                println!("{way}: {line}");
            }
        }
        held &= player.wait().success() && right == maps;
        format!("{way} {right} of {maps}")
    });
    table.row(13, ours.join(", "), Verdict::held_if(held));
}

pub(crate) fn map_while_ignored() {
    end_in_time(60);
    let _until_the_end = ignore(Signal::SIGCHLD);
    let builder = Context::processes().workers(2).on_death(OnDeath::Retry(1));
    maps(&builder.build().expect("a context of two workers can be made"));
}

pub(crate) fn map_while_handled() {
    extern "C" fn wait_for_all(_signal: libc::c_int) {
        let errno = Errno::last();
        wait_while_there_are_any();
        errno.set();
    }

    end_in_time(60);
    let handler = SigAction::new(SigHandler::Handler(wait_for_all), SaFlags::SA_RESTART, SigSet::empty());
    // SAFETY: the handler makes system calls that handlers may make, and keeps `errno`.
    unsafe { sigaction(Signal::SIGCHLD, &handler) }.expect("SIGCHLD can be handled");
    let builder = Context::processes().workers(2).on_death(OnDeath::Retry(1));
    maps(&builder.build().expect("a context of two workers can be made"));
}

pub(crate) fn map_while_stolen() {
    end_in_time(60);
    thread::spawn(|| {
        loop {
            // Blocks while there is one, and steals its status at once.
            if waitpid(None, None) == Err(Errno::ECHILD) {
                thread::sleep(ms(1) / 10);
            }
        }
    });
    let builder = Context::processes().workers(2).on_death(OnDeath::Retry(1));
    // SAFETY: the kernel computes and dies; the other thread waits for children and reaches no array.
    maps(&unsafe { builder.beside_threads() }.build().expect("a context of two workers can be made"));
}

fn wait_while_there_are_any() {
    while waitpid(None, Some(WaitPidFlag::WNOHANG)).is_ok_and(|status| status.pid().is_some()) {}
}

#[pasha::kernel]
fn write(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[param] deadly: usize,
    #[param] begun: &Counters,
    #[out] row: &mut [usize],
    #[reduce(sum)] sum: &mut usize,
) {
    *sum += index + 1;
    row[0] = index + 1;
    if index == deadly && begun.count(0) == 0 {
        let _ = raise(Signal::SIGKILL);
    }
    row[1] = index + 1;
}

/// Maps with a death in every second one.
fn maps(ctx: &Context) {
    const ITEMS: usize = 100;
    for map in 0..variable(MAPS) as usize {
        let begun = Counters::new(1);
        let mut rows = ctx.alloc::<usize>().shape((ITEMS, 2)).build().expect("there is memory");
        let mut sum = ctx.alloc::<usize>().shape(()).build().expect("there is memory");
        let deadly = if map % 2 == 0 { ITEMS } else { map % ITEMS };
        let kernel = write { deadly, begun: &begun, row: &mut rows, sum: &mut sum };
        match ctx.map(kernel, 0..ITEMS) {
            Err(error) => println!("{error}"),
            Ok(report) => {
                let rows_right = rows.indexed_iter().all(|((index, _), value)| *value == index + 1);
                let deaths = report.deaths().len() == map % 2;
                if rows_right && deaths && sum[()] == ITEMS * (ITEMS + 1) / 2 {
                    println!("right");
                } else {
                    println!("wrong: rows {rows_right}, deaths {:?}, sum {}", report.deaths(), sum[()]);
                }
            }
        }
    }
}
