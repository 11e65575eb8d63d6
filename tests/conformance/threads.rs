//! What only threads can do: wait for each other, share a context, mix with rayon.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Barrier, Mutex};
use std::thread;

use ndarray::{Array1, Array2};
use pasha::prelude::*;
use rayon::prelude::*;

use crate::support::{Setting, cases};

cases![
    eight_workers_for_each_processor_meet_at_a_barrier,
    eight_threads_map_two_hundred_times_on_one_context,
    clones_of_a_context_are_one_context,
    a_map_may_begin_on_a_thread_of_rayon,
    maps_on_several_threads_of_rayon_share_a_context,
    a_kernel_may_join_in_rayon,
    a_kernel_may_walk_a_parallel_iterator,
    a_kernel_may_yield_to_rayon,
    a_kernel_may_broadcast_in_rayon,
    a_kernel_may_wait_for_a_job_of_rayon,
    a_kernel_may_map_from_a_thread_of_its_own,
    a_worker_on_the_stack_of_another_does_not_wait_for_it,
    a_kernel_may_install_into_a_pool_of_its_own,
    locks_and_atomics_are_shared,
    maps_of_several_kernels_go_on_at_once,
    a_failure_on_one_thread_is_not_seen_by_others,
];

/// The cases that are for threads alone.
pub fn suite() -> &'static [crate::support::Case] {
    CASES
}

fn eight_workers_for_each_processor_meet_at_a_barrier(setting: &Setting) {
    #[pasha::kernel]
    fn meet(worker_id: usize, _index: usize, _item: usize, #[param] barrier: &Barrier, #[out] by: &mut usize) {
        barrier.wait();
        *by = worker_id;
    }

    let workers = 8 * thread::available_parallelism().unwrap().get();
    let ctx = setting.with_workers(workers);
    let barrier = Barrier::new(workers);
    let mut by = ctx.alloc::<usize>().shape(workers).build().unwrap();
    ctx.map(meet { barrier: &barrier, by: &mut by }, 0..workers).unwrap();
    // Nobody could wait twice, for all had to be there.
    assert_eq!(by.to_vec(), (0..workers).collect::<Vec<_>>());
}

#[pasha::kernel]
fn gather(
    _worker_id: usize,
    _index: usize,
    value: u64,
    #[out] doubled: &mut u64,
    #[per_worker] calls: &mut u64,
    #[reduce(sum)] sum: &mut u64,
) {
    *doubled = 2 * value;
    *calls += 1;
    *sum += value;
}

/// One map of everything; panics if anything is wrong.
fn check_map(ctx: &Context, items: u64) {
    let mut doubled = ctx.alloc::<u64>().shape(items as usize).build().unwrap();
    let mut calls = ctx.alloc::<u64>().shape(()).per_worker().build().unwrap();
    let mut sum = ctx.alloc::<u64>().shape(()).build().unwrap();
    ctx.map(gather { doubled: &mut doubled, calls: &mut calls, sum: &mut sum }, 0..items).unwrap();
    assert!(doubled.iter().zip(0..items).all(|(doubled, value)| *doubled == 2 * value));
    assert_eq!((calls.sum(), sum[()]), (items, items * (items - 1) / 2));
}

fn eight_threads_map_two_hundred_times_on_one_context(ctx: &Context) {
    thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || (0..200).for_each(|map| check_map(ctx, 1 + (thread * 31 + map) % 60)));
        }
    });
}

fn clones_of_a_context_are_one_context(ctx: &Context) {
    let clones = [ctx.clone(), ctx.clone()];
    thread::scope(|scope| {
        for clone in clones {
            scope.spawn(move || (0..50).for_each(|_| check_map(&clone, 40)));
        }
    });
    check_map(ctx, 40);
}

fn a_map_may_begin_on_a_thread_of_rayon(ctx: &Context) {
    rayon::join(|| check_map(ctx, 500), || check_map(ctx, 300));
    rayon::scope(|scope| scope.spawn(|_| check_map(ctx, 100)));
}

fn maps_on_several_threads_of_rayon_share_a_context(ctx: &Context) {
    (0..60_u64).into_par_iter().for_each(|map| check_map(ctx, 20 + map));
}

