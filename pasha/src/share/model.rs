//! Models of shares: loom runs each with its threads meeting in one order after the other, with so many switches where none had to be.
//!
//! ```text
//! RUSTFLAGS="--cfg loom" cargo test -p pasha --lib --release --features __hooks share::model
//! ```
//!
//! A thread stands for a worker, in a thread or a process: the words are the same. A worker that dies is a thread that unwinds from one of
//! the hooks' points; that its host knows that it is gone is the join.

#![allow(unsafe_code)]

use std::slice::from_ref;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use loom::cell::UnsafeCell;
use loom::model::Builder;
use loom::thread::{self, JoinHandle};

use super::board::pack;
use super::sync::{AtomicU64, yield_now};
use super::*;
use crate::sys::handoff::Handoff;
use crate::sys::lend::{Lender, Loaned};

/// The words of a map.
struct Map {
    head: Head,
    posts: Vec<Post>,
    ledger: Vec<AtomicU64>,
    plan: Plan,
    /// How often each item was done. What the model looks at is not part of it.
    done: Vec<AtomicUsize>,
}

impl Map {
    fn new(items: usize, workers: usize, schedule: Schedule, rows: usize) -> Arc<Self> {
        let plan = Plan { items, workers, schedule, limits: Limits::default(), trace: Trace::Indices };
        let map = Self {
            head: Head::default(),
            posts: (0..workers).map(|_| Post::default()).collect(),
            ledger: (0..Ledger::words(items, rows)).map(|_| AtomicU64::new(0)).collect(),
            plan,
            done: (0..items).map(|_| AtomicUsize::new(0)).collect(),
        };
        Board::set(&map.head, &map.posts, map.ledger(), plan);
        Arc::new(map)
    }

    fn ledger(&self) -> Ledger<'_> {
        Ledger::over(&self.ledger, self.plan.units())
    }

    fn board(&self) -> Board<'_> {
        Board { head: &self.head, posts: &self.posts, ledger: self.ledger(), plan: self.plan }
    }

    fn counts(&self) -> Vec<usize> {
        self.done.iter().map(|count| count.load(SeqCst)).collect()
    }

    /// What a worker does: claims so much, does so much of it, and gives the rest back.
    fn work(&self, lease: &mut Lease<'_>, want: usize, keep: usize) {
        while let Some(mut share) = lease.claim(want) {
            let kept = keep.min(share.range().len());
            for _ in 0..kept {
                let index = share.next().expect("not more than its length").index();
                lease.signs().at(index);
                self.done[index].fetch_add(1, SeqCst);
                lease.signs().at(index + 1);
            }
            lease.rest(kept, 1);
            if !share.range().is_empty() {
                lease.heard();
                lease.give_back(share);
            }
        }
    }
}

/// Waits for some workers.
fn all<const N: usize>(workers: [JoinHandle<()>; N]) {
    for worker in workers {
        worker.join().expect("it does not panic");
    }
}

/// The hooks are those of all models.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Runs a model with so many switches where none had to be, for some seconds at most: on a busy machine, the larger ones are cut short.
fn model(preemptions: usize, run: impl Fn() + Sync + Send + 'static) {
    model_for(Duration::from_secs(4), preemptions, run);
}

fn model_for(time: Duration, preemptions: usize, run: impl Fn() + Sync + Send + 'static) {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    #[cfg(feature = "__hooks")]
    deaths::plan(None);
    let mut builder = Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.max_branches = 20_000;
    builder.max_duration = Some(time);
    builder.check(run);
}

fn worker(map: &Arc<Map>, worker: usize, want: usize, keep: usize) -> JoinHandle<()> {
    let map = Arc::clone(map);
    thread::spawn(move || {
        let mut lease = map.board().lease(worker).expect("each worker is leased once");
        map.work(&mut lease, want, keep);
    })
}

