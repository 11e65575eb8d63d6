//! Binds: what the parameters of a kernel that have attributes are at run time.

use ndarray::Dimension;

use crate::array::Slot;
use crate::error::{Error, ErrorKind, Result};
use crate::share::{Lease, Turn};
use crate::sys::memory::{Sharing, Span};
use crate::sys::parcel::{Packed, Parcel};

/// The parameters of a kernel, bound: [`Out`](super::Out), [`OutRanges`](super::OutRanges), [`PerWorker`](super::PerWorker),
/// [`Reduce`](super::Reduce), [`Scratch`](super::Scratch), [`Param`](super::Param), an `Option` of one, and lists `(A, (B, ()))` of them.
///
/// It cannot be implemented elsewhere: every place that an implementation gives must belong to its turn alone.
pub trait Binds: Sync + Sized + sealed::Sealed {
    /// What a worker keeps for the whole map. Addresses lie in it by value, or they would be read again for every item.
    #[doc(hidden)]
    type Worker;

    /// What one call of the kernel gets.
    #[doc(hidden)]
    type At<'s>
    where
        Self: 's;

    /// Makes ready for a map, or says why the arrays do not fit it. Nothing has run yet.
    #[doc(hidden)]
    fn check(&mut self, terms: &Terms) -> Result<()>;

    /// Memory that workers write.
    #[doc(hidden)]
    fn spans(&self, spans: &mut Vec<Span>);

    /// Whether workers gather something of their own over their items, that is lost with them.
    #[doc(hidden)]
    fn accumulates(&self) -> bool {
        false
    }

