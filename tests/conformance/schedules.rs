//! Who does which index: the fixed split, and claims with stealing.

use std::thread::sleep;
use std::time::Duration;

use pasha::prelude::*;

use crate::support::{Counters, Kind, Setting, cases};

cases![
    a_context_says_its_schedule,
    static_shares_are_those_of_python_pasha,
    static_shares_are_the_same_whatever_the_items_cost,
    a_static_worker_does_its_share_in_ascending_order,
    a_dynamic_worker_begins_with_its_even_share,
    uneven_work_is_shared_dynamically,
    a_worker_that_never_returns_to_its_share_loses_it_to_others,
    one_worker_is_alive_for_each_id,
    results_are_the_same_whatever_the_schedule,
];

#[pasha::kernel]
fn sign(worker_id: usize, index: usize, _item: usize, #[param] slow: bool, #[out] by: &mut usize) {
    if slow && index.is_multiple_of(7) {
        sleep(Duration::from_micros(200));
    }
    *by = worker_id;
}

fn signed(ctx: &Context, items: usize, slow: bool) -> Vec<usize> {
    let mut by = ctx.alloc::<usize>().shape(items).fill(usize::MAX).build().unwrap();
    ctx.map(sign { slow, by: &mut by }, 0..items).unwrap();
    by.to_vec()
}

fn expected_shares(items: usize, workers: usize) -> Vec<usize> {
    (0..workers).flat_map(|worker| vec![worker; (worker + 1) * items / workers - worker * items / workers]).collect()
}

fn a_context_says_its_schedule(setting: &Setting) {
    if setting.kind == Kind::Serial {
        return;
    }
    assert_eq!(setting.ctx().schedule(), setting.schedule);
    assert_eq!(Context::threads().workers(1).build().unwrap().schedule(), Schedule::Dynamic);
    assert_eq!(Context::processes().workers(1).build().unwrap().schedule(), Schedule::Dynamic);
}

fn static_shares_are_those_of_python_pasha(setting: &Setting) {
    for workers in [1, 2, 3, 5] {
        let ctx = Setting::new(setting.kind, workers, Schedule::Static).ctx().clone();
        for items in [0, 1, 2, 3, 4, 7, 10, 100, 1001] {
            assert_eq!(
                signed(&ctx, items, false),
                expected_shares(items, ctx.workers()),
                "{items} items, {workers} workers"
            );
        }
    }
}

fn static_shares_are_the_same_whatever_the_items_cost(setting: &Setting) {
    let ctx = setting.with_schedule(Schedule::Static);
    assert_eq!(signed(&ctx, 100, true), expected_shares(100, ctx.workers()));
}

fn a_static_worker_does_its_share_in_ascending_order(setting: &Setting) {
    #[pasha::kernel]
    fn note(_worker_id: usize, index: usize, _item: usize, #[scratch] last: &mut Option<usize>) -> Result<(), String> {
        match last.replace(index) {
            Some(before) if before + 1 != index => Err(format!("{index} came after {before}")),
            _ => Ok(()),
        }
    }

    let ctx = setting.with_schedule(Schedule::Static);
    ctx.map(note { last: || None }, 0..5000_usize).unwrap();
}

fn a_dynamic_worker_begins_with_its_even_share(setting: &Setting) {
    #[pasha::kernel]
    fn first(
        _worker_id: usize,
        index: usize,
        _item: usize,
        #[param] begun: &Counters,
        #[param] workers: u64,
        #[per_worker] first: &mut usize,
    ) {
        if *first == usize::MAX {
            *first = index;
            begun.count(0);
            // Nobody goes on before everybody has begun, so that nobody can take the share of another.
            begun.wait_for(0, workers);
        }
    }

    let ctx = setting.with_schedule(Schedule::Dynamic);
    let begun = Counters::new(1);
    let mut firsts = ctx.alloc::<usize>().shape(()).per_worker().fill(usize::MAX).build().unwrap();
    ctx.map(first { begun: &begun, workers: ctx.workers() as u64, first: &mut firsts }, 0..1000_usize).unwrap();
    let expected: Vec<usize> = (0..ctx.workers()).map(|worker| worker * 1000 / ctx.workers()).collect();
    assert_eq!(firsts.to_vec(), expected);
}

fn uneven_work_is_shared_dynamically(setting: &Setting) {
    #[pasha::kernel]
    fn work(_worker_id: usize, index: usize, _item: usize, #[param] done: &Counters, #[param] least: u64) {
        if index == 0 {
            // Ends only when others have done more than their own shares.
            done.wait_for(0, least);
        }
        done.count(0);
    }

    let ctx = setting.with_schedule(Schedule::Dynamic);
    if ctx.workers() == 1 {
        return;
    }
    let done = Counters::new(1);
    let least = 300 - 300 / ctx.workers() as u64 + 10;
    ctx.map(work { done: &done, least }, 0..300_usize).unwrap();
    assert_eq!(done.total(), 300);
}

fn a_worker_that_never_returns_to_its_share_loses_it_to_others(setting: &Setting) {
    #[pasha::kernel]
    fn work(_worker_id: usize, index: usize, _item: usize, #[param] done: &Counters) {
        if index == 600 {
            // By now items are known to be cheap and are claimed many at a time.
            done.wait_for(0, 599);
        }
        done.count(0);
    }

    let ctx = setting.with_schedule(Schedule::Dynamic);
    let done = Counters::new(1);
    ctx.map(work { done: &done }, 0..1200_usize).unwrap();
    assert_eq!(done.total(), 1200);
}

fn one_worker_is_alive_for_each_id(ctx: &Context) {
    #[pasha::kernel]
    fn enter(worker_id: usize, index: usize, _item: usize, #[param] inside: &Counters) -> Result<(), String> {
        let before = inside.count(worker_id);
        if index.is_multiple_of(16) {
            std::thread::yield_now();
        }
        inside[worker_id].fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
        if before == 0 { Ok(()) } else { Err(format!("{} workers were called {worker_id} at once", before + 1)) }
    }

    let inside = Counters::new(ctx.workers());
    for _ in 0..5 {
        ctx.map(enter { inside: &inside }, 0..2000_usize).unwrap();
    }
}

fn results_are_the_same_whatever_the_schedule(setting: &Setting) {
    #[pasha::kernel]
    fn noise(_worker_id: usize, index: usize, &value: &f64, #[out] row: &mut [f64]) {
        for (at, entry) in row.iter_mut().enumerate() {
            *entry = (value * (index + at) as f64).sin().exp();
        }
    }

    let values: Vec<f64> = (0..400).map(|value| f64::from(value).sqrt()).collect();
    let run = |ctx: &Context| {
        let mut rows = ctx.alloc::<f64>().shape((400, 5)).build().unwrap();
        ctx.map(noise { row: &mut rows }, &values).unwrap();
        rows.into_owned()
    };
    let serial = run(&Context::serial());
    for schedule in [Schedule::Static, Schedule::Dynamic] {
        assert_eq!(run(&setting.with_schedule(schedule)), serial);
    }
}
