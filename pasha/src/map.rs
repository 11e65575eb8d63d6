//! The map: the only file that knows kernels, functors and contexts.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use ndarray::Ix1;

use crate::array::{Element, SharedArray};
use crate::context::job::{Cause, Failure, Job};
use crate::context::{Context, Inside, default_context, is_inside};
use crate::error::{Error, ErrorKind, Result};
use crate::functor::{Functor, Item};
use crate::kernel::{Binds, Feeds, Kernel, Maps, Out, Outcome, Slots, Terms};
use crate::report::Report;
use crate::share::{Lease, Pace, Share, Trace};
use crate::sys::memory::Span;
use crate::sys::parcel::{Errand, Parcel};

mod attempt;
#[cfg(test)]
mod test;
mod walk;

use attempt::{attempt, attempt_drop, text_of};

impl Context {
    /// Calls a kernel once for every item of a functor, and waits until all are done.
    ///
    /// The kernel is bound by a struct literal, the functor is given by reference or by value. Items are done in no particular order; each worker
    /// does its own in ascending order (runs that it takes over from others apart).
    ///
    /// # Errors
    ///
    /// - Before anything runs: an array whose shape does not fit, or that the workers cannot see; a functor that cannot tell its length.
    /// - A kernel that returned `Err` or panicked, or a functor that could not give an item: the error of the lowest such index, with every item
    ///   below it done. Items above it may be done or not.
    /// - A worker process that died, with the index it was at and what was done; unless the context
    ///   [goes on](crate::ContextBuilder::on_death).
    /// - A map or an item that took longer than the context allows.
    ///
    /// Output arrays keep what was written; `#[reduce]` results keep what they held before. The context can be used again.
    pub fn map<F, K>(&self, kernel: K, functor: F) -> Result<Report>
    where
        F: Functor + Maps<K>,
        K: Kernel,
    {
        let begun = Instant::now();
        let items = functor.items()?;
        run::<F, _, Discard<K>>(self, begun, items, kernel.bind(), functor)
    }

    /// As [`map`](Context::map), for a kernel that returns a value: gathers the values, one for each item.
    ///
    /// ```
    /// use pasha::prelude::*;
    ///
    /// #[pasha::kernel]
    /// fn mean(_worker_id: usize, _index: usize, row: ndarray::ArrayView1<'_, f64>) -> f64 {
    ///     row.mean().unwrap_or(f64::NAN)
    /// }
    ///
    /// let rows = ndarray::array![[1.0, 3.0], [5.0, 7.0]];
    /// let means = Context::threads().workers(2).build()?.collect(mean {}, &rows)?;
    /// assert_eq!(means.to_vec(), [2.0, 6.0]);
    /// # Ok::<(), pasha::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`map`](Context::map), and if there is not enough memory for the values. A context that [skips](crate::OnDeath::Skip) is refused: there would be no
    /// report to say which values are missing.
    pub fn collect<F, K, T>(&self, kernel: K, functor: F) -> Result<SharedArray<T, Ix1>>
    where
        F: Functor + Feeds<K, Value = T>,
        K: Kernel,
        T: Element,
    {
        let begun = Instant::now();
        if self.crew().skips() {
            let message = "`collect` gives no report that could say which items were skipped: gather the values by `map` and an `#[out]` \
                           parameter, or use another `on_death`";
            return Err(Error::new(ErrorKind::Argument, message));
        }
        let items = functor.items()?;
        let mut values = self.alloc::<T>().shape(items).build()?;
        let binds = (Out::new(&mut values, "the collected values", 0), kernel.bind());
        run::<F, _, Keep<K>>(self, begun, items, binds, functor)?;
        Ok(values)
    }
}

/// Calls a kernel once for every item of a functor in the default context. See [`Context::map`].
///
/// # Errors
///
/// As [`Context::map`] and [`default_context`].
pub fn map<F, K>(kernel: K, functor: F) -> Result<Report>
where
    F: Functor + Maps<K>,
    K: Kernel,
{
    default_context()?.map(kernel, functor)
}

