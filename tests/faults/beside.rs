//! Forks beside busy threads. Figure 11.

#![allow(unsafe_code)]

use std::hint::black_box;
use std::panic::catch_unwind;
use std::thread;

use nix::sys::signal::{Signal, raise};
use pasha::prelude::*;
use pasha_tests::support::Counters;

use crate::arguments::Arguments;
use crate::numbers::grouped;
use crate::relatives::{Player, end_in_time, variable};
use crate::table::{Table, Verdict};

pub(crate) const ROLE: &str = "fork beside threads";

const FORKS: &str = "PASHA_FAULTS_FORKS";

/// Far more seconds than a map takes.
const PATIENCE: u32 = 10;

/// So many hangs are enough.
const ENOUGH: usize = 5;

pub(crate) fn measure(arguments: &Arguments, table: &mut Table) {
    let wanted = arguments.times(5_000, 400) as u64;
    let (mut forks, mut hangs, mut wrong) = (0, 0, 0);
    while forks < wanted && hangs < ENOUGH {
        let mut player = Player::start(ROLE, &[(FORKS, (wanted - forks).to_string())], true);
        while let Some(line) = player.line() {
            match line.strip_prefix("forks ").and_then(|number| number.parse::<u64>().ok()) {
                Some(number) => forks += number,
                None if line.is_empty() || line.starts_with("busy") => {}
                None => {
                    wrong += 1;
                    println!("{line}");
                }
            }
        }
        if !player.wait().success() {
            hangs += 1;
        }
    }
    let more = if wrong > 0 { format!(", {wrong} wrong otherwise") } else { String::new() };
    table.row(11, format!("{hangs} in {} forks{more}", grouped(forks)), Verdict::held_if(hangs == 0 && wrong == 0));
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Well,
    Panic,
    Death,
}

#[pasha::kernel]
fn write(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[param] fate: Fate,
    #[param] begun: &Counters,
    #[out] row: &mut [usize],
) {
    if index == 11 && begun.count(0) == 0 {
        match fate {
            Fate::Well => {}
            Fate::Panic => panic!("on purpose"),
            Fate::Death => drop(raise(Signal::SIGKILL)),
        }
    }
    row.fill(index);
}

/// The role: forks beside threads that print, panic and allocate.
pub(crate) fn fork_beside_threads() {
    end_in_time(PATIENCE);
    for _ in 0..3 {
        thread::spawn(|| {
            for turn in 0_usize.. {
                print!("busy {turn}\r");
                eprintln!("busy {turn}");
                black_box(vec![turn; turn % 5_000 + 1]);
                let _ = catch_unwind(|| assert_eq!(black_box(turn), usize::MAX, "on purpose"));
                let _ = std::env::var("PATH");
            }
        });
    }
    const ITEMS: usize = 40;
    let builder = Context::processes().workers(2).on_death(OnDeath::Retry(1));
    // SAFETY: the kernel computes, panics and dies; no other thread writes the array.
    let ctx = unsafe { builder.beside_threads() }.build().expect("a context of two workers can be made");
    let mut rows = ctx.alloc::<usize>().shape((ITEMS, 4)).build().expect("there is memory");
    let wanted = variable(FORKS);
    let mut forks = 0;
    for round in 0.. {
        if forks >= wanted {
            break;
        }
        nix::unistd::alarm::set(PATIENCE);
        let begun = Counters::new(1);
        let fate = [Fate::Well, Fate::Panic, Fate::Well, Fate::Death, Fate::Well][round % 5];
        let result = ctx.map(write { fate, begun: &begun, row: &mut rows }, 0..ITEMS);
        let mut made = 2;
        match result {
            Ok(report) => {
                made += report.deaths().len() as u64;
                if fate == Fate::Panic {
                    println!("\na panic is lost");
                }
                if rows.indexed_iter().any(|((index, _), value)| *value != index) {
                    println!("\nwrong rows, {fate:?}");
                }
            }
            Err(error) if fate == Fate::Panic && error.index() == Some(11) => {}
            Err(error) => println!("\n{fate:?}: {error}"),
        }
        forks += made;
        println!("\nforks {made}");
    }
}
