//! Functors: collections that give one item for every index.

use std::ops::{ControlFlow, Range};

use crate::error::{Error, Result};
use crate::sys::parcel::{Packed, Parcel};

mod along;
mod array;
#[doc(hidden)]
pub mod check;
mod chunks;
mod derive;
mod lengths;
mod pieces;
mod range;
mod reference;
mod slice;
#[cfg(test)]
mod test;
mod zip;

pub use along::{Along, AxisFunctor, along};
pub use array::AxisItem;
pub use check::check;
pub use chunks::{Chunk, Chunked, Chunks, Rows, chunks};
#[doc(hidden)]
pub use derive::{Either, agree, state_of_another_variant};
#[doc(hidden)]
pub use pieces::{Derived, Part, PartAlong, Rest, boxed};
pub use range::Int;
pub(crate) use reference::{forward, packed, packed_rows};
pub(crate) use sealed::Seal;
pub use zip::{Zip, zip};

/// What a [`Functor`] gives for one index, seen for the lifetime `'a`.
///
/// The item may borrow from the functor itself or from its per-worker state. `Implied` is there for the compiler only:
/// it carries `Self: 'a` into every place that names an item, and is never written.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be mapped over",
    label = "not a functor",
    note = "slices, vectors, arrays, integer ranges, `ndarray` arrays and views, shared arrays, `zip` and `chunks` of them are functors",
    note = "a struct of functors becomes one by `#[derive(pasha::Functor)]`"
)]
pub trait Items<'a, Implied = &'a Self> {
    /// One item.
    type Item;
}

/// The item that the functor `F` gives, borrowed for `'a`.
pub type Item<'a, F> = <F as Items<'a>>::Item;

/// A collection that can be mapped over: a number of items, and one item for each index below it.
///
/// Slices, `Vec`, arrays, integer ranges, `ndarray` arrays and views (axis 0, or [`along`] another one),
/// [`SharedArray`](crate::SharedArray), [`zip`] and [`chunks`] are functors, and so are a reference, a `Box` and an `Arc` of one.
/// Structs and enums of functors derive it: `#[derive(pasha::Functor)]`.
///
/// # The contract
///
/// The trait is safe to implement and nothing that an implementation says is trusted with memory: the runtime decides
/// which index goes where, and a wrong functor gives wrong items, never two workers in one place. To give the *right* items:
///
/// 1. [`items`](Functor::items) is asked once a map, on the caller, before anything else. Items are counted from 0.
/// 2. [`state`](Functor::state) is asked on each worker when it takes up work, mostly once (again by one that comes back or takes another's place): after the fork in a worker process, on
///    its thread in a thread context. What it returns (a buffer, an open file) is used and dropped on that worker alone,
///    so it need not be `Send`.
/// 3. [`item`](Functor::item) is asked for any index below `items`, any number of times, in any order, and gives the same item
///    for the same index whatever was asked before.
/// 4. [`visit`](Functor::visit), where it is overridden, gives exactly the items of its share, in ascending order, and stops as soon
///    as it is told to.
/// 5. An `Err` of any of them ends the map like the failure of a kernel: with the worker and the index in the error.
///
/// [`check()`] holds any functor against this contract.
///
/// # Example
///
/// Frames that are computed into a buffer of the worker, so that no frame is allocated:
///
/// ```
/// use pasha::functor::{Functor, Item, Items};
/// use pasha::prelude::*;
///
/// struct Ramps {
///     frames: usize,
///     pixels: usize,
/// }
///
/// impl<'a> Items<'a> for Ramps {
///     type Item = &'a [f64];
/// }
///
/// impl Functor for Ramps {
///     type State = Vec<f64>;
///
///     fn items(&self) -> pasha::Result<usize> {
///         Ok(self.frames)
///     }
///
///     fn state(&self) -> pasha::Result<Vec<f64>> {
///         Ok(vec![0.0; self.pixels])
///     }
///
///     fn item<'a>(&'a self, buffer: &'a mut Vec<f64>, index: usize) -> pasha::Result<Item<'a, Self>> {
///         for (pixel, value) in buffer.iter_mut().enumerate() {
///             *value = (index * pixel) as f64;
///         }
///         Ok(buffer)
///     }
/// }
///
/// #[pasha::kernel]
/// fn total(_worker_id: usize, _index: usize, ramp: &[f64], #[out] sum: &mut f64) {
///     *sum = ramp.iter().sum();
/// }
///
/// let ctx = Context::threads().workers(2).build()?;
/// let ramps = Ramps { frames: 5, pixels: 3 };
/// pasha::functor::check(&ramps, |ramp| ramp.to_vec());
///
/// let mut sum = ctx.alloc::<f64>().shape(5).build()?;
/// ctx.map(total { sum: &mut sum }, &ramps)?;
/// assert_eq!(sum[4], 12.0);
/// # Ok::<(), pasha::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be mapped over",
    label = "not a functor",
    note = "slices, vectors, arrays, integer ranges, `ndarray` arrays and views, shared arrays, `zip` and `chunks` of them are functors",
    note = "a struct of functors becomes one by `#[derive(pasha::Functor)]`"
)]
pub trait Functor: Sync + for<'a> Items<'a> {
    /// What one worker keeps between items: a buffer, an open file; `()` for most.
    type State;