#[test]
fn claiming_and_stealing_do_every_item_once() {
    model(2, || {
        let map = Map::new(3, 2, Schedule::Dynamic, 1);
        all([worker(&map, 0, 1, 1), worker(&map, 1, 1, 1)]);
        assert_eq!(map.counts(), [1; 3]);
        assert_eq!(map.board().gather(), []);
        assert_eq!(map.board().done(), 3);
    });
}

#[test]
fn three_that_steal_from_each_other_do_every_item_once() {
    model(1, || {
        let map = Map::new(2, 3, Schedule::Dynamic, 1);
        all([worker(&map, 0, 1, 1), worker(&map, 1, 1, 1), worker(&map, 2, 1, 1)]);
        assert_eq!(map.counts(), [1; 2]);
        assert_eq!(map.board().gather(), []);
    });
}

#[test]
fn what_is_given_back_is_done_once() {
    model(2, || {
        let map = Map::new(3, 2, Schedule::Dynamic, 1);
        // Worker 0 has it all, takes two, does one and puts the other down.
        map.posts[0].range.store(pack(0..3), Relaxed);
        map.posts[1].range.store(pack(3..3), Relaxed);
        all([worker(&map, 0, 2, 1), worker(&map, 1, 1, 1)]);
        assert_eq!(map.counts(), [1; 3]);
        assert_eq!(map.board().gather(), []);
    });
}

#[test]
fn everything_below_a_failure_is_done_once() {
    model(2, || {
        let map = Map::new(3, 2, Schedule::Dynamic, 1);
        let other = worker(&map, 1, 2, 2);
        let failing = {
            let map = Arc::clone(&map);
            thread::spawn(move || {
                let mut lease = map.board().lease(0).expect("nobody has it");
                if let Some(mut share) = lease.claim(1) {
                    let index = share.next().expect("there is one").index();
                    lease.rest(0, 1);
                    map.board().fail_at(index);
                    return index;
                }
                3
            })
        };
        let limit = failing.join().expect("it does not panic");
        other.join().expect("it does not panic");
        let counts = map.counts();
        assert!(counts[..limit].iter().all(|count| *count == 1), "{counts:?} below {limit}");
        assert!(counts.iter().all(|count| *count <= 1), "{counts:?}");
        assert_eq!(map.board().gather(), []);
    });
}

#[test]
fn nobody_passes_the_gate_before_all_have_come() {
    model(3, || {
        let map = Map::new(1, 2, Schedule::Dynamic, 1);
        let written: Arc<[AtomicU64; 2]> = Arc::new(std::array::from_fn(|_| AtomicU64::new(0)));
        let comers = [0, 1].map(|worker: usize| {
            let (map, written) = (Arc::clone(&map), Arc::clone(&written));
            thread::spawn(move || {
                written[worker].store(7, Relaxed);
                map.board().wait_at_gate(worker, 2, || 0);
                assert_eq!(written[1 - worker].load(Relaxed), 7);
            })
        });
        all(comers);
    });
}

#[test]
fn what_is_noted_is_there_for_whoever_reads_the_note() {
    model(3, || {
        let map = Map::new(3, 2, Schedule::Dynamic, 1);
        let rows: Arc<[AtomicU64; 3]> = Arc::new(std::array::from_fn(|_| AtomicU64::new(0)));
        let writers = [0..2, 2..3].map(|units: std::ops::Range<u32>| {
            let (map, rows) = (Arc::clone(&map), Arc::clone(&rows));
            thread::spawn(move || {
                units.clone().for_each(|unit| rows[unit as usize].store(1, Relaxed));
                map.ledger().note(0, units);
            })
        });
        let open: Vec<u32> = map.ledger().open(from_ref(&(0..3))).into_iter().flatten().collect();
        for unit in (0..3).filter(|unit| !open.contains(unit)) {
            assert_eq!(rows[unit as usize].load(Relaxed), 1, "unit {unit} is noted");
        }
        all(writers);
        assert_eq!(map.ledger().open(from_ref(&(0..3))), [], "no note of one hides another's");
    });
}

