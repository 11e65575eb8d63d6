//! Any number of items, by any number of workers.

use pasha::prelude::*;

use crate::support::{Counters, Setting, cases};

cases![
    no_items_run_nothing,
    one_item_is_done_once,
    fewer_items_than_workers_are_done_once_each,
    as_many_items_as_workers_are_done_once_each,
    a_hundred_thousand_items_are_done_once_each,
    any_number_of_items_is_done_by_any_number_of_workers,
    far_more_workers_than_processors_do_each_item_once,
    one_worker_does_everything_in_order,
    worker_ids_are_below_the_number_of_workers,
];

#[pasha::kernel]
fn count(
    worker_id: usize,
    index: usize,
    number: usize,
    #[out] calls: &mut u32,
    #[out] by: &mut usize,
) -> Result<(), String> {
    *calls += 1;
    *by = worker_id;
    if index == number { Ok(()) } else { Err(format!("item {number} came with index {index}")) }
}

/// Maps over so many items and gives the workers that did each.
fn once_each(ctx: &Context, items: usize) -> Vec<usize> {
    let mut calls = ctx.alloc::<u32>().shape(items).build().unwrap();
    let mut by = ctx.alloc::<usize>().shape(items).fill(usize::MAX).build().unwrap();
    let report = ctx.map(count { calls: &mut calls, by: &mut by }, 0..items).unwrap();
    assert_eq!(report.items(), items);
    assert!(calls.iter().all(|calls| *calls == 1), "{calls:?}");
    assert!(by.iter().all(|by| *by < ctx.workers()), "{by:?}");
    by.to_vec()
}

fn no_items_run_nothing(ctx: &Context) {
    struct Nothing<'c>(&'c Counters);

    impl pasha::functor::Items<'_> for Nothing<'_> {
        type Item = u8;
    }

    impl Functor for Nothing<'_> {
        type State = ();

        fn items(&self) -> pasha::Result<usize> {
            Ok(0)
        }

        fn state(&self) -> pasha::Result<()> {
            self.0.count(0);
            Ok(())
        }

        fn item(&self, (): &mut (), _index: usize) -> pasha::Result<u8> {
            self.0.count(1);
            Ok(0)
        }
    }

    #[pasha::kernel]
    fn touch(_worker_id: usize, _index: usize, _item: u8, #[param] calls: &Counters, #[out] out: &mut [f64]) {
        calls.count(2);
        out.fill(1.0);
    }

    let counters = Counters::new(3);
    let mut out = ctx.alloc::<f64>().shape((0, 4)).build().unwrap();
    let report = ctx.map(touch { calls: &counters, out: &mut out }, Nothing(&counters)).unwrap();
    assert_eq!((report.items(), counters.total()), (0, 0));
    assert_eq!(report.workers().iter().map(|worker| worker.items()).sum::<usize>(), 0);
}

fn one_item_is_done_once(ctx: &Context) {
    once_each(ctx, 1);
}

fn fewer_items_than_workers_are_done_once_each(setting: &Setting) {
    let ctx = setting.with_workers(5);
    (1..5).for_each(|items| drop(once_each(&ctx, items)));
}

fn as_many_items_as_workers_are_done_once_each(ctx: &Context) {
    once_each(ctx, ctx.workers());
}

fn a_hundred_thousand_items_are_done_once_each(ctx: &Context) {
    once_each(ctx, 100_000);
}

fn any_number_of_items_is_done_by_any_number_of_workers(setting: &Setting) {
    for workers in [1, 2, 4, 7] {
        let ctx = setting.with_workers(workers);
        [2, 3, 5, 8, 13, 64, 257].iter().for_each(|items| drop(once_each(&ctx, *items)));
    }
}

fn far_more_workers_than_processors_do_each_item_once(setting: &Setting) {
    let processors = std::thread::available_parallelism().unwrap().get();
    let ctx = setting.with_workers(8 * processors);
    once_each(&ctx, 1000);
}

fn one_worker_does_everything_in_order(setting: &Setting) {
    #[pasha::kernel]
    fn note(_worker_id: usize, _index: usize, _item: u8, #[per_worker] next: &mut usize, #[out] turn: &mut usize) {
        *turn = *next;
        *next += 1;
    }

    let ctx = setting.with_workers(1);
    let mut next = ctx.alloc::<usize>().shape(()).per_worker().build().unwrap();
    let mut turns = ctx.alloc::<usize>().shape(200).build().unwrap();
    ctx.map(note { next: &mut next, turn: &mut turns }, 0..200).unwrap();
    assert_eq!(turns.to_vec(), (0..200).collect::<Vec<_>>());
}

fn worker_ids_are_below_the_number_of_workers(ctx: &Context) {
    let mut by: Vec<usize> = (0..10).flat_map(|_| once_each(ctx, 300)).collect();
    by.sort_unstable();
    by.dedup();
    assert!(by.len() <= ctx.workers());
}
