//! `ndarray` arrays and views: what one index of an axis holds.

use std::ops::{ControlFlow, Range};

use ndarray::{
    ArrayBase, ArrayRef, ArrayView, Axis, Data, Dimension, Ix1, Ix2, Ix3, Ix4, Ix5, Ix6, IxDyn, RemoveAxis, Slice,
};

use super::along::AxisFunctor;
use super::chunks::{Chunk, Chunked, Rows};
use super::reference::{forward, packed};
use super::{Functor, Item, Items, Seal, no_such_index, no_such_share};
use crate::error::{Error, ErrorKind, Result};

/// A dimension with an axis to walk along, and what one index of that axis is.
///
/// `&T` for arrays of one dimension, a view of one dimension less for those of more: `Ix1` to `Ix6`, and `IxDyn`, which
/// gives views (of no dimensions, in the end) always.
#[diagnostic::on_unimplemented(
    message = "an array of dimension `{Self}` has no axis to walk along",
    label = "its number of dimensions is not known to be from 1 to 6, or dynamic",
    note = "an array of no dimensions has one value and no items: give it to the kernel as a `#[param]`",
    note = "in generic code, ask for `D: pasha::functor::AxisItem` in place of `D: ndarray::Dimension`"
)]
pub trait AxisItem: RemoveAxis + sealed::Sealed {
    /// What one index holds, in an array of `T`.
    type Item<'a, T: 'a>;

    #[doc(hidden)]
    fn item<T>(view: ArrayView<'_, T, Self::Smaller>) -> Self::Item<'_, T>;

    #[doc(hidden)]
    #[inline]
    fn visit<'a, T>(
        array: &'a ArrayRef<T, Self>,
        axis: Axis,
        share: Range<usize>,
        each: impl FnMut(Self::Item<'a, T>) -> ControlFlow<()>,
    ) {
        walk(array, axis, share, each);
    }
}

impl AxisItem for Ix1 {
    type Item<'a, T: 'a> = &'a T;

    #[inline]
    fn item<T>(view: ArrayView<'_, T, Self::Smaller>) -> &T {
        view.into_scalar()
    }

    // The strided walk does not vectorise where the stride is one, because it is known too late.
    #[inline]
    fn visit<'a, T>(
        array: &'a ArrayRef<T, Ix1>,
        axis: Axis,
        share: Range<usize>,
        mut each: impl FnMut(&'a T) -> ControlFlow<()>,
    ) {
        let Some(contiguous) = array.as_slice() else {
            return walk(array, axis, share, each);
        };
        for item in &contiguous[share] {
            if each(item).is_break() {
                break;
            }
        }
    }
}

macro_rules! axis_item {
    ($($dim:ty)*) => {$(
        impl AxisItem for $dim {
            type Item<'a, T: 'a> = ArrayView<'a, T, <$dim as Dimension>::Smaller>;

            #[inline]
            fn item<T>(view: ArrayView<'_, T, Self::Smaller>) -> Self::Item<'_, T> {
                view
            }
        }
    )*};
}

axis_item!(Ix2 Ix3 Ix4 Ix5 Ix6 IxDyn);

#[inline]
fn walk<'a, T, D: AxisItem>(
    array: &'a ArrayRef<T, D>,
    axis: Axis,
    share: Range<usize>,
    mut each: impl FnMut(D::Item<'a, T>) -> ControlFlow<()>,
) {
    let (up_to_end, _) = array.axis_iter(axis).split_at(share.end);
    let (_, views) = up_to_end.split_at(share.start);
    for view in views {
        if each(D::item(view)).is_break() {
            break;
        }
    }
}

impl<'a, T, D: AxisItem> Items<'a> for ArrayRef<T, D> {
    type Item = D::Item<'a, T>;
}

/// Along axis 0; [`along`](super::along) takes another one.
impl<T: Sync + 'static, D: AxisItem> Functor for ArrayRef<T, D> {
    type State = ();

    #[inline]
    fn items(&self) -> Result<usize> {
        self.items_along(0)
    }

    #[inline]
    fn state(&self) -> Result<()> {
        Ok(())
    }

    #[inline]
    fn item<'a>(&'a self, (): &'a mut (), index: usize) -> Result<Item<'a, Self>> {
        self.item_along(0, index)
    }

    #[inline]
    fn visit(
        &self,
        (): &mut (),
        share: Range<usize>,
        each: impl for<'a> FnMut(Item<'a, Self>) -> ControlFlow<()>,
    ) -> Result<()> {
        self.visit_along(0, share, each)
    }
}

