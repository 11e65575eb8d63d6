//! Lanes: an array cut into equal slots along one axis, as one worker sees it.

use std::borrow::Cow;
use std::fmt;
use std::ptr::NonNull;

use ndarray::{ArrayViewMut, Axis, Dimension};

use super::{Element, Larger, Row, SharedArray, Slot};
use crate::share::{Lease, Turn};
use crate::sys::memory::Span;
use crate::sys::parcel::{Packed, Parcel};

/// The slots of one axis: where the first begins, how far it is to the next, and what each spans.
///
/// Copied to every worker, so that finding a slot is one multiplication on values of its own.
pub struct Lane<S: Slot> {
    start: NonNull<S::Elem>,
    /// Elements from slot to slot.
    step: usize,
    slots: usize,
    extent: S::Extent,
}

impl<S: Slot> Lane<S> {
    /// The slots of `axis`; `None` if `S` wants contiguous rows and these are not.
    ///
    /// The borrow ends with this call, but the lane must not be used longer than the array is borrowed by its binding.
    pub(crate) fn along(array: &mut SharedArray<S::Elem, Larger<S>>, axis: Axis) -> Option<Self> {
        let view = array.view_mut();
        let rest = |all: &[usize]| without(all, axis);
        let lens = rest(view.shape());
        let strides = without(&strides_of(&view), axis);
        let extent = S::extent(&lens, &strides)?;
        let (slots, step) = (view.len_of(axis), view.stride_of(axis));
        let start = start_of(view)?;
        Some(Self { start, step: usize::try_from(step).ok()?, slots, extent })
    }

    /// The slot of a turn's index.
    #[inline]
    pub(crate) fn by_index<'s>(&'s mut self, turn: Turn<'s>) -> S::At<'s> {
        debug_assert!(turn.index() < self.slots, "index {} of {}", turn.index(), self.slots);
        // SAFETY: `Out::check` made this lane for the map whose lease `enter` was given, with a slot for each item, and `map.rs` uses what `enter`
        // returned with turns of that lease only: the index is below the number of slots, and the slot begins inside the array.
        let start = unsafe { self.start.add(turn.index() * self.step) };
        // SAFETY: slots of different indices do not overlap, and no other live turn has this index. `&'s mut self` is the only copy of the lane for
        // this lease (`map.rs` asks `enter` once), so that there is no second slot from this turn. The binding borrows the array for the
        // whole map.
        unsafe { S::at(start, &self.extent) }
    }

    /// The same for workers that were forked before the array was allocated. `span` is the memory of the array, which errors call `name`.
    pub(crate) fn pack(&self, span: Span, name: &str, parcel: &mut Parcel<'_>) -> Option<Packed<Self>> {
        if <S::Dim as Dimension>::NDIM.is_none() {
            return parcel.refuse(|| format!("the number of axes of `{name}` is known at run time only"));
        }
        // SAFETY: the pointer leads into the array; an extent of fixed rank has none.
        unsafe { parcel.plain(self.clone(), &[span]) }
    }

    /// The slot of a worker, for the whole map; with the values that it has in `before`, if the worker begins anew.
    pub(crate) fn row_after(&self, lease: &Lease<'_>, before: Option<&Self>) -> Row<S> {
        let mut row = self.row(lease);
        if let Some(before) = before.filter(|_| lease.begins_anew()) {
            row.set_to(&before.row(lease));
        }
        row
    }

    /// The slot of a worker, for the whole map.
    pub(crate) fn row(&self, lease: &Lease<'_>) -> Row<S> {
        let worker = lease.worker();
        assert!(worker < self.slots, "worker {worker} of {}", self.slots);
        // SAFETY: checked above, so that the slot begins inside the array.
        let start = unsafe { self.start.add(worker * self.step) };
        // SAFETY: slots of different workers do not overlap, and a worker has one lease at a time in a map. `PerWorker::enter` makes one row of it, and
        // `map.rs` asks `enter` once for a lease, and drops the row before the lease. The binding borrows the array for the whole map, which rows do not leave.
        unsafe { Row::new(start, self.extent.clone()) }
    }
}

impl<S: Slot> fmt::Debug for Lane<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { start, step, slots, extent: _ } = self;
        f.debug_struct("Lane").field("start", start).field("step", step).field("slots", slots).finish_non_exhaustive()
    }
}

impl<S: Slot> Clone for Lane<S> {
    fn clone(&self) -> Self {
        Self { start: self.start, step: self.step, slots: self.slots, extent: self.extent.clone() }
    }
}

// SAFETY: a lane is an address; it reaches elements through turns only, one slot a turn. Elements are `Send`.
unsafe impl<S: Slot> Send for Lane<S> {}
// SAFETY: as above; `&Lane` gives nothing but a copy of the lane.
unsafe impl<S: Slot> Sync for Lane<S> {}

/// The lengths or strides of the axes but one.
pub(super) fn without<N: Copy>(all: &[N], axis: Axis) -> Vec<N> {
    all.iter().enumerate().filter(|(number, _)| *number != axis.index()).map(|(_, value)| *value).collect()
}

/// The strides of an array; those of C order if it has no elements, for then its own are all 0, which views and rows refuse.
pub(super) fn strides_of<'v, T, D: Dimension>(view: &'v ArrayViewMut<'_, T, D>) -> Cow<'v, [isize]> {
    if !view.is_empty() {
        return Cow::Borrowed(view.strides());
    }
    let mut strides = view.strides().to_vec();
    let mut step = 1_isize;
    for (stride, len) in strides.iter_mut().zip(view.shape()).rev() {
        *stride = step;
        step = step.saturating_mul(isize::try_from((*len).max(1)).unwrap_or(isize::MAX));
    }
    Cow::Owned(strides)
}

/// Where an array begins, with the right to write all of it.
pub(super) fn start_of<T: Element, D: Dimension>(mut view: ArrayViewMut<'_, T, D>) -> Option<NonNull<T>> {
    NonNull::new(view.as_mut_ptr())
}