/// Gathers what a kernel returns for every item of a functor, in the default context. See [`Context::collect`].
///
/// # Errors
///
/// As [`Context::collect`] and [`default_context`].
pub fn collect<F, K, T>(kernel: K, functor: F) -> Result<SharedArray<T, Ix1>>
where
    F: Functor + Feeds<K, Value = T>,
    K: Kernel,
    T: Element,
{
    default_context()?.collect(kernel, functor)
}

/// What is done with the slots and the value of one call.
trait Call<F: Functor, B: Binds>: Sync {
    fn call(worker: usize, index: usize, item: Item<'_, F>, slots: Slots<'_, B>) -> Result<(), String>;
}

/// A map: the kernel returns nothing.
struct Discard<K>(PhantomData<fn() -> K>);

/// A collection: the value goes into the first slot.
struct Keep<K>(PhantomData<fn() -> K>);

impl<F: Maps<K>, K: Kernel> Call<F, K::Binds> for Discard<K> {
    #[inline]
    fn call(worker: usize, index: usize, item: Item<'_, F>, slots: Slots<'_, K::Binds>) -> Result<(), String> {
        F::run(worker, index, item, slots)
    }
}

impl<'k, F: Feeds<K>, K: Kernel> Call<F, (Out<'k, &'k mut F::Value>, K::Binds)> for Keep<K>
where
    F::Value: Element,
{
    #[inline]
    fn call(
        worker: usize,
        index: usize,
        item: Item<'_, F>,
        Slots((value, slots)): Slots<'_, (Out<'k, &'k mut F::Value>, K::Binds)>,
    ) -> Result<(), String> {
        *value = F::feed(worker, index, item, Slots(slots)).outcome()?;
        Ok(())
    }
}

fn run<F: Functor, B: Binds, C: Call<F, B>>(
    context: &Context,
    begun: Instant,
    items: usize,
    mut binds: B,
    functor: F,
) -> Result<Report> {
    let crew = context.crew();
    let (workers, sharing, recovers) = (context.workers(), crew.sharing(), crew.recovers());
    binds.check(&Terms { items, workers, sharing, recovers })?;
    let work = Whole::<F, B, C> { functor: &functor, binds: &binds, begun, call: PhantomData };
    let done = match crew.run(&work, context.plan(items, begun)) {
        Ok(done) => done,
        Err(error) => {
            binds.refill(error.given_up());
            return Err(error);
        }
    };
    binds.refill(&done.skipped);
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| binds.fold())) {
        let message = format!("a function of `#[reduce(with = …)]` panicked after the map: {}", text_of(payload));
        return Err(Error::new(ErrorKind::Panic, message));
    }
    binds.finish();
    Ok(Report::new(items, begun.elapsed(), done))
}

/// A map as a job.
struct Whole<'m, F, B, C> {
    functor: &'m F,
    binds: &'m B,
    begun: Instant,
    call: PhantomData<fn() -> C>,
}

impl<F: Functor, B: Binds, C: Call<F, B>> Job for Whole<'_, F, B, C> {
    fn work(&self, lease: Lease<'_>) -> Result<(), Failure> {
        let Self { functor, binds, begun, .. } = *self;
        Work::<F, B, C> { functor, enter: &|lease| binds.enter(lease), begun: Some(begun), call: PhantomData }
            .work(lease)
    }

    fn begun(&self) -> Instant {
        self.begun
    }

    fn accumulates(&self) -> bool {
        self.binds.accumulates()
    }

    fn spans(&self) -> Vec<Span> {
        let mut spans = Vec::new();
        self.binds.spans(&mut spans);
        spans
    }

    fn pack(&self, parcel: &mut Parcel<'_>) -> Option<Errand> {
        let functor = self.functor.pack(parcel)?;
        let door = self.binds.pack(parcel)?;
        let both = parcel.both(functor, door)?;
        parcel.errand(both, work_elsewhere::<F, B, C>)
    }
}

