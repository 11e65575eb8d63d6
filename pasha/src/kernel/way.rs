//! How a value without pointers is sent to workers that were forked before the map began.
//!
//! The compiler takes the first that fits of what [`Way::of`] gives and of what that derefs to, so that a macro need not know what a type is.

use std::marker::PhantomData;
use std::ops::Deref;

use bytemuck::Pod;

use crate::sys::parcel::{Packed, Parcel};

pub(crate) type Pack<T> = fn(&mut Parcel<'_>, &T) -> Option<Packed<T>>;

/// How a value is sent, if that is known of its type.
pub struct Way<T>(Option<Pack<T>>);

impl<T> Way<T> {
    /// Asks for the way of a value's type, by `find()`.
    pub fn of(_value: &T) -> OfBytes<T> {
        OfBytes(PhantomData)
    }

    pub(crate) fn pack(self) -> Option<Pack<T>> {
        self.0
    }
}

impl<T> Default for Way<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Clone for Way<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Way<T> {}

impl<T> std::fmt::Debug for Way<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Way").field("is_known", &self.0.is_some()).finish()
    }
}

/// Any bytes.
#[derive(Debug)]
pub struct OfBytes<T>(PhantomData<fn() -> T>);

impl<T: Pod> OfBytes<T> {
    /// As it is.
    pub fn find(&self) -> Way<T> {
        Way(Some(|parcel, value| parcel.pod(*value)))
    }
}

impl<T> Deref for OfBytes<T> {
    type Target = OfParts<T>;

    fn deref(&self) -> &OfParts<T> {
        &OfParts(PhantomData)
    }
}

/// What is made of bytes.
#[derive(Debug)]
pub struct OfParts<T>(PhantomData<fn() -> T>);

impl<T: Pod> OfParts<Option<T>> {
    /// What there is.
    pub fn find(&self) -> Way<Option<T>> {
        Way(Some(|parcel, value| {
            let value = match value {
                Some(value) => Some(parcel.pod(*value)?),
                None => None,
            };
            parcel.option(value)
        }))
    }
}

impl<A: Pod, B: Pod> OfParts<(A, B)> {
    /// Both.
    pub fn find(&self) -> Way<(A, B)> {
        Way(Some(|parcel, (a, b)| {
            let (a, b) = (parcel.pod(*a)?, parcel.pod(*b)?);
            parcel.both(a, b)
        }))
    }
}

impl<T: ?Sized> OfParts<PhantomData<T>> {
    /// Nothing.
    pub fn find(&self) -> Way<PhantomData<T>> {
        Way(Some(|parcel, _| {
            let nothing = parcel.nothing()?;
            parcel.make(nothing, |()| PhantomData)
        }))
    }
}

impl<T> Deref for OfParts<T> {
    type Target = OfAnything<T>;

    fn deref(&self) -> &OfAnything<T> {
        &OfAnything(PhantomData)
    }
}

/// Anything else.
#[derive(Debug)]
pub struct OfAnything<T>(PhantomData<fn() -> T>);

impl<T> OfAnything<T> {
    /// There is none.
    pub fn find(&self) -> Way<T> {
        Way(None)
    }
}
