//! Items of very different cost: how far two workers are from half the time of one.

use std::cell::RefCell;

use pasha::{Context, Ix1, SharedArray};
use pasha_benches::Bar::{AtMost, None as NoBar};
use pasha_benches::{Pool, Race, Table, Unit, clock, quick};
use rayon::prelude::*;

/// Takes so many steps, each of which waits for the one before.
#[pasha::kernel]
fn walk(_worker_id: usize, _index: usize, &steps: &u64, #[out] end: &mut u64) {
    *end = steps_from(steps);
}

#[inline(never)]
fn steps_from(steps: u64) -> u64 {
    // No compiler makes two such steps into one.
    (0..steps).fold(steps | 1, |place, _| (place ^ place >> 29).wrapping_mul(0x5851_f42d_4c95_7f2d))
}

fn threads(workers: usize) -> Context {
    Context::threads().workers(workers).build().expect("so many threads can be started")
}

fn processes(workers: usize) -> Context {
    Context::processes().workers(workers).build().expect("a context of processes starts nothing")
}

fn residents(workers: usize) -> Context {
    Context::processes().workers(workers).resident().build().expect("`main` begins with `init`")
}

/// Clocks a map over items of such costs.
fn map(context: &Context, costs: &[u64]) -> f64 {
    let mut end: SharedArray<u64, Ix1> = context.alloc_like(costs).expect("there is memory for the bench");
    clock(|| drop(context.map(walk { end: &mut end }, costs).expect("the kernel does not fail")))
}

/// The same with the costs where resident workers see them.
fn map_shared(context: &Context, costs: &[u64]) -> f64 {
    let mut end: SharedArray<u64, Ix1> = context.alloc_like(costs).expect("there is memory for the bench");
    let mut shared: SharedArray<u64, Ix1> = context.alloc_like(costs).expect("there is memory for the bench");
    shared.view_mut().iter_mut().zip(costs).for_each(|(shared, cost)| *shared = *cost);
    clock(|| {
        let report = context.map(walk { end: &mut end }, &shared).expect("the kernel does not fail");
        assert_eq!(report.why_forked(), None);
    })
}

fn main() {
    pasha::init().expect("there is one thread");
    // Some 60 million steps each, 70 ms and more for one worker.
    let size = if quick() { 10 } else { 1 };
    let ascending: Vec<u64> = (0..8_000).map(|item| item * 2 / size).collect();
    uneven("uneven: item i costs i, 8000 items", &ascending, Some(("7", 1.05)));
    let rare: Vec<u64> = (0..80_000).map(|item| if item % 100 == 0 { 40_000 } else { 400 } / size).collect();
    uneven("uneven: one item in 100 costs 100 ×, 80000 items", &rare, Some(("7", 1.05)));
    let few: Vec<u64> = (0..100_000).map(|item| if item < 64 { 600_000 } else { 300 } / size).collect();
    uneven("uneven: the first 64 items cost 2000 ×, 100000 items", &few, Some(("11b", 1.03)));
    let last: Vec<u64> = few.iter().rev().copied().collect();
    uneven("uneven: the last 64 items cost 2000 ×, 100000 items", &last, None);
    let dear: Vec<u64> = (0..300).map(|item| item * 1_500 / size).collect();
    uneven("uneven: item i costs i, 300 items", &dear, None);
    // 20 µs a dear one.
    let late: Vec<u64> = (0..104_000).map(|item| if item < 100_000 { 0 } else { 17_000 / size }).collect();
    uneven("uneven: 100000 free items, then 4000 of 20 µs", &late, Some(("7", 1.05)));
    oversubscribed("uneven: item i costs i, 8000 items, 1 to 64 workers", &ascending);
}

/// Bar 12.
fn oversubscribed(title: &str, costs: &[u64]) {
    let Some(table) = Table::begin(title) else { return };
    const WORKERS: [usize; 7] = [2, 1, 4, 8, 16, 32, 64];
    let mut race = Race::default();
    for workers in WORKERS {
        race.enter(&format!("threads:{workers}"), move || map(&threads(workers), costs));
        race.enter(&format!("residents:{workers}"), move || map_shared(&residents(workers), costs));
        race.enter(&format!("processes:{workers}"), move || map(&processes(workers), costs));
    }
    let times = race.run_all();
    let (two, others) = times.split_at(3);
    for (workers, contenders) in WORKERS[1..].iter().zip(others.chunks_exact(3)) {
        let bar = if *workers == 1 { NoBar } else { AtMost("12", 1.1) };
        for (many, two) in contenders.iter().zip(two) {
            table.row(many, two, Unit::Call, bar);
        }
    }
}

fn uneven(title: &str, costs: &[u64], bar: Option<(&'static str, f64)>) {
    let Some(table) = Table::begin(title) else { return };
    let ends = RefCell::new(vec![0; costs.len()]);
    let mut race = Race::default();
    race.enter("loop, one worker", || {
        let mut ends = ends.borrow_mut();
        clock(|| ends.iter_mut().zip(costs).for_each(|(end, steps)| *end = steps_from(*steps)))
    });
    race.enter("threads:2", || map(&threads(2), costs));
    race.enter("residents:2", || map_shared(&residents(2), costs));
    race.enter("processes:2", || map(&processes(2), costs));
    race.enter("rayon par_iter", || {
        let (pool, mut ends) = (Pool::new(2), ends.borrow_mut());
        clock(|| {
            let pairs = ends.par_iter_mut().zip(costs);
            pool.install(|| pairs.for_each(|(end, steps)| *end = steps_from(*steps)));
        })
    });
    race.enter("two loops at once", || {
        let mut all = [ends.borrow().clone(), ends.borrow().clone()];
        clock(|| {
            let walk =
                |ends: &mut Vec<u64>| ends.iter_mut().zip(costs).for_each(|(end, steps)| *end = steps_from(*steps));
            let [mine, other] = &mut all;
            std::thread::scope(|scope| {
                scope.spawn(|| walk(other));
                walk(mine);
            });
        })
    });
    let [alone, threads, residents, processes, rayon, both] = race.run();
    let bar = bar.map_or(NoBar, |(number, most)| AtMost(number, most));
    // Half of a loop is ideal where nothing else runs. Half of two at once is what the machine has to give while it does other things.
    for ideal in [alone.divided(2.0, "half of a loop"), both.divided(2.0, "half of two loops at once")] {
        table.row(&threads, &ideal, Unit::Call, bar);
        table.row(&residents, &ideal, Unit::Call, bar);
        table.row(&processes, &ideal, Unit::Call, bar);
        table.row(&rayon, &ideal, Unit::Call, NoBar);
    }
}
