//! The report of a map.

use std::thread::sleep;
use std::time::{Duration, Instant};

use pasha::prelude::*;

use crate::support::{Setting, cases};

cases![
    it_counts_the_items_of_each_worker,
    static_shares_are_counted_to_the_worker_that_did_them,
    it_says_which_worker_did_which_share,
    it_prints_the_shares_of_each_worker,
    it_measures_the_time,
    a_worker_that_did_nothing_was_not_busy,
    it_prints_a_line_for_each_worker,
    it_prints_one_item_and_one_worker_in_the_singular,
];

#[pasha::kernel]
fn doze(worker_id: usize, _index: usize, microseconds: u64, #[out] by: &mut usize) {
    sleep(Duration::from_micros(microseconds));
    *by = worker_id;
}

#[pasha::kernel]
fn doze_as_listed(worker_id: usize, _index: usize, &microseconds: &u64, #[out] by: &mut usize) {
    sleep(Duration::from_micros(microseconds));
    *by = worker_id;
}

fn it_counts_the_items_of_each_worker(ctx: &Context) {
    let mut by = ctx.alloc::<usize>().shape(120).build().unwrap();
    let report = ctx.map(doze { by: &mut by }, 0..120).unwrap();
    assert_eq!((report.items(), report.workers().len()), (120, ctx.workers()));
    for (worker, counted) in report.workers().iter().enumerate() {
        assert_eq!(counted.items(), by.iter().filter(|by| **by == worker).count());
    }
}

fn static_shares_are_counted_to_the_worker_that_did_them(setting: &Setting) {
    let ctx = setting.with_schedule(Schedule::Static);
    let mut by = ctx.alloc::<usize>().shape(20).build().unwrap();
    let report = ctx.map(doze { by: &mut by }, 0..20).unwrap();
    let share = |worker: usize| (worker + 1) * 20 / ctx.workers() - worker * 20 / ctx.workers();
    let counted: Vec<usize> = report.workers().iter().map(|worker| worker.items()).collect();
    assert_eq!(counted, (0..ctx.workers()).map(share).collect::<Vec<_>>());
    for (worker, report) in report.workers().iter().enumerate() {
        let part = worker * 20 / ctx.workers()..(worker + 1) * 20 / ctx.workers();
        assert!(report.shares().eq(std::iter::once(part)) && report.number_of_shares() == 1, "{report:?}");
    }
}

fn it_says_which_worker_did_which_share(ctx: &Context) {
    // The first items are the dearest, so that others take some over.
    let mut by = ctx.alloc::<usize>().shape(64).build().unwrap();
    let costs: Vec<u64> = (0..64).map(|index| if index < 16 { 800 } else { 50 }).collect();
    let report = ctx.map(doze_as_listed { by: &mut by }, &costs).unwrap();
    let mut named = 0;
    for (worker, report) in report.workers().iter().enumerate() {
        assert_eq!(report.shares().len(), report.number_of_shares().min(4));
        for share in report.shares() {
            assert!(by.slice(ndarray::s![share.clone()]).iter().all(|by| *by == worker), "{share:?}: {report:?}");
            named += share.len();
        }
        let done: usize = report.shares().map(|share| share.len()).sum();
        assert!(done == report.items() || report.number_of_shares() > 4 && done < report.items(), "{report:?}");
    }
    assert!(named > 0);
}

fn it_prints_the_shares_of_each_worker(setting: &Setting) {
    let ctx = setting.with_workers(2);
    let mut by = ctx.alloc::<usize>().shape(400).build().unwrap();
    let costs: Vec<u64> = (0..400).map(|index| if index == 0 { 30_000 } else { 1 }).collect();
    let report = ctx.map(doze_as_listed { by: &mut by }, &costs).unwrap();
    let text = report.to_string();
    for (worker, line) in report.workers().iter().zip(text.lines().skip(2)) {
        let shares: Vec<String> =
            worker.shares().take(3).map(|share| format!("{}..{}", share.start, share.end)).collect();
        let more = worker.number_of_shares().saturating_sub(3);
        let shares = if more > 0 { format!("{}, {more} more", shares.join(", ")) } else { shares.join(", ") };
        assert!(line.ends_with(if worker.number_of_shares() == 0 { "–" } else { &shares }), "{text}");
    }
}

fn it_measures_the_time(ctx: &Context) {
    let mut by = ctx.alloc::<usize>().shape(6).build().unwrap();
    let begun = Instant::now();
    let report = ctx.map(doze { by: &mut by }, 3000..3006).unwrap();
    assert!(report.wall() <= begun.elapsed());
    assert!(report.wall() >= Duration::from_millis(3));
    for worker in report.workers() {
        assert!(worker.busy() >= Duration::from_millis(3) * worker.items() as u32);
        assert!(worker.busy() <= report.wall(), "{worker:?} of {:?}", report.wall());
    }
}

fn a_worker_that_did_nothing_was_not_busy(setting: &Setting) {
    let ctx = setting.with_workers(4);
    let mut by = ctx.alloc::<usize>().shape(1).build().unwrap();
    let report = ctx.map(doze { by: &mut by }, 200..201).unwrap();
    for worker in report.workers() {
        assert_eq!(worker.busy() > Duration::ZERO, worker.items() > 0, "{worker:?}");
    }
}

fn it_prints_a_line_for_each_worker(ctx: &Context) {
    let mut by = ctx.alloc::<usize>().shape(50).build().unwrap();
    let report = ctx.map(doze { by: &mut by }, 0..50).unwrap();
    let text = report.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2 + ctx.workers(), "{text}");
    assert!(lines[0].starts_with(&format!("50 items by {} worker", ctx.workers())), "{text}");
    for (worker, line) in lines[2..].iter().enumerate() {
        let columns: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(columns[..2], [worker.to_string(), report.workers()[worker].items().to_string()], "{text}");
        assert_eq!(columns[2], format!("{:.2?}", report.workers()[worker].busy()), "{text}");
    }
}

fn it_prints_one_item_and_one_worker_in_the_singular(setting: &Setting) {
    let ctx = setting.with_workers(1);
    let mut by = ctx.alloc::<usize>().shape(1).build().unwrap();
    let text = ctx.map(doze { by: &mut by }, 0..1).unwrap().to_string();
    assert!(text.starts_with("1 item by 1 worker in "), "{text}");
}