/// A kernel that adds up what it does with rayon, beside accumulators that only its worker may touch.
macro_rules! check_with_rayon {
    ($ctx:expr, $how:expr) => {{
        #[pasha::kernel]
        fn sum_up(
            worker_id: usize,
            _index: usize,
            value: u64,
            #[param] inside: &[AtomicUsize],
            #[param] how: fn(u64) -> u64,
            #[out] sum: &mut u64,
            #[per_worker] calls: &mut u64,
            #[reduce(sum)] total: &mut u64,
            #[scratch] mine: &mut u64,
        ) -> Result<(), String> {
            if inside[worker_id].fetch_add(1, SeqCst) != 0 {
                return Err(format!("two workers are called {worker_id}"));
            }
            let (calls_before, total_before) = (*calls, *total);
            *mine += 1;
            *sum = how(value);
            *calls = calls_before + 1;
            *total = total_before + value;
            inside[worker_id].fetch_sub(1, SeqCst);
            // A worker that comes back makes its scratch anew.
            if *mine <= *calls { Ok(()) } else { Err(format!("{mine} calls are more than {calls}")) }
        }

        let ctx: &Context = $ctx;
        let inside: Vec<AtomicUsize> = (0..ctx.workers()).map(|_| AtomicUsize::new(0)).collect();
        for items in [1, 40, 400] {
            let mut sum = ctx.alloc::<u64>().shape(items as usize).build().unwrap();
            let mut calls = ctx.alloc::<u64>().shape(()).per_worker().build().unwrap();
            let mut total = ctx.alloc::<u64>().shape(()).build().unwrap();
            let kernel =
                sum_up { inside: &inside, how: $how, sum: &mut sum, calls: &mut calls, total: &mut total, mine: || 0 };
            ctx.map(kernel, 0..items).unwrap();
            assert_eq!(sum.to_vec(), (0..items).map(|value| (0..=value).sum()).collect::<Vec<u64>>());
            assert_eq!((calls.sum(), total[()]), (items, items * (items - 1) / 2));
        }
    }};
}

fn add_in_halves(from: u64, to: u64) -> u64 {
    if to - from < 8 {
        return (from..to).sum();
    }
    let middle = from.midpoint(to);
    let (left, right) = rayon::join(|| add_in_halves(from, middle), || add_in_halves(middle, to));
    left + right
}

fn a_kernel_may_join_in_rayon(ctx: &Context) {
    check_with_rayon!(ctx, |value| add_in_halves(0, value + 1));
}

fn a_kernel_may_walk_a_parallel_iterator(ctx: &Context) {
    check_with_rayon!(ctx, |value| (0..value as usize + 1)
        .into_par_iter()
        .with_max_len(4)
        .map(|value| value as u64)
        .sum());
}

fn a_kernel_may_yield_to_rayon(ctx: &Context) {
    // Rayon then runs whatever waits for a thread: another worker of the same map, on the stack of this one.
    check_with_rayon!(ctx, |value| {
        rayon::yield_now();
        (0..=value).sum()
    });
}

fn a_kernel_may_broadcast_in_rayon(ctx: &Context) {
    check_with_rayon!(ctx, |value| {
        if value.is_multiple_of(50) {
            assert!(rayon::broadcast(|_| 1_usize).iter().sum::<usize>() > 0);
        }
        (0..=value).sum()
    });
}

fn a_kernel_may_wait_for_a_job_of_rayon(ctx: &Context) {
    check_with_rayon!(ctx, |value| {
        let (done, is_done) = std::sync::mpsc::channel();
        rayon::spawn(move || done.send((0..=value).sum::<u64>()).unwrap());
        loop {
            match is_done.try_recv() {
                Ok(sum) => return sum,
                Err(_) => drop(rayon::yield_now()),
            }
        }
    });
}

fn a_kernel_may_map_from_a_thread_of_its_own(ctx: &Context) {
    #[pasha::kernel]
    fn inner(_worker_id: usize, _index: usize, value: u64, #[reduce(sum)] sum: &mut u64) {
        *sum += value;
    }

    #[pasha::kernel]
    fn outer(
        _worker_id: usize,
        _index: usize,
        items: u64,
        #[param] ctx: &Context,
        #[out] sum: &mut u64,
    ) -> pasha::Result<()> {
        let mut inner_sum = ctx.alloc::<u64>().shape(()).build()?;
        let kernel = inner { sum: &mut inner_sum };
        thread::scope(|scope| scope.spawn(|| ctx.map(kernel, 0..items)).join().unwrap())?;
        *sum = inner_sum[()];
        Ok(())
    }

    let mut sums = ctx.alloc::<u64>().shape(30).build().unwrap();
    ctx.map(outer { ctx, sum: &mut sums }, 0..30).unwrap();
    assert_eq!(sums.to_vec(), (0..30_u64).map(|items| (0..items).sum()).collect::<Vec<u64>>());
}

