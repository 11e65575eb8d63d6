//! `#[out(ranges)]`: each item writes a run of entries, of a length of its own.

use std::fmt;

use super::binds::{Binds, Terms, not_contiguous, sealed};
use crate::array::{RangeLane, Ranges, Slot};
use crate::error::{Error, ErrorKind, Result};
use crate::share::{Lease, Turn};
use crate::sys::memory::Span;
use crate::sys::parcel::{Packed, Parcel};

/// An array that is cut at offsets, one run for each index.
pub struct OutRanges<'k, S: Slot> {
    ranges: Ranges<'k, S::Elem, S::Dim>,
    name: &'static str,
    lane: Option<RangeLane<'k, S>>,
}

impl<'k, S: Slot> OutRanges<'k, S> {
    /// Binds what [`SharedArray::ranges`](crate::SharedArray::ranges) gives. Errors call it `name`.
    pub fn new(ranges: Ranges<'k, S::Elem, S::Dim>, name: &'static str) -> Self {
        Self { ranges, name, lane: None }
    }
}

impl<S: Slot> fmt::Debug for OutRanges<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ranges, name, .. } = self;
        f.debug_struct("OutRanges").field("name", name).field("runs", &ranges.runs()).finish_non_exhaustive()
    }
}

impl<S: Slot> sealed::Sealed for OutRanges<'_, S> {}

impl<'k, S: Slot> Binds for OutRanges<'k, S> {
    type Worker = RangeLane<'k, S>;
    type At<'s>
        = S::At<'s>
    where
        Self: 's;

    fn check(&mut self, terms: &Terms) -> Result<()> {
        let Self { ranges, name, lane } = self;
        terms.whole(name, ranges.worker_axis())?;
        terms.see(name, ranges.sharing())?;
        if ranges.runs() != terms.items {
            return Err(Error::new(
                ErrorKind::Shape,
                format!(
                    "`{name}` is cut at {} offsets, but there are {} items: give one offset more than there are items",
                    ranges.runs() + 1,
                    terms.items
                ),
            ));
        }
        *lane = Some(RangeLane::over(ranges).ok_or_else(|| not_contiguous(name))?);
        Ok(())
    }

    fn spans(&self, spans: &mut Vec<Span>) {
        spans.push(self.ranges.span());
    }

    fn enter(&self, _lease: &Lease<'_>) -> RangeLane<'k, S> {
        self.lane.clone().expect("a map checks its bindings first")
    }

    type Door = RangeLane<'k, S>;

    fn pack(&self, parcel: &mut Parcel<'_>) -> Option<Packed<Self::Door>> {
        let lane = self.lane.as_ref().expect("a map checks its bindings first");
        lane.pack(self.ranges.span(), self.name, parcel)
    }

    fn enter_by(lane: &Self::Door, _lease: &Lease<'_>) -> RangeLane<'k, S> {
        lane.clone()
    }

    #[inline]
    fn at<'s>(worker: &'s mut RangeLane<'k, S>, turn: Turn<'s>) -> S::At<'s>
    where
        Self: 's,
    {
        worker.by_index(turn)
    }

    fn refill(&mut self, indices: &[usize]) {
        indices.iter().for_each(|index| self.ranges.refill(*index));
    }
}
