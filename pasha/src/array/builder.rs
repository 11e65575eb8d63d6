//! The builder of shared arrays: `ctx.alloc().shape(…).order(…).fill(…).build()`.

use std::marker::PhantomData;
#[cfg(feature = "npy")]
use std::path::PathBuf;

use ndarray::{ArrayD, ArrayView, ArrayViewMutD, Axis, Dimension, IntoDimension, Order};

use super::{Element, Like, SharedArray, cannot_broadcast};
use crate::context::Context;
use crate::error::Result;
use crate::sys::memory::Sharing;

/// The shape of a [`Builder`] that was not told any yet. Without one there is nothing to build.
#[derive(Clone, Copy, Debug)]
pub struct Unset;

/// The layout of a [`Builder`] for an array that all workers share.
#[derive(Clone, Copy, Debug)]
pub struct Shared;

/// The layout of a [`Builder`] for an array with an entry for each worker.
#[derive(Clone, Copy, Debug)]
pub struct PerWorkerAxis;

/// A shape that an array can be built with: any dimension, but not [`Unset`].
#[diagnostic::on_unimplemented(
    message = "an array needs a shape",
    label = "without a shape so far",
    note = "give it one by `.shape(…)` or `.like(&other)` before `.build()`"
)]
pub trait Shape: Dimension {}

#[diagnostic::do_not_recommend]
impl<D: Dimension> Shape for D {}

/// Makes a [`SharedArray`]; from [`Context::alloc`] or [`pasha::alloc`](crate::alloc).
///
/// What is said explicitly beats what [`like`](Builder::like) says, in any order. Without more the array is in C order and holds zeros.
///
/// ```
/// use pasha::prelude::*;
///
/// let ctx = Context::threads().workers(3).build()?;
/// let frames = ctx.alloc::<f32>().shape((10, 4, 5)).order(Order::F).fill(f32::NAN).build()?;
/// let twin = ctx.alloc::<u8>().like(&frames).build()?;
/// assert_eq!((twin.shape(), twin.strides()), (frames.shape(), frames.strides()));
///
/// let sums = ctx.alloc::<f64>().shape((4, 5)).per_worker().build()?;
/// assert_eq!(sums.shape(), [3, 4, 5]);
/// # Ok::<(), pasha::Error>(())
/// ```
#[must_use = "a builder makes nothing until `build()`"]
#[derive(Debug)]
pub struct Builder<T, D = Unset, W = Shared> {
    /// The default context may not exist; `build` says so.
    context: Result<Context>,
    shape: D,
    order: Option<Order>,
    like: Option<Order>,
    fill: Fill<T>,
    place: Place,
    prefault: bool,
    layout: PhantomData<W>,
}

/// Where an array lies.
#[derive(Debug)]
enum Place {
    Memory,
    /// In a new file, with the type as NumPy calls it.
    #[cfg(feature = "npy")]
    File(PathBuf, &'static str),
}

/// What an array is filled with.
#[derive(Debug)]
pub(super) enum Fill<T> {
    Zeros,
    Value(T),
    Values(ArrayD<T>),
}

impl<T: Element> Builder<T> {
    pub(crate) fn new(context: Result<Context>) -> Self {
        Self {
            context,
            shape: Unset,
            order: None,
            like: None,
            fill: Fill::Zeros,
            place: Place::Memory,
            prefault: false,
            layout: PhantomData,
        }
    }
}

impl<T, D, W> Builder<T, D, W> {
    /// The shape: `n`, `(n, m)`, `[n, m, k]`, `()` for a single element, `IxDyn(&lens)`. For a per-worker array, without the worker axis.
    pub fn shape<S: IntoDimension>(self, shape: S) -> Builder<T, S::Dim, W> {
        self.with_shape(shape.into_dimension())
    }

    /// The memory order; C if nothing says otherwise.
    pub fn order(self, order: Order) -> Self {
        Self { order: Some(order), ..self }
    }

    /// Fills with one value.
    pub fn fill(self, value: T) -> Self {
        Self { fill: Fill::Value(value), ..self }
    }

