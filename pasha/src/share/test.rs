//! Every index once, whoever claims, steals or gives back.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::plan::even;
use super::*;
use crate::report::WorkerReport;

fn with_board<R>(plan: Plan, use_it: impl FnOnce(Board<'_>) -> R) -> R {
    let head = Head::default();
    let posts: Vec<Post> = (0..plan.workers).map(|_| Post::default()).collect();
    use_it(Board::set(&head, &posts, Ledger::none(), plan))
}

fn dynamic(items: usize, workers: usize) -> Plan {
    Plan { items, workers, schedule: Schedule::Dynamic, limits: Limits::default(), trace: Trace::Indices }
}

/// Walks all of a share and says which indices it had.
fn walk(mut share: Share) -> Vec<usize> {
    std::iter::from_fn(|| share.next().map(Turn::index)).collect()
}

#[test]
fn the_even_split_is_contiguous_and_balanced() {
    for parts in 1..20 {
        for items in 0..60 {
            let mut next = 0;
            for part in 0..parts {
                let range = even(items, parts, part);
                assert_eq!(range, part * items / parts..(part + 1) * items / parts);
                assert_eq!(range.start, next);
                assert!(range.len() == items / parts || range.len() == items / parts + 1);
                next = range.end;
            }
            assert_eq!(next, items);
        }
    }
}

#[test]
fn workers_begin_where_the_even_split_gave_them_something() {
    for workers in 1..20 {
        for items in 0..60 {
            let plan = dynamic(items, workers);
            let given: Vec<usize> = (0..workers).filter(|worker| !plan.part(*worker).is_empty()).collect();
            assert_eq!(plan.starters().collect::<Vec<_>>(), given, "{items} items, {workers} workers");
        }
    }
}

#[test]
fn the_even_split_of_the_largest_map_does_not_overflow() {
    assert_eq!(even(usize::MAX, 3, 2).end, usize::MAX);
    assert_eq!(even(usize::MAX, 3, 0).end, even(usize::MAX, 3, 1).start);
}

#[test]
fn a_static_worker_does_its_even_part_in_order_whatever_the_others_do() {
    let plan =
        Plan { items: 103, workers: 4, schedule: Schedule::Static, limits: Limits::default(), trace: Trace::Indices };
    with_board(plan, |board| {
        for worker in (0..4).rev() {
            let mut lease = board.lease(worker).expect("each worker is leased once");
            let mut seen = Vec::new();
            while let Some(share) = lease.claim(7) {
                seen.extend(walk(share));
            }
            assert_eq!(seen, even(103, 4, worker).collect::<Vec<_>>());
        }
    });
}

#[test]
fn a_worker_is_leased_once() {
    with_board(dynamic(10, 2), |board| {
        assert!(board.lease(1).is_some_and(|lease| lease.worker() == 1));
        assert!(board.lease(1).is_none());
        assert!(board.lease(2).is_none());
    });
}

#[test]
fn one_dynamic_worker_ends_up_with_everything() {
    with_board(dynamic(100, 4), |board| {
        let mut lease = board.lease(2).expect("free");
        let mut seen = Vec::new();
        while let Some(share) = lease.claim(9) {
            seen.extend(walk(share));
        }
        assert_eq!(seen[..9], (50..59).collect::<Vec<_>>(), "it begins with its own part");
        seen.sort_unstable();
        assert_eq!(seen, (0..100).collect::<Vec<_>>());
    });
}

#[test]
fn a_lone_worker_may_have_everything_at_once() {
    with_board(dynamic(1000, 1), |board| {
        let mut lease = board.lease(0).expect("free");
        assert_eq!(lease.claim(usize::MAX).map(|share| share.range()), Some(0..1000));
        assert!(lease.claim(1).is_none());
    });
}

#[test]
fn what_is_given_back_is_claimed_again_by_somebody() {
    with_board(dynamic(40, 2), |board| {
        let (mut left, mut right) = (board.lease(0).expect("free"), board.lease(1).expect("free"));
        let mut seen = Vec::new();
        let mut share = left.claim(8).expect("nobody has claimed");
        seen.push(share.next().expect("8 items").index());
        left.give_back(share);
        while let Some(share) = right.claim(100) {
            seen.extend(walk(share));
        }
        assert!(left.claim(1).is_none());
        seen.sort_unstable();
        assert_eq!(seen, (0..40).collect::<Vec<_>>());
    });
}

#[test]
fn nothing_at_or_above_a_failure_is_claimed_and_everything_below_is() {
    for schedule in [Schedule::Static, Schedule::Dynamic] {
        with_board(
            Plan { items: 60, workers: 3, schedule, limits: Limits::default(), trace: Trace::Indices },
            |board| {
                let mut leases: Vec<_> = (0..3).map(|worker| board.lease(worker).expect("free")).collect();
                board.fail_at(50);
                board.fail_at(33);
                board.fail_at(47);
                let mut seen = Vec::new();
                for lease in &mut leases {
                    while let Some(share) = lease.claim(4) {
                        seen.extend(walk(share));
                    }
                }
                seen.sort_unstable();
                assert_eq!(seen, (0..33).collect::<Vec<_>>());
            },
        );
    }
}

#[test]
fn more_items_than_32_bits_can_count_are_claimed_in_grains() {
    let items = u32::MAX as usize * 3 + 5;
    with_board(dynamic(items, 1), |board| {
        let mut lease = board.lease(0).expect("free");
        let first = lease.claim(1).expect("there are items").range();
        assert_eq!(first, 0..4, "a grain");
        board.fail_at(9);
        assert!(lease.must_stop(&(8..12)) && !lease.must_stop(&(7..12)), "whole grains only");
        assert!(!lease.must_stop(&(8..9)), "all of it is still wanted");
        assert_eq!(lease.claim(usize::MAX).map(|share| share.range()), Some(4..9));
    });
}

#[test]
fn a_turn_says_whose_it_is() {
    with_board(dynamic(6, 2), |board| {
        let mut share = board.lease(1).expect("free").claim(2).expect("there are items");
        let turn = share.next().expect("two items");
        assert_eq!((turn.worker(), turn.index()), (1, 3));
    });
}

/// Workers on threads, with claims of changing sizes and shares put down half way.
fn every_index_once(items: usize, workers: usize, schedule: Schedule) {
    let counts: Vec<AtomicUsize> = (0..items).map(|_| AtomicUsize::new(0)).collect();
    with_board(Plan { items, workers, schedule, limits: Limits::default(), trace: Trace::Indices }, |board| {
        std::thread::scope(|scope| {
            for worker in 0..workers {
                let counts = &counts;
                scope.spawn(move || {
                    let mut lease = board.lease(worker).expect("each worker is leased once");
                    let mut want = worker + 1;
                    while let Some(mut share) = lease.claim(want) {
                        want = want * 5 % 17 + 1;
                        let keep = share.range().len().div_ceil(1 + want % 2);
                        for _ in 0..keep {
                            let turn = share.next().expect("not more than its length");
                            counts[turn.index()].fetch_add(1, Relaxed);
                        }
                        lease.rest(keep, 1);
                        if !share.range().is_empty() {
                            lease.heard();
                            lease.give_back(share);
                        }
                    }
                });
            }
        });
        let report = board.report();
        assert_eq!(report.iter().map(WorkerReport::items).sum::<usize>(), items);
    });
    for (index, count) in counts.iter().enumerate() {
        assert_eq!(count.load(Relaxed), 1, "index {index} of {items} by {workers} workers");
    }
}

#[test]
fn workers_with_nothing_in_hand_do_not_wait_for_each_other() {
    // Whole shares, so that nothing but the next claim says that the last one is done.
    let rounds = if cfg!(miri) { 5 } else { 3000 };
    for round in 0..rounds {
        let items = 1 + round % 40;
        with_board(dynamic(items, 3), |board| {
            std::thread::scope(|scope| {
                for worker in 0..3 {
                    scope.spawn(move || {
                        let mut lease = board.lease(worker).expect("each worker is leased once");
                        while let Some(share) = lease.claim(8) {
                            lease.rest(walk(share).len(), 1);
                        }
                    });
                }
            });
            assert_eq!(board.report().iter().map(WorkerReport::items).sum::<usize>(), items);
        });
    }
}

#[test]
fn threads_that_claim_steal_and_give_back_do_every_index_once() {
    let rounds = if cfg!(miri) { 2 } else { 200 };
    for round in 0..rounds {
        for (items, workers) in [(0, 3), (1, 4), (97, 2), (101 + round, 3), (64, 8)] {
            every_index_once(items, workers, Schedule::Dynamic);
            every_index_once(items, workers, Schedule::Static);
        }
    }
}

/// A sequence of numbers that looks random.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = (self.0 ^ self.0 >> 29).wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        (self.0 >> 33) as usize % end.max(1)
    }
}