    /// The number of items.
    ///
    /// # Errors
    ///
    /// When the number cannot be told, for instance because the parts of the functor disagree about it.
    fn items(&self) -> Result<usize>;

    /// The state of one worker, made on that worker.
    ///
    /// # Errors
    ///
    /// When it cannot be made, for instance because a file does not open.
    fn state(&self) -> Result<Self::State>;

    /// The item of one index.
    ///
    /// # Errors
    ///
    /// When this item cannot be had, for instance because it cannot be read.
    fn item<'a>(&'a self, state: &'a mut Self::State, index: usize) -> Result<Item<'a, Self>>;

    /// Gives the items of a share to `each`, in ascending order, until it breaks.
    ///
    /// Worth overriding where a run of items is cheaper than the items one by one, or to read ahead. A newtype or an enum that derives
    /// `Functor` passes it on; [`zip`] and structs of several functors ask for the items of each instead.
    ///
    /// # Errors
    ///
    /// As [`item`](Functor::item).
    #[inline]
    fn visit(
        &self,
        state: &mut Self::State,
        share: Range<usize>,
        mut each: impl for<'a> FnMut(Item<'a, Self>) -> ControlFlow<()>,
    ) -> Result<()> {
        for index in share {
            if each(self.item(state, index)?).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The functor for workers that were forked before it was made, if they can have it.
    #[doc(hidden)]
    fn pack(&self, parcel: &mut Parcel<'_>) -> Option<Packed<Self>>
    where
        Self: Sized,
    {
        not_sent::<Self, _>(parcel)
    }

    /// The same in a box, which may be of no fixed size.
    #[doc(hidden)]
    fn pack_boxed(&self, parcel: &mut Parcel<'_>) -> Option<Packed<Box<Self>>> {
        not_sent::<Self, _>(parcel)
    }

    /// A reference to it for such workers.
    #[doc(hidden)]
    fn pack_ref<'a>(&'a self, parcel: &mut Parcel<'_>) -> Option<Packed<&'a Self>> {
        let boxed = self.pack_boxed(parcel)?;
        let lent = parcel.lend(boxed)?;
        parcel.make(lent, Box::as_ref)
    }
}

mod sealed {
    /// What a function asks for that only this crate calls, since nobody else can name it.
    #[derive(Clone, Copy, Debug)]
    pub struct Seal;
}

#[cold]
pub(crate) fn not_sent<F: ?Sized, P>(parcel: &mut Parcel<'_>) -> Option<P> {
    parcel.refuse(|| format!("a functor of type `{}` may refer to private memory", std::any::type_name::<F>()))
}

#[cold]
fn no_such_index(index: usize, items: usize) -> Error {
    Error::functor(format!("there is no item {index} in a functor of {items}"))
}

#[cold]
fn no_such_share(share: Range<usize>, items: usize) -> Error {
    Error::functor(format!("there are no items {share:?} in a functor of {items}"))
}
