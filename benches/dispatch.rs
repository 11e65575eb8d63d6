//! What it costs to start a map of almost nothing, beside other ways to have two workers do something.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::Duration;

use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, fork};
use paralight::iter::{ExactParallelSourceExt, IntoExactParallelRefMutSource, ParallelIteratorExt};
use paralight::threads::{CpuPinningPolicy, RangeStrategy, ThreadCount, ThreadPool, ThreadPoolBuilder};
use pasha::Context;
use pasha_benches::Bar::{AtMost, None as NoBar};
use pasha_benches::{Pool, Race, Table, Unit, clock, clock_after, openmp, openmp_if_asked};
use rayon::prelude::*;

/// Almost nothing.
#[pasha::kernel]
fn number(_worker_id: usize, _index: usize, item: u64, #[out] number: &mut u64) {
    *number = item;
}

fn threads() -> Context {
    Context::threads().workers(2).build().expect("two threads can be started")
}

fn processes() -> Context {
    Context::processes().workers(2).build().expect("a context of processes starts nothing")
}

fn residents() -> Context {
    Context::processes().workers(2).resident().build().expect("`main` begins with `init`")
}

fn back_to_back(call: &mut dyn FnMut()) -> f64 {
    clock(call)
}

fn after_idling(call: &mut dyn FnMut()) -> f64 {
    clock_after(Duration::from_millis(1), call)
}

/// Clocks a map of so many trivial items.
fn map(context: &Context, items: u64, clock: fn(&mut dyn FnMut()) -> f64) -> f64 {
    let mut numbers = context.alloc::<u64>().shape(items as usize).build().expect("there is memory for a few numbers");
    clock(&mut || {
        context.map(number { number: &mut numbers }, 0..items).expect("the kernel does not fail");
    })
}

fn light() -> ThreadPool {
    ThreadPoolBuilder {
        num_threads: ThreadCount::Count(NonZeroUsize::new(2).expect("2 is not 0")),
        range_strategy: RangeStrategy::WorkStealing,
        cpu_pinning: CpuPinningPolicy::No,
    }
    .build()
}

fn lightly(pool: &mut ThreadPool, items: &mut [u64]) {
    IntoExactParallelRefMutSource::par_iter_mut(items).with_thread_pool(pool).for_each(|item| *item = 1);
}

/// ForkUnion's threads spin, and end with their pool.
#[cfg(feature = "fork_union")]
mod fork_union {
    use std::hint::black_box;
    use std::sync::atomic::{AtomicU64, Ordering};

    use fork_union::ThreadPool;

    fn pool() -> ThreadPool {
        ThreadPool::try_spawn(2).expect("a thread can be started")
    }

    pub(super) fn for_threads(clock: fn(&mut dyn FnMut()) -> f64) -> f64 {
        let mut pool = pool();
        clock(&mut || drop(pool.for_threads(|thread, _| _ = black_box(thread))))
    }

    pub(super) fn dynamic(clock: fn(&mut dyn FnMut()) -> f64) -> f64 {
        let mut pool = pool();
        let items: Vec<AtomicU64> = (0..1000).map(AtomicU64::new).collect();
        let items = &items;
        clock(&mut || {
            drop(pool.for_n_dynamic(items.len(), move |prong| {
                items[prong.task_index].store(prong.task_index as u64, Ordering::Relaxed);
            }));
        })
    }
}

#[cfg(not(feature = "fork_union"))]
mod fork_union {
    use pasha_benches::LEFT_OUT;

    pub(super) fn for_threads(_clock: fn(&mut dyn FnMut()) -> f64) -> f64 {
        LEFT_OUT
    }

    pub(super) fn dynamic(_clock: fn(&mut dyn FnMut()) -> f64) -> f64 {
        LEFT_OUT
    }
}

/// Forks two children that end at once, and waits for them.
#[allow(unsafe_code)]
fn fork_and_wait() {
    let children: Vec<_> = (0..2)
        .map(|_| {
            // SAFETY: this program has one thread, and the child does nothing but end.
            match unsafe { fork() }.expect("a process can be forked") {
                // SAFETY: it runs no code of this program.
                ForkResult::Child => unsafe { nix::libc::_exit(0) },
                ForkResult::Parent { child } => child,
            }
        })
        .collect();
    for child in children {
        waitpid(child, None).expect("the child can be waited for");
    }
}

/// One thread is started, the other half is the caller's.
fn scope(items: &mut [u64]) {
    let (mine, other) = items.split_at_mut(items.len() / 2);
    std::thread::scope(|scope| {
        scope.spawn(|| plain(other));
        plain(mine);
    });
}

#[inline(never)]
fn plain(items: &mut [u64]) {
    for (item, value) in items.iter_mut().zip(0..) {
        *item = value;
    }
}

fn main() {
    openmp_if_asked();
    pasha::init().expect("there is one thread");
    if cfg!(not(feature = "fork_union")) {
        println!("left out: ForkUnion, which this was built without");
    }
    nothing();
    thousand();
    idle();
}