fn a_worker_on_the_stack_of_another_does_not_wait_for_it(setting: &Setting) {
    /// Three workers meet; the second one stays and holds its thread of the pool.
    #[pasha::kernel]
    fn hold(worker_id: usize, _index: usize, _item: usize, #[param] all: &Barrier, #[param] end: &AtomicUsize) {
        all.wait();
        while worker_id == 1 && end.load(SeqCst) == 0 {
            thread::yield_now();
        }
    }

    /// The first worker stays at its first item; another lets rayon run the third on its stack, in the middle of a share.
    #[pasha::kernel]
    fn pile_up(
        worker_id: usize,
        _index: usize,
        _item: usize,
        #[param] end: &AtomicUsize,
        #[scratch] calls: &mut usize,
    ) {
        *calls += 1;
        match worker_id {
            0 => {
                while end.load(SeqCst) == 0 {
                    thread::yield_now();
                }
            }
            _ if *calls > 200 && rayon::yield_now() == Some(rayon::Yield::Executed) => end.store(1, SeqCst),
            _ => {}
        }
    }

    let ctx = &setting.with_workers(3);
    let (all, end) = (&Barrier::new(4), &AtomicUsize::new(0));
    thread::scope(|scope| {
        scope.spawn(move || ctx.map(hold { all, end }, 0..3_usize).unwrap());
        all.wait();
        ctx.map(pile_up { end, calls: || 0 }, 0..100_000_usize).unwrap();
        end.store(1, SeqCst);
    });
}

fn a_kernel_may_install_into_a_pool_of_its_own(ctx: &Context) {
    #[pasha::kernel]
    fn install(_worker_id: usize, _index: usize, value: u64, #[param] pool: &rayon::ThreadPool, #[out] sum: &mut u64) {
        *sum = pool.install(|| (0..=value).into_par_iter().sum());
    }

    let (started, ended) = std::sync::mpsc::channel::<()>();
    let ended_too = Mutex::new(started);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .exit_handler(move |_| ended_too.lock().unwrap().send(()).unwrap())
        .build()
        .unwrap();
    let mut sums = ctx.alloc::<u64>().shape(50).build().unwrap();
    ctx.map(install { pool: &pool, sum: &mut sums }, 0..50).unwrap();
    assert_eq!(sums.to_vec(), (0..50).map(|value| (0..=value).sum()).collect::<Vec<u64>>());
    drop(pool);
    ended.iter().for_each(drop);
}

fn locks_and_atomics_are_shared(ctx: &Context) {
    #[pasha::kernel]
    fn count(
        _worker_id: usize,
        _index: usize,
        _item: usize,
        #[param] locked: &Mutex<Vec<usize>>,
        #[param] atomic: &AtomicUsize,
    ) {
        locked.lock().unwrap().push(atomic.fetch_add(1, SeqCst));
    }

    let (locked, atomic) = (Mutex::new(Vec::new()), AtomicUsize::new(0));
    ctx.map(count { locked: &locked, atomic: &atomic }, 0..500_usize).unwrap();
    let mut seen = locked.into_inner().unwrap();
    seen.sort_unstable();
    assert_eq!(seen, (0..500).collect::<Vec<_>>());
}

fn maps_of_several_kernels_go_on_at_once(ctx: &Context) {
    #[pasha::kernel]
    fn rows(_worker_id: usize, index: usize, _item: usize, #[out] row: &mut [usize], #[reduce(sum)] sum: &mut usize) {
        row.fill(index);
        *sum += index;
    }

    thread::scope(|scope| {
        for thread in 1..4 {
            scope.spawn(move || {
                for _ in 0..50 {
                    let mut table = ctx.alloc::<usize>().shape((30 * thread, 4)).build().unwrap();
                    let mut sum = ctx.alloc::<usize>().shape(()).build().unwrap();
                    ctx.map(rows { row: &mut table, sum: &mut sum }, 0..30 * thread).unwrap();
                    assert_eq!(table, Array2::from_shape_fn((30 * thread, 4), |(row, _)| row));
                    assert_eq!(sum[()], (0..30 * thread).sum());
                }
            });
        }
        scope.spawn(|| (0..100).for_each(|_| check_map(ctx, 200)));
    });
}

fn a_failure_on_one_thread_is_not_seen_by_others(ctx: &Context) {
    #[pasha::kernel]
    fn stumble(
        _worker_id: usize,
        index: usize,
        _item: usize,
        #[param] at: usize,
        #[out] done: &mut u8,
    ) -> Result<(), String> {
        *done = 1;
        if index == at { Err(format!("{index} on purpose")) } else { Ok(()) }
    }

    thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                for round in 0..100 {
                    let mut done = ctx.alloc::<u8>().shape(60).build().unwrap();
                    let at = if thread % 2 == 0 { round % 60 } else { 60 };
                    let mapped = ctx.map(stumble { at, done: &mut done }, 0..60_usize);
                    match thread % 2 {
                        0 => assert_eq!(mapped.unwrap_err().index(), Some(at)),
                        _ => assert_eq!((mapped.unwrap().items(), done.into_owned()), (60, Array1::ones(60))),
                    }
                }
            });
        }
    });
}