/// Workers that take turns on one thread, and die at any moment: each index is done by one of those that live, and once.
fn every_index_once_whoever_dies(items: usize, workers: usize, schedule: Schedule, accumulates: bool, seed: u64) {
    let plan = Plan { schedule, ..dynamic(items, workers) };
    let head = Head::default();
    let posts: Vec<Post> = (0..workers).map(|_| Post::default()).collect();
    let words = Ledger::words(plan.units(), if accumulates { workers } else { 1 });
    let words: Vec<_> = std::iter::repeat_with(Default::default).take(words).collect();
    let board = Board::set(&head, &posts, Ledger::over(&words, plan.units()), plan);
    let mut dice = Dice(seed);
    let mut deaths = 3 * workers;
    // What counts, by the worker that did it.
    let mut done = vec![Vec::new(); workers];
    let mut leases: Vec<Option<Lease<'_>>> = (0..workers).map(|_| None).collect();
    plan.starters().for_each(|worker| leases[worker] = board.lease(worker));
    let mut given_up = Vec::new();
    loop {
        let alive: Vec<usize> = (0..workers).filter(|worker| leases[*worker].is_some()).collect();
        if alive.is_empty() {
            let again = board.gather();
            if again.is_empty() {
                break;
            }
            leases[0] = board.lease(0);
            leases[0].as_mut().expect("nobody works").renew(again, false);
            continue;
        }
        let worker = alive[dice.below(alive.len())];
        let lease = leases[worker].as_mut().expect("it is alive");
        lease.wait_at_most(std::time::Duration::ZERO);
        let Some(mut share) = lease.claim(1 + dice.below(9)) else {
            leases[worker] = None;
            board.leave(worker);
            continue;
        };
        let dies = deaths > 0 && dice.below(4) == 0;
        let range = share.range();
        let count = dice.below(range.len() + 1);
        // At the item after the last one done, or between items.
        let rests = !dies || dice.below(3) == 0;
        if dice.below(2) == 0 {
            let signs = lease.signs();
            signs.at(range.start);
            for _ in 0..count {
                let index = share.next().expect("the share is long enough").index();
                done[worker].push(index);
                signs.at(index + 1);
            }
        } else {
            let mut rest = share.split_front(count);
            while !rest.range().is_empty() {
                let run = rest.split_front(1 + dice.below(count)).range();
                lease.begin_run(&run);
                // What a worker did of its last run counts when it says that it rests.
                if rests || !rest.range().is_empty() {
                    done[worker].extend(run);
                }
            }
        }
        if rests {
            lease.rest(count, 1);
        }
        if !dies {
            if !share.range().is_empty() {
                lease.give_back(share);
            }
            continue;
        }
        deaths -= 1;
        leases[worker] = None;
        if let Some(index) = board.index_of(worker)
            && dice.below(2) == 0
        {
            board.give_up(index);
            given_up.push(index);
        }
        if accumulates {
            done[worker].clear();
        }
        let units = board.bury(worker, accumulates).again;
        leases[worker] = board.lease(worker);
        leases[worker].as_mut().expect("it was buried").renew(units, accumulates);
    }
    let mut all: Vec<usize> = done.concat();
    all.extend(&given_up);
    all.sort_unstable();
    assert_eq!(all, (0..items).collect::<Vec<_>>(), "{items} {workers} {schedule:?} {accumulates} {seed}");
    assert_eq!(board.done(), items - given_up.len());
    assert!(board.undone_indices().is_empty());
}

#[test]
fn whatever_dies_every_index_is_done_once() {
    for seed in 0..if cfg!(miri) { 3 } else { 2_000 } {
        for schedule in [Schedule::Static, Schedule::Dynamic] {
            for accumulates in [false, true] {
                let mut dice = Dice(seed);
                let (items, workers) = (dice.below(150), 1 + dice.below(5));
                every_index_once_whoever_dies(items, workers, schedule, accumulates, seed);
            }
        }
    }
}
