//! Ranges: an array cut into runs of any length along one axis.

use std::fmt;
use std::ops::Range;
use std::ptr::NonNull;

use ndarray::{Axis, Dimension};

use super::lane::{start_of, strides_of};
use super::{Element, SharedArray, Slot};
use crate::error::{Error, ErrorKind, Result};
use crate::share::Turn;
use crate::sys::memory::{Sharing, Span};
use crate::sys::parcel::{Packed, Parcel};

/// An array with the offsets at which it is cut, for a parameter `#[out(ranges)]`.
///
/// Made by [`SharedArray::ranges`] and [`SharedArray::ranges_along`].
pub struct Ranges<'a, T: Element, D: Dimension> {
    array: &'a mut SharedArray<T, D>,
    axis: Axis,
    /// Ascending, the last one at most the length of the axis.
    offsets: &'a [usize],
}

impl<T: Element, D: Dimension> SharedArray<T, D> {
    /// Cuts the first axis: item `i` gets the entries `offsets[i]..offsets[i + 1]`.
    ///
    /// There is one offset more than there are items, as a prefix sum gives them. Entries before the first and after the last offset
    /// belong to nobody.
    ///
    /// ```
    /// use pasha::prelude::*;
    ///
    /// /// Writes the multiples of a number below a bound.
    /// #[pasha::kernel]
    /// fn multiples(_worker_id: usize, _index: usize, &step: &u32, #[out(ranges)] found: &mut [u32]) {
    ///     for (n, found) in found.iter_mut().enumerate() {
    ///         *found = step * n as u32;
    ///     }
    /// }
    ///
    /// let ctx = Context::serial();
    /// let mut flat = ctx.alloc::<u32>().shape(6).build()?;
    /// ctx.map(multiples { found: flat.ranges(&[0, 1, 1, 4, 6])? }, &[2, 3, 5, 7])?;
    /// assert_eq!(flat.to_vec(), [0, 0, 5, 10, 0, 7]);
    /// # Ok::<(), pasha::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Offsets that descend, or end beyond the axis; an array without axes.
    pub fn ranges<'a>(&'a mut self, offsets: &'a [usize]) -> Result<Ranges<'a, T, D>> {
        self.ranges_along(Axis(0), offsets)
    }

    /// Cuts another axis, as [`ranges`](SharedArray::ranges) does the first.
    ///
    /// # Errors
    ///
    /// Offsets that descend, or end beyond the axis; an axis that the array does not have.
    pub fn ranges_along<'a>(&'a mut self, axis: Axis, offsets: &'a [usize]) -> Result<Ranges<'a, T, D>> {
        let refuse = |kind, message| Err(Error::new(kind, message));
        let Some(&len) = self.shape().get(axis.index()) else {
            return refuse(
                ErrorKind::Shape,
                format!(
                    "ranges along axis {} of an array of {} axes: there is no such axis",
                    axis.index(),
                    self.ndim()
                ),
            );
        };
        if let Some(at) = (1..offsets.len()).find(|at| offsets[at - 1] > offsets[*at]) {
            return refuse(
                ErrorKind::Argument,
                format!(
                    "ranges: offset {} is {}, but offset {at} is {}: offsets must not descend",
                    at - 1,
                    offsets[at - 1],
                    offsets[at]
                ),
            );
        }
        match offsets.last() {
            None => refuse(ErrorKind::Argument, "ranges: no offsets; give one more than there are items".into()),
            Some(&last) if last > len => refuse(
                ErrorKind::Shape,
                format!("ranges: the last offset is {last}, but axis {} has {len} entries", axis.index()),
            ),
            Some(_) => Ok(Ranges { array: self, axis, offsets }),
        }
    }
}

impl<T: Element, D: Dimension> Ranges<'_, T, D> {
    /// How many runs there are.
    pub(crate) fn runs(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Sets a run to the fill of the array.
    pub(crate) fn refill(&mut self, run: usize) {
        self.array.refill(self.axis, self.offsets[run]..self.offsets[run + 1]);
    }

    pub(crate) fn sharing(&self) -> Sharing {
        self.array.sharing()
    }

    pub(crate) fn span(&self) -> Span {
        self.array.span()
    }

    pub(crate) fn worker_axis(&self) -> Option<Axis> {
        self.array.worker_axis()
    }
}

