//! Processes that wait: many short maps, one after the other, as an analysis makes them that follows a measurement. The same maps by threads, by
//! processes forked for each, and by processes that were forked once; then one whose kernel is killed.

use std::time::{Duration, Instant};

use pasha::prelude::*;

const POINTS: usize = 2000;
const STEPS: usize = 200;

/// One step of heat flowing along a rod: a point goes half of the way to the mean of its neighbours.
#[pasha::kernel]
fn flow(_worker_id: usize, index: usize, &here: &f64, #[param] rod: &[f64], #[out] next: &mut f64) {
    let left = rod[index.saturating_sub(1)];
    let right = rod[(index + 1).min(rod.len() - 1)];
    *next = 0.5 * here + 0.25 * (left + right);
}

/// As long as nobody is killed by it, one number for each item.
#[pasha::kernel]
fn deadly(_worker_id: usize, index: usize, _item: usize, #[out] done: &mut u8) {
    if index == 77 {
        std::process::abort();
    }
    *done = 1;
}

/// Lets heat flow from the first point for some steps; gives what is left of it there, and the time of a map.
fn run(ctx: &Context) -> pasha::Result<(f64, Duration)> {
    let mut rod = ctx.alloc::<f64>().shape(POINTS).build()?;
    let mut next = ctx.alloc_like(&rod)?;
    rod[0] = 1.0;
    let begun = Instant::now();
    for _ in 0..STEPS {
        let values = rod.as_slice().expect("an array of one axis is contiguous");
        let report = ctx.map(flow { rod: values, next: &mut next }, &rod)?;
        assert_eq!(report.why_forked(), None);
        std::mem::swap(&mut rod, &mut next);
    }
    let time = begun.elapsed() / STEPS as u32;
    assert!((rod.sum() - 1.0).abs() < 1e-9, "no heat is lost");
    Ok((rod[0], time))
}

fn main() -> pasha::Result<()> {
    // Before anything else: what waiting workers know of this program is what it is now.
    pasha::init()?;

    let forked = run(&Context::processes().workers(2).build()?)?;
    let residents = Context::processes().workers(2).resident().on_death(OnDeath::Skip).build()?;
    let resident = run(&residents)?;
    let threads = run(&Context::threads().workers(2).build()?)?;
    assert!(forked.0 == resident.0 && resident.0 == threads.0, "all do the same");
    println!("a map of {POINTS} points, {STEPS} times:");
    for (name, (_, time)) in [("processes, forked", forked), ("processes, waiting", resident), ("threads", threads)] {
        println!("{name:18} {:9.1} µs", time.as_secs_f64() * 1e6);
    }

    let mut done = residents.alloc::<u8>().shape(100).build()?;
    let report = residents.map(deadly { done: &mut done }, 0..100_usize)?;
    println!("\n{report}");
    assert_eq!((report.skipped(), done.iter().map(|done| u32::from(*done)).sum::<u32>()), (&[77][..], 99));
    Ok(())
}
