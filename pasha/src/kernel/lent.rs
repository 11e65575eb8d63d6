//! `#[param]` of a reference or a view: lent to each call for as long as the call lasts.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use bytemuck::Pod;
use ndarray::{Array, ArrayRef, ArrayView, Dimension};

use super::binds::{Binds, Terms, sealed};
use super::way::Pack;
use crate::array::{Element, SharedArray};
use crate::error::Result;
use crate::functor::{AxisItem, Functor};
use crate::share::{Lease, Turn};
use crate::sys::memory::Span;
use crate::sys::parcel::{Packed, Parcel, is_number};

/// What can be lent to a call for less time than it is there.
///
/// A copy that a worker was sent is there for a map only, whatever the lifetime of the original.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be given to every call of a kernel: it is not `Copy + Send + Sync`",
    label = "not `Copy + Send + Sync`",
    note = "what a reference points to must be `Sync`; what workers change belongs into an array, or a `#[scratch]`"
)]
pub trait Lend: Copy + Send + Sync {
    /// The same for as long as a call.
    type To<'s>
    where
        Self: 's;

    /// Lends it.
    fn lend<'s>(self) -> Self::To<'s>
    where
        Self: 's;
}

impl<T: Sync + ?Sized> Lend for &T {
    type To<'s>
        = &'s T
    where
        Self: 's;

    #[inline]
    fn lend<'s>(self) -> &'s T
    where
        Self: 's,
    {
        self
    }
}

impl<T: Sync, D: Dimension + Copy> Lend for ArrayView<'_, T, D> {
    type To<'s>
        = ArrayView<'s, T, D>
    where
        Self: 's;

    #[inline]
    fn lend<'s>(self) -> ArrayView<'s, T, D>
    where
        Self: 's,
    {
        self
    }
}

/// A reference or a view, lent to every call.
#[derive(Clone, Copy)]
pub struct Lent<V> {
    value: V,
    pack: Option<Pack<V>>,
}

impl<V: fmt::Debug> fmt::Debug for Lent<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lent").field(&self.value).finish()
    }
}

impl<V: Lend> sealed::Sealed for Lent<V> {}

impl<V: Lend> Binds for Lent<V> {
    type Worker = V;
    type At<'s>
        = V::To<'s>
    where
        Self: 's;

    fn check(&mut self, _terms: &Terms) -> Result<()> {
        Ok(())
    }

    fn spans(&self, _spans: &mut Vec<Span>) {}

    fn enter(&self, _lease: &Lease<'_>) -> V {
        self.value
    }

    type Door = V;

    fn pack(&self, parcel: &mut Parcel<'_>) -> Option<Packed<V>> {
        match self.pack {
            Some(pack) => pack(parcel, &self.value),
            None => parcel.number(self.value),
        }
    }

    fn enter_by(value: &V, _lease: &Lease<'_>) -> V {
        *value
    }

    #[inline]
    fn at<'s>(worker: &'s mut V, _turn: Turn<'s>) -> V::To<'s>
    where
        Self: 's,
    {
        V::lend(*worker)
    }
}

/// How a reference or a view is sent, if that is known of its type: asked for as a [`Way`](super::way::Way) is.
///
/// What is lent may not have lifetimes inside: a call could keep what has them.
pub struct Passage<V>(Option<Pack<V>>);

impl<V> Passage<V> {
    /// Asks for the way of a value's type, by `find()`.
    pub fn of(_value: &V) -> ToBytes<V> {
        ToBytes(PhantomData)
    }

    /// Binds a value that is sent like this.
    pub fn lent(self, value: V) -> Lent<V> {
        Lent { value, pack: self.0 }
    }
}

impl<V> fmt::Debug for Passage<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passage").field("is_known", &self.0.is_some()).finish()
    }
}

/// A reference to any bytes.
#[derive(Debug)]
pub struct ToBytes<V>(PhantomData<fn() -> V>);

impl<'k, T: Pod> ToBytes<&'k T> {
    /// A copy.
    pub fn find(&self) -> Passage<&'k T> {
        Passage(Some(|parcel, value| {
            let bytes = parcel.slice(bytemuck::bytes_of(*value))?;
            let copy = parcel.make(bytes, |bytes| bytemuck::pod_read_unaligned::<T>(bytes))?;
            parcel.lend(copy)
        }))
    }
}