    /// Fills with values that are broadcast to the shape, by the rules of NumPy: axes are aligned at the end, and a missing axis or one of
    /// length 1 is repeated. For a per-worker array, to the shape of each worker's entry.
    ///
    /// The array remembers them for items that are [skipped](crate::OnDeath::Skip), unless they are as many as its own elements: then skipped items
    /// hold zeros.
    ///
    /// ```
    /// use pasha::prelude::*;
    ///
    /// let row = ndarray::array![1.0, 2.0, 3.0];
    /// let table = Context::serial().alloc().shape((2, 3)).fill_from(&row).build()?;
    /// assert_eq!(table, ndarray::array![[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]);
    /// # Ok::<(), pasha::Error>(())
    /// ```
    pub fn fill_from<'v, E: Dimension>(self, values: impl Into<ArrayView<'v, T, E>>) -> Self
    where
        T: Element,
    {
        Self { fill: Fill::Values(values.into().to_owned().into_dyn()), ..self }
    }

    /// Asks the system for the memory at once, on huge pages where there are some, rather than page by page when it is first written.
    ///
    /// Worth it for an array of some MiB that the program fills by itself and that maps read, by processes above all. Arrays that a map writes first are better
    /// left to its workers, who do this side by side; those with a [`fill`](Builder::fill) have it done.
    pub fn prefault(self) -> Self {
        Self { prefault: true, ..self }
    }

    /// One such array for each worker: the axis that counts them comes first in C order, last in F order.
    pub fn per_worker(self) -> Builder<T, D, PerWorkerAxis> {
        let Self { context, shape, order, like, fill, place, prefault, layout: _ } = self;
        Builder { context, shape, order, like, fill, place, prefault, layout: PhantomData }
    }

    fn with_shape<E>(self, shape: E) -> Builder<T, E, W> {
        let Self { context, shape: _, order, like, fill, place, prefault, layout } = self;
        Builder { context, shape, order, like, fill, place, prefault, layout }
    }
}

#[cfg(feature = "npy")]
impl<T: crate::npy::Number, D, W> Builder<T, D, W> {
    /// The array is to lie in a new `.npy` file, which NumPy opens without a copy: `numpy.load("out.npy", mmap_mode="r")`.
    ///
    /// A file of that name is replaced; who has it open goes on with the old one. What is written to the array is written to the file, by
    /// worker processes, too, and stays there if the program ends early. When the array is dropped, the file is complete; the system
    /// writes it to the disk when it thinks fit. Leave the file alone while the array lives: who cuts it off ends the program.
    ///
    /// ```
    /// use pasha::prelude::*;
    ///
    /// #[pasha::kernel]
    /// fn square(_worker_id: usize, index: usize, _item: usize, #[out] square: &mut u64) {
    ///     *square = (index * index) as u64;
    /// }
    ///
    /// let path = std::env::temp_dir().join("squares.npy");
    /// let ctx = Context::serial();
    /// let mut squares = ctx.alloc().shape(4).file(&path).build()?;
    /// ctx.map(square { square: &mut squares }, 0..4)?;
    /// drop(squares);
    /// let file = pasha::npy::open::<u64, pasha::Ix1>(&path)?;
    /// assert_eq!(file.view().to_vec(), [0, 1, 4, 9]);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), pasha::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`build`](Builder::build) fails if the file cannot be made, or there is no room for the array.
    pub fn file(self, path: impl Into<PathBuf>) -> Self {
        Self { place: Place::File(path.into(), crate::npy::descr::<T>()), ..self }
    }
}

impl<T, W> Builder<T, Unset, W> {
    /// Takes shape and order from another array, slice or vector. The element type is the builder's own; for that of the other, too,
    /// there is [`Context::alloc_like`].
    pub fn like<L: Like + ?Sized>(mut self, other: &L) -> Builder<T, L::Dim, W> {
        self.like = other.order();
        self.with_shape(other.dim())
    }
}