/// The other thread makes its part, the lender does, or both come too late for each other; what was written is there for the lender in each case.
#[test]
fn a_lent_part_is_made_once_and_its_lender_sees_what_it_wrote() {
    model(3, || {
        let written = UnsafeCell::new(0);
        let call = Shared(|number| {
            if number == 1 {
                written.with_mut(|written| {
                    // SAFETY: loom says so if somebody else is at it.
                    unsafe { *written += 1 }
                });
            }
            false
        });
        let mut borrower = None;
        Lender::new().lend(
            2,
            &|number| call.call(number),
            |part| borrower = Some(thread::spawn(move || drop(part.make()))),
            yield_now,
        );
        // SAFETY: as above.
        assert_eq!(written.with(|written| unsafe { *written }), 1);
        borrower.expect("the second part was handed out").join().expect("it does not panic");
    });
}

/// A part that is to be made again stays open until its lender closes it, and is in one pair of hands at a time.
#[test]
fn a_lent_part_that_is_made_again_is_never_in_two_hands() {
    model(3, || {
        let written = UnsafeCell::new(0);
        let call = Shared(|number| {
            if number == 1 {
                written.with_mut(|written| {
                    // SAFETY: loom says so if somebody else is at it.
                    unsafe { *written += 1 }
                });
            }
            number == 1
        });
        let mut borrower = None;
        let twice = |part: Loaned| drop(part.make().and_then(Loaned::make));
        Lender::new().lend(
            2,
            &|number| call.call(number),
            |part| borrower = Some(thread::spawn(move || twice(part))),
            yield_now,
        );
        // SAFETY: as above.
        assert!((1..=3).contains(&written.with(|written| unsafe { *written })));
        borrower.expect("the second part was handed out").join().expect("it does not panic");
    });
}

/// A part that is handed to a waiting thread is made by it or by its lender; nothing that is given is left where nobody looks.
#[test]
fn a_part_is_handed_to_who_waits_or_comes_back() {
    model(3, || {
        let made = AtomicU64::new(0);
        let handoff = Arc::new(Handoff::new());
        let waiting = {
            let handoff = Arc::clone(&handoff);
            // At once, or after one look in which others come on.
            let wait = |looks: usize| {
                let mut left = looks;
                move || {
                    yield_now();
                    left -= 1;
                    left > 0
                }
            };
            thread::spawn(move || {
                let first = handoff.wait(|| false);
                let parts = [first, handoff.wait(wait(2))];
                parts.into_iter().flatten().filter_map(|part| Some(part.make().is_none())).count()
            })
        };
        let mut given = 0;
        let mut lender = Lender::new();
        for map in 1..=2 {
            let call = |number| {
                made.fetch_add(number as u64, Relaxed);
                false
            };
            lender.lend(2, &call, |part| given += usize::from(handoff.give(part).is_none()), yield_now);
            assert_eq!(made.load(Relaxed), map, "the second part of each was made once");
        }
        assert_eq!(waiting.join().expect("it does not panic"), given, "each that was given was received");
    });
}

/// A call that loom watches.
struct Shared<F>(F);

impl<F: Fn(usize) -> bool> Shared<F> {
    fn call(&self, number: usize) -> bool {
        (self.0)(number)
    }
}

// SAFETY: whether parts are made at once is what the models find out.
unsafe impl<F> Sync for Shared<F> {}

#[cfg(feature = "__hooks")]
mod deaths {
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

    use super::*;
    use crate::hooks::{Point, set};

    /// Where worker 0 is to die, and how often it gets there before.
    static DEATH: Mutex<Option<(Point, u32)>> = Mutex::new(None);

    pub(super) fn plan(death: Option<(Point, u32)>) {
        *DEATH.lock().expect("nobody panics with it") = death;
    }

