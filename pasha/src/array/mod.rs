//! Shared arrays: memory that workers write and the caller reads.
//!
//! The unsafe code of the library that is not about the operating system lives here. It rests on two things: a [`SharedArray`]
//! is the only owner of its memory, and a [`Turn`](crate::share::Turn) is the only live one for its index and for its worker. (Of a worker process that is gone nothing is live; what it
//! left half written is a value all the same.)

#![allow(unsafe_code)]

use std::ops::{Deref, Range};

use ndarray::{ArrayRef, ArrayViewMut, Axis, Dimension, ShapeBuilder, StrideShape};

use crate::error::{Error, ErrorKind, Result};
use crate::sys::memory::{Memory, Sharing, Span};

mod accumulators;
mod builder;
mod convert;
mod element;
mod functor;
mod index;
mod lane;
mod like;
mod ranges;
mod row;
mod slot;
#[cfg(test)]
mod test;

use builder::Fill;
pub(crate) use builder::like as alloc_like;
pub use builder::{Builder, PerWorkerAxis, Shape, Shared, Unset};
pub use element::Element;
pub use like::Like;
pub use ndarray::Order;
pub use ranges::Ranges;
pub use slot::Slot;

pub(crate) use accumulators::{Accumulators, Copies};
pub(crate) use lane::Lane;
pub(crate) use ranges::RangeLane;
pub(crate) use row::Row;
pub(crate) use slot::Larger;

/// An n-dimensional array that the workers of a context write and its caller reads.
///
/// Made by [`Context::alloc`](crate::Context::alloc) and its like, zeroed unless filled otherwise. It owns its memory and derefs to
/// [`ndarray::ArrayRef`], so that everything `ndarray` offers for reading is at hand: `shape()`, `iter()`, `sum()`, `slice()`, `mean_axis()`,
/// `to_owned()`. For writing there are [`view_mut`](SharedArray::view_mut), [`fill`](SharedArray::fill) and `array[index] = value`. It is a
/// [`Functor`](crate::Functor) over its first axis, so that the output of one map is the input of the next.
///
/// Arrays of a process context lie in memory that is shared with worker processes; those of the serial and thread contexts on the
/// heap. A kernel can be bound to an array that its workers can see; any other is refused before anything runs.
///
/// ```
/// use pasha::prelude::*;
///
/// let ctx = Context::serial();
/// let mut table = ctx.alloc::<f32>().shape((2, 3)).fill(1.5).build()?;
/// table[[1, 2]] = 4.0;
/// assert_eq!(table.shape(), [2, 3]);
/// assert_eq!(table.sum(), 11.5);
/// # Ok::<(), pasha::Error>(())
/// ```
pub struct SharedArray<T: Element, D: Dimension> {
    /// Into `memory`, whose address does not change.
    view: ArrayViewMut<'static, T, D>,
    memory: Memory,
    worker_axis: Option<Axis>,
    /// What it was filled with, for items that are given up on.
    fill: Fill<T>,
}

