//! Another axis than the first of an array.

use std::ops::{ControlFlow, Range};

use ndarray::Axis;

use super::reference::packed;
use super::{Functor, Item, Items, Seal, not_sent};
use crate::error::Result;
use crate::sys::parcel::{Packed, Parcel};

/// A functor whose items can be had along each of its axes: an array.
///
/// `#[functor(axis = 1)]` on a field of a derived functor asks for it, and so does [`along`]. Items along any axis are of the
/// type that [`Functor::item`] gives along axis 0.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no axes to choose from",
    label = "not an array",
    note = "`ndarray` arrays and views, shared arrays and references to them have axes"
)]
pub trait AxisFunctor: Functor {
    /// The number of items along `axis`: its length.
    ///
    /// # Errors
    ///
    /// When there is no such axis.
    fn items_along(&self, axis: usize) -> Result<usize>;

    /// The item of one index of `axis`. The other axes keep their order.
    ///
    /// # Errors
    ///
    /// When there is no such axis, or no such index in it.
    fn item_along(&self, axis: usize, index: usize) -> Result<Item<'_, Self>>;

    /// Gives the items of a share of `axis` to `each`, in ascending order, until it breaks.
    ///
    /// # Errors
    ///
    /// As [`item_along`](AxisFunctor::item_along).
    #[inline]
    fn visit_along(
        &self,
        axis: usize,
        share: Range<usize>,
        mut each: impl for<'a> FnMut(Item<'a, Self>) -> ControlFlow<()>,
    ) -> Result<()> {
        for index in share {
            if each(self.item_along(axis, index)?).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Whether this crate has written all of it. Code of others, run in a worker, could keep what the worker has for a map only.
    #[doc(hidden)]
    fn is_of_this_crate(&self, _: Seal) -> bool {
        false
    }
}

/// Packs an array that is walked along an axis.
pub(super) fn pack_axes<F: AxisFunctor>(array: &F, parcel: &mut Parcel<'_>) -> Option<Packed<F>> {
    if array.is_of_this_crate(Seal) { array.pack(parcel) } else { not_sent::<F, _>(parcel) }
}

/// Walks along `axis` of `array` instead of axis 0.
///
/// Item `index` is what is left of the array at that index of the axis, the other axes in their order: along `Axis(1)` of an
/// array of shape (2, 3, 4) there are three items of shape (2, 4).
///
/// An axis that the array has not is an error of the map.
///
/// ```
/// use ndarray::{Array3, ArrayView2, Axis};
/// use pasha::functor::along;
/// use pasha::prelude::*;
///
/// /// The mean of all frames at one time.
/// #[pasha::kernel]
/// fn mean(_worker_id: usize, _index: usize, frames: ArrayView2<'_, f64>, #[out] mean: &mut f64) {
///     *mean = frames.sum() / frames.len() as f64;
/// }
///
/// let detectors = Array3::from_shape_fn((2, 3, 4), |(_, time, _)| time as f64);
/// let ctx = Context::serial();
/// let mut means = ctx.alloc::<f64>().shape(3).build()?;
/// ctx.map(mean { mean: &mut means }, along(&detectors, Axis(1)))?;
/// assert_eq!(means.to_vec(), [0.0, 1.0, 2.0]);
/// # Ok::<(), pasha::Error>(())
/// ```
pub fn along<F: AxisFunctor>(array: F, axis: Axis) -> Along<F> {
    Along { array, axis }
}

/// An array walked along one of its axes: what [`along`] returns.
#[derive(Clone, Copy, Debug)]
pub struct Along<F> {
    array: F,
    axis: Axis,
}

impl<'a, F: AxisFunctor> Items<'a> for Along<F> {
    type Item = Item<'a, F>;
}

impl<F: AxisFunctor> Functor for Along<F> {
    type State = ();

    packed!(|this, parcel| {
        let (array, axis) = (pack_axes(&this.array, parcel)?, parcel.number(this.axis.index())?);
        let both = parcel.both(array, axis)?;
        parcel.make(both, |(array, axis)| Self { array, axis: Axis(axis) })
    });

    #[inline]
    fn items(&self) -> Result<usize> {
        self.array.items_along(self.axis.index())
    }

    #[inline]
    fn state(&self) -> Result<()> {
        Ok(())
    }

    #[inline]
    fn item<'a>(&'a self, (): &'a mut (), index: usize) -> Result<Item<'a, Self>> {
        self.array.item_along(self.axis.index(), index)
    }

    #[inline]
    fn visit(
        &self,
        (): &mut (),
        share: Range<usize>,
        each: impl for<'a> FnMut(Item<'a, Self>) -> ControlFlow<()>,
    ) -> Result<()> {
        self.array.visit_along(self.axis.index(), share, each)
    }
}