    fn die(point: Point, worker: usize) {
        let mut death = DEATH.lock().expect("nobody panics with it");
        match &mut *death {
            Some((deadly, left)) if *deadly == point && worker == 0 => {
                if *left > 0 {
                    *left -= 1;
                    return;
                }
                *death = None;
            }
            _ => return,
        }
        drop(death);
        // Past the panic hook.
        resume_unwind(Box::new(()));
    }

    const POINTS: [Point; 6] = [Point::Claim, Point::Stolen, Point::Claimed, Point::Called, Point::Noted, Point::Left];

    /// Worker 0 dies, its host buries it while worker 1 goes on, and takes its place; what is lost between them is found in the end.
    fn one_dies(accumulates: bool, schedule: Schedule) {
        set(Some(die));
        for (point, times) in POINTS.into_iter().flat_map(|point| [(point, 0), (point, 1)]) {
            model_for(Duration::from_secs(1), 1, move || {
                plan(Some((point, times)));
                let map = Map::new(3, 2, schedule, if accumulates { 2 } else { 1 });
                // What the accumulators of the dead worker, of its follower and of the other hold.
                let held = [(); 3].map(|()| Arc::new((0..3).map(|_| AtomicUsize::new(0)).collect::<Vec<_>>()));
                let other = member(&map, 1, &held[2], Vec::new());
                let dying = member(&map, 0, &held[0], Vec::new());
                let died = dying.join().expect("it is caught");
                let mut runs = 1;
                if died {
                    let again = map.board().bury(0, accumulates).again;
                    runs = 2;
                    assert!(!member(&map, 0, &held[1], again).join().expect("it is caught"));
                }
                assert!(!other.join().expect("it is caught"));
                map.board().leave(0);
                map.board().leave(1);
                let left = map.board().gather();
                if !left.is_empty() {
                    assert!(died);
                    assert!(!member(&map, 1, &held[2], left).join().expect("it is caught"));
                }
                assert_eq!((map.board().gather(), map.board().done()), (Vec::new(), 3), "{point:?}");
                let gathered: Vec<usize> = (0..3)
                    .map(|index| {
                        let of = |who: usize| held[who][index].load(SeqCst);
                        if died && accumulates { of(1) + of(2) } else { of(0) + of(1) + of(2) }
                    })
                    .collect();
                if accumulates || !died {
                    assert_eq!(gathered, [1; 3], "{point:?}, each counts once");
                } else {
                    let again: usize = gathered.iter().map(|count| count - 1).sum();
                    assert!(gathered.iter().all(|count| *count >= 1) && again < runs, "{point:?}: {gathered:?}");
                }
            });
        }
    }

    /// A worker; says whether it died.
    fn member(
        map: &Arc<Map>,
        id: usize,
        held: &Arc<Vec<AtomicUsize>>,
        again: Vec<std::ops::Range<u32>>,
    ) -> JoinHandle<bool> {
        let (map, held) = (Arc::clone(map), Arc::clone(held));
        thread::spawn(move || {
            catch_unwind(AssertUnwindSafe(|| {
                let mut lease = map.board().lease(id).expect("nobody has it");
                lease.renew(again, false);
                while let Some(mut share) = lease.claim(2) {
                    let kept = share.range().len();
                    for _ in 0..kept {
                        let index = share.next().expect("not more than its length").index();
                        lease.signs().at(index);
                        held[index].fetch_add(1, SeqCst);
                        crate::hooks::reach(Point::Called, id);
                        lease.signs().at(index + 1);
                    }
                    lease.rest(kept, 1);
                }
            }))
            .is_err()
        })
    }

    #[test]
    fn what_a_dead_worker_had_is_done_by_others() {
        one_dies(false, Schedule::Dynamic);
    }

    #[test]
    fn with_accumulators_every_item_counts_once() {
        one_dies(true, Schedule::Dynamic);
    }

    #[test]
    fn in_a_static_split_the_follower_does_what_is_left() {
        one_dies(false, Schedule::Static);
    }
}