impl<T: Element, D: Dimension> SharedArray<T, D> {
    /// A view through which the caller can write.
    ///
    /// A view cannot change the layout of the array itself, on which bound kernels rely; hence no `DerefMut`.
    pub fn view_mut(&mut self) -> ArrayViewMut<'_, T, D> {
        self.view.view_mut()
    }

    /// Sets all elements to one value, as between two maps.
    pub fn fill(&mut self, value: T) {
        self.view.fill(value);
        self.fill = Fill::Value(value);
    }

    /// Sets some entries along an axis to what the array was filled with.
    pub(crate) fn refill(&mut self, axis: Axis, entries: Range<usize>) {
        let shape = self.view.raw_dim().into_dyn();
        let mut all = self.view.view_mut().into_dyn();
        let mut part = all.slice_axis_mut(axis, entries.clone().into());
        match &self.fill {
            Fill::Zeros => part.fill(T::zeroed()),
            Fill::Value(value) => part.fill(*value),
            Fill::Values(values) => {
                if let Some(values) = values.broadcast(shape) {
                    part.assign(&values.slice_axis(axis, entries.into()));
                }
            }
        }
    }

    /// The axis with one entry for each worker, for arrays made with `per_worker()`.
    pub fn worker_axis(&self) -> Option<Axis> {
        self.worker_axis
    }

    /// Whether worker processes share this memory; otherwise only the threads of this process do.
    pub fn is_process_shared(&self) -> bool {
        self.memory.sharing() != Sharing::Threads
    }

    /// Zeroed memory of a shape.
    pub(crate) fn zeroed(dim: D, order: Order, worker_axis: Option<Axis>, sharing: Sharing) -> Result<Self> {
        let memory = Memory::zeroed(bytes_of::<T>(dim.slice())?, align_of::<T>(), sharing)?;
        Ok(Self::over(memory, dim, order, worker_axis))
    }

    /// A new file of a shape, all zero, which NumPy can open.
    #[cfg(feature = "npy")]
    pub(crate) fn in_file(
        (path, descr): (&std::path::Path, &str),
        dim: D,
        order: Order,
        worker_axis: Option<Axis>,
        sharing: Sharing,
    ) -> Result<Self> {
        let bytes = bytes_of::<T>(dim.slice())?;
        let header = crate::npy::header(descr, order == Order::ColumnMajor, dim.slice());
        let memory = Memory::in_file(path, &header, bytes, sharing)?;
        Ok(Self::over(memory, dim, order, worker_axis))
    }

    /// Memory that has just the bytes of the shape, all zero, and is aligned for `T`.
    fn over(memory: Memory, dim: D, order: Order, worker_axis: Option<Axis>) -> Self {
        debug_assert_eq!(Ok(memory.span().bytes), bytes_of::<T>(dim.slice()).map_err(|_| ()));
        let shape: StrideShape<D> = match order {
            Order::ColumnMajor => dim.f().into(),
            _ => dim.into(),
        };
        let start = memory.start().cast::<T>().as_ptr();
        // SAFETY:
        // - `start` is aligned for `T` and points to `bytes_of::<T>(dim)` bytes, which `memory` owns alone and keeps in place until it
        //   is dropped, after `view` (fields drop in order, and `view` has no drop of its own).
        // - They are zero, a value of every `Pod` type.
        // - The layout is contiguous (for an empty one `ndarray` chooses strides of 0), and `bytes_of` checked that it has at most `isize::MAX` bytes
        //   and elements.
        // - `'static` is never given away: views leave by `view_mut` and `deref` only, with the array's own lifetime.
        let view = unsafe { ArrayViewMut::from_shape_ptr(shape, start) };
        Self { view, memory, worker_axis, fill: Fill::Zeros }
    }

    pub(crate) fn sharing(&self) -> Sharing {
        self.memory.sharing()
    }

    pub(crate) fn span(&self) -> Span {
        self.memory.span()
    }

    fn make_ready(&self) {
        self.memory.make_ready();
    }
}

impl<T: Element, D: Dimension> Deref for SharedArray<T, D> {
    type Target = ArrayRef<T, D>;

    #[inline]
    fn deref(&self) -> &ArrayRef<T, D> {
        &self.view
    }
}

// SAFETY: the view is a pointer into memory that the array owns alone, and elements are `Send`.
unsafe impl<T: Element, D: Dimension> Send for SharedArray<T, D> {}
// SAFETY: through `&SharedArray` elements can only be read, and they are `Sync`.
unsafe impl<T: Element, D: Dimension> Sync for SharedArray<T, D> {}

/// The size of an array in bytes, if it is one that can exist: neither bytes nor elements may be more than `isize::MAX`, empty axes left out.
fn bytes_of<T>(shape: &[usize]) -> Result<usize> {
    let elements = shape.iter().filter(|len| **len != 0).try_fold(1, |elements: usize, len| elements.checked_mul(*len));
    // Elements of no size are counted, too.
    let bytes = elements.and_then(|elements| elements.checked_mul(size_of::<T>().max(1)));
    match bytes {
        Some(bytes) if isize::try_from(bytes).is_ok() => {
            Ok(if shape.contains(&0) || size_of::<T>() == 0 { 0 } else { bytes })
        }
        _ => Err(Error::new(
            ErrorKind::Memory,
            format!(
                "an array of shape {shape:?} and {} bytes an element does not fit into the address space",
                size_of::<T>()
            ),
        )),
    }
}

/// The error of values that do not fit the array they were to fill.
fn cannot_broadcast(from: &[usize], to: &[usize]) -> Error {
    Error::new(
        ErrorKind::Shape,
        format!("values of shape {from:?} cannot be broadcast to shape {to:?}: trailing axes must be equal, or 1"),
    )
}