impl<T, D: Dimension, W> Builder<T, D, W> {
    /// Takes the order from another array, whatever its shape: a shape is already given.
    pub fn like<L: Like + ?Sized>(self, other: &L) -> Self {
        Self { like: other.order(), ..self }
    }

    fn order_or_c(&self) -> Order {
        self.order.or(self.like).unwrap_or(Order::RowMajor)
    }
}

impl<T: Element, D> Builder<T, D, Shared> {
    /// Makes the array.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Memory`](crate::ErrorKind::Memory) if there is not enough, with the bytes asked for; [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the values of
    /// [`fill_from`](Builder::fill_from) do not fit.
    pub fn build(self) -> Result<SharedArray<T, D>>
    where
        D: Shape,
    {
        let order = self.order_or_c();
        let mut array = self.place.zeroed(self.shape, order, None, self.context?.sharing())?;
        self.fill.make_ready(self.prefault, &array);
        self.fill.pour_into(&mut array)?;
        Ok(array)
    }
}

impl<T: Element, D> Builder<T, D, PerWorkerAxis> {
    /// Makes the array.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Memory`](crate::ErrorKind::Memory) if there is not enough, with the bytes asked for; [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the values of
    /// [`fill_from`](Builder::fill_from) do not fit.
    pub fn build(self) -> Result<SharedArray<T, D::Larger>>
    where
        D: Shape,
    {
        let order = self.order_or_c();
        let context = self.context?;
        let axis = Axis(if order == Order::ColumnMajor { self.shape.ndim() } else { 0 });
        let mut dim = self.shape.insert_axis(axis);
        dim[axis.index()] = context.workers();
        let mut array = self.place.zeroed(dim, order, Some(axis), context.sharing())?;
        self.fill.make_ready(self.prefault, &array);
        self.fill.pour_into(&mut array)?;
        Ok(array)
    }
}

impl Place {
    fn zeroed<T: Element, D: Dimension>(
        &self,
        dim: D,
        order: Order,
        worker_axis: Option<Axis>,
        sharing: Sharing,
    ) -> Result<SharedArray<T, D>> {
        match self {
            Place::Memory => SharedArray::zeroed(dim, order, worker_axis, sharing),
            #[cfg(feature = "npy")]
            Place::File(path, descr) => SharedArray::in_file((path, descr), dim, order, worker_axis, sharing),
        }
    }
}

/// The builder of an array like another one, its element type included.
pub(crate) fn like<L: Like + ?Sized>(context: Result<Context>, other: &L) -> Result<SharedArray<L::Elem, L::Dim>> {
    Builder::new(context).like(other).build()
}

impl<T: Element> Fill<T> {
    /// Has the memory ready if it is going to be written at once, or if that is wanted.
    fn make_ready<D: Dimension>(&self, wanted: bool, array: &SharedArray<T, D>) {
        if wanted || array.sharing() != Sharing::Threads && !matches!(self, Fill::Zeros) {
            array.make_ready();
        }
    }

    /// Fills an array of zeros: all of it, or the entry of each worker.
    fn pour_into<D: Dimension>(self, array: &mut SharedArray<T, D>) -> Result<()> {
        match &self {
            Fill::Zeros => {}
            Fill::Value(value) => array.fill(*value),
            Fill::Values(values) => {
                let assign = |mut entry: ArrayViewMutD<'_, T>| -> Result<()> {
                    let fitting = values
                        .broadcast(entry.raw_dim())
                        .ok_or_else(|| cannot_broadcast(values.shape(), entry.shape()))?;
                    entry.assign(&fitting);
                    Ok(())
                };
                let axis = array.worker_axis();
                let mut all = array.view_mut().into_dyn();
                match axis {
                    None => assign(all)?,
                    Some(axis) => all.axis_iter_mut(axis).try_for_each(assign)?,
                }
            }
        }
        // Values that are as many as the array's would be the array once more.
        array.fill = match self {
            Fill::Values(values) if values.len() >= array.len() => Fill::Zeros,
            fill => fill,
        };
        Ok(())
    }
}
