//! Handing a part to a thread that waits for it: nothing is queued, and nobody woken.

use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::lend::{Loaned, Part};
use crate::share::sync::AtomicPtr;

/// No thread waits.
const NOBODY: *mut Part = ptr::null_mut();
/// One does. No part lies there.
const WAITING: *mut Part = ptr::dangling_mut();

/// Where one thread waits a moment for its next part. Whoever gives it one hands over all rights to it.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Handoff(AtomicPtr<Part>);

impl Handoff {
    pub(crate) fn new() -> Self {
        Self(AtomicPtr::new(NOBODY))
    }

    /// Gives the part to the thread that waits here, or back if none does.
    pub(crate) fn give(&self, part: Loaned) -> Option<Loaned> {
        let part = part.into_raw().cast_mut();
        self.0.compare_exchange(WAITING, part, Release, Relaxed).err()?;
        // SAFETY: it is from right above, and was laid down nowhere.
        Some(unsafe { Loaned::from_raw(part) })
    }

    /// Waits for as long as `goes_on` says. One thread at a time.
    pub(crate) fn wait(&self, mut goes_on: impl FnMut() -> bool) -> Option<Loaned> {
        self.0.compare_exchange(NOBODY, WAITING, Relaxed, Relaxed).ok()?;
        while self.0.load(Relaxed) == WAITING && goes_on() {}
        let found = self.0.swap(NOBODY, Acquire);
        // SAFETY: what is neither of the two was laid down by `give`, once, and is not there any more. It is not `NOBODY`: this thread alone puts that.
        (found != WAITING).then(|| unsafe { Loaned::from_raw(found) })
    }
}

#[cfg(test)]
mod test {
    use std::sync::atomic::AtomicUsize;
    use std::thread;

    use super::*;
    use crate::sys::lend::Lender;

    #[test]
    fn a_part_comes_back_where_nobody_waits() {
        let handoff = Handoff::new();
        let mut given = 0;
        Lender::new().lend(2, &|_| false, |part| given += usize::from(handoff.give(part).is_none()), thread::yield_now);
        assert_eq!(given, 0);
        assert!(handoff.wait(|| false).is_none());
    }

    #[test]
    fn a_thread_that_waits_makes_what_it_is_given() {
        let (handoff, made, wanted) = (Handoff::new(), AtomicUsize::new(0), if cfg!(miri) { 5 } else { 2_000 });
        let mut given = 0;
        thread::scope(|scope| {
            let waits = scope.spawn(|| {
                let mut received = 0;
                while made.load(Relaxed) < wanted {
                    let mut looks = 0;
                    let part = handoff.wait(|| {
                        looks += 1;
                        looks < 100
                    });
                    if let Some(part) = part {
                        received += 1;
                        assert!(part.make().is_none());
                    }
                }
                received
            });
            let mut lender = Lender::new();
            for _ in 0..wanted {
                let call = |number| {
                    made.fetch_add(number, Relaxed);
                    false
                };
                lender.lend(2, &call, |part| given += usize::from(handoff.give(part).is_none()), thread::yield_now);
            }
            assert_eq!(waits.join().expect("a part does not panic"), given);
        });
        assert_eq!(made.into_inner(), wanted);
    }
}
