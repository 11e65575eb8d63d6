//! The soak: maps under random kills. Figures 1, 2, 3, 6 and 7.

mod kernels;
mod killer;
mod round;
mod stage;

use std::fs;

use nix::errno::Errno;
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::{alarm, getpid};
use pasha::__private::hooks::{self, Point};

use crate::arguments::Arguments;
use crate::numbers::grouped;
use crate::relatives::{Player, children_can_be_seen, end_in_time, variable, zygote};
use crate::table::{Table, Verdict};
use killer::Killer;
use stage::stage;

pub(crate) const ROLE: &str = "soak";

const SEED: &str = "PASHA_FAULTS_SEED";
const FIRST: &str = "PASHA_FAULTS_FIRST";
const ROUNDS: &str = "PASHA_FAULTS_ROUNDS";
const RESIDENTS: &str = "PASHA_FAULTS_RESIDENTS";

/// Far more seconds than any round takes.
const PATIENCE: u32 = 20;

/// After so many rounds, the program has all that it will ever need.
const WARM: u64 = 50;

/// So many wrong things are printed.
const SHOWN: u64 = 10;

/// So many hangs are enough.
const ENOUGH: u64 = 10;

/// The sums of what the rounds print.
#[derive(Debug, Default)]
struct Sums {
    rounds: u64,
    hangs: u64,
    deaths: u64,
    in_row: u64,
    named: u64,
    torn: u64,
    done: u64,
    wrong: u64,
    again: u64,
    deaths_alone: u64,
    zombies: u64,
    /// What there was more at the end.
    more: Option<[i64; 3]>,
}

/// Plays rounds in a program of their own; another one goes on behind a round that hangs.
pub(crate) fn measure(arguments: &Arguments, table: &mut Table) {
    let (first, rounds) = arguments.rounds();
    let mut sums = Sums::default();
    let mut next = first;
    while next < first + rounds && sums.hangs < ENOUGH {
        let residents = u64::from(arguments.residents);
        let variables =
            [(SEED, arguments.seed), (FIRST, next), (ROUNDS, first + rounds - next), (RESIDENTS, residents)]
                .map(|(name, value)| (name, value.to_string()));
        let mut player = Player::start(ROLE, &variables, true);
        while let Some(line) = player.line() {
            next += u64::from(sums.take(&line));
        }
        let status = player.wait();
        if next < first + rounds || !status.success() {
            sums.hangs += 1;
            println!("round {next} hangs, or ends its host: {status}");
            next += 1;
        }
    }
    sums.tell(arguments, table);
}

impl Sums {
    /// Says whether it is the line of a round.
    fn take(&mut self, line: &str) -> bool {
        let words: Vec<&str> = line.split(' ').collect();
        let numbers: Vec<i64> = words[1..].iter().filter_map(|word| word.parse().ok()).collect();
        match (words[0], &*numbers) {
            ("round", &[deaths, in_row, named, torn, done, wrong, again, deaths_alone, zombies]) => {
                self.rounds += 1;
                for (sum, part) in [
                    (&mut self.deaths, deaths),
                    (&mut self.in_row, in_row),
                    (&mut self.named, named),
                    (&mut self.torn, torn),
                    (&mut self.done, done),
                    (&mut self.wrong, wrong),
                    (&mut self.again, again),
                    (&mut self.deaths_alone, deaths_alone),
                    (&mut self.zombies, zombies),
                ] {
                    *sum += part.cast_unsigned();
                }
                return true;
            }
            ("more", &[files, mappings, threads]) => self.more = Some([files, mappings, threads]),
            _ if self.wrong < SHOWN => println!("{line}"),
            _ => {}
        }
        false
    }

    fn tell(&self, arguments: &Arguments, table: &mut Table) {
        let Self { rounds, hangs, deaths, in_row, named, torn, done, wrong, again, deaths_alone, zombies, more } = self;
        let (_, asked) = arguments.rounds();
        // 500 of 10,000.
        let enough = in_row * 20 >= asked;
        let blind = if children_can_be_seen() { "" } else { "; the killer was blind" };
        table.row(
            1,
            format!(
                "{hangs} in {} maps; {} deaths, {} in a row ({torn} left torn){blind}",
                grouped(*rounds),
                grouped(*deaths),
                grouped(*in_row)
            ),
            Verdict::held_if(*hangs == 0 && *rounds == asked && (enough || arguments.round.is_some())),
        );
        table.row(2, format!("{wrong} of {}", grouped(*done)), Verdict::held_if(*wrong == 0));
        match more {
            Some([files, mappings, threads]) => table.row(
                3,
                format!("{zombies}; {files}/{mappings}/{threads}"),
                Verdict::held_if(*zombies == 0 && [files, mappings, threads].iter().all(|more| **more <= 0)),
            ),
            None if asked <= WARM => table.row(3, "", Verdict::Skipped("too few maps")),
            None => table.row(3, "it did not come to its end", Verdict::Missed),
        }
        let ratio = *again as f64 / (*deaths_alone).max(1) as f64;
        table.row(
            6,
            format!("{ratio:.3} ({} for {} deaths)", grouped(*again), grouped(*deaths_alone)),
            Verdict::held_if(again <= deaths_alone),
        );
        let percent = 100.0 * *named as f64 / (*in_row).max(1) as f64;
        table.row(
            7,
            format!("{percent:.2} % ({} of {})", grouped(*named), grouped(*in_row)),
            Verdict::held_if(named == in_row && *in_row > 0),
        );
    }
}

/// The role: plays rounds, and prints a line for each.
pub(crate) fn act() {
    end_in_time(PATIENCE);
    let (seed, first, rounds) = (variable(SEED), variable(FIRST), variable(ROUNDS));
    hooks::set(Some(|point, _| stage().reach(number_of(point))));
    stage();
    let residents = variable(RESIDENTS) != 0;
    if residents {
        pasha::init().expect("there is one thread");
    }
    let killer = Killer::fork(seed ^ first, if residents { zygote() } else { getpid().as_raw() });
    let mut before = None;
    for round in first..first + rounds {
        alarm::set(PATIENCE);
        let outcome = round::play(seed, round, residents);
        let zombies = u64::from(an_ended_child_is_left());
        let round::Outcome { deaths, in_row, named, torn, done, wrong, again, deaths_alone } = outcome;
        for wrong in &wrong {
            println!("round {round} of seed {seed}: {wrong}");
        }
        println!("round {deaths} {in_row} {named} {torn} {done} {} {again} {deaths_alone} {zombies}", wrong.len());
        if round == first + WARM {
            before = Some(belongings());
        }
    }
    if let Some(before) = before {
        let now = belongings();
        println!("more {} {} {}", now[0] - before[0], now[1] - before[1], now[2] - before[2]);
    }
    drop(killer);
    assert_eq!(waitid(Id::All, WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG), Err(Errno::ECHILD), "a child is left");
}

fn number_of(point: Point) -> u64 {
    match point {
        Point::Claim => 0,
        Point::Stolen => 1,
        Point::Claimed => 2,
        Point::Called => 3,
        _ => 4,
    }
}

fn an_ended_child_is_left() -> bool {
    let seen = waitid(Id::All, WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT);
    !matches!(seen, Ok(WaitStatus::StillAlive))
}

/// Open files, mappings and threads.
fn belongings() -> [i64; 3] {
    let entries = |folder| fs::read_dir(folder).map_or(0, Iterator::count) as i64;
    let mappings = fs::read_to_string("/proc/self/maps").unwrap_or_default().lines().count() as i64;
    [entries("/proc/self/fd"), mappings, entries("/proc/self/task")]
}