/// The part of a worker that was sent the map.
fn work_elsewhere<F: Functor, B: Binds, C: Call<F, B>>(
    (functor, door): (F, B::Door),
    lease: Lease<'_>,
) -> Result<(), Failure> {
    let enter = &|lease: &Lease<'_>| B::enter_by(&door, lease);
    Work::<F, B, C> { functor: &functor, enter, begun: None, call: PhantomData }.work(lease)
}

/// A map as one worker sees it.
struct Work<'m, F, B: Binds, C> {
    functor: &'m F,
    enter: &'m dyn Fn(&Lease<'_>) -> B::Worker,
    /// When the map began, where that is known.
    begun: Option<Instant>,
    call: PhantomData<fn() -> C>,
}

impl<F: Functor, B: Binds, C: Call<F, B>> Work<'_, F, B, C> {
    fn work(&self, mut lease: Lease<'_>) -> Result<(), Failure> {
        if is_inside() {
            // The kernel of another worker waits in rayon, and its thread took this task up meanwhile.
            lease.wait_at_most(Duration::ZERO);
        }
        let _inside = Inside::enter();
        self.part(&mut lease)
    }

    /// The part of one worker. What it makes for itself is dropped under a catch of its own, so that a panic then hides no failure before.
    fn part(&self, lease: &mut Lease<'_>) -> Result<(), Failure> {
        // With nobody to share with, and nobody to tell, there is one share.
        let whole = lease.is_alone() && lease.trace() == Trace::Failures && !lease.limits().any();
        let Some(share) = lease.claim(if whole { usize::MAX } else { 1 }) else {
            return if lease.begins_anew() { self.begin_anew(lease) } else { Ok(()) };
        };
        let first = Cell::new(Some(share.range().start));
        let mut state = attempt(&first, || {
            self.functor.state().map_err(|error| Failure::new(Cause::Functor, first.get(), error.to_string()))
        })?;
        let ended = attempt(&first, || Ok((self.enter)(lease))).and_then(|mut worker| {
            let ended = self.shares(share, &mut state, &mut worker, lease, whole);
            let dropped = attempt_drop(worker);
            ended.and(dropped)
        });
        let dropped = attempt_drop(state);
        ended.and(dropped)
    }

    /// Brings accumulators back to what they were before the map, when there is nothing to be done with them.
    fn begin_anew(&self, lease: &Lease<'_>) -> Result<(), Failure> {
        attempt(&Cell::new(None), || Ok((self.enter)(lease))).and_then(attempt_drop)
    }

    /// Walks one share after the other.
    fn shares(
        &self,
        mut share: Share,
        state: &mut F::State,
        worker: &mut B::Worker,
        lease: &mut Lease<'_>,
        whole: bool,
    ) -> Result<(), Failure> {
        let mut pace = Pace::since(self.begun.filter(|_| whole).unwrap_or_else(Instant::now));
        // Where the worker is, for a panic, which cannot say so itself.
        let place = Cell::new(None);
        loop {
            let Range { start, .. } = share.range();
            let careless = whole || (pace.is_careless(lease.trace()) && !lease.limits().any());
            let walked = attempt(&place, || {
                if !careless {
                    return self.walk::<true>(state, worker, &mut share, lease, &place);
                }
                let piece = if whole { usize::MAX } else { pace.piece(lease.trace()) };
                loop {
                    let mut front = share.split_front(piece);
                    if lease.trace() != Trace::Failures {
                        lease.begin_run(&front.range());
                    }
                    self.walk::<false>(state, worker, &mut front, lease, &place)?;
                    if share.range().is_empty() || lease.signs().called() && lease.must_stop(&share.range()) {
                        return Ok(());
                    }
                }
            });
            let next = match &walked {
                Ok(()) => share.range().start,
                Err(failure) => failure.index.unwrap_or(start),
            };
            let done = next - start;
            lease.rest(done, pace.learn(done));
            walked?;
            if !share.range().is_empty() {
                lease.heard();
                lease.give_back(share);
            }
            let Some(next) = lease.claim(pace.claim()) else { return Ok(()) };
            share = next;
            if lease.has_waited() {
                pace.resume();
            }
        }
    }
}
