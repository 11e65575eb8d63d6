//! Lending a call to other threads, which may make parts of it until the lender takes it back.

use std::sync::Arc;
use std::sync::atomic::{
    AtomicU8,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use std::thread::{self, Thread};
use std::time::Duration;

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

/// One part of a call, to be made by whatever thread has time for it, or by the lender.
pub(crate) struct Loaned {
    loan: Arc<Loan>,
    number: usize,
}

struct Loan {
    /// Valid while a part is `TAKEN`.
    call: *const (dyn Fn(usize) + Sync),
    parts: Box<[AtomicU8]>,
    lender: Thread,
}

/// Makes all parts of a call, `0..parts`, each once. Others may make them: each but the first is given to `hand_out`, which should bring it to
/// another thread, and need not. The caller makes the first part, then those that nobody has begun with, and waits for the rest.
///
/// So it never waits for a thread that has no time, only for work under way; and meanwhile calls `while_idle` now and then.
pub(crate) fn lend(parts: usize, call: &(dyn Fn(usize) + Sync), mut hand_out: impl FnMut(Loaned), while_idle: fn()) {
    // SAFETY: only the lifetime changes. `Loan::call` is used between the swap of a part to `TAKEN` and its `DONE`; `TakeBack` keeps this
    // function, and with it the borrow, from ending until no part is open or in other hands.
    let call: *const (dyn Fn(usize) + Sync + 'static) = unsafe { std::mem::transmute(std::ptr::from_ref(call)) };
    let states = (0..parts).map(|_| AtomicU8::new(OPEN)).collect();
    let loan = Arc::new(Loan { call, parts: states, lender: thread::current() });
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
    /// Makes the part, unless somebody else has or it is too late.
    pub(crate) fn make(self) {
        if self.loan.make(self.number) {
            self.loan.lender.unpark();
        }
    }
}

impl Loan {
    /// Says whether the part was still open.
    fn make(&self, number: usize) -> bool {
        let part = &self.parts[number];
        if part.compare_exchange(OPEN, TAKEN, AcqRel, Relaxed).is_err() {
            return false;
        }
        let _done = Done(part);
        // SAFETY: the part is `TAKEN` by this thread until `_done` drops, and the lender waits for that: the call is still borrowed.
        let call = unsafe { &*self.call };
        call(number);
        true
    }
}

/// Ends a part, even if it unwinds.
struct Done<'l>(&'l AtomicU8);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        // Whoever sees it sees what the part wrote.
        self.0.store(DONE, Release);
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
            if part.compare_exchange(OPEN, TAKEN, AcqRel, Acquire).is_ok() {
                continue;
            }
            let mut looks = 0;
            while part.load(Acquire) != DONE {
                looks += 1;
                if looks < LOOKS {
                    std::hint::spin_loop();
                } else {
                    (self.while_idle)();
                    // A token left by an earlier part only makes for one more look.
                    thread::park_timeout(NAP);
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

    use super::*;

    fn counts(parts: usize, hand_out: impl FnMut(Loaned)) -> Vec<usize> {
        let counts: Vec<AtomicUsize> = (0..parts).map(|_| AtomicUsize::new(0)).collect();
        lend(parts, &|number| _ = counts[number].fetch_add(1, Relaxed), hand_out, thread::yield_now);
        counts.into_iter().map(AtomicUsize::into_inner).collect()
    }

    #[test]
    fn the_lender_makes_what_nobody_begins() {
        assert_eq!(counts(4, drop), [1; 4]);
        let mut never_made = Vec::new();
        assert_eq!(counts(3, |part| never_made.push(part)), [1; 3]);
        never_made.into_iter().for_each(Loaned::make);
    }

    #[test]
    fn every_part_is_made_once_by_whoever_comes_first() {
        for _ in 0..if cfg!(miri) { 3 } else { 300 } {
            let mut threads = Vec::new();
            assert_eq!(counts(4, |part| threads.push(thread::spawn(|| part.make()))), [1; 4]);
            threads.into_iter().for_each(|thread| thread.join().expect("a part does not panic"));
        }
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
        };
        let mut threads = Vec::new();
        let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            lend(2, &call, |part| threads.push(thread::spawn(|| part.make())), thread::yield_now);
        }));
        assert!(unwound.is_err());
        assert_eq!(ended.load(Relaxed), 1);
        threads.into_iter().for_each(|thread| thread.join().expect("only the lender panics"));
    }
}
