//! Slices, vectors and arrays: a reference to one element an item.

use std::ops::{ControlFlow, Range};

use ndarray::ArrayView1;

use super::chunks::{Chunk, Chunked, Rows};
use super::reference::{forward, packed};
use super::{Functor, Item, Items, Seal, no_such_index, no_such_share};
use crate::error::Result;
use crate::sys::parcel::{Packed, Parcel};

impl<'a, T> Items<'a> for [T] {
    type Item = &'a T;
}

impl<T: Sync> Functor for [T] {
    type State = ();

    #[inline]
    fn items(&self) -> Result<usize> {
        Ok(self.len())
    }

    #[inline]
    fn state(&self) -> Result<()> {
        Ok(())
    }

    #[inline]
    fn item<'a>(&'a self, (): &'a mut (), index: usize) -> Result<&'a T> {
        self.get(index).ok_or_else(|| no_such_index(index, self.len()))
    }

    #[inline]
    fn visit(
        &self,
        (): &mut (),
        share: Range<usize>,
        mut each: impl for<'a> FnMut(Item<'a, Self>) -> ControlFlow<()>,
    ) -> Result<()> {
        for item in self.chunk(share)? {
            if each(item).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn pack_boxed(&self, parcel: &mut Parcel<'_>) -> Option<Packed<Box<Self>>> {
        let values = parcel.vec(self)?;
        parcel.make(values, Vec::into_boxed_slice)
    }

    fn pack_ref<'a>(&'a self, parcel: &mut Parcel<'_>) -> Option<Packed<&'a Self>> {
        let view = parcel.view(ArrayView1::from(self))?;
        parcel.make(view, |view| view.to_slice().expect("it is a view of a slice"))
    }
}

impl<'a, T> Chunked<'a> for [T] {
    type Chunk = &'a [T];
}

impl<T: Sync> Rows for [T] {
    #[inline]
    fn row_count(&self) -> Result<usize> {
        Ok(self.len())
    }

    #[inline]
    fn chunk(&self, rows: Range<usize>) -> Result<Chunk<'_, Self>> {
        self.get(rows.clone()).ok_or_else(|| no_such_share(rows, self.len()))
    }

    fn pack_boxed_rows(&self, parcel: &mut Parcel<'_>, _: Seal) -> Option<Packed<Box<Self>>> {
        self.pack_boxed(parcel)
    }

    fn pack_rows_ref<'a>(&'a self, parcel: &mut Parcel<'_>, _: Seal) -> Option<Packed<&'a Self>> {
        self.pack_ref(parcel)
    }
}

forward!(Functor for [T: Sync] Vec<T> as [T] { packed!(|this, parcel| parcel.vec(this)); });
forward!(Functor for [T: Sync, const N: usize] [T; N] as [T] { packed!(|this, parcel| parcel.array(this)); });
forward!(Rows for [T: Sync] Vec<T> as [T]);
forward!(Rows for [T: Sync, const N: usize] [T; N] as [T]);
