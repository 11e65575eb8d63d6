//! References and boxes: what points to a functor is that functor, and so is what derefs to one.

use std::sync::Arc;

use super::{AxisFunctor, Functor, Rows, Seal};

/// Implements a functor's trait for a type by that of the type it derefs (or unsizes) to.
///
/// `forward!(Functor for [T: Sync] Vec<T> as [T])`: the trait, the generics, the type and its target, and other functions of the trait.
macro_rules! forward {
    (Functor for [$($generics:tt)*] $type:ty as $target:ty $({$($more:tt)*})?) => {
        impl<'a, $($generics)*> $crate::functor::Items<'a> for $type {
            type Item = $crate::functor::Item<'a, $target>;
        }

        impl<$($generics)*> $crate::functor::Functor for $type {
            type State = <$target as $crate::functor::Functor>::State;

            #[inline]
            fn items(&self) -> $crate::error::Result<usize> {
                <$target as $crate::functor::Functor>::items(self)
            }

            #[inline]
            fn state(&self) -> $crate::error::Result<Self::State> {
                <$target as $crate::functor::Functor>::state(self)
            }

            #[inline]
            fn item<'a>(
                &'a self,
                state: &'a mut Self::State,
                index: usize,
            ) -> $crate::error::Result<$crate::functor::Item<'a, Self>> {
                <$target as $crate::functor::Functor>::item(self, state, index)
            }

            #[inline]
            fn visit(
                &self,
                state: &mut Self::State,
                share: ::std::ops::Range<usize>,
                each: impl for<'a> FnMut($crate::functor::Item<'a, Self>) -> ::std::ops::ControlFlow<()>,
            ) -> $crate::error::Result<()> {
                <$target as $crate::functor::Functor>::visit(self, state, share, each)
            }

            $($($more)*)?
        }
    };
    (AxisFunctor for [$($generics:tt)*] $type:ty as $target:ty) => {
        impl<$($generics)*> $crate::functor::AxisFunctor for $type {
            #[inline]
            fn items_along(&self, axis: usize) -> $crate::error::Result<usize> {
                <$target as $crate::functor::AxisFunctor>::items_along(self, axis)
            }

            #[inline]
            fn item_along<'a>(
                &'a self,
                axis: usize,
                index: usize,
            ) -> $crate::error::Result<$crate::functor::Item<'a, Self>> {
                <$target as $crate::functor::AxisFunctor>::item_along(self, axis, index)
            }

            #[inline]
            fn visit_along(
                &self,
                axis: usize,
                share: ::std::ops::Range<usize>,
                each: impl for<'a> FnMut($crate::functor::Item<'a, Self>) -> ::std::ops::ControlFlow<()>,
            ) -> $crate::error::Result<()> {
                <$target as $crate::functor::AxisFunctor>::visit_along(self, axis, share, each)
            }

            fn is_of_this_crate(&self, seal: $crate::functor::Seal) -> bool {
                <$target as $crate::functor::AxisFunctor>::is_of_this_crate(self, seal)
            }
        }
    };
    (Rows for [$($generics:tt)*] $type:ty as $target:ty) => {
        $crate::functor::forward!(Rows for [$($generics)*] $type as $target {
            $crate::functor::packed_rows!(|this, parcel| $crate::functor::Functor::pack(this, parcel));
        });
    };
    (Rows for [$($generics:tt)*] $type:ty as $target:ty {$($more:tt)*}) => {
        impl<'a, $($generics)*> $crate::functor::Chunked<'a> for $type {
            type Chunk = $crate::functor::Chunk<'a, $target>;
        }

        impl<$($generics)*> $crate::functor::Rows for $type {
            #[inline]
            fn row_count(&self) -> $crate::error::Result<usize> {
                <$target as $crate::functor::Rows>::row_count(self)
            }

            #[inline]
            fn chunk(&self, rows: ::std::ops::Range<usize>) -> $crate::error::Result<$crate::functor::Chunk<'_, Self>> {
                <$target as $crate::functor::Rows>::chunk(self, rows)
            }

            $($more)*
        }
    };
}

pub(crate) use forward;

/// How a type is sent whose value can be: a box of it is one of what the worker made, and so is a reference.
macro_rules! packed {
    (|$this:ident, $parcel:ident| $packed:expr) => {
        fn pack(&self, $parcel: &mut $crate::sys::parcel::Parcel<'_>) -> Option<$crate::sys::parcel::Packed<Self>> {
            let $this = self;
            $packed
        }

        fn pack_boxed(
            &self,
            parcel: &mut $crate::sys::parcel::Parcel<'_>,
        ) -> Option<$crate::sys::parcel::Packed<Box<Self>>> {
            $crate::functor::boxed(self, parcel)
        }
    };
}

pub(crate) use packed;

/// The same for rows.
macro_rules! packed_rows {
    (|$this:ident, $parcel:ident| $packed:expr) => {
        fn pack_rows(
            &self,
            $parcel: &mut $crate::sys::parcel::Parcel<'_>,
            _: $crate::functor::Seal,
        ) -> Option<$crate::sys::parcel::Packed<Self>> {
            let $this = self;
            $packed
        }

        fn pack_boxed_rows(
            &self,
            parcel: &mut $crate::sys::parcel::Parcel<'_>,
            seal: $crate::functor::Seal,
        ) -> Option<$crate::sys::parcel::Packed<Box<Self>>> {
            let packed = $crate::functor::Rows::pack_rows(self, parcel, seal)?;
            parcel.make(packed, Box::new)
        }
    };
}

pub(crate) use packed_rows;

forward!(Functor for [F: Functor + ?Sized] &F as F { packed!(|this, parcel| F::pack_ref(*this, parcel)); });
forward!(AxisFunctor for [F: AxisFunctor + ?Sized] &F as F);
forward!(Rows for [F: Rows + ?Sized] &F as F { packed_rows!(|this, parcel| F::pack_rows_ref(*this, parcel, Seal)); });
forward!(Functor for [F: Functor + ?Sized] Box<F> as F { packed!(|this, parcel| F::pack_boxed(this, parcel)); });
forward!(AxisFunctor for [F: AxisFunctor + ?Sized] Box<F> as F);
forward!(Rows for [F: Rows + ?Sized] Box<F> as F { packed_rows!(|this, parcel| F::pack_boxed_rows(this, parcel, Seal)); });
forward!(Functor for [F: Functor + Send + ?Sized] Arc<F> as F {
    packed!(|this, parcel| {
        let boxed = F::pack_boxed(this, parcel)?;
        parcel.make(boxed, Arc::from)
    });
});
forward!(AxisFunctor for [F: AxisFunctor + Send + ?Sized] Arc<F> as F);
forward!(Rows for [F: Rows + Send + ?Sized] Arc<F> as F {
    packed_rows!(|this, parcel| {
        let boxed = F::pack_boxed_rows(this, parcel, Seal)?;
        parcel.make(boxed, Arc::from)
    });
});