fn nothing() {
    let Some(table) = Table::begin("dispatch: a map of 2 items, back to back") else { return };
    let mut race = Race::default();
    race.enter("serial", || map(&Context::serial(), 2, back_to_back));
    race.enter("threads:2", || map(&threads(), 2, back_to_back));
    race.enter("processes:2", || map(&processes(), 2, back_to_back));
    race.enter("rayon broadcast", || {
        let pool = Pool::new(2);
        clock(|| drop(pool.broadcast(|_| ())))
    });
    race.enter("rayon join, from outside", || {
        let pool = Pool::new(2);
        clock(|| _ = pool.join(|| (), || ()))
    });
    race.enter("std::thread::scope", || {
        let mut items = vec![0; 2];
        clock(|| scope(black_box(&mut items)))
    });
    race.enter("paralight", || {
        let (mut pool, mut items) = (light(), vec![0u64; 2]);
        clock(|| lightly(&mut pool, &mut items))
    });
    race.enter("fork and wait, 2 children", || clock(fork_and_wait));
    race.enter("OpenMP parallel", || openmp("parallel"));
    race.enter("ForkUnion for_threads", || fork_union::for_threads(back_to_back));
    race.enter("residents:2", || map(&residents(), 2, back_to_back));
    let [serial, threads, processes, broadcast, join, scope, paralight, forks, openmp, fork_union, residents] =
        race.run();
    table.row(&serial, &broadcast, Unit::Call, NoBar);
    table.row(&threads, &openmp, Unit::Call, AtMost("4", 1.0));
    table.row(&threads, &broadcast, Unit::Call, AtMost("4", 0.1));
    table.row(&threads, &fork_union, Unit::Call, NoBar);
    table.row(&threads, &join, Unit::Call, NoBar);
    table.row(&threads, &paralight, Unit::Call, NoBar);
    table.row(&threads, &scope, Unit::Call, NoBar);
    table.row(&residents, &openmp, Unit::Call, AtMost("5", 1.0));
    table.row(&residents, &threads, Unit::Call, NoBar);
    table.row(&processes, &forks, Unit::Call, AtMost("6", 1.2));
}

fn thousand() {
    let Some(table) = Table::begin("dispatch: a map of 1000 trivial items, back to back") else { return };
    let mut race = Race::default();
    race.enter("serial", || map(&Context::serial(), 1000, back_to_back));
    race.enter("threads:2", || map(&threads(), 1000, back_to_back));
    race.enter("processes:2", || map(&processes(), 1000, back_to_back));
    race.enter("a loop", || {
        let mut items = vec![0; 1000];
        clock(|| plain(black_box(&mut items)))
    });
    race.enter("rayon par_iter", || {
        let (pool, mut items) = (Pool::new(2), vec![0u64; 1000]);
        clock(|| pool.install(|| items.par_iter_mut().enumerate().for_each(|(index, item)| *item = index as u64)))
    });
    race.enter("std::thread::scope", || {
        let mut items = vec![0; 1000];
        clock(|| scope(black_box(&mut items)))
    });
    race.enter("paralight", || {
        let (mut pool, mut items) = (light(), vec![0u64; 1000]);
        clock(|| lightly(&mut pool, &mut items))
    });
    race.enter("fork and wait, 2 children", || clock(fork_and_wait));
    race.enter("OpenMP dynamic, 1", || openmp("dynamic"));
    race.enter("ForkUnion for_n_dynamic", || fork_union::dynamic(back_to_back));
    race.enter("residents:2", || map(&residents(), 1000, back_to_back));
    let [serial, threads, processes, plain, par_iter, scope, paralight, forks, openmp, fork_union, residents] =
        race.run();
    table.row(&residents, &openmp, Unit::Call, NoBar);
    table.row(&serial, &plain, Unit::Call, NoBar);
    table.row(&threads, &openmp, Unit::Call, NoBar);
    table.row(&threads, &fork_union, Unit::Call, NoBar);
    table.row(&threads, &par_iter, Unit::Call, NoBar);
    table.row(&threads, &paralight, Unit::Call, NoBar);
    table.row(&threads, &scope, Unit::Call, NoBar);
    table.row(&processes, &forks, Unit::Call, AtMost("6", 1.2));
}

fn idle() {
    let Some(table) = Table::begin("dispatch: a map of 2 items, after 1 ms of idleness") else { return };
    let mut race = Race::default();
    race.enter("threads:2", || map(&threads(), 2, after_idling));
    race.enter("processes:2", || map(&processes(), 2, after_idling));
    race.enter("rayon broadcast", || {
        let pool = Pool::new(2);
        after_idling(&mut || drop(pool.broadcast(|_| ())))
    });
    race.enter("OpenMP parallel", || openmp("parallel after idling"));
    race.enter("ForkUnion for_threads", || fork_union::for_threads(after_idling));
    race.enter("residents:2", || map(&residents(), 2, after_idling));
    let [threads, processes, broadcast, openmp, fork_union, residents] = race.run();
    table.row(&threads, &broadcast, Unit::Call, NoBar);
    table.row(&threads, &openmp, Unit::Call, NoBar);
    table.row(&threads, &fork_union, Unit::Call, NoBar);
    table.row(&residents, &broadcast, Unit::Call, AtMost("5", 0.5));
    table.row(&processes, &broadcast, Unit::Call, NoBar);
}