    /// What the worker of this lease keeps. Asked once for a lease, on the worker. Under a lease that begins anew, what a worker before it gathered
    /// is undone.
    #[doc(hidden)]
    fn enter(&self, lease: &Lease<'_>) -> Self::Worker;

    /// What a worker enters by that was forked before the map began.
    #[doc(hidden)]
    type Door;

    /// The same for such workers, if they can have it.
    #[doc(hidden)]
    fn pack(&self, parcel: &mut Parcel<'_>) -> Option<Packed<Self::Door>>;

    /// As [`enter`](Binds::enter), on such a worker.
    #[doc(hidden)]
    fn enter_by(door: &Self::Door, lease: &Lease<'_>) -> Self::Worker;

    /// What one call gets.
    #[doc(hidden)]
    fn at<'s>(worker: &'s mut Self::Worker, turn: Turn<'s>) -> Self::At<'s>
    where
        Self: 's;

    /// Sets the slots of indices that were given up to the fill of their arrays, when no worker is left.
    #[doc(hidden)]
    fn refill(&mut self, _indices: &[usize]) {}

    /// Brings together what the workers gathered. May run code of the user, so that nothing that he sees is changed yet.
    #[doc(hidden)]
    fn fold(&mut self) {}

    /// Shows the result, after all went well.
    #[doc(hidden)]
    fn finish(self) {}
}

/// What a map asks of the arrays that are bound to it.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    pub(crate) items: usize,
    /// Worker ids are below it.
    pub(crate) workers: usize,
    /// Who has to see the arrays.
    pub(crate) sharing: Sharing,
    /// Whether workers may be lost and replaced.
    pub(crate) recovers: bool,
}

impl Terms {
    /// Refuses an array that the workers cannot see.
    pub(super) fn see(&self, name: &str, sharing: Sharing) -> Result<()> {
        match (self.sharing, sharing) {
            (Sharing::Processes | Sharing::Residents, Sharing::Threads) => Err(Error::new(
                ErrorKind::Visibility,
                format!(
                    "`{name}` lies in memory that worker processes do not share: allocate it by the context that maps, or by another \
                     process context"
                ),
            )),
            _ => Ok(()),
        }
    }

    /// Refuses an array with a worker axis where one without is bound.
    pub(super) fn whole(&self, name: &str, worker_axis: Option<ndarray::Axis>) -> Result<()> {
        match worker_axis {
            None => Ok(()),
            Some(axis) => Err(Error::new(
                ErrorKind::Shape,
                format!(
                    "`{name}` was made with `per_worker()`, its axis {} counts workers: bind it to a `#[per_worker]` parameter, or allocate \
                     it without",
                    axis.index()
                ),
            )),
        }
    }
}

/// Refuses an array of another rank than its slots have, and one: the type of slots of 6 axes leaves that open.
pub(super) fn rank<S: Slot>(name: &str, axes: usize) -> Result<()> {
    match <S::Dim as Dimension>::NDIM {
        Some(slot) if slot + 1 != axes => Err(Error::new(
            ErrorKind::Shape,
            format!("`{name}` has {axes} axes, but its slots have {slot}: it must have one more than they"),
        )),
        _ => Ok(()),
    }
}

/// The error of rows that `&mut [T]` cannot express.
pub(super) fn not_contiguous(name: &str) -> Error {
    Error::new(
        ErrorKind::Shape,
        format!(
            "`{name}`: the rows are not contiguous in memory, as `&mut [T]` wants them: take `ArrayViewMut1<'_, T>` in the kernel, or \
             allocate the array in the other order"
        ),
    )
}

pub(super) mod sealed {
    /// Only this folder implements it.
    pub trait Sealed {}
}

impl sealed::Sealed for () {}

impl Binds for () {
    type Worker = ();
    type At<'s>
        = ()
    where
        Self: 's;

    fn check(&mut self, _terms: &Terms) -> Result<()> {
        Ok(())
    }

    fn spans(&self, _spans: &mut Vec<Span>) {}

    fn enter(&self, _lease: &Lease<'_>) {}

    type Door = ();

    fn pack(&self, parcel: &mut Parcel<'_>) -> Option<Packed<()>> {
        parcel.nothing()
    }

    fn enter_by((): &(), _lease: &Lease<'_>) {}

    #[inline]
    fn at<'s>(_worker: &'s mut (), _turn: Turn<'s>)
    where
        Self: 's,
    {
    }
}

impl<A: Binds, B: Binds> sealed::Sealed for (A, B) {}

impl<A: Binds, B: Binds> Binds for (A, B) {
    type Worker = (A::Worker, B::Worker);
    type At<'s>
        = (A::At<'s>, B::At<'s>)
    where
        Self: 's;

    fn check(&mut self, terms: &Terms) -> Result<()> {
        self.0.check(terms)?;
        self.1.check(terms)
    }

    fn spans(&self, spans: &mut Vec<Span>) {
        self.0.spans(spans);
        self.1.spans(spans);
    }

    fn enter(&self, lease: &Lease<'_>) -> Self::Worker {
        (self.0.enter(lease), self.1.enter(lease))
    }

    type Door = (A::Door, B::Door);

    fn pack(&self, parcel: &mut Parcel<'_>) -> Option<Packed<Self::Door>> {
        let (a, b) = (self.0.pack(parcel)?, self.1.pack(parcel)?);
        parcel.both(a, b)
    }

    fn enter_by((a, b): &Self::Door, lease: &Lease<'_>) -> Self::Worker {
        (A::enter_by(a, lease), B::enter_by(b, lease))
    }

    #[inline]
    fn at<'s>(worker: &'s mut Self::Worker, turn: Turn<'s>) -> Self::At<'s>
    where
        Self: 's,
    {
        (A::at(&mut worker.0, turn), B::at(&mut worker.1, turn))
    }

    fn accumulates(&self) -> bool {
        self.0.accumulates() || self.1.accumulates()
    }

    fn refill(&mut self, indices: &[usize]) {
        self.0.refill(indices);
        self.1.refill(indices);
    }

    fn fold(&mut self) {
        self.0.fold();
        self.1.fold();
    }

    fn finish(self) {
        self.0.finish();
        self.1.finish();
    }
}

impl<A: Binds> sealed::Sealed for Option<A> {}

impl<A: Binds> Binds for Option<A> {
    type Worker = Option<A::Worker>;
    type At<'s>
        = Option<A::At<'s>>
    where
        Self: 's;

    fn check(&mut self, terms: &Terms) -> Result<()> {
        self.as_mut().map_or(Ok(()), |bound| bound.check(terms))
    }

    fn spans(&self, spans: &mut Vec<Span>) {
        if let Some(bound) = self {
            bound.spans(spans);
        }
    }

    fn enter(&self, lease: &Lease<'_>) -> Self::Worker {
        self.as_ref().map(|bound| bound.enter(lease))
    }

    type Door = Option<A::Door>;

    fn pack(&self, parcel: &mut Parcel<'_>) -> Option<Packed<Self::Door>> {
        let bound = match self {
            Some(bound) => Some(bound.pack(parcel)?),
            None => None,
        };
        parcel.option(bound)
    }

    fn enter_by(door: &Self::Door, lease: &Lease<'_>) -> Self::Worker {
        door.as_ref().map(|door| A::enter_by(door, lease))
    }

    #[inline]
    fn at<'s>(worker: &'s mut Self::Worker, turn: Turn<'s>) -> Self::At<'s>
    where
        Self: 's,
    {
        worker.as_mut().map(|worker| A::at(worker, turn))
    }

    fn accumulates(&self) -> bool {
        self.as_ref().is_some_and(A::accumulates)
    }

    fn refill(&mut self, indices: &[usize]) {
        if let Some(bound) = self {
            bound.refill(indices);
        }
    }

    fn fold(&mut self) {
        if let Some(bound) = self {
            bound.fold();
        }
    }

    fn finish(self) {
        if let Some(bound) = self {
            bound.finish();
        }
    }
}
