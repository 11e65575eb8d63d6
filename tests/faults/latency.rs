//! How long after a death the host knows, and how long until it has the next result. Figures 4 and 5.

use std::hint::black_box;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, raise};
use pasha::prelude::*;
use pasha_tests::support::Counters;

use crate::arguments::Arguments;
use crate::numbers::median_and_max;
use crate::relatives::{Player, end_in_time, ms, variable};
use crate::table::{Table, Verdict};

pub(crate) const DEATHS: &str = "time deaths";
pub(crate) const NEXT: &str = "time next maps";

const TIMES: &str = "PASHA_FAULTS_TIMES";

pub(crate) fn measure_deaths(arguments: &Arguments, table: &mut Table) {
    let times = ask(DEATHS, arguments.times(500, 60));
    match median_and_max(times) {
        Some((median, max)) => table.row(
            4,
            format!("median {median:.2} ms, max {max:.2} ms"),
            Verdict::held_if(median <= 1.0 && max <= 5.0),
        ),
        None => table.row(4, "it did not come to its end", Verdict::Missed),
    }
}

pub(crate) fn measure_next_maps(arguments: &Arguments, table: &mut Table) {
    let times = ask(NEXT, arguments.times(500, 60));
    match median_and_max(times) {
        Some((median, max)) => {
            table.row(5, format!("median {median:.2} ms, max {max:.2} ms"), Verdict::held_if(median <= 5.0));
        }
        None => table.row(5, "it did not come to its end", Verdict::Missed),
    }
}

/// The times that a role prints; none if they are not all there.
fn ask(role: &str, number: usize) -> Vec<Duration> {
    let mut player = Player::start(role, &[(TIMES, number.to_string())], false);
    let lines = std::iter::from_fn(|| player.line());
    let times: Vec<Duration> = lines.filter_map(|line| line.parse().ok()).map(Duration::from_nanos).collect();
    if times.len() == number && player.wait().success() { times } else { Vec::new() }
}

/// Worker processes that compute. The item `deadly` notes the time and kills its worker.
#[pasha::kernel]
fn compute(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[param] deadly: usize,
    #[param] base: Instant,
    #[param] killed: &Counters,
    #[out] row: &mut [u64],
) {
    black_box((0..100_000_u64).fold(0, |sum, turn| black_box(sum ^ turn)));
    row.fill(index as u64 + 1);
    if index == deadly {
        killed[0].store(base.elapsed().as_nanos() as u64, SeqCst);
        let _ = raise(Signal::SIGKILL);
    }
}

const ITEMS: usize = 400;

/// Items of the map after a death.
const NEXT_ITEMS: usize = 20;

/// The role of figure 4.
pub(crate) fn time_deaths() {
    rounds(false);
}

/// The role of figure 5.
pub(crate) fn time_next_maps() {
    rounds(true);
}

fn rounds(next_map: bool) {
    end_in_time(120);
    let (killed, base) = (Counters::new(1), Instant::now());
    let ctx = Context::processes().workers(2).build().expect("a context of two workers can be made");
    let mut rows = ctx.alloc::<u64>().shape((ITEMS, 8)).build().expect("there is memory");
    let mut next = ctx.alloc::<u64>().shape((NEXT_ITEMS, 8)).build().expect("there is memory");
    for round in 0..variable(TIMES) as usize {
        // Some way into one of the two parts: the workers are at work, and their host waits.
        let deadly = round % 2 * (ITEMS / 2) + 60 + round * 37 % 130;
        let kernel = compute { deadly, base, killed: &killed, row: &mut rows };
        let error = ctx.map(kernel, 0..ITEMS).expect_err("a worker dies");
        assert_eq!(error.index(), Some(deadly), "{error}");
        if next_map {
            let kernel = compute { deadly: NEXT_ITEMS, base, killed: &killed, row: &mut next };
            ctx.map(kernel, 0..NEXT_ITEMS).expect("nobody dies");
        }
        let took = base.elapsed() - Duration::from_nanos(killed.get(0));
        println!("{}", took.as_nanos());
        assert!(!next_map || next.indexed_iter().all(|((index, _), value)| *value == index as u64 + 1));
        next.view_mut().fill(0);
        std::thread::sleep(ms(1));
    }
}