/// The runs of an array as one worker sees them.
pub struct RangeLane<'k, S: Slot> {
    start: NonNull<S::Elem>,
    /// Elements from entry to entry of the axis.
    step: usize,
    axis: usize,
    offsets: &'k [usize],
    extent: S::Extent,
}

impl<'k, S: Slot> RangeLane<'k, S> {
    /// The runs of `ranges`; `None` if `S` wants contiguous rows and these are not.
    ///
    /// The lane must not be used longer than `'k`, the time for which its binding borrows the array.
    pub(crate) fn over(ranges: &mut Ranges<'k, S::Elem, S::Dim>) -> Option<Self> {
        let Ranges { array, axis, offsets } = ranges;
        let view = array.view_mut();
        let extent = S::extent(view.shape(), &strides_of(&view))?;
        let step = usize::try_from(view.stride_of(*axis)).ok()?;
        Some(Self { start: start_of(view)?, step, axis: axis.index(), offsets, extent })
    }

    /// The same for workers that were forked before the array was allocated. `span` is the memory of the array, which errors call `name`.
    pub(crate) fn pack(&self, span: Span, name: &str, parcel: &mut Parcel<'_>) -> Option<Packed<Self>> {
        if <S::Dim as Dimension>::NDIM.is_none() {
            return parcel.refuse(|| format!("the number of axes of `{name}` is known at run time only"));
        }
        let offsets = parcel.slice(self.offsets)?;
        // SAFETY: the pointer leads into the array, and the empty slice nowhere; an extent of fixed rank has no pointers.
        let lane = unsafe { parcel.plain(Self { offsets: &[], ..self.clone() }, &[span]) }?;
        let both = parcel.both(lane, offsets)?;
        parcel.make(both, |(lane, offsets)| Self { offsets, ..lane })
    }

    /// The run of a turn's index.
    #[inline]
    pub(crate) fn by_index<'s>(&'s mut self, turn: Turn<'s>) -> S::At<'s> {
        let Range { start, end } = self.offsets[turn.index()]..self.offsets[turn.index() + 1];
        let extent = S::stretched(&self.extent, self.axis, end - start);
        // SAFETY: `ranges_along` checked `start <= end <= len` of the axis, so that this is in the array or one past its end; the offsets
        // cannot have changed, they are borrowed for `'k`.
        let start = unsafe { self.start.add(start * self.step) };
        // SAFETY: runs of different indices do not overlap, for the offsets ascend. No other live turn has this index, and `&'s mut self` is the only
        // copy of the lane for this lease (`map.rs` asks `enter` once), so that there is no second slot from this turn.
        unsafe { S::at(start, &extent) }
    }
}

impl<S: Slot> fmt::Debug for RangeLane<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { start, step, axis, offsets, extent: _ } = self;
        let mut debug = f.debug_struct("RangeLane");
        debug
            .field("start", start)
            .field("step", step)
            .field("axis", axis)
            .field("runs", &offsets.len().saturating_sub(1));
        debug.finish_non_exhaustive()
    }
}

impl<T: Element, D: Dimension> fmt::Debug for Ranges<'_, T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { array, axis, offsets } = self;
        let mut debug = f.debug_struct("Ranges");
        debug.field("shape", &array.shape()).field("axis", &axis.index()).field("runs", &self.runs());
        debug.field("offsets", &offsets.first().zip(offsets.last())).finish_non_exhaustive()
    }
}

impl<S: Slot> Clone for RangeLane<'_, S> {
    fn clone(&self) -> Self {
        Self { start: self.start, step: self.step, axis: self.axis, offsets: self.offsets, extent: self.extent.clone() }
    }
}

// SAFETY: a lane is an address; it reaches elements through turns only, one run a turn. Elements are `Send`.
unsafe impl<S: Slot> Send for RangeLane<'_, S> {}
// SAFETY: as above; `&RangeLane` gives nothing but a copy of the lane.
unsafe impl<S: Slot> Sync for RangeLane<'_, S> {}