impl<T: Sync + 'static, D: AxisItem> AxisFunctor for ArrayRef<T, D> {
    #[inline]
    fn items_along(&self, axis: usize) -> Result<usize> {
        self.shape().get(axis).copied().ok_or_else(|| no_such_axis(axis, self.ndim()))
    }

    #[inline]
    fn item_along(&self, axis: usize, index: usize) -> Result<Item<'_, Self>> {
        let items = self.items_along(axis)?;
        if index >= items {
            return Err(no_such_index(index, items));
        }
        Ok(D::item(self.index_axis(Axis(axis), index)))
    }

    #[inline]
    fn visit_along(
        &self,
        axis: usize,
        share: Range<usize>,
        each: impl for<'a> FnMut(Item<'a, Self>) -> ControlFlow<()>,
    ) -> Result<()> {
        let items = self.items_along(axis)?;
        if share.start > share.end || share.end > items {
            return Err(no_such_share(share, items));
        }
        D::visit(self, Axis(axis), share, each);
        Ok(())
    }

    fn is_of_this_crate(&self, _: Seal) -> bool {
        true
    }
}

impl<'a, T, D: AxisItem> Chunked<'a> for ArrayRef<T, D> {
    type Chunk = ArrayView<'a, T, D>;
}

/// Along axis 0.
impl<T: Sync + 'static, D: AxisItem> Rows for ArrayRef<T, D> {
    #[inline]
    fn row_count(&self) -> Result<usize> {
        self.items_along(0)
    }

    #[inline]
    fn chunk(&self, rows: Range<usize>) -> Result<Chunk<'_, Self>> {
        let items = self.items_along(0)?;
        if rows.start > rows.end || rows.end > items {
            return Err(no_such_share(rows, items));
        }
        Ok(self.slice_axis(Axis(0), Slice::from(rows)))
    }
}

forward!(Functor for [S: Data<Elem: Sync + 'static> + Sync, D: AxisItem] ArrayBase<S, D> as ArrayRef<S::Elem, D> {
    packed!(|this, parcel| parcel.ndarray(this));
});
forward!(AxisFunctor for [S: Data<Elem: Sync + 'static> + Sync, D: AxisItem] ArrayBase<S, D> as ArrayRef<S::Elem, D>);
forward!(Rows for [S: Data<Elem: Sync + 'static> + Sync, D: AxisItem] ArrayBase<S, D> as ArrayRef<S::Elem, D>);

#[cold]
fn no_such_axis(axis: usize, dimensions: usize) -> Error {
    let message = if dimensions == 0 {
        "an array of no dimensions has one value and no items: give it to the kernel as a `#[param]`, \
         or add an axis with `insert_axis`"
            .to_owned()
    } else {
        format!("there is no axis {axis} in an array of {dimensions} dimensions: give one from 0 to {}", dimensions - 1)
    };
    Error::new(ErrorKind::Shape, message)
}

mod sealed {
    use super::*;

    pub trait Sealed {}

    impl Sealed for Ix1 {}
    impl Sealed for Ix2 {}
    impl Sealed for Ix3 {}
    impl Sealed for Ix4 {}
    impl Sealed for Ix5 {}
    impl Sealed for Ix6 {}
    impl Sealed for IxDyn {}
}
