//! Models of shares: loom runs each with the threads meeting in every order (of so many switches where a thread need not yield).
//!
//! ```text
//! RUSTFLAGS="--cfg loom" cargo test -p pasha --lib --release --features __hooks share::model
//! ```
//!
//! A thread stands for a worker, in a thread or a process: the words are the same. A worker that dies is a thread that unwinds from one of
//! the hooks' points; that its host knows that it is gone is the join.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};

use loom::model::Builder;
use loom::thread::{self, JoinHandle};

use super::sync::AtomicU64;
use super::*;

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
        let plan = Plan { items, workers, schedule, limits: Limits::default() };
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

fn model(preemptions: usize, run: impl Fn() + Sync + Send + 'static) {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    #[cfg(feature = "__hooks")]
    deaths::plan(None);
    let mut builder = Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.max_branches = 20_000;
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
    model(3, || {
        let map = Map::new(4, 2, Schedule::Dynamic, 1);
        let workers = [worker(&map, 0, 2, 2), worker(&map, 1, 1, 1)];
        all(workers);
        assert_eq!(map.counts(), [1; 4]);
        assert_eq!(map.board().undone(), []);
        assert_eq!(map.board().done(), 4);
    });
}

#[test]
fn three_that_steal_from_each_other_do_every_item_once() {
    model(2, || {
        let map = Map::new(3, 3, Schedule::Dynamic, 1);
        let workers = [worker(&map, 0, 1, 1), worker(&map, 1, 1, 1), worker(&map, 2, 1, 1)];
        all(workers);
        assert_eq!(map.counts(), [1; 3]);
        assert_eq!(map.board().undone(), []);
    });
}

#[test]
fn what_is_given_back_is_done_once() {
    model(3, || {
        let map = Map::new(4, 2, Schedule::Dynamic, 1);
        // Worker 0 holds all of its part, does one item and puts the rest down.
        let workers = [worker(&map, 0, 4, 1), worker(&map, 1, 4, 4)];
        all(workers);
        assert_eq!(map.counts(), [1; 4]);
        assert_eq!(map.board().undone(), []);
    });
}

#[test]
fn everything_below_a_failure_is_done_once() {
    model(3, || {
        let map = Map::new(4, 2, Schedule::Dynamic, 1);
        let other = worker(&map, 1, 2, 2);
        let failing = {
            let map = Arc::clone(&map);
            thread::spawn(move || {
                let mut lease = map.board().lease(0).expect("nobody has it");
                if let Some(mut share) = lease.claim(1) {
                    let index = share.next().expect("there is one").index();
                    lease.rest(0, 1);
                    lease.fail_at(index);
                    return index;
                }
                4
            })
        };
        let limit = failing.join().expect("it does not panic");
        other.join().expect("it does not panic");
        let counts = map.counts();
        assert!(counts[..limit].iter().all(|count| *count == 1), "{counts:?} below {limit}");
        assert!(counts.iter().all(|count| *count <= 1), "{counts:?}");
        assert_eq!(map.board().undone(), []);
    });
}

#[test]
fn what_the_host_wrote_before_it_opened_the_gate_is_seen_behind_it() {
    model(3, || {
        let map = Map::new(1, 2, Schedule::Dynamic, 1);
        let written = Arc::new(AtomicU64::new(0));
        let waiting = {
            let (map, written) = (Arc::clone(&map), Arc::clone(&written));
            thread::spawn(move || {
                map.board().wait_until_open();
                assert_eq!(written.load(Relaxed), 7);
            })
        };
        written.store(7, Relaxed);
        map.board().open();
        waiting.join().expect("it does not panic");
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
        let open: Vec<u32> = map.ledger().open(&[0..3]).into_iter().flatten().collect();
        for unit in (0..3).filter(|unit| !open.contains(unit)) {
            assert_eq!(rows[unit as usize].load(Relaxed), 1, "unit {unit} is noted");
        }
        all(writers);
        assert_eq!(map.ledger().open(&[0..3]), [], "no note of one hides another's");
    });
}

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

    const POINTS: [Point; 5] = [Point::Claim, Point::Stolen, Point::Claimed, Point::Called, Point::Noted];

    /// Worker 0 dies, its host buries it while worker 1 goes on, and takes its place; what is lost between them is found in the end.
    fn one_dies(accumulates: bool, schedule: Schedule) {
        set(Some(die));
        for (point, times) in POINTS.into_iter().flat_map(|point| [(point, 0), (point, 1)]) {
            model(2, move || {
                plan(Some((point, times)));
                let map = Map::new(4, 2, schedule, if accumulates { 2 } else { 1 });
                // What the accumulators of the dead worker, of its follower and of the other hold.
                let held = [(); 3].map(|()| Arc::new((0..4).map(|_| AtomicUsize::new(0)).collect::<Vec<_>>()));
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
                let undone = map.board().undone();
                if !undone.is_empty() {
                    assert!(died);
                    assert!(!member(&map, 1, &held[2], undone).join().expect("it is caught"));
                }
                assert_eq!(map.board().undone(), [], "{point:?}");
                let gathered: Vec<usize> = (0..4)
                    .map(|index| {
                        let of = |who: usize| held[who][index].load(SeqCst);
                        if died && accumulates { of(1) + of(2) } else { of(0) + of(1) + of(2) }
                    })
                    .collect();
                if accumulates || !died {
                    assert_eq!(gathered, [1; 4], "{point:?}, each counts once");
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
