//! Slots: the part of an array that one call of a kernel gets, told from the type of its parameter.

use std::ptr::NonNull;

use ndarray::{ArrayViewMut, Dimension, Ix0, Ix1, ShapeBuilder};

use super::Element;

/// The type of an output parameter: `&mut T`, `&mut [T]` or `ArrayViewMut<'_, T, D>`.
///
/// # Safety
///
/// `extent` describes exactly the elements that an array of these lengths and strides spans from its start, or nothing; `stretched` the same
/// with another length along one axis; and a clone of an extent the same as the extent. Where the rank is fixed, an extent has no pointers. `at` reaches only what its extent describes from `start`,
/// only during `'s`, and by one path: no two copies of an `At<'s>` can both write.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an output of a kernel",
    label = "not a place to write to",
    note = "write `&mut T` for one element, `&mut [T]` for a row, `ArrayViewMut<'_, T, D>` for more axes"
)]
pub unsafe trait Slot {
    /// The element.
    type Elem: Element;
    /// The rank of the slot; the array has one axis more where slots are counted by index or worker.
    type Dim: Dimension;
    /// What the kernel gets for one call.
    type At<'s>;
    /// What has to be known of a slot but its start.
    #[doc(hidden)]
    type Extent: Clone + Send + Sync;

    /// The extent of slots with these lengths and strides; `None` if this type cannot express them.
    #[doc(hidden)]
    fn extent(lens: &[usize], strides: &[isize]) -> Option<Self::Extent>;

    /// The same with another length along one axis.
    #[doc(hidden)]
    fn stretched(extent: &Self::Extent, axis: usize, len: usize) -> Self::Extent;

    /// The slot that begins at `start`.
    ///
    /// # Safety
    ///
    /// All elements that `extent` spans from `start` are alive, and nothing else reaches them during `'s`.
    #[doc(hidden)]
    unsafe fn at<'s>(start: NonNull<Self::Elem>, extent: &Self::Extent) -> Self::At<'s>;

    /// Copies the values of a slot of its shape.
    #[doc(hidden)]
    fn set(slot: Self::At<'_>, values: Self::At<'_>);
}

/// The rank of an array of such slots.
pub(crate) type Larger<S> = <<S as Slot>::Dim as Dimension>::Larger;

// SAFETY: `at` is the one element at `start`.
unsafe impl<T: Element> Slot for &mut T {
    type Elem = T;
    type Dim = Ix0;
    type At<'s> = &'s mut T;
    type Extent = ();

    fn extent(_lens: &[usize], _strides: &[isize]) -> Option<()> {
        Some(())
    }

    fn stretched(_extent: &(), _axis: usize, _len: usize) {}

    #[inline]
    unsafe fn at<'s>(mut start: NonNull<T>, _extent: &()) -> &'s mut T {
        // SAFETY: the caller promises that the element is alive and not reached otherwise during `'s`.
        unsafe { start.as_mut() }
    }

    fn set(slot: &mut T, values: &mut T) {
        *slot = *values;
    }
}

// SAFETY: `at` is the `extent` elements from `start`, one after the other: `extent` refuses other strides.
unsafe impl<T: Element> Slot for &mut [T] {
    type Elem = T;
    type Dim = Ix1;
    type At<'s> = &'s mut [T];
    type Extent = usize;

    fn extent(lens: &[usize], strides: &[isize]) -> Option<usize> {
        (lens[0] <= 1 || strides[0] == 1).then_some(lens[0])
    }

    fn stretched(_extent: &usize, _axis: usize, len: usize) -> usize {
        len
    }

    #[inline]
    unsafe fn at<'s>(start: NonNull<T>, extent: &usize) -> &'s mut [T] {
        // SAFETY: the caller promises that these elements are alive and not reached otherwise during `'s`.
        unsafe { NonNull::slice_from_raw_parts(start, *extent).as_mut() }
    }

    fn set(slot: &mut [T], values: &mut [T]) {
        slot.copy_from_slice(values);
    }
}

// SAFETY: `at` is the view of these lengths and strides from `start`.
unsafe impl<T: Element, D: Dimension> Slot for ArrayViewMut<'_, T, D> {
    type Elem = T;
    type Dim = D;
    type At<'s> = ArrayViewMut<'s, T, D>;
    /// Lengths and strides.
    type Extent = (D, D);

    fn extent(lens: &[usize], strides: &[isize]) -> Option<(D, D)> {
        let (mut dim, mut steps) = (D::zeros(lens.len()), D::zeros(lens.len()));
        dim.slice_mut().copy_from_slice(lens);
        for (step, stride) in steps.slice_mut().iter_mut().zip(strides) {
            *step = usize::try_from(*stride).ok()?;
        }
        Some((dim, steps))
    }

    fn stretched((dim, steps): &(D, D), axis: usize, len: usize) -> (D, D) {
        let mut dim = dim.clone();
        dim[axis] = len;
        (dim, steps.clone())
    }

    #[inline]
    unsafe fn at<'s>(start: NonNull<T>, (dim, steps): &(D, D)) -> ArrayViewMut<'s, T, D> {
        let shape = dim.clone().strides(steps.clone());
        // SAFETY: the caller promises that these elements are alive and not reached otherwise during `'s`; the strides are those of an
        // array of ours, so they do not alias, and are not negative (`extent`).
        unsafe { ArrayViewMut::from_shape_ptr(shape, start.as_ptr()) }
    }

    fn set(mut slot: ArrayViewMut<'_, T, D>, values: ArrayViewMut<'_, T, D>) {
        slot.assign(&values);
    }
}
