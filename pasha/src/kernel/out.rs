//! `#[out]`: each item writes a slot of its own.

use std::fmt;

use ndarray::Axis;

use super::binds::{Binds, Terms, not_contiguous, rank, sealed};
use crate::array::{Lane, Larger, SharedArray, Slot};
use crate::error::{Error, ErrorKind, Result};
use crate::share::{Lease, Turn};
use crate::sys::memory::Span;
use crate::sys::parcel::{Packed, Parcel};

/// An array with a slot for each index, along one axis.
pub struct Out<'k, S: Slot> {
    array: &'k mut SharedArray<S::Elem, Larger<S>>,
    name: &'static str,
    axis: usize,
    lane: Option<Lane<S>>,
}

impl<'k, S: Slot> Out<'k, S> {
    /// Binds an array whose axis `axis` counts items. Errors call it `name`.
    pub fn new(array: &'k mut SharedArray<S::Elem, Larger<S>>, name: &'static str, axis: usize) -> Self {
        Self { array, name, axis, lane: None }
    }
}

impl<S: Slot> fmt::Debug for Out<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { array, name, axis, .. } = self;
        f.debug_struct("Out")
            .field("name", name)
            .field("shape", &array.shape())
            .field("axis", axis)
            .finish_non_exhaustive()
    }
}

impl<S: Slot> sealed::Sealed for Out<'_, S> {}

impl<S: Slot> Binds for Out<'_, S> {
    type Worker = Lane<S>;
    type At<'s>
        = S::At<'s>
    where
        Self: 's;

    fn check(&mut self, terms: &Terms) -> Result<()> {
        let Self { array, name, axis, lane } = self;
        terms.whole(name, array.worker_axis())?;
        terms.see(name, array.sharing())?;
        rank::<S>(name, array.ndim())?;
        match array.shape().get(*axis) {
            Some(slots) if *slots == terms.items => {}
            Some(slots) => {
                return Err(Error::new(
                    ErrorKind::Shape,
                    format!(
                        "`{name}` has {slots} entries along axis {axis}, but there are {} items: an output has one entry for each",
                        terms.items
                    ),
                ));
            }
            None => {
                return Err(Error::new(
                    ErrorKind::Shape,
                    format!("`{name}` has {} axes, there is no axis {axis}", array.ndim()),
                ));
            }
        }
        *lane = Some(Lane::along(array, Axis(*axis)).ok_or_else(|| not_contiguous(name))?);
        Ok(())
    }

    fn spans(&self, spans: &mut Vec<Span>) {
        spans.push(self.array.span());
    }

    fn enter(&self, _lease: &Lease<'_>) -> Lane<S> {
        self.lane.clone().expect("a map checks its bindings first")
    }

    type Door = Lane<S>;

    fn pack(&self, parcel: &mut Parcel<'_>) -> Option<Packed<Lane<S>>> {
        let lane = self.lane.as_ref().expect("a map checks its bindings first");
        lane.pack(self.array.span(), self.name, parcel)
    }

    fn enter_by(lane: &Lane<S>, _lease: &Lease<'_>) -> Lane<S> {
        lane.clone()
    }

    #[inline]
    fn at<'s>(worker: &'s mut Lane<S>, turn: Turn<'s>) -> S::At<'s>
    where
        Self: 's,
    {
        worker.by_index(turn)
    }

    fn refill(&mut self, indices: &[usize]) {
        for index in indices {
            self.array.refill(Axis(self.axis), *index..*index + 1);
        }
    }
}
