//! Kernels that call rayon: while they wait, rayon may run another worker of the same map on their stack.
//!
//! Two workers may then be on one thread at once, but never two calls under one worker id: what belongs to a worker is reached by one.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use pasha::{Context, Schedule, kernel};
use rayon::prelude::*;

const ITEMS: usize = 3000;

/// Says which worker ids are in use.
struct Ids(Vec<AtomicBool>);

/// A worker id in use, until it is dropped.
struct Claim<'i>(&'i AtomicBool);

impl Ids {
    fn new(ctx: &Context) -> Self {
        Self((0..ctx.workers()).map(|_| AtomicBool::new(false)).collect())
    }

    fn claim(&self, worker: usize) -> Claim<'_> {
        assert!(!self.0[worker].swap(true, SeqCst), "worker {worker} is in use already");
        Claim(&self.0[worker])
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.0.store(false, SeqCst);
    }
}

thread_local! {
    /// Kernels under way on this thread.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// How a kernel calls rayon.
type Call = fn(&[u64]) -> u64;

fn by_join(values: &[u64]) -> u64 {
    match values.len() {
        0..=4 => values.iter().sum(),
        len => {
            let (left, right) = values.split_at(len / 2);
            let (left, right) = rayon::join(|| by_join(left), || by_join(right));
            left + right
        }
    }
}

fn by_iterator(values: &[u64]) -> u64 {
    values.par_iter().with_max_len(2).sum()
}

fn by_scope(values: &[u64]) -> u64 {
    let sum = AtomicUsize::new(0);
    rayon::scope(|scope| {
        for part in values.chunks(5) {
            let sum = &sum;
            scope.spawn(move |_| {
                sum.fetch_add(part.iter().sum::<u64>() as usize, SeqCst);
            });
        }
    });
    sum.into_inner() as u64
}

fn by_yield(values: &[u64]) -> u64 {
    let _ = rayon::yield_now();
    let sum = values.iter().sum();
    let _ = rayon::yield_local();
    sum
}

#[kernel]
fn gather(
    worker_id: usize,
    index: usize,
    _item: usize,
    #[param] ids: &Ids,
    #[param] values: &[u64],
    #[param] call: Call,
    #[per_worker] counts: &mut [u64],
    #[reduce(sum)] total: &mut u64,
    #[scratch] buffer: &mut Vec<u64>,
    #[out] sum: &mut u64,
) {
    let claim = ids.claim(worker_id);
    buffer.push(index as u64);
    let depth = buffer.len();
    // Read before, written after: a second call under this id would be lost.
    let (seen, so_far) = (counts[0], *total);
    *sum = call(values);
    assert_eq!(buffer.len(), depth, "somebody else has the scratch of worker {worker_id}");
    assert_eq!((counts[0], *total), (seen, so_far), "somebody else writes for worker {worker_id}");
    counts[0] = seen + 1;
    *total = so_far + 1;
    assert_eq!(buffer.pop(), Some(index as u64));
    drop(claim);
}

fn check(workers: usize, schedule: Schedule, call: Call) {
    let ctx = Context::threads().workers(workers).schedule(schedule).build().unwrap();
    let values: Vec<u64> = (0..64).collect();
    let ids = Ids::new(&ctx);
    for _ in 0..5 {
        let mut counts = ctx.alloc::<u64>().shape(2).per_worker().build().unwrap();
        let mut total = ctx.alloc::<u64>().shape(()).build().unwrap();
        let mut sum = ctx.alloc::<u64>().shape(ITEMS).build().unwrap();
        let kernel = gather {
            ids: &ids,
            values: &values,
            call,
            counts: &mut counts,
            total: &mut total,
            buffer: Vec::new,
            sum: &mut sum,
        };
        ctx.map(kernel, 0..ITEMS).unwrap();
        assert_eq!(counts.sum(), ITEMS as u64);
        assert_eq!(total[()], ITEMS as u64);
        assert!(sum.iter().all(|sum| *sum == 63 * 64 / 2));
    }
}

macro_rules! checks {
    ($($name:ident: $call:expr;)*) => {$(
        #[test]
        fn $name() {
            for workers in [2, 4] {
                for schedule in [Schedule::Dynamic, Schedule::Static] {
                    check(workers, schedule, $call);
                }
            }
        }
    )*};
}

checks! {
    worker_ids_are_used_once_at_a_time_by_kernels_that_join: by_join;
    worker_ids_are_used_once_at_a_time_by_kernels_that_iterate: by_iterator;
    worker_ids_are_used_once_at_a_time_by_kernels_with_scopes: by_scope;
    worker_ids_are_used_once_at_a_time_by_kernels_that_yield: by_yield;
}

#[kernel]
fn yield_now(worker_id: usize, _index: usize, _item: usize, #[param] ids: &Ids, #[per_worker] deepest: &mut u64) {
    let claim = ids.claim(worker_id);
    DEPTH.set(DEPTH.get() + 1);
    *deepest = (*deepest).max(DEPTH.get() as u64);
    rayon::yield_now();
    DEPTH.set(DEPTH.get() - 1);
    drop(claim);
}

/// That the tests here test something: workers do meet on one stack.
#[test]
fn workers_of_one_map_meet_on_one_thread() {
    let ctx = Context::threads().workers(8).build().unwrap();
    let ids = Ids::new(&ctx);
    let met = (0..2000).any(|_| {
        let mut deepest = ctx.alloc::<u64>().shape(()).per_worker().build().unwrap();
        ctx.map(yield_now { ids: &ids, deepest: &mut deepest }, 0..100_usize).unwrap();
        deepest.iter().any(|deepest| *deepest > 1)
    });
    assert!(met, "rayon ran no worker on the stack of another in 2000 maps");
}

#[kernel]
fn nested(_worker_id: usize, _index: usize, _item: usize, #[param] ctx: &Context, #[out] sum: &mut u64) {
    #[kernel]
    fn count(_worker_id: usize, _index: usize, item: u64, #[reduce(sum)] sum: &mut u64) {
        *sum += item;
    }

    let map = || {
        let mut sum = ctx.alloc::<u64>().shape(()).build().unwrap();
        ctx.map(count { sum: &mut sum }, 0..100_u64).unwrap();
        sum[()]
    };
    let (left, right) = rayon::join(map, map);
    *sum = left + right;
}

#[test]
fn maps_in_both_halves_of_a_join_end() {
    for workers in [2, 4] {
        let ctx = Context::threads().workers(workers).build().unwrap();
        let mut sum = ctx.alloc::<u64>().shape(500).build().unwrap();
        ctx.map(nested { ctx: &ctx, sum: &mut sum }, 0..500).unwrap();
        assert!(sum.iter().all(|sum| *sum == 2 * 4950));
    }
}

#[kernel]
fn uneven(worker_id: usize, index: usize, _item: usize, #[param] ids: &Ids, #[per_worker] count: &mut u64) {
    let claim = ids.claim(worker_id);
    let before = *count;
    // A few items are dear, so that the others are stolen while these wait in rayon.
    let work = if index.is_multiple_of(97) { 20_000_u32 } else { 10 };
    let sum: u32 = (0..work).into_par_iter().with_max_len(10).map(|value| value % 7).sum();
    assert!(sum > 0);
    *count = before + 1;
    drop(claim);
}

#[test]
fn a_map_of_uneven_items_that_wait_in_rayon_ends() {
    for workers in [2, 4] {
        let ctx = Context::threads().workers(workers).build().unwrap();
        let ids = Ids::new(&ctx);
        let mut count = ctx.alloc::<u64>().shape(()).per_worker().build().unwrap();
        ctx.map(uneven { ids: &ids, count: &mut count }, 0..ITEMS).unwrap();
        assert_eq!(count.sum(), ITEMS as u64);
    }
}

#[test]
fn maps_started_in_a_pool_of_the_users_end() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let ctx = Context::threads().workers(2).build().unwrap();
    let sums: Vec<u64> = pool.install(|| {
        (0..50_usize)
            .into_par_iter()
            .map(|_| {
                let mut sum = ctx.alloc::<u64>().shape(20).build().unwrap();
                ctx.map(nested { ctx: &ctx, sum: &mut sum }, 0..20).unwrap();
                sum.sum()
            })
            .collect()
    });
    assert!(sums.iter().all(|sum| *sum == 20 * 2 * 4950));
}
