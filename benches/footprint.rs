//! What contexts take while nothing is mapped, and what maps leave behind.

use std::time::Duration;

use pasha::Context;
use pasha_benches::Bar::{Alone, None as NoBar};
use pasha_benches::{Pool, Race, Table, Times, Unit, cpu_while_idle, openmp, openmp_if_asked, quick, resident};
use rayon::prelude::*;

/// Almost nothing.
#[pasha::kernel]
fn number(_worker_id: usize, _index: usize, item: u64, #[out] number: &mut u64, #[reduce(sum)] total: &mut u64) {
    *number = item;
    *total += item;
}

const ITEMS: u64 = 1000;

fn threads() -> Context {
    Context::threads().workers(2).build().expect("two threads can be started")
}

fn processes() -> Context {
    Context::processes().workers(2).build().expect("a context of processes starts nothing")
}

/// Makes a map that can be run again and again.
fn again(context: &Context) -> impl FnMut() {
    let mut numbers = context.alloc().shape(ITEMS as usize).build().expect("there is memory for a few numbers");
    let mut total = context.alloc().shape(()).build().expect("there is memory for a number");
    move || {
        let kernel = number { number: &mut numbers, total: &mut total };
        context.map(kernel, 0..ITEMS).expect("the kernel does not fail");
    }
}

fn main() {
    openmp_if_asked();
    idle();
    growth();
}

/// Bar 5b: beyond what a program takes that only sleeps and is woken once.
fn idle() {
    let Some(table) = Table::begin("footprint: CPU time in a second without maps") else { return };
    let after = |mut map: Box<dyn FnMut() + '_>| {
        (0..100).for_each(|_| map());
        cpu_while_idle()
    };
    let mut race = Race::default();
    race.at_most(5);
    race.enter("threads:2", || {
        let context = threads();
        after(Box::new(again(&context)))
    });
    race.enter("processes:2", || {
        let context = processes();
        after(Box::new(again(&context)))
    });
    race.enter("OpenMP", || openmp("idle"));
    race.enter("rayon", || {
        let pool = Pool::new(2);
        after(Box::new(|| drop(pool.broadcast(|_| ()))))
    });
    race.enter("ForkUnion", fork_union_idle);
    race.enter("sleep", || {
        std::thread::sleep(Duration::from_millis(1));
        cpu_while_idle()
    });
    let [threads, processes, openmp, rayon, fork_union, sleep] = race.run();
    // Less than a tenth of a thousandth of a core counts as nothing.
    let nothing = Alone("5b", 100e-6);
    let beyond = |times: &Times, name| times.without(&sleep, name);
    table.row(&beyond(&threads, "threads:2"), &beyond(&openmp, "OpenMP"), Unit::Call, nothing);
    table.row(&beyond(&processes, "processes:2"), &beyond(&openmp, "OpenMP"), Unit::Call, nothing);
    table.row(&beyond(&threads, "threads:2"), &beyond(&rayon, "rayon"), Unit::Call, NoBar);
    table.row(&beyond(&threads, "threads:2"), &beyond(&fork_union, "ForkUnion"), Unit::Call, NoBar);
}

#[cfg(feature = "fork_union")]
fn fork_union_idle() -> f64 {
    let mut pool = fork_union::ThreadPool::try_spawn(2).expect("a thread can be started");
    for _ in 0..100 {
        drop(pool.for_threads(|_, _| ()));
    }
    cpu_while_idle()
}

#[cfg(not(feature = "fork_union"))]
fn fork_union_idle() -> f64 {
    pasha_benches::LEFT_OUT
}

/// Bar 11. What the first maps take is kept: code that is read, stacks, buffers. Many more take nothing.
fn growth() {
    let maps = if quick() { 1000 } else { 10_000 };
    let Some(table) = Table::begin(&format!("footprint: growth of memory in {maps} maps")) else { return };
    let growth = |mut map: Box<dyn FnMut() + '_>| {
        (0..1000).for_each(|_| map());
        let before = resident();
        (0..maps).for_each(|_| map());
        resident() as f64 - before as f64
    };
    let mut race = Race::default();
    race.at_most(3);
    race.enter("serial", || growth(Box::new(again(&Context::serial()))));
    race.enter("threads:2", || {
        let context = threads();
        growth(Box::new(again(&context)))
    });
    race.enter("processes:2", || {
        let context = processes();
        growth(Box::new(again(&context)))
    });
    race.enter("rayon par_iter", || {
        let (pool, mut items) = (Pool::new(2), vec![0; ITEMS as usize]);
        let numbers: &mut [u64] = &mut items;
        growth(Box::new(|| {
            pool.install(|| numbers.par_iter_mut().enumerate().for_each(|(index, item)| *item = index as u64));
        }))
    });
    let [serial, threads, processes, rayon] = race.run();
    for ours in [&serial, &threads, &processes] {
        table.row(ours, &rayon, Unit::Size, Alone("11", 0.0));
    }
}
