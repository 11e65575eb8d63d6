//! Lending a call to other threads, which may make parts of it until the lender takes it back.

use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::time::Duration;

use crate::share::sync::{AtomicU8, Thread, current, park_timeout, spin_loop};

/// Nobody has begun with the part.
const OPEN: u8 = 0;
/// Somebody is at it, or the lender keeps it closed.
const TAKEN: u8 = 1;
/// A borrower is through with it, and with the call.
const DONE: u8 = 2;

/// A wait shorter than this many looks is not worth parking for: some µs.
const LOOKS: usize = 2_000;

/// The end of a part wakes the lender; this is for what else it could do.
const NAP: Duration = Duration::from_millis(1);

/// A call of several parts; says whether the part wants to be made once more.
type Call<'c> = dyn Fn(usize) -> bool + Sync + 'c;

/// One part of a call, to be made by whatever thread has time for it, or by the lender.
pub(crate) struct Loaned {
    loan: Arc<Loan>,
    number: usize,
}

struct Loan {
    /// Valid while a part is `TAKEN`.
    call: *const Call<'static>,
    parts: Box<[AtomicU8]>,
    lender: Thread,
}

/// Makes all parts of a call, `0..parts`, each once at least. Others may make them: each but the first is given to `hand_out`, which should bring it to
/// another thread, and need not. The caller makes the first part, then those that nobody has begun with, and waits for the rest.
///
/// So it never waits for a thread that has no time, only for work under way; and meanwhile calls `while_idle` now and then. A part that wants to be
/// made once more may be, until then.
pub(crate) fn lend(parts: usize, call: &Call<'_>, mut hand_out: impl FnMut(Loaned), while_idle: fn()) {
    // SAFETY: only the lifetime changes. `Loan::call` is used between the swap of a part to `TAKEN` and its `DONE`; `TakeBack` keeps this
    // function, and with it the borrow, from ending until no part is open or in other hands.
    let call: *const Call<'static> = unsafe { std::mem::transmute(std::ptr::from_ref(call)) };
    let states = (0..parts).map(|_| AtomicU8::new(OPEN)).collect();
    let loan = Arc::new(Loan { call, parts: states, lender: current() });
    let back = TakeBack { loan: &loan, while_idle };
    for number in 1..parts {
        hand_out(Loaned { loan: Arc::clone(&loan), number });
    }
    for number in 0..parts {
        loan.make(number);
    }
    drop(back);
}

impl Loaned {
    /// Makes the part, unless somebody else has or it is too late. Gives it back if it wants to be made once more.
    pub(crate) fn make(self) -> Option<Self> {
        let again = self.loan.make(self.number)?;
        self.loan.lender.unpark();
        again.then_some(self)
    }
}

impl Loan {
    /// Says whether the part wants to be made once more; nothing if it was not open.
    fn make(&self, number: usize) -> Option<bool> {
        let part = &self.parts[number];
        part.compare_exchange(OPEN, TAKEN, AcqRel, Relaxed).ok()?;
        let mut end = End { part, state: DONE };
        // SAFETY: the part is `TAKEN` by this thread until `end` drops, and the lender waits for that: the call is still borrowed.
        let call = unsafe { &*self.call };
        let again = call(number);
        if again {
            end.state = OPEN;
        }
        Some(again)
    }
}

/// Ends a part, even if it unwinds.
struct End<'l> {
    part: &'l AtomicU8,
    state: u8,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        // Whoever sees it sees what the part wrote.
        self.part.store(self.state, Release);
    }
}

/// Closes what is open, and waits for what is in other hands.
struct TakeBack<'l> {
    loan: &'l Loan,
    while_idle: fn(),
}

impl Drop for TakeBack<'_> {
    fn drop(&mut self) {
        for part in &self.loan.parts {
            let mut looks = 0;
            // Who is at it may open it again.
            while part.compare_exchange(OPEN, TAKEN, AcqRel, Acquire).is_err_and(|state| state != DONE) {
                looks += 1;
                if looks < LOOKS {
                    spin_loop();
                } else {
                    (self.while_idle)();
                    // A token left by an earlier part only makes for one more look.
                    park_timeout(NAP);
                }
            }
        }
    }
}

// SAFETY: the pointer is to a `Sync` call, and is used as `Loan::make` says.
unsafe impl Send for Loan {}
// SAFETY: as above.
unsafe impl Sync for Loan {}

#[cfg(test)]
mod test {
    use std::sync::atomic::AtomicUsize;
    use std::thread;

    use super::*;

    fn counts(parts: usize, hand_out: impl FnMut(Loaned)) -> Vec<usize> {
        let counts: Vec<AtomicUsize> = (0..parts).map(|_| AtomicUsize::new(0)).collect();
        let count = |number: usize| {
            counts[number].fetch_add(1, Relaxed);
            false
        };
        lend(parts, &count, hand_out, thread::yield_now);
        counts.into_iter().map(AtomicUsize::into_inner).collect()
    }

    #[test]
    fn the_lender_makes_what_nobody_begins() {
        assert_eq!(counts(4, drop), [1; 4]);
        let mut never_made = Vec::new();
        assert_eq!(counts(3, |part| never_made.push(part)), [1; 3]);
        assert!(never_made.into_iter().all(|part| part.make().is_none()));
    }

    #[test]
    fn every_part_is_made_once_by_whoever_comes_first() {
        for _ in 0..if cfg!(miri) { 3 } else { 300 } {
            let mut threads = Vec::new();
            assert_eq!(counts(4, |part| threads.push(thread::spawn(|| part.make().is_none()))), [1; 4]);
            threads.into_iter().for_each(|thread| assert!(thread.join().expect("a part does not panic")));
        }
    }

    #[test]
    fn a_part_may_be_made_again_until_the_lender_is_through() {
        let made = AtomicUsize::new(0);
        let call = |number| {
            // The lender goes on until the other part was made three times.
            while number == 0 && made.load(Relaxed) < 3 {
                thread::yield_now();
            }
            number == 1 && made.fetch_add(1, Relaxed) < 5
        };
        let mut threads = Vec::new();
        let mut come = |part: Loaned| {
            threads.push(thread::spawn(|| {
                let mut part = Some(part);
                while let Some(again) = part.take() {
                    part = again.make();
                }
            }));
        };
        lend(2, &call, &mut come, thread::yield_now);
        threads.into_iter().for_each(|thread| thread.join().expect("a part does not panic"));
        assert!((3..=6).contains(&made.load(Relaxed)));
    }

    #[test]
    fn a_lender_that_unwinds_waits_for_the_others() {
        let (begun, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let call = |number| {
            if number == 0 {
                while begun.load(Relaxed) == 0 {
                    thread::yield_now();
                }
                panic!("the lender");
            }
            begun.store(1, Relaxed);
            thread::sleep(Duration::from_millis(20));
            ended.store(1, Relaxed);
            false
        };
        let mut threads = Vec::new();
        let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            lend(2, &call, |part| threads.push(thread::spawn(|| part.make().is_none())), thread::yield_now);
        }));
        assert!(unwound.is_err());
        assert_eq!(ended.load(Relaxed), 1);
        threads.into_iter().for_each(|thread| _ = thread.join().expect("only the lender panics"));
    }
}
