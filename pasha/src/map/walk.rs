//! The walk: the only loop over items.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::atomic::{Ordering, compiler_fence};
use std::time::Instant;

use super::{Call, Work};
use crate::context::job::{Cause, Failure};
use crate::functor::Functor;
use crate::hooks::{Point, reach};
use crate::kernel::{Binds, Slots};
use crate::share::{Lease, Limits, Share, Trace};

impl<F: Functor, B: Binds, C: Call<F, B>> Work<'_, F, B, C> {
    /// The loop over the items of a share. Ends early on a failure and, if it is careful, when somebody calls; what is left stays in `share`.
    ///
    /// Careful also means that each index is noted before its item is asked for. Careless is what can be made into vectors.
    #[inline(never)]
    pub(super) fn walk<const CAREFUL: bool>(
        &self,
        state: &mut F::State,
        worker: &mut B::Worker,
        share: &mut Share,
        lease: &Lease<'_>,
        place: &Cell<Option<usize>>,
    ) -> Result<(), Failure> {
        let range = share.range();
        let signs = lease.signs();
        if CAREFUL {
            signs.at(range.start);
        }
        let mut steps = Steps { share: share.take(), rest: share, place, in_kernel: false };
        let mut stop = None;
        // Worker processes have a host that watches the clock.
        let mut clock =
            (CAREFUL && lease.trace() == Trace::Failures && lease.limits().any()).then(|| Clock::new(lease.limits()));
        let visited = self.functor.visit(state, range, |item| {
            // Nothing is left in `steps` until it is put back: not after a break that the functor does not heed, nor after a panic that it catches.
            let mut share = steps.share.take();
            let Some(turn) = share.next() else {
                if !steps.in_kernel {
                    stop.get_or_insert_with(|| {
                        let message = "it gave more items than it was asked for".to_owned();
                        Stop::Failed(Failure::new(Cause::Functor, Some(share.range().start - 1), message))
                    });
                }
                return ControlFlow::Break(());
            };
            let index = turn.index();
            let slots = Slots(B::at(worker, turn));
            steps.in_kernel = true;
            let result = C::call(turn.worker(), index, item, slots);
            steps.in_kernel = false;
            if let Err(message) = result {
                stop = Some(Stop::Failed(Failure::new(Cause::Kernel, Some(index), message)));
                return ControlFlow::Break(());
            }
            reach(Point::Called, turn.worker());
            if CAREFUL {
                if let Some(failure) = clock.as_mut().and_then(|clock| clock.look(index)) {
                    stop = Some(Stop::Failed(failure));
                    return ControlFlow::Break(());
                }
                signs.at(index + 1);
                // The note must be there when the next item is begun: no write of the kernel may move above it.
                compiler_fence(Ordering::SeqCst);
                if signs.called() && lease.must_stop(&share.range()) {
                    stop = Some(Stop::Called(share));
                    return ControlFlow::Break(());
                }
            }
            steps.share = share;
            ControlFlow::Continue(())
        });
        match stop {
            Some(Stop::Failed(failure)) => return Err(failure),
            Some(Stop::Called(rest)) => {
                steps.share = rest;
                return Ok(());
            }
            None => {}
        }
        let next = steps.share.range().start;
        if steps.in_kernel {
            let message = "the functor caught the panic of the kernel, which is not its own to catch".to_owned();
            return Err(Failure::new(Cause::Panic, Some(next), message));
        }
        if let Err(error) = visited {
            return Err(Failure::new(Cause::Functor, Some(next), error.to_string()));
        }
        if !steps.share.range().is_empty() {
            let message = "it gave fewer items than it was asked for".to_owned();
            return Err(Failure::new(Cause::Functor, Some(next), message));
        }
        Ok(())
    }
}

/// Why a walk ended before its share did.
enum Stop {
    Failed(Failure),
    /// Somebody called; what is left of the share.
    Called(Share),
}

/// The time that a map and its items may take, for workers that nobody watches.
struct Clock {
    limits: Limits,
    /// When the item began.
    since: Instant,
}

impl Clock {
    fn new(limits: Limits) -> Self {
        Self { limits, since: Instant::now() }
    }

    /// Looks after each item.
    fn look(&mut self, index: usize) -> Option<Failure> {
        let now = Instant::now();
        let took = now.duration_since(std::mem::replace(&mut self.since, now));
        match self.limits {
            Limits { item: Some(limit), .. } if took > limit => {
                let message = format!("the item took {took:.2?}, longer than the {limit:?} allowed");
                Some(Failure::new(Cause::Deadline, Some(index), message))
            }
            Limits { until: Some((until, limit)), .. } if now > until => {
                let message = format!("the map took longer than the {limit:?} allowed");
                Some(Failure::new(Cause::Deadline, Some(index), message))
            }
            _ => None,
        }
    }
}

/// A share under way. It lies on the stack of the loop, where it can be kept in a register; what is left of it is put back however
/// the loop ends.
struct Steps<'s> {
    share: Share,
    rest: &'s mut Share,
    place: &'s Cell<Option<usize>>,
    in_kernel: bool,
}

impl Drop for Steps<'_> {
    #[inline]
    fn drop(&mut self) {
        self.place.set(Some(self.share.range().start));
        *self.rest = self.share.take();
    }
}