impl<'k, T: Pod> ToBytes<&'k [T]> {
    /// As it is if workers see it, or a copy.
    pub fn find(&self) -> Passage<&'k [T]> {
        Passage(Some(|parcel, values| {
            if is_number::<T>() || size_of::<T>() == 0 {
                return parcel.slice(values);
            }
            let bytes = parcel.slice(bytemuck::cast_slice::<T, u8>(values))?;
            // A copy of bytes is aligned as bytes are.
            let values = parcel.make(bytes, |bytes: &'k [u8]| match bytemuck::try_cast_slice::<u8, T>(bytes) {
                Ok(values) => Cow::Borrowed(values),
                Err(_) => Cow::Owned(bytes.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned).collect()),
            })?;
            let values = parcel.lend(values)?;
            parcel.make(values, |values: &'k Cow<'k, [T]>| &**values)
        }))
    }
}

impl<V> Deref for ToBytes<V> {
    type Target = ToArrays<V>;

    fn deref(&self) -> &ToArrays<V> {
        &ToArrays(PhantomData)
    }
}

/// Slices, arrays and views, whose elements are looked at when they are sent.
#[derive(Debug)]
pub struct ToArrays<V>(PhantomData<fn() -> V>);

impl<'k, T> ToArrays<&'k [T]> {
    /// As it is if workers see it, or a copy.
    pub fn find(&self) -> Passage<&'k [T]> {
        Passage(Some(|parcel, values| parcel.slice(values)))
    }
}

impl<'k, T, const N: usize> ToArrays<&'k [T; N]> {
    /// A copy.
    pub fn find(&self) -> Passage<&'k [T; N]> {
        Passage(Some(|parcel, values| {
            let copy = parcel.array(values)?;
            parcel.lend(copy)
        }))
    }
}

impl<'k, T> ToArrays<&'k Vec<T>> {
    /// A copy.
    pub fn find(&self) -> Passage<&'k Vec<T>> {
        Passage(Some(|parcel, values| {
            let copy = parcel.vec(values)?;
            parcel.lend(copy)
        }))
    }
}

impl<'k> ToArrays<&'k str> {
    /// As its bytes.
    pub fn find(&self) -> Passage<&'k str> {
        Passage(Some(|parcel, text| {
            let bytes = parcel.slice(text.as_bytes())?;
            parcel.make(bytes, |bytes: &'k [u8]| std::str::from_utf8(bytes).expect("the bytes are those of a text"))
        }))
    }
}

impl<'k, T: Sync + 'static, D: AxisItem> ToArrays<&'k Array<T, D>> {
    /// A copy.
    pub fn find(&self) -> Passage<&'k Array<T, D>> {
        Passage(Some(|parcel, array| {
            let copy = parcel.ndarray(*array)?;
            parcel.lend(copy)
        }))
    }
}

impl<'k, T: Element, D: AxisItem> ToArrays<&'k SharedArray<T, D>> {
    /// As it is.
    pub fn find(&self) -> Passage<&'k SharedArray<T, D>> {
        Passage(Some(|parcel, array| SharedArray::pack_ref(*array, parcel)))
    }
}

impl<'k, T, D: Dimension> ToArrays<&'k ArrayRef<T, D>> {
    /// As a view is.
    pub fn find(&self) -> Passage<&'k ArrayRef<T, D>> {
        Passage(Some(|parcel, array| {
            let view = parcel.view(array.view())?;
            let view = parcel.lend(view)?;
            parcel.make(view, |view: &'k ArrayView<'k, T, D>| &**view)
        }))
    }
}

impl<'k, T, D: Dimension + Copy> ToArrays<ArrayView<'k, T, D>> {
    /// As it is if workers see it, or a copy.
    pub fn find(&self) -> Passage<ArrayView<'k, T, D>> {
        Passage(Some(|parcel, view| parcel.view(*view)))
    }
}

impl<V> Deref for ToArrays<V> {
    type Target = ToAnything<V>;

    fn deref(&self) -> &ToAnything<V> {
        &ToAnything(PhantomData)
    }
}

/// Anything else.
#[derive(Debug)]
pub struct ToAnything<V>(PhantomData<fn() -> V>);

impl<V> ToAnything<V> {
    /// There is none.
    pub fn find(&self) -> Passage<V> {
        Passage(None)
    }
}
