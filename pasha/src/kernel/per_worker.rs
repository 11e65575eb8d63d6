//! `#[per_worker]`: each worker writes a slot of its own, whatever the item.

use std::fmt;

use ndarray::Axis;

use super::binds::{Binds, Terms, not_contiguous, rank, sealed};
use crate::array::{Lane, Larger, Order, Row, SharedArray, Slot};
use crate::error::{Error, ErrorKind, Result};
use crate::share::{Lease, Turn};
use crate::sys::memory::{Sharing, Span};
use crate::sys::parcel::{Packed, Parcel};

/// An array with a slot for each worker, made with `per_worker()`.
pub struct PerWorker<'k, S: Slot> {
    array: &'k mut SharedArray<S::Elem, Larger<S>>,
    name: &'static str,
    lane: Option<Lane<S>>,
    /// What the array held before the map, if workers may be lost.
    before: Option<Before<S>>,
}

/// What an array held before the map, where the workers see it.
struct Before<S: Slot> {
    array: SharedArray<S::Elem, Larger<S>>,
    lane: Lane<S>,
}

impl<S: Slot> Before<S> {
    fn of(array: &SharedArray<S::Elem, Larger<S>>, axis: Axis, sharing: Sharing) -> Result<Option<Self>> {
        let order = if array.is_standard_layout() { Order::RowMajor } else { Order::ColumnMajor };
        let mut copy = SharedArray::zeroed(array.raw_dim(), order, Some(axis), sharing)?;
        copy.view_mut().assign(array);
        Ok(Lane::along(&mut copy, axis).map(|lane| Self { array: copy, lane }))
    }
}

impl<'k, S: Slot> PerWorker<'k, S> {
    /// Binds an array made with `per_worker()`. Errors call it `name`.
    pub fn new(array: &'k mut SharedArray<S::Elem, Larger<S>>, name: &'static str) -> Self {
        Self { array, name, lane: None, before: None }
    }
}

impl<S: Slot> fmt::Debug for PerWorker<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { array, name, .. } = self;
        f.debug_struct("PerWorker").field("name", name).field("shape", &array.shape()).finish_non_exhaustive()
    }
}

impl<S: Slot> sealed::Sealed for PerWorker<'_, S> {}

impl<S: Slot> Binds for PerWorker<'_, S> {
    type Worker = Row<S>;
    type At<'s>
        = S::At<'s>
    where
        Self: 's;

    fn check(&mut self, terms: &Terms) -> Result<()> {
        let Self { array, name, lane, before } = self;
        let refuse = |message| Err(Error::new(ErrorKind::Shape, message));
        let Some(axis) = array.worker_axis() else {
            return refuse(format!("`{name}` has no axis that counts workers: allocate it with `.per_worker()`"));
        };
        terms.see(name, array.sharing())?;
        rank::<S>(name, array.ndim())?;
        let slots = array.len_of(axis);
        if slots != terms.workers {
            return refuse(format!(
                "`{name}` was made for {slots} workers, but this context has {}: allocate it by the context that maps",
                terms.workers
            ));
        }
        *before = if terms.recovers { Before::of(array, axis, terms.sharing)? } else { None };
        *lane = Some(Lane::along(array, axis).ok_or_else(|| not_contiguous(name))?);
        Ok(())
    }

    fn accumulates(&self) -> bool {
        true
    }

    fn spans(&self, spans: &mut Vec<Span>) {
        spans.push(self.array.span());
    }

    fn enter(&self, lease: &Lease<'_>) -> Row<S> {
        let lane = self.lane.as_ref().expect("a map checks its bindings first");
        lane.row_after(lease, self.before.as_ref().map(|before| &before.lane))
    }

    type Door = (Lane<S>, Option<Lane<S>>);

    fn pack(&self, parcel: &mut Parcel<'_>) -> Option<Packed<Self::Door>> {
        let lane = self.lane.as_ref().expect("a map checks its bindings first");
        let lane = lane.pack(self.array.span(), self.name, parcel)?;
        let before = match &self.before {
            Some(before) => Some(before.lane.pack(before.array.span(), self.name, parcel)?),
            None => None,
        };
        let before = parcel.option(before)?;
        parcel.both(lane, before)
    }

    fn enter_by((lane, before): &Self::Door, lease: &Lease<'_>) -> Row<S> {
        lane.row_after(lease, before.as_ref())
    }

    #[inline]
    fn at<'s>(worker: &'s mut Row<S>, turn: Turn<'s>) -> S::At<'s>
    where
        Self: 's,
    {
        worker.at(turn)
    }
}
