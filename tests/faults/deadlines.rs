//! How much longer than allowed a map takes. Figure 12.

use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, SigmaskHow, Signal, raise};
use pasha::ErrorKind;
use pasha::prelude::*;
use pasha_tests::support::Counters;

use crate::arguments::Arguments;
use crate::numbers::median_and_max;
use crate::relatives::{Player, end_in_time, ms, variable};
use crate::table::{Table, Verdict};

pub(crate) const ROLE: &str = "overrun";

const TIMES: &str = "PASHA_FAULTS_TIMES";

const LIMIT: Duration = ms(60);

pub(crate) fn measure(arguments: &Arguments, table: &mut Table) {
    let number = arguments.times(40, 6);
    let mut player = Player::start(ROLE, &[(TIMES, number.to_string())], false);
    let (mut maps, mut items) = (Vec::new(), Vec::new());
    while let Some(line) = player.line() {
        match line.split_once(' ').map(|(what, nanoseconds)| (what, nanoseconds.parse().map(Duration::from_nanos))) {
            Some(("map", Ok(time))) => maps.push(time),
            Some(("item", Ok(time))) => items.push(time),
            _ => println!("{line}"),
        }
    }
    let complete = maps.len() == number && items.len() == number && player.wait().success();
    let (Some((map, map_max)), Some((item, item_max)), true) = (median_and_max(maps), median_and_max(items), complete)
    else {
        return table.row(12, "it did not come to its end", Verdict::Missed);
    };
    table.row(
        12,
        format!("map {map:.1} (max {map_max:.1}) ms, item {item:.1} (max {item_max:.1}) ms"),
        Verdict::held_if(map_max <= 50.0 && item_max <= 50.0),
    );
}

/// Ways not to end.
#[derive(Clone, Copy, Debug)]
enum Way {
    Loop,
    Deaf,
    Stop,
}

#[pasha::kernel]
fn overrun_at(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[param] slow: usize,
    #[param] way: Way,
    #[param] base: Instant,
    #[param] begun: &Counters,
) {
    if index != slow {
        return;
    }
    begun[0].store(base.elapsed().as_nanos() as u64, SeqCst);
    match way {
        Way::Loop => {}
        Way::Deaf => _ = SigSet::all().thread_swap_mask(SigmaskHow::SIG_BLOCK),
        Way::Stop => _ = raise(Signal::SIGSTOP),
    }
    loop {
        std::hint::spin_loop();
    }
}

/// The role: items that loop, that loop with all signals blocked, that are stopped.
pub(crate) fn overrun() {
    end_in_time(60);
    let builder = Context::processes().workers(2);
    let by_map = builder.clone().deadline(LIMIT).build().expect("a context of two workers can be made");
    let by_item = builder.item_deadline(LIMIT).build().expect("a context of two workers can be made");
    let (base, begun) = (Instant::now(), Counters::new(1));
    for round in 0..variable(TIMES) as usize {
        let way = [Way::Loop, Way::Deaf, Way::Stop][round % 3];
        let slow = 10 + round;
        let kernel = || overrun_at { slow, way, base, begun: &begun };
        let from = Instant::now();
        let error = by_map.map(kernel(), 0..100_usize).expect_err("an item does not end");
        println!("map {}", from.elapsed().saturating_sub(LIMIT).as_nanos());
        assert_eq!((error.kind(), error.index()), (ErrorKind::Deadline, Some(slow)), "{error}");

        let error = by_item.map(kernel(), 0..100_usize).expect_err("an item does not end");
        let took = base.elapsed() - Duration::from_nanos(begun.get(0));
        println!("item {}", took.saturating_sub(LIMIT).as_nanos());
        assert_eq!(error.index(), Some(slow), "{error}");
    }
}
