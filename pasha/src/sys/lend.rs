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

/// What one thread lends with, again and again: memory that others free is dear to allocate.
#[derive(Default)]
pub(crate) struct Lender {
    /// Of the second part of a call, and so on. All are closed between two calls.
    parts: Vec<Arc<Part>>,
}

/// One part of a call, to be made by whatever thread has time for it, or by the lender.
pub(crate) struct Loaned(Arc<Part>);

pub(super) struct Part {
    state: AtomicU8,
    number: usize,
    /// Valid while somebody is at the part who took it.
    call: *const Call<'static>,
    lender: Thread,
}

impl Lender {
    pub(crate) const fn new() -> Self {
        Self { parts: Vec::new() }
    }

    /// Makes all parts of a call, `0..parts`, each once at least. Others may make them: each but the first is given to `hand_out`, which should bring it to
    /// another thread, and need not. The caller makes the first part, then those that nobody has begun with, and waits for the rest.
    ///
    /// So it never waits for a thread that has no time, only for work under way; and meanwhile calls `while_idle` now and then. A part that wants to be
    /// made once more may be, until then.
    pub(crate) fn lend(&mut self, parts: usize, call: &Call<'_>, hand_out: impl FnMut(Loaned), while_idle: fn()) {
        let others = self.open(parts.saturating_sub(1), call);
        let back = TakeBack { parts: others, while_idle };
        others.iter().map(|part| Loaned(Arc::clone(part))).for_each(hand_out);
        if parts > 0 {
            call(0);
        }
        for part in others {
            part.make();
        }
        drop(back);
    }

    /// So many parts of a call after the first, open until they are taken back.
    fn open(&mut self, others: usize, call: &Call<'_>) -> &[Arc<Part>] {
        // SAFETY: only the lifetime changes. `Part::call` is used between the swap of the part to `TAKEN` and its `DONE`; `TakeBack` keeps `lend`,
        // and with it the borrow, from ending until no part is open or in other hands.
        let call: *const Call<'static> = unsafe { std::mem::transmute(std::ptr::from_ref(call)) };
        for number in self.parts.len() + 1..=others {
            self.parts.push(Arc::new(Part { state: AtomicU8::new(DONE), number, call, lender: current() }));
        }
        for part in &mut self.parts[..others] {
            let part = Arc::make_mut(part);
            part.call = call;
            part.state = AtomicU8::new(OPEN);
        }
        &self.parts[..others]
    }
}

impl Loaned {
    /// Makes the part, unless somebody else has or it is too late. Gives it back if it wants to be made once more.
    pub(crate) fn make(self) -> Option<Self> {
        let again = self.0.make()?;
        self.0.lender.unpark();
        again.then_some(self)
    }

    /// Whether nobody has begun with it.
    pub(crate) fn is_open(&self) -> bool {
        self.0.state.load(Relaxed) == OPEN
    }

    /// Which part of the call it is: not the first, which is 0.
    pub(crate) fn number(&self) -> usize {
        self.0.number
    }

    pub(super) fn into_raw(self) -> *const Part {
        Arc::into_raw(self.0)
    }

    /// # Safety
    ///
    /// The pointer is from `into_raw`, and is not used again.
    pub(super) unsafe fn from_raw(part: *const Part) -> Self {
        // SAFETY: as promised.
        Self(unsafe { Arc::from_raw(part) })
    }
}

impl Part {
    /// Says whether it wants to be made once more; nothing if it was not open.
    fn make(&self) -> Option<bool> {
        self.take()?;
        let mut end = End { part: self, state: DONE };
        // SAFETY: the part is `TAKEN` by this thread until `end` drops, and the lender waits for that: the call is still borrowed.
        let call = unsafe { &*self.call };
        let again = call(self.number);
        if again {
            end.state = OPEN;
        }
        Some(again)
    }

    /// Looks before it swaps: who swaps in vain keeps the others from going on.
    fn take(&self) -> Option<()> {
        let is_open = self.state.load(Relaxed) == OPEN;
        (is_open && self.state.compare_exchange(OPEN, TAKEN, AcqRel, Relaxed).is_ok()).then_some(())
    }
}

/// A part that another thread still holds, because it came too late for a call before, is left to it.
impl Clone for Part {
    fn clone(&self) -> Self {
        Self { state: AtomicU8::new(DONE), number: self.number, call: self.call, lender: self.lender.clone() }
    }
}

/// Ends a part, even if it unwinds.
struct End<'l> {
    part: &'l Part,
    state: u8,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        // Whoever sees it sees what the part wrote.
        self.part.state.store(self.state, Release);
    }
}

/// Closes what is open, and waits for what is in other hands.
struct TakeBack<'l> {
    parts: &'l [Arc<Part>],
    while_idle: fn(),
}

impl Drop for TakeBack<'_> {
    fn drop(&mut self) {
        for part in self.parts {
            let mut looks = 0;
            // Who is at it may open it again.
            while part.state.load(Acquire) != DONE && part.take().is_none() {
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

// SAFETY: the pointer is to a `Sync` call, and is used as `Part::make` says.
unsafe impl Send for Part {}
// SAFETY: as above.
unsafe impl Sync for Part {}

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
        Lender::new().lend(parts, &count, hand_out, thread::yield_now);
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
    fn a_lender_lends_again_while_others_hold_what_they_came_too_late_for() {
        let mut lender = Lender::new();
        let mut late = Vec::new();
        for others in [2, 1, 3, 3] {
            let made = AtomicUsize::new(0);
            let before = late.len();
            let call = |_| {
                made.fetch_add(1, Relaxed);
                false
            };
            let mut threads = Vec::new();
            let mut come = |part: Loaned| match part.number() {
                1 => late.push(part),
                _ => threads.push(thread::spawn(|| drop(part.make()))),
            };
            lender.lend(others + 1, &call, &mut come, thread::yield_now);
            assert_eq!(made.into_inner(), others + 1);
            assert!(late.iter().all(|part| !part.is_open()) && late.len() == before + 1);
            threads.into_iter().for_each(|thread| thread.join().expect("a part does not panic"));
        }
        assert!(late.into_iter().all(|part| part.number() == 1 && part.make().is_none()));
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
        Lender::new().lend(2, &call, &mut come, thread::yield_now);
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
            Lender::new().lend(
                2,
                &call,
                |part| threads.push(thread::spawn(|| part.make().is_none())),
                thread::yield_now,
            );
        }));
        assert!(unwound.is_err());
        assert_eq!(ended.load(Relaxed), 1);
        threads.into_iter().for_each(|thread| _ = thread.join().expect("only the lender panics"));
    }
}
