//! Instructions an item and a call, ours and those of loops by hand, counted by valgrind: no other program and no luck with addresses has a say.
//!
//! One worker: what several execute differs from it by their waiting only.

use std::hint::black_box;
use std::process::Command;

use pasha::{Context, Ix0, Ix1, SharedArray};
use pasha_benches::{Bar, Race, Table, Unit};

/// Multiplies each value by 3.
#[pasha::kernel]
fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
    *tripled = 3.0 * value;
}

/// Mixes the bits of a value.
#[pasha::kernel]
fn mix(_worker_id: usize, _index: usize, &value: &u64, #[out] mixed: &mut u64) {
    *mixed = fold(fold(fold(value)));
}

/// Adds up.
#[pasha::kernel]
fn add(_worker_id: usize, _index: usize, value: &f64, #[reduce(sum)] total: &mut f64) {
    *total += value;
}

#[inline]
fn fold(value: u64) -> u64 {
    let product = u128::from(value) * 0xd6e8_feb8_6659_fd93;
    product as u64 ^ (product >> 64) as u64
}

#[inline(never)]
fn triple_by_hand(values: &[f64], tripled: &mut [f64]) {
    for (value, tripled) in values.iter().zip(tripled) {
        *tripled = 3.0 * value;
    }
}

#[inline(never)]
fn mix_by_hand(values: &[u64], mixed: &mut [u64]) {
    for (value, mixed) in values.iter().zip(mixed) {
        *mixed = fold(fold(fold(*value)));
    }
}

#[inline(never)]
fn add_by_hand(values: &[f64], total: &mut f64) {
    for value in values {
        *total += value;
    }
}

/// What the counted process is asked for: work, who does it, items, calls.
const ASKED: &str = "PASHA_BENCH_COUNTED";

fn main() {
    if let Ok(asked) = std::env::var(ASKED) {
        let words: Vec<&str> = asked.split(' ').collect();
        let &[work, who, items, calls] = &words[..] else { panic!("{ASKED} has four words") };
        let number = |word: &str| word.parse().expect("items and calls are numbers");
        return run(work, who == "map", number(items), number(calls));
    }
    if !Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success()) {
        println!("left out: instructions, for there is no valgrind");
        return;
    }
    for work in ["triple_it", "mix", "add"] {
        let Some(table) = Table::begin(&format!("instructions: {work}, one worker")) else { continue };
        let mut race = Race::default();
        race.at_most(1);
        race.enter("an item, serial", || an_item(work, "map"));
        race.enter("an item, loop", || an_item(work, "loop"));
        race.enter("a call of 1 item, serial", || a_call(work, "map", 1));
        race.enter("a call of 4096 items, loop", || a_call(work, "loop", 4096));
        let [map, hand, call, hand_call] = race.run();
        table.row(&map, &hand, Unit::Instructions, Bar::None);
        table.row(&call, &hand_call, Unit::Instructions, Bar::None);
    }
}

/// From two sizes, of which neither is a beginning.
fn an_item(work: &str, who: &str) -> f64 {
    (a_call(work, who, 65536) - a_call(work, who, 32768)) / 32768.0
}

fn a_call(work: &str, who: &str, items: usize) -> f64 {
    (count(work, who, items, 60) - count(work, who, items, 20)) / 40.0
}

/// All instructions of a process.
fn count(work: &str, who: &str, items: usize, calls: usize) -> f64 {
    let program = std::env::current_exe().expect("this program has a path");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .env(ASKED, format!("{work} {who} {items} {calls}"))
        .output()
        .expect("valgrind can be started");
    let text = String::from_utf8_lossy(&output.stderr);
    let collected = text.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    collected.unwrap_or_else(|| panic!("valgrind counted nothing:\n{text}"))
}

fn run(work: &str, by_map: bool, items: usize, calls: usize) {
    let context = Context::serial();
    let values: Vec<f64> = (0..items).map(|index| index as f64).collect();
    let numbers: Vec<u64> = (0..items as u64).collect();
    let mut tripled: SharedArray<f64, Ix1> = context.alloc_like(&values).expect("there is memory for the bench");
    let mut mixed: SharedArray<u64, Ix1> = context.alloc_like(&numbers).expect("there is memory for the bench");
    let mut total: SharedArray<f64, Ix0> = context.alloc().shape(()).build().expect("there is memory for a number");
    for _ in 0..calls {
        let (values, numbers) = (black_box(&values[..]), black_box(&numbers[..]));
        let report = match (work, by_map) {
            ("triple_it", true) => Some(context.map(triple_it { tripled: &mut tripled }, values)),
            ("mix", true) => Some(context.map(mix { mixed: &mut mixed }, numbers)),
            ("add", true) => Some(context.map(add { total: &mut total }, values)),
            _ => None,
        };
        if let Some(report) = report {
            report.expect("the kernel does not fail");
            continue;
        }
        let slice = "an array of one axis is contiguous";
        match work {
            "triple_it" => triple_by_hand(values, tripled.view_mut().into_slice().expect(slice)),
            "mix" => mix_by_hand(numbers, mixed.view_mut().into_slice().expect(slice)),
            _ => add_by_hand(values, &mut total[()]),
        }
    }
}
